package journalfile

import (
	"strconv"
	"time"

	"roamfault/journal"
)

// Format is the name under which journal files count in [journal.Stats].
const Format journal.Format = "journal-file"

// maxItems is how many fields of one entry are looked at. journald takes 1024
// from a program (ENTRY_FIELD_COUNT_MAX in journal-importer.h).
const maxItems = 8192

// The limits within which times make sense: the end of the year 9999, and the
// longest duration.
const (
	maxWall = 253402300800_000_000
	maxMono = 9_000_000_000_000_000
)

// fieldSet is the fields of one entry; the first value of a repeated one counts.
type fieldSet struct {
	v   [fieldCount]value
	has [fieldCount]bool
}

// collect reads the fields of an entry.
func (s *session) collect(f *file, e *entry) {
	set := &s.fields
	set.has = [fieldCount]bool{}
	width := uint64(16)
	if f.head.compact() {
		width = 4
	}
	n := (e.size - entryHeadSize) / width
	if n > maxItems {
		s.skips.add(skipEntry, 0, e.number)
		n = maxItems
	}
	var buf [1024]byte
	at := e.off + entryHeadSize
	for n > 0 {
		b := buf[:min(uint64(len(buf)), n*width)]
		got := s.pages.read(f, b, at)
		if uint64(got) < width {
			s.skips.add(skipEntry, 0, e.number)
			return
		}
		b = b[:uint64(got)/width*width]
		at += uint64(len(b))
		n -= uint64(len(b)) / width
		for ; len(b) > 0; b = b[width:] {
			off := uint64(le32(b))
			if width == 16 {
				off = le64(b)
			}
			v := s.value(f, off, e.number)
			if width == 16 && v.field != fieldDamaged && le64(b[8:]) != v.hash {
				s.skips.add(skipChecksum, 0, e.number)
			}
			switch {
			case v.field == fieldOther:
			case v.field == fieldDamaged:
				s.skips.add(skipData, 0, e.number)
			case !set.has[v.field]:
				set.has[v.field] = true
				set.v[v.field] = *v
				if v.cut != 0 {
					s.skips.add(skipField, max(v.cut, 0), e.number)
				}
			}
		}
	}
}

// text returns a field, empty where the entry has none.
func (set *fieldSet) text(f field) string {
	if !set.has[f] {
		return ""
	}
	return set.v[f].text
}

// identifier is the record's: what the program called itself, or was called.
func (set *fieldSet) identifier() string {
	switch {
	case set.has[fieldIdentifier] && set.v[fieldIdentifier].text != "":
		return set.v[fieldIdentifier].text
	case !set.has[fieldIdentifier] && set.text(fieldComm) != "":
		return set.v[fieldComm].text
	case set.text(fieldTransport) == "kernel":
		return "kernel"
	}
	return ""
}

// fill makes the record of an entry out of its fields.
func (s *session) fill(f *file, e *entry) {
	set, rec := &s.fields, &s.record
	*rec = journal.Record{
		Boot:       s.bootName(e.boot),
		Host:       set.text(fieldHost),
		Identifier: set.identifier(),
		Priority:   journal.PriorityUnknown,
		Device:     set.text(fieldDevice),
		Message:    set.text(fieldMessage),
		Count:      1,
		Origin:     journal.Origin{File: f.path, Line: e.number, Lines: 1, Offset: int64(e.off)},
	}
	if set.has[fieldMessage] {
		rec.Raw = set.v[fieldMessage].raw
	}
	s.cursor = e.appendCursor(s.cursor[:0])
	rec.Cursor = string(s.cursor)
	rec.Time = s.time(e)
	if p := set.text(fieldPriority); len(p) == 1 && p[0] >= '0' && p[0] <= '7' {
		rec.Priority = journal.Priority(p[0] - '0')
	}
	for _, k := range [...]field{fieldPID, fieldSyslogPID} {
		if n, err := strconv.Atoi(set.text(k)); err == nil && n > 0 && n < 1<<30 {
			rec.PID = n
			break
		}
	}
	switch set.text(fieldTransport) {
	case "kernel":
		rec.Transport = journal.TransportKernel
	case "syslog", "journal", "stdout":
		rec.Transport = journal.TransportSyslog
	}
}

// time is what the writer said, or when journald got it, as for an export of
// the same entry.
func (s *session) time(e *entry) journal.Time {
	set := &s.fields
	var t journal.Time
	wall := int64(e.realtime)
	if set.has[fieldSourceRealtime] {
		if v := set.v[fieldSourceRealtime].num; v >= 0 && v < maxWall {
			wall = v
		}
	}
	if wall < maxWall {
		t.Wall = time.UnixMicro(wall).UTC()
		t.Known = journal.KnownClock | journal.KnownDate | journal.KnownYear | journal.KnownZone
		t.Precision = time.Microsecond
	}
	mono := int64(e.monotonic)
	if set.has[fieldSourceMonotonic] {
		if v := set.v[fieldSourceMonotonic].num; v >= 0 && v <= maxMono {
			mono = v
		}
	}
	if mono <= maxMono {
		t.Mono, t.HasMono = time.Duration(mono)*time.Microsecond, true
	}
	return t
}

// bootName writes a boot id; most entries have that of the one before.
func (s *session) bootName(b id) string {
	if s.boot != b || s.bootText == "" {
		s.boot, s.bootText = b, b.String()
	}
	return s.bootText
}
