package elixir

import (
	"strings"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/ir"
)

// callInstead replaces the name of the function that a call names. The name stands
// before the arguments, behind what is piped in: `x |> String.to_atom()`.
func (w *Writer) callInstead(f *fix.Fix, c *fix.CallInstead) error {
	e := c.Code.At(c.Call)
	if e.Op != ir.Call && e.Op != ir.FuncRef {
		return errPlace
	}
	k := &c.Code.Callees[e.A]
	text := c.Code.File.Text[e.Start:e.End]
	// Of a piped call the left side stands before the name.
	from := 0
	if list := c.Code.List(e); e.Op == ir.Call && e.Flags&ir.FlagPiped != 0 && len(list) > 0 {
		from = int(c.Code.At(list[0]).End - e.Start)
	}
	i := strings.Index(text[max(from, 0):], k.Name)
	if i < 0 {
		return errPlace
	}
	start := int(e.Start) + max(from, 0) + i
	f.Safety = fix.Asked
	f.Edits = append(f.Edits, fix.Edit{
		Path: c.Code.File.Path, Start: start, End: start + len(k.Name), Text: c.Name,
		Reason: "What it does not know it refuses, with an exception, instead of keeping it for ever.",
	})
	return nil
}

// addOption puts an option behind the last argument of a call.
func (w *Writer) addOption(f *fix.Fix, c *fix.AddOption) error {
	e := c.Code.At(c.Call)
	list := c.Code.List(e)
	if e.Op != ir.Call || len(list) == 0 {
		return errPlace
	}
	last := c.Code.At(list[len(list)-1])
	end := int(last.End)
	text := ", " + c.Key + ": " + c.Value
	if last.Op == ir.Make && last.Sub == ir.MakeList && last.End > last.Start && c.Code.File.Text[last.End-1] == ']' {
		end--
	}
	f.Edits = append(f.Edits, fix.Edit{Path: c.Code.File.Path, Start: end, End: end, Text: text})
	return nil
}
