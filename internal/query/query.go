// Package query finds out what the program asks its databases: for each call
// that reaches one, the table, the columns that it is filtered, ordered and
// joined by, and what is loaded with the rows.
package query
