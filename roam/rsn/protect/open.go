package protect

import (
	"fmt"
	"slices"

	"roamfault/nl80211/dot11"
)

// Opened is a frame whose protection held.
type Opened struct {
	Frame  []byte       // the plain MPDU, its Protected flag cleared
	Header dot11.Header // of Frame, with the addresses that were on the air
	Body   []byte       // the part of Frame after its header
	PN     uint64
	Form   Form // whose addresses the tag covers; LinkForm without MLO
}

// Open takes the protection off frame, a whole MPDU without FCS, and writes the
// plain one behind dst, whose memory must not overlap it. Of a management frame
// on a multi-link association it tries both forms of addresses. A frame counts
// as received only where err is nil; the errors wrap ErrUnprotected, ErrKeyID,
// ErrReplay, ErrTag, ErrKind or dot11.ErrShort. With room in dst for frame
// nothing is allocated.
func (k *Key) Open(dst, frame []byte, o Options) (Opened, error) {
	h, body, err := dot11.ParseHeader(frame)
	if err != nil {
		return Opened{}, fmt.Errorf("open frame: %w", err)
	}
	if err := protectable(&h); err != nil {
		return Opened{}, fmt.Errorf("open frame: %w", err)
	}
	pn, id, err := parsePNHeader(&h, body)
	if err != nil {
		return Opened{}, fmt.Errorf("open frame: %w", err)
	}
	if id != k.id {
		return Opened{}, fmt.Errorf("open frame: key ID %d, not %d: %w", id, k.id, ErrKeyID)
	}
	sealed := body[pnHeaderLen:]
	if len(sealed) < k.aead.Overhead() {
		return Opened{}, fmt.Errorf("open frame: %w", dot11.ErrShort)
	}
	counter := &k.received[counterOf(&h)]
	if !counter.fresh(pn, k.width) {
		return Opened{}, fmt.Errorf("open frame: packet number %d after %d: %w", pn, counter.highest, ErrReplay)
	}

	start, headerLen := len(dst), len(frame)-len(body)
	dst = slices.Grow(dst, headerLen+len(sealed))[:start+headerLen+len(sealed)]
	out := dst[start:]
	form := o.form(&h)
	text, ok := k.try(out, headerLen, sealed, h, o.Link, form, pn)
	if !ok && o.Link != nil && h.FC.Management() {
		form = form.other()
		text, ok = k.try(out, headerLen, sealed, h, o.Link, form, pn)
	}
	if !ok {
		return Opened{}, fmt.Errorf("open frame: %w", ErrTag)
	}
	counter.take(pn)
	copy(out, frame[:headerLen])
	out[1] &^= byte(dot11.Protected >> 8)
	h.FC &^= dot11.Protected
	n := headerLen + len(text)
	return Opened{Frame: out[:n], Header: h, Body: out[headerLen:n], PN: pn, Form: form}, nil
}

// try decrypts sealed behind the first headerLen octets of out, in place: only
// so does the standard library's GCM allow the memory to be shared.
func (k *Key) try(out []byte, headerLen int, sealed []byte, h dot11.Header, link *Link, form Form, pn uint64) ([]byte, bool) {
	copy(out[headerLen:], sealed)
	aad, nonce := k.prepare(h, link, form, pn)
	whole, err := k.aead.Open(out[:headerLen], nonce, out[headerLen:], aad)
	if err != nil {
		return nil, false
	}
	return whole[headerLen:], true
}

func counterOf(h *dot11.Header) int {
	switch {
	case h.FC.Management():
		return managementCounter
	case h.FC.QoS():
		return int(h.QoS & qosTID)
	}
	return 0
}
