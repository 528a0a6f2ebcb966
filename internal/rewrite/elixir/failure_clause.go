package elixir

import (
	"errors"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/source"
	"github.com/assay-dev/assay/internal/syntax"
	syn "github.com/assay-dev/assay/internal/syntax/elixir"
)

// acceptFailure adds a clause to a case, or to the else of a with.
func (w *Writer) acceptFailure(f *fix.Fix, c *fix.AcceptFailure) error {
	s, id, err := w.place(c.Code, c.Expr)
	if err != nil {
		return err
	}
	if s.generates(id) {
		return errQuote
	}
	s.through = c.How == fix.Refuse
	if c.How == fix.Tell && s.component() {
		kept := *c
		kept.How = fix.Keep
		c, f.Title = &kept, kept.Title()
	}
	whole := s.piped(id)
	for s.Node(id).Kind == syn.Binary && s.Node(id).Op == syn.OpArrowPipe {
		id = s.Next(s.First(id))
	}
	word, _ := s.construct(id)
	section := syntax.None
	if v, ok := syn.AsCall(s.Tree, id); ok && word == "case" {
		section = v.Section(syn.SectionDo)
	} else if ok && word == "with" {
		section = v.Section(syn.SectionElse)
	}
	if section == syntax.None || s.Node(section).Flags&syn.FlagClauses == 0 {
		return errPlace
	}
	if !s.answers(whole) {
		return errTail
	}
	n := s.Node(section)
	pattern, lines, err := s.reply(w, id, refusal{how: c.How, others: c.Others, status: c.Status, failure: c.Failure, reason: c.Reason, wrap: c.Wrap, callee: s.calledIn(c.Code, c.Expr), from: n.Start, to: n.End})
	if err != nil {
		return err
	}
	f.Safety = fix.Asked
	s.addClause(section, pattern, lines)
	if c.How == fix.Keep {
		err = s.requireLogger(id)
	}
	s.ask(f)
	s.edits[0].Reason = reasonOf(c.How)
	f.Edits = append(f.Edits, s.done()...)
	return err
}

// answers reports whether what an expression gives is what the function gives.
func (s *sheet) answers(id syntax.NodeID) bool {
	return s.Next(id) == syntax.None && s.tail(id)
}

// addClause puts a clause behind the last one of a section.
func (s *sheet) addClause(section syntax.NodeID, pattern string, lines []string) {
	clauses := s.Children(section, nil)
	last := s.Node(clauses[len(clauses)-1])
	sp := strings.Repeat(" ", s.column(last.Start))
	long := len(lines) > 1
	for _, c := range clauses {
		long = long || strings.Contains(s.Text(c), "\n")
	}
	text := "\n" + sp + pattern + " -> " + lines[0]
	if long || s.wide(text[len("\n"):]) {
		text = "\n" + "\n" + sp + pattern + " ->"
		for _, l := range lines {
			text += "\n" + sp + "  " + l
		}
		s.expand(section)
	}
	s.put(last.End, last.End, text, "")
}

// expand writes the body of each clause of a section on lines of its own, as the
// formatter does where that of one is.
func (s *sheet) expand(section syntax.NodeID) {
	for i, c := range s.Children(section, nil) {
		n := s.Node(c)
		if i > 0 {
			at := s.top(c)
			if strings.TrimSpace(s.text[s.lineStart(at-1):at]) != "" {
				s.put(at, at, "\n", "")
			}
		}
		body := s.Next(s.First(c))
		if body == syntax.None || strings.Contains(s.text[n.Pos:s.Node(body).Start], "\n") {
			continue
		}
		s.put(n.Pos+2, s.Node(body).Start, "\n"+strings.Repeat(" ", s.column(n.Start)+2), "")
	}
}

// answerFailure lets a clause that takes a failure give it.
func (w *Writer) answerFailure(f *fix.Fix, c *fix.AnswerFailure) error {
	s, id, err := w.place(c.Code, c.Arm)
	if err != nil {
		return err
	}
	if s.Node(id).Kind != syn.Clause {
		return errPlace
	}
	body := s.Next(s.First(id))
	if body == syntax.None || s.First(body) == syntax.None {
		return errPlace
	}
	f.Safety = fix.Asked
	if c.How == fix.Tell {
		switch {
		case s.component():
			s.question = "The page does not show the messages of its parts: say how the user shall learn of it."
		case s.failedTo(c.Call) == "":
			s.question = "Say in the words of the page what failed."
		case !strings.Contains(s.text, "put_flash(") && !tells.MatchString(s.text):
			s.question = "No other part of the page tells of a failure: say how the user shall learn of it."
		}
		s.ask(f)
		err = s.tell(w, id, body, c.Call)
	} else {
		err = s.give(id, body)
	}
	if err != nil {
		return err
	}
	if c.How != fix.Tell {
		s.declareFailure(id)
	}
	s.edits[0].Reason = reasonOf(c.How)
	f.Edits = append(f.Edits, s.done()...)
	return nil
}

// tell answers a clause that keeps the page as it is with a message besides.
func (s *sheet) tell(w *Writer, id, body syntax.NodeID, call string) error {
	params := s.params(id)
	if len(params) == 0 || params[len(params)-1] == "" {
		return errPlace
	}
	socket := params[len(params)-1]
	list := s.Children(body, nil)
	last := s.Node(list[len(list)-1])
	if s.text[last.Start:last.End] != "{:noreply, "+socket+"}" || !s.answers(s.owner(id)) {
		return errPlace
	}
	text := s.told(w, call, socket, s.column(s.Node(id).Start)+2)
	line := s.text[s.lineStart(last.Start):last.Start] + text
	if s.wide(line) {
		if s.Node(s.Node(id).Parent).Kind != syn.Section {
			return errWide
		}
		if s.wide(strings.Repeat(" ", s.column(s.Node(id).Start)+2) + text) {
			return errWide
		}
		s.expand(s.Node(id).Parent)
	}
	s.put(last.Start, last.End, text, "")
	return nil
}

// owner is the construct of a clause.
func (s *sheet) owner(clause syntax.NodeID) syntax.NodeID {
	section := s.Node(clause).Parent
	if s.Node(section).Kind != syn.Section {
		return clause
	}
	return s.piped(s.Node(s.Node(section).Parent).Parent)
}

// give lets a clause give the failure that it takes.
func (s *sheet) give(id, body syntax.NodeID) error {
	name, err := s.nameReason(id, body)
	if err != nil {
		return err
	}
	list := s.Children(body, nil)
	last := list[len(list)-1]
	if !s.tail(last) {
		if err := s.lift(last); err != nil {
			return err
		}
	}
	n := s.Node(last)
	answer := "{:error, " + name + "}"
	if n.Kind == syn.Atom {
		s.put(n.Start, n.End, answer, "")
		return nil
	}
	s.follow(last, answer)
	return nil
}

// declareFailure adds a failure to what the function around a node is declared to
// give, where that is a bare `:ok`.
func (s *sheet) declareFailure(id syntax.NodeID) {
	def := id
	for ; def != syntax.None; def = s.Node(def).Parent {
		if word, ok := s.construct(def); ok && (word == "def" || word == "defp") {
			break
		}
	}
	if def == syntax.None {
		return
	}
	for at := s.previous(def); at != syntax.None; at = s.previous(at) {
		n := s.Node(at)
		if n.Kind != syn.Unary || n.Op != syn.OpAt {
			return
		}
		const more = " | {:error, term()}"
		text := s.Text(at)
		if !strings.HasPrefix(text, "@spec ") {
			continue
		}
		if strings.HasSuffix(text, ":: :ok") && !s.wide(s.text[s.lineStart(n.End):n.End]+more) {
			s.put(n.End, n.End, more, "The function gives failures now.")
		}
		return
	}
}

// follow puts a line behind the last expression of a branch.
func (s *sheet) follow(last syntax.NodeID, text string) {
	n := s.Node(last)
	ind := s.column(n.Start)
	if p := s.Node(n.Parent); p.Kind == syn.Body && !s.ownLine(n.Start) {
		clause := p.Parent
		s.expandOnce(s.Node(clause).Parent)
		ind = s.column(s.Node(clause).Start) + 2
	}
	between := "\n"
	if strings.Contains(s.Text(last), "\n") {
		between += "\n"
	}
	s.put(n.End, n.End, between+strings.Repeat(" ", ind)+text, "")
}

func (s *sheet) ownLine(at int32) bool {
	return strings.TrimSpace(s.text[s.lineStart(at):at]) == ""
}

func (s *sheet) expandOnce(section syntax.NodeID) {
	for _, id := range s.expanded {
		if id == section {
			return
		}
	}
	s.expanded = append(s.expanded, section)
	s.expand(section)
}

// nameReason is the name of the reason in the pattern of a clause for a failure;
// it gets one if it has none.
func (s *sheet) nameReason(id, body syntax.NodeID) (string, error) {
	head := s.Children(s.First(id), nil)
	if len(head) != 1 {
		return "", errors.New("the clause takes more than failures")
	}
	pat := head[0]
	if s.Node(pat).Kind != syn.Tuple {
		return "", errors.New("the clause takes more than failures")
	}
	parts := s.Children(pat, nil)
	if len(parts) != 2 || s.Text(parts[0]) != ":error" {
		return "", errors.New("the clause takes more than failures")
	}
	if s.Node(parts[1]).Kind != syn.Ident {
		if s.Node(parts[1]).Kind == syn.Atom {
			return s.Text(parts[1]), nil
		}
		return "", errors.New("the clause takes failures apart")
	}
	name := s.Text(parts[1])
	if !strings.HasPrefix(name, "_") {
		return name, nil
	}
	name = strings.TrimLeft(name, "_")
	if name == "" {
		name = "reason"
	}
	for i := body; i < body+syntax.NodeID(s.Node(body).Size); i++ {
		if s.Node(i).Kind == syn.Ident && s.Text(i) == name {
			return "", errors.New("the name of the reason is taken")
		}
	}
	s.put(s.Node(parts[1]).Start, s.Node(parts[1]).End, name, "")
	return name, nil
}

// lift lets branches give what the function gives: where all that follows them is
// a bare `:ok`, it goes, and each branch but the failing one answers it.
func (s *sheet) lift(failing syntax.NodeID) error {
	id := failing
	for {
		top := s.branching(id)
		if top == syntax.None {
			return errTail
		}
		if s.Next(top) == syntax.None {
			id = top
			continue
		}
		after := s.Next(top)
		if s.Node(after).Kind != syn.Atom || s.Text(after) != ":ok" || s.Next(after) != syntax.None || !s.tail(after) || !s.ownLines(after) {
			return errTail
		}
		s.put(s.lineEnd(s.Node(top).End), s.lineEnd(s.Node(after).End), "", "")
		if c := s.text[s.Node(top).End:s.Node(after).Start]; strings.TrimSpace(c) != "" {
			return errLines
		}
		return s.affirm(top, failing, 0)
	}
}

// branching is the construct whose branch ends with a node, with what is piped into
// it, or None.
func (s *sheet) branching(id syntax.NodeID) syntax.NodeID {
	if s.Next(id) != syntax.None {
		return syntax.None
	}
	p := s.Node(id).Parent
	switch s.Node(p).Kind {
	case syn.Body:
		c := s.Node(p).Parent
		if s.Node(s.Node(c).Parent).Kind != syn.Section {
			return syntax.None
		}
		return s.branch(s.owner(c))
	case syn.Section:
		return s.branch(s.piped(s.Node(s.Node(p).Parent).Parent))
	}
	return syntax.None
}

func (s *sheet) branch(id syntax.NodeID) syntax.NodeID {
	call := id
	for s.Node(call).Kind == syn.Binary {
		call = s.Next(s.First(call))
	}
	if word, ok := s.construct(call); !ok || !branches(word) {
		return syntax.None
	}
	return id
}

// maxBranches is how many branches get an answer of their own: more are not read
// at a glance.
const maxBranches = 6

// affirm lets what ends a branch answer `:ok`, and each branch in it.
func (s *sheet) affirm(id, failing syntax.NodeID, n int) error {
	if id == failing {
		return nil
	}
	call := id
	for s.Node(call).Kind == syn.Binary && s.Node(call).Op == syn.OpArrowPipe {
		call = s.Next(s.First(call))
	}
	word, ok := s.construct(call)
	v, isCall := syn.AsCall(s.Tree, call)
	if !ok || !branches(word) || v.DoBlock() == syntax.None {
		return s.affirmLeaf(id, isCall && v.Receiver() != syntax.None && s.Text(v.Receiver()) == "Logger")
	}
	alone := true
	for section := range v.Sections() {
		alone = alone && s.Node(section).Op != syn.SectionElse
		if word == "with" && s.Node(section).Op == syn.SectionDo || s.Node(section).Flags&syn.FlagClauses == 0 {
			if err := s.affirmLast(section, failing, n); err != nil {
				return err
			}
			continue
		}
		for _, c := range s.Children(section, nil) {
			if n++; n > maxBranches {
				return errors.New("too many branches would each have to answer")
			}
			if err := s.affirmLast(s.Next(s.First(c)), failing, n); err != nil {
				return err
			}
		}
	}
	switch {
	case alone && word == "with":
		return errors.New("a with without an else gives whatever its steps give")
	case alone && (word == "if" || word == "unless"):
		end := s.Node(call).End - 3
		sp := strings.Repeat(" ", s.column(end))
		at := s.lineStart(end)
		s.put(at, at, sp+"else"+"\n"+sp+"  :ok"+"\n", "")
	}
	return nil
}

func (s *sheet) affirmLast(block, failing syntax.NodeID, n int) error {
	if block == syntax.None {
		return errPlace
	}
	list := s.Children(block, nil)
	if len(list) == 0 {
		return errPlace
	}
	return s.affirm(list[len(list)-1], failing, n)
}

// affirmLeaf is about what ends a branch; the logger answers `:ok` itself.
func (s *sheet) affirmLeaf(id syntax.NodeID, logs bool) error {
	n := s.Node(id)
	switch {
	case logs, n.Kind == syn.Atom && s.Text(id) == ":ok":
	case n.Kind == syn.Atom:
		s.put(n.Start, n.End, ":ok", "")
	default:
		s.follow(id, ":ok")
	}
	return nil
}

// logException lets a clause of a rescue log what it takes.
func (w *Writer) logException(f *fix.Fix, c *fix.LogException) error {
	s, id, err := w.place(c.Code, c.Arm)
	if err != nil {
		return err
	}
	if s.Node(id).Kind != syn.Clause {
		return errPlace
	}
	head, body := s.Children(s.First(id), nil), s.Next(s.First(id))
	section := s.Node(id).Parent
	kind := ":error"
	var name string
	switch {
	case body == syntax.None || s.First(body) == syntax.None || s.Node(section).Kind != syn.Section:
		return errPlace
	case s.Node(section).Op == syn.SectionRescue && len(head) == 1 && s.Node(head[0]).Kind == syn.Ident:
		name = s.rename(head[0], "error")
	case s.Node(section).Op == syn.SectionCatch && len(head) == 2 && s.Node(head[0]).Kind == syn.Ident && s.Node(head[1]).Kind == syn.Ident:
		kind, name = s.rename(head[0], "kind"), s.rename(head[1], "reason")
	default:
		return errPlace
	}
	line := "Logger.error(Exception.format(" + kind + ", " + name + ", __STACKTRACE__))"
	own, function := w.exceptionLog(name)
	reuse := own != "" && kind == ":error"
	if reuse {
		line = own
		f.Reused = append(f.Reused, function)
	}
	sp := strings.Repeat(" ", s.column(s.Node(id).Start)+2)
	s.expand(section)
	first := s.Node(s.First(body))
	if !s.oneLine(s.First(body)) {
		line += "\n"
	}
	s.put(first.Start, first.Start, line+"\n"+sp, "")
	s.edits[0].Reason = "The log says what failed and where; what the clause answers stays."
	f.Safety = fix.Asked
	if !w.knowsStacktrace(c.Code.File) {
		s.question = "The project may run on an Elixir before 1.7, which has no __STACKTRACE__: say which it is."
		s.ask(f)
	}
	if !reuse {
		err = s.requireLogger(id)
	}
	f.Edits = append(f.Edits, s.done()...)
	return err
}

// oldElixir finds the demand of a project for an Elixir that may be older than 1.7.
var oldElixir = regexp.MustCompile(`elixir: "(?:~>|>=) 1\.[0-6](?:\.\d+)?"`)

// knowsStacktrace reports whether the Elixir of a file's application has `__STACKTRACE__` (1.7), as
// far as its mix.exs says or it is used already.
func (w *Writer) knowsStacktrace(file *source.File) bool {
	app := w.Files.App(file.Path)
	if app == nil {
		return true
	}
	mix := w.Files.Named(path.Join(app.Dir, "mix.exs"))
	if mix == nil || !oldElixir.MatchString(mix.Text) {
		return true
	}
	return w.Files.Contains(source.Lib, "__STACKTRACE__")
}

// ownLog finds a call of a function of the project, by its whole name, that is given a stacktrace,
// and nothing else but the module and one variable.
var ownLog = regexp.MustCompile(`((?:[A-Z]\w*\.)+)([a-z]\w*)\(((?:__STACKTRACE__|__MODULE__|[a-z]\w*)(?:, (?:__STACKTRACE__|__MODULE__|[a-z]\w*))*)\)`)

// ownLogs is how often a project calls such a function at least that is its way to log.
const ownLogs = 2

// exceptionLog is the call by which the project writes an exception into its log, for one of a
// name, and the function that it calls; or "".
func (w *Writer) exceptionLog(name string) (call, function string) {
	count := map[string]int{}
	best := ""
	for _, f := range w.Files.Files {
		if f.Kind != source.Lib || !strings.Contains(f.Text, "__STACKTRACE__") {
			continue
		}
		for _, m := range ownLog.FindAllStringSubmatch(f.Text, -1) {
			args, variables := strings.Split(m[3], ", "), 0
			for i, a := range args {
				if a != "__STACKTRACE__" && a != "__MODULE__" {
					args[i], variables = "…", variables+1
				}
			}
			if variables != 1 || !slices.Contains(args, "__STACKTRACE__") || w.Program.ModuleNamed(strings.TrimSuffix(m[1], ".")) == nil {
				continue
			}
			form := m[1] + m[2] + "(" + strings.Join(args, ", ") + ")"
			if count[form]++; count[form] > count[best] || count[form] == count[best] && form < best {
				best = form
			}
		}
	}
	if count[best] < ownLogs {
		return "", ""
	}
	return strings.Replace(best, "…", name, 1), best[:strings.IndexByte(best, '(')]
}

// logFailure lets a clause that answers every failure alike log what it takes.
func (w *Writer) logFailure(f *fix.Fix, c *fix.LogFailure) error {
	s, id, err := w.place(c.Code, c.Arm)
	if err != nil {
		return err
	}
	if s.Node(id).Kind != syn.Clause || s.Node(s.Node(id).Parent).Kind != syn.Section {
		return errPlace
	}
	head, body := s.Children(s.First(id), nil), s.Next(s.First(id))
	if body == syntax.None || s.First(body) == syntax.None || len(head) != 1 {
		return errPlace
	}
	at, name := head[0], "other"
	if s.Node(at).Kind == syn.Tuple {
		parts := s.Children(at, nil)
		if len(parts) != 2 {
			return errPlace
		}
		at, name = parts[1], "reason"
	}
	if s.Node(at).Kind != syn.Ident {
		return errPlace
	}
	if name = s.rename(at, name); slices.Contains(s.params(id), name) {
		return errors.New("the name of the reason is taken")
	}
	in := s.column(s.Node(id).Start) + 2
	line := strings.TrimSpace(s.logged(w.message(c.Call+" failed", name, w.inspector()+"("+name+")"), in))
	s.expandOnce(s.Node(id).Parent)
	first := s.Node(s.First(body))
	if !s.oneLine(s.First(body)) {
		line += "\n"
	}
	s.put(first.Start, first.Start, line+"\n"+strings.Repeat(" ", in), "")
	s.edits[0].Reason = "The log tells a failure from what was not there; what the clause answers stays."
	f.Safety = fix.Asked
	err = s.requireLogger(id)
	f.Edits = append(f.Edits, s.done()...)
	return err
}

// rename gives a name to a pattern that has none.
func (s *sheet) rename(id syntax.NodeID, name string) string {
	was := s.Text(id)
	if !strings.HasPrefix(was, "_") {
		return was
	}
	if was != "_" {
		name = strings.TrimLeft(was, "_")
	}
	s.put(s.Node(id).Start, s.Node(id).End, name, "")
	return name
}

// repeatLiteral makes a tuple of a literal.
func (w *Writer) repeatLiteral(f *fix.Fix, c *fix.RepeatLiteral) error {
	s, id, err := w.place(c.Code, c.Value)
	if err != nil {
		return err
	}
	n, text := s.Node(id), s.Text(id)
	tuple := "{" + strings.Join(slices.Repeat([]string{text}, c.Size), ", ") + "}"
	if s.wide(s.text[s.lineStart(n.Start):n.Start] + tuple + s.text[n.End:s.lineEnd(n.End)]) {
		return errWide
	}
	f.Safety = fix.Asked
	s.put(n.Start, n.End, tuple, "The match takes as many elements apart, whichever branch gives them.")
	f.Edits = append(f.Edits, s.done()...)
	return nil
}

// widenPattern gives a tuple pattern the elements that it lacks.
func (w *Writer) widenPattern(f *fix.Fix, c *fix.WidenPattern) error {
	s, id, err := w.place(c.Code, c.Pattern)
	if err != nil {
		return err
	}
	for id != syntax.None && (s.Node(id).Kind == syn.Head || s.Node(id).Kind == syn.Binary && s.Node(id).Op == syn.OpMatch) {
		id = s.First(id)
	}
	if id == syntax.None || s.Node(id).Kind != syn.Tuple {
		return errPlace
	}
	parts := s.Children(id, nil)
	switch {
	case c.Steps && len(parts) == 2 && c.Size == 4:
		second := s.Node(parts[1])
		s.put(second.Start, second.Start, "_step, ", "What comes names the step that failed, its value, and what was done before it.")
		s.put(second.End, second.End, ", _changes", "")
	case !c.Steps && len(parts) == 1 && c.Size == 2:
		end := s.Node(parts[0]).End
		s.put(end, end, ", _", "The pattern has as many elements as what comes.")
	default:
		return errors.New("which elements the pattern lacks is not known")
	}
	for _, e := range s.edits {
		line := s.text[s.lineStart(int32(e.Start)):s.lineEnd(int32(e.Start))]
		if s.wide(line + "_step, , _changes") {
			return errWide
		}
	}
	f.Safety = fix.Asked
	f.Edits = append(f.Edits, s.done()...)
	return nil
}
