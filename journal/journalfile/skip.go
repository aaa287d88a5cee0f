package journalfile

import (
	"slices"

	"roamfault/journal"
)

// The reasons why something was left out, or taken as found.
const (
	skipFile      = "journal file that could not be opened"
	skipRead      = "read error within a journal file"
	skipShort     = "journal file cut short: the rest of it"
	skipHeader    = "header of a journal file that contradicts its content"
	skipList      = "damaged list of entries, searched for them instead"
	skipStretch   = "damaged stretch of a journal file"
	skipIndex     = "damaged index of messages, read each entry instead"
	skipEntry     = "damaged journal entry"
	skipData      = "damaged field of a journal entry"
	skipChecksum  = "field that does not fit its checksum, taken as found"
	skipPacked    = "packed field that could not be unpacked"
	skipBudget    = "more field data than a journal file can hold: the rest of it"
	skipField     = "field longer than 64 KiB: the rest of it"
	skipNoMessage = "journal entry without a message"
	skipFiles     = "more journal files than are read at once"
)

// skipSum sums up skips by reason. There are few reasons, so it stays small.
type skipSum struct{ list []journal.Skip }

// add counts one skip at the entry of that number, bytes of it.
func (s *skipSum) add(reason string, bytes int64, entry int) {
	s.merge([]journal.Skip{{Reason: reason, Count: 1, Bytes: bytes, Line: entry}})
}

// merge adds other skips.
func (s *skipSum) merge(list []journal.Skip) {
	for _, k := range list {
		i := slices.IndexFunc(s.list, func(o journal.Skip) bool { return o.Reason == k.Reason })
		if i < 0 {
			s.list = append(s.list, k)
			continue
		}
		o := &s.list[i]
		o.Count += k.Count
		o.Bytes += k.Bytes
		o.Line = min(o.Line, k.Line)
	}
}
