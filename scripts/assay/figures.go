package assay

import (
	"fmt"
	"os"
	"strings"
)

// The marks between which the figures of a document stand.
const (
	begin = "<!-- begin figures -->\n"
	end   = "<!-- end figures -->\n"
)

// WriteFigures replaces the figures of a document.
func WriteFigures(document, figures string) error {
	text, err := os.ReadFile(document)
	if err != nil {
		return err
	}
	before, rest, ok := strings.Cut(string(text), begin)
	_, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		return fmt.Errorf("%s has no place for figures", document)
	}
	return os.WriteFile(document, []byte(before+begin+"\n"+figures+"\n"+end+after), 0o644)
}
