package dot11

// Fields of capabilities that are longer than an integer are numbered by their
// first bit and their width in bits: first << 8 | width.

// getBits reads a field of at most eight bits; beyond the end of b is zero.
func getBits(b []byte, field uint16) uint8 {
	first, width := int(field>>8), int(field&0xff)
	var v uint8
	for i := range width {
		at := first + i
		if at/8 < len(b) {
			v |= b[at/8] >> (at % 8) & 1 << i
		}
	}
	return v
}

// setBits writes a field; what of v is wider than the field is lost.
func setBits(b []byte, field uint16, v uint8) {
	first, width := int(field>>8), int(field&0xff)
	for i := range width {
		at := first + i
		if at/8 >= len(b) {
			return
		}
		b[at/8] = b[at/8]&^(1<<(at%8)) | v>>i&1<<(at%8)
	}
}
