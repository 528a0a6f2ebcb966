package checks

import (
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/query"
	"github.com/assay-dev/assay/internal/source"
)

// constraintWithoutHandler reports writes of what a client sent that a
// constraint of the table can refuse, where nothing turns that into an error
// message.
func constraintWithoutHandler(p *check.Pass) {
	r := refusals{Pass: p, done: map[refusal]bool{}}
	list := p.Queries.Accesses()
	for i := 0; i < len(list); {
		n := i + 1
		for n < len(list) && list[n].Clause == list[i].Clause && list[n].Expr == list[i].Expr {
			n++
		}
		r.call(list[i:n])
		i = n
	}
	r.complete()
}

// call judges the writes that one call may come to: a wrapper has several, of
// which one runs.
func (r *refusals) call(writes []query.Access) {
	for i := range writes {
		if !r.judged(&writes[i]) {
			return
		}
	}
	root := writes[0].Query.Root()
	if root.Schema != nil && storesNothing(root.Schema, root.Table) {
		return // there are no rows: what is said of the schema comes first
	}
	for _, g := range guards(root.Table) {
		if narrower(root.Table, &g) {
			continue // what it refuses the other index refuses as well
		}
		if !slices.ContainsFunc(writes, func(a query.Access) bool {
			return handled(&a, &g) || a.Query.Root().Table != root.Table
		}) {
			r.write(&writes[0], &g)
		}
	}
}

// narrower reports whether a table has a unique index over some of the columns of a unique one.
func narrower(t *ir.Table, g *guard) bool {
	return g.kind == query.Unique && slices.ContainsFunc(t.Indexes, func(x ir.TableIndex) bool {
		of := x.Columns()
		return x.Unique && x.Full() && !x.Maybe && len(of) == len(x.Keys) && len(of) < len(g.columns) && within(of, g.columns)
	})
}

// refusals is the work of the check.
type refusals struct {
	*check.Pass
	done map[refusal]bool
	list []unanswered
}

// unanswered is a finding about a table, and what is asked for it.
type unanswered struct {
	finding check.Finding
	table   *ir.Table
}

// complete reports the findings. Whoever answers for one constraint of a table answers for all,
// in every changeset.
func (r *refusals) complete() {
	steps := map[*ir.Table][]fix.Change{}
	for i := range r.list {
		if u := &r.list[i]; u.finding.Level == check.Warning && len(u.finding.Changes) > 0 {
			steps[u.table] = append(steps[u.table], u.finding.Changes[0])
		}
	}
	for i := range r.list {
		u := &r.list[i]
		if all := steps[u.table]; u.finding.Level == check.Warning && len(u.finding.Changes) > 0 {
			u.finding.Changes = append(together(unlike(all)...), u.finding.Changes...)
		}
		r.Report(u.finding)
	}
}

// refusal is what is reported once: a guard that a place does not handle.
type refusal struct {
	table *ir.Table
	guard string
	at    source.Span
}

// judged reports whether a write is one that answers with an error and whose row
// is known.
func (r *refusals) judged(a *query.Access) bool {
	t := a.Query.Root().Table
	if a.Op != "insert" && a.Op != "update" || t == nil || a.Query.OpenSteps || a.Settles || len(a.Given) == 0 || !r.Flow.InLib(a.Clause) {
		return false
	}
	return !a.Raises && !slices.ContainsFunc(a.Chain, r.Queries.Rescued) && !slices.ContainsFunc(a.Chain, r.rescuedLater)
}

// rescuedLater reports whether a call adds a step to a transaction, and the same clause runs
// transactions with a rescue around them.
func (r *refusals) rescuedLater(h query.Hop) bool {
	c := r.Flow.Code(h.Clause)
	called := func(x ir.ExprID) ir.ExternID {
		if c.At(x).Op != ir.Call {
			return ir.No
		}
		_, ext := r.Flow.Resolve(&c.Callees[c.At(x).A])
		return ext
	}
	if m := r.Flow.Model(called(h.Expr)); m == nil || m.Gives != "multi" {
		return false
	}
	found := false
	for _, root := range r.Flow.Roots(h.Clause) {
		c.Walk(root, func(x ir.ExprID) bool {
			m := r.Flow.Model(called(x))
			found = found || m != nil && m.Transaction && m.Gives == "result" && r.Queries.Rescued(query.Hop{Clause: h.Clause, Expr: x})
			return !found
		})
	}
	return found
}

// write judges one write against one guard.
func (r *refusals) write(a *query.Access, g *guard) {
	if g.kind == query.Check && len(g.columns) == 0 || !reaches(a, g) {
		return
	}
	if k := a.Query.Root().Table.PrimaryKey; k != nil && !g.key && g.kind == query.Unique && within(k.Columns, g.columns) {
		return // the primary key is broken first
	}
	given := r.client(a, g)
	if given == nil || given.Cast && len(g.columns) == 1 && isKey(a.Query.Root().Table, given.Column) {
		return // the owner's key is cast with the rest, and is the program's to set
	}
	if given.Cast && (g.onlyEmpty() || g.kind == query.Check && enumerated(a.Query.Root().Schema, given.Field)) {
		return // casting refuses first
	}
	key := refusal{a.Query.Root().Table, g.name, given.Span}
	if r.done[key] {
		return
	}
	way := r.Queries.FromClient(a.Clause, given)
	if way == nil {
		return
	}
	r.done[key] = true
	r.report(a, g, given, way)
}

// handled reports whether a step of a write turns a guard's refusal into an
// error, or means to: one with another name is another mistake.
func handled(a *query.Access, g *guard) bool {
	s := a.Query.Root().Schema
	return slices.ContainsFunc(a.Query.Steps, func(st query.Step) bool {
		switch {
		case st.Fits(g.name):
			return true
		case st.Kind == query.Declared && st.Constraint == g.kind:
			return st.Open || slices.ContainsFunc(st.Fields, func(f string) bool { return slices.Contains(g.columns, columnOf(s, f)) })
		case st.Kind == query.Checked && g.kind == query.Check:
			return st.Open || slices.ContainsFunc(st.Fields, func(f string) bool { return slices.Contains(g.columns, columnOf(s, f)) })
		}
		return false
	})
}

// columnOf is the column of a field; a field that the schema does not know is a
// column's name.
func columnOf(s *ir.Schema, field string) string {
	if s != nil {
		if c := s.ColumnOf(field); c != "" {
			return c
		}
	}
	return field
}

// reaches reports whether the row of a write is one that a guard looks at: its
// columns are all there, and none of them is new each time.
func reaches(a *query.Access, g *guard) bool {
	s := a.Query.Root().Schema
	for _, c := range g.columns {
		given, origin := givenTo(a, c)
		switch {
		case given && origin.Made && g.kind != query.Check:
			return false
		case given || a.Op == "update" && (s == nil || hasColumn(s, c)) || g.kind == query.Check:
		case g.nulls || hasDefault(s, c):
		default:
			return false
		}
	}
	return inWhere(a, g.where)
}

// givenTo says whether a write gives a column a value, and where that comes from.
func givenTo(a *query.Access, column string) (bool, query.Origin) {
	given, o := false, query.Origin{}
	for i := range a.Given {
		if g := &a.Given[i]; g.Column == column {
			given = true
			o.Params |= g.Origin.Params
			o.Made = o.Made || g.Origin.Made
		}
	}
	return given, o
}

// enumerated reports whether a field takes one of a list of values.
func enumerated(s *ir.Schema, field string) bool {
	if s == nil {
		return false
	}
	f := s.Field(field)
	return f != nil && f.Listed
}

func hasDefault(s *ir.Schema, column string) bool {
	return s != nil && slices.ContainsFunc(s.Fields, func(f ir.Field) bool { return f.Column == column && f.Default })
}

// inWhere reports whether a written row fits the condition of a partial index:
// conditions that some columns are null, or are not, can be told.
func inWhere(a *query.Access, where string) bool {
	if where == "" {
		return true
	}
	for part := range strings.SplitSeq(strings.ToLower(where), " and ") {
		words := strings.Fields(strings.NewReplacer("(", " ", ")", " ", `"`, " ").Replace(part))
		n := len(words)
		switch {
		case n == 3 && words[1] == "is" && words[2] == "null":
			if given, _ := givenTo(a, words[0]); given {
				return false
			}
		case n == 4 && words[1] == "is" && words[2] == "not" && words[3] == "null":
			if given, _ := givenTo(a, words[0]); !given && a.Op == "insert" {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// client is the column of a guard that may hold what a client sent: one that people give a
// word for, which their form shows, before one that says which row it is about.
func (r *refusals) client(a *query.Access, g *guard) *query.Given {
	var found *query.Given
	for i := range a.Given {
		x := &a.Given[i]
		if !slices.Contains(g.columns, x.Column) || !x.Origin.Client && x.Origin.Params == 0 || r.Queries.FromClient(a.Clause, x) == nil {
			continue
		}
		if found == nil || strings.HasSuffix(found.Column, "_id") && !strings.HasSuffix(x.Column, "_id") && chosen(x.Column) {
			found = x
		}
	}
	return found
}

func (r *refusals) report(a *query.Access, g *guard, given *query.Given, way *query.Way) {
	last := a.Chain[len(a.Chain)-1]
	write := r.Flow.Step(last.Clause, last.Expr)
	symbol, at := r.Flow.Symbol(a.Clause), given.Span
	if fn := r.Program.FuncAt(at); fn != nil {
		symbol = r.Program.Symbol(fn.ID)
	}
	f := check.Finding{
		Level: check.Warning, Confidence: check.Medium, Span: at, Symbol: symbol,
		Anchor: g.name, CWE: "CWE-755",
	}
	raises := "`" + short(write.Callee) + "` raises and the client gets a server error instead of a message. "
	taken := "a value that is taken"
	if g.kind == query.Check {
		taken = "a value that it refuses"
	}
	f.Message = or(given.Field, "the field") + " comes from the client, and nothing handles the " + g.word() + " `" + g.name + "` of `" +
		tableWord(a.Query.Root().Table) + "`: with " + taken + " " + raises + advice(a, g, given)
	validated := slices.ContainsFunc(a.Query.Steps, func(s query.Step) bool { return s.Kind == query.Checked && slices.Contains(s.Fields, given.Field) })
	if g.key || g.kind == query.Check && (len(g.columns) > 1 || validated) || slices.ContainsFunc(g.columns, oneOff) || g.kind == query.Unique && slices.ContainsFunc(g.columns, func(c string) bool { return given.Column == c && handsOut(&a.Query, c) }) {
		f.Level = check.Info // clients that make up keys are rare, and what a check refuses the changeset mostly refuses before
	}
	if g.kind == query.Unique && strings.HasSuffix(given.Column, "_id") {
		f.Level = check.Info // which row it is about a page offers to choose, and mostly once
	}
	if g.kind == query.Unique && slices.ContainsFunc(g.columns, func(c string) bool { return momentary(a.Query.Root().Table, c) }) {
		f.Level = check.Info // two at the same moment are rare
	}
	if len(g.columns) > 1 && slices.Contains(g.columns, "position") {
		f.Level = check.Info // a place among others is counted on
	}
	if a.Op == "update" && slices.ContainsFunc(g.columns, func(c string) bool { return r.madeByProgram(a.Query.Root().Table, c) }) {
		f.Level = check.Info // no form has it
	}
	if !given.Cast || !chosen(given.Column) {
		f.Level = check.Info // no form asks for it, so that only a request by hand sends one that is taken
	}
	if len(way.Calls) > maxGivenCalls {
		f.Level = check.Info // so far away the program looks at what it stores
	}
	if a.Op == "update" && given.Field != "" && formLacks(r.Program, r.Flow.Code(way.Start), given.Field) {
		f.Level = check.Info // the page that sends it has no input for it
	}
	if f.Level == check.Warning && purposeful(r.Program, at) &&
		claimsOf(r.Program, a.Query.Root().Table, func(c ir.Claim) bool { return sameColumns(c.Columns, g.columns) }) {
		f.Level = check.Info // the form behind it is about something else, and whoever edits the field is told
	}
	if race := r.lookedUp(a, g, way); race != nil {
		if a.Op == "update" {
			return // the row itself may have been found by them
		}
		f.Level = check.Info
		f.Message = "Two requests at a time can both find " + quoted(g.columns) + " free before they write: the second one breaks the " + g.word() + " `" + g.name + "`, and " + raises + advice(a, g, given)
		f.Path = append(f.Path, check.Step{Span: *race, Note: "looks whether the value is taken"})
	}
	f.Path = append(f.Path, r.evidence(a, g, given, way)...)
	f.Changes = r.answered(a, g, given)
	if at := r.unheard(a, way); at != "" {
		f.Changes = asking(f.Changes, at+" accepts only a row that is stored: say what the client gets instead.")
	} else if way.Entry.GraphQL() && !r.spellsErrors() {
		f.Changes = asking(f.Changes, "A changeset is no error of a GraphQL answer, and no middleware makes one of it: say what the client is told.")
	}
	if f.Level == check.Info {
		f.Changes = asking(f.Changes, "It comes seldom, if ever: say whether the changeset shall answer for it.")
	}
	r.list = append(r.list, unanswered{f, a.Query.Root().Table})
}

// unheard is a function between a client and a write that has no clause for the error, or "".
func (r *refusals) unheard(a *query.Access, way *query.Way) string {
	for _, h := range append([]query.Hop{{Clause: a.Clause, Expr: a.Expr}}, way.Calls...) {
		c := r.Flow.Code(h.Clause)
		unheard := slices.ContainsFunc(r.Flow.Unmatched(h.Clause), func(u flow.Unmatched) bool { return failed(u.Alt) && u.Alt.Expr == h.Expr && u.Wrong == ir.No })
		for i := range c.Exprs {
			m := c.At(ir.ExprID(i))
			unheard = unheard || m.Op == ir.Match && ir.ExprID(m.B) == h.Expr && c.At(ir.ExprID(m.A)).Op == ir.Make
		}
		if unheard || h.Clause == way.Start && r.handedBack(h) {
			return r.Flow.Symbol(h.Clause)
		}
	}
	return ""
}

// spellsErrors reports whether some middleware of the project makes errors of a GraphQL answer
// out of changesets.
func (r *refusals) spellsErrors() bool {
	return slices.ContainsFunc(r.Program.Files.Files, func(f *source.File) bool {
		return f.Kind == source.Lib && strings.Contains(f.Text, "Middleware") && strings.Contains(f.Text, "Changeset")
	})
}

// handedBack reports whether an action of a controller answers with the error itself, because
// its `with` has no else, and no fallback makes a response of that.
func (r *refusals) handedBack(h query.Hop) bool {
	c := r.Flow.Code(h.Clause)
	if !strings.HasSuffix(c.File.Path, "_controller.ex") || strings.Contains(c.File.Text, "action_fallback") ||
		slices.ContainsFunc(r.Program.Files.Files, func(f *source.File) bool {
			return f.Kind == source.Lib && strings.Contains(f.Text, "action_fallback") && strings.Contains(f.Text, "def controller")
		}) {
		return false
	}
	for i := range c.Exprs {
		e := c.At(ir.ExprID(i))
		if e.Op == ir.With && inside(c, ir.ExprID(i), h.Expr) && !inside(c, ir.ExprID(e.A), h.Expr) &&
			!slices.ContainsFunc(c.List(e), func(o ir.ExprID) bool { return c.At(o).Op == ir.Arm }) {
			return true
		}
	}
	return false
}

// chosen reports whether a column holds what people give in a form: a word of theirs, or
// which row it is about.
func chosen(column string) bool {
	last := column[strings.LastIndexByte(column, '_')+1:]
	return slices.Contains([]string{
		"address", "cellphone", "code", "currency", "date", "domain", "email", "handle", "host", "id", "identifier", "key", "label", "login",
		"mail", "name", "nickname", "number", "phone", "question", "slug", "subject", "text", "title", "uid", "username",
	}, last)
}

// momentary reports whether a column of a table holds a moment.
func momentary(t *ir.Table, column string) bool {
	c := t.Column(column)
	return c != nil && strings.HasPrefix(c.Type, "timestamp")
}

// madeByProgram reports whether all rows of a table get the value of a column from the
// program when they are inserted.
func (r *refusals) madeByProgram(t *ir.Table, column string) bool {
	made := false
	for _, a := range r.Queries.On(t) {
		if a.Op != "insert" || !r.Flow.InLib(a.Clause) {
			continue
		}
		given, o := givenTo(a, column)
		if !given || !o.Made {
			return false
		}
		made = true
	}
	return made
}

// maxGivenCalls is how many calls a value goes through and still is what a client sent.
const maxGivenCalls = 2

// handsOut reports whether a column holds what the program or another service hands out, a
// number or an id that is no reference: no form asks for it.
func handsOut(q *query.Query, column string) bool {
	return handedOut(q, column) || column == "number" || strings.HasSuffix(column, "_number") || strings.HasSuffix(column, "_no") || strings.HasSuffix(column, "_code")
}

// plainWords are those of the names of changesets that take the fields that a row has, for
// whatever is done to it.
func plainWords() []string {
	return []string{"changeset", "changesets", "cast", "create", "insert", "new", "update", "edit", "change", "changes", "base", "common", "shared", "default", "validate"}
}

// purposeful reports whether the function around a place says by its name that it is about
// a part of what is done to a row: step2_changeset, update_address_changeset.
func purposeful(p *ir.Program, at source.Span) bool {
	fn := p.FuncAt(at)
	if fn == nil || !strings.Contains(fn.Name, "changeset") {
		return false
	}
	module := p.Module(fn.Module).Name
	own := strings.Split(ir.Underscore(ir.LastName(module)), "_")
	return slices.ContainsFunc(strings.Split(fn.Name, "_"), func(w string) bool {
		return w != "" && !slices.Contains(plainWords(), w) && !slices.Contains(own, w)
	})
}

// answered asks for the step that turns a refusal into an error of a field.
func (r *refusals) answered(a *query.Access, g *guard, given *query.Given) []fix.Change {
	at, ok := given.Span, given.Cast
	if last, found := castingStep(a.Query.Steps); !ok || found && r.declaredBehind(a, g.name, at) {
		at, ok = last, found
	}
	if !ok {
		return nil
	}
	here := declaring(r.Pass, at, a.Query.Root().Schema, g.constraint(), g.columns, g.name, given.Field)
	elsewhere, _ := declaredElsewhere(r.Pass, a.Query.Root().Table, g, at, ir.No)
	return append(together(append([]fix.Change{here}, elsewhere...)...), together(here)...)
}

// declaredBehind reports whether another write of the same table comes through a step
// as well and declares a constraint itself: there it would be declared twice.
func (r *refusals) declaredBehind(a *query.Access, name string, at source.Span) bool {
	return slices.ContainsFunc(r.Queries.On(a.Query.Root().Table), func(b *query.Access) bool {
		return declares(b.Query.Steps, name) && slices.ContainsFunc(b.Query.Steps, func(s query.Step) bool { return s.Span == at })
	})
}

// advice says what to do.
func advice(a *query.Access, g *guard, given *query.Given) string {
	if !slices.ContainsFunc(a.Query.Steps, func(s query.Step) bool { return s.Kind != query.Built }) {
		return "Write it through a changeset that declares the constraint, or say what to do on a conflict."
	}
	function := map[query.Constraint]string{query.Unique: "unique_constraint", query.Check: "check_constraint", query.Exclusion: "exclusion_constraint"}[g.kind]
	return "Declare `" + function + "(:" + given.Field + ", name: :" + g.name + ")` in the changeset."
}

// evidence lists what makes a finding true, across files.
func (r *refusals) evidence(a *query.Access, g *guard, given *query.Given, way *query.Way) []check.Step {
	verb := "is set from what the client sent"
	if given.Cast {
		verb = "is cast from what the client sent"
	}
	out := []check.Step{
		{Span: g.made.Span, Note: "the " + g.word() + " on " + quoted(g.columns) + " is made here"},
		{Span: given.Span, Note: "`" + given.Field + "` " + verb},
	}
	out = append(out, r.arriving(way)...)
	for i, h := range a.Chain {
		s := r.Flow.Step(h.Clause, h.Expr)
		note := "calls `" + short(s.Callee) + "`"
		if i == len(a.Chain)-1 {
			note = "`" + short(s.Callee) + "` writes the row"
		}
		out = append(out, check.Step{Span: s.Span, Note: note})
	}
	return out
}

// arriving is the way of a value from the client.
func (r *refusals) arriving(w *query.Way) []check.Step {
	out := []check.Step{{Span: r.headOf(w.Start), Note: article(kindWord(w.Entry)) + " starts here"}}
	for _, h := range w.Calls {
		s := r.Flow.Step(h.Clause, h.Expr)
		out = append(out, check.Step{Span: s.Span, Note: "calls `" + short(s.Callee) + "`"})
	}
	return out
}

// headOf is the place where a clause begins.
func (r *refusals) headOf(id flow.ClauseID) source.Span {
	fn := r.Flow.Func(id)
	if fn == ir.No {
		return r.Flow.Entry(id).Span
	}
	lo, _ := r.Flow.Clauses(fn)
	return r.Program.Funcs[fn].Clauses[id-lo].Head
}
