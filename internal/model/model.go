// Package model holds what libraries do, as data: one pair LIBRARY.toml and
// LIBRARY.md for each library, and lists of the functions that modules export.
//
// What goes in: LIBRARY.toml with the entries, LIBRARY.md with their meaning and
// an example of each, exports/LIBRARY.txt with a line for each module ("!" marks
// a macro, "@" a callback), and what a project keeps in .assay/models/*.toml, in
// the same format. What comes out: a Set, which answers by module, name and
// arity, and never changes.
//
// Vocabulary is closed: an unknown key or word is an error that names the file,
// the line and the nearest known word. Two entries for one function are an error
// too. An Erlang module is named without its colon.
package model

// Effect is something a call does beyond computing its value.
type Effect uint32

// The effects. Their words in TOML are given behind each.
const (
	Query     Effect = 1 << iota // "query": reads from a database
	Write                        // "write": changes a database
	HTTP                         // "http": calls another service
	Mail                         // "mail": sends mail
	File                         // "file": touches the file system
	Sleep                        // "sleep": waits for a time
	ProcCall                     // "call": waits for another process
	ProcSend                     // "send": sends to another process without waiting
	Spawn                        // "spawn": starts a process
	RaiseErr                     // "raise": may raise by design (bang functions)
	Log                          // "log"
	Telemetry                    // "telemetry"
	Enqueue                      // "enqueue": puts a job on a queue
	Broadcast                    // "broadcast": publishes to subscribers
	Cache                        // "cache": reads a cache
	Exec                         // "exec": runs a program of the system
	Rollback                     // "rollback": gives up the transaction around it
)

// Library is one TOML file.
type Library struct {
	Name string // the file's name without .toml
	App  string `toml:"app"` // the dependency's name in mix.exs; "" for the language's own

	Use      map[string]*Use      `toml:"use"`
	Callback map[string]*Callback `toml:"callback"`
	Call     map[string]*Call     `toml:"call"`
}

// Use says what `use Module` does to the module that uses it.
type Use struct {
	Import  []string `toml:"import"`  // modules imported whole
	Inside  []string `toml:"inside"`  // modules imported in the blocks of its macros alone
	Alias   []string `toml:"alias"`   // modules aliased to their last segment
	Require []string `toml:"require"` //
	Use     []string `toml:"use"`     // modules used in turn
	// Behaves are the modules whose functions the using module then has, and
	// whose callbacks it implements. Without it: the used module itself.
	Behaves []string `toml:"behaves"`
	// Define are functions "name/arity" that the using module gets, with no
	// meaning beyond that they exist.
	Define []string `toml:"define"`
	// Attributes are module attributes that the macro sets, which then exist.
	Attributes []string `toml:"attributes"`
}

// Callback says who calls a function of a module that behaves like the named
// one. Key: "Module.function/arity"; "*" as the function is any public one.
type Callback struct {
	// Entry: "request", "socket", "job", "process", "boot", "task", "migrate", "seed", "test".
	Entry string `toml:"entry"`
	Name  string `toml:"name"` // for people: "LiveView event handler"
	// Untrusted are the 0-based parameters that hold what a client sent.
	Untrusted []int `toml:"untrusted"`
	// Fields limits Untrusted parameter to fields of it, when it is a record
	// that is itself trusted: "params" of a conn.
	Fields []string `toml:"fields"`
	// Parts are single fields of parameters that are trusted otherwise and are
	// not among Untrusted: "0.params".
	Parts []string `toml:"parts"`
}

// Call says what a call of a library function or macro does. Key:
// "Module.function/1,2" with every arity it holds for. Argument numbers are
// 0-based; the piped argument is 0.
type Call struct {
	Key     string   `toml:"-"`
	Effects Effect   `toml:"-"` // from Effect
	Effect  []string `toml:"effect"`

	// Fallible: the result may be {:error, _} or :error, and throwing it away hides a failure.
	Fallible bool `toml:"fallible"`
	// Gives is the shape of the result: "rows", "row", "groups" (of the elements of
	// Iterates), "count", "result" (ok/error
	// tuple), "value" (unknown), "chunks" (a list of batches), "stream", "changeset", "query", "multi", "pid".
	Gives string `toml:"gives"`
	// Returns lists what the result can be where Gives does not tell: "ok/2" is
	// {:ok, _}, "error:invalid" {:error, :invalid}, "error" the atom :error, "tuple/2" a pair of any kind; "list", "map",
	// "struct", "string", "number", "pid" and "any" are values of that kind; "run" is
	// what the function in Runs gives, "block" what the block of a macro gives. Of a
	// fallible call the first is success.
	Returns []string `toml:"returns"`
	// Makes is the word in the block of a macro whose first argument names a function
	// that the module gets; Returns then lists what such a function gives.
	Makes string `toml:"makes"`
	// Decides: a fallible write fails only by what its Query argument may hold: "changeset"
	// (a row or changeset; one of unknown origin may be refused) or "row" (one of
	// unknown origin is a row, which is never refused).
	Decides string `toml:"decides"`
	// Rejects says how a step of a changeset can make the write fail: "cast" (only by
	// values of a wrong type, or missing ones), "check" (by a rule about a value),
	// "constraint" (by other rows), "reference" (by a row that is not there).
	Rejects string `toml:"rejects"`
	// Query is the argument that is the query or row of a database call.
	Query *int `toml:"query"`

	// Asks says what a database call does with its Query argument: "all", "one"
	// (fails when there are more rows), "first" (one of many), "value" (a count and
	// the like), "reload", "preload", "insert", "update", "delete", "insert_all",
	// "update_all", "delete_all".
	Asks string `toml:"asks"`
	// Paged: no more rows come back than fit on a page.
	Paged bool `toml:"paged"`
	// By is the argument that holds columns with their values, PrimaryKey the one
	// with the value of the primary key, Loads the one with associations.
	By         *int `toml:"by"`
	PrimaryKey *int `toml:"primary_key"`
	Loads      *int `toml:"loads"`
	// Follows is the argument that names an association of argument 0; the result is
	// about the rows that it leads to.
	Follows *int `toml:"follows"`
	// Fills is the argument of a step of a changeset that names an association, or
	// holds fields with their values: those associations are there afterwards.
	Fills *int `toml:"fills"`

	// Keeps is the argument that the result is, or whose elements it holds;
	// Picks the one of which it is an element.
	Keeps *int `toml:"keeps"`
	Picks *int `toml:"picks"`
	// Passes is the argument that the functions in Runs are called with.
	// Accumulates is the argument that they are called with last, and then with
	// what they gave; the result is what they gave last.
	Passes      *int `toml:"passes"`
	Accumulates *int `toml:"accumulates"`
	// Collection is the argument that is gone through without a function.
	Collection *int `toml:"collection"`
	// Narrows: of the argument in Iterates or Collection few elements are left, or
	// one thing is learnt.
	Narrows bool `toml:"narrows"`

	// Iterates is the argument whose elements are passed, one at a time, to the
	// function in argument Runs, or as Expand says; Element is that function's parameter for it.
	Iterates *int `toml:"iterates"`
	Element  int  `toml:"element"`
	// Stops: it may stop before the last element.
	Stops bool `toml:"stops"`
	// Few: the result has a few elements, as the words of a text, what it matches, or
	// the days of a period.
	Few bool `toml:"few"`
	// Runs are arguments that are functions and are called: once, or for each
	// element when Iterates is set.
	Runs []int `toml:"runs"`
	// Transaction: what Runs names, or the steps in that argument, happen in one
	// database transaction.
	Transaction bool `toml:"transaction"`
	// Async: what Runs names runs in another process.
	Async bool `toml:"async"`
	// Rescues: what Runs names may raise, and the result, or what comes of it, says so.
	Rescues bool `toml:"rescues"`
	// Bounds: the result has at most a constant number of elements when the named argument is a constant.
	Bounds *int `toml:"bounds"`

	// Starts a process: "linked", "unlinked", "supervised", "awaited" (Task.async).
	Starts string `toml:"starts"`
	// Supervised is the function that starts the same process under a supervisor,
	// which it is given before the arguments of this one: "Module.function".
	Supervised string `toml:"supervised"`
	// Child is the function that starts a process of its own module, by its child
	// specification, under a supervisor that it is given first.
	Child string `toml:"child"`
	// Supervises is the argument that lists child specifications.
	Supervises *int `toml:"supervises"`

	// Sink: words of danger to the argument number: { atom = 0 }. Words: "atom",
	// "sql", "code", "command", "path", "url", "redirect", "html", "deserialise", "regex".
	Sink map[string]int `toml:"sink"`
	// Safer is a function of the same module that takes the same arguments and is no
	// danger, though it may refuse what this one takes.
	Safer string `toml:"safer"`
	// Source: where the result comes from, when it is not to be trusted:
	// "request", "http", "file", "stored".
	Source string `toml:"source"`
	// Clean: the result carries nothing dangerous from the arguments (a number, a boolean, a hash).
	Clean bool `toml:"clean"`
	// Signs: what a client keeps is signed or encrypted with the secret of the program, or read with it.
	Signs bool `toml:"signs"`
	// Filters: what a policy forbids is left out of the result, and not refused.
	Filters bool `toml:"filters"`
	// Content is the argument that the result is taken out of, when the others only
	// choose from it: a map, not its key.
	Content *int `toml:"content"`
	// Option: the entry holds only when a keyword argument has this value:
	// { arg = 1, key = "keys", value = ":atoms" }.
	Option *Option `toml:"option"`

	// Macro: arguments may hold names that the macro binds or functions that only
	// it understands (`from u in User`), so unknown names in them are no calls.
	Macro bool `toml:"macro"`
	// Entry: the functions in Runs are entries of this kind ("request" for a resolver).
	Entry     string `toml:"entry"`
	EntryName string `toml:"entry_name"`
	// Untrusted are parameters of those entries; below 0 they count from the end,
	// so -2 is the last but one.
	Untrusted []int `toml:"untrusted"`
	// Each is the parameter of such a function that is one object of a list, counted
	// from the end (below zero), if the function runs once for each.
	Each *int `toml:"each"`
	// Single is an option of the module, or of the call, that makes the row: with it
	// rows can only be written one at a time.
	Single string `toml:"single"`
	// Bulk: one call writes many rows.
	Bulk bool `toml:"bulk"`
	// Expand names what code knows of a macro, where its meaning needs code. Of a
	// schema or a resource it says what is declared: "schema_table",
	// "schema_embedded", "schema_field", "schema_embeds", "schema_timestamps",
	// "schema_belongs_to", "schema_has_one", "schema_has_many",
	// "schema_many_to_many"; sections: "resource_attributes",
	// "resource_relationships", "resource_storage", "resource_identities",
	// "resource_actions", "resource_policies", "resource_tenancy", and
	// "resource_extension", which adds attributes of its own. Of a step of a
	// changeset it says what the step is:
	// "changeset_cast", "changeset_requires", and the constraints of the database
	// that it claims: "changeset_unique", "changeset_foreign_key",
	// "changeset_assoc", "changeset_no_assoc", "changeset_check",
	// "changeset_exclusion". "row_build" and "row_put" make rows of an association.
	Expand string `toml:"expand"`
}

// Option is a keyword argument that makes a model entry hold.
type Option struct {
	Arg   int    `toml:"arg"`
	Key   string `toml:"key"`
	Value string `toml:"value"` // as written: ":atoms", "true"; "" is any
}
