// Package engine runs the analysis: files to trees, trees and models to a
// program, the program to flow, checks and findings. Goroutines live here only;
// with one job the same code runs in order without any.
//
// A Snapshot is the project at one moment and everything found in it. Judge
// applies what people decided (suppressions, levels, paths, a baseline, a
// revision to compare with) and leaves the Snapshot as it is.
//
// A panic in one file or one check is recovered here: that part is lost and
// named, the rest of the project is still analysed.
package engine

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/checks"
	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/link"
	"github.com/assay-dev/assay/internal/model"
	"github.com/assay-dev/assay/internal/orm"
	"github.com/assay-dev/assay/internal/query"
	"github.com/assay-dev/assay/internal/replay"
	rewrite "github.com/assay-dev/assay/internal/rewrite/elixir"
	"github.com/assay-dev/assay/internal/source"
	"github.com/assay-dev/assay/internal/syntax"
	"github.com/assay-dev/assay/internal/syntax/elixir"
)

// Options say how to analyse. The zero value uses every core and every check.
type Options struct {
	Jobs   int            // files and checks worked on at once; 0 is one a core
	Checks []*check.Check // nil is all of them
	// Progress is told about each step, from any goroutine. It may be nil.
	Progress func(phase string, done, total int)
	// Read is told how many bytes of source there are, once they are read. It
	// may be nil.
	Read func(size int64)

	// A test's own phases.
	parse func(*source.File) *syntax.Tree
	link  func(*source.Set, []*syntax.Tree, *model.Set, func(int, func(int))) *ir.Program
}

// Snapshot is a project at one moment, analysed. It is read-only.
type Snapshot struct {
	Files    *source.Set
	Trees    []*syntax.Tree // by FileID; nil for a file that is not Elixir
	Models   *model.Set
	Program  *ir.Program     // nil if nothing could be linked
	Flow     *flow.Result    // nil if there is no Program
	Queries  *query.Result   // nil if there is no Flow
	Findings []check.Finding // all of them, in order, with ids; suppressions are not applied
	Notes    []source.Note   // what was left out, and why
	Phases   []Phase         // how long each took
	Stacks   []string        // of what panicked, for a report about Assay itself

	checks []*check.Check
	lost   map[string]bool // checks that panicked
	allows []allow
	setUp  rewrite.SetUp // of the tests

	hideOnce sync.Once
	hidden   hidden // what Hide hides
}

// Phase is a part of the analysis and the time it took.
type Phase struct {
	Name string
	Took time.Duration
}

// Broken reports whether the analysis failed as a whole.
func (s *Snapshot) Broken() bool { return s.Program == nil || s.Flow == nil || s.Queries == nil }

// run is one analysis under way.
type run struct {
	*Snapshot
	crew
	opts Options
	mark time.Time
	bad  []check.Finding // what the engine itself reports
}

func newRun(opts Options) *run {
	if opts.Jobs <= 0 {
		opts.Jobs = runtime.GOMAXPROCS(0)
	}
	if opts.Checks == nil {
		opts.Checks = checks.All()
	}
	if opts.parse == nil {
		opts.parse = elixir.Parse
	}
	if opts.link == nil {
		opts.link = link.Link
	}
	if opts.Progress == nil {
		opts.Progress = func(string, int, int) {}
	}
	if opts.Read == nil {
		opts.Read = func(int64) {}
	}
	return &run{
		Snapshot: &Snapshot{checks: opts.Checks, lost: map[string]bool{}},
		crew:     crew{opts.Jobs}, opts: opts, mark: time.Now(),
	}
}

// Analyze analyses files that were read.
func Analyze(files *source.Set, models *model.Set, opts Options) *Snapshot {
	r := newRun(opts)
	r.Files, r.Models = files, models
	r.parse()
	return r.finish()
}

// finish does everything behind parsing.
func (r *run) finish() *Snapshot {
	r.Notes = append(r.Notes, r.Files.Notes...)
	r.syntaxErrors()
	r.link()
	r.data()
	r.flow()
	r.queries()
	r.Findings = Identify(r.Files, append(r.check(), r.bad...))
	r.readAllows()
	return r.Snapshot
}

// phase notes that a phase ended.
func (r *run) phase(name string) {
	now := time.Now()
	r.Phases = append(r.Phases, Phase{name, now.Sub(r.mark)})
	r.mark = now
}

// parse makes the trees of a set whose texts are there.
func (r *run) parse() {
	r.Trees = make([]*syntax.Tree, len(r.Files.Files))
	lost := r.step("parse", len(r.Trees), func(i int) { r.Trees[i] = r.tree(r.Files.Files[i]) })
	for _, l := range lost {
		r.loseFile(source.FileID(l.part), "parse", l)
	}
	r.phase("parse")
}

// tree parses one file, if it is Elixir.
func (r *run) tree(f *source.File) *syntax.Tree {
	if !Elixir(f) {
		return nil
	}
	return r.opts.parse(f)
}

// step is each, with the progress told.
func (r *run) step(name string, n int, part func(i int)) []failure {
	var done atomic.Int64
	return r.each(n, func(i int) {
		defer func() { r.opts.Progress(name, int(done.Add(1)), n) }()
		part(i)
	})
}

// link makes the program. When files made it panic, it is made again without
// them.
func (r *run) link() {
	r.opts.Progress("link", 0, 1)
	trees := append([]*syntax.Tree(nil), r.Trees...)
	for r.Program == nil {
		var files []failure
		whole := alone(func() {
			r.Program = r.opts.link(r.Files, trees, r.Models, func(n int, part func(i int)) {
				lost := r.each(n, part)
				if n == len(trees) {
					files = append(files, lost...)
				}
				if len(lost) > 0 {
					panic(lost[0].cause + "\n" + lost[0].stack)
				}
			})
		})
		if whole != nil && !r.drop(trees, files) {
			r.losePart("linking the program", *whole)
			break
		}
	}
	r.phase("link")
}

// drop takes the files that panicked out of trees, and reports whether there
// were any.
func (r *run) drop(trees []*syntax.Tree, lost []failure) bool {
	dropped := false
	for _, l := range lost {
		if l.part < len(trees) && trees[l.part] != nil {
			trees[l.part] = nil
			dropped = true
			r.loseFile(source.FileID(l.part), "link", l)
		}
	}
	return dropped
}

// data adds the databases to the program, and what maps to their tables.
func (r *run) data() {
	if r.Program == nil {
		return
	}
	if lost := alone(func() { r.Program.Databases = replay.Replay(r.Program) }); lost != nil {
		r.Program.Databases = nil
		r.losePart("replaying the migrations", *lost)
	}
	r.sizes()
	if lost := alone(func() { r.Program.Map(orm.Schemas(r.Program, r.Models)) }); lost != nil {
		r.Program.Map(nil)
		r.losePart("reading the schemas", *lost)
	}
	r.phase("data")
}

func (r *run) flow() {
	if r.Program == nil {
		return
	}
	r.opts.Progress("flow", 0, 1)
	lost := alone(func() {
		r.Flow = flow.Analyze(r.Program, r.Models, func(n int, part func(i int)) {
			for _, l := range r.each(n, part) {
				r.losePart("following the program's calls", l)
			}
		})
	})
	if lost != nil {
		r.losePart("following the program's calls", *lost)
	}
	r.phase("flow")
}

func (r *run) queries() {
	if r.Flow == nil {
		return
	}
	lost := alone(func() {
		r.Queries = query.Analyze(r.Program, r.Flow, func(n int, part func(i int)) {
			for _, l := range r.each(n, part) {
				r.losePart("following the program's queries", l)
			}
		})
	})
	if lost != nil {
		r.losePart("following the program's queries", *lost)
	}
	r.phase("queries")
}

// check runs the checks: first those that look at the program, then those that
// look at what the others found.
func (r *run) check() []check.Finding {
	if r.Broken() {
		return nil
	}
	first := r.pass(false, nil)
	first = Identify(r.Files, first)
	all := slices.Concat(first, r.pass(true, first))
	r.phase("checks")
	return all
}

// pass runs the checks that do, or do not, run after the others.
func (r *run) pass(after bool, others []check.Finding) []check.Finding {
	var list []*check.Pass
	for _, c := range r.checks {
		if c.After == after {
			list = append(list, &check.Pass{Check: c, Program: r.Program, Flow: r.Flow, Queries: r.Queries, Others: others})
		}
	}
	lost := r.each(len(list), func(i int) {
		r.opts.Progress("checks", i, len(list))
		list[i].Check.Run(list[i])
	})
	for _, l := range lost {
		name := list[l.part].Check.Name
		r.lost[name] = true
		r.losePart("the check "+name, l)
	}
	var out []check.Finding
	for _, p := range list {
		out = append(out, p.Findings()...)
	}
	for i := range out {
		if f := &out[i]; source.Retired(r.path(f.Span)) {
			f.Level = max(f.Level, check.Info)
		}
	}
	return out
}
