package decode

import (
	"strconv"
	"strings"
)

// maxLine bounds what a line parser looks at: the longest record that any of
// these drivers prints is far shorter.
const maxLine = 1024

func bounded(line string) string {
	if len(line) > maxLine {
		return line[:maxLine]
	}
	return line
}

// after returns what follows the first sep in s.
func after(s, sep string) (string, bool) {
	_, rest, ok := strings.Cut(s, sep)
	return rest, ok
}

// token returns s up to the first space, comma or bracket.
func token(s string) string {
	if i := strings.IndexAny(s, " ,;[]()\t"); i >= 0 {
		return s[:i]
	}
	return s
}

// field returns the token that follows key in s; key must stand at the start
// or behind a separator, so that "flags=" is not found in "xflags=".
func field(s, key string) (string, bool) {
	for from := 0; from < len(s); {
		i := strings.Index(s[from:], key)
		if i < 0 {
			return "", false
		}
		i += from
		if i == 0 || strings.IndexByte(" ,[(\t", s[i-1]) >= 0 {
			v := token(s[i+len(key):])
			return v, v != ""
		}
		from = i + len(key)
	}
	return "", false
}

// hexField returns the hexadecimal number that follows key, with or without 0x.
func hexField(s, key string, bits int) (uint64, bool) {
	v, ok := field(s, key)
	if !ok {
		return 0, false
	}
	return parseHex(v, bits)
}

func parseHex(v string, bits int) (uint64, bool) {
	if len(v) > 2 && v[0] == '0' && (v[1] == 'x' || v[1] == 'X') {
		v = v[2:]
	}
	n, err := strconv.ParseUint(v, 16, bits)
	return n, err == nil
}

// plainWord returns s when it is made of what names of devices, drivers and
// files are made of, and "" otherwise: a line is anybody's text.
func plainWord(s string) string {
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && strings.IndexByte("_-.:/+@", c) < 0 {
			return ""
		}
	}
	return s
}

// bit is a named bit of a register.
type bit struct {
	n       uint8
	name    string
	meaning string
}

func bitNames(v uint32, table []bit) []string {
	var names []string
	for _, b := range table {
		if v&(1<<b.n) != 0 {
			names = append(names, b.name)
		}
	}
	return names
}

// canonicalBDF returns a PCI address with its domain ("0000:09:00.0"), from
// that form or the one without.
func canonicalBDF(s string) (string, bool) {
	bus := s
	domain := "0000"
	if len(s) > 8 && s[len(s)-8] == ':' {
		domain, bus = s[:len(s)-8], s[len(s)-7:]
	}
	if len(bus) != 7 || bus[2] != ':' || bus[5] != '.' || len(domain) < 4 || len(domain) > 8 {
		return "", false
	}
	for i := range len(domain) {
		if _, ok := hexDigit(domain[i]); !ok {
			return "", false
		}
	}
	for _, i := range [...]int{0, 1, 3, 4} {
		if _, ok := hexDigit(bus[i]); !ok {
			return "", false
		}
	}
	if bus[6] < '0' || bus[6] > '7' {
		return "", false
	}
	return strings.ToLower(domain + ":" + bus), true
}

// prefixDevice returns the PCI address and driver of a message's prefix,
// "mt7925e 0000:09:00.0: ".
func prefixDevice(prefix string) (bdf, driver string) {
	words := strings.Fields(prefix)
	for i := len(words) - 1; i >= 0; i-- {
		if dev, ok := canonicalBDF(strings.TrimSuffix(words[i], ":")); ok {
			if i > 0 && !strings.HasSuffix(words[i-1], ":") && !strings.HasSuffix(words[i-1], "]") {
				driver = plainWord(words[i-1])
			}
			return dev, driver
		}
	}
	return "", ""
}
