package replay

import (
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
	"github.com/assay-dev/assay/internal/syntax/sql"
)

// qname is a name with its schema.
type qname struct{ schema, name string }

// state is a database under way. Each change keeps it as PostgreSQL would.
type state struct {
	db     *ir.Database
	tables map[qname]*ir.Table
	views  map[qname]*ir.View
	enums  map[qname]*ir.Enum
	// sequences are those of columns, with the table that they go with. They keep
	// their names when it is renamed.
	sequences map[qname]*ir.Table
	// heirs are the tables that inherit from one, or are partitions of it.
	heirs map[*ir.Table][]*ir.Table
	// search are the schemas in which names without one are looked up. What is
	// created without one goes to the first.
	search []string
	// version of the migration that runs; 0 is the dump.
	version int64
	// maybe is set while it is not known whether the change is made: what is
	// created is marked, what is dropped stays and is marked.
	maybe bool
	seen  map[ir.Gap]bool
	// current is the migration that runs; nil while the dump is loaded.
	current *ir.Migration
}

func newState(db *ir.Database) *state {
	return &state{
		db: db, search: []string{db.Schema},
		tables: map[qname]*ir.Table{}, views: map[qname]*ir.View{}, enums: map[qname]*ir.Enum{},
		sequences: map[qname]*ir.Table{}, heirs: map[*ir.Table][]*ir.Table{}, seen: map[ir.Gap]bool{},
	}
}

func (s *state) origin(at source.Span) ir.Origin { return ir.Origin{Version: s.version, Span: at} }

// gap notes something that is not known, once.
func (s *state) gap(at source.Span, table, reason string) {
	s.unknown(ir.Gap{Span: at, Reason: reason, Table: table, Wide: table == ""})
}

// aside notes something that is not known and that concerns no table of the
// project, only a detail of one, or what the text beside it names.
func (s *state) aside(at source.Span, reason string) { s.unknown(ir.Gap{Span: at, Reason: reason}) }

func (s *state) unknown(g ir.Gap) {
	if !s.seen[g] {
		s.seen[g] = true
		s.db.Gaps = append(s.db.Gaps, g)
	}
}

// resolve fills in the schema of a name, and cuts what is too long.
func (s *state) resolve(schema, name string) qname {
	q := qname{ir.CutName(schema), ir.CutName(name)}
	if schema != "" {
		return q
	}
	for _, q.schema = range s.search {
		if s.enums[q] != nil || s.relationTaken(q.schema)(q.name) {
			return q
		}
	}
	return s.fresh("", name)
}

// fresh is the name of something that is created.
func (s *state) fresh(schema, name string) qname {
	if schema == "" {
		schema = s.search[0]
	}
	return qname{ir.CutName(schema), ir.CutName(name)}
}

// table finds a table. One that nothing known has made is made now, Partial; it
// is kept if it is known to be there.
func (s *state) table(q qname, at source.Span) *ir.Table {
	t := s.tables[q]
	if t == nil {
		t = &ir.Table{Schema: q.schema, Name: q.name, Partial: true, Maybe: s.maybe, Made: s.origin(at)}
		if !s.maybe {
			s.tables[q] = t
		}
		s.gap(at, q.name, "the table is changed, and nothing known creates it")
	}
	return t
}

// createTable adds a table; nil when there is one by that name.
func (s *state) createTable(q qname, quietly bool, at source.Span) *ir.Table {
	if old := s.tables[q]; old != nil && !old.Maybe {
		if !quietly && !s.maybe {
			s.gap(at, q.name, "the table is created, and there is one by that name")
		}
		return nil
	}
	t := &ir.Table{Schema: q.schema, Name: q.name, Made: s.origin(at), Maybe: s.maybe}
	s.tables[q] = t
	return t
}

func (s *state) dropTable(q qname, quietly bool, at source.Span) {
	t := s.tables[q]
	switch {
	case t == nil:
		if !quietly {
			s.gap(at, q.name, "the table is dropped, and nothing known creates it")
		}
	case s.maybe:
		t.Maybe = true
	default:
		delete(s.tables, q)
		s.eachReference(q, func(from *ir.Table, i int) {
			from.ForeignKeys = slices.Delete(from.ForeignKeys, i, i+1)
		})
		s.dropChildren(t)
		for seq, owner := range s.sequences {
			if owner == t {
				delete(s.sequences, seq)
			}
		}
	}
}

// dropChildren drops the partitions of a table that was dropped.
func (s *state) dropChildren(t *ir.Table) {
	for q, c := range s.tables {
		if c.Parent == t.Schema+"."+t.Name {
			delete(s.tables, q)
		}
	}
}

// eachReference calls f with every foreign key that refers to a table, from the
// last to the first of each table.
func (s *state) eachReference(q qname, f func(from *ir.Table, i int)) {
	for _, t := range s.tables {
		for i := len(t.ForeignKeys) - 1; i >= 0; i-- {
			if k := &t.ForeignKeys[i]; k.Table == q.name && k.Schema == q.schema {
				f(t, i)
			}
		}
	}
}

// moveTable gives a table another name or schema.
func (s *state) moveTable(from, to qname, at source.Span) {
	if s.refused(at, from.name, "the table is renamed") {
		return
	}
	t := s.table(from, at)
	delete(s.tables, from)
	s.eachReference(from, func(t *ir.Table, i int) {
		t.ForeignKeys[i].Schema, t.ForeignKeys[i].Table = to.schema, to.name
	})
	for _, c := range s.tables {
		if c.Parent == from.schema+"."+from.name {
			c.Parent = to.schema + "." + to.name
		}
	}
	if from.schema != to.schema {
		s.moveSequences(t, to.schema)
	}
	t.Schema, t.Name = to.schema, to.name
	s.tables[to] = t
}

// moveSequences moves the sequences of a table with it to another schema.
func (s *state) moveSequences(t *ir.Table, schema string) {
	for q, owner := range s.sequences {
		if owner != t || q.schema == schema {
			continue
		}
		delete(s.sequences, q)
		s.sequences[qname{schema, q.name}] = t
		for i := range t.Columns {
			if c := &t.Columns[i]; c.Default == s.next(q) {
				c.Default = s.next(qname{schema, q.name})
			}
		}
	}
}

// next is the default of a column with a sequence.
func (s *state) next(q qname) string {
	return "nextval('" + s.qualifier(q.schema) + sql.Quote(q.name) + "'::regclass)"
}

// refused notes a change that is not made, since it is not known whether it
// happens.
func (s *state) refused(at source.Span, table, what string) bool {
	if s.maybe {
		s.gap(at, table, what+" under a condition that is not known")
	}
	return s.maybe
}

func (s *state) addColumn(t *ir.Table, c ir.Column, quietly bool, at source.Span) {
	c.Made, c.Changed, c.Maybe = s.origin(at), s.origin(at), s.maybe
	old := t.Column(c.Name)
	switch {
	case old == nil:
		t.Columns = append(t.Columns, c)
	case old.Maybe && !s.maybe:
		*old = c
	case !quietly && !s.maybe && !t.Partial:
		s.gap(at, t.Name, "column "+c.Name+" is added, and there is one by that name")
	}
}

// column finds a column that is changed, or notes that there is none. In a
// table that is Partial it is made.
func (s *state) column(t *ir.Table, name string, at source.Span) *ir.Column {
	name = ir.CutName(name)
	if c := t.Column(name); c != nil {
		if !s.refused(at, t.Name, "column "+name+" is changed") {
			c.Changed = s.origin(at)
			return c
		}
		return nil
	}
	if t.Partial {
		s.addColumn(t, ir.Column{Name: name, Null: true}, true, at)
		return t.Column(name)
	}
	s.gap(at, t.Name, "column "+name+" is changed, and nothing known adds it")
	return nil
}

func (s *state) dropColumn(t *ir.Table, name string, quietly bool, at source.Span) {
	name = ir.CutName(name)
	i := slices.IndexFunc(t.Columns, func(c ir.Column) bool { return c.Name == name })
	switch {
	case i < 0:
		if !quietly && !t.Partial {
			s.gap(at, t.Name, "column "+name+" is dropped, and nothing known adds it")
		}
		return
	case s.maybe:
		t.Columns[i].Maybe = true
		return
	}
	t.Columns = slices.Delete(t.Columns, i, i+1)
	s.forgetColumn(t, name)
}

// forgetColumn takes away what a dropped column takes with it.
func (s *state) forgetColumn(t *ir.Table, name string) {
	t.Indexes = slices.DeleteFunc(t.Indexes, func(x ir.TableIndex) bool { return indexUses(&x, name) })
	t.ForeignKeys = slices.DeleteFunc(t.ForeignKeys, func(k ir.ForeignKey) bool { return slices.Contains(k.Columns, name) })
	t.Constraints = slices.DeleteFunc(t.Constraints, func(c ir.Constraint) bool {
		return slices.Contains(c.Columns, name) || mentions(c.Expr, name)
	})
	if t.PrimaryKey != nil && slices.Contains(t.PrimaryKey.Columns, name) {
		t.PrimaryKey = nil
	}
	s.eachReference(qname{t.Schema, t.Name}, func(from *ir.Table, i int) {
		if slices.Contains(from.ForeignKeys[i].References, name) {
			from.ForeignKeys = slices.Delete(from.ForeignKeys, i, i+1)
		}
	})
}

func indexUses(x *ir.TableIndex, column string) bool {
	for _, k := range x.Keys {
		if k.Column == column || mentions(k.Expr, column) {
			return true
		}
	}
	return slices.Contains(x.Include, column) || mentions(x.Where, column)
}

func (s *state) renameColumn(t *ir.Table, from, to string, at source.Span) {
	from, to = ir.CutName(from), ir.CutName(to)
	c := s.column(t, from, at)
	if c == nil {
		return
	}
	c.Name = to
	for i := range t.Columns {
		t.Columns[i].Generated = renamed(t.Columns[i].Generated, from, to)
	}
	for i := range t.Indexes {
		renameInIndex(&t.Indexes[i], from, to)
	}
	for i := range t.ForeignKeys {
		replaceName(t.ForeignKeys[i].Columns, from, to)
	}
	for i := range t.Constraints {
		replaceName(t.Constraints[i].Columns, from, to)
		t.Constraints[i].Expr = renamed(t.Constraints[i].Expr, from, to)
	}
	if t.PrimaryKey != nil {
		replaceName(t.PrimaryKey.Columns, from, to)
	}
	s.eachReference(qname{t.Schema, t.Name}, func(other *ir.Table, i int) {
		replaceName(other.ForeignKeys[i].References, from, to)
	})
}

func renameInIndex(x *ir.TableIndex, from, to string) {
	for i := range x.Keys {
		if k := &x.Keys[i]; k.Column == from {
			k.Column = to
		} else {
			k.Expr = renamed(k.Expr, from, to)
		}
	}
	replaceName(x.Include, from, to)
	x.Where = renamed(x.Where, from, to)
}

func replaceName(names []string, from, to string) {
	for i, n := range names {
		if n == from {
			names[i] = to
		}
	}
}

// addIndex adds an index to a table; one by its name in the schema is kept.
func (s *state) addIndex(t *ir.Table, x ir.TableIndex, quietly bool, at source.Span) {
	x.Made, x.Maybe = s.origin(at), s.maybe
	if owner, i := s.index(qname{t.Schema, x.Name}); owner != nil {
		switch {
		case owner.Indexes[i].Maybe && !s.maybe:
			owner.Indexes = slices.Delete(owner.Indexes, i, i+1)
		case quietly || s.maybe:
			return
		default:
			s.gap(at, t.Name, "index "+x.Name+" is created, and there is one by that name")
			return
		}
	}
	t.Indexes = append(t.Indexes, x)
}

// index finds the table that has an index, and where in its list.
func (s *state) index(q qname) (*ir.Table, int) {
	for _, t := range s.tables {
		if t.Schema != q.schema {
			continue
		}
		for i := range t.Indexes {
			if t.Indexes[i].Name == q.name {
				return t, i
			}
		}
	}
	return nil, 0
}

func (s *state) dropIndex(q qname, quietly bool, at source.Span) {
	t, i := s.index(q)
	switch {
	case t == nil:
		if !s.dropViewIndex(q) && !quietly {
			s.aside(at, "index "+q.name+" is dropped, and nothing known creates it")
		}
	case s.maybe:
		t.Indexes[i].Maybe = true
	default:
		t.Indexes = slices.Delete(t.Indexes, i, i+1)
	}
}

func (s *state) dropViewIndex(q qname) bool {
	for _, v := range s.views {
		n := len(v.Indexes)
		v.Indexes = slices.DeleteFunc(v.Indexes, func(x ir.TableIndex) bool { return v.Schema == q.schema && x.Name == q.name })
		if len(v.Indexes) < n {
			return true
		}
	}
	return false
}

func (s *state) renameIndex(q qname, to string, at source.Span) {
	to = ir.CutName(to)
	if t := s.keyNamed(q); t != nil {
		t.PrimaryKey.Name = to
		return
	}
	t, i := s.index(q)
	if t == nil {
		s.aside(at, "index "+q.name+" is renamed, and nothing known creates it")
		return
	}
	if s.refused(at, t.Name, "index "+q.name+" is renamed") {
		return
	}
	x := &t.Indexes[i]
	x.Name = to
	for j := range t.Constraints {
		if c := &t.Constraints[j]; x.Backing && c.Name == q.name {
			c.Name = to
		}
	}
}

// keyNamed finds the table whose primary key has a name.
func (s *state) keyNamed(q qname) *ir.Table {
	for _, t := range s.tables {
		if t.Schema == q.schema && t.PrimaryKey != nil && t.PrimaryKey.Name == q.name {
			return t
		}
	}
	return nil
}

// dropConstraint takes away a constraint of any kind by its name.
func (s *state) dropConstraint(t *ir.Table, name string, quietly bool, at source.Span) {
	name = ir.CutName(name)
	found := false
	for i := range t.ForeignKeys {
		if k := &t.ForeignKeys[i]; k.Name == name {
			k.Maybe, found = k.Maybe || s.maybe, true
		}
	}
	for i := range t.Constraints {
		if c := &t.Constraints[i]; c.Name == name {
			c.Maybe, found = c.Maybe || s.maybe, true
		}
	}
	key := t.PrimaryKey != nil && t.PrimaryKey.Name == name
	if !found && !key {
		if !quietly && !t.Partial {
			s.gap(at, t.Name, "constraint "+name+" is dropped, and nothing known adds it")
		}
		return
	}
	if s.maybe {
		return
	}
	if key {
		t.PrimaryKey = nil
	}
	for i := range t.ForeignKeys {
		if k := &t.ForeignKeys[i]; k.Name == name {
			t.Dropped = append(t.Dropped, *k)
		}
	}
	t.ForeignKeys = slices.DeleteFunc(t.ForeignKeys, func(k ir.ForeignKey) bool { return k.Name == name })
	t.Constraints = slices.DeleteFunc(t.Constraints, func(c ir.Constraint) bool { return c.Name == name })
	t.Indexes = slices.DeleteFunc(t.Indexes, func(x ir.TableIndex) bool { return x.Backing && x.Name == name })
}

func (s *state) renameConstraint(t *ir.Table, from, to string, at source.Span) {
	from, to = ir.CutName(from), ir.CutName(to)
	if s.refused(at, t.Name, "constraint "+from+" is renamed") {
		return
	}
	found := false
	rename := func(name *string) {
		if *name == from {
			*name, found = to, true
		}
	}
	if t.PrimaryKey != nil {
		rename(&t.PrimaryKey.Name)
	}
	for i := range t.ForeignKeys {
		rename(&t.ForeignKeys[i].Name)
	}
	for i := range t.Constraints {
		rename(&t.Constraints[i].Name)
	}
	for i := range t.Indexes {
		if t.Indexes[i].Backing {
			rename(&t.Indexes[i].Name)
		}
	}
	if !found && !t.Partial {
		s.gap(at, t.Name, "constraint "+from+" is renamed, and nothing known adds it")
	}
}

// validate notes that every row keeps a constraint.
func (s *state) validate(t *ir.Table, name string) {
	if s.maybe {
		return
	}
	name = ir.CutName(name)
	for i := range t.ForeignKeys {
		if t.ForeignKeys[i].Name == name {
			t.ForeignKeys[i].Unchecked = false
		}
	}
	for i := range t.Constraints {
		if t.Constraints[i].Name == name {
			t.Constraints[i].Unchecked = false
		}
	}
}

// finish puts what was found into the database, in order.
func (s *state) finish() {
	db := s.db
	for _, t := range s.tables {
		slices.SortFunc(t.Indexes, func(a, b ir.TableIndex) int { return strings.Compare(a.Name, b.Name) })
		slices.SortFunc(t.ForeignKeys, func(a, b ir.ForeignKey) int { return strings.Compare(a.Name, b.Name) })
		slices.SortFunc(t.Constraints, func(a, b ir.Constraint) int { return strings.Compare(a.Name, b.Name) })
		db.Tables = append(db.Tables, t)
	}
	slices.SortFunc(db.Tables, func(a, b *ir.Table) int { return compareNames(a.Schema, a.Name, b.Schema, b.Name) })
	for _, v := range s.views {
		db.Views = append(db.Views, *v)
	}
	slices.SortFunc(db.Views, func(a, b ir.View) int { return compareNames(a.Schema, a.Name, b.Schema, b.Name) })
	for _, e := range s.enums {
		db.Enums = append(db.Enums, *e)
	}
	slices.SortFunc(db.Enums, func(a, b ir.Enum) int { return compareNames(a.Schema, a.Name, b.Schema, b.Name) })
}

func compareNames(s1, n1, s2, n2 string) int {
	if c := strings.Compare(s1, s2); c != 0 {
		return c
	}
	return strings.Compare(n1, n2)
}
