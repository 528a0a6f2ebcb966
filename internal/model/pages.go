package model

import "embed"

// Pages are the libraries' pages, LIBRARY.md: what the entries mean, and an
// example of each. Blocks under one heading are one small project; a line's
// comment `# => words` tells what its call does, in the words of Call.Words.
//
//go:embed *.md
var Pages embed.FS
