package nl80211

import (
	"context"

	"github.com/mdlayher/netlink"
)

// MoveWiphy puts a device and its interfaces, which must be down, into the network
// namespace of a file descriptor. This Client sees it no longer then. The error is
// EEXIST where an interface's name is taken there, and EOPNOTSUPP where the driver
// cannot be moved.
func (c *Client) MoveWiphy(ctx context.Context, wiphy, namespace int) error {
	return c.order(ctx, CommandSetWiphyNetNS, 0, func(e *netlink.AttributeEncoder) {
		e.Uint32(attrWiphy, uint32(wiphy))
		e.Uint32(attrNetNSFD, uint32(namespace))
	})
}
