package report

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/assay-dev/assay/internal/check"
)

// formatVersion is raised when a reader of the JSON format would have to
// change. A new field is not such a change.
const formatVersion = 1

//go:embed schema/assay.schema.json
var schema string

// Schema returns the JSON Schema of the JSON format.
func Schema() string { return schema }

type jsonReport struct {
	Version  int           `json:"version"`
	Findings []jsonFinding `json:"findings"`
	Summary  jsonSummary   `json:"summary"`
}

type jsonFinding struct {
	ID         string     `json:"id"`
	Check      string     `json:"check"`
	Symbol     string     `json:"symbol"`
	Level      string     `json:"level"`
	Confidence string     `json:"confidence"`
	Message    string     `json:"message"`
	Path       string     `json:"path"`
	Line       int        `json:"line"`
	Column     int        `json:"column"`
	EndLine    int        `json:"endLine"`
	EndColumn  int        `json:"endColumn"`
	Evidence   []jsonStep `json:"evidence"`
	Fixes      []jsonFix  `json:"fixes"`
	CWE        string     `json:"cwe"`
}

type jsonStep struct {
	Path   string `json:"path"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
	Note   string `json:"note"`
}

type jsonFix struct {
	Title  string     `json:"title"`
	Safety string     `json:"safety"`
	Proof  string     `json:"proof"`
	Edits  []jsonEdit `json:"edits"`
	Files  []jsonFile `json:"files"`
	Notes  []string   `json:"notes"`
}

type jsonEdit struct {
	Path      string `json:"path"`
	Line      int    `json:"line"`
	Column    int    `json:"column"`
	EndLine   int    `json:"endLine"`
	EndColumn int    `json:"endColumn"`
	Text      string `json:"text"`
	Reason    string `json:"reason"`
}

type jsonFile struct {
	Path   string `json:"path"`
	Text   string `json:"text"`
	Reason string `json:"reason"`
}

type jsonSummary struct {
	Findings   int         `json:"findings"`
	Error      int         `json:"error"`
	Warning    int         `json:"warning"`
	Info       int         `json:"info"`
	Hint       int         `json:"hint"`
	Checks     []jsonCount `json:"checks"`
	Files      int         `json:"files"`
	Lines      int         `json:"lines"`
	Suppressed int         `json:"suppressed"`
	Baselined  int         `json:"baselined"`
	Older      int         `json:"older"`
	Notes      []jsonNote  `json:"notes"`
}

type jsonCount struct {
	Check    string `json:"check"`
	Findings int    `json:"findings"`
}

type jsonNote struct {
	Path   string `json:"path"`
	Reason string `json:"reason"`
}

// writeJSON leaves the time taken out, so that equal findings give equal bytes.
func writeJSON(w io.Writer, r *Report, _ Options) error {
	out := jsonReport{Version: formatVersion, Findings: make([]jsonFinding, 0, len(r.Findings)), Summary: jsonSummaryOf(r)}
	for i := range r.Findings {
		out.Findings = append(out.Findings, jsonFindingOf(&r.Findings[i]))
	}
	return encode(w, out)
}

func jsonFindingOf(f *Finding) jsonFinding {
	out := jsonFinding{
		ID: f.ID, Check: f.Check, Symbol: f.Symbol, Level: LevelName(f.Level), Confidence: ConfidenceName(f.Confidence),
		Message: f.Message, Path: f.Path, Line: f.Line, Column: f.Column, EndLine: f.EndLine, EndColumn: f.EndColumn,
		Evidence: make([]jsonStep, 0, len(f.Evidence)), Fixes: make([]jsonFix, 0, len(f.Fixes)), CWE: f.CWE,
	}
	for _, s := range f.Evidence {
		out.Evidence = append(out.Evidence, jsonStep{Path: s.Path, Line: s.Line, Column: s.Column, Note: s.Note})
	}
	for i := range f.Fixes {
		out.Fixes = append(out.Fixes, jsonFixOf(&f.Fixes[i]))
	}
	return out
}

func jsonFixOf(f *Fix) jsonFix {
	out := jsonFix{
		Title: f.Title, Safety: f.Safety, Proof: f.Proof, Edits: []jsonEdit{}, Files: []jsonFile{}, Notes: append([]string{}, f.Notes...),
	}
	for i := range f.Parts {
		p := &f.Parts[i]
		if p.New() {
			out.Files = append(out.Files, jsonFile{p.Path, p.Text, p.Reason})
			continue
		}
		out.Edits = append(out.Edits, jsonEdit{p.Path, p.Line, p.Column, p.EndLine, p.EndColumn, p.Text, p.Reason})
	}
	return out
}

func jsonSummaryOf(r *Report) jsonSummary {
	s := r.Summary()
	out := jsonSummary{
		Findings: s.Total(), Error: s.Tally[check.Error], Warning: s.Tally[check.Warning], Info: s.Tally[check.Info], Hint: s.Tally[check.Hint],
		Checks: make([]jsonCount, 0, len(s.Checks)), Notes: make([]jsonNote, 0, len(r.Notes)),
		Files: r.Stats.Files, Lines: r.Stats.Lines, Suppressed: r.Stats.Suppressed, Baselined: r.Stats.Baselined, Older: r.Stats.Older,
	}
	for i := range s.Checks {
		out.Checks = append(out.Checks, jsonCount{Check: s.Checks[i].Check, Findings: s.Checks[i].Total()})
	}
	for _, n := range r.Notes {
		out.Notes = append(out.Notes, jsonNote(n))
	}
	return out
}

// encode writes a value as JSON for people and machines: indented, one line
// end, and nothing in it that a terminal would obey.
func encode(w io.Writer, v any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return err
	}
	_, err := w.Write(escape(b.Bytes(), jsonEscape))
	return err
}

func jsonEscape(b []byte, r rune) []byte {
	if r > 0xffff {
		high, low := utf16.EncodeRune(r)
		return fmt.Appendf(b, `\u%04x\u%04x`, high, low)
	}
	return fmt.Appendf(b, `\u%04x`, r)
}

// escape replaces the characters that Clean would not leave as they are, except
// line ends, by their escapes in a format. The formats that it is for have such
// characters only where an escape may stand.
func escape(text []byte, as func([]byte, rune) []byte) []byte {
	out := make([]byte, 0, len(text))
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		switch {
		case r < utf8.RuneSelf && r != 0x7f:
			out = append(out, text[0])
		case Clean(string(r)) != string(r):
			out = as(out, r)
		default:
			out = append(out, text[:size]...)
		}
		text = text[size:]
	}
	return slices.Clip(out)
}
