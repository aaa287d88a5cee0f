package dbus

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	godbus "github.com/godbus/dbus/v5"

	"roamfault/nl80211/dot11"
	"roamfault/roam"
)

// Kept is a change of a network in a supplicant, with all that it takes to undo it
// in another process.
type Kept struct {
	Args   map[string]string
	Before string
	What   string // in words
}

// Names of Kept.Args.
const (
	argAddress = "address" // of the bus; empty: the system bus
	argOwner   = "owner"   // the supplicant's unique name: another one has other networks
	argNetwork = "network" // its object
	argSetting = "setting"
)

// Settings of a network that are changed.
const (
	settingBSSID   = "bssid"
	settingEnabled = "enabled"
)

// keep writes a change down where Config says.
func (s *Station) keep(ctx context.Context, at spot, n godbus.ObjectPath, setting, before string) error {
	if s.config.Keep == nil {
		return nil // Close undoes it all the same
	}
	k := Kept{
		Args:   map[string]string{argAddress: s.config.Address, argOwner: at.owner, argNetwork: string(n), argSetting: setting},
		Before: before, What: fmt.Sprintf("wpa_supplicant of %s: %s of network %s, was %s", s.config.Interface, setting, path.Base(string(n)), before),
	}
	if k.check() != nil {
		return nil // what Undo would refuse stays in the undo log for good; Close undoes it all the same
	}
	return s.config.Keep(ctx, k)
}

// check says what of it cannot be.
func (k *Kept) check() error {
	network := godbus.ObjectPath(k.Args[argNetwork])
	good := network.IsValid() && strings.HasPrefix(string(network), string(rootPath)+"/Interfaces/") && strings.HasPrefix(k.Args[argOwner], ":")
	switch _, notAddr := dot11.ParseAddr(k.Before); k.Args[argSetting] {
	case settingBSSID:
		good = good && (notAddr == nil || k.Before == anyBSSID)
	case settingEnabled:
		_, err := strconv.ParseBool(k.Before)
		good = good && err == nil
	default:
		good = false
	}
	if !good {
		return fmt.Errorf("undo a change to the supplicant: %.20q of %.80q to %.20q cannot be", k.Args[argSetting], network, k.Before)
	}
	return nil
}

// Undo sets a network back to how it was before a change. A network that is in use
// stays enabled, as with Close. Where the supplicant, or the network, is there no
// more, there is nothing to undo.
func Undo(ctx context.Context, k Kept) error {
	if err := k.check(); err != nil {
		return err
	}
	err := asking(ctx, k.Args[argAddress], func(b *bus, owner string) error {
		if owner != k.Args[argOwner] {
			return nil
		}
		return b.undo(ctx, owner, &k)
	})
	if errors.Is(err, roam.ErrGone) {
		return nil
	}
	return explain("undo a change to the supplicant", err)
}

func (b *bus) undo(ctx context.Context, owner string, k *Kept) error {
	network := godbus.ObjectPath(k.Args[argNetwork])
	of := godbus.ObjectPath(path.Dir(path.Dir(string(network)))) // the interface
	p, err := b.get(ctx, owner, of, ifaceInterface, "Networks", "CurrentNetwork")
	if err != nil {
		return err
	}
	if !slices.Contains(paths(p["Networks"], maxNetworks), network) {
		return nil
	}
	if k.Args[argSetting] == settingBSSID {
		return b.set(ctx, owner, network, ifaceNetwork, "Properties", heldTo(k.Before))
	}
	was, _ := strconv.ParseBool(k.Before) // checked
	if current, _ := value[godbus.ObjectPath](p, "CurrentNetwork"); !was && network == current {
		return nil
	}
	return b.set(ctx, owner, network, ifaceNetwork, "Enabled", was)
}
