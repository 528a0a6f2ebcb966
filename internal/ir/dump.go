package ir

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/assay-dev/assay/internal/source"
)

var opNames = [numOps]string{
	"opaque", "const", "use", "attr", "call", "invoke", "send", "get", "index", "make", "update", "match",
	"block", "branch", "case", "arm", "with", "loop", "generator", "closure", "funcref", "try", "receive",
	"raise", "quote", "bind", "pin", "any",
}

// String is the word that Dump prints for an operation.
func (o Op) String() string {
	if o < numOps {
		return opNames[o]
	}
	return "op(" + strconv.Itoa(int(o)) + ")"
}

var (
	litNames  = [...]string{"nil", "bool", "int", "float", "string", "atom", "module"}
	makeNames = [...]string{"list", "cons", "tuple", "map", "struct", "string", "atom", "binary", "range", "sigil"}
	raiseName = [...]string{"raise", "reraise", "throw", "exit"}
	armNames  = [...]string{"", "else", "rescue", "catch", "after"}
)

// Dump prints the modules of a file, with their functions and bodies, one
// operation a line. It is meant for people and for golden tests.
func (p *Program) Dump(w io.Writer, file source.FileID) error {
	d := dumper{w: bufio.NewWriter(w), p: p}
	for _, m := range p.Modules {
		if m.Span.File != file {
			continue
		}
		d.module(m)
	}
	return d.w.Flush()
}

type dumper struct {
	w *bufio.Writer
	p *Program
}

func (d *dumper) printf(format string, args ...any) { fmt.Fprintf(d.w, format, args...) }

func (d *dumper) module(m *Module) {
	d.printf("module %s\n", m.Name)
	for _, b := range m.Behaves {
		d.printf("  behaves %s\n", b)
	}
	for _, u := range m.Uses {
		d.printf("  uses %s\n", u.Name)
	}
	for _, a := range m.Attrs {
		if a.Value != No {
			d.printf("  @%s\n", a.Name)
			d.expr(a.Code, a.Value, 2, "")
		}
	}
	if m.Body != No {
		d.printf("  body\n")
		d.expr(m.Code, m.Body, 2, "")
	}
	for _, id := range m.Funcs {
		d.function(d.p.Funcs[id])
	}
}

func (d *dumper) function(f *Func) {
	kind := [...]string{"def", "defp", "defmacro", "defmacrop", "delegate"}[f.Kind]
	if f.Injected {
		kind += " injected"
	}
	d.printf("  %s %s/%d\n", kind, f.Name, f.Arity)
	for _, c := range f.Clauses {
		d.printf("    clause line %d\n", f.Code.File.Line(c.Span.Start))
		for _, p := range c.Params {
			d.expr(f.Code, p, 3, "param ")
		}
		if c.Guard != No {
			d.expr(f.Code, c.Guard, 3, "when ")
		}
		if c.Body != No {
			d.expr(f.Code, c.Body, 3, "")
		}
	}
}

func (d *dumper) expr(c *Code, id ExprID, depth int, role string) {
	e := c.At(id)
	d.printf("%s%s%s", strings.Repeat("  ", depth), role, e.Op)
	switch e.Op {
	case Const:
		d.printf(" %s %q", litNames[e.Sub], e.Str)
	case Call, FuncRef:
		d.callee(&c.Callees[e.A])
	case Make:
		d.printf(" %s", makeNames[e.Sub])
		if e.Str != "" {
			d.printf(" %s", e.Str)
		}
	case Raise:
		d.printf(" %s", raiseName[e.Sub])
	case Arm:
		if e.Sub != ArmClause {
			d.printf(" %s", armNames[e.Sub])
		}
	case Use, Bind:
		d.printf(" %s#%d", e.Str, e.A)
	default:
		if e.Str != "" {
			d.printf(" %s", e.Str)
		}
	}
	d.flags(e)
	d.printf("\n")
	c.Operands(id, func(o ExprID) { d.expr(c, o, depth+1, "") })
}

func (d *dumper) flags(e *Expr) {
	for _, f := range [...]struct {
		bit  uint16
		word string
	}{{FlagDiscard, "discarded"}, {FlagPiped, "piped"}, {FlagMacro, "macro"}, {FlagForeign, "foreign"}} {
		if e.Flags&f.bit != 0 {
			d.printf(" %s", f.word)
		}
	}
}

func (d *dumper) callee(k *Callee) {
	how := [...]string{"unresolved", "local", "imported", "kernel", "remote"}[k.How]
	d.printf(" %s %s.%s/%d", how, k.Module, k.Name, k.Arity)
	switch {
	case k.Func >= 0:
		d.printf(" -> %s", d.p.Symbol(k.Func))
	case k.Extern >= 0 && d.p.Externs[k.Extern].Via != "":
		d.printf(" -> %s", d.p.Externs[k.Extern])
	}
}
