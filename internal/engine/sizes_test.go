package engine

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReadSizes(t *testing.T) {
	got, err := readSizes("schemaname,relname,n_live_tup\npublic,users,12\n\"posts\", 7\n")
	want := map[[2]string]int64{{"public", "users"}: 12, {"", "posts"}: 7}
	if err != nil || !maps.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	for text, says := range map[string]string{
		"users,1\nposts,many\n": `line 2: "many" is no number of rows`,
		"users\n":               "line 1: give the table and its rows",
		"users,1\nposts,-1\n":   `line 2: "-1" is no number of rows`,
		"users,\"1\n":           "it is no CSV",
	} {
		if _, err := readSizes(text); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, want %q", text, err, says)
		}
	}
}

func TestSizesAreReadFromTheProject(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{
		SizesFile: "users,3000\n",
		"mix.exs": "defmodule A.MixProject do\n  use Mix.Project\n  def project, do: [app: :a, deps: []]\nend\n",
		"priv/repo/migrations/20240101000000_create.exs": "defmodule A.Repo.Migrations.Create do\n  use Ecto.Migration\n  def change, do: create table(:users)\nend\n",
	} {
		name = filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s, err := Open(root, nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if u := s.Program.Databases[0].Table("", "users"); u == nil || !u.Counted || u.Rows != 3000 {
		t.Errorf("users is %+v", u)
	}
}
