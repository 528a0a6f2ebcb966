package report

import (
	"strings"
	"unicode/utf8"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/source"
)

// A frame shows one line before the place and one after, and of a place with
// more than maxShown lines only the first and the last.
const (
	around   = 1
	maxShown = 3
)

// FromFindings gives findings the places and the source lines they are shown
// with. The order stays.
func FromFindings(set *source.Set, fs []check.Finding) []Finding {
	out := make([]Finding, len(fs))
	for i := range fs {
		out[i] = fromFinding(set, &fs[i])
	}
	return out
}

// FixOf gives a fix the places that it changes.
func FixOf(set *source.Set, f *fix.Fix) Fix {
	out := Fix{Title: f.Title, Safety: f.Safety.String(), Proof: f.Proof.String(), Notes: f.Notes}
	for _, e := range f.Edits {
		if file := set.Named(e.Path); file != nil {
			place := PlaceOf(set, source.Span{File: file.ID, Start: int32(e.Start), End: int32(e.End)})
			out.Parts = append(out.Parts, Part{Place: place, Text: e.Text, Reason: e.Reason})
		}
	}
	for _, n := range f.Files {
		out.Parts = append(out.Parts, Part{Place: Place{Path: n.Path}, Text: n.Text, Reason: n.Reason})
	}
	return out
}

func fromFinding(set *source.Set, f *check.Finding) Finding {
	g := Finding{
		ID: f.ID, Check: f.Check, Symbol: f.Symbol,
		Level: f.Level, Confidence: f.Confidence,
		Message: f.Message, CWE: f.CWE,
		Place: PlaceOf(set, f.Span),
	}
	if f.Secret {
		g.Frame = hiddenFrame(set, f.Span)
	} else {
		g.Frame = frameOf(set, f.Span)
	}
	for _, s := range f.Path {
		step := stepOf(set, s)
		if f.Secret && s.Span.File == f.Span.File {
			step.Text = hidden(fileOf(set, f.Span), step.Line, f.Span)
		}
		g.Evidence = append(g.Evidence, step)
	}
	return g
}

// hiddenFrame is the frame of a secret: its own lines without it. The lines
// around stay out, for they may hold the rest of it.
func hiddenFrame(set *source.Set, s source.Span) []Line {
	frame := frameOf(set, s)
	file := fileOf(set, s)
	own := frame[:0]
	for _, l := range frame {
		if l.Number >= file.Line(s.Start) && l.Number <= file.Line(s.End) {
			own = append(own, Line{Number: l.Number, Text: hidden(file, l.Number, s)})
		}
	}
	return own
}

// hidden is the text of a line with a star for each character of a span.
func hidden(file *source.File, line int, s source.Span) string {
	if file == nil {
		return ""
	}
	text, start := file.LineText(line), file.LineStart(line)
	from := max(0, min(int(s.Start-start), len(text)))
	to := max(from, min(int(s.End-start), len(text)))
	return text[:from] + strings.Repeat("*", utf8.RuneCountInString(text[from:to])) + text[to:]
}

func stepOf(set *source.Set, s check.Step) Step {
	step := Step{Place: PlaceOf(set, s.Span), Note: s.Note}
	if file := fileOf(set, s.Span); file != nil {
		step.Text = file.LineText(step.Line)
	}
	return step
}

// PlaceOf returns the place of a span. A span of no file has none.
func PlaceOf(set *source.Set, s source.Span) Place {
	file := fileOf(set, s)
	if file == nil {
		return Place{}
	}
	from, to := file.Pos(s.Start), file.Pos(max(s.Start, s.End))
	return Place{Path: file.Path, Line: from.Line, Column: from.Column, EndLine: to.Line, EndColumn: to.Column}
}

func fileOf(set *source.Set, s source.Span) *source.File {
	if s.File < 0 || int(s.File) >= len(set.Files) {
		return nil
	}
	return set.File(s.File)
}

func frameOf(set *source.Set, s source.Span) []Line {
	file := fileOf(set, s)
	if file == nil {
		return nil
	}
	first, last := file.Line(s.Start), file.Line(max(s.Start, s.End))
	var frame []Line
	for n := max(1, first-around); n <= min(file.Lines(), last+around); n++ {
		if n > first && n < last && last-first >= maxShown {
			n = last
		}
		frame = append(frame, Line{Number: n, Text: file.LineText(n)})
	}
	return frame
}
