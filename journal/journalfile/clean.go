package journalfile

// trimEnd takes blanks and newlines off the end.
func trimEnd(s string) string {
	for len(s) > 0 {
		switch s[len(s)-1] {
		case ' ', '\t', '\n':
			s = s[:len(s)-1]
			continue
		}
		break
	}
	return s
}
