package journal

import "bytes"

// cut is where a record begins within a line.
type cut struct {
	at int
	// glued tells that no blank stood before it: another writer broke in.
	glued bool
	// bare tells that it has no stamp of its own.
	bare bool
}

// runOns finds the records that begin in the midst of a line, behind from.
// Only stamps that nothing else looks like count: the kernel's with its six
// decimals, and a syslog or journal stamp with its tag.
func runOns(cuts []cut, s []byte, from int, own formatID, prefixed bool) []cut {
	from = max(from, 0)
	for i := from; i < len(s); i++ {
		n := bytes.IndexByte(s[i:], '[')
		if n < 0 {
			break
		}
		i += n
		if i > from && isRunOnStamp(s, i, own) {
			cuts = append(cuts, cut{at: i, glued: !isSpace(s[i-1])})
		}
	}
	if prefixed && !hasStamp(own) {
		return cuts
	}
	k := len(cuts)
	for i := from + 2; i+5 < len(s); i++ {
		n := bytes.IndexByte(s[i:len(s)-5], ':')
		if n < 0 {
			break
		}
		i += n
		if s[i+3] != ':' || !isDigit(s[i+1]) || !isDigit(s[i+2]) || !isDigit(s[i+4]) || !isDigit(s[i+5]) ||
			!isDigit(s[i-1]) || !isDigit(s[i-2]) {
			continue
		}
		if j := stampStart(s, i-2, from); j > from {
			cuts = append(cuts, cut{at: j, glued: !isSpace(s[j-1])})
			i += 5
		}
	}
	if len(cuts) == 0 && !prefixed {
		return sameDevice(cuts, s, from)
	}
	if k > 0 && k < len(cuts) {
		// Both kinds in one line: a kernel stamp behind a tag is part of that
		// record's prefix.
		cuts = mergeCuts(s, cuts, k)
	}
	return cuts
}

// sameDevice finds records without stamps that a page's text has run together:
// what the line begins with, a driver and its device's address, comes again.
func sameDevice(cuts []cut, s []byte, from int) []cut {
	n := bytes.Index(s[from:], []byte(": "))
	if n < 0 || n > longestDevice {
		return cuts
	}
	head := s[from : from+n+2]
	driver, address, ok := bytes.Cut(head[:n], []byte{' '})
	if !ok || len(driver) < 3 || !isLetter(driver[0]) || !isBusAddress(address) {
		return cuts
	}
	for i := from + len(head); ; {
		k := bytes.Index(s[i:], head)
		if k < 0 {
			return cuts
		}
		i += k
		if isSpace(s[i-1]) && i > from+len(head) {
			cuts = append(cuts, cut{at: i, bare: true})
		}
		i += len(head)
	}
}

// longestDevice bounds the name of a driver with its device's address.
const longestDevice = 48

// mergeCuts puts the cuts in order and drops those that stand within the
// prefix of another.
func mergeCuts(s []byte, cuts []cut, k int) []cut {
	out := make([]cut, 0, len(cuts))
	end := 0
	for a, b := 0, k; a < k || b < len(cuts); {
		var c cut
		if b >= len(cuts) || (a < k && cuts[a].at < cuts[b].at) {
			c = cuts[a]
			a++
		} else {
			c = cuts[b]
			b++
		}
		if c.at < end {
			continue
		}
		if p, ok := parsePrefix(s[c.at:]); ok {
			end = c.at + int(p.msg)
		}
		out = append(out, c)
	}
	return append(cuts[:0], out...)
}

// isRunOnStamp tells whether the '[' at i begins a kernel stamp.
func isRunOnStamp(s []byte, i int, own formatID) bool {
	switch c := at(s, i+1); {
	case c == ' ' || isDigit(c):
		j := skipSpaces(s, i+1)
		_, k, ok := scanInt(s, j, 8)
		if !ok || at(s, k) != '.' {
			return false
		}
		_, m, ok := scanInt(s, k+1, 6)
		if !ok || m-k != 7 || at(s, m) != ']' {
			return false
		}
		if end := scanCaller(s, m+1); end < len(s) && s[end] != ' ' {
			return false
		}
		// NetworkManager's own time stands behind its level.
		b := i
		for b > 0 && isSpace(s[b-1]) {
			b--
		}
		return b == 0 || s[b-1] != '>'
	case isUpper(c) && own == fmtDmesgCtime:
		var p prefix
		return p.bracketDate(s, i+1)
	}
	return false
}

// hasStamp tells the formats whose stamp may begin a record in the midst of a
// line.
func hasStamp(f formatID) bool {
	switch f {
	case fmtShort, fmtShortPrecise, fmtShortISO, fmtShortISOPrecise, fmtShortFull, fmtLogread, fmtLogcat, fmtBare, fmtTag:
		return true
	}
	return false
}

// stampStart returns where the stamp begins whose time of day stands at i, if it
// has a tag behind it; -1 otherwise.
func stampStart(s []byte, i, from int) int {
	// "Sun Jan 11 " and "Sun 2026-01-11 " come before their tails "Jan 11 " and
	// "2026-01-11 ".
	for _, back := range [...]int{15, 11, 7, 6} {
		j := i - back
		if j <= from || j < 1 {
			continue
		}
		c := s[j]
		switch back {
		case 15, 7:
			if !isUpper(c) {
				continue
			}
		case 11:
			if !isUpper(c) && !isDigit(c) || isDigit(c) && s[j+4] != '-' {
				continue
			}
		case 6:
			if !isDigit(c) || s[j+2] != '-' {
				continue
			}
		}
		if b := s[j-1]; isDigit(b) || b == '[' || b == '-' {
			continue
		}
		if p, ok := parsePrefix(s[j:]); ok && p.time.Known&KnownDate != 0 && p.ident.b > p.ident.a {
			return j
		}
	}
	return -1
}
