// Package intervention puts everything that one intervention needs into a document:
// what is wrong, what it costs, the change that ends it, and how that change goes
// live, is watched and is taken back.
//
// In goes what engine made of the fixes: the project before and after. Out comes a
// Document, in which every figure was counted in the code; what only a running
// system can tell is named as not measured, with the command that measures it. The
// document is written as Markdown, JSON or one HTML page without outside resources.
package intervention

// Document is one intervention. Texts are inline Markdown: code stands in
// backticks, and nothing else is marked.
type Document struct {
	Version  int    `json:"version"` // of the format
	Assay    string `json:"assay"`   // the version of the program
	Project  string `json:"project"`
	Voice    string `json:"voice"`
	Headline string `json:"headline"`
	Lead     string `json:"lead"`
	// Problems are numbered by priority, each with its solution.
	Problems       []Problem   `json:"problems"`
	Metrics        []Metric    `json:"metrics"`
	Security       []Exposure  `json:"security"`
	Implementation []File      `json:"implementation"`
	Migrations     []Migration `json:"migrations"`
	Tests          []Test      `json:"tests"`
	Documentation  []Topic     `json:"documentation"`
	Monitoring     Monitoring  `json:"monitoring"`
	Deployment     Deployment  `json:"deployment"`
	Rollback       Rollback    `json:"rollback"`
	// Improvements are findings beside the problems, in what the change touches.
	Improvements []Improvement `json:"improvements"`
	// Further is how many other findings the project has.
	Further  int    `json:"further"`
	Question string `json:"question"`

	hides bool // a secret that stands in the change
}

// Problem is one finding with its solution.
type Problem struct {
	Number      int      `json:"number"`
	Title       string   `json:"title"` // what is wrong, in general
	ID          string   `json:"id"`
	Check       string   `json:"check"`
	Level       string   `json:"level"`
	Path        string   `json:"path"`
	Line        int      `json:"line"`
	Symbol      string   `json:"symbol"`
	Message     string   `json:"message"`
	Consequence string   `json:"consequence"`
	CWE         string   `json:"cwe"`
	Evidence    []Place  `json:"evidence"`
	Frame       []Line   `json:"frame"`
	Solution    Solution `json:"solution"`

	first bool // of its check
}

// First reports whether a problem is the first one of its check.
func (p Problem) First() bool { return p.first }

// Place is a line of a file and what it shows.
type Place struct {
	Path string `json:"path"`
	Line int    `json:"line"`
	Note string `json:"note"`
}

// Line is one line of source.
type Line struct {
	Number int    `json:"number"`
	Text   string `json:"text"`
	Marked bool   `json:"marked"` // the finding is here
}

// Solution is what ends a problem.
type Solution struct {
	Title string `json:"title"`
	// State is "in the change", "needs a decision", "put aside" or "by hand".
	State  string   `json:"state"`
	Safety string   `json:"safety"`
	Proof  string   `json:"proof"`
	Why    string   `json:"why"` // of one that is not in the change
	Parts  []Reason `json:"parts"`
	Reused []string `json:"reused"`
	Notes  []string `json:"notes"`
	Diff   string   `json:"diff"` // of one that needs a decision
}

// Reason says why a file is changed.
type Reason struct {
	Path   string `json:"path"`
	Reason string `json:"reason"`
}

// Metric is a figure before and after.
type Metric struct {
	Name   string `json:"name"`
	Before string `json:"before"`
	After  string `json:"after"`
	// How says where the figure comes from, or the command that measures it.
	How      string `json:"how"`
	Measured bool   `json:"measured"`
}

// Exposure is what problems mean for security.
type Exposure struct {
	Problems []int    `json:"problems"`
	CWE      string   `json:"cwe"` // with its name, or ""
	What     string   `json:"what"`
	Reach    []string `json:"reach"` // who gets to each of them
	After    string   `json:"after"`
}

// File is a file that the change makes or edits.
type File struct {
	Path    string   `json:"path"`
	New     bool     `json:"new"`
	Reasons []string `json:"reasons"`
	Diff    string   `json:"diff"`
}

// Migration is a migration that the change makes or edits.
type Migration struct {
	Path        string      `json:"path"`
	Number      int64       `json:"number"`
	Module      string      `json:"module"`
	Edited      bool        `json:"edited"`
	Transaction bool        `json:"transaction"`
	Operations  []Operation `json:"operations"`
	Reversible  bool        `json:"reversible"`
	Text        string      `json:"text"`

	dir, repo string
	required  []column // that are never null from then on
}

// column is a column of a table.
type column struct{ schema, table, name string }

// Operation is one thing that a migration does, with the lock that PostgreSQL takes
// for it.
type Operation struct {
	What   string `json:"what"`
	Table  string `json:"table"`
	Lock   string `json:"lock"`
	Blocks string `json:"blocks"`
}

// Test is the tests of what is done about some problems.
type Test struct {
	Problems []int    `json:"problems"`
	Subject  string   `json:"subject"` // what is done, "" where the problems differ
	Files    []string `json:"files"`   // made by the change
	None     string   `json:"none"`    // why there are none
	Run      string   `json:"run"`     // the command for those that are there
}

// Topic is what has to be told of one kind of problem.
type Topic struct {
	Check string `json:"check"`
	Rule  string `json:"rule"`
	Cost  string `json:"cost"`
	More  string `json:"more"`
}

// Monitoring is what shows whether the change does its work.
type Monitoring struct {
	None      string   `json:"none"` // why there is nothing to watch
	Events    []Event  `json:"events"`
	Metrics   string   `json:"metrics"` // Elixir, for the list of the project's metrics
	Where     string   `json:"where"`
	Alerts    string   `json:"alerts"`    // YAML: Prometheus rules
	Dashboard string   `json:"dashboard"` // JSON: Grafana
	Notes     []string `json:"notes"`
}

// Event is a telemetry event that a library emits.
type Event struct {
	Name         string `json:"name"`
	Measurements string `json:"measurements"`
	Metadata     string `json:"metadata"`
	Of           string `json:"of"` // what of the change it shows
}

// Deployment is the order in which the change goes live.
type Deployment struct {
	Steps  []Step   `json:"steps"`
	Checks []Step   `json:"checks"`
	Notes  []string `json:"notes"`
}

// Step is one thing to do, with its commands.
type Step struct {
	Text     string   `json:"text"`
	Commands []string `json:"commands"`
}

// Rollback is how the change is taken back.
type Rollback struct {
	Steps []Step   `json:"steps"`
	Notes []string `json:"notes"`
}

// Improvement is a finding beside the problems.
type Improvement struct {
	Check   string `json:"check"`
	Level   string `json:"level"`
	Path    string `json:"path"`
	Line    int    `json:"line"`
	Message string `json:"message"`
}
