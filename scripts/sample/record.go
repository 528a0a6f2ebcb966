package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// judged is a line of the file of verdicts.
type judged struct {
	Project string `json:"project"`
	Commit  string `json:"commit"`
	ID      string `json:"id"`
	Check   string `json:"check"`
	Level   string `json:"level"`
	Verdict string `json:"verdict"`
	Reason  string `json:"reason"`
}

// The verdicts there are.
var words = []string{"real", "arguable", "false"}

// longest is how long a reason may be, in characters.
const longest = 240

var (
	commitForm = regexp.MustCompile(`^[0-9a-f]{40}$`)
	idForm     = regexp.MustCompile(`^[0-9a-f]{16}$`)
	nameForm   = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]*$`)
	// codeForm is what stands in source text and in no sentence.
	codeForm = regexp.MustCompile(`\|>|->|<-|=>|::|%\{|#\{|&\w|\bdo:|\bdefp?\s|[\t\r\n]`)
)

// same identifies what is judged.
func (j *judged) same(k *judged) bool {
	return j.Project == k.Project && j.Commit == k.Commit && j.ID == k.ID
}

// wrong says why a line cannot be recorded.
func (j *judged) wrong() error {
	switch {
	case !nameForm.MatchString(j.Project):
		return fmt.Errorf("%q is no project", j.Project)
	case !commitForm.MatchString(j.Commit):
		return fmt.Errorf("%q is no commit: a checkout without .git needs a file COMMIT", j.Commit)
	case !idForm.MatchString(j.ID):
		return fmt.Errorf("%q is no finding's id", j.ID)
	case !nameForm.MatchString(j.Check):
		return fmt.Errorf("%q is no check", j.Check)
	case !slices.Contains([]string{"error", "warning", "info", "hint"}, j.Level):
		return fmt.Errorf("%q is no level", j.Level)
	case !slices.Contains(words, j.Verdict):
		return fmt.Errorf("%q is no verdict: there are %s", j.Verdict, strings.Join(words, ", "))
	case strings.TrimSpace(j.Reason) == "" || utf8.RuneCountInString(j.Reason) > longest:
		return fmt.Errorf("a reason is one line of at most %d characters", longest)
	case codeForm.MatchString(j.Reason):
		return fmt.Errorf("the reason %q holds source text; say it in words", j.Reason)
	}
	return nil
}

// readVerdicts reads the file of verdicts, strictly.
func readVerdicts(text []byte) ([]judged, error) {
	var out []judged
	n := 0
	for line := range bytes.Lines(text) {
		n++
		d := json.NewDecoder(bytes.NewReader(line))
		d.DisallowUnknownFields()
		var j judged
		err := d.Decode(&j)
		if err == nil {
			out, err = add(out, j)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
	}
	return out, nil
}

// add adds a verdict unless it is wrong or there is one on the same finding.
func add(list []judged, j judged) ([]judged, error) {
	if err := j.wrong(); err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(list, func(k judged) bool { return j.same(&k) }); i >= 0 {
		return nil, fmt.Errorf("%s in %s is judged already: %s", j.ID, j.Project, list[i].Verdict)
	}
	return append(list, j), nil
}

// writeVerdicts makes the text of the file: a line each, by project, check and id.
func writeVerdicts(list []judged) ([]byte, error) {
	slices.SortFunc(list, func(a, b judged) int {
		return cmp.Or(strings.Compare(a.Project, b.Project), strings.Compare(a.Check, b.Check),
			strings.Compare(a.ID, b.ID), strings.Compare(a.Commit, b.Commit))
	})
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	for _, j := range list {
		if err := e.Encode(j); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}

// recordFiles adds the verdicts of read work lists to a file. It adds all or none.
func recordFiles(w io.Writer, name string, read []string) error {
	text, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	list, err := readVerdicts(text)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	before := len(list)
	for _, r := range read {
		text, err := os.ReadFile(r)
		if err != nil {
			return err
		}
		n := 0
		for line := range bytes.Lines(text) {
			n++
			var j judged
			err := json.Unmarshal(line, &j)
			if err == nil {
				list, err = add(list, j)
			}
			if err != nil {
				return fmt.Errorf("%s:%d: %w", r, n, err)
			}
		}
	}
	added := len(list) - before
	if text, err = writeVerdicts(list); err != nil {
		return err
	}
	if err := os.WriteFile(name, text, 0o644); err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%d verdicts added, %d in %s\n", added, len(list), name)
	return err
}
