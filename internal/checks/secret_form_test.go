package checks

import (
	"strings"
	"testing"
)

func TestProvider(t *testing.T) {
	all := forms()
	for _, c := range []struct{ text, want string }{
		{"AKIAQ3EGSWK7JHT5RZ2M", "an AWS access key"},
		{"id AKIAQ3EGSWK7JHT5RZ2M, and more", "an AWS access key"},
		{"AKIAQ3EGSWK7JHT5RZ2", ""},   // too short
		{"AKIAQ3EGSWK7JHT5RZ2MX", ""}, // too long
		{"XAKIAQ3EGSWK7JHT5RZ2M", ""}, // inside a word
		{"AKIAQ3EGSWK8JHT5RZ2M", ""},  // no 8 is in base 32
		{"AKIAIOSFODNN7EXAMPLE", ""},
		{"sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc", "a Stripe secret key"},
		{"sk_test_4eC39HqLyjWDarjtT1zdp7dc", ""},
		{"sk_live_xxxxxxxxxxxxxxxxxxxxxxxx", ""},
		{"ghp_" + "1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s", "a GitHub token"},
		{"xoxb-" + "17653672481-19874698323-pdFZKVeTuE8sk7oOcHrzzqgy", "a Slack token"},
		{"Bearer glpat-" + "Zk3vQ9xT7mR2pL8wN5bJ", "a GitLab token"},
		{"key-" + "3ax6xnjp29jd6fds4gc373sgvjxteol0", ""}, // not hexadecimal
		{"key-" + "3a16b29c29cd6fd04ac373d9f17e1b0e", "a Mailgun key"},
		{"monkey-3a16b29c29cd6fd04ac373d9f17e1b0e", ""},
		{"", ""},
	} {
		got := ""
		if f, token := provider(all, c.text); f != nil {
			got = f.name
			if !strings.HasPrefix(token, f.prefix) || !strings.Contains(c.text, token) {
				t.Errorf("%s: token %q", c.text, token)
			}
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.text, got, c.want)
		}
	}
}

func TestRandom(t *testing.T) {
	for text, want := range map[string]bool{
		"qh3kX0Jz7TuWn1LbEy5Rc9vGd2MfAs8P":           true,
		"8f14e45fceea167a5a36dedd4bea2543":           true,
		"this-is-only-words-with-1-number":           false,
		"short1":                                     false,
		"your_secret_goes_here_12345":                false,
		"MyApp.Some.Module.Name2":                    false,
		"/usr/local/lib/erlang/releases/27":          false,
		"https://example.org/oauth/v2":               false,
		"00000000000000000000000000000000":           false,
		"two words qh3kX0Jz7TuWn1LbEy5Rc9vG":         false,
		"6f1c3a52-9d27-4f0e-8b1b-3c9e7a4d2f60":       true,
		"phc_i9k28nZwjjJG9DzUK0gDGASxXtGNusdI1zdaz9": false,
	} {
		if random(text) != want {
			t.Errorf("%s: want %v", text, want)
		}
	}
}

func TestMasked(t *testing.T) {
	if got := masked("AKIAQ3EGSWK7JHT5RZ2M"); got != "AKIA…, 20 characters" {
		t.Error(got)
	}
	if got := masked("-----BEGIN RSA PRIVATE KEY"); got != "PEM" {
		t.Error(got)
	}
}

func TestSpoken(t *testing.T) {
	all := phrases()
	for text, want := range map[string]string{
		"# It works for now":                  "It works for now",
		"# This   WORKS\tfor now, mostly":     "It works for now",
		"# TODO: optimise this later":         "We'll optimise later",
		"# we’ll optimize later":              "We'll optimise later",
		"# skip tests for this":               "Skip the tests",
		"# Quick-and-dirty":                   "Quick and dirty",
		"# temporary fix until v2":            "Temporary fix",
		"# good enough":                       "Good enough",
		"# good enoughness":                   "",
		"# a temporary file":                  "",
		"# the fix is temporary in any case?": "",
	} {
		got := ""
		if p := spoken(all, text); p != nil {
			got = p.said
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}
