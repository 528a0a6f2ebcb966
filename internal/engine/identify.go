package engine

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/source"
)

// Identify puts findings in their order (path, place, check), drops those that
// say the same of the same place, and gives each its id: a hash of the check,
// the symbol, the anchor and the ordinal among equals. Neither lines nor the
// text of bodies are part of it, so an id survives edits around it.
func Identify(files *source.Set, findings []check.Finding) []check.Finding {
	slices.SortStableFunc(findings, order)
	findings = slices.CompactFunc(findings, same)
	seen := make(map[string]int, len(findings))
	for i := range findings {
		f := &findings[i]
		key := keyOf(files, f)
		seen[key]++
		sum := sha256.Sum256([]byte(key + "\x00" + strconv.Itoa(seen[key])))
		f.ID = hex.EncodeToString(sum[:8])
	}
	return findings
}

// keyOf is what an id is made of, without the ordinal among equals.
func keyOf(files *source.Set, f *check.Finding) string {
	return strings.Join([]string{f.Check, subject(files, f), normal(f.Anchor)}, "\x00")
}

// subject is what a finding belongs to: its symbol, or its file's path.
func subject(files *source.Set, f *check.Finding) string {
	if f.Symbol != "" || f.Span.File < 0 {
		return f.Symbol
	}
	return files.File(f.Span.File).Path
}

// normal is an anchor with every run of white space as one space.
func normal(anchor string) string { return strings.Join(strings.Fields(anchor), " ") }

// order compares findings; file ids are in the order of paths.
func order(a, b check.Finding) int {
	return cmp.Or(
		cmp.Compare(a.Span.File, b.Span.File),
		cmp.Compare(a.Span.Start, b.Span.Start),
		strings.Compare(a.Check, b.Check),
		cmp.Compare(a.Span.End, b.Span.End),
		strings.Compare(a.Message, b.Message),
		strings.Compare(a.Symbol, b.Symbol),
	)
}

// same reports whether two findings would read the same: code that a `use`
// puts into many modules is one place to its owner.
func same(a, b check.Finding) bool {
	return a.Check == b.Check && a.Span == b.Span && a.Message == b.Message
}
