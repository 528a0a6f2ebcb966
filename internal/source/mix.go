package source

import (
	"fmt"
	"path"
	"slices"
	"sort"
	"strings"
)

// mixFile is what a mix.exs says about its project, as far as plain text
// shows it.
type mixFile struct {
	app, appsPath string
	deps          []Dep    // sorted by name
	paths         []string // that are compiled, or nil
}

// apps reads the Mix projects of some directories.
func apps(s *Set, dirs []string) []App {
	locks := map[string]map[string]Dep{}
	var all []App
	for _, dir := range dirs {
		mix := s.Named(path.Join(dir, "mix.exs"))
		if mix == nil {
			continue
		}
		m := readMix(mix.Text)
		all = append(all, App{Dir: dir, Name: m.app, AppsPath: m.appsPath, Paths: m.paths, Deps: locked(m.deps, lockOf(s, dir, locks))})
	}
	sort.Slice(all, func(i, j int) bool { return all[i].Dir < all[j].Dir })
	return all
}

func appDirs(files []*File) (dirs []string) {
	for _, f := range files {
		if f.Kind == MixFile {
			dirs = append(dirs, strings.TrimSuffix(strings.TrimSuffix(f.Path, "mix.exs"), "/"))
		}
	}
	return dirs
}

// lockOf returns what is locked for a project: in its directory, or in the
// umbrella's.
func lockOf(s *Set, dir string, locks map[string]map[string]Dep) map[string]Dep {
	for {
		if f := s.Named(path.Join(dir, "mix.lock")); f != nil {
			if locks[dir] == nil {
				locks[dir] = readLock(f.Text)
			}
			return locks[dir]
		}
		if dir == "" {
			return nil
		}
		if dir = path.Dir(dir); dir == "." {
			dir = ""
		}
	}
}

// Older reports whether the application of a file is known to have an older version of a
// dependency than major.minor.
func (s *Set) Older(path, dep string, major, minor int) bool {
	a := s.App(path)
	if a == nil {
		return false
	}
	for _, d := range a.Deps {
		var x, y int
		if d.Name != dep {
			continue
		}
		if _, err := fmt.Sscanf(d.Version, "%d.%d", &x, &y); err == nil {
			return x < major || x == major && y < minor
		}
	}
	return false
}

// locked joins the dependencies of a mix.exs with those of a mix.lock.
func locked(direct []Dep, lock map[string]Dep) []Dep {
	deps := make([]Dep, 0, max(len(direct), len(lock)))
	named := make(map[string]bool, len(direct))
	for _, d := range direct {
		named[d.Name] = true
		d.Version, d.Commit = lock[d.Name].Version, lock[d.Name].Commit
		deps = append(deps, d)
	}
	for name, d := range lock {
		if !named[name] {
			deps = append(deps, d)
		}
	}
	sort.Slice(deps, func(i, j int) bool { return deps[i].Name < deps[j].Name })
	return deps
}

// readLock reads a mix.lock:
//
//	"plug": {:hex, :plug, "1.15.3", "712976f5…", [:mix], [{:mime, …}], "hexpm", "cc43…"},
//	"pow": {:git, "https://github.com/glific/pow.git", "9d94aa87…", []},
func readLock(text string) map[string]Dep {
	tokens := mixTokens(text)
	lock := map[string]Dep{}
	for i := 0; i+2 < len(tokens); i++ {
		if tokens[i].kind != mixKey || tokens[i+1].text != "{" || tokens[i+2].kind != mixAtom {
			continue
		}
		end := closing(tokens, i+1)
		d := Dep{Name: tokens[i].text}
		strs := directStrings(tokens[i+2 : end])
		switch how := tokens[i+2].text; {
		case how == "git" && len(strs) > 1:
			d.Commit = strs[1]
		case how != "git" && how != "path" && len(strs) > 0:
			d.Version = strs[0]
		}
		lock[d.Name] = d
		i = end
	}
	return lock
}

// directStrings returns the strings that no bracket encloses.
func directStrings(tokens []mixToken) (strs []string) {
	depth := 0
	for _, t := range tokens {
		depth += t.nesting()
		if depth == 0 && t.kind == mixString {
			strs = append(strs, t.text)
		}
	}
	return strs
}

// readMix reads a mix.exs. The dependencies are the tuples {:name, …} in the
// values of the keys deps: and in every function and attribute that they name.
func readMix(text string) (m mixFile) {
	tokens := mixTokens(text)
	defs := definitions(tokens)
	var lists [][]mixToken
	for i := 0; i+1 < len(tokens); i++ {
		t, next := tokens[i], tokens[i+1]
		if t.kind != mixKey {
			continue
		}
		switch {
		case t.text == "app" && m.app == "":
			m.app = atomValue(next, defs)
		case t.text == "apps_path" && m.appsPath == "" && next.kind == mixString:
			m.appsPath = next.text
		case t.text == "deps":
			list := value(tokens[i+1:])
			lists = append(lists, list)
			i += len(list)
		}
	}
	m.deps = dependencies(lists, defs)
	m.paths = compiledPaths(tokens, defs)
	return m
}

// compiledPaths are the paths that elixirc_paths names for what is deployed: "lib" where
// mix.exs does not set it, nil where it does not write them out. A clause for the environment
// of tests or of developers names paths beside.
func compiledPaths(tokens []mixToken, defs map[string][]mixToken) []string {
	var list []mixToken
	for i, t := range tokens {
		if t.kind == mixKey && t.text == "elixirc_paths" {
			list = append(slices.Clone(value(tokens[i+1:])), defs["elixirc_paths"]...)
			break
		}
	}
	if list == nil && defs["project"] != nil {
		return []string{"lib"}
	}
	var out []string
	beside := false
	for i, t := range list {
		switch {
		case t.text == "(" && i+2 < len(list) && (i == 0 || list[i-1].text != "elixirc_paths"):
			beside = list[i+1].kind == mixAtom && (list[i+1].text == "test" || list[i+1].text == "dev") && list[i+2].text == ")"
		case t.kind == mixString && !beside:
			out = append(out, t.text)
		case t.kind == mixWord && (t.text == "Path" || t.text == "File"):
			return nil
		}
	}
	return out
}

func atomValue(t mixToken, defs map[string][]mixToken) string {
	if t.kind == mixAttr && len(defs[t.text]) == 1 {
		t = defs[t.text][0]
	}
	if t.kind == mixAtom {
		return t.text
	}
	return ""
}

// value returns the tokens of one value of a list: up to the comma or bracket
// that ends it.
func value(tokens []mixToken) []mixToken {
	depth := 0
	for i, t := range tokens {
		if depth == 0 && t.text == "," && t.kind == mixPunct {
			return tokens[:i]
		}
		if depth += t.nesting(); depth < 0 {
			return tokens[:i]
		}
	}
	return tokens
}

// definitions returns the bodies of a file's functions by name, all clauses
// together, and the values of its attributes by @name.
func definitions(tokens []mixToken) map[string][]mixToken {
	defs := map[string][]mixToken{}
	name, start := "", 0
	for i := 0; i+1 < len(tokens); i++ {
		t, next := tokens[i], tokens[i+1]
		switch {
		case t.kind == mixWord && (t.text == "def" || t.text == "defp") && next.kind == mixWord:
			defs[name] = append(defs[name], tokens[min(start, i):i]...)
			name, start = next.text, i+2
		case t.kind == mixAttr && next.text == "[":
			end := closing(tokens, i+1)
			defs[t.text], i = tokens[i+1:end], end
		case t.kind == mixAttr && next.kind == mixAtom:
			defs[t.text] = tokens[i+1 : i+2]
		}
	}
	defs[name] = append(defs[name], tokens[min(start, len(tokens)):]...)
	delete(defs, "")
	return defs
}

// dependencies collects the tuples of some tokens and of the definitions that
// they name.
func dependencies(work [][]mixToken, defs map[string][]mixToken) []Dep {
	found, seen := map[string]Dep{}, map[string]bool{}
	for ; len(work) > 0; work = work[1:] {
		tokens := work[0]
		for i := 0; i < len(tokens); i++ {
			t := tokens[i]
			if (t.kind == mixWord || t.kind == mixAttr) && !seen[t.text] {
				seen[t.text] = true
				work = append(work, defs[t.text])
			}
			if isDependency(tokens[i:]) {
				end := closing(tokens, i)
				d := Dep{Name: tokens[i+1].text, Direct: true}
				if tokens[i+3].kind == mixString {
					d.Requirement = tokens[i+3].text
				}
				if _, again := found[d.Name]; !again {
					found[d.Name] = d
				}
				i = end
			}
		}
	}
	deps := make([]Dep, 0, len(found))
	for _, d := range found {
		deps = append(deps, d)
	}
	sort.Slice(deps, func(i, j int) bool { return deps[i].Name < deps[j].Name })
	return deps
}

// isDependency reports whether tokens start with {:name, "~> 1.0"},
// {:name, git: "…"} or {:name, @version}, but not with {:ok, text}.
func isDependency(tokens []mixToken) bool {
	if len(tokens) < 5 || tokens[0].text != "{" || tokens[1].kind != mixAtom || tokens[2].text != "," {
		return false
	}
	switch t := tokens[3]; t.kind {
	case mixString, mixKey, mixAttr:
		return true
	case mixWord:
		return tokens[4].text == "("
	default:
		return t.text == "["
	}
}

// closing returns the index of the bracket that closes the one at open, or
// the number of tokens.
func closing(tokens []mixToken, open int) int {
	depth := 0
	for i := open; i < len(tokens); i++ {
		if depth += tokens[i].nesting(); depth == 0 {
			return i
		}
	}
	return len(tokens)
}

type mixTokenKind uint8

const (
	mixPunct  mixTokenKind = iota // one character
	mixWord                       // deps, Mix, def
	mixAtom                       // :plug, without the colon
	mixKey                        // app: or "coveralls.html":, without the colon
	mixString                     // what is between the quotes
	mixAttr                       // @deps, with the at sign
)

type mixToken struct {
	kind mixTokenKind
	text string
}

// nesting is how much deeper the text is after a token.
func (t mixToken) nesting() int {
	if t.kind == mixPunct {
		switch t.text {
		case "{", "[", "(":
			return 1
		case "}", "]", ")":
			return -1
		}
	}
	return 0
}

// mixTokens cuts a mix.exs or mix.lock into the tokens that matter here. Any
// text gives some tokens.
func mixTokens(text string) []mixToken {
	tokens := make([]mixToken, 0, len(text)/8)
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c <= ' ':
			i++
		case c == '#':
			i += len(text[i:]) - len(strings.TrimLeft(text[i:], "#"))
			if n := strings.IndexByte(text[i:], '\n'); n >= 0 {
				i += n
			} else {
				i = len(text)
			}
		case c == '"' || c == '\'':
			body, end := quoted(text, i)
			t := mixToken{mixString, body}
			if keyColon(text, end) {
				t.kind = mixKey
				end++
			}
			tokens, i = append(tokens, t), end
		case c == ':' && i+1 < len(text) && text[i+1] == '"':
			body, end := quoted(text, i+1)
			tokens, i = append(tokens, mixToken{mixAtom, body}), end
		case c == ':' && i+1 < len(text) && wordByte(text[i+1]):
			end := wordEnd(text, i+1)
			tokens, i = append(tokens, mixToken{mixAtom, text[i+1 : end]}), end
		case c == '@' && i+1 < len(text) && wordByte(text[i+1]):
			end := wordEnd(text, i+1)
			tokens, i = append(tokens, mixToken{mixAttr, text[i:end]}), end
		case c == '~' && i+1 < len(text) && wordByte(text[i+1]):
			i = sigilEnd(text, i)
		case c == '?' && i+1 < len(text):
			i += 2 // ?" is a character, not a quote
		case wordByte(c):
			end := wordEnd(text, i)
			t := mixToken{mixWord, text[i:end]}
			if keyColon(text, end) {
				t.kind = mixKey
				end++
			}
			tokens, i = append(tokens, t), end
		default:
			tokens, i = append(tokens, mixToken{mixPunct, text[i : i+1]}), i+1
		}
	}
	return tokens
}

// keyColon reports whether text[i] is the colon of a key: `app: 1`, not `a::b`.
func keyColon(text string, i int) bool {
	return i < len(text) && text[i] == ':' && !strings.HasPrefix(text[i:], "::")
}

func wordByte(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z' || c >= 0x80
}

// wordEnd returns where a word ends; it may end with ? or !.
func wordEnd(text string, i int) int {
	for i < len(text) && wordByte(text[i]) {
		i++
	}
	if i < len(text) && (text[i] == '?' || text[i] == '!') {
		i++
	}
	return i
}

// quoted returns what is in the quotes at text[i], as it is written, and where
// they end. The quotes may be tripled.
func quoted(text string, i int) (string, int) {
	quote := text[i : i+1]
	if triple := strings.Repeat(quote, 3); strings.HasPrefix(text[i:], triple) {
		quote = triple
	}
	start := i + len(quote)
	for i = start; i < len(text); i++ {
		if strings.HasPrefix(text[i:], quote) {
			return text[start:i], i + len(quote)
		}
		switch {
		case text[i] == '\\':
			i++
		case strings.HasPrefix(text[i:], "#{"):
			i = interpolationEnd(text, i+2)
		}
	}
	return text[start:], len(text)
}

// interpolationEnd returns the place of the brace that closes #{.
func interpolationEnd(text string, i int) int {
	depth := 1
	for ; i < len(text); i++ {
		switch text[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return i
}

// sigilEnd returns where the sigil at text[i] ends, such as ~r"^test/" or
// ~w(-Wunmatched_returns).
func sigilEnd(text string, i int) int {
	for i++; i < len(text) && wordByte(text[i]); i++ {
	}
	if i >= len(text) {
		return len(text)
	}
	if text[i] == '"' || text[i] == '\'' {
		_, end := quoted(text, i)
		return end
	}
	shut := text[i]
	if k := strings.IndexByte("([{<", shut); k >= 0 {
		shut = ")]}>"[k]
	}
	for i++; i < len(text) && text[i] != shut; i++ {
		if text[i] == '\\' {
			i++
		}
	}
	return min(i+1, len(text))
}
