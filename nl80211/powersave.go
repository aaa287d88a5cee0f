package nl80211

import (
	"context"

	"github.com/mdlayher/netlink"
)

// States of power saving (kernel, enum nl80211_ps_state).
const (
	powerSaveOff = 0
	powerSaveOn  = 1
)

// SetPowerSave turns power saving of a station interface on or off.
func (c *Client) SetPowerSave(ctx context.Context, ifindex int, on bool) error {
	state := uint32(powerSaveOff)
	if on {
		state = powerSaveOn
	}
	return c.order(ctx, CommandSetPowerSave, ifindex, func(e *netlink.AttributeEncoder) {
		e.Uint32(attrPSState, state)
	})
}

// PowerSave reports whether power saving of a station interface is on.
func (c *Client) PowerSave(ctx context.Context, ifindex int) (bool, error) {
	var on bool
	err := c.ask(ctx, CommandGetPowerSave, ifindex, interfaceOnly, func(d *decoder) {
		if d.kind == attrPSState {
			on = d.u32() == powerSaveOn
		}
	})
	return on, err
}
