package journal

// Skip is what a reader left out of an input, summed up by reason.
type Skip struct {
	// Reason says in words what was left out and why.
	Reason string
	// Count is how often it happened.
	Count int
	// Bytes is how many bytes were left out, 0 where the reason does not count
	// bytes.
	Bytes int64
	// Line is the first line that it happened in.
	Line int
}

// The reasons.
const (
	skipLongLine   = "line longer than 64 KiB: the rest of it"
	skipNULBytes   = "NUL bytes"
	skipManyLines  = "record longer than 64 KiB: the rest of it"
	skipExport     = "damaged export record"
	skipExportRest = "rest of a damaged export record"
	skipField      = "field longer than 64 KiB: the rest of it"
	skipJSON       = "damaged JSON record"
	skipJSONLong   = "JSON record longer than 4 MiB"
	skipNoMessage  = "journal entry without a message"
	skipTruncated  = "compressed data cut off or damaged: the rest of it"
	skipWindow     = "compressed with too large a window (zstd over 128 MiB, xz over 64 MiB): the rest of it"
	skipOddUTF16   = "odd byte at the end of UTF-16 text"
	skipUnreadable = "read error: the rest of the input"
)

// skipList sums up skips. There are few reasons, so it stays small.
type skipList struct {
	list []Skip
}

func (l *skipList) add(reason string, line int) { l.addBytes(reason, 0, line) }

func (l *skipList) addBytes(reason string, n int64, line int) {
	for i := range l.list {
		if s := &l.list[i]; s.Reason == reason {
			s.Count++
			s.Bytes += n
			if line < s.Line {
				s.Line = line
			}
			return
		}
	}
	l.list = append(l.list, Skip{Reason: reason, Count: 1, Bytes: n, Line: line})
}

// SkipCalledOff is the reason for a record that had not come to its end when
// the context of the reading ended. A source that goes on behind the last whole
// record the next time has not lost it.
const SkipCalledOff = "record that was half read when the reading was called off"
