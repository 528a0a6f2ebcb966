package elixir

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/ir"
)

// lookUpBefore reads the rows of all elements into a map before the statement
// with the loop, and looks them up in it.
func (w *Writer) lookUpBefore(f *fix.Fix, c *fix.LookUpBefore) error {
	e := w.editor(f, c.Code, c.Loop, c.Coll)
	f.Safety = fix.Asked
	name, ok := e.callee(c.Call)
	o := e
	if c.Of != nil && c.Of.File != c.Code.File {
		o = w.editor(f, c.Of, c.Read, c.Read)
	}
	schema := o.of(c.Query)
	if !ok || !aliasName.MatchString(schema) || c.Table == "" || !simple(c.Table) {
		return errLayout
	}
	at, ok := e.statementOf(c.Loop)
	if !ok {
		return errLayout
	}
	rows := e.fresh(c.Table + "_by_" + c.Key)
	values := e.of(c.Coll)
	nl, ind := e.newline(), e.indent(at)
	before := ""
	if c.Field != "" && c.Of == nil {
		values = e.fresh(c.Field + "s")
		before = values + " = Enum.map(" + e.of(c.Coll) + ", & &1." + c.Field + ")" + nl + nl + ind
	}
	if c.Of != nil {
		many, err := w.fetchMany(o, c, schema)
		if err != nil {
			return err
		}
		many = e.beside(c.Call, w.Program.Func(c.Func)) + many
		if c.Field == "" {
			before = rows + " = " + many + "(" + values + ")" + nl + nl + ind
		} else {
			before = rows + " = " + values + " |> Enum.map(& &1." + c.Field + ") |> " + many + "()" + nl + nl + ind
		}
	} else {
		before += rows + " =" + keyed(nl+ind+"  ", schema, name[:strings.LastIndexByte(name, '.')], values, c) + nl + nl + ind
	}
	e.edit(at, at, before)
	look := "Map.get"
	if c.Raises {
		look = "Map.fetch!"
		f.Notes = append(f.Notes, "Where there is no such row the exception is a KeyError, which a web server does not answer with `not found`.")
	}
	e.edit(e.start(c.Call), e.at(c.Call).End, look+"("+rows+", "+e.of(c.Value)+")")
	if err := o.importQuery(); err != nil {
		return err
	}
	if err := finished(e, o); err != nil {
		return err
	}
	f.Edits[0].Reason = "One query reads the rows of all elements."
	return nil
}

// keyed reads the rows of a schema that have some values into a map by their key.
func keyed(in, schema, store, values string, c *fix.LookUpBefore) string {
	letter := c.Table[:1]
	if strings.Contains(values, ".") {
		values = "(" + values + ")"
	}
	return in + "from(" + letter + " in " + schema + ", where: " + letter + "." + c.Key + " in ^" + values + ")" + in +
		"|> " + store + ".all()" + in + "|> Map.new(&{&1." + c.Key + ", &1})"
}

// fetchMany puts a function that reads many rows behind the one that reads one, and gives
// its name.
func (w *Writer) fetchMany(o *editor, c *fix.LookUpBefore, schema string) (string, error) {
	fn := w.Program.Func(c.Func)
	name := c.Table + "_by_" + c.Key
	read, ok := o.callee(c.Read)
	if !ok || w.defines(fn.Module, name) || fn.Code != c.Of || fn.Span.File != c.Of.File.ID {
		return "", errNoBeside
	}
	nl, ind, values := o.newline(), o.indent(fn.Clauses[0].Span.Start), c.Key+"s"
	text := nl + o.documented(fn, "The "+c.Table+" with the given "+values+", by "+c.Key+".")
	def := "def "
	if !fn.Public() {
		def = "defp "
	}
	text += ind + def + name + "(" + values + ") do" + keyed(nl+ind+"  ", schema, read[:max(0, strings.LastIndexByte(read, '.'))], values, c)
	text += nl + ind + "end" + nl
	at := o.lineEnd(fn.Span.End)
	o.edit(at, at, text)
	return name, nil
}

// documented is a line with a text as the documentation of a function that stands behind another
// one, or "" where that has none.
func (e *editor) documented(fn *ir.Func, text string) string {
	before, ind := e.text[:fn.Span.Start], e.indent(fn.Span.Start)
	doc := strings.LastIndex(before, "@doc ")
	if doc < 0 || doc < strings.LastIndex(before, e.newline()+ind+"def") || doc < strings.LastIndex(before, e.newline()+ind+"end") {
		return ""
	}
	if one := ind + `@doc "` + text + `"`; utf8.RuneCountInString(one) <= e.wide {
		return one + e.newline()
	}
	in := e.newline() + ind
	return ind + `@doc """` + in + text + in + `"""` + e.newline()
}

// beside is what stands before the name of a function that is put beside another one, where that
// is called: its module and a dot, or nothing in that module itself. The call may go to it
// through another module, which hands it on.
func (e *editor) beside(call ir.ExprID, fn *ir.Func) string {
	own := e.Program.Module(fn.Module).Name
	k := &e.code.Callees[e.at(call).A]
	name, _ := e.callee(call)
	switch dot := strings.LastIndexByte(name, '.'); {
	case k.Module == own && dot >= 0:
		return name[:dot+1]
	case fn.Module == e.code.Module:
		return ""
	}
	return e.store(own) + "."
}

var aliasName = regexp.MustCompile(`^[A-Z][\w.]*$`)

// fresh is a name that no variable of the function around the loop has yet.
func (e *editor) fresh(name string) string {
	fn := e.Program.FuncAt(e.code.Span(e.loop))
	for {
		taken := false
		for i := range e.code.Vars {
			v := &e.code.Vars[i]
			own := fn == nil || v.At == ir.No || e.at(v.At).Start >= fn.Span.Start && e.at(v.At).End <= fn.Span.End
			taken = taken || own && v.Name == name
		}
		if !taken {
			return name
		}
		name += "_before"
	}
}

// statementOf is where the statement begins that an expression is part of, if it
// is evaluated whenever that one is and something can be put before it.
func (e *editor) statementOf(x ir.ExprID) (int32, bool) {
	for range 8 {
		p := e.parent(x)
		if p == ir.No || e.at(p).Op == ir.Block || e.at(p).Op == ir.Arm {
			at := e.start(x)
			before := strings.TrimRight(e.text[:at], " \t\r\n")
			return at, e.begins(at) && (opens(before) || p != ir.No && e.at(p).Op == ir.Block)
		}
		switch e.at(p).Op {
		case ir.Match, ir.Call, ir.Make, ir.Get:
			x = p
		default:
			return 0, false
		}
	}
	return 0, false
}

var (
	importLine    = regexp.MustCompile(`(?m)^([ \t]*)import Ecto\.Query([^\n]*)$`)
	directiveLine = regexp.MustCompile(`(?m)^([ \t]*)(import|alias|require) `)
)

// importQuery lets the module of the loop call from/2.
func (e *editor) importQuery() error {
	m := e.Program.Module(e.code.Module)
	if m.Span.File != e.code.File.ID {
		return errLayout
	}
	if e.imports(func(options string) bool {
		return (!strings.Contains(options, "only:") || strings.Contains(options, "from: 2")) && !strings.Contains(options, "except")
	}) {
		return nil
	}
	return e.addImport(e.indent(m.Span.Start)+"  ", e.text[m.Span.Start:e.at(e.loop).Start], "import Ecto.Query, only: [from: 2]")
}

// imports reports whether the module of the code imports Ecto.Query before the loop, with options
// that do.
func (e *editor) imports(do func(options string) bool) bool {
	m := e.Program.Module(e.code.Module)
	if m.Span.File != e.code.File.ID {
		return false
	}
	own := e.indent(m.Span.Start) + "  "
	for _, at := range importLine.FindAllStringSubmatch(e.text[m.Span.Start:e.at(e.loop).Start], -1) {
		if at[1] == own && do(at[2]) {
			return true
		}
	}
	return false
}

// addImport writes an import into the module of the loop: before its first directive, with a
// line between when that is no import. Text is the module's up to the loop, own how deep its
// directives stand. A module without directives is errLayout.
func (e *editor) addImport(own, text, directive string) error {
	module := e.Program.Module(e.code.Module).Span.Start
	for _, at := range directiveLine.FindAllStringSubmatchIndex(text, -1) {
		if text[at[2]:at[3]] != own {
			continue
		}
		line := own + directive + e.newline()
		if text[at[4]:at[5]] != "import" {
			line += e.newline()
		}
		e.edit(module+int32(at[0]), module+int32(at[0]), line)
		return nil
	}
	return errLayout
}
