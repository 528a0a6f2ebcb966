package checks

import (
	"strconv"
	"strings"
	"time"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/ir"
)

const day = 24 * time.Hour

// recently is how old a migration may be, measured by the newest one of its
// database, to be judged by what it does while it runs. What is older has run
// everywhere: its result counts.
const recently = 30 * day

// versionTime is when a migration was written, if its version says so:
// 20210420181716.
func versionTime(version int64) (time.Time, bool) {
	t, err := time.Parse("20060102150405", strconv.FormatInt(version, 10))
	return t, err == nil
}

// recent reports whether a migration is new enough to be judged by what it does
// while it runs.
func recent(d *ir.Database, version int64) bool {
	if len(d.Migrations) == 0 {
		return false
	}
	newest, ok1 := versionTime(d.Migrations[len(d.Migrations)-1].Version)
	at, ok2 := versionTime(version)
	return ok1 && ok2 && newest.Sub(at) <= recently
}

// empty reports whether a table holds no rows when a migration changes it: the
// same migration made it, or one that goes out with it.
func empty(d *ir.Database, m *ir.Migration, made int64) bool {
	if made == 0 || !recent(d, made) {
		return made != 0 && made == m.Version
	}
	then, _ := versionTime(made)
	now, _ := versionTime(m.Version)
	return now.Sub(then) < day
}

// young reports whether a table was made at most 30 days before a migration.
func young(m *ir.Migration, made int64) bool {
	then, ok1 := versionTime(made)
	now, ok2 := versionTime(m.Version)
	return ok1 && ok2 && now.Sub(then) <= recently
}

// madeStep is the place that made a table.
func madeStep(t *ir.Table) check.Step {
	return check.Step{Span: t.Made.Span, Note: "the table `" + t.Name + "` is made here" + byVersion(t.Made)}
}

// storing are the schemas whose rows are in a table.
func storing(p *ir.Program, table string) []*ir.Schema {
	var out []*ir.Schema
	for _, s := range p.Schemas {
		if s.Table == table && !s.Embedded {
			out = append(out, s)
		}
	}
	return out
}

// rewritesRows reports whether PostgreSQL writes every row anew when a column of
// one type becomes one of another.
func rewritesRows(from, to string) bool {
	if from == "" || to == "" || from == to {
		return false
	}
	a, n, timesA := sizedType(from)
	b, m, timesB := sizedType(to)
	text := func(t string) bool { return t == "character varying" || t == "text" || t == "citext" }
	switch {
	case text(a) && text(b):
		return m != nil && (n == nil || n[0] > m[0])
	case timesA && timesB:
		// Between the two kinds of time it depends on the time zone of the session.
		return m != nil && (n == nil || n[0] > m[0])
	case a == "numeric" && b == "numeric":
		return m != nil && (len(n) != 2 || len(m) != 2 || n[0] > m[0] || n[1] != m[1])
	case (a == "bit varying" || a == "time without time zone" || a == "interval") && a == b:
		return m != nil && (n == nil || n[0] > m[0])
	case a == "cidr" && b == "inet", a == b && strings.HasSuffix(b, "[]") && m == nil:
		return false
	}
	return true
}

// sizedType takes the numbers out of `character varying(255)`, `numeric(10,2)`
// and `timestamp(0) without time zone`.
func sizedType(t string) (base string, size []int, timestamp bool) {
	open := strings.IndexByte(t, '(')
	end := strings.IndexByte(t, ')')
	if open >= 0 && end > open {
		for _, n := range strings.Split(t[open+1:end], ",") {
			v, err := strconv.Atoi(strings.TrimSpace(n))
			if err != nil {
				return t, nil, false
			}
			size = append(size, v)
		}
		t = strings.TrimSpace(t[:open] + t[end+1:])
	}
	return t, size, strings.HasPrefix(t, "timestamp ")
}
