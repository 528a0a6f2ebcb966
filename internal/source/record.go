package source

import "strings"

// Dirty lists which of the paths have changes that git has not recorded. Outside
// a repository none has.
func Dirty(root string, paths []string) ([]string, error) {
	if _, ok := RepositoryAround(root); !ok || len(paths) == 0 {
		return nil, nil
	}
	out, err := git(root, append([]string{"status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=all", "--"}, paths...)...)
	if err != nil {
		return nil, err
	}
	var dirty []string
	for entry := range strings.SplitSeq(out, "\x00") {
		if len(entry) > 3 {
			dirty = append(dirty, entry[3:])
		}
	}
	return dirty, nil
}

// Record makes a git commit of the paths, and of nothing else that is staged.
func Record(root string, paths []string, message string) error {
	if _, err := git(root, append([]string{"add", "--intent-to-add", "--"}, paths...)...); err != nil {
		return err
	}
	_, err := git(root, append([]string{"commit", "--quiet", "--only", "--message", message, "--"}, paths...)...)
	return err
}
