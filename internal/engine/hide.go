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

// hidden are the lines of the secrets that were found: a text is looked through once, however
// many they are.
type hidden struct {
	lines map[string]bool
	// lengths are how long the lines are that begin with so many bytes, the longest first.
	lengths map[string][]int
}

// Hide puts the first characters of each secret that was found in place of it,
// wherever it stands in a text that is shown. Secrets that overlap are hidden as one.
func (s *Snapshot) Hide(text string) string {
	h := s.secrets()
	var out strings.Builder
	shown := 0
	for i := 0; i < len(text); {
		n := h.at(text, i)
		if n == 0 {
			i++
			continue
		}
		end := i + n
		for k := i + 1; k < end; k++ {
			end = max(end, k+h.at(text, k))
		}
		out.WriteString(text[shown:i])
		out.WriteString(firstRunes(text[i:end], 4))
		out.WriteString("…")
		i, shown = end, end
	}
	out.WriteString(text[shown:])
	return out.String()
}

func firstRunes(text string, n int) string {
	for i := range text {
		if n == 0 {
			return text[:i]
		}
		n--
	}
	return text
}

// Reveals reports whether a fix has a secret in what it writes.
func (s *Snapshot) Reveals(f *fix.Fix) bool {
	h := s.secrets()
	return slices.ContainsFunc(f.Edits, func(e fix.Edit) bool { return h.in(e.Text) }) ||
		slices.ContainsFunc(f.Files, func(n fix.File) bool { return h.in(n.Text) })
}

// at is how long the longest secret is that a text holds at an offset, in bytes; 0 where none begins.
func (h *hidden) at(text string, i int) int {
	if len(text)-i < shortest {
		return 0
	}
	for _, n := range h.lengths[text[i:i+shortest]] {
		if n <= len(text)-i && h.lines[text[i:i+n]] {
			return n
		}
	}
	return 0
}

func (h *hidden) in(text string) bool {
	if len(h.lines) == 0 {
		return false
	}
	for i := range len(text) {
		if h.at(text, i) > 0 {
			return true
		}
	}
	return false
}

// secrets are the lines of the secrets that were found.
func (s *Snapshot) secrets() *hidden {
	s.hideOnce.Do(func() {
		h := &s.hidden
		h.lines, h.lengths = map[string]bool{}, map[string][]int{}
		for i := range s.Findings {
			f := &s.Findings[i]
			if !f.Secret || f.Span.File < 0 {
				continue
			}
			for line := range strings.Lines(s.secret(f)) {
				if line = strings.Trim(line, " \t\r\n\"'"); utf8.RuneCountInString(line) >= shortest && strings.Trim(line, "-") != "" {
					h.lines[line] = true
				}
			}
		}
		for line := range h.lines {
			first := line[:shortest]
			if !slices.Contains(h.lengths[first], len(line)) {
				h.lengths[first] = append(h.lengths[first], len(line))
			}
		}
		for _, l := range h.lengths {
			slices.SortFunc(l, func(a, b int) int { return b - a })
		}
	})
	return &s.hidden
}

// secret is the text of a secret: of a private key what stands between its marks.
func (s *Snapshot) secret(f *check.Finding) string {
	text := s.Files.File(f.Span.File).Text
	if marked := text[f.Span.Start:f.Span.End]; !strings.HasPrefix(marked, "-----BEGIN") {
		return marked
	}
	body, _, _ := strings.Cut(text[f.Span.End:], "-----")
	return body
}
