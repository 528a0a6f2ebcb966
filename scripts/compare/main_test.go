//go:build unix

package main

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/assay-dev/assay/scripts/assay"
)

func TestTables(t *testing.T) {
	f, err := readPeers("# how\nshop\tCredo\t2.5\t90\t7\nshop\tSobelow\t0.6\t40\t3\nblog\tCredo\t2\t80\t1\n")
	if err != nil {
		t.Fatal(err)
	}
	r := &assay.Report{Findings: []assay.Finding{{Check: "a-b", Level: "error"}, {Check: "a-b", Level: "warning"}, {Check: "c-d", Level: "info"}}}
	r.Summary.Lines, r.Summary.Files = 4000, 12
	own := []result{{"shop", r, assay.Cost{CPU: 50 * time.Millisecond, Peak: 60e6}}, {"blog", &assay.Report{}, assay.Cost{}}}
	got := f.tables(own) + byCheck(own)
	for _, want := range []string{
		"| project | lines | Assay | Credo | Sobelow |\n|---|---|---|---|---|\n| shop | 4000 | 0.05 / 60 | 2.5 / 90 | 0.6 / 40 |\n",
		"| blog | 0 | 0.00 / 0 | 2 / 80 | – |\n",
		"| shop | 12 | 1 + 1 + 1 | 7 | 3 |\n",
		"| a-b | 2 |\n| all | 2, 5.0 in 10,000 lines |\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no\n%s\nin\n%s", want, got)
		}
	}
	if _, err := readPeers("shop\tCredo\n"); err == nil {
		t.Error("a line of two fields is read")
	}
}

// TestPeersFile holds the figures of other tools to their format.
func TestPeersFile(t *testing.T) {
	text, err := os.ReadFile("../../" + peers)
	if err != nil {
		t.Fatal(err)
	}
	f, err := readPeers(string(text))
	if err != nil {
		t.Fatal(err)
	}
	if len(f.projects) == 0 || len(f.cells) != len(f.projects)*len(f.tools) {
		t.Errorf("%d figures of %d projects and %d tools", len(f.cells), len(f.projects), len(f.tools))
	}
}
