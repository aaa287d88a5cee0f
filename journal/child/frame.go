package child

import (
	"bytes"
	"encoding/binary"
	"strings"
)

const (
	// maxField is how much of a field is kept: one byte more than readers of
	// records take, so that they see that it was longer.
	maxField = 64<<10 + 1
	// maxOther is the size from which on a record keeps only the fields
	// that records are made of, maxRecord that from which on none.
	maxOther  = 1 << 20
	maxRecord = 4 << 20
	// maxPromise is the largest value that journald takes (DATA_SIZE_MAX in
	// systemd's journal-importer).
	maxPromise = 768 << 20
	// maxName is the longest field name (systemd's journal_field_valid).
	maxName = 64
	// maxCursor bounds a cursor; they have about 130 bytes.
	maxCursor = longText - 1
	// longText is the size from which on a text field is passed on in binary
	// form; with its name it must be shorter than padding.
	longText = 256
)

// framer cuts an export stream into whole records: what a program wrote of a
// record before it died is never taken for the record.
type framer struct {
	in     []byte
	rec    []byte
	cursor []byte
	state  frameState
	seen   int  // bytes of in that were searched for a newline
	left   int  // bytes of a value that are still to come
	keep   int  // of these, how many are kept
	wide   bool // the field at hand goes into the record
	// damaged counts what did not fit the format, longer what exceeded
	// maxRecord.
	damaged, longer int
	lost            bool // bytes were left out of rec for its size
	// whole takes a record; it is valid during the call.
	whole func(cursor, rec []byte)
}

type frameState uint8

const (
	atLine    frameState = iota // a field or the end of a record follows
	inText                      // within the rest of a long text field
	inDamage                    // the same of a line that is no part of a record
	atSize                      // the size of a binary value follows
	inValue                     // within a binary value
	atEnd                       // the newline behind a binary value follows
	resyncing                   // behind damage, up to the next record
)

// reset forgets a record that is not whole.
func (f *framer) reset() {
	f.in, f.seen, f.state = f.in[:0], 0, atLine
	f.begin()
}

func (f *framer) begin() {
	f.rec, f.cursor, f.lost = f.rec[:0], f.cursor[:0], false
}

// partial tells whether the stream stands within a record.
func (f *framer) partial() bool {
	return len(f.in) > 0 || len(f.rec) > 0 || f.state != atLine
}

// feed takes the next bytes of the stream.
func (f *framer) feed(b []byte) {
	f.in = append(f.in, b...)
	at := 0
	for {
		n, more := f.step(f.in[at:])
		at += n
		if !more {
			break
		}
	}
	f.in = f.in[:copy(f.in, f.in[at:])]
}

// step takes the next thing from the front of b. more is false when it needs
// more bytes.
func (f *framer) step(b []byte) (n int, more bool) {
	if len(b) == 0 {
		return 0, false
	}
	switch f.state {
	case atLine:
		return f.line(b)
	case inText, inDamage:
		return f.drop(b)
	case resyncing:
		return f.resync(b)
	case atSize:
		if len(b) < 8 {
			return 0, false
		}
		size := binary.LittleEndian.Uint64(b)
		if size > maxPromise {
			f.damage()
			return 8, true
		}
		f.left, f.keep, f.state = int(size), min(int(size), maxField), inValue
		if f.wide {
			f.rec = binary.LittleEndian.AppendUint64(f.rec, uint64(f.keep))
		}
		if f.left == 0 {
			f.state = atEnd
		}
		return 8, true
	case inValue:
		n = min(len(b), f.left)
		if k := min(n, f.keep); k > 0 {
			if f.wide {
				f.rec = append(f.rec, b[:k]...)
			}
			f.keep -= k
		}
		if f.left -= n; f.left == 0 {
			f.state = atEnd
		}
		return n, true
	}
	// atEnd
	if b[0] != '\n' {
		f.damage()
		return 0, true
	}
	if f.wide {
		f.rec = append(f.rec, '\n')
	}
	f.state = atLine
	return 1, true
}

// line takes a line: a text field, the name of a binary one, the empty line
// behind a record.
func (f *framer) line(b []byte) (n int, more bool) {
	if n = bytes.IndexByte(b[f.seen:], '\n'); n >= 0 {
		n += f.seen
	}
	if n < 0 && len(b) <= maxName+1+maxField {
		f.seen = len(b)
		return 0, false
	}
	f.seen = 0
	switch {
	case n == 0:
		f.end()
		return 1, true
	case n < 0:
		n = len(b)
	}
	l := b[:n]
	name := nameLen(l)
	isCursor := string(l[:name]) == "__CURSOR"
	if name == 0 || name < n && l[name] != '=' || isCursor && (name == n || n > name+1+maxCursor) {
		if bytes.HasPrefix(l, []byte("-- ")) {
			// A word of journalctl's to people: no entries, a rotation.
			return f.after(b, n)
		}
		// The line goes, too: seen again it would be damage again.
		f.damage()
		f.state = inDamage
		return 0, true
	}
	if isCursor {
		if len(f.rec) > 0 {
			// The empty line was lost.
			f.damaged++
			f.end()
		}
		f.cursor = append(f.cursor[:0], l[name+1:]...)
	} else if len(f.rec) == 0 {
		// Where a record without cursor stands nobody knows.
		f.damage()
		f.state = inDamage
		return 0, true
	}
	f.wide = f.takes(l[:name])
	if name == n && n < len(b) {
		if f.wide {
			f.rec = append(f.rec, b[:n+1]...)
		}
		f.state = atSize
		return n + 1, true
	}
	if f.wide {
		f.text(l[:name], l[min(n, name+1):min(n, name+1+maxField)])
	}
	return f.after(b, n)
}

// text adds a text field. A long one takes the binary form, whose end is known
// without looking beyond it: that the record behind it is whole need not wait
// for the next one.
func (f *framer) text(name, value []byte) {
	f.rec = append(f.rec, name...)
	if len(value) < longText {
		f.rec = append(append(append(f.rec, '='), value...), '\n')
		return
	}
	f.rec = append(f.rec, '\n')
	f.rec = binary.LittleEndian.AppendUint64(f.rec, uint64(len(value)))
	f.rec = append(append(f.rec, value...), '\n')
}

// after steps over a line of n bytes and its newline, or into it where the
// newline is still to come.
func (f *framer) after(b []byte, n int) (int, bool) {
	if n == len(b) {
		f.state = inText
		return n, true
	}
	return n + 1, true
}

// takes tells whether the record at hand still takes a field.
func (f *framer) takes(name []byte) bool {
	switch {
	case len(f.rec) < maxOther, len(f.rec) < maxRecord && needed(name):
		return true
	case !f.lost:
		f.lost = true
		f.longer++
	}
	return false
}

// needed tells the fields that records are made of.
func needed(name []byte) bool {
	switch string(name) {
	case "__CURSOR", "__REALTIME_TIMESTAMP", "__MONOTONIC_TIMESTAMP", "_BOOT_ID", "_SOURCE_REALTIME_TIMESTAMP",
		"_SOURCE_MONOTONIC_TIMESTAMP", "MESSAGE", "PRIORITY", "SYSLOG_IDENTIFIER", "_COMM", "_PID", "SYSLOG_PID",
		"_HOSTNAME", "_TRANSPORT", "_KERNEL_DEVICE":
		return true
	}
	return false
}

// drop takes the rest of a line that is not kept.
func (f *framer) drop(b []byte) (n int, more bool) {
	n = bytes.IndexByte(b, '\n')
	if n < 0 {
		return len(b), true
	}
	if f.state == inText {
		f.state = atLine
	} else {
		f.state = resyncing
	}
	return n + 1, true
}

// resync takes the lines behind damage, up to an empty one or the next record.
func (f *framer) resync(b []byte) (n int, more bool) {
	const start = "__CURSOR="
	switch {
	case b[0] == '\n':
		f.state = atLine
		return 1, true
	case bytes.HasPrefix(b, []byte(start)):
		f.state = atLine
		return 0, true
	case strings.HasPrefix(start, string(b[:min(len(b), len(start))])):
		return 0, false
	}
	f.state = inDamage
	return 0, true
}

// damage gives up the record at hand.
func (f *framer) damage() {
	f.damaged++
	f.begin()
	f.state = resyncing
}

// end hands a record out.
func (f *framer) end() {
	if len(f.rec) > 0 {
		f.rec = append(f.rec, '\n')
		f.whole(f.cursor, f.rec)
	}
	f.begin()
}

// nameLen returns the length of the field name at the begin of a line.
func nameLen(b []byte) int {
	i := 0
	for i < len(b) && i <= maxName && (b[i]-'A' < 26 || b[i] == '_' || b[i]-'0' < 10 && i > 0) {
		i++
	}
	if i > maxName {
		return 0
	}
	return i
}
