package report

import (
	"strings"
	"testing"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/source"
)

// A secret is in no frame and no evidence, and neither is the line behind it.
func TestSecretIsHidden(t *testing.T) {
	const secret = "sk_live_ThisIsNotARealKey0000000"
	text := "config :a,\n  é: \"" + secret + "\",\n  rest: \"" + secret + "\"\n"
	set := source.NewSet("", []*source.File{source.NewFile("config/prod.exs", text)})
	at := int32(strings.Index(text, "\""+secret))
	span := source.Span{Start: at, End: at + int32(len(secret)) + 2}
	f := FromFindings(set, []check.Finding{{Span: span, Secret: true, Path: []check.Step{{Span: span, Note: "here"}}}})[0]
	var shown []string
	for _, l := range f.Frame {
		shown = append(shown, l.Text)
	}
	for _, e := range f.Evidence {
		shown = append(shown, e.Text)
	}
	want := "  é: " + strings.Repeat("*", len(secret)+2) + ","
	if got := strings.Join(shown, "\n"); got != want+"\n"+want {
		t.Errorf("shown:\n%s", got)
	}
}
