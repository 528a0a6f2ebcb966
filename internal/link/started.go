package link

import (
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
)

// processModules are what a module behaves like that runs only when something starts it, or puts it on a
// queue.
func processModules() []string {
	return []string{"GenServer", "GenStage", "Supervisor", "DynamicSupervisor", "ConsumerSupervisor", "gen_statem", "Oban.Worker", "Oban.Pro.Worker"}
}

// idleProcesses are the modules of processes and jobs of an application that nothing leads to: no code that
// runs names them, in a list of children or in a call, and no configuration does. A supervisor
// counts as code that runs when it is named itself. Where module names are put together while
// the program runs, or there is no application that would start anything, it is nil.
func (l *linker) idleProcesses() map[ir.ModuleID]bool {
	idle := map[ir.ModuleID]bool{}
	starts := false
	for _, m := range l.p.Modules {
		if l.p.Files.File(m.Span.File).Kind == source.Test {
			continue
		}
		starts = starts || slices.Contains(m.Behaves, "Application")
		if slices.ContainsFunc(processModules(), func(b string) bool { return slices.Contains(m.Behaves, b) }) && !slices.Contains(m.Behaves, "Application") {
			idle[m.ID] = true
		}
	}
	if !starts || len(idle) == 0 {
		return nil
	}
	named := map[ir.ModuleID][]ir.ModuleID{} // the process modules that an idle one names
	var work []ir.ModuleID
	wake := func(id ir.ModuleID) bool {
		was := idle[id]
		delete(idle, id)
		return was
	}
	for _, c := range l.p.Codes {
		if c.File == nil || c.File.Kind == source.Test {
			continue
		}
		names := func(module string) {
			m := l.p.ModuleNamed(module)
			switch {
			case m == nil || m.ID == c.Module || !idle[m.ID]:
			case idle[c.Module]:
				named[c.Module] = append(named[c.Module], m.ID)
			case wake(m.ID):
				work = append(work, m.ID)
			}
		}
		for i := range c.Exprs {
			if e := &c.Exprs[i]; e.Op == ir.Const && (e.Sub == ir.LitModule || e.Sub == ir.LitString) {
				names(strings.TrimPrefix(e.Str, "Elixir.")) // a queue names the module of a job by a text
			}
		}
		for i := range c.Callees {
			if k := &c.Callees[i]; k.Module == "Module" && (k.Name == "concat" || k.Name == "safe_concat") {
				return nil
			}
			names(c.Callees[i].Module)
		}
	}
	reach(work, named, wake)
	return idle
}
