package elixir

import (
	"os"
	"testing"

	"github.com/assay-dev/assay/internal/source"
	"github.com/assay-dev/assay/internal/syntax"
)

func TestSmoke(t *testing.T) {
	src := os.Getenv("SRC")
	f := source.NewFile("x.ex", src)
	tree := Parse(f)
	syntax.Dump(os.Stdout, tree, KindName, OpName)
	if err := syntax.Verify(tree); err != nil {
		t.Error(err)
	}
}
