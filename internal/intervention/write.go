package intervention

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/assay-dev/assay/internal/report"
)

//go:embed intervention.schema.json
var schema string

// Schema is the JSON schema of the JSON format.
func Schema() string { return schema }

// Formats are the formats of a document, each with the name of its file.
func Formats() []string { return []string{"markdown", "json", "html"} }

// FileOf is the name of the file that a format is written to.
func FileOf(format string) string {
	return map[string]string{"markdown": "intervention.md", "json": "intervention.json", "html": "intervention.html"}[format]
}

// Write prints a document in a format.
func (d *Document) Write(w io.Writer, format string) error {
	switch format {
	case "markdown":
		return d.writeMarkdown(w)
	case "json":
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		return e.Encode(d.filled())
	case "html":
		return d.writeHTML(w)
	}
	return fmt.Errorf("unknown format %q: the formats are %s", format, strings.Join(Formats(), ", "))
}

// numbers names problems by their numbers: "Problems 1, 3 to 5".
func numbers(list []int) string {
	if len(list) == 1 {
		return "Problem " + strconv.Itoa(list[0])
	}
	var parts []string
	for i := 0; i < len(list); {
		j := i
		for j+1 < len(list) && list[j+1] == list[j]+1 {
			j++
		}
		part := strconv.Itoa(list[i])
		if j > i {
			part += " to " + strconv.Itoa(list[j])
		}
		parts = append(parts, part)
		i = j + 1
	}
	return "Problems " + strings.Join(parts, ", ")
}

// edits counts the files of the change.
func edits(d *Document) string {
	made := 0
	for _, f := range d.Implementation {
		if f.New {
			made++
		}
	}
	return counted(len(d.Implementation)-made, "file") + " edited, " + counted(made, "file") + " new."
}

// clean is text in which nothing is hidden from a reader: signs that move the
// cursor or turn the direction round are spelled out. Lines and tabs stay.
func clean(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		for i, part := range strings.Split(strings.TrimSuffix(line, "\n"), "\t") {
			if i > 0 {
				b.WriteByte('\t')
			}
			b.WriteString(report.Clean(part))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// filled is the document with empty lists instead of none.
func (d *Document) filled() *Document {
	out := *d
	fill(&out.Problems)
	fill(&out.Metrics)
	fill(&out.Security)
	fill(&out.Implementation)
	fill(&out.Migrations)
	fill(&out.Tests)
	fill(&out.Documentation)
	fill(&out.Improvements)
	fill(&out.Monitoring.Events)
	fill(&out.Monitoring.Notes)
	fill(&out.Deployment.Notes)
	fill(&out.Rollback.Notes)
	fillSteps(&out.Deployment.Steps)
	fillSteps(&out.Deployment.Checks)
	fillSteps(&out.Rollback.Steps)
	for i := range out.Problems {
		p := &out.Problems[i]
		fill(&p.Evidence)
		fill(&p.Frame)
		fill(&p.Solution.Parts)
		fill(&p.Solution.Reused)
		fill(&p.Solution.Notes)
	}
	for i := range out.Implementation {
		fill(&out.Implementation[i].Reasons)
	}
	for i := range out.Migrations {
		fill(&out.Migrations[i].Operations)
	}
	for i := range out.Security {
		fill(&out.Security[i].Problems)
		fill(&out.Security[i].Reach)
	}
	for i := range out.Tests {
		fill(&out.Tests[i].Files)
		fill(&out.Tests[i].Problems)
	}
	return &out
}

func fill[T any](list *[]T) {
	if *list == nil {
		*list = []T{}
	}
}

func fillSteps(list *[]Step) {
	fill(list)
	for i := range *list {
		fill(&(*list)[i].Commands)
	}
}
