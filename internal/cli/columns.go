package cli

import (
	"strings"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/ir"
)

// The columns that can be added by name.
const (
	deletedAt  = "deleted_at"
	insertedAt = "inserted_at"
	updatedAt  = "updated_at"
	insertedBy = "inserted_by"
	updatedBy  = "updated_by"
)

func databaseOf(p *ir.Program, t *ir.Table) *ir.Database {
	for _, d := range p.Databases {
		if d.Table(t.Schema, t.Name) == t {
			return d
		}
	}
	return nil
}

// softDelete marks rows as deleted instead of deleting them. The index holds the
// deleted rows alone, which are few: it finds those that are to be removed for good.
func softDelete(p *ir.Program, d *ir.Database, t *ir.Table) []fix.Change {
	if t.Column(deletedAt) != nil {
		return nil
	}
	notes := []string{
		"Queries give back deleted rows until they ask for `deleted_at IS NULL`" + fieldNote(p, t, deletedAt) + ".",
	}
	for i := range t.Indexes {
		if x := &t.Indexes[i]; x.Unique && x.Full() {
			notes = append(notes, "The unique index "+x.Name+" still counts deleted rows: give it the condition `deleted_at IS NULL` where a value may be used again.")
		}
	}
	return []fix.Change{
		&fix.AddColumns{Database: d, Table: t, What: deletedAt, Columns: []fix.NewColumn{{Name: deletedAt, Type: momentType(d)}}, Notes: notes},
		&fix.CreateIndex{Database: d, Table: t, Columns: []string{deletedAt}, Where: deletedAt + " IS NOT NULL"},
	}
}

// auditColumns say when and by whom a row was made and changed, those that are
// missing. Who did it is a text: it outlives the account, and may name a job.
func auditColumns(p *ir.Program, d *ir.Database, t *ir.Table) []fix.Change {
	moment := momentType(d)
	now := "now()"
	if moment != zonedMoment {
		now = "(now() AT TIME ZONE 'utc')"
	}
	var missing []fix.NewColumn
	for _, c := range []fix.NewColumn{
		{Name: insertedAt, Type: moment, Default: now}, {Name: updatedAt, Type: moment, Default: now},
		{Name: insertedBy, Type: "string"}, {Name: updatedBy, Type: "string"},
	} {
		if t.Column(c.Name) == nil {
			missing = append(missing, c)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	notes := []string{"The program has to set them" + fieldNote(p, t, missing[len(missing)-1].Name) + "."}
	return []fix.Change{&fix.AddColumns{Database: d, Table: t, What: "audit columns", Columns: missing, Notes: notes}}
}

// fieldNote names the module whose schema lacks the field of a column.
func fieldNote(p *ir.Program, t *ir.Table, column string) string {
	if mapping := p.SchemasOf(t); len(mapping) > 0 {
		return ", and " + p.SchemaName(mapping[0]) + " needs the field `" + column + "`"
	}
	return ""
}

const zonedMoment = "timestamptz"

// momentType is the type that the project's migrations use for a point in time.
func momentType(d *ir.Database) string {
	count := map[string]int{}
	for _, t := range d.Tables {
		c := t.Column(insertedAt)
		switch {
		case c == nil:
		case strings.Contains(c.Type, "with time zone"):
			count[zonedMoment]++
		case strings.HasPrefix(c.Type, "timestamp(0)"):
			count["utc_datetime"]++
		case strings.HasPrefix(c.Type, "timestamp"):
			count["utc_datetime_usec"]++
		}
	}
	best := "utc_datetime_usec"
	for _, name := range []string{"utc_datetime", zonedMoment} {
		if count[name] > count[best] {
			best = name
		}
	}
	return best
}
