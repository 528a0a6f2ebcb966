package intervention

import (
	"strings"

	"github.com/assay-dev/assay/internal/engine"
)

// pageText is what the page of a check says in its first paragraphs.
type pageText struct {
	rule, cost string
}

// pageOf reads the first two paragraphs of a check's page: what is wrong, and what
// it costs.
func pageOf(check string) pageText {
	text, _ := engine.PageText(check)
	var paragraphs []string
	for part := range strings.SplitSeq(text, "\n\n") {
		part = strings.Join(strings.Fields(part), " ")
		switch {
		case strings.HasPrefix(part, "# ") || part == "":
			continue
		case strings.HasPrefix(part, "#") || strings.HasPrefix(part, "```"):
			return pageParts(paragraphs)
		}
		paragraphs = append(paragraphs, part)
	}
	return pageParts(paragraphs)
}

func pageParts(paragraphs []string) pageText {
	var p pageText
	if len(paragraphs) > 0 {
		p.rule = paragraphs[0]
	}
	if len(paragraphs) > 1 {
		p.cost = paragraphs[1]
	}
	return p
}

// documentation is what to tell of each kind of problem, once.
func (b *builder) documentation() {
	seen := map[string]bool{}
	for i := range b.Chosen {
		name := b.Chosen[i].Check
		if seen[name] {
			continue
		}
		seen[name] = true
		p := pageOf(name)
		b.doc.Documentation = append(b.doc.Documentation, Topic{Check: name, Rule: p.rule, Cost: p.cost, More: "assay explain " + name})
	}
}
