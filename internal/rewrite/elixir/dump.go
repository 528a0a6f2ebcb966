package elixir

import (
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
)

// keepDump carries the migrations of a fix into the dump of the database, where the
// project keeps one that holds all migrations so far: who sets a database up from it
// has to find them there. What pg_dump writes for an index is known; for the rest the
// fix says that the dump has to be written anew.
func (w *Writer) keepDump(f *fix.Fix, c fix.Change) {
	parts := []fix.Change{c}
	if t, ok := c.(*fix.Together); ok {
		parts = t.Changes
	}
	var edits []fix.Edit
	var of *ir.Database
	whole := true
	for _, part := range parts {
		d, e, ok := w.inDump(part)
		if d == nil {
			continue
		}
		of, whole = d, whole && ok
		edits = append(edits, e...)
	}
	if of == nil {
		return
	}
	dump := w.Files.File(of.Dump)
	dir := path.Dir(dump.Path) + "/"
	end := strings.LastIndex(dump.Text, versionLine)
	for _, n := range f.Files {
		version, _, found := strings.Cut(path.Base(n.Path), "_")
		if _, err := strconv.ParseInt(version, 10, 64); err != nil || !found || !strings.HasPrefix(n.Path, dir) {
			continue
		}
		at := end + strings.IndexByte(dump.Text[end:], '\n') + 1
		edits = append(edits, fix.Edit{Path: dump.Path, Start: at, End: at, Text: versionLine + version + ");\n", Reason: "The dump holds what the migration does."})
	}
	if !whole {
		f.Notes = append(f.Notes, "Write "+dump.Path+" anew when the migrations have run (`mix ecto.dump`).")
		return
	}
	f.Edits = append(f.Edits, edits...)
}

// versionLine begins the line of a dump that says that a migration has run.
const versionLine = `INSERT INTO public."schema_migrations" (version) VALUES (`

// inDump is the database of a change whose dump is kept, and what the change comes to
// there; ok is false where that is not known.
func (w *Writer) inDump(c fix.Change) (d *ir.Database, edits []fix.Edit, ok bool) {
	switch c := c.(type) {
	case *fix.CreateIndex:
		if w.keptUp(c.Database) {
			e, ok := w.indexIn(c)
			return c.Database, []fix.Edit{e}, ok
		}
	case *fix.DropIndex:
		if w.keptUp(c.Database) {
			e, ok := w.indexOut(c)
			return c.Database, []fix.Edit{e}, ok
		}
	case *fix.RequireColumn:
		if w.keptUp(c.Database) {
			return c.Database, nil, false
		}
	case *fix.Refer:
		if w.keptUp(c.Database) {
			return c.Database, nil, false
		}
	case *fix.AddColumn:
		if w.keptUp(c.Database) {
			return c.Database, nil, false
		}
	}
	return nil, nil, false
}

// keptUp reports whether the dump of a database holds its last migration.
func (w *Writer) keptUp(d *ir.Database) bool {
	if d.Dump == source.NoFile || len(d.Migrations) == 0 {
		return false
	}
	last := d.Migrations[len(d.Migrations)-1].Version
	text := w.Files.File(d.Dump).Text
	return strings.Contains(text, versionLine+strconv.FormatInt(last, 10)+");\n")
}

// indexHeads are the heads of the indexes in a dump: their names and schemas.
var indexHeads = regexp.MustCompile(`(?m)^--\n-- Name: ([^;\n]+); Type: INDEX; Schema: ([^;\n]+); Owner: ([^\n]*)\n--\n\n[^\n]*;\n\n\n`)

// indexIn puts an index where pg_dump does: by schema, then by name.
func (w *Writer) indexIn(c *fix.CreateIndex) (fix.Edit, bool) {
	dump := w.Files.File(c.Database.Dump)
	name, schema := indexName(c), c.Table.Schema
	if schema == "" {
		schema = c.Database.Schema
	}
	at, owner := -1, ""
	for _, m := range indexHeads.FindAllStringSubmatchIndex(dump.Text, -1) {
		head := dump.Text[m[2]:m[3]]
		if dump.Text[m[4]:m[5]] != schema {
			continue
		}
		owner = dump.Text[m[6]:m[7]]
		if head > name {
			at = m[0]
			break
		}
		at = m[1]
	}
	if at < 0 || c.Where != "" {
		return fix.Edit{}, false
	}
	word := "INDEX"
	if c.Unique {
		word = "UNIQUE INDEX"
	}
	text := "--\n-- Name: " + name + "; Type: INDEX; Schema: " + schema + "; Owner: " + owner + "\n--\n\n" +
		"CREATE " + word + " " + ident(name) + " ON " + ident(schema) + "." + ident(c.Table.Name) + " USING btree (" + idents(c.Columns) + ");\n\n\n"
	return fix.Edit{Path: dump.Path, Start: at, End: at, Text: text}, true
}

// indexOut takes an index out.
func (w *Writer) indexOut(c *fix.DropIndex) (fix.Edit, bool) {
	dump := w.Files.File(c.Database.Dump)
	for _, m := range indexHeads.FindAllStringSubmatchIndex(dump.Text, -1) {
		if dump.Text[m[2]:m[3]] == c.Index.Name {
			return fix.Edit{Path: dump.Path, Start: m[0], End: m[1]}, true
		}
	}
	return fix.Edit{}, false
}
