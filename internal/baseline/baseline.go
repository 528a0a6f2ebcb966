// Package baseline reads and writes the findings that a project has accepted
// for now. The file holds one JSON object on each line: a first one with the
// version of the format, then one for each finding, sorted. So a merge of two
// branches conflicts only where both changed the same finding.
package baseline

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/source"
)

// Version is the version of the format that Write writes.
const Version = 1

// Entry is one accepted finding. ID alone identifies it; the rest is for the
// people who read the file.
type Entry struct {
	ID     string `json:"id"`
	Check  string `json:"check"`
	Symbol string `json:"symbol"`
	Path   string `json:"path"`
}

type header struct {
	Version *int `json:"assay-baseline"`
}

// Baseline is a set of accepted findings. The zero Baseline is empty.
type Baseline struct {
	entries []Entry // sorted, without doubles
	ids     map[string]bool
}

// New makes a baseline of findings in any order.
func New(entries []Entry) *Baseline {
	b := &Baseline{entries: slices.Clone(entries), ids: make(map[string]bool, len(entries))}
	slices.SortFunc(b.entries, compare)
	b.entries = slices.CompactFunc(b.entries, func(a, b Entry) bool { return a == b })
	for _, e := range b.entries {
		b.ids[e.ID] = true
	}
	return b
}

func compare(a, b Entry) int {
	return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Check, b.Check),
		cmp.Compare(a.Symbol, b.Symbol), cmp.Compare(a.ID, b.ID))
}

// Contains reports whether the finding with an id is accepted.
func (b *Baseline) Contains(id string) bool { return b.ids[id] }

// Entries returns the accepted findings, sorted by path, check and symbol.
func (b *Baseline) Entries() []Entry { return b.entries }

// Stale returns the accepted findings that are no longer found.
func (b *Baseline) Stale(found func(id string) bool) (stale []Entry) {
	for _, e := range b.entries {
		if !found(e.ID) {
			stale = append(stale, e)
		}
	}
	return stale
}

// Write returns the text of a baseline. The same findings give the same text.
func (b *Baseline) Write() []byte {
	var out bytes.Buffer
	version := Version
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(header{&version}) // strings and numbers always encode
	for _, e := range b.entries {
		_ = enc.Encode(e)
	}
	return out.Bytes()
}

// Read reads the text of a baseline; name is the path to show in errors.
// Lines may stand in any order and more than once, as a merge leaves them.
func Read(name string, data []byte) (*Baseline, error) {
	r := reader{name: source.Printable(name)}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	for line := range bytes.Lines(data) {
		r.line++
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		if err := r.read(line); err != nil {
			return nil, err
		}
	}
	if !r.versioned {
		return nil, fmt.Errorf(`%s: not a baseline: the first line must be {"assay-baseline":%d}; write it again with --write-baseline`, r.name, Version)
	}
	return New(r.entries), nil
}

type reader struct {
	name      string
	line      int
	versioned bool
	entries   []Entry
}

func (r *reader) read(line []byte) error {
	for _, mark := range []string{"<<<<<<<", "=======", ">>>>>>>", "|||||||"} {
		if bytes.HasPrefix(line, []byte(mark)) {
			return r.wrong("a merge conflict is left; keep the lines of both sides, or write the file again with --write-baseline")
		}
	}
	var h header
	if err := json.Unmarshal(line, &h); err != nil {
		return r.wrong("not a line of a baseline: " + said(err))
	}
	if h.Version != nil {
		if *h.Version != Version {
			return r.wrong(fmt.Sprintf("version %d of the format, but this program reads version %d; update it, or write the file again with --write-baseline", *h.Version, Version))
		}
		r.versioned = true
		return nil
	}
	if !r.versioned {
		return r.wrong(fmt.Sprintf(`not a baseline: the first line must be {"assay-baseline":%d}`, Version))
	}
	return r.entry(line)
}

func (r *reader) entry(line []byte) error {
	var e Entry
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&e); err != nil {
		return r.wrong("not a finding: " + said(err))
	}
	if e.ID == "" || e.Check == "" {
		return r.wrong("a finding needs an id and a check")
	}
	r.entries = append(r.entries, e)
	return nil
}

// said is an error of the JSON decoder in the words of the file's format.
func said(err error) string {
	var mismatch *json.UnmarshalTypeError
	if !errors.As(err, &mismatch) {
		return strings.TrimPrefix(err.Error(), "json: ")
	}
	if mismatch.Field == "" {
		return "want an object in braces, not " + mismatch.Value
	}
	return fmt.Sprintf("%q cannot be %s", mismatch.Field, mismatch.Value)
}

func (r *reader) wrong(what string) error {
	return fmt.Errorf("%s:%d: %s", r.name, r.line, source.Printable(what))
}
