//go:build unix

// Command compare writes the figures of docs/comparison.md.
//
//	go run ./scripts/compare ASSAY CORPUS [CASES TREES]
//
// CORPUS holds the checkouts that testdata/peers.tsv names. What other tools took
// and found there is in that file; Assay is measured now. CASES and TREES are those
// of scripts/judge. The part of the document between its marks is replaced, and
// printed.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-dev/assay/scripts/assay"
)

const (
	document = "docs/comparison.md"
	peers    = "testdata/peers.tsv"
	runs     = 5
)

func main() {
	if len(os.Args) != 3 && len(os.Args) != 5 {
		fmt.Fprintln(os.Stderr, "usage: compare ASSAY CORPUS [CASES TREES]")
		os.Exit(2)
	}
	if err := compare(os.Args[1], os.Args[2], os.Args[3:]); err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(2)
	}
}

func compare(program, corpus string, cases []string) error {
	text, err := os.ReadFile(peers)
	if err != nil {
		return err
	}
	f, err := readPeers(string(text))
	if err != nil {
		return fmt.Errorf("%s: %w", peers, err)
	}
	var own []result
	for _, p := range f.projects {
		r, err := measure(program, corpus, p)
		if err != nil {
			return err
		}
		own = append(own, *r)
	}
	figures := f.tables(own) + byCheck(own)
	last, err := lines("./scripts/loops", program, corpus)
	if err != nil {
		return err
	}
	figures += "\nOf the loops of `testdata/loops.txt`, which may reach a query by their syntax:\n\n- " + last[len(last)-1] + "\n"
	if len(cases) > 0 {
		said, err := lines("./scripts/judge", program, cases[0], cases[1])
		if err != nil {
			return err
		}
		figures += "\nReal defects and their fixes, by `scripts/judge`:\n\n" + groups(said)
	}
	fmt.Print(figures)
	return assay.WriteFigures(document, figures)
}

// measure runs Assay over one project.
func measure(program, corpus, project string) (*result, error) {
	dir := filepath.Join(corpus, filepath.FromSlash(project))
	r, err := assay.Check(program, dir)
	if err != nil {
		return nil, err
	}
	took, err := assay.Measure(runs, program, "check", "--format", "json", dir)
	if err != nil {
		return nil, err
	}
	return &result{project, r, assay.Typical(took)}, nil
}

// lines are what another command of this folder prints.
func lines(command string, args ...string) ([]string, error) {
	c := exec.Command("go", append([]string{"run", command}, args...)...)
	c.Stderr = os.Stderr
	out, err := c.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", command, err)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n"), nil
}

// groups are the summary lines of scripts/judge, of the groups that have trees.
func groups(said []string) string {
	var out strings.Builder
	for _, l := range said {
		if !strings.Contains(l, "\t") && !strings.Contains(l, ": 0 of 0 ") {
			l, _, _ = strings.Cut(l, " silent, ")
			out.WriteString("- " + l + " silent\n")
		}
	}
	return out.String()
}

// result is what Assay took and found in one project.
type result struct {
	project string
	report  *assay.Report
	cost    assay.Cost
}

// measured are the figures of other tools, by project and tool.
type measured struct {
	projects, tools []string
	cells           map[[2]string]cell
}

// cell is one line of the file: what a tool took and found in a project.
type cell struct{ cpu, peak, findings string }

// readPeers reads lines of project, tool, seconds of CPU, MB, findings. Lines that
// start with # say where they come from.
func readPeers(text string) (*measured, error) {
	f := &measured{cells: map[[2]string]cell{}}
	for l := range strings.Lines(text) {
		l = strings.TrimSuffix(l, "\n")
		if strings.HasPrefix(l, "#") || l == "" {
			continue
		}
		p := strings.Split(l, "\t")
		if len(p) != 5 {
			return nil, fmt.Errorf("a line has 5 fields, not %q", l)
		}
		if !slices.Contains(f.projects, p[0]) {
			f.projects = append(f.projects, p[0])
		}
		if !slices.Contains(f.tools, p[1]) {
			f.tools = append(f.tools, p[1])
		}
		f.cells[[2]string{p[0], p[1]}] = cell{p[2], p[3], p[4]}
	}
	return f, nil
}

// tables are the cost and the number of findings, by project and tool.
func (f *measured) tables(own []result) string {
	var out strings.Builder
	out.WriteString("Seconds of CPU / peak memory in MB, both medians, on " + strconv.Itoa(runtime.NumCPU()) + " cores:\n\n")
	f.head(&out, "lines")
	for _, r := range own {
		fmt.Fprintf(&out, "| %s | %d | %.2f / %d |", r.project, r.report.Summary.Lines, r.cost.CPU.Seconds(), r.cost.Peak/1e6)
		for _, t := range f.tools {
			c, ok := f.cells[[2]string{r.project, t}]
			if !ok {
				out.WriteString(" – |")
				continue
			}
			fmt.Fprintf(&out, " %s / %s |", c.cpu, c.peak)
		}
		out.WriteString("\n")
	}
	out.WriteString("\nFindings; of Assay errors + warnings + the rest:\n\n")
	f.head(&out, "files")
	for _, r := range own {
		n := levels(r.report)
		fmt.Fprintf(&out, "| %s | %d | %d + %d + %d |", r.project, r.report.Summary.Files, n["error"], n["warning"], n["info"]+n["hint"])
		for _, t := range f.tools {
			out.WriteString(" " + f.found(r.project, t) + " |")
		}
		out.WriteString("\n")
	}
	return out.String()
}

func (f *measured) found(project, tool string) string {
	if c, ok := f.cells[[2]string{project, tool}]; ok {
		return c.findings
	}
	return "–"
}

func (f *measured) head(out *strings.Builder, size string) {
	fmt.Fprintf(out, "| project | %s | Assay | %s |\n", size, strings.Join(f.tools, " | "))
	out.WriteString("|---|---|---|" + strings.Repeat("---|", len(f.tools)) + "\n")
}

func levels(r *assay.Report) map[string]int {
	n := map[string]int{}
	for _, f := range r.Findings {
		n[f.Level]++
	}
	return n
}

// byCheck is how many errors and warnings each check has in all projects.
func byCheck(own []result) string {
	n := map[string]int{}
	all, lines := 0, 0
	for _, r := range own {
		lines += r.report.Summary.Lines
		for i := range r.report.Findings {
			if f := &r.report.Findings[i]; f.Severe() {
				n[f.Check]++
				all++
			}
		}
	}
	var names []string
	for name := range n {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		if n[a] != n[b] {
			return n[b] - n[a]
		}
		return strings.Compare(a, b)
	})
	var out strings.Builder
	out.WriteString("\nErrors and warnings of Assay by check:\n\n| check | findings |\n|---|---|\n")
	for _, name := range names {
		fmt.Fprintf(&out, "| %s | %d |\n", name, n[name])
	}
	fmt.Fprintf(&out, "| all | %d, %.1f in 10,000 lines |\n", all, 1e4*float64(all)/float64(max(1, lines)))
	return out.String()
}
