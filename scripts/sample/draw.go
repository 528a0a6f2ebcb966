package main

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"github.com/assay-dev/assay/scripts/assay"
)

// plan is what to draw.
type plan struct {
	checks    []string
	perCheck  int
	seed      int
	allLevels bool
}

// item is a line of the work list: a finding whole, with the fixes that are offered, as who is
// shown it has it before him.
type item struct {
	Project  string        `json:"project"`
	Commit   string        `json:"commit"`
	ID       string        `json:"id"`
	Check    string        `json:"check"`
	Level    string        `json:"level"`
	Path     string        `json:"path"`
	Line     int           `json:"line"`
	Message  string        `json:"message"`
	Evidence []assay.Place `json:"evidence"`
	Fixes    []assay.Fix   `json:"fixes"`
	rank     [sha256.Size]byte
}

// draw prints a work list.
func draw(w io.Writer, program, corpus string, named []string, p plan) error {
	reports, err := reportsIn(program, corpus, named)
	if err != nil {
		return err
	}
	var found []item
	for _, r := range reports {
		name, commit := r.project, commitOf(filepath.Join(corpus, r.project))
		for _, f := range r.report.Findings {
			found = append(found, item{Project: name, Commit: commit, ID: f.ID, Check: f.Check, Level: f.Level,
				Path: f.Path, Line: f.Line, Message: f.Message, Evidence: f.Evidence, Fixes: f.Fixes})
		}
	}
	return encode(w, p.draw(found))
}

// encode writes a work list, one JSON object a line.
func encode[T any](w io.Writer, list []T) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	for i := range list {
		if err := e.Encode(&list[i]); err != nil {
			return err
		}
	}
	return nil
}

// draw chooses findings. A finding's rank depends on the seed and on the finding
// alone, so that a draw changes little when the findings do. For each check the
// projects take turns, and each gives its finding of the lowest rank.
func (p plan) draw(found []item) []item {
	byCheck := map[string]map[string][]item{}
	for _, x := range found {
		severe := x.Level == "error" || x.Level == "warning"
		if !p.allLevels && !severe || len(p.checks) > 0 && !slices.Contains(p.checks, x.Check) {
			continue
		}
		x.rank = sha256.Sum256(fmt.Appendf(nil, "%d\x00%s\x00%s", p.seed, x.Project, x.ID))
		if byCheck[x.Check] == nil {
			byCheck[x.Check] = map[string][]item{}
		}
		byCheck[x.Check][x.Project] = append(byCheck[x.Check][x.Project], x)
	}
	var out []item
	for _, projects := range byCheck {
		out = append(out, spread(projects, p.perCheck)...)
	}
	slices.SortFunc(out, byRank)
	return out
}

// spread takes at most n findings, in turns from the projects.
func spread(projects map[string][]item, n int) []item {
	var turns []item
	turn := map[[sha256.Size]byte]int{}
	for _, list := range projects {
		slices.SortFunc(list, byRank)
		for i, x := range list {
			turn[x.rank] = i
			turns = append(turns, x)
		}
	}
	slices.SortFunc(turns, func(a, b item) int {
		return cmp.Or(turn[a.rank]-turn[b.rank], byRank(a, b))
	})
	return turns[:min(n, len(turns))]
}

func byRank(a, b item) int { return slices.Compare(a.rank[:], b.rank[:]) }
