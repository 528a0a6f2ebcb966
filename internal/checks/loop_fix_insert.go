package checks

import (
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/ir"
)

// inserted asks for rows that are written out in the loop to be inserted at once.
func (f *loopFix) inserted(x ir.ExprID, bulk string) (fix.Change, string) {
	e := f.code.At(x)
	if e.Op != ir.Call || e.Hi-e.Lo != 1 {
		return nil, "the rows go through rules, or each is changed in its own way"
	}
	row := f.code.Lists[e.Lo]
	r := f.code.At(row)
	if r.Op != ir.Make || r.Sub != ir.MakeStruct {
		return nil, "the rows go through rules, or each is changed in its own way"
	}
	s := f.Program.SchemaNamed(r.Str)
	if s == nil || s.Partial || s.Embedded || s.Resource {
		return nil, "what is filled in for each row is not known"
	}
	c := &fix.InsertTogether{Code: f.code, Loop: f.loop.Expr, Coll: f.loop.Coll, Write: x, Row: row, Name: bulk}
	given := f.givenTo(r)
	for name := range given {
		if fd := s.Field(name); fd == nil || fd.Virtual || fd.Embed {
			return nil, "the rows hold more than columns"
		}
	}
	for i := range s.Fields {
		fd := &s.Fields[i]
		switch {
		case given[fd.Name] || !fd.Default && !fd.Embed || fd.Virtual:
		case slices.Contains(s.PrimaryKey, fd.Name) && (fd.Type == "id" || fd.Type == "binary_id"):
		case strings.Contains(fd.Type, "datetime") && (c.TimeType == "" || c.TimeType == fd.Type):
			c.Times, c.TimeType = append(c.Times, fd.Name), fd.Type
		default:
			return nil, "what is filled in for each row is not known"
		}
	}
	return c, ""
}

// givenTo are the fields that a row is given where it is made.
func (f *loopFix) givenTo(r *ir.Expr) map[string]bool {
	given := map[string]bool{}
	parts := f.code.List(r)
	for i := 0; i+1 < len(parts); i += 2 {
		given[f.code.At(parts[i]).Str] = true
	}
	return given
}
