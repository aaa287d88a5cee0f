package ctrl

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"roamfault/nl80211/dot11"
)

// kind is what is changed in the daemon.
type kind int

const (
	pinned   kind = iota // a network is held to one BSSID
	disabled             // a network may not be connected to
	quiet                // a network has no background scans
)

// ofAction are the kinds of changes that the next request undoes, ofStation those
// that Close does.
func ofAction() []kind  { return []kind{pinned, disabled} }
func ofStation() []kind { return append(ofAction(), quiet) }

// change is something that was changed in the daemon, and the words that undo it.
type change struct {
	kind    kind
	network int
	undo    string
}

// changes are those that are not undone yet, in their order.
type changes struct {
	mu   sync.Mutex
	list []change
}

// add notes a change before it is made. What was noted first stays: that is how it
// was before all.
func (c *changes) add(k kind, network int, undo string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !slices.ContainsFunc(c.list, func(o change) bool { return o.kind == k && o.network == network }) {
		c.list = append(c.list, change{k, network, undo})
	}
}

// note notes a change before it is made, here and where it outlives us.
func (s *Station) note(ctx context.Context, k kind, n *Network, setting, before string) error {
	if err := s.keep(ctx, n, setting, before); err != nil {
		return err
	}
	s.changes.add(k, n.ID, setTo(setting, n.ID, before))
	return nil
}

// undo undoes the changes of those kinds, the last first. What the daemon refuses
// is of a network that it does not have any more; what cannot be asked for stays.
func (c *changes) undo(ctx context.Context, client *Client, kinds ...kind) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := len(c.list) - 1; i >= 0; i-- {
		if !slices.Contains(kinds, c.list[i].kind) {
			continue
		}
		var refusal *Refusal
		if err := client.Order(ctx, c.list[i].undo); err != nil && !errors.As(err, &refusal) {
			return fmt.Errorf("undo a change to the supplicant: %w", err)
		}
		c.list = slices.Delete(c.list, i, i+1)
	}
	return nil
}

// pin holds a network to one BSSID until the daemon has chosen it. Held on, it would
// fail: in the 4-way handshake the daemon looks for the network by the address of
// the AP MLD, and does not find one that is held to the BSSID of a link
// (wpa_supplicant.c, wpa_supplicant_get_ssid; "No SSID info found (msg 1 of 4)").
// A bssid_accept list would hold it, too, and make the daemon forget the network's
// PMKs (ctrl_iface.c, wpa_supplicant_ctrl_iface_update_network).
func (s *Station) pin(ctx context.Context, n Network, bssid dot11.Addr) error {
	if err := s.note(ctx, pinned, &n, settingBSSID, heldTo(n.BSSID)); err != nil {
		return err
	}
	s.target.Store(&bssid)
	return s.client.Order(ctx, fmt.Sprintf("SET_NETWORK %d bssid %v", n.ID, bssid))
}

// unpin lets the network go when the daemon is on its way to what it was held to.
// It does not wait: who reads the events must not.
func (s *Station) unpin(on dot11.Addr) {
	target := s.target.Load()
	if target == nil || *target != on || !s.target.CompareAndSwap(target, nil) {
		return
	}
	s.aside.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), s.client.timeout)
		defer cancel()
		// What fails is done by the next request, or by Close.
		_ = s.changes.undo(ctx, s.client, pinned)
	})
}

// noBackground is the setting that has no background scans, whatever the daemon's
// own default is (bgscan.c, wpa_supplicant.c: wpa_supplicant_start_bgscan).
const noBackground = `""`

// hush ends the background scans of a network, in which the daemon would go to
// another access point by itself. Autoscan and SCAN_INTERVAL are of no concern: they
// are for a station without a connection.
func (s *Station) hush(ctx context.Context, n *Network) error {
	if s.options.MayRoam {
		return nil
	}
	before, ok, err := s.client.Setting(ctx, n.ID, settingBgscan)
	if err != nil || ok && before == noBackground {
		return err
	}
	if !ok {
		before = "NULL" // not set (config.c, wpa_config_parse_str)
	}
	if err := s.note(ctx, quiet, n, settingBgscan, before); err != nil {
		return err
	}
	var refusal *Refusal
	if err := s.client.Order(ctx, setTo(settingBgscan, n.ID, noBackground)); err != nil && !errors.As(err, &refusal) {
		return err
	}
	return nil // a daemon built without background scans refuses
}
