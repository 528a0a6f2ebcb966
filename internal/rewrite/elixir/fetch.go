package elixir

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/ir"
)

// fetchTogether puts a function beside the one that reads for an element, which reads for all
// of them and sorts what it reads by the key, calls it before the statement with the loop, and
// looks up in what it gives, which has a short name where a long one does not fit in.
func (w *Writer) fetchTogether(f *fix.Fix, c *fix.FetchTogether) error {
	f.Safety = fix.Asked
	name := c.Table
	if c.Gives == "count" {
		name += "_counts"
	}
	before := len(f.Edits)
	err := w.fetchAs(f, c, name+"_by_"+c.Column)
	if errors.Is(err, errWidth) {
		f.Edits = f.Edits[:before]
		err = w.fetchAs(f, c, name)
	}
	return err
}

// fetchAs does it with a name for what is looked up in.
func (w *Writer) fetchAs(f *fix.Fix, c *fix.FetchTogether, name string) error {
	e := w.editor(f, c.Code, c.Loop, c.Coll)
	at, ok := e.statementOf(c.Loop)
	named := c.Value == ir.No
	value := "&1"
	if !named {
		value = e.of(c.Value)
	}
	if !ok || !simple(c.Table) || strings.Contains(value, "\n") {
		return errLayout
	}
	if c.Add {
		value += "." + c.Field
	}
	nl, ind := e.newline(), e.indent(at)
	rows, before := e.of(c.Coll), ""
	if !c.Again {
		// The elements get a name, as they are gone over twice.
		text, ok := e.moved(c.Coll, ind+"  ")
		if !ok {
			return errLayout
		}
		rows = e.fresh(c.Rows)
		before = rows + " =" + text + nl + nl + ind
		e.edit(e.start(c.Coll), e.at(c.Coll).End, rows)
	}
	found := e.fresh(name)
	keys := "Enum.map(" + rows + ", & &1." + c.Field + ")"
	var read string
	o := e
	if c.Func == ir.No {
		var ok bool
		if read, ok = e.readAll(c, ind+"  ", keys); !ok {
			return errLayout
		}
		read = found + " =" + read
	} else {
		if c.Of.File != c.Code.File {
			o = w.editor(f, c.Of, c.Read, c.Read)
		}
		many, err := w.forAll(o, c)
		if err != nil {
			return err
		}
		if read, ok = e.callAll(c, found, e.beside(c.Call, w.Program.Func(c.Func))+many, keys, ind); !ok {
			return errLayout
		}
	}
	first, _, _ := strings.Cut(before+read, nl+nl)
	if line := strings.TrimSpace(e.lineBefore(e.lineStart(at))); strings.Contains(first, "\n") && line != "" && line[0] != '#' && !strings.HasSuffix(line, "do") && !strings.HasSuffix(line, "->") {
		e.edit(e.lineStart(at), e.lineStart(at), nl) // what takes several lines stands by itself
	}
	e.edit(at, at, before+read+nl+nl+ind)
	look := "Map.get(" + found + ", " + value
	if named {
		look = "&" + look
	}
	switch c.Gives {
	case "rows":
		look += ", []"
	case "count":
		look += ", 0"
	}
	from := e.start(c.Call)
	if p := e.parent(c.Call); p != ir.No && e.at(p).Op == ir.Match && e.begins(from) {
		// It stood below what it is bound to for want of room.
		if left := e.at(ir.ExprID(e.at(p).A)); strings.TrimSpace(e.text[left.End:from]) == "=" && utf8.RuneCountInString(e.text[e.lineStart(left.End):left.End]+" = "+look+")") <= e.wide {
			from, look = left.End, " = "+look
		}
	}
	e.edit(from, e.at(c.Call).End, look+")")
	if err := finished(e, o); err != nil {
		return err
	}
	f.Edits[0].Reason = "One query reads what belongs to all elements."
	return nil
}

// callAll is the statement that calls the function for all elements, with the arguments that the one
// for an element gets besides; false is where one of them takes several lines.
func (e *editor) callAll(c *fix.FetchTogether, found, function, keys, ind string) (string, bool) {
	args := []string{keys}
	for i, a := range e.code.List(e.at(c.Call)) {
		if c.Value == ir.No || i == c.Param {
			continue
		}
		if strings.Contains(e.of(a), "\n") {
			return "", false
		}
		args = slices.Insert(args, min(i, len(args)), e.of(a))
	}
	call, before, nl := function+"("+strings.Join(args, ", ")+")", "", e.newline()
	if utf8.RuneCountInString(ind+"  "+call) > e.wide {
		named := e.fresh(c.Column + "s")
		call, before = strings.Replace(call, keys, named, 1), named+" = "+keys+nl+nl+ind
	}
	if read := found + " = " + call; utf8.RuneCountInString(ind+read) <= e.wide {
		return before + read, true
	}
	return before + found + " =" + nl + ind + "  " + call, true
}

// readAll is the query of the loop as it reads for all elements, by their keys, so far from the left.
func (e *editor) readAll(c *fix.FetchTogether, ind, keys string) (string, bool) {
	left, key := e.at(e.code.List(e.at(c.Compare))[0]), e.at(c.Key)
	if !e.pinned(left, key) {
		return "", false
	}
	changes, ok := e.sorting(c, e.text[left.Start:left.End])
	if !ok {
		return "", false
	}
	changes = append(changes, change{left.End, key.End, " in ^" + keys})
	text, ok := e.rewritten(changes, e.start(c.Read), e.at(c.Read).End)
	if !ok {
		return "", false
	}
	return e.shifted(text, e.start(c.Read), ind)
}

// pinned reports whether a column and the value that it is compared with stand as `column == ^value`.
func (e *editor) pinned(column, value *ir.Expr) bool {
	return column.End <= value.Start && int(value.End) <= len(e.text) && strings.TrimSpace(e.text[column.End:value.Start]) == "== ^"
}

// moved is an expression as it stands on lines of its own, so far from the left: on the line
// of what it is bound to where it has one only.
func (e *editor) moved(x ir.ExprID, ind string) (string, bool) {
	if text := e.of(x); !strings.Contains(text, "\n") || e.begins(e.start(x)) {
		return e.shifted(text, e.start(x), ind)
	}
	return "", false
}

// shifted is a text that stands at a place as it stands so far from the left, on lines of its own if it
// takes several.
func (e *editor) shifted(text string, from int32, ind string) (string, bool) {
	if !strings.Contains(text, "\n") {
		return " " + text, true
	}
	if strings.Contains(text, `"""`) {
		return "", false
	}
	own := e.indent(from)
	lines := strings.SplitAfter(text, "\n")
	for i := range lines {
		if i > 0 && !blank(lines[i]) {
			rest, ok := strings.CutPrefix(lines[i], own)
			if !ok {
				return "", false
			}
			lines[i] = ind + rest
		}
	}
	return e.newline() + ind + strings.Join(lines, ""), true
}

// forAll puts the function for all elements behind the one for an element, and gives its name.
func (w *Writer) forAll(o *editor, c *fix.FetchTogether) (string, error) {
	fn := w.Program.Func(c.Func)
	name := nameForAll(fn.Name, c.Column)
	keys := c.Column + "s"
	if strings.ContainsAny(fn.Name, "?!") || w.defines(fn.Module, name) || fn.Code != c.Of || fn.Span.File != c.Of.File.ID {
		return "", errNoBeside
	}
	for i := range c.Of.Vars {
		if v := &c.Of.Vars[i]; v.Name == keys && v.At != ir.No && c.Of.At(v.At).Start >= fn.Span.Start && c.Of.At(v.At).End <= fn.Span.End {
			return "", errNoBeside
		}
	}
	at := o.at
	compare, key, read, param := at(c.Compare), at(c.Key), at(c.Read), at(c.Clause.Params[c.Param])
	left := at(c.Of.List(compare)[0])
	head := fn.NameSpan
	if compare.Start < fn.Span.Start || read.End > fn.Span.End || head.Start < fn.Span.Start || !o.pinned(left, key) {
		return "", errLayout
	}
	changes := []change{
		{head.Start, head.End, name},
		{param.Start, param.End, keys},
		{left.End, key.End, " in ^" + keys},
	}
	sorting, ok := o.sorting(c, o.text[left.Start:left.End])
	if !ok {
		return "", errLayout
	}
	text, ok := o.rewritten(append(changes, sorting...), fn.Span.Start, fn.Span.End)
	if !ok {
		return "", errLayout
	}
	end := o.lineEnd(fn.Span.End)
	doc := o.documented(fn, "What "+fn.Name+" gives, for all of the given "+keys+", by "+c.Column+".")
	o.edit(end, end, o.newline()+doc+o.indent(fn.Span.Start)+text+o.newline())
	return name, nil
}

// nameForAll is the name of a function for all elements: where the one for an element says that it is for
// one, `notes_for_item`, in the plural, and else with what it finds them by.
func nameForAll(one, column string) string {
	base := strings.TrimSuffix(column, "_id")
	last := base[strings.LastIndexByte(base, '_')+1:]
	for _, word := range []string{"_for_", "_of_"} {
		if base != column && last != "" && !strings.ContainsAny(last[len(last)-1:], "shxyz") && strings.HasSuffix(one, word+last) {
			return one + "s"
		}
	}
	return one + "_by_" + column
}

// sorting makes a map by the key of what a function reads; key is how its query names the column.
func (e *editor) sorting(c *fix.FetchTogether, key string) ([]change, bool) {
	read := e.at(c.Read)
	text, called := e.of(c.Read), e.name(c.Read)
	piped := read.Flags&ir.FlagPiped != 0
	if !piped && !strings.HasSuffix(text, ")") {
		return nil, false // what comes behind would belong to its argument
	}
	row, field, ok := strings.Cut(key, ".")
	if !ok || !simple(row) || field != c.Column {
		return nil, false
	}
	changes, grouped := e.bracketed(c.Read), "group_by(["+row+"], "+key+")"
	switch {
	case c.Gives == "rows":
		return append(changes, e.pipedInto(c, "Enum.group_by(& &1."+c.Column+")")), true
	case c.Gives == "row":
		all, ok := e.all(c.Read)
		return append(changes, all, e.pipedInto(c, "Map.new(&{&1."+c.Column+", &1})")), ok
	case c.Counted == ir.No:
		store, ok := strings.CutSuffix(strings.Split(e.text[called:read.End], "(")[0], ".aggregate")
		args := c.Of.List(read)
		count := "count()"
		if len(args) == 3 {
			count = "count(" + row + "." + e.at(args[2]).Str + ")"
		}
		steps := []string{grouped, "select([" + row + "], {" + key + ", " + count + "})", store + ".all()", "Map.new()"}
		return []change{{called, read.End, strings.Join(steps, e.newline()+e.indent(called)+"|> ")}}, ok && piped && e.begins(called-int32(len("|> "))) && e.importsQuery()
	}
	counted := e.at(c.Counted)
	all, ok := e.all(c.Read)
	changes = append(changes,
		change{counted.Start, counted.End, "{" + key + ", " + e.text[counted.Start:counted.End] + "}"},
		all, e.pipedInto(c, "Map.new()"))
	before := e.text[:counted.Start]
	step, keyword := int32(strings.LastIndex(before, "select(")), int32(strings.LastIndex(before, "select:"))
	if step > keyword {
		group := grouped + e.newline() + e.indent(step) + "|> "
		return append(changes, change{step, step, group}), ok && e.begins(step-int32(len("|> "))) && e.importsQuery()
	}
	if keyword < 0 || !blank(before[keyword+int32(len("select:")):]) {
		return nil, false
	}
	between := " "
	if e.begins(keyword) {
		between = e.newline() + e.indent(keyword)
	}
	return append(changes, change{keyword, keyword, "group_by: " + key + "," + between}), ok
}

// bracketed puts the arguments of a `from` in brackets that a call takes as its own: where that is
// piped on, the formatter does.
func (e *editor) bracketed(read ir.ExprID) []change {
	args := e.code.List(e.at(read))
	if e.at(read).Flags&ir.FlagPiped != 0 || len(args) == 0 {
		return nil
	}
	from := e.start(args[0])
	text := e.text[from:e.at(args[0]).End]
	if !strings.HasPrefix(text, "from ") {
		return nil
	}
	last := ")"
	if strings.Contains(text, "\n") {
		last = e.newline() + e.indent(from) + ")"
	}
	open := from + int32(len("from"))
	return []change{{open, open + 1, "("}, {e.at(args[0]).End, e.at(args[0]).End, last}}
}

// pipedInto pipes what a function reads into a call: on the same line where that has room for it, and
// for a name of the function that says what it reads by.
func (e *editor) pipedInto(c *fix.FetchTogether, call string) change {
	end, call := e.at(c.Read).End, "|> "+call
	sep := " "
	if line := e.text[e.lineStart(end):end]; strings.Contains(e.of(c.Read), "\n") || utf8.RuneCountInString(line)+len(call)+len(c.Column+" _by_s") > e.wide {
		from := e.name(c.Read)
		if e.at(c.Read).Flags&ir.FlagPiped == 0 {
			from = e.start(c.Read)
		}
		sep = e.newline() + e.indent(from)
	}
	return change{end, end, sep + call}
}

// all makes a call of `one` one of `all`.
func (e *editor) all(read ir.ExprID) (change, bool) {
	from := e.name(read)
	name, _, _ := strings.Cut(e.text[from:e.at(read).End], "(")
	store, ok := strings.CutSuffix(name, ".one")
	from += int32(len(store))
	return change{from, from + int32(len(".one")), ".all"}, ok
}

// importsQuery reports whether the module of the code imports all that queries are put together with.
func (e *editor) importsQuery() bool {
	return e.imports(func(options string) bool {
		return !strings.Contains(options, "only:") && !strings.Contains(options, "except:")
	})
}
