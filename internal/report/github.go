package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/assay-dev/assay/internal/check"
)

// writeGitHub writes workflow commands, which GitHub shows as annotations:
// https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
func writeGitHub(w io.Writer, r *Report, _ Options) error {
	b := bufio.NewWriter(w)
	for i := range r.Findings {
		f := &r.Findings[i]
		fmt.Fprintf(b, "::%s %s::%s\n", githubCommand(f.Level), githubProperties(f), githubData(githubMessage(f)))
	}
	return b.Flush()
}

func githubCommand(l check.Level) string {
	switch l {
	case check.Error:
		return "error"
	case check.Warning:
		return "warning"
	case check.Info, check.Hint:
	}
	return "notice"
}

func githubProperties(f *Finding) string {
	var b strings.Builder
	if f.Path != "" {
		fmt.Fprintf(&b, "file=%s,line=%d,endLine=%d,", githubProperty(f.Path), f.Line, f.EndLine)
	}
	if f.Path != "" && f.Line == f.EndLine { // GitHub takes columns within one line only
		fmt.Fprintf(&b, "col=%d,endColumn=%d,", f.Column, f.EndColumn)
	}
	fmt.Fprintf(&b, "title=%s", githubProperty(f.Check))
	return b.String()
}

// githubMessage is the message and the evidence, a line each.
func githubMessage(f *Finding) string {
	lines := []string{Clean(f.Message)}
	for i, s := range f.Evidence {
		place := ""
		if s.Path != "" {
			place = fmt.Sprintf("%s:%d: ", Clean(s.Path), s.Line)
		}
		lines = append(lines, fmt.Sprintf("%d. %s%s", i+1, place, Clean(s.Note)))
	}
	return strings.Join(lines, "\n")
}

func githubData(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

func githubProperty(s string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(githubData(Clean(s)))
}
