package nl80211

import (
	"encoding/binary"
	"errors"
	"fmt"

	"roamfault/nl80211/dot11"
)

// errShort and errSize say how an attribute is damaged.
var (
	errShort = errors.New("it ends too early")
	errSize  = errors.New("it has another size")
)

const (
	attributeHeader = 4
	attributeAlign  = 4
	typeMask        = 0x3fff // without NLA_F_NESTED and NLA_F_NET_BYTEORDER
)

// fault is the first damage that a decoder and those nested in it met.
type fault struct{ err error }

// decoder goes through netlink attributes. Unlike netlink.AttributeDecoder it
// copies nothing: a scan dump has hundreds of kilobytes of elements.
type decoder struct {
	rest  []byte
	kind  uint16
	data  []byte
	fault *fault
}

// next steps to the next attribute, and reports false behind the last one and
// behind a damaged one.
func (d *decoder) next() bool {
	if d.fault.err != nil || len(d.rest) == 0 {
		return false
	}
	if len(d.rest) < attributeHeader {
		d.fault.err = fmt.Errorf("attribute header: %w", errShort)
		return false
	}
	size := int(binary.NativeEndian.Uint16(d.rest))
	d.kind = binary.NativeEndian.Uint16(d.rest[2:]) & typeMask
	if size < attributeHeader || size > len(d.rest) {
		d.fault.err = fmt.Errorf("attribute %d of %d octets: %w", d.kind, size, errShort)
		return false
	}
	d.data = d.rest[attributeHeader:size:size]
	d.rest = d.rest[min(align(size), len(d.rest)):]
	return true
}

func align(n int) int { return (n + attributeAlign - 1) &^ (attributeAlign - 1) }

// nested goes through the attributes within the current one.
func (d *decoder) nested() decoder { return decoder{rest: d.data, fault: d.fault} }

func (d *decoder) sized(n int) bool {
	if len(d.data) == n {
		return true
	}
	if d.fault.err == nil {
		d.fault.err = fmt.Errorf("attribute %d: %d octets and not %d: %w", d.kind, len(d.data), n, errSize)
	}
	return false
}

func (d *decoder) u8() uint8 {
	if !d.sized(1) {
		return 0
	}
	return d.data[0]
}

func (d *decoder) u16() uint16 {
	if !d.sized(2) {
		return 0
	}
	return binary.NativeEndian.Uint16(d.data)
}

func (d *decoder) u32() uint32 {
	if !d.sized(4) {
		return 0
	}
	return binary.NativeEndian.Uint32(d.data)
}

func (d *decoder) u64() uint64 {
	if !d.sized(8) {
		return 0
	}
	return binary.NativeEndian.Uint64(d.data)
}

func (d *decoder) addr() dot11.Addr {
	var a dot11.Addr
	if d.sized(len(a)) {
		copy(a[:], d.data)
	}
	return a
}

// text is a string without the zero octets that end it.
func (d *decoder) text() string {
	b := d.data
	for len(b) > 0 && b[len(b)-1] == 0 {
		b = b[:len(b)-1]
	}
	return string(b)
}

// suites are suite selectors in the kernel's byte order.
func (d *decoder) suites() []dot11.Suite {
	if len(d.data)%4 != 0 {
		d.sized(len(d.data) &^ 3)
		return nil
	}
	list := make([]dot11.Suite, 0, len(d.data)/4)
	for b := d.data; len(b) > 0; b = b[4:] {
		list = append(list, dot11.Suite(binary.NativeEndian.Uint32(b)))
	}
	return list
}

// decode goes through b and returns what was damaged.
func decode(b []byte, visit func(*decoder)) error {
	var f fault
	for d := (decoder{rest: b, fault: &f}); d.next(); {
		visit(&d)
	}
	return f.err
}
