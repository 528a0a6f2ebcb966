package engine

import (
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/source"
)

// Policy is what people decided about findings. The zero value reports all.
type Policy struct {
	Only, Skip []string // names of checks
	// Level is the level of a check in a file, and whether it reports there at
	// all; nil leaves findings as they are.
	Level func(name, path string, level check.Level) (check.Level, bool)
	Since *Since
	// Accepted reports whether a baseline holds a finding's id; nil holds none.
	Accepted func(id string) bool
	Paths    []string    // only findings in these files and folders, relative to the root; none is all
	Least    check.Level // nothing milder than this; Error is the zero value, so it is always set
}

// Since is an earlier state of the project to compare with.
type Since struct {
	Changed func(source.Span) bool // whether a place begins on a changed line
	IDs     map[string]bool        // the findings there were
	Fresh   func(path string) bool // whether a file was not there
}

// Compare makes old the state that now is compared with.
func Compare(old, now *Snapshot) *Since {
	changes := source.Changed(old.Files, now.Files)
	changed := func(s source.Span) bool {
		if s.File < 0 {
			return false
		}
		f := now.Files.File(s.File)
		line := f.Line(s.Start)
		return changes.Touches(f.Path, line, line)
	}
	return &Since{Changed: changed, IDs: old.IDs(), Fresh: func(path string) bool { return old.Files.Named(path) == nil }}
}

// fresh reports whether f was not there, or rests on a changed line.
func (s *Since) fresh(f *check.Finding) bool {
	if !s.IDs[f.ID] || s.Changed(f.Span) {
		return true
	}
	return slices.ContainsFunc(f.Path, func(step check.Step) bool { return s.Changed(step.Span) })
}

// Outcome is what is left to report, and how much was decided away.
type Outcome struct {
	Findings   []check.Finding
	Suppressed int // by a comment
	Accepted   int // by the baseline
	Older      int // than the revision compared with
}

// Judge applies a policy to the findings.
func (s *Snapshot) Judge(p Policy) Outcome {
	var out Outcome
	findings, hidden := s.decided(p)
	out.Suppressed = hidden
	for _, f := range findings {
		switch {
		case !p.Within(s.path(f.Span)) || f.Level > p.Least:
		case p.Since != nil && !p.Since.fresh(&f):
			out.Older++
		case p.Accepted != nil && p.Accepted(f.ID):
			out.Accepted++
		default:
			out.Findings = append(out.Findings, f)
		}
	}
	return out
}

// IDs are the ids of all findings, those about suppressions included.
func (s *Snapshot) IDs() map[string]bool {
	ids := map[string]bool{}
	findings, _ := s.decided(Policy{})
	for _, f := range slices.Concat(s.Findings, findings) {
		ids[f.ID] = true
	}
	return ids
}

// decided applies suppressions and levels.
func (s *Snapshot) decided(p Policy) (findings []check.Finding, hidden int) {
	ran := func(name string, in source.FileID) bool {
		ours := slices.ContainsFunc(s.checks, func(c *check.Check) bool { return c.Name == name })
		return ours && !s.lost[name] && !s.Broken() && s.parsed(in) && p.reports(name, s.Files.File(in).Path)
	}
	kept, complaints, hidden := s.suppress(s.Findings, ran)
	kept = append(kept, Identify(s.Files, complaints)...)
	slices.SortStableFunc(kept, order)
	for _, f := range kept {
		if !p.Named(f.Check) {
			continue
		}
		if f.Passing && p.Since == nil {
			f.Level = max(f.Level, check.Info)
		}
		if level, on := p.level(f.Check, s.path(f.Span), f.Level); on {
			f.Level = level
			findings = append(findings, f)
		}
	}
	return findings, hidden
}

// Named reports whether --only and --skip leave a check in.
func (p *Policy) Named(name string) bool {
	return (len(p.Only) == 0 || slices.Contains(p.Only, name)) && !slices.Contains(p.Skip, name)
}

func (p *Policy) level(name, path string, level check.Level) (check.Level, bool) {
	if p.Level == nil {
		return level, true
	}
	return p.Level(name, path, level)
}

// reports tells whether a check may report in a file. What --only leaves out
// did its work as well.
func (p *Policy) reports(name, path string) bool {
	_, on := p.level(name, path, check.Error)
	return on && !slices.Contains(p.Skip, name)
}

// Within reports whether a path is asked for. A finding without a file is.
func (p *Policy) Within(path string) bool {
	if len(p.Paths) == 0 || path == "" {
		return true
	}
	return slices.ContainsFunc(p.Paths, func(dir string) bool {
		return dir == "" || path == dir || strings.HasPrefix(path, dir+"/")
	})
}

// path is the file of a span, or nothing.
func (s *Snapshot) path(span source.Span) string {
	if span.File < 0 {
		return ""
	}
	return s.Files.File(span.File).Path
}
