package sql

// A class says where a word of PostgreSQL may stand as a name.
type class uint8

const (
	free     class = iota // may name anything
	colName               // may name a column or a table, not a function
	typeFunc              // may name a type or a function, not a column
	reserved              // names nothing without quotes or AS
)

// A keyword is a word that the lexer knows in every case without building it.
type keyword struct {
	text  string
	class class
}

// The classes of PostgreSQL's kwlist.h. A free word stands in the list so that
// dumps, which write keywords in upper case, are read without allocation.
const (
	reservedWords = `all analyse analyze and any array as asc asymmetric both case cast check collate
		column constraint create current_catalog current_date current_role current_time current_timestamp
		current_user default deferrable desc distinct do else end except false fetch for foreign from grant
		group having in initially intersect into lateral leading limit localtime localtimestamp not null
		offset on only or order placing primary references returning select session_user some symmetric
		system_user table then to trailing true union unique user using variadic when where window with`
	typeFuncWords = `authorization binary collation concurrently cross current_schema freeze full ilike
		inner is isnull join left like natural notnull outer overlaps right similar tablesample verbose`
	colNameWords = `between bigint bit boolean char character coalesce dec decimal exists extract float
		greatest grouping inout int integer interval json json_array json_arrayagg json_exists json_object
		json_objectagg json_query json_scalar json_serialize json_table json_value least merge_action
		national nchar none normalize nullif numeric out overlay position precision real row setof smallint
		substring time timestamp treat trim values varchar xmlattributes xmlconcat xmlelement xmlexists
		xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable`
	freeWords = `action add after alter always at atomic attach attribute before begin by cache cascade
		comment commit conflict copy cycle data declare delete detach disable domain double drop each enable
		enum escape exclude execute exists extension filter first force function generated global id identity
		if immutable include increment index inherit inherits insert key language last level local lock
		logged materialized maxvalue merge minvalue name no nothing nulls of off operator option over owned
		owner partition policy procedure public recursive refresh rename replace replica restart restrict
		returns role rule schema security sequence serial set show start statistics stdin storage stored
		tablespace temp temporary text trigger truncate type unlogged update use validate value varying view
		volatile within without year zone uuid jsonb timestamptz begin rollback`
	// No alias without AS may be one of these.
	labelWords = `array as char character create day except fetch filter for from grant group having hour
		intersect into isnull limit minute month national nchar notnull offset on order over overlaps
		precision returning second to union varying where window with within without year`
)

var (
	keywords = keywordTable()
	noLabel  = wordSet(labelWords)
)
