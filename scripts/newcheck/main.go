// Command newcheck starts a check: its code, its page and its line in the list.
//
//	go run ./scripts/newcheck NAME
//
// NAME says the mistake, in words joined by hyphens: query-in-loop.
package main

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
)

const (
	folder = "internal/checks/"
	list   = folder + "all.go"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: newcheck NAME")
		os.Exit(2)
	}
	if err := start(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "newcheck:", err)
		os.Exit(1)
	}
}

var wellNamed = regexp.MustCompile(`^[a-z]+(-[a-z]+)+$`)

func start(name string) error {
	if !wellNamed.MatchString(name) {
		return fmt.Errorf("%q: a name is two words or more, in lower case, joined by hyphens", name)
	}
	file := folder + strings.ReplaceAll(name, "-", "_")
	listed, err := os.ReadFile(list)
	if err != nil {
		return err
	}
	all, err := enter(string(listed), name)
	if err != nil {
		return err
	}
	if err := create(file+".md", strings.ReplaceAll(page, "NAME", name)); err != nil {
		return err
	}
	if err := create(file+".go", strings.ReplaceAll(code, "FUNC", function(name))); err != nil {
		return err
	}
	if err := os.WriteFile(list, []byte(all), 0o644); err != nil {
		return err
	}
	fmt.Printf("%s.md  write this first\n%s.go\n%s\n", file, file, list)
	return nil
}

// function is query-in-loop as queryInLoop.
func function(name string) string {
	words := strings.Split(name, "-")
	for i, w := range words[1:] {
		words[i+1] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, "")
}

// enter puts a check into the list, which stays sorted.
func enter(all, name string) (string, error) {
	before, rest, ok := strings.Cut(all, "return []*check.Check{\n")
	entries, after, closed := strings.Cut(rest, "\n\t}\n")
	if !ok || !closed {
		return "", errors.New(list + " has no list to add to")
	}
	lines := strings.Split(entries, "\n")
	if slices.ContainsFunc(lines, func(l string) bool { return strings.Contains(l, `"`+name+`"`) }) {
		return "", fmt.Errorf("there is a check %s already", name)
	}
	lines = append(lines, fmt.Sprintf("\t\t{Name: %q, Run: %s},", name, function(name)))
	slices.Sort(lines)
	return before + "return []*check.Check{\n" + strings.Join(lines, "\n") + "\n\t}\n" + after, nil
}

// create writes a file that is not there yet.
func create(name, text string) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

const code = `package checks

import "github.com/assay-dev/assay/internal/check"

// FUNC reports what is wrong, in one sentence.
func FUNC(p *check.Pass) {
}
`

const page = "# NAME\n" + `
What is wrong, in one paragraph: what the code does and what it should do.

Why it matters: what happens in production, and when.

## Bad

` + "```elixir lib/shop/orders.ex" + `
defmodule Shop.Orders do
  # want: a part of the message
end
` + "```" + `

## Fixed

` + "```elixir lib/shop/orders.ex" + `
defmodule Shop.Orders do
end
` + "```" + `

## Good: what looks like it and is none

` + "```elixir lib/shop/orders.ex" + `
defmodule Shop.Orders do
end
` + "```\n"
