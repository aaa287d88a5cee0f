package kmsg

import (
	"bytes"
	"context"
	"encoding/binary"
	"strconv"
	"strings"
	"time"

	"roamfault/journal"
)

// parse reads a record as the device gives it, "pri,seq,usec,flags[,...];text"
// and " KEY=value" lines (Documentation/ABI/testing/dev-kmsg), into rec. ok is
// false for anything else.
func parse(b []byte, rec *journal.Record) (seq int64, ok bool) {
	b = bytes.TrimSuffix(b, []byte{'\n'})
	head, rest, ok := bytes.Cut(b, []byte{';'})
	if !ok || bytes.IndexByte(head, '\n') >= 0 {
		return 0, false
	}
	parts := strings.SplitN(string(head), ",", 4)
	if len(parts) < 4 {
		return 0, false
	}
	pri, err1 := strconv.ParseUint(parts[0], 10, 16)
	number, err2 := strconv.ParseUint(parts[1], 10, 62)
	usec, err3 := strconv.ParseUint(parts[2], 10, 53)
	if err1 != nil || err2 != nil || err3 != nil {
		return 0, false
	}
	text, fields, _ := bytes.Cut(rest, []byte{'\n'})
	rec.Raw = string(b)
	rec.Time = journal.Time{Mono: time.Duration(usec) * time.Microsecond, HasMono: true}
	rec.Priority = journal.Priority(pri & 7)
	rec.Message = clean(unescape(text))
	for line := range bytes.SplitSeq(fields, []byte{'\n'}) {
		if v, ok := bytes.CutPrefix(line, []byte(" DEVICE=")); ok && rec.Device == "" {
			rec.Device = clean(unescape(v))
		}
	}
	rec.Transport, rec.Identifier = journal.TransportKernel, "kernel"
	if pri > 7 {
		// A facility other than the kernel's: somebody wrote it into the
		// device.
		rec.Transport, rec.Identifier = journal.TransportSyslog, ""
		tag(rec)
	}
	return int64(number), true
}

// tag takes "name[pid]: " off the message's begin, which is how programs sign
// there (systemd's syslog_parse_identifier reads it the same).
func tag(rec *journal.Record) {
	word, rest, ok := strings.Cut(rec.Message, " ")
	name, colon := strings.CutSuffix(word, ":")
	if !ok || !colon || name == "" {
		return
	}
	if head, number, ok := strings.Cut(strings.TrimSuffix(name, "]"), "["); ok && strings.HasSuffix(name, "]") && head != "" {
		name = head
		if pid, err := strconv.ParseUint(number, 10, 30); err == nil {
			rec.PID = int(pid)
		}
	}
	rec.Identifier, rec.Message = name, rest
}

// unescape undoes the \xNN that the device writes for what is not printable
// and for the backslash (append_char in kernel/printk/printk.c).
func unescape(s []byte) []byte {
	i := bytes.IndexByte(s, '\\')
	if i < 0 {
		return s
	}
	out := append(make([]byte, 0, len(s)), s[:i]...)
	for ; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) && s[i+1] == 'x' {
			if c, err := strconv.ParseUint(string(s[i+2:i+4]), 16, 8); err == nil {
				out = append(out, byte(c))
				i += 3
				continue
			}
		}
		out = append(out, s[i])
	}
	return out
}

// clean makes text of bytes. What is not plain goes through the reader of
// structured records, so that a message is the same from whatever source.
func clean(b []byte) string {
	plain := true
	for _, c := range b {
		plain = plain && (c >= ' ' && c < 0x7f || c == '\t')
	}
	if plain {
		return strings.TrimRight(string(b), " \t")
	}
	export := binary.LittleEndian.AppendUint64([]byte("__CURSOR=\nMESSAGE\n"), uint64(len(b)))
	export = append(append(export, b...), "\n\n"...)
	var s string
	_, err := journal.Read(context.Background(), bytes.NewReader(export), journal.Options{}, func(r *journal.Record) error {
		s = r.Message
		return journal.ErrStop
	})
	if err != nil {
		return ""
	}
	return s
}
