package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/assay-dev/assay/internal/check"
)

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name    string        `xml:"name,attr"`
	Class   string        `xml:"classname,attr"`
	Failure *junitFailure `xml:"failure"`
	Out     string        `xml:"system-out,omitempty"`
}

type junitFailure struct {
	Type    string `xml:"type,attr"`
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// writeJUnit makes a suite of each check and a case of each finding; a check
// without findings is one case that passes. Errors and warnings fail; the lower
// levels are output of a case that passes.
func writeJUnit(w io.Writer, r *Report, _ Options) error {
	out := junitSuites{Name: "assay"}
	for _, c := range r.checks() {
		s := suiteOf(c.Name, r)
		out.Tests += s.Tests
		out.Failures += s.Failures
		out.Suites = append(out.Suites, s)
	}
	text, err := xml.MarshalIndent(out, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s%s\n", xml.Header, escape(text, xmlEscape))
	return err
}

func suiteOf(name string, r *Report) junitSuite {
	s := junitSuite{Name: name}
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Check != name {
			continue
		}
		c := caseOf(f)
		if c.Failure != nil {
			s.Failures++
		}
		s.Cases = append(s.Cases, c)
	}
	if len(s.Cases) == 0 {
		s.Cases = []junitCase{{Name: "no findings", Class: name}}
	}
	s.Tests = len(s.Cases)
	return s
}

func caseOf(f *Finding) junitCase {
	c := junitCase{Name: nameOf(f), Class: f.Check}
	if f.Level > check.Warning {
		c.Out = f.Message + "\n" + junitEvidence(f)
		return c
	}
	c.Failure = &junitFailure{Type: LevelName(f.Level), Message: f.Message, Text: junitEvidence(f)}
	return c
}

// nameOf is where a finding is. Test histories go by name, so it holds no more
// than people need.
func nameOf(f *Finding) string {
	place := "the project"
	if f.Path != "" {
		place = fmt.Sprintf("%s:%d", f.Path, f.Line)
	}
	if f.Symbol != "" {
		return place + " " + f.Symbol
	}
	return place
}

func junitEvidence(f *Finding) string {
	var b strings.Builder
	for i, s := range f.Evidence {
		fmt.Fprintf(&b, "%d. ", i+1)
		if s.Path != "" {
			fmt.Fprintf(&b, "%s:%d:%d: ", s.Path, s.Line, s.Column)
		}
		b.WriteString(s.Note + "\n")
	}
	return b.String()
}

func xmlEscape(b []byte, r rune) []byte { return fmt.Appendf(b, "&#x%X;", r) }
