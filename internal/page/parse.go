package page

import (
	"errors"
	"fmt"
	"path"
	"strings"
	"unicode"
)

// languages are those that a code block may be in, and the path of a block that
// names none. A block in a language without a path is only shown, unless it
// names one.
var languages = map[string]string{
	"elixir":  "lib/example.ex",
	"heex":    "lib/example.html.heex",
	"eex":     "lib/example.html.eex",
	"sql":     "priv/repo/structure.sql",
	"toml":    ".assay.toml",
	"csv":     ".assay/table-sizes.csv",
	"json":    "",
	"console": "",
	"text":    "",
}

// Error is a mistake in a page.
type Error struct {
	Page string
	Line int // 0 for the page as a whole
	Text string
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return e.Page + ": " + e.Text
	}
	return fmt.Sprintf("%s:%d: %s", e.Page, e.Line, e.Text)
}

// Parse reads a page. The errors are *Error, joined: all that is wrong with it.
func Parse(name, text string) (*Page, error) {
	r := &reader{page: &Page{Name: name}}
	r.lines = strings.Split(strings.TrimRight(strings.ReplaceAll(text, "\r\n", "\n"), "\n"), "\n")
	for r.next < len(r.lines) {
		r.step()
	}
	r.judge()
	if err := errors.Join(r.errs...); err != nil {
		return nil, err
	}
	return r.page, nil
}

type reader struct {
	page  *Page
	lines []string
	next  int // the line to read, from 0
	above []heading
	errs  []error
}

type heading struct {
	level int
	kind  Kind
}

// fail notes a mistake on a line counted from 1.
func (r *reader) fail(line int, format string, args ...any) {
	r.errs = append(r.errs, &Error{Page: r.page.Name, Line: line, Text: fmt.Sprintf(format, args...)})
}

// step reads a heading, a code block or a line of prose.
func (r *reader) step() {
	line := r.lines[r.next]
	if level, text, ok := headingOf(line); ok {
		r.next++
		r.heading(level, text)
		return
	}
	if fence, info, ok := fenceOf(line); ok {
		r.block(fence, info)
		return
	}
	r.next++
	r.keep(line)
}

// keep adds a line to the section and to the page.
func (r *reader) keep(line string) {
	r.page.text = append(r.page.text, line)
	if n := len(r.page.Sections); n > 0 {
		s := &r.page.Sections[n-1]
		s.Text += line + "\n"
		return
	}
	if r.page.Title != "" {
		r.page.What += line + "\n"
	}
}

func (r *reader) heading(level int, text string) {
	r.page.text = append(r.page.text, r.lines[r.next-1])
	if r.page.Title == "" {
		if level != 1 {
			r.fail(r.next, "the first heading is the title: it takes one #")
		}
		r.page.Title = text
		return
	}
	for n := len(r.above); n > 0 && r.above[n-1].level >= level; n-- {
		r.above = r.above[:n-1]
	}
	kind := kindOf(text)
	if n := len(r.above); kind == Other && n > 0 {
		kind = r.above[n-1].kind
	}
	r.above = append(r.above, heading{level, kind})
	r.page.Sections = append(r.page.Sections, Section{Level: level, Heading: text})
	r.page.Examples = append(r.page.Examples, Example{Heading: text, Kind: kind, Line: r.next})
}

// headingOf reads `## Text`.
func headingOf(line string) (level int, text string, ok bool) {
	rest := strings.TrimLeft(line, "#")
	level = len(line) - len(rest)
	if level == 0 || level > 6 || !strings.HasPrefix(rest, " ") {
		return 0, "", false
	}
	return level, strings.TrimSpace(rest), true
}

// kindOf reads the first word of a heading.
func kindOf(text string) Kind {
	word, _, _ := strings.Cut(strings.ToLower(text)+" ", " ")
	switch strings.TrimFunc(word, func(r rune) bool { return !unicode.IsLetter(r) }) {
	case "bad":
		return Bad
	case "fixed":
		return Fixed
	case "good":
		return Good
	}
	return Other
}

// fenceOf reads "```elixir lib/a.ex".
func fenceOf(line string) (fence, info string, ok bool) {
	for _, c := range []string{"`", "~"} {
		rest := strings.TrimLeft(line, c)
		if n := len(line) - len(rest); n >= 3 {
			return line[:n], strings.TrimSpace(rest), true
		}
	}
	return "", "", false
}

// block reads a code block, the opening fence at r.next.
func (r *reader) block(fence, info string) {
	open := r.next
	end := open + 1
	for end < len(r.lines) && !closes(r.lines[end], fence) {
		end++
	}
	if end == len(r.lines) {
		r.fail(open+1, "this code block has no end")
	}
	var c code
	for i := open + 1; i < end; i++ {
		r.code(&c, i)
	}
	r.next = min(end+1, len(r.lines))
	r.keep(r.lines[open])
	for _, line := range c.lines {
		r.keep(line)
	}
	r.keep(fence)
	r.file(open, info, &c)
}

func closes(line, fence string) bool {
	trimmed := strings.TrimRight(line, " \t")
	return strings.HasPrefix(trimmed, fence) && strings.Trim(trimmed, fence[:1]) == ""
}

// code is the inside of a code block, its marks taken out.
type code struct {
	lines []string
	at    []int // the lines of the page they stand on
	wants []Want
	later []string // of marks that stand alone, for the line below
}

// code reads line i of the page.
func (r *reader) code(c *code, i int) {
	line, texts, ok := marksOf(r.lines[i])
	if !ok {
		r.fail(i+1, "this mark of an expected finding is not `# want: text` at the end of a line")
	}
	if len(texts) > 0 && strings.TrimSpace(line) == "" {
		c.later = append(c.later, texts...)
		return
	}
	c.lines, c.at = append(c.lines, line), append(c.at, i+1)
	for _, text := range append(c.later, texts...) {
		c.wants = append(c.wants, Want{Line: len(c.lines), Text: text})
	}
	c.later = nil
}

func (r *reader) file(open int, info string, c *code) {
	if len(c.later) > 0 {
		r.fail(open+1, "the mark at the end of this block has no line below it")
	}
	language, p, _ := strings.Cut(info, " ")
	p = strings.TrimSpace(p)
	usual, known := languages[language]
	switch {
	case language == "":
		r.fail(open+1, "this code block names no language")
		return
	case !known:
		r.fail(open+1, "unknown language %q of a code block", language)
		return
	case p == "" && usual == "":
		if len(c.wants) > 0 {
			r.fail(open+1, "a %s block without a path is no file, so nothing is found in it", language)
		}
		return
	case p == "":
		p = usual
	}
	r.add(open, File{Path: p, Text: strings.Join(append(c.lines, ""), "\n"), Wants: c.wants, Line: open + 2, lines: c.at})
}

// add puts a file into the example of the last heading.
func (r *reader) add(open int, f File) {
	if f.Path != path.Clean(f.Path) || path.IsAbs(f.Path) || strings.HasPrefix(f.Path, "..") || strings.ContainsAny(f.Path, "\\ \t") {
		r.fail(open+1, "the path %q is not one below the project's root", f.Path)
		return
	}
	n := len(r.page.Examples)
	if n == 0 {
		r.fail(open+1, "a code block with a file stands under a heading, such as ## Bad")
		return
	}
	e := &r.page.Examples[n-1]
	for _, g := range e.Files {
		if g.Path == f.Path {
			r.fail(open+1, "two blocks under %q are %s: name the path after the language", e.Heading, f.Path)
		}
	}
	if len(f.Wants) > 0 && (e.Kind == Good || e.Kind == Fixed) {
		r.fail(open+2, "a finding is expected under %q, where there is none", e.Heading)
	}
	e.Files = append(e.Files, f)
}

// judge settles what only the whole page can tell.
func (r *reader) judge() {
	p := r.page
	var examples []Example
	for _, e := range p.Examples {
		if len(e.Files) > 0 {
			examples = append(examples, e)
		}
	}
	p.Examples = examples
	p.What, _, _ = strings.Cut(strings.TrimSpace(p.What), "\n\n")
	for i := range p.Sections {
		p.Sections[i].Text = strings.Trim(p.Sections[i].Text, "\n")
	}
	if p.Title == "" {
		r.fail(0, "the page has no title: it starts with `# name`")
	} else if p.What == "" {
		r.fail(0, "no paragraph below the title says what this is")
	}
	for i := range examples {
		r.judgeBad(examples, i)
	}
}

// judgeBad wants a finding in each Bad example, and a Fixed one below it.
// Several Bad examples may share the Fixed one.
func (r *reader) judgeBad(examples []Example, i int) {
	e := &examples[i]
	if e.Kind != Bad {
		return
	}
	wants := 0
	for _, f := range e.Files {
		wants += len(f.Wants)
	}
	if wants == 0 {
		r.fail(e.Line, "no finding is expected under %q: mark the line with `# want: text`", e.Heading)
	}
	for _, later := range examples[i+1:] {
		if later.Kind == Fixed {
			return
		}
	}
	r.fail(e.Line, "no Fixed example follows %q", e.Heading)
}
