package oracle

import (
	"fmt"
	"slices"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v6"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/assay-dev/assay/internal/syntax/sql"
)

// A summary is what a statement says, one fact a line.
type summary []string

func (s *summary) add(format string, args ...any) { *s = append(*s, fmt.Sprintf(format, args...)) }

func (s summary) String() string { return strings.Join(s, "\n") }

// ofPostgres is the summary of a statement as PostgreSQL's own grammar reads
// it; false when only acceptance is compared.
func ofPostgres(n *pg.Node) (summary, bool) {
	var s summary
	switch n := n.Node.(type) {
	case *pg.Node_CreateStmt:
		s.createTable(n.CreateStmt)
	case *pg.Node_CreateForeignTableStmt:
		s.createTable(n.CreateForeignTableStmt.BaseStmt)
	case *pg.Node_IndexStmt:
		s.index(n.IndexStmt)
	case *pg.Node_AlterTableStmt:
		return s.alterTable(n.AlterTableStmt)
	case *pg.Node_RenameStmt:
		s.add("rename %s", n.RenameStmt.Newname)
	case *pg.Node_DropStmt:
		d := n.DropStmt
		s.add("drop %d if exists %v concurrently %v cascade %v", len(d.Objects), d.MissingOk, d.Concurrent,
			d.Behavior == pg.DropBehavior_DROP_CASCADE)
	case *pg.Node_CreateEnumStmt:
		s.add("enum %s %q", listName(n.CreateEnumStmt.TypeName), stringsOf(n.CreateEnumStmt.Vals))
	case *pg.Node_AlterEnumStmt:
		a := n.AlterEnumStmt
		s.add("alter %s %q %q %q", listName(a.TypeName), a.OldVal, a.NewVal, a.NewValNeighbor)
	case *pg.Node_CreateSeqStmt:
		s.add("sequence %s", rangeVar(n.CreateSeqStmt.Sequence))
	case *pg.Node_ViewStmt:
		s.add("view %s replace %v", rangeVar(n.ViewStmt.View), n.ViewStmt.Replace)
		s.query(n.ViewStmt.Query.ProtoReflect())
	case *pg.Node_CreateTrigStmt:
		s.add("trigger %s on %s", n.CreateTrigStmt.Trigname, rangeVar(n.CreateTrigStmt.Relation))
	case *pg.Node_CreateFunctionStmt:
		s.add("function %s replace %v", listName(n.CreateFunctionStmt.Funcname), n.CreateFunctionStmt.Replace)
	case *pg.Node_CreatePolicyStmt:
		s.add("policy %s on %s", n.CreatePolicyStmt.PolicyName, rangeVar(n.CreatePolicyStmt.Table))
	case *pg.Node_CommentStmt:
		s.add("comment %q", n.CommentStmt.Comment)
	case *pg.Node_SelectStmt:
		if n.SelectStmt.IntoClause != nil {
			return nil, false
		}
		s.query(n.SelectStmt.ProtoReflect())
	case *pg.Node_InsertStmt:
		s.query(n.InsertStmt.ProtoReflect())
	case *pg.Node_UpdateStmt:
		s.query(n.UpdateStmt.ProtoReflect())
	case *pg.Node_DeleteStmt:
		s.query(n.DeleteStmt.ProtoReflect())
	default:
		return nil, false
	}
	return s, true
}

func rangeVar(r *pg.RangeVar) string {
	return sql.Name{Schema: r.Schemaname, Name: r.Relname}.String()
}

func stringsOf(list []*pg.Node) []string {
	var out []string
	for _, n := range list {
		out = append(out, n.GetString_().GetSval())
	}
	return out
}

func listName(list []*pg.Node) string {
	parts := stringsOf(list)
	n := sql.Name{Name: parts[len(parts)-1]}
	if len(parts) > 1 {
		n.Schema = parts[len(parts)-2]
	}
	return n.String()
}

func (s *summary) createTable(c *pg.CreateStmt) {
	s.add("table %s %s if not exists %v", rangeVar(c.Relation), c.Relation.Relpersistence, c.IfNotExists)
	for _, e := range c.TableElts {
		switch {
		case e.GetColumnDef() != nil:
			s.column(e.GetColumnDef())
		case e.GetConstraint() != nil:
			s.constraint(e.GetConstraint(), "")
		case e.GetTableLikeClause() != nil:
			s.add("like %s", rangeVar(e.GetTableLikeClause().Relation))
		}
	}
	for _, r := range c.InhRelations {
		s.add("parent %s", rangeVar(r.GetRangeVar()))
	}
	if by := c.Partspec; by != nil {
		s.add("partition by %d keys", len(by.PartParams))
	}
}

func (s *summary) column(d *pg.ColumnDef) {
	typ := ""
	if d.TypeName != nil {
		typ = typeName(d.TypeName)
	}
	var constraints summary
	hasDefault := false
	for _, k := range d.Constraints {
		switch k := k.GetConstraint(); k.Contype {
		case pg.ConstrType_CONSTR_DEFAULT:
			hasDefault = true
		case pg.ConstrType_CONSTR_GENERATED:
			constraints.add("  generated %q", k.GeneratedWhen)
		case pg.ConstrType_CONSTR_IDENTITY:
			constraints.add("  identity %s", k.GeneratedWhen)
		default:
			constraints.constraint(k, d.Colname)
		}
	}
	s.add("column %s %s default %v", d.Colname, typ, hasDefault)
	slices.Sort(constraints)
	*s = append(*s, constraints...)
}

var actions = map[string]string{"a": "no action", "r": "restrict", "c": "cascade", "n": "set null", "d": "set default"}

// constraint adds one that is no attribute of the one before.
func (s *summary) constraint(k *pg.Constraint, column string) {
	var keys []string
	kind := ""
	switch k.Contype {
	case pg.ConstrType_CONSTR_NOTNULL:
		kind = "not null"
	case pg.ConstrType_CONSTR_PRIMARY:
		kind, keys = "primary key", stringsOf(k.Keys)
	case pg.ConstrType_CONSTR_UNIQUE:
		kind, keys = "unique", stringsOf(k.Keys)
	case pg.ConstrType_CONSTR_CHECK:
		kind = "check"
	case pg.ConstrType_CONSTR_FOREIGN:
		kind, keys = "foreign key", stringsOf(k.FkAttrs)
	case pg.ConstrType_CONSTR_EXCLUSION:
		kind = "exclude"
	default:
		return // NULL, and the attributes, which stand apart
	}
	if column != "" {
		keys = []string{column}
	}
	if kind == "check" || kind == "exclude" {
		keys = nil
	}
	line := fmt.Sprintf("  %s %s %q index %q include %q not valid %v", kind, k.Conname, keys, k.Indexname,
		stringsOf(k.Including), k.SkipValidation && kind != "x")
	if column != "" {
		line = fmt.Sprintf("  %s %s %q", kind, k.Conname, keys)
	} else {
		line += fmt.Sprintf(" deferrable %v %v", k.Deferrable, k.Initdeferred)
	}
	if kind == "foreign key" {
		line += fmt.Sprintf(" references %s %q %s %s", rangeVar(k.Pktable), stringsOf(k.PkAttrs), actions[k.FkDelAction],
			actions[k.FkUpdAction])
	}
	s.add("%s", line)
}

var builtin = map[string]string{
	"serial8": "bigserial", "serial4": "serial", "serial2": "smallserial",
	"int4": "integer", "int2": "smallint", "int8": "bigint", "bool": "boolean", "float4": "real",
	"float8": "double precision", "varchar": "character varying", "varbit": "bit varying",
}

// short are the names of built-in types that the grammar leaves alone.
var short = []string{"timestamptz", "timetz", "bpchar"}

// typeName is a type as format_type prints it.
func typeName(t *pg.TypeName) string {
	parts := stringsOf(t.Names)
	name := parts[len(parts)-1]
	var mods []string
	for _, m := range t.Typmods {
		if c := m.GetAConst(); c != nil && c.GetIval() != nil {
			mods = append(mods, fmt.Sprint(c.GetIval().Ival))
		} else {
			mods = append(mods, "?")
		}
	}
	mod := ""
	if len(mods) > 0 {
		mod = "(" + strings.Join(mods, ",") + ")"
	}
	if len(parts) == 2 && parts[0] == "pg_catalog" || len(parts) == 1 && (builtin[name] != "" || slices.Contains(short, name)) {
		switch {
		case builtin[name] != "":
			name = builtin[name] + mod
		case name == "bpchar" && mod != "":
			name = "character" + mod
		case name == "timestamp" || name == "time":
			name += mod + " without time zone"
		case name == "timestamptz" || name == "timetz":
			name = strings.TrimSuffix(name, "tz") + mod + " with time zone"
		default:
			name += mod
		}
	} else {
		n := sql.Name{Name: name}
		if len(parts) > 1 {
			n.Schema = parts[len(parts)-2]
		}
		name = n.String() + mod
	}
	if t.PctType {
		name += "%type"
	}
	if len(t.ArrayBounds) > 0 {
		name += "[]"
	}
	return name
}

func (s *summary) index(x *pg.IndexStmt) {
	s.add("index %s on %s %s unique %v concurrently %v if not exists %v where %v nulls not distinct %v", x.Idxname,
		rangeVar(x.Relation), x.AccessMethod, x.Unique, x.Concurrent, x.IfNotExists, x.WhereClause != nil, x.NullsNotDistinct)
	for _, p := range x.IndexParams {
		s.key(p.GetIndexElem())
	}
	for _, p := range x.IndexIncludingParams {
		s.add("include %s", p.GetIndexElem().Name)
	}
}

func (s *summary) key(e *pg.IndexElem) {
	class, collation := "", ""
	if len(e.Opclass) > 0 {
		class = listName(e.Opclass)
	}
	if len(e.Collation) > 0 {
		collation = listName(e.Collation)
	}
	s.add("key %s expr %v opclass %s collation %s desc %v", e.Name, e.Expr != nil, class, collation,
		e.Ordering == pg.SortByDir_SORTBY_DESC)
}

// alterTable adds the actions; false when one is not compared.
func (s *summary) alterTable(a *pg.AlterTableStmt) (summary, bool) {
	if a.Relation == nil {
		return nil, false
	}
	s.add("alter %s if exists %v", rangeVar(a.Relation), a.MissingOk)
	for _, n := range a.Cmds {
		c := n.GetAlterTableCmd()
		cascade := c.Behavior == pg.DropBehavior_DROP_CASCADE
		switch c.Subtype {
		case pg.AlterTableType_AT_AddColumn:
			s.add("add if not exists %v", c.MissingOk)
			s.column(c.Def.GetColumnDef())
		case pg.AlterTableType_AT_DropColumn:
			s.add("drop column %s %v %v", c.Name, c.MissingOk, cascade)
		case pg.AlterTableType_AT_AlterColumnType:
			s.add("type %s %s", c.Name, typeName(c.Def.GetColumnDef().TypeName))
		case pg.AlterTableType_AT_ColumnDefault:
			s.add("default %s %v", c.Name, c.Def != nil)
		case pg.AlterTableType_AT_SetNotNull:
			s.add("set not null %s", c.Name)
		case pg.AlterTableType_AT_DropNotNull:
			s.add("drop not null %s", c.Name)
		case pg.AlterTableType_AT_AddConstraint:
			s.constraint(c.Def.GetConstraint(), "")
		case pg.AlterTableType_AT_DropConstraint:
			s.add("drop constraint %s %v %v", c.Name, c.MissingOk, cascade)
		case pg.AlterTableType_AT_ValidateConstraint:
			s.add("validate %s", c.Name)
		case pg.AlterTableType_AT_AttachPartition:
			s.add("attach %s", rangeVar(c.Def.GetPartitionCmd().Name))
		case pg.AlterTableType_AT_DetachPartition:
			s.add("detach %s %v", rangeVar(c.Def.GetPartitionCmd().Name), c.Def.GetPartitionCmd().Concurrent)
		case pg.AlterTableType_AT_AddIdentity:
			s.add("identity %s", c.Name)
		case pg.AlterTableType_AT_DropIdentity, pg.AlterTableType_AT_DropExpression, pg.AlterTableType_AT_AddInherit,
			pg.AlterTableType_AT_DropInherit, pg.AlterTableType_AT_ChangeOwner:
			s.add("other")
		case pg.AlterTableType_AT_AlterConstraint:
			s.add("alter constraint")
		default:
			s.add("setting")
		}
	}
	return *s, true
}

// query adds the tables, the direct comparisons and the limits of a query.
func (s *summary) query(m protoreflect.Message) {
	w := &walker{}
	w.message(m, where{})
	if w.skip {
		*s = summary{"merge"}
		return
	}
	s.add("tables %v", sorted(w.tables))
	s.add("compares %v", sorted(w.compares))
	s.add("limits %d orders %d params %d", w.limits, w.orders, w.params)
}

func sorted(list []string) []string {
	slices.Sort(list)
	return list
}

// A walker gathers from PostgreSQL's tree what a QueryInfo says.
type walker struct {
	tables, compares       []string
	limits, orders, params int
	not                    bool // the next sublink is in NOT
	skip                   bool // a MERGE is in it
}

// A where says where a node stands: in a clause that filters, and in a
// conjunct of it.
type where struct{ filter, must bool }

func (w *walker) message(m protoreflect.Message, at where) {
	switch n := m.Interface().(type) {
	case *pg.RangeVar:
		w.tables = append(w.tables, rangeVar(n))
	case *pg.ParamRef:
		w.params = max(w.params, int(n.Number))
	case *pg.SelectStmt:
		w.orders += len(n.SortClause)
		if c := n.LimitCount.GetAConst(); n.LimitCount != nil && (c == nil || !c.Isnull) {
			w.limits++
		}
		at = where{}
	case *pg.LockingClause, *pg.IntoClause:
		return
	case *pg.MultiAssignRef:
		if n.Colno > 1 {
			return // SET (a, b) = (SELECT …) is there once for each column
		}
	case *pg.MergeStmt:
		w.skip = true
	case *pg.A_Expr:
		if at.filter {
			w.compare(n, at)
		}
		at.must = false
	case *pg.NullTest:
		if at.filter && n.Arg.GetColumnRef() != nil {
			op := map[pg.NullTestType]string{pg.NullTestType_IS_NULL: "is null", pg.NullTestType_IS_NOT_NULL: "is not null"}
			w.add(n.Arg, op[n.Nulltesttype], at)
		}
		at.must = false
	case *pg.BooleanTest:
		if at.filter && n.Arg.GetColumnRef() != nil {
			op := "="
			switch n.Booltesttype {
			case pg.BoolTestType_IS_NOT_TRUE, pg.BoolTestType_IS_NOT_FALSE, pg.BoolTestType_IS_NOT_UNKNOWN:
				op = "<>"
			}
			w.add(n.Arg, op, at)
		}
		at.must = false
	case *pg.SubLink:
		if at.filter && n.Testexpr != nil {
			w.sublink(n, at)
		}
		w.not = false
		at.must = false
	case *pg.BoolExpr:
		if link := not(n); link != nil && at.filter {
			w.not = true
			w.message(link.ProtoReflect(), at)
			return
		}
		at.must = at.must && n.Boolop == pg.BoolExprType_AND_EXPR
	case *pg.WindowDef:
		return
	}
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		to := at
		switch f.Name() {
		case "where_clause", "having_clause":
			to = where{true, true}
		case "quals":
			to = where{true, true}
		case "on_conflict_clause", "infer", "agg_filter":
			to = where{}
		case "agg_order", "target_list", "returning_list":
			to = where{}
			if f.Name() == "agg_order" {
				to = at
			}
		}
		if (f.Name() == "where_clause") && (m.Descriptor().Name() == "OnConflictClause" || m.Descriptor().Name() == "InferClause") {
			to = where{}
		}
		switch m.Descriptor().Name() {
		case "Node", "List", "BoolExpr", "SelectStmt", "UpdateStmt", "DeleteStmt", "JoinExpr":
		default:
			to.must = false
		}
		w.field(f, v, to)
		return true
	})
}

func (w *walker) field(f protoreflect.FieldDescriptor, v protoreflect.Value, at where) {
	switch {
	case f.IsList() && f.Message() != nil:
		for i := range v.List().Len() {
			w.message(v.List().Get(i).Message(), at)
		}
	case f.Message() != nil && !f.IsMap():
		w.message(v.Message(), at)
	}
}

func (w *walker) add(column *pg.Node, op string, at where) {
	w.addNamed(columnName(column), op, at)
}

func (w *walker) addNamed(name, op string, at where) {
	if name == "" {
		return
	}
	if at.must {
		op += "!"
	}
	w.compares = append(w.compares, name+" "+op)
}

// columnName is the last part of a column's name; of t.*, nothing.
func columnName(n *pg.Node) string {
	fields := n.GetColumnRef().GetFields()
	if len(fields) == 0 {
		return ""
	}
	return fields[len(fields)-1].GetString_().GetSval()
}

// not is the a IN (SELECT …) of NOT, which is how the grammar reads NOT IN.
func not(b *pg.BoolExpr) *pg.SubLink {
	if b.Boolop != pg.BoolExprType_NOT_EXPR {
		return nil
	}
	link := b.Args[0].GetSubLink()
	if link == nil || link.SubLinkType != pg.SubLinkType_ANY_SUBLINK || len(link.OperName) > 0 {
		return nil
	}
	return link
}

func (w *walker) sublink(n *pg.SubLink, at where) {
	name, op := stringsOf(n.OperName), "op"
	switch {
	case w.not:
		op = "<>"
	case n.SubLinkType == pg.SubLinkType_ANY_SUBLINK && (len(name) == 0 || name[0] == "="):
		op = "in"
	case n.SubLinkType == pg.SubLinkType_ALL_SUBLINK && name[0] == "<>":
		op = "<>"
	case n.SubLinkType == pg.SubLinkType_ROWCOMPARE_SUBLINK:
		op = plainOperator(name[0])
	}
	list := []*pg.Node{n.Testexpr}
	if row := n.Testexpr.GetRowExpr(); row != nil {
		list = row.Args
	}
	for _, column := range list {
		w.add(column, op, at)
	}
}

// compare adds the comparison of a column, or those of a row of columns.
func (w *walker) compare(e *pg.A_Expr, at where) {
	name := ""
	if op := stringsOf(e.Name); len(op) > 0 {
		name = op[len(op)-1]
	}
	op := operatorClass(e.Kind, name)
	if op == "" {
		return
	}
	if row := e.Lexpr.GetRowExpr(); row != nil {
		for _, a := range row.Args {
			if a.GetColumnRef() != nil {
				w.add(a, op, at)
			}
		}
		return
	}
	if e.Lexpr.GetColumnRef() != nil && columnName(e.Lexpr) != "" {
		w.add(e.Lexpr, op, at)
		return
	}
	if e.Rexpr.GetColumnRef() != nil && e.Lexpr != nil {
		if e.Kind == pg.A_Expr_Kind_AEXPR_OP_ANY && op == "in" {
			if holdsColumn(e.Lexpr) {
				return
			}
			op = "op"
		}
		w.add(e.Rexpr, op, at)
	}
}

func holdsColumn(n *pg.Node) bool { return n != nil && strings.Contains(n.String(), "column_ref") }

// operatorClass is the comparison as sql.Comparison prints it.
func operatorClass(kind pg.A_Expr_Kind, name string) string {
	switch kind {
	case pg.A_Expr_Kind_AEXPR_OP:
		return plainOperator(name)
	case pg.A_Expr_Kind_AEXPR_OP_ANY:
		if name == "=" {
			return "in"
		}
		return "op"
	case pg.A_Expr_Kind_AEXPR_OP_ALL:
		if name == "<>" {
			return "<>"
		}
		return "op"
	case pg.A_Expr_Kind_AEXPR_DISTINCT:
		return "<>"
	case pg.A_Expr_Kind_AEXPR_NOT_DISTINCT:
		return "="
	case pg.A_Expr_Kind_AEXPR_IN:
		if name == "=" {
			return "in"
		}
		return "<>"
	case pg.A_Expr_Kind_AEXPR_LIKE, pg.A_Expr_Kind_AEXPR_ILIKE, pg.A_Expr_Kind_AEXPR_SIMILAR:
		if strings.HasPrefix(name, "!") {
			return "<>"
		}
		return "like"
	case pg.A_Expr_Kind_AEXPR_BETWEEN, pg.A_Expr_Kind_AEXPR_BETWEEN_SYM:
		return "<"
	case pg.A_Expr_Kind_AEXPR_NOT_BETWEEN, pg.A_Expr_Kind_AEXPR_NOT_BETWEEN_SYM:
		return "<>"
	}
	return ""
}

func plainOperator(name string) string {
	switch name {
	case "=":
		return "="
	case "<>":
		return "<>"
	case "<", ">", "<=", ">=":
		return "<"
	case "~", "~*", "~~", "~~*":
		return "like"
	case "!~", "!~*", "!~~", "!~~*":
		return "<>"
	case "+", "-", "*", "/", "%", "^", "->", "->>", "#>", "#>>", "||", "#-", "&", "|", "#", "<<", ">>":
		return ""
	}
	return "op"
}
