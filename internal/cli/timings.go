package cli

import (
	"fmt"
	"runtime"
	"time"

	"github.com/assay-dev/assay/internal/engine"
)

// printTimings says on standard error where the time went.
func (k *checkCommand) printTimings(s *engine.Snapshot) {
	bytes := 0
	for _, f := range s.Files.Files {
		bytes += len(f.Text)
	}
	fmt.Fprintf(k.Err, "%-16s %9d files, %.1f MB\n", "project", len(s.Files.Files), float64(bytes)/1e6)
	for _, p := range s.Phases {
		fmt.Fprintf(k.Err, "%-16s %9.1f ms\n", p.Name, ms(p.Took))
	}
	fmt.Fprintf(k.Err, "%-16s %9.1f ms\n", "whole", ms(time.Since(k.began)))
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	fmt.Fprintf(k.Err, "%-16s %9.1f MB, %d collections\n", "memory", float64(m.Sys)/1e6, m.NumGC)
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
