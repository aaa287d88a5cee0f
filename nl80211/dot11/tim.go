package dot11

import "fmt"

// TIM tells stations that doze what waits for them (IEEE 802.11-2020, 9.4.2.5),
// number ElementTIM.
type TIM struct {
	Count  uint8 // beacons before the next DTIM, 0: this one is it
	Period uint8 // beacons from DTIM to DTIM, from 1
	Group  bool  // group addressed frames follow this DTIM
	// Offset is the number of the first octet of the traffic indication map that
	// Bitmap has: even, 0 to 254.
	Offset uint8
	// Bitmap is the partial virtual bitmap: bit n of octet 0 stands for AID 8 *
	// Offset + n.
	Bitmap []byte
}

// maxAID is the highest association identifier (IEEE 802.11-2020, 9.4.1.8).
const maxAID = 2007

// NewTIM returns a TIM with traffic for the stations of those AIDs and no more
// octets of bitmap than they take. AIDs above 2007 and 0 are passed over.
func NewTIM(count, period uint8, group bool, aids []uint16) TIM {
	t := TIM{Count: count, Period: period, Group: group}
	first, last := maxAID+1, 0
	for _, aid := range aids {
		if aid > 0 && aid <= maxAID {
			first, last = min(first, int(aid)), max(last, int(aid))
		}
	}
	if last == 0 {
		t.Bitmap = []byte{0}
		return t
	}
	start := first / 8 &^ 1
	t.Offset = uint8(start)
	t.Bitmap = make([]byte, last/8-start+1)
	for _, aid := range aids {
		if aid > 0 && aid <= maxAID {
			t.Bitmap[int(aid)/8-start] |= 1 << (aid % 8)
		}
	}
	return t
}

// Has reports whether traffic waits for the station of an AID.
func (t *TIM) Has(aid uint16) bool {
	n := int(aid) - 8*int(t.Offset)
	return aid > 0 && n >= 0 && hasBit(t.Bitmap, n)
}

// ParseTIM reads the body of a TIM element. Bitmap shares the memory of body.
func ParseTIM(body []byte) (TIM, error) {
	c := cursor{rest: body}
	t := TIM{Count: c.u8(), Period: c.u8()}
	bitmapControl := c.u8()
	if c.short || len(c.rest) == 0 {
		return TIM{}, fmt.Errorf("parse TIM: %d octets: %w", len(body), ErrShort)
	}
	t.Group, t.Offset, t.Bitmap = bitmapControl&1 != 0, bitmapControl&^1, c.all()
	return t, nil
}

// Append adds the body of the element, without its header, to b.
func (t *TIM) Append(b []byte) []byte {
	bitmapControl := t.Offset &^ 1
	if t.Group {
		bitmapControl |= 1
	}
	b = append(b, t.Count, t.Period, bitmapControl)
	if len(t.Bitmap) == 0 {
		return append(b, 0)
	}
	return append(b, t.Bitmap...)
}

// Element returns the element to be sent.
func (t *TIM) Element() Element { return Element{ID: ElementTIM, Body: t.Append(nil)} }
