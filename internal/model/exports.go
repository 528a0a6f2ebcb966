package model

import (
	"strconv"
	"strings"
	"sync"
)

// maxArity is the highest arity that a list of exports can tell; a bit each.
const maxArity = 63

// Exports are the public functions, macros and callbacks of one module.
type Exports struct {
	line  string // "all/1,2 !from/1 @init/2", read when it is first asked for
	once  sync.Once
	names map[string]export
}

// export holds the arities of one name, a bit each.
type export struct{ function, macro, callback uint64 }

// Func tells whether the module exports the function name/arity.
func (e *Exports) Func(name string, arity int) bool { return has(e.of(name).function, arity) }

// Macro tells whether the module exports the macro name/arity.
func (e *Exports) Macro(name string, arity int) bool { return has(e.of(name).macro, arity) }

// Callback tells whether the module is a behaviour with the callback name/arity.
func (e *Exports) Callback(name string, arity int) bool { return has(e.of(name).callback, arity) }

func has(arities uint64, arity int) bool {
	return arity >= 0 && arity <= maxArity && arities&(1<<arity) != 0
}

func (e *Exports) of(name string) export {
	e.once.Do(e.read)
	return e.names[name]
}

func (e *Exports) read() {
	e.names = make(map[string]export, strings.Count(e.line, " ")+1)
	for word := range strings.FieldsSeq(e.line) {
		mark, word := splitMark(word)
		slash := strings.LastIndexByte(word, '/')
		name := word[:slash]
		arities, _ := aritySet(word[slash+1:])
		x := e.names[name]
		switch mark {
		case '!':
			x.macro |= arities
		case '@':
			x.callback |= arities
		default:
			x.function |= arities
		}
		e.names[name] = x
	}
}

// splitMark takes the "!" of a macro and the "@" of a callback off. The operators
// "!/1", "!=/2" and "@/1" begin with a mark's letter too; as they are macros and
// functions of Kernel, only a letter that is followed by a name is a mark.
func splitMark(word string) (mark byte, rest string) {
	if len(word) < 2 || word[0] != '!' && word[0] != '@' {
		return 0, word
	}
	if word[1] == '/' || word[1] == '=' {
		return 0, word
	}
	return word[0], word[1:]
}

// aritySet reads "1,2".
func aritySet(s string) (set uint64, ok bool) {
	for word := range strings.SplitSeq(s, ",") {
		n, err := strconv.Atoi(word)
		if err != nil || n < 0 || n > maxArity {
			return 0, false
		}
		set |= 1 << n
	}
	return set, true
}

// addExports files the lines of one list: "Module name/1,2 !macro/2 @callback/3".
// Lines that begin with "#" are comments. What stands behind the module's name is
// read when it is first asked for; a test holds the lists' form.
func (l *loader) addExports(path, text string) error {
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSuffix(line, "\n")
		if line == "" || line[0] == '#' {
			continue
		}
		module, rest, _ := strings.Cut(line, " ")
		if l.set.exports[module] != nil {
			return place{path, number}.errorf("the exports of %s are already listed", module)
		}
		l.set.exports[module] = &Exports{line: rest}
	}
	return nil
}
