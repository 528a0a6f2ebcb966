//go:build unix

package assay

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"syscall"
	"time"
)

// Cost is what one run of a program took.
type Cost struct {
	Wall, CPU time.Duration
	Peak      int64 // the most memory that was resident, in bytes
}

// Measure runs a program several times, each a process of its own. An exit code of
// 1 is no failure: there are findings.
func Measure(runs int, program string, args ...string) ([]Cost, error) {
	out := make([]Cost, runs)
	for i := range out {
		c := exec.Command(program, args...) // its output goes nowhere
		c.Stderr = os.Stderr
		start := time.Now()
		err := c.Run()
		out[i].Wall = time.Since(start)
		var exit *exec.ExitError
		if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) {
			return nil, fmt.Errorf("%s: %w", program, err)
		}
		out[i].CPU = c.ProcessState.UserTime() + c.ProcessState.SystemTime()
		out[i].Peak = maxRSS(c.ProcessState)
	}
	return out, nil
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

// Typical is the median of each figure of some runs.
func Typical(runs []Cost) Cost {
	var c Cost
	var wall, cpu []time.Duration
	var peak []int64
	for _, r := range runs {
		wall, cpu, peak = append(wall, r.Wall), append(cpu, r.CPU), append(peak, r.Peak)
	}
	slices.Sort(wall)
	slices.Sort(cpu)
	slices.Sort(peak)
	c.Wall, c.CPU, c.Peak = wall[len(wall)/2], cpu[len(cpu)/2], peak[len(peak)/2]
	return c
}
