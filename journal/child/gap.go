package child

import (
	"bytes"
	"slices"
	"strconv"
)

// Libsystemd follows several files at once as one sequence: what it finds behind
// the entry it gave last, it gives. Where journald writes an entry to one file and
// the next to another, and the reader notices the second file first, as happens
// when a rotation made both anew, the first entry lies before the place that
// the reader has come to, and is never given. Both readers of the journal do so.
// Read again from an earlier place on, with all files at hand, it comes.
//
// journald numbers the entries of all its files in one sequence, though the ids of
// their sequences may differ, and a cursor says the number. So what was passed
// over shows.

const (
	// mostPassed is how many gaps are taken as they are, at most, where it has
	// shown that reading again brings nothing.
	mostPassed = 256
	// sureRun is how many entries in a row without a gap make an end of that.
	sureRun = 1000
	// farBack is by how much a number must be smaller than the one before to
	// be of another sequence, whatever its id.
	farBack = 1 << 16
	// mostSequences is how many ids are told apart.
	mostSequences = 16
)

// gaps finds entries that a program passed over.
type gaps struct {
	sequences []string // ids that were seen, the latest first
	number    uint64   // the highest that was taken
	again     bool     // what is behind number is being read again
	vain      int      // how often in a row that brought nothing
	pass      int      // how many gaps are to be taken as they are
	run       int      // entries without a gap
}

// found looks at the cursor of the entry that comes next. It returns how many
// entries are missing before it, when reading again behind the one taken last is
// worth while; the entry is then not to be taken.
func (g *gaps) found(cursor []byte) uint64 {
	id, number, ok := place(cursor)
	if !ok {
		return 0
	}
	again := g.again
	if begins := g.see(id); begins && number <= g.number || number+farBack < g.number || g.number == 0 {
		g.number, g.again = number, false
		return 0
	}
	if number <= g.number+1 {
		if g.number = max(number, g.number); again {
			g.vain, g.pass = 0, 0
		}
		if g.run++; g.run >= sureRun {
			g.vain, g.pass, g.run = 0, 0, 0
		}
		g.again = false
		return 0
	}
	g.run = 0
	switch {
	case again:
		// Hidden from this user, or gone.
		g.vain++
		g.pass = min(1<<min(g.vain, 30), mostPassed)
	case g.pass > 0:
		g.pass--
	default:
		g.again = true
		return number - g.number - 1
	}
	g.number, g.again = number, false
	return 0
}

// see reports whether the id of a sequence comes for the first time.
func (g *gaps) see(id []byte) bool {
	i := slices.IndexFunc(g.sequences, func(s string) bool { return s == string(id) })
	switch {
	case i == 0:
		return false
	case i > 0:
		g.sequences = slices.Delete(g.sequences, i, i+1)
	case len(g.sequences) == mostSequences:
		g.sequences = g.sequences[:mostSequences-1]
	}
	g.sequences = slices.Insert(g.sequences, 0, string(id))
	return i < 0
}

// place reads the id of the sequence and the number from a cursor
// (sd_journal_get_cursor in sd-journal.c).
func place(cursor []byte) (id []byte, number uint64, ok bool) {
	id, rest, ok := bytes.Cut(cursor, []byte(";i="))
	if !ok || !bytes.HasPrefix(id, []byte("s=")) {
		return nil, 0, false
	}
	digits, _, _ := bytes.Cut(rest, []byte(";"))
	number, err := strconv.ParseUint(string(digits), 16, 64)
	return id, number, err == nil && number > 0
}
