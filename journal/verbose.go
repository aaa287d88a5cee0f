package journal

import (
	"bytes"
	"strconv"
)

// emitVerbose makes a record of journalctl -o verbose: what the head's cursor
// tells, then the fields.
func (rd *reader) emitVerbose(pd *pending) error {
	s := pd.fields
	if !s.has[fieldCursor] {
		s.cursor(pd.text)
	}
	if !s.has[fieldMessage] && len(pd.raws) == 1 {
		// A head alone, as a paste may end: keep it as a line.
		s.set(fieldMessage, pd.text)
	}
	raw := pd.raw()
	if len(raw) > maxLine {
		raw = raw[:maxLine]
	}
	return rd.emitFields(s, fmtVerbose, []byte(raw), Origin{Line: pd.line, Lines: pd.lines, Offset: pd.off})
}

// cursor reads "[s=...;i=...;b=...;m=...;t=...;x=...]": b is the boot id, m
// the monotonic and t the wall-clock time in hexadecimal microseconds.
func (s *fieldSet) cursor(head []byte) {
	i := bytes.Index(head, []byte("[s="))
	if i < 0 {
		return
	}
	c := bytes.TrimSuffix(trimRight(head[i+1:]), []byte{']'})
	s.set(fieldCursor, c)
	for part := range bytes.SplitSeq(c, []byte{';'}) {
		if len(part) < 3 || part[1] != '=' {
			continue
		}
		v := part[2:]
		switch part[0] {
		case 'b':
			if !s.has[fieldBoot] {
				s.set(fieldBoot, v)
			}
		case 'm', 't':
			n, err := strconv.ParseUint(string(v), 16, 63)
			if err != nil {
				continue
			}
			f := fieldMonotonic
			if part[0] == 't' {
				f = fieldRealtime
			}
			if !s.has[f] {
				s.set(f, strconv.AppendUint(nil, n, 10))
			}
		}
	}
}
