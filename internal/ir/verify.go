package ir

import "fmt"

// Verify checks what every phase may rely on: ids are in range, operands come
// before what uses them, places lie inside their files, arms hold a body, and
// schemas are in order and joined to what there is. It returns the first fault.
func (p *Program) Verify() error {
	for _, c := range p.Codes {
		if err := c.verify(); err != nil {
			return fmt.Errorf("%s: %w", c.File.Path, err)
		}
	}
	for i, f := range p.Funcs {
		if f.ID != FuncID(i) || int(f.Module) >= len(p.Modules) {
			return fmt.Errorf("function %s/%d has the wrong id or module", f.Name, f.Arity)
		}
		for _, cl := range f.Clauses {
			if len(cl.Params) != f.Arity {
				return fmt.Errorf("%s: a clause of %s has %d parameters", f.Code.File.Path, p.Symbol(f.ID), len(cl.Params))
			}
		}
	}
	for _, e := range p.Entries {
		if e.Func == No && e.Expr == No {
			return fmt.Errorf("an entry %q has neither function nor code", e.Name)
		}
	}
	return p.verifySchemas()
}

func (p *Program) verifySchemas() error {
	for i, s := range p.Schemas {
		name := p.SchemaName(s)
		if i > 0 && p.Schemas[i-1].Module >= s.Module {
			return fmt.Errorf("the schema %s is out of order", name)
		}
		if (s.Database >= 0) != (s.Rows != nil) || int(s.Database) >= len(p.Databases) {
			return fmt.Errorf("the schema %s has a table without a database, or the other way round", name)
		}
		for _, k := range s.PrimaryKey {
			if s.Field(k) == nil {
				return fmt.Errorf("the schema %s has no field %q, which is in its key", name, k)
			}
		}
		for j := range s.Associations {
			if a := &s.Associations[j]; int(a.Schema) >= len(p.Schemas) {
				return fmt.Errorf("the association %s of %s leads nowhere", a.Name, name)
			}
		}
	}
	return nil
}

func (c *Code) verify() error {
	for i := range c.Exprs {
		e := &c.Exprs[i]
		if e.Start < 0 || e.End < e.Start || int(e.End) > len(c.File.Text) {
			return fmt.Errorf("expression %d (%s) lies outside the file: %d-%d", i, e.Op, e.Start, e.End)
		}
		if e.Lo > e.Hi || int(e.Hi) > len(c.Lists) {
			return fmt.Errorf("expression %d (%s) has a bad list", i, e.Op)
		}
		if e.Op == Arm && e.Lo == e.Hi {
			return fmt.Errorf("arm %d has no body", i)
		}
		if (e.Op == Call || e.Op == FuncRef) && (e.A < 0 || int(e.A) >= len(c.Callees)) {
			return fmt.Errorf("expression %d (%s) has no callee", i, e.Op)
		}
		if (e.Op == Use || e.Op == Bind) && (e.A < 0 || int(e.A) >= len(c.Vars)) {
			return fmt.Errorf("expression %d (%s %s) has no variable", i, e.Op, e.Str)
		}
		var bad ExprID = No
		c.Operands(ExprID(i), func(o ExprID) {
			if int(o) >= i {
				bad = o
			}
		})
		if bad != No {
			return fmt.Errorf("expression %d (%s) comes before its operand %d", i, e.Op, bad)
		}
	}
	return nil
}
