package link

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/model"
	"github.com/assay-dev/assay/internal/source"
	"github.com/assay-dev/assay/internal/syntax"
	syn "github.com/assay-dev/assay/internal/syntax/elixir"
)

func TestDebug(t *testing.T) {
	root := os.Getenv("DBG")
	if root == "" {
		t.Skip()
	}
	var files []*source.File
	filepath.WalkDir(root, func(p string, d os.DirEntry, err error) error {
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == "deps") {
			return filepath.SkipDir
		}
		if strings.HasSuffix(p, ".ex") || strings.HasSuffix(p, ".exs") {
			b, _ := os.ReadFile(p)
			rel, _ := filepath.Rel(root, p)
			files = append(files, source.NewFile(rel, string(b)))
		}
		return nil
	})
	set := source.NewSet(root, files)
	t0 := time.Now()
	models, err := model.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	t1 := time.Now()
	trees := make([]*syntax.Tree, len(set.Files))
	bytes, nodes, errs := 0, 0, 0
	for i, f := range set.Files {
		trees[i] = syn.Parse(f)
		bytes += len(f.Text)
		nodes += len(trees[i].Nodes)
		errs += len(trees[i].Errors)
		if len(trees[i].Errors) > 0 {
			fmt.Println("ERR", f.Path, f.Pos(trees[i].Errors[0].Start), trees[i].Errors[0].Message)
		}
	}
	t2 := time.Now()
	par := func(n int, f func(int)) {
		for i := range n {
			f(i)
		}
	}
	p := Link(set, trees, models, par)
	t3 := time.Now()
	fmt.Println("models", t1.Sub(t0), "parse", t2.Sub(t1), bytes, nodes, errs, "link", t3.Sub(t2))
	if err := p.Verify(); err != nil {
		t.Error(err)
	}
	exprs := 0
	unres := map[string]int{}
	tot, bad := 0, 0
	for _, c := range p.Codes {
		exprs += len(c.Exprs)
		for i := range c.Exprs {
			e := &c.Exprs[i]
			if e.Op == ir.Send && e.Flags&ir.FlagForeign == 0 {
				tot++
				bad++
				unres["send "+c.File.Text[e.Start:min(e.End, e.Start+40)]+" "+c.File.Path]++
			}
			if e.Op != ir.Call || e.Flags&(ir.FlagOperator|ir.FlagForeign) != 0 {
				continue
			}
			k := c.Callees[e.A]
			tot++
			if k.Func < 0 && k.Extern < 0 {
				bad++
				unres[fmt.Sprintf("%s.%s/%d %s", k.Module, k.Name, k.Arity, c.File.Path)]++
			}
		}
	}
	fmt.Println("modules", len(p.Modules), "funcs", len(p.Funcs), "exprs", exprs, "externs", len(p.Externs), "entries", len(p.Entries), "calls", tot, "unresolved", bad)
	var keys []string
	for k := range unres {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool { return unres[keys[i]] > unres[keys[j]] })
	for _, k := range keys[:min(600, len(keys))] {
		fmt.Println(unres[k], k)
	}
	if f := os.Getenv("DUMP"); f != "" {
		p.Dump(os.Stdout, set.Named(f).ID)
	}
}
