// Command sample measures precision: it draws findings to be read one by one,
// records what their readers say, and sums that up.
//
//	go run ./scripts/sample ASSAY CORPUS [--checks a,b] [--per-check N] [--seed N] [--all-levels] [PROJECT…]
//	go run ./scripts/sample record READ…
//	go run ./scripts/sample table ASSAY CORPUS [PROJECT…]
//	go run ./scripts/sample fixes ASSAY CORPUS [--checks a,b] [--count N] [--per-check N] [--seed N] [PROJECT…]
//	go run ./scripts/sample fixes record READ…
//	go run ./scripts/sample fixes table
//
// CORPUS holds a checkout of each project under the project's name. The first form
// prints a work list: findings of level error or warning, a few of each check,
// spread over the projects, in an order that shows neither. The same seed draws
// the same findings. Whoever reads them adds to each line the fields `verdict`
// (real: a maintainer would change the code; arguable; false) and `reason` (one
// line, in words, without source text). The second form takes such lines and adds
// them to testdata/corpus/verdicts.jsonl. The third prints precision by check and
// by project, of everything judged and of what is still reported, and how many
// warnings there are in 10,000 lines.
//
// The forms of fixes do the same for the fixes that may be applied: they draw
// fixes, each with its patch, record what is said of them in
// testdata/corpus/fixes.jsonl (mergeable: as it is; change: right, but not as it
// is; wrong), and print the share that is mergeable by draw and by check.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/assay-dev/assay/scripts/assay"
)

const verdictsFile = "testdata/corpus/verdicts.jsonl"

var errUsage = errors.New(`usage: sample ASSAY CORPUS [--checks a,b] [--per-check N] [--seed N] [--all-levels] [PROJECT…]
       sample record READ…
       sample table ASSAY CORPUS [PROJECT…]
       sample fixes ASSAY CORPUS [--checks a,b] [--count N] [--per-check N] [--seed N] [PROJECT…]
       sample fixes record READ…
       sample fixes table`)

func main() {
	if err := run(os.Stdout, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "sample:", err)
		os.Exit(2)
	}
}

func run(w io.Writer, args []string) error {
	if len(args) > 0 && args[0] == "fixes" {
		return runFixes(w, args[1:])
	}
	var p plan
	f := pflag.NewFlagSet("sample", pflag.ContinueOnError)
	f.StringSliceVar(&p.checks, "checks", nil, "the checks to draw from; all without it")
	f.IntVar(&p.perCheck, "per-check", 10, "how many findings of each check")
	f.IntVar(&p.seed, "seed", 1, "which draw")
	f.BoolVar(&p.allLevels, "all-levels", false, "draw infos and hints too")
	if err := f.Parse(args); err != nil {
		return err
	}
	args = f.Args()
	switch {
	case len(args) < 2:
		return errUsage
	case args[0] == "record":
		return recordFiles[judged](w, verdictsFile, args[1:])
	case args[0] == "table":
		if len(args) < 3 {
			return errUsage
		}
		return table(w, args[1], args[2], args[3:])
	}
	return draw(w, args[0], args[1], args[2:], p)
}

// reportsIn are what is found in the checkouts of a folder: those named, or all.
func reportsIn(program, corpus string, named []string) ([]now, error) {
	projects, err := projectsIn(corpus, named)
	if err != nil {
		return nil, err
	}
	var out []now
	for _, p := range projects {
		r, err := assay.Check(program, filepath.Join(corpus, p))
		if err != nil {
			return nil, err
		}
		out = append(out, now{p, r})
	}
	return out, nil
}

// projectsIn are the checkouts in a folder: those named, or all.
func projectsIn(corpus string, named []string) ([]string, error) {
	if len(named) > 0 {
		return named, nil
	}
	list, err := os.ReadDir(corpus)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, d := range list {
		if d.IsDir() && !strings.HasPrefix(d.Name(), ".") {
			out = append(out, d.Name())
		}
	}
	slices.Sort(out)
	return out, nil
}

// commitOf is the commit of a checkout: what its file COMMIT says, or git.
func commitOf(dir string) string {
	if text, err := os.ReadFile(filepath.Join(dir, "COMMIT")); err == nil {
		return strings.TrimSpace(string(text))
	}
	if _, err := os.Stat(filepath.Join(dir, ".git")); err != nil {
		return ""
	}
	out, err := exec.Command("git", "-C", dir, "rev-parse", "HEAD").Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}
