package nl80211

import (
	"context"

	"github.com/mdlayher/netlink"

	"roamfault/nl80211/dot11"
)

// ControlPortRequest is a frame of the control port to be sent.
type ControlPortRequest struct {
	Interface int
	Dst       dot11.Addr // of an AP MLD its MLD address
	EtherType uint16     // dot11.EtherTypeEAPOL, or 0 for it
	Payload   []byte     // what follows the EtherType
	// Clear sends it without encryption, though there is a key.
	Clear bool
	// Link is the link to send it on; not present, the driver takes one.
	Link dot11.Optional[uint8]
}

// SendControlPort sends a frame of the control port, and returns the cookie by
// which ControlPortSent tells what became of it; 0 where the driver does not tell
// (ExtFeatureControlPortTxStatus).
func (c *Client) SendControlPort(ctx context.Context, r ControlPortRequest) (cookie uint64, err error) {
	result, err := c.call(ctx, CommandControlPortFrame, wantAck, r.Interface, r.encode)
	if err != nil {
		return 0, err
	}
	return result.cookie, nil
}

func (r *ControlPortRequest) encode(e *netlink.AttributeEncoder) {
	etherType := r.EtherType
	if etherType == 0 {
		etherType = dot11.EtherTypeEAPOL
	}
	e.Uint16(attrControlPortEthertype, etherType)
	e.Bytes(attrMAC, r.Dst[:])
	e.Bytes(attrFrame, r.Payload)
	e.Flag(attrControlPortNoEncrypt, r.Clear)
	linkID(e, r.Link)
}
