package engine

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/source"
)

// holding is a snapshot that found the texts as secrets.
func holding(secrets ...string) *Snapshot {
	s := &Snapshot{Files: set("config/prod.exs", strings.Join(secrets, "\n"))}
	at := int32(0)
	for _, x := range secrets {
		s.Findings = append(s.Findings, check.Finding{Secret: true, Span: source.Span{Start: at, End: at + int32(len(x))}})
		at += int32(len(x)) + 1
	}
	return s
}

func TestHide(t *testing.T) {
	s := holding(`"abcdefghijkl"`, `"efghijklmnopqr"`, `"abcdefgh12345"`, `"ääääöööö"`, `"short"`)
	for text, want := range map[string]string{
		"":                             "",
		"nothing":                      "nothing",
		"a short one":                  "a short one",
		"key: abcdefghijkl.":           "key: abcd….",
		"abcdefghijklmnopqr":           "abcd…", // two that overlap are hidden as one
		"abcdefgh12345 efghijklmnopqr": "abcd… efgh…",
		"abcdefgh1234":                 "abcdefgh1234",
		"xääääöööö":                    "xääää…",
		"abcdefghijklabcdefghijkl":     "abcd…abcd…",
	} {
		if got := s.Hide(text); got != want {
			t.Errorf("%q is shown as %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string]bool{"x = 1": false, `x = "efghijklmnopqr"`: true, "efghijk": false} {
		if got := s.Reveals(&fix.Fix{Edits: []fix.Edit{{Text: text}}}); got != want {
			t.Errorf("%q reveals a secret: %v, want %v", text, got, want)
		}
	}
}

// TestPrivateKeyWithoutEnd hides what stands up to the next mark.
func TestPrivateKeyWithoutEnd(t *testing.T) {
	const begin = "-----BEGIN PRIVATE KEY-----"
	s := &Snapshot{Files: set("a.pem", begin+"\nfirstfirst\n"+begin+"\nsecondsecond\n")}
	s.Findings = []check.Finding{{Secret: true, Span: source.Span{Start: 0, End: int32(len(begin))}}}
	if got := s.Hide("firstfirst secondsecond"); got != "firs… secondsecond" {
		t.Error(got)
	}
}

// TestManySecretsTakeLinearTime reads a configuration of thousands of keys, each of a module of its
// own, and proposes what to do about each.
func TestManySecretsTakeLinearTime(t *testing.T) {
	const keys = 4000
	r := rand.New(rand.NewPCG(1, 2))
	random := func() string {
		b := make([]byte, 40)
		for i := range b {
			b[i] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"[r.IntN(62)]
		}
		return string(b)
	}
	var common, prod strings.Builder
	common.WriteString("import Config\n")
	prod.WriteString("import Config\nconfig :big, :all, [\n")
	for i := range keys {
		fmt.Fprintf(&common, "config :big, Big.M%d, api_key: %q, secret: %q\n", i, random(), random())
		fmt.Fprintf(&prod, "  x%d: [api_key: %q, client_secret: %q],\n", i, random(), random())
	}
	prod.WriteString("  y: 1]\n")
	models := builtin(t)
	start := time.Now()
	s := Analyze(set("config/config.exs", common.String(), "config/prod.exs", prod.String()), models, Options{Jobs: 1})
	propose := s.Proposing(FixOptions{})
	found, proposed := 0, 0
	for i := range s.Findings {
		if f := &s.Findings[i]; f.Check == "hardcoded-secret" {
			found++
			if x, err := propose(f); err == nil && !s.Reveals(&x) {
				proposed++
			}
		}
	}
	if took := time.Since(start); took > time.Minute {
		t.Errorf("%d keys take %v", 4*keys, took)
	}
	if found < 2*keys || proposed == 0 {
		t.Errorf("%d findings, %d fixes", found, proposed)
	}
	t.Logf("%d findings, %d fixes, %v", found, proposed, time.Since(start))
}
