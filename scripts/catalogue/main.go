// Command catalogue compares the database that Assay reads out of a project with
// a live one that the project's migrations, or its dump, have made.
//
//	go run ./scripts/catalogue ASSAY PROJECT DSN [DATABASE] [--without TABLE,…]
//
// DSN is what psql takes: a name of a database or postgresql://…. DATABASE is the
// name that `assay dump schema` prints; it is needed where the project has more
// than one. Printed are how many tables, columns, keys, indexes, constraints and
// enums are equal, of all that are on either side, and each difference. Tables that
// a library's own migrations make can be left out. Storage parameters, deferred
// constraints and collations are not compared.
//
// Where the texts differ, the server decides: what Assay says is made beside what
// is there, inside a transaction that is rolled back, and the server's own text of
// both is compared. The user of the DSN must be allowed to change the tables, and
// nobody else should be using them.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"

	"github.com/spf13/pflag"
)

func main() {
	f := pflag.NewFlagSet("catalogue", pflag.ExitOnError)
	without := f.StringSlice("without", nil, "tables and enums to leave out, as patterns: oban_*")
	// Errors end the program.
	_ = f.Parse(os.Args[1:])
	args := f.Args()
	if len(args) < 3 || len(args) > 4 {
		fmt.Fprintln(os.Stderr, "usage: catalogue ASSAY PROJECT DSN [DATABASE] [--without TABLE,…]")
		os.Exit(2)
	}
	name := ""
	if len(args) == 4 {
		name = args[3]
	}
	same, err := run(os.Stdout, args[0], args[1], psql{program: "psql", dsn: args[2]}, name, *without)
	if err != nil {
		fmt.Fprintln(os.Stderr, "catalogue:", err)
		os.Exit(2)
	}
	if !same {
		os.Exit(1)
	}
}

// run compares, and reports whether the two are equal.
func run(w io.Writer, program, project string, server psql, name string, without []string) (bool, error) {
	out, err := exec.Command(program, "dump", "schema", "--format", "json", project).Output()
	if err != nil {
		return false, fmt.Errorf("%s: %w", project, err)
	}
	read, err := decode(out, name)
	if err != nil {
		return false, err
	}
	d, err := compare(server, read, without)
	if err != nil {
		return false, err
	}
	d.print(w)
	for _, g := range read.Gaps {
		fmt.Fprintf(w, "not known: %s: %s %s\n", g.Place, g.Table, g.Reason)
	}
	return len(d.differences) == 0, nil
}

// decode takes one database out of what Assay prints.
func decode(text []byte, name string) (*database, error) {
	var list []*database
	if err := json.NewDecoder(bytes.NewReader(text)).Decode(&list); err != nil {
		return nil, err
	}
	var names []string
	for _, d := range list {
		if d.Name == name || name == "" && len(list) == 1 {
			return d, nil
		}
		names = append(names, d.Name)
	}
	return nil, fmt.Errorf("which database? There are %q", names)
}
