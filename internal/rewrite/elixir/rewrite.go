// Package elixir spells the changes that checks ask for in Elixir.
//
// In goes a fix.Change and the project as it is; out comes a fix.Fix, or the
// reason why the change cannot be spelled. Edits are made on the tokens of the
// source, so that comments and layout stay, and only what must change changes.
// New code is written as the project writes its own: where it keeps migrations,
// how it names them, whether it calls macros with parentheses.
package elixir

import (
	"errors"
	"fmt"
	"strings"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/ir"
	"github.com/assay-dev/assay/internal/source"
	"github.com/assay-dev/assay/internal/syntax"
)

// Writer spells changes of one project.
type Writer struct {
	Files   *source.Set
	Trees   []*syntax.Tree // by FileID
	Program *ir.Program
	// Stamp is the version of the next migration at the earliest: year, month,
	// day, hour, minute, second.
	Stamp int64
	// Fresh reports whether a file, by its path, cannot have run yet; nil knows of none.
	Fresh func(path string) bool
	// NoTests leaves the tests of a change out.
	NoTests bool
	// Offers says that any of the fixes may be applied, those that are only shown too: they
	// keep their versions and names.
	Offers bool
	// SetUp is how the project tests; nil is what its files show.
	SetUp *SetUp

	// taken are the versions that no migration may get, from what was given last by the version
	// that was asked for, and given what was given, in order.
	taken  map[int64]bool
	from   map[int64]int64
	given  []given
	habits map[*ir.Database]habits
	// made are the migrations written so far, by module, and those of the same
	// content by that.
	made     map[string]fix.File
	named    []string // the keys of made, in order
	partedIn []string // what parts gives, once it is known
	// pinnedBy is what pinned gives, once it is known.
	pinnedBy *string
	// prefixes are the attributes that name schemas in migrations, with their lines.
	prefixes map[string]string
	// askedFor is what asked counted.
	askedFor map[string]int
	// inspects is the function by which the project writes values into its log, once
	// it is known.
	inspects string
	// logsBeside is positive where the project logs values beside the text and not in it,
	// 0 while that is not known.
	logsBeside int
	manners    manners
	// aliased are the lines that give a module a shorter name, of the files asked for.
	aliased perFile[[][]int]
}

// Spell writes a change in Elixir. The fix has no finding and no check yet.
func (w *Writer) Spell(c fix.Change) (fix.Fix, error) {
	f := fix.Fix{Title: c.Title()}
	err := w.spell(&f, c)
	w.tidy(&f)
	if err == nil {
		w.keepDump(&f, c)
	}
	if err == nil && !w.NoTests {
		w.test(&f, c)
	}
	return f, err
}

// spell adds what a change takes to a fix.
func (w *Writer) spell(f *fix.Fix, c fix.Change) error {
	switch c := c.(type) {
	case *fix.Together:
		for _, part := range c.Changes {
			if err := w.spell(f, part); err != nil {
				return err
			}
		}
		return nil
	case *fix.Only:
		versions, names := len(w.given), len(w.named)
		err := w.spell(f, c.Change)
		f.Safety = fix.Shown
		if !w.Offers {
			w.forget(versions, names)
		}
		f.Notes = append(f.Notes, c.Question)
		return err
	case *fix.CreateIndex:
		return w.createIndex(f, c)
	case *fix.CreateDescribed:
		return w.createDescribed(f, c)
	case *fix.DropIndex:
		return w.dropIndex(f, c)
	case *fix.RequireColumn:
		return w.requireColumn(f, c)
	case *fix.AddColumns:
		return w.addColumns(f, c)
	case *fix.AddColumn:
		return w.addColumn(f, c)
	case *fix.SetDefault:
		return w.setDefault(f, c)
	case *fix.Refer:
		return w.refer(f, c)
	case *fix.Declare:
		return w.declare(f, c)
	case *fix.Concurrently:
		return w.unlessRun(f, c.Migration, w.concurrently(f, c))
	case *fix.ValidateLater:
		return w.unlessRun(f, c.Migration, w.validateLater(f, c))
	case *fix.RequireLater:
		return w.unlessRun(f, c.Migration, w.requireLater(f, c))
	case *fix.CallInstead:
		return w.callInstead(f, c)
	case *fix.NameField:
		return nameField(f, c)
	case *fix.DropStep:
		return w.dropStep(f, c)
	case *fix.SettleConflict:
		return w.settleConflict(f, c)
	case *fix.AddOption:
		return w.addOption(f, c)
	case *fix.StartUnder:
		return w.startUnder(f, c)
	case *fix.StartChild:
		return w.startChild(f, c)
	case *fix.AllowOnly:
		return w.allowOnly(f, c)
	case *fix.ReadSecret:
		return w.readSecret(f, c)
	case *fix.LoadBefore:
		return w.loadBefore(f, c)
	case *fix.AskBefore:
		return w.askBefore(f, c)
	case *fix.LookUpBefore:
		return w.lookUpBefore(f, c)
	case *fix.FetchTogether:
		return w.fetchTogether(f, c)
	case *fix.CountTogether:
		return w.countTogether(f, c)
	case *fix.WriteTogether:
		return w.writeTogether(f, c)
	case *fix.InsertTogether:
		return w.insertTogether(f, c)
	case *fix.DeleteTogether:
		return w.deleteTogether(f, c)
	case *fix.HandleFailure:
		return w.handleFailure(f, c)
	case *fix.AcceptFailure:
		return w.acceptFailure(f, c)
	case *fix.AnswerFailure:
		return w.answerFailure(f, c)
	case *fix.LogException:
		return w.logException(f, c)
	case *fix.LogFailure:
		return w.logFailure(f, c)
	case *fix.RepeatLiteral:
		return w.repeatLiteral(f, c)
	case *fix.WidenPattern:
		return w.widenPattern(f, c)
	case *fix.Decline:
		return errors.New(c.Why)
	}
	return fmt.Errorf("no way to spell %T", c)
}

var errPlace = errors.New("the place cannot be edited")

// atom is a name as an atom: :posts, or :"odd name".
func atom(name string) string {
	if simple(name) || name != "" && simple(strings.ToLower(name[:1])+name[1:]) {
		return ":" + name
	}
	return ":" + quoted(name)
}

func simple(name string) bool {
	for i := range len(name) {
		b := name[i]
		word := b == '_' || b >= 'a' && b <= 'z' || i > 0 && (b >= 'A' && b <= 'Z' || b >= '0' && b <= '9')
		if !word {
			return false
		}
	}
	return name != ""
}

// quoted is text as a string literal.
func quoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '#':
			b.WriteString(`\#`)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\x%02X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// atoms are names as a list of atoms.
func atoms(names []string) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = atom(n)
	}
	return "[" + strings.Join(out, ", ") + "]"
}

// camel is a name of words with underscores as a module's last part.
func camel(name string) string {
	var b strings.Builder
	up := true
	for _, r := range name {
		if r == '_' {
			up = true
			continue
		}
		if up {
			b.WriteString(strings.ToUpper(string(r)))
		} else {
			b.WriteRune(r)
		}
		up = false
	}
	return b.String()
}

// snake is names as one name of words with underscores, of letters, digits and
// underscores only.
func snake(words ...string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(strings.Join(words, "_")) {
		if r == '_' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			b.WriteRune(r)
		} else {
			b.WriteByte('_')
		}
	}
	return b.String()
}
