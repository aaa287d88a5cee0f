package keys

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
	"fmt"
)

// CMAC computes AES-CMAC (RFC 4493, NIST SP 800-38B) with one key of 128, 192
// or 256 bits. It holds scratch space: one CMAC serves one goroutine at a time.
type CMAC struct {
	block      cipher.Block
	k1, k2     [aes.BlockSize]byte
	state, cut [aes.BlockSize]byte
}

// NewCMAC expands a key of 16, 24 or 32 octets.
func NewCMAC(key []byte) (*CMAC, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("expand CMAC key: %w", err)
	}
	c := &CMAC{block: block}
	block.Encrypt(c.state[:], c.state[:])
	c.k1 = double(c.state)
	c.k2 = double(c.k1)
	return c, nil
}

// MAC returns the code of the concatenated parts. It allocates nothing.
func (c *CMAC) MAC(parts ...[]byte) [aes.BlockSize]byte {
	clear(c.state[:])
	held := 0 // octets waiting in cut; a full block waits, too: it may be the last
	for _, part := range parts {
		for len(part) > 0 {
			if held == aes.BlockSize {
				c.absorb()
				held = 0
			}
			n := copy(c.cut[held:], part)
			held += n
			part = part[n:]
		}
	}
	last := &c.k1
	if held < aes.BlockSize {
		c.cut[held] = 0x80
		clear(c.cut[held+1:])
		last = &c.k2
	}
	subtle.XORBytes(c.cut[:], c.cut[:], last[:])
	c.absorb()
	return c.state
}

func (c *CMAC) absorb() {
	subtle.XORBytes(c.state[:], c.state[:], c.cut[:])
	c.block.Encrypt(c.state[:], c.state[:])
}

// double multiplies by x in GF(2^128) with CMAC's polynomial, without a branch
// on the key's bits.
func double(b [aes.BlockSize]byte) [aes.BlockSize]byte {
	var out [aes.BlockSize]byte
	carry := byte(0)
	for i := aes.BlockSize - 1; i >= 0; i-- {
		out[i] = b[i]<<1 | carry
		carry = b[i] >> 7
	}
	out[aes.BlockSize-1] ^= 0x87 & -carry
	return out
}
