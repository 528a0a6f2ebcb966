package engine

import (
	"slices"
	"sort"
	"strings"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
	"github.com/assay-dev/assay/internal/syntax"
	"github.com/assay-dev/assay/internal/syntax/elixir"
)

// allow is one comment `# assay:allow CHECK reason`. It covers the findings of
// its check that start on line, and those inside body.
type allow struct {
	check string
	span  source.Span // the comment
	line  int         // its own line, or the next line of code
	body  source.Span // a function below it, else empty
	fault string      // why it is no valid suppression, or empty
}

// covers reports whether f is what a allows.
func (a *allow) covers(f *check.Finding, file *source.File) bool {
	return a.fault == "" && (a.check == f.Check || a.check == f.Formerly) && a.span.File == f.Span.File &&
		(a.line == file.Line(f.Span.Start) || a.body.Len() > 0 && a.body.Contains(f.Span))
}

// allows reads the suppressions of one file.
func allows(t *syntax.Tree, heads map[int32]source.Span, known []string) []allow {
	var out []allow
	for _, c := range t.Comments {
		order, ok := orderIn(t, c)
		if !ok {
			continue
		}
		a := allow{span: source.Span{File: t.File.ID, Start: c.Start, End: c.End}}
		a.check, a.fault = readAllow(order, known)
		a.line, a.body = reach(t, c, heads)
		out = append(out, a)
	}
	return out
}

// orderIn is what stands behind `# assay:` in a comment. The word is also one of
// laboratories: `# assay: the name of the test` is prose.
func orderIn(t *syntax.Tree, c syntax.Range) (string, bool) {
	text := strings.TrimLeft(t.File.Text[c.Start:c.End], "# \t")
	order, ok := strings.CutPrefix(strings.TrimSpace(text), "assay:")
	trimmed := strings.TrimLeft(order, " \t")
	return trimmed, ok && (trimmed == order || trimmed == "allow" || strings.HasPrefix(trimmed, "allow "))
}

// mentions reports whether a comment of a file speaks to Assay.
func mentions(t *syntax.Tree) bool {
	return slices.ContainsFunc(t.Comments, func(c syntax.Range) bool {
		_, ok := orderIn(t, c)
		return ok
	})
}

// readAllow reads what follows `assay:` in a comment.
func readAllow(order string, known []string) (name, fault string) {
	word, rest, _ := strings.Cut(order, " ")
	if word != "allow" {
		return "", "`assay:" + word + "` is no comment that Assay knows. Write `# assay:allow CHECK reason`."
	}
	name, reason, _ := strings.Cut(strings.TrimSpace(rest), " ")
	switch {
	case name == "":
		return "", "This comment names no check. Write `# assay:allow CHECK reason`."
	case !slices.Contains(known, name):
		return name, "There is no check `" + name + "`" + DidYouMean(name, known)
	case strings.TrimSpace(reason) == "":
		return name, "The reason is missing. Write `# assay:allow " + name + "` and why this is right here."
	}
	return name, ""
}

// reach says what a comment stands for: its own line when code stands before
// it, else the next line that is not a comment, and the function that begins
// there (what describes the function may stand between).
func reach(t *syntax.Tree, c syntax.Range, heads map[int32]source.Span) (line int, body source.Span) {
	line = t.File.Line(c.Start)
	if strings.TrimSpace(t.File.Text[t.File.LineStart(line):c.Start]) != "" {
		return line, source.Span{}
	}
	for line++; line <= t.File.Lines() && strings.HasPrefix(strings.TrimSpace(t.File.LineText(line)), "#"); {
		line++
	}
	n := sort.Search(len(t.Nodes), func(i int) bool { return t.Nodes[i].Start >= c.End })
	for n < len(t.Nodes) && describes(t, syntax.NodeID(n)) {
		n += int(t.Nodes[n].Size)
	}
	if n < len(t.Nodes) {
		body = heads[t.Nodes[n].Start]
	}
	return line, body
}

// describes reports whether a node is an attribute about the function below it,
// such as `@doc "..."`.
func describes(t *syntax.Tree, id syntax.NodeID) bool {
	if n := t.Node(id); n.Kind != elixir.Unary || n.Op != elixir.OpAt {
		return false
	}
	name := strings.TrimLeft(t.Text(id), "@ ")
	for _, word := range [...]string{"doc", "spec", "impl", "deprecated", "dialyzer"} {
		if rest, ok := strings.CutPrefix(name, word); ok && (rest == "" || rest[0] == ' ' || rest[0] == '(') {
			return true
		}
	}
	return false
}

// headsOf maps where each clause of the program begins, by file, to what a
// comment above it covers: the whole function above its first clause, else the
// clause.
func headsOf(p *ir.Program) map[source.FileID]map[int32]source.Span {
	out := map[source.FileID]map[int32]source.Span{}
	if p == nil {
		return out
	}
	for _, f := range p.Funcs {
		for i, c := range f.Clauses {
			span := c.Span
			if i == 0 {
				span.End = max(span.End, f.Span.End)
			}
			if out[span.File] == nil {
				out[span.File] = map[int32]source.Span{}
			}
			out[span.File][c.Span.Start] = span
		}
	}
	return out
}

// suppress takes out the findings that a comment allows and tells those about
// the comments themselves. ran tells whether a check did its work in a file, so
// that a comment for it can be called unused.
func (s *Snapshot) suppress(findings []check.Finding, ran func(name string, in source.FileID) bool) (kept, complaints []check.Finding, hidden int) {
	used := make([]bool, len(s.allows))
	for _, f := range findings {
		if f.Span.File >= 0 && s.allowed(&f, used) {
			hidden++
			continue
		}
		kept = append(kept, f)
	}
	for i := range s.allows {
		if f, bad := s.allows[i].complaint(used[i], ran); bad {
			f.Symbol = s.symbolAt(f.Span)
			complaints = append(complaints, f)
		}
	}
	return kept, complaints, hidden
}

// allowed reports whether a comment covers f, and marks those that do.
func (s *Snapshot) allowed(f *check.Finding, used []bool) bool {
	hit := false
	for i := range s.allows {
		if s.allows[i].covers(f, s.Files.File(f.Span.File)) {
			used[i], hit = true, true
		}
	}
	return hit
}

// complaint is the finding about the comment itself, if there is one.
func (a *allow) complaint(used bool, ran func(name string, in source.FileID) bool) (check.Finding, bool) {
	f := check.Finding{Span: a.span}
	switch {
	case a.fault != "":
		f.Check, f.Level, f.Anchor, f.Message = BadSuppression, check.Error, a.check, a.fault
	case !used && ran(a.check, a.span.File):
		f.Check, f.Level, f.Anchor = UnusedSuppression, check.Warning, a.check
		f.Message = "Nothing here is reported as `" + a.check + "` any more. Delete this comment."
	default:
		return f, false
	}
	return f, true
}

// symbolAt names the function around a place, or nothing.
func (s *Snapshot) symbolAt(at source.Span) string {
	if s.Program == nil {
		return ""
	}
	if f := s.Program.FuncAt(at); f != nil {
		return s.Program.Symbol(f.ID)
	}
	return ""
}
