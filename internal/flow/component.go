package flow

// components are the strongly connected parts of the call graph in layers: a
// component calls only components of earlier layers, and itself.
type components struct {
	members []ClauseID // by component
	start   []int32    // of each component in members, and one more
	cyclic  []bool     // calls itself
	layers  [][]int32  // component ids, callees first
}

// tarjan finds the components without recursing, however deep calls go.
type tarjan struct {
	nodes      []node
	index, low []int32
	comp       []int32
	layer      []int32 // by component
	stack      []ClauseID
	frames     []frame
	counter    int32
	out        components
}

type frame struct {
	at   ClauseID
	edge int32
}

func findComponents(nodes []node) components {
	t := &tarjan{nodes: nodes, index: make([]int32, len(nodes)), low: make([]int32, len(nodes)), comp: make([]int32, len(nodes))}
	for i := range t.comp {
		t.comp[i] = -1
	}
	t.out.start = append(t.out.start, 0)
	for i := range nodes {
		if t.index[i] == 0 {
			t.visit(ClauseID(i))
		}
	}
	t.sortLayers()
	return t.out
}

func (t *tarjan) visit(root ClauseID) {
	t.enter(root)
	for len(t.frames) > 0 {
		f := &t.frames[len(t.frames)-1]
		edges := t.nodes[f.at].edges
		if int(f.edge) == len(edges) {
			t.leave(f.at)
			continue
		}
		to := edges[f.edge].to
		f.edge++
		switch {
		case t.index[to] == 0:
			t.enter(to)
		case t.comp[to] < 0:
			t.low[f.at] = min(t.low[f.at], t.index[to])
		}
	}
}

func (t *tarjan) enter(id ClauseID) {
	t.counter++
	t.index[id], t.low[id] = t.counter, t.counter
	t.stack = append(t.stack, id)
	t.frames = append(t.frames, frame{at: id})
}

func (t *tarjan) leave(id ClauseID) {
	t.frames = t.frames[:len(t.frames)-1]
	if len(t.frames) > 0 {
		up := t.frames[len(t.frames)-1].at
		t.low[up] = min(t.low[up], t.low[id])
	}
	if t.low[id] == t.index[id] {
		t.close(id)
	}
}

// close makes a component of what is on the stack down to id.
func (t *tarjan) close(id ClauseID) {
	i := len(t.stack)
	for i--; t.stack[i] != id; i-- {
	}
	members := t.stack[i:]
	t.stack = t.stack[:i]
	c := int32(len(t.out.cyclic))
	for _, m := range members {
		t.comp[m] = c
	}
	layer, cyclic := int32(0), false
	for _, m := range members {
		for _, e := range t.nodes[m].edges {
			if t.comp[e.to] == c {
				cyclic = true
			} else {
				layer = max(layer, t.layer[t.comp[e.to]]+1)
			}
		}
	}
	t.layer = append(t.layer, layer)
	t.out.cyclic = append(t.out.cyclic, cyclic)
	t.out.members = append(t.out.members, members...)
	t.out.start = append(t.out.start, int32(len(t.out.members)))
}

func (t *tarjan) sortLayers() {
	for c, l := range t.layer {
		for int(l) >= len(t.out.layers) {
			t.out.layers = append(t.out.layers, nil)
		}
		t.out.layers[l] = append(t.out.layers[l], int32(c))
	}
}

// of lists the members of a component.
func (c *components) of(i int32) []ClauseID { return c.members[c.start[i]:c.start[i+1]] }
