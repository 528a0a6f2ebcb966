package main

import (
	"bytes"
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

// The verdicts there are on findings.
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

// verdict is a line of a file of verdicts.
type verdict interface {
	wrong() error  // why it cannot be recorded
	order() string // what is judged, as the lines are sorted: one verdict for each
	said() string
}

func (j judged) order() string {
	return strings.Join([]string{j.Project, j.Check, j.ID, j.Commit}, "\x00")
}

func (j judged) said() string { return j.Verdict }

func (j judged) wrong() error {
	if !slices.Contains([]string{"error", "warning", "info", "hint"}, j.Level) {
		return fmt.Errorf("%q is no level", j.Level)
	}
	return wrong(j.Project, j.Commit, j.ID, j.Check, j.Verdict, j.Reason, words)
}

// wrong says why a line with these fields cannot be recorded.
func wrong(project, commit, id, check, verdict, reason string, words []string) error {
	switch {
	case !nameForm.MatchString(project):
		return fmt.Errorf("%q is no project", project)
	case !commitForm.MatchString(commit):
		return fmt.Errorf("%q is no commit: a checkout without .git needs a file COMMIT", commit)
	case !idForm.MatchString(id):
		return fmt.Errorf("%q is no finding's id", id)
	case !nameForm.MatchString(check):
		return fmt.Errorf("%q is no check", check)
	case !slices.Contains(words, verdict):
		return fmt.Errorf("%q is no verdict: there are %s", verdict, strings.Join(words, ", "))
	case strings.TrimSpace(reason) == "" || utf8.RuneCountInString(reason) > longest:
		return fmt.Errorf("a reason is one line of at most %d characters", longest)
	case codeForm.MatchString(reason):
		return fmt.Errorf("the reason %q holds source text; say it in words", reason)
	}
	return nil
}

// readVerdicts reads a file of verdicts, strictly.
func readVerdicts[T verdict](text []byte) ([]T, error) {
	var out []T
	n := 0
	for line := range bytes.Lines(text) {
		n++
		d := json.NewDecoder(bytes.NewReader(line))
		d.DisallowUnknownFields()
		var j T
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

// add adds a verdict unless it is wrong or there is one on the same thing.
func add[T verdict](list []T, j T) ([]T, error) {
	if err := j.wrong(); err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(list, func(k T) bool { return j.order() == k.order() }); i >= 0 {
		return nil, fmt.Errorf("%s is judged already: %s", strings.ReplaceAll(j.order(), "\x00", " "), list[i].said())
	}
	return append(list, j), nil
}

// writeVerdicts makes the text of a file: a line each, in order.
func writeVerdicts[T verdict](list []T) ([]byte, error) {
	slices.SortFunc(list, func(a, b T) int { return strings.Compare(a.order(), b.order()) })
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
func recordFiles[T verdict](w io.Writer, name string, read []string) error {
	text, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	list, err := readVerdicts[T](text)
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
			var j T
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
