package nl80211

import (
	"context"
	"fmt"

	"roamfault/nl80211/dot11"
)

// Interface is a wireless interface as NL80211_CMD_GET_INTERFACE gives it.
type Interface struct {
	Index      int    // of the network interface; 0: it has none, such as a P2P device
	Name       string // empty where Index is 0
	Wiphy      int    // index of its device
	Wdev       uint64 // the kernel's identifier, for those without Index too
	Type       InterfaceType
	Addr       dot11.Addr          // of a multi-link interface: its MLD address
	SSID       []byte              // of an access point of ours; of a station kernels up to 7.2 tell it only where CMD_CONNECT made the connection
	Channel    ChannelDef          // of a connection without links
	TxPower    dot11.Optional[int] // in mBm (1/100 dBm)
	FourAddr   bool
	Links      []InterfaceLink // of a multi-link connection or access point
	Generation uint32
}

// InterfaceLink is a valid link of an interface. Older kernels tell only ID and
// Addr of it (wireless/nl80211.c, nl80211_send_iface).
type InterfaceLink struct {
	ID      uint8
	Addr    dot11.Addr // ours on that link
	Channel ChannelDef
	TxPower dot11.Optional[int] // in mBm
}

// Link returns the link of that ID.
func (i *Interface) Link(id uint8) (*InterfaceLink, bool) {
	for at := range i.Links {
		if i.Links[at].ID == id {
			return &i.Links[at], true
		}
	}
	return nil, false
}

func (i *Interface) take(d *decoder) {
	switch d.kind {
	case attrIfindex:
		i.Index = int(d.u32())
	case attrIfname:
		i.Name = d.text()
	case attrWiphy:
		i.Wiphy = int(d.u32())
	case attrWdev:
		i.Wdev = d.u64()
	case attrIftype:
		i.Type = InterfaceType(d.u32())
	case attrMAC:
		i.Addr = d.addr()
	case attrSSID:
		i.SSID = d.data
	case attrTxPowerLevel:
		i.TxPower = dot11.Some(int(int32(d.u32())))
	case attrFourAddr:
		i.FourAddr = d.u8() != 0
	case attrGeneration:
		i.Generation = d.u32()
	case attrMLOLinks:
		for n := d.nested(); n.next(); {
			i.Links = append(i.Links, decodeInterfaceLink(&n))
		}
	default:
		i.Channel.take(d)
	}
}

func decodeInterfaceLink(d *decoder) InterfaceLink {
	var link InterfaceLink
	for n := d.nested(); n.next(); {
		switch n.kind {
		case attrMLOLinkID:
			link.ID = n.u8()
		case attrMAC:
			link.Addr = n.addr()
		case attrTxPowerLevel:
			link.TxPower = dot11.Some(int(int32(n.u32())))
		default:
			link.Channel.take(&n)
		}
	}
	return link
}

// Interfaces returns all wireless interfaces.
func (c *Client) Interfaces(ctx context.Context) ([]Interface, error) {
	return entriesOf(ctx, c, CommandGetInterface, 0, (*Interface).take)
}

// Interface returns the interface of that index.
func (c *Client) Interface(ctx context.Context, ifindex int) (Interface, error) {
	var i Interface
	err := c.ask(ctx, CommandGetInterface, ifindex, interfaceOnly, i.take)
	if err != nil {
		return Interface{}, err
	}
	return i, nil
}

// InterfaceByName returns the interface of that name.
func (c *Client) InterfaceByName(ctx context.Context, name string) (Interface, error) {
	interfaces, err := c.Interfaces(ctx)
	if err != nil {
		return Interface{}, err
	}
	for _, i := range interfaces {
		if i.Name == name {
			return i, nil
		}
	}
	return Interface{}, fmt.Errorf("there is no wireless interface %q", name)
}
