package dot11

// RSNXE is the RSN Extension element (IEEE 802.11-2020, 9.4.2.241), number
// ElementRSNX: its octets, of which the lowest four bits say how many there are.
type RSNXE []byte

// RSNXBit is a bit of an RSNXE.
type RSNXBit uint8

// Bits of the RSNXE.
const (
	RSNXProtectedTWT RSNXBit = 4
	RSNXSAEH2E       RSNXBit = 5
	RSNXSAEPK        RSNXBit = 6
	RSNXSecureLTF    RSNXBit = 8
	RSNXSecureRTT    RSNXBit = 9
	RSNXSPPAMSDU     RSNXBit = 14
)

// NewRSNXE returns an element with those bits.
func NewRSNXE(bits ...RSNXBit) RSNXE {
	x := RSNXE{0}
	for _, n := range bits {
		x = withBit(x, int(n))
	}
	x[0] = x[0]&^0x0f | byte(len(x)-1)&0x0f
	return x
}

// Has reports whether a bit is set.
func (x RSNXE) Has(n RSNXBit) bool { return n >= 4 && hasBit(x, int(n)) }

// Element returns the element to be sent.
func (x RSNXE) Element() Element { return Element{ID: ElementRSNX, Body: x} }
