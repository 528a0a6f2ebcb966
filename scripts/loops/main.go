// Command loops compares what Assay says of the loops in real applications with
// a list of those that, by their syntax, may reach a query.
//
//	go run ./scripts/loops ASSAY CORPUS [PROJECT …]
//
// CORPUS holds a checkout of each project under the project's name. The list is
// testdata/loops.txt: project, path:line, hops, kind. Assay says what it makes
// of each loop with `assay dump loops`: path:line, hops, kind, verdict, reason.
// A place agrees when its line is at most two away.
package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

const list = "testdata/loops.txt"

// A loop's line is where its call starts or where its function starts; two
// lines cover a pipe.
const near = 2

// place is where a loop is.
type place struct {
	path string
	line int
}

// said is what Assay made of a loop.
type said struct {
	place
	verdict, reason string
}

// tally is the outcome for one project.
type tally struct {
	project                           string
	all, reported, silent, unexplored int
	missing                           []string
}

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: loops ASSAY CORPUS [PROJECT …]")
		os.Exit(2)
	}
	if err := compare(os.Args[1], os.Args[2], os.Args[3:]); err != nil {
		fmt.Fprintln(os.Stderr, "loops:", err)
		os.Exit(2)
	}
}

func compare(assay, corpus string, only []string) error {
	wanted, order, err := readList()
	if err != nil {
		return err
	}
	var sum tally
	var failed []error
	for _, project := range order {
		if len(only) > 0 && !slices.Contains(only, project) {
			continue
		}
		dir := filepath.Join(corpus, project)
		if _, err := os.Stat(dir); err != nil {
			fmt.Printf("%-12s not in %s\n", project, corpus)
			continue
		}
		loops, err := dump(assay, dir)
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", project, err))
			continue
		}
		t := match(project, wanted[project], loops)
		t.print()
		sum.all += t.all
		sum.reported += t.reported
		sum.silent += t.silent
		sum.unexplored += t.unexplored
	}
	sum.project = "all"
	sum.print()
	return errors.Join(failed...)
}

// readList reads the places by project, and the projects in their order.
func readList() (map[string][]place, []string, error) {
	text, err := os.ReadFile(list)
	if err != nil {
		return nil, nil, err
	}
	wanted := map[string][]place{}
	var order []string
	for line := range strings.Lines(string(text)) {
		f := strings.Split(strings.TrimSpace(line), "\t")
		if len(f) < 2 {
			continue
		}
		p, err := placeOf(f[1])
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", list, err)
		}
		if !slices.Contains(order, f[0]) {
			order = append(order, f[0])
		}
		wanted[f[0]] = append(wanted[f[0]], p)
	}
	return wanted, order, nil
}

func placeOf(text string) (place, error) {
	path, line, ok := strings.Cut(text, ":")
	n, err := strconv.Atoi(line)
	if !ok || err != nil {
		return place{}, fmt.Errorf("%q is no place", text)
	}
	return place{path, n}, nil
}

// dump asks Assay about the loops of a project.
func dump(assay, dir string) ([]said, error) {
	c := exec.Command(assay, "dump", "loops", dir)
	c.Stderr = os.Stderr
	out, err := c.Output()
	if err != nil {
		return nil, err
	}
	var loops []said
	lines := bufio.NewScanner(bytes.NewReader(out))
	for lines.Scan() {
		f := strings.Split(lines.Text(), "\t")
		if len(f) < 4 {
			return nil, fmt.Errorf("a loop has 5 fields, not %q", lines.Text())
		}
		p, err := placeOf(f[0])
		if err != nil {
			return nil, err
		}
		s := said{place: p, verdict: f[3]}
		if len(f) > 4 {
			s.reason = f[4]
		}
		loops = append(loops, s)
	}
	return loops, lines.Err()
}

// match gives each wanted place the nearest loop; a loop answers for one place
// unless it is the only one near.
func match(project string, wanted []place, loops []said) tally {
	t := tally{project: project, all: len(wanted)}
	used := make([]bool, len(loops))
	for _, w := range wanted {
		best := -1
		for i, l := range loops {
			if l.path != w.path || abs(l.line-w.line) > near {
				continue
			}
			if best < 0 || used[best] && !used[i] || used[best] == used[i] && abs(l.line-w.line) < abs(loops[best].line-w.line) {
				best = i
			}
		}
		switch {
		case best < 0:
			t.missing = append(t.missing, fmt.Sprintf("%s:%d", w.path, w.line))
			continue
		case loops[best].verdict == "reported":
			t.reported++
		case loops[best].reason != "":
			t.silent++
		default:
			t.unexplored++
		}
		used[best] = true
	}
	return t
}

func (t *tally) print() {
	fmt.Printf("%-12s %4d loops: %4d reported, %4d silent with a reason, %4d silent without one, %4d missing\n",
		t.project, t.all, t.reported, t.silent, t.unexplored, t.all-t.reported-t.silent-t.unexplored)
	for _, m := range t.missing {
		fmt.Println("    missing", m)
	}
}

func abs(n int) int { return max(n, -n) }
