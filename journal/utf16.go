package journal

import (
	"bufio"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// utf16Reader makes UTF-8 of UTF-16, as Windows' PowerShell writes logs that
// pass through it. Unpaired surrogates become U+FFFD.
type utf16Reader struct {
	r     *bufio.Reader
	big   bool
	skips *skipList
	high  rune // a high surrogate waiting for its other half
	err   error
}

func (u *utf16Reader) Read(p []byte) (int, error) {
	if len(p) < 2*utf8.UTFMax {
		// source always asks for more; be correct all the same.
		var b [2 * utf8.UTFMax]byte
		return u.small(p, b[:])
	}
	n := 0
	for n+2*utf8.UTFMax <= len(p) && u.err == nil {
		r, ok := u.unit()
		if !ok {
			break
		}
		n += u.put(p[n:], r)
		if u.r.Buffered() < 2 && n > 0 {
			return n, nil
		}
	}
	if n == 0 {
		if u.high != 0 {
			u.high = 0
			return utf8.EncodeRune(p, utf8.RuneError), nil
		}
		return 0, u.err
	}
	return n, nil
}

// small serves readers with tiny buffers out of b.
func (u *utf16Reader) small(p, b []byte) (int, error) {
	if len(p) < utf8.UTFMax {
		return 0, io.ErrShortBuffer
	}
	if u.err != nil {
		return 0, u.err
	}
	r, ok := u.unit()
	if !ok {
		return 0, u.err
	}
	n := u.put(b, r)
	return copy(p, b[:n]), nil
}

// unit reads one unit of 16 bits.
func (u *utf16Reader) unit() (rune, bool) {
	a, err := u.r.ReadByte()
	if err != nil {
		u.err = err
		return 0, false
	}
	b, err := u.r.ReadByte()
	if err != nil {
		u.err = err
		u.skips.add(skipOddUTF16, 1)
		return 0, false
	}
	if u.big {
		a, b = b, a
	}
	return rune(b)<<8 | rune(a), true
}

// put writes what a unit completes.
func (u *utf16Reader) put(p []byte, r rune) int {
	n := 0
	if u.high != 0 {
		c := utf16.DecodeRune(u.high, r)
		u.high = 0
		if c != utf8.RuneError {
			return utf8.EncodeRune(p, c)
		}
		n = utf8.EncodeRune(p, utf8.RuneError)
	}
	switch {
	case r >= 0xD800 && r < 0xDC00:
		u.high = r
	case utf16.IsSurrogate(r):
		n += utf8.EncodeRune(p[n:], utf8.RuneError)
	default:
		n += utf8.EncodeRune(p[n:], r)
	}
	return n
}
