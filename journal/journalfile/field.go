package journalfile

import (
	"bytes"
	"math/bits"
	"slices"

	"roamfault/journal"
)

// field names the fields that records are made of (systemd.journal-fields(7)).
type field uint8

const (
	fieldOther   field = iota // of no use here
	fieldDamaged              // no data object, or its payload cannot be had
	fieldSourceRealtime
	fieldSourceMonotonic
	fieldMessage
	fieldPriority
	fieldIdentifier
	fieldComm
	fieldPID
	fieldSyslogPID
	fieldHost
	fieldTransport
	fieldDevice
	fieldCount
)

// fieldOf returns the field of a name.
func fieldOf(name []byte) field {
	switch string(name) {
	case "_SOURCE_REALTIME_TIMESTAMP":
		return fieldSourceRealtime
	case "_SOURCE_MONOTONIC_TIMESTAMP":
		return fieldSourceMonotonic
	case "MESSAGE":
		return fieldMessage
	case "PRIORITY":
		return fieldPriority
	case "SYSLOG_IDENTIFIER":
		return fieldIdentifier
	case "_COMM":
		return fieldComm
	case "_PID":
		return fieldPID
	case "SYSLOG_PID":
		return fieldSyslogPID
	case "_HOSTNAME":
		return fieldHost
	case "_TRANSPORT":
		return fieldTransport
	case "_KERNEL_DEVICE":
		return fieldDevice
	}
	return fieldOther
}

// numeric tells the fields that are read as numbers.
func (f field) numeric() bool { return f == fieldSourceRealtime || f == fieldSourceMonotonic }

// value is what is remembered of a data object.
type value struct {
	file  *file
	off   uint64
	field field
	hash  uint64 // of the payload, as the data object has it
	// num is the number of a numeric field, -1 where it is none.
	num int64
	// text is fit to be shown, raw is as found.
	text, raw string
	// cut is how many bytes of the value were left out, -1 for unknown many.
	cut int64
}

const (
	// maxKept is how long a value may be to be remembered for long; longer ones
	// have few places.
	maxKept = 512
	// shortBits and longBits are how many places there are at most, as powers
	// of 2.
	shortBits = 13
	longBits  = 5
)

// values remembers data objects, as most entries share most of theirs: at most
// 16 MiB of short ones and 8 MiB of long ones, since cleaning makes up to three
// bytes of one.
type values struct {
	short, long []value
	shift       int // makes a hash a place among the short ones
}

// newValues makes room for the fields of files of that size together.
func newValues(size uint64) values {
	n := min(shortBits, max(6, bits.Len64(size/256)))
	return values{make([]value, 1<<n), make([]value, 1<<longBits), 64 - n}
}

func (v *values) places(f *file, off uint64) (short, long *value) {
	h := (off/8 + uint64(f.index)*0x9e3779b97f4a7c15) * 0x9e3779b97f4a7c15
	return &v.short[h>>v.shift], &v.long[h>>(64-longBits)]
}

// value returns the field that a data object holds, valid until the next call.
func (s *session) value(f *file, off uint64, entry int) *value {
	short, long := s.values.places(f, off)
	if short.file == f && short.off == off {
		return short
	}
	if long.file == f && long.off == off {
		return long
	}
	v := s.load(f, off, entry)
	v.file, v.off = f, off
	if len(v.raw) > maxKept {
		*long = v
		return long
	}
	*short = v
	return short
}

// dataHead is the head of a data object.
type dataHead struct {
	objectHead
	hash     uint64
	entry    uint64
	array    uint64
	entries  uint64
	payload  uint64 // its offset
	nextHash uint64
	nextData uint64
}

// parseData reads the head of a data object. b begins with it.
func parseData(b []byte, f *file, off uint64) (d dataHead, ok bool) {
	d = dataHead{
		objectHead: parseObjectHead(b),
		hash:       le64(b[16:]),
		nextHash:   le64(b[24:]),
		nextData:   le64(b[32:]),
		entry:      le64(b[40:]),
		array:      le64(b[48:]),
		entries:    le64(b[56:]),
		payload:    off + dataHeadSize,
	}
	if f.head.compact() {
		d.payload += compactExtra
	}
	return d, d.kind == objectData && d.sound(f.size-off, f.head.compact())
}

// length is the size of the payload as it lies in the file.
func (d *dataHead) length(off uint64) uint64 { return d.size - (d.payload - off) }

// load reads a data object.
func (s *session) load(f *file, off uint64, entry int) value {
	damaged := value{field: fieldDamaged}
	if off%8 != 0 || off < minHeader || off > f.size-min(f.size, dataHeadSize) {
		return damaged
	}
	b := s.head[:]
	b = b[:s.pages.read(f, b, off)]
	if len(b) < dataHeadSize {
		return damaged
	}
	d, ok := parseData(b, f, off)
	if !ok {
		return damaged
	}
	length := d.length(off)
	head := int(d.payload - off)
	if uint64(len(b)) < min(uint64(head)+length, uint64(head)+8) {
		return damaged
	}
	if d.flags == 0 && uint64(len(b)-head) < length && fieldOf(fieldName(b[head:])) == fieldOther && !likeMessage(b[head:]) {
		// Not worth reading whole.
		return value{field: fieldOther, hash: d.hash}
	}
	p := b[head:]
	if uint64(len(p)) < length {
		limit := uint64(maxPayload)
		if d.flags != 0 {
			limit = maxPacked
		}
		limit = min(length, limit)
		s.payload = slices.Grow(s.payload[:0], int(limit))
		p = s.payload[:limit]
		p = p[:s.pages.read(f, p, d.payload)]
	} else {
		p = p[:length]
	}
	if !s.spend(f, len(p), entry) {
		return damaged
	}
	u := unpacked{p, int64(length)}
	if d.flags != 0 {
		var err error
		if u, err = s.unpacker.unpack(d.flags, p); err != nil {
			s.skips.add(skipPacked, 0, entry)
			if len(u.b) == 0 {
				return damaged
			}
		}
		if !s.spend(f, len(u.b), entry) {
			return damaged
		}
	}
	if u.size == int64(len(u.b)) && f.hash(u.b) != d.hash {
		s.skips.add(skipChecksum, 0, entry)
	}
	v := parseValue(u)
	v.hash = d.hash
	return v
}

// spend takes bytes of field data from what a file of that size may ask
// for; ok is false when it has had all.
func (s *session) spend(f *file, n, entry int) bool {
	if s.budgetOf != f {
		s.budgetOf, s.budget = f, s.budgets[f.index]
	}
	if s.budget < int64(n) {
		if s.budget >= 0 {
			s.skips.add(skipBudget, 0, entry)
			s.budget = -1
		}
		s.budgets[f.index] = s.budget
		return false
	}
	s.budget -= int64(n)
	s.budgets[f.index] = s.budget
	return true
}

// hash is the checksum of a payload in this file.
func (f *file) hash(p []byte) uint64 {
	if f.head.keyed() {
		return sipHash(f.head.fileID, p)
	}
	return lookup3(p)
}

// fieldName returns the name that a payload begins with, as far as one can be
// that is of use here.
func fieldName(p []byte) []byte {
	return p[:max(0, bytes.IndexByte(p[:min(len(p), 32)], '='))]
}

// parseValue splits a payload.
func parseValue(u unpacked) value {
	name := fieldName(u.b)
	v := value{field: fieldOf(name)}
	if v.field == fieldOther {
		return v
	}
	raw := u.b[len(name)+1:]
	if len(raw) > maxValue {
		raw = raw[:maxValue]
	}
	switch {
	case u.size < 0 && len(raw) == maxValue:
		v.cut = -1
	case u.size > int64(len(name)+1+len(raw)):
		v.cut = u.size - int64(len(name)+1+len(raw))
	}
	if v.field.numeric() {
		v.num = parseMicros(raw)
		return v
	}
	v.raw = string(raw)
	switch v.field {
	case fieldMessage:
		v.text = trimEnd(journal.Sanitize(v.raw, true))
	case fieldPID, fieldSyslogPID, fieldPriority, fieldTransport:
		v.text = v.raw
	default:
		v.text = journal.Sanitize(v.raw, false)
	}
	return v
}

// parseMicros reads a number of at most 18 digits, -1 for anything else.
func parseMicros(b []byte) int64 {
	if len(b) == 0 || len(b) > 18 {
		return -1
	}
	var n int64
	for _, c := range b {
		if c-'0' > 9 {
			return -1
		}
		n = n*10 + int64(c-'0')
	}
	return n
}

// messagePrefix is how the payload of a message begins.
const messagePrefix = "MESSAGE="

// likeMessage tells a payload of at least 8 bytes that begins as a message does,
// but for two bytes at most: the name of one may have been damaged.
func likeMessage(p []byte) bool {
	const name = uint64('M') | 'E'<<8 | 'S'<<16 | 'S'<<24 | 'A'<<32 | 'G'<<40 | 'E'<<48 | '='<<56
	x := le64(p) ^ name
	const low = 0x7f7f7f7f7f7f7f7f
	// Each byte that differs has its high bit set.
	return bits.OnesCount64(((x&low)+low|x)&^low) <= 2
}

// likeName tells a payload of at least 8 bytes that begins with bytes between '0'
// and '_', as names and most short values do.
func likeName(p []byte) bool {
	w := le64(p)
	return (w|(w+0x2020202020202020)|(w-0x3030303030303030))&0x8080808080808080 == 0
}
