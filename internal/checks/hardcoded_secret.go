package checks

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/flow"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
)

// hardcodedSecret reports credentials in the source: private keys, what the
// forms of well-known providers give away, and random text that the production
// configuration keeps under the name of a secret.
func hardcodedSecret(p *check.Pass) {
	s := newSecrets(p)
	for _, f := range p.Program.Files.Files {
		if f.Kind != source.Test && f.Kind != source.Deployment && !testFile(f) {
			s.privateKeys(f)
		}
	}
	for _, c := range p.Program.Codes {
		if c.File == nil || c.File.Kind == source.Test || testFile(c.File) {
			continue
		}
		s.code(c)
	}
}

// testFile reports whether a configuration is the tests' own, or a file is one of their
// helpers.
func testFile(f *source.File) bool {
	base := path.Base(f.Path)
	return f.Kind == source.Config && strings.Contains(base, "test") || strings.HasPrefix(base, "test_helper.")
}

// privateKeys finds keys in PEM form in a file of any kind.
func (s *secrets) privateKeys(f *source.File) {
	const begin = "-----BEGIN "
	for at := 0; ; {
		i := strings.Index(f.Text[at:], begin)
		if i < 0 {
			return
		}
		at += i + len(begin)
		label, body, ok := strings.Cut(f.Text[at:min(len(f.Text), at+4096)], "-----")
		body, _, _ = strings.Cut(body, "-----")
		if !ok || !strings.HasSuffix(label, "PRIVATE KEY") || pretended(label) || strings.Contains(label, "\n") || base64Run(body) < 64 || distinct(body) < minKeyLetters {
			continue
		}
		start := int32(at - len(begin))
		span := source.Span{File: f.ID, Start: start, End: int32(at + len(label) + 5)}
		out := found(s.Pass, check.Error, span, "a private key", begin+label, "private key")
		if devFile(f) {
			out.Level = check.Info // it may open nothing but a developer's machine
		}
		if c, x := s.literalAround(span); c != nil && strings.HasPrefix(strings.TrimSpace(c.At(x).Str), begin) {
			out.Changes = s.moved(c, x, "a private key")
		}
		s.Report(out)
	}
}

// pretended reports whether a text says of itself that it is no key.
func pretended(text string) bool {
	text = strings.ToLower(text)
	return slices.ContainsFunc([]string{"decoy", "dummy", "example", "fake"}, func(w string) bool { return strings.Contains(text, w) })
}

// minKeyLetters is how many different characters the text of a key has at least: 64 that
// are drawn from 64 have about 40. What stands in for a key is one letter over and over.
const minKeyLetters = 16

// base64Run counts the base64 characters that text begins with; white space,
// also as escapes, is passed over.
func base64Run(text string) int {
	n := 0
	text = strings.NewReplacer(`\n`, "", "\n", "", " ", "", "\t", "", "\r", "").Replace(text)
	for n < len(text) && (alnum(text[n]) || strings.IndexByte("+/=", text[n]) >= 0) {
		n++
	}
	return n
}

// secrets goes through the literals of the program.
type secrets struct {
	*check.Pass
	forms   []form
	fromEnv map[string][]setting
	setFor  map[keyOfModule]bool // those of fromEnv
	docs    map[literal]bool
	// evaluates: the production configuration takes in a file that is not in the tree.
	evaluates bool
	places    map[*ir.Code]*surroundings
	// searched counts the bytes of files that were searched for the values of secrets.
	searched int
	// What follows is found out when it is asked for first.
	uses      func() map[string]textUse
	asked     func() map[string]bool
	first     func() map[string]bool
	texts     func() map[string]source.Span
	literals  func() map[source.FileID][]literal
	loadsMaps func() bool
	reads     func() bool
	needs     func() *source.Dependence
	inits     map[ir.FuncID]map[string]bool
	holds     map[int]bool
	unsigned  map[string]bool // by the directories of applications: nothing there is signed
	silent    map[string]bool // by the name of an endpoint: it does not listen in production
}

func newSecrets(p *check.Pass) *secrets {
	s := &secrets{Pass: p, forms: forms(), docs: documentation(p.Program), evaluates: evaluates(p),
		setFor: map[keyOfModule]bool{}, places: map[*ir.Code]*surroundings{}, inits: map[ir.FuncID]map[string]bool{}, holds: map[int]bool{},
		unsigned: map[string]bool{}, silent: map[string]bool{}}
	s.uses = sync.OnceValue(func() map[string]textUse { return literalUses(p.Program) })
	s.asked = sync.OnceValue(func() map[string]bool { return askedModules(p.Program) })
	s.first = sync.OnceValue(func() map[string]bool { return firstNames(p.Program) })
	s.texts = sync.OnceValue(func() map[string]source.Span { return productionTexts(p.Program) })
	s.literals = sync.OnceValue(func() map[source.FileID][]literal { return literalsByFile(p.Program) })
	s.loadsMaps = sync.OnceValue(func() bool { return loadsMaps(p.Program) })
	s.reads = sync.OnceValue(func() bool { return slices.ContainsFunc(p.Program.Codes, readsEnvironment) })
	s.needs = sync.OnceValue(p.Program.Files.Dependence)
	s.fromEnv = s.environmentKeys()
	return s
}

func (s *secrets) code(c *ir.Code) {
	guessed := randomKept(c.File)
	for i := range c.Exprs {
		x := &c.Exprs[i]
		switch {
		case x.Op == ir.Const && x.Sub == ir.LitString && len(x.Str) >= 20:
			if f, token := provider(s.forms, x.Str); f != nil && !s.docs[literal{c, ir.ExprID(i)}] {
				out := found(s.Pass, check.Error, c.Span(ir.ExprID(i)), f.name, token, f.name)
				switch {
				case f.prefix == webhook && devFile(c.File):
					out.Level = check.Info // it signs what the test mode of a service sends
				case f.prefix == googleKey && s.loadsMaps():
					out.Level = check.Info // the page that shows a map gives it to every browser
				case f.prefix == googleKey && ofFirebase(c, x):
					out.Level = check.Info // every client has it: https://firebase.google.com/docs/projects/api-keys
				case f.secret > 0 && !s.holdsLiteral(f.secret):
					out.Level = check.Info // it says who asks, and opens nothing without its secret
				}
				if token == strings.TrimSpace(x.Str) {
					out.Changes = s.moved(c, ir.ExprID(i), f.name)
				}
				s.Report(out)
			}
		case x.Op == ir.Make && x.Sub == ir.MakeTuple && x.Hi-x.Lo == 2 && guessed:
			s.pair(c, c.Lists[x.Lo], c.Lists[x.Lo+1])
		case x.Op == ir.Make && x.Sub == ir.MakeMap && guessed:
			l := c.List(x)
			for k := 0; k+1 < len(l); k += 2 {
				s.pair(c, l[k], l[k+1])
			}
		case x.Op == ir.Call && x.Hi-x.Lo == 2 && !devFile(c.File):
			s.fallback(c, c.Lists[x.Lo], c.Lists[x.Lo+1], ir.ExprID(i))
		case x.Op == ir.Branch && x.Sub == ir.BranchOr && !devFile(c.File):
			// `System.get_env("NAME") || "value"`
			if e := c.At(ir.ExprID(x.A)); e.Op == ir.Call && e.Hi-e.Lo == 1 {
				s.fallback(c, c.Lists[e.Lo], ir.ExprID(x.C), ir.ExprID(i))
			}
		case x.Op == ir.Call && x.Hi-x.Lo == 3 && guessed:
			s.pair(c, c.Lists[x.Lo+1], c.Lists[x.Lo+2]) // config :app, :key, "value"
		}
	}
}

// ofFirebase reports whether the line of a literal, or itself, says that it is a key of Firebase.
func ofFirebase(c *ir.Code, x *ir.Expr) bool {
	text := c.File.Text
	from := strings.LastIndexByte(text[:x.Start], '\n') + 1
	line, _, _ := strings.Cut(text[from:], "\n")
	line = strings.ToLower(line)
	return strings.Contains(line, "firebase") || strings.Contains(line, "identitytoolkit.googleapis.com")
}

// keyOfModule is a key of what a module or, "", an application is set up with.
type keyOfModule struct{ key, of string }

// setting is a place that sets a key of what a module or, "", an application is set up with.
type setting struct {
	of string
	at source.Span
}

// fromEnvironment reports whether the configuration of a place where the program runs sets a key
// of what a value sets up.
func (s *secrets) fromEnvironment(c *ir.Code, key string, val ir.ExprID) bool {
	of := s.around(c).of[val]
	return of == "" && len(s.fromEnv[key]) > 0 || s.setFor[keyOfModule{key, ""}] || s.setFor[keyOfModule{key, of}]
}

// replaced reports whether the module that a value sets up says when it starts, in `init/2` or in
// what that calls, what the key is.
func (s *secrets) replaced(c *ir.Code, key string, val ir.ExprID) bool {
	m := s.Program.ModuleNamed(s.around(c).of[val])
	if m == nil {
		return false
	}
	for _, id := range m.Funcs {
		f := s.Program.Func(id)
		if f.Name != "init" || f.Arity != 2 {
			continue
		}
		if s.inits[id] == nil {
			s.inits[id] = s.atoms(id, 2)
		}
		if s.inits[id][key] {
			return true
		}
	}
	return false
}

// atoms are what a function and what it calls, so many calls deep, names.
func (s *secrets) atoms(from ir.FuncID, deep int) map[string]bool {
	atoms, seen := map[string]bool{}, map[ir.FuncID]bool{from: true}
	for level := []ir.FuncID{from}; len(level) > 0 && deep >= 0; deep-- {
		var next []ir.FuncID
		for _, id := range level {
			f := s.Program.Func(id)
			for i := range f.Clauses {
				f.Code.Walk(f.Clauses[i].Body, func(x ir.ExprID) bool {
					e := f.Code.At(x)
					switch {
					case e.Op == ir.Const && e.Sub == ir.LitAtom:
						atoms[e.Str] = true
					case e.Op == ir.Call:
						if fn, _ := s.Flow.Resolve(&f.Code.Callees[e.A]); fn != ir.No && !seen[fn] {
							seen[fn] = true
							next = append(next, fn)
						}
					}
					return true
				})
			}
		}
		level = next
	}
	return atoms
}

// idle reports whether a value of a configuration sets up a module of the project which is not there,
// or which no code names.
func (s *secrets) idle(c *ir.Code, val ir.ExprID) bool {
	of := s.around(c).of[val]
	first, _, _ := strings.Cut(of, ".")
	return of != "" && s.first()[first] && !s.asked()[of]
}

// overridden is how a comment says that a value is not the one that production has.
var overridden = regexp.MustCompile(`(?i)#\s*(is |it is |this is |gets |will be )?(overwritten|overridden|replaced) (in|by|at|from|when)\b`)

// commentReach is how many bytes around a value are read for such a comment.
const commentReach = 300

// overwritten reports whether a comment on the line of a value, or on one of the two above, says that
// another file has the one that counts.
func overwritten(c *ir.Code, val ir.ExprID) bool {
	text, at := c.File.Text, c.Span(val)
	start, end := int(at.Start), int(at.End)
	before, after := text[max(0, start-commentReach):start], text[end:min(len(text), end+commentReach)]
	lines := strings.Split(before, "\n")
	lines = lines[max(0, len(lines)-3):]
	line, _, _ := strings.Cut(after, "\n")
	return overridden.MatchString(line) || slices.ContainsFunc(lines, overridden.MatchString)
}

// servesNothing reports whether production says that an endpoint does not listen: `server: false`.
func (s *secrets) servesNothing(endpoint string) bool {
	if silent, ok := s.silent[endpoint]; ok || endpoint == "" {
		return silent
	}
	s.silent[endpoint] = slices.ContainsFunc(s.Program.Codes, func(c *ir.Code) bool {
		if c.File == nil || c.File.Kind != source.Config || !production(c.File) {
			return false
		}
		found := false
		for i := range c.Exprs {
			e := c.At(ir.ExprID(i))
			if e.Op != ir.Call || c.Callees[e.A].Name != "config" || e.Hi-e.Lo != 3 || c.At(c.List(e)[1]).Str != endpoint {
				continue
			}
			c.EachPair(c.List(e)[2], func(key string, v ir.ExprID) {
				found = found || key == "server" && c.At(v).Op == ir.Const && c.At(v).Str == "false"
			})
		}
		return found
	})
	return s.silent[endpoint]
}

// signsNothing reports whether the application of an endpoint has code that clients come to or a router
// without routes, and neither it nor what it depends on keeps something for a client which has to be signed: a session, a
// token, a form, a live page. Where it is not known which application is meant, all are asked.
func (s *secrets) signsNothing(endpoint string) bool {
	dirs := s.together(endpoint)
	key := strings.Join(dirs, "\x00")
	if known, ok := s.unsigned[key]; ok {
		return known
	}
	s.unsigned[key] = s.keepsNothing(func(f *source.File) bool {
		return slices.ContainsFunc(dirs, func(dir string) bool { return dir == "" || strings.HasPrefix(f.Path, dir+"/") })
	})
	return s.unsigned[key]
}

func (s *secrets) keepsNothing(in func(*source.File) bool) bool {
	served := false
	for i := range s.Program.Entries {
		e := &s.Program.Entries[i]
		if e.Module == ir.No || !in(s.Program.Files.File(s.Program.Module(e.Module).Span.File)) {
			continue
		}
		if strings.HasPrefix(e.Name, "Live") {
			return false
		}
		served = served || e.Kind == ir.Request
	}
	served = served || slices.ContainsFunc(s.Program.Modules, func(m *ir.Module) bool {
		return slices.Contains(m.Made, ir.Signature{Name: "__routes__"}) && in(s.Program.Files.File(m.Span.File))
	})
	return served && !slices.ContainsFunc(s.Program.Codes, func(c *ir.Code) bool {
		return c.File != nil && c.File.Kind == source.Lib && in(c.File) && slices.ContainsFunc(c.Callees, s.signs)
	}) && !slices.ContainsFunc(s.Program.Files.Files, func(f *source.File) bool {
		return f.Kind == source.Template && in(f) && (strings.Contains(f.Text, "form_for") || strings.Contains(f.Text, ".form "))
	})
}

// together are the directories of the application that a module is of, and of the others that it
// depends on: the root, "", where that is not known or an application starts another one.
func (s *secrets) together(module string) []string {
	m := s.Program.ModuleNamed(module)
	if m == nil {
		return []string{""}
	}
	app := s.Program.Files.App(s.Program.Files.File(m.Span.File).Path)
	if app == nil || app.Name == "" {
		return []string{""}
	}
	needs := s.needs().Of(app)
	if needs == nil {
		return []string{""}
	}
	dirs := make([]string, len(needs))
	for i, a := range needs {
		dirs[i] = a.Dir
	}
	return dirs
}

// signs reports whether a function gives a client something to keep that is signed, or reads it; tokens
// of other libraries have keys of their own.
func (s *secrets) signs(k ir.Callee) bool {
	switch k.Name {
	case "configure_session", "form_for", "form_tag", "get_session", "put_flash", "put_resp_cookie", "put_session", "sign_in":
		return k.Func == ir.No
	}
	m := s.Flow.Model(k.Extern)
	return m != nil && m.Signs
}

// loadsMaps reports whether a page loads the maps of Google, which takes a key.
func loadsMaps(p *ir.Program) bool {
	const script = "maps.googleapis.com/maps/api/js"
	return p.Files.Contains(source.Template, script) || p.Files.Contains(source.Lib, script)
}

// holdsLiteral reports whether a program or its configuration holds a literal of so many base64
// characters.
func (s *secrets) holdsLiteral(n int) bool {
	held, known := s.holds[n]
	if !known {
		held = slices.ContainsFunc(s.Program.Codes, func(c *ir.Code) bool {
			return c.File != nil && c.File.Kind != source.Test && slices.ContainsFunc(c.Exprs, func(x ir.Expr) bool {
				return x.Op == ir.Const && x.Sub == ir.LitString && len(x.Str) == n && base64Run(x.Str) == n
			})
		})
		s.holds[n] = held
	}
	return held
}

// literal is one literal of the program.
type literal struct {
	code *ir.Code
	id   ir.ExprID
}

// documentation are the texts that people read and the program does not.
func documentation(p *ir.Program) map[literal]bool {
	docs := map[literal]bool{}
	for _, m := range p.Modules {
		for _, a := range m.Attrs {
			if strings.HasSuffix(a.Name, "doc") && a.Code != nil {
				docs[literal{a.Code, a.Value}] = true
			}
		}
	}
	return docs
}

// randomKept reports whether random text under a secret's name counts in a
// file: in the configuration of what runs, not of a developer's machine.
func randomKept(f *source.File) bool { return f.Kind == source.Config && !devFile(f) }

func devFile(f *source.File) bool {
	base := path.Base(f.Path)
	return f.Kind == source.Config && (strings.Contains(base, "dev") || strings.Contains(base, "local") ||
		strings.Contains(base, "example") || strings.Contains(base, "test"))
}

func (s *secrets) pair(c *ir.Code, key, val ir.ExprID) {
	k, v := c.At(key), c.At(val)
	if k.Op != ir.Const || v.Op != ir.Const || v.Sub != ir.LitString || !secretName(k.Str) || !random(v.Str) || s.around(c).elsewhere[val] {
		return
	}
	if f, _ := provider(s.forms, v.Str); f != nil || s.fromEnvironment(c, k.Str, val) && !production(c.File) {
		return
	}
	level := check.Warning
	if s.evaluates && !production(c.File) {
		level = check.Info // that file may well say otherwise
	}
	if s.replaced(c, k.Str, val) {
		level = check.Info
	}
	if k.Str == "api_key" && s.around(c).names[val] {
		level = check.Info // it is the name by which the service knows who asks
	}
	if overwritten(c, val) {
		level = check.Info // a comment says that another file has the one that counts
	}
	if k.Str == "secret_key_base" && (s.signsNothing(s.around(c).of[val]) || s.servesNothing(s.around(c).of[val])) {
		level = check.Info // whoever knows it can forge nothing
	}
	uses := s.uses()[v.Str]
	if s.idle(c, val) || !production(c.File) && path.Base(c.File.Path) != "config.exs" && uses.dev && uses.test {
		level = check.Info // nothing reads it, or it is what every developer's machine has
	}
	out := found(s.Pass, level, c.Span(val), "the value of `"+k.Str+"`", v.Str, k.Str)
	of := s.around(c).of[val]
	for _, o := range s.fromEnv[k.Str] {
		if len(out.Path) > maxElsewhere {
			break
		}
		if o.of != "" && o.of != of {
			out.Path = append(out.Path, check.Step{Span: o.at, Note: "here it is set for `" + o.of + "`, and not for `" + of + "`"})
		}
	}
	if name := strings.ToUpper(k.Str); len(s.fromEnv[k.Str]) == 0 {
		if at, read := s.texts()[name]; read {
			out.Path = append(out.Path, check.Step{Span: at, Note: "`" + name + "` is read here, and no key takes it"})
		}
	}
	out.Changes = s.moved(c, val, "`"+k.Str+"`")
	if uses.places > 1 {
		out.Changes[0] = &fix.Only{Change: out.Changes[0], Question: "The same secret stands in other places of the source as well: say which of them the program reads."}
	}
	s.Report(out)
}

// fallback is about an expression that reads NAME from the environment, or else
// takes a literal.
func (s *secrets) fallback(c *ir.Code, name, val, whole ir.ExprID) {
	k, v := c.At(name), c.At(val)
	if k.Op != ir.Const || k.Sub != ir.LitString || v.Op != ir.Const || v.Sub != ir.LitString ||
		k.Str != strings.ToUpper(k.Str) || !secretName(k.Str) || !random(v.Str) {
		return
	}
	if f, _ := provider(s.forms, v.Str); f != nil {
		return
	}
	// Where the variable is set, and production sets it, the default is for no one.
	out := found(s.Pass, check.Info, c.Span(val), "the default of `"+k.Str+"`", v.Str, k.Str)
	out.Changes = asking([]fix.Change{&fix.ReadSecret{Code: c, Value: val, Fallback: whole, Env: k.Str, Key: "`" + k.Str + "`"}},
		"Whoever runs the program without `"+k.Str+"` lives on the default, and it does not start then: say who that may be.")
	s.Report(out)
}

// moved asks for a literal to be read from the environment, as the project does already
// when it starts, or else to be told how it gets its secrets.
func (s *secrets) moved(c *ir.Code, val ir.ExprID, key string) []fix.Change {
	move := &fix.ReadSecret{Code: c, Value: val, Fallback: ir.No, Key: key}
	at, searched := s.alsoIn(c, c.At(val).Str)
	switch {
	case !searched:
		return []fix.Change{&fix.Only{Change: move, Question: "The source holds more secrets than were looked for in its other files: say whether this one stands there as well, and move both together."}}
	case at != "":
		return []fix.Change{&fix.Only{Change: move, Question: "The same value stands in " + at + " as well: say whether both are one secret, and move them together."}}
	case s.reads():
		return []fix.Change{move}
	}
	return []fix.Change{&fix.Only{Change: move, Question: "Say how the place where it runs gets its secrets: nothing of the project reads them from the environment when it starts."}}
}

// maxSearched bounds the bytes of files that are searched for the values of secrets: a program of
// ten megabytes with a hundred of them stays below.
const maxSearched = 1 << 30

// maxElsewhere is how many other modules a finding names that the key is set for.
const maxElsewhere = 3

// alsoIn is another file of the program or its configuration that holds a secret, or "". It is
// not searched for where too much was searched before.
func (s *secrets) alsoIn(c *ir.Code, secret string) (at string, searched bool) {
	if s.searched > maxSearched {
		return "", false
	}
	for _, f := range s.Program.Files.Files {
		if f != c.File && (f.Kind == source.Lib || f.Kind == source.Config) && secret != "" {
			s.searched += len(f.Text)
			if strings.Contains(f.Text, secret) {
				return f.Path, true
			}
		}
	}
	return "", true
}

// readsEnvironment reports whether code is the configuration that is read when a release
// starts, and asks the environment.
func readsEnvironment(c *ir.Code) bool {
	if c.File == nil || c.File.Kind != source.Config || path.Base(c.File.Path) != "runtime.exs" {
		return false
	}
	return slices.ContainsFunc(c.Exprs, func(e ir.Expr) bool {
		return e.Op == ir.Call && (c.Callees[e.A].Name == "get_env" || c.Callees[e.A].Name == "fetch_env!")
	})
}

// evaluates reports whether the production configuration takes in or runs a file
// that is not in the tree, or a release takes in what its providers read.
func evaluates(p *check.Pass) bool {
	for _, dir := range unnamed(p.Program) {
		if p.Program.Files.Named(path.Join(dir, "prod.exs")) == nil {
			return true // the environment's file is not in the tree
		}
	}
	for _, c := range p.Program.Codes {
		if c.File == nil {
			continue
		}
		if c.File.Kind == source.MixFile && provided(c) {
			return true
		}
		if c.File.Kind != source.Config || !production(c.File) {
			continue
		}
		for i := range c.Exprs {
			if x := &c.Exprs[i]; x.Op == ir.Call && (absent(p, c, x) || evaluatesFile(p, &c.Callees[x.A])) {
				return true
			}
		}
	}
	return false
}

// provided reports whether code lists providers of a release's configuration, as Elixir's
// Config.Provider describes.
func provided(c *ir.Code) bool {
	return slices.ContainsFunc(c.Exprs, func(x ir.Expr) bool {
		if x.Op != ir.Make || x.Sub != ir.MakeTuple || x.Hi-x.Lo != 2 {
			return false
		}
		key, list := c.At(c.Lists[x.Lo]), c.At(c.Lists[x.Lo+1])
		return key.Op == ir.Const && key.Str == "config_providers" && list.Op == ir.Make && list.Hi > list.Lo
	})
}

// evaluatesFile reports whether a library's function runs a file as code.
func evaluatesFile(p *check.Pass, k *ir.Callee) bool {
	_, ext := p.Flow.Resolve(k)
	m := p.Flow.Model(ext)
	if m == nil {
		return false
	}
	_, code := m.Sink["code"]
	return code && slices.Contains(p.Flow.Does(ext), flow.File)
}

// unnamed are the directories whose configuration takes in a file that the environment names.
func unnamed(p *ir.Program) []string {
	var out []string
	for _, c := range p.Codes {
		if c.File == nil || c.File.Kind != source.Config {
			continue
		}
		for i := range c.Exprs {
			x := &c.Exprs[i]
			if x.Op == ir.Call && c.Callees[x.A].Name == "import_config" && x.Hi-x.Lo == 1 && c.At(c.Lists[x.Lo]).Op != ir.Const {
				out = append(out, path.Dir(c.File.Path))
			}
		}
	}
	return out
}

// absent reports whether a call takes in a configuration that is not in the tree.
func absent(p *check.Pass, c *ir.Code, x *ir.Expr) bool {
	if c.Callees[x.A].Name != "import_config" || x.Hi-x.Lo != 1 {
		return false
	}
	name := c.At(c.Lists[x.Lo])
	at := path.Join(path.Dir(c.File.Path), name.Str)
	return name.Op == ir.Const && name.Sub == ir.LitString &&
		!slices.ContainsFunc(p.Program.Files.Files, func(f *source.File) bool { return f.Path == at })
}

// production reports whether a configuration is read only where users are.
func production(f *source.File) bool {
	base := path.Base(f.Path)
	return strings.HasPrefix(base, "prod") || strings.HasPrefix(base, "staging") || strings.HasPrefix(base, "runtime") || strings.HasPrefix(base, "releases")
}

// environmentKeys are the keys of secrets that the configuration of a place where the
// program runs sets: that of production to anything, another to something that is no
// literal or that is filled in when it is put there. What the common one says is not used.
func (s *secrets) environmentKeys() map[string][]setting {
	keys := map[string][]setting{}
	set := func(c *ir.Code, key, val ir.ExprID) {
		v := c.At(val)
		if k := c.At(key); k.Op == ir.Const && secretName(k.Str) && (v.Op != ir.Const || strings.Contains(v.Str, "${") || production(c.File)) {
			of := s.around(c).of[val]
			if !s.setFor[keyOfModule{k.Str, of}] {
				s.setFor[keyOfModule{k.Str, of}] = true
				keys[k.Str] = append(keys[k.Str], setting{of, c.Span(key)})
			}
		}
	}
	for _, c := range s.Program.Codes {
		if c.File == nil || c.File.Kind != source.Config || devFile(c.File) || path.Base(c.File.Path) == "config.exs" && !strings.Contains("/"+c.File.Path, "/rel/") {
			continue
		}
		for i := range c.Exprs {
			x := &c.Exprs[i]
			switch {
			case x.Op == ir.Make && x.Sub == ir.MakeTuple && x.Hi-x.Lo == 2:
				set(c, c.Lists[x.Lo], c.Lists[x.Lo+1])
			case x.Op == ir.Call && x.Hi-x.Lo == 3:
				set(c, c.Lists[x.Lo+1], c.Lists[x.Lo+2])
			}
		}
	}
	return keys
}

// found says where a secret is without saying it.
func found(p *check.Pass, level check.Level, span source.Span, what, secret, anchor string) check.Finding {
	shown := masked(secret)
	f := check.Finding{
		Level:   level,
		Span:    span,
		Anchor:  anchor + " " + shown,
		Message: upper(what) + " (" + shown + ") stands in the source: everyone who can read the repository has it, for ever. Revoke it, and read the new one from the environment at run time.",
		CWE:     "CWE-798",
		Secret:  true,
	}
	if fn := p.Program.FuncAt(span); fn != nil {
		f.Symbol = p.Program.Symbol(fn.ID)
	} else {
		f.Symbol = anchor
	}
	f.Path = []check.Step{{Span: span, Note: "the secret is written here"}}
	f.NoFix = "it is part of a longer text"
	return f
}

func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// masked shows the first four characters of a secret and its length.
func masked(secret string) string {
	if strings.HasPrefix(secret, "-----BEGIN") {
		return "PEM"
	}
	return secret[:min(4, len(secret))] + "…, " + strconv.Itoa(len(secret)) + " characters"
}
