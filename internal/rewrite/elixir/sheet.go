package elixir

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/syntax"
	syn "github.com/assay-dev/assay/internal/syntax/elixir"
)

var (
	errLines = errors.New("other code stands on the same lines")
	errWide  = errors.New("lines would become too long")
	errTail  = errors.New("what it gives is not the answer of the function, so that the failure cannot be returned there")
)

// sheet is a file whose statements are rewritten line by line.
type sheet struct {
	*doc
	edits    []fix.Edit
	expanded []syntax.NodeID // the sections whose clauses stand on lines of their own now
	// through lets a function that is the last argument of a call give what the call
	// gives: what answers a request in it is the answer.
	through bool
	// question is what a person has to decide about what was written, or "".
	question string
}

// ask makes a fix one that is only shown where it leaves a question.
func (s *sheet) ask(f *fix.Fix) {
	if s.question != "" {
		f.Safety = fix.Shown
		f.Notes = append(f.Notes, s.question)
	}
}

func (w *Writer) sheet(c *ir.Code) (*sheet, error) {
	t := w.Trees[c.File.ID]
	if t == nil || len(t.Errors) > 0 {
		return nil, errPlace
	}
	return &sheet{doc: w.doc(c.File)}, nil
}

// done are the edits in order; what is put in front of a place that is replaced
// becomes one edit with that.
func (s *sheet) done() []fix.Edit {
	slices.SortStableFunc(s.edits, func(a, b fix.Edit) int { return cmp.Or(a.Start-b.Start, a.End-b.End) })
	var out []fix.Edit
	for _, e := range s.edits {
		if n := len(out); n > 0 && out[n-1].Start == e.Start && out[n-1].End == e.Start {
			out[n-1].Text += e.Text
			out[n-1].End = e.End
			out[n-1].Reason = cmp.Or(out[n-1].Reason, e.Reason)
			continue
		}
		out = append(out, e)
	}
	return out
}

func (s *sheet) put(start, end int32, text, reason string) {
	s.edits = append(s.edits, s.edit(start, end, text, reason))
}

// exact is the outermost expression or clause with a place, or None.
func (s *sheet) exact(start, end int32) syntax.NodeID {
	for i := range s.Nodes {
		if n := &s.Nodes[i]; n.Start == start && n.End == end && n.Kind != syn.Program && n.Kind != syn.Body && n.Kind != syn.Head {
			return syntax.NodeID(i)
		}
	}
	return syntax.None
}

// place is the sheet of an expression's file and the node of the expression. It fails
// with errPlace when no node has exactly its text.
func (w *Writer) place(c *ir.Code, x ir.ExprID) (*sheet, syntax.NodeID, error) {
	s, err := w.sheet(c)
	if err != nil {
		return nil, syntax.None, err
	}
	e := c.At(x)
	id := s.exact(e.Start, e.End)
	if id == syntax.None {
		return nil, id, errPlace
	}
	return s, id, nil
}

// statement is the node of an expression, which must stand alone on its lines, in
// a block of statements.
func (s *sheet) statement(c *ir.Code, x ir.ExprID) (syntax.NodeID, error) {
	e := c.At(x)
	id := s.exact(e.Start, e.End)
	if id == syntax.None {
		return id, errPlace
	}
	id = s.piped(id)
	switch p := s.Node(s.Node(id).Parent); {
	case p.Kind == syn.Section && p.Flags&syn.FlagClauses == 0, p.Kind == syn.Body:
	default:
		return id, errLines
	}
	if !s.ownLines(id) {
		return id, errLines
	}
	return id, nil
}

// piped is a call with all that is piped into it.
func (s *sheet) piped(id syntax.NodeID) syntax.NodeID {
	for {
		p := s.Node(id).Parent
		if p == syntax.None || s.Node(p).Kind != syn.Binary || s.Node(p).Op != syn.OpArrowPipe || s.Next(id) != syntax.None {
			return id
		}
		id = p
	}
}

// ownLines reports whether nothing else stands on the lines of a node.
func (s *sheet) ownLines(id syntax.NodeID) bool {
	n := s.Node(id)
	before := s.text[s.lineStart(n.Start):n.Start]
	after := s.text[n.End:s.lineEnd(n.End)]
	return strings.Trim(before, " ") == "" && strings.TrimSpace(after) == ""
}

// column is by how many spaces the line of a place is indented.
func (s *sheet) column(at int32) int { return len(s.indent(at)) }

func (s *sheet) siblings(id syntax.NodeID) (before, after []syntax.NodeID) {
	list := s.Children(s.Node(id).Parent, nil)
	for i, c := range list {
		if c == id {
			return list[:i], list[i+1:]
		}
	}
	return nil, nil
}

// tail reports whether what a statement gives, or else those behind it, is what the
// function gives.
func (s *sheet) tail(id syntax.NodeID) bool {
	for {
		var owner syntax.NodeID
		p := s.Node(id).Parent
		if p == syntax.None {
			return false
		}
		switch n := s.Node(p); n.Kind {
		case syn.Section:
			owner = s.Node(n.Parent).Parent
			word, call := s.construct(owner)
			switch {
			case !call:
				return false
			case word == "def" || word == "defp":
				return n.Op == syn.SectionDo
			case n.Op != syn.SectionDo && n.Op != syn.SectionElse, !branches(word):
				return false
			}
		case syn.Body:
			section := s.Node(s.Node(p).Parent).Parent
			if s.Node(section).Kind == syn.Fn && s.through && s.Next(section) == syntax.None && s.Node(s.Node(section).Parent).Kind == syn.Call {
				owner = s.Node(section).Parent
				break
			}
			if s.Node(section).Kind != syn.Section {
				return false
			}
			owner = s.Node(s.Node(section).Parent).Parent
			if word, call := s.construct(owner); !call || !branches(word) {
				return false
			}
		case syn.Binary:
			if n.Op != syn.OpArrowPipe || s.Next(id) != syntax.None {
				return false
			}
			id = p
			continue
		default:
			return false
		}
		if s.Next(owner) != syntax.None && s.Node(s.Node(owner).Parent).Kind != syn.Binary {
			return false
		}
		id = owner
	}
}

// construct is the word that a call with a block begins with.
func (s *sheet) construct(id syntax.NodeID) (string, bool) {
	if id == syntax.None {
		return "", false
	}
	v, ok := syn.AsCall(s.Tree, id)
	if !ok || v.Receiver() != syntax.None {
		return "", false
	}
	return v.Name(), true
}

// branches reports whether a construct gives what one of its branches gives.
func branches(word string) bool {
	switch word {
	case "if", "unless", "case", "cond", "with":
		return true
	}
	return false
}

// raw reports whether a line begins inside of a string whose text is as written.
func (s *sheet) raw(at int32) bool {
	for i := range s.Nodes {
		n := &s.Nodes[i]
		switch n.Kind {
		case syn.String, syn.Charlist, syn.Sigil, syn.QAtom:
			if n.Start < at && at < n.End && n.Flags&syn.FlagHeredoc == 0 {
				return true
			}
		}
	}
	return false
}

// moved is the text of whole lines, or of lines from a place on, indented by more
// or fewer spaces. The first line is not touched if it begins inside of a line.
func (s *sheet) moved(start, end int32, by int) (string, error) {
	var b strings.Builder
	for at := start; at < end; {
		to := min(s.nextLine(at), end)
		line := s.text[at:to]
		whole := at == s.lineStart(at)
		at = to
		if !whole || strings.TrimSpace(line) == "" || s.raw(to-int32(len(line))) {
			b.WriteString(line)
			continue
		}
		was := s.wide(line)
		switch {
		case by >= 0:
			line = strings.Repeat(" ", by) + line
		case strings.HasPrefix(line, strings.Repeat(" ", -by)):
			line = line[-by:]
		default:
			return "", errPlace
		}
		if s.wide(line) && !was && !strings.HasPrefix(strings.TrimSpace(line), "#") {
			return "", errWide
		}
		b.WriteString(line)
	}
	return b.String(), nil
}

// wide reports whether the formatter would break a line.
func (s *sheet) wide(line string) bool { return !s.fits(strings.TrimRight(line, "\r\n")) }

// top is where the lines of a statement begin, with the comments right above it.
func (s *sheet) top(id syntax.NodeID) int32 {
	at := s.lineStart(s.Node(id).Start)
	for at > 0 {
		above := s.lineStart(at - 1)
		if !strings.HasPrefix(strings.TrimSpace(s.text[above:at]), "#") {
			break
		}
		at = above
	}
	return at
}

// above puts an empty line in front of a statement that takes several lines now.
func (s *sheet) above(id syntax.NodeID) {
	if before := s.previous(id); before != syntax.None {
		s.edits = append(s.edits, s.blank(s.Node(before).End, s.Node(id).Start)...)
	}
}
