package dot11

import (
	"strconv"
	"strings"
)

// reserved is the name of every value that no table assigns.
const reserved = "RESERVED"

// code is one entry of a table of reason or status codes; its value is its
// index, and an entry without name is reserved.
type code struct {
	name    string
	meaning string
	hint    string
}

// alias is another spelling of a code's name.
type alias struct {
	name  string
	value uint16
}

func lookup(table []code, n uint16) code {
	if int(n) < len(table) {
		return table[n]
	}
	return code{}
}

// maxCodeText is longer than any name with its prefix and number: what is
// longer is no code, and is not worth comparing.
const maxCodeText = 96

// parseCode reads a number, a name or both joined by "=".
func parseCode(s, prefix string, table []code, aliases []alias) (uint16, bool) {
	if len(s) > maxCodeText {
		return 0, false
	}
	s = strings.TrimSpace(s)
	if n, ok := parseNumber(s); ok {
		return n, true
	}
	if number, _, both := strings.Cut(s, "="); both {
		return parseNumber(strings.TrimSpace(number))
	}
	if len(s) > len(prefix) && strings.EqualFold(s[:len(prefix)], prefix) {
		s = s[len(prefix):]
	}
	if s == "" {
		return 0, false
	}
	for n := range table {
		if strings.EqualFold(table[n].name, s) {
			return uint16(n), true
		}
	}
	for _, a := range aliases {
		if strings.EqualFold(a.name, s) {
			return a.value, true
		}
	}
	return 0, false
}

func parseNumber(s string) (uint16, bool) {
	base := 10
	if len(s) > 2 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X') {
		s, base = s[2:], 16
	}
	n, err := strconv.ParseUint(s, base, 16)
	return uint16(n), err == nil
}
