package engine

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
)

// SizesFile is where a project says how many rows its tables have in production. Each
// line is `table,rows` or `schema,table,rows`, as PostgreSQL's pg_stat_user_tables gives
// them; a first line without a number is a heading.
const SizesFile = ".assay/table-sizes.csv"

// addSizes lists the file of table sizes, if the project has one.
func addSizes(root string, list *source.Listing) {
	inside, err := os.OpenRoot(root)
	if err != nil {
		return // the root is a single file
	}
	defer func() { _ = inside.Close() }()
	if info, err := fs.Stat(inside.FS(), SizesFile); err == nil && info.Mode().IsRegular() {
		list.Entries = append(list.Entries, source.Entry{Path: SizesFile, Kind: source.Other})
	}
}

// sizes tells the tables how many rows they have.
func (r *run) sizes() {
	f := r.Files.Named(SizesFile)
	if f == nil {
		return
	}
	rows, err := readSizes(f.Text)
	if err != nil {
		r.Notes = append(r.Notes, source.Note{Path: SizesFile, Reason: err.Error()})
		return
	}
	for _, d := range r.Program.Databases {
		for _, t := range d.Tables {
			if n, ok := rows[[2]string{t.Schema, t.Name}]; ok {
				t.Rows, t.Counted = n, true
			} else if n, ok := rows[[2]string{"", t.Name}]; ok && sameSchema(d, t) {
				t.Rows, t.Counted = n, true
			}
		}
	}
}

func sameSchema(d *ir.Database, t *ir.Table) bool { return t.Schema == d.Schema || t.Schema == "" }

// readSizes reads how many rows tables have, by schema, which may be empty, and name.
func readSizes(text string) (map[[2]string]int64, error) {
	in := csv.NewReader(strings.NewReader(text))
	in.FieldsPerRecord = -1
	in.TrimLeadingSpace = true
	out := map[[2]string]int64{}
	for line := 1; ; line++ {
		record, err := in.Read()
		switch {
		case errors.Is(err, io.EOF):
			return out, nil
		case err != nil:
			return nil, fmt.Errorf("it is no CSV: %w", err)
		case len(record) != 2 && len(record) != 3:
			return nil, fmt.Errorf("line %d: give the table and its rows, or the schema, the table and its rows", line)
		}
		last := len(record) - 1
		n, err := strconv.ParseInt(strings.TrimSpace(record[last]), 10, 64)
		if err != nil || n < 0 {
			if line == 1 {
				continue
			}
			return nil, fmt.Errorf("line %d: %q is no number of rows", line, source.Printable(record[last]))
		}
		name := [2]string{"", strings.TrimSpace(record[last-1])}
		if last == 2 {
			name[0] = strings.TrimSpace(record[0])
		}
		out[name] = n
	}
}
