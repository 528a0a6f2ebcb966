// Package assay runs the Assay program for the commands of this folder and reads
// what it prints.
package assay

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
)

// Place is a line of a project.
type Place struct {
	Path string `json:"path"`
	Line int    `json:"line"`
	Note string `json:"note,omitempty"`
}

// Finding is what these commands read of a finding.
type Finding struct {
	Place
	ID, Check, Symbol, Level, Message string
	Evidence                          []Place
	Fixes                             []Fix
}

// Fix is what these commands read of a fix; what it changes is kept as it is.
type Fix struct {
	Title  string          `json:"title"`
	Safety string          `json:"safety"`
	Edits  json.RawMessage `json:"edits"`
	Files  json.RawMessage `json:"files"`
}

// Offered reports whether a finding has a fix that may be applied, which is its
// first one.
func (f *Finding) Offered() bool { return len(f.Fixes) > 0 && f.Fixes[0].Safety != "shown" }

// Severe reports whether a finding is an error or a warning.
func (f *Finding) Severe() bool { return f.Level == "error" || f.Level == "warning" }

// Report is what a check of one project says.
type Report struct {
	Findings []Finding
	Summary  struct{ Files, Lines int }
}

// Check runs `assay check` over a tree. Findings are no failure.
func Check(program, dir string, flags ...string) (*Report, error) {
	cmd := exec.Command(program, append(append([]string{"check", "--format", "json"}, flags...), dir)...)
	out, err := cmd.Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) && failed.ExitCode() == 1 {
		err = nil
	}
	var r Report
	if err == nil {
		err = json.NewDecoder(bytes.NewReader(out)).Decode(&r)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	return &r, nil
}

// Patch is what `assay fix` would do about one finding of a tree, analysed again;
// "" where that does not hold. Nothing is written.
func Patch(program, dir, id string) (string, error) {
	out, err := exec.Command(program, "fix", "--dry-run", "--finding", id, dir).Output()
	if err != nil {
		return "", fmt.Errorf("%s: fix %s: %w", dir, id, err)
	}
	return string(out), nil
}
