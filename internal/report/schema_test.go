package report

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// compiled returns a schema.
func compiled(t *testing.T, text string, change func(any)) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(doc)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func schemaFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "schema", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// strict makes a schema refuse every field that it does not list.
func strict(node any) {
	switch n := node.(type) {
	case map[string]any:
		if _, ok := n["properties"]; ok && n["type"] == "object" {
			n["additionalProperties"] = false
		}
		for _, child := range n {
			strict(child)
		}
	case []any:
		for _, child := range n {
			strict(child)
		}
	}
}

// strictRDJSON does the same to a schema that allows other fields by name.
func strictRDJSON(node any) {
	switch n := node.(type) {
	case map[string]any:
		if _, ok := n["additionalProperties"]; ok {
			n["additionalProperties"] = n["properties"] == nil
		}
		for _, child := range n {
			strictRDJSON(child)
		}
	case []any:
		for _, child := range n {
			strictRDJSON(child)
		}
	}
}

func TestSchemas(t *testing.T) {
	for _, c := range []struct {
		format, schema string
		change         func(any)
		from, to       string // breaks the sample
	}{
		{"json", Schema(), strict, `"fixes": [],`, ``},
		{"json", Schema(), strict, `"fixes": [],`, `"fixes": null,`},
		{"json", Schema(), strict, `"cwe"`, `"CWE"`},
		{"sarif", schemaFile(t, "sarif-2.1.0.json"), nil, `"version": "2.1.0",`, ``},
		{"sarif", schemaFile(t, "sarif-2.1.0.json"), nil, `"startLine": 3,`, `"startLine": 0,`},
		{"gitlab", schemaFile(t, "gitlab-codequality.json"), strict, `"critical"`, `"error"`},
		{"rdjson", schemaFile(t, "rdjson.json"), strictRDJSON, `"ERROR"`, `"error"`},
		{"rdjson", schemaFile(t, "rdjson.json"), strictRDJSON, `"related_locations"`, `"related"`},
	} {
		s := compiled(t, c.schema, c.change)
		for name, r := range map[string]*Report{"sample": sample(t), "clean": clean(), "empty": {}, "hostile": hostile()} {
			if err := validate(s, written(t, c.format, r, Options{})); err != nil {
				t.Errorf("%s of %s: %v", c.format, name, err)
			}
		}
		text := written(t, c.format, sample(t), Options{})
		broken := strings.Replace(text, c.from, c.to, 1)
		if broken == text || validate(s, broken) == nil {
			t.Errorf("%s: %s passes for %s", c.format, c.to, c.from)
		}
	}
}

func validate(s *jsonschema.Schema, text string) error {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(text)))
	if err != nil {
		return err
	}
	return s.Validate(doc)
}
