package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/source"
)

// ownList is the list of the files that Assay wrote into a folder, with their sums,
// in the form of sha256sum.
const ownList = ".assay-written"

// writeInto writes files into a folder, all or none. A file that is there already is
// replaced only if the list says that Assay wrote it as it is.
func writeInto(dir string, texts map[string]string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("%s: cannot be made: %w", dir, bare(err))
	}
	list, err := textIn(dir, ownList)
	if err != nil {
		return err
	}
	sums := readSums(list)
	var writes []source.Write
	for _, name := range sortedKeys(texts) {
		text := texts[name]
		old, err := textIn(dir, name)
		switch {
		case err != nil:
			return err
		case old != nil && sums[name] == "":
			return fmt.Errorf("%s is there and is not Assay's, so nothing was written; name another folder", filepath.Join(dir, name))
		case old != nil && sums[name] != sumOf(*old):
			return fmt.Errorf("%s has been changed since Assay wrote it, so nothing was written; move it away or name another folder", filepath.Join(dir, name))
		}
		sums[name] = sumOf(text)
		writes = append(writes, source.Write{Path: name, Old: old, New: &text})
	}
	now := ""
	for _, name := range sortedKeys(sums) {
		now += sums[name] + "  " + name + "\n"
	}
	_, err = source.Commit(dir, append(writes, source.Write{Path: ownList, Old: list, New: &now}))
	return err
}

// textIn is the text of a file of a folder, or nil if there is none.
func textIn(dir, name string) (*string, error) {
	data, err := readSmall(filepath.Join(dir, name), baselineLimit)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	text := string(data)
	return &text, nil
}

// readSums reads the list; lines that are none are left out.
func readSums(list *string) map[string]string {
	sums := map[string]string{}
	if list == nil {
		return sums
	}
	for line := range strings.Lines(*list) {
		if sum, name, ok := strings.Cut(strings.TrimRight(line, "\r\n"), "  "); ok {
			sums[name] = sum
		}
	}
	return sums
}

func sumOf(text string) string {
	h := sha256.Sum256([]byte(text))
	return hex.EncodeToString(h[:])
}

func sortedKeys(m map[string]string) []string {
	var out []string
	for name := range m {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}
