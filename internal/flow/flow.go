// Package flow computes what functions do: the call graph by clause, effects
// bottom-up over its components, loops, and how values depend on parameters.
package flow

// Result is what the analyses found. It is read-only.
type Result struct{}
