package elixir

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/assay-dev/assay/internal/source"
)

// BenchmarkParse reads the corpus, or the bundled snippets.
func BenchmarkParse(b *testing.B) {
	files := benchFiles(b)
	size := 0
	for _, f := range files {
		size += len(f.Text)
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	nodes := 0
	for b.Loop() {
		nodes = 0
		for _, f := range files {
			nodes += len(Parse(f).Nodes)
		}
	}
	b.ReportMetric(float64(size)/float64(nodes), "bytes/node")
}

func benchFiles(b *testing.B) []*source.File {
	var files []*source.File
	root := os.Getenv("ASSAY_CORPUS")
	if root == "" {
		for _, s := range tricky(b) {
			files = append(files, source.NewFile("test.ex", s.src))
		}
		return files
	}
	filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && (strings.HasSuffix(path, ".ex") || strings.HasSuffix(path, ".exs")) {
			if text, err := os.ReadFile(path); err == nil {
				files = append(files, source.NewFile(path, string(text)))
			}
		}
		return nil
	})
	return files
}
