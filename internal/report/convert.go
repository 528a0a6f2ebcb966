package report

import (
	"github.com/assay-dev/assay/internal/check"
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

func fromFinding(set *source.Set, f *check.Finding) Finding {
	g := Finding{
		ID: f.ID, Check: f.Check, Symbol: f.Symbol,
		Level: f.Level, Confidence: f.Confidence,
		Message: f.Message, CWE: f.CWE,
		Place: PlaceOf(set, f.Span),
		Frame: frameOf(set, f.Span),
	}
	for _, s := range f.Path {
		g.Evidence = append(g.Evidence, stepOf(set, s))
	}
	return g
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
