package cli

import (
	"os"
	"runtime/debug"
)

// One short run is better off with few collections. The collector runs when
// the heap has grown by gcPercent, or earlier to stay below the limit: what a
// large application needs, and more only for projects beyond that.
const (
	gcPercent   = 800
	memoryFloor = 340 << 20
	bytesPerOne = 45 // memory that one byte of source comes to need
)

// tuneCollector sets how often to collect. What the user set in the
// environment stays.
func tuneCollector() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	limitMemory(0)
}

// limitMemory sets the limit for a project of some bytes of source.
func limitMemory(source int64) {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(max(memoryFloor, source*bytesPerOne))
	}
}
