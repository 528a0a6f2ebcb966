package engine

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/model"
	"github.com/assay-dev/assay/internal/source"
	"github.com/assay-dev/assay/internal/syntax"
)

// ModelDir is where a project keeps models of its own.
const ModelDir = ".assay/models"

// A project's own model is written by hand; a longer one is no model.
const modelLimit = 1 << 20

// Open reads and analyses the project at root. overlay holds the texts of
// files that differ from those on the disk, by path relative to the root.
func Open(root string, overlay map[string]string, opts Options) (*Snapshot, error) {
	r := newRun(opts)
	list, err := source.Scan(root, source.Options{})
	if err != nil {
		return nil, err
	}
	addSizes(root, list)
	r.phase("scan")
	wait := r.beside(func() { r.Models, err = ProjectModels(root) })
	r.read(list, overlay)
	wait()
	if err != nil {
		return nil, err
	}
	return r.finish(), nil
}

// read reads and parses the files of a listing.
func (r *run) read(list *source.Listing, overlay map[string]string) {
	addEntries(list, overlay)
	files := make([]*source.File, len(list.Entries))
	trees := make([]*syntax.Tree, len(list.Entries))
	notes := make([]*source.Note, len(list.Entries))
	lost := r.step("read", len(files), func(i int) {
		if text, ok := overlay[list.Entries[i].Path]; ok {
			files[i] = source.NewFile(list.Entries[i].Path, text)
			files[i].Kind = list.Entries[i].Kind
		} else if f, err := source.Read(list, i); err != nil {
			note := source.NoteOf(err)
			notes[i] = &note
			return
		} else {
			files[i] = f
		}
		trees[i] = r.tree(files[i])
	})
	var unread []source.Note
	for _, n := range notes {
		if n != nil {
			unread = append(unread, *n)
		}
	}
	byEntry := slices.Clone(files)
	r.Files = source.Assemble(list, files, unread)
	r.Trees = make([]*syntax.Tree, len(r.Files.Files))
	for i, f := range byEntry {
		if f != nil {
			r.Trees[f.ID] = trees[i]
		}
	}
	for _, l := range lost {
		r.loseFile(byEntry[l.part].ID, "parse", l)
	}
	r.opts.Read(sizeOf(r.Files))
	r.phase("read and parse")
}

func sizeOf(files *source.Set) (size int64) {
	for _, f := range files.Files {
		size += int64(len(f.Text))
	}
	return size
}

// addEntries lists the overlaid files that the disk does not have yet.
func addEntries(list *source.Listing, overlay map[string]string) {
	for p := range overlay {
		if !slices.ContainsFunc(list.Entries, func(e source.Entry) bool { return e.Path == p }) {
			list.Entries = append(list.Entries, source.Entry{Path: p, Kind: source.KindOf(p)})
		}
	}
	slices.SortFunc(list.Entries, func(a, b source.Entry) int { return strings.Compare(a.Path, b.Path) })
}

// ProjectModels is the built-in models with those that the project keeps. No
// symbolic link leads out of the project.
func ProjectModels(root string) (*model.Set, error) {
	inside, err := os.OpenRoot(root)
	if err != nil {
		return model.Builtin() // the root is a single file
	}
	defer func() { _ = inside.Close() }()
	names, err := fs.Glob(inside.FS(), ModelDir+"/*.toml")
	if err != nil || len(names) == 0 {
		return model.Builtin()
	}
	own := map[string][]byte{}
	for _, name := range names {
		if own[name], err = readModel(inside.FS(), name); err != nil {
			return nil, err
		}
	}
	return model.Load(own)
}

func readModel(project fs.FS, name string) ([]byte, error) {
	info, err := fs.Stat(project, name)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: cannot be read: %w", name, err)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s: not a regular file, so it is no model", name)
	case info.Size() > modelLimit:
		return nil, fmt.Errorf("%s: %d bytes are over the limit of %d for a model", name, info.Size(), modelLimit)
	}
	return fs.ReadFile(project, name)
}

// Elixir reports whether a file is parsed as Elixir.
func Elixir(f *source.File) bool {
	ext := path.Ext(f.Path)
	return ext == ".ex" || ext == ".exs"
}
