package elixir

import (
	"errors"
	"regexp"
	"strings"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/syntax"
	syn "github.com/assay-dev/assay/internal/syntax/elixir"
)

var (
	errPiped = errors.New("the function is piped in, so the supervisor cannot stand before it")
	errPid   = errors.New("the value of the call is a process, which the supervisor would give in a tuple")
	errAlias = errors.New("a name means another module here")
)

const noteLong = "Run `mix format`: a line became longer than it leaves them."

// startUnder starts a process with the function that a supervisor does it with.
func (w *Writer) startUnder(f *fix.Fix, c *fix.StartUnder) error {
	d := w.doc(c.Code.File)
	v, err := d.starts(c.Code, c.Call)
	switch {
	case err != nil:
		return err
	case c.Used && c.Code.Callees[c.Code.At(c.Call).A].How == ir.Kernel:
		return errPid
	}
	supervisor := c.Function[:strings.LastIndexByte(c.Function, '.')]
	name, err := w.supervisor(f, c.Code.File, c.After, supervisor)
	if err != nil {
		return err
	}
	root, _, _ := strings.Cut(name, ".")
	if renamed(d.text, root) || renamed(d.text, supervisor[:strings.IndexByte(supervisor+".", '.')]) {
		return errAlias
	}
	f.Safety = max(f.Safety, fix.Asked)
	calls := []syn.CallView{v}
	for _, x := range c.Beside {
		if v, err := d.starts(c.Code, x); err == nil {
			calls = append(calls, v)
		}
	}
	for i, v := range calls {
		if old := d.Text(v.Func()); d.commented(d.Node(v.ID).Start, old) {
			f.Safety = fix.Shown
			f.Notes = append(f.Notes, "A comment says why "+old+" is called here: say whether that still holds.")
		}
		s := spawn{d: d, v: v, head: c.Function + "(", name: name}
		edits := s.edits()
		if s.long {
			f.Notes = append(f.Notes, noteLong)
		}
		if i == 0 {
			edits[0].Reason = "The supervisor knows the process: a shutdown waits for it, and a limit can be set."
		}
		f.Edits = append(f.Edits, edits...)
	}
	return nil
}

// starts is a call that starts a process of a function, which can be given one more
// argument in front.
func (d *doc) starts(c *ir.Code, x ir.ExprID) (syn.CallView, error) {
	e := c.At(x)
	switch {
	case e.Op != ir.Call:
		return syn.CallView{}, errPlace
	case e.Flags&ir.FlagPiped != 0:
		return syn.CallView{}, errPiped
	}
	v, ok := d.call(e.Start, e.End, c.Callees[e.A].Name)
	if !ok || v.ArgCount() == 0 || v.DoBlock() != syntax.None {
		return v, errPlace
	}
	for a := range v.Args() {
		if d.loose(a) || d.Node(a).Kind == syn.Keywords {
			return v, errPlace
		}
	}
	return v, nil
}

// startChild starts a module's process by its child specification, which is not
// started again when it ends, as the one that it replaces is not.
func (w *Writer) startChild(f *fix.Fix, c *fix.StartChild) error {
	supervisor := c.Function[:strings.LastIndexByte(c.Function, '.')]
	f.Safety = fix.Asked
	var name string
	var calls []fix.Edit
	for _, at := range c.Calls {
		e := at.Code.At(at.Call)
		d := w.doc(at.Code.File)
		v, ok := d.call(e.Start, e.End, at.Code.Callees[e.A].Name)
		if !ok || e.Flags&ir.FlagPiped != 0 || v.ArgCount() != 1 || v.Receiver() == syntax.None || d.Node(v.Receiver()).Kind != syn.Alias || !d.oneLine(v.ID) || d.loose(v.Arg(0)) {
			return errPlace
		}
		if renamed(d.text, supervisor) || renamed(d.text, "Supervisor") {
			return errAlias
		}
		if name == "" {
			var err error
			if name, err = w.supervisor(f, at.Code.File, c.After, supervisor); err != nil {
				return err
			}
		}
		arg := d.Text(v.Arg(0))
		if d.Node(v.Arg(0)).Kind == syn.Keywords {
			arg = "[" + arg + "]"
		}
		s := spawn{d: d, v: v, head: c.Function + "(", name: name,
			spec: "Supervisor.child_spec({" + d.Text(v.Receiver()) + ", " + arg + "}, restart: :temporary)"}
		edits := s.edits()
		edits[0].Reason = "The supervisor knows the process, and no request takes it along when it breaks off."
		calls = append(calls, edits...)
		if s.long {
			f.Notes = append(f.Notes, noteLong)
		}
	}
	f.Edits = append(f.Edits, calls...)
	return nil
}

// renamed reports whether a file gives a top-level name to a module of its own.
func renamed(text, name string) bool {
	if !strings.Contains(text, "alias") {
		return false
	}
	q := regexp.QuoteMeta(name)
	return regexp.MustCompile(`(?m)\balias\s+([\w.]+\.` + q + `(\s*$|\s*#)|[\w.]+\.\{[^}]*\b` + q + `\b[^}.]*\}|.*\bas:\s*` + q + `\b)`).MatchString(text)
}

// spawn is a call that becomes another one with one more argument in front.
type spawn struct {
	d          *doc
	v          syn.CallView
	head, name string
	spec       string // the only argument, in place of those of the call
	long       bool   // a line becomes longer than the formatter leaves it
}

// edits are the edits of the call: the shortest that keep its lines within the
// width, else those that break them as the formatter does.
func (s *spawn) edits() []fix.Edit {
	d, n := s.d, s.d.Node(s.v.ID)
	arg := d.Node(s.v.Arg(0))
	line := d.slice(d.lineStart(n.Start), n.Start) + s.head + s.name + ", " + d.slice(arg.Start, d.lineEnd(arg.Start))
	if s.spec != "" {
		line = d.slice(d.lineStart(n.Start), n.Start) + s.head + s.name + ", " + s.spec + d.slice(n.End-1, d.lineEnd(n.End))
	}
	if d.fits(line) {
		return s.simple()
	}
	edits := s.brokenUp()
	s.long = len(edits) == len(s.simple()) && edits[0] == s.simple()[0]
	return edits
}

// brokenUp are the edits that keep the lines within the width, if there are any.
func (s *spawn) brokenUp() []fix.Edit {
	d, n := s.d, s.d.Node(s.v.ID)
	if !d.oneLine(s.v.ID) {
		return s.deeper()
	}
	stmt := s.v.ID
	if p := d.parent(stmt); p != syntax.None && d.Node(p).Kind == syn.Binary && d.Node(p).Op == syn.OpMatch && d.sequence(d.parent(p)) {
		return s.matched(p)
	}
	p := d.parent(stmt)
	switch {
	case p == syntax.None:
		return s.simple()
	case d.Node(p).Kind == syn.Pair:
		return s.keyword(p)
	case d.Node(p).Kind == syn.Body && d.Node(d.parent(p)).Kind == syn.Clause && !d.first(n.Start):
		return s.arm(d.parent(p))
	case d.sequence(p) && d.first(n.Start):
		return append([]fix.Edit{s.whole(d.indent(n.Start))}, d.apart(stmt)...)
	}
	return s.simple()
}

// simple puts the argument before the others and leaves all else.
func (s *spawn) simple() []fix.Edit {
	d, n := s.d, s.d.Node(s.v.ID)
	if s.spec != "" {
		return []fix.Edit{d.edit(n.Start, n.End, s.head+s.name+", "+s.spec+")", "")}
	}
	open, arg := d.Node(s.v.Func()).End, d.Node(s.v.Arg(0))
	if s.v.HasParens() && strings.Contains(d.slice(open, arg.Start), "\n") {
		return []fix.Edit{
			d.edit(n.Start, open+1, s.head, ""),
			d.edit(arg.Start, arg.Start, s.name+",\n"+d.indent(arg.Start), ""),
		}
	}
	out := []fix.Edit{d.edit(n.Start, arg.Start, s.head+s.name+", ", "")}
	if !s.v.HasParens() {
		out = append(out, d.edit(n.End, n.End, ")", ""))
	}
	return out
}

// deeper puts the arguments of a call that takes several lines on lines of their
// own, one level deeper, unless that would change a text in them.
func (s *spawn) deeper() []fix.Edit {
	d, n := s.d, s.d.Node(s.v.ID)
	for id := s.v.ID; id < s.v.ID+syntax.NodeID(n.Size); id++ {
		switch k := d.Node(id); k.Kind {
		case syn.String, syn.Charlist, syn.Sigil, syn.QAtom:
			if k.Flags&syn.FlagHeredoc == 0 && !d.oneLine(id) {
				return s.simple()
			}
		}
	}
	if !s.v.HasParens() || !d.first(n.Start) {
		return s.simple()
	}
	in := d.indent(n.Start)
	return []fix.Edit{d.edit(n.Start, n.End, strings.ReplaceAll(s.listed(in), "\r\n", "\n"), "")}
}

// listed is the call with each argument on lines of its own.
func (s *spawn) listed(indent string) string {
	out := s.head + "\n" + indent + "  " + s.name
	if s.spec != "" {
		return out + ",\n" + indent + "  " + s.spec + "\n" + indent + ")"
	}
	for a := range s.v.Args() {
		out += ",\n" + indent + "  "
		for line := range strings.Lines(s.d.Text(a)) {
			if strings.TrimSpace(line) != "" && !strings.HasSuffix(out, "  ") {
				out += "  "
			}
			out += line
		}
	}
	return out + "\n" + indent + ")"
}

func (s *spawn) whole(indent string) fix.Edit {
	n := s.d.Node(s.v.ID)
	return s.d.edit(n.Start, n.End, s.broken(indent), "")
}

// broken is the call on several lines.
func (s *spawn) broken(indent string) string {
	d := s.d
	if s.v.ArgCount() == 1 && s.spec == "" {
		if body, ok := block(d, s.v.Arg(0)); ok {
			return s.head + s.name + ", fn ->\n" + indent + "  " + body + "\n" + indent + "end)"
		}
	}
	if last := s.v.Arg(s.v.ArgCount() - 1); s.spec == "" && d.Node(last).Kind == syn.List && d.Node(last).Size > 1 && d.oneLine(s.v.ID) {
		head := s.head + s.name
		for a := range s.v.Args() {
			if a != last {
				head += ", " + d.Text(a)
			}
		}
		var items []string
		for _, e := range d.Children(last, nil) {
			items = append(items, d.Text(e))
		}
		if d.fits(indent + head + ", [") {
			in := "\n" + indent + "  "
			return head + ", [" + in + strings.Join(items, ","+in) + "\n" + indent + "])"
		}
	}
	return s.listed(indent)
}

// oneOrBroken is the call on one line if it fits behind an indentation.
func (s *spawn) oneOrBroken(indent string) string {
	var args []string
	for a := range s.v.Args() {
		args = append(args, s.d.Text(a))
	}
	if s.spec != "" {
		args = []string{s.spec}
	}
	one := s.head + s.name + ", " + strings.Join(args, ", ") + ")"
	if s.d.fits(indent + one) {
		return one
	}
	return s.broken(indent)
}

// block is the single expression of a function without parameters.
func block(d *doc, id syntax.NodeID) (string, bool) {
	if d.Node(id).Kind != syn.Fn {
		return "", false
	}
	clause := d.First(id)
	if clause == syntax.None || d.Next(clause) != syntax.None || d.Node(clause).Kind != syn.Clause {
		return "", false
	}
	head := d.First(clause)
	body := d.Next(head)
	if d.Node(head).Size > 1 || body == syntax.None || d.First(body) == syntax.None || d.Next(d.First(body)) != syntax.None {
		return "", false
	}
	return d.Text(d.First(body)), true
}

// matched breaks `{:ok, pid} = CALL` behind the sign.
func (s *spawn) matched(match syntax.NodeID) []fix.Edit {
	d, n := s.d, s.d.Node(s.v.ID)
	in := d.indent(n.Start) + "  "
	sign := d.Node(match).Pos + 1
	if strings.TrimSpace(d.slice(sign, n.Start)) != "" || !d.first(d.Node(match).Start) {
		return s.simple()
	}
	return append([]fix.Edit{d.edit(sign, n.End, "\n"+in+s.oneOrBroken(in), "")}, d.apart(match)...)
}

// keyword makes a block of `do: CALL`.
func (s *spawn) keyword(pair syntax.NodeID) []fix.Edit {
	d, n := s.d, s.d.Node(s.v.ID)
	words := d.parent(pair)
	outer := d.parent(words)
	if d.Node(words).Kind != syn.Keywords || outer == syntax.None || syn.AtomName(d.Tree, d.First(pair)) != "do" || d.Next(d.First(words)) != syntax.None {
		return s.simple()
	}
	o, ok := syn.AsCall(d.Tree, outer)
	if !ok || o.HasParens() || !d.sequence(d.parent(outer)) || !d.first(d.Node(outer).Start) {
		return s.simple()
	}
	before := d.previous(words)
	if before == syntax.None || strings.Contains(d.slice(d.Node(before).End, n.Start), "#") {
		return s.simple()
	}
	in := d.indent(d.Node(outer).Start)
	text := " do\n" + in + "  " + s.oneOrBroken(in+"  ") + "\n" + in + "end"
	return append([]fix.Edit{d.edit(d.Node(before).End, n.End, text, "")}, d.apart(outer)...)
}

// arm puts the call below its arrow, and so the bodies of the clauses beside it.
func (s *spawn) arm(clause syntax.NodeID) []fix.Edit {
	d := s.d
	n := d.Node(s.v.ID)
	in := d.indent(d.Node(clause).Start) + "  "
	out := []fix.Edit{d.edit(n.Start, n.End, s.oneOrBroken(in), "")}
	last := syntax.None
	for c := range syn.Children(d.Tree, d.parent(clause)) {
		body := d.Next(d.First(c))
		if d.Node(c).Kind != syn.Clause || body == syntax.None || !d.first(d.Node(c).Start) {
			return s.simple()
		}
		if d.Node(body).Size == 1 {
			return s.simple() // an empty body
		}
		arrow, start := d.Node(c).Pos+2, d.Node(d.First(body)).Start
		gap := d.slice(arrow, start)
		switch {
		case strings.Contains(gap, "\n"):
		case strings.Contains(d.Text(body), "\n"):
			return s.simple()
		default:
			out = append(out, d.edit(arrow, start, "\n"+in, ""))
		}
		if last != syntax.None {
			out = append(out, d.blank(d.Node(last).End, d.Node(c).Start)...)
		}
		last = c
	}
	return out
}
