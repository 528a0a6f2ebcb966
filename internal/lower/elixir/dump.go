package elixir

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
	"github.com/assay-dev/assay/internal/syntax"
)

// Outline prints what a file's text alone says: its modules, and the directives
// and definitions that stand in each, with their lines. A name that a macro
// computes is printed as `?`.
func Outline(w io.Writer, t *syntax.Tree) error {
	o := outlineFile(t.File, t)
	d := outlineDumper{w: bufio.NewWriter(w), t: t, modules: make(map[syntax.NodeID]bool, len(o.modules))}
	for _, m := range o.modules {
		d.modules[m.node] = true
	}
	d.head = "script " + t.File.Path
	d.statements(0)
	for _, m := range o.modules {
		d.head = ""
		d.line(m.node, d.moduleHead(m))
		if m.body != syntax.None {
			d.statements(m.body)
		}
	}
	return d.w.Flush()
}

type outlineDumper struct {
	w       *bufio.Writer
	t       *syntax.Tree
	modules map[syntax.NodeID]bool // the nodes of the modules that were found
	head    string                 // printed before the first line that comes
}

// line prints a line about a node.
func (d *outlineDumper) line(n syntax.NodeID, text string) {
	if d.head != "" {
		fmt.Fprintln(d.w, source.Printable(d.head))
		d.head = ""
	}
	fmt.Fprintf(d.w, "%s line %d\n", source.Printable(text), d.t.File.Line(d.t.Node(n).Start))
}

func (d *outlineDumper) moduleHead(m *module) string {
	head := "module " + m.Name
	switch m.Kind {
	case ir.ProtocolModule:
		head = "protocol " + m.Name
	case ir.ImplModule:
		head = "impl " + m.Protocol + " for " + m.For
	}
	if m.parent != nil {
		head += " in " + m.parent.Name
	}
	return head
}

// statements prints what stands in a body, without the modules in it.
func (d *outlineDumper) statements(body syntax.NodeID) {
	for _, n := range statements(d.t, body) {
		if !d.modules[n] {
			d.statement(n)
		}
	}
}

func (d *outlineDumper) statement(n syntax.NodeID) {
	switch name := localName(d.t, n); name {
	case "", "quote":
	case "alias", "import", "require", "use":
		first, _, more := strings.Cut(d.t.Text(n), "\n")
		if more {
			first += " …"
		}
		d.line(n, "  "+first)
	default:
		if _, ok := defKinds[name]; ok {
			d.definition(n, name)
		} else {
			d.sections(n)
		}
	}
}

func (d *outlineDumper) definition(n syntax.NodeID, word string) {
	head := firstArg(d.t, n)
	if head == syntax.None {
		return
	}
	name, params, ok := headName(d.t, head)
	if !ok {
		name = "?"
	}
	arity := strconv.Itoa(len(params))
	if k := countDefaults(d.t, params); k > 0 {
		arity = fmt.Sprintf("%d..%d", len(params)-k, len(params))
	}
	d.line(n, "  "+word+" "+name+"/"+arity)
}

// sections prints what stands in the blocks of an `if`, a `for` or a macro.
func (d *outlineDumper) sections(n syntax.NodeID) {
	do := doBlock(d.t, n)
	if do == syntax.None {
		return
	}
	for s := d.t.First(do); s != syntax.None; s = d.t.Next(s) {
		d.statements(s)
	}
}
