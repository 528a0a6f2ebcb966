package elixir

import (
	"strings"

	"github.com/assay-dev/assay/internal/fix"
)

// askBefore moves a statement out of the loop's body.
func (w *Writer) askBefore(f *fix.Fix, c *fix.AskBefore) error {
	e := w.editor(f, c.Code, c.Loop, c.Loop)
	f.Safety = fix.Asked
	at, ok := e.statementOf(c.Loop)
	if !ok {
		return errLayout
	}
	s := e.at(c.Statement)
	text := e.text[s.Start:s.End]
	// Strings over several lines would change with their indentation.
	if strings.Contains(text, `"""`) || strings.Contains(text, "'''") || strings.Contains(text, "~") && strings.Contains(text, "\n") {
		return errLayout
	}
	from, to := e.indent(s.Start), e.indent(at)
	text = strings.ReplaceAll(text, "\n"+from, "\n"+to)
	nl := e.newline()
	e.edit(at, at, text+nl+nl+to)
	if !e.dropLines(c.Statement) {
		return errLayout
	}
	f.Notes = append(f.Notes, "It is asked once where there is no element at all, too.")
	if err := e.done(); err != nil {
		return err
	}
	f.Edits[0].Reason = "Nothing in the question depends on the element."
	return nil
}
