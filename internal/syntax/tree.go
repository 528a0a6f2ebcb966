// Package syntax holds the flat, lossless syntax tree that every parser of
// Assay makes.
//
// A Tree is an array of nodes in preorder, which is source order: the first
// child of node n is n+1, the next sibling is n+Size, and m is inside n exactly
// when n < m < n+Size. Nodes hold no pointers. Tokens and comments are not
// nodes: the text between and inside nodes is lexed again where it is needed.
package syntax

import "github.com/assay-dev/assay/internal/source"

// Kind is a language's own node kind; 0 is an error node in every language.
type Kind uint8

// Error is the kind of a node that stands for text that could not be parsed.
const Error Kind = 0

// NodeID is the index of a node in its tree.
type NodeID int32

// None is the NodeID of nothing.
const None NodeID = -1

// Node is one node of a tree. Start and End are the byte range of its source
// text. Pos is the offset that names the node: the operator of an operation,
// the name of a call, the dot of a dotted call; else Start.
type Node struct {
	Kind       Kind
	Op         uint8  // the operator or sub-kind, by Kind
	Flags      uint16 // by language
	Start, End int32
	Pos        int32
	Size       int32 // number of nodes in this subtree, itself included
	Parent     NodeID
}

// Diagnostic is a syntax error: what, and where.
type Diagnostic struct {
	Start, End int32
	Message    string
}

// Tree is the syntax of one file. Node 0 is the root and covers the file.
type Tree struct {
	File   *source.File
	Nodes  []Node
	Errors []Diagnostic // in source order
	// Comments are the byte ranges of the comments outside strings, in source
	// order, each from its marker to the end of its line.
	Comments []Range
}

// Range is a half-open byte range of the tree's file.
type Range struct{ Start, End int32 }

// Node returns a node by id.
func (t *Tree) Node(id NodeID) *Node { return &t.Nodes[id] }

// Text returns the source text of a node.
func (t *Tree) Text(id NodeID) string {
	n := &t.Nodes[id]
	return t.File.Text[n.Start:n.End]
}

// Span returns the place of a node.
func (t *Tree) Span(id NodeID) source.Span {
	n := &t.Nodes[id]
	return source.Span{File: t.File.ID, Start: n.Start, End: n.End}
}

// First returns the first child of id, or None.
func (t *Tree) First(id NodeID) NodeID {
	if t.Nodes[id].Size == 1 {
		return None
	}
	return id + 1
}

// Next returns the next sibling of id, or None.
func (t *Tree) Next(id NodeID) NodeID {
	n := &t.Nodes[id]
	if n.Parent == None {
		return None
	}
	next := id + NodeID(n.Size)
	if next >= n.Parent+NodeID(t.Nodes[n.Parent].Size) {
		return None
	}
	return next
}

// Children appends the children of id to buf and returns it.
func (t *Tree) Children(id NodeID, buf []NodeID) []NodeID {
	end := id + NodeID(t.Nodes[id].Size)
	for c := id + 1; c < end; c += NodeID(t.Nodes[c].Size) {
		buf = append(buf, c)
	}
	return buf
}
