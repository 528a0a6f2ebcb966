package source

import "testing"

func TestNearest(t *testing.T) {
	known := []string{"query", "write", "http"}
	for word, want := range map[string]string{"qurey": "query", "wrte": "write", "htp": "http", "zzz": "", "": ""} {
		if got := Nearest(word, known); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", word, got, want)
		}
	}
}
