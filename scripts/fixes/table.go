package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// tally counts findings by what came of them.
type tally struct{ findings, safe, asked, shown, none, aside, bad int }

func (n *tally) count(t *tried) {
	n.findings++
	switch {
	case t.bad() != "":
		n.bad++
	case t.came == aside:
		n.aside++
	case t.came == none:
		n.none++
	default:
		*[]*int{&n.safe, &n.asked, &n.shown}[t.safety]++
	}
}

// share is the part of the findings that have a fix which may be applied, and with
// those that are shown.
func (n *tally) share() string {
	return percent(n.safe+n.asked, n.findings) + " / " + percent(n.safe+n.asked+n.shown, n.findings)
}

func percent(n, of int) string {
	if of == 0 {
		return "–"
	}
	return fmt.Sprintf("%d %%", 100*n/of)
}

// tables are the figures of the document.
func tables(all []*project) string {
	return tests(all) + coverage(all) + reasons(all)
}

// tests are how the fixes stood the test, alone and together.
func tests(all []*project) string {
	var out strings.Builder
	out.WriteString("Every fix alone, of findings of every level:\n\n" +
		"| project | fixes | files that Elixir reads | clear their finding | add none | stable | put aside |\n|---|---|---|---|---|---|---|\n")
	row := func(name string, rs []*result) {
		var fixes, files, read, cleared, clean, stable, put int
		for _, r := range rs {
			put += len(r.aside)
			if r.fixes == 0 {
				continue
			}
			fixes += r.fixes
			for _, f := range r.files {
				files++
				if f.fault == "" {
					read++
				}
			}
			cleared += r.fixes - min(r.fixes, len(r.left))
			clean += r.fixes - min(r.fixes, len(r.added))
			stable += r.fixes - min(r.fixes, len(r.again))
		}
		fmt.Fprintf(&out, "| %s | %d | %d of %d | %d | %d | %d | %d |\n", name, fixes, read, files, cleared, clean, stable, put)
	}
	var alone, together []*result
	for _, p := range all {
		var rs []*result
		for _, t := range p.findings {
			rs = append(rs, &t.result)
		}
		row(p.name, rs)
		alone = append(alone, rs...)
		together = append(together, &p.together)
	}
	row("all", alone)
	out.WriteString("\nAll fixes of a project together:\n\n" +
		"| project | fixes | files that Elixir reads | clear their finding | add none | stable | put aside |\n|---|---|---|---|---|---|---|\n")
	for _, p := range all {
		row(p.name, []*result{&p.together})
	}
	row("all", together)
	return out.String()
}

// coverage is how many errors and warnings have a fix, by check.
func coverage(all []*project) string {
	by := map[string]*tally{}
	total := &tally{}
	for _, p := range all {
		for _, t := range p.findings {
			if !t.severe() {
				continue
			}
			if by[t.check] == nil {
				by[t.check] = &tally{}
			}
			by[t.check].count(t)
			total.count(t)
		}
	}
	names := slices.SortedFunc(maps.Keys(by), func(a, b string) int {
		return cmp.Or(by[b].findings-by[a].findings, strings.Compare(a, b))
	})
	var out strings.Builder
	out.WriteString("\nErrors and warnings with a fix; the share is that of the safe and asked ones, and with those that are shown:\n\n" +
		"| check | findings | safe | asked | shown | none | put aside | share |\n|---|---|---|---|---|---|---|---|\n")
	row := func(name string, n *tally) {
		fmt.Fprintf(&out, "| %s | %d | %d | %d | %d | %d | %d | %s |\n", name, n.findings, n.safe, n.asked, n.shown, n.none, n.aside+n.bad, n.share())
	}
	for _, name := range names {
		row(name, by[name])
	}
	row("all", total)
	return out.String()
}

// reasons are why errors and warnings have no fix, the most frequent first.
func reasons(all []*project) string {
	type reason struct{ check, said string }
	n := map[reason]int{}
	for _, p := range all {
		for _, t := range p.findings {
			if t.severe() && t.came == none {
				n[reason{t.check, t.said}]++
			}
		}
	}
	order := slices.SortedFunc(maps.Keys(n), func(a, b reason) int {
		return cmp.Or(n[b]-n[a], strings.Compare(a.check, b.check), strings.Compare(a.said, b.said))
	})
	var out strings.Builder
	out.WriteString("\nWhy the others have none:\n\n| findings | check | reason |\n|---|---|---|\n")
	for _, r := range order {
		fmt.Fprintf(&out, "| %d | %s | %s |\n", n[r], r.check, strings.ReplaceAll(r.said, "|", "\\|"))
	}
	return out.String()
}
