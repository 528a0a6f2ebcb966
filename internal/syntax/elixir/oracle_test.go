package elixir

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/assay-dev/assay/internal/source"
)

// TestOracle asks the installed Elixir for the trees of the fixtures. What
// older and newer versions make otherwise is in tricky.txt, by version.
func TestOracle(t *testing.T) {
	version := installed(t)
	var srcs []string
	var want []string // what is known to differ at this version, else empty
	for _, s := range tricky(t) {
		known := ""
		for _, v := range []string{"1.14", "1.20"} {
			if at := s.sections["ast-"+v]; at != "" && sameSide(version, v) {
				known = at
			}
		}
		srcs, want = append(srcs, s.src), append(want, known)
	}
	answers := ask(t, srcs)
	compared := 0
	for i, src := range srcs {
		got, errs := CanonText(source.NewFile("test.ex", src), Plain)
		ok, text := answers[i].Ok, answers[i].Canon
		switch {
		case want[i] != "":
			if refuses := strings.HasPrefix(want[i], "ERROR"); refuses == ok || ok && text != want[i] {
				t.Errorf("Elixir %s no longer differs as recorded\n%s\nwant %s\ngot  %s", version, src, want[i], text)
			}
			continue
		case ok != (len(errs) == 0):
			t.Errorf("Elixir %s accepts: %v; errors: %v\n%s", version, ok, errs, src)
		case ok && text != string(got):
			t.Errorf("%s\nElixir %s %s\nAssay %s", src, version, text, got)
		}
		compared++
	}
	t.Logf("Elixir %s: %d of %d snippets compared, the others are recorded differences", version, compared, len(srcs))
}

// sameSide reports whether an Elixir version shares the recorded differences of
// 1.14 (older than the fixtures) or 1.20 (newer).
func sameSide(version, recorded string) bool {
	if recorded == "1.14" {
		return version < "1.15"
	}
	return version >= "1.20"
}

// installed is the version of the Elixir on this machine, as `1.18`.
func installed(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("elixir", "--version").Output()
	m := regexp.MustCompile(`Elixir (\d+\.\d+)`).FindSubmatch(out)
	if err == nil && m != nil {
		return string(m[1])
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("elixir is not installed")
	}
	t.Skip("elixir is not installed")
	return ""
}

type answer struct {
	Ok    bool
	Canon string
}

func ask(t *testing.T, srcs []string) []answer {
	t.Helper()
	var in bytes.Buffer
	for _, s := range srcs {
		text := base64.StdEncoding.EncodeToString([]byte(s))
		if text == "" { // the script skips empty lines
			text = base64.StdEncoding.EncodeToString([]byte(" "))
		}
		in.WriteString(text + "\n")
	}
	cmd := exec.Command("elixir", "testdata/oracle.exs", "canon", "--b64", "--serial")
	cmd.Stdin = &in
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.Split(bytes.TrimSuffix(out, []byte("\n")), []byte("\n"))
	if len(lines) != len(srcs) {
		t.Fatalf("%d answers for %d snippets", len(lines), len(srcs))
	}
	answers := make([]answer, len(lines))
	for i, line := range lines {
		if err := json.Unmarshal(line, &answers[i]); err != nil {
			t.Fatal(err)
		}
	}
	return answers
}
