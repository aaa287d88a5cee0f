package direct

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"roamfault/journal"
	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
	"roamfault/roam/rsn"
	"roamfault/roam/rsn/keys"
	"roamfault/roam/rsn/sae"
	"roamfault/roam/runlog"
)

// Config says what a [Station] is. Interface and Networks are needed, the zero
// value of all else is good.
type Config struct {
	// Interface is the name of the network interface. It is looked for by this name
	// again when it was taken away.
	Interface string
	// Networks are those that may be connected to, each SSID once.
	Networks []Network

	// Groups are the groups of SAE in the order in which they are tried; none: 19,
	// 20, 21.
	Groups []sae.Group
	// Bands are those that links may be on; none: all that the device has.
	Bands []dot11.Band
	// MaxLinks is how many links are asked for at most; 0: as many as the device has
	// at a time, or all where it does not say. 1 is still multi-link.
	MaxLinks int
	// SingleLink connects to an AP MLD as to an access point that is none.
	SingleLink bool
	// AlwaysSAE does SAE each time, also where a PMK is cached.
	AlwaysSAE bool
	// Patience is how long an authentication, an association and a handshake may take
	// each, beyond what the kernel itself waits; 0: 10 s.
	Patience time.Duration

	// Between is called before each step, from the goroutine that does the steps;
	// nil: nothing is. Its error ends the attempt. The context is that of the request
	// with StepAuthenticate, and else ends with the station.
	Between func(ctx context.Context, next Step) error
	// Alter sees every message of a handshake before it is signed; nil: nobody does.
	Alter func(*rsn.Message)

	// Boot is the boot id that records of events have, 32 hexadecimal digits; empty:
	// that of the system.
	Boot string
	// Clock stamps what the station does by itself; nil: the kernel's clocks.
	Clock nl80211.Clock
	// Switch turns the interface on; nil: that of the system.
	Switch Switch
}

// Network is a network and what it takes to join it: a password, a PSK, or nothing
// where it is open.
type Network struct {
	SSID runlog.SSID
	// Password is what WPA2 (8 to 63 characters) and WPA3 (at least one) take.
	Password Secret
	// PSK is that of WPA2 in 64 hexadecimal digits, in place of the password.
	PSK Secret
}

const defaultPatience = 10 * time.Second

// network is a Network with all that can be computed in advance.
type network struct {
	ssid     []byte
	psk      []byte        // nil: none
	password *sae.Password // nil: none
}

func (n *network) open() bool { return n.psk == nil && n.password == nil }

// complete checks a configuration and fills in what it leaves open.
func (c Config) complete() (Config, error) {
	if c.Interface == "" {
		return c, errors.New("no interface is named")
	}
	if c.MaxLinks < 0 || c.Patience < 0 {
		return c, errors.New("the number of links and the patience cannot be negative")
	}
	if len(c.Groups) == 0 {
		c.Groups = []sae.Group{sae.GroupP256, sae.GroupP384, sae.GroupP521}
	}
	if i := slices.IndexFunc(c.Groups, func(g sae.Group) bool { return !g.Supported() }); i >= 0 {
		return c, fmt.Errorf("SAE does not know group %v: take 19, 20 or 21", c.Groups[i])
	}
	if c.Patience == 0 {
		c.Patience = defaultPatience
	}
	if c.Boot == "" {
		c.Boot, _ = journal.BootID() // empty where the system tells none
	}
	if c.Clock == nil {
		c.Clock = nl80211.SystemClock
	}
	if c.Switch == nil {
		c.Switch = ioctls{}
	}
	return c, nil
}

// prepare computes what the networks need, which takes milliseconds for each
// password and group.
func (c *Config) prepare() ([]*network, error) {
	var networks []*network
	for i := range c.Networks {
		n := &c.Networks[i]
		if slices.ContainsFunc(networks, func(other *network) bool { return bytes.Equal(other.ssid, n.SSID) }) {
			return nil, fmt.Errorf("network %v is there twice", n.SSID)
		}
		prepared, err := n.prepare(c.Groups)
		if err != nil {
			return nil, fmt.Errorf("network %v: %w", n.SSID, err)
		}
		networks = append(networks, prepared)
	}
	return networks, nil
}

// lengths of what WPA2 takes (IEEE 802.11-2020, J.4).
const (
	minPassphrase = 8
	maxPassphrase = 63
	pskLen        = 32
)

func (n *Network) prepare(groups []sae.Group) (*network, error) {
	if len(n.SSID) < 1 || len(n.SSID) > dot11.MaxSSID {
		return nil, fmt.Errorf("an SSID has 1 to %d octets, not %d", dot11.MaxSSID, len(n.SSID))
	}
	out := &network{ssid: bytes.Clone(n.SSID)}
	if n.PSK != "" {
		psk, err := hex.DecodeString(string(n.PSK))
		if err != nil || len(psk) != pskLen {
			return nil, errors.New("a PSK has 64 hexadecimal digits") // not err, which shows some of them
		}
		out.psk = psk
	}
	if n.Password == "" {
		return out, nil
	}
	if l := len(n.Password); n.PSK == "" && l >= minPassphrase && l <= maxPassphrase {
		psk, err := keys.PSK(string(n.Password), out.ssid)
		if err == nil { // else it has characters that WPA2 cannot take
			out.psk = psk
		}
	}
	var err error
	if out.password, err = sae.NewPassword(string(out.ssid), string(n.Password), "", groups...); err != nil {
		return nil, fmt.Errorf("prepare the password: %w", err)
	}
	return out, nil
}
