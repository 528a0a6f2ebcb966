package elixir

import (
	"strings"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/ir"
)

// insertTogether makes the loop give the rows as maps, and inserts all of them.
func (w *Writer) insertTogether(f *fix.Fix, c *fix.InsertTogether) error {
	e := w.editor(f, c.Code, c.Loop, c.Coll)
	f.Safety = fix.Asked
	name, ok := e.callee(c.Write)
	row := e.of(c.Row)
	schema, rest, braces := strings.Cut(strings.TrimPrefix(row, "%"), "{")
	if !ok || !braces || strings.HasPrefix(strings.TrimSpace(rest), "|") || schema == "" || strings.Contains(rest, "|") || !strings.HasSuffix(row, "}") {
		return errLayout
	}
	outer := c.Write
	if p := e.parent(c.Write); p != ir.No && e.at(p).Op == ir.Match {
		outer = p
	}
	e.drop(outer, c.Row)
	from := e.at(c.Row).Start + 1
	e.edit(from, from+int32(len(schema)), "")
	if len(c.Times) > 0 {
		if err := e.times(c); err != nil {
			return err
		}
	}
	store := name[:strings.LastIndexByte(name, '.')+1]
	if err := e.behind("&" + store + c.Name + "(" + schema + ", &1)"); err != nil {
		return err
	}
	if err := e.done(); err != nil {
		return err
	}
	f.Edits[0].Reason = "One statement inserts up to 500 rows, in one round trip, and stays below the parameters that PostgreSQL takes."
	return nil
}

// times gives the rows the present time, which the statement does not fill in.
func (e *editor) times(c *fix.InsertTogether) error {
	at, ok := e.statementOf(c.Loop)
	if !ok || e.fresh("now") != "now" {
		return errLayout
	}
	module := "DateTime"
	if strings.HasPrefix(c.TimeType, "naive") {
		module = "NaiveDateTime"
	}
	now := module + ".utc_now()"
	if !strings.HasSuffix(c.TimeType, "usec") {
		now = module + ".truncate(" + now + ", :second)"
	}
	now = "now = " + now
	nl := e.newline()
	e.edit(at, at, now+nl+nl+e.indent(at))
	row := e.at(c.Row)
	last := row.End - 1
	sep := ", "
	if parts := e.code.List(row); len(parts) > 0 {
		last = e.at(parts[len(parts)-1]).End
		if strings.Contains(e.of(c.Row), "\n") {
			in := e.indent(e.at(parts[len(parts)-1]).Start)
			sep = "," + nl + in[min(e.left, len(in)):]
		}
	}
	text := ""
	for _, t := range c.Times {
		text += sep + t + ": now"
	}
	if len(e.code.List(row)) == 0 {
		text = strings.TrimPrefix(text, sep)
	}
	e.edit(last, last, text)
	return nil
}
