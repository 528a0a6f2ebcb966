package intervention

import (
	_ "embed"
	"io"
	"strings"
	"text/template"
)

//go:embed intervention.md.tmpl
var markdownText string

func (d *Document) writeMarkdown(w io.Writer) error {
	t, err := template.New("markdown").Funcs(template.FuncMap{
		"say": markdownInline, "code": markdownCode, "cell": markdownCell, "fenced": markdownBlock, "frame": frameText, "edits": edits, "numbers": numbers,
		"next": func(i int) int { return i + 1 },
	}).Parse(markdownText)
	if err != nil {
		return err
	}
	var b strings.Builder
	if err := t.Execute(&b, d); err != nil {
		return err
	}
	_, err = io.WriteString(w, clean(squeeze(b.String())))
	return err
}

// squeeze leaves one blank line where there are more, outside of code.
func squeeze(text string) string {
	var b strings.Builder
	fence, blank := "", true
	for line := range strings.Lines(text) {
		trimmed := strings.TrimRight(line, " \n")
		switch {
		case fence != "":
			if trimmed == fence {
				fence = ""
			}
			b.WriteString(line)
			blank = false
			continue
		case strings.HasPrefix(trimmed, "```"):
			fence = trimmed[:len(trimmed)-len(strings.TrimLeft(trimmed, "`"))]
		case trimmed == "" && blank:
			continue
		}
		blank = trimmed == ""
		b.WriteString(trimmed + "\n")
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

// markdownInline is inline text of which nothing but code is marked up.
func markdownInline(text string) string {
	var b strings.Builder
	for _, p := range inline(text) {
		if p.Code {
			b.WriteString("`" + p.Text + "`")
			continue
		}
		for i, r := range p.Text {
			if strings.ContainsRune("\\`*{}[]<>#|~&", r) || r == '_' && !inWord(p.Text, i) {
				b.WriteByte('\\')
			}
			b.WriteRune(r)
		}
	}
	return b.String()
}

// inWord reports whether letters or digits stand on both sides of a byte.
func inWord(text string, i int) bool {
	word := func(b byte) bool { return b >= '0' && b <= '9' || b|0x20 >= 'a' && b|0x20 <= 'z' }
	return i > 0 && i+1 < len(text) && word(text[i-1]) && word(text[i+1])
}

// markdownCell is inline text in a table.
func markdownCell(text string) string {
	var b strings.Builder
	for _, p := range inline(text) {
		if p.Code {
			b.WriteString(markdownCode(p.Text))
		} else {
			b.WriteString(markdownInline(p.Text))
		}
	}
	return b.String()
}

// markdownCode is code in a line; a bar in it would end the cell of a table.
func markdownCode(text string) string {
	text = strings.ReplaceAll(text, "|", `\|`)
	ticks := ticksFor(text, 1)
	if len(ticks) > 1 {
		return ticks + " " + text + " " + ticks
	}
	return ticks + text + ticks
}

// markdownBlock is a block of code.
func markdownBlock(language, text string) string {
	ticks := ticksFor(text, 3)
	var b strings.Builder
	b.WriteString(ticks + language + "\n")
	for line := range strings.Lines(text) {
		b.WriteString(strings.TrimRight(line, "\r\n") + "\n")
	}
	return b.String() + ticks
}

// ticksFor are backticks, at least n, that do not stand in a text.
func ticksFor(text string, n int) string {
	ticks := strings.Repeat("`", n)
	for strings.Contains(text, ticks) {
		ticks += "`"
	}
	return ticks
}

// frameText is the source around a finding, with a mark at its lines.
func frameText(lines []Line) string {
	var b strings.Builder
	for _, l := range lines {
		mark := "  "
		if l.Marked {
			mark = "> "
		}
		b.WriteString(mark + l.Text + "\n")
	}
	return b.String()
}
