package oracle

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/syntax/sql"
)

// ofOurs is the summary of a statement as package sql reads it.
func ofOurs(st sql.Statement) summary {
	var s summary
	switch st := st.(type) {
	case *sql.CreateTable:
		s.ourTable(st)
	case *sql.CreateIndex:
		s.add("index %s on %s %s unique %v concurrently %v if not exists %v where %v nulls not distinct %v", st.Name,
			st.Table, st.Method, st.Unique, st.Concurrently, st.IfNotExists, st.Where != nil, st.NullsNotDistinct)
		for _, k := range st.Keys {
			s.add("key %s expr %v opclass %s collation %s desc %v", k.Column, k.Expr != nil, k.OpClass, k.Collation, k.Desc)
		}
		for _, c := range st.Include {
			s.add("include %s", c)
		}
	case *sql.Alter:
		s.ourAlter(st)
	case *sql.Drop:
		s.add("drop %d if exists %v concurrently %v cascade %v", len(st.Names), st.IfExists, st.Concurrently, st.Cascade)
	case *sql.CreateType:
		s.add("enum %s %q", st.Name, st.Values)
	case *sql.CreateSequence:
		s.add("sequence %s", st.Name)
	case *sql.CreateView:
		s.add("view %s replace %v", st.Name, st.Replace)
		if st.Query != nil {
			s.ourQuery(st.Query)
		}
	case *sql.CreateTrigger:
		s.add("trigger %s on %s", st.Name, st.Table)
	case *sql.CreateFunction:
		s.add("function %s replace %v", st.Name, st.Replace)
	case *sql.CreatePolicy:
		s.add("policy %s on %s", st.Name, st.Table)
	case *sql.Comment:
		s.add("comment %q", st.Text)
	case *sql.DML:
		s.ourQuery(st.Query)
	case *sql.Set:
		s.add("tables []\ncompares []\nlimits 0 orders 0 params 0") // SELECT set_config
	}
	return s
}

func (s *summary) ourTable(c *sql.CreateTable) {
	persistence := "p"
	if c.Temporary {
		persistence = "t"
	} else if c.Unlogged {
		persistence = "u"
	}
	s.add("table %s %s if not exists %v", c.Name, persistence, c.IfNotExists)
	// In the order of the text, as PostgreSQL keeps them.
	type element struct {
		at  int
		add func()
	}
	var list []element
	for _, col := range c.Columns {
		list = append(list, element{col.Start, func() { s.ourColumn(col) }})
	}
	for _, k := range c.Constraints {
		list = append(list, element{k.Start, func() { s.ourConstraint(k, false) }})
	}
	for _, l := range c.Like {
		list = append(list, element{l.Start, func() { s.add("like %s", l.Table) }})
	}
	slices.SortFunc(list, func(a, b element) int { return a.at - b.at })
	for _, e := range list {
		e.add()
	}
	for _, n := range c.Inherits {
		s.add("parent %s", n)
	}
	if c.PartitionOf != nil {
		s.add("parent %s", c.PartitionOf.Parent)
	}
	if c.PartitionBy != nil {
		s.add("partition by %d keys", len(c.PartitionBy.Keys))
	}
}

func (s *summary) ourColumn(c sql.Column) {
	s.add("column %s %s default %v", c.Name, c.Type, c.Default != nil)
	var list summary
	if c.Generated != nil {
		list.add("  generated %q", "a")
	}
	if c.Identity != "" {
		list.add("  identity %s", map[string]string{"always": "a", "by default": "d"}[c.Identity])
	}
	for _, k := range c.Constraints {
		list.ourConstraint(k, true)
	}
	slices.Sort(list)
	*s = append(*s, list...)
}

func (s *summary) ourConstraint(k sql.Constraint, inColumn bool) {
	keys := k.Columns
	if k.Kind == sql.Check || k.Kind == sql.Exclude {
		keys = nil
	}
	line := fmt.Sprintf("  %s %s %q index %q include %q not valid %v", k.Kind, k.Name, keys, k.Index, k.Include, k.NotValid)
	if inColumn {
		line = fmt.Sprintf("  %s %s %q", k.Kind, k.Name, keys)
	} else {
		line += fmt.Sprintf(" deferrable %v %v", k.Deferrable, k.InitiallyDeferred)
	}
	if k.References != nil {
		line += fmt.Sprintf(" references %s %q %s %s", *k.References, k.Referenced, k.OnDelete, k.OnUpdate)
	}
	s.add("%s", line)
}

func (s *summary) ourAlter(a *sql.Alter) {
	switch act := a.Actions[0].(type) {
	case *sql.RenameTo:
		s.add("rename %s", act.Name)
		return
	case *sql.RenameColumn:
		s.add("rename %s", act.To)
		return
	case *sql.RenameConstraint:
		s.add("rename %s", act.To)
		return
	case *sql.AddValue:
		s.add("alter %s %q %q %q", a.Name, "", act.Value, act.Before+act.After)
		return
	case *sql.RenameValue:
		s.add("alter %s %q %q %q", a.Name, act.From, act.To, "")
		return
	}
	s.add("alter %s if exists %v", a.Name, a.IfExists)
	for _, act := range a.Actions {
		s.ourAction(act)
	}
}

func (s *summary) ourAction(act sql.Action) {
	switch act := act.(type) {
	case *sql.AddColumn:
		s.add("add if not exists %v", act.IfNotExists)
		s.ourColumn(act.Column)
	case *sql.DropColumn:
		s.add("drop column %s %v %v", act.Name, act.IfExists, act.Cascade)
	case *sql.SetType:
		s.add("type %s %s", act.Column, act.Type)
	case *sql.SetDefault:
		s.add("default %s true", act.Column)
	case *sql.DropDefault:
		s.add("default %s false", act.Column)
	case *sql.SetNotNull:
		s.add("set not null %s", act.Column)
	case *sql.DropNotNull:
		s.add("drop not null %s", act.Column)
	case *sql.AddConstraint:
		s.ourConstraint(act.Constraint, false)
	case *sql.DropConstraint:
		s.add("drop constraint %s %v %v", act.Name, act.IfExists, act.Cascade)
	case *sql.ValidateConstraint:
		s.add("validate %s", act.Name)
	case *sql.AttachPartition:
		s.add("attach %s", act.Partition)
	case *sql.DetachPartition:
		s.add("detach %s %v", act.Partition, act.Concurrently)
	case *sql.AddIdentity:
		s.add("identity %s", act.Column)
	case *sql.AlterConstraint:
		s.add("alter constraint")
	case *sql.Setting:
		s.add("setting")
	default:
		s.add("other")
	}
}

func (s *summary) ourQuery(q *sql.QueryInfo) {
	var tables, compares []string
	for _, t := range q.Tables {
		if t.Name.Name != "" && !t.Function {
			tables = append(tables, t.Name.String())
		}
	}
	for _, p := range q.Predicates {
		if p.Clause == "using" || p.Wrapped {
			continue
		}
		op := p.Compare.String()
		if p.Must {
			op += "!"
		}
		compares = append(compares, p.Column.Name+" "+op)
	}
	limits := 0
	for _, b := range q.Blocks {
		if b.Limit {
			limits++
		}
	}
	s.add("tables %v", sorted(tables))
	s.add("compares %v", sorted(compares))
	s.add("limits %d orders %d params %d", limits, len(q.Order), q.Params)
}

// tooLong finds the names that PostgreSQL cuts.
var tooLong = regexp.MustCompile(`\w{64,}`)

// firstDifference is the first line where two summaries differ.
func firstDifference(a, b summary) string {
	ours := tooLong.ReplaceAllStringFunc(b.String(), func(name string) string { return name[:63] })
	la, lb := strings.Split(a.String(), "\n"), strings.Split(ours, "\n")
	for i := range max(len(la), len(lb)) {
		x, y := "", ""
		if i < len(la) {
			x = la[i]
		}
		if i < len(lb) {
			y = lb[i]
		}
		if x != y {
			return fmt.Sprintf("PostgreSQL: %s\n      here: %s", x, y)
		}
	}
	return ""
}
