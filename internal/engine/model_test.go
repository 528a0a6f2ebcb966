package engine

import (
	"io/fs"
	"strings"
	"testing"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/model"
	"github.com/assay-dev/assay/internal/page"
	"github.com/assay-dev/assay/internal/source"
)

// TestModelPages links the examples of each library's page for real: on a line
// that ends in `# => words`, a call resolves to an entry with these words.
func TestModelPages(t *testing.T) {
	models := builtin(t)
	for _, lib := range models.Libraries() {
		text, err := fs.ReadFile(model.Pages, lib.Name+".md")
		if err != nil {
			t.Error(err)
			continue
		}
		p, err := page.Parse("internal/model/"+lib.Name+".md", string(text))
		if err != nil {
			t.Error(err)
			continue
		}
		t.Run(lib.Name, func(t *testing.T) {
			for i := range p.Examples {
				linkExample(t, p, &p.Examples[i], models)
			}
		})
	}
}

func linkExample(t *testing.T, p *page.Page, e *page.Example, models *model.Set) {
	s := Analyze(exampleFiles(e), models, Options{Jobs: 1})
	for _, f := range s.Findings {
		if f.Check == SyntaxError {
			t.Errorf("%s:%d: %s", p.Name, e.Line+s.Files.File(f.Span.File).Line(f.Span.Start), f.Message)
		}
	}
	if s.Broken() {
		t.Errorf("%s:%d: %v", p.Name, e.Line, s.Notes)
		return
	}
	for _, f := range e.Files {
		got := wordsByLine(s, s.Files.Named(f.Path))
		for i, line := range strings.Split(f.Text, "\n") {
			if _, want, marked := strings.Cut(line, " # => "); marked && !got[i+1][want] {
				t.Errorf("%s:%d: want %q, the calls on this line have %v", p.Name, f.Line+i, want, got[i+1])
			}
		}
	}
}

// wordsByLine collects the words of the entries that the calls of a file
// resolve to, by the lines on which the calls begin and end.
func wordsByLine(s *Snapshot, file *source.File) map[int]map[string]bool {
	out := map[int]map[string]bool{}
	for _, c := range s.Program.Codes {
		if c.File != file {
			continue
		}
		for i := range c.Exprs {
			x := &c.Exprs[i]
			if x.Op != ir.Call && x.Op != ir.FuncRef || c.Callees[x.A].Extern == ir.No {
				continue
			}
			e := s.Program.Externs[c.Callees[x.A].Extern]
			if e.Model < 0 {
				continue
			}
			words := strings.Join(s.Models.At(e.Model).Words(), ", ")
			for _, line := range [...]int{file.Line(x.Start), file.Line(x.End)} {
				if out[line] == nil {
					out[line] = map[string]bool{}
				}
				out[line][words] = true
			}
		}
	}
	return out
}
