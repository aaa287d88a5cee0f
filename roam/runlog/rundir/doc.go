// Package rundir is where runs lie: a directory for each, in one root directory
// of the user who asked for them. In it is run.jsonl, which one process at a time
// may write.
package rundir

import "errors"

// FileName is the name of a run's file in its directory.
const FileName = "run.jsonl"

// Modes of what is made: runs hold names and addresses of networks.
const (
	dirMode  = 0o700
	fileMode = 0o600
)

// Why a run cannot be opened. They come wrapped.
var (
	ErrLocked = errors.New("another process has it")
	ErrName   = errors.New("it is no name of a run: letters, digits, - and . are wanted, at most 64, a letter or digit first")
)

// checkID refuses what is no plain name.
func checkID(id string) error {
	if id == "" || len(id) > 64 {
		return ErrName
	}
	for i := range len(id) {
		c := id[i]
		plain := c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !plain && (i == 0 || c != '-' && c != '.') {
			return ErrName
		}
	}
	return nil
}
