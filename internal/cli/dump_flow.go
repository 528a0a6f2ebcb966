package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/assay-dev/assay/internal/engine"
	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
)

// flowPrinter prints what flow found about the clauses of one file.
type flowPrinter struct {
	io.Writer
	*engine.Snapshot
	file *source.File
}

func printFlow(s *engine.Snapshot, w io.Writer, id source.FileID) error {
	p := flowPrinter{w, s, s.Files.File(id)}
	loops := map[flow.ClauseID][]flow.Loop{}
	for _, l := range s.Flow.Loops() {
		loops[l.Clause] = append(loops[l.Clause], l)
	}
	for i := range s.Flow.Len() {
		c := flow.ClauseID(i)
		if code := s.Flow.Code(c); code.File != p.file || s.Flow.Body(c) == ir.No {
			continue
		}
		p.clause(c)
		for _, l := range loops[c] {
			p.say(c, l.Expr, "loop of %s: %s", l.Kind, l.Verdict)
		}
	}
	return nil
}

// clause prints what one clause does, place by place.
func (p flowPrinter) clause(c flow.ClauseID) {
	fmt.Fprintf(p, "%s:%d %s", source.Printable(p.file.Path), p.line(c, p.Flow.Body(c)), source.Printable(p.Flow.Symbol(c)))
	if e := p.Flow.ReachedBy(c); e != nil {
		fmt.Fprintf(p, " (reached by a %s)", e.Name)
	}
	fmt.Fprintln(p)
	p.results(c)
	for _, site := range p.Flow.Sites(c) {
		if e := p.Program.Externs[site.Extern]; e.Model >= 0 {
			p.say(c, site.Expr, "%s: %s", e, strings.Join(p.Models.At(e.Model).Words(), ", "))
		}
	}
	for _, d := range p.Flow.Discards(c) {
		p.say(c, d.Expr, "a failure is thrown away")
	}
	for _, d := range p.Flow.Swallows(c) {
		if d.Other {
			continue
		}
		p.say(c, d.Arm, "a failure is answered with success")
	}
}

// results prints what a clause gives, and what it does not accept.
func (p flowPrinter) results(c flow.ClauseID) {
	alts, all := p.Flow.Results(c)
	words := make([]string, 0, len(alts)+1)
	for i := range alts {
		words = append(words, alts[i].String())
	}
	if !all {
		words = append(words, "…")
	}
	if len(alts) > 0 {
		fmt.Fprintf(p, "  gives %s\n", source.Printable(strings.Join(words, " | ")))
	}
	for _, u := range p.Flow.Unmatched(c) {
		p.say(c, u.Expr, "%s is not accepted", u.Alt.String())
	}
}

// say prints one thing that is true of a place.
func (p flowPrinter) say(c flow.ClauseID, at ir.ExprID, format string, args ...any) {
	fmt.Fprintf(p, "  %d: %s\n", p.line(c, at), source.Printable(fmt.Sprintf(format, args...)))
}

func (p flowPrinter) line(c flow.ClauseID, at ir.ExprID) int {
	return p.file.Line(p.Flow.Span(c, at).Start)
}
