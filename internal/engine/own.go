package engine

import (
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/checks"
	"github.com/assay-dev/assay/internal/source"
	"github.com/assay-dev/assay/internal/syntax"
)

// What the engine itself reports, beside the checks.
const (
	BadSuppression    = "bad-suppression"
	InternalError     = "internal-error"
	SyntaxError       = "syntax-error"
	UnusedSuppression = "unused-suppression"
)

// Own are the names that the engine itself reports under, sorted.
func Own() []string {
	return []string{BadSuppression, InternalError, SyntaxError, UnusedSuppression}
}

// ReportAt is where a defect of Assay itself is told.
const ReportAt = "https://github.com/assay-dev/assay/issues"

// A file with many syntax errors shows the first few. The later ones mostly follow from
// the first, and are information.
const syntaxErrorsShown = 3

// syntaxErrors are the findings about what could not be parsed.
func (r *run) syntaxErrors() {
	for _, t := range r.Trees {
		if t == nil {
			continue
		}
		kept := uncompiled(t.File)
		for i, e := range t.Errors[:min(len(t.Errors), syntaxErrorsShown)] {
			level := check.Error
			if i > 0 || kept || templated(t.File.Text, e.Start) {
				level = check.Info
			}
			at := source.Span{File: t.File.ID, Start: e.Start, End: e.End}
			r.bad = append(r.bad, check.Finding{
				Check: SyntaxError, Level: level, Span: at, Anchor: e.Message, Message: e.Message,
			})
		}
	}
}

// templated reports whether the line of a byte offset has a tag of a template, as a file has that a
// generator fills in before it is Elixir: `defmodule <%= name %> do`.
func templated(text string, at int32) bool {
	i := min(max(int(at), 0), len(text))
	line := text[strings.LastIndexByte(text[:i], '\n')+1:]
	line, _, _ = strings.Cut(line, "\n")
	_, tag, open := strings.Cut(line, "<%")
	return open && strings.Contains(tag, "%>")
}

// uncompiled reports whether nothing compiles or runs a file: a module beside what is compiled, or a
// script among it.
func uncompiled(f *source.File) bool {
	if strings.HasSuffix(f.Path, ".exs") {
		return f.Kind != source.Test && strings.Contains("/"+f.Path, "/lib/")
	}
	return f.Kind != source.Lib && strings.HasSuffix(f.Path, ".ex")
}

// loseFile reports a file that made the analysis panic.
func (r *run) loseFile(id source.FileID, phase string, l failure) {
	at := source.Span{File: id}
	r.bad = append(r.bad, check.Finding{
		Check: InternalError, Level: check.Info, Span: at, Anchor: phase,
		Message: "Assay failed on this file (" + phase + ": " + firstLine(l.cause) + "), so nothing in it is checked; please report it: " + ReportAt,
	})
	r.Stacks = append(r.Stacks, l.cause+"\n"+l.stack)
}

// losePart notes that a part of the analysis that is no file panicked.
func (r *run) losePart(what string, l failure) {
	r.Notes = append(r.Notes, source.Note{
		Reason: "Assay failed in " + what + " (" + firstLine(l.cause) + "), so its findings are missing; please report it: " + ReportAt,
	})
	r.Stacks = append(r.Stacks, l.cause+"\n"+l.stack)
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return s
}

// readAllows reads the suppressions of every file.
func (r *run) readAllows() {
	marked := make([]bool, len(r.Trees))
	r.each(len(r.Trees), func(i int) { marked[i] = r.Trees[i] != nil && mentions(r.Trees[i]) })
	if !slices.Contains(marked, true) {
		return
	}
	known := slices.Concat(Own(), names(checks.All()), names(r.checks))
	heads := headsOf(r.Program)
	for i, t := range r.Trees {
		if marked[i] {
			r.allows = append(r.allows, allows(t, heads[t.File.ID], known)...)
		}
	}
}

func names(list []*check.Check) []string {
	out := make([]string, len(list))
	for i, c := range list {
		out[i] = c.Name
	}
	return out
}

// parsed reports whether a file was read without a syntax error.
func (s *Snapshot) parsed(id source.FileID) bool {
	var t *syntax.Tree
	if int(id) < len(s.Trees) && id >= 0 {
		t = s.Trees[id]
	}
	return t != nil && len(t.Errors) == 0
}
