package checks

import (
	"slices"
	"sort"
	"strings"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
)

// surroundings are what the code of a configuration says around its values.
type surroundings struct {
	// of is the module that a value sets up: that of `config :app, Module, …`.
	of map[ir.ExprID]string
	// elsewhere are the values that are set only where the environment is another one than
	// production: behind `if config_env() == :dev`, or in such an arm of a `case`.
	elsewhere map[ir.ExprID]bool
	// names are the values beside a secret that the source does not hold, as the name of a user
	// stands beside the password: `api_key: "…", secret: System.fetch_env!("…")`.
	names map[ir.ExprID]bool
}

// around goes once over the code of a configuration.
func (s *secrets) around(c *ir.Code) *surroundings {
	if a := s.places[c]; a != nil {
		return a
	}
	a := &surroundings{of: map[ir.ExprID]string{}, elsewhere: map[ir.ExprID]bool{}, names: map[ir.ExprID]bool{}}
	s.places[c] = a
	for i := range c.Exprs {
		a.see(c, ir.ExprID(i))
	}
	return a
}

func (a *surroundings) see(c *ir.Code, id ir.ExprID) {
	switch x := c.At(id); {
	case x.Op == ir.Call && c.Callees[x.A].Name == "config" && x.Hi-x.Lo == 3:
		args := c.List(x)
		k := c.At(args[1])
		if k.Op != ir.Const || k.Sub != ir.LitModule {
			return
		}
		c.Walk(args[2], func(y ir.ExprID) bool {
			_, known := a.of[y]
			if !known {
				a.of[y] = k.Str
			}
			return !known
		})
	case x.Op == ir.Branch && x.Sub == ir.BranchIf && x.B != ir.No:
		cond := c.At(ir.ExprID(x.A))
		if args := c.List(cond); cond.Op == ir.Call && c.Callees[cond.A].Name == "==" && len(args) == 2 &&
			(asksEnv(c, args[0]) && otherEnv(c, args[1]) || asksEnv(c, args[1]) && otherEnv(c, args[0])) {
			a.setElsewhere(c, ir.ExprID(x.B))
		}
	case x.Op == ir.Case && asksEnv(c, ir.ExprID(x.A)):
		for _, arm := range c.List(x) {
			if patterns, _, body := c.Parts(c.At(arm)); len(patterns) == 1 && otherEnv(c, patterns[0]) {
				a.setElsewhere(c, body)
			}
		}
	case x.Op == ir.Make && x.Sub == ir.MakeList:
		held := true
		c.EachPair(id, func(name string, v ir.ExprID) {
			if name == "secret" || name == "api_secret" || name == "secret_key" {
				held = c.At(v).Op == ir.Const
			}
		})
		if !held {
			c.EachPair(id, func(_ string, v ir.ExprID) { a.names[v] = true })
		}
	}
}

func (a *surroundings) setElsewhere(c *ir.Code, body ir.ExprID) {
	c.Walk(body, func(y ir.ExprID) bool {
		known := a.elsewhere[y]
		a.elsewhere[y] = true
		return !known
	})
}

// asksEnv reports whether an expression is the name of the environment.
func asksEnv(c *ir.Code, x ir.ExprID) bool {
	e := c.At(x)
	return e.Op == ir.Call && (c.Callees[e.A].Name == "config_env" || c.Callees[e.A].Name == "env")
}

// otherEnv reports whether an expression names an environment that is not production.
func otherEnv(c *ir.Code, x ir.ExprID) bool {
	e := c.At(x)
	return e.Op == ir.Const && e.Sub == ir.LitAtom && e.Str != "prod"
}

// textUse is where a text stands as a literal.
type textUse struct {
	places int
	// dev and test: in the configuration of developers' machines, and in that of the tests.
	dev, test bool
}

// literalUses are the texts that may be random and where the program holds them.
func literalUses(p *ir.Program) map[string]textUse {
	uses := map[string]textUse{}
	for _, c := range p.Codes {
		dev, test := c.File != nil && devFile(c.File), c.File != nil && testFile(c.File)
		for i := range c.Exprs {
			x := &c.Exprs[i]
			if x.Op != ir.Const || len(x.Str) < minRandom || len(x.Str) > maxRandom {
				continue
			}
			u := uses[x.Str]
			u.places++
			u.test = u.test || dev && test
			u.dev = u.dev || dev && !test
			uses[x.Str] = u
		}
	}
	return uses
}

// askedModules are the modules that code besides the configuration says the name of, as it does
// that reads the settings under it; a longer name says the shorter ones that it begins with.
func askedModules(p *ir.Program) map[string]bool {
	asked := map[string]bool{}
	for _, c := range p.Codes {
		if c.File == nil || c.File.Kind != source.Lib {
			continue
		}
		for i := range c.Callees {
			name := c.Callees[i].Module
			for name != "" && !asked[name] {
				asked[name] = true
				name = name[:max(0, strings.LastIndexByte(name, '.'))]
			}
		}
	}
	for _, c := range p.Codes {
		if c.File == nil || c.File.Kind != source.Lib {
			continue
		}
		for i := range c.Exprs {
			if e := &c.Exprs[i]; e.Op == ir.Const && e.Sub == ir.LitModule {
				asked[e.Str] = true
			}
		}
	}
	return asked
}

// firstNames are what the names of the project's modules begin with: `Shop`, and `ShopWeb`.
func firstNames(p *ir.Program) map[string]bool {
	first := map[string]bool{}
	for _, m := range p.Modules {
		if own, _, more := strings.Cut(m.Name, "."); more && p.Files.File(m.Span.File).Kind == source.Lib {
			first[own], first[own+"Web"] = true, true
		}
	}
	return first
}

// productionTexts are the texts of the configuration of production, and where each stands first.
func productionTexts(p *ir.Program) map[string]source.Span {
	texts := map[string]source.Span{}
	for _, c := range p.Codes {
		if c.File == nil || c.File.Kind != source.Config || !production(c.File) {
			continue
		}
		for i := range c.Exprs {
			if x := &c.Exprs[i]; x.Op == ir.Const && x.Sub == ir.LitString {
				if _, known := texts[x.Str]; !known {
					texts[x.Str] = c.Span(ir.ExprID(i))
				}
			}
		}
	}
	return texts
}

// literalAround finds the literal that a place lies in.
func (s *secrets) literalAround(at source.Span) (*ir.Code, ir.ExprID) {
	l := s.literals()[at.File]
	i := sort.Search(len(l), func(i int) bool { return l[i].span().Start > at.Start }) - 1
	if i < 0 || !l[i].span().Contains(at) {
		return nil, ir.No
	}
	return l[i].code, l[i].id
}

// literalsByFile are the texts of the program's code in the order in which they stand.
func literalsByFile(p *ir.Program) map[source.FileID][]literal {
	all := map[source.FileID][]literal{}
	for _, c := range p.Codes {
		if c.File == nil {
			continue
		}
		for i := range c.Exprs {
			if x := &c.Exprs[i]; x.Op == ir.Const && x.Sub == ir.LitString {
				all[c.File.ID] = append(all[c.File.ID], literal{c, ir.ExprID(i)})
			}
		}
	}
	for _, l := range all {
		slices.SortStableFunc(l, func(a, b literal) int { return int(a.span().Start - b.span().Start) })
	}
	return all
}

func (l literal) span() source.Span { return l.code.Span(l.id) }
