package ap

import "roamfault/nl80211/dot11"

// duplicates finds frames that come again because their acknowledgement was lost
// (IEEE 802.11-2020, 10.3.2.14): same transmitter, same traffic identifier, same
// number, Retry.
type duplicates struct {
	last map[duplicateKey]uint16
}

type duplicateKey struct {
	from  dot11.Addr
	class uint8 // traffic identifier of QoS data, else one of those below
}

const (
	classManagement = 0xfe
	classData       = 0xff

	// maxDuplicates bounds the table, which begins anew when it is full.
	maxDuplicates = 4 * maxOnAir
)

func newDuplicates() duplicates { return duplicates{last: map[duplicateKey]uint16{}} }

// again takes a frame that was heard and reports whether it was heard before.
func (d *duplicates) again(h *dot11.Header) bool {
	key := duplicateKey{h.Addr2, classManagement}
	switch {
	case h.FC.Null():
		return false // they say something of this moment and have no number of their own
	case h.FC.QoS():
		key.class = uint8(h.QoS & 0xf)
	case h.FC.Data():
		key.class = classData
	}
	if last, ok := d.last[key]; ok && last == h.Seq && h.FC&dot11.Retry != 0 {
		return true
	}
	if len(d.last) >= maxDuplicates {
		clear(d.last)
	}
	d.last[key] = h.Seq
	return false
}
