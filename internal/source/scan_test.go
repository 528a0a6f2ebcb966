package source

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// write makes files under a directory.
func write(t *testing.T, root string, files map[string]string) {
	t.Helper()
	for p, text := range files {
		name := filepath.Join(root, filepath.FromSlash(p))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func project(t *testing.T, files ...string) string {
	t.Helper()
	root := t.TempDir()
	for _, f := range files {
		p, text, _ := strings.Cut(f, "=")
		write(t, root, map[string]string{p: text})
	}
	return root
}

func load(t *testing.T, root string) *Set {
	t.Helper()
	s, err := Load(root, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// listed shows a set as its paths, with the kind where it is not Lib.
func listed(s *Set) []string {
	var out []string
	for i, f := range s.Files {
		if f.ID != FileID(i) {
			out = append(out, fmt.Sprintf("%s has the id %d", f.Path, f.ID))
		}
		if f.Kind == Lib {
			out = append(out, f.Path)
		} else {
			out = append(out, fmt.Sprintf("%s %d", f.Path, f.Kind))
		}
	}
	return out
}

func kinded(kind Kind, paths ...string) (out []string) {
	for _, p := range paths {
		out = append(out, fmt.Sprintf("%s %d", p, kind))
	}
	return out
}

func TestScan(t *testing.T) {
	for _, c := range []struct {
		name  string
		files []string // path=text
		want  []string
	}{
		{"phoenix", []string{
			"mix.exs", "mix.lock", ".formatter.exs", ".credo.exs", "lib/a.ex", "lib/a_web/page.html.heex",
			"test/a_test.exs", "test/support/case.ex", "config/config.exs", "priv/repo/structure.sql",
			"priv/repo/migrations/1_a.exs", "priv/repo/seeds.exs", "README.md", "assets/app.js",
		}, slices.Concat(
			kinded(Script, ".credo.exs"), kinded(Formatter, ".formatter.exs"), kinded(Config, "config/config.exs"),
			[]string{"lib/a.ex"}, kinded(Template, "lib/a_web/page.html.heex"), kinded(MixFile, "mix.exs"),
			kinded(LockFile, "mix.lock"), kinded(Migration, "priv/repo/migrations/1_a.exs"), kinded(Seed, "priv/repo/seeds.exs"),
			kinded(SQL, "priv/repo/structure.sql"), kinded(Test, "test/a_test.exs", "test/support/case.ex"),
		)},
		{"left out", []string{
			"mix.exs", "deps/plug/lib/plug.ex", "_build/dev/a.ex", "assets/node_modules/p/a.ex", "cover/a.ex",
			".elixir_ls/a.ex", ".git/a.ex", "priv/static/a.eex", "vendor/req/.hex", "vendor/req/lib/req.ex",
			"lib/a/deps/b.ex", "lib/cover/c.ex", "dumps/x.sql",
		}, append([]string{"lib/a/deps/b.ex", "lib/cover/c.ex"}, kinded(MixFile, "mix.exs")...)},
		{"gitignore", []string{
			".gitignore=*.gen.ex\n/tmp/\n!keep.gen.ex\n", "tmp/a.ex", "lib/tmp/a.ex", "lib/a.gen.ex", "lib/keep.gen.ex",
			"lib/in/.gitignore=/*\n!ok.ex\n", "lib/in/ok.ex", "lib/in/no.ex", "lib/in/down/ok.ex",
		}, []string{"lib/in/ok.ex", "lib/keep.gen.ex", "lib/tmp/a.ex"}},
		{"migrations are run, ignored or not", []string{
			".gitignore=priv/repo/migrations/2_b.exs\n/old/\n*.local.exs\n", "priv/repo/migrations/1_a.exs", "priv/repo/migrations/2_b.exs",
			"priv/repo/seeds.local.exs", "old/priv/repo/migrations/3_c.exs",
		}, kinded(Migration, "priv/repo/migrations/1_a.exs", "priv/repo/migrations/2_b.exs")},
		{"monorepo", []string{
			"web/app.js", "elixir/mix.exs", "elixir/apps/a/mix.exs", "elixir/apps/a/lib/test/a.ex",
			"elixir/apps/a/test/support/a.ex", "elixir/deps/b/mix.exs", "tools/gen/mix.exs", "tools/gen/lib/config/a.exs",
		}, slices.Concat(
			[]string{"elixir/apps/a/lib/test/a.ex"}, kinded(MixFile, "elixir/apps/a/mix.exs"),
			kinded(Test, "elixir/apps/a/test/support/a.ex"), kinded(MixFile, "elixir/mix.exs"),
			kinded(Config, "tools/gen/lib/config/a.exs"), kinded(MixFile, "tools/gen/mix.exs"),
		)},
		{"fixtures are no projects", []string{"lib/mix/mix.exs", "lib/mix/lib/a.ex", "lib/mix/test/fixtures/x/mix.exs", "lib/mix/test/fixtures/x/lib/x.ex"},
			slices.Concat([]string{"lib/mix/lib/a.ex"}, kinded(MixFile, "lib/mix/mix.exs"),
				kinded(Test, "lib/mix/test/fixtures/x/lib/x.ex", "lib/mix/test/fixtures/x/mix.exs"))},
	} {
		s := load(t, project(t, c.files...))
		slices.Sort(c.want)
		got := listed(s)
		slices.Sort(got)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s:\ngot  %q\nwant %q", c.name, got, c.want)
		}
		if len(s.Notes) > 0 {
			t.Errorf("%s: notes %v", c.name, s.Notes)
		}
	}
}

func TestKindOf(t *testing.T) {
	for want, paths := range map[Kind][]string{
		Lib:        {"lib/a.ex", "web/a.ex", "lib/a/test/b.ex", "lib/a/migrations/1_a.ex", "lib/mix/tasks/seed.ex", "portal_dev/a.ex", "lib/a/scripts/b.ex"},
		Test:       {"test/a_test.exs", "lib/a_test.exs", "test/support/a.ex", "apps/a/test/test_helper.exs", "integration_test/mix.exs", "spec/a_spec.exs", "test/x/migrations/1_a.exs"},
		Deployment: {"docker-compose.yml", "docker-compose.prod.yaml", "compose.yaml", "app.json", "render.yaml", "deploy/k8s/app.yml"},
		Config:     {"config/config.exs", "config/test/rsk.exs", "apps/a/config/prod.exs", "rel/config.exs"},
		Migration:  {"priv/repo/migrations/1_a.exs", "priv/repo/manual_migrations/1_a.exs", "priv/repo/migrations/1_add_seed_to_a.exs", "priv/repo/migrations/1_add_score_to_test.exs", "priv/log_repo/data_migrations/x/1.exs"},
		Seed:       {"priv/repo/seeds.exs", "priv/repo/seeds_dev.exs", "priv/repo/seeds/1_a.exs", "apps/db/priv/repo/dev_seeds.exs", "priv/repo/seeds/migrations/1_a.exs", "priv/repo/seed_migrations/1_a.exs"},
		Script:     {"scripts/a.exs", "scripts/a.ex", "bench/a.ex", "priv/tasks/a.ex", ".iex.exs", "rel/plugins/a.exs"},
		MixFile:    {"mix.exs", "apps/a/mix.exs"},
		LockFile:   {"mix.lock"},
		Formatter:  {".formatter.exs", "priv/repo/migrations/.formatter.exs"},
		Template:   {"lib/a.html.heex", "lib/a.sface", "priv/templates/mail.html.eex", "lib/a.html.leex"},
		SQL:        {"priv/repo/structure.sql", "a.sql"},
		Other:      {"a.md", "assets/app.json", ".github/workflows/ci.yml", "compose.json", "yarn.lock", "rel/env.sh.eex", "priv/templates/phx.gen/a.ex", "priv/templates/phx.gen/live_test.exs", "lib/a.ex~", ""},
	} {
		for _, p := range paths {
			if got := KindOf(p); got != want {
				t.Errorf("KindOf(%s) = %d, want %d", p, got, want)
			}
		}
	}
}

func TestScanRepositoryAround(t *testing.T) {
	top := project(t, ".git/info/exclude=*.local.ex\n", ".gitignore=/elixir/gen/\n*.tmp.ex\nignored/\n",
		"elixir/.gitignore=!kept.tmp.ex\n", "elixir/mix.exs", "elixir/gen/a.ex", "elixir/lib/gen/a.ex", "elixir/lib/a.tmp.ex",
		"elixir/lib/kept.tmp.ex", "elixir/lib/a.local.ex", "ignored/lib/a.tmp.ex",
		"elixir/sub/.git=gitdir: elsewhere", "elixir/sub/a.tmp.ex")
	want := append([]string{"lib/gen/a.ex", "lib/kept.tmp.ex"}, append(kinded(MixFile, "mix.exs"), "sub/a.tmp.ex")...)
	if got := listed(load(t, filepath.Join(top, "elixir"))); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	// A directory that is named on purpose is read although it is ignored.
	if got := listed(load(t, filepath.Join(top, "ignored"))); !slices.Equal(got, []string{"lib/a.tmp.ex"}) {
		t.Errorf("ignored root: %q", got)
	}
}

func TestScanWorktree(t *testing.T) {
	repo := gitRepository(t)
	write(t, repo, map[string]string{"lib/a.ex": ""})
	runGit(t, repo, "add", ".")
	runGit(t, repo, "commit", "-qm", "one")
	tree := filepath.Join(t.TempDir(), "tree")
	runGit(t, repo, "worktree", "add", "-q", tree)
	write(t, repo, map[string]string{".git/info/exclude": "b.ex"})
	write(t, tree, map[string]string{"lib/b.ex": ""})
	if got := listed(load(t, tree)); !slices.Equal(got, []string{"lib/a.ex"}) {
		t.Errorf("got %q", got)
	}
}

func symlink(t *testing.T, target, name string) {
	t.Helper()
	if err := os.Symlink(target, name); err != nil {
		if runtime.GOOS == "windows" {
			t.Skip(err)
		}
		t.Fatal(err)
	}
}

func TestScanSymlinks(t *testing.T) {
	outside := project(t, "lib/secret.ex")
	root := project(t, "lib/a.ex", "apps/x/a.ex")
	at := func(p string) string { return filepath.Join(root, filepath.FromSlash(p)) }
	symlink(t, outside, at("lib/out"))
	symlink(t, filepath.Join(outside, "lib", "secret.ex"), at("lib/secret.ex"))
	symlink(t, filepath.Join(outside, "logo.png"), at("lib/logo.png"))
	symlink(t, "..", at("lib/cycle"))
	symlink(t, filepath.Join("..", "apps", "x"), at("lib/again"))
	symlink(t, "nowhere.ex", at("lib/broken.ex"))
	symlink(t, "self", at("lib/self"))
	s := load(t, root)
	if got, want := listed(s), []string{"apps/x/a.ex", "lib/a.ex"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	var notes []string
	for _, n := range s.Notes {
		notes = append(notes, n.Path)
	}
	if want := []string{"lib/broken.ex", "lib/out", "lib/secret.ex", "lib/self"}; !slices.Equal(notes, want) {
		t.Errorf("notes %v, want %v", s.Notes, want)
	}
	if got := s.Notes[1].Reason; got != "a symbolic link out of the project is not followed" {
		t.Error(got)
	}
}

func TestScanRootIsSymlink(t *testing.T) {
	root := project(t, "lib/a.ex")
	name := filepath.Join(t.TempDir(), "link")
	symlink(t, root, name)
	symlink(t, "a.ex", filepath.Join(root, "lib", "b.ex"))
	s := load(t, name)
	if s.Root != name || !slices.Equal(listed(s), []string{"lib/a.ex"}) || len(s.Notes) > 0 {
		t.Errorf("%s %q %v", s.Root, listed(s), s.Notes)
	}
}

func TestReadLimits(t *testing.T) {
	root := project(t, "a.ex=0123456789", "b.ex=01234567890", "c.ex=x", "d.ex=x")
	l, err := Scan(root, Options{MaxSize: 10})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(root, "d.ex")); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(root, "c.ex"), 0); err != nil {
		t.Fatal(err)
	}
	files, notes := make([]*File, len(l.Entries)), []Note{}
	for i := range l.Entries {
		if files[i], err = Read(l, i); err != nil {
			notes = append(notes, NoteOf(err))
		}
	}
	s := Assemble(l, files, notes)
	got := map[string]string{}
	for _, n := range s.Notes {
		got[n.Path] = n.Reason
	}
	want := map[string]string{"b.ex": "11 bytes is over the limit of 10 bytes", "d.ex": "no such file or directory"}
	if os.Getuid() > 0 {
		want["c.ex"] = "permission denied"
	}
	if runtime.GOOS == "windows" {
		delete(want, "c.ex")
		want["d.ex"] = got["d.ex"]
	}
	if !maps.Equal(got, want) || s.File(0).Text != "0123456789" {
		t.Errorf("notes %v, want %v", got, want)
	}
}

func TestOddFiles(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("such names are not allowed")
	}
	root := t.TempDir()
	odd := map[string]string{
		"lib/new\nline.ex": "a\x00b", "lib/\x1b[31mred.ex": "\xff\xfe", "lib/back\\slash.ex": "", "lib/…é.ex": "a\r\nb\r\n", "lib/bad\xff.ex": "x",
	}
	write(t, root, odd)
	s := load(t, root)
	if len(s.Files) != len(odd) {
		t.Errorf("got %q", listed(s))
	}
	for p, text := range odd {
		if f := s.Named(p); f == nil || f.Text != text {
			t.Errorf("%q: %v", p, f)
		}
	}
}

func TestScanErrors(t *testing.T) {
	root := project(t, "a.md", "lib/a.ex=x")
	if _, err := Scan(filepath.Join(root, "none"), Options{}); err == nil || !strings.Contains(err.Error(), "none: ") {
		t.Error(err)
	}
	if _, err := Scan(filepath.Join(root, "a.md"), Options{}); err == nil || !strings.Contains(err.Error(), "a.md: neither Elixir nor") {
		t.Error(err)
	}
	s := load(t, filepath.Join(root, "lib", "a.ex"))
	if got := listed(s); !slices.Equal(got, []string{"a.ex"}) || s.Root != filepath.Join(root, "lib") {
		t.Errorf("one file: %q in %s", got, s.Root)
	}
	if s := load(t, t.TempDir()); len(s.Files) != 0 || len(s.Apps) != 0 {
		t.Error("an empty directory has files")
	}
}

func TestScanEncrypted(t *testing.T) {
	root := project(t, "mix.exs", "lib/a.ex=x", "config/prod.exs=\x00GITCRYPT\x00\x17\xfa")
	s := load(t, root)
	if got := listed(s); slices.Contains(got, "config/prod.exs") || !slices.Contains(got, "lib/a.ex") {
		t.Errorf("files: %q", got)
	}
	if !slices.ContainsFunc(s.Notes, func(n Note) bool { return n.Path == "config/prod.exs" && strings.Contains(n.Reason, "git-crypt") }) {
		t.Errorf("notes: %v", s.Notes)
	}
}

func TestFindRoot(t *testing.T) {
	top := project(t, ".git/HEAD",
		"mono/umbrella/mix.exs=[apps_path: \"apps\"]", "mono/umbrella/apps/shop/mix.exs=[app: :shop]",
		"mono/umbrella/apps/shop/lib/a.ex", "mono/umbrella/tools/gen/mix.exs", "mono/umbrella/tools/gen/lib/a.ex",
		"mono/single/mix.exs", "mono/single/lib/a.ex", "mono/single/test/fixtures/x/mix.exs", "loose/a.exs")
	for _, c := range []struct{ path, root, rel string }{
		{"", "", ""},
		{"mono", "mono", ""},
		{"mono/umbrella", "mono/umbrella", ""},
		{"mono/umbrella/apps", "mono/umbrella", "apps"},
		{"mono/umbrella/apps/shop", "mono/umbrella", "apps/shop"},
		{"mono/umbrella/apps/shop/lib/a.ex", "mono/umbrella", "apps/shop/lib/a.ex"},
		{"mono/umbrella/tools/gen/lib", "mono/umbrella/tools/gen", "lib"},
		{"mono/single/lib", "mono/single", "lib"},
		{"mono/single/test/fixtures/x", "mono/single/test/fixtures/x", ""},
		{"loose/a.exs", "loose/a.exs", ""},
	} {
		root, rel, err := FindRoot(filepath.Join(top, filepath.FromSlash(c.path)))
		if want := filepath.Join(top, filepath.FromSlash(c.root)); err != nil || root != want || rel != c.rel {
			t.Errorf("FindRoot(%s) = %s, %s, %v; want %s, %s", c.path, root, rel, err, want, c.rel)
		}
	}
	if _, _, err := FindRoot(filepath.Join(top, "none")); err == nil || !strings.HasSuffix(err.Error(), "none: no such file or directory") && runtime.GOOS != "windows" {
		t.Error(err)
	}
}

func BenchmarkScan(b *testing.B) {
	root := os.Getenv("PROJECT")
	if root == "" {
		b.Skip("set PROJECT to a directory")
	}
	b.Run("scan", func(b *testing.B) {
		for b.Loop() {
			if _, err := Scan(root, Options{}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("load", func(b *testing.B) {
		for b.Loop() {
			s, err := Load(root, Options{})
			if err != nil {
				b.Fatal(err)
			}
			size := 0
			for _, f := range s.Files {
				size += len(f.Text)
			}
			b.SetBytes(int64(size))
		}
	})
}
