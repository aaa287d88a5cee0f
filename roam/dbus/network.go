package dbus

import (
	"context"
	"errors"
	"fmt"

	godbus "github.com/godbus/dbus/v5"

	"roamfault/nl80211/dot11"
	"roamfault/roam"
	"roamfault/roam/runlog"
)

// maxNetworks is how many networks of a supplicant are looked at.
const maxNetworks = 256

// network is a configured network, without its secrets.
type network struct {
	path    godbus.ObjectPath
	ssid    runlog.SSID
	bssid   string // what it is held to; empty: any
	enabled bool
}

// anyBSSID is the value of bssid that holds a network to none (config.c,
// wpa_config_parse_bssid).
const anyBSSID = "any"

// original is how a network was before it was changed; what is not present was
// not changed.
type original struct {
	free    bool // it was seen to that it is held to no BSSID
	bssid   dot11.Optional[string]
	enabled dot11.Optional[bool]
}

// undo is what was changed, by network.
type undo map[godbus.ObjectPath]original

// networks reads all networks.
func (s *Station) networks(ctx context.Context, at spot) ([]network, error) {
	p, err := s.get(ctx, at, "Networks")
	if err != nil {
		return nil, err
	}
	var all []network
	for _, path := range paths(p["Networks"], maxNetworks) {
		n, err := s.network(ctx, at, path)
		if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			return nil, err
		}
		if err == nil { // else it was taken away meanwhile
			all = append(all, n)
		}
	}
	return all, nil
}

// network reads one.
func (s *Station) network(ctx context.Context, at spot, path godbus.ObjectPath) (network, error) {
	p, err := s.bus.get(ctx, at.owner, path, ifaceNetwork, "Properties", "Enabled")
	if err != nil {
		return network{}, err
	}
	n := network{path: path}
	n.enabled, _ = value[bool](p, "Enabled")
	fields := asProperties(p["Properties"].Value())
	if text, ok := value[string](fields, "ssid"); ok {
		n.ssid, _ = configuredSSID(text)
	}
	n.bssid, _ = value[string](fields, "bssid")
	return n, nil
}

// current returns the path of the network in use. While the supplicant has frames
// under way it takes Roam, and does nothing (sme.c, sme_authenticate): then the
// error is roam.ErrBusy.
func (s *Station) current(ctx context.Context, at spot) (godbus.ObjectPath, error) {
	p, err := s.get(ctx, at, "CurrentNetwork", "State")
	if err != nil {
		return "", err
	}
	path, _ := value[godbus.ObjectPath](p, "CurrentNetwork")
	if path == noPath || path == "" {
		return "", ErrNotConnected
	}
	switch state, _ := value[string](p, "State"); phases[state] {
	case roam.PhaseAuthenticating, roam.PhaseAssociating:
		return "", fmt.Errorf("%w: wpa_supplicant is %s", roam.ErrBusy, state)
	}
	return path, nil
}

// choose picks the network of an SSID: an enabled one before others.
func choose(all []network, ssid runlog.SSID) (network, error) {
	var chosen *network
	for i := range all {
		if n := &all[i]; string(n.ssid) == string(ssid) && (chosen == nil || n.enabled && !chosen.enabled) {
			chosen = n
		}
	}
	if chosen == nil {
		return network{}, fmt.Errorf("%w (%q)", ErrNoNetwork, ssid)
	}
	return *chosen, nil
}

// remember notes how a network was, the first time.
func (s *Station) remember(path godbus.ObjectPath, change func(*original)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.undo == nil {
		s.undo = undo{}
	}
	o := s.undo[path]
	change(&o)
	s.undo[path] = o
}

// release lets a network that is held to a BSS go to any, until Close.
func (s *Station) release(ctx context.Context, at spot, path godbus.ObjectPath) error {
	s.mu.Lock()
	free := s.undo[path].free
	s.mu.Unlock()
	if free {
		return nil
	}
	n, err := s.network(ctx, at, path)
	if err != nil {
		return err
	}
	return s.releaseNetwork(ctx, at, n)
}

func (s *Station) releaseNetwork(ctx context.Context, at spot, n network) error {
	if n.bssid != "" {
		if err := s.keep(ctx, at, n.path, settingBSSID, n.bssid); err != nil {
			return err
		}
		s.remember(n.path, func(o *original) {
			if !o.bssid.Present {
				o.bssid = dot11.Some(n.bssid)
			}
		})
		if err := s.hold(ctx, at, n.path, anyBSSID); err != nil {
			return err
		}
	}
	s.remember(n.path, func(o *original) { o.free = true })
	return nil
}

// want notes where the station was asked to go.
func (s *Station) want(to place) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.progress.wanted = to
}

// heldTo is the value of a network's Properties that holds it to a BSSID. The
// supplicant keeps connection and keys when it is set (dbus_new_handlers.c,
// set_network_properties).
func heldTo(bssid string) map[string]godbus.Variant {
	return map[string]godbus.Variant{"bssid": godbus.MakeVariant(bssid)}
}

func (s *Station) hold(ctx context.Context, at spot, path godbus.ObjectPath, bssid string) error {
	return explain("hold the network to "+bssid, s.bus.set(ctx, at.owner, path, ifaceNetwork, "Properties", heldTo(bssid)))
}

// restore gives networks back as they were. One that is in use stays enabled, so
// that its connection stays.
func (s *Station) restore(ctx context.Context, at spot, changed undo) error {
	if len(changed) == 0 {
		return nil
	}
	p, err := s.get(ctx, at, "Networks", "CurrentNetwork")
	if err != nil {
		return explain("give the networks back", err)
	}
	current, _ := value[godbus.ObjectPath](p, "CurrentNetwork")
	var errs []error
	for _, path := range paths(p["Networks"], maxNetworks) { // those that are still there
		was := changed[path]
		if was.bssid.Present {
			errs = append(errs, explain("give a network back", s.hold(ctx, at, path, was.bssid.Value)))
		}
		if was.enabled.Present && (was.enabled.Value || path != current) {
			errs = append(errs, explain("give a network back", s.bus.set(ctx, at.owner, path, ifaceNetwork, "Enabled", was.enabled.Value)))
		}
	}
	return errors.Join(errs...)
}
