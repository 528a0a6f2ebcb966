package model

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"reflect"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// decode reads one file strictly: a key that Library does not have is an error.
func decode(file string, text []byte) (*Library, lines, error) {
	lib := &Library{Name: strings.TrimSuffix(path.Base(strings.ReplaceAll(file, `\`, "/")), ".toml")}
	decoder := toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields()
	if err := decoder.Decode(lib); err != nil {
		return nil, lines{}, explain(file, err)
	}
	return lib, linesOf(file, string(text)), nil
}

// explain says where and why TOML was refused.
func explain(file string, err error) error {
	var unknown *toml.StrictMissingError
	if errors.As(err, &unknown) && len(unknown.Errors) > 0 {
		first := unknown.Errors[0]
		row, _ := first.Position()
		word, known := stranger(first.Key())
		return place{file, row}.errorf("%s", unknownWord("key", word, known))
	}
	var broken *toml.DecodeError
	if errors.As(err, &broken) {
		row, _ := broken.Position()
		return place{file, row}.errorf("%s", strings.TrimPrefix(broken.Error(), "toml: "))
	}
	return fmt.Errorf("%s: %w", file, err)
}

// stranger is the first part of a key that is not known where it stands, and
// what may stand there.
func stranger(key []string) (word string, known []string) {
	known = keysOf(reflect.TypeFor[Library]())
	if !slices.Contains(known, key[0]) {
		return key[0], known
	}
	last := key[len(key)-1]
	switch key[0] {
	case "use":
		return last, keysOf(reflect.TypeFor[Use]())
	case "callback":
		return last, keysOf(reflect.TypeFor[Callback]())
	default:
		return last, append(keysOf(reflect.TypeFor[Call]()), keysOf(reflect.TypeFor[Option]())...)
	}
}

func keysOf(t reflect.Type) []string {
	var keys []string
	for i := range t.NumField() {
		if key := t.Field(i).Tag.Get("toml"); key != "" && key != "-" {
			keys = append(keys, key)
		}
	}
	return keys
}

// lines knows on which line each entry of a file begins.
type lines struct {
	file string
	line map[entry]int
}

// linesOf finds entries that are written as `[call."KEY"]`, or as `"KEY" = {`
// below `[call]`.
func linesOf(file, text string) lines {
	l := lines{file, make(map[entry]int, strings.Count(text, "\n"))}
	section, number := "", 0
	for line := range strings.Lines(text) {
		number++
		switch {
		case line[0] == '[':
			kind, rest, _ := strings.Cut(strings.Trim(line, "[] \t\r\n"), ".")
			section = kind
			if key, ok := quoted(rest); ok {
				l.line[entry{kind, key}] = number
			}
		case line[0] == '"':
			if key, ok := quoted(line); ok {
				l.line[entry{section, key}] = number
			}
		}
	}
	return l
}

// quoted is the string that text begins with.
func quoted(text string) (string, bool) {
	if !strings.HasPrefix(text, `"`) {
		return "", false
	}
	inside, _, ok := strings.Cut(text[1:], `"`)
	return inside, ok
}

// at is the place of an entry; the file's first line when it is written oddly.
func (l lines) at(kind, key string) place {
	if n, ok := l.line[entry{kind, key}]; ok {
		return place{l.file, n}
	}
	return place{l.file, 1}
}
