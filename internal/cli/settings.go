package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/assay-dev/assay/internal/baseline"
	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/config"
	"github.com/assay-dev/assay/internal/engine"
	"github.com/assay-dev/assay/internal/report"
	"github.com/assay-dev/assay/internal/source"
)

// Files that people and Assay itself write are small; a longer one is a
// mistake.
const (
	configLimit   = 1 << 20
	baselineLimit = 64 << 20
)

// baselineName is the baseline of a project that is used without being named.
const baselineName = ".assay-baseline.jsonl"

// readConfig reads the project's .assay.toml; without one nothing is changed.
func readConfig(dir string) (*config.Config, error) {
	name := filepath.Join(dir, config.Name)
	data, err := readSmall(name, configLimit)
	if errors.Is(err, fs.ErrNotExist) {
		return &config.Config{}, nil
	}
	if err != nil {
		return nil, err
	}
	return config.Parse(name, data, checkNames())
}

// readSmall reads a regular file up to a limit.
func readSmall(name string, limit int64) ([]byte, error) {
	info, err := os.Lstat(name)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", name, bare(err))
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s: not a regular file, so it is not read", name)
	case info.Size() > limit:
		return nil, fmt.Errorf("%s: %d bytes are over the limit of %d", name, info.Size(), limit)
	}
	return os.ReadFile(name)
}

// levels makes of a configuration what a policy asks.
func levels(c *config.Config) func(name, path string, level check.Level) (check.Level, bool) {
	return func(name, path string, level check.Level) (check.Level, bool) {
		if path != "" && !c.Reports(path) {
			return level, false
		}
		set, ok := c.Levels[name]
		if !ok {
			return level, true
		}
		to, on := levelOf(string(set))
		return to, on
	}
}

// wanted are the checks that a configuration gives a level.
func wanted(c *config.Config) []string {
	var names []string
	for name, level := range c.Levels {
		if level != config.Off {
			names = append(names, name)
		}
	}
	return names
}

// unreported notes that the paths of a configuration leave no file over.
func unreported(c *config.Config, s *engine.Snapshot) []source.Note {
	if slices.ContainsFunc(s.Files.Files, func(f *source.File) bool { return c.Reports(f.Path) }) {
		return nil
	}
	return []source.Note{{Path: config.Name, Reason: "no file of the project is in [paths], so nothing is reported"}}
}

// baselineFile is the baseline to use: the one named, or the project's own.
func (k *checkCommand) baselineFile(s *engine.Snapshot) string {
	if k.baseline != "" {
		return k.baseline
	}
	return filepath.Join(s.Files.Root, baselineName)
}

// accepted reads the baseline. One that is not named may be missing.
func (k *checkCommand) accepted(name string) (func(id string) bool, error) {
	data, err := readSmall(name, baselineLimit)
	if errors.Is(err, fs.ErrNotExist) {
		if k.baseline == "" {
			return nil, nil
		}
		return nil, fmt.Errorf("%s: there is no such baseline; write one with --write-baseline", name)
	}
	if err != nil {
		return nil, err
	}
	b, err := baseline.Read(name, data)
	if err != nil {
		return nil, err
	}
	return b.Contains, nil
}

// saveBaseline accepts everything that is found.
func (k *checkCommand) saveBaseline(name string, s *engine.Snapshot, p engine.Policy) error {
	p.Least = check.Hint
	var entries []baseline.Entry
	for _, f := range s.Judge(p).Findings {
		e := baseline.Entry{ID: f.ID, Check: f.Check, Symbol: f.Symbol}
		if f.Span.File >= 0 {
			e.Path = s.Files.File(f.Span.File).Path
		}
		entries = append(entries, e)
	}
	text := baseline.New(entries).Write()
	err := writeFile(name, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
	if err != nil {
		return err
	}
	many := "s"
	if len(entries) == 1 {
		many = ""
	}
	_, err = fmt.Fprintf(k.Out, "%s holds %d finding%s now; `assay check` reports what is new.\n", report.Clean(name), len(entries), many)
	return err
}
