// Package analysis runs logs through the whole way: it reads one host's inputs,
// puts their records in order, matches them, builds incidents and hands all to
// a sink. It knows files and pipes, and no output format.
package analysis

import (
	"roamfault/journal"
)

// Summary is what there is to say about a whole analysis beside its events and
// incidents.
type Summary struct {
	Inputs []Input
	// Unmatched are records that look like Wi-Fi trouble and that no pattern
	// knows, grouped by their masked text, the most frequent first.
	Unmatched []Unmatched
	// UnmatchedMore is how many groups were not kept.
	UnmatchedMore int
	// Late is how many records stood so far from their place in time that
	// they were taken as found.
	Late int
	// Interrupted tells that the analysis was stopped before the end of the
	// inputs.
	Interrupted bool
}

// Input is one file or pipe and what was read of it.
type Input struct {
	Path string
	// Err tells why the input could not be read, or not to its end.
	Err error
	journal.Stats
}

// Unmatched is a group of records with the same masked text.
type Unmatched struct {
	Template   string // numbers and addresses replaced by #
	Example    string // the first such message
	Identifier string
	File       string // where the first stands
	Line       int
	Count      int
}
