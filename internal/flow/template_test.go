package flow

import (
	"strings"
	"testing"

	"github.com/assay-dev/assay/internal/source"
)

func TestComponentsInLoops(t *testing.T) {
	const one = `<.live_component module={A.Row} id="x" />`
	for text, want := range map[string]string{
		one: "",
		`<.live_component :for={r <- @rows} module={Row} id={r.id} />`:    "Row",
		`<div :for={r <- @rows}><p>` + one + `</p></div>`:                 "A.Row",
		`<div :for={r <- @rows}></div>` + one:                             "",
		`<div :for={r <- @rows}/>` + one:                                  "",
		`<div :for={r <- @rows}><br><input></div>` + one:                  "",
		`<%= for r <- @rows do %>` + one + `<% end %>`:                    "A.Row",
		`<%= for r <- @rows do %><% end %>` + one:                         "",
		`<%= if @x do %>` + one + `<% end %>`:                             "",
		`<%= for r <- @rows do %><%= if r do %><% end %>` + one:           "A.Row",
		`<%= Enum.map @rows, fn r -> %>` + one + `<% end) %>`:             "A.Row",
		`<!-- <div :for={r <- @rows}> -->` + one:                          "",
		`<div title="a > b" :for={r <- f(%{x: "}"})}>` + one:              "A.Row",
		`<li :for={r <- @rows}><.live_component module={@module} /></li>`: "",
		`<div :for={`:                          "",
		`<%= for `:                             "",
		`</` + one:                             "",
		`<.live_component module={A.Row} :for`: "",
	} {
		var got []string
		for _, r := range inLoops(text, source.Span{}, true) {
			got = append(got, r.module)
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%s: got %q, want %q", text, s, want)
		}
	}
}

func TestLoadedAssociations(t *testing.T) {
	for _, c := range []struct {
		a, b, shared string
		within       bool
	}{
		{"", "", "", true},
		{"", ",x", "", true},
		{",x", "", "", false},
		{",x", ",x,y", ",x", true},
		{",x,z", ",x,y", ",x", false},
		{",x", ",xy", "", false},
	} {
		if got := common(c.a, c.b); got != c.shared {
			t.Errorf("common(%q, %q) is %q, want %q", c.a, c.b, got, c.shared)
		}
		if got := within(c.a, c.b); got != c.within {
			t.Errorf("within(%q, %q) is %v", c.a, c.b, got)
		}
	}
	if got := inside(",comments,comments.author,tags", "comments"); got != ",author" {
		t.Errorf("inside comments: %q", got)
	}
	if got := union(",b,c", ",a,b"); got != ",a,b,c" {
		t.Errorf("union: %q", got)
	}
}
