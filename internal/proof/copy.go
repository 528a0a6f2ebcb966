package proof

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/assay-dev/assay/internal/source"
)

// copyProject copies the project at root into a folder and returns where it is
// there. What lies beside it in its repository is linked, so that dependencies by
// path are found as before.
func copyProject(root, outer string) (string, error) {
	top, ok := source.RepositoryAround(root)
	if !ok {
		top = filepath.Dir(root)
	}
	rel, err := filepath.Rel(top, root)
	if err != nil {
		return "", err
	}
	dir := outer
	if !ok || rel == "." {
		dir = filepath.Join(outer, filepath.Base(root))
	} else {
		for part := range strings.SplitSeq(filepath.ToSlash(rel), "/") {
			if err := linkBeside(top, dir, part); err != nil {
				return "", err
			}
			top, dir = filepath.Join(top, part), filepath.Join(dir, part)
		}
	}
	return dir, copyTree(root, dir, outer)
}

// linkBeside makes a folder in which everything of another is linked but one name.
func linkBeside(from, to, but string) error {
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() == but || e.Name() == ".git" {
			continue
		}
		if err := os.Symlink(filepath.Join(from, e.Name()), filepath.Join(to, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// copyTree copies a project: its files, what was built of it and its
// dependencies with their history, by which Mix knows them. Its own history, what
// editors have built, what may not be read and the folder of the copy itself are
// left out.
func copyTree(from, to, outer string) error {
	return filepath.WalkDir(from, func(p string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrPermission) && p != from {
			if d != nil && d.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, p)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		switch {
		case rel == ".git" && !d.IsDir():
			return nil
		case p == outer || rel == ".git" || rel == ".elixir_ls" || rel == filepath.Join(".assay", "journal"):
			return filepath.SkipDir
		case d.IsDir():
			return os.MkdirAll(target, 0o755)
		case d.Type()&fs.ModeSymlink != 0:
			return copyLink(from, to, p, target)
		case d.Type().IsRegular():
			if err := copyFile(p, target); !errors.Is(err, fs.ErrPermission) {
				return err
			}
		}
		return nil
	})
}

// copyLink copies a link. One that leads into the project leads into the copy.
func copyLink(root, dir, p, target string) error {
	to, err := os.Readlink(p)
	if err != nil {
		return err
	}
	at := to
	if !filepath.IsAbs(at) {
		at = filepath.Join(filepath.Dir(p), to)
	}
	rel, err := filepath.Rel(root, at)
	switch inside := err == nil && filepath.IsLocal(rel); {
	case inside && filepath.IsAbs(to):
		to = filepath.Join(dir, rel)
	case !inside:
		to = at
	}
	return os.Symlink(to, target)
}

func copyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, info.Mode().Perm()|0o200)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if _, err = io.Copy(out, in); err != nil {
		return err
	}
	// What was built stays built only if it is not older than its source.
	return os.Chtimes(to, info.ModTime(), info.ModTime())
}
