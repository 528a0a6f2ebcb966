package report

import (
	"io"

	"github.com/assay-dev/assay/internal/check"
)

type rdResult struct {
	Source      rdSource       `json:"source"`
	Diagnostics []rdDiagnostic `json:"diagnostics"`
}

type rdSource struct {
	Name string `json:"name"`
}

type rdDiagnostic struct {
	Message  string      `json:"message"`
	Location rdLocation  `json:"location"`
	Severity string      `json:"severity"`
	Code     rdCode      `json:"code"`
	Related  []rdRelated `json:"related_locations,omitempty"`
}

type rdCode struct {
	Value string `json:"value"`
}

type rdRelated struct {
	Message  string     `json:"message"`
	Location rdLocation `json:"location"`
}

type rdLocation struct {
	Path  string   `json:"path"`
	Range *rdRange `json:"range,omitempty"`
}

type rdRange struct {
	Start rdPosition `json:"start"`
	End   rdPosition `json:"end"`
}

// rdPosition counts columns in bytes, unlike everything else here. A column
// whose line is not at hand is left out: then the line alone is meant.
type rdPosition struct {
	Line   int `json:"line"`
	Column int `json:"column,omitempty"`
}

// writeRDJSON writes reviewdog's diagnostic format:
// https://github.com/reviewdog/reviewdog/tree/master/proto/rdf
func writeRDJSON(w io.Writer, r *Report, _ Options) error {
	out := rdResult{Source: rdSource{Name: "assay"}, Diagnostics: make([]rdDiagnostic, 0, len(r.Findings))}
	for i := range r.Findings {
		out.Diagnostics = append(out.Diagnostics, diagnosticOf(&r.Findings[i]))
	}
	return encode(w, out)
}

func diagnosticOf(f *Finding) rdDiagnostic {
	d := rdDiagnostic{
		Message: f.Message, Severity: rdSeverity(f.Level), Code: rdCode{Value: f.Check},
		Location: rdLocationOf(f.Place, f.line),
	}
	for i := range f.Evidence {
		s := &f.Evidence[i]
		if s.Path == "" {
			continue
		}
		text := func(n int) (string, bool) { return s.Text, n == s.Line }
		d.Related = append(d.Related, rdRelated{Message: s.Note, Location: rdLocationOf(s.Place, text)})
	}
	return d
}

func rdLocationOf(p Place, text func(int) (string, bool)) rdLocation {
	if p.Line == 0 {
		return rdLocation{Path: p.Path}
	}
	r := rdRange{
		Start: rdPosition{Line: p.Line, Column: byteColumn(p.Line, p.Column, text)},
		End:   rdPosition{Line: p.EndLine, Column: byteColumn(p.EndLine, p.EndColumn, text)},
	}
	if r.Start.Column == 0 || r.End.Column == 0 {
		r.Start.Column, r.End.Column = 0, 0
	}
	return rdLocation{Path: p.Path, Range: &r}
}

func byteColumn(line, column int, text func(int) (string, bool)) int {
	s, ok := text(line)
	if !ok {
		return 0
	}
	return 1 + offset(s, column-1)
}

func rdSeverity(l check.Level) string {
	switch l {
	case check.Error:
		return "ERROR"
	case check.Warning:
		return "WARNING"
	case check.Info, check.Hint:
	}
	return "INFO"
}
