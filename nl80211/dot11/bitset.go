package dot11

// hasBit reports whether bit n of b, the lowest of each octet first, is set.
func hasBit(b []byte, n int) bool { return n/8 < len(b) && b[n/8]>>(n%8)&1 != 0 }

// withBit sets bit n of b, which grows to hold it.
func withBit(b []byte, n int) []byte {
	for len(b) <= n/8 {
		b = append(b, 0)
	}
	b[n/8] |= 1 << (n % 8)
	return b
}
