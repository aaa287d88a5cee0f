package nl80211

import (
	"context"
	"fmt"
	"time"

	"github.com/mdlayher/netlink"

	"roamfault/nl80211/dot11"
)

// FrameRequest is a management frame to be sent.
type FrameRequest struct {
	Interface int
	// Frame is the whole of it without the FCS; the driver fills in the sequence
	// number. To an AP MLD it may have MLD addresses.
	Frame []byte
	// Channel is where to send it; zero: where the interface is.
	Channel ChannelDef
	// Link is the link to send it on; not present, the driver takes one.
	Link dot11.Optional[uint8]
	// Wait is how long to stay on Channel for an answer, if that is another than the
	// interface's; 10 ms or more.
	Wait time.Duration
	// OffChannel allows the interface to leave its channel for it.
	OffChannel bool
	// NoCCK sends it at OFDM rates in 2.4 GHz.
	NoCCK bool
	// NoAck asks for no FrameSent.
	NoAck bool
}

// SendFrame sends a management frame, and returns the cookie by which FrameSent
// tells what became of it; 0 with NoAck.
func (c *Client) SendFrame(ctx context.Context, r FrameRequest) (cookie uint64, err error) {
	if r.NoAck {
		return 0, c.order(ctx, CommandFrame, r.Interface, r.encode)
	}
	return c.askCookie(ctx, CommandFrame, r.Interface, r.encode)
}

func (r *FrameRequest) encode(e *netlink.AttributeEncoder) {
	e.Bytes(attrFrame, r.Frame)
	r.Channel.encode(e)
	linkID(e, r.Link)
	if r.Wait > 0 {
		e.Uint32(attrDuration, uint32(r.Wait/time.Millisecond))
	}
	e.Flag(attrOffchannelTxOK, r.OffChannel)
	e.Flag(attrTxNoCCKRate, r.NoCCK)
	e.Flag(attrDontWaitForAck, r.NoAck)
}

// askCookie sends a request that a cookie answers.
func (c *Client) askCookie(ctx context.Context, command Command, ifindex int, encode encoding) (cookie uint64, err error) {
	err = c.ask(ctx, command, ifindex, encode, func(d *decoder) {
		if d.kind == attrCookie {
			cookie = d.u64()
		}
	})
	return cookie, err
}

// CancelFrameWait ends the Wait of the frame with that cookie.
func (c *Client) CancelFrameWait(ctx context.Context, ifindex int, cookie uint64) error {
	return c.cancel(ctx, CommandFrameWaitCancel, ifindex, cookie)
}

func (c *Client) cancel(ctx context.Context, command Command, ifindex int, cookie uint64) error {
	return c.order(ctx, command, ifindex, func(e *netlink.AttributeEncoder) {
		e.Uint64(attrCookie, cookie)
	})
}

// FrameFilter says which received management frames are meant.
type FrameFilter struct {
	// Kind is type and subtype: dot11.Action, dot11.Auth, ...
	Kind dot11.FrameControl
	// Match is how the body begins: of an action frame its category, or category,
	// action and so on; of an authentication frame the algorithm. Empty: any.
	Match []byte
	// Multicast includes frames to groups. It takes ExtFeatureMulticastRegistration.
	Multicast bool
}

// RegisterFrame asks for received management frames: they come as FrameReceived
// to this Client and to nobody else, until it is closed. The error is EALREADY
// where somebody has them already.
func (c *Client) RegisterFrame(ctx context.Context, ifindex int, filter FrameFilter) error {
	if !filter.Kind.Management() {
		return fmt.Errorf("%v: frame control %#04x is not of a management frame", CommandRegisterFrame, uint16(filter.Kind))
	}
	return c.order(ctx, CommandRegisterFrame, ifindex, func(e *netlink.AttributeEncoder) {
		e.Uint16(attrFrameType, uint16(filter.Kind.Kind()))
		e.Bytes(attrFrameMatch, filter.Match)
		e.Flag(attrReceiveMulticast, filter.Multicast)
	})
}

// RemainOnChannel leaves the interface's channel for another for some time, 10 ms
// or more; OnChannel tells when it is there, OffChannel when it is back. The cookie
// tells which call they are of.
func (c *Client) RemainOnChannel(ctx context.Context, ifindex, freq int, d time.Duration) (cookie uint64, err error) {
	return c.askCookie(ctx, CommandRemainOnChannel, ifindex, func(e *netlink.AttributeEncoder) {
		e.Uint32(attrWiphyFreq, uint32(freq))
		e.Uint32(attrDuration, uint32(d/time.Millisecond))
	})
}

// CancelRemainOnChannel comes back at once.
func (c *Client) CancelRemainOnChannel(ctx context.Context, ifindex int, cookie uint64) error {
	return c.cancel(ctx, CommandCancelRemainOnChannel, ifindex, cookie)
}
