package checks

import (
	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/query"
)

// unpreloadedAssociation reports associations that are used though the query
// that gave the row cannot have loaded them.
func unpreloadedAssociation(p *check.Pass) {
	type place struct {
		clause flow.ClauseID
		assoc  *ir.Association
	}
	seen := map[place]bool{}
	list := p.Queries.Unloaded(func(id flow.ClauseID) bool { return p.Flow.InLib(id) })
	for i := range list {
		u := &list[i]
		at := place{u.Chain[len(u.Chain)-1].Clause, u.Assoc}
		if !seen[at] {
			seen[at] = true
			p.Report(unloadedFinding(p, u))
		}
	}
}

func unloadedFinding(p *check.Pass, u *query.Unloaded) check.Finding {
	at := u.Chain[len(u.Chain)-1]
	owner := ir.LastName(p.Program.Module(u.Owner.Module).Name)
	from := p.Flow.Step(u.From.Clause, u.From.Expr)
	f := check.Finding{
		Level: check.Error, Span: p.Flow.Span(at.Clause, at.Expr), Symbol: p.Flow.Symbol(at.Clause),
		Anchor:  owner + "." + u.Assoc.Name,
		Message: unloadedMessage(p, u, short(from.Callee)),
		Path: []check.Step{
			{Span: u.Assoc.Span, Note: "`" + owner + "` " + u.Assoc.Kind.String() + " `" + u.Assoc.Name + "`, which is there only if it is loaded"},
			{Span: from.Span, Note: "`" + short(from.Callee) + "` gives the " + owner + " without it"},
		},
	}
	if len(u.Chain) > 1 {
		f.Confidence = check.Medium
	}
	for i, h := range u.Chain[:len(u.Chain)-1] {
		f.Path = append(f.Path, check.Step{Span: p.Flow.Span(h.Clause, h.Expr), Note: "calls `" + short(p.Flow.Symbol(u.Chain[i+1].Clause)) + "`"})
	}
	f.Path = append(f.Path, check.Step{Span: f.Span, Note: useNote(u)})
	f.Path = append(f.Path, arrival(p.Flow, u.Chain[0].Clause)...)
	return f
}

func useNote(u *query.Unloaded) string {
	if u.How == query.GoThrough {
		return "goes through `" + u.Assoc.Name + "`"
	}
	return "reads from `" + u.Assoc.Name + "`"
}

func unloadedMessage(p *check.Pass, u *query.Unloaded, call string) string {
	what := "`" + u.Assoc.Name + "` of " + article(ir.LastName(p.Program.Module(u.Owner.Module).Name))
	does := "is gone through"
	if u.How == query.ReadField {
		does = "is read from"
	}
	return what + " " + does + " here, but `" + call + "` gave the row and nothing loads it on the way: what is there is a placeholder, and this raises. Preload `" +
		u.Assoc.Name + "` where the row is fetched."
}
