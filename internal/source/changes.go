package source

import (
	"sort"
	"strings"
)

// Lines is a range of lines, both ends included.
type Lines struct{ First, Last int }

// Changes are the lines of a set that another set lacks.
type Changes struct{ lines map[string][]Lines }

// Changed compares the text of two sets, without regard to line ends. A file
// that moved is compared with what it was; a new one is changed throughout.
func Changed(old, now *Set) *Changes {
	c := &Changes{lines: map[string][]Lines{}}
	moved := movedFiles(old, now)
	for _, f := range now.Files {
		before := old.Named(f.Path)
		if before == nil {
			before = moved[f.Path]
		}
		var text string
		if before != nil {
			text = before.Text
		}
		if text == f.Text {
			continue
		}
		if lines := changedLines(text, f.Text); len(lines) > 0 {
			c.lines[f.Path] = lines
		}
	}
	return c
}

// Lines returns the changed lines of a file, in order.
func (c *Changes) Lines(path string) []Lines { return c.lines[path] }

// Touches reports whether any line from first to last changed.
func (c *Changes) Touches(path string, first, last int) bool {
	lines := c.lines[path]
	i := sort.Search(len(lines), func(i int) bool { return lines[i].Last >= first })
	return i < len(lines) && lines[i].First <= last
}

// movedFiles finds for each file that is only in now the file that is only in
// old and shares most of its lines, at least half of them.
func movedFiles(old, now *Set) map[string]*File {
	gone := onlyIn(old, now)
	moved := map[string]*File{}
	if len(gone) == 0 {
		return moved
	}
	came := onlyIn(now, old)
	bags := make([]map[string]int, len(gone))
	for i, f := range gone {
		bags[i] = lineBag(f.Text)
	}
	// Past this many pairs only files of the same name are compared.
	const manyPairs = 4000
	few := len(gone)*len(came) <= manyPairs
	for _, f := range came {
		best := 0.5
		for i, g := range gone {
			if g.Kind != f.Kind || !few && baseName(g.Path) != baseName(f.Path) {
				continue
			}
			if s := sharedLines(bags[i], g, f); s >= best {
				best = s
				moved[f.Path] = g
			}
		}
	}
	return moved
}

func onlyIn(s, other *Set) (files []*File) {
	for _, f := range s.Files {
		if other.Named(f.Path) == nil {
			files = append(files, f)
		}
	}
	return files
}

func baseName(p string) string { return p[strings.LastIndexByte(p, '/')+1:] }

func lineBag(text string) map[string]int {
	bag := map[string]int{}
	for line := range strings.Lines(text) {
		bag[strings.TrimSpace(line)]++
	}
	return bag
}

// sharedLines is the part of the longer file that the other one has too.
func sharedLines(bag map[string]int, old, now *File) float64 {
	if old.Text == now.Text {
		return 1
	}
	longer := max(old.Lines(), now.Lines())
	if 2*min(old.Lines(), now.Lines()) < longer {
		return 0
	}
	shared := 0
	for line, n := range lineBag(now.Text) {
		shared += min(n, bag[line])
	}
	return float64(shared) / float64(longer)
}

// changedLines returns the lines of now that are not in old, by patience
// comparison: lines that occur once on both sides hold the texts together.
func changedLines(old, now string) []Lines {
	ids := map[string]int32{}
	d := &comparison{old: lineIDs(old, ids), now: lineIDs(now, ids)}
	d.compare(0, len(d.old), 0, len(d.now), 0)
	return d.changed
}

func lineIDs(text string, ids map[string]int32) []int32 {
	lines := make([]int32, 0, 1+strings.Count(text, "\n"))
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		id, ok := ids[line]
		if !ok {
			id = int32(len(ids))
			ids[line] = id
		}
		lines = append(lines, id)
	}
	return lines
}

type comparison struct {
	old, now []int32
	changed  []Lines
}

// compare finds what changed between old[i:j] and now[k:l].
func (d *comparison) compare(i, j, k, l, depth int) {
	for i < j && k < l && d.old[i] == d.now[k] {
		i, k = i+1, k+1
	}
	for i < j && k < l && d.old[j-1] == d.now[l-1] {
		j, l = j-1, l-1
	}
	if k == l {
		return
	}
	// Deeper than this the texts have nothing in common to hold on to.
	const deep = 64
	anchors := d.anchors(i, j, k, l)
	if len(anchors) == 0 || depth == deep {
		d.changed = append(d.changed, Lines{First: k + 1, Last: l})
		return
	}
	for _, a := range anchors {
		d.compare(i, a.old, k, a.now, depth+1)
		i, k = a.old+1, a.now+1
	}
	d.compare(i, j, k, l, depth+1)
}

type anchor struct{ old, now int }

// anchors returns the lines that occur once in old[i:j] and once in now[k:l]:
// the longest selection of them that is in order on both sides.
func (d *comparison) anchors(i, j, k, l int) []anchor {
	places := map[int32]anchor{}
	for n := i; n < j; n++ {
		if _, again := places[d.old[n]]; again {
			places[d.old[n]] = anchor{-1, -1}
		} else {
			places[d.old[n]] = anchor{n, -1}
		}
	}
	var unique []anchor
	for n := k; n < l; n++ {
		a, known := places[d.now[n]]
		switch {
		case !known || a.old < 0:
		case a.now >= 0:
			unique[a.now].old = -1 // it occurs again
		default:
			places[d.now[n]] = anchor{a.old, len(unique)}
			unique = append(unique, anchor{a.old, n})
		}
	}
	return longestInOrder(unique)
}

// longestInOrder drops the anchors without an old line, and the fewest others
// such that the old lines ascend; the lines of now do.
func longestInOrder(all []anchor) []anchor {
	var tops []int                  // the last anchor of the best run of each length
	before := make([]int, len(all)) // the anchor before each in its run
	for n, a := range all {
		if a.old < 0 {
			continue
		}
		at := sort.Search(len(tops), func(t int) bool { return all[tops[t]].old > a.old })
		before[n] = -1
		if at > 0 {
			before[n] = tops[at-1]
		}
		if at == len(tops) {
			tops = append(tops, n)
		} else {
			tops[at] = n
		}
	}
	run := make([]anchor, len(tops))
	for at, n := len(tops)-1, last(tops); at >= 0; at, n = at-1, before[n] {
		run[at] = all[n]
	}
	return run
}

func last(tops []int) int {
	if len(tops) == 0 {
		return -1
	}
	return tops[len(tops)-1]
}
