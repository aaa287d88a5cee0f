package hwsim

import (
	"errors"
	"fmt"

	"github.com/mdlayher/genetlink"
	"github.com/mdlayher/netlink"

	"roamfault/nl80211/dot11"
)

// Numbers of nl80211.h: enum nl80211_commands and enum nl80211_attrs.
const (
	wiphyFamily = "nl80211"

	commandGetWiphy      = 1
	commandGetInterface  = 5
	commandSetWiphyNetns = 49

	wiphyAttrIndex     = 1
	wiphyAttrName      = 2
	wiphyAttrIfindex   = 3
	wiphyAttrIfname    = 4
	wiphyAttrMAC       = 6
	wiphyAttrSplitDump = 174
	wiphyAttrNetnsFD   = 219
)

// Interface is a network interface of a radio.
type Interface struct {
	Index int
	Name  string
	Addr  dot11.Addr
}

// Interfaces lists the interfaces of a radio in the medium's namespace.
func (m *Medium) Interfaces(radio Radio) ([]Interface, error) {
	list, err := m.control.interfaces(radio.Name)
	if err != nil {
		return nil, fmt.Errorf("list the interfaces of radio %q: %w", radio.Name, err)
	}
	return list, nil
}

// Move puts a radio and its interfaces from the medium's namespace into another
// one. The medium still serves it. Interfaces must be down.
func (m *Medium) Move(radio Radio, to *Namespace) error {
	if to == nil {
		return fmt.Errorf("move radio %q: no namespace is given", radio.Name)
	}
	if err := m.control.move(radio.Name, to.fd()); err != nil {
		return fmt.Errorf("move radio %q into another network namespace: %w", radio.Name, permission(err))
	}
	return nil
}

func (c *control) interfaces(radio string) ([]Interface, error) {
	family, index, err := c.wiphy(radio)
	if err != nil {
		return nil, err
	}
	answers, err := c.conn.Execute(genetlink.Message{Header: genetlink.Header{Command: commandGetInterface}}, family, netlink.Request|netlink.Dump)
	if err != nil {
		return nil, err
	}
	var list []Interface
	for _, a := range answers {
		i, of, err := decodeInterface(a.Data)
		if err != nil {
			return nil, err
		}
		if of == index && i.Name != "" {
			list = append(list, i)
		}
	}
	return list, nil
}

func (c *control) move(radio string, fd uintptr) error {
	family, index, err := c.wiphy(radio)
	if err != nil {
		return err
	}
	e := netlink.NewAttributeEncoder()
	e.Uint32(wiphyAttrIndex, index)
	e.Uint32(wiphyAttrNetnsFD, uint32(fd))
	attrs, err := e.Encode()
	if err != nil {
		return err
	}
	_, err = c.conn.Execute(genetlink.Message{Header: genetlink.Header{Command: commandSetWiphyNetns}, Data: attrs}, family, netlink.Request|netlink.Acknowledge)
	return err
}

// wiphy returns the family of nl80211 and its number for a radio.
func (c *control) wiphy(radio string) (family uint16, index uint32, err error) {
	f, err := c.conn.GetFamily(wiphyFamily)
	if err != nil {
		return 0, 0, fmt.Errorf("look up nl80211: %w", err)
	}
	e := netlink.NewAttributeEncoder()
	// Without it, a wiphy with much to tell does not fit into an answer.
	e.Flag(wiphyAttrSplitDump, true)
	attrs, err := e.Encode()
	if err != nil {
		return 0, 0, err
	}
	answers, err := c.conn.Execute(genetlink.Message{Header: genetlink.Header{Command: commandGetWiphy}, Data: attrs}, f.ID, netlink.Request|netlink.Dump)
	if err != nil {
		return 0, 0, err
	}
	for _, a := range answers {
		name, index, err := decodeWiphy(a.Data)
		if err != nil {
			return 0, 0, err
		}
		if name == radio {
			return f.ID, index, nil
		}
	}
	return 0, 0, errors.New("it is not in this network namespace")
}

func decodeWiphy(b []byte) (name string, index uint32, err error) {
	d, err := netlink.NewAttributeDecoder(b)
	if err != nil {
		return "", 0, fmt.Errorf("read a wiphy: %w", err)
	}
	for d.Next() {
		switch d.Type() {
		case wiphyAttrIndex:
			index = d.Uint32()
		case wiphyAttrName:
			name = d.String()
		}
	}
	if err := d.Err(); err != nil {
		return "", 0, fmt.Errorf("read a wiphy: %w", err)
	}
	return name, index, nil
}

func decodeInterface(b []byte) (i Interface, wiphy uint32, err error) {
	d, err := netlink.NewAttributeDecoder(b)
	if err != nil {
		return Interface{}, 0, fmt.Errorf("read an interface: %w", err)
	}
	for d.Next() {
		switch d.Type() {
		case wiphyAttrIndex:
			wiphy = d.Uint32()
		case wiphyAttrIfindex:
			i.Index = int(d.Uint32())
		case wiphyAttrIfname:
			i.Name = d.String()
		case wiphyAttrMAC:
			if b := d.Bytes(); len(b) == len(i.Addr) {
				i.Addr = dot11.Addr(b)
			}
		}
	}
	if err := d.Err(); err != nil {
		return Interface{}, 0, fmt.Errorf("read an interface: %w", err)
	}
	return i, wiphy, nil
}
