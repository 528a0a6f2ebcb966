// Package source holds the files of a project: their text, their places, and
// which of them belong to it. It is the only package that reads a project's
// disk paths.
//
// Offsets are byte offsets, 0-based. Lines and columns are 1-based, columns
// count code points; they exist only at the borders (reports, editors), never
// inside the analysis.
package source

import (
	"sort"
	"strings"
	"sync"
	"unicode/utf8"
)

// FileID is the index of a file in its Set.
type FileID int32

// NoFile is the FileID of nothing.
const NoFile FileID = -1

// Span is a half-open byte range [Start, End) of one file.
type Span struct {
	File       FileID
	Start, End int32
}

// Len is the number of bytes in s.
func (s Span) Len() int { return int(s.End - s.Start) }

// Contains reports whether t lies within s.
func (s Span) Contains(t Span) bool {
	return s.File == t.File && s.Start <= t.Start && t.End <= s.End
}

// Pos is a place as people count it: line and column from 1, the column in
// code points.
type Pos struct{ Line, Column int }

// File is one file of a project. Its text never changes once it is made.
type File struct {
	ID   FileID
	Path string // relative to the root, with slashes
	Text string
	Kind Kind

	once  sync.Once
	lines []int32 // the offset at which each line starts
}

// NewFile makes a file that belongs to no set, for tests and standard input.
func NewFile(path, text string) *File {
	return &File{Path: path, Text: text, Kind: KindOf(path)}
}

// Pos returns the place of a byte offset. An offset outside the text is moved
// to its nearest end.
func (f *File) Pos(off int32) Pos {
	off = max(0, min(off, int32(len(f.Text))))
	line := f.Line(off)
	start := f.LineStart(line)
	return Pos{Line: line, Column: 1 + utf8.RuneCountInString(f.Text[start:off])}
}

// Line returns the 1-based line of a byte offset.
func (f *File) Line(off int32) int {
	f.index()
	return sort.Search(len(f.lines), func(i int) bool { return f.lines[i] > off })
}

// LineStart returns the byte offset at which a 1-based line starts.
func (f *File) LineStart(line int) int32 {
	f.index()
	switch {
	case line < 1:
		return 0
	case line > len(f.lines):
		return int32(len(f.Text))
	}
	return f.lines[line-1]
}

// LineText returns the text of a 1-based line without its line end.
func (f *File) LineText(line int) string {
	start, end := f.LineStart(line), f.LineStart(line+1)
	return strings.TrimRight(f.Text[start:end], "\r\n")
}

// Lines is the number of lines; a last line without an end counts.
func (f *File) Lines() int {
	f.index()
	return len(f.lines)
}

func (f *File) index() {
	f.once.Do(func() {
		f.lines = append(make([]int32, 0, 1+strings.Count(f.Text, "\n")), 0)
		for i := 0; ; {
			n := strings.IndexByte(f.Text[i:], '\n')
			if n < 0 || i+n+1 == len(f.Text) {
				return
			}
			i += n + 1
			f.lines = append(f.lines, int32(i))
		}
	})
}

// Slice returns the text of a span of f.
func (f *File) Slice(s Span) string { return f.Text[s.Start:s.End] }
