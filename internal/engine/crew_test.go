package engine

import (
	"slices"
	"sync"
	"testing"
)

func TestEachRunsEveryPart(t *testing.T) {
	for _, jobs := range []int{1, 2, 8} {
		var mu sync.Mutex
		var seen []int
		crew{jobs}.each(100, func(i int) {
			mu.Lock()
			defer mu.Unlock()
			seen = append(seen, i)
		})
		if jobs == 1 && !slices.IsSorted(seen) {
			t.Error("one job does not keep the order")
		}
		slices.Sort(seen)
		if len(seen) != 100 || seen[0] != 0 || seen[99] != 99 {
			t.Errorf("%d jobs ran %v", jobs, seen)
		}
	}
}

func TestEachSurvivesPanics(t *testing.T) {
	for _, jobs := range []int{1, 3} {
		done := make([]bool, 10)
		lost := crew{jobs}.each(10, func(i int) {
			if i == 2 || i == 7 {
				panic("part is bad")
			}
			done[i] = true
		})
		if len(lost) != 2 || lost[0].part != 2 || lost[1].part != 7 || lost[0].cause != "part is bad" {
			t.Errorf("%d jobs lost %v", jobs, lost)
		}
		if !done[0] || done[2] || !done[9] {
			t.Errorf("%d jobs did %v", jobs, done)
		}
	}
}
