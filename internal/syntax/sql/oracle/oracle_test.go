// Package oracle compares package sql with PostgreSQL's own grammar, by
// pg_query_go. It is a module of its own because that needs a C compiler, and
// Assay does not:
//
//	cd internal/syntax/sql/oracle && CGO_ENABLED=1 ASSAY_CORPUS=DIR go test .
//
// ASSAY_SQL may name a folder of *.sql files to compare too, such as those of
// PostgreSQL's regression tests.
package oracle

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	pg "github.com/pganalyze/pg_query_go/v6"

	"github.com/assay-dev/assay/internal/syntax/sql"
)

// A tally counts what came of statements.
//
// Of the kinds of statement that have no summary, only acceptance is compared.
type tally struct{ accepted, broken, differ, equal, kept, lenient int }

// compare reads a text both ways, statement by statement.
func (c *tally) compare(t *testing.T, path, text string) {
	list, errs := sql.Parse(text)
	next := 0
	for _, st := range list {
		src := st.Span().Text(text)
		other, isOther := st.(*sql.Other)
		broken := isOther && other.Broken
		message := ""
		if broken && next < len(errs) {
			message = errs[next].Message
			next++
		}
		tree, err := pg.Parse(src)
		if err != nil || len(tree.Stmts) != 1 {
			if !broken && err != nil {
				c.lenient++
				if os.Getenv("ASSAY_SHOW") != "" {
					t.Logf("%s: accepted: %v: %.200s", path, err, src)
				}
			}
			continue
		}
		c.accepted++
		want, comparable := ofPostgres(tree.Stmts[0].Stmt)
		switch {
		case broken:
			c.broken++
			t.Errorf("%s:%d: %s: %.300s", path, st.Span().Start, message, src)
		case !comparable || isOther || want[0] == "merge":
			c.kept++
		default:
			if diff := firstDifference(want, ofOurs(st)); diff != "" {
				c.differ++
				t.Errorf("%s:%d: %.400s\n%s", path, st.Span().Start, src, diff)
			} else {
				c.equal++
			}
		}
	}
}

func (c *tally) log(t *testing.T, name string) {
	t.Logf("%s: PostgreSQL accepts %d: %d equal, %d accepted too, %d differ, %d broken here; %d accepted here alone",
		name, c.accepted, c.equal, c.kept, c.differ, c.broken, c.lenient)
}

func folder(t *testing.T, variable string) string {
	t.Helper()
	root := os.Getenv(variable)
	if root == "" {
		t.Skip(variable + " is not set")
	}
	return root
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestFixtures(t *testing.T) {
	paths, err := filepath.Glob("../testdata/*.sql")
	if err != nil || len(paths) == 0 {
		t.Fatal("no fixtures")
	}
	var c tally
	for _, path := range paths {
		c.compare(t, path, read(t, path))
	}
	c.log(t, "fixtures")
}

func TestDumps(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(folder(t, "ASSAY_CORPUS"), "*/priv/*/structure.sql"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		var c tally
		c.compare(t, path, read(t, path))
		c.log(t, path)
	}
}

func TestFolder(t *testing.T) {
	var c tally
	paths, err := filepath.Glob(filepath.Join(folder(t, "ASSAY_SQL"), "*.sql"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		c.compare(t, filepath.Base(path), read(t, path))
	}
	c.log(t, "folder")
}

var (
	heredoc = regexp.MustCompile(`(?s)(?:execute|query!?|fragment)[( ]\s*(?:fn[^"]*)?(?:~[sS])?"""\n(.*?)\n\s*"""`)
	oneLine = regexp.MustCompile(`(?:execute|query!?)[( ]\s*(?:~[sS])?"((?:[^"\\\n]|\\.)*)"`)
	inter   = regexp.MustCompile(`#\{[^}]*\}`)
)

// TestExecute compares the SQL texts inside the Elixir of the corpus, with
// their interpolations replaced by a name.
func TestExecute(t *testing.T) {
	perProject := map[string]*tally{}
	root := folder(t, "ASSAY_CORPUS")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".exs") && !strings.HasSuffix(path, ".ex") {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		project, _, _ := strings.Cut(rel, string(filepath.Separator))
		text := read(t, path)
		for _, re := range []*regexp.Regexp{heredoc, oneLine} {
			for _, m := range re.FindAllStringSubmatch(text, -1) {
				if perProject[project] == nil {
					perProject[project] = &tally{}
				}
				src := strings.NewReplacer(`\"`, `"`, `\\`, `\`, `\n`, "\n").Replace(inter.ReplaceAllString(m[1], "x"))
				perProject[project].compare(t, rel, src)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for project, c := range perProject {
		c.log(t, project)
	}
}
