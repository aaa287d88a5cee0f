package protect

import (
	"crypto/cipher"
	"crypto/subtle"
	"encoding/binary"
	"slices"
)

const blockSize = 16

// CCM with a length field of two octets, as 802.11 uses it (RFC 3610; IEEE
// 802.11-2020, 12.5.3.3.5).
const (
	ccmNonceLen = 13
	ccmMaxText  = 1<<16 - 1
)

// ccm is CCM over one block cipher. It takes a nonce of ccmNonceLen octets,
// additional data below 0xff00 and text up to ccmMaxText, and works in place or
// into memory apart from the text. It holds scratch space: one ccm serves one
// goroutine at a time.
type ccm struct {
	block  cipher.Block
	tagLen int // octets, even, 4 to 16

	counter [blockSize]byte // A_i of the RFC
	stream  [blockSize]byte // S_i
	mac     [blockSize]byte // X_i
}

func (c *ccm) NonceSize() int { return ccmNonceLen }
func (c *ccm) Overhead() int  { return c.tagLen }

// Seal appends the encrypted text and its tag to dst.
func (c *ccm) Seal(dst, nonce, text, data []byte) []byte {
	n := len(dst)
	dst = slices.Grow(dst, len(text)+c.tagLen)[:n+len(text)+c.tagLen]
	c.start(nonce, len(text), data)
	c.run(dst[n:n+len(text)], text, true)
	c.finish()
	copy(dst[n+len(text):], c.mac[:c.tagLen])
	return dst
}

// Open appends the text to dst. Where the tag is wrong, dst holds no text of
// it.
func (c *ccm) Open(dst, nonce, sealed, data []byte) ([]byte, error) {
	if len(sealed) < c.tagLen {
		return nil, ErrTag
	}
	text, tag := sealed[:len(sealed)-c.tagLen], sealed[len(sealed)-c.tagLen:]
	n := len(dst)
	dst = slices.Grow(dst, len(text))[:n+len(text)]
	c.start(nonce, len(text), data)
	c.run(dst[n:], text, false)
	c.finish()
	if subtle.ConstantTimeCompare(c.mac[:c.tagLen], tag) != 1 {
		clear(dst[n:])
		return nil, ErrTag
	}
	return dst, nil
}

// start begins a message: B_0 and the additional data go into the MAC, the
// counter stands at A_0.
func (c *ccm) start(nonce []byte, textLen int, data []byte) {
	const lengthLen = blockSize - 1 - ccmNonceLen
	c.counter = [blockSize]byte{lengthLen - 1}
	copy(c.counter[1:], nonce)

	c.mac = c.counter
	c.mac[0] |= byte((c.tagLen-2)/2) << 3
	if len(data) > 0 {
		c.mac[0] |= 1 << 6
	}
	binary.BigEndian.PutUint16(c.mac[blockSize-lengthLen:], uint16(textLen))
	c.block.Encrypt(c.mac[:], c.mac[:])
	if len(data) == 0 {
		return
	}
	// The two octets of length before the data belong to its first block.
	c.mac[0] ^= byte(len(data) >> 8)
	c.mac[1] ^= byte(len(data))
	n := subtle.XORBytes(c.mac[2:], c.mac[2:], data)
	c.block.Encrypt(c.mac[:], c.mac[:])
	for data = data[n:]; len(data) > 0; data = data[n:] {
		n = subtle.XORBytes(c.mac[:], c.mac[:], data)
		c.block.Encrypt(c.mac[:], c.mac[:])
	}
}

// run puts text through the stream into out and the plain one of both into the
// MAC.
func (c *ccm) run(out, text []byte, sealing bool) {
	for i := uint16(1); len(text) > 0; i++ {
		binary.BigEndian.PutUint16(c.counter[blockSize-2:], i)
		c.block.Encrypt(c.stream[:], c.counter[:])
		n := min(blockSize, len(text))
		if sealing {
			subtle.XORBytes(c.mac[:], c.mac[:], text[:n])
		}
		subtle.XORBytes(out[:n], text[:n], c.stream[:n])
		if !sealing {
			subtle.XORBytes(c.mac[:], c.mac[:], out[:n])
		}
		c.block.Encrypt(c.mac[:], c.mac[:])
		out, text = out[n:], text[n:]
	}
}

// finish turns the MAC into the tag by S_0.
func (c *ccm) finish() {
	binary.BigEndian.PutUint16(c.counter[blockSize-2:], 0)
	c.block.Encrypt(c.stream[:], c.counter[:])
	subtle.XORBytes(c.mac[:], c.mac[:], c.stream[:])
}
