package journal

import (
	"bytes"
	"strings"
	"time"
)

// emitText makes the record of a piece of text and hands it out.
func (rd *reader) emitText(pd *pending) error {
	if pd.fields != nil {
		return rd.emitVerbose(pd)
	}
	rec := &rd.rec
	*rec = Record{
		Time:       pd.pre.time,
		Identifier: "",
		PID:        int(pd.pre.pid),
		Priority:   pd.pre.prio,
		Transport:  pd.pre.transport.name(),
		Device:     pd.device,
		Count:      pd.count,
		Origin:     Origin{File: rd.opt.File, Line: pd.line, Lines: pd.lines, Offset: pd.off},
	}
	if pd.pre.zone != 0 {
		rec.Time.Wall = rec.Time.Wall.In(rd.location(int(pd.pre.zone)))
	}
	rec.Raw = pd.raw()
	if pd.pre.format == fmtNM {
		rec.Identifier = "NetworkManager"
	} else {
		rec.Identifier = trimUnit(rd.text(pd, pd.pre.ident), pd.pre.format)
	}
	rec.Host = rd.text(pd, pd.pre.host)
	rec.Message = rd.message(pd)
	rec.Boot = rd.boots.of(&pd.pre, pd.pieces[0].text)
	return rd.hand(pd.pre.format)
}

// trimUnit takes ".service" off the unit name that journalctl -o with-unit
// prints in the identifier's place.
func trimUnit(s string, f formatID) string {
	if f == fmtShortFull {
		return strings.TrimSuffix(s, ".service")
	}
	return s
}

// raw joins the physical lines.
func (pd *pending) raw() string {
	if len(pd.raws) == 1 {
		return string(pd.raws[0])
	}
	return string(bytes.Join(pd.raws, []byte{'\n'}))
}

// text returns a stretch of the record's first line, out of Raw where it stands
// there.
func (rd *reader) text(pd *pending, sp span) string {
	if sp.b <= sp.a {
		return ""
	}
	b := pd.text[sp.a:sp.b]
	if !pd.altered {
		a, z := int(sp.a)+pd.shift, int(sp.b)+pd.shift
		if isClean(b) {
			return rd.rec.Raw[a:z]
		}
	}
	return sanitize(b)
}

// message puts the pieces together.
func (rd *reader) message(pd *pending) string {
	first := pd.pieces[0].text
	if len(pd.pieces) == 1 && !pd.altered && pd.pre.format != fmtKmsg && isClean(first) {
		b := len(pd.text) + pd.shift
		return trimRepetition(rd.rec.Raw[b-len(first):b], pd)
	}
	buf := rd.scratch[:0]
	for i, p := range pd.pieces {
		if i > 0 && !p.glue && len(buf) > 0 && buf[len(buf)-1] != ' ' {
			buf = append(buf, ' ')
		}
		if pd.pre.format == fmtKmsg {
			buf = appendSane(buf, unescapeKmsg(p.text), false)
			continue
		}
		buf = appendSane(buf, p.text, false)
	}
	rd.scratch = buf
	return trimRepetition(string(trimRight(buf)), pd)
}

// trimRepetition takes off the bracket that closes a repeated message.
func trimRepetition(msg string, pd *pending) string {
	if pd.count > 1 && int(pd.pre.msg) > 0 && strings.HasSuffix(msg, "]") && pd.repeated() {
		msg = strings.TrimRight(msg[:len(msg)-1], " ")
	}
	return msg
}

// repeated tells whether the message stood in "message repeated N times: [".
func (pd *pending) repeated() bool {
	head := trimRight(pd.text[:min(int(pd.pre.msg), len(pd.text))])
	return hasSuffix(head, " times: [")
}

// unescapeKmsg undoes the \xNN that /dev/kmsg writes for what is not
// printable and for the backslash (append_char in kernel/printk/printk.c).
func unescapeKmsg(s []byte) []byte {
	if bytes.IndexByte(s, '\\') < 0 {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) && s[i+1] == 'x' && isHex(s[i+2]) && isHex(s[i+3]) {
			out = append(out, hexByte(s[i+2], s[i+3]))
			i += 3
			continue
		}
		out = append(out, s[i])
	}
	return out
}

func hexByte(a, b byte) byte { return hexDigit(a)<<4 | hexDigit(b) }

func hexDigit(c byte) byte {
	if isDigit(c) {
		return c - '0'
	}
	return (c | 0x20) - 'a' + 10
}

// location returns the zone of an offset; logs seldom have more than two.
func (rd *reader) location(offset int) *time.Location {
	if l, ok := rd.zones[offset]; ok {
		return l
	}
	l := time.FixedZone("", offset)
	if len(rd.zones) < 64 {
		rd.zones[offset] = l
	}
	return l
}
