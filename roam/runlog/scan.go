package runlog

import (
	"bytes"
	"encoding/binary"
	"math"
	"time"

	"roamfault/nl80211/dot11"
)

// scanCycle reads the row of a cycle's line, from behind its number, as the
// encoder of this version writes it, in its order and with no room between. It
// returns false for every other shape, which is not to say that the line is
// wrong: decode tells. It takes no memory; the texts of the row are parts of the
// line.
func scanCycle(line []byte, at int, r *row) bool {
	*r = row{}
	s := scan(line[at:]).want(`,"number":`)
	r.number, s = s.count()
	s = s.want(`,"kind":`)
	r.kind, s = s.word()
	s = s.want(`,"load":`)
	r.load, s = s.count()
	s = s.want(`,"boot":`)
	r.boot, s = s.word()
	s = s.want(`,"begin":`)
	r.begin, s = s.moment()
	s = s.want(`,"end":{`).past('}')
	s = s.places(r)
	s = s.stages(r)
	s = s.want(`,"outcome":`)
	r.outcome, s = s.word()
	s = s.words()
	s = s.times(r)
	s = s.faults(r)
	s = s.air(r)
	s = s.probe(r)
	if rest, ok := s.has(`,"arrived":true`); ok {
		s = rest
		if !r.hasEnd && r.hasTo {
			r.end, r.hasEnd, r.links = r.to, true, r.toLinks
		}
	}
	return len(s.want(crcKey)) == crcTail-len(crcKey)
}

// scan is what is left of a line, and nothing once something was not as it is
// written. It is handed on by value, so that what is found next does not wait for
// memory.
type scan []byte

// has passes over what may stand there: keys, which differ in their third character
// or are written in their order.
func (s scan) has(text string) (scan, bool) {
	if len(s) < len(text) || s[2] != text[2] || string(s[:len(text)]) != text {
		return s, false
	}
	return s[len(text):], true
}

// want passes over what has to stand there.
func (s scan) want(text string) scan {
	if len(s) < len(text) || string(s[:len(text)]) != text {
		return nil
	}
	return s[len(text):]
}

// is reports whether a character stands there.
func (s scan) is(c byte) bool { return len(s) > 0 && s[0] == c }

// skip passes over a character where it stands there.
func (s scan) skip(c byte) scan {
	if s.is(c) {
		return s[1:]
	}
	return s
}

// past passes over all up to a character, and that.
func (s scan) past(c byte) scan {
	end := bytes.IndexByte(s, c)
	if end < 0 {
		return nil
	}
	return s[end+1:]
}

// number reads an integer that is far from overflow.
func (s scan) number() (int64, scan) {
	const most = 18 // digits
	digits := s.skip('-')
	n, i := int64(0), 0
	if eight, ok := eightDigits(digits); ok {
		n, i = eight, 8
	}
	for ; i < len(digits); i++ {
		d := digits[i] - '0'
		if d > 9 {
			break
		}
		n = 10*n + int64(d)
	}
	if i == 0 || i > most || i > 1 && digits[0] == '0' {
		return 0, nil
	}
	if len(digits) < len(s) {
		n = -n
	}
	return n, digits[i:]
}

// eightDigits reads the number that eight digits are, if the text begins so.
func eightDigits(text []byte) (int64, bool) {
	if len(text) < 8 {
		return 0, false
	}
	x := binary.LittleEndian.Uint64(text) ^ 0x3030303030303030
	if (x|(x+0x7676767676767676))&0x8080808080808080 != 0 {
		return 0, false // a byte above 9
	}
	x = (10*x + x>>8) & 0x00ff00ff00ff00ff
	x = (100*x + x>>16) & 0x0000ffff0000ffff
	return int64((10000*x + x>>32) & 0xffffffff), true
}

// count reads a number that is in bounds.
func (s scan) count() (int, scan) {
	n, rest := s.number()
	if n < 0 || n >= mostCount {
		return 0, nil
	}
	return int(n), rest
}

// time reads a time that is in bounds.
func (s scan) time() (time.Duration, scan) {
	n, rest := s.number()
	if n < 0 || time.Duration(n) > mostTime {
		return 0, nil
	}
	return time.Duration(n), rest
}

// word reads a short text of plain characters without escapes.
func (s scan) word() ([]byte, scan) {
	if !s.is('"') {
		return nil, nil
	}
	for i := 1; i < len(s) && i < longestWord+2; i++ {
		switch c := s[i]; {
		case c == '"':
			return s[1:i], s[i+1:]
		case c == '\\' || c < ' ' || c > '~':
			return nil, nil
		}
	}
	return nil, nil
}

// text reads a text as it is written, with its escapes.
func (s scan) text() ([]byte, scan) {
	if !s.is('"') {
		return nil, nil
	}
	for i := 1; ; i++ {
		n := bytes.IndexByte(s[i:], '"')
		if n < 0 {
			return nil, nil
		}
		i += n
		slashes := 0
		for s[i-slashes-1] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			return s[1:i], s[i+1:]
		}
	}
}

// texts passes over the texts of an array behind its bracket.
func (s scan) texts() scan {
	for len(s) > 0 && !s.is(']') {
		_, s = s.text()
		s = s.skip(',')
	}
	return s.skip(']')
}

// moment reads the boot time of a moment.
func (s scan) moment() (boot time.Duration, rest scan) {
	s = s.want(`{"wall":`)
	_, s = s.text()
	s = s.want(`,"monotonic_ns":`)
	_, s = s.time()
	s = s.want(`,"boot_ns":`)
	boot, s = s.time()
	return boot, s.want(`}`)
}

// addr reads an address in lower case.
func (s scan) addr() (a dot11.Addr, rest scan) {
	const size = len(`"00:00:00:00:00:00"`)
	if len(s) < size {
		return a, nil
	}
	t := s[:size]
	bad := t[0] ^ '"' | t[size-1] ^ '"'
	for i := range a {
		high, low := hexDigits[t[3*i+1]]-1, hexDigits[t[3*i+2]]-1
		if i > 0 {
			bad |= t[3*i] ^ ':'
		}
		bad |= high & 0xf0
		bad |= low & 0xf0
		a[i] = high<<4 | low
	}
	if bad != 0 {
		return dot11.Addr{}, nil
	}
	return a, s[size:]
}

// hexDigits are the values of hexadecimal digits in lower case, and 1.
var hexDigits = [256]byte{
	'0': 1, '1': 2, '2': 3, '3': 4, '4': 5, '5': 6, '6': 7, '7': 8, '8': 9, '9': 10,
	'a': 11, 'b': 12, 'c': 13, 'd': 14, 'e': 15, 'f': 16,
}

// places reads the access points and links of a cycle.
func (s scan) places(r *row) scan {
	if s, r.hasFrom = s.has(`,"from":`); r.hasFrom {
		r.from, _, s = s.ap(false)
	}
	if s, r.hasTo = s.has(`,"to":`); r.hasTo {
		r.to, r.toLinks, s = s.ap(true)
	}
	if rest, ok := s.has(`,"bssid":`); ok {
		_, s = rest.addr()
	}
	if s, r.hasEnd = s.has(`,"at":`); r.hasEnd {
		r.end, r.links, s = s.ap(true)
	}
	if rest, ok := s.has(`,"before":[`); ok {
		s = rest.past(']') // no text of a link holds a bracket
	}
	if rest, ok := s.has(`,"expected":`); ok {
		_, s = rest.count()
	}
	if rest, ok := s.has(`,"active":[`); ok {
		s = rest.active()
	}
	return s
}

// active passes over numbers of links behind their bracket.
func (s scan) active() scan {
	for len(s) > 0 && !s.is(']') {
		var id int
		if id, s = s.count(); id > math.MaxUint8 {
			return nil
		}
		s = s.skip(',')
	}
	return s.skip(']')
}

// ap reads what an access point is told apart by, and how many links it has
// where that is to be counted.
func (s scan) ap(count bool) (a dot11.Addr, links int, rest scan) {
	s = s.want(`{`)
	if mld, ok := s.has(`"mld":`); ok {
		a, s = mld.addr()
		s = s.want(`,`)
	}
	_, s = s.want(`"ssid":`).text()
	if none, ok := s.has(`,"links":null}`); ok {
		return a, 0, none
	}
	s = s.want(`,"links":[`)
	if !count && !a.IsZero() {
		return a, 0, s.past(']').want(`}`) // no text of a link holds a bracket
	}
	one, links, s := s.links()
	if a.IsZero() {
		a = one
	}
	return a, links, s.want(`}`)
}

// links reads links behind their bracket: the address of the first, and how many
// there are.
func (s scan) links() (one dot11.Addr, n int, rest scan) {
	for len(s) > 0 && !s.is(']') {
		s = s.want(`{`)
		if id, ok := s.has(`"id":`); ok {
			_, s = id.count()
			s = s.want(`,`)
		}
		var a dot11.Addr
		a, s = s.want(`"bssid":`).addr()
		_, s = s.want(`,"freq":`).number()
		if signal, ok := s.has(`,"signal":`); ok {
			_, s = signal.number()
		}
		s = s.want(`}`).skip(',')
		if n == 0 {
			one = a
		}
		n++
	}
	return one, n, s.skip(']')
}

func (s scan) stages(r *row) scan {
	list, ok := s.has(`,"stages":[`)
	if !ok {
		return s
	}
	for s = list; len(s) > 0 && !s.is(']'); s = s.skip(',') {
		var name []byte
		var begin, end time.Duration
		name, s = s.want(`[`).word()
		begin, s = s.want(`,`).time()
		if s.is(',') {
			end, s = s[1:].time()
		}
		s = s.want(`]`)
		r.stage(string(name), begin, end)
	}
	return s.skip(']')
}

// words passes over what says why.
func (s scan) words() scan {
	if rest, ok := s.has(`,"status":`); ok {
		_, s = rest.count()
	}
	if rest, ok := s.has(`,"reason":`); ok {
		_, s = rest.count()
	}
	if rest, ok := s.has(`,"detail":`); ok {
		_, s = rest.text()
	}
	return s
}

func (s scan) times(r *row) scan {
	var t time.Duration
	if rest, ok := s.has(`,"outage_ns":`); ok {
		t, s = rest.time()
		r.outage = short(t)
	}
	if rest, ok := s.has(`,"took_ns":`); ok {
		t, s = rest.time()
		r.took = short(t)
	}
	return s
}

// faults reads whether the cycle stands for itself.
func (s scan) faults(r *row) scan {
	if rest, ok := s.has(`,"after_reset":true`); ok {
		s = rest
		r.flags |= flagAfterReset
	}
	origin, s := s.want(`,"origin":`).word()
	if string(origin) != string(Natural) {
		r.flags |= flagInjected
	}
	if rest, ok := s.has(`,"injected":[`); ok {
		s = rest.texts()
	}
	if rest, ok := s.has(`,"incidents":[`); ok {
		s = rest.texts()
	}
	return s
}

func (s scan) air(r *row) scan {
	inner, ok := s.has(`,"air":{`)
	if !ok {
		return s
	}
	var tsf int
	s = inner.field(`"signal":`, &r.signal)
	s = s.field(`"tsf":`, &tsf)
	s = s.field(`"busy":`, &r.busy)
	s = s.field(`"stations":`, new(int))
	s = s.field(`"utilization":`, &r.utilization)
	if tsf < 0 {
		return nil
	}
	r.tsf = uint64(tsf)
	return s.want(`}`)
}

// field reads a number that may be there, and the comma behind it.
func (s scan) field(key string, to *int) scan {
	rest, ok := s.has(key)
	if !ok {
		return s
	}
	n, rest := rest.number()
	*to = int(n)
	return rest.skip(',')
}

// probe looks only for a stall: the rest of what a probe found is numbers.
func (s scan) probe(r *row) scan {
	inner, ok := s.has(`,"probe":{`)
	if !ok {
		return s
	}
	s = inner
	for _, key := range []string{`"sent":`, `,"answered":`, `,"longest_ns":`, `,"rtt50_ns":`, `,"rtt99_ns":`} {
		if rest, ok := s.has(key); ok {
			_, s = rest.number()
		}
	}
	if rest, ok := s.has(`,"stall":`); ok {
		var stall []byte
		if stall, s = rest.word(); len(stall) > 0 {
			r.flags |= flagStalled
		}
	}
	for _, key := range []string{`,"up_bps":`, `,"down_bps":`} {
		if rest, ok := s.has(key); ok {
			s = bytes.TrimLeft(rest, "+-.0123456789eE")
		}
	}
	return s.want(`}`)
}
