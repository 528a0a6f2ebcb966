package checks

import (
	"regexp"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/query"
	"github.com/assay-dev/assay/internal/source"
)

// declaredElsewhere asks for a constraint in the changesets of the writes of a table that do not
// come through a step, give what a guard looks at and do not know of it; those of one clause are
// left out. Bare is where rows are inserted through no changeset, or "".
func declaredElsewhere(p *check.Pass, t *ir.Table, g *guard, step source.Span, but flow.ClauseID) (changes []fix.Change, bare string) {
	list := p.Queries.On(t)
	covered := map[source.Span]bool{step: true}
	through := func(a *query.Access) bool {
		return slices.ContainsFunc(a.Query.Steps, func(s query.Step) bool { return s.Span == step })
	}
	for _, a := range list {
		if through(a) {
			for _, s := range a.Query.Steps {
				covered[s.Span] = true
			}
		}
	}
	for _, a := range list {
		writes := (a.Op == "insert" || a.Op == "update") && !a.Settles && !a.Query.OpenSteps
		if !writes || !p.Flow.InLib(a.Clause) || !live(p, a.Clause) || a.Clause == but || through(a) || handled(a, g) || !reaches(a, g) || !givesOne(a, g.columns) {
			continue
		}
		at, field, ok := stepGiving(a, g.columns)
		if !ok && a.Op == "insert" && bare == "" {
			bare = p.Flow.Symbol(a.Clause)
		}
		if !ok || covered[at] {
			continue
		}
		covered[at] = true
		if c := declaring(p, at, a.Query.Root().Schema, g.constraint(), g.columns, g.name, field); c != nil {
			changes = append(changes, c)
		}
	}
	return changes, bare
}

// constraint is the kind of a guard as a table has it.
func (g *guard) constraint() ir.ConstraintKind {
	return map[query.Constraint]ir.ConstraintKind{query.Unique: ir.UniqueConstraint, query.Check: ir.CheckConstraint, query.Exclusion: ir.ExclusionConstraint}[g.kind]
}

// givesOne reports whether a write gives one of some columns a value.
func givesOne(a *query.Access, columns []string) bool {
	return slices.ContainsFunc(columns, func(c string) bool { given, _ := givenTo(a, c); return given })
}

// stepGiving is the step of a changeset that gives a write one of some columns, and its field;
// or else the last step of its changeset.
func stepGiving(a *query.Access, columns []string) (at source.Span, field string, ok bool) {
	for i := range a.Given {
		if g := &a.Given[i]; g.Cast && slices.Contains(columns, g.Column) {
			return g.Span, g.Field, true
		}
	}
	at, ok = castingStep(a.Query.Steps)
	return at, "", ok
}

// unlike are changes without those that ask for the same step of a changeset again, in one
// list.
func unlike(changes []fix.Change) []fix.Change {
	var out []fix.Change
	for _, c := range changes {
		if all, ok := c.(*fix.Together); ok {
			for _, part := range unlike(all.Changes) {
				if !repeated(out, part) {
					out = append(out, part)
				}
			}
		} else if !repeated(out, c) {
			out = append(out, c)
		}
	}
	return out
}

// repeated reports whether a list asks for the same step of a changeset.
func repeated(list []fix.Change, c fix.Change) bool {
	d, ok := c.(*fix.Declare)
	return ok && slices.ContainsFunc(list, func(o fix.Change) bool {
		e, same := o.(*fix.Declare)
		return same && e.Code == d.Code && e.After == d.After && e.Kind == d.Kind && (e.Name == d.Name && slices.Equal(e.Fields, d.Fields))
	})
}

// unlessRefused leaves changes that add a unique index to a decision where it refuses rows that
// something of the project makes, or where it is not sure that it is meant.
func unlessRefused(p *check.Pass, t *ir.Table, columns []string, changes []fix.Change) []fix.Change {
	question, softly := refusedWhere(p, t, columns)
	settles := slices.ContainsFunc(unlike(changes), func(c fix.Change) bool { _, ok := c.(*fix.SettleConflict); return ok })
	if question == "" && !softly && !settles {
		question = "What inserts the rows raises where the index refuses one: say whether it shall take the row that is there, `on_conflict`."
	}
	if gone := goneBy(t); gone != "" && slices.ContainsFunc(unlike(changes), func(c fix.Change) bool { i, ok := c.(*fix.CreateIndex); return ok && i.Where == "" }) {
		changes = asking(changes, "Rows count as deleted by `"+gone+"`: say whether one of them still keeps its values from the others, or the index has to leave them out.")
	}
	if question != "" {
		return asking(changes, question)
	}
	return changes
}

// goneBy is the column by which rows of a table count as deleted, or "".
func goneBy(t *ir.Table) string {
	for _, c := range []string{"deleted_at", "discarded_at", "archived_at", "removed_at", "is_deleted", "deleted"} {
		if t.Column(c) != nil {
			return c
		}
	}
	return ""
}

// refusedWhere asks what speaks against a unique index over columns, or is ""; softly reports that
// some insert answers with an error where it is refused.
func refusedWhere(p *check.Pass, t *ir.Table, columns []string) (question string, softly bool) {
	stored := false
	for _, a := range p.Queries.On(t) {
		if !p.Flow.InLib(a.Clause) {
			continue
		}
		if a.Op == "insert_all" && !a.Settles {
			// One row that is there already refuses them all.
			return "Rows of the table are inserted in bulk in " + p.Flow.Symbol(a.Clause) + ": say what becomes of the others when one is there already, `on_conflict`.", softly
		}
		if a.Op == "insert" && a.Settles && len(a.Target) == 0 {
			return p.Flow.Symbol(a.Clause) + " leaves out a row that is refused: say what it shall go on with, since the new index refuses more.", softly
		}
		if a.Op == "insert" && (a.Query.OpenSteps || givesOne(a, columns)) {
			stored = true
			softly = softly || !a.Raises || a.Settles || slices.ContainsFunc(a.Chain, p.Queries.Rescued)
		}
	}
	for _, s := range p.Program.SchemasOf(t) {
		if at := madeAlike(p.Program, s, columns); at != "" {
			return "Rows that " + at + " makes have the same " + quoted(columns) + ": give each one a value of its own first.", softly
		}
	}
	switch at := commentedOut(p.Program, t, columns); {
	case slices.ContainsFunc(t.Indexes, func(x ir.TableIndex) bool { return x.Unique && !x.Full() && sameColumns(indexColumns(t, &x), columns) }):
		return "A unique index holds some rows to " + quoted(columns) + " already: say what of the others.", softly
	case at != "":
		return at + " holds the index as a comment: say why it was not made.", softly
	case severalOf(p.Program, t, columns):
		return "An association says that there are many rows for one " + quoted(columns) + ": say whether there is to be one, or another column belongs to the index.", softly
	case ofOwner(t, columns):
		return "Each row belongs to somebody: say whether " + quoted(columns) + " shall be unique for each owner, or over all of them.", softly
	case !stored:
		return "No write is known that gives " + quoted(columns) + " a value: say what does, and what it shall do where the index refuses one.", softly
	}
	return "", softly
}

// commentedOut is a migration that holds a unique index over columns of a table as a comment, or "".
func commentedOut(p *ir.Program, t *ir.Table, columns []string) string {
	line := regexp.MustCompile(`(?m)^\s*#.*unique_index\(:` + regexp.QuoteMeta(t.Name) + `, \[?:` + regexp.QuoteMeta(columns[0]) + `\b`)
	for _, f := range p.Files.Files {
		if f.Kind == source.Migration && strings.Contains(f.Text, "unique_index(:"+t.Name) && line.MatchString(f.Text) {
			return f.Path
		}
	}
	return ""
}

// severalOf reports whether an association says that a row of another table has many rows for
// one value of the only column.
func severalOf(p *ir.Program, t *ir.Table, columns []string) bool {
	if len(columns) != 1 {
		return false
	}
	if _, a := manyBy(p, columns[0], func(to *ir.Schema) bool { return to.Rows == t }); a != nil {
		return true
	}
	return slices.ContainsFunc(p.Schemas, func(s *ir.Schema) bool {
		return slices.ContainsFunc(s.Associations, func(a ir.Association) bool {
			return a.Kind == ir.ManyToMany && a.JoinTable == t.Name && (a.JoinOwner == columns[0] || a.JoinRelated == columns[0])
		})
	})
}

// ofOwner reports whether columns hold what people call things, of a table whose rows belong to
// somebody whose key is not among them.
func ofOwner(t *ir.Table, columns []string) bool {
	called := !slices.ContainsFunc(columns, func(c string) bool {
		return !slices.Contains([]string{"name", "title", "label", "symbol", "code", "number", "slug", "position", "key", "description"}, c)
	})
	return called && slices.ContainsFunc(t.ForeignKeys, func(k ir.ForeignKey) bool {
		of := k.Table[strings.LastIndexByte(k.Table, '_')+1:]
		return slices.Contains([]string{"users", "accounts", "organizations", "organisations", "companies", "teams", "tenants", "workspaces", "projects", "customers", "shops", "stores"}, of)
	})
}

// madeAlike is a file of the tests that has a fixture or a factory make rows of a schema more
// than once, all with the same values in some columns; or "".
func madeAlike(p *ir.Program, s *ir.Schema, columns []string) string {
	name := ir.Underscore(ir.LastName(p.SchemaName(s)))
	var values []*regexp.Regexp
	for _, c := range columns {
		values = append(values, regexp.MustCompile(`\b`+regexp.QuoteMeta(fieldOf(s, c))+`: (?:`+literalValue+`)\s*[,}\n]`))
	}
	maker := regexp.MustCompile(`(?m)^ *defp? ` + regexp.QuoteMeta(name) + `_(?:fixture|factory)\b`)
	for _, f := range p.Files.Files {
		if f.Kind != source.Test || !strings.Contains(f.Text, name+"_fixture") && !strings.Contains(f.Text, name+"_factory") {
			continue
		}
		for _, at := range maker.FindAllStringIndex(f.Text, -1) {
			body := f.Text[at[1]:]
			if end := nextDefinition.FindStringIndex(body); end != nil {
				body = body[:end[0]]
			}
			if !slices.ContainsFunc(values, func(v *regexp.Regexp) bool { return !v.MatchString(body) }) {
				return madeTwice(p, name, fieldOf(s, columns[0]))
			}
		}
	}
	return ""
}

// literalValue is the text of a value that is the same each time it is read, or made of one.
const literalValue = `"[^"#]*"|:\w+|\d[\d_.]*|true|false|~\w\[[^\]]*\]|[A-Z][\w.]*\("[^"#]*"\)`

var (
	nextDefinition = regexp.MustCompile(`\n +(?:defp?|@doc) `)
	testBegins     = regexp.MustCompile(`(?m)^ +(?:test|describe|property) "`)
)

// madeTwice is a file in which one test, with what is before all of the file's, or another
// fixture, makes rows by a fixture or factory of a name without a value for a field; or "".
func madeTwice(p *ir.Program, name, field string) string {
	call := regexp.MustCompile(`\b` + name + `_fixture(?:\(([^\n]*))?|\b(?:insert|insert!|build|params_for)\(:` + name + `\b([^\n]*)|\b(?:insert|build)_(?:list|pair)\((?:\d+, )?:` + name + `\b`)
	defined := regexp.MustCompile(`^ *defp? ` + name + `_`)
	count := func(text string) int {
		n := 0
		for _, at := range call.FindAllStringIndex(text, -1) {
			found := text[at[0]:at[1]]
			switch {
			case strings.Contains(found, field+":") || defined.MatchString(text[strings.LastIndexByte(text[:at[0]], '\n')+1:]):
			case strings.Contains(found, "_list(") || strings.Contains(found, "_pair("):
				n += 2
			default:
				n++
			}
		}
		return n
	}
	for _, f := range p.Files.Files {
		if f.Kind != source.Test || !strings.Contains(f.Text, name+"_fixture") && !strings.Contains(f.Text, ":"+name) {
			continue
		}
		parts := testBegins.FindAllStringIndex(f.Text, -1)
		if len(parts) == 0 {
			if count(f.Text) > 0 {
				return f.Path // another fixture makes one with each of its own
			}
			continue
		}
		before := count(f.Text[:parts[0][0]])
		for i, at := range parts {
			end := len(f.Text)
			if i+1 < len(parts) {
				end = parts[i+1][0]
			}
			if before+count(f.Text[at[0]:end]) > 1 {
				return f.Path
			}
		}
	}
	return ""
}
