// Package orm reads how modules map to tables: schemas with their fields and
// associations, resources with their attributes and relationships.
//
// In goes the linked program, whose databases are known. Out come its schemas,
// each joined to its table and to the schemas that it is associated with, and
// what changesets say of changes to their rows. What
// is declared in a way that is not understood makes a schema Partial; nothing is
// guessed. Tables that most likely are not as the migrations tell become Partial as well.
//
// Which macro declares what is data: the words "schema_…", "resource_…" and
// "changeset_…" of the models. The code of a module runs here as far as it declares: macros of
// the project are expanded, loops over literals are unrolled, branches are
// chosen where the condition is known. Work is bounded for any input.
package orm

import (
	"strconv"
	"strings"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/model"
	"github.com/assay-dev/assay/internal/source"
)

// Schemas reads the schemas of a program, by module.
func Schemas(p *ir.Program, models *model.Set) []*ir.Schema {
	words := wordsByName(models)
	var out []*ir.Schema
	for _, m := range p.Modules {
		if m.Code == nil || m.Body < 0 {
			continue
		}
		r := &reader{p: p, models: models, words: words, m: m, steps: maxSteps}
		r.module()
		if r.s != nil {
			r.finish()
			out = append(out, r.s)
		}
	}
	join(p, out)
	doubt(p, out)
	changesets(p, models, out)
	return out
}

// reader reads the declarations of one module.
type reader struct {
	p      *ir.Program
	models *model.Set
	words  map[string]string
	m      *ir.Module
	s      *ir.Schema // nil until something declares one
	steps  int        // what is left of the bound on its work
	deep   int
	// primary is the key that the module's associations refer to by default.
	primary string
	// mapped is set when columns are named by a function of the project.
	mapped bool
}

// maxSteps bounds the statements and values read for one module, maxDepth how
// deep they are inside each other. Real modules stay below 2000 and 30.
const (
	maxSteps = 50_000
	maxDepth = 200
)

// wordsByName are the words of the macros that declare, by "name/arity": what a
// bare name means where nothing tells which library it comes from.
func wordsByName(models *model.Set) map[string]string {
	out := map[string]string{}
	for _, lib := range models.Libraries() {
		for key, c := range lib.Call {
			if !strings.HasPrefix(c.Expand, "schema_") {
				continue
			}
			name, arities, _ := strings.Cut(key[strings.LastIndexByte(key, '.')+1:], "/")
			for a := range strings.SplitSeq(arities, ",") {
				out[name+"/"+a] = c.Expand
			}
		}
	}
	return out
}

// module reads what stands at the top of the module.
func (r *reader) module() {
	read := func(at place) {
		word := r.word(at)
		switch {
		case word == "schema_table" || word == "schema_embedded":
			r.schema(at, word == "schema_embedded")
		case strings.HasPrefix(word, "resource_"):
			r.section(at, word)
		}
	}
	r.each(&scope{code: r.m.Code}, r.m.Body, read)
	for _, part := range r.m.Parts {
		r.each(&scope{code: part.Code}, part.Expr, read)
	}
}

// word is what the models say that a statement declares; "" for anything else.
func (r *reader) word(at place) string {
	x := at.code.At(at.id)
	switch x.Op {
	case ir.Call:
		if c := r.model(&at.code.Callees[x.A]); c != nil {
			return c.Expand
		}
	case ir.Opaque:
		if word := r.words[x.Str+"/"+strconv.Itoa(int(x.Hi-x.Lo))]; word != "" && (r.s != nil || r.namesTable(at)) {
			return word
		}
	}
	return ""
}

// model is what the models say of a function of a library, or nil.
func (r *reader) model(k *ir.Callee) *model.Call {
	if k.Extern < 0 || r.p.Externs[k.Extern].Model < 0 {
		return nil
	}
	return r.models.At(r.p.Externs[k.Extern].Model)
}

// namesTable reports whether a statement is `name "table" do … end`, which no
// other macro than that of a schema looks like.
func (r *reader) namesTable(at place) bool {
	args := at.args()
	return len(args) == 2 && args[0].code.At(args[0].id).Sub == ir.LitString && isDo(args[1])
}

// declare makes the schema of the module; false if it has one already.
func (r *reader) declare(at place) bool {
	if r.s != nil {
		return false
	}
	r.s = &ir.Schema{Module: r.m.ID, Code: at.code, Span: at.span(), Database: ir.No}
	return true
}

// finish fills in what depends on all that was declared.
func (r *reader) finish() {
	if r.steps <= 0 {
		r.s.Partial = true
	}
	for i := range r.s.Associations {
		a := &r.s.Associations[i]
		if f := r.s.Field(a.OwnerKey); f != nil && a.Kind == ir.BelongsTo {
			f.Key = true
		}
	}
	if r.mapped {
		r.s.Partial = true
		for i := range r.s.Fields {
			r.s.Fields[i].Column = ""
		}
	}
}

// addField adds a field; one that is declared again keeps its first form.
func (r *reader) addField(f ir.Field, primary bool) {
	if r.s.Field(f.Name) != nil {
		return
	}
	if f.Virtual {
		f.Column = ""
	}
	f.Holds = keys[f.Type]
	r.s.Fields = append(r.s.Fields, f)
	if primary {
		r.s.PrimaryKey = append(r.s.PrimaryKey, f.Name)
	}
}

// keys are what columns hold for the types of fields that keys have.
var keys = map[string]string{
	"id": "integer", "integer": "integer",
	"binary_id": "uuid", "Ecto.UUID": "uuid",
}

// attribute is the value of the module's attribute of a name where a statement
// stands: the last one before it.
func (r *reader) attribute(name string, at source.Span) (value, bool) {
	found := ir.No
	for i := range r.m.Attrs {
		a := &r.m.Attrs[i]
		if a.Name == name && a.Value >= 0 && !(r.m.Span.Contains(a.Span) && a.Span.File == at.File && a.Span.Start > at.Start) {
			found = i
		}
	}
	if found < 0 {
		return value{}, false
	}
	a := &r.m.Attrs[found]
	return r.eval(&scope{code: a.Code}, a.Value), true
}
