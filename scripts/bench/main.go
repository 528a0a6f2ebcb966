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
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"runtime"
	"slices"
	"syscall"
	"time"

	"github.com/assay-dev/assay/internal/source"
	"github.com/assay-dev/assay/internal/syntax/elixir"
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

func bench(assay, project string) error {
	if err := parse(project); err != nil {
		return err
	}
	return check(assay, project)
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
func check(assay, project string) error {
	took := make([]time.Duration, runs)
	var peak, cpu int64
	for i := range took {
		c := exec.Command(assay, "check", "--format", "json", project) // its output goes nowhere
		c.Stderr = os.Stderr
		start := time.Now()
		err := c.Run()
		took[i] = time.Since(start)
		var exit *exec.ExitError
		if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) {
			return fmt.Errorf("%s: %w", assay, err)
		}
		peak = max(peak, maxRSS(c.ProcessState))
		cpu += int64(c.ProcessState.UserTime() + c.ProcessState.SystemTime())
	}
	for i, d := range took {
		fmt.Printf("check  %6d ms wall, run %d\n", d.Milliseconds(), i+1)
	}
	fmt.Printf("check  %6d ms wall (median of %d, %d cores), %d ms CPU on average, %d MB peak RSS\n",
		median(took).Milliseconds(), runs, runtime.NumCPU(), time.Duration(cpu/runs).Milliseconds(), peak/1e6)
	return nil
}

// maxRSS is the peak resident set in bytes; Linux counts it in KiB.
func maxRSS(s *os.ProcessState) int64 {
	usage, ok := s.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" {
		return usage.Maxrss
	}
	return usage.Maxrss * 1024
}

func median(d []time.Duration) time.Duration {
	d = slices.Clone(d)
	slices.Sort(d)
	return d[len(d)/2]
}
