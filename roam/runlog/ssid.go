package runlog

import (
	"encoding/hex"
	"fmt"
	"unicode"
	"unicode/utf8"

	"roamfault/nl80211/dot11"
)

// maxSSIDText is how long the text of an SSID is at most: every octet escaped.
const maxSSIDText = dot11.MaxSSID * len(`\x00`)

// String gives the octets as text of one line that [ParseSSID] reads back
// exactly: printable UTF-8 as it is, a backslash as \\, every other octet as
// \x and two hexadecimal digits. It holds no control characters and none that
// turn the direction of writing; it is not escaped for any document.
func (s SSID) String() string {
	const digits = "0123456789abcdef"
	b := make([]byte, 0, len(s))
	for rest := []byte(s); len(rest) > 0; {
		r, n := utf8.DecodeRune(rest)
		switch {
		case r == '\\':
			b = append(b, `\\`...)
		case r == utf8.RuneError && n <= 1, !unicode.IsPrint(r):
			for _, octet := range rest[:n] {
				b = append(b, '\\', 'x', digits[octet>>4], digits[octet&15])
			}
		default:
			b = append(b, rest[:n]...)
		}
		rest = rest[n:]
	}
	return string(b)
}

// MarshalText gives the SSID as String does.
func (s SSID) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what ParseSSID reads.
func (s *SSID) UnmarshalText(text []byte) error {
	parsed, err := ParseSSID(string(text))
	if err != nil {
		return err
	}
	*s = parsed
	return nil
}

// ssidEscape gives the octets of the escapes with one letter. String writes only
// the first; the others are wpa_supplicant's (printf_encode in
// src/utils/common.c), whose output people paste.
func ssidEscape(letter byte) (octet byte, ok bool) {
	switch letter {
	case '\\', '"':
		return letter, true
	case 'n':
		return '\n', true
	case 'r':
		return '\r', true
	case 't':
		return '\t', true
	case 'e':
		return 0x1b, true
	}
	return 0, false
}

// ParseSSID reads the text form of an SSID: that of String, or the one that
// wpa_supplicant prints. The empty text is the SSID without octets, nil.
func ParseSSID(text string) (SSID, error) {
	if len(text) > maxSSIDText {
		return nil, fmt.Errorf("parse SSID: %d characters are too many: an SSID has at most %d octets", len(text), dot11.MaxSSID)
	}
	var s SSID
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' {
			s = append(s, text[i])
			continue
		}
		octet, n, err := unescape(text[i+1:])
		if err != nil {
			return nil, fmt.Errorf("parse SSID %q: %w", text, err)
		}
		s = append(s, octet)
		i += n
	}
	if len(s) > dot11.MaxSSID {
		return nil, fmt.Errorf("parse SSID %q: %d octets are too many: an SSID has at most %d", text, len(s), dot11.MaxSSID)
	}
	return s, nil
}

// unescape reads what stands behind a backslash, and how many characters it has.
func unescape(text string) (octet byte, n int, err error) {
	if text == "" {
		return 0, 0, fmt.Errorf(`it ends with a backslash: write \\ for one`)
	}
	if octet, ok := ssidEscape(text[0]); ok {
		return octet, 1, nil
	}
	var b [1]byte
	if text[0] != 'x' || len(text) < 3 {
		return 0, 0, fmt.Errorf(`a backslash is followed by \, or by x and two hexadecimal digits`)
	}
	if _, err := hex.Decode(b[:], []byte(text[1:3])); err != nil {
		return 0, 0, fmt.Errorf(`\x%s: two hexadecimal digits are wanted`, text[1:3])
	}
	return b[0], 3, nil
}
