package checks

import (
	"strconv"
	"strings"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
)

// sliceOf is the text of the source that a span covers.
func sliceOf(p *ir.Program, s source.Span) string { return p.Files.File(s.File).Slice(s) }

// sourceText is what stands at a place, if it is short enough for a sentence.
func sourceText(p *ir.Program, s source.Span) string {
	const longest = 48
	if s.File < 0 || s.Len() > 4*longest {
		return ""
	}
	text := strings.Join(strings.Fields(sliceOf(p, s)), " ")
	if len(text) > longest || strings.ContainsAny(text, "`\"") || strings.Contains(text, "fn ") {
		return ""
	}
	return text
}

// or is s in backticks, or other words if there is nothing to show.
func or(s, other string) string {
	if s == "" {
		return other
	}
	return "`" + s + "`"
}

// short is a symbol without the modules that its reader knows: the last one stays.
func short(symbol string) string {
	slash := strings.LastIndexByte(symbol, '/')
	if slash < 0 {
		return symbol
	}
	dot := strings.LastIndexByte(symbol[:slash], '.')
	if dot < 0 {
		return symbol
	}
	if up := strings.LastIndexByte(symbol[:dot], '.'); up >= 0 {
		return symbol[up+1:]
	}
	return symbol
}

// calls turns a path of calls into evidence; last says what its final call does.
func calls(steps []flow.Step, last string) []check.Step {
	out := make([]check.Step, 0, len(steps))
	for i, s := range steps {
		note := "calls `" + short(s.Callee) + "`"
		if i == len(steps)-1 && last != "" {
			note = "`" + short(s.Callee) + "` " + last
		}
		out = append(out, check.Step{Span: s.Span, Note: note})
	}
	return out
}

// arrival is the way from an entry of the running system to a clause.
func arrival(r *flow.Result, id flow.ClauseID) []check.Step {
	e := r.ReachedBy(id)
	if e == nil {
		return nil
	}
	out := []check.Step{{Span: r.EntrySpan(id), Note: article(kindWord(e)) + " starts here"}}
	return append(out, calls(r.EntryPath(id), "")...)
}

// piped says what a call in the middle of a pipe gives.
func piped(c *ir.Code, x ir.ExprID) string {
	e := c.At(x)
	if e.Op != ir.Call || e.Flags&ir.FlagPiped == 0 {
		return ""
	}
	k := &c.Callees[e.A]
	name := k.Name + "/" + strconv.Itoa(k.Arity)
	if k.Module != "" {
		name = k.Module + "." + name
	}
	return "what `" + short(name) + "` gives"
}

// article puts a or an before a word.
func article(word string) string {
	if word != "" && strings.IndexByte("aeiouAEIO", word[0]) >= 0 {
		return "an " + word
	}
	return "a " + word
}

// kindWord says who starts an entry.
func kindWord(e *ir.Entry) string {
	if e.Name != "" {
		return e.Name
	}
	switch e.Kind {
	case ir.Request:
		return "request"
	case ir.Socket:
		return "socket callback"
	case ir.Job:
		return "job"
	case ir.Process:
		return "process callback"
	}
	return "caller"
}

// final is the last step of a path.
func final(steps []flow.Step) flow.Step { return steps[len(steps)-1] }

// additions is where the running system adds rows to a table: what starts it, for a sentence, ""
// where that has no name, and the evidence, nil where nothing is known to.
func additions(p *check.Pass, t *ir.Table) (who string, steps []check.Step) {
	a, ok := p.Queries.Added(t)
	if !ok {
		return "", nil
	}
	note := "rows are added to `" + t.Name + "` here"
	if a.Taken {
		note = "rows of `" + t.Name + "` are taken here, with the row that they belong to"
	}
	steps = []check.Step{{Span: p.Flow.Span(a.Clause, a.Expr), Note: note}}
	e := p.Flow.ReachedBy(a.Clause)
	if e == nil || a.Taken { // who sends some is not known
		return "", steps
	}
	if e.Func != ir.No {
		who = "`" + short(p.Program.Symbol(e.Func)) + "`"
	}
	return who, append(steps, check.Step{Span: p.Flow.EntrySpan(a.Clause), Note: article(kindWord(e)) + " starts here"})
}

// adds is a sentence about a table that says what adds rows to it, "" if nothing with a name does.
func adds(who string) string {
	if who == "" {
		return ""
	}
	return " " + who + " adds rows to it."
}
