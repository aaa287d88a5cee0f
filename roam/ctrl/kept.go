package ctrl

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"

	"roamfault/nl80211/dot11"
	"roamfault/roam"
)

// Kept is a change of a network in a daemon, with all that it takes to undo it in
// another process.
type Kept struct {
	Args   map[string]string
	Before string
	What   string // in words
}

// Names of Kept.Args.
const (
	argSocket    = "socket"
	argSince     = "since" // when the daemon made its socket: another daemon has other networks
	argInterface = "interface"
	argNetwork   = "network"
	argSSID      = "ssid"
	argSetting   = "setting"
)

// Settings of a network that are changed.
const (
	settingBSSID   = "bssid"
	settingBgscan  = "bgscan"
	settingEnabled = "enabled"
)

// values are what settings may be set back to.
func values() map[string]*regexp.Regexp {
	return map[string]*regexp.Regexp{
		settingBSSID:   regexp.MustCompile(`^(any|[0-9a-f]{2}(:[0-9a-f]{2}){5})$`),
		settingBgscan:  regexp.MustCompile(`^(NULL|"[ -~]{0,256}")$`),
		settingEnabled: regexp.MustCompile(`^(yes|no)$`),
	}
}

// setTo are the words that set a setting of a network.
func setTo(setting string, network int, value string) string {
	switch {
	case setting != settingEnabled:
		return fmt.Sprintf("SET_NETWORK %d %s %s", network, setting, value)
	case value == "yes":
		return fmt.Sprintf("ENABLE_NETWORK %d no-connect", network)
	}
	return fmt.Sprintf("DISABLE_NETWORK %d", network)
}

// keep writes a change down where Options say.
func (s *Station) keep(ctx context.Context, n *Network, setting, before string) error {
	if s.options.Keep == nil || !values()[setting].MatchString(before) {
		return nil // Close undoes it all the same
	}
	since, err := Since(s.client.Path())
	if err != nil {
		return nil // the daemon is gone, and takes no change
	}
	return s.options.Keep(ctx, Kept{
		Args: map[string]string{
			argSocket: s.client.Path(), argSince: since, argInterface: s.client.Interface(), argNetwork: strconv.Itoa(n.ID), argSSID: n.SSID.String(), argSetting: setting,
		},
		Before: before, What: fmt.Sprintf("wpa_supplicant of %s: %s of network %v, was %s", s.client.Interface(), setting, n.SSID, before),
	})
}

// Since tells a daemon from the one before by when it made its socket. The error is
// os.ErrNotExist where there is none.
func Since(socket string) (string, error) {
	info, err := os.Lstat(socket)
	if err != nil {
		return "", err
	}
	return strconv.FormatInt(info.ModTime().UnixNano(), 10), nil
}

// Undo sets a network back to how it was before a change. Where the daemon, or the
// network, is another one now, there is nothing to undo.
func Undo(ctx context.Context, k Kept) error {
	network, err := strconv.Atoi(k.Args[argNetwork])
	setting := k.Args[argSetting]
	value, known := values()[setting]
	if err != nil || network < 0 || !known || !value.MatchString(k.Before) {
		return fmt.Errorf("undo a change to the supplicant: %q of network %.20q to %q cannot be", setting, k.Args[argNetwork], k.Before)
	}
	if since, err := Since(k.Args[argSocket]); errors.Is(err, os.ErrNotExist) || err == nil && since != k.Args[argSince] {
		return nil
	}
	client, err := Dial(ctx, k.Args[argSocket], Config{Interface: k.Args[argInterface]})
	if err == nil {
		err = errors.Join(client.undo(ctx, network, k), client.Close())
	}
	if errors.Is(err, roam.ErrGone) {
		return nil
	}
	return err
}

func (c *Client) undo(ctx context.Context, network int, k Kept) error {
	all, err := c.Networks(ctx)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(all, func(n Network) bool { return n.ID == network && n.SSID.String() == k.Args[argSSID] }) {
		return nil
	}
	var refusal *Refusal
	if err := c.Order(ctx, setTo(k.Args[argSetting], network, k.Before)); err != nil && !errors.As(err, &refusal) {
		return fmt.Errorf("undo a change to the supplicant: %w", err)
	}
	return nil
}

// heldTo is the value of the setting that holds a network to one BSSID, or to none.
func heldTo(bssid dot11.Addr) string {
	if bssid.IsZero() {
		return "any"
	}
	return bssid.String()
}

// enabled is the value of that setting.
func enabled(n *Network) string {
	if n.Disabled {
		return "no"
	}
	return "yes"
}
