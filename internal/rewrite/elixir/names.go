package elixir

import (
	"errors"
	"strings"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/ir"
)

// A test of names that clients choose hands over one that nobody knows, and looks
// that the virtual machine does not know it afterwards either.

var errText = errors.New("the text that becomes a name is put together from more than one argument of the function")

// unknown is the variable that holds a name which nobody knows.
const unknown = "name"

// beginning is what the name begins with.
const beginning = "unknown_"

// testNames looks that a call makes no atom of a text. refuses is the exception that
// the changed call raises, or "" where it goes on.
func (w *Writer) testNames(code *ir.Code, at, text ir.ExprID, refuses string) (suite, error) {
	k, err := w.handed(code, at, text)
	if err != nil {
		return suite{}, err
	}
	module := w.Program.Module(k.fn.Module).Name
	short := ir.LastName(module)
	call, err := k.call(short)
	if err != nil {
		return suite{}, err
	}
	s, err := w.plainSuite(module, k.fn.Name+"_names")
	if err != nil {
		return s, err
	}
	if short != module {
		s.aliases = []string{module}
	}
	s.reason = "It fails where the text becomes an atom."
	lines := []string{unknown + " = \"" + beginning + "#{System.unique_integer([:positive])}\"", ""}
	if refuses != "" {
		lines = append(lines, raises(refuses, call, w.width(w.testFolder(module))))
	} else {
		lines = append(lines, "try do", "  "+call, "rescue", "  _ -> :refused", "end", "")
	}
	lines = append(lines, "assert_raise ArgumentError, fn -> String.to_existing_atom("+unknown+") end", "")
	s.tests = []testText{{k.fn.Name + " makes no atom of a name that nobody knows", strings.Join(lines, "\n")}}
	return s, nil
}

// raises asserts that a call raises, on one line where it fits.
func raises(exception, call string, width int) string {
	line := "assert_raise " + exception + ", fn -> " + call + " end"
	if 4+len(line) <= width {
		return line
	}
	return "assert_raise " + exception + ", fn ->\n  " + strings.ReplaceAll(broken(call, width-6), "\n", "\n  ") + "\nend\n"
}

// broken writes a call as the formatter does: on one line of a width where it fits, else one
// argument on each.
func broken(call string, width int) string {
	head, args, found := strings.Cut(call, "(")
	if len(call) <= width || !found || !strings.HasSuffix(args, ")") {
		return call
	}
	lines := []string{head + "("}
	for _, a := range arguments(strings.TrimSuffix(args, ")")) {
		lines = append(lines, "  "+a+",")
	}
	last := len(lines) - 1
	lines[last] = strings.TrimSuffix(lines[last], ",")
	return strings.Join(append(lines, ")"), "\n")
}

// arguments splits the text between the parentheses of a call at the commas between its
// arguments, not those inside of brackets and texts.
func arguments(text string) []string {
	var out []string
	depth, from, quoted := 0, 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '(' || c == '[' || c == '{':
			depth++
		case c == ')' || c == ']' || c == '}':
			depth--
		case c == ',' && depth == 0:
			out, from = append(out, strings.TrimSpace(text[from:i])), i+1
		}
	}
	return append(out, strings.TrimSpace(text[from:]))
}

// handed is the call that hands an unknown name over to a place.
func (w *Writer) handed(code *ir.Code, at, text ir.ExprID) (*calling, error) {
	if k := w.through(code, at, text); k != nil {
		return k, nil
	}
	k, err := w.callTo(code, at)
	if err != nil {
		return nil, err
	}
	if !k.hand(text) {
		return nil, errText
	}
	if k.way(k.clause.Body, at) != met {
		return nil, errWay
	}
	return k, nil
}

// hand lets the unknown name reach the text: as an argument, or as the key or the
// value of a map whose elements are gone through.
func (k *calling) hand(text ir.ExprID) bool {
	e := k.code.At(text)
	if e.Op != ir.Use {
		return false
	}
	v := ir.VarID(e.A)
	if k.parameter(v) {
		k.given[v] = unknown
		return true
	}
	pattern, coll := k.element(v)
	if coll == ir.No || k.code.At(coll).Op != ir.Use || !k.parameter(ir.VarID(k.code.At(coll).A)) {
		return false
	}
	p := k.code.At(pattern)
	if p.Op != ir.Make || p.Sub != ir.MakeTuple || p.Hi-p.Lo != 2 {
		return false
	}
	value := "%{" + unknown + ` => "1"}`
	if b := k.code.At(k.code.List(p)[1]); b.Op == ir.Bind && ir.VarID(b.A) == v {
		value = `%{"1" => ` + unknown + "}"
	}
	k.given[ir.VarID(k.code.At(coll).A)] = value
	return true
}

// element is the pattern that binds a variable to an element, and what the elements
// are of.
func (k *calling) element(v ir.VarID) (pattern, coll ir.ExprID) {
	pattern, coll = ir.No, ir.No
	binds := func(p ir.ExprID) bool {
		found := false
		k.code.Walk(p, func(x ir.ExprID) bool {
			e := k.code.At(x)
			found = found || e.Op == ir.Bind && ir.VarID(e.A) == v
			return !found
		})
		return found
	}
	k.code.Walk(k.clause.Body, func(x ir.ExprID) bool {
		e := k.code.At(x)
		switch {
		case e.Op == ir.Generator && binds(ir.ExprID(e.A)):
			pattern, coll = ir.ExprID(e.A), ir.ExprID(e.B)
		case e.Op == ir.Call && e.Hi-e.Lo >= 2:
			list := k.code.List(e)
			for _, a := range list[1:] {
				fn := k.code.At(a)
				if fn.Op != ir.Closure || fn.Hi-fn.Lo != 1 {
					continue
				}
				patterns, _, _ := k.code.Parts(k.code.At(k.code.List(fn)[0]))
				if len(patterns) > 0 && binds(patterns[0]) {
					pattern, coll = patterns[0], list[0]
				}
			}
		}
		return true
	})
	return pattern, coll
}

// testExisting is about a call of another function for the same text, which takes
// the names only that are there.
func (w *Writer) testExisting(c *fix.CallInstead) (suite, error) {
	e := c.Code.At(c.Call)
	if !strings.HasPrefix(c.Name, "to_existing_atom") || e.Lo == e.Hi {
		return suite{}, errNoTest
	}
	return w.testNames(c.Code, c.Call, c.Code.List(e)[0], "ArgumentError")
}

func (w *Writer) testAllowed(c *fix.AllowOnly) (suite, error) {
	refuses := "KeyError"
	if c.Else {
		refuses = ""
	}
	return w.testNames(c.Code, c.Call, c.Text, refuses)
}
