package elixir

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/ir"
)

var (
	errCount    = errors.New("the query is put together in a way that one for all objects cannot be made of")
	errAnswer   = errors.New("more is done with the count than answering it")
	errPlugin   = errors.New("the schema leaves the plugin out that batches need")
	errScoped   = errors.New("the Repo adds conditions of the process that asks, and a batch is read in another one")
	errNoBeside = errors.New("there is no function beside which the one for all objects could stand")
)

// defines reports whether a module has a function of a name, of any arity.
func (w *Writer) defines(m ir.ModuleID, name string) bool {
	return slices.ContainsFunc(w.Program.Funcs, func(f *ir.Func) bool { return f.Module == m && f.Name == name })
}

// countTogether puts a function beside the one that counts for one object, which
// counts for all by one grouped query, and makes the resolver take its answer from
// the batch.
func (w *Writer) countTogether(f *fix.Fix, c *fix.CountTogether) error {
	fn := w.Program.Funcs[c.Func]
	if fn.Injected || fn.Code != c.Of || fn.Span.File != c.Of.File.ID {
		return errNoBeside
	}
	if err := w.batches(c); err != nil {
		return err
	}
	q, err := grouped(c)
	if err != nil {
		return err
	}
	wrapped, ok := answered(c)
	if !ok {
		return errAnswer
	}
	f.Safety = fix.Asked
	name := fn.Name + "_by_" + c.Column
	if w.defines(fn.Module, name) {
		return errNoBeside
	}
	// The resolver.
	e := w.editor(f, c.Code, c.Body, c.Body)
	out := c.Call
	if !wrapped {
		p := e.parent(c.Call)
		if p == ir.No || oneLine(e.of(p)) != "{:ok, "+oneLine(e.of(c.Call))+"}" {
			return errAnswer
		}
		out = p
	}
	body := c.Body
	if b := e.at(body); b.Op == ir.Block && b.Hi-b.Lo == 1 {
		body = c.Code.Lists[b.Lo]
	}
	if out != body || !e.begins(e.start(out)) {
		return errAnswer
	}
	module := "__MODULE__"
	if c.Call != c.Count {
		if callee, ok := e.callee(c.Call); !ok {
			return errLayout
		} else if i := strings.LastIndexByte(callee, '.'); i > 0 {
			module = callee[:i]
		}
	}
	key := e.of(c.Key)
	if c.Field != "" {
		key += "." + c.Field
	}
	if strings.Contains(key, "\n") {
		return errLayout
	}
	nl, ind := e.newline(), e.indent(e.start(out))
	e.edit(e.start(out), e.at(out).End, "batch({"+module+", "+atom(name)+"}, "+key+", fn counts ->"+nl+
		ind+"  {:ok, Map.get(counts, "+key+", 0)}"+nl+ind+"end)")
	if err := e.importBatch(); err != nil {
		return err
	}
	e.specify()
	if !e.fits() {
		return errWidth
	}
	// The function for all, behind the last clause of the one.
	o := e
	if c.Of.File != c.Code.File {
		o = w.editor(f, c.Of, c.Count, c.Count)
	}
	at := o.lineEnd(fn.Span.End)
	ind = o.indent(fn.Clauses[0].Span.Start)
	keys := c.Column + "s"
	var b strings.Builder
	b.WriteString(nl + ind + "def " + name + "(_, " + keys + ") do" + nl)
	b.WriteString(ind + "  from(" + q.from + "," + nl)
	for i, p := range q.parts {
		if i > 0 {
			b.WriteString("," + nl)
		}
		b.WriteString(ind + "    " + strings.ReplaceAll(p, "\x00", keys))
	}
	b.WriteString(nl + ind + "  )" + nl + ind + "  |> " + q.store + ".all()" + nl + ind + "  |> Map.new()" + nl + ind + "end" + nl)
	for line := range strings.Lines(b.String()) {
		if len(strings.TrimRight(line, "\r\n")) > e.wide {
			return errWidth
		}
	}
	f.Edits = append(f.Edits, fix.Edit{Path: c.Of.File.Path, Start: int(at), End: int(at), Text: b.String(), Reason: "One grouped query counts for all objects."})
	f.Edits[0].Reason = "The batch collects the objects of the list and asks once."
	f.Notes = append(f.Notes, "A batch runs in a process of its own, for five seconds at most.")
	return nil
}

// specify says in the type of the resolver that it may answer with a batch.
func (e *editor) specify() {
	text := e.text[:e.start(e.loop)]
	at := resolverSpec.FindAllStringSubmatchIndex(text, -1)
	if len(at) == 0 {
		return
	}
	m := at[len(at)-1]
	if text[m[2]:m[3]] != text[m[6]:m[7]] || m[4] == m[5] {
		return
	}
	const batch = " | {:middleware, module(), any()}"
	from, to := int32(m[4]), int32(m[5])
	if strings.Contains(text[from:to], "\n") || int(to-e.lineStart(to))+len(batch) <= e.wide {
		e.edit(to, to, batch)
		return
	}
	e.edit(from, from+1, e.newline()+e.indent(from)+"        ")
	e.edit(to, to, batch)
}

// resolverSpec is a type right before the function that it is of: the name, the
// result, the name.
var resolverSpec = regexp.MustCompile(`@spec (\w+[?!]?)\([^@]*? ::((?:[ \n][^@]*?)?)\r?\n[ \t]*def (\w+[?!]?)\([^\n]*\bdo\s*$`)

// counting is a query that counts for all objects.
type counting struct {
	from, store string
	parts       []string // with \x00 for the name of the keys
}

// grouped is the query of a count, for many values of the column.
func grouped(c *fix.CountTogether) (counting, error) {
	q := c.Of.At(c.Query)
	text := func(x ir.ExprID) string { return oneLine(c.Of.File.Text[c.Of.At(x).Start:c.Of.At(x).End]) }
	if q.Op != ir.Call || c.Of.Callees[q.A].Name != "from" || q.Hi-q.Lo != 2 {
		return counting{}, errCount
	}
	out := counting{from: text(c.Of.Lists[q.Lo])}
	root, _, ok := strings.Cut(out.from, " in ")
	if !ok {
		return counting{}, errCount
	}
	column, counted := "", ""
	list := c.Of.At(c.Of.Lists[q.Lo+1])
	if list.Op != ir.Make || list.Sub != ir.MakeList {
		return counting{}, errCount
	}
	for _, p := range c.Of.List(list) {
		pair := c.Of.At(p)
		if pair.Op != ir.Make || pair.Hi-pair.Lo != 2 {
			return counting{}, errCount
		}
		k, v := c.Of.At(c.Of.Lists[pair.Lo]).Str, text(c.Of.Lists[pair.Lo+1])
		switch k {
		case "join", "inner_join", "left_join", "on":
		case "where":
			if m := compared.FindStringSubmatch(v); m != nil && m[2] == c.Column && m[3] == text(c.Value) && column == "" {
				column, v = m[1]+"."+m[2], m[1]+"."+m[2]+" in ^\x00"
			}
		case "select":
			if counted != "" || !countCall.MatchString(v) {
				return counting{}, errCount
			}
			counted = v
			continue
		default:
			return counting{}, errCount
		}
		if strings.Contains(strings.Replace(v, "^\x00", "", 1), "^") {
			return counting{}, errCount
		}
		out.parts = append(out.parts, k+": "+v)
	}
	call := c.Of.At(c.Count)
	name := c.Of.Callees[call.A].Name
	switch args := c.Of.List(call); {
	case name == "aggregate" && counted == "" && len(args) == 2 && text(args[1]) == ":count":
		counted = "count()"
	case name == "aggregate" && counted == "" && len(args) == 3 && text(args[1]) == ":count" && strings.HasPrefix(text(args[2]), ":"):
		counted = "count(" + root + "." + text(args[2])[1:] + ")"
	case (name == "one" || name == "one!") && counted != "" && len(args) == 1:
	default:
		return counting{}, errCount
	}
	span := c.Of.CallSpan(c.Count)
	callee, _, _ := strings.Cut(c.Of.File.Text[span.Start:call.End], "(")
	dot := strings.LastIndexByte(callee, '.')
	if column == "" || dot < 0 || !aliasName.MatchString(callee[:dot]) {
		return counting{}, errCount
	}
	out.store = callee[:dot]
	out.parts = append(out.parts, "group_by: "+column, "select: {"+column+", "+counted+"}")
	return out, nil
}

var (
	compared  = regexp.MustCompile(`^(\w+)\.(\w+) == \^\(?([\w.]+)\)?$`)
	countCall = regexp.MustCompile(`^count\([^()^]*\)$`)
	answers   = regexp.MustCompile(`^(?:, )?do:? (?:\w+ = Q )?(case )?(?:(?:Q|\w+) \|> )?C( \|> case)?( do nil -> \{:ok, 0\} (\w+) -> \{:ok, (\w+)\} end)?( end)?$`)
)

// answered reports whether a function does nothing but count, and whether it says
// :ok with the number.
func answered(c *fix.CountTogether) (wrapped, ok bool) {
	if c.Call == c.Count && c.Code == c.Of {
		return false, true // the resolver's own body is looked at
	}
	text := c.Of.File.Text
	q, call := c.Of.At(c.Query), c.Of.At(c.Count)
	name := c.Of.CallSpan(c.Count).Start
	at := c.Clause.Head.End
	var b strings.Builder
	if q.Start < name {
		b.WriteString(text[at:q.Start] + "Q" + text[q.End:name])
	} else {
		b.WriteString(text[at:name])
	}
	b.WriteString("C" + text[call.End:c.Clause.Span.End])
	m := answers.FindStringSubmatch(strings.Join(strings.Fields(b.String()), " "))
	if m == nil {
		return false, false
	}
	cased := m[1] != "" || m[2] != ""
	return cased, cased == (m[3] != "") && m[4] == m[5]
}

// batches reports why no batch can be read, or nil.
func (w *Writer) batches(c *fix.CountTogether) error {
	k := c.Of.Callees[c.Of.At(c.Count).A]
	for _, m := range w.Program.Modules {
		if m.Name == k.Module {
			for _, fn := range w.Program.Funcs {
				if fn.Module == m.ID && !fn.Injected && (fn.Name == "prepare_query" || fn.Name == "default_options") {
					return errScoped
				}
			}
		}
	}
	for _, fn := range w.Program.Funcs {
		if fn.Name != "plugins" || fn.Arity != 0 || fn.Injected || fn.Code == nil {
			continue
		}
		text := fn.Code.File.Text
		if strings.Contains(text, "use Absinthe.Schema") && !strings.Contains(text[fn.Span.Start:fn.Span.End], "Plugin.defaults") && !strings.Contains(text[fn.Span.Start:fn.Span.End], "Middleware.Batch") {
			return errPlugin
		}
	}
	return nil
}

var (
	notation    = regexp.MustCompile(`(?m)^\s*use Absinthe\.(Schema|Schema\.Notation)\b`)
	batchImport = regexp.MustCompile(`(?m)^[ \t]*import Absinthe\.Resolution\.Helpers(?:, only: \[([^\]\n]*)\])?[ \t]*\r?$`)
)

// importBatch lets the module of the resolver call batch/3.
func (e *editor) importBatch() error {
	m := e.Program.Module(e.code.Module)
	if m.Span.File != e.code.File.ID {
		return errLayout
	}
	text := e.text[m.Span.Start:e.start(e.loop)]
	if notation.MatchString(text) {
		return nil
	}
	if at := batchImport.FindStringSubmatchIndex(text); at != nil {
		if at[2] >= 0 && !strings.Contains(text[at[2]:at[3]], "batch: 3") {
			e.edit(m.Span.Start+int32(at[2]), m.Span.Start+int32(at[2]), "batch: 3, ")
		}
		return nil
	}
	own := e.indent(m.Span.Start) + "  "
	return e.addImport(own, text, "import Absinthe.Resolution.Helpers, only: [batch: 3]")
}
