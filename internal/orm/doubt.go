package orm

import (
	"strconv"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
)

// maxDrift is how many fields without a column the schemas of an application have that runs.
const maxDrift = 8

// doubt gives up what is known of the tables of a database where more fields of schemas have no
// column than an application can have that runs: its tables are made in another way as well, or
// what is known of them comes from a dump that is old and that nothing loads.
func doubt(p *ir.Program, schemas []*ir.Schema) {
	missing := map[*ir.Database]int{}
	first := map[*ir.Database]source.Span{}
	for _, s := range schemas {
		t := s.Rows
		if t == nil || s.Partial || t.Partial || t.Maybe || p.Files.File(s.Span.File).Kind != source.Lib {
			continue
		}
		for i := range s.Fields {
			if c := s.Fields[i].Column; c != "" && t.Column(c) == nil {
				d := p.Databases[s.Database]
				if missing[d]++; missing[d] == 1 {
					first[d] = s.Fields[i].Span
				}
			}
		}
	}
	for _, d := range p.Databases {
		if missing[d] <= maxDrift {
			continue
		}
		d.Doubted = true
		for _, t := range d.Tables {
			t.Partial = true
		}
		d.Gaps = append(d.Gaps, ir.Gap{Span: first[d], Wide: true,
			Reason: strconv.Itoa(missing[d]) + " fields of schemas have no column, this one first: the tables are made in another way as well, or the dump is old"})
	}
}
