package dot11

import "encoding/binary"

// Types of TimeoutInterval.
const (
	TimeoutReassocDeadline uint8 = 1 // Value in TU
	TimeoutKeyLifetime     uint8 = 2 // Value in seconds
	TimeoutAssocComeback   uint8 = 3 // Value in TU
)

// TimeoutInterval is the element of that name (IEEE 802.11-2020, 9.4.2.48),
// number ElementTimeoutInterval.
type TimeoutInterval struct {
	Type  uint8 // one of Timeout*
	Value uint32
}

// ParseTimeoutInterval reads the body of a Timeout Interval element.
func ParseTimeoutInterval(body []byte) (TimeoutInterval, error) {
	c := cursor{rest: body}
	t := TimeoutInterval{Type: c.u8(), Value: c.u32()}
	if err := c.err("timeout interval"); err != nil {
		return TimeoutInterval{}, err
	}
	return t, nil
}

// Append adds the body of the element, without its header, to b.
func (t TimeoutInterval) Append(b []byte) []byte {
	return binary.LittleEndian.AppendUint32(append(b, t.Type), t.Value)
}

// Element returns the element to be sent.
func (t TimeoutInterval) Element() Element {
	return Element{ID: ElementTimeoutInterval, Body: t.Append(nil)}
}
