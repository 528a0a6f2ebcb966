package elixir

import (
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/syntax"
	syn "github.com/assay-dev/assay/internal/syntax/elixir"
)

// setting names a value of a configuration: `config app, module, path: [to: value]`,
// or `config app, key, value`.
type setting struct {
	app    string // as written: ":my_app"
	module string // the second argument of three, if keywords follow it, as written
	key    string // of `config :my_app, :key, value`
	path   []string
	// comment are the lines of comments that stand above the statement that sets it.
	comment []string
}

// head are the arguments before the value.
func (s *setting) head() string {
	switch {
	case s.module != "":
		return s.app + ", " + s.module
	case s.key != "":
		return s.app + ", " + atom(s.key)
	}
	return s.app
}

// tail is the value with the keys that lead to it.
func (s *setting) tail(value string) string {
	for i := len(s.path) - 1; i >= 0; i-- {
		key := s.path[i]
		if !simple(key) {
			key = quoted(key)
		}
		value = key + ": " + value
		if i > 0 {
			value = "[" + value + "]"
		}
	}
	return value
}

// settingOf finds the call of config that sets a value, and what it names.
func (d *doc) settingOf(value syntax.NodeID) (syn.CallView, setting, error) {
	var at setting
	for id := value; ; {
		p := d.parent(id)
		if p == syntax.None {
			return syn.CallView{}, at, errSecretPart
		}
		switch d.Node(p).Kind {
		case syn.Pair:
			key := syn.AtomName(d.Tree, d.First(p))
			if key == "" || d.Node(p).Flags&syn.FlagAssoc != 0 {
				return syn.CallView{}, at, errSecretPart
			}
			at.path = append(at.path, key)
		case syn.Keywords, syn.List:
			if d.Node(id).Kind != syn.Pair {
				return syn.CallView{}, at, errSecretPart
			}
		case syn.Call:
			v, _ := syn.AsCall(d.Tree, p)
			ok := v.Name() == "config" && v.ArgCount() >= 2 && v.Receiver() == syntax.None && v.DoBlock() == syntax.None && d.alone(p) && d.headOf(v, id, &at)
			if !ok {
				return v, at, errSecretPart
			}
			slices.Reverse(at.path)
			return v, at, nil
		default:
			return syn.CallView{}, at, errSecretPart
		}
		id = p
	}
}

// headOf reads the arguments of config before its value.
func (d *doc) headOf(v syn.CallView, value syntax.NodeID, at *setting) bool {
	at.app = d.Text(v.Arg(0))
	if !strings.HasPrefix(at.app, ":") {
		return false
	}
	switch {
	case v.Arg(1) == value:
		return len(at.path) > 0
	case v.Arg(2) != value:
		return false
	case len(at.path) > 0:
		at.module = d.Text(v.Arg(1))
		return true
	}
	at.key = syn.AtomName(d.Tree, v.Arg(1))
	return at.key != "" && d.Node(v.Arg(1)).Kind == syn.Atom
}

// inEnvironment reports whether a call stands in a block for one environment.
func (d *doc) inEnvironment(v syn.CallView, env string) bool {
	for id := d.parent(v.ID); id != syntax.None; id = d.parent(id) {
		if d.isEnvironment(id, env) {
			return true
		}
	}
	return false
}

func (d *doc) isEnvironment(id syntax.NodeID, env string) bool {
	v, ok := syn.AsCall(d.Tree, id)
	if !ok || v.Name() != "if" || v.DoBlock() == syntax.None || v.Arg(0) == syntax.None {
		return false
	}
	words := strings.Fields(d.Text(v.Arg(0)))
	text := strings.Join(words, " ")
	return text == "config_env() == :"+env || text == "Mix.env() == :"+env || text == ":"+env+" == config_env()"
}

// environmentBlock is the section of the file's block for an environment, or None.
func (d *doc) environmentBlock(env string) syntax.NodeID {
	for c := range syn.Children(d.Tree, 0) {
		if d.isEnvironment(c, env) {
			v, _ := syn.AsCall(d.Tree, c)
			return v.Section(syn.SectionDo)
		}
	}
	return syntax.None
}

func (d *doc) indentIn(block syntax.NodeID) string {
	if block == 0 {
		return ""
	}
	return d.indent(d.Node(block).Start) + "  "
}

// statement is a call of config on as many lines as it takes.
func (d *doc) statement(at setting, value, indent string) string {
	head, tail := indent+"config "+at.head()+",", at.tail(value)
	above := ""
	for _, c := range at.comment {
		above += indent + c + "\n"
	}
	if one := head + " " + tail; d.fits(one) {
		return above + one
	}
	return above + head + "\n" + indent + "  " + tail
}

// set makes a block set a value: in the call that sets others beside it, else in
// one of its own at the end. It gives nothing if the block sets it already.
func (d *doc) set(block syntax.NodeID, at setting, value, indent string) []fix.Edit {
	var beside *syn.CallView
	last := syntax.None
	for c := range syn.Children(d.Tree, block) {
		v, ok := syn.AsCall(d.Tree, c)
		if !ok || v.Name() != "config" || v.ArgCount() < 2 {
			if !ok || v.Name() != "import_config" && !strings.Contains(d.Text(c), "import_config") {
				last = c
			}
			continue
		}
		last = c
		if d.sets(v, at) {
			return nil
		}
		if len(at.path) > 0 && d.heads(v, at) && !d.hasKey(v, at.path[0]) {
			beside = &v
		}
	}
	if beside != nil {
		if e := d.extend(*beside, at.tail(value)); e != nil {
			return e
		}
	}
	text := d.statement(at, value, indent)
	if last == syntax.None {
		start := d.nextLine(d.Node(block).Pos)
		return []fix.Edit{d.edit(start, start, text+"\n", "")}
	}
	end := d.lineEnd(d.Node(last).End)
	return []fix.Edit{d.edit(end, end, "\n\n"+text, "")}
}

// heads reports whether a call of config is about the same application and module,
// with keywords behind them.
func (d *doc) heads(v syn.CallView, at setting) bool {
	n := 1
	if at.module != "" {
		n = 2
		if d.Text(v.Arg(1)) != at.module {
			return false
		}
	}
	return d.Text(v.Arg(0)) == at.app && v.ArgCount() == n+1 && d.Node(v.Arg(n)).Kind == syn.Keywords
}

func (d *doc) hasKey(v syn.CallView, key string) bool {
	for k := range syn.Pairs(d.Tree, v.Keywords()) {
		if syn.AtomName(d.Tree, k) == key {
			return true
		}
	}
	return false
}

// sets reports whether a call of config sets a value.
func (d *doc) sets(v syn.CallView, at setting) bool {
	if at.key != "" {
		return d.Text(v.Arg(0)) == at.app && d.Text(v.Arg(1)) == atom(at.key) && v.ArgCount() == 3 ||
			d.heads(v, setting{app: at.app}) && d.hasKey(v, at.key)
	}
	if at.module == "" && len(at.path) == 1 && d.Text(v.Arg(0)) == at.app && d.Text(v.Arg(1)) == atom(at.path[0]) {
		return true
	}
	if !d.heads(v, at) {
		return false
	}
	list := v.Keywords()
	for i, key := range at.path {
		found := syntax.None
		for k, value := range syn.Pairs(d.Tree, list) {
			if syn.AtomName(d.Tree, k) == key {
				found = value
			}
		}
		if found == syntax.None {
			return false
		}
		if i == len(at.path)-1 {
			return true
		}
		if list = found; d.Node(list).Kind != syn.List {
			return true // something that is not written out
		}
	}
	return false
}

// extend puts a pair behind those that a call of config has.
func (d *doc) extend(v syn.CallView, pair string) []fix.Edit {
	pairs := d.Children(v.Keywords(), nil)
	if len(pairs) == 0 || v.HasParens() {
		return nil
	}
	first, last := d.Node(pairs[0]), d.Node(pairs[len(pairs)-1])
	if d.first(last.Start) && (len(pairs) > 1 || d.Node(v.ID).Start < first.Start) {
		return []fix.Edit{d.edit(last.End, last.End, ",\n"+d.indent(last.Start)+pair, "")}
	}
	if !d.oneLine(v.ID) {
		return nil
	}
	if d.fits(d.slice(d.lineStart(last.End), d.lineEnd(last.End)) + ", " + pair) {
		return []fix.Edit{d.edit(last.End, last.End, ", "+pair, "")}
	}
	in := "\n" + d.indent(d.Node(v.ID).Start) + "  "
	var items []string
	for _, p := range pairs {
		items = append(items, d.Text(p))
	}
	from := d.Node(d.previous(v.Keywords())).End
	text := "," + in + strings.Join(append(items, pair), ","+in)
	return append([]fix.Edit{d.edit(from, last.End, text, "")}, d.apart(v.ID)...)
}

// remove takes a value out of a call of config: its pair, what is empty without
// it, or the whole call.
func (d *doc) remove(v syn.CallView, value syntax.NodeID) []fix.Edit {
	for id := value; id != v.ID; id = d.parent(id) {
		if d.Node(id).Kind != syn.Pair {
			continue
		}
		if list := d.parent(id); d.Node(list).Size > d.Node(id).Size+1 {
			if left := d.only(list, id); left != syntax.None && left > id && d.joins(v, list, left, id) {
				return []fix.Edit{d.edit(d.Node(d.previous(list)).End, d.Node(left).Start, ", ", "")}
			} else if left != syntax.None && left < id && d.joins(v, list, left, syntax.None) {
				return append(d.removePair(list, id), d.edit(d.Node(d.previous(list)).End, d.Node(left).Start, ", ", ""))
			}
			return d.removePair(list, id)
		}
	}
	return []fix.Edit{d.removeStatement(v.ID)}
}

// whole reports whether nothing is left of a call of config without a value.
func (d *doc) whole(v syn.CallView, value syntax.NodeID) bool {
	e := d.remove(v, value)
	return len(e) == 1 && e[0] == d.removeStatement(v.ID)
}

func (d *doc) removePair(list, pair syntax.NodeID) []fix.Edit {
	n := d.Node(pair)
	if next := d.Next(pair); next != syntax.None {
		to := d.Node(next).Start
		if d.first(n.Start) && d.first(to) {
			return []fix.Edit{d.edit(d.aboveComments(n.Start, d.Node(list).Start-1), d.nextLine(n.End), "", "")}
		}
		return []fix.Edit{d.edit(n.Start, to, "", "")}
	}
	before := d.Node(d.previous(pair))
	if line := d.slice(before.End, min(d.lineEnd(before.End), n.Start)); strings.Contains(line, "#") {
		comma := before.End + int32(strings.IndexByte(line, ','))
		return []fix.Edit{d.edit(comma, comma+1, "", ""), d.edit(d.lineEnd(before.End), n.End, "", "")}
	}
	return []fix.Edit{d.edit(before.End, n.End, "", "")}
}

// only is the pair of a list that is left without another one, or None.
func (d *doc) only(list, gone syntax.NodeID) syntax.NodeID {
	left := syntax.None
	for c := range syn.Children(d.Tree, list) {
		if c == gone {
			continue
		}
		if left != syntax.None {
			return syntax.None
		}
		left = c
	}
	return left
}

// joins reports whether the only pair that is left goes on the line of its call, as
// the formatter puts it: it fits, and no comment stands between them. The pair in
// front of it, if any, is one that goes.
func (d *doc) joins(v syn.CallView, list, left, front syntax.NodeID) bool {
	arg := d.previous(list)
	if arg == syntax.None || d.Node(list).Kind != syn.Keywords || !d.oneLine(left) {
		return false
	}
	from, to := d.Node(arg).End, d.Node(left).Start
	between := d.slice(from, to)
	if front != syntax.None {
		between = d.slice(from, d.Node(front).Start) + d.slice(d.Node(front).End, to)
	}
	return strings.Contains(between, "\n") && !strings.Contains(between, "#") && d.lineStart(from) == d.lineStart(d.Node(v.ID).Start) &&
		d.fits(d.slice(d.lineStart(from), from)+", "+d.Text(left))
}

// aboveStatement is where the comments that belong to a statement begin.
func (d *doc) aboveStatement(id syntax.NodeID) int32 {
	least := int32(0)
	if before := d.previous(id); before != syntax.None {
		least = d.Node(before).End
	}
	return d.aboveComments(d.Node(id).Start, least)
}

// comments are the lines of comments that belong to a statement.
func (d *doc) comments(id syntax.NodeID) []string {
	var out []string
	for line := range strings.Lines(d.slice(d.aboveStatement(id), d.lineStart(d.Node(id).Start))) {
		out = append(out, strings.TrimSpace(line))
	}
	return out
}

// removeStatement takes a statement away with its lines, its comments and the blank
// line that only kept it apart.
func (d *doc) removeStatement(id syntax.NodeID) fix.Edit {
	n := d.Node(id)
	from, to := d.aboveStatement(id), d.nextLine(n.End)
	blankBefore := from == 0 || strings.TrimSpace(d.slice(d.lineStart(from-1), from)) == ""
	if d.parent(id) != 0 && d.previous(id) == syntax.None {
		blankBefore = true // the first of its block
	}
	if blankBefore && int(to) < len(d.text) && strings.TrimSpace(d.slice(to, d.lineEnd(to))) == "" {
		to = d.nextLine(to)
	}
	if int(to) == len(d.text) && from > 0 && strings.TrimSpace(d.slice(d.lineStart(from-1), from)) == "" {
		from = d.lineStart(from - 1)
	}
	return d.edit(from, to, "", "")
}
