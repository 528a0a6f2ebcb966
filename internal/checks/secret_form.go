package checks

import (
	"math"
	"strings"
)

// form is how the credentials of one provider look.
type form struct {
	prefix   string
	name     string // for people
	min, max int    // characters behind the prefix
	chars    charset
}

// charset is a set of characters that a credential is made of.
type charset uint8

const (
	letters charset = 1 << iota // a-z A-Z
	digits
	hexes  // a-f
	dash   // - _
	dots   // .
	slash  // / + =
	base32 // A-Z 2-7
)

const word = letters | digits

// webhook begins what checks that a service has sent what comes in; it opens nothing.
const webhook = "whsec_"

// forms are the providers whose credentials are known by their first characters.
func forms() []form {
	return []form{
		{"AKIA", "an AWS access key", 16, 16, base32},
		{"ASIA", "an AWS access key", 16, 16, base32},
		{"sk_live_", "a Stripe secret key", 20, 247, word},
		{"rk_live_", "a Stripe restricted key", 20, 247, word},
		{webhook, "a webhook signing secret", 32, 64, word | slash},
		{"ghp_", "a GitHub token", 36, 251, word},
		{"gho_", "a GitHub token", 36, 251, word},
		{"ghu_", "a GitHub token", 36, 251, word},
		{"ghs_", "a GitHub token", 36, 251, word},
		{"ghr_", "a GitHub token", 36, 251, word},
		{"github_pat_", "a GitHub token", 80, 93, word | dash},
		{"glpat-", "a GitLab token", 20, 64, word | dash},
		{"xoxb-", "a Slack token", 40, 255, word | dash},
		{"xoxa-", "a Slack token", 40, 255, word | dash},
		{"xoxp-", "a Slack token", 40, 255, word | dash},
		{"xapp-", "a Slack token", 40, 255, word | dash},
		{"SG.", "a SendGrid key", 66, 66, word | dash | dots},
		{"AIza", "a Google API key", 35, 35, word | dash},
		{"GOCSPX-", "a Google client secret", 28, 28, word | dash},
		{"npm_", "an npm token", 36, 36, word},
		{"sq0csp-", "a Square secret", 43, 43, word | dash},
		{"sq0atp-", "a Square token", 22, 22, word | dash},
		{"EAAAE", "a Square token", 59, 60, word | dash},
		{"EAACEdEose0cBA", "a Facebook token", 20, 300, word},
		{"key-", "a Mailgun key", 32, 32, hexes | digits},
		{"shpat_", "a Shopify token", 32, 32, hexes | digits | letters},
		{"shpss_", "a Shopify secret", 32, 32, hexes | digits | letters},
		{"dop_v1_", "a DigitalOcean token", 64, 64, hexes | digits},
		{"doo_v1_", "a DigitalOcean token", 64, 64, hexes | digits},
		{"hf_", "a Hugging Face token", 34, 40, letters},
		{"sk-ant-", "an Anthropic key", 80, 120, word | dash},
		{"sk-proj-", "an OpenAI key", 40, 200, word | dash},
		{"lin_api_", "a Linear key", 40, 40, word},
		{"dp.pt.", "a Doppler token", 43, 43, word},
		{"pypi-AgEIcHlwaS5vcmc", "a PyPI token", 50, 300, word | dash},
		{"sbp_", "a Supabase token", 40, 40, hexes | digits},
		{"rubygems_", "a RubyGems key", 48, 48, hexes | digits},
	}
}

// provider finds a credential in a text by the forms of providers.
func provider(forms []form, text string) (*form, string) {
	for k := range forms {
		f := &forms[k]
		for at := 0; ; {
			i := strings.Index(text[at:], f.prefix)
			if i < 0 {
				break
			}
			at += i
			if token, ok := f.match(text, at); ok {
				return f, token
			}
			at += len(f.prefix)
		}
	}
	return nil, ""
}

// match reads a credential at an offset of a text.
func (f *form) match(text string, at int) (string, bool) {
	if at > 0 && (alnum(text[at-1]) || text[at-1] == '_') {
		return "", false
	}
	start := at + len(f.prefix)
	end := start
	for end < len(text) && f.chars.has(text[end]) {
		end++
	}
	if n := end - start; n < f.min || n > f.max || end < len(text) && alnum(text[end]) {
		return "", false
	}
	body := text[start:end]
	return text[at:end], distinct(body) >= 8 && !placeholder(body)
}

func (s charset) has(c byte) bool {
	switch {
	case c >= '2' && c <= '7':
		return s&(digits|base32) != 0
	case c >= '0' && c <= '9':
		return s&digits != 0
	case c >= 'A' && c <= 'Z':
		return s&(letters|base32) != 0
	case c >= 'a' && c <= 'f':
		return s&(letters|hexes) != 0
	case c >= 'a' && c <= 'z':
		return s&letters != 0
	case c == '-' || c == '_':
		return s&dash != 0
	case c == '.':
		return s&dots != 0
	case c == '/' || c == '+' || c == '=':
		return s&slash != 0
	}
	return false
}

func alnum(c byte) bool { return word.has(c) }

// distinct counts the different characters of a text.
func distinct(s string) int {
	var seen [256]bool
	n := 0
	for i := range len(s) {
		if !seen[s[i]] {
			seen[s[i]] = true
			n++
		}
	}
	return n
}

// placeholder reports whether a text says of itself that it is none.
func placeholder(s string) bool {
	s = strings.ToLower(s)
	for _, w := range []string{
		"example", "changeme", "change_me", "change-me", "placeholder", "your", "dummy", "sample", "secret", "password", "default",
		"insecure", "replace", "phc_", "pk_live", "pk_test", "development", "testing", "fake", "token", "abcdef", "123456", "xxxx", "local",
	} {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// secretName reports whether a name is one of a secret's.
func secretName(name string) bool {
	name = strings.ToLower(name)
	for _, w := range []string{"salt", "public", "publishable", "frontend", "react_app", "vite_", "_url", "_uri", "_path", "_file", "_name", "_id", "ttl", "expir", "header", "_hash", "_age", "issuer", "algorithm", "prefix", "_ref"} {
		if strings.Contains(name, w) {
			return false
		}
	}
	for _, w := range []string{"secret", "password", "passwd", "api_key", "apikey", "token", "private_key", "access_key", "auth_key", "encryption_key", "signing_key", "credential", "cipher_key", "client_key"} {
		if strings.Contains(name, w) {
			return true
		}
	}
	return false
}

// random reports whether a text looks as if a machine had drawn it: long, of
// letters and digits without words, and nearly as varied as chance makes it.
func random(s string) bool {
	if len(s) < 20 || len(s) > 512 || placeholder(s) {
		return false
	}
	var digit, letter bool
	for i := range len(s) {
		c := s[i]
		if !(word | dash | dots | slash).has(c) {
			return false
		}
		digit = digit || c >= '0' && c <= '9'
		letter = letter || !(c >= '0' && c <= '9') && alnum(c)
	}
	if !digit || !letter || strings.Count(s, ".") > 2 || strings.HasPrefix(s, "/") {
		return false
	}
	if isHex(s) {
		return len(s) >= 32 && entropy(s) >= 3
	}
	// Words joined by dashes stay below; 20 random letters and digits lie above.
	return entropy(s) >= 3.5 && strings.Count(s, "-")+strings.Count(s, "_") <= len(s)/8
}

func isHex(s string) bool {
	for i := range len(s) {
		if !(hexes | digits).has(s[i]|0x20) && s[i] != '-' {
			return false
		}
	}
	return true
}

// entropy is Shannon's, in bits a character.
func entropy(s string) float64 {
	var count [256]int
	for i := range len(s) {
		count[s[i]]++
	}
	h := 0.0
	for _, n := range count {
		if n > 0 {
			q := float64(n) / float64(len(s))
			h -= q * math.Log2(q)
		}
	}
	return h
}
