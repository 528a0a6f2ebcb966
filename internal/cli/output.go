package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// writeFile replaces a file whole or not at all: the text goes to a new file
// beside it that then takes its name. A symbolic link by that name is replaced,
// never written through; a directory or a device is refused.
func writeFile(name string, print func(io.Writer) error) error {
	if info, err := os.Lstat(name); err == nil && !info.Mode().IsRegular() && info.Mode().Type() != os.ModeSymlink {
		return fmt.Errorf("%s: not a regular file, so it is not written over", name)
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".assay-*")
	if err != nil {
		return fmt.Errorf("%s: cannot be written: %w", name, bare(err))
	}
	defer func() { _ = os.Remove(f.Name()) }()
	w := bufio.NewWriter(f)
	err = print(w)
	if err == nil {
		err = w.Flush()
	}
	if err == nil {
		err = f.Chmod(0o644)
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return fmt.Errorf("%s: cannot be written: %w", name, bare(err))
	}
	return nil
}

// bare is an error without the call and the path that it names.
func bare(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}
