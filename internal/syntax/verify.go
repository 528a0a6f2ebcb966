package syntax

import "fmt"

// Verify reports the first broken invariant of a tree: the root covers the
// file, sizes and parents agree, ranges are nested, siblings are in source
// order, Pos is inside its node, errors and comments are inside the file.
func Verify(t *Tree) error {
	size := int32(len(t.File.Text))
	if len(t.Nodes) == 0 {
		return fmt.Errorf("tree without nodes")
	}
	root := &t.Nodes[0]
	if root.Start != 0 || root.End != size || root.Parent != None || int(root.Size) != len(t.Nodes) {
		return fmt.Errorf("root %+v does not cover the file of %d bytes and %d nodes", *root, size, len(t.Nodes))
	}
	for id := range t.Nodes {
		if err := verifyNode(t, NodeID(id)); err != nil {
			return err
		}
	}
	for _, e := range t.Errors {
		if e.Start < 0 || e.End < e.Start || e.End > size || e.Message == "" {
			return fmt.Errorf("diagnostic out of the file: %+v", e)
		}
	}
	for _, c := range t.Comments {
		if c.Start < 0 || c.End <= c.Start || c.End > size {
			return fmt.Errorf("comment out of the file: %+v", c)
		}
	}
	return nil
}

func verifyNode(t *Tree, id NodeID) error {
	n := &t.Nodes[id]
	if n.Start < 0 || n.End < n.Start || n.Pos < n.Start || n.Pos > n.End {
		return fmt.Errorf("node %d: bad range %+v", id, *n)
	}
	if n.Size < 1 || int(id)+int(n.Size) > len(t.Nodes) {
		return fmt.Errorf("node %d: bad size %+v", id, *n)
	}
	at := n.Start
	end := id + NodeID(n.Size)
	for c := id + 1; c < end; c += NodeID(t.Nodes[c].Size) {
		child := &t.Nodes[c]
		switch {
		case child.Size < 1 || c+NodeID(child.Size) > end:
			return fmt.Errorf("node %d: child %d ends after it", id, c)
		case child.Parent != id:
			return fmt.Errorf("node %d: child %d has parent %d", id, c, child.Parent)
		case child.Start < at:
			return fmt.Errorf("node %d %+v: child %d %+v starts before %d", id, *n, c, *child, at)
		case child.End > n.End:
			return fmt.Errorf("node %d %+v: child %d %+v ends after it", id, *n, c, *child)
		}
		at = child.End
	}
	return nil
}
