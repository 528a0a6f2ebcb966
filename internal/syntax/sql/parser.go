package sql

import "strings"

// maxDepth bounds the nesting of expressions and queries.
const maxDepth = 300

// A parser reads one statement at a time: its tokens are in toks, with an
// endToken behind them. The first error of a statement moves it to that token,
// so that every loop ends.
type parser struct {
	text    string
	lex     lexer
	toks    []token
	pos     int
	depth   int
	failed  *Error // of the current statement
	errs    []Error
	collect *collector // of the expression of DDL that is being read
	narrow  bool       // no AND, IN, COLLATE outside parentheses
	q       *queryBuilder
	pending []Statement // the statements inside CREATE SCHEMA
}

// Parse reads every statement of a text.
func Parse(text string) ([]Statement, []Error) {
	p := newParser(text)
	var out []Statement
	for p.split() {
		if len(p.toks) > 1 {
			s := p.statement()
			if c, ok := s.(*Copy); ok && c.Stdin {
				p.copyData(c)
			}
			out = append(append(out, s), p.pending...)
			p.pending = nil
		}
	}
	return out, p.errs
}

func newParser(text string) *parser {
	// Most statements have fewer than 256 tokens, of four bytes or more.
	p := &parser{text: text, lex: lexer{text: text}, toks: make([]token, 0, min(len(text)/4+8, 256))}
	if strings.HasPrefix(text, "\ufeff") {
		p.lex.pos = len("\ufeff")
	}
	return p
}

// split fills toks with the next statement. It is false at the end.
func (p *parser) split() bool {
	p.toks, p.pos, p.failed, p.depth = p.toks[:0], 0, nil, 0
	parens, atomic := 0, 0
	for {
		t := p.lex.next()
		if t.kind == badToken && t.word == `\` && len(p.toks) == 0 {
			p.lex.skipLine() // \connect name
			continue
		}
		if t.kind == endToken || t.is(";") && parens == 0 && atomic == 0 {
			p.toks = append(p.toks, token{kind: endToken, start: t.start, end: t.start})
			return t.kind != endToken || len(p.toks) > 1
		}
		p.toks = append(p.toks, t)
		switch {
		case t.kind == opToken && (t.word == "(" || t.word == ")"):
			parens = p.ruleParens(parens, t.word)
		case t.kind == wordToken:
			atomic = p.atomicDepth(atomic, t.word)
		}
	}
}

// ruleParens counts the parentheses of CREATE RULE … DO (a; b); elsewhere no
// statement holds a semicolon in parentheses, and one that is never closed
// ends at the semicolon.
func (p *parser) ruleParens(n int, word string) int {
	if !p.leads("create", "rule") {
		return 0
	}
	if word == "(" {
		return n + 1
	}
	return max(n-1, 0)
}

// atomicDepth counts BEGIN ATOMIC … END of CREATE FUNCTION, and the CASE … END
// inside.
func (p *parser) atomicDepth(n int, word string) int {
	last := len(p.toks) - 1
	switch {
	case word == "atomic" && n == 0 && last > 3 && p.toks[last-1].is("begin") &&
		(p.leads("create", "function") || p.leads("create", "procedure")):
		return 1
	case word == "case" && n > 0:
		return n + 1
	case word == "end" && n > 0:
		return n - 1
	}
	return n
}

// leads reports whether the statement begins with a, OR REPLACE perhaps, b.
func (p *parser) leads(a, b string) bool {
	if len(p.toks) < 2 || !p.toks[0].is(a) {
		return false
	}
	return p.toks[1].is(b) || len(p.toks) > 3 && p.toks[1].is("or") && p.toks[3].is(b)
}

// statement reads the statement in toks.
func (p *parser) statement() Statement {
	r := Range{p.toks[0].start, p.toks[len(p.toks)-2].end}
	var s Statement
	if t := p.firstBad(); t != nil {
		p.failAt(*t, badMessage(t))
	} else {
		s = p.dispatch(r)
		if p.failed == nil && !p.atEnd() {
			p.unexpected()
		}
	}
	if p.failed != nil {
		p.errs = append(p.errs, *p.failed)
		p.pending = nil
		return &Other{Range: r, Words: p.leadingWords(), Broken: true}
	}
	return s
}

func (p *parser) firstBad() *token {
	for i := range p.toks {
		if t := &p.toks[i]; t.broken || t.kind == badToken {
			return t
		}
	}
	return nil
}

func badMessage(t *token) string {
	switch {
	case t.kind == badToken && t.broken:
		return "a comment that never ends"
	case t.kind == quotedToken:
		return "a quoted name that never ends"
	case t.broken:
		return "a string that never ends"
	}
	return "an unexpected character"
}

// leadingWords are the words that say what kind of statement it is.
func (p *parser) leadingWords() string {
	n := 1
	switch p.toks[0].word {
	case "create", "alter", "drop", "comment", "security", "set", "reassign", "import":
		n = 2
		if len(p.toks) > 2 && p.toks[1].is("text") {
			n = 4 // text search configuration
		}
	}
	var words []string
	for i := 0; i < n && i < len(p.toks) && p.toks[i].kind == wordToken; i++ {
		words = append(words, p.toks[i].word)
	}
	return strings.Join(words, " ")
}

// Errors.

func (p *parser) fail(message string) { p.failAt(*p.tok(), message) }

func (p *parser) failAt(t token, message string) {
	if p.failed == nil {
		p.failed = &Error{Range{t.start, t.end}, message}
	}
	p.pos = len(p.toks) - 1
}

func (p *parser) unexpected() {
	t := p.tok()
	if t.kind == endToken {
		p.fail("the statement ends too early")
		return
	}
	p.fail("unexpected " + p.text[t.start:min(t.end, t.start+40)])
}

// enter goes one level deeper; leave must follow when it is true.
func (p *parser) enter() bool {
	if p.depth >= maxDepth {
		p.fail("nested too deeply")
		return false
	}
	p.depth++
	return true
}

func (p *parser) leave() { p.depth-- }

// Tokens.

func (p *parser) tok() *token { return &p.toks[p.pos] }

func (p *parser) ahead(n int) *token { return &p.toks[min(p.pos+n, len(p.toks)-1)] }

func (p *parser) atEnd() bool { return p.tok().kind == endToken }

func (p *parser) advance() *token {
	t := p.tok()
	if t.kind != endToken {
		p.pos++
	}
	return t
}

func (p *parser) skipAll() { p.pos = len(p.toks) - 1 }

// lastEnd is the end of the token before the current one.
func (p *parser) lastEnd() int {
	if p.pos == 0 {
		return p.toks[0].start
	}
	return p.toks[p.pos-1].end
}

func (p *parser) since(start int) Range { return Range{start, max(start, p.lastEnd())} }

func (p *parser) at(word string) bool { return p.tok().is(word) }

// atAll reports whether the next tokens are these.
func (p *parser) atAll(words ...string) bool {
	for i, w := range words {
		if !p.ahead(i).is(w) {
			return false
		}
	}
	return true
}

func (p *parser) atAny(words ...string) bool {
	for _, w := range words {
		if p.at(w) {
			return true
		}
	}
	return false
}

// accept moves past the words when they are next, all of them.
func (p *parser) accept(words ...string) bool {
	if !p.atAll(words...) {
		return false
	}
	p.pos += len(words)
	return true
}

// acceptAny moves past one of the words and returns it.
func (p *parser) acceptAny(words ...string) string {
	for _, w := range words {
		if p.accept(w) {
			return w
		}
	}
	return ""
}

func (p *parser) expect(words ...string) {
	for _, w := range words {
		if !p.accept(w) {
			p.unexpected()
			return
		}
	}
}

// list reads items with commas between them.
func (p *parser) list(item func()) {
	for item(); p.accept(","); {
		item()
	}
}

// parens reads ( item, … ).
func (p *parser) parens(item func()) {
	p.expect("(")
	p.list(item)
	p.expect(")")
}

// skipParens moves past balanced parentheses, the opening one being next.
func (p *parser) skipParens() {
	depth := 0
	for !p.atEnd() {
		switch t := p.advance(); {
		case t.kind == paramToken:
			p.q.param(p.text[t.start:t.end])
		case t.is("(") || t.is("["):
			depth++
		case t.is(")") || t.is("]"):
			depth--
		}
		if depth == 0 {
			return
		}
	}
	p.unexpected()
}

// Names.

// atName reports whether a name of at most this class is next.
func (p *parser) atName(most class) bool { return isName(p.tok(), most) }

func isName(t *token, most class) bool {
	switch t.kind {
	case quotedToken:
		return true
	case wordToken:
		return t.class <= most
	}
	return false
}

// ident reads a name of a column, table, index or constraint.
func (p *parser) ident() string { return p.identOf(colName) }

// label reads a name where any word may stand.
func (p *parser) label() string { return p.identOf(reserved) }

func (p *parser) identOf(most class) string {
	if !p.atName(most) {
		p.unexpected()
		return ""
	}
	return p.advance().word
}

// name reads a, a.b or a.b.c.
func (p *parser) name() Name {
	start := p.tok().start
	n := Name{Name: p.identOf(typeFunc)}
	for p.at(".") && p.failed == nil {
		p.advance()
		n.Schema, n.Name = n.Name, p.label()
	}
	n.Range = p.since(start)
	return n
}

func (p *parser) names() []Name {
	var out []Name
	p.list(func() { out = append(out, p.name()) })
	return out
}

// columnNames reads (a, b).
func (p *parser) columnNames() []string {
	var out []string
	p.parens(func() { out = append(out, p.ident()) })
	return out
}

func (p *parser) stringLit() string {
	if t := p.tok(); t.kind == stringToken {
		p.advance()
		return stringValue(p.text[t.start:t.end])
	}
	p.unexpected()
	return ""
}

// words joins the tokens from a position to the current one as a Setting does.
func (p *parser) wordsSince(pos int) string {
	var b strings.Builder
	for _, t := range p.toks[pos:p.pos] {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		if t.kind == wordToken {
			b.WriteString(t.word)
		} else {
			b.WriteString(p.text[t.start:t.end])
		}
	}
	return b.String()
}

// Quote is a name as SQL text: in quotes when it needs them.
func Quote(name string) string {
	plain := name != ""
	for i := range len(name) {
		c := name[i]
		plain = plain && (c >= 'a' && c <= 'z' || c == '_' || i > 0 && (isDigit(c) || c == '$'))
	}
	if plain && keywords[name].class == free {
		return name
	}
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}
