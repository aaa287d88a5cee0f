package dot11

import (
	"encoding/binary"
	"fmt"
)

// cursor reads the fields of a frame one after another. What lies beyond the
// end reads as zero; err says afterwards whether anything did.
type cursor struct {
	rest  []byte
	short bool
}

func (c *cursor) take(n int) []byte {
	if n > len(c.rest) {
		c.short, c.rest = true, nil
		return nil
	}
	taken := c.rest[:n:n]
	c.rest = c.rest[n:]
	return taken
}

func (c *cursor) u8() uint8 {
	if b := c.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (c *cursor) u16() uint16 {
	if b := c.take(2); b != nil {
		return binary.LittleEndian.Uint16(b)
	}
	return 0
}

func (c *cursor) u24() uint32 {
	if b := c.take(3); b != nil {
		return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16
	}
	return 0
}

func (c *cursor) u32() uint32 {
	if b := c.take(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (c *cursor) u48() uint64 {
	if b := c.take(6); b != nil {
		return uint64(binary.LittleEndian.Uint32(b)) | uint64(binary.LittleEndian.Uint16(b[4:]))<<32
	}
	return 0
}

func (c *cursor) u64() uint64 {
	if b := c.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

func (c *cursor) addr() Addr {
	var a Addr
	copy(a[:], c.take(len(a)))
	return a
}

// all returns what is left, nil where nothing is.
func (c *cursor) all() []byte {
	if len(c.rest) == 0 {
		return nil
	}
	return c.take(len(c.rest))
}

// err names what ended too early; nil where nothing did.
func (c *cursor) err(what string) error {
	if c.short {
		return fmt.Errorf("parse %s: %w", what, ErrShort)
	}
	return nil
}

func append24(b []byte, v uint32) []byte { return append(b, byte(v), byte(v>>8), byte(v>>16)) }

func append48(b []byte, v uint64) []byte {
	return binary.LittleEndian.AppendUint16(binary.LittleEndian.AppendUint32(b, uint32(v)), uint16(v>>32))
}
