package syntax

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// Dump writes a tree for people, a line a node: kind, operator, flags, range,
// and the text of leaves.
func Dump(w io.Writer, t *Tree, kindName func(Kind) string, opName func(uint8) string) error {
	out := bufio.NewWriter(w)
	depth := make([]int, len(t.Nodes))
	for id := range t.Nodes {
		n := &t.Nodes[id]
		if n.Parent != None {
			depth[id] = depth[n.Parent] + 1
		}
		fmt.Fprintf(out, "%s%s", strings.Repeat("  ", depth[id]), kindName(n.Kind))
		if n.Op != 0 {
			fmt.Fprintf(out, " %s", opName(n.Op))
		}
		if n.Flags != 0 {
			fmt.Fprintf(out, " flags=%#x", n.Flags)
		}
		from, to := t.File.Pos(n.Start), t.File.Pos(n.End)
		fmt.Fprintf(out, " %d:%d-%d:%d", from.Line, from.Column, to.Line, to.Column)
		if n.Pos != n.Start {
			at := t.File.Pos(n.Pos)
			fmt.Fprintf(out, " at %d:%d", at.Line, at.Column)
		}
		if n.Size == 1 {
			fmt.Fprintf(out, " %q", t.Text(NodeID(id)))
		}
		fmt.Fprintln(out)
	}
	for _, e := range t.Errors {
		at := t.File.Pos(e.Start)
		fmt.Fprintf(out, "error %d:%d %s\n", at.Line, at.Column, e.Message)
	}
	return out.Flush()
}
