package keys

import (
	"crypto/aes"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
)

// ErrWrap is wrapped by Unwrap's errors about data that this key did not wrap.
var ErrWrap = errors.New("the integrity check failed")

// wrapBlock is the unit of AES key wrap, half a block of AES.
const wrapBlock = 8

// wrapCheck is the initial value unwrapping has to give back (RFC 3394, 2.2.3.1).
const wrapCheck = 0xa6a6a6a6a6a6a6a6

// Wrap encrypts plain under kek by AES key wrap (RFC 3394), as the key data of
// EAPOL-Key frames is. plain is a multiple of 8 octets, 16 at least; the result
// is 8 octets longer. Padding shorter key data (0xdd, zeros) is the caller's.
func Wrap(kek, plain []byte) ([]byte, error) {
	if len(plain) < 2*wrapBlock || len(plain)%wrapBlock != 0 {
		return nil, fmt.Errorf("wrap key data: %d octets are no multiple of 8 from 16 up", len(plain))
	}
	block, err := aes.NewCipher(kek)
	if err != nil {
		return nil, fmt.Errorf("wrap key data: %w", err)
	}
	out := make([]byte, wrapBlock+len(plain))
	copy(out[wrapBlock:], plain)
	buf := make([]byte, aes.BlockSize)
	binary.BigEndian.PutUint64(buf, wrapCheck)
	step := uint64(0)
	for range 6 {
		for at := wrapBlock; at < len(out); at += wrapBlock {
			step++
			copy(buf[wrapBlock:], out[at:])
			block.Encrypt(buf, buf)
			copy(out[at:at+wrapBlock], buf[wrapBlock:])
			binary.BigEndian.PutUint64(buf, binary.BigEndian.Uint64(buf)^step)
		}
	}
	copy(out, buf[:wrapBlock])
	return out, nil
}

// Unwrap undoes Wrap: wrapped is a multiple of 8 octets, 24 at least. Where kek
// did not wrap it the error wraps ErrWrap and nothing is returned.
func Unwrap(kek, wrapped []byte) ([]byte, error) {
	if len(wrapped) < 3*wrapBlock || len(wrapped)%wrapBlock != 0 {
		return nil, fmt.Errorf("unwrap key data: %d octets are no multiple of 8 from 24 up", len(wrapped))
	}
	block, err := aes.NewCipher(kek)
	if err != nil {
		return nil, fmt.Errorf("unwrap key data: %w", err)
	}
	out := make([]byte, len(wrapped)-wrapBlock)
	copy(out, wrapped[wrapBlock:])
	buf := make([]byte, aes.BlockSize)
	copy(buf, wrapped[:wrapBlock])
	step := uint64(6 * (len(out) / wrapBlock))
	for range 6 {
		for at := len(out) - wrapBlock; at >= 0; at -= wrapBlock {
			binary.BigEndian.PutUint64(buf, binary.BigEndian.Uint64(buf)^step)
			step--
			copy(buf[wrapBlock:], out[at:at+wrapBlock])
			block.Decrypt(buf, buf)
			copy(out[at:], buf[wrapBlock:])
		}
	}
	var want [wrapBlock]byte
	binary.BigEndian.PutUint64(want[:], wrapCheck)
	if subtle.ConstantTimeCompare(buf[:wrapBlock], want[:]) != 1 {
		clear(out)
		return nil, fmt.Errorf("unwrap key data: %w", ErrWrap)
	}
	return out, nil
}
