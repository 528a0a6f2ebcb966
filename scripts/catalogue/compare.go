package main

import (
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"
)

// kinds are what is compared, as it is printed.
var kinds = []struct{ kind, many string }{
	{"table", "tables"}, {"column", "columns"}, {"primary key", "primary keys"}, {"index", "indexes"},
	{"foreign key", "foreign keys"}, {"constraint", "constraints"}, {"enum", "enums"},
}

// outcome is what a comparison gives.
type outcome struct {
	equal, all  map[string]int
	differences []string
}

// id tells things of one database apart.
type id struct{ kind, key string }

// compare asks the server what there is and sets it against what Assay says.
// What belongs to a table whose name fits one of the patterns `without` is left out.
func compare(server psql, read *database, without []string) (*outcome, error) {
	list, err := server.read(catalogue())
	if err != nil {
		return nil, err
	}
	left := func(t thing) bool {
		_, name, _ := strings.Cut(tableOf(t.Key), ".")
		return slices.ContainsFunc(without, func(pattern string) bool {
			fits, err := path.Match(pattern, name)
			return err == nil && fits
		})
	}
	list = slices.DeleteFunc(list, left)
	real := map[id]string{}
	for _, t := range list {
		real[id{t.Kind, t.Key}] = t.Def
	}
	said := slices.DeleteFunc(read.things(), func(t thing) bool {
		_, had := real[id{inherited, t.Kind + " " + t.Key}]
		return had || left(t)
	})
	var open []thing
	var at []int
	for i, t := range said {
		if def, ok := real[id{t.Kind, t.Key}]; ok && def != t.Def && t.probe != nil {
			open, at = append(open, t), append(at, i)
		}
	}
	if len(open) > 0 {
		answers, err := server.read(probe(open))
		if err != nil {
			return nil, err
		}
		for _, a := range answers {
			n, err := strconv.Atoi(a.Key)
			if err != nil {
				return nil, err
			}
			said[at[n]].Def = a.Def
		}
	}
	return set(real, said), nil
}

// set counts what is equal and writes down what is not.
func set(real map[id]string, said []thing) *outcome {
	o := &outcome{equal: map[string]int{}, all: map[string]int{}}
	here := map[id]bool{}
	for _, t := range said {
		k := id{t.Kind, t.Key}
		here[k] = true
		def, ok := real[k]
		o.all[t.Kind]++
		switch {
		case ok && def == t.Def:
			o.equal[t.Kind]++
		case ok:
			o.differ("%s %s: assay says %s, postgresql %s", t.Kind, t.Key, t.Def, def)
		case t.maybe:
			o.differ("%s %s: assay says it may be there, postgresql has none", t.Kind, t.Key)
		default:
			o.differ("%s %s: only assay has it: %s", t.Kind, t.Key, t.Def)
		}
	}
	for k, def := range real {
		// The migrator's own table is in no migration, only in a dump.
		if here[k] || k.kind == inherited || strings.Contains(k.key, ".schema_migrations") && !here[id{"table", tableOf(k.key)}] {
			continue
		}
		o.all[k.kind]++
		o.differ("%s %s: only postgresql has it: %s", k.kind, k.key, def)
	}
	slices.Sort(o.differences)
	return o
}

// tableOf is the table's part of a key.
func tableOf(key string) string {
	key, _, _ = strings.Cut(key, " ")
	schema, rest, _ := strings.Cut(key, ".")
	name, _, _ := strings.Cut(rest, ".")
	return schema + "." + name
}

func (o *outcome) differ(format string, args ...any) {
	o.differences = append(o.differences, fmt.Sprintf(format, args...))
}

func (o *outcome) print(w io.Writer) {
	for _, k := range kinds {
		fmt.Fprintf(w, "%-13s%5d/%d\n", k.many, o.equal[k.kind], o.all[k.kind])
	}
	for _, d := range o.differences {
		fmt.Fprintln(w, d)
	}
}
