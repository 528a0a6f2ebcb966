package intervention

import (
	"encoding/json"
	"strconv"
	"strings"
)

// alerts are the rules of Prometheus, as YAML. Whatever is not fixed is a quoted
// scalar, in the form that JSON and YAML have in common.
func alerts(project string, list []watch) string {
	var b strings.Builder
	b.WriteString("groups:\n  - name: " + scalar("assay-"+project) + "\n    rules:\n")
	for i := range list {
		w := &list[i]
		if w.alert == "" {
			continue
		}
		b.WriteString("      - alert: " + scalar(w.alert) + "\n" +
			"        expr: " + block(w.when) + "\n" +
			"        for: " + w.hold + "\n" +
			"        labels:\n          severity: warning\n" +
			"        annotations:\n          summary: " + scalar(w.summary) + "\n")
	}
	return b.String()
}

// block is a text of one line as a literal scalar, in which nothing is escaped; what
// does not fit into one line is quoted.
func block(text string) string {
	if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) {
		return scalar(text)
	}
	return "|-\n          " + text
}

// scalar is a text as a quoted scalar.
func scalar(text string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(text); err != nil {
		return strconv.Quote(text)
	}
	return strings.TrimRight(b.String(), "\n")
}

// The parts of a dashboard of Grafana.
type (
	grafana struct {
		Title         string     `json:"title"`
		UID           string     `json:"uid"`
		SchemaVersion int        `json:"schemaVersion"`
		Tags          []string   `json:"tags"`
		Time          timeRange  `json:"time"`
		Refresh       string     `json:"refresh"`
		Templating    templating `json:"templating"`
		Panels        []panel    `json:"panels"`
	}
	timeRange struct {
		From string `json:"from"`
		To   string `json:"to"`
	}
	templating struct {
		List []variable `json:"list"`
	}
	variable struct {
		Name  string `json:"name"`
		Label string `json:"label"`
		Type  string `json:"type"`
		Query string `json:"query"`
	}
	panel struct {
		ID          int         `json:"id"`
		Type        string      `json:"type"`
		Title       string      `json:"title"`
		Datasource  datasource  `json:"datasource"`
		GridPos     gridPos     `json:"gridPos"`
		FieldConfig fieldConfig `json:"fieldConfig"`
		Targets     []target    `json:"targets"`
	}
	datasource struct {
		Type string `json:"type"`
		UID  string `json:"uid"`
	}
	gridPos struct {
		H int `json:"h"`
		W int `json:"w"`
		X int `json:"x"`
		Y int `json:"y"`
	}
	fieldConfig struct {
		Defaults  fieldDefaults `json:"defaults"`
		Overrides []string      `json:"overrides"`
	}
	fieldDefaults struct {
		Unit string `json:"unit"`
	}
	target struct {
		RefID        string     `json:"refId"`
		Expr         string     `json:"expr"`
		LegendFormat string     `json:"legendFormat"`
		Datasource   datasource `json:"datasource"`
	}
)

const (
	panelHeight = 8
	panelWidth  = 12 // of the 24 columns that a dashboard has
	longestUID  = 40
)

// dashboard is one of Grafana with a panel for each thing to watch.
func dashboard(project string, list []watch) string {
	from := datasource{Type: "prometheus", UID: "${datasource}"}
	g := grafana{
		Title: project + ": what the intervention changed", UID: uid(project), SchemaVersion: 39, Tags: []string{"assay"},
		Time: timeRange{"now-24h", "now"}, Refresh: "1m",
		Templating: templating{[]variable{{Name: "datasource", Label: "Prometheus", Type: "datasource", Query: "prometheus"}}},
		Panels:     []panel{},
	}
	for i := range list {
		w := &list[i]
		g.Panels = append(g.Panels, panel{
			ID: i + 1, Type: "timeseries", Title: w.title, Datasource: from,
			GridPos:     gridPos{H: panelHeight, W: panelWidth, X: i % 2 * panelWidth, Y: i / 2 * panelHeight},
			FieldConfig: fieldConfig{Defaults: fieldDefaults{w.unit}, Overrides: []string{}},
			Targets:     []target{{RefID: "A", Expr: w.query, LegendFormat: w.legend, Datasource: from}},
		})
	}
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(g); err != nil {
		return "{}\n"
	}
	return b.String()
}

// uid is a name that Grafana takes for a dashboard.
func uid(project string) string {
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return '-'
	}, "assay-"+project)
	return name[:min(len(name), longestUID)]
}
