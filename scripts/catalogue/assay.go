package main

import (
	"fmt"
	"strings"
)

// The JSON of `assay dump schema`, as far as the catalogue has it too.
type (
	database struct {
		Name   string
		Tables []table
		Enums  []struct {
			Schema, Name string
			Values       []string
		}
		Gaps []struct{ Place, Table, Reason string }
	}
	table struct {
		Schema, Name string
		PartitionOf  string `json:"partition_of"`
		Maybe        bool
		Columns      []struct {
			Name, Type, Default, Generated string
			Null, Maybe                    bool
		}
		PrimaryKey *struct {
			Name    string
			Columns []string
		} `json:"primary_key"`
		Indexes     []index
		ForeignKeys []reference `json:"foreign_keys"`
		Constraints []constraint
	}
	index struct {
		Name          string
		Keys          []struct{ Column, Expression, Order string }
		Include       []string
		Using, Where  string
		Unique, Maybe bool
		NullsEqual    bool `json:"nulls_not_distinct"`
		OfConstraint  bool `json:"of_constraint"`
	}
	reference struct {
		Name, Schema, Table string
		Columns, References []string
		OnDelete            string `json:"on_delete"`
		OnUpdate            string `json:"on_update"`
		NotValid            bool   `json:"not_valid"`
		Maybe               bool
	}
	constraint struct {
		Name, Kind, Expression string
		Columns                []string
		NotValid               bool `json:"not_valid"`
		Maybe                  bool
	}
)

// thing is one entry of a catalogue.
type thing struct {
	Kind, Key, Def string
	// probe makes the thing under the name that it is given, after which the
	// server prints its definition. Only what Assay says has one.
	probe func(name string) string
	maybe bool
}

// things lists what Assay says there is.
func (d *database) things() []thing {
	var out []thing
	for i := range d.Tables {
		out = append(out, d.Tables[i].things()...)
	}
	for _, e := range d.Enums {
		out = append(out, thing{Kind: "enum", Key: e.Schema + "." + e.Name, Def: strings.Join(e.Values, ", ")})
	}
	return out
}

// sql is the table's name for a statement.
func (t *table) sql() string { return quote(t.Schema) + "." + quote(t.Name) }

func (t *table) things() []thing {
	key := t.Schema + "." + t.Name
	out := []thing{{Kind: "table", Key: key, Def: t.PartitionOf, maybe: t.Maybe}}
	out = append(out, t.columns(key)...)
	if k := t.PrimaryKey; k != nil {
		out = append(out, thing{Kind: "primary key", Key: key, Def: k.Name + " (" + quoted(k.Columns) + ")", maybe: t.Maybe})
	}
	for i := range t.Indexes {
		if x := &t.Indexes[i]; !x.OfConstraint {
			out = append(out, thing{Kind: "index", Key: key + " " + x.Name, Def: x.sql("", t), maybe: t.Maybe || x.Maybe,
				probe: func(name string) string { return x.sql(quote(name), t) }})
		}
	}
	for i := range t.ForeignKeys {
		k := &t.ForeignKeys[i]
		out = append(out, thing{Kind: "foreign key", Key: key + " " + k.Name, Def: k.def(), maybe: t.Maybe || k.Maybe})
	}
	for i := range t.Constraints {
		c := &t.Constraints[i]
		x := thing{Kind: "constraint", Key: key + " " + c.Name, Def: c.def() + valid(c.NotValid), maybe: t.Maybe || c.Maybe}
		if c.Kind != "unique" {
			x.probe = func(name string) string {
				return "ALTER TABLE " + t.sql() + " ADD CONSTRAINT " + quote(name) + " " + c.def() + valid(c.NotValid)
			}
		}
		out = append(out, x)
	}
	return out
}

func (t *table) columns(key string) []thing {
	var out []thing
	for _, c := range t.Columns {
		def := c.Type
		if !c.Null {
			def += " not null"
		}
		if c.Default != "" {
			def += " default " + c.Default
		}
		if c.Generated != "" {
			def += " generated always as (" + c.Generated + ") stored"
		}
		out = append(out, thing{Kind: "column", Key: key + "." + c.Name, Def: def, maybe: t.Maybe || c.Maybe,
			probe: func(name string) string {
				// What is generated from other columns needs them.
				if c.Generated != "" {
					return "ALTER TABLE " + t.sql() + " ADD COLUMN " + quote(name) + " " + def
				}
				return "CREATE TEMPORARY TABLE " + quote(name) + " (" + quote(name) + " " + def + ")"
			}})
	}
	return out
}

// sql is the statement that makes an index, as the server prints it.
func (x *index) sql(name string, t *table) string {
	var b strings.Builder
	b.WriteString("CREATE ")
	if x.Unique {
		b.WriteString("UNIQUE ")
	}
	b.WriteString("INDEX ")
	if name != "" {
		b.WriteString(name + " ")
	}
	keys := make([]string, len(x.Keys))
	for i, k := range x.Keys {
		if keys[i] = quote(k.Column); k.Column == "" {
			keys[i] = "(" + k.Expression + ")"
		}
		if k.Order != "" {
			keys[i] += " " + k.Order
		}
	}
	fmt.Fprintf(&b, "ON %s.%s USING %s (%s)", plain(t.Schema), plain(t.Name), x.Using, strings.Join(keys, ", "))
	if len(x.Include) > 0 {
		b.WriteString(" INCLUDE (" + quoted(x.Include) + ")")
	}
	if x.NullsEqual {
		b.WriteString(" NULLS NOT DISTINCT")
	}
	if x.Where != "" {
		b.WriteString(" WHERE (" + x.Where + ")")
	}
	return b.String()
}

// def is the reference as the query of the catalogue writes it.
func (k *reference) def() string {
	return fmt.Sprintf("(%s) references %s.%s (%s) on delete %s on update %s%s", quoted(k.Columns), k.Schema, k.Table, quoted(k.References),
		strings.ToLower(k.OnDelete), strings.ToLower(k.OnUpdate), valid(k.NotValid))
}

func (c *constraint) def() string {
	switch c.Kind {
	case "unique":
		return "UNIQUE (" + quoted(c.Columns) + ")"
	case "exclusion":
		return "EXCLUDE " + c.Expression
	}
	return "CHECK (" + c.Expression + ")"
}

func valid(not bool) string {
	if not {
		return " NOT VALID"
	}
	return ""
}

// plain is a name as the server prints it: quoted only where it must be.
func plain(name string) string {
	for i, r := range name {
		if r != '_' && (r < 'a' || r > 'z') && (i == 0 || r < '0' || r > '9') {
			return quote(name)
		}
	}
	return name
}

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func quoted(names []string) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = quote(n)
	}
	return strings.Join(out, ", ")
}
