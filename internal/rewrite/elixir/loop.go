package elixir

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
)

var (
	errLayout = errors.New("the loop is written in a way that cannot be changed without laying it out anew")
	errWidth  = errors.New("the changed line would be too long")
)

// editor collects the edits of a loop in one file.
type editor struct {
	*Writer
	fix  *fix.Fix
	code *ir.Code
	text string
	loop ir.ExprID
	coll ir.ExprID
	bad  bool // a place is not where it has to be
	left int  // how far the lines were moved that were moved last
	wide int  // how wide the formatter makes a line, in characters
}

func (w *Writer) editor(f *fix.Fix, c *ir.Code, loop, coll ir.ExprID) *editor {
	return &editor{Writer: w, fix: f, code: c, text: c.File.Text, loop: loop, coll: coll, wide: w.width(parent(c.File.Path))}
}

// edit replaces a range of the file; an edit that changes nothing is left out.
func (e *editor) edit(start, end int32, text string) {
	if start < 0 || end < start || int(end) > len(e.text) {
		e.bad = true
		return
	}
	if e.text[start:end] != text {
		e.fix.Edits = append(e.fix.Edits, fix.Edit{Path: e.code.File.Path, Start: int(start), End: int(end), Text: text})
	}
}

func (e *editor) at(x ir.ExprID) *ir.Expr { return e.code.At(x) }

// start is where an expression begins, with what is piped in.
func (e *editor) start(x ir.ExprID) int32 {
	at := e.at(x).Start
	for e.at(x).Op == ir.Call && e.at(x).Flags&ir.FlagPiped != 0 && e.at(x).Hi > e.at(x).Lo {
		x = e.code.Lists[e.at(x).Lo]
		at = min(at, e.at(x).Start)
	}
	return at
}

func (e *editor) of(x ir.ExprID) string { return e.text[e.start(x):e.at(x).End] }

// newline is how the lines of the file end.
func (e *editor) newline() string {
	if strings.Contains(e.text, "\r\n") {
		return "\r\n"
	}
	return "\n"
}

// lineStart is where the line of a place begins, and lineEnd where it ends, its
// line break included.
func (e *editor) lineStart(at int32) int32 {
	return int32(strings.LastIndexByte(e.text[:at], '\n') + 1)
}

func (e *editor) lineEnd(at int32) int32 {
	if i := strings.IndexByte(e.text[at:], '\n'); i >= 0 {
		return at + int32(i) + 1
	}
	return int32(len(e.text))
}

// indent is the white space at the beginning of the line of a place.
func (e *editor) indent(at int32) string {
	s := e.text[e.lineStart(at):]
	return s[:len(s)-len(strings.TrimLeft(s, " \t"))]
}

// begins reports whether nothing but white space stands before a place on its line.
func (e *editor) begins(at int32) bool {
	return strings.TrimSpace(e.text[e.lineStart(at):at]) == ""
}

// name is where the name of what a call names begins: behind what is piped in.
func (e *editor) name(x ir.ExprID) int32 { return e.code.CallSpan(x).Start }

// callee is the text of what a call names, with its module.
func (e *editor) callee(x ir.ExprID) (string, bool) {
	s := e.text[e.name(x):e.at(x).End]
	s = strings.TrimPrefix(s, "&")
	if e.at(x).Op == ir.FuncRef {
		name, _, ok := strings.Cut(s, "/")
		return name, ok
	}
	name, _, ok := strings.Cut(s, "(")
	return name, ok && !strings.ContainsAny(name, " \n")
}

// fits reports whether no line that the edits make is too long.
func (e *editor) fits() bool {
	now, ok := e.edited(0, int32(len(e.text)))
	if !ok {
		return false
	}
	wide := map[string]bool{}
	for line := range strings.Lines(now) {
		if len(line) <= e.wide {
			continue
		}
		if line = strings.TrimRight(line, "\r\n"); utf8.RuneCountInString(line) > e.wide {
			wide[line] = true
		}
	}
	if len(wide) == 0 {
		return true
	}
	for line := range strings.Lines(e.text) {
		delete(wide, strings.TrimRight(line, "\r\n"))
	}
	return len(wide) == 0
}

// edited is a range of the text with the edits in it, unless they overlap.
func (e *editor) edited(from, to int32) (string, bool) {
	var list []change
	for _, d := range e.fix.Edits {
		if d.Path == e.code.File.Path && d.Start >= int(from) && d.End <= int(to) {
			list = append(list, change{int32(d.Start), int32(d.End), d.Text})
		}
	}
	return e.rewritten(list, from, to)
}

// change is a text that stands in place of a range of the file, in bytes.
type change struct {
	from, to int32
	text     string
}

// rewritten is a range of the text with changes, or false where they lie outside or overlap.
func (e *editor) rewritten(changes []change, from, to int32) (string, bool) {
	slices.SortStableFunc(changes, func(a, b change) int { return int(a.from - b.from) })
	var b strings.Builder
	for _, ch := range changes {
		if ch.from < from || ch.to > to {
			return "", false
		}
		b.WriteString(e.text[from:ch.from])
		b.WriteString(ch.text)
		from = ch.to
	}
	b.WriteString(e.text[from:to])
	return b.String(), true
}

// join puts the loop behind the variable that it is bound to, where it stood below
// for want of room and now fits.
func (e *editor) join() {
	p := e.parent(e.loop)
	if p == ir.No || e.at(p).Op != ir.Match {
		return
	}
	left := e.at(ir.ExprID(e.at(p).A))
	from, to := e.start(e.loop), e.at(e.loop).End
	now, ok := e.edited(from, to)
	if e.begins(from) && e.begins(left.Start) && ok && !strings.Contains(now, "\n") && strings.TrimSpace(e.text[left.End:from]) == "=" &&
		utf8.RuneCountInString(e.text[e.lineStart(left.Start):left.End]+" = "+now) <= e.wide {
		e.edit(left.End, from, " = ")
	}
}

// merge makes one edit of what is put before a place and what replaces it.
func (e *editor) merge() {
	list := e.fix.Edits
	for i := 0; i < len(list); i++ {
		for k := range list {
			if a := list[k]; k != i && a.Path == list[i].Path && a.Start == a.End && a.Start == list[i].Start && list[i].End > list[i].Start {
				list[i].Text = a.Text + list[i].Text
				list = slices.Delete(list, k, k+1)
				i = -1
				break
			}
		}
	}
	e.fix.Edits = list
}

// done is the end of every change of a loop.
func (e *editor) done() error {
	e.join()
	e.merge()
	switch {
	case e.bad || len(e.fix.Edits) == 0:
		return errPlace
	case !e.fits():
		return errWidth
	}
	return nil
}

// finished is the end of a change of a loop that is in two files, or in one with both the same.
func finished(e, o *editor) error {
	if err := e.done(); err != nil || o == e {
		return err
	}
	return o.done()
}

// drop takes a call away and leaves one of its arguments in its place.
func (e *editor) drop(outer, kept ir.ExprID) {
	from, to := e.start(outer), e.start(kept)
	space := ""
	if from > 0 && from < to && e.text[from-1] == '&' && e.text[to] == '&' {
		space = " "
	}
	e.edit(from, to, space)
	e.outdent(to, e.at(kept).End, len(e.indent(to))-len(e.indent(from)))
	e.edit(e.at(kept).End, e.at(outer).End, "")
}

// outdent moves the lines behind the first one of a range to the left.
func (e *editor) outdent(from, to int32, by int) {
	if by <= 0 || strings.Contains(e.text[from:to], `"""`) {
		return
	}
	e.left = by
	for at := e.lineEnd(from); at < to; at = e.lineEnd(at) {
		if strings.HasPrefix(e.text[at:], strings.Repeat(" ", by)) {
			e.edit(at, at+int32(by), "")
		}
	}
}

// aboutLoading reports whether a line is a comment that tells of something being loaded, which goes
// with what loads it.
func aboutLoading(line string) bool {
	line = strings.ToLower(strings.TrimSpace(line))
	return strings.HasPrefix(line, "#") && strings.Contains(line, "load")
}

// dropLines takes a statement away that has its lines for itself, with the comment that tells
// of it, and the blank line behind it where it was the first of its block.
func (e *editor) dropLines(x ir.ExprID) bool {
	s := e.at(x)
	from, to := e.lineStart(s.Start), e.lineEnd(s.End)
	if !e.begins(s.Start) || strings.TrimSpace(e.text[s.End:to]) != "" {
		return false
	}
	for from > 0 && aboutLoading(e.lineBefore(from)) {
		from = e.lineStart(from - 1)
	}
	before := strings.TrimRight(e.text[:from], " \t\r\n")
	above := strings.TrimSpace(e.lineBefore(from))
	first := opens(before) || above == "" || above[0] == '#'
	if next := e.lineEnd(to); first && blank(e.text[to:next]) && to < int32(len(e.text)) {
		to = next
	}
	e.edit(from, to, "")
	return true
}

func (e *editor) lineBefore(at int32) string {
	if at == 0 {
		return "x"
	}
	return e.text[e.lineStart(at-1):at]
}

// opens reports whether a text ends where a block begins.
func opens(text string) bool { return strings.HasSuffix(text, "do") || strings.HasSuffix(text, "->") }

func blank(s string) bool { return strings.TrimSpace(s) == "" }

// parent is the expression of the code that another is an operand of, or No. It
// is made shortly before or after it.
func (e *editor) parent(x ir.ExprID) ir.ExprID {
	for d := ir.ExprID(1); int(d) < len(e.code.Exprs); d++ {
		for _, p := range [...]ir.ExprID{x + d, x - d} {
			if p >= 0 && int(p) < len(e.code.Exprs) && e.takes(p, x) {
				return p
			}
		}
	}
	return ir.No
}

// takes reports whether an expression has another as an operand.
func (e *editor) takes(p, x ir.ExprID) bool {
	found := false
	e.code.Operands(p, func(o ir.ExprID) { found = found || o == x })
	return found
}

// statement reports whether the value of an expression is the last of a block
// that stands on lines of its own, so that another expression can follow it.
func (e *editor) statement(x ir.ExprID) bool {
	s := e.at(x)
	after := strings.TrimLeft(e.text[s.End:], " \t\r\n")
	from := e.start(x)
	before := strings.TrimRight(e.text[:from], " \t\r\n")
	return e.begins(from) && (after == "end" || strings.HasPrefix(after, "end") && !word(after[3])) &&
		(opens(before) || e.inBlock(x))
}

func (e *editor) inBlock(x ir.ExprID) bool {
	p := e.parent(x)
	return p != ir.No && e.at(p).Op == ir.Block
}

func word(b byte) bool {
	return b == '_' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9'
}

// store is how the code at a place names a module.
func (e *editor) store(module string) string {
	for i := range e.code.Exprs {
		x := &e.code.Exprs[i]
		if x.Op != ir.Call && x.Op != ir.FuncRef {
			continue
		}
		k := &e.code.Callees[x.A]
		if k.Module != module || k.How != ir.Remote || x.End <= x.Start {
			continue
		}
		if s, ok := e.callee(ir.ExprID(i)); ok && strings.HasSuffix(s, "."+k.Name) {
			return strings.TrimSuffix(s, "."+k.Name)
		}
	}
	dot := strings.LastIndexByte(module, '.')
	if dot < 0 {
		return module
	}
	if last := module[dot+1:]; e.aliases(module[:dot], last) || e.addAlias(module, last) {
		return last
	}
	return module
}

// addAlias names a module by its last part where the file does so with others of the
// same application: in their order if they have one, else behind them.
func (e *editor) addAlias(module, last string) bool {
	m := e.Program.Module(e.code.Module)
	if m.Span.File != e.code.File.ID || renamed(e.text, last) {
		return false
	}
	root := module[:strings.IndexByte(module, '.')+1]
	region := e.text[m.Span.Start:e.start(e.loop)]
	var lines [][]int
	var names []string
	for _, at := range aliasLine.FindAllStringSubmatchIndex(region, -1) {
		if name := region[at[4]:at[5]]; strings.HasPrefix(name, root) {
			if len(lines) > 0 && strings.Count(region[lines[len(lines)-1][1]:at[0]], "\n") > 1 {
				break // another block
			}
			lines, names = append(lines, at), append(names, name)
		}
	}
	if len(lines) == 0 {
		return false
	}
	i := len(lines)
	if slices.IsSorted(names) && len(names) > 1 {
		i, _ = slices.BinarySearch(names, module)
	}
	indent := region[lines[0][2]:lines[0][3]]
	if i < len(lines) {
		at := m.Span.Start + int32(lines[i][0])
		e.edit(at, at, indent+"alias "+module+e.newline())
		return true
	}
	at := e.lineEnd(m.Span.Start + int32(lines[i-1][1]) - 1)
	e.edit(at, at, indent+"alias "+module+e.newline())
	return true
}

var aliasLine = regexp.MustCompile(`(?m)^([ \t]*)alias ([A-Z][\w.]*?)(?:\.\{([^}]*)\})?[ \t]*\r?$`)

// aliasLines are the matches of aliasLine in a file.
func (w *Writer) aliasLines(f *source.File) [][]int {
	return w.aliased.of(f, func(text string) [][]int { return aliasLine.FindAllStringSubmatchIndex(text, -1) })
}

// aliases reports whether the module of the code says `alias Parent.Last` or
// `alias Parent.{Last, …}` before the loop.
func (e *editor) aliases(parent, last string) bool {
	m := e.Program.Module(e.code.Module)
	if m.Span.File != e.code.File.ID {
		return false
	}
	own := e.indent(m.Span.Start) + "  "
	for _, at := range e.aliasLines(e.code.File) {
		if at[0] < int(m.Span.Start) || at[0] > int(e.at(e.loop).Start) || e.text[at[2]:at[3]] != own {
			continue
		}
		name := e.text[at[4]:at[5]]
		if at[6] < 0 {
			if name == parent+"."+last {
				return true
			}
			continue
		}
		for part := range strings.SplitSeq(e.text[at[6]:at[7]], ",") {
			if name == parent && strings.TrimSpace(part) == last {
				return true
			}
		}
	}
	return false
}
