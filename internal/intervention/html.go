package intervention

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"io"
	"strings"
)

//go:embed intervention.html.tmpl
var pageTemplate string

//go:embed intervention.css
var style string

// page is what the HTML page shows: the document, and the style with its sum, by
// which the page allows itself that one style and nothing else.
type page struct {
	*Document
	Style template.CSS
	Sum   string
}

// writeHTML prints the one page. It loads nothing, runs nothing, and refers to
// nothing outside itself.
func (d *Document) writeHTML(w io.Writer) error {
	t, err := template.New("html").Funcs(template.FuncMap{
		"inline": inline, "edits": edits, "numbers": numbers, "diff": diffLines, "slug": slug,
	}).Parse(pageTemplate)
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(style))
	var b strings.Builder
	if err := t.Execute(&b, page{d, template.CSS(style), base64.StdEncoding.EncodeToString(sum[:])}); err != nil {
		return err
	}
	_, err = io.WriteString(w, clean(b.String()))
	return err
}

// diffLine is a line of a patch and the class of its look.
type diffLine struct{ Class, Text string }

func diffLines(patch string) []diffLine {
	var out []diffLine
	head := true
	for line := range strings.Lines(patch) {
		text := strings.TrimRight(line, "\r\n")
		class := ""
		switch {
		case strings.HasPrefix(text, "@@"):
			class, head = "hunk", false
		case strings.HasPrefix(text, "diff "):
			class, head = "head", true
		case head:
			class = "head"
		case strings.HasPrefix(text, "+"):
			class = "add"
		case strings.HasPrefix(text, "-"):
			class = "del"
		}
		out = append(out, diffLine{class, text})
	}
	return out
}

// slug is a path as the name of a place in the page.
func slug(path string) string {
	return "f-" + strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, path)
}
