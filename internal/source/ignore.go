package source

import "strings"

// Patterns are the lines of a .gitignore file, with the meaning that git
// gives them.
type Patterns struct{ rules []rule }

// rule is one pattern. A floating one (without an inner slash) is held against
// the last element of a path, any other against the whole path.
type rule struct {
	segments []string // between the slashes; "**" stands for any number of them
	negated  bool
	dirOnly  bool
	floating bool
}

// NewPatterns reads lines in the format of .gitignore.
func NewPatterns(lines ...string) *Patterns {
	p := &Patterns{}
	for _, line := range lines {
		if r, ok := parseRule(line); ok {
			p.rules = append(p.rules, r)
		}
	}
	return p
}

func parsePatterns(text string) *Patterns {
	return NewPatterns(strings.Split(strings.TrimPrefix(text, "\ufeff"), "\n")...)
}

func parseRule(line string) (r rule, ok bool) {
	line = trimTrailingSpaces(strings.TrimSuffix(line, "\r"))
	if line == "" || line[0] == '#' {
		return r, false
	}
	if line[0] == '!' {
		r.negated, line = true, line[1:]
	}
	if strings.HasSuffix(line, "/") {
		r.dirOnly, line = true, line[:len(line)-1]
	}
	r.floating = !strings.Contains(line, "/")
	line = strings.TrimPrefix(line, "/")
	r.segments = strings.Split(line, "/")
	return r, line != ""
}

// trimTrailingSpaces keeps a space that a backslash protects: `name\ `.
func trimTrailingSpaces(s string) string {
	for strings.HasSuffix(s, " ") {
		rest := s[:len(s)-1]
		slashes := len(rest) - len(strings.TrimRight(rest, `\`))
		if slashes%2 == 1 {
			return s
		}
		s = rest
	}
	return s
}

// Match reports whether a path relative to the patterns' directory is named by
// them, or lies in a directory that is. The last pattern that fits decides.
func (p *Patterns) Match(path string, isDir bool) bool {
	for i := range len(path) {
		if path[i] == '/' && p.verdict(path[:i], true) == ignored {
			return true
		}
	}
	return p.verdict(path, isDir) == ignored
}

// Empty reports whether there are no patterns.
func (p *Patterns) Empty() bool { return len(p.rules) == 0 }

type verdict uint8

const (
	unnamed verdict = iota
	ignored
	kept // by a pattern that starts with an exclamation mark
)

// verdict judges a path without looking at the directories above it.
func (p *Patterns) verdict(path string, isDir bool) verdict {
	for i := len(p.rules) - 1; i >= 0; i-- {
		r := &p.rules[i]
		if r.dirOnly && !isDir || !r.match(path) {
			continue
		}
		if r.negated {
			return kept
		}
		return ignored
	}
	return unnamed
}

func (r *rule) match(path string) bool {
	if r.floating {
		return globMatch(r.segments[0], path[strings.LastIndexByte(path, '/')+1:])
	}
	return pathMatch(r.segments, path)
}

// pathMatch holds segments against the elements of a path. After a mismatch
// only the last "**" seen needs to take one element more, so the time stays
// polynomial whatever the pattern.
func pathMatch(segments []string, path string) bool {
	s, rest := 0, path
	star, starRest := -1, ""
	for rest != "" {
		if s < len(segments) && segments[s] == "**" {
			if s == len(segments)-1 {
				return true // a/** names what is inside a
			}
			star, starRest = s, rest
			s++
			continue
		}
		element, after, _ := strings.Cut(rest, "/")
		if s < len(segments) && globMatch(segments[s], element) {
			s, rest = s+1, after
			continue
		}
		if star < 0 {
			return false
		}
		_, starRest, _ = strings.Cut(starRest, "/")
		s, rest = star+1, starRest
	}
	return s == len(segments)
}

// globMatch holds a pattern with * ? [a-z] and \ against one element of a
// path, byte by byte as git does.
func globMatch(pattern, name string) bool {
	p, n := 0, 0
	star, starName := -1, 0
	for n < len(name) {
		if p < len(pattern) && pattern[p] == '*' {
			p++
			star, starName = p, n
			continue
		}
		if size := globOne(pattern[p:], name[n]); size > 0 {
			p, n = p+size, n+1
			continue
		}
		if star < 0 {
			return false
		}
		starName++
		p, n = star, starName
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// globOne matches one byte with the head of a pattern and returns how much of
// the pattern that took, or 0.
func globOne(pattern string, c byte) int {
	if pattern == "" {
		return 0
	}
	switch pattern[0] {
	case '?':
		return 1
	case '[':
		return globClass(pattern, c)
	case '\\':
		if len(pattern) > 1 && pattern[1] == c {
			return 2
		}
		return 0
	}
	if pattern[0] == c {
		return 1
	}
	return 0
}

// globClass matches a byte with a class such as [a-z], [!._] or [[:digit:]].
func globClass(pattern string, c byte) int {
	i, negated, found := 1, false, false
	if i < len(pattern) && (pattern[i] == '!' || pattern[i] == '^') {
		negated = true
		i++
	}
	for first := i; i < len(pattern); {
		if pattern[i] == ']' && i > first {
			if found == negated {
				return 0
			}
			return i + 1
		}
		if strings.HasPrefix(pattern[i:], "[:") {
			if name, _, ok := strings.Cut(pattern[i+2:], ":]"); ok {
				found = found || posixClass(name, c)
				i += len(name) + 4
				continue
			}
		}
		var low byte
		if low, i = classByte(pattern, i); i >= len(pattern) {
			return 0
		}
		high := low
		if pattern[i] == '-' && i+1 < len(pattern) && pattern[i+1] != ']' {
			high, i = classByte(pattern, i+1)
		}
		found = found || low <= c && c <= high
	}
	return 0 // a class without an end matches nothing
}

func classByte(pattern string, i int) (byte, int) {
	if pattern[i] == '\\' && i+1 < len(pattern) {
		i++
	}
	return pattern[i], i + 1
}

func posixClass(name string, c byte) bool {
	lower, upper := 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z'
	digit, graph := '0' <= c && c <= '9', '!' <= c && c <= '~'
	switch name {
	case "alnum":
		return lower || upper || digit
	case "alpha":
		return lower || upper
	case "blank":
		return c == ' ' || c == '\t'
	case "cntrl":
		return c < ' ' || c == 0x7f
	case "digit":
		return digit
	case "graph":
		return graph
	case "lower":
		return lower
	case "print":
		return graph || c == ' '
	case "punct":
		return graph && !lower && !upper && !digit
	case "space":
		return c == ' ' || '\t' <= c && c <= '\r'
	case "upper":
		return upper
	case "xdigit":
		return digit || 'a' <= c|0x20 && c|0x20 <= 'f'
	}
	return false
}

// scope is the .gitignore files that hold for one directory: its own and
// those above it.
type scope struct {
	above    *scope
	dir      string // ends with a slash or is empty
	patterns *Patterns
}

// in returns the scope of a directory that has patterns of its own.
func (s *scope) in(dir string, p *Patterns) *scope {
	if p.Empty() {
		return s
	}
	if dir != "" {
		dir += "/"
	}
	return &scope{above: s, dir: dir, patterns: p}
}

// ignores judges a path by the nearest file that names it. The directories
// above the path are taken to be kept.
func (s *scope) ignores(path string, isDir bool) bool {
	for ; s != nil; s = s.above {
		if v := s.patterns.verdict(path[len(s.dir):], isDir); v != unnamed {
			return v == ignored
		}
	}
	return false
}
