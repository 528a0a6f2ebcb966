package engine

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/assay-dev/assay/internal/check"
)

// project writes files below a new folder, by path.
func project(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		name = filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestOpenWithOverlay(t *testing.T) {
	root := project(t, map[string]string{
		"mix.exs": "defmodule P.MixProject do\nend\n", "lib/a.ex": "defmodule A do\n  def f, do: 1\nend\n",
	})
	overlay := map[string]string{"lib/a.ex": "defmodule A do\n\n  def g, do: 1\nend\n", "lib/b.ex": "defmodule B do\n  def h, do: 1\nend\n"}
	var size int64
	s, err := Open(root, overlay, Options{Checks: []*check.Check{everyFunction("fun")}, Read: func(n int64) { size = n }})
	if err != nil {
		t.Fatal(err)
	}
	expect(t, shown(s, s.Findings), "lib/a.ex:3 fun", "lib/b.ex:2 fun")
	if s.Findings[0].Symbol != "A.g/0" || size != sizeOf(s.Files) || size == 0 {
		t.Errorf("symbol %s, size %d", s.Findings[0].Symbol, size)
	}
}

func TestProjectModels(t *testing.T) {
	root := project(t, map[string]string{".assay/models/own.toml": "[call]\n\"Own.ask/1\" = { effect = [\"http\"] }\n"})
	models, err := ProjectModels(root)
	if err != nil {
		t.Fatal(err)
	}
	if models.CallOf("Own", "ask", 1) < 0 || models.CallOf("Enum", "map", 2) < 0 {
		t.Error("the project's own model does not stand beside the built-in ones")
	}
}

func TestProjectModelsStayInside(t *testing.T) {
	outside := project(t, map[string]string{"own.toml": "[call]\n"})
	root := project(t, map[string]string{".assay/models/a.txt": ""})
	if err := os.Symlink(filepath.Join(outside, "own.toml"), filepath.Join(root, ".assay/models/own.toml")); err != nil {
		t.Skip(err)
	}
	if _, err := ProjectModels(root); err == nil || !strings.HasPrefix(err.Error(), ".assay/models/own.toml: cannot be read: ") {
		t.Errorf("got %v", err)
	}
}
