package elixir

import (
	"slices"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/syntax"
	syn "github.com/assay-dev/assay/internal/syntax/elixir"
)

// plainUses are the libraries whose `use` adds no function that others call by name.
var plainUses = []string{"Ecto.Schema", "GenServer"}

// plainCalls are what modules call while they are compiled and that adds no such function either.
var plainCalls = []string{"schema", "embedded_schema", "defstruct"}

// whole reports whether a module has only the functions that its text defines. Of the project's
// own `use` it is known what it made.
func (p *project) whole(m *module) bool {
	if m.Kind != ir.PlainModule || m.dynamic || m.twice || len(m.before) > 0 || len(m.from.tree.Errors) > 0 || p.modules[m.Name] != m {
		return false
	}
	for _, u := range m.uses {
		if p.modules[u.name] == nil && !slices.Contains(plainUses, u.name) {
			return false
		}
	}
	return !slices.ContainsFunc(m.exprs, func(s stmt) bool { return calls(s.env.from.tree, s.node) })
}

// calls reports whether a statement of a module runs anything that may define functions.
func calls(t *syntax.Tree, n syntax.NodeID) bool {
	return t.Node(n).Kind == syn.Call && !slices.Contains(plainCalls, localName(t, n))
}
