// Package sourcetest holds the one conformance test that every source of
// records passes: the same records, whatever they are read from, come out whole,
// in order and alike, and filters, cursors, ends and damage mean the same.
package sourcetest
