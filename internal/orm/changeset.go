package orm

import (
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/model"
	"github.com/assay-dev/assay/internal/source"
)

// changesets reads what the functions of a program say of changes to rows.
func changesets(p *ir.Program, models *model.Set, list []*ir.Schema) {
	all := &steps{p: p, models: models, schemas: list, byName: map[string]*ir.Schema{}, words: map[*ir.Code][]string{}, needed: map[ir.FuncID][]string{}, built: map[*ir.Code]bool{}}
	for _, s := range list {
		all.byName[p.SchemaName(s)] = s
	}
	for _, f := range p.Funcs {
		if f.Code.File.Kind != source.Lib || f.Macro() {
			continue
		}
		if all.has(f.Code) {
			all.function(f)
		}
		if all.builds(f.Code) {
			all.constructions(f)
		}
	}
}

// steps reads the steps of changesets.
type steps struct {
	p       *ir.Program
	models  *model.Set
	schemas []*ir.Schema
	byName  map[string]*ir.Schema
	words   map[*ir.Code][]string // by Callee
	needed  map[ir.FuncID][]string
	built   map[*ir.Code]bool
}

// has reports whether code calls any step, and notes which callees are one.
func (a *steps) has(c *ir.Code) bool {
	words, ok := a.words[c]
	if !ok {
		r := reader{p: a.p, models: a.models}
		for i := range c.Callees {
			if m := r.model(&c.Callees[i]); m != nil && strings.HasPrefix(m.Expand, "changeset_") {
				if words == nil {
					words = make([]string, len(c.Callees))
				}
				words[i] = m.Expand
			}
		}
		a.words[c] = words
	}
	return words != nil
}

func (a *steps) function(f *ir.Func) {
	for i := range f.Clauses {
		if f.Clauses[i].Body < 0 {
			continue
		}
		c := a.clause(f, i)
		c.walk(f.Clauses[i].Body, false)
		for _, s := range c.order {
			set := c.of[s]
			if !takes(s, set.Casts) {
				continue
			}
			set.Requires = append(set.Requires, a.required(f, i)...)
			s.Changesets = append(s.Changesets, *set)
		}
	}
}

// takes reports whether a schema has all the fields that are cast. A cast of
// another field raises, so a step with one is about rows of another schema.
func takes(s *ir.Schema, casts []string) bool {
	return s.Partial || !slices.ContainsFunc(casts, func(f string) bool { return s.Field(f) == nil })
}

// clauseSteps are the steps of one clause, by the schema that they are about.
type clauseSteps struct {
	reader
	all    *steps
	scope  *scope
	f      *ir.Func
	clause int
	made   map[ir.VarID]ir.ExprID // what variables were matched with
	of     map[*ir.Schema]*ir.Changeset
	order  []*ir.Schema
}

func (a *steps) clause(f *ir.Func, i int) *clauseSteps {
	return &clauseSteps{
		all: a, f: f, clause: i, scope: &scope{code: f.Code}, made: map[ir.VarID]ir.ExprID{}, of: map[*ir.Schema]*ir.Changeset{},
		reader: reader{p: a.p, models: a.models, m: a.p.Modules[f.Module], steps: maxSteps},
	}
}

// walk goes through the body in order; sometimes is set inside what does not
// run on every way.
func (c *clauseSteps) walk(id ir.ExprID, sometimes bool) {
	if id < 0 {
		return
	}
	x := c.f.Code.At(id)
	switch x.Op {
	case ir.Quote, ir.Closure:
		return
	case ir.Branch:
		c.walk(ir.ExprID(x.A), sometimes)
		c.walk(ir.ExprID(x.B), true)
		c.walk(ir.ExprID(x.C), true)
		return
	case ir.Match:
		if p := c.f.Code.At(ir.ExprID(x.A)); p.Op == ir.Bind {
			c.made[ir.VarID(p.A)] = ir.ExprID(x.B)
			c.bind(c.scope, ir.ExprID(x.A), bound{given: place{c.scope, ir.ExprID(x.B)}})
		}
	case ir.Arm, ir.Loop, ir.Try:
		sometimes = true
	}
	c.f.Code.Operands(id, func(o ir.ExprID) { c.walk(o, sometimes) })
	if x.Op == ir.Call {
		c.call(place{c.scope, id}, sometimes)
	}
}

func (c *clauseSteps) call(at place, sometimes bool) {
	word := c.all.words[at.code][at.code.At(at.id).A]
	args := at.args()
	if word == "" || len(args) < 2 {
		return
	}
	s := c.about(args[0].id, 0)
	if s == nil || s.Embedded {
		return
	}
	set := c.of[s]
	if set == nil {
		set = &ir.Changeset{Func: c.f.ID, Clause: c.clause, Span: at.span()}
		c.of[s] = set
		c.order = append(c.order, s)
	}
	switch word {
	case "changeset_cast":
		if len(args) > 2 {
			c.cast(set, args[2])
		}
	case "changeset_requires":
		if !sometimes {
			set.Requires = append(set.Requires, names(c.value(args[1]))...)
		}
	default:
		c.claim(s, set, word, at, args)
	}
}

func (c *clauseSteps) cast(set *ir.Changeset, fields place) {
	v := c.value(fields)
	set.Casts = append(set.Casts, names(v)...)
	known := v.kind == list && !slices.ContainsFunc(v.items, func(i value) bool { return i.kind != atom && i.kind != str })
	set.Open = set.Open || !known
}

// names are the names in a list, or the one that there is.
func names(v value) []string {
	if v.kind == atom {
		return []string{v.text}
	}
	var out []string
	for _, i := range v.items {
		if i.kind == atom || i.kind == str {
			out = append(out, i.text)
		}
	}
	return out
}

// about is the schema whose rows a step is about: that of the struct at the
// beginning of the pipe, or the module's own. Nil if it is another struct.
func (c *clauseSteps) about(id ir.ExprID, depth int) *ir.Schema {
	x := c.f.Code.At(id)
	own := c.all.byName[c.m.Name]
	if depth > maxDepth {
		return nil
	}
	switch x.Op {
	case ir.Call:
		l := c.f.Code.List(x)
		if k := &c.f.Code.Callees[x.A]; len(l) > 0 && (k.Func >= 0 || c.step(k)) {
			return c.about(l[0], depth+1)
		}
		return nil
	case ir.Make:
		if x.Sub == ir.MakeStruct {
			return c.all.byName[x.Str]
		}
	case ir.Block:
		if l := c.f.Code.List(x); len(l) > 0 {
			return c.about(l[len(l)-1], depth+1)
		}
	case ir.Match:
		return c.about(ir.ExprID(x.B), depth+1)
	case ir.Use:
		if made, ok := c.made[ir.VarID(x.A)]; ok {
			return c.about(made, depth+1)
		}
		if name := c.parameter(ir.VarID(x.A)); name != "" {
			return c.all.byName[name]
		}
	}
	return own
}

// step reports whether a library's function takes a changeset, or what becomes
// one, and gives a changeset back.
func (c *clauseSteps) step(k *ir.Callee) bool {
	m := c.model(k)
	return m != nil && m.Gives == "changeset"
}

// parameter is the struct that a parameter's pattern asks for, or "".
func (c *clauseSteps) parameter(v ir.VarID) string {
	for _, p := range c.f.Clauses[c.clause].Params {
		x := c.f.Code.At(p)
		for x.Op == ir.Match && c.f.Code.At(ir.ExprID(x.A)).Op == ir.Match {
			x = c.f.Code.At(ir.ExprID(x.A))
		}
		if x.Op != ir.Match {
			continue
		}
		a, b := c.f.Code.At(ir.ExprID(x.A)), c.f.Code.At(ir.ExprID(x.B))
		if a.Op == ir.Make {
			a, b = b, a
		}
		if a.Op == ir.Bind && ir.VarID(a.A) == v && b.Op == ir.Make && b.Sub == ir.MakeStruct {
			return b.Str
		}
	}
	return ""
}

// claim reads one step that names a constraint.
func (c *clauseSteps) claim(s *ir.Schema, set *ir.Changeset, word string, at place, args []place) {
	v := c.value(args[1])
	fields := names(v)
	o := options{known: true}
	if len(args) > 2 {
		o = optionsOf(c.value(args[2]))
	}
	if len(fields) == 0 || len(fields) != max(len(v.items), 1) || !o.known {
		return
	}
	out := ir.Claim{Step: at.code.Callees[at.code.At(at.id).A].Name, Match: o.text("match", "exact"), Span: at.span()}
	suffix := ""
	switch word {
	case "changeset_unique":
		suffix = "index"
	case "changeset_foreign_key":
		out.Kind, suffix = ir.ClaimForeignKey, "fkey"
	case "changeset_check":
		out.Kind = ir.ClaimCheck
	case "changeset_exclusion":
		out.Kind, suffix = ir.ClaimExclusion, "exclusion"
	default:
		out.Kind, suffix = ir.ClaimForeignKey, "fkey"
		s, fields = c.associated(s, s.Association(fields[0]), word == "changeset_no_assoc")
	}
	if s == nil {
		return
	}
	out.Rows = s.Rows
	for _, f := range fields {
		out.Columns = append(out.Columns, columnOr(s, f))
	}
	if c.named(&out, o, s.Table, suffix) {
		set.Claims = append(set.Claims, out)
	}
}

// associated is the schema whose table has the key of an association, and the
// key: the schema itself, or the other one where rows that refer to it are meant.
func (c *clauseSteps) associated(s *ir.Schema, a *ir.Association, other bool) (*ir.Schema, []string) {
	switch {
	case a == nil || other == (a.Kind == ir.BelongsTo):
		return nil, nil
	case !other:
		return s, []string{a.OwnerKey}
	case a.Schema < 0 || len(a.Through) > 0 || a.Kind == ir.ManyToMany:
		return nil, nil
	}
	return c.all.schemas[a.Schema], []string{a.RelatedKey}
}

// named gives a claim its name: the one that is told, or else
// `orders_user_id_number_index`. False if it is not known.
func (c *clauseSteps) named(out *ir.Claim, o options, table, suffix string) bool {
	v, told := o.get("name")
	switch {
	case told && (v.kind == atom || v.kind == str):
		out.Name, out.Explicit = v.text, true
	case told && v.kind != nothing, suffix == "":
		return false
	default:
		out.Name = strings.Join(slices.Concat([]string{table}, out.Columns, []string{suffix}), "_")
	}
	return out.Match != ""
}

// required are the fields that the functions of the module require which a
// clause calls on every way.
func (a *steps) required(f *ir.Func, clause int) []string {
	var out []string
	a.always(f.Code, f.Clauses[clause].Body, func(id ir.ExprID) {
		k := &f.Code.Callees[f.Code.At(id).A]
		if k.Func < 0 {
			return
		}
		if g := a.p.Func(k.Func); g.Module == f.Module && !g.Macro() {
			out = append(out, a.everywhere(g)...)
		}
	})
	return out
}

// everywhere are the fields that every clause of a function requires; none for
// one that is under way.
func (a *steps) everywhere(f *ir.Func) []string {
	if fields, ok := a.needed[f.ID]; ok {
		return fields
	}
	a.needed[f.ID] = nil
	var out []string
	first := true
	for i := range f.Clauses {
		if f.Clauses[i].Body < 0 {
			continue
		}
		fields := a.required(f, i)
		if a.has(f.Code) {
			fields = append(fields, a.direct(f, i)...)
		}
		if first {
			out, first = fields, false
			continue
		}
		out = slices.DeleteFunc(out, func(n string) bool { return !slices.Contains(fields, n) })
	}
	a.needed[f.ID] = out
	return out
}

// direct are the fields that a clause requires itself.
func (a *steps) direct(f *ir.Func, i int) []string {
	c := a.clause(f, i)
	c.walk(f.Clauses[i].Body, false)
	var out []string
	for _, s := range c.order {
		out = append(out, c.of[s].Requires...)
	}
	return out
}

// always calls fn with the calls that run on every way through an expression.
func (a *steps) always(code *ir.Code, id ir.ExprID, fn func(ir.ExprID)) {
	code.Walk(id, func(o ir.ExprID) bool {
		switch x := code.At(o); x.Op {
		case ir.Call:
			fn(o)
		case ir.Branch, ir.Case, ir.Closure, ir.Loop, ir.Quote, ir.With, ir.Try, ir.Receive:
			return false
		}
		return true
	})
}
