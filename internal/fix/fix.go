// Package fix says what a fix is, and puts fixes together.
//
// A check asks for a Change, in no language. The room rewrite spells it as a Fix:
// edits of files that are there and files that are new, each part with the reason
// for it. Compose takes whole fixes in a fixed order into a Plan; one that does
// not fit beside those before it waits for the next round. A Plan makes a new set
// of files without touching the disk, so that the same analysis can say whether
// the fix is one.
package fix

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/source"
)

// Safety says how much a person must agree to a fix.
type Safety uint8

// The safeties.
const (
	Safe  Safety = iota // behaviour is kept, or only the defect goes
	Asked               // it changes what somebody may rely on: a person says yes to it by name
	Shown               // never applied as it is: it needs a decision that nobody else can make
)

// String is the word for a safety.
func (s Safety) String() string { return [...]string{"safe", "asked", "shown"}[s] }

// Proof is how far a fix was proven.
type Proof uint8

// The rungs of the ladder, in rising order.
const (
	Reasoned Proof = iota // it follows from the finding
	Checked               // analysed again: the finding is gone, nothing new is there, a second run changes nothing
	Compiled              // the project's own compiler accepts it
	Tested                // the project's own tests pass
	Measured              // the database was asked before and after
)

// String is the word for a rung.
func (p Proof) String() string {
	return [...]string{"reasoned", "checked", "compiled", "tested", "measured"}[p]
}

// Edit replaces the bytes of a file from Start to before End by Text.
type Edit struct {
	Path       string
	Start, End int
	Text       string
	Reason     string // why, in one sentence; "" where another part of the fix says it
}

// File is a file that a fix makes.
type File struct {
	Path, Text, Reason string
}

// Fix is one whole solution of one finding. Either all of it is applied or none.
type Fix struct {
	Finding string // the finding's id
	Check   string
	Title   string
	Safety  Safety
	Proof   Proof
	Edits   []Edit
	Files   []File
	Reused  []string // what the project had already and the fix calls
	// Settles are the parts of the database that it changes: of two fixes that
	// settle one, the second waits.
	Settles []string
	Notes   []string // what a person has to know or do besides
	// Untested says why none of Files is a test of it, where tests were wanted.
	Untested string
}

// Rejected is a fix that was put aside.
type Rejected struct {
	Fix    Fix
	Reason string
}

// Plan is fixes that fit together.
type Plan struct {
	Applied []Fix
	Later   []Fix // they overlap with those applied
	texts   map[string]string
	paths   []string // of texts, sorted
	base    *source.Set
}

// Compose puts fixes together, in their order, as far as they fit: whole fixes
// only, no byte changed twice, no file made twice. Edits that are the same in two
// fixes are made once.
func Compose(files *source.Set, fixes []Fix) (*Plan, error) {
	p := &Plan{base: files, texts: map[string]string{}}
	edits := map[string][]Edit{}
	made := map[string]string{}
	settled := map[string]bool{}
	for _, f := range fixes {
		if err := f.Sound(files); err != nil {
			return nil, err
		}
		if !fits(f, edits, made) || slices.ContainsFunc(f.Settles, func(s string) bool { return settled[s] }) {
			p.Later = append(p.Later, f)
			continue
		}
		for _, e := range f.Edits {
			if !slices.ContainsFunc(edits[e.Path], func(o Edit) bool { return equal(o, e) }) {
				edits[e.Path] = append(edits[e.Path], e)
			}
		}
		for _, n := range f.Files {
			made[n.Path] = n.Text
		}
		for _, s := range f.Settles {
			settled[s] = true
		}
		p.Applied = append(p.Applied, f)
	}
	for path, list := range edits {
		p.texts[path] = apply(files.Named(path).Text, list)
	}
	for path, text := range made {
		p.texts[path] = text
	}
	for path := range p.texts {
		p.paths = append(p.paths, path)
	}
	slices.Sort(p.paths)
	return p, nil
}

// Sound reports a fix that is not about these files, or changes a place twice.
func (f *Fix) Sound(files *source.Set) error {
	for i, e := range f.Edits {
		file := files.Named(e.Path)
		if file == nil || e.Start < 0 || e.End < e.Start || e.End > len(file.Text) {
			return fmt.Errorf("the fix %q edits %s:%d-%d, which is not there", f.Title, e.Path, e.Start, e.End)
		}
		for _, o := range f.Edits[:i] {
			if o.Path == e.Path && overlap(o, e) {
				return fmt.Errorf("the fix %q changes %s:%d-%d twice", f.Title, e.Path, e.Start, e.End)
			}
		}
	}
	for _, n := range f.Files {
		if files.Named(n.Path) != nil {
			return fmt.Errorf("the fix %q makes %s, which is there", f.Title, n.Path)
		}
	}
	return nil
}

// fits reports whether a fix goes beside what was taken already.
func fits(f Fix, edits map[string][]Edit, made map[string]string) bool {
	for _, e := range f.Edits {
		for _, o := range edits[e.Path] {
			if overlap(o, e) && !equal(o, e) {
				return false
			}
		}
	}
	return !slices.ContainsFunc(f.Files, func(n File) bool {
		text, there := made[n.Path]
		return there && text != n.Text
	})
}

func equal(a, b Edit) bool { return a.Start == b.Start && a.End == b.End && a.Text == b.Text }

// overlap reports whether two edits touch a common byte, or insert at one place. What is
// inserted into a dump at one place goes there in the order of its text, as a dump has it.
func overlap(a, b Edit) bool {
	if a.Start == b.Start {
		return a.End > a.Start || b.End > b.Start || !strings.HasSuffix(a.Path, ".sql") || a.Text == b.Text
	}
	return a.Start < b.End && b.Start < a.End
}

// apply makes edits that do not overlap.
func apply(text string, edits []Edit) string {
	edits = slices.Clone(edits)
	slices.SortFunc(edits, func(a, b Edit) int { return cmp.Or(a.Start-b.Start, a.End-b.End, cmp.Compare(a.Text, b.Text)) })
	var out strings.Builder
	at := 0
	for _, e := range edits {
		out.WriteString(text[at:e.Start])
		out.WriteString(e.Text)
		at = e.End
	}
	out.WriteString(text[at:])
	return out.String()
}

// Empty reports whether a plan changes nothing.
func (p *Plan) Empty() bool { return len(p.paths) == 0 }

// Next is the files as they are with the plan applied.
func (p *Plan) Next() *source.Set {
	s := p.base
	for _, path := range p.paths {
		s = s.With(path, p.texts[path])
	}
	return s
}

// Paths are the files that the plan changes or makes, sorted.
func (p *Plan) Paths() []string { return p.paths }

// Writes lists what changed between two sets of files, for source.Commit.
func Writes(old, now *source.Set) []source.Write {
	var out []source.Write
	for _, f := range now.Files {
		switch was := old.Named(f.Path); {
		case was == nil:
			out = append(out, source.Write{Path: f.Path, New: &f.Text})
		case was.Text != f.Text:
			out = append(out, source.Write{Path: f.Path, Old: &was.Text, New: &f.Text})
		}
	}
	return out
}
