package checks

import "testing"

func TestRewritesRows(t *testing.T) {
	for _, c := range []struct {
		from, to string
		want     bool
	}{
		{"integer", "bigint", true},
		{"", "bigint", false},
		{"character varying(255)", "text", false},
		{"character varying(255)", "character varying(300)", false},
		{"character varying(255)", "character varying(20)", true},
		{"text", "character varying(255)", true},
		{"text", "citext", false},
		{"numeric(10,2)", "numeric(12,2)", false},
		{"numeric(10,2)", "numeric(12,4)", true},
		{"numeric(10,2)", "numeric", false},
		{"numeric", "numeric(10,2)", true},
		{"timestamp(0) without time zone", "timestamp without time zone", false},
		{"timestamp without time zone", "timestamp(0) without time zone", true},
		{"timestamp(0) without time zone", "timestamp(0) with time zone", false},
		{"json", "jsonb", true},
		{"cidr", "inet", false},
		{"character varying(255)[]", "character varying[]", false},
		{"character varying(255)[]", "text[]", true},
		{"character(5)", "character(9)", true},
		{"odd(", "odd)", true},
	} {
		if got := rewritesRows(c.from, c.to); got != c.want {
			t.Errorf("from %s to %s: %t", c.from, c.to, got)
		}
	}
}
