package report

import (
	"io"
	"net/url"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/check"
)

const (
	sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	srcRoot     = "%SRCROOT%"
	// fingerprint names the identity of a finding; a change in how it is made
	// takes a new name.
	fingerprint = "assay/v1"
)

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool        sarifTool                `json:"tool"`
	Invocations []sarifInvocation        `json:"invocations"`
	Bases       map[string]sarifArtifact `json:"originalUriBaseIds"`
	ColumnKind  string                   `json:"columnKind"`
	Taxonomies  []sarifComponent         `json:"taxonomies,omitempty"`
	Results     []sarifResult            `json:"results"`
}

type sarifTool struct {
	Driver sarifComponent `json:"driver"`
}

// sarifComponent is a tool or a taxonomy.
type sarifComponent struct {
	Name         string           `json:"name"`
	Organization string           `json:"organization,omitempty"`
	Version      string           `json:"version,omitempty"`
	Short        *sarifText       `json:"shortDescription,omitempty"`
	Rules        []sarifRule      `json:"rules,omitempty"`
	Taxa         []sarifTaxon     `json:"taxa,omitempty"`
	Supported    []sarifComponRef `json:"supportedTaxonomies,omitempty"`
}

type sarifComponRef struct {
	Name  string `json:"name"`
	Index int    `json:"index"`
}

type sarifText struct {
	Text     string `json:"text"`
	Markdown string `json:"markdown,omitempty"`
}

type sarifRule struct {
	ID            string          `json:"id"`
	Short         *sarifText      `json:"shortDescription,omitempty"`
	Help          *sarifText      `json:"help,omitempty"`
	Default       sarifDefault    `json:"defaultConfiguration"`
	Relationships []sarifRelation `json:"relationships,omitempty"`
	Properties    *sarifTags      `json:"properties,omitempty"`
}

type sarifDefault struct {
	Level string `json:"level"`
}

type sarifRelation struct {
	Target sarifTaxonRef `json:"target"`
	Kinds  []string      `json:"kinds"`
}

type sarifTags struct {
	Tags []string `json:"tags"`
}

type sarifTaxon struct {
	ID string `json:"id"`
}

type sarifTaxonRef struct {
	ID        string         `json:"id"`
	Index     int            `json:"index"`
	Component sarifComponRef `json:"toolComponent"`
}

type sarifInvocation struct {
	Successful    bool                `json:"executionSuccessful"`
	Notifications []sarifNotification `json:"toolExecutionNotifications,omitempty"`
}

type sarifNotification struct {
	Level     string          `json:"level"`
	Message   sarifText       `json:"message"`
	Locations []sarifLocation `json:"locations,omitempty"`
}

type sarifResult struct {
	RuleID       string            `json:"ruleId"`
	RuleIndex    int               `json:"ruleIndex"`
	Level        string            `json:"level"`
	Message      sarifText         `json:"message"`
	Locations    []sarifLocation   `json:"locations,omitempty"`
	Related      []sarifLocation   `json:"relatedLocations,omitempty"`
	CodeFlows    []sarifCodeFlow   `json:"codeFlows,omitempty"`
	Fingerprints map[string]string `json:"partialFingerprints,omitempty"`
	Taxa         []sarifTaxonRef   `json:"taxa,omitempty"`
	Fixes        []sarifFix        `json:"fixes,omitempty"`
	Properties   sarifBag          `json:"properties"`
}

type sarifFix struct {
	Description sarifText     `json:"description"`
	Changes     []sarifChange `json:"artifactChanges"`
}

type sarifChange struct {
	Artifact     sarifArtifact      `json:"artifactLocation"`
	Replacements []sarifReplacement `json:"replacements"`
}

type sarifReplacement struct {
	Deleted  sarifRegion `json:"deletedRegion"`
	Inserted *sarifPiece `json:"insertedContent,omitempty"`
}

type sarifPiece struct {
	Text string `json:"text"`
}

// sarifProof is what SARIF has no field for.
type sarifProof struct {
	Title  string `json:"title"`
	Safety string `json:"safety"`
	Proof  string `json:"proof"`
}

type sarifBag struct {
	Confidence string       `json:"confidence"`
	Symbol     string       `json:"symbol,omitempty"`
	Fixes      []sarifProof `json:"fixes,omitempty"`
}

type sarifCodeFlow struct {
	Threads []sarifThread `json:"threadFlows"`
}

type sarifThread struct {
	Locations []sarifThreadStep `json:"locations"`
}

type sarifThreadStep struct {
	Location sarifLocation `json:"location"`
}

type sarifLocation struct {
	ID       int            `json:"id,omitempty"`
	Physical *sarifPhysical `json:"physicalLocation,omitempty"`
	Logical  []sarifLogical `json:"logicalLocations,omitempty"`
	Message  *sarifText     `json:"message,omitempty"`
}

type sarifLogical struct {
	Name string `json:"fullyQualifiedName"`
}

type sarifPhysical struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   *sarifRegion  `json:"region,omitempty"`
}

type sarifArtifact struct {
	URI         string     `json:"uri,omitempty"`
	Base        string     `json:"uriBaseId,omitempty"`
	Description *sarifText `json:"description,omitempty"`
}

type sarifRegion struct {
	StartLine   int `json:"startLine"`
	StartColumn int `json:"startColumn"`
	EndLine     int `json:"endLine"`
	EndColumn   int `json:"endColumn"`
}

func writeSARIF(w io.Writer, r *Report, _ Options) error {
	weak := weaknesses(r)
	checks := r.checks()
	run := sarifRun{
		Tool:        sarifTool{Driver: sarifComponent{Name: "Assay", Version: r.Version}},
		Invocations: []sarifInvocation{{Successful: true, Notifications: notifications(r)}},
		Bases:       map[string]sarifArtifact{srcRoot: rootArtifact(r.Root)},
		ColumnKind:  "unicodeCodePoints",
		Results:     make([]sarifResult, 0, len(r.Findings)),
	}
	if len(weak) > 0 {
		run.Taxonomies = []sarifComponent{taxonomy(weak)}
		run.Tool.Driver.Supported = []sarifComponRef{{Name: "CWE"}}
	}
	for _, c := range checks {
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, ruleOf(c, r, weak))
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		rule := slices.IndexFunc(checks, func(c CheckInfo) bool { return c.Name == f.Check })
		run.Results = append(run.Results, resultOf(f, rule, weak))
	}
	return encode(w, sarifLog{Schema: sarifSchema, Version: "2.1.0", Runs: []sarifRun{run}})
}

// weaknesses returns the numbers of the CWEs that findings name, sorted.
func weaknesses(r *Report) []string {
	var ids []string
	for i := range r.Findings {
		if id := cweNumber(&r.Findings[i]); id != "" {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func cweNumber(f *Finding) string {
	id, ok := strings.CutPrefix(f.CWE, "CWE-")
	if !ok {
		return ""
	}
	return id
}

func taxonomy(weak []string) sarifComponent {
	c := sarifComponent{Name: "CWE", Organization: "MITRE", Short: &sarifText{Text: "The MITRE Common Weakness Enumeration"}}
	for _, id := range weak {
		c.Taxa = append(c.Taxa, sarifTaxon{ID: id})
	}
	return c
}

func taxonRef(weak []string, id string) sarifTaxonRef {
	return sarifTaxonRef{ID: id, Index: slices.Index(weak, id), Component: sarifComponRef{Name: "CWE"}}
}

func ruleOf(c CheckInfo, r *Report, weak []string) sarifRule {
	rule := sarifRule{ID: c.Name, Default: sarifDefault{Level: sarifLevel(c.Level)}}
	if c.Title != "" {
		rule.Short = &sarifText{Text: c.Title}
	}
	if c.Help != "" {
		rule.Help = &sarifText{Text: c.Help, Markdown: c.Help}
	}
	for _, id := range weaknessesOf(c.Name, r) {
		rule.Relationships = append(rule.Relationships, sarifRelation{Target: taxonRef(weak, id), Kinds: []string{"superset"}})
		if rule.Properties == nil {
			rule.Properties = &sarifTags{Tags: []string{"security"}}
		}
		rule.Properties.Tags = append(rule.Properties.Tags, "external/cwe/cwe-"+id)
	}
	return rule
}

func weaknessesOf(name string, r *Report) []string {
	var own Report
	for i := range r.Findings {
		if r.Findings[i].Check == name {
			own.Findings = append(own.Findings, Finding{CWE: r.Findings[i].CWE})
		}
	}
	return weaknesses(&own)
}

func sarifLevel(l check.Level) string {
	switch l {
	case check.Error:
		return "error"
	case check.Warning:
		return "warning"
	case check.Info, check.Hint:
	}
	return "note"
}

func resultOf(f *Finding, rule int, weak []string) sarifResult {
	res := sarifResult{
		RuleID: f.Check, RuleIndex: rule, Level: sarifLevel(f.Level), Message: sarifText{Text: f.Message},
		Properties: sarifBag{Confidence: ConfidenceName(f.Confidence), Symbol: f.Symbol},
	}
	if loc := locationOf(f.Place); loc != nil {
		if f.Symbol != "" {
			loc.Logical = []sarifLogical{{Name: f.Symbol}}
		}
		res.Locations = []sarifLocation{*loc}
	}
	if f.ID != "" {
		res.Fingerprints = map[string]string{fingerprint: f.ID}
	}
	if id := cweNumber(f); id != "" {
		res.Taxa = []sarifTaxonRef{taxonRef(weak, id)}
	}
	for i := range f.Fixes {
		x := &f.Fixes[i]
		if len(x.Parts) > 0 {
			res.Fixes = append(res.Fixes, sarifFixOf(x))
		}
		res.Properties.Fixes = append(res.Properties.Fixes, sarifProof{x.Title, x.Safety, x.Proof})
	}
	addEvidence(&res, f.Evidence)
	return res
}

// sarifFixOf writes a fix. A file that it makes is text put at the start of a
// file that is empty.
func sarifFixOf(f *Fix) sarifFix {
	out := sarifFix{Description: sarifText{Text: f.Title}}
	for i := range f.Parts {
		p := &f.Parts[i]
		r := sarifReplacement{
			Deleted:  sarifRegion{StartLine: p.Line, StartColumn: p.Column, EndLine: p.EndLine, EndColumn: p.EndColumn},
			Inserted: &sarifPiece{p.Text},
		}
		if p.New() {
			r.Deleted = sarifRegion{StartLine: 1, StartColumn: 1, EndLine: 1, EndColumn: 1}
		}
		at := artifactOf(p.Path)
		if k := slices.IndexFunc(out.Changes, func(c sarifChange) bool { return c.Artifact.URI == at.URI }); k >= 0 {
			out.Changes[k].Replacements = append(out.Changes[k].Replacements, r)
			continue
		}
		out.Changes = append(out.Changes, sarifChange{at, []sarifReplacement{r}})
	}
	return out
}

// addEvidence gives the steps twice: as a flow, for those who follow it, and as
// related places, which more readers show.
func addEvidence(res *sarifResult, steps []Step) {
	var thread sarifThread
	for _, s := range steps {
		loc := locationOf(s.Place)
		if loc == nil {
			loc = &sarifLocation{}
		}
		loc.Message = &sarifText{Text: s.Note}
		thread.Locations = append(thread.Locations, sarifThreadStep{Location: *loc})
		loc.ID = len(res.Related) + 1
		res.Related = append(res.Related, *loc)
	}
	if len(steps) > 0 {
		res.CodeFlows = []sarifCodeFlow{{Threads: []sarifThread{thread}}}
	}
}

func notifications(r *Report) []sarifNotification {
	var out []sarifNotification
	for _, note := range r.Notes {
		n := sarifNotification{Level: "note", Message: sarifText{Text: note.Reason}}
		if note.Path != "" {
			n.Locations = []sarifLocation{{Physical: &sarifPhysical{Artifact: artifactOf(note.Path)}}}
		}
		out = append(out, n)
	}
	return out
}

func locationOf(p Place) *sarifLocation {
	if p.Path == "" {
		return nil
	}
	region := &sarifRegion{StartLine: p.Line, StartColumn: p.Column, EndLine: p.EndLine, EndColumn: p.EndColumn}
	if p.Line == 0 {
		region = nil
	}
	return &sarifLocation{Physical: &sarifPhysical{Artifact: artifactOf(p.Path), Region: region}}
}

func artifactOf(path string) sarifArtifact {
	return sarifArtifact{URI: relativeURI(path), Base: srcRoot}
}

// relativeURI writes a path as a URI reference. A first element with a colon
// would read as a scheme.
func relativeURI(path string) string {
	uri := (&url.URL{Path: path}).EscapedPath()
	if first, _, _ := strings.Cut(uri, "/"); strings.Contains(first, ":") {
		return "./" + uri
	}
	return uri
}

// rootArtifact says where relative URIs start. It must end with a slash.
func rootArtifact(root string) sarifArtifact {
	if root == "" {
		return sarifArtifact{Description: &sarifText{Text: "The root of the analysed project."}}
	}
	p := strings.ReplaceAll(root, `\`, "/")
	if !strings.HasPrefix(p, "/") { // C:/shop
		p = "/" + p
	}
	p = strings.TrimSuffix(p, "/") + "/"
	return sarifArtifact{URI: "file://" + (&url.URL{Path: p}).EscapedPath()}
}
