package syntax

import "github.com/assay-dev/assay/internal/source"

// MaxDepth is the deepest tree that a Builder lays out. It is far beyond what
// people write and low enough for every walk to be recursive.
const MaxDepth = 20_000

// Builder makes a Tree from nodes given children first. A parser takes a Mark
// where a construct begins and calls Done where it ends: the new node owns
// every node that was made since the mark and is not yet owned. So the left
// operand of an operator is adopted for free, because its mark is the
// operator's mark.
type Builder struct {
	nodes []Node // in postorder; Size counts the node itself, Parent is unset
}

// Mark is a place in a Builder's row of nodes.
type Mark int32

// Grow makes room for n more nodes.
func (b *Builder) Grow(n int) {
	if cap(b.nodes)-len(b.nodes) < n {
		b.nodes = append(make([]Node, 0, len(b.nodes)+n), b.nodes...)
	}
}

// Mark returns the place where the next node will be made.
func (b *Builder) Mark() Mark { return Mark(len(b.nodes)) }

// Leaf makes a node without children.
func (b *Builder) Leaf(kind Kind, op uint8, flags uint16, start, end int32) {
	b.nodes = append(b.nodes, Node{Kind: kind, Op: op, Flags: flags, Start: start, End: end, Pos: start, Size: 1})
}

// Done makes a node that owns every node made since mark.
func (b *Builder) Done(mark Mark, kind Kind, op uint8, flags uint16, start, end, pos int32) {
	size := int32(len(b.nodes)) - int32(mark) + 1
	b.nodes = append(b.nodes, Node{Kind: kind, Op: op, Flags: flags, Start: start, End: end, Pos: pos, Size: size})
}

// Insert makes a node that owns the nodes in [mark, at), in front of the nodes
// that were made since at.
func (b *Builder) Insert(mark, at Mark, kind Kind, op uint8, flags uint16, start, end, pos int32) {
	b.nodes = append(b.nodes, Node{})
	copy(b.nodes[at+1:], b.nodes[at:])
	b.nodes[at] = Node{Kind: kind, Op: op, Flags: flags, Start: start, End: end, Pos: pos, Size: int32(at-mark) + 1}
}

// Last is the node made last. It may be changed; it must not be kept. There is
// none in an empty Builder.
func (b *Builder) Last() *Node { return &b.nodes[len(b.nodes)-1] }

// At is the node at a mark. The one before it is its last child, if it has any.
func (b *Builder) At(m Mark) *Node { return &b.nodes[m] }

// Drop takes back the node at m, which must not be owned yet; its children are
// free again.
func (b *Builder) Drop(m Mark) {
	b.nodes = append(b.nodes[:m], b.nodes[m+1:]...)
}

// Truncate takes back every node made since mark.
func (b *Builder) Truncate(mark Mark) { b.nodes = b.nodes[:mark] }

// Widen makes every node cover its children. A parser calls it for a tree with
// errors, in which an empty Error node may stand before the token that the node
// around it begins with.
func (b *Builder) Widen() {
	for i := range b.nodes {
		n := &b.nodes[i]
		for c := int32(i) - 1; c > int32(i)-n.Size; c -= b.nodes[c].Size {
			n.Start = min(n.Start, b.nodes[c].Start)
			n.End = max(n.End, b.nodes[c].End)
		}
		n.Pos = max(n.Start, min(n.Pos, n.End))
	}
}

// TooDeep reports that a tree has more than MaxDepth levels.
const TooDeep = "this file is nested too deeply to be read; split its longest expression"

// Tree lays the nodes out. The last node made is the root and must own all
// others. A tree deeper than MaxDepth becomes a lone Error node with a
// diagnostic.
func (b *Builder) Tree(f *source.File) *Tree {
	t := &Tree{File: f}
	if t.Nodes = layout(b.nodes); t.Nodes == nil {
		end := int32(len(f.Text))
		t.Nodes = []Node{{End: end, Size: 1, Parent: None}}
		t.Errors = []Diagnostic{{End: min(end, 1), Message: TooDeep}}
	}
	return t
}

// layout returns the nodes in preorder, or nil if they are nested too deeply.
// Backwards through a postorder every node comes after its ancestors, and its
// place in preorder is the number of nodes to its left plus that of its
// ancestors.
func layout(post []Node) []Node {
	type ancestor struct{ first, id int32 } // the postorder index of its first descendant
	out := make([]Node, len(post))
	stack := make([]ancestor, 0, 64)
	for i := int32(len(post)) - 1; i >= 0; i-- {
		for len(stack) > 0 && stack[len(stack)-1].first > i {
			stack = stack[:len(stack)-1]
		}
		n := post[i]
		first := i - n.Size + 1
		id := first + int32(len(stack))
		n.Parent = None
		if len(stack) > 0 {
			n.Parent = NodeID(stack[len(stack)-1].id)
		}
		out[id] = n
		if n.Size > 1 {
			if len(stack) == MaxDepth {
				return nil
			}
			stack = append(stack, ancestor{first, id})
		}
	}
	return out
}
