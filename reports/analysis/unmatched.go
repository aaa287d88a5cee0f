package analysis

import (
	"slices"
	"strings"
	"sync"

	"roamfault/journal"
	"roamfault/patterns"
)

// mostGroups bounds the templates kept.
const mostGroups = 200

// unmatched groups records that look like trouble by their masked text. It is
// filled by several readers.
type unmatched struct {
	mu     sync.Mutex
	groups map[string]*Unmatched
	more   map[string]struct{}
}

// add takes a record that no pattern matches.
func (u *unmatched) add(r *journal.Record) {
	if !patterns.LooksLikeTrouble(r.Identifier, r.Message) {
		return
	}
	template := Mask(r.Message)
	u.mu.Lock()
	defer u.mu.Unlock()
	if g, ok := u.groups[template]; ok {
		g.Count += max(r.Count, 1)
		return
	}
	if len(u.groups) >= mostGroups {
		if u.more == nil {
			u.more = make(map[string]struct{})
		}
		if len(u.more) < 16*mostGroups {
			u.more[template] = struct{}{}
		}
		return
	}
	if u.groups == nil {
		u.groups = make(map[string]*Unmatched)
	}
	u.groups[template] = &Unmatched{
		Template: template, Example: strings.Clone(r.Message[:min(len(r.Message), 512)]), Identifier: strings.Clone(r.Identifier),
		File: r.Origin.File, Line: r.Origin.Line, Count: max(r.Count, 1),
	}
}

// list returns the groups, the most frequent first, and how many were not kept.
func (u *unmatched) list() ([]Unmatched, int) {
	out := make([]Unmatched, 0, len(u.groups))
	for _, g := range u.groups {
		out = append(out, *g)
	}
	slices.SortFunc(out, func(a, b Unmatched) int {
		if a.Count != b.Count {
			return b.Count - a.Count
		}
		return strings.Compare(a.Template, b.Template)
	})
	return out, len(u.more)
}

// Mask replaces numbers, addresses and whatever else differs between two
// records of the same kind by #.
func Mask(message string) string {
	const longest = 160
	var out strings.Builder
	for i := 0; i < len(message) && out.Len() < longest; {
		start := i
		digits, hex := 0, true
		for i < len(message) && isWordByte(message[i]) {
			c := message[i]
			if c >= '0' && c <= '9' {
				digits++
			} else if !strings.ContainsRune("abcdefABCDEFxX:.-", rune(c)) {
				hex = false
			}
			i++
		}
		switch {
		case i == start:
			out.WriteByte(message[i])
			i++
		case digits > 0 && hex:
			out.WriteByte('#')
		case digits > 0:
			maskDigits(&out, message[start:i])
		default:
			out.WriteString(message[start:i])
		}
	}
	return out.String()
}

// maskDigits writes a word with every run of digits replaced.
func maskDigits(out *strings.Builder, word string) {
	in := false
	for i := range len(word) {
		digit := word[i] >= '0' && word[i] <= '9'
		if digit && !in {
			out.WriteByte('#')
		} else if !digit {
			out.WriteByte(word[i])
		}
		in = digit
	}
}

func isWordByte(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == ':' || c == '.' || c == '-'
}
