package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"charm.land/lipgloss/v2"
	"github.com/assay-dev/assay/internal/check"
	"github.com/clipperhouse/displaywidth"
)

const (
	pipeWidth  = 120 // of source lines where there is no terminal
	leastWidth = 40  // below it, lines are left to the terminal to break
)

// style is how one part of the text looks.
type style func(string) string

// styles are the looks of the text; without colour all of them are plain.
type styles struct {
	path, name, faint, number style
	level                     [check.Hint + 1]style
}

func newStyles(color bool) styles {
	if !color {
		plain := func(s string) string { return s }
		return styles{plain, plain, plain, plain, [check.Hint + 1]style{plain, plain, plain, plain}}
	}
	ink := lipgloss.NewStyle
	look := func(s lipgloss.Style) style { return func(text string) string { return s.Render(text) } }
	return styles{
		path:   look(ink().Bold(true).Foreground(lipgloss.Magenta)),
		name:   look(ink().Bold(true)),
		faint:  look(ink().Faint(true)),
		number: look(ink().Foreground(lipgloss.Cyan)),
		level: [check.Hint + 1]style{
			check.Error:   look(ink().Bold(true).Foreground(lipgloss.Red)),
			check.Warning: look(ink().Bold(true).Foreground(lipgloss.Yellow)),
			check.Info:    look(ink().Bold(true).Foreground(lipgloss.Blue)),
			check.Hint:    look(ink().Bold(true).Foreground(lipgloss.Cyan)),
		},
	}
}

// printer writes a report for people.
type printer struct {
	*bufio.Writer
	styles
	wrap  int // width of prose; 0 leaves it whole
	width int // width of source lines
}

func writeText(w io.Writer, r *Report, o Options) error {
	p := &printer{Writer: bufio.NewWriter(w), styles: newStyles(o.Color), wrap: o.Width, width: o.Width}
	if o.Width < leastWidth {
		p.wrap, p.width = 0, pipeWidth
	}
	for i, fs := 0, worstFirst(r.Findings); i < len(fs); i++ {
		if i == 0 || fs[i].Path != fs[i-1].Path {
			p.header(fs[i].Path)
		}
		p.finding(fs[i])
	}
	p.notes(r)
	p.summary(r)
	return p.Flush()
}

// worstFirst keeps the findings of a file together, and puts the files with the
// gravest findings first.
func worstFirst(fs []Finding) []*Finding {
	out, worst := make([]*Finding, len(fs)), map[string]check.Level{}
	for i := range fs {
		out[i] = &fs[i]
		if level, ok := worst[fs[i].Path]; !ok || fs[i].Level < level {
			worst[fs[i].Path] = fs[i].Level
		}
	}
	slices.SortStableFunc(out, func(a, b *Finding) int { return cmp.Compare(worst[a.Path], worst[b.Path]) })
	return out
}

func (p *printer) line(format string, args ...any) {
	fmt.Fprintf(p, format+"\n", args...)
}

func (p *printer) header(path string) {
	if path == "" {
		path = "The project"
	}
	p.line("%s\n", p.path(flat(path)))
}

func (p *printer) finding(f *Finding) {
	p.headline(f)
	gutter := p.frame(f)
	in := strings.Repeat(" ", gutter+1)
	if about := aboutOf(f); about != "" {
		p.line("%s%s", in, p.faint(about))
	}
	for i := range f.Evidence {
		p.step(in, i+1, &f.Evidence[i], seen(f, i))
	}
	for _, fix := range f.Fixes {
		p.prose(in, p.name("fix: "), "", flat(fix.Title)+" ("+flat(fix.Safety)+", "+flat(fix.Proof)+")")
	}
	p.line("")
}

func (p *printer) headline(f *Finding) {
	level := min(f.Level, check.Hint)
	place, word, name := "", LevelName(level), flat(f.Check)
	if f.Path != "" {
		place = fmt.Sprintf("%d:%d  ", f.Line, f.Column)
	}
	const in = "  "
	text := wrap(flat(f.Message), p.wrapWithin(len(in)+2), displaywidth.String(place+word+": "+name)-2)
	p.line("%s%s%s %s: %s", in, place, p.level[level](word), p.name(name), text[0])
	for _, line := range text[1:] {
		p.line("%s  %s", in, line)
	}
}

// wrapWithin is the width left for prose that is indented.
func (p *printer) wrapWithin(indent int) int {
	if p.wrap == 0 {
		return 0
	}
	return max(leastWidth/2, p.wrap-indent)
}

// frame shows the source around a finding, and returns how wide the column of
// line numbers is.
func (p *printer) frame(f *Finding) int {
	lines := trimBlank(f)
	if len(lines) == 0 {
		return 3
	}
	gutter := 4 + len(strconv.Itoa(lines[len(lines)-1].Number))
	for i, l := range lines {
		if i > 0 && l.Number > lines[i-1].Number+1 {
			p.line("%s", p.faint(strings.Repeat(" ", gutter-2)+ellipsis))
		}
		p.source(f, l, gutter)
	}
	return gutter
}

// trimBlank leaves out blank lines at the ends of a frame, outside the place.
func trimBlank(f *Finding) []Line {
	lines := f.Frame
	for len(lines) > 0 && lines[0].Number < f.Line && strings.TrimSpace(lines[0].Text) == "" {
		lines = lines[1:]
	}
	for n := len(lines) - 1; n >= 0 && lines[n].Number > f.EndLine && strings.TrimSpace(lines[n].Text) == ""; n-- {
		lines = lines[:n]
	}
	return lines
}

// source shows one line of a frame, underlined where the place covers it.
func (p *printer) source(f *Finding, l Line, gutter int) {
	from, to := covered(f, l)
	r := layout(l.Text, from, to, max(leastWidth/2, p.width-gutter-2))
	p.line("%s", strings.TrimRight(p.faint(fmt.Sprintf("%*d │", gutter-1, l.Number))+" "+r.text, " "))
	if from < to {
		p.line("%s %s%s", p.faint(strings.Repeat(" ", gutter)+"│"),
			strings.Repeat(" ", r.mark), p.level[min(f.Level, check.Hint)](strings.Repeat("^", r.size)))
	}
}

// covered returns the code points of a line that the place covers, from 0. An
// empty place covers one.
func covered(f *Finding, l Line) (from, to int) {
	indent := len(l.Text) - len(strings.TrimLeft(l.Text, " \t"))
	size := len([]rune(strings.TrimRight(l.Text, " \t\r")))
	switch {
	case l.Number < f.Line || l.Number > f.EndLine:
		return 0, 0
	case f.Line == f.EndLine:
		return f.Column - 1, max(f.Column, f.EndColumn-1)
	case l.Number == f.Line:
		return f.Column - 1, max(f.Column, size)
	case l.Number == f.EndLine:
		size = f.EndColumn - 1
	}
	return indent, max(indent, size)
}

func aboutOf(f *Finding) string {
	var about []string
	if f.Symbol != "" {
		about = append(about, "in "+flat(f.Symbol))
	}
	if f.CWE != "" {
		about = append(about, flat(f.CWE))
	}
	return strings.Join(about, ", ")
}

func (p *printer) step(in string, n int, s *Step, seen bool) {
	number := strconv.Itoa(n) + ". "
	place := ""
	if s.Path != "" {
		place = fmt.Sprintf("%s:%d:%d: ", flat(s.Path), s.Line, s.Column)
	}
	p.prose(in, p.number(number), place, flat(s.Note))
	text := strings.TrimLeft(s.Text, " \t")
	if seen || strings.TrimSpace(text) == "" {
		return
	}
	from := s.Column - 1 - (len(s.Text) - len(text))
	to := from + 1
	if s.Line == s.EndLine {
		to += s.EndColumn - 1 - s.Column
	}
	inner := in + strings.Repeat(" ", len(number))
	r := layout(text, max(0, from), max(0, to), max(leastWidth/2, p.width-len(inner)-2))
	p.line("%s%s %s", inner, p.faint("│"), r.text)
}

// seen reports whether the line of step i is in view already.
func seen(f *Finding, i int) bool {
	s := &f.Evidence[i]
	if i > 0 && s.Path == f.Evidence[i-1].Path && s.Line == f.Evidence[i-1].Line {
		return true
	}
	_, shown := f.line(s.Line)
	return shown && s.Path == f.Path
}

// prose writes text behind a mark and a lead that no line break may cut; its
// further lines are indented to the lead.
func (p *printer) prose(in, mark, lead, text string) {
	before := lipgloss.Width(in + mark)
	for i, line := range wrap(text, p.wrapWithin(before), displaywidth.String(lead)) {
		if i == 0 {
			p.line("%s%s%s%s", in, mark, lead, line)
			continue
		}
		p.line("%s%s", strings.Repeat(" ", before), line)
	}
}

func (p *printer) notes(r *Report) {
	for _, n := range r.Notes {
		lead := ""
		if n.Path != "" {
			lead = flat(n.Path) + ": "
		}
		p.prose("", p.name("note: "), lead, flat(n.Reason))
	}
	if len(r.Notes) > 0 {
		p.line("")
	}
}

func (p *printer) summary(r *Report) {
	s := r.Summary()
	p.table(s.Checks)
	if left := leftOut(&r.Stats); left != "" {
		p.line("%s", left)
	}
	files, took := plural(r.Stats.Files, "file"), r.Stats.Elapsed
	if s.Total() == 0 {
		p.line("No findings in %s (%s).", files, seconds(took, 1))
		return
	}
	p.line("%s (%s) in %s, %s, %s", p.name(plural(s.Total(), "finding")), s.levels(),
		files, plural(r.Stats.Lines, "line"), seconds(took, 2))
}

// table shows the findings by check, one check a line, the gravest first.
func (p *printer) table(checks []CheckTally) {
	checks = slices.Clone(checks)
	slices.SortStableFunc(checks, func(a, b CheckTally) int { return slices.Compare(b.Tally[:], a.Tally[:]) })
	names, counts := 0, 0
	for i := range checks {
		names = max(names, displaywidth.String(flat(checks[i].Check)))
		counts = max(counts, len(thousands(checks[i].Total())))
	}
	for i := range checks {
		c := &checks[i]
		p.line("  %*s  %s  %s", counts, thousands(c.Total()), p.name(pad(flat(c.Check), names)), c.levels())
	}
	if len(checks) > 0 {
		p.line("")
	}
}

// levels says how many findings there are at each level that has some.
func (t *Tally) levels() string {
	var parts []string
	for level, n := range t {
		if n == 0 {
			continue
		}
		part := plural(n, LevelName(check.Level(level)))
		if check.Level(level) == check.Info {
			part = thousands(n) + " info" // has no plural
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}

func leftOut(s *Stats) string {
	var parts []string
	if s.Suppressed > 0 {
		parts = append(parts, thousands(s.Suppressed)+" allowed by comments")
	}
	if s.Baselined > 0 {
		parts = append(parts, thousands(s.Baselined)+" in the baseline")
	}
	if s.Older > 0 {
		parts = append(parts, thousands(s.Older)+" that were there before")
	}
	if len(parts) == 0 {
		return ""
	}
	return "Not shown: " + strings.Join(parts, ", ") + "."
}

func seconds(d time.Duration, digits int) string {
	return strconv.FormatFloat(d.Seconds(), 'f', digits, 64) + " s"
}

func plural(n int, word string) string {
	if n != 1 {
		word += "s"
	}
	return thousands(n) + " " + word
}

// thousands writes 188997 as 188,997.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// flat makes text safe for one line, where tabs would spoil the columns.
func flat(s string) string { return strings.ReplaceAll(Clean(s), "\t", " ") }
