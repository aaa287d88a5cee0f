package journal

import "time"

// span is a stretch of a line.
type span struct{ a, b int32 }

// prefix is what stands before the message of a line. It holds places, not
// text, so that parsing allocates nothing and does not keep the line.
type prefix struct {
	time  Time
	zone  int32 // seconds east of UTC, where time.Known has KnownZone
	host  span
	ident span
	msg   int32 // where the message begins
	pid   int32
	count int32 // 0 when the prefix has none

	format    formatID
	prio      Priority
	transport transportID
	// weak marks a prefix that other text may look like: it counts only in
	// company.
	weak bool
	// human is dmesg -H's distance to the record before; the time is that
	// of the last full stamp.
	human bool
}

// transportID is the small form of a Transport.
type transportID uint8

const (
	viaUnknown transportID = iota
	viaKernel
	viaSyslog
	viaWPACtrl
)

func (t transportID) name() Transport {
	return [...]Transport{TransportUnknown, TransportKernel, TransportSyslog, TransportWPACtrl}[t]
}

// dated tells whether the prefix has a time.
func (p *prefix) dated() bool { return p.time.Known != 0 || p.time.HasMono || p.human }

// lead says by what kind of scanner a line's first byte can be served.
type lead uint8

const (
	leadNone lead = iota
	leadBracket
	leadAngle
	leadDigit
	leadWord
)

// leadOf returns the kind of a first byte.
func leadOf(c byte) lead {
	switch {
	case c == '[':
		return leadBracket
	case c == '<':
		return leadAngle
	case isDigit(c):
		return leadDigit
	case isLetter(c) || c >= 0x80:
		return leadWord
	}
	return leadNone
}

// parsePrefix reads the prefix of one line, which must begin with it: quoting
// and indent are taken off before. ok is false for a line without prefix.
func parsePrefix(s []byte) (p prefix, ok bool) {
	p.prio = PriorityUnknown
	switch leadOf(at(s, 0)) {
	case leadBracket:
		ok = p.bracket(s, 0)
	case leadAngle:
		ok = p.angle(s)
	case leadDigit:
		ok = p.digits(s)
	case leadWord:
		ok = p.word(s)
	}
	return p, ok
}

// wall sets the wall clock.
func (p *prefix) wall(known Parts, year, month, day int, c clock) {
	p.time.Wall = time.Date(year, time.Month(month), day, c.hour, c.min, c.sec, c.nanos, time.UTC)
	p.time.Known = known
	p.time.Precision = c.unit
}

// setZone names the zone of a wall clock that was set without one.
func (p *prefix) setZone(offset int) {
	p.time.Wall = p.time.Wall.Add(-time.Duration(offset) * time.Second)
	p.time.Known |= KnownZone
	p.zone = int32(offset)
}

// unix sets the wall clock from seconds since 1970.
func (p *prefix) unix(d time.Duration, digits int) {
	p.time.Wall = time.Unix(0, int64(d)).UTC()
	p.time.Known = KnownClock | KnownDate | KnownYear | KnownZone
	p.time.Precision = time.Second
	for ; digits > 0; digits-- {
		p.time.Precision /= 10
	}
}

// kernel marks the prefix as the kernel's.
func (p *prefix) kernel(f formatID, msg int) bool {
	p.format = f
	p.transport = viaKernel
	p.msg = int32(msg)
	return true
}

// oneSpace steps over a single blank: what comes behind it is indent that
// belongs to the message, as in call traces.
func oneSpace(s []byte, i int) int {
	if at(s, i) == ' ' {
		return i + 1
	}
	return i
}

// scanMono reads a kernel stamp "[ 1264.826132]" with an optional caller id
// "[  T123]" and delta "<    0.000012>". A closing ')' as text recognition
// makes it is let pass where the six decimals leave no doubt.
func scanMono(s []byte, i int) (d time.Duration, next int, ok bool) {
	if at(s, i) != '[' {
		return 0, i, false
	}
	return scanMonoBody(s, i+1, i)
}

func scanMonoBody(s []byte, j, start int) (d time.Duration, next int, ok bool) {
	j = skipSpaces(s, j)
	d, digits, j, ok := scanSeconds(s, j)
	if !ok {
		return 0, start, false
	}
	if at(s, j) == ' ' && at(s, skipSpaces(s, j)) == '<' {
		k := skipSpaces(s, skipSpaces(s, j)+1)
		if at(s, k) == '-' {
			k++
		}
		if _, _, k, ok = scanSeconds(s, k); !ok {
			return 0, start, false
		}
		if k = skipSpaces(s, k); at(s, k) != '>' {
			return 0, start, false
		}
		j = k + 1
	}
	switch c := at(s, j); {
	case c == ']':
	case c == ')' && digits == 6:
	default:
		return 0, start, false
	}
	return d, scanCaller(s, j+1), true
}

// scanCaller steps over a caller id "[  T123]" or "[   C1]", which stands
// right behind a kernel stamp (CONFIG_PRINTK_CALLER).
func scanCaller(s []byte, i int) int {
	if at(s, i) != '[' {
		return i
	}
	j := skipSpaces(s, i+1)
	if c := at(s, j); c != 'T' && c != 'C' {
		return i
	}
	if _, j, ok := scanInt(s, j+1, 10); ok && at(s, j) == ']' {
		return j + 1
	}
	return i
}

// bracket reads the prefixes that begin with '['.
func (p *prefix) bracket(s []byte, i int) bool {
	if d, j, ok := scanMono(s, i); ok {
		if c := at(s, j); c != ' ' && c != 0 && c != '\t' {
			return false
		}
		return p.mono(s, d, j)
	}
	j := skipSpaces(s, i+1)
	switch c := at(s, j); {
	case c == '+':
		// dmesg -H: the distance to the record before.
		if _, _, k, ok := scanSeconds(s, j+1); ok && at(s, k) == ']' {
			p.human = true
			return p.kernel(fmtDmesgHuman, oneSpace(s, k+1))
		}
	case isDigit(c):
		if _, k, ok := scanInt(s, j, 9); ok && at(s, k) == ']' && at(s, k+1) == ' ' && j == i+1 {
			v, _, _ := scanInt(s, j, 9)
			p.time.Mono, p.time.HasMono = time.Duration(v)*time.Second, true
			p.weak = true
			return p.kernel(fmtFreeBSD, k+2)
		}
	case isLetter(c) || c >= 0x80:
		return p.bracketDate(s, j)
	}
	return false
}

// mono finishes a prefix whose kernel stamp ends at j.
func (p *prefix) mono(s []byte, d time.Duration, j int) bool {
	p.time.Mono, p.time.HasMono = d, true
	j = oneSpace(s, j)
	// journalctl -o short-monotonic: host and identifier follow.
	if c := at(s, j); isLetter(c) || isDigit(c) {
		h := skipWord(s, j)
		if h < len(s) && s[h-1] != ':' {
			if t, ok := scanTag(s, h+1); ok && (t.pid > 0 || knownIdent(s[t.ident.a:t.ident.b])) {
				p.host = span{int32(j), int32(h)}
				p.format = fmtShortMonotonic
				p.setTag(s, t)
				return true
			}
		}
	}
	return p.kernel(fmtDmesg, j)
}

// bracketDate reads dmesg -T and the full stamp of dmesg -H.
func (p *prefix) bracketDate(s []byte, i int) bool {
	// -H: "[Jan11 18:14]", the day blank-padded.
	if m, j, ok := scanMonth(s, i); ok && m != monthAmbiguous {
		j = skipSpaces(s, j)
		day, j, ok := scanInt(s, j, 2)
		if ok && at(s, j) == ' ' && validDay(m, int(day)) {
			h, ok1 := two(s, j+1)
			min, ok2 := two(s, j+4)
			if ok1 && ok2 && at(s, j+3) == ':' && at(s, j+6) == ']' && h < 24 && min < 60 {
				p.wall(KnownClock|KnownDate, 0, m, int(day), clock{hour: h, min: min, unit: time.Minute})
				return p.kernel(fmtDmesgHuman, oneSpace(s, j+7))
			}
		}
	}
	j, ok := p.ctime(s, i)
	if !ok {
		return false
	}
	if at(s, j) == ' ' {
		k := skipSpaces(s, j)
		if at(s, k) != '<' {
			return false
		}
		k = skipSpaces(s, k+1)
		if _, _, k, ok = scanSeconds(s, k); !ok || at(s, k) != '>' {
			return false
		}
		j = k + 1
	}
	if at(s, j) != ']' {
		return false
	}
	j = oneSpace(s, scanCaller(s, j+1))
	// A terminal program stamps what comes over a serial line, the kernel's own stamp included.
	if d, k, ok := scanMono(s, j); ok && at(s, k) == ' ' {
		p.time.Mono, p.time.HasMono = d, true
		j = oneSpace(s, k)
	}
	return p.kernel(fmtDmesgCtime, j)
}

// ctime reads "Sun Jan 11 18:14:14 2026", names in any known language.
func (p *prefix) ctime(s []byte, i int) (next int, ok bool) {
	j := skipName(s, i)
	if j == i || at(s, j) != ' ' {
		return i, false
	}
	m, j, ok := scanMonth(s, skipSpaces(s, j))
	if !ok {
		return i, false
	}
	day, j, ok := scanInt(s, skipSpaces(s, j), 2)
	if !ok || at(s, j) != ' ' {
		return i, false
	}
	c, j, ok := scanClock(s, skipSpaces(s, j))
	if !ok || at(s, j) != ' ' {
		return i, false
	}
	year, ok := four(s, j+1)
	if !ok || year < 1970 || isDigit(at(s, j+5)) {
		return i, false
	}
	if m == monthAmbiguous || !validDay(m, int(day)) {
		p.wall(KnownClock, 0, 1, 1, c)
	} else {
		p.wall(KnownClock|KnownDate|KnownYear, year, m, int(day), c)
	}
	return j + 5, true
}

// skipName steps over a short name of a weekday: letters of any script and a
// full stop, at most 16 bytes.
func skipName(s []byte, i int) int {
	j := i
	for j < len(s) && j-i < 16 && (isLetter(s[j]) || s[j] >= 0x80) {
		j++
	}
	if j > i && (at(s, j) == '.' || at(s, j) == ',') {
		j++
	}
	return j
}

// angle reads the prefixes that begin with '<'.
func (p *prefix) angle(s []byte) bool {
	if n, j, ok := scanInt(s, 1, 3); ok && at(s, j) == '>' && n < 192 {
		return p.pri(s, int(n), j+1)
	}
	// NetworkManager's own line.
	level, j, ok := scanNMLevel(s, 0)
	if !ok {
		return false
	}
	d, digits, k, ok := scanNMTime(s, j)
	if !ok {
		return false
	}
	p.unix(d, digits)
	p.format = fmtNM
	p.transport = viaSyslog
	p.prio = level
	p.msg = int32(k)
	return true
}

// pri reads what follows "<N>": a kernel stamp, a syslog stamp of either RFC,
// or an event of the supplicant's control interface.
func (p *prefix) pri(s []byte, n, i int) bool {
	if d, j, ok := scanMono(s, i); ok {
		p.time.Mono, p.time.HasMono = d, true
		p.prio = Priority(n & 7)
		return p.kernel(fmtConsole, oneSpace(s, j))
	}
	if at(s, i) == '1' && at(s, i+1) == ' ' {
		if p.rfc5424(s, i+2) {
			p.prio = Priority(n & 7)
			return true
		}
	}
	if n <= 5 && isCtrlEvent(s[i:]) {
		p.format = fmtWPACtrl
		p.transport = viaWPACtrl
		p.prio = wpaPriority(n)
		p.msg = int32(i)
		return true
	}
	if j, ok := p.dateStamp(s, i); ok {
		p.format = fmtSyslog3164
		p.head(s, j)
		p.prio = Priority(n & 7)
		return true
	}
	if i >= len(s) {
		return false
	}
	// A kernel line without stamp (printk.time=0), or a syslog packet
	// without its time.
	p.prio = Priority(n & 7)
	if n < 8 {
		return p.kernel(fmtConsole, i)
	}
	p.format = fmtSyslog3164
	p.head(s, i)
	return true
}

// wpaPriority gives the severity of wpa_supplicant's message levels (enum in
// hostap's wpa_debug.h: MSG_EXCESSIVE 0 to MSG_ERROR 5).
func wpaPriority(level int) Priority {
	switch level {
	case 5:
		return 3
	case 4:
		return 4
	case 3:
		return 6
	}
	return 7
}

// rfc5424 reads the header behind "<N>1 ": time, host, application, process
// id, message id and structured data, each of which may be "-".
func (p *prefix) rfc5424(s []byte, i int) bool {
	if at(s, i) == '-' && at(s, i+1) == ' ' {
		i += 2
	} else {
		j, frac, ok := p.isoStamp(s, i)
		if !ok || frac == ',' || at(s, j) != ' ' {
			return false
		}
		i = j + 1
	}
	var field [4]span
	for k := range field {
		j := skipWord(s, i)
		if j == i || at(s, j) != ' ' {
			return false
		}
		if j != i+1 || s[i] != '-' {
			field[k] = span{int32(i), int32(j)}
		}
		i = j + 1
	}
	switch {
	case at(s, i) == '-':
		i++
	case at(s, i) == '[':
		for at(s, i) == '[' {
			quoted := false
			for i < len(s) && (quoted || s[i] != ']') {
				if s[i] == '\\' && quoted {
					i++
				} else if s[i] == '"' {
					quoted = !quoted
				}
				i++
			}
			i++
		}
	default:
		return false
	}
	if i < len(s) && s[i] != ' ' {
		return false
	}
	i = min(oneSpace(s, i), len(s))
	if at(s, i) == 0xEF && at(s, i+1) == 0xBB && at(s, i+2) == 0xBF {
		i += 3
	}
	p.format = fmtSyslog5424
	p.host, p.ident = field[0], field[1]
	if f := field[2]; f.b > f.a {
		if v, j, ok := scanInt(s, int(f.a), 9); ok && j == int(f.b) {
			p.pid = int32(v)
		}
	}
	p.finish(s, i)
	return true
}

// isoStamp reads an ISO 8601 time, which may have a fraction and a zone.
func (p *prefix) isoStamp(s []byte, i int) (next int, frac byte, ok bool) {
	y, m, d, j, ok := scanISODate(s, i)
	if !ok || (at(s, j) != 'T' && at(s, j) != ' ') {
		return i, 0, false
	}
	c, j, ok := scanClock(s, j+1)
	if !ok {
		return i, 0, false
	}
	if c.unit < time.Second {
		frac = s[i+19]
	}
	p.wall(KnownClock|KnownDate|KnownYear, y, m, d, c)
	if off, k, ok := scanZone(s, j); ok {
		p.setZone(off)
		j = k
	}
	return j, frac, true
}

// digits reads the prefixes that begin with a digit.
func (p *prefix) digits(s []byte) bool {
	if len(s) < 8 {
		return false
	}
	switch {
	case s[2] == ':':
		c, j, ok := scanClock(s, 0)
		if !ok || (j < len(s) && s[j] != ' ') {
			return false
		}
		p.wall(KnownClock, 0, 1, 1, c)
		p.format = fmtClock
		p.head(s, j)
		return true
	case s[2] == '-':
		return p.logcat(s, 0)
	case s[4] == '-':
		return p.iso(s)
	}
	if _, j, ok := scanInt(s, 0, 18); ok {
		switch at(s, j) {
		case ',':
			return p.kmsg(s)
		case '.':
			return p.seconds(s)
		case 0xE6, 0xEC:
			if j, ok := p.dateStamp(s, 0); ok {
				p.head(s, j)
				return true
			}
		}
	}
	return false
}

// iso reads the prefixes that begin with an ISO date.
func (p *prefix) iso(s []byte) bool {
	j, frac, ok := p.isoStamp(s, 0)
	if !ok || (j < len(s) && s[j] != ' ') {
		return false
	}
	if frac == ',' && s[10] == 'T' && p.time.Known&KnownZone != 0 {
		return p.kernel(fmtDmesgISO, oneSpace(s, scanCaller(s, j)))
	}
	if s[10] == ' ' && p.time.Known&KnownZone == 0 && p.logcatTail(s, j) {
		return true
	}
	p.format = fmtShortISO
	if frac != 0 {
		p.format = fmtShortISOPrecise
	}
	p.head(s, j)
	return true
}

// kmsg reads a record of /dev/kmsg: "prefix,seq,usec,flags[,key=value];text"
// (Documentation/ABI/testing/dev-kmsg). The prefix number is facility and
// severity; a facility other than 0 marks what user space wrote.
func (p *prefix) kmsg(s []byte) bool {
	pri, i, ok := scanInt(s, 0, 6)
	if !ok || at(s, i) != ',' {
		return false
	}
	_, i, ok = scanInt(s, i+1, 18)
	if !ok || at(s, i) != ',' {
		return false
	}
	usec, i, ok := scanInt(s, i+1, 16)
	if !ok || at(s, i) != ',' || usec > 9_000_000_000_000_000 {
		return false
	}
	for i++; i < len(s) && s[i] != ';'; i++ {
		if s[i] < 0x21 || s[i] > 0x7e {
			return false
		}
	}
	if i >= len(s) {
		return false
	}
	p.time.Mono, p.time.HasMono = time.Duration(usec)*time.Microsecond, true
	p.prio = Priority(pri & 7)
	p.kernel(fmtKmsg, i+1)
	if pri > 7 {
		p.transport = viaSyslog
		if t, ok := scanTag(s, i+1); ok && (t.pid > 0 || knownIdent(s[t.ident.a:t.ident.b])) {
			p.setTag(s, t)
		}
	}
	return true
}

// seconds reads the prefixes that begin with seconds since 1970, and a kernel
// stamp that has lost its bracket.
func (p *prefix) seconds(s []byte) bool {
	d, digits, j, ok := scanSeconds(s, 0)
	if !ok {
		return false
	}
	if at(s, j) == ']' && digits == 6 && at(s, j+1) == ' ' {
		return p.mono(s, d, j+1)
	}
	if d < 100_000_000*time.Second {
		return false
	}
	switch {
	case at(s, j) == ':' && at(s, j+1) == ' ' && digits == 6:
		p.unix(d, digits)
		p.format = fmtWPATime
		p.msg = int32(j + 2)
		return true
	case at(s, j) == ' ':
		p.unix(d, digits)
		p.format = fmtShortUnix
		p.head(s, j)
		return p.ident.b > p.ident.a
	}
	return false
}

// word reads the prefixes that begin with a letter.
func (p *prefix) word(s []byte) bool {
	if j, ok := p.dateStamp(s, 0); ok {
		p.head(s, j)
		return true
	}
	// A weekday: journalctl's full form, or ctime as logread has it.
	if n := skipName(s, 0); n >= 2 && at(s, n) == ' ' {
		j := skipSpaces(s, n)
		if isDigit(at(s, j)) && at(s, j+4) == '-' {
			if p.full(s, j) {
				return true
			}
		} else if j, ok := p.ctime(s, 0); ok {
			p.format = fmtLogread
			if at(s, j) == ' ' && at(s, j+1) == '[' {
				// logread -t adds seconds since 1970.
				if d, digits, k, ok := scanSeconds(s, j+2); ok && at(s, k) == ']' {
					p.unix(d, digits)
					j = k + 1
				}
			}
			p.head(s, j)
			return true
		}
	}
	if j, ok := p.decoded(s); ok {
		if d, k, ok := scanMono(s, j); ok {
			p.time.Mono, p.time.HasMono = d, true
			j = oneSpace(s, k)
		} else if at(s, j) == '[' {
			p.bracketDate(s, j+1)
			if p.dated() {
				j = int(p.msg)
			}
		}
		return p.kernel(fmtDmesgDecoded, j)
	}
	if p.logcatBrief(s, 0) {
		p.format = fmtLogcatBrief
		return true
	}
	if at(s, 0) == 'I' {
		if j, ok := scanIfname(s); ok {
			return p.pri(s, int(s[j+1]-'0'), j+3) && p.format == fmtWPACtrl
		}
	}
	return p.tagOnly(s)
}

// scanIfname steps over "IFNAME=wlan0 " before a "<N>", as the global control
// interface writes it.
func scanIfname(s []byte) (next int, ok bool) {
	const key = "IFNAME="
	if len(s) < len(key)+5 || string(s[:len(key)]) != key {
		return 0, false
	}
	j := skipWord(s, len(key))
	if at(s, j) != ' ' || at(s, j+1) != '<' || !isDigit(at(s, j+2)) || at(s, j+3) != '>' {
		return 0, false
	}
	return j + 1, true
}

// dateStamp reads "Jan 11 18:14:14[.123456]", the year may stand behind the day.
func (p *prefix) dateStamp(s []byte, i int) (next int, ok bool) {
	m, j, ok := scanMonth(s, i)
	if !ok || at(s, j) != ' ' {
		return i, false
	}
	day, j, ok := scanInt(s, skipSpaces(s, j), 2)
	if !ok {
		return i, false
	}
	if j+3 <= len(s) && string(s[j:j+3]) == "日" {
		j += 3
	}
	if at(s, j) != ' ' {
		return i, false
	}
	j = skipSpaces(s, j)
	known, year := KnownClock|KnownDate, 0
	if y, ok := four(s, j); ok && y >= 1970 && at(s, j+4) == ' ' {
		known, year = known|KnownYear, y
		j = skipSpaces(s, j+4)
	}
	c, j, ok := scanClock(s, j)
	if !ok || (j < len(s) && s[j] != ' ' && s[j] != ':') {
		return i, false
	}
	if at(s, j) == ':' {
		j++
	}
	if m == monthAmbiguous || !validDay(m, int(day)) {
		p.wall(KnownClock, 0, 1, 1, c)
	} else {
		p.wall(known, year, m, int(day), c)
	}
	p.format = fmtShort
	if c.unit < time.Second {
		p.format = fmtShortPrecise
	}
	return j, true
}

// full reads journalctl's full form from its date on: date, time, zone name. Only UTC is
// a zone known for sure; other abbreviations mean several.
func (p *prefix) full(s []byte, i int) bool {
	j, _, ok := p.isoStamp(s, i)
	if !ok || at(s, j) != ' ' {
		return false
	}
	k := skipWord(s, j+1)
	zone := s[j+1 : k]
	if len(zone) < 1 || len(zone) > 6 {
		return false
	}
	for _, c := range zone {
		if !isLetter(c) && !isDigit(c) && c != '+' && c != '-' {
			return false
		}
	}
	switch string(zone) {
	case "UTC", "GMT", "Z":
		p.setZone(0)
	default:
		if off, n, ok := scanZone(zone, 0); ok && n == len(zone) {
			p.setZone(off)
		}
	}
	p.format = fmtShortFull
	if at(s, k) == ' ' && at(s, k+1) == '[' && at(s, k+2) == 's' && at(s, k+3) == '=' {
		p.format = fmtVerbose
		p.msg = int32(len(s))
		return true
	}
	p.head(s, k)
	return true
}

// decoded reads dmesg -x's "kern  :warn  : ".
func (p *prefix) decoded(s []byte) (next int, ok bool) {
	i := 0
	for i < len(s) && i < 10 && (isLower(s[i]) || isDigit(s[i])) {
		i++
	}
	if !isFacility(s[:i]) {
		return 0, false
	}
	i = skipSpaces(s, i)
	if at(s, i) != ':' {
		return 0, false
	}
	i++
	j := i
	for j < len(s) && j-i < 10 && isLower(s[j]) {
		j++
	}
	prio := severity(s[i:j])
	if prio == PriorityUnknown {
		return 0, false
	}
	j = skipSpaces(s, j)
	if at(s, j) != ':' {
		return 0, false
	}
	p.prio = prio
	return skipSpaces(s, j+1), true
}

// logcat reads "01-11 18:14:14.937" and what follows.
func (p *prefix) logcat(s []byte, i int) bool {
	m, ok1 := two(s, i)
	d, ok2 := two(s, i+3)
	if !ok1 || !ok2 || at(s, i+5) != ' ' || !validDay(m, d) {
		return false
	}
	c, j, ok := scanClock(s, i+6)
	if !ok {
		return false
	}
	p.wall(KnownClock|KnownDate, 0, m, d, c)
	return p.logcatTail(s, j)
}

// logcatTail reads "  2215  2215 D tag: msg", optionally with a user before the ids,
// or the brief form "D/tag( 2215): msg".
func (p *prefix) logcatTail(s []byte, i int) bool {
	i = skipSpaces(s, i)
	if p.logcatBrief(s, i) {
		p.format = fmtLogcat
		return true
	}
	j := i
	if !isDigit(at(s, j)) {
		j = skipWord(s, j)
	}
	var ids [3]int64
	n := 0
	for n < len(ids) {
		v, k, ok := scanInt(s, skipSpaces(s, j), 9)
		if !ok {
			break
		}
		ids[n], j = v, k
		n++
	}
	if n < 2 {
		return false
	}
	pid := ids[n-2]
	j = skipSpaces(s, j)
	prio := logcatPriority(at(s, j))
	if prio == PriorityUnknown || at(s, j+1) != ' ' {
		return false
	}
	j += 2
	a := j
	for j < len(s) && s[j] != ':' {
		j++
	}
	if j >= len(s) || j-a > 80 {
		return false
	}
	b := j
	for b > a && s[b-1] == ' ' {
		b--
	}
	p.format = fmtLogcat
	p.prio = prio
	p.pid = int32(pid)
	p.ident = span{int32(a), int32(b)}
	p.finish(s, oneSpace(s, j+1))
	return true
}

// logcatBrief reads "D/tag( 2215): msg".
func (p *prefix) logcatBrief(s []byte, i int) bool {
	if at(s, i+1) != '/' {
		return false
	}
	prio := logcatPriority(at(s, i))
	if prio == PriorityUnknown {
		return false
	}
	a := i + 2
	j := a
	for j < len(s) && s[j] != '(' && j-a < 80 {
		j++
	}
	if at(s, j) != '(' || j == a {
		return false
	}
	pid, k, ok := scanInt(s, skipSpaces(s, j+1), 9)
	if !ok || at(s, k) != ')' || at(s, k+1) != ':' {
		return false
	}
	for j > a && s[j-1] == ' ' {
		j--
	}
	p.prio = prio
	p.pid = int32(pid)
	p.ident = span{int32(a), int32(j)}
	p.finish(s, oneSpace(s, k+2))
	return true
}

// logcatPriority gives the severity of logcat's letters.
func logcatPriority(c byte) Priority {
	switch c {
	case 'V', 'D':
		return 7
	case 'I':
		return 6
	case 'W':
		return 4
	case 'E':
		return 3
	case 'F', 'A':
		return 2
	}
	return PriorityUnknown
}
