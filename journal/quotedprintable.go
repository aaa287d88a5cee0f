package journal

import (
	"bytes"
	"unicode/utf8"
)

// Mail archives show text as it travelled, in quoted-printable (RFC 2045
// clause 6.7): "=3D" for '=', "=20" for a blank at the end of a line, "=" at
// the end of a line that goes on in the next. Logs are full of '=' that mean
// themselves ("Reason: 3=DEAUTH_LEAVING"), so each line has to prove itself.

// qpProof is what a line tells about its encoding.
type qpProof uint8

const (
	qpNone   qpProof = iota // nothing encoded, or an '=' that cannot be
	qpWeak                  // may be encoded, and may be plain text
	qpStrong                // encoded
)

// qpWidth and qpMax bound the length of lines that a soft break alone proves:
// encoders fill up to 76 characters and answers add their quoting.
const (
	qpWidth = 72
	qpMax   = 79
)

// qpLine looks at all '=' of a line. soft tells that the line goes on in the
// next one.
func qpLine(s []byte) (proof qpProof, soft bool) {
	i := bytes.IndexByte(s, '=')
	if i < 0 {
		return qpNone, false
	}
	proof = qpWeak
	ended := false // an encoded line end was seen: nothing but a soft break may follow
	for i < len(s) {
		if s[i] != '=' {
			if ended {
				return qpNone, false
			}
			n := bytes.IndexByte(s[i:], '=')
			if n < 0 {
				break
			}
			i += n
			continue
		}
		if i+1 == len(s) {
			if ended || (len(s) >= qpWidth && len(s) <= qpMax) {
				proof = qpStrong
			}
			return proof, true
		}
		c, ok := qpByte(s, i)
		if !ok {
			return qpNone, false
		}
		switch {
		case c == '=' && !ended:
			proof = qpStrong
		case c == '\n' || c == '\r':
			ended = true
			proof = qpStrong
		case ended:
			return qpNone, false
		case c == ' ' || c == '\t':
			// Blanks are encoded at the end of a line only.
			if rest := s[i+3:]; len(rest) > 0 && string(rest) != "=" {
				return qpNone, false
			}
		case c == '.' || c == 'F' || c == '-':
			// Some senders hide these at the begin of a line from mail software.
			if i > 0 {
				return qpNone, false
			}
		case c >= 0xC2:
			n := qpRune(s, i)
			if n == 0 {
				return qpNone, false
			}
			proof = qpStrong
			i += n
			continue
		default:
			return qpNone, false
		}
		i += 3
	}
	return proof, false
}

// qpByte decodes "=3D".
func qpByte(s []byte, i int) (byte, bool) {
	if i+2 >= len(s) {
		return 0, false
	}
	h, l := qpDigit(s[i+1]), qpDigit(s[i+2])
	return h<<4 | l, h < 16 && l < 16
}

func qpDigit(c byte) byte {
	switch {
	case isDigit(c):
		return c - '0'
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10
	}
	return 16
}

// qpRune returns the encoded length of a rune of several bytes, 0 for none.
func qpRune(s []byte, i int) int {
	var b [utf8.UTFMax]byte
	for n := range b {
		c, ok := qpByte(s, i+3*n)
		if !ok || at(s, i+3*n) != '=' {
			return 0
		}
		b[n] = c
		if r, size := utf8.DecodeRune(b[:n+1]); r != utf8.RuneError && size == n+1 && size > 1 {
			return 3 * size
		}
	}
	return 0
}

// decodeQP appends the decoded line to t. Encoded line ends are left out: the line
// ends there anyway.
func decodeQP(t *altered, s []byte, base int) {
	for i := 0; i < len(s); i++ {
		if s[i] != '=' {
			t.add(s[i], base+i)
			continue
		}
		if i+1 == len(s) {
			return
		}
		c, ok := qpByte(s, i)
		if !ok {
			t.add('=', base+i)
			continue
		}
		if c != '\n' && c != '\r' {
			t.add(c, base+i)
		}
		i += 2
	}
}

// endsEncoded tells an encoded line end before a soft break: the break joins
// nothing then.
func endsEncoded(s []byte) bool {
	return hasSuffix(s, "=0A=") || hasSuffix(s, "=0A") || hasSuffix(s, "=0D=")
}
