package checks

import (
	"encoding/base64"
	"math"
	"strings"
)

// form is how the credentials of one provider look.
type form struct {
	prefix   string
	name     string // for people
	min, max int    // characters behind the prefix
	chars    charset
	secret   int // it only names an account, whose secret is another text of so many characters; or 0
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

// googleKey begins the key of a project at Google, by which its calls are counted.
const googleKey = "AIza"

// awsSecret is how many characters the secret of an AWS access key has.
const awsSecret = 40

// forms are the providers whose credentials are known by their first characters.
func forms() []form {
	return []form{
		{prefix: "AKIA", name: "an AWS access key", min: 16, max: 16, chars: base32, secret: awsSecret},
		{prefix: "ASIA", name: "an AWS access key", min: 16, max: 16, chars: base32, secret: awsSecret},
		{prefix: "sk_live_", name: "a Stripe secret key", min: 20, max: 247, chars: word},
		{prefix: "rk_live_", name: "a Stripe restricted key", min: 20, max: 247, chars: word},
		{prefix: webhook, name: "a webhook signing secret", min: 32, max: 64, chars: word | slash},
		{prefix: "ghp_", name: "a GitHub token", min: 36, max: 251, chars: word},
		{prefix: "gho_", name: "a GitHub token", min: 36, max: 251, chars: word},
		{prefix: "ghu_", name: "a GitHub token", min: 36, max: 251, chars: word},
		{prefix: "ghs_", name: "a GitHub token", min: 36, max: 251, chars: word},
		{prefix: "ghr_", name: "a GitHub token", min: 36, max: 251, chars: word},
		{prefix: "github_pat_", name: "a GitHub token", min: 80, max: 93, chars: word | dash},
		{prefix: "glpat-", name: "a GitLab token", min: 20, max: 64, chars: word | dash},
		{prefix: "xoxb-", name: "a Slack token", min: 40, max: 255, chars: word | dash},
		{prefix: "xoxa-", name: "a Slack token", min: 40, max: 255, chars: word | dash},
		{prefix: "xoxp-", name: "a Slack token", min: 40, max: 255, chars: word | dash},
		{prefix: "xapp-", name: "a Slack token", min: 40, max: 255, chars: word | dash},
		{prefix: "SG.", name: "a SendGrid key", min: 66, max: 66, chars: word | dash | dots},
		{prefix: googleKey, name: "a Google API key", min: 35, max: 35, chars: word | dash},
		{prefix: "GOCSPX-", name: "a Google client secret", min: 28, max: 28, chars: word | dash},
		{prefix: "npm_", name: "an npm token", min: 36, max: 36, chars: word},
		{prefix: "sq0csp-", name: "a Square secret", min: 43, max: 43, chars: word | dash},
		{prefix: "sq0atp-", name: "a Square token", min: 22, max: 22, chars: word | dash},
		{prefix: "EAAAE", name: "a Square token", min: 59, max: 60, chars: word | dash},
		{prefix: "EAACEdEose0cBA", name: "a Facebook token", min: 20, max: 300, chars: word},
		{prefix: "key-", name: "a Mailgun key", min: 32, max: 32, chars: hexes | digits},
		{prefix: "shpat_", name: "a Shopify token", min: 32, max: 32, chars: hexes | digits | letters},
		{prefix: "shpss_", name: "a Shopify secret", min: 32, max: 32, chars: hexes | digits | letters},
		{prefix: "dop_v1_", name: "a DigitalOcean token", min: 64, max: 64, chars: hexes | digits},
		{prefix: "doo_v1_", name: "a DigitalOcean token", min: 64, max: 64, chars: hexes | digits},
		{prefix: "hf_", name: "a Hugging Face token", min: 34, max: 40, chars: letters},
		{prefix: "sk-ant-", name: "an Anthropic key", min: 80, max: 120, chars: word | dash},
		{prefix: "sk-proj-", name: "an OpenAI key", min: 40, max: 200, chars: word | dash},
		{prefix: "lin_api_", name: "a Linear key", min: 40, max: 40, chars: word},
		{prefix: "dp.pt.", name: "a Doppler token", min: 43, max: 43, chars: word},
		{prefix: "pypi-AgEIcHlwaS5vcmc", name: "a PyPI token", min: 50, max: 300, chars: word | dash},
		{prefix: "sbp_", name: "a Supabase token", min: 40, max: 40, chars: hexes | digits},
		{prefix: "rubygems_", name: "a RubyGems key", min: 48, max: 48, chars: hexes | digits},
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
	plain, _ := base64.StdEncoding.DecodeString(body)
	return text[at:end], distinct(body) >= 8 && !placeholder(body) && !pretended(string(plain))
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
		"example", "changeme", "change_me", "change-me", "placeholder", "notreal", "not_real", "not-real", "your", "dummy", "sample", "secret", "password", "default",
		"insecure", "replace", "phc_", "pk_live", "pk_test", "development", "testing", "fake", "token", "abcdef", "123456", "xxxx", "local", "quickstart",
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
	for _, w := range []string{"salt", "public", "publishable", "frontend", "react_app", "vite_", "_url", "_uri", "_path", "_file", "_name", "_id", "_address", "ttl", "expir", "header", "_hash", "_age", "issuer", "algorithm", "prefix", "_ref"} {
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

// minRandom and maxRandom are the lengths, in bytes, of a text that may be random.
const minRandom, maxRandom = 20, 512

// random reports whether a text looks as if a machine had drawn it: long, of
// letters and digits without words, and nearly as varied as chance makes it.
func random(s string) bool {
	if len(s) < minRandom || len(s) > maxRandom || placeholder(s) {
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
