package checks

import (
	"strconv"
	"strings"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
)

// phrase is an excuse, in the ways it is written, and the answer to it.
type phrase struct {
	said    string
	ways    []string
	verdict string
	tests   bool // it is about tests
}

// phrases are the excuses; ways are in small letters, words separated by one space.
func phrases() []phrase {
	return []phrase{
		{"It works for now", []string{"works for now", "work for now", "working for now"}, "Now is over.", false},
		{"We'll optimise later", []string{
			"optimise later", "optimize later", "optimise it later", "optimize it later", "optimise this later", "optimize this later",
			"optimise that later", "optimize that later", "optimised later", "optimized later", "optimising later", "optimizing later",
			"improve performance later", "optimise the query later", "optimize the query later",
		}, "Later never comes.", false},
		{"Skip the tests", []string{
			"skip the tests", "skip tests", "skip the test", "skipping tests", "skipping the tests", "skip testing", "no tests for now",
			"no tests yet", "tests later", "test this later", "test it later",
		}, "Absolutely not.", true},
		{"Quick and dirty", []string{"quick and dirty", "quick & dirty", "quick n dirty", "quick'n'dirty", "quick 'n' dirty", "quick-and-dirty", "quick-n-dirty"},
			"Dirty, yes.", false},
		{"Temporary fix", []string{"temporary fix", "temporary hack", "temporary workaround", "temporary solution", "temp fix", "temp hack", "temporarily fix", "fix temporarily"},
			"There is nothing temporary about it.", false},
		{"Good enough", []string{"good enough"}, "It is not.", false},
	}
}

// wrong is one thing that is wrong where somebody made an excuse.
type wrong struct {
	span  source.Span
	what  string // a sentence
	level check.Level
}

// excuse answers comments that excuse the code they stand in with what is wrong
// in it. Code that nothing is wrong with needs no answer.
func excuse(p *check.Pass) {
	all := phrases()
	for i, comments := range p.Program.Comments {
		f := p.Program.Files.File(source.FileID(i))
		if f.Kind == source.Test {
			continue
		}
		for _, c := range comments {
			if said := spoken(all, f.Slice(c)); said != nil {
				answer(p, f, c, said)
			}
		}
	}
}

// spoken finds the excuse in a comment.
func spoken(all []phrase, comment string) *phrase {
	text := strings.ToLower(strings.Join(strings.Fields(comment), " "))
	text = strings.ReplaceAll(text, "’", "'")
	for i := range all {
		for _, w := range all[i].ways {
			at := strings.Index(text, w)
			if at >= 0 && !(at > 0 && alnum(text[at-1])) && !(at+len(w) < len(text) && alnum(text[at+len(w)])) {
				return &all[i]
			}
		}
	}
	return nil
}

func answer(p *check.Pass, f *source.File, comment source.Span, said *phrase) {
	scope, symbol, module := excused(p.Program, f, comment)
	if module == nil {
		return
	}
	found := wrongs(p, scope)
	if said.tests {
		if w, ok := untested(p.Program, module); ok {
			found = append([]wrong{w}, found...)
		}
	}
	if len(found) == 0 {
		return
	}
	out := check.Finding{
		Level: check.Info, Span: comment, Symbol: symbol, Anchor: said.said,
		Message: "\"" + said.said + "\": " + said.verdict + " " + found[0].what,
		NoFix:   "it goes when what it excuses is put right; that is reported beside it, with its own fix",
	}
	if n := len(found) - 1; n > 0 {
		out.Message += " And " + strconv.Itoa(n) + " more below."
	}
	for _, w := range found {
		out.Level = min(out.Level, max(w.level, check.Warning))
		out.Path = append(out.Path, check.Step{Span: w.span, Note: strings.TrimSuffix(w.what, ".")})
	}
	p.Report(out)
}

// excused finds what a comment is about: the function around it, or the function
// or the call of a macro right below it. Without any it is about the module, of
// which only its tests are answered for.
func excused(p *ir.Program, f *source.File, comment source.Span) (scope source.Span, symbol string, module *ir.Module) {
	if fn := p.FuncAt(comment); fn != nil {
		return fn.Span, p.Symbol(fn.ID), p.Module(fn.Module)
	}
	for _, m := range p.Modules {
		if m.Kind != ir.ScriptModule && m.Span.Contains(comment) && (module == nil || m.Span.Len() < module.Span.Len()) {
			module = m
		}
	}
	if module == nil {
		return comment, "", nil
	}
	for _, id := range module.Funcs {
		fn := p.Func(id)
		if !fn.Injected && fn.Span.File == comment.File && fn.Span.Start >= comment.End && attached(f.Text[comment.End:fn.Span.Start]) {
			return fn.Span, p.Symbol(id), module
		}
	}
	if s, ok := below(module.Code, comment); ok && attached(f.Text[comment.End:s.Start]) {
		return s, module.Name, module
	}
	return comment, module.Name, module
}

// below is the outermost expression that begins first behind a comment.
func below(c *ir.Code, comment source.Span) (source.Span, bool) {
	best := source.Span{Start: -1}
	for i := range c.Exprs {
		s := c.Span(ir.ExprID(i))
		if s.File != comment.File || s.Start < comment.End || s.Len() == 0 {
			continue
		}
		if best.Start < 0 || s.Start < best.Start || s.Start == best.Start && s.End > best.End {
			best = s
		}
	}
	return best, best.Start >= 0
}

// attached reports whether what stands between a comment and code is only more
// comments and attributes.
func attached(between string) bool {
	for line := range strings.Lines(between) {
		line = strings.TrimSpace(line)
		if line != "" && line[0] != '#' && line[0] != '@' && line != "def" && line != "defp" {
			return false
		}
	}
	return true
}

// wrongs collects what is wrong in a place: what the other checks found there,
// then what is wrong enough for an answer though it is no finding by itself.
func wrongs(p *check.Pass, scope source.Span) []wrong {
	var out []wrong
	for i := range p.Others {
		if f := &p.Others[i]; f.Check != p.Check.Name && scope.Contains(f.Span) {
			out = append(out, wrong{f.Span, f.Message, f.Level})
		}
	}
	seen := func(s source.Span) bool {
		for _, w := range out {
			if w.span == s {
				return true
			}
		}
		return false
	}
	for i := range p.Flow.Len() {
		id := flow.ClauseID(i)
		if body := p.Flow.Body(id); body == ir.No || !scope.Contains(p.Flow.Code(id).Span(body)) {
			continue
		}
		for _, w := range facts(p, id) {
			if !seen(w.span) {
				out = append(out, w)
			}
		}
	}
	return out
}

// facts are what is wrong with a clause whoever reaches it.
func facts(p *check.Pass, id flow.ClauseID) []wrong {
	var out []wrong
	r := p.Flow
	for _, l := range r.LoopsOf(id) {
		if l.Database.Found && l.Database.Depends && (l.Verdict == flow.NotServed || l.Verdict == flow.TooDeep) {
			out = append(out, wrong{r.Span(id, l.Expr), loopMessage(p, &l, kindOf(p, &l)), check.Info})
		}
	}
	for _, d := range r.Discards(id) {
		steps := r.FailurePath(id, d.From())
		out = append(out, wrong{steps[0].Span, "The result of `" + short(steps[0].Callee) + "` is thrown away, so that its failure goes unnoticed.", check.Info})
	}
	for _, s := range r.Facts(id) {
		if s.Kind == flow.Sleep && s.Depth == 0 && s.Flags&flow.Async == 0 && r.Reached(id).Serves() {
			e := r.ReachedBy(id)
			out = append(out, wrong{r.Span(id, s.Expr), "It sleeps while " + article(kindWord(e)) + " waits.", check.Info})
		}
	}
	return append(out, rescues(r, id)...)
}

// rescues finds rescue clauses that take every exception and say nothing of it.
func rescues(r *flow.Result, id flow.ClauseID) []wrong {
	var out []wrong
	c := r.Code(id)
	c.Walk(r.Body(id), func(x ir.ExprID) bool {
		if a := c.At(x); a.Op == ir.Arm && a.Sub == ir.ArmRescue {
			if names, _, body := c.Parts(a); len(names) < 2 && !calling(c, body) {
				out = append(out, wrong{c.Span(x), "It rescues every exception and forgets it.", check.Info})
			}
		}
		return true
	})
	return out
}

// untested reports a module that no test file mentions.
func untested(p *ir.Program, m *ir.Module) (wrong, bool) {
	last := ir.LastName(m.Name)
	for _, f := range p.Files.Files {
		if f.Kind == source.Test && (strings.Contains(f.Text, m.Name) || strings.Contains(f.Text, last+".")) {
			return wrong{}, false
		}
	}
	return wrong{m.NameSpan, "No test mentions `" + m.Name + "`.", check.Warning}, true
}
