// Package elixir lowers Elixir to ir: it resolves what names mean (aliases,
// imports, `use` of the project's own modules, macros that define functions)
// and turns bodies into operations.
//
// It works in three passes, each over all files and parallel by file. The
// outline of a file needs its text alone. Declaring a module needs the
// outlines of others, because `use` puts their quoted code into it. Lowering a
// body needs the declarations of others, because an import is known by what
// the module exports.
package elixir

import (
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/model"
	"github.com/assay-dev/assay/internal/source"
	"github.com/assay-dev/assay/internal/syntax"
)

// Par runs f(0) … f(n-1), in any order, perhaps at the same time.
type Par = func(n int, f func(i int))

// project is what the passes share.
type project struct {
	files   *source.Set
	models  *model.Set
	out     []*outline // by FileID, nil for files of other languages
	modules map[string]*module
}

// Lower lowers every Elixir file. The trees are by FileID, nil for files of
// other languages. In the Program that comes back Callees have no targets and
// there are no Externs and Entries yet: link makes them.
func Lower(files *source.Set, trees []*syntax.Tree, models *model.Set, par Par) *ir.Program {
	p := &project{files: files, models: models, out: make([]*outline, len(trees)), modules: map[string]*module{}}
	par(len(trees), func(i int) {
		if trees[i] != nil {
			p.out[i] = outlineFile(files.Files[i], trees[i])
		}
	})
	for _, o := range p.out {
		p.index(o)
	}
	par(len(p.out), func(i int) {
		if p.out[i] != nil {
			p.declareFile(p.out[i])
		}
	})
	p.inherit()
	prog := p.number()
	codes := make([][]*ir.Code, len(p.out))
	par(len(p.out), func(i int) {
		if p.out[i] != nil {
			codes[i] = p.lowerFile(p.out[i])
		}
	})
	for _, c := range codes {
		prog.Codes = append(prog.Codes, c...)
	}
	return prog
}

// index enters a file's modules by name. Of two with one name the one outside
// the tests wins, then the first.
func (p *project) index(o *outline) {
	if o == nil {
		return
	}
	for _, m := range o.modules {
		old := p.modules[m.Name]
		if old != nil {
			old.twice, m.twice = true, true
		}
		if old == nil || old.from.file.Kind == source.Test && o.file.Kind != source.Test {
			p.modules[m.Name] = m
		}
	}
}

// inherit gives a module whose definitions were not all understood, and which
// delegates to another, what that one behaves like: the facade of a Repo has a
// Repo's functions.
func (p *project) inherit() {
	for _, o := range p.out {
		if o == nil {
			continue
		}
		for _, m := range o.modules {
			if m.dynamic {
				p.inheritModule(m)
			}
		}
	}
}

func (p *project) inheritModule(m *module) {
	w := walker{p: p, m: m}
	for _, f := range m.order {
		if f.Kind != ir.Delegate {
			continue
		}
		c := &f.clauses[0]
		to := keywordArg(c.env.from.tree, c.node, "to")
		if to == syntax.None {
			continue
		}
		if name, ok := c.env.moduleName(to); ok && p.modules[name] != nil {
			for _, b := range p.modules[name].Behaves {
				w.behave(b)
			}
		}
	}
}

// number gives modules and functions their ids, in source order.
func (p *project) number() *ir.Program {
	prog := &ir.Program{Files: p.files, Comments: make([][]source.Span, len(p.out))}
	for i, o := range p.out {
		if o == nil {
			continue
		}
		for _, c := range o.tree.Comments {
			prog.Comments[i] = append(prog.Comments[i], source.Span{File: source.FileID(i), Start: c.Start, End: c.End})
		}
		for _, m := range o.all() {
			p.numberModule(prog, m)
		}
	}
	for _, m := range p.modules {
		if m.parent != nil {
			m.Parent = m.parent.ID
		}
	}
	prog.Index()
	return prog
}

func (p *project) numberModule(prog *ir.Program, m *module) {
	m.ID = ir.ModuleID(len(prog.Modules))
	prog.Modules = append(prog.Modules, m.Module)
	for _, f := range m.order {
		f.ID = ir.FuncID(len(prog.Funcs))
		f.Module = m.ID
		prog.Funcs = append(prog.Funcs, f.Func)
		m.Funcs = append(m.Funcs, f.ID)
	}
}
