package intervention

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/report"
	"github.com/assay-dev/assay/internal/source"
)

// watch is one thing to watch: a panel of the dashboard, and the alert on it.
type watch struct {
	title, unit string
	query       string // PromQL
	legend      string
	alert       string // the name of the alert, "" for none
	when        string // PromQL that is true when it fires
	hold        string // how long it has to be true
	summary     string
}

// monitor collects what to watch.
type monitor struct {
	doc     *Monitoring
	gauges  []string // metrics of Telemetry.Metrics, as Elixir
	watches []watch
}

// monitoring says what shows whether the change does its work: only for the tables,
// jobs and routes that it touches.
func (b *builder) monitoring() {
	m := &monitor{doc: &b.doc.Monitoring}
	if len(b.doc.Implementation) == 0 {
		m.doc.None = "there is no change to watch"
		return
	}
	b.watchScans(m)
	b.watchQueries(m)
	live := map[string][]string{}
	var controllers, channels, workers []string
	for _, e := range b.touched.entries {
		name := b.before.Program.Module(e.Module).Name
		switch {
		case e.Name == "controller action":
			controllers = append(controllers, name)
		case strings.HasPrefix(e.Name, "LiveView"):
			live[e.Name] = append(live[e.Name], name)
		case strings.HasPrefix(e.Name, "channel"):
			channels = append(channels, name)
		case strings.HasPrefix(e.Name, "Oban"):
			workers = append(workers, name)
		}
	}
	m.watchControllers(unique(controllers))
	m.watchViews(live)
	m.watchChannels(unique(channels))
	m.watchWorkers(unique(workers))
	if len(m.watches) == 0 {
		m.doc.None = "the change touches no table, job or route that emits an event"
		return
	}
	b.exporter(m)
	b.watches = m.watches
	m.write(b.Project)
}

func unique(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}

// prefixOf is the prefix of the events of a repository: [:my_app, :repo] of
// MyApp.Repo.
func prefixOf(repo string) []string {
	var out []string
	for part := range strings.SplitSeq(repo, ".") {
		out = append(out, ir.Underscore(part))
	}
	return out
}

func event(prefix []string, last ...string) string {
	return "[:" + strings.Join(append(slices.Clone(prefix), last...), ", :") + "]"
}

// watchQueries watches the queries that go to the tables, and what the database
// refuses there, for each repository.
func (b *builder) watchQueries(m *monitor) {
	var repos []string
	all, tight := map[string][]string{}, map[string][]string{}
	for _, t := range b.touched.tables {
		r := t.db.Repo
		if r == "" {
			continue
		}
		if !slices.Contains(repos, r) {
			repos = append(repos, r)
		}
		all[r] = append(all[r], t.name)
		if b.tightens(t) {
			tight[r] = append(tight[r], t.name)
		}
	}
	for _, r := range repos {
		prefix := prefixOf(r)
		dots, base := strings.Join(prefix, "."), strings.Join(prefix, "_")
		m.event(event(prefix, "query"), "total_time, query_time, queue_time, decode_time, idle_time", "source (the table), repo, query, params, result, options", "the queries of "+r)
		m.distribution(dots+".query.total_time", "source", "")
		m.slower("Queries", base+"_query_total_time", "source", unique(all[r]), "Queries of %s take")
		if len(tight[r]) == 0 {
			continue
		}
		m.gauges = append(m.gauges, "counter(\""+dots+".refused.count\", event_name: "+event(prefix, "query")+", tags: [:source], keep: &refused?/1)")
		m.more("Writes that a constraint refuses", base+"_refused_count", "source", unique(tight[r]),
			"The database refuses writes of %s by a constraint: code still writes rows that the new rule forbids.")
	}
}

// watchScans watches how PostgreSQL reads the tables that get or lose an index.
func (b *builder) watchScans(m *monitor) {
	var names []string
	for _, t := range b.touched.tables {
		if b.indexes(t) {
			names = append(names, t.name)
		}
	}
	if len(names) == 0 {
		return
	}
	sel := selector("relname", unique(names))
	read := "sum by (relname) (rate(pg_stat_user_tables_seq_tup_read" + sel + "[30m]))"
	m.watches = append(m.watches, watch{
		title: "Rows read without an index", unit: "short", query: read, legend: "{{relname}}", alert: "TableReadWhole", hold: "30m",
		when:    read + " > sum by (relname) (rate(pg_stat_user_tables_idx_tup_fetch" + sel + "[30m]))",
		summary: "PostgreSQL reads more rows of {{ $labels.relname }} without an index than with one.",
	})
	m.doc.Notes = append(m.doc.Notes, "The figures of `pg_stat_user_tables` come from postgres_exporter.")
}

// selector picks the series of which a label has one of some values.
func selector(label string, values []string) string {
	if len(values) == 1 {
		return "{" + label + "=" + strconv.Quote(values[0]) + "}"
	}
	forms := make([]string, len(values))
	for i, v := range values {
		forms[i] = regexp.QuoteMeta(v)
	}
	return "{" + label + "=~" + strconv.Quote(strings.Join(forms, "|")) + "}"
}

func (m *monitor) event(name, measurements, metadata, of string) {
	m.doc.Events = append(m.doc.Events, Event{name, measurements, metadata, of})
}

// distribution adds a metric of durations. The tag is taken from the metadata, or
// made by an expression of it.
func (m *monitor) distribution(name, tag, from string) {
	text := "distribution(\"" + name + "\", unit: {:native, :second}, tags: [:" + tag + "],\n"
	if from != "" {
		text += "  tag_values: &Map.put(&1, :" + tag + ", " + from + "),\n"
	}
	m.gauges = append(m.gauges, text+"  reporter_options: [buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]])")
}

// slower watches how long something takes. The alert compares with a day before, for
// nobody knows the right figure in advance.
func (m *monitor) slower(title, metric, label string, values []string, what string) {
	p95 := func(offset string) string {
		return "histogram_quantile(0.95, sum by (le, " + label + ") (rate(" + metric + "_bucket" + selector(label, values) + "[5m]" + offset + ")))"
	}
	m.watches = append(m.watches, watch{
		title: title + ", 95th percentile", unit: "s", query: p95(""), legend: "{{" + label + "}}", alert: camel(title) + "Slower", hold: "15m",
		when:    p95("") + " > 2 * " + p95(" offset 1d"),
		summary: fmt.Sprintf(what, "{{ $labels."+label+" }}") + " twice as long as a day before.",
	})
}

// more watches something that should not be.
func (m *monitor) more(title, metric, label string, values []string, summary string) {
	count := "sum by (" + label + ") (increase(" + metric + selector(label, values) + "[10m]))"
	m.watches = append(m.watches, watch{
		title: title, unit: "short", query: count, legend: "{{" + label + "}}", alert: camel(title), hold: "10m",
		when: count + " > 0", summary: fmt.Sprintf(summary, "{{ $labels."+label+" }}"),
	})
}

// has reports whether a migration of the change does something to a table.
func (b *builder) has(t table, want func(*ir.Change) bool) bool {
	for i := range b.doc.Migrations {
		for _, c := range b.changesOf(&b.doc.Migrations[i]) {
			if c.Table == t.name && c.Schema == t.schema && want(c) {
				return true
			}
		}
	}
	return false
}

func (b *builder) indexes(t table) bool {
	return b.has(t, func(c *ir.Change) bool { return c.Kind == ir.IndexAdded || c.Kind == ir.IndexDropped })
}

func (b *builder) tightens(t table) bool {
	return b.has(t, func(c *ir.Change) bool {
		switch c.Kind {
		case ir.ForeignKeyAdded, ir.CheckAdded, ir.NotNullSet, ir.UniqueAdded, ir.ExclusionAdded, ir.KeyAdded:
			return true
		case ir.IndexAdded:
			return b.unique(c)
		}
		return false
	})
}

// camel is a name as a part of the name of an alert.
func camel(name string) string {
	var b strings.Builder
	up := true
	for _, r := range name {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			up = true
		case up:
			b.WriteRune(unicode.ToUpper(r))
			up = false
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func (m *monitor) watchControllers(names []string) {
	if len(names) == 0 {
		return
	}
	m.event("[:phoenix, :router_dispatch, :stop]", "duration", "conn, route, plug, plug_opts (the action), path_params", strings.Join(names, ", "))
	m.distribution("phoenix.router_dispatch.stop.duration", "controller", "inspect(&1.plug)")
	m.slower("Requests", "phoenix_router_dispatch_stop_duration", "controller", names, "A request to %s takes")
}

// liveEvents are the parts of a LiveView's life with an event of their own, and the
// names of the entries that belong to them.
var liveEvents = []struct {
	event, title, metadata string
	entries                []string
}{
	{"mount", "Mounts", "socket, params, session, uri", []string{"LiveView mount", "LiveView on_mount hook"}},
	{"handle_params", "Parameters", "socket, params, uri", []string{"LiveView parameter handler"}},
	{"handle_event", "Events", "socket, event, params", []string{"LiveView event handler"}},
	{"render", "Renders", "socket, force?, changed?", []string{"LiveView render"}},
}

func (m *monitor) watchViews(live map[string][]string) {
	for _, l := range liveEvents {
		var names []string
		for _, e := range l.entries {
			names = append(names, live[e]...)
		}
		if names = unique(names); len(names) == 0 {
			continue
		}
		m.event(event([]string{"phoenix", "live_view"}, l.event, "stop"), "duration", l.metadata, strings.Join(names, ", "))
		m.distribution("phoenix.live_view."+l.event+".stop.duration", "view", "inspect(&1.socket.view)")
		m.slower(l.title, "phoenix_live_view_"+l.event+"_stop_duration", "view", names, l.title+" of %s take")
	}
}

func (m *monitor) watchChannels(names []string) {
	if len(names) == 0 {
		return
	}
	m.event("[:phoenix, :channel_handled_in]", "duration", "socket, event, params", strings.Join(names, ", "))
	m.distribution("phoenix.channel_handled_in.duration", "channel", "inspect(&1.socket.channel)")
	m.slower("Messages", "phoenix_channel_handled_in_duration", "channel", names, "A message to %s takes")
}

func (m *monitor) watchWorkers(names []string) {
	if len(names) == 0 {
		return
	}
	of := strings.Join(names, ", ")
	m.event("[:oban, :job, :stop]", "duration, queue_time", "worker, queue, state, attempt, max_attempts, job", of)
	m.event("[:oban, :job, :exception]", "duration, queue_time", "worker, queue, state, attempt, kind, reason, stacktrace", of)
	m.distribution("oban.job.stop.duration", "worker", "")
	m.gauges = append(m.gauges, "counter(\"oban.job.exception.count\", tags: [:worker])")
	m.slower("Jobs", "oban_job_stop_duration", "worker", names, "A job of %s takes")
	m.more("Jobs that fail", "oban_job_exception_count", "worker", names, "Jobs of %s fail.")
}

// exporter says where the metrics go, and whether the project can export them.
func (b *builder) exporter(m *monitor) {
	m.doc.Where = b.metricsModule()
	if len(m.gauges) == 0 {
		return
	}
	has := func(name string) bool {
		return slices.ContainsFunc(b.after.Files.Apps, func(a source.App) bool {
			return slices.ContainsFunc(a.Deps, func(d source.Dep) bool { return d.Name == name })
		})
	}
	note := func(text string) { m.doc.Notes = append(m.doc.Notes, text) }
	switch {
	case has("telemetry_metrics_prometheus") || has("telemetry_metrics_prometheus_core"):
	case has("prom_ex"):
		note("The project has `prom_ex`: put the metrics into a plugin of its own. Their names in Prometheus then begin with the prefix of that plugin.")
	default:
		note("Nothing in the project exports metrics to Prometheus: add `{:telemetry_metrics_prometheus, \"~> 1.1\"}` to the dependencies. The names in the rules are those that it gives.")
	}
	if b.after.Files.Contains(source.Config, "telemetry_prefix:") {
		note("The configuration sets a `telemetry_prefix`: where it is that of this repository, it stands in place of the prefix above.")
	}
}

// metricsModule is the function of the project that lists its metrics, with its
// place.
func (b *builder) metricsModule() string {
	for _, f := range b.after.Program.Funcs {
		file := b.after.Files.File(f.Span.File)
		if f.Name != "metrics" || f.Arity != 0 || file.Kind != source.Lib || f.Injected {
			continue
		}
		uses := slices.ContainsFunc(f.Code.Callees, func(c ir.Callee) bool { return strings.HasPrefix(c.Module, "Telemetry.Metrics") })
		if uses {
			at := report.PlaceOf(b.after.Files, f.NameSpan)
			return "`" + b.after.Program.Symbol(f.ID) + "` (`" + at.Path + ":" + strconv.Itoa(at.Line) + "`)"
		}
	}
	return "a module of the project that a Telemetry.Metrics reporter is given; there is none yet"
}

// write renders what was collected.
func (m *monitor) write(project string) {
	var e strings.Builder
	for i, g := range m.gauges {
		if i > 0 {
			e.WriteString(",\n")
		}
		e.WriteString(g)
	}
	if strings.Contains(e.String(), "refused?") {
		e.WriteString("\n\n# The writes that a constraint refuses.\n" +
			"defp refused?(%{result: {:error, %{postgres: %{code: code}}}}),\n" +
			"  do: code in [:unique_violation, :foreign_key_violation, :not_null_violation, :check_violation, :exclusion_violation]\n\n" +
			"defp refused?(_), do: false")
	}
	if e.Len() > 0 {
		m.doc.Metrics = e.String() + "\n"
	}
	m.doc.Alerts = alerts(project, m.watches)
	m.doc.Dashboard = dashboard(project, m.watches)
}
