package journalfile

import (
	"cmp"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// key is what entries are ordered by.
type key struct {
	seqnumID  id
	boot      id
	seqnum    uint64
	realtime  uint64 // microseconds since 1970
	monotonic uint64 // microseconds of the boot
	xor       uint64
}

// compare orders entries of any files: by sequence number where one journal
// counted both, by the monotonic clock within a boot, by the wall clock else.
func (k *key) compare(o *key) int {
	if k.seqnumID == o.seqnumID {
		if c := cmp.Compare(k.seqnum, o.seqnum); c != 0 {
			return c
		}
	}
	if k.boot == o.boot {
		if c := cmp.Compare(k.monotonic, o.monotonic); c != 0 {
			return c
		}
	}
	if c := cmp.Compare(k.realtime, o.realtime); c != 0 {
		return c
	}
	return cmp.Compare(k.xor, o.xor)
}

// entry is the head of an entry object.
type entry struct {
	key
	off    uint64
	size   uint64
	number int // which entry of its file, from 1
}

// The latest times that journald believes (VALID_REALTIME and VALID_MONOTONIC in
// journal-file.h).
const maxMicros = 1 << 55

// parseEntry reads the head of an entry; ok is false for what no writer writes.
func parseEntry(b []byte, f *file, off uint64) (e entry, ok bool) {
	h := parseObjectHead(b)
	if h.kind != objectEntry || !h.sound(f.size-off, f.head.compact()) {
		return entry{}, false
	}
	e = entry{
		key: key{
			seqnumID:  f.head.seqnumID,
			seqnum:    le64(b[16:]),
			realtime:  le64(b[24:]),
			monotonic: le64(b[32:]),
			boot:      id(b[40:56]),
			xor:       le64(b[56:]),
		},
		off: off, size: h.size,
	}
	ok = e.seqnum != 0 && e.realtime != 0 && e.realtime < maxMicros && e.monotonic < maxMicros && e.boot != id{}
	return e, ok
}

// errCursor: a cursor is not of the form that journals give.
var errCursor = errors.New("is no cursor (s=...;i=...;b=...;m=...;t=...;x=...)")

// appendCursor writes an entry's place in the form that journalctl shows and
// takes (sd_journal_get_cursor in sd-journal.c).
func (k *key) appendCursor(b []byte) []byte {
	b = hex.AppendEncode(append(b, "s="...), k.seqnumID[:])
	b = strconv.AppendUint(append(b, ";i="...), k.seqnum, 16)
	b = hex.AppendEncode(append(b, ";b="...), k.boot[:])
	b = strconv.AppendUint(append(b, ";m="...), k.monotonic, 16)
	b = strconv.AppendUint(append(b, ";t="...), k.realtime, 16)
	return strconv.AppendUint(append(b, ";x="...), k.xor, 16)
}

// parseCursor reads a cursor; all six parts must be there.
func parseCursor(s string) (key, error) {
	var k key
	have := 0
	for part := range strings.SplitSeq(s, ";") {
		name, v, _ := strings.Cut(part, "=")
		var err error
		switch name {
		case "s":
			err = parseID(&k.seqnumID, v)
		case "b":
			err = parseID(&k.boot, v)
		case "i":
			k.seqnum, err = strconv.ParseUint(v, 16, 64)
		case "m":
			k.monotonic, err = strconv.ParseUint(v, 16, 64)
		case "t":
			k.realtime, err = strconv.ParseUint(v, 16, 64)
		case "x":
			k.xor, err = strconv.ParseUint(v, 16, 64)
		default:
			continue
		}
		if err != nil {
			return key{}, fmt.Errorf("%q %w", s, errCursor)
		}
		have |= 1 << (name[0] - 'a')
	}
	const all = 1<<('s'-'a') | 1<<('i'-'a') | 1<<('b'-'a') | 1<<('m'-'a') | 1<<('t'-'a') | 1<<('x'-'a')
	if have != all {
		return key{}, fmt.Errorf("%q %w", s, errCursor)
	}
	return k, nil
}

func parseID(dst *id, s string) error {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(dst) {
		return errCursor
	}
	copy(dst[:], b)
	return nil
}
