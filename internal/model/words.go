package model

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-dev/assay/internal/source"
)

// effectWord is how an effect is written in TOML.
type effectWord struct {
	word   string
	effect Effect
}

var effectWords = []effectWord{
	{"query", Query},
	{"write", Write},
	{"http", HTTP},
	{"mail", Mail},
	{"file", File},
	{"sleep", Sleep},
	{"call", ProcCall},
	{"send", ProcSend},
	{"spawn", Spawn},
	{"raise", RaiseErr},
	{"log", Log},
	{"telemetry", Telemetry},
	{"enqueue", Enqueue},
	{"broadcast", Broadcast},
	{"cache", Cache},
	{"exec", Exec},
	{"rollback", Rollback},
}

// Has tells whether every effect of other is in e.
func (e Effect) Has(other Effect) bool { return e&other == other }

// Words are the words of the effects, in the order of their constants.
func (e Effect) Words() []string {
	var words []string
	for _, w := range effectWords {
		if e.Has(w.effect) {
			words = append(words, w.word)
		}
	}
	return words
}

// String joins the words: "query, raise".
func (e Effect) String() string { return strings.Join(e.Words(), ", ") }

// Words are what an example in the library's page expects of a call, in a fixed
// order: "write, fallible", "iterates", "atom sink", "starts linked".
func (c *Call) Words() []string {
	words := c.Effects.Words()
	add := func(there bool, word string) {
		if there {
			words = append(words, word)
		}
	}
	add(c.Fallible, "fallible")
	add(c.Iterates != nil, "iterates")
	for _, sink := range sorted(c.Sink) {
		add(true, sink+" sink")
	}
	add(c.Source != "", "source "+c.Source)
	add(c.Starts != "", "starts "+c.Starts)
	add(c.Supervises != nil, "supervises")
	return words
}

func effectOf(words []string) (Effect, error) {
	var e Effect
	for _, word := range words {
		i := slices.IndexFunc(effectWords, func(w effectWord) bool { return w.word == word })
		if i < 0 {
			return 0, fmt.Errorf("%s", unknownWord("effect", word, (^Effect(0)).Words()))
		}
		e |= effectWords[i].effect
	}
	return e, nil
}

// The closed lists of words; "" stands for a key that is absent.
func entryWords() []string {
	return []string{"", "request", "socket", "job", "process", "boot", "task", "migrate", "seed", "test"}
}

func givesWords() []string {
	return []string{"", "rows", "row", "groups", "count", "result", "value", "chunks", "stream", "changeset", "query", "multi", "pid"}
}

func startsWords() []string { return []string{"", "linked", "unlinked", "supervised", "awaited"} }

func sinkWords() []string {
	return []string{"atom", "sql", "code", "command", "path", "url", "redirect", "html", "deserialise", "regex"}
}

func askWords() []string {
	return []string{"", "all", "one", "first", "value", "reload", "preload", "insert", "update", "delete", "insert_all", "update_all", "delete_all"}
}

func sourceWords() []string { return []string{"", "request", "http", "file", "stored"} }

// checkCall completes an entry and checks its words and argument numbers.
func checkCall(c *Call, arities []int) error {
	effects, err := effectOf(c.Effect)
	if err != nil {
		return err
	}
	c.Effects = effects
	sinks := sorted(c.Sink)
	errs := []error{
		oneOf("gives", c.Gives, givesWords()),
		oneOf("starts", c.Starts, startsWords()),
		oneOf("source", c.Source, sourceWords()),
		oneOf("decides", c.Decides, []string{"", "changeset", "row"}),
		oneOf("rejects", c.Rejects, []string{"", "cast", "check", "constraint", "reference"}),
		oneOf("entry", c.Entry, entryWords()),
		oneOf("asks", c.Asks, askWords()),
	}
	for _, sink := range sinks {
		errs = append(errs, oneOf("sink", sink, sinkWords()))
	}
	for _, word := range c.Returns {
		errs = append(errs, alternative(word))
	}
	errs = append(errs, checkArguments(c, sinks, slices.Max(arities)))
	return first(errs)
}

// alternative checks a word of Returns: a name, and the size of a tuple or the atom in
// the second place of a pair.
func alternative(word string) error {
	if tag, inner, pair := strings.Cut(word, ":"); pair {
		return first([]error{alternative(tag), alternative(inner)})
	}
	name, size, sized := strings.Cut(word, "/")
	n, err := strconv.Atoi(size)
	if name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz_") != "" || sized && (err != nil || n < 1 || n > 9) {
		return fmt.Errorf("%q is no alternative, as \"ok/2\" or \"nil\"", word)
	}
	return nil
}

// checkArguments holds argument numbers within the highest arity of the entry.
func checkArguments(c *Call, sinks []string, arity int) error {
	errs := []error{
		argument("query", c.Query, arity),
		argument("iterates", c.Iterates, arity),
		argument("bounds", c.Bounds, arity),
		argument("supervises", c.Supervises, arity),
		argument("by", c.By, arity),
		argument("primary_key", c.PrimaryKey, arity),
		argument("loads", c.Loads, arity),
		argument("follows", c.Follows, arity),
		argument("keeps", c.Keeps, arity),
		argument("picks", c.Picks, arity),
		argument("fills", c.Fills, arity),
		argument("collection", c.Collection, arity),
		argument("passes", c.Passes, arity),
		argument("accumulates", c.Accumulates, arity),
	}
	for _, n := range c.Runs {
		errs = append(errs, argument("runs", &n, arity))
	}
	for _, sink := range sinks {
		n := c.Sink[sink]
		errs = append(errs, argument("sink", &n, arity))
	}
	if c.Option != nil {
		errs = append(errs, argument("option", &c.Option.Arg, arity))
	}
	if c.Iterates != nil && len(c.Runs) == 0 && c.Expand == "" {
		errs = append(errs, fmt.Errorf("iterates says what runs is given, but there is no runs"))
	}
	return first(errs)
}

func checkCallback(c *Callback, arities []int) error {
	errs := []error{oneOf("entry", c.Entry, entryWords())}
	for _, n := range c.Untrusted {
		errs = append(errs, argument("untrusted", &n, slices.Min(arities)))
	}
	for _, part := range c.Parts {
		n, err := strconv.Atoi(strings.SplitN(part, ".", 2)[0])
		if err != nil || !strings.Contains(part, ".") {
			errs = append(errs, fmt.Errorf("part %q is not a parameter and its field, as \"0.params\"", part))
		}
		errs = append(errs, argument("part", &n, slices.Min(arities)))
	}
	return first(errs)
}

func argument(key string, n *int, arity int) error {
	if n == nil || *n >= 0 && *n < arity {
		return nil
	}
	return fmt.Errorf("%s is argument %d, but there are %d, counted from 0", key, *n, arity)
}

func oneOf(kind, word string, known []string) error {
	if slices.Contains(known, word) {
		return nil
	}
	return fmt.Errorf("%s", unknownWord(kind, word, known))
}

func first(errs []error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func unknownWord(kind, word string, known []string) string {
	s := fmt.Sprintf("unknown %s %q", kind, word)
	if near := source.Nearest(word, known); near != "" {
		s += fmt.Sprintf("; did you mean %q?", near)
	}
	return s
}
