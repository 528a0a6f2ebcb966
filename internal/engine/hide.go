package engine

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/fix"
)

// shortest is how long a line of a secret is that is hidden: what is shorter stands
// in other places too.
const shortest = 8

// Hide puts the first characters of each secret that was found in place of it,
// wherever it stands in a text that is shown.
func (s *Snapshot) Hide(text string) string {
	for _, line := range s.secrets() {
		if strings.Contains(text, line) {
			text = strings.ReplaceAll(text, line, string([]rune(line)[:4])+"…")
		}
	}
	return text
}

// Reveals reports whether a fix has a secret in what it writes.
func (s *Snapshot) Reveals(f *fix.Fix) bool {
	for _, line := range s.secrets() {
		if slices.ContainsFunc(f.Edits, func(e fix.Edit) bool { return strings.Contains(e.Text, line) }) ||
			slices.ContainsFunc(f.Files, func(n fix.File) bool { return strings.Contains(n.Text, line) }) {
			return true
		}
	}
	return false
}

// secrets are the lines of the secrets that were found, the longest first.
func (s *Snapshot) secrets() []string {
	var out []string
	for i := range s.Findings {
		if f := &s.Findings[i]; f.Secret && f.Span.File >= 0 {
			for line := range strings.Lines(s.secret(f)) {
				if line = strings.Trim(line, " \t\r\n\"'"); utf8.RuneCountInString(line) >= shortest && strings.Trim(line, "-") != "" {
					out = append(out, line)
				}
			}
		}
	}
	slices.SortFunc(out, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	return slices.Compact(out)
}

// secret is the text of a secret: of a private key what stands between its marks.
func (s *Snapshot) secret(f *check.Finding) string {
	text := s.Files.File(f.Span.File).Text
	if marked := text[f.Span.Start:f.Span.End]; !strings.HasPrefix(marked, "-----BEGIN") {
		return marked
	}
	body, _, _ := strings.Cut(text[f.Span.End:], "-----END")
	return body
}
