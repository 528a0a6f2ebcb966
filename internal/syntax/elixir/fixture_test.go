package elixir

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/assay-dev/assay/internal/source"
	"github.com/assay-dev/assay/internal/syntax"
)

// A snippet is one case of tricky.txt: source and what Elixir makes of it, by
// section.
type snippet struct {
	name, src string
	sections  map[string]string
}

var sectionName = regexp.MustCompile(`^(ast|pos|full|lit|raw)(-\d+\.\d+)?$`)

func tricky(t testing.TB) []snippet {
	t.Helper()
	data, err := os.ReadFile("testdata/tricky.txt")
	if err != nil {
		t.Fatal(err)
	}
	var out []snippet
	header := regexp.MustCompile(`(?m)^-- (.*) --\n`)
	text := string(data)
	at := header.FindAllStringSubmatchIndex(text, -1)
	for i, m := range at {
		end := len(text)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		name := text[m[2]:m[3]]
		body := strings.TrimSuffix(text[m[1]:end], "\n")
		if sectionName.MatchString(name) {
			out[len(out)-1].sections[name] = body
			continue
		}
		if n, ok := strings.CutSuffix(name, " escaped"); ok {
			name, body = n, undo(body)
		}
		out = append(out, snippet{name, body, map[string]string{}})
	}
	return out
}

// undo replaces the escapes of an escaped snippet.
func undo(s string) string {
	re := regexp.MustCompile(`\\(n|r|t|x[0-9a-fA-F]{2}|u\{[0-9a-fA-F]+\})`)
	return re.ReplaceAllStringFunc(s, func(m string) string {
		switch m[1] {
		case 'n':
			return "\n"
		case 'r':
			return "\r"
		case 't':
			return "\t"
		case 'x':
			v, _ := strconv.ParseUint(m[2:], 16, 8)
			return string([]byte{byte(v)})
		}
		v, _ := strconv.ParseUint(m[3:len(m)-1], 16, 32)
		return string(utf8.AppendRune(nil, rune(v)))
	})
}

// A random is one snippet of fuzz.jsonl.gz.
type random struct {
	Src string
	Ok  bool
	Ast string
	Pos string
}

func randoms(t testing.TB) []random {
	t.Helper()
	var out []random
	eachLine(t, "testdata/fuzz.jsonl.gz", func(line []byte) {
		var r random
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatal(err)
		}
		out = append(out, r)
	})
	return out
}

func eachLine(t testing.TB, path string, yield func([]byte)) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		yield(lines.Bytes())
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
}

func parse(t testing.TB, src string) *syntax.Tree {
	t.Helper()
	tree := Parse(source.NewFile("test.ex", src))
	if err := syntax.Verify(tree); err != nil {
		t.Fatalf("%q: %v", src, err)
	}
	return tree
}
