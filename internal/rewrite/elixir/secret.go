package elixir

import (
	"errors"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
	"github.com/assay-dev/assay/internal/syntax"
	syn "github.com/assay-dev/assay/internal/syntax/elixir"
)

var (
	errSecretPlace = errors.New("it stands neither in a configuration nor in the body of a function")
	errSecretPart  = errors.New("it is part of a larger value")
	errSecretDev   = errors.New("it stands in the configuration of a single environment, and what that one may use instead only its owner knows")
	errSecretKey   = errors.New("development and the tests need a key of their own, which only its owner can make")
	errCompiled    = errors.New("a module reads the value when it is compiled, before there is an environment to read it from")
	errSecretOld   = errors.New("the project is of an Elixir before 1.11, which reads no configuration when the program starts")
	errSecretEarly = errors.New("the configuration itself calls the module, before any value of it is there")
	errSecretApp   = errors.New("the application has no name in mix.exs")
)

// secret is one that moves from the source into the environment.
type secret struct {
	*Writer
	f     *fix.Fix
	d     *doc
	c     *fix.ReadSecret
	node  syntax.NodeID // what is replaced: the literal, or the call that falls back to it
	at    setting       // what is configured from now on
	env   string        // the environment variable
	where string        // the environment that needs it: prod
	// everywhere: development and tests use it as well.
	everywhere bool
}

func (w *Writer) readSecret(f *fix.Fix, c *fix.ReadSecret) error {
	d := w.doc(c.Code.File)
	e := c.Code.At(c.Value)
	if c.Fallback != ir.No {
		e = c.Code.At(c.Fallback)
	}
	s := &secret{Writer: w, f: f, d: d, c: c, node: d.widest(e.Start, e.End), env: c.Env, where: "prod"}
	if s.node == syntax.None {
		return errPlace
	}
	if k := d.Node(s.node).Kind; c.Fallback == ir.No && k != syn.String && k != syn.Sigil {
		return errSecretPart // between interpolations, or a word of a list
	}
	if d.glued(s.node) {
		return errPlace
	}
	f.Safety = fix.Asked
	var err error
	switch d.File.Kind {
	case source.Config:
		err = s.config()
	case source.Lib:
		err = s.module()
	default:
		err = errSecretPlace
	}
	if err != nil {
		return err
	}
	if s.ofSome() {
		f.Safety = fix.Shown
		f.Notes = append(f.Notes, "The umbrella makes several releases, and each reads the same configuration: say which of them need "+s.env+".")
	}
	f.Notes = append(f.Notes,
		"Revoke the old one: the history of the repository keeps it.",
		"Set "+s.env+" where the application runs before this is deployed.")
	return nil
}

// glued reports whether a call that is put in place of a node would join a word
// right beside it, as in `do"text"end`.
func (d *doc) glued(id syntax.NodeID) bool {
	word := func(b byte) bool {
		return b == '_' || b == ':' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || b >= 0x80
	}
	n := d.Node(id)
	return n.Start > 0 && word(d.text[n.Start-1]) || int(n.End) < len(d.text) && word(d.text[n.End])
}

// widest is the outermost node with exactly this range.
func (d *doc) widest(start, end int32) syntax.NodeID {
	for id := range d.Nodes {
		if n := d.Node(syntax.NodeID(id)); n.Start == start && n.End == end {
			return syntax.NodeID(id)
		}
	}
	return syntax.None
}

func (s *secret) pem() bool {
	return strings.Contains(s.c.Code.At(s.c.Value).Str, "-----BEGIN")
}

// config moves a secret from one configuration to the one that is read when the
// program starts.
func (s *secret) config() error {
	call, at, err := s.d.settingOf(s.node)
	if err != nil {
		return err
	}
	s.at = at
	base := strings.TrimSuffix(path.Base(s.d.File.Path), ".exs")
	production := s.d.inEnvironment(call, "prod")
	switch {
	case base == "runtime" && production || base == "releases":
		s.name()
		s.f.Edits = append(s.f.Edits, s.replaced(s.fetch()))
		return s.example()
	case base == "runtime":
		return s.inPlace()
	case base == "config":
		s.everywhere = !production
	case strings.HasPrefix(base, "prod"), base == "staging":
		if base == "staging" {
			s.where = base
		}
	default:
		return errSecretDev
	}
	if s.compiled() {
		return errCompiled
	}
	s.name()
	if s.d.whole(call, s.node) {
		s.at.comment = s.d.comments(call.ID)
	}
	s.f.Edits = append(s.f.Edits, s.d.remove(call, s.node)...)
	s.f.Edits[len(s.f.Edits)-1].Reason = "What is compiled in holds no secret any more."
	return s.spread(path.Dir(s.d.File.Path))
}

// inPlace reads a secret where it stands, in production only.
func (s *secret) inPlace() error {
	if s.pem() {
		return errSecretKey
	}
	s.name()
	n := s.d.Node(s.node)
	const other = `String.duplicate("dev-only-", 8)`
	text := "if(config_env() == :prod, do: " + s.fetch() + ", else: " + other + ")"
	edit := s.replaced(text)
	if !s.d.fits(s.d.slice(s.d.lineStart(n.Start), n.Start) + text + s.d.slice(n.End, s.d.lineEnd(n.End))) {
		pair := s.d.parent(s.node)
		if s.d.Node(pair).Kind != syn.Pair {
			return errSecretPart
		}
		list := s.d.parent(pair)
		from, in, before := s.d.Node(pair).Start, s.d.indent(s.d.Node(pair).Start), ""
		if !s.d.first(from) {
			if s.d.Node(list).Kind != syn.Keywords || s.d.only(list, syntax.None) != pair {
				return errSecretPart
			}
			in += "  "
			from, before = s.d.Node(s.d.previous(list)).End, ",\n"+in
		}
		edit.Start = int(from)
		edit.Text = before + s.d.Text(s.d.First(pair)) + "\n" + in + "  if(config_env() == :prod,\n" + in + "    do: " + s.fetch() + ",\n" +
			in + "    else: " + other + "\n" + in + "  )"
	}
	s.f.Edits = append(s.f.Edits, edit)
	return s.example()
}

// module moves a secret from a module into the configuration.
func (s *secret) module() error {
	app := s.Files.App(s.d.File.Path)
	if app == nil || app.Name == "" {
		return errSecretApp
	}
	key, reads, statement, err := s.d.reads(s.node)
	if err != nil {
		return err
	}
	if s.env != "" {
		key = strings.ToLower(s.env)
	}
	fn := s.Program.FuncAt(s.d.Span(reads[0]))
	if fn == nil {
		return errSecretPlace
	}
	name := s.Program.Module(fn.Module).Name
	if s.configures(name) {
		return errSecretEarly
	}
	s.everywhere = true
	s.at = setting{app: atom(app.Name), path: []string{qualified(key, ir.LastName(name))}}
	s.name()
	for _, r := range reads {
		if s.d.glued(r) {
			return errPlace
		}
		n := s.d.Node(r)
		text := "Application.fetch_env!(" + s.at.app + ", " + atom(s.at.path[0]) + ")"
		s.f.Edits = append(s.f.Edits, s.d.edit(n.Start, n.End, text, ""))
		if !s.d.fits(s.d.slice(s.d.lineStart(n.Start), n.Start) + text + s.d.slice(n.End, s.d.lineEnd(n.End))) {
			if below := s.d.below(r); below != nil {
				s.f.Edits = append(s.f.Edits, below...)
			} else {
				s.f.Notes = append(s.f.Notes, noteLong)
			}
		}
	}
	s.f.Edits[0].Reason = "It is read when it is needed, from the configuration."
	if statement != syntax.None {
		s.at.comment = s.d.comments(statement)
		s.f.Edits = append(s.f.Edits, s.d.removeStatement(statement))
	}
	return s.spread(s.configDir(app))
}

// configures reports whether a configuration calls a module: it runs before the values are
// there that it makes.
func (s *secret) configures(module string) bool {
	return slices.ContainsFunc(s.Program.Codes, func(c *ir.Code) bool {
		return c.File != nil && c.File.Kind == source.Config && slices.ContainsFunc(c.Callees, func(k ir.Callee) bool { return k.Module == module })
	})
}

// configDir is where an application is configured: beside it, or with all of its
// umbrella.
func (w *Writer) configDir(app *source.App) string {
	for dir := app.Dir; ; dir = path.Dir(dir) {
		if dir == "." {
			dir = ""
		}
		if w.Files.Named(path.Join(dir, "config/config.exs")) != nil {
			return path.Join(dir, "config")
		}
		if dir == "" {
			return path.Join(app.Dir, "config")
		}
	}
}

// reads finds what stands for a literal in the bodies of functions: itself, or the
// attribute that holds it, with the statement that sets that. The key names it.
func (d *doc) reads(node syntax.NodeID) (key string, reads []syntax.NodeID, statement syntax.NodeID, err error) {
	call := d.parent(node)
	at := syntax.None
	if call != syntax.None {
		at = d.parent(call)
	}
	if at == syntax.None || d.Node(call).Kind != syn.Call || d.Node(at).Kind != syn.Unary || d.Node(at).Op != syn.OpAt {
		key, ok := d.inBody(node)
		if !ok {
			return "", nil, syntax.None, errSecretPlace
		}
		return key, []syntax.NodeID{node}, syntax.None, nil
	}
	v, _ := syn.AsCall(d.Tree, call)
	if key = v.Name(); !d.alone(at) || v.ArgCount() != 1 {
		return "", nil, syntax.None, errSecretPlace
	}
	module := d.Node(d.parent(at))
	for id := range d.Nodes {
		n := d.Node(syntax.NodeID(id))
		if n.Kind != syn.Unary || n.Op != syn.OpAt || n.Start < module.Start || n.End > module.End || n.Size != 2 || d.Text(syntax.NodeID(id)+1) != key {
			continue
		}
		if _, ok := d.inBody(syntax.NodeID(id)); !ok {
			return "", nil, syntax.None, errCompiled
		}
		reads = append(reads, syntax.NodeID(id))
	}
	if len(reads) == 0 {
		return "", nil, syntax.None, errSecretPlace
	}
	return key, reads, at, nil
}

// inBody reports whether a node is a value in the body of a function, and names
// it: by the key in front of it, else by the function.
func (d *doc) inBody(node syntax.NodeID) (key string, ok bool) {
	inside := node
	for id := d.parent(node); id != syntax.None; inside, id = id, d.parent(id) {
		switch n := d.Node(id); n.Kind {
		case syn.Pair:
			if k := syn.AtomName(d.Tree, d.First(id)); key == "" && k != "do" && k != "else" {
				key = k
			}
		case syn.Head:
			return "", false
		case syn.Binary:
			if (n.Op == syn.OpMatch || n.Op == syn.OpLeftArrow) && d.First(id) == inside {
				return "", false
			}
		case syn.Call:
			v, _ := syn.AsCall(d.Tree, id)
			switch v.Name() {
			case "def", "defp":
				if v.Arg(0) == inside || v.Arg(0) == syntax.None {
					return "", false
				}
				if head, isCall := syn.AsCall(d.Tree, v.Arg(0)); key == "" && isCall {
					key = head.Name()
				} else if key == "" {
					key = syn.AtomName(d.Tree, v.Arg(0))
				}
				return key, key != ""
			case "defmacro", "defmacrop", "quote", "defmodule":
				return "", false
			}
		}
	}
	return "", false
}

// qualified is a key that says what it is of.
func qualified(key, of string) string {
	switch key {
	case "key", "secret", "token", "password", "config", "api_key", "access_key_id", "secret_key", "private_key", "secret_access_key", "access_token", "auth_token", "client_secret":
		return snake(decamel(of), key)
	}
	return snake(key)
}

// decamel is a module's last part with underscores between its words.
func decamel(name string) string {
	return regexp.MustCompile(`([a-z0-9])([A-Z])`).ReplaceAllString(name, "${1}_${2}")
}

// name chooses the environment variable.
func (s *secret) name() {
	if s.env != "" {
		return
	}
	key := s.at.key
	if len(s.at.path) > 0 {
		key = s.at.path[len(s.at.path)-1]
	}
	of := s.at.module
	if of == "" || of[0] == ':' {
		of = strings.TrimPrefix(s.at.app, ":")
		if !s.ownApp(of) && !strings.Contains(key, of) {
			key = of + "_" + key // as a library calls its own variables
		}
	}
	s.env = strings.Trim(strings.ToUpper(qualified(key, ir.LastName(of))), "_")
	own := strings.ToUpper(strings.TrimPrefix(s.at.app, ":")) + "_"
	if named, all := s.asked(own), s.asked(""); named > 2 && named*2 > all && !strings.HasPrefix(s.env, own) {
		s.env = own + s.env
	}
}

// asked counts where the configuration asks the environment for a variable whose name begins so.
func (w *Writer) asked(prefix string) int {
	n, known := w.askedFor[prefix]
	if known {
		return n
	}
	for _, f := range w.Files.Files {
		if f.Kind == source.Config {
			n += strings.Count(f.Text, `env!("`+prefix) + strings.Count(f.Text, `env("`+prefix)
		}
	}
	if w.askedFor == nil {
		w.askedFor = map[string]int{}
	}
	w.askedFor[prefix] = n
	return n
}

// ownApp reports whether a name is that of an application of the project, as far as those are
// known.
func (s *secret) ownApp(name string) bool {
	return len(s.Files.Apps) == 0 || slices.ContainsFunc(s.Files.Apps, func(a source.App) bool { return a.Name == name })
}

// releases is the list of the releases of an umbrella, from its mix.exs.
var releases = regexp.MustCompile(`(?s)\breleases: \[(.*?)\n    \]|defp? releases do\s*\[(.*?)\n    \]`)

// ofSome reports whether an umbrella makes several releases, of which not each has all of its
// applications.
func (s *secret) ofSome() bool {
	for _, a := range s.Files.Apps {
		mix := s.Files.Named(path.Join(a.Dir, "mix.exs"))
		if a.AppsPath == "" || mix == nil {
			continue
		}
		if m := releases.FindStringSubmatch(mix.Text); m != nil && strings.Count(m[1]+m[2], "applications:") > 1 {
			return true
		}
	}
	return false
}

func (s *secret) fetch() string { return "System.fetch_env!(" + quoted(s.env) + ")" }

func (s *secret) replaced(text string) fix.Edit {
	n := s.d.Node(s.node)
	return s.d.edit(n.Start, n.End, text, "It is read when the program starts, which stops if it is missing.")
}

// compiled reports whether a module of the application reads the setting when it
// is compiled.
func (s *secret) compiled() bool {
	key := s.at.key
	switch {
	case s.at.module != "":
		key = s.at.module
	case key == "":
		key = s.at.path[0]
	}
	for _, f := range s.Files.Files {
		if f.Kind == source.Lib && strings.Contains(f.Text, "compile_env") &&
			regexp.MustCompile(`compile_env!?\(\s*`+regexp.QuoteMeta(s.at.app)+`,\s*\[?:?`+regexp.QuoteMeta(key)+`\b`).MatchString(f.Text) {
			return true
		}
	}
	for _, m := range s.Program.Modules {
		for _, a := range m.Attrs {
			if a.Code != nil && a.Code.File != nil && a.Code.File.Kind == source.Lib && asks(a.Code, a.Value, key) {
				return true
			}
		}
	}
	return false
}

// asks reports whether an expression asks the configuration for a key.
func asks(c *ir.Code, x ir.ExprID, key string) bool {
	found := false
	c.Walk(x, func(id ir.ExprID) bool {
		e := c.At(id)
		if e.Op == ir.Call && e.Hi-e.Lo >= 2 && c.Callees[e.A].Module == "Application" {
			k := c.At(c.Lists[e.Lo+1])
			found = found || k.Op == ir.Const && k.Str == key
		}
		return !found
	})
	return found
}

// spread configures the secret from the environment, and what stands for it where
// nobody needs it to be secret.
func (s *secret) spread(dir string) error {
	if s.everywhere && s.pem() {
		return errSecretKey
	}
	if err := s.runtime(s.started(dir)); err != nil {
		return err
	}
	s.at.comment = nil
	if s.everywhere {
		for _, env := range []string{"dev", "test"} {
			file := s.Files.Named(path.Join(dir, env+".exs"))
			if file == nil || file == s.d.File {
				continue
			}
			d := s.doc(file)
			if e := d.set(0, s.at, `String.duplicate("`+env+`-only-", 8)`, ""); e != nil {
				e[0].Reason = "It is no secret, and works where there is no environment to read one from."
				s.f.Edits = append(s.f.Edits, e...)
			}
		}
	}
	return s.example()
}

// project is the application that a secret stands in and its mix.exs, or nil.
func (s *secret) project() (*source.App, *source.File) {
	app := s.Files.App(s.d.File.Path)
	if app == nil {
		return nil, nil
	}
	return app, s.Files.Named(path.Join(app.Dir, "mix.exs"))
}

// configPath is the configuration that a project names.
var configPath = regexp.MustCompile(`config_path:\s*"([^"]+)"`)

// started is the folder of the configuration that is read when the program starts:
// of an application in an umbrella, the one that its project names, or the umbrella's own.
func (s *secret) started(dir string) string {
	app, mix := s.project()
	if mix == nil {
		return dir
	}
	if m := configPath.FindStringSubmatch(mix.Text); m != nil {
		return path.Join(app.Dir, path.Dir(m[1]))
	}
	for up := app.Dir; up != "." && up != ""; {
		up = path.Dir(up)
		umbrella := slices.ContainsFunc(s.Files.Apps, func(a source.App) bool { return path.Clean(a.Dir) == up && a.AppsPath != "" })
		if umbrella && s.Files.Named(path.Join(up, "config", "config.exs")) != nil {
			return path.Join(up, "config")
		}
	}
	return dir
}

// runtime sets the secret in the configuration that is read when the program
// starts.
func (s *secret) runtime(dir string) error {
	file := s.Files.Named(path.Join(dir, "runtime.exs"))
	block := syntax.None
	if file == nil {
		if file = s.Files.Named(path.Join(dir, "releases.exs")); file != nil {
			block = 0 // only a release reads it
		}
	}
	reason := "Production reads it when it starts, and does not start without it."
	if file == nil && slices.ContainsFunc(s.Files.Files, func(f *source.File) bool {
		return path.Base(f.Path) == "mix.exs" && strings.Contains(f.Text, "{:distillery,")
	}) {
		return errors.New("the releases are made by Distillery, which reads no configuration when the program starts")
	}
	if file == nil && s.oldElixir() {
		return errSecretOld
	}
	if file == nil {
		d := &doc{width: s.d.width}
		s.f.Files = append(s.f.Files, fix.File{Path: path.Join(dir, "runtime.exs"), Reason: reason,
			Text: "import Config\n\n" + environment(s.where, d.statement(s.at, s.fetch(), "  "))})
		return nil
	}
	d := s.doc(file)
	if block == syntax.None {
		block = d.environmentBlock(s.where)
	}
	var edits []fix.Edit
	if block == syntax.None {
		end := int32(len(strings.TrimRight(d.text, " \t\r\n")))
		edits = []fix.Edit{d.edit(end, int32(len(d.text)), "\n\n"+environment(s.where, d.statement(s.at, s.fetch(), "  ")), "")}
	} else {
		edits = d.set(block, s.at, s.fetch(), d.indentIn(block))
	}
	if len(edits) > 0 {
		edits[0].Reason = reason
	}
	s.f.Edits = append(s.f.Edits, edits...)
	return nil
}

// oldElixir reports whether a project is written for an Elixir that does not know
// config/runtime.exs: it asks for one before 1.11 and configures with Mix.Config.
func (s *secret) oldElixir() bool {
	_, mix := s.project()
	if mix == nil {
		return false
	}
	m := askedElixir.FindStringSubmatch(mix.Text)
	if m == nil {
		return false
	}
	minor, err := strconv.Atoi(m[1])
	return err == nil && minor < 11 && strings.Contains(s.d.text, "use Mix.Config")
}

// askedElixir is the minor version of Elixir that a project asks for.
var askedElixir = regexp.MustCompile(`elixir: "[~>= ]*1\.(\d+)`)

func environment(name, statement string) string {
	return "if config_env() == :" + name + " do\n" + statement + "\nend\n"
}

// example names the variable where the project lists them: for people, and for what runs it.
func (s *secret) example() error {
	var given []string
	for _, f := range s.Files.Files {
		listed := f.Kind == source.Environment || f.Kind == source.Deployment
		if !listed || f.Text == "" || s.Files.App(f.Path) != s.Files.App(s.d.File.Path) && path.Dir(f.Path) != "." {
			continue
		}
		if f.Kind == source.Environment {
			s.inExample(f)
		} else if !s.deployed(f) {
			given = append(given, f.Path)
		}
	}
	if len(given) > 0 {
		s.f.Safety = fix.Shown
		s.f.Notes = append(s.f.Notes, strings.Join(given, " and ")+" gives the application its variables: say what "+s.env+" is there.")
	}
	return nil
}

func (s *secret) inExample(f *source.File) {
	if regexp.MustCompile(`(?m)^(export )?` + regexp.QuoteMeta(s.env) + `=`).MatchString(f.Text) {
		return
	}
	line := s.env + "=\n"
	if strings.HasPrefix(f.Text, "export ") || strings.Contains(f.Text, "\nexport ") {
		line = "export " + line
	}
	if !strings.HasSuffix(f.Text, "\n") {
		line = "\n" + line
	}
	s.f.Edits = append(s.f.Edits, fix.Edit{Path: f.Path, Start: len(f.Text), End: len(f.Text), Text: line, Reason: "It tells which variables the application needs."})
}

// passedOn is a line of a file of Docker Compose that hands a variable to an application from
// where the containers are started, in a list or in a mapping.
var passedOn = regexp.MustCompile(`(?m)^( *)(?:- *(["']?)(\w+)(?:=\$\{(\w+)[^}\n]*\})?["']? *|(\w+): *(["']?)\$\{(\w+)[^}\n]*\}["']? *)$`)

// elsewhere is what says that a file runs the application in development or for tests.
var elsewhere = regexp.MustCompile(`\bMIX_ENV["']?(?:=|: *)["']?(?:dev|test)\b`)

// deployed hands the variable to the application in a file that says how it runs, as it hands
// others. It is false where the file gives the application variables in a way that is not known.
func (s *secret) deployed(f *source.File) bool {
	anchor := ""
	for _, name := range []string{"SECRET_KEY_BASE", "DATABASE_URL"} {
		if anchor == "" && strings.Contains(f.Text, name) {
			anchor = name
		}
	}
	if anchor == "" || elsewhere.MatchString(f.Text) {
		return true // it runs something else, or not in production
	}
	if regexp.MustCompile(`\b` + regexp.QuoteMeta(s.env) + `\b`).MatchString(f.Text) {
		return true
	}
	if !source.Composes(f.Path) {
		return false
	}
	var edits []fix.Edit
	for _, m := range passedOn.FindAllStringSubmatchIndex(f.Text, -1) {
		part := func(i int) string {
			if m[2*i] < 0 {
				return ""
			}
			return f.Text[m[2*i]:m[2*i+1]]
		}
		name, from := part(3), part(4)
		var line string
		switch {
		case name == "":
			name, from = part(5), part(7)
			line = part(1) + s.env + ": " + part(6) + "${" + s.env + "}" + part(6)
		case from == "":
			from = name
			line = part(1) + "- " + part(2) + s.env + part(2)
		default:
			line = part(1) + "- " + part(2) + s.env + "=${" + s.env + "}" + part(2)
		}
		if name == anchor && from == name {
			edits = append(edits, fix.Edit{Path: f.Path, Start: m[1], End: m[1], Text: "\n" + line, Reason: "The container gets it from where it is started."})
		}
	}
	s.f.Edits = append(s.f.Edits, edits...)
	return len(edits) > 0
}
