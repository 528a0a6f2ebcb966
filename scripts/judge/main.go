// Command judge says what Assay makes of a real defect and of its fix.
//
//	go run ./scripts/judge ASSAY CASES ID BEFORE AFTER
//
// CASES holds one JSON object a line; the one with ID gives the places of the
// defect. BEFORE and AFTER are checkouts of the commits before and after its fix.
// A case is flagged when a finding of level warning or error lies in BEFORE, with
// its place or one of its first three steps of evidence at most twelve lines from
// one of the places, and no finding of that check has that symbol in AFTER.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
)

// near is how many lines a finding may be away from a place of the defect.
const near = 12

// steps is how many steps of evidence count.
const steps = 3

// known is what a case says of its defect.
type known struct {
	ID, Category string
	Locations    []struct {
		Path      string `json:"path"`
		LineStart int    `json:"line_start"`
		LineEnd   int    `json:"line_end"`
	}
}

type place struct {
	Path string
	Line int
}

type finding struct {
	place
	Check, Symbol, Level, Message string
	Evidence                      []place
}

func main() {
	if len(os.Args) != 6 {
		fmt.Fprintln(os.Stderr, "usage: judge ASSAY CASES ID BEFORE AFTER")
		os.Exit(2)
	}
	if err := judge(os.Args[1], os.Args[2], os.Args[3], os.Args[4], os.Args[5]); err != nil {
		fmt.Fprintln(os.Stderr, "judge:", err)
		os.Exit(2)
	}
}

func judge(assay, cases, id, before, after string) error {
	k, err := find(cases, id)
	if err != nil {
		return err
	}
	then, err := findings(assay, before)
	if err != nil {
		return err
	}
	now, err := findings(assay, after)
	if err != nil {
		return err
	}
	verdict, about := "silent", ""
	for i := range then {
		f := &then[i]
		if f.Level != "error" && f.Level != "warning" || !k.hit(f) {
			continue
		}
		about = fmt.Sprintf("%s %s %s:%d", f.Check, f.Symbol, f.Path, f.Line)
		if !has(now, f) {
			verdict = "flagged"
			break
		}
		verdict = "flagged, and still after the fix"
	}
	fmt.Printf("%s\t%s\t%s\t%s\n", k.ID, k.Category, verdict, about)
	return nil
}

// find reads the case with an id.
func find(cases, id string) (*known, error) {
	f, err := os.Open(cases)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var k known
		if err := json.Unmarshal(lines.Bytes(), &k); err != nil {
			return nil, fmt.Errorf("%s: %w", cases, err)
		}
		if k.ID == id {
			return &k, nil
		}
	}
	return nil, errors.Join(fmt.Errorf("%s has no case %s", cases, id), lines.Err())
}

// findings runs Assay over a tree.
func findings(assay, dir string) ([]finding, error) {
	cmd := exec.Command(assay, "check", "--format", "json", dir)
	out, err := cmd.Output()
	var failed *exec.ExitError
	if err != nil && (!errors.As(err, &failed) || failed.ExitCode() != 1) {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	var r struct{ Findings []finding }
	if err := json.NewDecoder(bytes.NewReader(out)).Decode(&r); err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	return r.Findings, nil
}

// hit reports whether a finding is about one of the places of the case.
func (k *known) hit(f *finding) bool {
	at := append([]place{f.place}, f.Evidence[:min(steps, len(f.Evidence))]...)
	for _, p := range at {
		for _, l := range k.Locations {
			if p.Path == l.Path && p.Line >= l.LineStart-near && p.Line <= l.LineEnd+near {
				return true
			}
		}
	}
	return false
}

// has reports whether a check still finds something at a symbol.
func has(all []finding, f *finding) bool {
	for i := range all {
		if all[i].Check == f.Check && all[i].Symbol == f.Symbol {
			return true
		}
	}
	return false
}
