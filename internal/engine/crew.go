package engine

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

// crew runs the parts of a phase, at most jobs at a time. One job means the
// caller's own goroutine, in order.
type crew struct{ jobs int }

// failure is a part that panicked.
type failure struct {
	part  int
	cause string // what was panicked with
	stack string
}

// each runs part(0) … part(n-1) and returns those that panicked, by part. A
// panic in one part leaves the others alone.
func (c crew) each(n int, part func(i int)) []failure {
	lost := make([]*failure, n)
	run := func(i int) {
		defer func() {
			if r := recover(); r != nil {
				lost[i] = &failure{part: i, cause: fmt.Sprint(r), stack: string(debug.Stack())}
			}
		}()
		part(i)
	}
	c.spread(n, run)
	var out []failure
	for _, f := range lost {
		if f != nil {
			out = append(out, *f)
		}
	}
	return out
}

// spread hands the numbers below n to the workers. run must not panic.
func (c crew) spread(n int, run func(i int)) {
	workers := min(c.jobs, n)
	if workers <= 1 {
		for i := range n {
			run(i)
		}
		return
	}
	var next atomic.Int64
	var done sync.WaitGroup
	for range workers {
		done.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				run(i)
			}
		})
	}
	done.Wait()
}

// alone runs one piece of work and says whether it panicked.
func alone(work func()) *failure {
	if lost := (crew{jobs: 1}).each(1, func(int) { work() }); lost != nil {
		return &lost[0]
	}
	return nil
}

// beside starts work next to the caller's and returns a function that waits
// for it; with one job the work is done at once.
func (c crew) beside(work func()) (wait func()) {
	if c.jobs <= 1 {
		work()
		return func() {}
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		work()
	}()
	return func() { <-done }
}

// Each runs part(0) … part(n-1), jobs at a time (0 is one a core), for work
// that is no analysis. The error names the first part that panicked.
func Each(jobs, n int, part func(i int)) error {
	if jobs <= 0 {
		jobs = runtime.GOMAXPROCS(0)
	}
	if lost := (crew{jobs}).each(n, part); lost != nil {
		return fmt.Errorf("internal error: %s\n%s", lost[0].cause, lost[0].stack)
	}
	return nil
}
