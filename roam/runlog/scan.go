package runlog

import (
	"bytes"
	"math"
	"time"

	"roamfault/nl80211/dot11"
)

// scanCycle reads the row of a cycle's line, from behind its number, as the
// encoder of this version writes it, in its order and with no room between. It
// returns false for every other shape, which is not to say that the line is
// wrong: decode tells. It takes no memory; the texts of the row are parts of the
// line.
func scanCycle(line []byte, at int) (row, bool) {
	s := scanner{line: line, at: at, ok: true}
	var r row
	s.want(`,"number":`)
	r.number = s.count()
	s.want(`,"kind":`)
	r.kind = s.word()
	s.want(`,"load":`)
	r.load = s.count()
	s.want(`,"boot":`)
	r.boot = s.word()
	s.want(`,"begin":`)
	r.begin = s.moment()
	s.want(`,"end":{`)
	s.numbers()
	s.places(&r)
	s.stages(&r)
	s.want(`,"outcome":`)
	r.outcome = s.word()
	s.words()
	if s.has(`,"outage_ns":`) {
		r.outage = short(s.time())
	}
	if s.has(`,"took_ns":`) {
		r.took = short(s.time())
	}
	if s.has(`,"after_reset":true`) {
		r.flags |= flagAfterReset
	}
	s.want(`,"origin":`)
	if string(s.word()) != string(Natural) {
		r.flags |= flagInjected
	}
	for _, list := range []string{`,"injected":[`, `,"incidents":[`} {
		if s.has(list) {
			s.texts()
		}
	}
	s.air(&r)
	s.probe(&r)
	if s.has(`,"arrived":true`) && !r.hasEnd && r.hasTo {
		r.end, r.hasEnd, r.links = r.to, true, r.toLinks
	}
	s.want(crcKey)
	return r, s.ok && len(line)-s.at == crcTail-len(crcKey)
}

// scanner reads a line from at on, until something is not as it is written.
type scanner struct {
	line []byte
	at   int
	ok   bool
}

func (s *scanner) has(text string) bool {
	end := s.at + len(text)
	if end > len(s.line) || string(s.line[s.at:end]) != text {
		return false
	}
	s.at = end
	return true
}

func (s *scanner) hasByte(c byte) bool {
	if s.at >= len(s.line) || s.line[s.at] != c {
		return false
	}
	s.at++
	return true
}

func (s *scanner) want(text string) {
	if !s.has(text) {
		s.fail()
	}
}

func (s *scanner) fail() { s.at, s.ok = len(s.line), false }

// number reads an integer that is far from overflow.
func (s *scanner) number() int64 {
	negative := s.hasByte('-')
	const most = 18 // digits
	rest, n, i := s.line[s.at:], int64(0), 0
	for ; i < len(rest); i++ {
		d := rest[i] - '0'
		if d > 9 {
			break
		}
		n = 10*n + int64(d)
	}
	if i == 0 || i > most || i > 1 && rest[0] == '0' {
		s.fail()
		return 0
	}
	s.at += i
	if negative {
		return -n
	}
	return n
}

// count reads a number that is in bounds.
func (s *scanner) count() int {
	n := s.number()
	if n < 0 || n >= mostCount {
		s.fail()
		return 0
	}
	return int(n)
}

// time reads a time that is in bounds.
func (s *scanner) time() time.Duration {
	n := time.Duration(s.number())
	if n < 0 || n > mostTime {
		s.fail()
		return 0
	}
	return n
}

// word reads a short text without escapes.
func (s *scanner) word() []byte {
	t := s.text()
	if len(t) > longestWord || bytes.IndexByte(t, '\\') >= 0 {
		s.fail()
		return nil
	}
	return t
}

// text reads a text as it is written, with its escapes.
func (s *scanner) text() []byte {
	if !s.hasByte('"') {
		s.fail()
		return nil
	}
	for begin, i := s.at, s.at; ; i++ {
		n := bytes.IndexByte(s.line[i:], '"')
		if n < 0 {
			s.fail()
			return nil
		}
		i += n
		slashes := 0
		for i-slashes > begin && s.line[i-slashes-1] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			s.at = i + 1
			return s.line[begin:i]
		}
	}
}

// texts passes over the texts of an array behind its bracket.
func (s *scanner) texts() {
	for s.ok && !s.hasByte(']') {
		s.text()
		s.hasByte(',')
	}
}

// moment reads the boot time of a moment.
func (s *scanner) moment() time.Duration {
	s.want(`{"wall":`)
	s.text()
	s.want(`,"monotonic_ns":`)
	s.time()
	s.want(`,"boot_ns":`)
	boot := s.time()
	s.want(`}`)
	return boot
}

// numbers passes over the rest of an object that holds no other and no text with
// escapes.
func (s *scanner) numbers() {
	end := bytes.IndexByte(s.line[s.at:], '}')
	if end < 0 {
		s.fail()
		return
	}
	s.at += end + 1
}

// addr reads an address in lower case.
func (s *scanner) addr() (a dot11.Addr) {
	const size = len(`"00:00:00:00:00:00"`)
	if len(s.line)-s.at < size {
		s.fail()
		return a
	}
	t := s.line[s.at : s.at+size]
	bad := t[0] ^ '"' | t[size-1] ^ '"'
	for i := range a {
		high, low := hexDigit(t[3*i+1]), hexDigit(t[3*i+2])
		if i > 0 {
			bad |= t[3*i] ^ ':'
		}
		bad |= high & 0xf0
		bad |= low & 0xf0
		a[i] = high<<4 | low
	}
	if bad != 0 {
		s.fail()
		return dot11.Addr{}
	}
	s.at += size
	return a
}

func hexDigit(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	}
	return 0xff
}

// places reads the access points and links of a cycle.
func (s *scanner) places(r *row) {
	if r.hasFrom = s.has(`,"from":`); r.hasFrom {
		r.from, _ = s.ap(false)
	}
	if r.hasTo = s.has(`,"to":`); r.hasTo {
		r.to, r.toLinks = s.ap(true)
	}
	if s.has(`,"bssid":`) {
		s.addr()
	}
	if r.hasEnd = s.has(`,"at":`); r.hasEnd {
		r.end, r.links = s.ap(true)
	}
	if s.has(`,"before":[`) {
		s.array()
	}
	if s.has(`,"expected":`) {
		s.count()
	}
	if s.has(`,"active":[`) {
		for s.ok && !s.hasByte(']') {
			if s.count() > math.MaxUint8 {
				s.fail()
			}
			s.hasByte(',')
		}
	}
}

// ap reads what an access point is told apart by, and how many links it has
// where that is to be counted.
func (s *scanner) ap(count bool) (a dot11.Addr, links int) {
	s.want(`{`)
	if s.has(`"mld":`) {
		a = s.addr()
		s.want(`,`)
	}
	s.want(`"ssid":`)
	s.text()
	switch {
	case s.has(`,"links":null}`):
		return a, 0
	case !s.has(`,"links":[`):
		s.fail()
	case count || a.IsZero():
		var one dot11.Addr
		if one, links = s.links(); a.IsZero() {
			a = one
		}
	default:
		s.array()
	}
	s.want(`}`)
	return a, links
}

// array passes over the rest of an array of links, in which no text holds a
// bracket.
func (s *scanner) array() {
	end := bytes.IndexByte(s.line[s.at:], ']')
	if end < 0 {
		s.fail()
		return
	}
	s.at += end + 1
}

// links reads links behind their bracket: the address of the first, and how many
// there are.
func (s *scanner) links() (one dot11.Addr, n int) {
	for s.ok && !s.hasByte(']') {
		s.want(`{`)
		if s.has(`"id":`) {
			s.count()
			s.want(`,`)
		}
		s.want(`"bssid":`)
		a := s.addr()
		s.want(`,"freq":`)
		s.number()
		if s.has(`,"signal":`) {
			s.number()
		}
		s.want(`}`)
		s.hasByte(',')
		if n == 0 {
			one = a
		}
		n++
	}
	return one, n
}

func (s *scanner) stages(r *row) {
	if !s.has(`,"stages":[`) {
		return
	}
	for s.ok && !s.hasByte(']') {
		s.want(`[`)
		name := s.word()
		s.want(`,`)
		begin, end := s.time(), time.Duration(0)
		if s.hasByte(',') {
			end = s.time()
		}
		s.want(`]`)
		s.hasByte(',')
		r.stage(string(name), begin, end)
	}
}

// words passes over what says why.
func (s *scanner) words() {
	if s.has(`,"status":`) {
		s.count()
	}
	if s.has(`,"reason":`) {
		s.count()
	}
	if s.has(`,"detail":`) {
		s.text()
	}
}

func (s *scanner) air(r *row) {
	if !s.has(`,"air":{`) {
		return
	}
	for _, field := range []struct {
		key string
		to  *int
	}{{`"signal":`, &r.signal}, {`"tsf":`, nil}, {`"busy":`, &r.busy}, {`"stations":`, nil}, {`"utilization":`, &r.utilization}} {
		if !s.has(field.key) {
			continue
		}
		n := s.number()
		switch {
		case field.to != nil:
			*field.to = int(n)
		case field.key == `"tsf":`:
			if n < 0 {
				s.fail()
			}
			r.tsf = uint64(n)
		}
		s.hasByte(',')
	}
	s.want(`}`)
}

// probe looks only for a stall: the rest of what a probe found is numbers.
func (s *scanner) probe(r *row) {
	if !s.has(`,"probe":{`) {
		return
	}
	for _, key := range []string{`"sent":`, `,"answered":`, `,"longest_ns":`, `,"rtt50_ns":`, `,"rtt99_ns":`} {
		if s.has(key) {
			s.number()
		}
	}
	if s.has(`,"stall":`) {
		if len(s.word()) > 0 {
			r.flags |= flagStalled
		}
	}
	for _, key := range []string{`,"up_bps":`, `,"down_bps":`} {
		if s.has(key) {
			s.at += len(s.line[s.at:]) - len(bytes.TrimLeft(s.line[s.at:], "+-.0123456789eE"))
		}
	}
	s.want(`}`)
}
