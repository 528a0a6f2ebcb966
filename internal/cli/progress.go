package cli

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// Short work shows no bar, and a bar is drawn no more often than an eye follows.
const (
	quiet = 500 * time.Millisecond
	frame = 80 * time.Millisecond
)

// bar shows on a terminal how far the analysis is. The zero bar shows nothing.
type bar struct {
	mu    sync.Mutex
	out   io.Writer
	next  time.Time
	drawn bool
}

// newBar makes a bar on w, which shows nothing unless w is a terminal.
func newBar(w io.Writer) *bar {
	if _, ok := terminal(w); !ok {
		return &bar{}
	}
	return &bar{out: w, next: time.Now().Add(quiet)}
}

// step tells the bar that done of total parts of a phase are done.
func (b *bar) step(phase string, done, total int) {
	if b.out == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	if now.Before(b.next) {
		return
	}
	b.next, b.drawn = now.Add(frame), true
	const width = 24
	full := width * done / max(total, 1)
	fmt.Fprintf(b.out, "\r\x1b[K%s%s %s %d/%d", strings.Repeat("━", full), strings.Repeat("─", width-full), phase, done, total)
}

// clear takes the bar off the screen; it is not drawn again.
func (b *bar) clear() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.drawn {
		fmt.Fprint(b.out, "\r\x1b[K")
	}
	b.out, b.drawn = nil, false
}
