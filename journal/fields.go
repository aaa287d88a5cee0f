package journal

import (
	"strconv"
	"time"
)

// fieldSet holds the fields of one journal entry that a record is made of
// (systemd.journal-fields(7)), wherever they came from: export, JSON, verbose.
type fieldSet struct {
	val [fieldCount][]byte
	has [fieldCount]bool
	// last is the field that a further line of a verbose entry goes on
	// with.
	last field
	// cut is how many bytes were left out of fields.
	cut int64
}

type field uint8

const (
	fieldNone field = iota
	fieldCursor
	fieldRealtime
	fieldMonotonic
	fieldBoot
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

// fieldOf returns the field of a name, fieldNone for those of no use here.
func fieldOf(name []byte) field {
	switch string(name) {
	case "__CURSOR":
		return fieldCursor
	case "__REALTIME_TIMESTAMP":
		return fieldRealtime
	case "__MONOTONIC_TIMESTAMP":
		return fieldMonotonic
	case "_BOOT_ID":
		return fieldBoot
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
	return fieldNone
}

func (s *fieldSet) reset() {
	for i := range s.val {
		s.val[i] = s.val[i][:0]
	}
	s.has = [fieldCount]bool{}
	s.last, s.cut = fieldNone, 0
}

// set takes a field over; the first value of a repeated field counts.
func (s *fieldSet) set(f field, v []byte) {
	s.last = fieldNone
	if f == fieldNone || s.has[f] {
		return
	}
	s.last = f
	s.has[f] = true
	s.val[f] = s.val[f][:0]
	s.append(f, v)
}

// append adds to a field, up to maxLine.
func (s *fieldSet) append(f field, v []byte) {
	n := min(len(v), maxLine-len(s.val[f]))
	s.val[f] = append(s.val[f], v[:n]...)
	s.cut += int64(len(v) - n)
}

// verboseLine takes one line of a verbose entry: "NAME=value", or more of
// the value before.
func (s *fieldSet) verboseLine(b []byte) {
	if n := fieldName(b); n > 0 && at(b, n) == '=' {
		s.set(fieldOf(b[:n]), b[n+1:])
		return
	}
	if s.last != fieldNone {
		s.append(s.last, []byte{'\n'})
		s.append(s.last, b)
	}
}

// fieldName returns the length of the field name at the begin of b.
func fieldName(b []byte) int {
	i := 0
	for i < len(b) && i <= 64 && (isUpper(b[i]) || b[i] == '_' || isDigit(b[i]) && i > 0) {
		i++
	}
	if i > 64 {
		return 0
	}
	return i
}

// micros reads a field of microseconds.
func (s *fieldSet) micros(f field) (time.Duration, bool) {
	b := s.val[f]
	v, n, ok := scanInt(b, 0, 18)
	if !ok || n != len(b) || v > 9_000_000_000_000_000 {
		return 0, false
	}
	return time.Duration(v) * time.Microsecond, true
}

// wallMicros returns a time that a field holds; unlike a duration it may lie
// as far off as year 9999.
func (s *fieldSet) wallMicros(f field) (time.Time, bool) {
	b := s.val[f]
	v, n, ok := scanInt(b, 0, 18)
	const year9999 = 253402300800_000_000
	if !ok || n != len(b) || v >= year9999 {
		return time.Time{}, false
	}
	return time.UnixMicro(v).UTC(), true
}

// fill makes a record of the fields. ok is false for an entry without a
// message.
func (s *fieldSet) fill(rec *Record) (ok bool) {
	rec.Priority = PriorityUnknown
	rec.Count = 1
	if t, ok := s.wallMicros(fieldSourceRealtime); ok {
		rec.Time.Wall = t
	} else if t, ok := s.wallMicros(fieldRealtime); ok {
		rec.Time.Wall = t
	}
	if !rec.Time.Wall.IsZero() {
		rec.Time.Known = KnownClock | KnownDate | KnownYear | KnownZone
		rec.Time.Precision = time.Microsecond
	}
	if d, ok := s.micros(fieldSourceMonotonic); ok {
		rec.Time.Mono, rec.Time.HasMono = d, true
	} else if d, ok := s.micros(fieldMonotonic); ok {
		rec.Time.Mono, rec.Time.HasMono = d, true
	}
	if p := s.val[fieldPriority]; len(p) == 1 && p[0] >= '0' && p[0] <= '7' {
		rec.Priority = Priority(p[0] - '0')
	}
	rec.Boot = sanitize(s.val[fieldBoot])
	rec.Host = sanitize(s.val[fieldHost])
	rec.Device = sanitize(s.val[fieldDevice])
	rec.Cursor = sanitize(s.val[fieldCursor])
	rec.Identifier = sanitize(s.val[fieldIdentifier])
	if !s.has[fieldIdentifier] {
		rec.Identifier = sanitize(s.val[fieldComm])
	}
	for _, f := range []field{fieldPID, fieldSyslogPID} {
		if n, err := strconv.Atoi(string(s.val[f])); err == nil && n > 0 && n < 1<<30 {
			rec.PID = n
			break
		}
	}
	switch string(s.val[fieldTransport]) {
	case "kernel":
		rec.Transport = TransportKernel
		if rec.Identifier == "" {
			rec.Identifier = "kernel"
		}
	case "syslog", "journal", "stdout":
		rec.Transport = TransportSyslog
	}
	if !s.has[fieldMessage] {
		return false
	}
	msg := s.val[fieldMessage]
	if !isClean(msg) {
		msg = appendSane(nil, msg, true)
	}
	for len(msg) > 0 && (isSpace(msg[len(msg)-1]) || msg[len(msg)-1] == '\n') {
		msg = msg[:len(msg)-1]
	}
	rec.Message = string(msg)
	return true
}

// emitFields makes the record of a structured entry and hands it out. raw is
// bounded by the caller.
func (rd *reader) emitFields(s *fieldSet, f formatID, raw []byte, o Origin) error {
	rec := &rd.rec
	*rec = Record{Origin: o}
	rec.Origin.File = rd.opt.File
	if s.cut > 0 {
		rd.skips.addBytes(skipField, s.cut, o.Line)
	}
	if !s.fill(rec) {
		rd.skips.add(skipNoMessage, o.Line)
		return nil
	}
	rec.Raw = string(raw)
	return rd.hand(f)
}
