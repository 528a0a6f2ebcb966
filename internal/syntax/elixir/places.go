package elixir

import (
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/assay-dev/assay/internal/syntax"
	"github.com/rivo/uniseg"
)

// places turns offsets into Elixir's lines and columns, which count code points
// outside and grapheme clusters inside quoted text.
type places struct {
	t     *syntax.Tree
	ascii bool
	wide  []wideRun // in source order
	chars []int32   // where a line end is a character: `?` and a line end
}

// A wideRun is a piece of quoted text on one line that has more code points
// than columns.
type wideRun struct {
	end   int32
	extra int
}

func newPlaces(t *syntax.Tree) *places {
	p := &places{t: t}
	for id := range t.Nodes {
		if n := &t.Nodes[id]; n.Kind == Char && t.File.Text[n.End-1] == '\n' {
			p.chars = append(p.chars, n.End-1)
		}
	}
	if p.ascii = asciiOnly(t.File.Text); p.ascii {
		return p
	}
	for id := range t.Nodes {
		if n := &t.Nodes[id]; n.Kind == Text {
			p.addWide(n.Start, n.End)
		}
	}
	return p
}

// addWide notes the lines of a quoted text that have clusters of several code
// points.
func (p *places) addWide(start, end int32) {
	for start < end {
		line := p.t.File.Text[start:end]
		if n := strings.IndexByte(line, '\n'); n >= 0 {
			line = line[:n+1]
		}
		start += int32(len(line))
		if extra := utf8.RuneCountInString(line) - columns(line); extra > 0 {
			p.wide = append(p.wide, wideRun{start, extra})
		}
	}
}

// columns counts as Elixir's string scanner does: a code point up to 255 with
// another such after it is one column, else a grapheme cluster is one.
func columns(s string) int {
	n := 0
	for s != "" {
		r, size := utf8.DecodeRuneInString(s)
		next, _ := utf8.DecodeRuneInString(s[size:])
		if r > 255 || next > 255 {
			if cluster, _, _, _ := uniseg.FirstGraphemeClusterInString(s, -1); len(cluster) > size {
				size = len(cluster)
			}
		}
		s = s[size:]
		n++
	}
	return n
}

func (p *places) at(off int32) (line, col int) {
	f := p.t.File
	line = f.Line(off)
	start := f.LineStart(line)
	// Elixir 1.18 goes on counting columns after a `?` and a line end.
	for i := len(p.chars) - 1; i >= 0; i-- {
		if p.chars[i] < off {
			line--
		}
		if p.chars[i] == start-1 {
			start = f.LineStart(f.Line(p.chars[i]))
		}
	}
	if p.ascii {
		return line, int(off-start) + 1
	}
	col = 1 + utf8.RuneCountInString(f.Text[start:off])
	i := sort.Search(len(p.wide), func(i int) bool { return p.wide[i].end > start })
	for ; i < len(p.wide) && p.wide[i].end <= off; i++ {
		col -= p.wide[i].extra
	}
	return line, col
}

// A gap is what stands between two tokens.
type gap struct {
	next  int32 // where the next token begins
	lines int   // line ends since the last comment
	eol   int32 // the first line end or comment, -1 if there is no line end
}

// gapAt reads blanks, line ends and comments from off on.
func gapAt(src string, off int32) gap {
	g := gap{eol: -1}
	comment := int32(-1)
	i := int(off)
	for i < len(src) {
		switch c := src[i]; {
		case c == ' ' || c == '\t':
			i++
		case c == '\n' || c == '\r' && i+1 < len(src) && src[i+1] == '\n':
			if g.eol < 0 {
				g.eol = int32(i)
				if comment >= 0 {
					g.eol = comment
				}
			}
			if c == '\r' {
				i++
			}
			i++
			g.lines++
		case c == '#':
			if comment < 0 {
				comment = int32(i)
			}
			if g.eol >= 0 {
				g.lines = 0
			}
			i = lineEnd(src, i)
			if i > 0 && src[i-1] == '\r' && i < len(src) {
				i--
			}
		case c == '\\' && joined(src[i:]) > 0:
			i += joined(src[i:])
		default:
			g.next = int32(i)
			return g
		}
	}
	g.next = int32(i)
	return g
}

// linesAfter counts the line ends after a comma, semicolon or the like, which
// comments do not reset.
func linesAfter(src string, off int32) int {
	n := 0
	for i := int(off); i < len(src); {
		switch c := src[i]; {
		case c == '\n':
			n++
			i++
		case c == ' ' || c == '\t' || c == '\r':
			i++
		case c == '#':
			i = lineEnd(src, i)
		case c == '\\' && joined(src[i:]) > 0:
			i += joined(src[i:])
		default:
			return n
		}
	}
	return n
}
