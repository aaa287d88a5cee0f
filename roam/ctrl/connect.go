package ctrl

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"roamfault/roam"
	"roamfault/roam/runlog"
)

// Connect ends a connection that is there, holds the configured network of the
// target's SSID to the target's BSSID, and chooses that network. ROAM cannot do
// it: without a connection there is no network that it could be of. A bssid_hint
// would be no more than that, and is for drivers that choose by themselves.
//
// The network is let go when the daemon begins with the target; where that comes
// to nothing the daemon goes on with whatever of the network it likes. Other
// networks stay disabled until the next request, or Close.
func (s *Station) Connect(ctx context.Context, to roam.Target) error {
	if err := s.connect(ctx, to); err != nil {
		return fmt.Errorf("connect to %v: %w", to.BSSID, err)
	}
	return nil
}

func (s *Station) connect(ctx context.Context, to roam.Target) error {
	if err := s.changes.undo(ctx, s.client, ofAction()...); err != nil {
		return err
	}
	networks, err := s.client.Networks(ctx)
	if err != nil {
		return err
	}
	n, ok := choose(networks, to.AP.SSID)
	if !ok {
		return fmt.Errorf("no network %v is configured in wpa_supplicant: add it there", to.AP.SSID)
	}
	if err := s.known(ctx, to); err != nil {
		return err
	}
	if err := s.client.Order(ctx, "DISCONNECT"); err != nil {
		return err
	}
	if err := s.hush(ctx, &n); err != nil {
		return err
	}
	if err := s.pin(ctx, n, to.BSSID); err != nil {
		return err
	}
	// The network alone is enabled then.
	for _, other := range networks {
		if other.Persistent || other.Disabled == (other.ID != n.ID) {
			continue
		}
		if err := s.note(ctx, disabled, &other, settingEnabled, enabled(&other)); err != nil {
			return err
		}
	}
	return s.client.Order(ctx, fmt.Sprintf("SELECT_NETWORK %d%s", n.ID, only(freqs(to.AP))))
}

// choose finds the network of an SSID: the present one, or an enabled one, or
// another.
func choose(networks []Network, ssid runlog.SSID) (Network, bool) {
	best, rank := Network{}, 0
	for _, n := range networks {
		if n.Persistent || !bytes.Equal(n.SSID, ssid) {
			continue
		}
		now := 1
		switch {
		case n.Current:
			now = 3
		case !n.Disabled:
			now = 2
		}
		if now > rank {
			best, rank = n, now
		}
	}
	return best, rank > 0
}

// freqs are those of the links, to which the scan of SELECT_NETWORK is limited.
func freqs(ap runlog.AP) []int {
	var all []int
	for _, l := range ap.Links {
		if l.Freq > 0 {
			all = append(all, l.Freq)
		}
	}
	return all
}

// known says whether the target is among the scan results.
func (s *Station) known(ctx context.Context, to roam.Target) error {
	entry, ok, err := s.client.Known(ctx, to.BSSID)
	if err != nil {
		return err
	}
	if !ok || !bytes.Equal(entry.SSID, to.AP.SSID) {
		return fmt.Errorf("%w: scan for it first", roam.ErrUnknownTarget)
	}
	return nil
}

// Roam asks for ROAM to the target's BSSID: of an AP MLD that is the link over
// which to authenticate. The daemon then goes there, whatever it thinks of it.
func (s *Station) Roam(ctx context.Context, to roam.Target) error {
	if err := s.roam(ctx, to); err != nil {
		return fmt.Errorf("roam to %v: %w", to.BSSID, err)
	}
	return nil
}

func (s *Station) roam(ctx context.Context, to roam.Target) error {
	if err := s.changes.undo(ctx, s.client, ofAction()...); err != nil {
		return err
	}
	status, err := s.status(ctx)
	if err != nil {
		return err
	}
	if status.ID >= 0 {
		if err := s.hush(ctx, &Network{ID: status.ID, SSID: status.SSID}); err != nil {
			return err
		}
	}
	err = s.client.Order(ctx, "ROAM "+to.BSSID.String())
	var refusal *Refusal
	if !errors.As(err, &refusal) {
		return err
	}
	// FAIL says no more: the reason is looked for.
	if err := s.known(ctx, to); err != nil {
		return err
	}
	if status.ID < 0 {
		return errors.New("there is no connection to roam from: connect first")
	}
	if !bytes.Equal(status.SSID, to.AP.SSID) {
		return fmt.Errorf("wpa_supplicant roams within network %v only, and the target is of %v: connect to it", status.SSID, to.AP.SSID)
	}
	return refusal
}

// Disconnect leaves the access point, and the daemon looks for no other.
func (s *Station) Disconnect(ctx context.Context) error {
	err := s.client.Order(ctx, "DISCONNECT")
	if err == nil {
		err = s.changes.undo(ctx, s.client, ofAction()...)
	}
	if err != nil {
		return fmt.Errorf("disconnect: %w", err)
	}
	return nil
}
