package page

import (
	"regexp"
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/clipperhouse/displaywidth"

	"github.com/assay-dev/assay/internal/source"
)

const (
	pathIndent   = "  " // of a file's name above its code
	codeIndent   = "    "
	defaultWidth = 80
	widest       = 100 // longer lines of prose read badly
)

// Render returns the page as text for a terminal of some width; 0 takes 80.
func (p *Page) Render(width int, color bool) string {
	if width <= 0 {
		width = defaultWidth
	}
	r := renderer{width: min(width, widest), color: color}
	for i := 0; i < len(p.text); {
		i = r.step(p.text, i)
	}
	r.flush()
	return strings.TrimRight(r.out.String(), "\n") + "\n"
}

type renderer struct {
	out       strings.Builder
	width     int
	color     bool
	paragraph []string // its lines, not yet written
}

// item matches the start of a list's item.
var item = regexp.MustCompile(`^(\s*)([-*+]|\d+[.)])\s+`)

// step renders what starts at line i and returns the line after it.
func (r *renderer) step(lines []string, i int) int {
	line := source.Printable(lines[i])
	if level, text, ok := headingOf(line); ok {
		r.flush()
		r.line(r.heading(level, text))
		return i + 1
	}
	if fence, info, ok := fenceOf(line); ok {
		r.flush()
		if _, path, named := strings.Cut(info, " "); named {
			r.line(pathIndent + path)
		}
		return r.code(lines, i+1, fence)
	}
	switch {
	case strings.TrimSpace(line) == "":
		r.flush()
		r.line("")
	case strings.HasPrefix(strings.TrimSpace(line), "|"), strings.HasPrefix(line, codeIndent) && len(r.paragraph) == 0:
		r.flush()
		r.line(line)
	case item.MatchString(line):
		r.flush()
		r.paragraph = []string{line}
	default:
		r.paragraph = append(r.paragraph, line)
	}
	return i + 1
}

// line writes a line; blank lines do not pile up.
func (r *renderer) line(s string) {
	s = strings.TrimRight(s, " \t")
	if s == "" && (r.out.Len() == 0 || strings.HasSuffix(r.out.String(), "\n\n")) {
		return
	}
	r.out.WriteString(s + "\n")
}

func (r *renderer) heading(level int, text string) string {
	text = plain(text)
	if !r.color {
		if level == 1 {
			return text + "\n" + strings.Repeat("=", displaywidth.String(text))
		}
		return text + "\n" + strings.Repeat("-", displaywidth.String(text))
	}
	style := lipgloss.NewStyle().Bold(true)
	if level == 1 {
		style = style.Foreground(lipgloss.Magenta)
	}
	return style.Render(text)
}

// code writes the lines up to the closing fence, indented.
func (r *renderer) code(lines []string, i int, fence string) int {
	for ; i < len(lines) && !closes(lines[i], fence); i++ {
		text := strings.ReplaceAll(source.Printable(lines[i]), "\t", codeIndent)
		if r.color && strings.TrimSpace(text) != "" {
			text = lipgloss.NewStyle().Foreground(lipgloss.Cyan).Render(text)
		}
		r.line(codeIndent + text)
	}
	return i + 1
}

// flush writes the paragraph, its lines broken anew.
func (r *renderer) flush() {
	if len(r.paragraph) == 0 {
		return
	}
	first := r.paragraph[0]
	head := item.FindString(first)
	r.paragraph[0] = first[len(head):]
	text := strings.Join(strings.Fields(strings.Join(r.paragraph, " ")), " ")
	r.paragraph = nil
	indent := strings.Repeat(" ", displaywidth.String(head))
	for i, line := range r.wrap(text, r.width-len(indent)) {
		if i == 0 {
			r.line(head + line)
			continue
		}
		r.line(indent + line)
	}
}

// wrap breaks a paragraph at spaces and gives each word its look.
func (r *renderer) wrap(text string, width int) []string {
	var lines []string
	var line strings.Builder
	x := 0
	for _, w := range words(text) {
		size := displaywidth.String(w.plain())
		if x > 0 && x+1+size > width {
			lines = append(lines, line.String())
			line.Reset()
			x = 0
		}
		if x > 0 {
			line.WriteString(" ")
			x++
		}
		for _, s := range w {
			line.WriteString(r.look(s))
		}
		x += size
	}
	return append(lines, line.String())
}

// word is what no line break may cut: pieces without a space between them.
type word []span

func (w word) plain() string {
	var b strings.Builder
	for _, s := range w {
		b.WriteString(s.text)
	}
	return b.String()
}

func words(text string) []word {
	var out []word
	open := false // whether the last word goes on
	for _, s := range spans(text) {
		for i, piece := range strings.Split(s.text, " ") {
			if i > 0 {
				open = false
			}
			if piece == "" {
				continue
			}
			if !open {
				out = append(out, nil)
			}
			n := len(out) - 1
			out[n] = append(out[n], span{s.look, piece})
			open = true
		}
	}
	return out
}

func (r *renderer) look(s span) string {
	if !r.color {
		return s.text
	}
	switch s.look {
	case asCode:
		return lipgloss.NewStyle().Foreground(lipgloss.Cyan).Render(s.text)
	case asStrong:
		return lipgloss.NewStyle().Bold(true).Render(s.text)
	case asEmphasis:
		return lipgloss.NewStyle().Italic(true).Render(s.text)
	case asProse:
	}
	return s.text
}
