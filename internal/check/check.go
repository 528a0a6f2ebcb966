// Package check says what a check is and what it reports.
package check

import (
	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/query"
	"github.com/assay-dev/assay/internal/source"
)

// Level says how sure and how bad: an error will fail or be exploited, a
// warning is a likely defect.
type Level uint8

// The levels, worst first.
const (
	Error Level = iota
	Warning
	Info
	Hint
)

// Confidence says how much of the evidence was proven.
type Confidence uint8

// The confidences.
const (
	High   Confidence = iota // every step was resolved
	Medium                   // a step rests on a model or a convention
	Low
)

// Step is one place that makes a finding true.
type Step struct {
	Span source.Span
	Note string // a clause in plain words, no final stop
}

// Finding is one defect.
type Finding struct {
	Check      string
	Level      Level
	Confidence Confidence
	Span       source.Span // the line its owner would edit
	Symbol     string      // Module.function/arity or table.column
	Anchor     string      // what the finding is about inside Symbol, without places: it survives edits around it
	Message    string      // what is wrong, one sentence
	Path       []Step      // why it is true, in order
	CWE        string      // "CWE-798", or empty
	// Formerly is a name of the check under which comments may allow it as well.
	Formerly string
	// Passing findings are about what happens once: when nothing is compared with an
	// earlier revision it may have happened long ago, and they are information.
	Passing bool
	// Changes would each end the defect; the best one stands first.
	Changes []fix.Change
	// NoFix says why there is no change, in a sentence without a final stop.
	NoFix string
	// Secret says that Span holds what nobody may print.
	Secret bool
	// ID is set by engine.Identify: stable over line shifts and over changes elsewhere.
	ID string
}

// Check is one kind of defect.
type Check struct {
	Name string // says the mistake: `query-in-loop`
	Run  func(*Pass)
	// After makes the check run when the others have, and see their findings.
	After bool
	// Optional leaves it out of the default set: it runs when it is asked for.
	Optional bool
}

// Pass is what a check works on and where it reports. One Pass serves one
// check; checks run in parallel and only read the program.
type Pass struct {
	Check   *Check
	Program *ir.Program
	Flow    *flow.Result
	Queries *query.Result
	Others  []Finding // for a check that runs After: all findings, sorted

	findings []Finding
}

// Report adds a finding.
func (p *Pass) Report(f Finding) {
	f.Check = p.Check.Name
	p.findings = append(p.findings, f)
}

// Findings returns what was reported.
func (p *Pass) Findings() []Finding { return p.findings }
