//go:build unix

// Command bench measures Assay on a real project: how fast its Elixir is parsed
// on one core, and how long and how much memory a whole check takes.
//
//	go run ./scripts/bench ASSAY PROJECT
//
// Each check is a process of its own that starts with nothing. The files are in
// the operating system's cache after the first one.
package main

import (
	"fmt"
	"os"
	"path"
	"runtime"
	"slices"
	"time"

	"github.com/assay-dev/assay/internal/source"
	"github.com/assay-dev/assay/internal/syntax/elixir"
	"github.com/assay-dev/assay/scripts/assay"
)

// The runs whose median is printed.
const runs = 5

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: bench ASSAY PROJECT")
		os.Exit(2)
	}
	if err := bench(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(2)
	}
}

func bench(program, project string) error {
	if err := parse(project); err != nil {
		return err
	}
	return check(program, project)
}

// parse times the parser alone over texts that are in memory.
func parse(project string) error {
	set, err := source.Load(project, source.Options{})
	if err != nil {
		return err
	}
	var files []*source.File
	bytes, lines := 0, 0
	for _, f := range set.Files {
		if ext := path.Ext(f.Path); ext == ".ex" || ext == ".exs" {
			files = append(files, f)
			bytes += len(f.Text)
			lines += f.Lines()
		}
	}
	if len(files) == 0 {
		return fmt.Errorf("%s: there is no Elixir in it", project)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	took := make([]time.Duration, runs)
	for i := range took {
		runtime.GC()
		start := time.Now()
		for _, f := range files {
			elixir.Parse(f)
		}
		took[i] = time.Since(start)
	}
	d := median(took)
	fmt.Printf("parse  %6.1f MB/s on one core (%d files, %d lines, %.1f MB in %v; median of %d)\n",
		float64(bytes)/1e6/d.Seconds(), len(files), lines, float64(bytes)/1e6, d.Round(time.Millisecond), runs)
	return nil
}

// check times whole processes.
func check(program, project string) error {
	took, err := assay.Measure(runs, program, "check", "--format", "json", project)
	if err != nil {
		return err
	}
	for i, c := range took {
		fmt.Printf("check  %6d ms wall, run %d\n", c.Wall.Milliseconds(), i+1)
	}
	c := assay.Typical(took)
	fmt.Printf("check  %6d ms wall, %d ms CPU, %d MB peak RSS (medians of %d, %d cores)\n",
		c.Wall.Milliseconds(), c.CPU.Milliseconds(), c.Peak/1e6, runs, runtime.NumCPU())
	return nil
}

func median(d []time.Duration) time.Duration {
	d = slices.Clone(d)
	slices.Sort(d)
	return d[len(d)/2]
}
