package ctrl

import "strconv"

// unescape reads text as the daemon writes octets that may be anything
// (src/utils/common.c, printf_encode): \" \\ \e \n \r \t \xHH. What is no escape
// stands for itself.
func unescape(text string) []byte {
	b := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' || i+1 == len(text) {
			b = append(b, text[i])
			continue
		}
		i++
		switch c := text[i]; c {
		case '"', '\\':
			b = append(b, c)
		case 'e':
			b = append(b, '\033')
		case 'n':
			b = append(b, '\n')
		case 'r':
			b = append(b, '\r')
		case 't':
			b = append(b, '\t')
		default:
			if octet, ok := hexEscape(text[i:]); ok {
				b = append(b, octet)
				i += 2
				continue
			}
			b = append(b, '\\', c)
		}
	}
	return b
}

// hexEscape reads what follows the backslash of \xHH.
func hexEscape(text string) (byte, bool) {
	if len(text) < 3 || text[0] != 'x' {
		return 0, false
	}
	n, err := strconv.ParseUint(text[1:3], 16, 8)
	return byte(n), err == nil
}
