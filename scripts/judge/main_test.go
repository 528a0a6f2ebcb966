package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/assay-dev/assay/scripts/assay"
)

// defect is a case at lines 20 to 22 of lib/a.ex.
func defect(t *testing.T) *known {
	t.Helper()
	k := &known{ID: "n--app--1", Category: "n", Group: "loops"}
	k.Locations = append(k.Locations, struct {
		Path      string `json:"path"`
		LineStart int    `json:"line_start"`
		LineEnd   int    `json:"line_end"`
	}{"lib/a.ex", 20, 22})
	return k
}

func at(level, symbol, path string, line int, evidence ...assay.Place) assay.Finding {
	return assay.Finding{Check: "query-in-loop", Level: level, Symbol: symbol, Place: assay.Place{Path: path, Line: line}, Evidence: evidence}
}

func TestVerdict(t *testing.T) {
	here, there := assay.Place{Path: "lib/a.ex", Line: 21}, assay.Place{Path: "lib/b.ex", Line: 1}
	for _, c := range []struct {
		name      string
		then, now []assay.Finding
		want      string
	}{
		{"nothing", nil, nil, silent},
		{"twelve lines before", []assay.Finding{at("warning", "A.f/1", "lib/a.ex", 8)}, nil, flagged},
		{"thirteen lines before", []assay.Finding{at("warning", "A.f/1", "lib/a.ex", 7)}, nil, silent},
		{"twelve lines after", []assay.Finding{at("error", "A.f/1", "lib/a.ex", 34)}, nil, flagged},
		{"another file", []assay.Finding{at("warning", "A.f/1", "lib/b.ex", 21)}, nil, silent},
		{"an info", []assay.Finding{at("info", "A.f/1", "lib/a.ex", 21)}, nil, silent},
		{"the third step", []assay.Finding{at("warning", "A.f/1", "lib/b.ex", 1, there, there, here)}, nil, flagged},
		{"the fourth step", []assay.Finding{at("warning", "A.f/1", "lib/b.ex", 1, there, there, there, here)}, nil, silent},
		{"still there", []assay.Finding{at("warning", "A.f/1", "lib/a.ex", 21)}, []assay.Finding{at("info", "A.f/1", "lib/c.ex", 90)}, still},
		{"another symbol after", []assay.Finding{at("warning", "A.f/1", "lib/a.ex", 21)}, []assay.Finding{at("warning", "A.g/1", "lib/a.ex", 21)}, flagged},
		{"one of two is gone", []assay.Finding{at("warning", "A.f/1", "lib/a.ex", 21), at("warning", "A.g/1", "lib/a.ex", 22)},
			[]assay.Finding{at("warning", "A.f/1", "lib/a.ex", 21)}, flagged},
	} {
		k := defect(t)
		if k.compare(c.then, c.now); k.verdict != c.want {
			t.Errorf("%s: %s, want %s", c.name, k.verdict, c.want)
		}
	}
}

func TestChooseAndSummary(t *testing.T) {
	cases := []*known{
		{ID: "1", Group: "a", verdict: flagged}, {ID: "2", Group: "b", verdict: still}, {ID: "3", Group: "c", verdict: silent},
		{ID: "4", Group: "b", verdict: flagged}, {ID: "5", Group: "b", verdict: noTree},
	}
	var out bytes.Buffer
	summary(&out, choose(cases, strings.Fields("b a")))
	want := `b: 1 of 2 flagged (50 %), 1 flagged and still after, 0 silent, 1 without a tree
a: 1 of 1 flagged (100 %), 0 flagged and still after, 0 silent, 0 without a tree
all: 2 of 3 flagged (67 %), 1 flagged and still after, 0 silent, 1 without a tree
`
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
}
