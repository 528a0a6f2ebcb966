package replay

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-dev/assay/internal/ir"
)

// prelude answers the calls of Elixir's own functions that migrations compute
// with.
func (e *evaluator) prelude(c *call) (value, bool) {
	switch c.module {
	case "Kernel":
		return e.kernel(c)
	case "Enum", "Stream":
		return e.enum(c)
	case "String", "Atom", "Integer", "Macro", "Path", "List":
		return words(c)
	case "Keyword", "Map", "Access":
		return dictionary(c)
	case "Mix":
		if c.name == "env" {
			return atomOf("prod"), true
		}
	case "Config":
		if c.name == "config_env" {
			return atomOf("prod"), true
		}
	case "System":
		return e.system(c)
	case "timer":
		return timer(c)
	case "File":
		if c.name == "read!" && len(c.args) == 1 && c.args[0].kind == str {
			if f := e.p.Files.Named(path.Clean(c.args[0].text)); f != nil {
				return textOf(f.Text), true
			}
		}
	}
	return value{}, false
}

// timer turns a time into milliseconds: `:timer.hours(72)`.
func timer(c *call) (value, bool) {
	n, ok := c.arg(0).integer()
	if !ok {
		return value{}, false
	}
	switch c.name {
	case "seconds":
		return intOf(n * 1000), true
	case "minutes":
		return intOf(n * 60_000), true
	case "hours":
		return intOf(n * 3_600_000), true
	}
	return value{}, false
}

// system reads the environment, in which nothing is set; what a variable is compared with, it
// may be.
func (e *evaluator) system(c *call) (value, bool) {
	if c.name != "get_env" || len(c.args) == 0 {
		return value{}, false
	}
	e.outer.aside(c.span, "an environment variable is read, whose value is not known")
	v := c.arg(1)
	v.unset = true
	return v, true
}

func (e *evaluator) kernel(c *call) (value, bool) {
	if len(c.args) == 2 {
		if v, ok := operator(c.name, c.args[0], c.args[1]); ok {
			return v, true
		}
	}
	if len(c.args) == 0 {
		return value{}, false
	}
	a := c.args[0]
	switch c.name {
	case "!", "not":
		if truth, known := a.truth(); known {
			return boolOf(!truth), true
		}
	case "is_nil":
		return known(a, boolOf(a.isNil())), true
	case "is_atom":
		return known(a, boolOf(a.kind == atom || a.kind == module)), true
	case "is_binary":
		return known(a, boolOf(a.kind == str)), true
	case "is_list":
		return known(a, boolOf(a.kind == list)), true
	case "is_map":
		return known(a, boolOf(a.kind == mapping || a.kind == object)), true
	case "is_tuple":
		return known(a, boolOf(a.kind == tuple)), true
	case "is_integer":
		return known(a, boolOf(a.kind == number)), true
	case "to_string":
		return joined(str, c.args[:1]), true
	case "inspect":
		if s, ok := a.inspected(); ok {
			return textOf(s), true
		}
	case "elem":
		if n, ok := c.arg(1).integer(); ok && a.kind == tuple && n >= 0 && n < len(a.items) {
			return a.items[n], true
		}
	case "hd", "tl", "length", "tuple_size":
		return sequence(c.name, a)
	case "then", "tap":
		v := e.invoke(c.arg(1), []value{a}, c.span)
		if c.name == "tap" {
			v = a
		}
		return v, true
	case "apply":
		if args, ok := c.arg(1).elements(); ok && len(c.args) == 2 {
			return e.invoke(a, args, c.span), true
		}
	case "raise":
		e.raise()
		return value{}, true
	}
	return value{}, false
}

// known is v, unless a is not known.
func known(a, v value) value {
	if a.kind == unknown {
		return value{}
	}
	return v
}

func sequence(name string, a value) (value, bool) {
	if a.kind != list && a.kind != tuple {
		return value{}, false
	}
	switch name {
	case "length", "tuple_size":
		return intOf(len(a.items)), true
	case "hd":
		if len(a.items) > 0 {
			return a.items[0], true
		}
	case "tl":
		if len(a.items) > 0 {
			return listOf(a.items[1:]), true
		}
	}
	return value{}, false
}

// operator applies an operator of two operands.
func operator(name string, a, b value) (value, bool) {
	switch name {
	case "==", "===", "!=", "!==":
		same, known := equal(a, b)
		if known {
			return boolOf(same == (name[0] == '=')), true
		}
	case "<>":
		return joined(str, []value{a, b}), true
	case "++":
		if a.kind == list && b.kind == list && len(a.items)+len(b.items) <= maxItems {
			return listOf(slices.Concat(a.items, b.items)), true
		}
	case "--":
		if a.kind == list && b.kind == list {
			return without(a, b), true
		}
	case "in":
		if items, ok := b.elements(); ok && a.kind != unknown {
			return contains(items, a), true
		}
	case "<", ">", "<=", ">=", "+", "-", "*", "rem", "div":
		return arithmetic(name, a, b)
	}
	return value{}, false
}

func contains(items []value, a value) value {
	all := true
	for _, i := range items {
		same, known := equal(i, a)
		if same && known {
			return boolOf(true)
		}
		all = all && known
	}
	if !all {
		return value{}
	}
	return boolOf(false)
}

func without(a, b value) value {
	var out []value
	for _, i := range a.items {
		found := contains(b.items, i)
		if found.kind == unknown {
			return value{}
		}
		if found.text == "false" {
			out = append(out, i)
		}
	}
	return listOf(out)
}

func arithmetic(name string, a, b value) (value, bool) {
	x, ok1 := a.integer()
	y, ok2 := b.integer()
	if !ok1 || !ok2 {
		return value{}, false
	}
	switch name {
	case "<":
		return boolOf(x < y), true
	case ">":
		return boolOf(x > y), true
	case "<=":
		return boolOf(x <= y), true
	case ">=":
		return boolOf(x >= y), true
	case "+":
		return intOf(x + y), true
	case "-":
		return intOf(x - y), true
	case "*":
		return intOf(x * y), true
	}
	if y == 0 {
		return value{}, false
	}
	if name == "rem" {
		return intOf(x % y), true
	}
	return intOf(x / y), true
}

// enum applies a function of Enum to elements that are known; with others it
// calls the function once, perhaps.
func (e *evaluator) enum(c *call) (value, bool) {
	items, ok := c.arg(0).elements()
	if !ok {
		return value{}, false
	}
	fn := c.arg(len(c.args) - 1)
	each := func(v value) value { return e.invoke(fn, []value{v}, c.span) }
	switch c.name {
	case "each":
		for _, v := range items {
			each(v)
		}
		return atomOf("ok"), true
	case "map":
		if fn.kind != function {
			return value{}, false
		}
		out := make([]value, 0, len(items))
		for _, v := range items {
			out = append(out, each(v))
		}
		return listOf(out), true
	case "map_join":
		parts := make([]value, 0, len(items))
		for _, v := range items {
			parts = append(parts, each(v))
		}
		return joinBy(separator(c, len(c.args)-2), parts), true
	case "flat_map":
		return e.flatMap(items, each)
	case "filter", "reject", "any?", "all?", "find":
		return e.select_(c, items, each)
	case "reduce":
		if len(c.args) == 3 {
			acc := c.args[1]
			for _, v := range items {
				acc = e.invoke(fn, []value{v, acc}, c.span)
			}
			return acc, true
		}
	}
	return arrange(c, items)
}

func (e *evaluator) flatMap(items []value, each func(value) value) (value, bool) {
	var out []value
	for _, v := range items {
		more, ok := each(v).elements()
		if !ok || len(out)+len(more) > maxItems {
			return value{}, true
		}
		out = append(out, more...)
	}
	return listOf(out), true
}

// select_ applies a predicate.
func (e *evaluator) select_(c *call, items []value, each func(value) value) (value, bool) {
	var yes, no []value
	for _, v := range items {
		truth, known := v.truth()
		if len(c.args) > 1 {
			truth, known = each(v).truth()
		}
		switch {
		case !known:
			return value{}, true
		case truth:
			yes = append(yes, v)
		default:
			no = append(no, v)
		}
	}
	switch c.name {
	case "filter":
		return listOf(yes), true
	case "reject":
		return listOf(no), true
	case "any?":
		return boolOf(len(yes) > 0), true
	case "all?":
		return boolOf(len(no) == 0), true
	}
	if len(yes) > 0 {
		return yes[0], true
	}
	return null(), true
}

// arrange applies the functions of Enum that call nothing.
func arrange(c *call, items []value) (value, bool) {
	switch c.name {
	case "join":
		return join(c, items), true
	case "with_index":
		out := make([]value, len(items))
		for i, v := range items {
			out[i] = tupleOf(v, intOf(i))
		}
		return listOf(out), true
	case "concat":
		if len(c.args) == 2 {
			return operatorOr("++", c.args[0], c.args[1]), true
		}
		return concat(items), true
	case "to_list", "uniq", "sort":
		return listOf(items), c.name == "to_list"
	case "reverse":
		out := slices.Clone(items)
		slices.Reverse(out)
		return listOf(out), true
	case "count":
		if len(c.args) == 1 {
			return intOf(len(items)), true
		}
	case "member?":
		return contains(items, c.arg(1)), true
	case "empty?":
		return boolOf(len(items) == 0), true
	case "at":
		if n, ok := c.arg(1).integer(); ok && n >= 0 && n < len(items) {
			return items[n], true
		}
	case "into":
		return into(items, c.arg(1))
	case "zip":
		if other, ok := c.arg(1).elements(); ok {
			var out []value
			for i := range min(len(items), len(other)) {
				out = append(out, tupleOf(items[i], other[i]))
			}
			return listOf(out), true
		}
	}
	return value{}, false
}

func operatorOr(name string, a, b value) value {
	v, _ := operator(name, a, b)
	return v
}

func concat(items []value) value {
	var out []value
	for _, v := range items {
		more, ok := v.elements()
		if !ok || len(out)+len(more) > maxItems {
			return value{}
		}
		out = append(out, more...)
	}
	return listOf(out)
}

func into(items []value, to value) (value, bool) {
	switch to.kind {
	case list:
		return operatorOr("++", to, listOf(items)), true
	case mapping:
		for _, p := range listOf(items).pairs() {
			to = to.with(p[0], p[1])
		}
		return to, true
	}
	return value{}, false
}

func join(c *call, items []value) value { return joinBy(separator(c, 1), items) }

// separator is the argument of a join that stands between its parts.
func separator(c *call, i int) value {
	if i > 0 && i < len(c.args) {
		return c.args[i]
	}
	return textOf("")
}

func joinBy(sep value, items []value) value {
	parts := make([]value, 0, 2*len(items))
	for i, v := range items {
		if i > 0 {
			parts = append(parts, sep)
		}
		parts = append(parts, v)
	}
	return joined(str, parts)
}

// words applies functions of String, Atom, Integer, Path and List.
func words(c *call) (value, bool) {
	if len(c.args) == 0 {
		return value{}, false
	}
	a := c.args[0]
	if c.module == "List" {
		return lists(c.name, a)
	}
	s, ok := a.spelled()
	if !ok {
		return value{}, false
	}
	switch c.name {
	case "to_string":
		return textOf(s), true
	case "to_atom", "to_existing_atom":
		return atomOf(s), true
	case "to_integer":
		if n, err := strconv.Atoi(s); err == nil {
			return intOf(n), true
		}
	case "upcase":
		return textOf(strings.ToUpper(s)), true
	case "downcase":
		return textOf(strings.ToLower(s)), true
	case "trim":
		return textOf(strings.TrimSpace(s)), len(c.args) == 1
	case "capitalize":
		return textOf(capitalized(s)), true
	case "underscore":
		return textOf(underscored(s)), true
	case "join":
		if b, ok := c.arg(1).spelled(); ok && c.module == "Path" {
			return textOf(path.Join(s, b)), true
		}
	case "basename":
		return textOf(path.Base(s)), len(c.args) == 1
	case "expand":
		return textOf(path.Clean(s)), c.module == "Path" && len(c.args) == 1
	}
	return compared(c, s)
}

func compared(c *call, s string) (value, bool) {
	b := c.arg(1)
	if b.kind != str {
		return value{}, false
	}
	switch c.name {
	case "starts_with?":
		return boolOf(strings.HasPrefix(s, b.text)), true
	case "ends_with?":
		return boolOf(strings.HasSuffix(s, b.text)), true
	case "contains?":
		return boolOf(strings.Contains(s, b.text)), true
	case "trim_trailing":
		return textOf(strings.TrimRight(s, b.text)), true
	case "replace":
		if to := c.arg(2); to.kind == str && len(c.args) == 3 && len(s) < 1<<16 {
			return textOf(strings.ReplaceAll(s, b.text, to.text)), true
		}
	case "split":
		var out []value
		for _, p := range strings.SplitN(s, b.text, maxItems) {
			out = append(out, textOf(p))
		}
		return listOf(out), len(c.args) == 2
	}
	return value{}, false
}

func lists(name string, a value) (value, bool) {
	switch {
	case a.kind == unknown:
	case name == "wrap" && a.isNil():
		return listOf(nil), true
	case name == "wrap" && a.kind == list:
		return a, true
	case name == "wrap":
		return listOf([]value{a}), true
	case name == "flatten" && a.kind == list:
		return listOf(flattened(nil, a.items)), true
	case name == "first" && a.kind == list && len(a.items) > 0:
		return a.items[0], true
	case name == "last" && a.kind == list && len(a.items) > 0:
		return a.items[len(a.items)-1], true
	}
	return value{}, false
}

func flattened(out, items []value) []value {
	for _, v := range items {
		if v.kind == list {
			out = flattened(out, v.items)
		} else {
			out = append(out, v)
		}
	}
	return out
}

func capitalized(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + strings.ToLower(s[1:])
}

// underscored is `MyApp.RepoName` as `my_app/repo_name`.
func underscored(s string) string {
	parts := strings.Split(s, ".")
	for i := range parts {
		parts[i] = ir.Underscore(parts[i])
	}
	return strings.Join(parts, "/")
}

// dictionary applies functions of Keyword, Map and Access.
func dictionary(c *call) (value, bool) {
	if len(c.args) == 0 {
		return value{}, false
	}
	d := c.args[0]
	if d.kind != list && d.kind != mapping && d.kind != object {
		return value{}, false
	}
	key := c.arg(1)
	switch c.name {
	case "get", "fetch!":
		if v := d.get(key); !v.isNil() || len(c.args) < 3 {
			return v, true
		}
		return c.args[2], true
	case "has_key?":
		if key.kind == atom {
			return boolOf(d.has(key.text)), true
		}
	case "put":
		if d.kind == list {
			return merged(d, keyword([][2]value{{key, c.arg(2)}})), true
		}
		return d.with(key, c.arg(2)), true
	case "merge":
		if d.kind == list {
			return merged(d, key), true
		}
		for _, p := range key.pairs() {
			d = d.with(p[0], p[1])
		}
		return d, key.kind == mapping
	case "keys", "values":
		var keys, values []value
		for _, p := range d.pairs() {
			keys, values = append(keys, p[0]), append(values, p[1])
		}
		if c.name == "keys" {
			return listOf(keys), true
		}
		return listOf(values), true
	case "new":
		return into(d.items, value{kind: mapping})
	}
	return value{}, false
}
