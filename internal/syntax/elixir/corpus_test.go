package elixir

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/assay-dev/assay/internal/source"
	"github.com/assay-dev/assay/internal/syntax"
)

// A corpusFile is what Elixir 1.18 makes of one file of a public project, as
// hashes of the canonical texts.
type corpusFile struct {
	Path, Sha                       string
	Ok                              bool
	Plain, Pos, Loc, Full, Lit, Raw string
}

func (c *corpusFile) hash(form Form) string {
	return [...]string{c.Plain, c.Pos, c.Loc, c.Full, c.Lit, c.Raw}[form]
}

// corpus calls yield for every file of the corpus that is checked out at the
// recorded version.
func corpus(t testing.TB, yield func(want *corpusFile, f *source.File)) {
	t.Helper()
	root := os.Getenv("ASSAY_CORPUS")
	if root == "" {
		t.Skip("ASSAY_CORPUS is not set: it names a folder with the projects of corpus-hashes.jsonl.gz")
	}
	eachLine(t, "testdata/corpus-hashes.jsonl.gz", func(line []byte) {
		var want corpusFile
		if err := json.Unmarshal(line, &want); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(filepath.Join(root, want.Path))
		if err != nil || digest(data) != want.Sha {
			return
		}
		yield(&want, source.NewFile(want.Path, string(data)))
	})
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func TestCorpus(t *testing.T) {
	files, refused := 0, 0
	equal := map[Form]int{}
	forms := []Form{Plain, Pos, Loc, Full, Lit, Raw}
	corpus(t, func(want *corpusFile, f *source.File) {
		tree := Parse(f)
		if err := syntax.Verify(tree); err != nil {
			t.Errorf("%s: %v", want.Path, err)
		}
		if !want.Ok {
			if len(tree.Errors) == 0 {
				t.Errorf("%s: accepted", want.Path)
			}
			refused++
			return
		}
		files++
		if len(tree.Errors) > 0 {
			at := f.Pos(tree.Errors[0].Start)
			t.Errorf("%s:%d:%d: %s", want.Path, at.Line, at.Column, tree.Errors[0].Message)
			return
		}
		full := quoted(tree, Full) // of which plain, pos and loc print less
		for _, form := range forms {
			term := full
			if form > Full {
				term = quoted(tree, form)
			}
			if digest(appendTerm(nil, term, form)) == want.hash(form) {
				equal[form]++
			} else {
				t.Errorf("%s: %s differs", want.Path, Forms()[form])
			}
		}
	})
	for _, form := range forms {
		t.Logf("%s: %d of %d files equal", Forms()[form], equal[form], files)
	}
	t.Logf("%d files refused as they should be", refused)
}
