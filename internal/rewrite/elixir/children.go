package elixir

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
	"github.com/assay-dev/assay/internal/syntax"
	syn "github.com/assay-dev/assay/internal/syntax/elixir"
)

var (
	errNoApplication = errors.New("no module starts the supervisors of the application, so there is no place for one more")
	errChildren      = errors.New("what the application supervises is put together at run time, so there is no place for one more")
	errOneOf         = errors.New("which children the application has depends on how it is started: say in which of the lists its supervisor shall stand")
	errEarly         = errors.New("the process is started before or while the supervisors are")
)

// place is an expression and the code it is in.
type place struct {
	code *ir.Code
	at   ir.ExprID
}

func (p place) expr() *ir.Expr { return p.code.At(p.at) }

// supervisor is how a supervisor of a kind is named in a call: one that the
// application has, else one that the fix adds.
func (w *Writer) supervisor(f *fix.Fix, file *source.File, after []ir.ModuleID, kind string) (string, error) {
	home := w.Files.App(file.Path)
	app, start := w.application(home)
	if app == nil {
		return "", errNoApplication
	}
	if slices.Contains(after, app.ID) {
		return "", errEarly
	}
	lists, ok := w.childLists(start, 8)
	if name, child := w.existing(app, home, kind, file); name != "" {
		if !w.before(lists, child, after) {
			return "", errEarly
		}
		if behindRunner(lists, child) {
			return "", fmt.Errorf("%s starts behind the endpoint or the queue of jobs that would use it, and stops before them: move it in front of them first", child.name)
		}
		f.Reused = append(f.Reused, child.name)
		w.notePlainTests(f, home, child.name)
		return name, nil
	}
	if !ok || len(lists) == 0 {
		return "", errChildren
	}
	if len(lists) > 1 {
		return "", errOneOf
	}
	name := w.supervisorName(app, kind)
	for _, l := range lists {
		child := "{" + kind + ", name: " + name + "}"
		if bySpec(l) {
			child = "supervisor(" + kind + ", [[name: " + name + "]])" // the form before Elixir 1.5
		}
		edits, err := w.addChild(l, after, child)
		if err != nil {
			return "", err
		}
		f.Edits = append(f.Edits, edits...)
	}
	f.Safety = fix.Shown
	f.Notes = append(f.Notes, name+" is new: say whether it stands at the right place among the children, and how many processes it may run, max_children.")
	w.notePlainTests(f, home, name)
	return name, nil
}

// bySpec reports whether the children of a list are made by the functions of
// Supervisor.Spec, which need no `child_spec/1` of the module.
func bySpec(list place) bool {
	return slices.ContainsFunc(list.code.List(list.expr()), func(x ir.ExprID) bool {
		e := list.code.At(x)
		return e.Op == ir.Call && slices.Contains([]string{"worker", "supervisor"}, list.code.Callees[e.A].Name)
	}) && !slices.ContainsFunc(list.code.List(list.expr()), func(x ir.ExprID) bool { return list.code.At(x).Op != ir.Call })
}

// notePlainTests tells of tests that run without the application, and so without
// the supervisor.
func (w *Writer) notePlainTests(f *fix.Fix, home *source.App, name string) {
	if home == nil {
		return
	}
	if mix := w.Files.Named(path.Join(home.Dir, "mix.exs")); mix != nil && strings.Contains(mix.Text, "test --no-start") {
		f.Notes = append(f.Notes, "The tests run without the application (--no-start): those that get here have to start "+name+".")
	}
}

// application finds the module that starts an application and its start/2.
func (w *Writer) application(home *source.App) (*ir.Module, *ir.Func) {
	for _, m := range w.Program.Modules {
		if m.Kind != ir.PlainModule || m.Code == nil || m.Code.File.Kind != source.Lib || w.Files.App(m.Code.File.Path) != home ||
			!slices.ContainsFunc(m.Uses, func(u ir.UsedModule) bool { return u.Name == "Application" }) {
			continue
		}
		if fn := w.Program.FuncNamed(m.ID, "start", 2); fn != nil {
			return m, fn
		}
	}
	return nil, nil
}

// supervisorName is a name for a new supervisor: MyApp.TaskSupervisor.
func (w *Writer) supervisorName(app *ir.Module, kind string) string {
	space := app.Name
	if dot := strings.LastIndexByte(space, '.'); dot >= 0 {
		space = space[:dot]
	}
	name := space + "." + strings.ReplaceAll(kind, ".", "")
	for w.Program.ModuleNamed(name) != nil {
		name += "s"
	}
	return name
}

// child is one child specification that is there.
type child struct {
	name string
	in   place // the tuple
}

// existing finds a supervisor of a kind that the application starts under a name.
// One for all purposes comes before one for a single one.
func (w *Writer) existing(app *ir.Module, home *source.App, kind string, caller *source.File) (string, child) {
	var best child
	name, rank := "", 0
	for _, code := range w.Program.Codes {
		if code.File == nil || code.File.Kind != source.Lib || w.Files.App(code.File.Path) != home || !strings.Contains(code.File.Text, "Supervisor") {
			continue
		}
		for i := range code.Exprs {
			at := place{code, ir.ExprID(i)}
			found, call := specified(at, kind)
			if found == "" {
				continue
			}
			used := strings.Contains(caller.Text, "start_child("+found)
			if !used && !general(found, app.Name, caller) {
				continue
			}
			r := 1
			if strings.Contains(ir.LastName(found), kind[:strings.IndexByte(kind+".", '.')]) {
				r += 2
			}
			if code == app.Code {
				r++
			}
			if root, _, _ := strings.Cut(found, "."); strings.Contains(caller.Text, "defmodule "+root+".") {
				r++
			}
			if used {
				r += 2 // the file starts such work under it already
			}
			if r > rank {
				best, name, rank = child{found, at}, call, r
			}
		}
	}
	if rank < 2 {
		return "", child{} // of another part of the application, for its own purpose
	}
	return name, best
}

// general reports whether a supervisor's name tells of no purpose of its own, as
// MyApp.TaskSupervisor does and MyApp.Mail.TaskSupervisor does not, unless the file
// that calls it is of that part.
func general(name, app string, caller *source.File) bool {
	space := app
	if dot := strings.LastIndexByte(space, '.'); dot >= 0 {
		space = space[:dot]
	}
	part := ""
	rest, own := strings.CutPrefix(name, space+".")
	if !own {
		rest = ir.LastName(name) // the application is called otherwise than its modules
	}
	for _, p := range strings.Split(rest, ".") {
		rest := p
		for _, word := range []string{"Supervisors", "Supervisor", "Tasks", "Task", "Dynamic", "Async", "Background", "Jobs", "Workers"} {
			rest = strings.ReplaceAll(rest, word, "")
		}
		if rest != "" {
			part = p
		}
	}
	return part == "" || strings.Contains(caller.Text, "defmodule "+space+"."+part)
}

// specified reads `{Kind, name: Name}`, or the same in partitions, and gives the
// name and how it is called.
func specified(p place, kind string) (name, call string) {
	e := p.expr()
	if e.Op != ir.Make || e.Sub != ir.MakeTuple || e.Hi-e.Lo != 2 {
		return "", ""
	}
	l := p.code.List(e)
	head := p.code.At(l[0])
	if head.Op != ir.Const || head.Sub != ir.LitModule {
		return "", ""
	}
	inside := ""
	p.code.EachPair(l[1], func(key string, value ir.ExprID) {
		v := p.code.At(value)
		if v.Op != ir.Const || v.Sub != ir.LitModule {
			return
		}
		switch key {
		case "name":
			name = v.Str
		case "child_spec":
			inside = v.Str
		}
	})
	switch {
	case name == "":
		return "", ""
	case head.Str == kind:
		return name, name
	case head.Str == "PartitionSupervisor" && inside == kind:
		return name, "{:via, PartitionSupervisor, {" + name + ", self()}}"
	}
	return "", ""
}

// childLists finds the literal lists of children that a function starts a
// supervisor with: one on each way through it. It reports false if one way has
// none.
func (w *Writer) childLists(fn *ir.Func, depth int) ([]place, bool) {
	var out []place
	ok := true
	for i := range fn.Clauses {
		body := fn.Clauses[i].Body
		fn.Code.Walk(body, func(x ir.ExprID) bool {
			e := fn.Code.At(x)
			if e.Op != ir.Call || e.Lo == e.Hi {
				return true
			}
			k := &fn.Code.Callees[e.A]
			if k.Module == "Supervisor" && (k.Name == "start_link" || k.Name == "init") || k.Module == "Supervisor.Spec" && k.Name == "supervise" {
				lists, found := w.supervised(place{fn.Code, fn.Code.Lists[e.Lo]}, depth)
				out, ok = append(out, lists...), ok && found
			} else if k.Name == "start_link" && k.Func != ir.No && depth > 0 {
				lists, found := w.moduleLists(w.Program.Func(k.Func).Module, depth-1)
				out, ok = append(out, lists...), ok && found
			}
			return true
		})
	}
	return out, ok
}

// moduleLists are the lists of a supervisor that is a module of its own.
func (w *Writer) moduleLists(m ir.ModuleID, depth int) ([]place, bool) {
	init := w.Program.FuncNamed(m, "init", 1)
	if init == nil || depth <= 0 {
		return nil, false
	}
	return w.childLists(init, depth-1)
}

// supervised follows an expression to the lists that it may be.
func (w *Writer) supervised(p place, depth int) ([]place, bool) {
	if depth <= 0 {
		return nil, false
	}
	at := func(x ir.ExprID) place { return place{p.code, x} }
	e := p.expr()
	switch e.Op {
	case ir.Make:
		return []place{p}, (e.Sub == ir.MakeList || e.Sub == ir.MakeCons) && specifications(p)
	case ir.Const:
		if m := w.Program.ModuleNamed(e.Str); e.Sub == ir.LitModule && m != nil {
			return w.moduleLists(m.ID, depth-1)
		}
	case ir.Use:
		if v := bound(p.code, ir.VarID(e.A)); v != ir.No {
			return w.supervised(at(v), depth-1)
		}
	case ir.Match:
		return w.supervised(at(ir.ExprID(e.B)), depth-1)
	case ir.Block:
		if e.Hi > e.Lo {
			return w.supervised(at(p.code.Lists[e.Hi-1]), depth-1)
		}
	case ir.Branch:
		if e.Sub == ir.BranchIf && e.C >= 0 {
			return w.every([]place{at(ir.ExprID(e.B)), at(ir.ExprID(e.C))}, depth)
		}
	case ir.Case:
		var ways []place
		for _, a := range p.code.List(e) {
			_, _, body := p.code.Parts(p.code.At(a))
			ways = append(ways, at(body))
		}
		return w.every(ways, depth)
	case ir.Call:
		return w.called(p, depth)
	}
	return nil, false
}

// specifications reports whether the elements of a list are children as a supervisor takes
// them, not pairs of an order and a child, or of a condition and one.
func specifications(p place) bool {
	return !slices.ContainsFunc(p.code.List(p.expr()), func(x ir.ExprID) bool {
		e := p.code.At(x)
		if e.Op != ir.Make || e.Sub != ir.MakeTuple || e.Lo == e.Hi {
			return false
		}
		head := p.code.At(p.code.Lists[e.Lo])
		return head.Op == ir.Const && head.Sub != ir.LitModule || head.Op == ir.Call
	})
}

// called follows a call to the lists that its value is made of.
func (w *Writer) called(p place, depth int) ([]place, bool) {
	e := p.expr()
	k := &p.code.Callees[e.A]
	list := p.code.List(e)
	switch {
	case k.Name == "++" && len(list) == 2:
		left, okLeft := w.supervised(place{p.code, list[0]}, depth-1)
		right, okRight := w.supervised(place{p.code, list[1]}, depth-1)
		if okRight && (!okLeft || slices.ContainsFunc(right, func(l place) bool { return endpoint(l) >= 0 })) {
			return right, true
		}
		return left, okLeft
	case k.Func != ir.No:
		fn := w.Program.Func(k.Func)
		var ways []place
		for i := range fn.Clauses {
			if fn.Clauses[i].Body != ir.No {
				ways = append(ways, place{fn.Code, fn.Clauses[i].Body})
			}
		}
		return w.every(ways, depth)
	case k.Module == "Enum" && len(list) > 0:
		return w.supervised(place{p.code, list[0]}, depth-1)
	}
	return nil, false
}

// every joins the lists of several ways, each of which must have one.
func (w *Writer) every(ways []place, depth int) ([]place, bool) {
	var out []place
	for _, p := range ways {
		lists, ok := w.supervised(p, depth-1)
		if !ok || len(lists) == 0 {
			return nil, false
		}
		out = append(out, lists...)
	}
	return out, len(out) > 0
}

// bound is the value that a variable is bound to with `=`, or No.
func bound(c *ir.Code, v ir.VarID) ir.ExprID {
	for i := range c.Exprs {
		if m := &c.Exprs[i]; m.Op == ir.Match && m.Sub == ir.FailRaise && m.A >= 0 && m.B >= 0 {
			if b := c.At(ir.ExprID(m.A)); b.Op == ir.Bind && ir.VarID(b.A) == v {
				return ir.ExprID(m.B)
			}
		}
	}
	return ir.No
}

// endpoint is the index of the child that lets requests in, or No.
func endpoint(list place) int {
	for i, x := range list.code.List(list.expr()) {
		e := list.started(x)
		if e.Op == ir.Const && e.Sub == ir.LitModule && strings.HasSuffix(e.Str, "Endpoint") {
			return i
		}
	}
	return ir.No
}

// before reports whether a child starts before modules do that need it, as far as
// both stand in the same list. A module that stands in none starts later, unless
// the list is not known.
func (w *Writer) before(lists []place, c child, after []ir.ModuleID) bool {
	for _, l := range lists {
		if !l.code.Span(l.at).Contains(c.in.code.Span(c.in.at)) {
			continue
		}
		if at := w.starts(l, after); at >= 0 && c.in.expr().Start > l.code.At(l.code.List(l.expr())[at]).Start {
			return false
		}
	}
	return true
}

// started is what a child of a list starts: the module, or whatever else stands there.
func (p place) started(x ir.ExprID) *ir.Expr {
	e := p.code.At(x)
	if e.Hi > e.Lo && (e.Op == ir.Make && e.Sub == ir.MakeTuple || e.Op == ir.Call && slices.Contains([]string{"worker", "supervisor"}, p.code.Callees[e.A].Name)) {
		return p.code.At(p.code.Lists[e.Lo])
	}
	return e
}

// behindRunner reports whether a child stands behind one that runs the code of the project.
func behindRunner(lists []place, c child) bool {
	for _, l := range lists {
		if !l.code.Span(l.at).Contains(c.in.code.Span(c.in.at)) {
			continue
		}
		for _, x := range l.code.List(l.expr()) {
			if l.code.At(x).Start >= c.in.expr().Start {
				break
			}
			e := l.started(x)
			if e.Op == ir.Const && e.Sub == ir.LitModule && slices.Contains(runners(), ir.LastName(e.Str)) {
				return true
			}
		}
	}
	return false
}

// starts is the index of the first child of a list that is one of some modules, or
// a supervisor of one, or No.
func (w *Writer) starts(list place, modules []ir.ModuleID) int {
	if len(modules) == 0 {
		return ir.No
	}
	for i, x := range list.code.List(list.expr()) {
		if w.mentions(list.code, x, modules, map[ir.ModuleID]bool{}) {
			return i
		}
	}
	return ir.No
}

// mentions reports whether an expression names one of some modules, itself or in
// the supervisors that it names.
func (w *Writer) mentions(c *ir.Code, x ir.ExprID, modules []ir.ModuleID, seen map[ir.ModuleID]bool) bool {
	found := false
	c.Walk(x, func(id ir.ExprID) bool {
		e := c.At(id)
		if found || e.Op != ir.Const || e.Sub != ir.LitModule {
			return !found
		}
		m := w.Program.ModuleNamed(e.Str)
		if m == nil || seen[m.ID] {
			return true
		}
		seen[m.ID] = true
		if slices.Contains(modules, m.ID) {
			found = true
		} else if slices.Contains(m.Behaves, "Supervisor") || slices.Contains(m.Behaves, "DynamicSupervisor") {
			for _, id := range m.Funcs {
				fn := w.Program.Func(id)
				for i := range fn.Clauses {
					found = found || w.mentions(fn.Code, fn.Clauses[i].Body, modules, seen)
				}
			}
		}
		return !found
	})
	return found
}

// addChild puts a child into a list: behind what the project's own processes need, such as
// the Repo, and before all of these. So each fix puts it at the same place.
func (w *Writer) addChild(list place, after []ir.ModuleID, text string) ([]fix.Edit, error) {
	e := list.expr()
	if e.End <= e.Start {
		return nil, errChildren
	}
	d := w.doc(list.code.File)
	id := d.node(e.Start, e.End, syn.List)
	if id == syntax.None {
		return nil, errChildren
	}
	at := w.firstOwn(list)
	if s := w.starts(list, after); s >= 0 && (at < 0 || s < at) {
		at = s
	}
	edits := d.insert(id, at, text)
	if edits == nil {
		return nil, errChildren
	}
	edits[0].Reason = "It starts before what needs it, so that it also stops after that."
	return edits, nil
}

// firstOwn is the index of the first child of a list that is a process of the project, or runs
// its code, and not one that the others need; or No.
func (w *Writer) firstOwn(list place) int {
	for i, x := range list.code.List(list.expr()) {
		e := list.started(x)
		if e.Op != ir.Const || e.Sub != ir.LitModule {
			continue
		}
		m := w.Program.ModuleNamed(e.Str)
		if last := ir.LastName(e.Str); m == nil && !slices.Contains(runners(), last) || m != nil && slices.Contains(m.Behaves, "Ecto.Repo") || slices.Contains(basics(), last) {
			continue
		}
		return i
	}
	return ir.No
}

// runners are the last names of processes of libraries that run the code of a project.
func runners() []string { return []string{"Endpoint", "Oban"} }

// basics are the last names of processes that those of a project need.
func basics() []string {
	return []string{"Repo", "ReadRepo", "Telemetry", "PubSub", "Vault", "PromEx", "Finch"}
}

// insert puts an element into a list before the element with an index, or at its
// end if the index is below 0.
func (d *doc) insert(list syntax.NodeID, at int, text string) []fix.Edit {
	n := d.Node(list)
	elements := d.Children(list, nil)
	in := d.indent(n.Start) + "  "
	if len(elements) == 0 {
		if d.oneLine(list) {
			return []fix.Edit{d.edit(n.Start, n.End, "["+text+"]", "")}
		}
		return []fix.Edit{d.edit(n.Start+1, n.Start+1, "\n"+in+text, "")}
	}
	last := d.Node(elements[len(elements)-1])
	if last.Kind == syn.Pair {
		return nil
	}
	if at < 0 && last.Kind == syn.Binary && last.Op == syn.OpPipe {
		at = 0
	}
	if d.oneLine(list) {
		return d.insertInLine(list, elements, at, text)
	}
	if at >= 0 {
		return d.insertBefore(n, d.Node(elements[at]), text)
	}
	return d.insertLast(n, last, text)
}

func (d *doc) insertInLine(list syntax.NodeID, elements []syntax.NodeID, at int, text string) []fix.Edit {
	n := d.Node(list)
	line := d.slice(d.lineStart(n.Start), d.lineEnd(n.End))
	if d.fits(line + ", " + text) {
		if at >= 0 {
			start := d.Node(elements[at]).Start
			return []fix.Edit{d.edit(start, start, text+", ", "")}
		}
		end := d.Node(elements[len(elements)-1]).End
		return []fix.Edit{d.edit(end, end, ", "+text, "")}
	}
	var items []string
	for i, c := range elements {
		if i == at {
			items = append(items, text)
		}
		items = append(items, d.Text(c))
	}
	if at < 0 {
		items = append(items, text)
	}
	in := d.indent(n.Start)
	out := []fix.Edit{d.edit(n.Start, n.End, "[\n"+in+"  "+strings.Join(items, ",\n"+in+"  ")+"\n"+in+"]", "")}
	stmt := list
	for p := d.parent(stmt); p != syntax.None && !d.sequence(p); p = d.parent(stmt) {
		stmt = p
	}
	return append(out, d.apart(stmt)...)
}

// insertBefore puts a line before an element and the comments that belong to it.
func (d *doc) insertBefore(list, element *syntax.Node, text string) []fix.Edit {
	if !d.first(element.Start) {
		return []fix.Edit{d.edit(element.Start, element.Start, text+", ", "")}
	}
	at := d.aboveComments(element.Start, list.Start)
	line := d.indent(element.Start) + text + ",\n"
	// A blank line between elements stays in front of comments only.
	for at > d.nextLine(list.Start) && strings.TrimSpace(d.slice(d.lineStart(at-1), at)) == "" {
		at = d.lineStart(at - 1)
	}
	return []fix.Edit{d.edit(at, at, line, "")}
}

// aboveComments is the start of the first of the lines of comments right above an
// offset, or of its own line.
func (d *doc) aboveComments(at, least int32) int32 {
	at = d.lineStart(at)
	for at > least {
		above := d.lineStart(at - 1)
		if above <= least || !strings.HasPrefix(strings.TrimSpace(d.slice(above, at)), "#") {
			break
		}
		at = above
	}
	return at
}

// commented reports whether the lines of comments right above the line of an offset have a word.
func (d *doc) commented(at int32, word string) bool {
	line := d.lineStart(at)
	return strings.Contains(d.slice(d.aboveComments(at, 0), line), word)
}

// insertLast puts a line behind the last element and what stands on its line.
func (d *doc) insertLast(list, last *syntax.Node, text string) []fix.Edit {
	in := d.indent(list.Start) + "  "
	if d.first(last.Start) {
		in = d.indent(last.Start)
	}
	rest := d.slice(last.End, list.End)
	line := d.lineEnd(last.End)
	if trailing := strings.TrimLeft(rest, " \t\r\n"); strings.HasPrefix(trailing, ",") {
		comma := last.End + int32(strings.IndexByte(rest, ',')) + 1
		return []fix.Edit{d.edit(comma, comma, "\n"+in+text+",", "")}
	}
	if line >= list.End || line == last.End { // the bracket, or nothing, stands behind it
		return []fix.Edit{d.edit(last.End, last.End, ",\n"+in+text, "")}
	}
	return []fix.Edit{d.edit(last.End, last.End, ",", ""), d.edit(line, line, "\n"+in+text, "")}
}
