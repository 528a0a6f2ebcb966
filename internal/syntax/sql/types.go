package sql

import "strings"

// typeNames are the other spellings of built-in types, and those that have
// only one word, by the name that format_type prints.
var typeNames = map[string]string{
	"int": "integer", "int4": "integer", "integer": "integer",
	"int2": "smallint", "smallint": "smallint",
	"int8": "bigint", "bigint": "bigint",
	"serial4": "serial", "serial8": "bigserial", "serial2": "smallserial",
	"bool": "boolean", "float4": "real", "float8": "double precision",
	"dec": "numeric", "decimal": "numeric", "varchar": "character varying",
	"char": "character", "nchar": "character", "varbit": "bit varying",
	"timestamptz": "timestamp with time zone", "timestamp": "timestamp without time zone",
	"timetz": "time with time zone", "time": "time without time zone",
}

// typeName reads a type and returns it as format_type prints it.
func (p *parser) typeName() string {
	p.accept("setof")
	name := p.baseType()
	array := false
	for p.failed == nil {
		switch {
		case p.accept("["):
			if p.tok().kind == numberToken {
				p.advance()
			}
			p.expect("]")
		case p.accept("array"):
		default:
			if array {
				return name + "[]"
			}
			return name
		}
		array = true
	}
	return name
}

func (p *parser) baseType() string {
	t := p.tok()
	if t.kind == quotedToken || t.is("pg_catalog") || p.ahead(1).is(".") {
		return p.qualifiedType()
	}
	switch t.word {
	case "double":
		if p.ahead(1).is("precision") {
			p.pos += 2
			return "double precision"
		}
	case "timestamp", "time", "timestamptz", "timetz":
		return p.timeType()
	case "interval":
		return p.intervalType()
	case "character", "char", "nchar", "national", "varchar", "bpchar":
		return p.characterType()
	case "bit", "varbit":
		return p.bitType()
	case "float":
		return p.floatType()
	}
	if !p.atName(typeFunc) {
		p.unexpected()
		return ""
	}
	return p.namedType(p.advance().word)
}

// qualifiedType reads "t", s.t, s."t"; those of pg_catalog go without it.
func (p *parser) qualifiedType() string {
	if p.at("pg_catalog") && p.ahead(1).is(".") {
		p.pos += 2
		if w := p.tok(); w.kind == wordToken {
			return p.baseType()
		}
		return Quote(p.label()) + p.typeMods()
	}
	n := p.name()
	if p.accept("%", "type") {
		return n.String() + "%type"
	}
	return n.String() + p.typeMods()
}

func (p *parser) namedType(word string) string {
	if known, ok := typeNames[word]; ok {
		return known + p.typeMods()
	}
	if word == "numeric" || keywords[word].class == colName {
		return word + p.typeMods()
	}
	return Quote(word) + p.typeMods()
}

// typeMods reads (255), (10,2), (geometry, 4326).
func (p *parser) typeMods() string {
	if !p.at("(") {
		return ""
	}
	var b strings.Builder
	for !p.atEnd() {
		t := p.advance()
		b.WriteString(p.text[t.start:t.end])
		if t.is(")") {
			return b.String()
		}
	}
	p.unexpected()
	return ""
}

// timeType reads timestamp (3) with time zone.
func (p *parser) timeType() string {
	word := p.advance().word
	base, zone := strings.TrimSuffix(word, "tz"), strings.HasSuffix(word, "tz")
	mods := p.typeMods()
	if p.accept("with", "time", "zone") {
		zone = true
	} else {
		p.accept("without", "time", "zone")
	}
	if zone {
		return base + mods + " with time zone"
	}
	return base + mods + " without time zone"
}

// intervalType reads interval day to second (3).
func (p *parser) intervalType() string {
	p.advance()
	out := "interval"
	for p.atAny("year", "month", "day", "hour", "minute", "second", "to") {
		out += " " + p.advance().word
	}
	return out + p.typeMods()
}

func (p *parser) characterType() string {
	first := p.advance().word
	if first == "national" {
		first = p.acceptAny("character", "char")
	}
	varying := p.accept("varying")
	mods := p.typeMods()
	if p.accept("character", "set") {
		p.label()
	}
	switch {
	case varying || first == "varchar":
		return "character varying" + mods
	case mods == "" && first == "bpchar":
		return "bpchar"
	case mods == "":
		return "character(1)"
	}
	return "character" + mods
}

func (p *parser) bitType() string {
	word := p.advance().word
	varying := p.accept("varying") || word == "varbit"
	mods := p.typeMods()
	switch {
	case varying:
		return "bit varying" + mods
	case mods == "":
		return "bit(1)"
	}
	return "bit" + mods
}

// floatType reads float(24), which is real, and float(25), which is not.
func (p *parser) floatType() string {
	p.advance()
	mods := strings.Trim(p.typeMods(), "()")
	if mods == "" || len(mods) == 2 && mods > "24" {
		return "double precision"
	}
	return "real"
}
