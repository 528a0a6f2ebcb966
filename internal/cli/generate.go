package cli

import (
	"bufio"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/engine"
	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/report"
	"github.com/assay-dev/assay/internal/source"
)

func (a *app) generate() *cobra.Command {
	c := &cobra.Command{
		Use:     "generate",
		Short:   "Write what a project lacks",
		Example: "  assay generate migration orders",
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return c.Help()
			}
			return usage(c, "there is nothing called `%s` to generate%s", args[0], engine.DidYouMean(args[0], commandNames(c)))
		},
	}
	c.AddCommand(a.generateMigration())
	return c
}

// migrationCommand is one run of `assay generate migration`.
type migrationCommand struct {
	fixCommand
	list, softDelete, auditColumns bool
	project                        string
}

func (a *app) generateMigration() *cobra.Command {
	k := &migrationCommand{fixCommand: fixCommand{app: a, noTests: true}}
	c := &cobra.Command{
		Use:   "migration [TABLE|MODULE]",
		Short: "Write the migrations that a database lacks",
		Long: `Write the migrations for what the database lacks, by the findings and by what the
schemas say: indexes, unique indexes, foreign keys, columns that are never null. It is
about one table, about the table of a schema's module, or about all of them.

Each migration is a safe one: it takes no lock for longer than a moment, and rows that
would break it are looked for first. It is shown with its reason and written when you
say yes; a second run has nothing left to do. ` + "`assay undo`" + ` takes the last run back.

--soft-delete and --audit-columns add what no finding asks for.`,
		Example: `  assay generate migration --list            what the database lacks
  assay generate migration orders            show each migration and ask
  assay generate migration MyApp.Shop.Order --yes
  assay generate migration orders --soft-delete
  assay generate migration orders --audit-columns`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if (k.softDelete || k.auditColumns) && len(args) == 0 {
				return usage(c, "name the table that gets the columns")
			}
			return k.generate(args)
		},
	}
	f := c.Flags()
	f.SortFlags = false
	f.BoolVar(&k.list, "list", false, "list what is missing, write nothing")
	f.BoolVarP(&k.yes, "yes", "y", false, "write the safe migrations without asking")
	f.StringSliceVar(&k.asked, "asked", nil, "with --yes, write those for the findings of these `CHECKS` too that are not safe")
	f.BoolVar(&k.dryRun, "dry-run", false, "show the migrations, write nothing")
	f.BoolVar(&k.allowDirty, "allow-dirty", false, "write files too that have changes which are not committed")
	f.BoolVar(&k.softDelete, "soft-delete", false, "add deleted_at, with an index of the rows that are deleted")
	f.BoolVar(&k.auditColumns, "audit-columns", false, "add inserted_at, updated_at, inserted_by and updated_by, those that are missing")
	f.StringVar(&k.project, "project", ".", "the project around this `DIR`")
	completeList(c, "asked", checkNames())
	return c
}

func (k *migrationCommand) generate(args []string) error {
	s, t, err := k.snapshot([]string{k.project})
	if err != nil {
		return err
	}
	if k.stamp, err = stampNow(); err != nil {
		return err
	}
	name := ""
	var rows *ir.Table
	if len(args) > 0 {
		if rows, err = tableNamed(s.Program, args[0]); err != nil {
			return err
		}
		name = rows.Name
	}
	if k.softDelete || k.auditColumns {
		return k.addColumns(s, rows)
	}
	missing, err := k.missing(s, t, name)
	if err != nil {
		return err
	}
	if k.list {
		return k.printMissing(missing)
	}
	if len(missing) == 0 {
		_, err := fmt.Fprintln(k.Out, "There is nothing to do: nothing is missing that a migration can add.")
		return err
	}
	return k.writeMissing(s, missing)
}

// writeMissing asks for what is missing and writes it.
func (k *migrationCommand) writeMissing(s *engine.Snapshot, missing []lack) error {
	ids := map[string]bool{}
	for _, m := range missing {
		if m.err == nil && (!k.yes || m.fix.Safety == fix.Safe || slices.Contains(k.asked, m.finding.Check)) {
			ids[m.finding.ID] = true
		}
	}
	if len(ids) == 0 {
		_, err := fmt.Fprintf(k.Out, "%s, none of them safe without a look: leave --yes away, or name their checks with --asked. --list shows them.\n",
			counted(len(missing), "change"))
		return err
	}
	o := k.options(func(f *check.Finding) bool { return ids[f.ID] })
	if !k.yes && !k.dryRun {
		if err := k.ask(s, &o); err != nil {
			return err
		}
	}
	return k.finish(s.Fix(o), o)
}

// tableNamed is the table of a name, or that of a schema's module.
func tableNamed(p *ir.Program, name string) (*ir.Table, error) {
	if s := p.SchemaNamed(name); s != nil {
		if s.Rows != nil {
			return s.Rows, nil
		}
		return nil, fmt.Errorf("no migration makes the table `%s` of %s", s.Table, name)
	}
	switch found := p.TablesNamed(name); len(found) {
	case 1:
		return found[0], nil
	case 0:
	default:
		return nil, fmt.Errorf("there are %d tables called `%s`; name the module of the schema", len(found), name)
	}
	var known []string
	for _, d := range p.Databases {
		for _, t := range d.Tables {
			known = append(known, t.Name)
		}
	}
	return nil, fmt.Errorf("there is no table and no schema `%s`%s", name, engine.DidYouMean(name, known))
}

// lack is something that is missing in the database.
type lack struct {
	table   string
	finding check.Finding
	fix     fix.Fix
	err     error // why there is no migration for it
}

// missing are the findings about tables, or about one, with their migrations.
func (k *migrationCommand) missing(s *engine.Snapshot, t target, only string) ([]lack, error) {
	conf, err := readConfig(t.dir())
	if err != nil {
		return nil, err
	}
	p := engine.Policy{Level: levels(conf), Paths: t.paths, Least: check.Hint}
	c := checkCommand{app: k.app}
	if p.Accepted, err = c.accepted(c.baselineFile(s)); err != nil {
		return nil, err
	}
	var out []lack
	for _, f := range s.Judge(p).Findings {
		table, _, ok := strings.Cut(f.Symbol, ".")
		if !ok || len(s.Program.TablesNamed(table)) == 0 || only != "" && table != only {
			continue
		}
		x, err := s.ProposeFix(&f, k.options(nil))
		if err != nil && len(f.Changes) == 0 || err == nil && !migrates(&x) {
			continue
		}
		if err == nil && x.Safety == fix.Shown {
			err = fmt.Errorf("it needs a decision")
		}
		out = append(out, lack{table, f, x, err})
	}
	slices.SortStableFunc(out, func(a, b lack) int { return strings.Compare(a.table, b.table) })
	return out, nil
}

// migrates reports whether a fix makes a migration.
func migrates(x *fix.Fix) bool {
	return slices.ContainsFunc(x.Files, func(n fix.File) bool { return source.KindOf(n.Path) == source.Migration })
}

// printMissing lists what is missing, by table.
func (k *migrationCommand) printMissing(missing []lack) error {
	var b strings.Builder
	table, can := "", 0
	for i := range missing {
		m := &missing[i]
		if m.table != table {
			table = m.table
			b.WriteString(table + "\n")
		}
		if m.err != nil {
			b.WriteString("  " + m.finding.Message + " (by hand: " + m.err.Error() + ")\n")
			continue
		}
		can++
		b.WriteString("  " + m.fix.Title + " (" + m.fix.Safety.String() + ", " + m.finding.Check + ")\n")
	}
	switch {
	case len(missing) == 0:
		b.WriteString("Nothing is missing that a migration can add.\n")
	case can > 0:
		b.WriteString("\n" + counted(can, "change") + "; without --list they are written.\n")
	}
	for line := range strings.Lines(b.String()) {
		if _, err := fmt.Fprintln(k.Out, report.Clean(strings.TrimRight(line, "\n"))); err != nil {
			return err
		}
	}
	return nil
}

// addColumns adds the columns that the flags name, those that are missing.
func (k *migrationCommand) addColumns(s *engine.Snapshot, t *ir.Table) error {
	d := databaseOf(s.Program, t)
	var changes []fix.Change
	if k.softDelete {
		changes = append(changes, softDelete(s.Program, d, t)...)
	}
	if k.auditColumns {
		changes = append(changes, auditColumns(s.Program, d, t)...)
	}
	if len(changes) == 0 {
		_, err := fmt.Fprintln(k.Out, "There is nothing to do: the table has these columns.")
		return err
	}
	done, err := s.Add(changes, k.options(nil))
	if err != nil {
		return err
	}
	k.showAdded(done)
	if k.dryRun {
		return nil
	}
	if !k.yes {
		k.in = bufio.NewReader(k.In)
		if yes, err := k.confirmed(); err != nil || !yes {
			return err
		}
	}
	if err := k.write(done); err != nil {
		return err
	}
	fmt.Fprintf(k.Err, "Wrote %s; `assay undo` takes them back.\n", counted(len(done.Writes()), "migration"))
	return nil
}

// showAdded prints what is to be added, with the reasons.
func (k *migrationCommand) showAdded(done *engine.Fixed) {
	for i := range done.Applied {
		x := &done.Applied[i]
		fmt.Fprintf(k.Out, "\n%s (%s)\n\n", report.Clean(x.Title), x.Safety)
		for _, n := range x.Files {
			fmt.Fprintf(k.Out, "  %s: %s\n", source.Printable(n.Path), report.Clean(n.Reason))
		}
		for _, n := range x.Notes {
			fmt.Fprintf(k.Out, "  %s\n", report.Clean(n))
		}
	}
	k.diff(done.Patch())
}

func (k *migrationCommand) confirmed() (bool, error) {
	for {
		answer, err := k.answer("Shall I proceed? yes, no: ")
		if err != nil {
			return false, err
		}
		switch answer {
		case "y", "yes":
			return true, nil
		case "n", "no":
			fmt.Fprintln(k.Err, "Nothing was written.")
			return false, nil
		}
	}
}
