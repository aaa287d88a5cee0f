package nl80211

import (
	"context"
	"fmt"

	"github.com/mdlayher/netlink"
)

// Commands and attribute of waking over the air (kernel, enum nl80211_commands and
// enum nl80211_attrs).
const (
	commandGetWoWLAN   Command = 73
	commandSetWoWLAN   Command = 74
	attrWoWLANTriggers uint16  = 117
)

// WakeTriggers are what a device may wake the machine for (kernel, enum
// nl80211_wowlan_triggers): bit n is trigger n, of those that are flags.
type WakeTriggers uint32

// Bits of WakeTriggers.
const (
	WakeAny        WakeTriggers = 1 << 1 // whatever it hears, fully switched on
	WakeDisconnect WakeTriggers = 1 << 2 // the connection ends
	WakeMagic      WakeTriggers = 1 << 3 // a magic packet
)

// wakeFlags are the triggers that are flags: others have a value, which is not
// known here.
const wakeFlags = WakeAny | WakeDisconnect | WakeMagic

// mostTriggers is beyond every number of a trigger.
const mostTriggers = 32

// WoWLAN returns what the device of an interface wakes the machine for; 0: nothing.
// Other triggers than those above are told by their bits, too. The error is
// EOPNOTSUPP where the device cannot.
func (c *Client) WoWLAN(ctx context.Context, ifindex int) (WakeTriggers, error) {
	var set WakeTriggers
	err := c.ask(ctx, commandGetWoWLAN, ifindex, interfaceOnly, func(d *decoder) {
		if d.kind == attrWoWLANTriggers {
			for t := d.nested(); t.next(); {
				if t.kind < mostTriggers {
					set |= 1 << t.kind
				}
			}
		}
	})
	return set, err
}

// SetWoWLAN says what the device of an interface wakes the machine for; 0: nothing.
// The error is EINVAL where the device cannot do one of them.
func (c *Client) SetWoWLAN(ctx context.Context, ifindex int, wake WakeTriggers) error {
	if wake&^wakeFlags != 0 {
		return fmt.Errorf("%v: triggers %#x cannot be set", commandSetWoWLAN, uint32(wake))
	}
	return c.order(ctx, commandSetWoWLAN, ifindex, func(e *netlink.AttributeEncoder) {
		if wake == 0 {
			return // without triggers, all are off
		}
		e.Nested(attrWoWLANTriggers, func(e *netlink.AttributeEncoder) error {
			for n := range uint16(mostTriggers) {
				if wake&(1<<n) != 0 {
					e.Flag(n, true)
				}
			}
			return nil
		})
	})
}
