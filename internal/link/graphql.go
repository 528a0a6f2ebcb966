package link

import (
	"strings"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/model"
)

// types are the object types of the GraphQL schemas: which stand in lists, and
// which are reached from which.
type types struct {
	l         *linker
	c         *ir.Code
	listed    map[string]bool
	inside    map[string][]string // the types of a type's fields, by the type's name
	resolvers []fieldResolver
	inputs    map[string]bool      // what a client may send, by name
	input     int                  // how many types of inputs are open
	named     map[string]*sendable // the types of inputs, by name
	at        *sendable            // what the field or the type of inputs takes that is open, or nil
}

// sendable is what a client may send to a field, or in a type of inputs.
type sendable struct {
	names []string
	types []string // the types of inputs among theirs, and other types
	more  bool     // there may be more, which something says that is not known
	staff bool     // the field is one for the people who run the application, its middleware says
}

// fieldResolver is a function that gives the value of a field.
type fieldResolver struct {
	code  *ir.Code
	fn    ir.ExprID
	owner string      // the type that has the field, "" for the root
	named *model.Call // what hands it over, when it stands behind `resolve:`
	takes *sendable   // what a client may send to the field, or nil
}

// resolversOf finds which resolvers run for each object of a list: those of
// types that stand in a list, or in a type that does.
func (l *linker) resolversOf() {
	t := &types{l: l, listed: map[string]bool{}, inside: map[string][]string{}, inputs: map[string]bool{}, named: map[string]*sendable{}}
	for _, m := range l.p.Modules {
		if m.Body != ir.No && m.Code != nil {
			t.c = m.Code
			t.visit(m.Body, "", 0)
		}
	}
	t.spread()
	l.asked = map[*ir.Code]map[ir.ExprID]asking{}
	for _, r := range t.resolvers {
		of := l.asked[r.code]
		if of == nil {
			of = map[ir.ExprID]asking{}
			l.asked[r.code] = of
		}
		of[r.fn] = asking{
			perObject: of[r.fn].perObject || t.listed[r.owner],
			takes:     t.taken(r.takes),
			staff:     of[r.fn].staff || r.takes != nil && r.takes.staff,
		}
		if r.named != nil {
			l.handed(r.code, r.fn, r.named)
		}
	}
}

// spread marks what is reached from a type that stands in a list.
func (t *types) spread() {
	var work []string
	for name := range t.listed {
		work = append(work, name)
	}
	for len(work) > 0 {
		name := work[len(work)-1]
		work = work[:len(work)-1]
		for _, n := range t.inside[name] {
			if !t.listed[n] {
				t.listed[n] = true
				work = append(work, n)
			}
		}
	}
}

// maxNotation bounds how deep blocks of a schema stand in each other.
const maxNotation = 64

// visit reads what stands in the type owner.
func (t *types) visit(id ir.ExprID, owner string, depth int) {
	x := t.c.At(id)
	if depth > maxNotation || x.Op == ir.Closure {
		return
	}
	args := t.c.List(x)
	word := t.word(x)
	switch word {
	case "field", "payload", "input_object":
		if word == "field" && t.input > 0 {
			break
		}
		outer := t.at
		t.at = &sendable{}
		defer func() { t.at = outer }()
	case "":
		// What a function of the project adds to a field is not known.
		if t.at != nil && x.Op == ir.Call {
			t.at.more = true
		}
	}
	switch word {
	case "object", "interface", "union", "node":
		owner = t.define(args, owner)
	case "query", "mutation", "subscription":
		owner = ""
	case "input_object", "input":
		if names := t.names(args); word == "input_object" && len(names) > 0 {
			t.named[names[0]] = t.at
		}
		t.input++
		defer func() { t.input-- }()
	case "arg":
		t.sent(args)
	case "middleware":
		if t.at != nil && t.input == 0 {
			t.at.staff = t.at.staff || t.letsAdministrators(args)
		}
	case "field":
		if t.input > 0 {
			t.sent(args)
		}
		t.field(x, args, owner)
	case "connection":
		for _, a := range args {
			t.keywords(a, owner, nil)
		}
	case "types", "import_fields":
		t.add(owner, args)
		if t.at != nil {
			t.at.types = append(t.at.types, t.names(args)...)
		}
	case "interfaces":
		for _, i := range t.names(args) {
			t.inside[i] = append(t.inside[i], owner)
		}
	case "resolve":
		if len(args) > 0 {
			t.resolvers = append(t.resolvers, fieldResolver{t.c, args[0], owner, nil, t.at})
		}
		return
	}
	t.c.Operands(id, func(o ir.ExprID) { t.visit(o, owner, depth+1) })
}

// letsAdministrators reports whether a middleware lets nobody through but administrators, by its name
// (`RequireAdmin`) or by the only roles that it is given (`Authorize, :admin`). The staff of whoever uses an
// API are its users.
func (t *types) letsAdministrators(args []ir.ExprID) bool {
	says := func(name string) bool { return strings.Contains(strings.ToLower(name), "admin") && forStaff(name) }
	if len(args) == 0 {
		return false
	}
	if m := t.c.At(args[0]); m.Op == ir.Const && m.Sub == ir.LitModule && says(ir.LastName(m.Str)) {
		return true
	}
	admin, others := false, false
	var role func(x ir.ExprID)
	role = func(x ir.ExprID) {
		switch e := t.c.At(x); {
		case e.Op == ir.Const && (e.Sub == ir.LitAtom || e.Sub == ir.LitString):
			is := says(e.Str)
			admin, others = admin || is, others || !is
		case e.Op == ir.Make && e.Sub == ir.MakeTuple && e.Hi-e.Lo == 2:
			role(t.c.List(e)[1]) // of a keyword list
		case e.Op == ir.Make && e.Sub == ir.MakeList:
			for _, y := range t.c.List(e) {
				role(y)
			}
		default:
			others = true
		}
	}
	for _, a := range args[1:] {
		role(a)
	}
	return admin && !others
}

// sent notes an argument or a field of an input.
func (t *types) sent(args []ir.ExprID) {
	if len(args) == 0 || t.c.At(args[0]).Op != ir.Const {
		if t.at != nil {
			t.at.more = true
		}
		return
	}
	name := t.c.At(args[0]).Str
	t.inputs[name] = true
	if t.at != nil {
		t.at.names = append(t.at.names, name)
		for _, a := range args[1:] {
			t.c.Walk(a, func(y ir.ExprID) bool {
				if e := t.c.At(y); e.Op == ir.Const && e.Sub == ir.LitAtom {
					t.at.types = append(t.at.types, e.Str)
				}
				return true
			})
		}
	}
}

// maxTaken bounds how many names are kept of what one field takes. Real ones have some dozens.
const maxTaken = 500

// taken are the names under which a client may send a value to a field: all that the schemas have
// where more may be than is known; nil where they have none. The result is shared and not changed.
func (t *types) taken(s *sendable) map[string]bool {
	if len(t.inputs) == 0 {
		return nil
	}
	out, seen := map[string]bool{}, map[*sendable]bool{}
	for work := []*sendable{s}; len(work) > 0; {
		of := work[len(work)-1]
		work = work[:len(work)-1]
		switch {
		case of == nil || of.more || len(out) > maxTaken:
			return t.inputs
		case seen[of]:
			continue
		}
		seen[of] = true
		for _, n := range of.names {
			out[n] = true
		}
		for _, n := range of.types {
			if in := t.named[n]; in != nil {
				work = append(work, in)
			}
		}
	}
	return out
}

// word is the word of the notation that an expression is a call of, or "".
func (t *types) word(x *ir.Expr) string {
	switch x.Op {
	case ir.Opaque:
		return x.Str
	case ir.Call:
		k := &t.c.Callees[x.A]
		if m := t.model(x); m != nil && strings.HasPrefix(m.Expand, "absinthe") {
			return k.Name
		}
	}
	return ""
}

func (t *types) model(x *ir.Expr) *model.Call {
	if e := t.c.Callees[x.A].Extern; e != ir.No && t.l.p.Externs[e].Model >= 0 {
		return t.l.models.At(t.l.p.Externs[e].Model)
	}
	return nil
}

// define is the type that `object :post do` or `node object(:post) do` opens; in
// an object, `interface :node` names what it implements.
func (t *types) define(args []ir.ExprID, owner string) string {
	block := false
	for _, a := range args {
		e := t.c.At(a)
		block = block || e.Op == ir.Opaque && e.Str == "do"
	}
	for _, a := range args {
		e := t.c.At(a)
		switch {
		case e.Op == ir.Const && e.Sub == ir.LitAtom && block:
			return e.Str
		case e.Op == ir.Const && e.Sub == ir.LitAtom && owner != "":
			t.inside[e.Str] = append(t.inside[e.Str], owner)
			return owner
		case t.word(e) == "object" && block:
			if names := t.names(t.c.List(e)); len(names) > 0 {
				return names[0]
			}
		}
	}
	return owner
}

// add puts the named types into a type.
func (t *types) add(owner string, args []ir.ExprID) {
	if owner != "" {
		t.inside[owner] = append(t.inside[owner], t.names(args)...)
	}
}

// names are the atoms among expressions, and in lists among them.
func (t *types) names(args []ir.ExprID) []string {
	var out []string
	for _, a := range args {
		switch e := t.c.At(a); {
		case e.Op == ir.Const && e.Sub == ir.LitAtom:
			out = append(out, e.Str)
		case e.Op == ir.Make && e.Sub == ir.MakeList:
			for _, o := range t.c.List(e) {
				if k := t.c.At(o); k.Op == ir.Const && k.Sub == ir.LitAtom {
					out = append(out, k.Str)
				}
			}
		}
	}
	return out
}

// field reads `field :name, type, options do`.
func (t *types) field(x *ir.Expr, args []ir.ExprID, owner string) {
	var m *model.Call
	if x.Op == ir.Call {
		m = t.model(x)
	}
	for _, a := range args[min(1, len(args)):] {
		t.typed(a, owner, false, 0)
		t.keywords(a, owner, m)
	}
}

// typed reads the type of a field.
func (t *types) typed(id ir.ExprID, owner string, list bool, depth int) {
	e := t.c.At(id)
	switch word := t.word(e); {
	case depth > 4:
	case e.Op == ir.Const && e.Sub == ir.LitAtom && list:
		t.listed[e.Str] = true
	case e.Op == ir.Const && e.Sub == ir.LitAtom && owner != "":
		t.inside[owner] = append(t.inside[owner], e.Str)
	case word == "list_of", word == "non_null":
		for _, a := range t.c.List(e) {
			t.typed(a, owner, list || word == "list_of", depth+1)
		}
	}
}

// keywords reads the options of a field: its type, the type of the nodes of a
// connection, its resolver.
func (t *types) keywords(list ir.ExprID, owner string, m *model.Call) {
	t.c.EachPair(list, func(key string, v ir.ExprID) {
		switch key {
		case "type":
			t.typed(v, owner, false, 0)
		case "node_type":
			t.typed(v, owner, true, 0)
		case "resolve":
			if m != nil {
				t.resolvers = append(t.resolvers, fieldResolver{t.c, v, owner, m, t.at})
			}
		}
	})
}
