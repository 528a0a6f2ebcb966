package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// psql is the server, reached through its own client.
type psql struct {
	program, dsn string
}

// read runs statements and decodes the lines of JSON that they give.
func (p psql) read(statements string) ([]thing, error) {
	c := exec.Command(p.program, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_ROLLBACK=on", p.dsn)
	// Names are printed with their schema where it is not the usual one.
	c.Env = append(os.Environ(), "PGOPTIONS=-c search_path=public -c client_min_messages=error")
	c.Stdin = strings.NewReader(statements)
	var failed bytes.Buffer
	c.Stderr = &failed
	out, err := c.Output()
	if err != nil {
		return nil, fmt.Errorf("psql: %w: %s", err, failed.String())
	}
	var list []thing
	for line := range bytes.Lines(out) {
		var t thing
		if err := json.Unmarshal(line, &t); err != nil {
			return nil, fmt.Errorf("psql: %q: %w", line, err)
		}
		list = append(list, t)
	}
	return list, nil
}

// The parts of queries that print one thing as it is compared. In the text of an
// index and of a constraint its own name is left out.
const (
	columnText = `format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END ||
  CASE WHEN a.attidentity <> '' THEN ' default nextval(''' || pg_get_serial_sequence(quote_ident(n.nspname) || '.' || quote_ident(r.relname), a.attname)::regclass::text || '''::regclass)'
       WHEN a.attgenerated <> '' THEN ' generated always as (' || pg_get_expr(d.adbin, d.adrelid) || ') stored'
       WHEN d.adbin IS NOT NULL THEN ' default ' || pg_get_expr(d.adbin, d.adrelid) ELSE '' END`
	columnFrom = `FROM pg_attribute a JOIN pg_class r ON r.oid = a.attrelid JOIN pg_namespace n ON n.oid = r.relnamespace
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum WHERE a.attnum > 0 AND NOT a.attisdropped`
	indexText      = `regexp_replace(replace(pg_get_indexdef(i.oid), ' INDEX ' || quote_ident(i.relname) || ' ON ', ' INDEX ON '), ' WITH \([^)]*\)', '')`
	constraintText = `pg_get_constraintdef(c.oid)`
	// names are the columns of a constraint, in its order.
	names = `(SELECT string_agg('"' || a.attname || '"', ', ' ORDER BY o) FROM unnest(%s) WITH ORDINALITY k(n, o) JOIN pg_attribute a ON a.attrelid = %s AND a.attnum = k.n)`
	// action is a word for what happens to rows that refer.
	action = `CASE %s WHEN 'a' THEN 'no action' WHEN 'r' THEN 'restrict' WHEN 'c' THEN 'cascade' WHEN 'n' THEN 'set null' ELSE 'set default' END`
)

// inherited is the kind of what a partition has from its parent. It is not counted:
// only dumps spell it out.
const inherited = "inherited"

// catalogue is everything that the database holds, without what extensions
// brought.
func catalogue() string {
	rel := `FROM pg_class r JOIN pg_namespace n ON n.oid = r.relnamespace`
	key := `n.nspname || '.' || r.relname`
	own := ` AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend x WHERE x.objid = %s AND x.deptype = 'e') AND r.relkind IN ('r', 'p')`
	ofTable := fmt.Sprintf(own, "r.oid")
	onTable := ` JOIN pg_class r ON r.oid = c.conrelid JOIN pg_namespace n ON n.oid = r.relnamespace WHERE c.conparentid = 0 `
	ofParent := ` JOIN pg_class r ON r.oid = c.conrelid JOIN pg_namespace n ON n.oid = r.relnamespace WHERE (c.conparentid <> 0 OR NOT c.conislocal) `
	columns := func(list, rel string) string { return fmt.Sprintf(names, list, rel) }
	return strings.Join([]string{
		row("table", key, `coalesce((SELECT pn.nspname || '.' || p.relname FROM pg_inherits h JOIN pg_class p ON p.oid = h.inhparent
  JOIN pg_namespace pn ON pn.oid = p.relnamespace WHERE h.inhrelid = r.oid AND r.relispartition), '')`) + rel + ` WHERE true` + ofTable,
		row("column", key+` || '.' || a.attname`, columnText) + columnFrom + ofTable,
		row("primary key", key, `c.conname || ' (' || `+columns("c.conkey", "c.conrelid")+` || ')'`) + `FROM pg_constraint c` + onTable + `AND c.contype = 'p'` + ofTable,
		row("index", key+` || ' ' || i.relname`, indexText) + `FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
  JOIN pg_class r ON r.oid = x.indrelid JOIN pg_namespace n ON n.oid = r.relnamespace
  WHERE NOT i.relispartition AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.oid AND c.contype IN ('p', 'u', 'x'))` + ofTable,
		row("foreign key", key+` || ' ' || c.conname`, `'(' || `+columns("c.conkey", "c.conrelid")+` || ') references ' ||
  (SELECT fn.nspname || '.' || f.relname FROM pg_class f JOIN pg_namespace fn ON fn.oid = f.relnamespace WHERE f.oid = c.confrelid) || ' (' || `+
			columns("c.confkey", "c.confrelid")+` || ') on delete ' || `+fmt.Sprintf(action, "c.confdeltype")+` || ' on update ' || `+fmt.Sprintf(action, "c.confupdtype")+
			` || CASE WHEN c.convalidated THEN '' ELSE ' NOT VALID' END`) + `FROM pg_constraint c` + onTable + `AND c.contype = 'f'` + ofTable,
		row("constraint", key+` || ' ' || c.conname`, `CASE c.contype WHEN 'u' THEN 'UNIQUE (' || `+columns("c.conkey", "c.conrelid")+` || ')' ELSE `+constraintText+` END`) +
			`FROM pg_constraint c` + onTable + `AND c.contype IN ('c', 'u', 'x') AND c.conislocal` + ofTable,
		row(inherited, `'index ' || `+key+` || ' ' || i.relname`, `''`) + `FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
  JOIN pg_class r ON r.oid = x.indrelid JOIN pg_namespace n ON n.oid = r.relnamespace WHERE i.relispartition` + ofTable,
		row(inherited, `CASE c.contype WHEN 'p' THEN 'primary key ' || `+key+` WHEN 'f' THEN 'foreign key ' || `+key+` || ' ' || c.conname ELSE 'constraint ' || `+
			key+` || ' ' || c.conname END`, `''`) + `FROM pg_constraint c` + ofParent + ofTable,
		row("enum", `n.nspname || '.' || t.typname`, `(SELECT string_agg(e.enumlabel, ', ' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid)`) +
			`FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype = 'e' AND NOT EXISTS (SELECT FROM pg_depend x WHERE x.objid = t.oid AND x.deptype = 'e')`,
	}, ";\n") + ";\n"
}

// row begins a query that gives things as JSON.
func row(kind, key, def string) string {
	return fmt.Sprintf("SELECT json_build_object('Kind', '%s', 'Key', %s, 'Def', %s)\n", kind, key, def)
}

// probe makes things inside a transaction that is rolled back, and asks for the
// server's text of each. The answer to the i-th has the key i; what the server
// refuses has none.
func probe(list []thing) string {
	var b strings.Builder
	b.WriteString("BEGIN;\n")
	for i, t := range list {
		name := fmt.Sprintf("assay_probe_%d", i)
		b.WriteString(t.probe(name) + ";\n")
		b.WriteString(answer(t.Kind, name, i) + ";\n")
	}
	b.WriteString("ROLLBACK;\n")
	return b.String()
}

// answer asks for the text of what was made under a name.
func answer(kind, name string, i int) string {
	head := func(text string) string { return row(kind, fmt.Sprintf("'%d'", i), text) }
	switch kind {
	case "column":
		return head(columnText) + columnFrom + " AND a.attname = '" + name + "'"
	case "index":
		return head(indexText) + "FROM pg_class i WHERE i.relname = '" + name + "'"
	}
	return head(constraintText) + "FROM pg_constraint c WHERE c.conname = '" + name + "' AND c.conparentid = 0"
}
