package model

import (
	"embed"
	"fmt"
	"io/fs"
	"sort"
	"strconv"
	"strings"
	"sync"
)

//go:embed *.toml exports/*.txt
var data embed.FS

// Set is every model that is in force, ready to be asked. It does not change
// once it is loaded, so any number of goroutines may ask it.
type Set struct {
	calls     []*Call
	call      map[function]int32
	callback  map[function]*Callback
	use       map[string]*Use
	exports   map[string]*Exports
	known     map[string]bool
	libraries []*Library // sorted by name
}

// function names one function or macro; arity -1 stands for any arity.
type function struct {
	module, name string
	arity        int
}

// UseOf says what `use module` does, or nil when no model tells.
func (s *Set) UseOf(module string) *Use { return s.use[module] }

// CallbackOf says who calls name/arity of a module that behaves like module.
// It falls back to the entry "*", which stands for any function of that arity,
// and is nil when no model tells.
func (s *Set) CallbackOf(module, name string, arity int) *Callback {
	if c := s.callback[function{module, name, arity}]; c != nil {
		return c
	}
	return s.callback[function{module, "*", arity}]
}

// CallOf is the number of the entry for a call of module.name/arity, or -1. An
// Erlang module is named without its colon: "ets".
func (s *Set) CallOf(module, name string, arity int) int32 {
	if i, ok := s.call[function{module, name, arity}]; ok {
		return i
	}
	return -1
}

// At is the entry with number i, which CallOf gave.
func (s *Set) At(i int32) *Call { return s.calls[i] }

// ExportsOf lists what module exports; nil when that is not known.
func (s *Set) ExportsOf(module string) *Exports { return s.exports[module] }

// Knows tells whether any entry or list of exports is about module.
func (s *Set) Knows(module string) bool { return s.known[module] || s.exports[module] != nil }

// Libraries are the libraries that the set was made of, sorted by name. They
// must not be changed.
func (s *Set) Libraries() []*Library { return s.libraries }

// Builtin is the set of the models that come with Assay.
func Builtin() (*Set, error) { return builtin() }

var builtin = sync.OnceValues(func() (*Set, error) { return Load(nil) })

// Load is the built-in set with a project's own models, given by their paths.
// Errors name the file and the line, and are the same for the same input.
func Load(files map[string][]byte) (*Set, error) {
	l := loader{
		set: &Set{
			calls:    make([]*Call, 0, 2048),
			call:     make(map[function]int32, 4096),
			callback: map[function]*Callback{},
			use:      map[string]*Use{},
			exports:  make(map[string]*Exports, 4096),
			known:    map[string]bool{},
		},
		owner: make(map[entry]place, 4096),
	}
	if err := l.builtin(); err != nil {
		return nil, err
	}
	for _, path := range sorted(files) {
		if err := l.add(path, files[path]); err != nil {
			return nil, err
		}
	}
	libraries := l.set.libraries
	sort.SliceStable(libraries, func(i, j int) bool { return libraries[i].Name < libraries[j].Name })
	return l.set, nil
}

// loader joins libraries into a set.
type loader struct {
	set   *Set
	owner map[entry]place
}

// entry names an entry: "call" and its key, "use" and its module.
type entry struct{ kind, key string }

// place is where an entry is written.
type place struct {
	file string
	line int
}

func (p place) errorf(format string, args ...any) error {
	return fmt.Errorf("%s:%d: %s", p.file, p.line, fmt.Sprintf(format, args...))
}

func (l *loader) builtin() error {
	files, err := fs.Glob(data, "*.toml")
	if err != nil {
		return err
	}
	for _, path := range files {
		text, err := data.ReadFile(path)
		if err != nil {
			return err
		}
		if err := l.add(path, text); err != nil {
			return err
		}
	}
	return l.builtinExports()
}

func (l *loader) builtinExports() error {
	files, err := fs.Glob(data, "exports/*.txt")
	if err != nil {
		return err
	}
	for _, path := range files {
		text, err := data.ReadFile(path)
		if err != nil {
			return err
		}
		if err := l.addExports(path, string(text)); err != nil {
			return err
		}
	}
	return nil
}

// add decodes one library and files its entries.
func (l *loader) add(path string, text []byte) error {
	lib, lines, err := decode(path, text)
	if err != nil {
		return err
	}
	l.set.libraries = append(l.set.libraries, lib)
	for _, module := range sorted(lib.Use) {
		if err := l.claim("use", module, lines.at("use", module)); err != nil {
			return err
		}
		l.set.use[module] = lib.Use[module]
		l.set.known[module] = true
	}
	for _, key := range sorted(lib.Callback) {
		if err := l.addCallback(key, lib.Callback[key], lines.at("callback", key)); err != nil {
			return err
		}
	}
	for _, key := range sorted(lib.Call) {
		if err := l.addCall(key, lib.Call[key], lines.at("call", key)); err != nil {
			return err
		}
	}
	return nil
}

func (l *loader) addCallback(key string, c *Callback, at place) error {
	module, name, arities, err := splitKey(key)
	if err != nil {
		return at.errorf("%v", err)
	}
	if err := checkCallback(c, arities); err != nil {
		return at.errorf("%v", err)
	}
	for _, arity := range arities {
		f := function{module, name, arity}
		if err := l.claim("callback", f.String(), at); err != nil {
			return err
		}
		l.set.callback[f] = c
	}
	l.set.known[module] = true
	return nil
}

func (l *loader) addCall(key string, c *Call, at place) error {
	module, name, arities, err := splitKey(key)
	if err != nil {
		return at.errorf("%v", err)
	}
	c.Key = key
	if err := checkCall(c, arities); err != nil {
		return at.errorf("%v", err)
	}
	index := int32(len(l.set.calls))
	l.set.calls = append(l.set.calls, c)
	for _, arity := range arities {
		f := function{module, name, arity}
		if first, ok := l.set.call[f]; ok {
			return l.again("call", f.String(), l.owner[entry{"call", l.set.calls[first].Key}], at)
		}
		l.set.call[f] = index
	}
	l.owner[entry{"call", key}] = at
	l.set.known[module] = true
	return nil
}

// claim remembers who has an entry, and refuses a second one.
func (l *loader) claim(kind, key string, at place) error {
	if first, ok := l.owner[entry{kind, key}]; ok {
		return l.again(kind, key, first, at)
	}
	l.owner[entry{kind, key}] = at
	return nil
}

func (l *loader) again(kind, key string, first, at place) error {
	return at.errorf("%s %q is already at %s:%d", kind, key, first.file, first.line)
}

func (f function) String() string { return f.module + "." + f.name + "/" + strconv.Itoa(f.arity) }

// splitKey takes "Ecto.Repo.all/1,2" apart.
func splitKey(key string) (module, name string, arities []int, err error) {
	slash := strings.LastIndexByte(key, '/')
	if slash < 0 {
		return "", "", nil, fmt.Errorf("%q is not Module.function/arity", key)
	}
	dot := moduleEnd(key[:slash])
	if dot <= 0 || dot+1 >= slash {
		return "", "", nil, fmt.Errorf("%q is not Module.function/arity", key)
	}
	for word := range strings.SplitSeq(key[slash+1:], ",") {
		arity, err := strconv.Atoi(word)
		if err != nil || arity < 0 || arity > maxArity {
			return "", "", nil, fmt.Errorf("%q has the arity %q, which is no number from 0 to %d", key, word, maxArity)
		}
		arities = append(arities, arity)
	}
	return key[:dot], key[dot+1 : slash], arities, nil
}

// moduleEnd is the place of the dot behind the module's name: the first dot that
// no upper-case letter follows, so "Enum.." in "Kernel.../2" ends at its first.
func moduleEnd(s string) int {
	for i := 0; i+1 < len(s); i++ {
		if s[i] == '.' && (s[i+1] < 'A' || s[i+1] > 'Z') {
			return i
		}
	}
	return -1
}

func sorted[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
