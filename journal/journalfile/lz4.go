package journalfile

import "io"

// lz4Begin unpacks the begin of an LZ4 block (lz4_Block_format.md of the LZ4
// project) until dst is full: a decoder of whole blocks needs room for
// all that a block claims, which may be anything.
func lz4Begin(dst, src []byte) (int, error) {
	n, i := 0, 0
	for i < len(src) {
		token := src[i]
		i++
		literals, next, ok := lz4Length(src, i, int(token>>4))
		if !ok || next > len(src) {
			return n, io.ErrUnexpectedEOF
		}
		i = next
		take := min(literals, len(src)-i)
		n += copy(dst[n:], src[i:i+take])
		if n == len(dst) {
			return n, nil
		}
		if take < literals {
			return n, io.ErrUnexpectedEOF
		}
		i += literals
		if i == len(src) {
			// The last sequence has no match.
			return n, nil
		}
		if i+2 > len(src) {
			return n, io.ErrUnexpectedEOF
		}
		back := int(src[i]) | int(src[i+1])<<8
		match, next, ok := lz4Length(src, i+2, int(token&15))
		if !ok {
			return n, io.ErrUnexpectedEOF
		}
		if back == 0 || back > n {
			return n, errPacked
		}
		i = next
		// Bytes one by one: a match may reach into what it writes.
		for end := min(n+match+4, len(dst)); n < end; n++ {
			dst[n] = dst[n-back]
		}
		if n == len(dst) {
			return n, nil
		}
	}
	return n, io.ErrUnexpectedEOF
}

// lz4Length reads what goes on behind a nibble of 15. More than is ever unpacked
// need not be read to its end, which may lie behind what there is.
func lz4Length(src []byte, i, nibble int) (length, next int, ok bool) {
	length = nibble
	if nibble < 15 {
		return length, i, true
	}
	for i < len(src) {
		c := src[i]
		i++
		length += int(c)
		if c != 255 || length >= maxPayload {
			return length, i, true
		}
	}
	return 0, i, false
}
