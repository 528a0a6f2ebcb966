package elixir

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
)

// habits is how a project writes its migrations.
type habits struct {
	dir      string // where they are
	prefix   string // of their modules: "MyApp.Repo.Migrations."
	parens   bool   // create(index(…)) instead of create index(…)
	postgres bool
	// advisory: they take an advisory lock, so that the lock of the migrations
	// need not be given up.
	advisory bool
	// waits: their lock is held in a transaction that a concurrent build would wait for,
	// and there is no attribute to give it up.
	waits bool
	// validates: constraints take an option by which the rows that are there are not read
	// (ecto_sql 3.5).
	validates bool
	// oneWay: `execute` takes no way back (before Ecto 2.2).
	oneWay bool
	width  int // of a line
	// head are the comments above the module, open what its body begins with.
	head, open string
	// resources: they are generated from what resources declare, with snapshots of it
	// beside them, so that one written by hand is unknown there.
	resources bool
}

// habitsOf reads how the migrations of a database are written.
func (w *Writer) habitsOf(d *ir.Database) (habits, error) {
	if h, ok := w.habits[d]; ok {
		return h, nil
	}
	h, err := w.readHabits(d)
	if err == nil {
		if w.habits == nil {
			w.habits = map[*ir.Database]habits{}
		}
		w.habits[d] = h
	}
	return h, err
}

func (w *Writer) readHabits(d *ir.Database) (habits, error) {
	if (d.Adapter == "" || w.chooses(d)) && w.otherStores(d) {
		return habits{}, errors.New("the configuration says which database it is, and what one takes another refuses: write the migration so that it suits each")
	}
	h := habits{postgres: d.Adapter == "" || strings.HasSuffix(d.Adapter, ".Postgres"), resources: w.generated(d)}
	var newest *ir.Migration
	bare, called, ddl, lock, locked := 0, 0, 0, 0, false
	for m, f := range w.migrationFiles(d) {
		if newest == nil {
			newest = m
		}
		bare += strings.Count(f.Text, "create index(") + strings.Count(f.Text, "create table(") + strings.Count(f.Text, "add :")
		called += strings.Count(f.Text, "create(") + strings.Count(f.Text, "add(:")
		ddl += strings.Count(f.Text, "@disable_ddl_transaction true")
		lock += strings.Count(f.Text, "@disable_migration_lock true")
		locked = locked || m.Locked && !m.Transaction
	}
	if newest == nil {
		return h, fmt.Errorf("the migrations of %s are no files of their own, so none is added", d.Name)
	}
	h.head, h.open = w.opening(d)
	h.dir = path.Dir(w.Files.File(newest.Span.File).Path)
	h.width = w.width(h.dir)
	h.parens = called > bare
	h.advisory = ddl > 1 && lock == 0 && !locked || w.lockless(h.dir)
	major, minor, _ := w.ecto(h.dir)
	h.validates = major == 0 || major > 3 || major == 3 && minor >= 5
	h.oneWay = major == 1 || major == 2 && minor < 2
	h.waits = major == 3 && newest.Locked && w.lockless(h.dir)
	h.prefix = w.prefix(d)
	return h, nil
}

// migrationFiles are the migrations of a database that are files of their own, the newest first.
func (w *Writer) migrationFiles(d *ir.Database) iter.Seq2[*ir.Migration, *source.File] {
	return func(yield func(*ir.Migration, *source.File) bool) {
		for i := range slices.Backward(d.Migrations) {
			m := &d.Migrations[i]
			if f := w.Files.File(m.Span.File); f.Kind == source.Migration && strings.HasSuffix(f.Path, ".exs") && !yield(m, f) {
				return
			}
		}
	}
}

// prefix is what most of the newest migrations of a database begin their names with.
func (w *Writer) prefix(d *ir.Database) string {
	count := map[string]int{}
	most, n := "", 0
	for m := range w.migrationFiles(d) {
		if n++; n > lastMigrations {
			break
		}
		name := w.Program.Module(m.Module).Name
		p := name[:strings.LastIndexByte(name, '.')+1]
		if count[p]++; n == 1 || count[p] > count[most] {
			most = p
		}
	}
	return most
}

// lastMigrations is how many of the newest migrations show how one is begun now.
const lastMigrations = 8

// opening is how most of the newest migrations of a database begin: the comments above the
// module, such as a licence, and a `@moduledoc false` and the `use` in it.
func (w *Writer) opening(d *ir.Database) (head, open string) {
	heads, opens := map[string]int{}, map[string]int{}
	n := 0
	for _, f := range w.migrationFiles(d) {
		if n == lastMigrations {
			break
		}
		n++
		comments, rest, found := strings.Cut("\n"+f.Text, "\ndefmodule ")
		comments = strings.TrimPrefix(comments, "\n")
		if comments != "" {
			comments += "\n"
		}
		_, body, _ := strings.Cut(rest, " do\n")
		if !found || slices.ContainsFunc(strings.Split(strings.TrimSpace(comments), "\n"), func(l string) bool { return l != "" && l[0] != '#' }) {
			comments = ""
		}
		heads[comments]++
		opens[firstLines(body)]++
	}
	for text, times := range heads {
		if 2*times > n {
			head = text
		}
	}
	open = plainOpening
	for text, times := range opens {
		if 2*times > n && text != "" {
			open = text
		}
	}
	return head, open
}

// plainOpening is how a migration begins that nothing tells how.
const plainOpening = "  use Ecto.Migration\n"

// firstLines is the `@moduledoc false` and the one `use` that the body of a module begins
// with, or "".
func firstLines(body string) string {
	doc := ""
	if rest, ok := strings.CutPrefix(body, "  @moduledoc false\n"); ok {
		doc, body = "  @moduledoc false\n", rest
		if rest, ok := strings.CutPrefix(body, "\n"); ok {
			doc, body = doc+"\n", rest
		}
	}
	line, _, _ := strings.Cut(body, "\n")
	if !strings.HasPrefix(line, "  use ") {
		return ""
	}
	return doc + line + "\n"
}

// lockless reports whether the project's Ecto is older than the attribute by which a
// migration gives up the lock of the migrations (ecto_sql 3.1.5).
func (w *Writer) lockless(dir string) bool {
	major, minor, patch := w.ecto(dir)
	return major == 1 || major == 2 || major == 3 && (minor == 0 || minor == 1 && patch < 5)
}

// ecto is the version of Ecto that the application of a directory is locked to, or zeros.
// Up to 2 the package of that name holds the migrations, then ecto_sql does.
func (w *Writer) ecto(dir string) (major, minor, patch int) {
	app := w.Files.App(dir + "/x")
	if app == nil {
		return 0, 0, 0
	}
	for _, name := range []string{"ecto_sql", "ecto"} {
		for _, d := range app.Deps {
			if d.Name != name {
				continue
			}
			if n, err := fmt.Sscanf(d.Version, "%d.%d.%d", &major, &minor, &patch); err == nil && n == 3 {
				return major, minor, patch
			}
		}
	}
	return 0, 0, 0
}

// unlessRun makes a question of a fix that rewrites a migration, unless it is new since the
// state that was compared with: to rewrite one that has run changes nothing where it ran.
func (w *Writer) unlessRun(f *fix.Fix, m *ir.Migration, err error) error {
	if w.Fresh == nil || !w.Fresh(w.Files.File(m.Span.File).Path) {
		f.Safety = fix.Shown
		f.Notes = append(f.Notes, "Rewrite the migration only if it has run nowhere: `assay fix --since REV` knows which ones are new.")
	}
	return err
}

// generated reports whether the store of a database takes its tables from resources.
func (w *Writer) generated(d *ir.Database) bool {
	m := w.Program.ModuleNamed(d.Repo)
	return m != nil && slices.ContainsFunc(m.Uses, func(u ir.UsedModule) bool { return u.Name == "AshPostgres.Repo" })
}

// homeOf is the folder for a migration about a table: that of the migration
// which made it, where a folder of its own beside the usual one holds the tables of tenants, as
// `tenant_migrations`.
func (w *Writer) homeOf(t *ir.Table, usual string) string {
	at := t.Made.Span.File
	if at == source.NoFile || int(at) >= len(w.Files.Files) || w.Files.File(at).Kind != source.Migration {
		return usual
	}
	dir := path.Dir(w.Files.File(at).Path)
	if path.Dir(dir) == path.Dir(usual) && strings.HasSuffix(path.Base(dir), "_migrations") {
		return dir
	}
	return usual
}

// pinned is a test of the project about how its migrations are written, or "".
func (w *Writer) pinned() string {
	if w.pinnedBy == nil {
		at := w.lookForPinned()
		w.pinnedBy = &at
	}
	return *w.pinnedBy
}

func (w *Writer) lookForPinned() string {
	for _, f := range w.Files.Files {
		if f.Kind == source.Test && strings.Contains(f.Text, "disable_ddl_transaction") {
			return f.Path
		}
	}
	return ""
}

// step is one command of a migration, on the way up and on the way down. One
// without a way down is reversed by itself.
type step struct{ up, down string }

// longestFile is how long a migration's name may be.
const longestFile = 100

// migration adds a migration about a table to a fix. Concurrent steps run outside a transaction.
func (w *Writer) migration(f *fix.Fix, d *ir.Database, t *ir.Table, name string, concurrent bool, reason string, steps ...step) error {
	home := func(usual string) string { return w.homeOf(t, usual) }
	return w.addMigration(f, d, nil, home, name, concurrent, reason, steps...)
}

// migrationAfter adds a migration that runs directly after another one, and stands beside it.
func (w *Writer) migrationAfter(f *fix.Fix, d *ir.Database, m *ir.Migration, name string, concurrent bool, reason string, steps ...step) error {
	home := func(string) string { return path.Dir(w.Files.File(m.Span.File).Path) }
	return w.addMigration(f, d, m, home, name, concurrent, reason, steps...)
}

// addMigration adds a migration that runs directly after another one, or last where that is nil,
// to the folder that home gives for the usual one.
func (w *Writer) addMigration(f *fix.Fix, d *ir.Database, m *ir.Migration, home func(usual string) string, name string, concurrent bool, reason string, steps ...step) error {
	h, err := w.habitsOf(d)
	if err != nil {
		return err
	}
	if h.resources {
		f.Safety = fix.Shown
		f.Notes = append(f.Notes, "The migrations of this database are generated from its resources: declare it there and let the generator write this one.")
	}
	h.dir = home(h.dir)
	if concurrent {
		if at := w.pinned(); at != "" {
			f.Safety = fix.Shown
			f.Notes = append(f.Notes, at+" looks at which migrations run outside a transaction: say whether it shall know this one.")
		}
	}
	name = fileName(name, h.prefix, "")
	var b strings.Builder
	b.WriteString(" do\n" + h.open)
	switch {
	case concurrent && h.waits:
		reason = "The migrations of this Ecto hold a lock that a concurrent build would wait for, so that writes wait while this one runs."
	case concurrent && h.postgres:
		b.WriteString("\n" + strings.Join(h.attributes(), ""))
	}
	var made strings.Builder
	body(&made, steps)
	for _, name := range slices.Sorted(maps.Keys(w.prefixes)) {
		if strings.Contains(made.String(), "prefix: "+name) {
			b.WriteString("\n" + w.prefixes[name] + "\n")
		}
	}
	b.WriteString(made.String() + "end\n")
	key := h.dir + "/" + name + b.String()
	file, again := w.made[key]
	if !again {
		free, module := w.free(h, name)
		file = fix.File{Path: h.dir + "/" + w.padded(d, w.version(d, m)) + "_" + free + ".exs", Text: h.head + "defmodule " + module + b.String(), Reason: reason}
		if w.made == nil {
			w.made = map[string]fix.File{}
		}
		w.made[key], w.made[module] = file, file
		w.named = append(w.named, key, module)
	}
	f.Files = append(f.Files, file)
	return nil
}

// fileName is a name for a file: as many of its words as fit, and as the module in it has on one
// line, which the formatter does not break and a linter complains of.
func fileName(name, prefix, suffix string) string {
	name = strings.Trim(name, "_")
	if len(name) > longestFile {
		name = strings.TrimRight(name[:longestFile], "_")
	}
	for {
		cut := strings.LastIndexByte(name, '_')
		if cut < 0 || len("defmodule "+prefix+camel(name)+suffix+" do") <= usualWidth {
			return name
		}
		name = name[:cut]
	}
}

// free is a name of a migration that is not taken, and its module.
func (w *Writer) free(h habits, name string) (string, string) {
	taken := func(module string) bool {
		_, made := w.made[module]
		return made || w.Program.ModuleNamed(module) != nil
	}
	again := name
	for n := 2; taken(h.prefix + camel(again)); n++ {
		again = name + "_" + strconv.Itoa(n)
	}
	return again, h.prefix + camel(again)
}

// attributes are what a migration without a transaction says first.
func (h habits) attributes() []string {
	out := []string{"  @disable_ddl_transaction true\n"}
	if !h.advisory {
		out = append(out, "  @disable_migration_lock true\n")
	}
	return out
}

// body writes change/0, or up/0 and down/0 where a step does not reverse itself.
func body(b *strings.Builder, steps []step) {
	block := func(name string, lines []string) {
		b.WriteString("\n  def " + name + " do\n")
		for i, l := range lines {
			if i > 0 && strings.Contains(l+lines[i-1], "\n") {
				b.WriteByte('\n')
			}
			b.WriteString(indented(l, "    ") + "\n")
		}
		b.WriteString("  end\n")
	}
	var up, down []string
	for _, s := range steps {
		up = append(up, s.up)
		if s.down != "" {
			down = append(down, s.down)
		}
	}
	if len(down) == 0 {
		block("change", up)
		return
	}
	slices.Reverse(down)
	block("up", up)
	block("down", down)
}

// version is the version of the next migration of a database.
func (w *Writer) version(d *ir.Database, after *ir.Migration) int64 {
	if after == nil {
		if last, step := numbered(d.Migrations); step > 0 {
			return w.take(last + step)
		}
		v := w.Stamp
		for i := range d.Migrations {
			if m := d.Migrations[i].Version; m >= v && m < 1e14 {
				v = later(m)
			}
		}
		return w.take(v)
	}
	return w.take(later(after.Version))
}

// padded is a version as the names of the files of a database's migrations begin: with as many
// digits as that of the last one, `008`, where they are numbered and not dated.
func (w *Writer) padded(d *ir.Database, version int64) string {
	digits := 1
	if n := len(d.Migrations); n > 0 && version < firstMoment {
		if s := d.Migrations[n-1].Span; s.File >= 0 {
			number, _, _ := strings.Cut(path.Base(w.Files.File(s.File).Path), "_")
			if strings.Trim(number, "0123456789") == "" {
				digits = len(number)
			}
		}
	}
	return fmt.Sprintf("%0*d", digits, version)
}

// firstMoment is the least version that can be a time.
const firstMoment = 1e13

// numbered are the last version and the step to the next one of migrations that are
// numbered and not dated, or zeros.
func numbered(all []ir.Migration) (last, step int64) {
	for i := range all {
		if all[i].Version >= firstMoment {
			return 0, 0
		}
	}
	if len(all) == 0 {
		return 0, 0
	}
	last, step = all[len(all)-1].Version, 1
	if len(all) > 1 {
		step = max(step, last-all[len(all)-2].Version)
	}
	return last, step
}

// take gives out a version, or the next one that no migration has: several stores may be
// one database, which runs a version once.
func (w *Writer) take(v int64) int64 {
	if w.taken == nil {
		w.taken, w.from = map[int64]bool{}, map[int64]int64{}
		for _, d := range w.Program.Databases {
			for i := range d.Migrations {
				w.taken[d.Migrations[i].Version] = true
			}
		}
	}
	g := given{first: v, before: w.from[v]}
	for v = max(v, g.before); w.taken[v]; {
		v = later(v)
	}
	g.version = v
	w.taken[v], w.from[g.first] = true, v
	w.given = append(w.given, g)
	return v
}

// given is a version that was given out where first was asked for, and what had been given for
// that before.
type given struct{ first, before, version int64 }

// forget takes back all versions but the first ones, and the names of all migrations but the first
// ones.
func (w *Writer) forget(versions, names int) {
	for _, g := range slices.Backward(w.given[versions:]) {
		delete(w.taken, g.version)
		w.from[g.first] = g.before
	}
	for _, name := range w.named[names:] {
		delete(w.made, name)
	}
	w.given, w.named = w.given[:versions], w.named[:names]
}

// later is the version one second after v.
func later(v int64) int64 {
	sec, min, hour, day := v%100+1, v/100%100, v/1e4%100, v/1e6
	if sec > 59 {
		sec, min = 0, min+1
	}
	if min > 59 {
		min, hour = 0, hour+1
	}
	if hour > 23 {
		return v + 1 // the last second of a day: any number above will do
	}
	return day*1e6 + hour*1e4 + min*100 + sec
}
