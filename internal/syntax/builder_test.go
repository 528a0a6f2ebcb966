package syntax

import (
	"strings"
	"testing"

	"github.com/assay-dev/assay/internal/source"
)

const (
	root Kind = iota + 1
	sum
	name
)

// build makes the tree of `a + b` by hand.
func build(t *testing.T) *Tree {
	t.Helper()
	var b Builder
	b.Grow(4)
	mark := b.Mark()
	b.Leaf(name, 0, 0, 0, 1)
	b.Leaf(name, 0, 0, 4, 5)
	b.Done(mark, sum, 7, 0, 0, 5, 2)
	b.Done(0, root, 0, 0, 0, 5, 0)
	return b.Tree(source.NewFile("x", "a + b"))
}

func TestBuilderLaysOutPreorder(t *testing.T) {
	tree := build(t)
	if err := Verify(tree); err != nil {
		t.Fatal(err)
	}
	var kinds []Kind
	for _, n := range tree.Nodes {
		kinds = append(kinds, n.Kind)
	}
	if len(kinds) != 4 || kinds[0] != root || kinds[1] != sum || kinds[2] != name {
		t.Errorf("kinds %v", kinds)
	}
	if tree.First(1) != 2 || tree.Next(2) != 3 || tree.Next(3) != None || tree.Node(3).Parent != 1 {
		t.Errorf("nodes %+v", tree.Nodes)
	}
}

func TestBuilderInsertsAndDrops(t *testing.T) {
	var b Builder
	b.Leaf(name, 0, 0, 0, 1)
	at := b.Mark()
	b.Leaf(name, 0, 0, 4, 5)
	b.Insert(0, at, sum, 0, 0, 0, 1, 0)
	b.Done(0, root, 0, 0, 0, 5, 0)
	tree := b.Tree(source.NewFile("x", "a + b"))
	if err := Verify(tree); err != nil || tree.Node(1).Kind != sum || tree.Node(2).Parent != 1 || tree.Node(3).Parent != 0 {
		t.Errorf("%v %+v", err, tree.Nodes)
	}
	b = Builder{}
	b.Leaf(name, 0, 0, 0, 1)
	b.Done(0, sum, 0, 0, 0, 1, 0)
	b.Leaf(name, 0, 0, 4, 5)
	b.Drop(1)
	b.Done(0, root, 0, 0, 0, 5, 0)
	tree = b.Tree(source.NewFile("x", "a + b"))
	if err := Verify(tree); err != nil || len(tree.Nodes) != 3 {
		t.Errorf("%v %+v", err, tree.Nodes)
	}
}

func TestTooDeepATreeIsAnError(t *testing.T) {
	var b Builder
	for range MaxDepth + 2 {
		b.Done(0, sum, 0, 0, 0, 1, 0)
	}
	tree := b.Tree(source.NewFile("x", "a"))
	if err := Verify(tree); err != nil || len(tree.Nodes) != 1 || len(tree.Errors) != 1 {
		t.Errorf("%v, %d nodes, %v", err, len(tree.Nodes), tree.Errors)
	}
}

func TestVerifyFindsBrokenTrees(t *testing.T) {
	for what, spoil := range map[string]func(*Tree){
		"size":     func(t *Tree) { t.Nodes[1].Size = 9 },
		"parent":   func(t *Tree) { t.Nodes[3].Parent = 0 },
		"range":    func(t *Tree) { t.Nodes[2].End = -1 },
		"outside":  func(t *Tree) { t.Nodes[3].End = 6 },
		"order":    func(t *Tree) { t.Nodes[3].Start, t.Nodes[3].Pos = 0, 0 },
		"pos":      func(t *Tree) { t.Nodes[1].Pos = 8 },
		"root":     func(t *Tree) { t.Nodes[0].End = 4 },
		"error":    func(t *Tree) { t.Errors = []Diagnostic{{0, 9, "x"}} },
		"comment":  func(t *Tree) { t.Comments = []Range{{4, 4}} },
		"no nodes": func(t *Tree) { t.Nodes = nil },
	} {
		tree := build(t)
		spoil(tree)
		if Verify(tree) == nil {
			t.Errorf("%s: not found", what)
		}
	}
}

func TestDump(t *testing.T) {
	var b strings.Builder
	tree := build(t)
	tree.Errors = []Diagnostic{{2, 3, "wrong"}}
	kinds := func(k Kind) string { return [...]string{"Error", "Root", "Sum", "Name"}[k] }
	if err := Dump(&b, tree, kinds, func(uint8) string { return "+" }); err != nil {
		t.Fatal(err)
	}
	const want = `Root 1:1-1:6
  Sum + 1:1-1:6 at 1:3
    Name 1:1-1:2 "a"
    Name 1:5-1:6 "b"
error 1:3 wrong
`
	if b.String() != want {
		t.Errorf("got\n%s", b.String())
	}
}
