package model

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
)

func builtinSet(t *testing.T) *Set {
	t.Helper()
	set, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// TestKeysExist catches a typing error in a key: where a module's exports are
// known, they or what its `use` defines hold the function.
func TestKeysExist(t *testing.T) {
	set := builtinSet(t)
	for _, lib := range set.Libraries() {
		for _, key := range sorted(lib.Call) {
			for _, missing := range absent(set, key) {
				t.Errorf("%s.toml: %s is not exported", lib.Name, missing)
			}
		}
		for _, key := range sorted(lib.Callback) {
			module, name, arities, _ := splitKey(key)
			e := set.ExportsOf(module)
			if e == nil || name == "*" {
				continue
			}
			for _, arity := range arities {
				if e.Callback(name, arity) == hooks[key] {
					t.Errorf("%s.toml: %s declares %s/%d: %v, against what hooks says", lib.Name, module, name, arity, e.Callback(name, arity))
				}
			}
		}
	}
}

// hooks are callbacks that their behaviours do not declare.
var hooks = map[string]bool{
	"Ecto.Migration.change/0":     true,
	"Ecto.Migration.down/0":       true,
	"Ecto.Migration.up/0":         true,
	"Phoenix.Endpoint.init/2":     true,
	"Phoenix.LiveView.on_mount/4": true,
	"Phoenix.View.render/2":       true,
}

func absent(set *Set, key string) []string {
	module, name, arities, _ := splitKey(key)
	e := set.ExportsOf(module)
	if e == nil {
		return nil
	}
	var defined []string
	if u := set.UseOf(module); u != nil {
		defined = u.Define
	}
	var missing []string
	for _, arity := range arities {
		f := fmt.Sprintf("%s/%d", name, arity)
		if !e.Func(name, arity) && !e.Macro(name, arity) && !e.Callback(name, arity) && !slices.Contains(defined, f) {
			missing = append(missing, module+"."+f)
		}
	}
	return missing
}

// TestMacrosAreMacros holds that an entry which reads its arguments as a macro
// is one.
func TestMacrosAreMacros(t *testing.T) {
	set := builtinSet(t)
	for _, lib := range set.Libraries() {
		for _, key := range sorted(lib.Call) {
			module, name, arities, _ := splitKey(key)
			e := set.ExportsOf(module)
			if e == nil || !lib.Call[key].Macro {
				continue
			}
			for _, arity := range arities {
				if !e.Macro(name, arity) {
					t.Errorf("%s.toml: %s/%d is no macro", lib.Name, name, arity)
				}
			}
		}
	}
}

// TestUseIsKnown holds that every module with a `__using__` has an entry, and
// that what the entries bring is known.
func TestUseIsKnown(t *testing.T) {
	set := builtinSet(t)
	for module, e := range set.exports {
		if (e.Macro("__using__", 1) || e.Macro("__using__", 0)) && set.UseOf(module) == nil {
			t.Errorf("%s has no entry for use", module)
		}
	}
	for _, lib := range set.Libraries() {
		for _, module := range sorted(lib.Use) {
			u := lib.Use[module]
			for _, used := range u.Use {
				if set.UseOf(used) == nil {
					t.Errorf("%s.toml: use of %s uses %s, which is unknown", lib.Name, module, used)
				}
			}
			for _, function := range u.Define {
				if _, ok := aritySet(function[strings.LastIndexByte(function, '/')+1:]); !ok {
					t.Errorf("%s.toml: use of %s defines %q", lib.Name, module, function)
				}
			}
		}
	}
}

// TestExamples holds that every entry with an effect, a sink, a source, a start
// or an iteration has an example that expects its words.
func TestExamples(t *testing.T) {
	for _, lib := range builtinSet(t).Libraries() {
		page, err := fs.ReadFile(Pages, lib.Name+".md")
		if err != nil {
			t.Error(err)
			continue
		}
		for _, key := range sorted(lib.Call) {
			words := lib.Call[key].Words()
			if len(words) > 0 && !exampled(string(page), key, strings.Join(words, ", ")) {
				t.Errorf("%s.md has no example of %s # => %s", lib.Name, key, strings.Join(words, ", "))
			}
		}
	}
}

func exampled(page, key, words string) bool {
	_, name, _, _ := splitKey(key)
	for line := range strings.Lines(page) {
		code, expected, ok := strings.Cut(strings.TrimRight(line, "\n"), " # => ")
		if ok && expected == words && strings.Contains(code, name+"(") {
			return true
		}
	}
	return false
}

// TestPages holds that every page belongs to a library and has a title.
func TestPages(t *testing.T) {
	files, err := fs.Glob(Pages, "*.md")
	if err != nil {
		t.Fatal(err)
	}
	set := builtinSet(t)
	for _, file := range files {
		name := strings.TrimSuffix(file, ".md")
		if !slices.ContainsFunc(set.Libraries(), func(l *Library) bool { return l.Name == name }) {
			t.Errorf("%s belongs to no library", file)
		}
		text, _ := fs.ReadFile(Pages, file)
		if !strings.HasPrefix(string(text), "# ") {
			t.Errorf("%s has no title", file)
		}
	}
}

// TestExportsForm holds the form of the lists, which loading takes for granted.
func TestExportsForm(t *testing.T) {
	files, err := fs.Glob(data, "exports/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, _ := data.ReadFile(file)
		number, before := 0, ""
		for line := range strings.Lines(string(text)) {
			number++
			line = strings.TrimSuffix(line, "\n")
			if number == 1 {
				if !strings.HasPrefix(line, "# ") {
					t.Errorf("%s: the first line does not say the library and its version", file)
				}
				continue
			}
			module, rest, _ := strings.Cut(line, " ")
			if module <= before {
				t.Errorf("%s:%d: %s is not in order", file, number, module)
			}
			before = module
			for word := range strings.SplitSeq(rest, " ") {
				_, name := splitMark(word)
				slash := strings.LastIndexByte(name, '/')
				if slash <= 0 {
					t.Errorf("%s:%d: %q is not name/arity", file, number, word)
				} else if _, ok := aritySet(name[slash+1:]); !ok {
					t.Errorf("%s:%d: %q is not name/arity", file, number, word)
				}
			}
		}
	}
}
