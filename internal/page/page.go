// Package page reads the Markdown page of a check or a model. One text is the
// documentation, what `assay explain` prints, and the test: the code blocks
// under one heading are the files of one small project, and a comment in them
// marks each line that a finding is expected on.
//
//	# query-in-loop
//
//	A query runs once for each element of a collection.
//
//	## Bad
//
//	```elixir lib/shop/orders.ex
//	Enum.map(orders, fn o -> Repo.get(User, o.user_id) end) # want: runs once for each
//	```
//
//	## Fixed
//	…
//
// Under "Bad" something is found, under "Fixed" and "Good" nothing is. Other
// headings with code blocks may have it either way.
package page

import "strings"

// Page is one page.
type Page struct {
	Name     string    // the name it was read under
	Title    string    // the text of its first heading
	What     string    // its first paragraph, in Markdown
	Sections []Section // by heading, in order; what stands before the second heading is What alone
	Examples []Example // one for each heading with files, in order

	text []string // the lines without the marks of expected findings
}

// Section is a heading and the text below it, up to the next heading.
type Section struct {
	Level   int
	Heading string
	Text    string // Markdown, without the marks of expected findings
}

// Kind says what an example is for.
type Kind uint8

// The kinds. An example's heading begins with the word, or stands below one
// that does: "Bad", "Bad: through a helper".
const (
	Other Kind = iota
	Bad        // something is found
	Fixed      // what becomes of the Bad example above it; nothing is found
	Good       // nothing is found
)

func (k Kind) String() string { return [...]string{"other", "bad", "fixed", "good"}[k] }

// Example is a small project.
type Example struct {
	Heading string
	Kind    Kind
	Line    int // of the heading
	Files   []File
}

// File is one code block.
type File struct {
	Path  string
	Text  string // without the marks of expected findings
	Wants []Want
	Line  int // of the page, at which Text starts

	lines []int // of the page, by line of Text
}

// PageLine returns the line of the page that a line of the file stands on. The
// two differ by more than Line where a mark had a line of its own.
func (f *File) PageLine(line int) int {
	if line < 1 || line > len(f.lines) {
		return f.Line + line - 1
	}
	return f.lines[line-1]
}

// Want is an expected finding.
type Want struct {
	Line int    // of the file, from 1
	Text string // what its message or its check's name must contain
}

// Markdown returns the page without the marks of expected findings.
func (p *Page) Markdown() string { return strings.Join(p.text, "\n") + "\n" }

// Summary returns the first sentence of the page as plain text.
func (p *Page) Summary() string { return firstSentence(plain(p.What)) }

// firstSentence cuts at the first stop that a space and a capital follow.
func firstSentence(s string) string {
	for i := 0; i+2 < len(s); i++ {
		if strings.IndexByte(".!?", s[i]) >= 0 && s[i+1] == ' ' && !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz", rune(s[i+2])) {
			return s[:i+1]
		}
	}
	return s
}

// plain takes the marks of emphasis, code and links from inline Markdown.
func plain(s string) string {
	var b strings.Builder
	for _, sp := range spans(strings.Join(strings.Fields(s), " ")) {
		b.WriteString(sp.text)
	}
	return b.String()
}
