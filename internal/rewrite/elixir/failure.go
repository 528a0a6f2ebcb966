package elixir

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/syntax"
	syn "github.com/assay-dev/assay/internal/syntax/elixir"
)

// handling writes what becomes of the failure of one call.
type handling struct {
	*sheet
	w   *Writer
	c   *fix.HandleFailure
	id  syntax.NodeID // the statement
	of  syntax.NodeID // the call in it
	ind int
}

func (w *Writer) handleFailure(f *fix.Fix, c *fix.HandleFailure) error {
	s, err := w.sheet(c.Code)
	if err != nil {
		return err
	}
	s.through = c.How == fix.Refuse
	if c.How == fix.Tell && s.component() {
		kept := *c
		kept.How = fix.Keep
		c, f.Title = &kept, kept.Title()
	}
	h := &handling{sheet: s, w: w, c: c}
	if h.id, err = s.statement(c.Code, c.Expr); err != nil {
		return err
	}
	if c.How != fix.Log && s.generates(h.id) {
		return errQuote
	}
	h.of, h.ind = h.id, s.column(s.Node(h.id).Start)
	if c.Code.At(c.Expr).Op == ir.Match {
		if h.of = s.Next(s.First(h.id)); h.of == syntax.None || strings.Contains(s.Text(s.First(h.id)), "\n") {
			return errPlace
		}
	}
	if !h.calls(h.of) {
		return errors.New("what gives the failure is no call")
	}
	f.Safety = fix.Asked
	switch {
	case c.How == fix.PassOn && (h.picks() || c.Wrap):
		err = h.answer() // what the pattern refuses besides is no failure
	case c.How == fix.PassOn:
		err = h.passOn()
	case c.How == fix.Log:
		err = h.log()
	default:
		err = h.answer()
	}
	if err != nil {
		return err
	}
	s.edits[0].Reason = reasonOf(c.How)
	if c.How == fix.PassOn {
		s.declareFailure(h.id)
	}
	if c.How == fix.PassOn && c.Again {
		f.Notes = append(f.Notes, "The whole function runs again after a failure: what it does before the failing step is done again.")
	}
	s.ask(f)
	f.Edits = append(f.Edits, s.done()...)
	return nil
}

var errQuote = errors.New("the code is written into other modules, and what each of them answers is not known")

// generates reports whether a node stands in a quote.
func (s *sheet) generates(id syntax.NodeID) bool {
	for p := s.Node(id).Parent; p != syntax.None; p = s.Node(p).Parent {
		if word, ok := s.construct(p); ok && word == "quote" {
			return true
		}
	}
	return false
}

// liveComponent finds the module of a part of a page, whose messages the page does not
// show.
var liveComponent = regexp.MustCompile(`(?m)^\s*use (Phoenix\.LiveComponent\b|[\w.]+, :\w*live_component\b)`)

func (s *sheet) component() bool { return liveComponent.MatchString(s.text) }

// calls reports whether a node is a call, or one of a pipeline, and no construct.
func (s *sheet) calls(id syntax.NodeID) bool {
	for s.Node(id).Kind == syn.Binary && s.Node(id).Op == syn.OpArrowPipe {
		id = s.Next(s.First(id))
	}
	v, ok := syn.AsCall(s.Tree, id)
	return ok && v.HasParens() && v.DoBlock() == syntax.None
}

// picks reports whether the pattern of a match looks into the value of a success.
func (h *handling) picks() bool {
	if h.id == h.of {
		return false
	}
	whole := regexp.MustCompile(`^\{:\w+, (%[A-Z][\w.]*\{\} = )?([a-z_]\w*|%\{(\w+: [a-z_]\w*(, )?)+\})\}$`)
	return !whole.MatchString(h.Text(h.First(h.id)))
}

// narrow reports whether the pattern of a match asks for a value inside of a success,
// as `{number, ""}` does: there are other successes.
func (h *handling) narrow() bool {
	if h.id == h.of {
		return false
	}
	left := h.First(h.id)
	tag := h.First(left)
	for i := left + 1; i < left+syntax.NodeID(h.Node(left).Size); i++ {
		if i == tag {
			continue
		}
		switch h.Node(i).Kind {
		case syn.String, syn.Int, syn.Float, syn.Char, syn.Atom, syn.Charlist, syn.Sigil:
			return true
		}
	}
	return false
}

func reasonOf(h fix.Handling) string {
	switch h {
	case fix.PassOn:
		return "Who calls the function learns of the failure, and what depends on the success does not run."
	case fix.Log:
		return "The function goes on as before, and the log says what failed."
	case fix.Refuse:
		return "The client gets an answer instead of a crash."
	case fix.Tell:
		return "The user learns of it, and the page keeps its state."
	}
	return "The log says what failed, and the process keeps its state."
}

// success is the pattern of what the call gives when it works.
func (h *handling) success() string {
	if h.id != h.of {
		return h.Text(h.First(h.id))
	}
	if h.c.Success.Kind == ir.AltAtom {
		return atom(h.c.Success.Tag)
	}
	return tuplePattern(h.c.Success, "_")
}

// tuplePattern is the pattern of a tuple by its tag, the second element by name.
func tuplePattern(a ir.Alt, second string) string {
	out := "{" + atom(a.Tag)
	for i := 1; i < a.Arity; i++ {
		if i == 1 {
			out += ", " + second
		} else {
			out += ", _"
		}
	}
	return out + "}"
}

// failurePattern is the pattern of a failure, whose reason gets a name, and what
// hands it on.
func failurePattern(a ir.Alt, reason string) (string, error) {
	switch {
	case a.Kind == ir.AltAtom && (a.Tag == "nil" || a.Tag == "false" || a.Tag == "true"):
		return a.Tag, nil
	case a.Kind == ir.AltAtom:
		return atom(a.Tag), nil
	case a.Kind == ir.AltTuple && a.Tag != "" && a.Arity == 2:
		return tuplePattern(a, reason), nil
	case a.Kind == ir.AltTuple && a.Tag != "" && a.Arity == 4:
		return "{" + atom(a.Tag) + ", _step, " + reason + ", _changes}", nil
	}
	return "", errors.New("what it gives when it fails has no usual form")
}

// step is `pattern <- call` as the one step of a `with … do` that is indented by
// ind.
func (h *handling) step(ind int, pattern string) (string, error) {
	const before, after = len("with "), len(" do")
	n, text := h.Node(h.of), h.Text(h.of)
	if !strings.Contains(text, "\n") {
		line := pattern + " <- " + text
		if ind+before+len([]rune(line))+after <= h.width {
			return line, nil
		}
		if ind+7+len([]rune(text))+after > h.width {
			if text = h.spread(h.of, ind+7); text == "" {
				return "", errWide
			}
		}
		return pattern + " <-" + "\n" + strings.Repeat(" ", ind+7) + text, nil
	}
	from := h.lineStart(n.Start)
	if strings.TrimSpace(h.text[from:n.Start]) != "" {
		return "", errLines
	}
	if h.blockFirst() {
		return "", errBlock
	}
	text, err := h.moved(from, n.End, ind+7-h.column(n.Start))
	return pattern + " <-" + "\n" + text, err
}

// blockFirst reports whether the call begins with a construct whose `do` would be
// that of a with or a case before it.
func (h *handling) blockFirst() bool {
	id := h.of
	for h.Node(id).Kind == syn.Binary && h.Node(id).Op == syn.OpArrowPipe {
		id = h.First(id)
	}
	v, ok := syn.AsCall(h.Tree, id)
	return ok && v.DoBlock() != syntax.None && !v.HasParens()
}

var errBlock = errors.New("what is piped into the call is a block of its own")

// spread is a call on one line with the pairs of the map that is its last argument
// on lines of their own, or "".
func (s *sheet) spread(id syntax.NodeID, ind int) string {
	list := s.Children(id, nil)
	if s.Node(id).Kind != syn.Call || len(list) < 2 {
		return ""
	}
	last := list[len(list)-1]
	n, text := s.Node(last), s.Text(last)
	pairs := s.Children(last, nil)
	if n.Kind != syn.Map || len(pairs) == 0 || !strings.HasPrefix(text, "%{") {
		return ""
	}
	sp := strings.Repeat(" ", ind)
	out := s.text[s.Node(id).Start:n.Start] + "%{\n"
	if s.wide(sp + out[:len(out)-1]) {
		return ""
	}
	for i, p := range pairs {
		line := sp + "  " + s.Text(p)
		if s.Node(p).Kind != syn.Pair || s.wide(line+",") {
			return ""
		}
		if i < len(pairs)-1 {
			line += ","
		}
		out += line + "\n"
	}
	return out + sp + "}" + s.text[n.End:s.Node(id).End]
}

// rest are the lines of the statements behind.
func (h *handling) rest() (start, end int32, one bool) {
	_, after := h.siblings(h.id)
	start = h.nextLine(h.Node(h.id).End)
	if len(after) == 0 {
		return start, start, false
	}
	for strings.TrimSpace(h.text[start:h.lineEnd(start)]) == "" {
		start = h.nextLine(start)
	}
	last := h.Node(after[len(after)-1])
	end = h.nextLine(last.End)
	return start, end, strings.Count(h.text[start:end], "\n") == 1
}

// passOn makes the statement a step of a with around those behind it.
func (h *handling) passOn() error {
	if !h.tail(h.id) {
		return h.passOut()
	}
	from, to, _ := h.rest()
	if from == to {
		return errPlace
	}
	if h.id == h.of && h.c.Success.Kind == ir.AltAny {
		if strings.TrimSpace(h.text[from:to]) != ":ok" {
			return errOpen
		}
		return h.unless(to, "\n")
	}
	if ok, err := h.join(from); ok || err != nil {
		return err
	}
	step, err := h.step(h.ind, h.success())
	if err != nil {
		return err
	}
	more, from := h.further(from)
	body, err := h.moved(from, to, 2)
	if err != nil {
		return err
	}
	sp := strings.Repeat(" ", h.ind)
	h.put(h.lineStart(h.Node(h.id).Start), to, sp+"with "+step+more+" do"+"\n"+body+sp+"end"+"\n", "")
	h.above(h.id)
	return nil
}

// further are the matches of `{:ok, value}` that follow, which become steps as well,
// and the line of what is left: each of them would raise where the first does not.
func (h *handling) further(from int32) (steps string, rest int32) {
	_, after := h.siblings(h.id)
	in, end := strings.Repeat(" ", h.ind+len("with ")), h.Node(h.id).End
	for _, id := range after[:len(after)-1] {
		n, left := h.Node(id), h.First(id)
		if n.Kind != syn.Binary || n.Op != syn.OpMatch || !okPattern.MatchString(h.Text(left)) || !h.calls(h.Next(left)) ||
			strings.TrimSpace(h.text[end:n.Start]) != "" || strings.TrimSpace(h.text[n.End:h.lineEnd(n.End)]) != "" {
			break
		}
		line := in + h.Text(left) + " <- " + h.Text(h.Next(left))
		if strings.Contains(line, "\n") || h.wide(line+" do") {
			break
		}
		steps += ",\n" + line
		end, from = n.End, h.nextLine(n.End)
		for strings.TrimSpace(h.text[from:h.lineEnd(from)]) == "" {
			from = h.nextLine(from)
		}
	}
	return steps, from
}

var okPattern = regexp.MustCompile(`^\{:ok, (%[A-Z][\w.]*\{\} = )?[a-z_]\w*\}$`)

// join adds the step to the with whose body it begins, if there is one without an
// else.
func (h *handling) join(from int32) (bool, error) {
	before, _ := h.siblings(h.id)
	section := h.Node(h.id).Parent
	if len(before) > 0 || h.Node(section).Kind != syn.Section || h.Node(section).Op != syn.SectionDo {
		return false, nil
	}
	block := h.Node(section).Parent
	with := h.Node(block).Parent
	word, _ := h.construct(with)
	if word != "with" || h.Next(section) != syntax.None || h.top(h.id) != h.lineStart(h.Node(h.id).Start) {
		return false, nil
	}
	start := h.Node(with).Start
	ind := h.column(start)
	if strings.TrimSpace(h.text[h.lineStart(start):start]) != "" {
		return false, nil
	}
	args := h.Children(with, nil)
	last := args[len(args)-2]
	if h.Node(last).Kind == syn.Keywords || len(args) < 3 {
		return false, nil
	}
	step, err := h.step(ind, h.success())
	if err != nil {
		return true, err
	}
	h.put(h.Node(last).End, h.Node(last).End, ","+"\n"+strings.Repeat(" ", ind+5)+step, "")
	h.put(h.lineStart(h.Node(h.id).Start), from, "", "")
	h.above(with)
	return true, nil
}

// passOut makes the last statement of a branch a with, where the branches are
// followed by a bare `:ok`.
func (h *handling) passOut() error {
	_, after := h.siblings(h.id)
	if len(after) > 0 {
		return errTail
	}
	if err := h.lift(h.id); err != nil {
		return err
	}
	n := h.Node(h.id)
	if h.c.Success.Kind == ir.AltAny {
		return h.unless(n.End, "")
	}
	step, err := h.step(h.ind, h.success())
	if err != nil {
		return err
	}
	sp := strings.Repeat(" ", h.ind)
	h.put(h.lineStart(n.Start), n.End, sp+"with "+step+" do"+"\n"+sp+"  :ok"+"\n"+sp+"end", "")
	h.above(h.id)
	return nil
}

// unless makes the statement a case that gives the failure, and `:ok` for whatever
// else comes.
func (h *handling) unless(to int32, end string) error {
	head, err := h.caseHead()
	if err != nil {
		return err
	}
	sp := strings.Repeat(" ", h.ind)
	h.put(h.lineStart(h.Node(h.id).Start), to, head+sp+"  {:error, reason} -> {:error, reason}\n"+sp+"  _ -> :ok\n"+sp+"end"+end, "")
	h.above(h.id)
	return nil
}

var errOpen = errors.New("what it gives when it works is not known, and the job goes on")

// log logs the failure, and goes on.
func (h *handling) log() error {
	name := "reason"
	if h.c.Changeset {
		name = "changeset"
	}
	pattern, err := failurePattern(h.c.Failure, name)
	if err != nil {
		return err
	}
	sp := strings.Repeat(" ", h.ind)
	n := h.Node(h.id)
	if h.blockFirst() {
		head, err := h.caseHead()
		if err != nil {
			return err
		}
		success := "_"
		if h.c.Success.Kind != ir.AltAny {
			success = h.success()
		}
		h.put(h.lineStart(n.Start), n.End, head+sp+"  "+success+" ->\n"+sp+"    :ok\n\n"+sp+"  "+pattern+" ->\n"+h.logLine(h.ind+4)+"\n"+sp+"end", "")
	} else {
		step, err := h.step(h.ind, pattern)
		if err != nil {
			return err
		}
		h.put(h.lineStart(n.Start), n.End, sp+"with "+step+" do"+"\n"+h.logLine(h.ind+2)+"\n"+sp+"end", "")
	}
	h.edits = append(h.edits, h.apart(h.id)...)
	return h.requireLogger(h.id)
}

// logLine logs that the call failed, with the reason if there is one.
func (h *handling) logLine(ind int) string {
	switch what := h.calleeText() + " failed"; {
	case h.c.Changeset:
		return h.logged(h.w.message(what, "errors", "inspect(changeset.errors)"), ind)
	case h.c.Failure.Kind == ir.AltTuple:
		return h.logged(h.w.message(what, "reason", h.w.inspector()+"(reason)"), ind)
	default:
		return h.logged(quoted(what), ind)
	}
}

// message is what is logged: a text with a value in it, or with the value beside it
// where the project logs that way.
func (w *Writer) message(text, key, value string) string {
	if w.logsBeside == 0 {
		w.logsBeside = -1
		beside, inside := regexp.MustCompile(`Logger\.(error|warning|warn)\(\s*"[^"#]*",\s*\w+: `), regexp.MustCompile(`Logger\.(error|warning|warn)\(\s*"[^"]*#\{`)
		n := 0
		for _, f := range w.Files.Files {
			if strings.Contains(f.Text, "Logger.") {
				n += len(beside.FindAllString(f.Text, -1)) - len(inside.FindAllString(f.Text, -1))
			}
		}
		if n > 0 {
			w.logsBeside = 1
		}
	}
	if w.logsBeside > 0 {
		return quoted(text) + ", " + key + ": " + value
	}
	return `"` + text + ": #{" + value + `}"`
}

func (s *sheet) logged(what string, ind int) string {
	sp := strings.Repeat(" ", ind)
	line := sp + "Logger.error(" + what + ")"
	if s.wide(line) {
		line = sp + "Logger.error(" + "\n" + sp + "  " + strings.Replace(what, `", `, "\",\n"+sp+"  ", 1) + "\n" + sp + ")"
	}
	return line
}

// calleeText is the name of the call, as it is written.
func (h *handling) calleeText() string {
	id := h.of
	for h.Node(id).Kind == syn.Binary && h.Node(id).Op == syn.OpArrowPipe {
		id = h.Next(h.First(id))
	}
	v, ok := syn.AsCall(h.Tree, id)
	if !ok {
		return "a step"
	}
	if r := v.Receiver(); r != syntax.None && h.Node(r).Kind == syn.Alias {
		return h.Text(r) + "." + v.Name()
	}
	return v.Name()
}

// calledIn is the name of what a case asks, as it is written.
func (s *sheet) calledIn(c *ir.Code, x ir.ExprID) string {
	e := c.At(x)
	if e.Op == ir.Case {
		e = c.At(ir.ExprID(e.A))
	}
	if e.Op != ir.Call {
		return "a step"
	}
	v, ok := s.call(e.Start, e.End, c.Callees[e.A].Name)
	if !ok {
		return c.Callees[e.A].Name
	}
	return s.Text(v.Func())
}

// inspector is the function by which the project writes values into its log: one
// of its own if it uses that more than inspect.
func (w *Writer) inspector() string {
	if w.inspects != "" {
		return w.inspects
	}
	own := regexp.MustCompile(`#\{((?:[A-Z]\w*\.)+\w*inspect)\(`)
	count := map[string]int{}
	plain, best := 0, ""
	for _, f := range w.Files.Files {
		plain += strings.Count(f.Text, "#{inspect(")
		for _, m := range own.FindAllStringSubmatch(f.Text, -1) {
			count[m[1]]++
			if n := count[m[1]]; n > count[best] || n == count[best] && m[1] < best {
				best = m[1]
			}
		}
	}
	w.inspects = "inspect"
	if count[best] > plain {
		w.inspects = best
	}
	return w.inspects
}

// requireLogger lets the module of a node call the logger's macros. What a quote
// holds is code of the module that it is put into, so the quote requires them there.
func (s *sheet) requireLogger(id syntax.NodeID) error {
	section := s.module(id)
	if section == syntax.None {
		return errPlace
	}
	after, required := syntax.None, false
	for _, c := range s.Children(section, nil) {
		word, call := s.construct(c)
		switch {
		case call && word == "require":
			if strings.Contains(s.Text(c), "Logger") {
				return nil
			}
			after, required = c, true
		case call && word == "use" && !required:
			after = c
		case after == syntax.None && s.Node(c).Kind == syn.Unary && strings.HasPrefix(s.Text(c), "@moduledoc"):
			after = c
		}
	}
	if after == syntax.None {
		first := s.Node(s.First(section))
		at := s.lineStart(first.Start)
		s.put(at, at, strings.Repeat(" ", s.column(first.Start))+"require Logger"+"\n"+"\n", "")
		return nil
	}
	at := s.nextLine(s.Node(after).End)
	text := strings.Repeat(" ", s.column(s.Node(after).Start)) + "require Logger" + "\n"
	if !required {
		text = "\n" + text
		if strings.TrimSpace(s.text[at:s.lineEnd(at)]) != "" {
			text += "\n"
		}
	}
	s.put(at, at, text, "")
	return nil
}

// module is the section of statements of the module around a node, or of the quote.
func (s *sheet) module(id syntax.NodeID) syntax.NodeID {
	for p := s.Node(id).Parent; p != syntax.None; p = s.Node(p).Parent {
		if s.Node(p).Kind != syn.Section {
			continue
		}
		if word, ok := s.construct(s.Node(s.Node(p).Parent).Parent); ok && (word == "defmodule" || word == "quote") {
			return p
		}
	}
	return syntax.None
}

// answer makes the statement a case, whose other clause answers the failure.
func (h *handling) answer() error {
	if !h.tail(h.id) {
		return errTail
	}
	from, to, one := h.rest()
	if from == to {
		return errPlace
	}
	pattern, lines, err := h.reply(h.w, h.id, refusal{how: h.c.How, others: h.c.Others, status: h.c.Status, failure: h.c.Failure, reason: h.c.Reason, wrap: h.c.Wrap, callee: h.calleeText(), from: from, to: to})
	if err != nil {
		return err
	}
	if h.narrow() && (h.c.How == fix.Refuse || h.c.How == fix.Tell) {
		pattern = "_" // a success of another form is refused as well
	}
	head, err := h.caseHead()
	if err != nil {
		return err
	}
	sp := strings.Repeat(" ", h.ind+2)
	short := sp + h.success() + " -> " + strings.TrimSpace(h.text[from:to])
	other := sp + pattern + " -> " + lines[0]
	text := short + "\n" + other + "\n"
	if !one || len(lines) > 1 || h.wide(short) || h.wide(other) {
		body, err := h.moved(from, to, 4)
		if err != nil {
			return err
		}
		text = sp + h.success() + " ->" + "\n" + body + "\n" + sp + pattern + " ->" + "\n"
		for _, l := range lines {
			if h.wide(sp + "  " + l) {
				return errWide
			}
			text += sp + "  " + l + "\n"
		}
	}
	h.put(h.lineStart(h.Node(h.id).Start), to, head+text+sp[2:]+"end"+"\n", "")
	h.above(h.id)
	if h.c.How == fix.Keep {
		return h.requireLogger(h.id)
	}
	return nil
}

// caseHead is the line that opens the case over the call.
func (h *handling) caseHead() (string, error) {
	n, text := h.Node(h.of), h.Text(h.of)
	sp := strings.Repeat(" ", h.ind)
	if !strings.Contains(text, "\n") {
		line := sp + "case " + text + " do"
		if h.wide(line) {
			text = h.spread(h.of, h.ind+5)
			if first, _, more := strings.Cut(text, "\n"); !more || h.wide(sp+"case "+first) {
				return "", errWide
			}
			line = sp + "case " + text + " do"
		}
		return line + "\n", nil
	}
	from := h.lineStart(n.Start)
	if strings.TrimSpace(h.text[from:n.Start]) != "" {
		return "", errLines
	}
	by := h.ind - h.column(n.Start)
	if n.Kind == syn.Binary && n.Op == syn.OpArrowPipe {
		text, err := h.moved(from, n.End, by)
		return text + "\n" + sp + "|> case do" + "\n", err
	}
	text, err := h.moved(from, n.End, by+5)
	return sp + "case " + strings.TrimLeft(text, " ") + " do" + "\n", err
}

// refusal is a failure, and how it is answered.
type refusal struct {
	others  bool // failures of other forms come too
	how     fix.Handling
	status  int
	failure ir.Alt
	reason  string // the atom beside the tag, if it is always the same, or ""
	wrap    bool   // a bare failure becomes a pair
	callee  string
	// from and to are the lines that answer a success, if they are known.
	from, to int32
}

// reply is the pattern of a failure and what the function around a place answers.
func (s *sheet) reply(w *Writer, id syntax.NodeID, r refusal) (string, []string, error) {
	name := "_reason"
	if r.how == fix.Keep || r.how == fix.PassOn {
		name = "reason"
	}
	if r.reason != "" && r.how != fix.Keep {
		name = atom(r.reason)
	}
	pattern, err := failurePattern(r.failure, name)
	if r.others && r.how == fix.Tell {
		pattern, err = "_error", nil
	}
	if r.others && r.how == fix.Keep {
		pattern, name, err = "error", "error", nil
	}
	if err != nil {
		return "", nil, err
	}
	params := s.params(id)
	at := 0
	if r.how != fix.Refuse {
		at = len(params) - 1
	}
	if r.how != fix.PassOn && (len(params) == 0 || params[at] == "") {
		return "", nil, errors.New("the function gives no name to what it must answer with")
	}
	switch r.how {
	case fix.PassOn:
		switch {
		case r.wrap && strings.Contains(s.text[r.from:r.to], `{:error, "`):
			return pattern, []string{`{:error, "Something went wrong. Please try again."}`}, nil
		case r.wrap:
			if !strings.Contains(s.function(id), "{:error, :") {
				s.question = "Say what the failure is called: the others of the function are of another form, and callers may read them."
			}
			return pattern, []string{"{:error, :failed}"}, nil
		case r.failure.Arity == 4:
			return pattern, []string{"{:error, " + name + "}"}, nil
		}
		return pattern, []string{pattern}, nil
	case fix.Refuse:
		return pattern, s.refused(w, id, params[at], pattern, r), nil
	case fix.Tell:
		return pattern, []string{s.told(w, r.callee, params[at], s.column(s.Node(id).Start)+4)}, nil
	}
	log := "Logger.error("
	if s.component() && strings.Contains(s.text, "Logger.warning(") {
		log = "Logger.warning(" // somebody sent what cannot be done
	}
	line := log + quoted(r.callee+" failed") + ")"
	if r.failure.Kind == ir.AltTuple {
		line = log + w.message(r.callee+" failed", name, w.inspector()+"("+name+")") + ")"
	}
	return pattern, []string{line, "{:noreply, " + params[at] + "}"}, nil
}

// told is the answer of a page that keeps its state and says what failed, on a line that is
// indented by so many spaces.
func (s *sheet) told(w *Writer, call, socket string, ind int) string {
	s.speaks()
	form := w.alike(s).flash()
	teller := s.teller(socket)
	say := func(text string) string {
		if teller != "" {
			return "{:noreply, " + teller + "(" + socket + ", " + text + ")}"
		}
		if form != "" {
			return "{:noreply, put_flash(" + socket + ", " + strings.Replace(form, `"…"`, text, 1) + ")}"
		}
		if strings.Contains(s.text, "gettext(") {
			text = "gettext(" + text + ")"
		}
		return "{:noreply, put_flash(" + socket + ", :error, " + text + ")}"
	}
	texts := []string{`"Something went wrong. Please try again."`, `"Something went wrong."`}
	if what := s.failedTo(call); what != "" {
		texts = []string{`"` + what + `"`, texts[1]}
	}
	if long := say(texts[0]); s.fits(strings.Repeat(" ", ind) + long) {
		return long
	}
	return say(texts[1])
}

// teller is the function by which a page that shows no flash says what went wrong, notify_error
// of `notify_error(socket, "…")`, or "".
func (s *sheet) teller(socket string) string {
	if strings.Contains(s.text, "put_flash(") {
		return ""
	}
	for _, m := range tells.FindAllStringSubmatch(s.text, -1) {
		if m[2] == socket {
			return m[1]
		}
	}
	return ""
}

// tells finds a call that says what went wrong: `notify_error(socket, "…")`.
var tells = regexp.MustCompile(`\b(\w*(?:error|failure)\w*)\((\w+), "`)

// verbs begin the names of functions that do one thing to another: add_reaction.
func verbs() []string {
	return []string{
		"accept", "add", "approve", "archive", "assign", "cancel", "close", "confirm", "create", "delete", "disable", "enable", "follow",
		"insert", "invite", "join", "leave", "mark", "move", "open", "pin", "publish", "register", "reject", "remove", "rename", "reset",
		"resolve", "restore", "revoke", "save", "send", "set", "share", "start", "stop", "submit", "subscribe", "unfollow", "unpin",
		"unsubscribe", "update", "upload", "vote",
	}
}

// maxNoun is how many words a thing's name has at most that a message repeats.
const maxNoun = 3

// failedTo says in words what a function failed to do, in the way in which the page says so
// elsewhere; or "" where its name does not tell.
func (s *sheet) failedTo(call string) string {
	words := strings.Split(strings.TrimRight(call[strings.LastIndexByte(call, '.')+1:], "!?"), "_")
	noun := words[1:]
	small := func(w string) bool {
		return slices.Contains([]string{"", "all", "and", "by", "for", "from", "if", "in", "many", "of", "on", "or", "to", "with"}, w)
	}
	if len(noun) == 0 || len(noun) > maxNoun || !slices.Contains(verbs(), words[0]) || slices.ContainsFunc(noun, small) {
		return ""
	}
	begins, most := "Could not", 0
	for _, way := range []string{"Could not", "Failed to", "Unable to"} {
		if n := strings.Count(s.text, `"`+way+" "); n > most {
			begins, most = way, n
		}
	}
	text := begins + " " + words[0] + " the " + strings.Join(noun, " ")
	if told := failedTexts.FindAllString(s.text, -1); len(told) > 0 && !strings.HasSuffix(told[0], `."`) {
		return text
	}
	return text + "."
}

// failedTexts are texts that say what failed, and hold nothing that is known only there.
var failedTexts = regexp.MustCompile(`"(?:Could not|Failed to|Unable to) [^"\n#]*"`)

// foreignTexts is how many texts with letters beyond ASCII a file has at least that speaks
// another language than English.
const foreignTexts = 3

// speaks asks for the words of a message where the pages are in another language.
func (s *sheet) speaks() {
	n := 0
	for _, m := range stringLiteral.FindAllString(s.text, -1) {
		if strings.ContainsFunc(m, func(r rune) bool { return r > unicode.MaxASCII && unicode.IsLetter(r) }) {
			n++
		}
	}
	if n >= foreignTexts {
		s.question = "The pages speak another language than English: say it in theirs."
	}
}

var stringLiteral = regexp.MustCompile(`"[^"\n]*"`)

// function is the text of the clause of a function around a node.
func (s *sheet) function(id syntax.NodeID) string {
	for p := s.Node(id).Parent; p != syntax.None; p = s.Node(p).Parent {
		if word, ok := s.construct(p); ok && (word == "def" || word == "defp") {
			return s.Text(p)
		}
	}
	return ""
}

// params are the names of the parameters of the function around a node, "" for one
// that has none.
func (s *sheet) params(id syntax.NodeID) []string {
	for p := s.Node(id).Parent; p != syntax.None; p = s.Node(p).Parent {
		word, ok := s.construct(p)
		if !ok || word != "def" && word != "defp" {
			continue
		}
		v, _ := syn.AsCall(s.Tree, p)
		head := v.Arg(0)
		if head != syntax.None && s.Node(head).Kind == syn.Binary {
			head = s.First(head)
		}
		call, ok := syn.AsCall(s.Tree, head)
		if !ok {
			return nil
		}
		var names []string
		for a := range call.Args() {
			names = append(names, s.named(a))
		}
		return names
	}
	return nil
}

// named is the name that a parameter binds as a whole, or "".
func (s *sheet) named(id syntax.NodeID) string {
	switch n := s.Node(id); {
	case n.Kind == syn.Ident && !strings.HasPrefix(s.Text(id), "_"):
		return s.Text(id)
	case n.Kind == syn.Binary && n.Op == syn.OpMatch:
		left := s.First(id)
		if name := s.named(left); name != "" {
			return name
		}
		return s.named(s.Next(left))
	}
	return ""
}
