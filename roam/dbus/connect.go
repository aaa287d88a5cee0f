package dbus

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	godbus "github.com/godbus/dbus/v5"

	"roamfault/nl80211/dot11"
	"roamfault/roam"
)

// target finds a target among the scan results.
func (s *Station) target(ctx context.Context, to roam.Target) (place, error) {
	if err := s.bus.inbox.settle(ctx); err != nil {
		return place{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.bss.find(to.BSSID, to.AP.SSID)
	if !ok {
		return place{}, roam.ErrUnknownTarget
	}
	return b.place(), nil
}

// Connect selects the configured network with the target's SSID and sends the
// supplicant to the target in the same breath; a connection is ended before.
func (s *Station) Connect(ctx context.Context, to roam.Target) error {
	return explain("connect to "+to.BSSID.String(), s.connect(ctx, to))
}

func (s *Station) connect(ctx context.Context, to roam.Target) error {
	at, err := s.here(ctx)
	if err != nil {
		return err
	}
	where, err := s.target(ctx, to)
	if err != nil {
		return err
	}
	all, err := s.networks(ctx, at)
	if err != nil {
		return err
	}
	chosen, err := choose(all, where.ssid)
	if err != nil {
		return err
	}
	// A network that is in use would be selected already.
	if err := s.ask(ctx, at, "Disconnect").Err; err != nil && !errors.Is(err, ErrNotConnected) {
		return err
	}
	if err := s.releaseNetwork(ctx, at, chosen); err != nil {
		return err
	}
	if err := s.enabling(ctx, at, all, chosen); err != nil {
		return err
	}
	if chosen.bssid == "" { // for a moment, start holds it to the target
		if err := s.keep(ctx, at, chosen.path, settingBSSID, anyBSSID); err != nil {
			return err
		}
	}
	s.want(where)
	if err := s.start(ctx, at, chosen.path, where); err != nil {
		return translateTarget(err)
	}
	s.park(false)
	return nil
}

// start selects a network and sends it to a BSS: a network that was just selected
// is in use, and so Roam goes there without another scan. With fresh scan results
// SelectNetwork begins by itself; for that one moment the network is held to the
// BSS. Not longer: where the access point is an MLD, 2.11 compares what a network
// is held to with the MLD address, finds no network for the connection, and drops
// the handshake (wpa_supplicant.c, wpa_supplicant_get_ssid). The requests go out
// together, because between two of them the supplicant would go on.
func (s *Station) start(ctx context.Context, at spot, path godbus.ObjectPath, to place) error {
	sending, cancel := context.WithTimeout(s.ctx, patience) // all or none
	defer cancel()
	set := func(bssid string) *godbus.Call {
		return s.bus.begin(sending, at.owner, path, propertiesName+".Set", ifaceNetwork, "Properties", godbus.MakeVariant(heldTo(bssid)))
	}
	calls := []*godbus.Call{
		set(to.addr.String()),
		s.bus.begin(sending, at.owner, at.path, ifaceInterface+".SelectNetwork", path),
		s.bus.begin(sending, at.owner, at.path, ifaceInterface+".Roam", to.addr.String()),
		set(anyBSSID),
	}
	var failed error
	for _, call := range calls {
		select {
		case <-call.Done:
		case <-ctx.Done():
			return translate(ctx.Err())
		}
		if failed == nil {
			failed = s.orGone(ctx, at, translate(call.Err))
		}
	}
	return failed
}

// enabling notes what SelectNetwork changes: it makes a network the only one that
// is enabled.
func (s *Station) enabling(ctx context.Context, at spot, all []network, chosen network) error {
	for _, n := range all {
		if n.enabled != (n.path == chosen.path) {
			if err := s.keep(ctx, at, n.path, settingEnabled, strconv.FormatBool(n.enabled)); err != nil {
				return err
			}
			s.remember(n.path, func(o *original) {
				if !o.enabled.Present {
					o.enabled = dot11.Some(n.enabled)
				}
			})
		}
	}
	return nil
}

// translateTarget is for errors of Roam, which has one for arguments alone.
func translateTarget(err error) error {
	if errors.Is(err, errInvalid) {
		return fmt.Errorf("%w: %w", roam.ErrUnknownTarget, err)
	}
	return err
}

// Roam lets the supplicant go to a BSS of the network that it is connected to
// (Interface.Roam, wpa_supplicant 2.10). A network that is configured for one
// BSSID alone is freed of it until Close.
func (s *Station) Roam(ctx context.Context, to roam.Target) error {
	return explain("roam to "+to.BSSID.String(), s.roam(ctx, to))
}

func (s *Station) roam(ctx context.Context, to roam.Target) error {
	at, err := s.here(ctx)
	if err != nil {
		return err
	}
	where, err := s.target(ctx, to)
	if err != nil {
		return err
	}
	path, err := s.current(ctx, at)
	if err != nil {
		return err
	}
	if err := s.release(ctx, at, path); err != nil {
		return err
	}
	s.want(where)
	if err := s.ask(ctx, at, "Roam", to.BSSID.String()).Err; err != nil {
		s.want(place{})
		return translateTarget(err)
	}
	s.park(false)
	return nil
}

// Disconnect leaves the access point. A supplicant that is not connected yet but
// looks for its networks is stopped by selecting one and leaving it at once:
// without a network in use it does not take the request. NetworkManager may take
// a connection that stays away for failed, remove its network and try it anew.
func (s *Station) Disconnect(ctx context.Context) error {
	return explain("disconnect", s.disconnect(ctx))
}

func (s *Station) disconnect(ctx context.Context) error {
	at, err := s.here(ctx)
	if err != nil {
		return err
	}
	err = s.ask(ctx, at, "Disconnect").Err
	if errors.Is(err, ErrNotConnected) && !s.isParked() {
		err = s.stop(ctx, at)
	}
	if err == nil || errors.Is(err, ErrNotConnected) {
		s.park(true)
		return nil
	}
	return err
}

// stop stops the search for networks. Without one that is enabled there is none.
func (s *Station) stop(ctx context.Context, at spot) error {
	all, err := s.networks(ctx, at)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(n network) bool { return n.enabled })
	if i < 0 {
		return nil
	}
	if err := s.enabling(ctx, at, all, all[i]); err != nil {
		return err
	}
	if err := s.ask(ctx, at, "SelectNetwork", all[i].path).Err; err != nil {
		return err
	}
	return s.ask(ctx, at, "Disconnect").Err
}

func (s *Station) park(parked bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.parked = parked
}

func (s *Station) isParked() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.parked
}
