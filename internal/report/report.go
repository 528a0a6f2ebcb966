// Package report prints findings: as text for people, and in the formats that
// other tools read. It decides nothing: what comes in goes out, and the same
// report gives the same bytes. The order is the one that findings came in; text
// for people has the files with the gravest findings first.
//
// Whatever stems from the analysed project (paths, source, symbols, messages)
// is taken for hostile: no writer lets it command a terminal, leave its field
// or break its format.
package report

import (
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/source"
)

// Report is the outcome of one analysis.
type Report struct {
	Version  string    // of Assay
	Root     string    // the project's absolute path, or empty
	Top      string    // the absolute path of the repository around it, or empty
	Inside   string    // the project's path in the repository, with slashes
	Findings []Finding // in the order they are shown; those of one file together
	Notes    []source.Note
	Checks   []CheckInfo // the checks that ran, sorted by name
	Stats    Stats
}

// Finding is one defect, with its places counted as people count them: lines
// and columns from 1, columns in code points, the end exclusive. A finding
// about the project as a whole has no Path, and no place.
type Finding struct {
	ID         string // survives line shifts; unique in a report
	Check      string
	Symbol     string // Module.function/arity or table.column
	Level      check.Level
	Confidence check.Confidence
	Message    string
	Place
	Evidence []Step
	Fixes    []Fix
	CWE      string // "CWE-798", or empty
	Frame    []Line // the source around the place, ascending; lines between may lack
}

// Place is a range of a file.
type Place struct {
	Path                             string
	Line, Column, EndLine, EndColumn int
}

// Step is one of the places that make a finding true.
type Step struct {
	Place
	Note string
	Text string // the source of its first line
}

// Fix is one way to mend a finding.
type Fix struct {
	Title  string
	Safety string
	Proof  string
	Parts  []Part
	Notes  []string // what a person has to know or do besides
}

// Part is one change of a fix: the range of a file that Text replaces, or a file
// that it makes; that has a Path and no place.
type Part struct {
	Place
	Text   string
	Reason string
}

// New reports whether a part makes a file.
func (p *Part) New() bool { return p.Line == 0 }

// Line is a line of source without its line end.
type Line struct {
	Number int
	Text   string
}

// CheckInfo is what a format says about a check beside its findings.
type CheckInfo struct {
	Name  string
	Title string // the first sentence of its page
	Help  string // its page, in Markdown
	Level check.Level
}

// Stats is what was looked at and what was left out.
type Stats struct {
	Files, Lines int
	Suppressed   int // by a comment in the source
	Baselined    int // by the baseline file
	Older        int // than the revision compared with
	Elapsed      time.Duration
}

// Options says how text looks. The other formats ignore them.
type Options struct {
	Color bool
	Width int // of the terminal in columns; 0 when there is none
}

type writer struct {
	name  string
	write func(io.Writer, *Report, Options) error
	// hosted formats are read where the whole repository is, and their paths
	// begin at its top; the others' begin at the project.
	hosted bool
}

// writers lists the formats: the one for people, then by what asks for them.
func writers() []writer {
	return []writer{
		{name: "text", write: writeText},
		{name: "json", write: writeJSON},
		{name: "sarif", write: writeSARIF, hosted: true},
		{name: "github", write: writeGitHub, hosted: true},
		{name: "gitlab", write: writeGitLab, hosted: true},
		{name: "junit", write: writeJUnit},
		{name: "rdjson", write: writeRDJSON},
	}
}

// Formats returns the names that Write accepts, the default first.
func Formats() []string {
	var names []string
	for _, w := range writers() {
		names = append(names, w.name)
	}
	return names
}

// Write prints a report in a format.
func Write(w io.Writer, format string, r *Report, o Options) error {
	for _, f := range writers() {
		if f.name != format {
			continue
		}
		if f.hosted && r.Top != "" {
			r = r.fromTop()
		}
		return f.write(w, r, o)
	}
	return fmt.Errorf("unknown format %q: the formats are %s", format, strings.Join(Formats(), ", "))
}

// fromTop is the report with paths that begin at the top of the repository.
func (r *Report) fromTop() *Report {
	at := func(p string) string {
		if p == "" {
			return ""
		}
		return path.Join(r.Inside, p)
	}
	top := *r
	top.Root = r.Top
	top.Findings, top.Notes = slices.Clone(r.Findings), slices.Clone(r.Notes)
	for i := range top.Findings {
		f := &top.Findings[i]
		f.Path, f.Evidence = at(f.Path), slices.Clone(f.Evidence)
		for j := range f.Evidence {
			f.Evidence[j].Path = at(f.Evidence[j].Path)
		}
		f.Fixes = slices.Clone(f.Fixes)
		for j := range f.Fixes {
			x := &f.Fixes[j]
			x.Parts = slices.Clone(x.Parts)
			for k := range x.Parts {
				x.Parts[k].Path = at(x.Parts[k].Path)
			}
		}
	}
	for i := range top.Notes {
		top.Notes[i].Path = at(top.Notes[i].Path)
	}
	return &top
}

// Clean makes text from the analysed project safe for one line of a terminal.
func Clean(s string) string { return source.Printable(s) }

// LevelName is the word for a level in every format of Assay's own.
func LevelName(l check.Level) string {
	return [...]string{"error", "warning", "info", "hint"}[min(l, check.Hint)]
}

// ConfidenceName is the word for a confidence.
func ConfidenceName(c check.Confidence) string {
	return [...]string{"high", "medium", "low"}[min(c, check.Low)]
}

// line returns the source of a line of the frame.
func (f *Finding) line(n int) (string, bool) {
	i := slices.IndexFunc(f.Frame, func(l Line) bool { return l.Number == n })
	if i < 0 {
		return "", false
	}
	return f.Frame[i].Text, true
}
