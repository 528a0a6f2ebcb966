package elixir

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/ir"
)

// loadBefore loads for the whole collection before the loop, and takes away what
// loads for one row in the loop.
func (w *Writer) loadBefore(f *fix.Fix, c *fix.LoadBefore) error {
	e := w.editor(f, c.Code, c.Loop, c.Coll)
	name, args, err := e.loader(c)
	if err != nil {
		return err
	}
	f.Safety = fix.Asked
	if c.Kept {
		f.Safety = fix.Safe
	}
	if e.replacesMap(c) {
		err = e.mapByLoad(name, args)
	} else {
		if err = e.unload(c); err == nil {
			err = e.around(name, args)
		}
	}
	if err != nil {
		return err
	}
	if c.Field != "" {
		e.tidy()
	}
	if err := e.done(); err != nil {
		return err
	}
	f.Edits[0].Reason = "One query for each association serves all rows."
	return nil
}

// loader is what loads, and its arguments behind the rows.
func (e *editor) loader(c *fix.LoadBefore) (name, args string, err error) {
	if c.Whole {
		name, ok := e.callee(c.Loads[0])
		if !ok {
			return "", "", errLayout
		}
		return name, "", nil
	}
	return e.store(c.Store) + ".preload", names(c.Names), nil
}

// names are associations as the second argument of a preload.
func names(list []fix.Names) string {
	if len(list) == 1 {
		return nameText(list[0])
	}
	var atoms, pairs []string
	seen := map[string]bool{}
	for _, n := range list {
		for _, part := range nameParts(n) {
			switch {
			case seen[part]:
			case strings.HasPrefix(part, ":"):
				atoms = append(atoms, part)
			default:
				pairs = append(pairs, part)
			}
			seen[part] = true
		}
	}
	return "[" + strings.Join(append(atoms, pairs...), ", ") + "]"
}

func nameText(n fix.Names) string {
	if n.Expr == ir.No {
		return atom(n.Name)
	}
	x := n.Code.At(n.Expr)
	return oneLine(n.Code.File.Text[x.Start:x.End])
}

// oneLine is an expression of literals on one line.
func oneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	for _, b := range []string{"[", "{"} {
		s = strings.ReplaceAll(s, b+" ", b)
	}
	for _, b := range []string{"]", "}"} {
		s = strings.ReplaceAll(s, " "+b, b)
	}
	return s
}

// nameParts are the elements of a list of associations.
func nameParts(n fix.Names) []string {
	if n.Expr == ir.No {
		return []string{atom(n.Name)}
	}
	x := n.Code.At(n.Expr)
	if x.Op != ir.Make || x.Sub != ir.MakeList {
		return []string{nameText(n)}
	}
	var out []string
	for _, p := range n.Code.List(x) {
		out = append(out, nameText(fix.Names{Code: n.Code, Expr: p}))
	}
	return out
}

// replacesMap reports whether loading is all that a loop does.
func (e *editor) replacesMap(c *fix.LoadBefore) bool {
	if len(c.Loads) == 0 || c.Field != "" {
		return false
	}
	loop := e.at(e.loop)
	if loop.Op == ir.Loop {
		body := ir.ExprID(loop.A)
		g := e.at(e.code.Lists[loop.Lo])
		return loop.Hi-loop.Lo == 1 && g.Op == ir.Generator && e.at(ir.ExprID(g.A)).Op == ir.Bind && e.bare(body, c.Loads) &&
			e.at(e.row(body, c.Loads)).Op == ir.Use
	}
	if loop.Op != ir.Call {
		return false
	}
	k := e.code.Callees[loop.A]
	if k.Module != "Enum" || k.Name != "map" {
		return false
	}
	fn := e.code.List(loop)[1]
	switch x := e.at(fn); x.Op {
	case ir.FuncRef:
		return true
	case ir.Closure:
		patterns, guard, body := e.code.Parts(e.at(e.code.List(x)[0]))
		if b := e.at(body); b.Op == ir.Block && b.Hi-b.Lo == 1 {
			body = e.code.Lists[b.Lo]
		}
		p := e.at(patterns[0])
		return guard == ir.No && p.Op == ir.Bind && e.bare(body, c.Loads) && e.at(e.row(body, c.Loads)).Op == ir.Use
	}
	return false
}

// bare reports whether an expression is one of the loads.
func (e *editor) bare(x ir.ExprID, loads []ir.ExprID) bool {
	for _, l := range loads {
		if l == x {
			return true
		}
	}
	return false
}

// row is what is left of an expression when the loads around it are gone.
func (e *editor) row(x ir.ExprID, loads []ir.ExprID) ir.ExprID {
	for e.bare(x, loads) && e.at(x).Op == ir.Call && e.at(x).Hi > e.at(x).Lo {
		x = e.code.Lists[e.at(x).Lo]
	}
	return x
}

// mapByLoad puts the loading in the place of the loop.
func (e *editor) mapByLoad(name, args string) error {
	loop := e.at(e.loop)
	if loop.Flags&ir.FlagPiped != 0 {
		e.edit(e.name(e.loop), loop.End, name+"("+args+")")
		return nil
	}
	coll := e.of(e.coll)
	if strings.Contains(coll, "\n") {
		return errLayout
	}
	e.edit(e.start(e.loop), loop.End, e.wrapped(coll, name, args))
	return nil
}

// wrapped is a collection with what it refers to loaded.
func (e *editor) wrapped(coll, name, args string) string {
	if e.at(e.coll).Op == ir.Call && e.at(e.coll).Flags&ir.FlagPiped != 0 {
		return coll + " |> " + name + "(" + args + ")"
	}
	if x := e.at(e.coll); x.Op == ir.Call && x.Hi-x.Lo == 1 {
		// Repo.all(query)
		if arg := e.at(e.code.Lists[x.Lo]); arg.Op == ir.Use || arg.Op == ir.Const {
			if callee, ok := e.callee(e.coll); ok {
				return e.of(e.code.Lists[x.Lo]) + " |> " + callee + "() |> " + name + "(" + args + ")"
			}
		}
	}
	return loaded(coll, name, args)
}

// loaded is the call of a function that loads what rows refer to.
func loaded(rows, name, args string) string {
	if args != "" {
		args = ", " + args
	}
	return name + "(" + rows + args + ")"
}

// unload takes what loads for one row out of the body.
func (e *editor) unload(c *fix.LoadBefore) error {
	for _, l := range c.Loads {
		x := e.at(l)
		if x.Op != ir.Call || x.Hi == x.Lo {
			return errLayout
		}
		if c.Field != "" {
			row := e.of(c.Row)
			from := e.start(l)
			if from > 0 && e.text[from-1] == '&' && row[0] == '&' {
				row = " " + row
			}
			e.edit(from, x.End, row+"."+c.Field)
			continue
		}
		kept := e.code.Lists[x.Lo]
		if m := e.rebinding(l, kept, c.Loads); m != ir.No {
			if e.bare(kept, c.Loads) {
				continue // goes with the whole statement
			}
			if !e.dropLines(m) {
				return errLayout
			}
			continue
		}
		e.drop(l, kept)
	}
	return nil
}

// rebinding is the statement `row = load(row)` that a load belongs to, or No.
func (e *editor) rebinding(l, kept ir.ExprID, loads []ir.ExprID) ir.ExprID {
	top := l
	p := e.parent(top)
	for p != ir.No && e.bare(p, loads) {
		top, p = p, e.parent(p)
	}
	if p == ir.No {
		return ir.No
	}
	m := e.at(p)
	if m.Op != ir.Match || ir.ExprID(m.B) != top || m.Flags&ir.FlagDiscard == 0 {
		return ir.No
	}
	b, u := e.at(ir.ExprID(m.A)), e.at(e.row(kept, loads))
	if b.Op != ir.Bind || u.Op != ir.Use || b.Str != u.Str {
		return ir.No
	}
	return p
}

// around loads for the collection where the loop takes it.
func (e *editor) around(name, args string) error {
	loop, coll := e.at(e.loop), e.at(e.coll)
	if loop.Op == ir.Call && loop.Flags&ir.FlagPiped != 0 {
		at := e.name(e.loop)
		sep := " |> "
		if strings.Contains(e.text[coll.End:at], "\n") {
			sep = e.newline() + e.indent(at) + "|> "
		}
		e.edit(at, at, name+"("+args+")"+sep)
		return nil
	}
	text := e.of(e.coll)
	if strings.Contains(text, "\n") {
		if coll.Op != ir.Call || coll.Flags&ir.FlagPiped == 0 || !e.begins(e.name(e.coll)-3) {
			return errLayout
		}
		e.edit(coll.End, coll.End, e.newline()+e.indent(e.name(e.coll))+"|> "+name+"("+args+")")
		return nil
	}
	edits := len(e.fix.Edits)
	e.edit(e.start(e.coll), coll.End, e.wrapped(text, name, args))
	if e.fits() {
		return nil
	}
	// There is no room in the line, so the rows are loaded in a statement before it.
	at, ok := e.statementOf(e.loop)
	if !ok || !fieldPath.MatchString(text) {
		return errWidth
	}
	e.fix.Edits = e.fix.Edits[:edits]
	rows := text
	if dot := strings.LastIndexByte(text, '.'); dot >= 0 {
		rows = e.fresh(text[dot+1:])
		e.edit(e.start(e.coll), coll.End, rows)
	}
	line, nl := e.lineStart(at), e.newline()
	bound := e.bound(e.indent(at), rows, name, text, args)
	if above := strings.TrimSpace(e.lineBefore(line)); strings.Contains(bound, "\n") && above != "" && above[0] != '#' && !opens(above) {
		bound = nl + e.indent(at) + bound
	} else {
		bound = e.indent(at) + bound
	}
	e.edit(line, line, bound+nl+nl)
	return nil
}

// fieldPath is a variable, or a field of what it holds.
var fieldPath = regexp.MustCompile(`^[a-z_]\w*(\.[a-z_]\w*)*$`)

// bound binds a name to rows with what they refer to loaded, on as many lines as the formatter
// takes behind an indentation.
func (e *editor) bound(indent, rows, load, from, args string) string {
	call := loaded(from, load, args)
	in := e.newline() + indent + "  "
	switch {
	case utf8.RuneCountInString(indent+rows+" = "+call) <= e.wide:
		return rows + " = " + call
	case utf8.RuneCountInString(indent+"  "+call) <= e.wide || !strings.HasPrefix(args, "["):
		return rows + " =" + in + call
	}
	each := arguments(strings.TrimSuffix(args[1:], "]"))
	return rows + " =" + in + load + "(" + from + ", [" + in + "  " + strings.Join(each, ","+in+"  ") + in + "])"
}
