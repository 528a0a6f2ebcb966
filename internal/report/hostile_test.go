package report

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/source"
)

// evil commands terminals, turns text around, closes and opens what formats are
// made of, and is not UTF-8.
const evil = "\x1b]0;pwned\x07\x1b[2J\u009b31m\u202egnp.exe\u2066\x00\x7f\xff\r\n::error::x\n]]><a b='\"&%0A<!--\u2028\ufeff\U000E0041,:"

// hostile is a report in which the project decides every text.
func hostile() *Report {
	place := Place{Path: "lib/" + evil + ".ex", Line: 1, Column: 3, EndLine: 1, EndColumn: 9}
	line := strings.ReplaceAll(evil, "\n", " ")
	return &Report{
		Version: "0.1.0", Root: "/tmp/" + evil,
		Findings: []Finding{{
			ID: "1" + evil, Check: "query-in-loop", Level: check.Error, Symbol: evil, Message: evil, Place: place,
			Evidence: []Step{{Place: place, Note: evil, Text: line}, {Place: Place{Path: evil, Line: 2, Column: 1, EndLine: 3, EndColumn: 1}, Note: evil, Text: line}},
			Fixes:    []Fix{{Title: evil, Safety: "safe", Proof: "checked"}},
			Frame:    []Line{{1, line}, {2, "\x1b[31m"}},
		}, {
			ID: "2", Check: "query-in-loop", Level: check.Hint, Message: evil, Place: place, Evidence: []Step{{Note: evil}},
		}},
		Notes:  []source.Note{{Path: evil, Reason: evil}},
		Checks: []CheckInfo{{Name: "query-in-loop", Title: evil, Help: evil}},
		Stats:  Stats{Files: 1, Lines: 1},
	}
}

// No format lets a character through that a terminal obeys or that hides text.
func TestNothingReachesTheTerminal(t *testing.T) {
	for _, format := range Formats() {
		out := written(t, format, hostile(), Options{Width: 80})
		if !utf8.ValidString(out) {
			t.Errorf("%s is not UTF-8", format)
		}
		for _, r := range out {
			if r != '\n' && (unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Cf, r) || r == '\u2028') {
				t.Errorf("%s lets %U through", format, r)
			}
		}
	}
}

// One finding is one line, and nothing in it starts a command or a property.
func TestGitHubIsNotInjected(t *testing.T) {
	out := written(t, "github", hostile(), Options{})
	lines := strings.Split(strings.TrimRight(out, "\n"), "\n")
	if len(lines) != 2 {
		t.Fatalf("%d lines:\n%s", len(lines), out)
	}
	properties, _, _ := strings.Cut(strings.TrimPrefix(lines[0], "::error "), "::")
	var names []string
	for _, p := range strings.Split(properties, ",") {
		name, _, _ := strings.Cut(p, "=")
		names = append(names, name)
	}
	if got := strings.Join(names, " "); got != "file line endLine col endColumn title" {
		t.Errorf("%s in %s", got, lines[0])
	}
}

// What goes into JSON comes out of it, but for bytes that are not UTF-8.
func TestJSONKeepsText(t *testing.T) {
	var out jsonReport
	if err := json.Unmarshal([]byte(written(t, "json", hostile(), Options{})), &out); err != nil {
		t.Fatal(err)
	}
	if want := strings.ToValidUTF8(evil, "\ufffd"); out.Findings[0].Message != want {
		t.Errorf("got %q\nwant %q", out.Findings[0].Message, want)
	}
}

func TestJUnitKeepsText(t *testing.T) {
	var out junitSuites
	if err := xml.Unmarshal([]byte(written(t, "junit", hostile(), Options{})), &out); err != nil {
		t.Fatal(err)
	}
	got := out.Suites[0].Cases[0].Failure.Message
	for _, want := range []string{"]]><a b='\"&%0A<!--", "\u202egnp.exe", "::error::x"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in %q", want, got)
		}
	}
}

// junitSchema holds the elements of junit-10.xsd that Assay writes: the
// attributes that must be there, those that may, and the children.
var junitSchema = map[string]struct{ must, may, children string }{
	"testsuites": {"", "name time tests failures errors", "testsuite"},
	"testsuite":  {"name tests failures errors", "group time skipped timestamp hostname id package file log url", "testsuite properties testcase system-out system-err"},
	"testcase":   {"name", "time classname group", "skipped error failure rerunFailure rerunError flakyFailure flakyError system-out system-err"},
	"failure":    {"", "type message", "text"},
	"system-out": {"", "", "text"},
}

func TestJUnitSchema(t *testing.T) {
	for name, r := range map[string]*Report{"sample": sample(t), "clean": clean(), "empty": {}, "hostile": hostile()} {
		for _, mistake := range junitMistakes(written(t, "junit", r, Options{})) {
			t.Errorf("%s: %s", name, mistake)
		}
	}
	if len(junitMistakes(`<testsuites><testsuite name="a" tests="1" failures="0"><testcase name="b" line="2">c<d/></testcase></testsuite></testsuites>`)) != 4 {
		t.Error("mistakes are not found")
	}
}

// junitMistakes says what of a document junitSchema does not allow.
func junitMistakes(text string) []string {
	var out, open []string
	d := xml.NewDecoder(strings.NewReader(text))
	allowed := func(child string) {
		if n := len(open); n > 0 && !contains(junitSchema[open[n-1]].children, child) {
			out = append(out, child+" in "+open[n-1])
		}
	}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return out
		} else if err != nil {
			return append(out, err.Error())
		}
		switch token := token.(type) {
		case xml.StartElement:
			allowed(token.Name.Local)
			out = append(out, attributeMistakes(token)...)
			open = append(open, token.Name.Local)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if strings.TrimSpace(string(token)) != "" {
				allowed("text")
			}
		}
	}
}

func attributeMistakes(e xml.StartElement) (out []string) {
	s := junitSchema[e.Name.Local]
	have := ""
	for _, a := range e.Attr {
		have += a.Name.Local + " "
		if !contains(s.must+" "+s.may, a.Name.Local) {
			out = append(out, "attribute "+a.Name.Local+" of "+e.Name.Local)
		}
	}
	for _, must := range strings.Fields(s.must) {
		if !contains(have, must) {
			out = append(out, e.Name.Local+" without "+must)
		}
	}
	return out
}

func contains(words, word string) bool {
	for _, w := range strings.Fields(words) {
		if w == word {
			return true
		}
	}
	return false
}

func TestURIs(t *testing.T) {
	for path, want := range map[string]string{
		"lib/a.ex":        "lib/a.ex",
		"lib/a b#?%.ex":   "lib/a%20b%23%3F%25.ex",
		"c:a/b.ex":        "./c:a/b.ex",
		"lib/ü\xff.ex":    "lib/%C3%BC%FF.ex",
		"lib/[id].ex":     "lib/%5Bid%5D.ex",
		"lib/\x1b\n.heex": "lib/%1B%0A.heex",
	} {
		if got := relativeURI(path); got != want {
			t.Errorf("%q: got %s, want %s", path, got, want)
		}
	}
	for root, want := range map[string]string{
		"/home/ann/my shop": "file:///home/ann/my%20shop/",
		"/":                 "file:///",
		`C:\Users\ann`:      "file:///C:/Users/ann/",
	} {
		if got := rootArtifact(root).URI; got != want {
			t.Errorf("%q: got %s, want %s", root, got, want)
		}
	}
}
