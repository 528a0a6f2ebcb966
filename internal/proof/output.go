package proof

import (
	"regexp"
	"slices"
	"strings"
)

// failedTest is how ExUnit names a test that fails: its number, its name, its module.
var failedTest = regexp.MustCompile(`(?m)^ +\d+\) (.+ \([\w.]+\))\s*$`)

// failing are the tests that fail, by what the test command prints.
func failing(output string) map[string]bool {
	tests := map[string]bool{}
	for _, m := range failedTest.FindAllStringSubmatch(output, -1) {
		tests[m[1]] = true
	}
	return tests
}

// without is the output of tests from the first on that fails and is not among those
// that are known to.
func without(output string, known map[string]bool) string {
	for _, m := range failedTest.FindAllStringSubmatchIndex(output, -1) {
		if !known[output[m[2]:m[3]]] {
			return output[m[0]:]
		}
	}
	return output
}

// warnings are what a compiler warns of, each with how often.
func warnings(output string) map[string]int {
	counts := map[string]int{}
	for line := range strings.Lines(output) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "warning: ") {
			counts[line]++
		}
	}
	return counts
}

// wordsKept is how many lines of a command are quoted.
const wordsKept = 12

// Words are what a command that failed has to say, from the first line that tells
// of it.
func (o *Outcome) Words() string {
	lines := strings.Split(strings.TrimRight(strings.TrimLeft(o.Output, "\n"), " \n"), "\n")
	for _, starts := range [][]string{{"** (", "error: ", "== Compilation error", "1) "}, {"warning: "}} {
		for i, line := range lines {
			if slices.ContainsFunc(starts, func(s string) bool { return strings.HasPrefix(strings.TrimSpace(line), s) }) {
				return strings.Join(lines[i:min(i+wordsKept, len(lines))], "\n")
			}
		}
	}
	return strings.Join(lines[max(0, len(lines)-wordsKept):], "\n")
}
