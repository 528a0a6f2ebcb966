package ir

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/assay-dev/assay/internal/source"
)

// TestFuncAt finds the shortest function around a place as going over all of them does, where they
// are nested, overlap, come from macros or are of other files.
func TestFuncAt(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	span := func(longest int32) source.Span {
		start := r.Int32N(200)
		return source.Span{File: source.FileID(r.IntN(3)), Start: start, End: start + r.Int32N(longest)}
	}
	found := 0
	for range 200 {
		p := &Program{}
		for i := range 20 {
			p.Funcs = append(p.Funcs, &Func{ID: FuncID(i), Span: span(80), Injected: r.IntN(5) == 0})
		}
		p.Index()
		for range 100 {
			at := span(10)
			var want *Func
			for _, f := range p.Funcs {
				if !f.Injected && f.Span.Contains(at) && (want == nil || f.Span.Len() < want.Span.Len()) {
					want = f
				}
			}
			got := p.FuncAt(at)
			if (got == nil) != (want == nil) || got != nil && got.Span.Len() != want.Span.Len() {
				t.Fatalf("at %v: %v, want %v", at, got, want)
			}
			if got != nil {
				found++
			}
		}
	}
	if found < 1000 {
		t.Errorf("only %d places are in a function", found)
	}
}

// TestFuncAtTakesLittleTime asks for a place in each of many functions of one file.
func TestFuncAtTakesLittleTime(t *testing.T) {
	const n = 200_000
	p := &Program{}
	for i := range int32(n) {
		p.Funcs = append(p.Funcs, &Func{ID: FuncID(i), Span: source.Span{Start: 10 * i, End: 10*i + 9}})
	}
	start := time.Now()
	p.Index()
	for i := range int32(n) {
		if f := p.FuncAt(source.Span{Start: 10*i + 3, End: 10*i + 5}); f == nil || f.ID != FuncID(i) {
			t.Fatalf("%v in the function %d", f, i)
		}
		if f := p.FuncAt(source.Span{Start: 10*i + 9, End: 10*i + 10}); f != nil {
			t.Fatalf("%v between two functions", f)
		}
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("%d functions take %v", n, took)
	}
}
