// Package replay finds out what database the migrations of a project leave.
//
// In goes the linked program. Out comes one ir.Database for each place that
// keeps migrations: the directory of a Repo, or a module that lists migrations
// with their versions.
//
// The migrations of a place run in the order of their versions, on the way up,
// as production would run them: configuration is read, conditions and loops are
// evaluated as far as their values are known, helper functions are followed.
// Each command becomes the SQL that Ecto sends for it, with a place for each
// part, and that SQL, like the SQL that a migration executes itself, changes a
// model of the database as PostgreSQL would change the database: names are made
// up and cut, indexes go with their columns, references follow what is renamed.
//
// Where a dump is kept beside the migrations, it is loaded first, and only the
// migrations run that it does not list. What they would have made by themselves
// is compared with it: that is the drift.
//
// What is not known is never guessed. A change under a condition that is not
// known is marked (Maybe); a change that is not known at all is a Gap with its
// place. Environment variables count as not set, with a Gap.
//
// Work is bounded whatever the migrations say: steps, depth, lengths of strings
// and lists.
package replay

import (
	"slices"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
	"github.com/assay-dev/assay/internal/syntax/sql"
)

// Replay finds the databases of a program, by name.
func Replay(p *ir.Program) []*ir.Database {
	var out []*ir.Database
	for _, pl := range places(p, read(p)) {
		pl.replay(p)
		out = append(out, pl.db)
	}
	return out
}

// replay runs the migrations of a place, after its dump.
func (pl *place) replay(p *ir.Program) {
	s := newState(pl.db)
	if pl.db.Dump == source.NoFile {
		pl.migrate(p, s, func(*ir.Migration) bool { return true })
		s.finish()
		return
	}
	dump := p.Files.File(pl.db.Dump)
	list, errs := sql.Parse(dump.Text)
	held := versionsIn(list)
	text := fileScript(dump)
	for _, e := range errs {
		s.gap(text.at(e.Range), "", "the SQL cannot be read: "+e.Message)
	}
	there := 0 // of the migrations that it holds
	for i := range pl.db.Migrations {
		m := &pl.db.Migrations[i]
		if m.Dumped = held[m.Version]; m.Dumped {
			there++
		}
	}
	s.run(list, text)
	if there > 0 {
		before := pl.alone(p)
		outdated(before, s)
		if 10*there >= 9*len(held) {
			pl.db.Drift = drift(before, s)
			pl.db.Misplaced, pl.db.Unused = before.db.Misplaced, before.db.Unused
		}
	}
	pl.migrate(p, s, func(m *ir.Migration) bool { return !m.Dumped })
	s.finish()
}

// alone is what the migrations that a dump holds make without it.
func (pl *place) alone(p *ir.Program) *state {
	s := newState(&ir.Database{Name: pl.db.Name, Repo: pl.db.Repo, Adapter: pl.db.Adapter, Schema: pl.db.Schema, Migrations: pl.db.Migrations})
	pl.migrate(p, s, func(m *ir.Migration) bool { return m.Dumped })
	return s
}

// outdated marks the tables of a dump that lack a column which the migrations that it holds make:
// they were edited after it was written, and what else a table has is not known.
func outdated(migrated, dumped *state) {
	for q, a := range migrated.tables {
		if b := dumped.tables[q]; b != nil && !partOf(b) && slices.ContainsFunc(a.Columns, func(c ir.Column) bool { return !c.Maybe && b.Column(c.Name) == nil }) {
			b.Partial = true
		}
	}
}

// migrate runs some of the migrations.
func (pl *place) migrate(p *ir.Program, s *state, some func(*ir.Migration) bool) {
	attrs := map[*ir.Attribute]value{}
	for i := range pl.db.Migrations {
		m := &pl.db.Migrations[i]
		if !some(m) {
			continue
		}
		r := &run{state: s, of: pl, app: pl.app, prefix: pl.prefix}
		r.e = newEvaluator(p, r)
		r.e.attrs = attrs
		s.version, s.search, s.current = m.Version, pl.search(), m
		r.migrate(p.Func(m.Func), m.Span)
	}
	s.version, s.current = 0, nil
}

// versionsIn reads the versions that a dump lists in its rows of
// schema_migrations.
func versionsIn(list []sql.Statement) map[int64]bool {
	held := map[int64]bool{}
	for _, st := range list {
		dml, ok := st.(*sql.DML)
		if !ok || dml.Query == nil || dml.Query.Target == sql.None {
			continue
		}
		if dml.Query.Tables[dml.Query.Target].Name.Name != "schema_migrations" {
			continue
		}
		column := max(0, slices.Index(dml.Query.Written, "version"))
		for _, row := range dml.Query.Rows {
			if column < len(row) {
				if n, ok := versionOf(row[column].Text + "_"); ok {
					held[n] = true
				}
			}
		}
	}
	return held
}
