package cli

import (
	"bufio"
	"fmt"
	"io"
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
		return fmt.Errorf("%s: cannot be written: %w", name, err)
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
		return fmt.Errorf("%s: cannot be written: %w", name, err)
	}
	return nil
}
