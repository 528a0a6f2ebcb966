package elixir

import (
	"regexp"
	"strings"
)

// tidy takes the aliases away that nothing names any more once the edits are
// made: the compiler complains about them.
func (e *editor) tidy() {
	text := []byte(e.text)
	mask := func(start, end int) {
		for i := start; i < end; i++ {
			if text[i] != '\n' {
				text[i] = ' '
			}
		}
	}
	for _, d := range e.fix.Edits {
		mask(d.Start, d.End)
	}
	for _, c := range e.Program.Comments[e.code.File.ID] {
		mask(int(c.Start), int(c.End))
	}
	gone := map[string]bool{}
	for _, d := range e.fix.Edits {
		for _, name := range moduleWord.FindAllString(e.text[d.Start:d.End], -1) {
			gone[name] = true
		}
	}
	list := e.aliasLines(e.code.File)
	for _, at := range list {
		mask(at[0], at[1])
	}
	left := string(text)
	for _, d := range e.fix.Edits {
		left += "\n" + d.Text
	}
	for _, at := range list {
		e.tidyAlias(at, func(name string) bool {
			return gone[name] && !regexp.MustCompile(`(^|[^\w.])`+name+`\b`).MatchString(left)
		})
	}
}

var moduleWord = regexp.MustCompile(`\b[A-Z]\w*\b`)

// tidyAlias takes the names out of one directive that are not used.
func (e *editor) tidyAlias(at []int, unused func(string) bool) {
	name := e.text[at[4]:at[5]]
	if at[6] < 0 {
		if unused(name[strings.LastIndexByte(name, '.')+1:]) {
			e.edit(int32(at[0]), e.lineEnd(int32(at[1])), "")
		}
		return
	}
	list := e.text[at[6]:at[7]]
	var kept []string
	parts := strings.Split(list, ",")
	for _, p := range parts {
		p = strings.TrimSpace(p)
		if !unused(p[strings.LastIndexByte(p, '.')+1:]) {
			kept = append(kept, p)
		}
	}
	switch {
	case len(kept) == len(parts):
	case strings.Contains(list, "\n") || len(kept) == 0:
		e.tidyLines(at, unused)
	case len(kept) == 1:
		e.edit(int32(at[5]), int32(at[7])+1, "."+kept[0])
	default:
		e.edit(int32(at[6]), int32(at[7]), strings.Join(kept, ", "))
	}
}

// tidyLines takes names out of a directive with one name a line.
func (e *editor) tidyLines(at []int, unused func(string) bool) {
	from := int32(at[6])
	for line := range strings.Lines(e.text[at[6]:at[7]]) {
		to := from + int32(len(line))
		p := strings.TrimRight(strings.TrimSpace(line), ",")
		if p != "" && unused(p[strings.LastIndexByte(p, '.')+1:]) && strings.HasSuffix(strings.TrimSpace(line), ",") {
			e.edit(from, to, "")
		}
		from = to
	}
}
