package engine

import (
	"testing"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/source"
)

func finding(name, symbol, anchor string, file source.FileID, start int32) check.Finding {
	return check.Finding{Check: name, Symbol: symbol, Anchor: anchor, Message: name,
		Span: source.Span{File: file, Start: start, End: start + 1}}
}

func twoFiles(prefix string) *source.Set {
	return source.NewSet("", []*source.File{
		source.NewFile("lib/a.ex", prefix+"abc\ndef\n"), source.NewFile("lib/b.ex", prefix+"xyz\n"),
	})
}

func TestIdentityIgnoresPlaces(t *testing.T) {
	before := Identify(twoFiles(""), []check.Finding{
		finding("query-in-loop", "A.f/1", "Repo.get", 0, 5), finding("query-in-loop", "A.f/1", "Repo.get", 0, 2),
	})
	after := Identify(twoFiles("\n\n"), []check.Finding{
		finding("query-in-loop", "A.f/1", " Repo.get\n", 0, 4), finding("query-in-loop", "A.f/1", "Repo.get", 0, 7),
		finding("excuse", "A.f/1", "Repo.get", 0, 1),
	})
	if before[0].ID == before[1].ID {
		t.Error("two findings share an id")
	}
	if before[0].ID != after[1].ID || before[1].ID != after[2].ID {
		t.Errorf("ids moved with the lines: %v, %v", before, after)
	}
}

func TestIdentityWithoutSymbolIsThePath(t *testing.T) {
	got := Identify(twoFiles(""), []check.Finding{finding("x", "", "k", 1, 0), finding("x", "", "k", 0, 0)})
	if got[0].Span.File != 0 || got[0].ID == got[1].ID {
		t.Errorf("got %v", got)
	}
	alone := Identify(twoFiles(""), []check.Finding{finding("x", "", "k", 1, 0)})
	if alone[0].ID != got[1].ID {
		t.Error("an equal finding in another file changed the id")
	}
}

func TestOnePlaceIsReportedOnce(t *testing.T) {
	got := Identify(twoFiles(""), []check.Finding{finding("x", "B.f/0", "k", 0, 3), finding("x", "A.f/0", "k", 0, 3)})
	if len(got) != 1 || got[0].Symbol != "A.f/0" {
		t.Errorf("got %v", got)
	}
}
