package protect

import (
	"fmt"
	"slices"

	"roamfault/nl80211/dot11"
)

// Options say how a frame travels. The zero value is that of an association
// without MLO.
type Options struct {
	// Link is the link the frame is on, whose addresses its header has; nil
	// without MLO and for group addressed frames.
	Link *Link
	// Form is that of management frames: what Seal uses and Open tries first.
	// Data frames are always of MLDForm. It matters with Link only.
	Form Form
}

// form returns which addresses a frame with header h takes.
func (o *Options) form(h *dot11.Header) Form {
	switch {
	case o.Link == nil || h.Addr1.Group():
		return LinkForm
	case h.FC.Management():
		return o.Form
	}
	return MLDForm
}

// prepare fills AAD and nonce for header h in the given form.
func (k *Key) prepare(h dot11.Header, link *Link, form Form, pn uint64) (aad, nonce []byte) {
	if form == MLDForm && link != nil {
		link.translate(&h)
	}
	aad = appendAAD(k.aad[:0], &h, k.spp)
	nonce = appendNonce(k.nonce[:0], &h, pn)
	return aad, nonce[len(nonce)-k.aead.NonceSize():]
}

// protectable reports whether CCMP or GCMP covers frames with header h: data
// frames that carry data, and individually addressed management frames.
func protectable(h *dot11.Header) error {
	if h.FC.Data() && h.FC.Null() || h.FC.Management() && h.Addr1.Group() {
		return fmt.Errorf("frame control %#04x to %s: %w", uint16(h.FC), h.Addr1, ErrKind)
	}
	return nil
}

// Seal appends the protected form of frame, a whole plain MPDU without FCS, to
// dst: the header with the Protected flag set, the CCMP or GCMP header with the
// next packet number, the encrypted body, the tag. dst may be frame[:0]; else
// the two must not overlap. With room in dst nothing is allocated.
func (k *Key) Seal(dst, frame []byte, o Options) ([]byte, error) {
	h, body, err := dot11.ParseHeader(frame)
	if err != nil {
		return nil, fmt.Errorf("seal frame: %w", err)
	}
	if err := protectable(&h); err != nil {
		return nil, fmt.Errorf("seal frame: %w", err)
	}
	if len(body) > ccmMaxText {
		return nil, fmt.Errorf("seal frame: %d octets of body are more than %d", len(body), ccmMaxText)
	}
	if k.sent >= MaxPN {
		return nil, fmt.Errorf("seal frame: %w", ErrExhausted)
	}
	k.sent++

	start, headerLen, bodyLen := len(dst), len(frame)-len(body), len(body)
	dst = slices.Grow(dst, len(frame)+k.Overhead())[:start+len(frame)+pnHeaderLen]
	out := dst[start:]
	// The body first: it may lie where the packet number goes.
	copy(out[headerLen+pnHeaderLen:], body)
	copy(out, frame[:headerLen])
	out[1] |= byte(dot11.Protected >> 8)
	putPNHeader(out[headerLen:], k.sent, k.id)

	aad, nonce := k.prepare(h, o.Link, o.form(&h), k.sent)
	text := out[headerLen+pnHeaderLen:]
	return k.aead.Seal(dst[:len(dst)-bodyLen], nonce, text, aad), nil
}
