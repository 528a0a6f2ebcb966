package page

import (
	"regexp"
	"strings"
)

// mark is how the comment of an expected finding begins, in Elixir and TOML,
// SQL, EEx and HEEx.
var mark = regexp.MustCompile(`(<%!--|<!--|<%#|#|--)[ \t]*want:`)

// endOf returns what must end a comment.
func endOf(open string) string {
	switch open {
	case "<%!--":
		return "--%>"
	case "<!--":
		return "-->"
	case "<%#":
		return "%>"
	}
	return ""
}

// marksOf takes the marks of expected findings from the end of a line, and
// returns what they say. It fails when one says nothing or is not closed.
func marksOf(line string) (rest string, texts []string, ok bool) {
	at := mark.FindAllStringSubmatchIndex(line, -1)
	if len(at) == 0 {
		return line, nil, true
	}
	for i, m := range at {
		end := len(line)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		text, closed := strings.CutSuffix(strings.TrimSpace(line[m[1]:end]), endOf(line[m[2]:m[3]]))
		text = strings.TrimSpace(text)
		if !closed || text == "" {
			return line, nil, false
		}
		texts = append(texts, text)
	}
	return strings.TrimRight(line[:at[0][0]], " \t"), texts, true
}
