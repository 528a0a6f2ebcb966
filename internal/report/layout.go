package report

import (
	"strings"
	"unicode/utf8"

	"github.com/clipperhouse/displaywidth"
)

const (
	tabWidth = 4
	ellipsis = "…"
	// Of a line with more bytes than this only the part around the place is
	// laid out: minified files have lines of megabytes.
	longLine = 4096
)

// cell is one character as a terminal shows it.
type cell struct {
	text  string
	x     int // the terminal column it starts at
	width int
	at    int // the code point it starts at
	end   int // the code point after it
}

// cells lays out a source line; its first code point has the index at.
func cells(line string, at int) []cell {
	var cs []cell
	x := 0
	add := func(raw, text string) {
		c := cell{text: text, x: x, width: displaywidth.String(text), at: at, end: at + utf8.RuneCountInString(raw)}
		x, at = x+c.width, c.end
		cs = append(cs, c)
	}
	for i, piece := range strings.Split(line, "\t") {
		if i > 0 {
			add("\t", strings.Repeat(" ", tabWidth-x%tabWidth))
		}
		for g := displaywidth.StringGraphemes(piece); g.Next(); {
			add(g.Value(), Clean(g.Value()))
		}
	}
	return cs
}

// clip cuts a very long line to the part around a code point, and returns the
// index of the first code point left and whether the end is cut off.
func clip(line string, from int) (part string, at int, more bool) {
	if len(line) <= longLine {
		return line, 0, false
	}
	off := offset(line, from)
	lo, hi := max(0, off-longLine/4), min(len(line), off+longLine)
	for lo > 0 && !utf8.RuneStart(line[lo]) {
		lo--
	}
	for hi < len(line) && !utf8.RuneStart(line[hi]) {
		hi++
	}
	return line[lo:hi], utf8.RuneCountInString(line[:lo]), hi < len(line)
}

// offset returns the byte offset of a code point, or the length of the line.
func offset(line string, codePoint int) int {
	for i := range line {
		if codePoint <= 0 {
			return i
		}
		codePoint--
	}
	return len(line)
}

// row is a source line as it is shown, and which columns of it are underlined.
type row struct {
	text       string
	mark, size int
}

// layout shows a source line in at most width columns such that the code points
// [from, to) are in view. An empty range is shown one column wide.
func layout(line string, from, to, width int) row {
	part, at, more := clip(line, from)
	cs := cells(strings.TrimRight(part, " \t\r"), at)
	a, b := columns(cs, from, to)
	lo, hi := window(total(cs), a, b, width)
	if at > 0 && lo == 0 {
		lo = 1
	}
	var r row
	var text strings.Builder
	x := 0
	if lo > 0 {
		text.WriteString(ellipsis)
		x, r.mark = 1, 1
	}
	for _, c := range cs {
		switch {
		case c.x < lo || c.x+c.width > hi:
			continue
		case c.x+c.width <= a:
			r.mark = x + c.width
		case c.x < b:
			r.size += c.width
		}
		text.WriteString(c.text)
		x += c.width
	}
	if more || hi < total(cs) {
		text.WriteString(ellipsis)
	}
	r.text = text.String()
	r.size = max(r.size, 1)
	return r
}

func total(cs []cell) int {
	if len(cs) == 0 {
		return 0
	}
	last := cs[len(cs)-1]
	return last.x + last.width
}

// columns turns code points into terminal columns.
func columns(cs []cell, from, to int) (a, b int) {
	a = total(cs)
	for _, c := range cs {
		if c.end > from {
			a = min(a, c.x)
		}
		if c.at < to {
			b = c.x + c.width
		}
	}
	return a, max(a, b)
}

// window chooses which of total columns are shown, the range [a, b) among them
// or at least its start; a column at either end is for the ellipsis.
func window(total, a, b, width int) (lo, hi int) {
	switch {
	case total <= width:
		return 0, total
	case b < width:
		return 0, width - 1
	}
	lo = a - width/4
	switch {
	case lo <= 1: // the ellipsis would take the place of what it stands for
		return 0, width - 1
	case total-lo < width-1:
		return min(a, total-width+1), total
	}
	return lo, lo + width - 2
}

// wrap breaks text at spaces into lines of at most width columns, the first
// one shorter by what stands before it. A width of 0 never breaks.
func wrap(text string, width, before int) []string {
	words := strings.Fields(text)
	if width <= 0 || len(words) == 0 {
		return []string{strings.Join(words, " ")}
	}
	lines, line, x := []string(nil), "", before
	for _, word := range words {
		w := displaywidth.String(word)
		if line != "" && x+1+w > width {
			lines, line, x = append(lines, line), "", 0
		}
		if line != "" {
			line, x = line+" ", x+1
		}
		line, x = line+word, x+w
	}
	return append(lines, line)
}

// pad fills text up to width columns.
func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-displaywidth.String(text)))
}
