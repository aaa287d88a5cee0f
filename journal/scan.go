package journal

import "time"

// The scanners here read one small thing at a place of a line. Each returns
// the place behind it; ok is false when the thing is not there. They are the
// hot path of the package: no allocation, no regular expression.

func isDigit(c byte) bool { return c-'0' <= 9 }

func isSpace(c byte) bool { return c == ' ' || c == '\t' }

func isLetter(c byte) bool { return (c|0x20)-'a' < 26 }

func isUpper(c byte) bool { return c-'A' < 26 }

func isLower(c byte) bool { return c-'a' < 26 }

func isHex(c byte) bool { return isDigit(c) || (c|0x20)-'a' < 6 }

// at returns the byte at i, 0 behind the end.
func at(s []byte, i int) byte {
	if uint(i) < uint(len(s)) {
		return s[i]
	}
	return 0
}

func skipSpaces(s []byte, i int) int {
	for i < len(s) && isSpace(s[i]) {
		i++
	}
	return i
}

// skipWord returns the end of the run of non-blanks at i.
func skipWord(s []byte, i int) int {
	for i < len(s) && !isSpace(s[i]) {
		i++
	}
	return i
}

// scanInt reads 1 to max decimal digits; max is at most 18.
func scanInt(s []byte, i, max int) (v int64, next int, ok bool) {
	start := i
	for i < len(s) && i-start < max && isDigit(s[i]) {
		v = v*10 + int64(s[i]-'0')
		i++
	}
	if i == start || (i < len(s) && isDigit(s[i])) {
		return 0, start, false
	}
	return v, i, true
}

// two reads exactly two digits.
func two(s []byte, i int) (int, bool) {
	if i+1 >= len(s) || !isDigit(s[i]) || !isDigit(s[i+1]) {
		return 0, false
	}
	return int(s[i]-'0')*10 + int(s[i+1]-'0'), true
}

// four reads exactly four digits.
func four(s []byte, i int) (int, bool) {
	a, ok1 := two(s, i)
	b, ok2 := two(s, i+2)
	return a*100 + b, ok1 && ok2
}

// scanFraction reads the digits behind a point as nanoseconds and tells the
// unit they are given in. Digits past the ninth are dropped.
func scanFraction(s []byte, i int) (nanos int, unit time.Duration, next int, ok bool) {
	start, scale := i, 100_000_000
	unit = time.Second
	for i < len(s) && isDigit(s[i]) {
		if scale > 0 {
			nanos += int(s[i]-'0') * scale
			scale /= 10
			unit /= 10
		}
		i++
	}
	return nanos, unit, i, i > start && i-start <= 12
}

// clock is a time of day.
type clock struct {
	hour, min, sec, nanos int
	unit                  time.Duration
}

// scanClock reads hh:mm:ss with an optional fraction behind '.' or ','. A 60th
// second, which the leap second has, is read as the 59th of its minute plus
// one by time.Date later on.
func scanClock(s []byte, i int) (c clock, next int, ok bool) {
	if i+8 > len(s) || s[i+2] != ':' || s[i+5] != ':' {
		return c, i, false
	}
	var ok1, ok2, ok3 bool
	c.hour, ok1 = two(s, i)
	c.min, ok2 = two(s, i+3)
	c.sec, ok3 = two(s, i+6)
	if !ok1 || !ok2 || !ok3 || c.hour > 23 || c.min > 59 || c.sec > 60 {
		return c, i, false
	}
	i += 8
	c.unit = time.Second
	if p := at(s, i); (p == '.' || p == ',') && isDigit(at(s, i+1)) {
		if c.nanos, c.unit, i, ok = scanFraction(s, i+1); !ok {
			return c, i, false
		}
	}
	return c, i, !isDigit(at(s, i)) && at(s, i) != ':'
}

// scanISODate reads yyyy-mm-dd.
func scanISODate(s []byte, i int) (year, month, day, next int, ok bool) {
	if i+10 > len(s) || s[i+4] != '-' || s[i+7] != '-' {
		return 0, 0, 0, i, false
	}
	y, ok1 := four(s, i)
	m, ok2 := two(s, i+5)
	d, ok3 := two(s, i+8)
	if !ok1 || !ok2 || !ok3 || y < 1970 || !validDay(m, d) {
		return 0, 0, 0, i, false
	}
	return y, m, d, i + 10, true
}

// validDay tells whether a month has such a day in some year.
func validDay(month, day int) bool {
	if month < 1 || month > 12 || day < 1 || day > 31 {
		return false
	}
	switch month {
	case 2:
		return day <= 29
	case 4, 6, 9, 11:
		return day <= 30
	}
	return true
}

// scanZone reads Z, +hh, +hhmm or +hh:mm.
func scanZone(s []byte, i int) (offset, next int, ok bool) {
	c := at(s, i)
	if c == 'Z' {
		return 0, i + 1, true
	}
	if c != '+' && c != '-' {
		return 0, i, false
	}
	h, ok1 := two(s, i+1)
	if !ok1 || h > 14 {
		return 0, i, false
	}
	next = i + 3
	m := 0
	if at(s, next) == ':' {
		m, ok = two(s, next+1)
		if !ok {
			return 0, i, false
		}
		next += 3
	} else if m, ok = two(s, next); ok {
		next += 2
	} else {
		m = 0
	}
	if m > 59 {
		return 0, i, false
	}
	offset = h*3600 + m*60
	if c == '-' {
		offset = -offset
	}
	return offset, next, true
}

// scanSeconds reads seconds with a fraction, "1264.826132", as a duration.
// digits is the number of decimals.
func scanSeconds(s []byte, i int) (d time.Duration, digits, next int, ok bool) {
	sec, j, ok := scanInt(s, i, 10)
	if !ok || at(s, j) != '.' || sec > 9_000_000_000 {
		return 0, 0, i, false
	}
	nanos, _, k, ok := scanFraction(s, j+1)
	if !ok || k-j-1 > 9 {
		return 0, 0, i, false
	}
	return time.Duration(sec)*time.Second + time.Duration(nanos), k - j - 1, k, true
}
