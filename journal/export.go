package journal

import (
	"bytes"
	"encoding/binary"
)

// structured tells what stands at the reader's place, at the begin of a line:
// fmtExport, fmtJSON, or fmtBare for text.
func (rd *reader) structured() formatID {
	src := rd.src
	if src.open || src.off == rd.textAt {
		return fmtBare
	}
	if src.lo >= src.hi && !src.more() {
		return fmtBare
	}
	switch src.buf[src.lo] {
	case '_':
		for _, name := range [...]string{"__CURSOR=", "__REALTIME_TIMESTAMP=", "__MONOTONIC_TIMESTAMP=", "__SEQNUM="} {
			if src.begins(name) {
				return fmtExport
			}
		}
	case '{', 0x1e, 'd':
		if rd.beginsJSON() {
			return fmtJSON
		}
	}
	return fmtBare
}

// maxExportField bounds what one field of an export record may promise: as
// much as journald takes (DATA_SIZE_MAX in systemd's journal-importer).
const maxExportField = 768 << 20

// rawKeep is a copy of what a record was read from, as far as it is kept.
type rawKeep struct{ b []byte }

func (k *rawKeep) add(b []byte) {
	if n := min(len(b), maxLine-len(k.b)); n > 0 {
		k.b = append(k.b, b[:n]...)
	}
}

// export reads one record of the journal export format (systemd's
// JOURNAL_EXPORT_FORMATS): "NAME=value" lines, or a name alone, then the
// value's size in 64 bits, the value and a newline; an empty line ends it, and
// is the last thing that is waited for. A record that the reading's end cut off
// is dropped.
func (rd *reader) export() error {
	src := rd.src
	s, raw := &rd.fields, &rd.keep
	s.reset()
	raw.b = raw.b[:0]
	o := Origin{Line: src.num + 1, Offset: src.off}
	damaged, lied, whole, blank := false, false, false, 0
	for {
		b := rd.fieldLine()
		n := bytes.IndexByte(b, '\n')
		if len(b) == 0 || n == 0 {
			// The end of the record, or of the input.
			if n == 0 {
				src.skip(1)
				whole, blank = true, 1
			}
			break
		}
		if n < 0 {
			n = len(b)
		}
		if len(raw.b) > 0 && isRecordStart(b) {
			// The empty line was lost.
			whole = true
			break
		}
		name := fieldName(b[:n])
		if name > 0 && at(b[:n], name) == '=' {
			s.set(fieldOf(b[:name]), b[name+1:n])
			raw.add(b[:min(n+1, len(b))])
			src.skip(min(n+1, len(b)))
			if n == len(b) && len(b) >= maxRecord {
				// A text field longer than anything: drop its rest.
				s.cut += rd.dropLine()
			}
			continue
		}
		if name > 0 && name == n && n < len(b) {
			raw.add(b[:n+1])
			f := fieldOf(b[:name])
			src.skip(n + 1)
			if rd.binary(f) {
				continue
			}
			lied = true
		}
		damaged = true
		break
	}
	if !whole && src.calledOff() {
		rd.dropRest(o)
		return nil
	}
	if damaged {
		rd.skips.add(skipExport, max(src.num, o.Line))
	}
	rd.stats.Blank += blank
	o.Lines = max(1, src.lines()-o.Line+1-blank)
	if n := len(raw.b); n > 0 && raw.b[n-1] == '\n' {
		raw.b = raw.b[:n-1]
	}
	if err := rd.emitFields(s, fmtExport, raw.b, o); err != nil {
		return err
	}
	if lied {
		rd.resync()
	}
	return nil
}

// isRecordStart tells the field that every export record begins with.
func isRecordStart(b []byte) bool { return hasPrefix(b, "__CURSOR=") }

// fieldLine peeks at the next line, as much of it as maxRecord allows, and at
// whatever of the input is at hand behind it.
func (rd *reader) fieldLine() []byte {
	for seen := 0; ; {
		b := rd.src.peek(seen + 1)
		if len(b) <= seen || len(b) >= maxRecord || bytes.IndexByte(b[seen:], '\n') >= 0 {
			return b
		}
		seen = len(b)
	}
}

// dropLine drops input up to and with the next newline and returns its length.
func (rd *reader) dropLine() (dropped int64) {
	src := rd.src
	for {
		b := src.peek(1)
		if len(b) == 0 {
			return dropped
		}
		n := bytes.IndexByte(b, '\n')
		if n >= 0 {
			src.skip(n + 1)
			return dropped + int64(n) + 1
		}
		src.skip(len(b))
		dropped += int64(len(b))
	}
}

// dropRest drops what was read of a record that the reading's end cut off.
func (rd *reader) dropRest(o Origin) {
	src := rd.src
	src.skip(len(src.peek(0)))
	rd.skips.addBytes(SkipCalledOff, src.off-o.Offset, o.Line)
}

// binary reads the size and value of a field. It returns false, having taken
// as little as possible, where size and value do not fit.
func (rd *reader) binary(f field) bool {
	src := rd.src
	b := src.peek(8)
	if len(b) < 8 {
		return false
	}
	size := binary.LittleEndian.Uint64(b)
	if size > maxExportField {
		return false
	}
	rd.keep.add(b[:8])
	if size < maxRecord {
		// Small enough to see that a newline follows before believing it.
		n := int(size)
		b = src.peek(8 + n + 1)
		if len(b) < 8+n+1 || b[8+n] != '\n' {
			return false
		}
		rd.fields.set(f, b[8:8+n])
		rd.keep.add(b[8 : 8+n+1])
		src.skip(8 + n + 1)
		return true
	}
	src.skip(8)
	return rd.large(f, int64(size))
}

// large reads a value that is too large to be seen whole. Where another
// record begins within it, its size was a lie.
func (rd *reader) large(f field, size int64) bool {
	src := rd.src
	start := []byte("\n\n__CURSOR=")
	first := true
	for size > 0 {
		b := src.peek(int(min(chunkSize, size)))
		if len(b) == 0 {
			return false
		}
		n := int(min(int64(len(b)), size))
		if i := bytes.Index(b[:n], start); i >= 0 {
			src.skip(i + 1)
			return false
		}
		if int64(n) < size {
			// The start of a record may lie across the edge.
			n = max(1, n-len(start))
		}
		if first {
			rd.fields.set(f, b[:n])
			first = false
		} else if f != fieldNone && rd.fields.last == f {
			rd.fields.cut += int64(n)
		}
		rd.keep.add(b[:n])
		src.skip(n)
		size -= int64(n)
	}
	if b := src.peek(1); len(b) == 0 || b[0] != '\n' {
		return false
	}
	src.skip(1)
	return true
}

// resync drops what is left of a damaged record: lines up to an empty one, the
// next record, or a line of a text log.
func (rd *reader) resync() {
	src := rd.src
	var dropped int64
	line := src.num
	for {
		b := rd.fieldLine()
		n := bytes.IndexByte(b, '\n')
		if len(b) == 0 || n == 0 || isRecordStart(b) {
			break
		}
		if n < 0 {
			n = len(b)
		}
		if beginsDated(b[:min(n, 512)]) {
			break
		}
		dropped += rd.dropLine()
	}
	if dropped > 0 {
		rd.skips.addBytes(skipExportRest, dropped, line)
	}
}
