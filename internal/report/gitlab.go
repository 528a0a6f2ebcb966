package report

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"github.com/assay-dev/assay/internal/check"
)

type gitlabFinding struct {
	Description string         `json:"description"`
	Check       string         `json:"check_name"`
	Fingerprint string         `json:"fingerprint"`
	Severity    string         `json:"severity"`
	Location    gitlabLocation `json:"location"`
}

type gitlabLocation struct {
	Path  string      `json:"path"`
	Lines gitlabLines `json:"lines"`
}

type gitlabLines struct {
	Begin int `json:"begin"`
	End   int `json:"end"`
}

// writeGitLab writes a Code Quality report:
// https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
func writeGitLab(w io.Writer, r *Report, _ Options) error {
	out := make([]gitlabFinding, 0, len(r.Findings))
	for i := range r.Findings {
		f := &r.Findings[i]
		out = append(out, gitlabFinding{
			Description: f.Message, Check: f.Check, Fingerprint: gitlabFingerprint(f),
			Severity: gitlabSeverity(f.Level), Location: gitlabLocationOf(f),
		})
	}
	return encode(w, out)
}

// gitlabLocationOf names the root for a finding about the whole project: GitLab
// takes none without a path and a line.
func gitlabLocationOf(f *Finding) gitlabLocation {
	if f.Path == "" {
		return gitlabLocation{Path: ".", Lines: gitlabLines{Begin: 1, End: 1}}
	}
	return gitlabLocation{Path: f.Path, Lines: gitlabLines{Begin: max(1, f.Line), End: max(1, f.EndLine)}}
}

func gitlabFingerprint(f *Finding) string {
	if f.ID != "" {
		return f.ID
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %d", f.Check, f.Path, f.Message, f.Line))
	return hex.EncodeToString(sum[:16])
}

func gitlabSeverity(l check.Level) string {
	switch l {
	case check.Error:
		return "critical"
	case check.Warning:
		return "major"
	case check.Info:
		return "minor"
	case check.Hint:
	}
	return "info"
}
