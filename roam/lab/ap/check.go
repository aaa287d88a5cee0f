package ap

import (
	"errors"
	"fmt"
	"slices"

	"roamfault/roam/rsn"
	"roamfault/roam/rsn/keys"
	"roamfault/roam/rsn/sae"
)

// Bounds of a configuration.
const (
	maxSSID      = 32
	maxLinks     = 3
	maxLinkID    = 14
	defaultCrowd = 5
)

// complete checks a configuration and fills in what it leaves open.
func (c Config) complete() (Config, error) {
	wrong := func(format string, args ...any) (Config, error) {
		return c, fmt.Errorf("access point %q: %w", c.Name, fmt.Errorf(format, args...))
	}
	if len(c.SSID) < 1 || len(c.SSID) > maxSSID {
		return wrong("an SSID has 1 to %d octets, not %d", maxSSID, len(c.SSID))
	}
	if c.MLD.Group() {
		return wrong("%v is a group address", c.MLD)
	}
	if len(c.Links) < 1 || len(c.Links) > maxLinks || c.MLD.IsZero() && len(c.Links) != 1 {
		return wrong("%d links: an AP MLD has 1 to %d, another access point 1", len(c.Links), maxLinks)
	}
	for i, l := range c.Links {
		if l.ID > maxLinkID {
			return wrong("link id %d is above %d", l.ID, maxLinkID)
		}
		if l.BSSID.IsZero() || l.BSSID.Group() {
			return wrong("link %d: %v is no BSSID", l.ID, l.BSSID)
		}
		if l.Channel.Freq == 0 || l.Channel.OperatingClass() == 0 {
			return wrong("link %d: %v is no channel", l.ID, l.Channel)
		}
		if l.Signal < -100 || l.Signal > -1 {
			return wrong("link %d: %d dBm is not between -100 and -1", l.ID, l.Signal)
		}
		for _, other := range c.Links[:i] {
			if other.ID == l.ID || other.BSSID == l.BSSID || other.Channel == l.Channel {
				return wrong("links %d and %d share an id, a BSSID or a channel", other.ID, l.ID)
			}
		}
	}
	if len(c.Ciphers) == 0 {
		c.Ciphers = []keys.Cipher{keys.CCMP128}
	}
	for _, cipher := range c.Ciphers {
		if !cipher.Encrypts() {
			return wrong("%s is no pairwise cipher", cipher.Name())
		}
	}
	if len(c.Groups) == 0 {
		c.Groups = []sae.Group{sae.GroupP256}
	}
	if i := slices.IndexFunc(c.Groups, func(g sae.Group) bool { return !g.Supported() }); i >= 0 {
		return wrong("SAE does not know group %v", c.Groups[i])
	}
	if c.Crowd < 0 {
		return wrong("a crowd of %d", c.Crowd)
	}
	if c.Crowd == 0 {
		c.Crowd = defaultCrowd
	}
	if err := c.checkSecurity(); err != nil {
		return wrong("%w", err)
	}
	return c, nil
}

func (c *Config) checkSecurity() error {
	switch c.Security {
	case Open:
		if c.Password != "" {
			return errors.New("an open network has no password")
		}
	case PSK:
		if !c.MLD.IsZero() {
			return errors.New("multi-link needs SAE or an open network: WPA2 has no protected management frames here")
		}
		if len(c.Password) < 8 || len(c.Password) > 63 {
			return fmt.Errorf("a password of WPA2 has 8 to 63 characters, not %d", len(c.Password))
		}
	case SAE:
		if c.Password == "" {
			return errors.New("SAE needs a password")
		}
	default:
		return fmt.Errorf("security %q is none of open, psk, sae", c.Security)
	}
	if (c.BeaconProtection || c.ExtKey) && c.Security != SAE {
		return errors.New("beacon protection and SAE-EXT-KEY need SAE")
	}
	return nil
}

// secrets are what the password gives, once for all stations.
type secrets struct {
	psk      []byte
	password *sae.Password
	tokens   *sae.Tokens
	pmksa    *rsn.PMKSACache
}

func newSecrets(c *Config) (secrets, error) {
	var s secrets
	var err error
	switch c.Security {
	case PSK:
		if s.psk, err = keys.PSK(c.Password, []byte(c.SSID)); err != nil {
			return secrets{}, err
		}
	case SAE:
		if s.password, err = sae.NewPassword(c.SSID, c.Password, "", c.Groups...); err != nil {
			return secrets{}, err
		}
		if s.tokens, err = sae.NewTokens(c.Rand); err != nil {
			return secrets{}, err
		}
		if s.pmksa, err = rsn.NewPMKSACache(maxStations); err != nil {
			return secrets{}, err
		}
	}
	return s, nil
}
