package elixir_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/assay-dev/assay/internal/link"
	"github.com/assay-dev/assay/internal/lower/elixir"
	"github.com/assay-dev/assay/internal/model"
	"github.com/assay-dev/assay/internal/source"
	"github.com/assay-dev/assay/internal/syntax"
	syn "github.com/assay-dev/assay/internal/syntax/elixir"
	"github.com/rogpeppe/go-internal/txtar"
)

// FuzzLower outlines and links any text, beside a module that it may use, and
// verifies the program.
func FuzzLower(f *testing.F) {
	names, _ := filepath.Glob("testdata/*.txtar")
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range txtar.Parse(data).Files {
			f.Add(string(file.Data))
		}
	}
	f.Add("defmodule A do\nuse A\ndefmacro __using__(_), do: quote(do: use(A))\nend")
	f.Add("defmodule A do\n@a @a\ndef unquote(x)(unquote_splicing(y)), do: &(&1 + &2)\nend")
	models, err := model.Builtin()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		set := source.NewSet("", []*source.File{
			source.NewFile("lib/a.ex", text),
			source.NewFile("lib/b.ex", "defmodule Base do\ndefmacro __using__(o), do: quote(do: def(f(x), do: unquote(o)))\nend"),
		})
		trees := []*syntax.Tree{syn.Parse(set.Files[0]), syn.Parse(set.Files[1])}
		p := link.Link(set, trees, models, inOrder)
		if err := errors.Join(p.Verify(), elixir.Outline(io.Discard, trees[0])); err != nil {
			t.Fatal(err)
		}
	})
}
