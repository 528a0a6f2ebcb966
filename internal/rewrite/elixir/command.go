package elixir

import (
	"path"
	"regexp"
	"strconv"
	"strings"
)

// usualWidth is how long the formatter lets a line be where a project says
// nothing else.
const usualWidth = 98

// width is how long a line may be in a folder.
func (w *Writer) width(dir string) int {
	for {
		if f := w.Files.Named(path.Join(dir, ".formatter.exs")); f != nil {
			m := regexp.MustCompile(`[^_]line_length:\s*(\d+)`).FindStringSubmatch(f.Text)
			if m == nil {
				return usualWidth
			}
			n, err := strconv.Atoi(m[1])
			if err != nil {
				return usualWidth
			}
			return n
		}
		if dir == "." || dir == "/" || dir == "" {
			return usualWidth
		}
		dir = path.Dir(dir)
	}
}

// thing is a call that a command is given: `unique_index(:posts, [:slug], name: :x)`.
type thing struct {
	name string
	args []string
	opts []string // `name: :x`
}

// with is a thing with one more option, unless it has one of that name.
func (t thing) with(opts ...string) thing {
	out := thing{t.name, t.args, append([]string(nil), t.opts...)}
	for _, o := range opts {
		key, _, _ := strings.Cut(o, ":")
		if !t.has(key) {
			out.opts = append(out.opts, o)
		}
	}
	return out
}

func (t thing) has(key string) bool {
	for _, o := range t.opts {
		if strings.HasPrefix(o, key+":") {
			return true
		}
	}
	return false
}

// String is a thing on one line.
func (t thing) String() string {
	return t.name + "(" + strings.Join(append(append([]string(nil), t.args...), t.opts...), ", ") + ")"
}

// command is a command about a thing, laid out as the formatter does: at an
// indentation, in lines up to a width.
func command(word string, t thing, parens bool, indent, width int) string {
	open, end := " ", ""
	if parens {
		open, end = "(", ")"
	}
	if one := word + open + t.String() + end; indent+len(one) <= width {
		return one
	}
	if parens {
		return word + "(\n" + indented(t.laid(indent+2, 0, width), "  ") + "\n)"
	}
	return word + " " + t.laid(indent, len(word)+1, width)
}

// laid is a thing in as many lines as it takes, behind a word of some bytes.
func (t thing) laid(indent, word, width int) string {
	if one := t.String(); indent+word+len(one) <= width {
		return one
	}
	pad := strings.Repeat(" ", word)
	if word == 0 {
		pad = ""
	}
	opts := make([]string, len(t.opts))
	for i, o := range t.opts {
		opts[i] = o
		if key, value, ok := strings.Cut(o, ": "); ok && indent+word+2+len(o)+1 > width && value != "" && value[0] == '"' {
			opts[i] = key + ":\n  " + value
		}
	}
	head := t.name + "(" + strings.Join(t.args, ", ") + ","
	if indent+word+len(head) <= width && len(t.opts) > 0 {
		return head + "\n" + indented(strings.Join(opts, ",\n"), pad+"  ") + "\n" + pad + ")"
	}
	var rows []string
	for _, a := range append(append([]string(nil), t.args...), opts...) {
		if indent+word+2+len(a)+1 > width && strings.HasPrefix(a, "[:") {
			a = "[\n  " + strings.ReplaceAll(a[1:len(a)-1], ", ", ",\n  ") + "\n]"
		}
		rows = append(rows, a)
	}
	return t.name + "(\n" + indented(strings.Join(rows, ",\n"), pad+"  ") + "\n" + pad + ")"
}

// execute runs SQL that is given in parts: on one line, or in as many as there
// are parts.
func (h habits) execute(sql ...string) string {
	open, end := " ", ""
	if h.parens {
		open, end = "(", ")"
	}
	if one := "execute" + open + quoted(strings.Join(sql, " ")) + end; 4+len(one) <= h.width {
		return one
	}
	text := strings.NewReplacer(`\`, `\\`, "#{", `\#{`, `"""`, `\"""`).Replace(strings.Join(sql, "\n"))
	return "execute" + open + "\"\"\"\n" + text + "\n\"\"\"" + end
}

// executeOnly runs SQL that needs no way back.
func (h habits) executeOnly(sql string) step {
	if h.oneWay {
		return step{up: h.execute(sql), down: ":ok"}
	}
	return step{up: h.executeBoth(sql)}
}

// executeBoth is `execute/2` with nothing to do on the way back.
func (h habits) executeBoth(sql string) string {
	open, end, next := " ", "", ",\n        "
	one := quoted(sql)
	if h.parens {
		open, end, next = "(", ")", ",\n  "
	}
	if line := "execute" + open + one + `, ""` + end; 4+len(line) <= h.width {
		return line
	}
	if h.parens {
		return "execute(\n  " + one + next + "\"\"\n)"
	}
	return "execute " + one + next + `""`
}

// indented puts an indentation before each line that is not empty.
func indented(text, by string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) != "" {
			b.WriteString(by)
		}
		b.WriteString(line)
	}
	return b.String()
}
