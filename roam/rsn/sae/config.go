package sae

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"slices"

	"roamfault/nl80211/dot11"
	"roamfault/roam/rsn/keys"
)

// DefaultMaxSync is the default of dot11RSNASAESync (IEEE 802.11-2020, annex C).
const DefaultMaxSync = 5

// Config is what a session may do. The lists are in the order of preference; who
// starts an exchange uses the first entry of each, who answers takes any.
type Config struct {
	// Own and Peer are the addresses of both sides: of the MLDs where the peer is
	// one (IEEE 802.11be, 12.4.5.2), else of the stations.
	Own, Peer dot11.Addr
	// Passwords are the candidates. Who answers finds one by its identifier; the
	// identifiers have to differ.
	Passwords []*Password
	// Groups are the groups that are offered; none: 19. With HashToElement every
	// password has to be prepared for each.
	Groups []Group
	// Methods are the methods that are offered; none: HashToElement.
	Methods []Method
	// AKMs are the suites that are offered, 00-0F-AC:8 and 00-0F-AC:24; none: the
	// former. The latter needs HashToElement.
	AKMs []keys.AKM
	// Immediate sends our Confirm right behind the Commit that answers the peer's,
	// as 12.4.8.6.3 says and meshes do. Without it an access point waits for the
	// Confirm of the station, as stations expect from most.
	Immediate bool
	// MaxSync is dot11RSNASAESync: how many frames may be sent again within one
	// state; 0: DefaultMaxSync.
	MaxSync int
	// Rand is where secrets come from; nil: the system's generator.
	Rand io.Reader
}

// complete fills in the defaults and checks what can be checked before frames.
func (c Config) complete() (Config, error) {
	if len(c.Groups) == 0 {
		c.Groups = []Group{GroupP256}
	}
	if len(c.Methods) == 0 {
		c.Methods = []Method{HashToElement}
	}
	if len(c.AKMs) == 0 {
		c.AKMs = []keys.AKM{keys.AKMSAE}
	}
	if c.MaxSync == 0 {
		c.MaxSync = DefaultMaxSync
	}
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	switch {
	case c.Own == c.Peer:
		return c, fmt.Errorf("both sides have the address %s", c.Own)
	case c.Own.Group() || c.Peer.Group():
		return c, errors.New("a group address is no station's")
	case len(c.Passwords) == 0:
		return c, errors.New("no password")
	case c.MaxSync < 0:
		return c, fmt.Errorf("a limit of %d retransmissions", c.MaxSync)
	}
	for _, g := range c.Groups {
		if !g.Supported() {
			return c, fmt.Errorf("group %s: %w", g, ErrGroup)
		}
	}
	for _, akm := range c.AKMs {
		if akm != keys.AKMSAE && akm != keys.AKMSAEExtKey {
			return c, fmt.Errorf("%s: %w", akm, ErrAKM)
		}
	}
	return c, c.checkPasswords()
}

func (c Config) checkPasswords() error {
	seen := make(map[string]bool, len(c.Passwords))
	for _, p := range c.Passwords {
		if p == nil {
			return errors.New("a password is missing")
		}
		if seen[p.identifier] {
			return fmt.Errorf("two passwords with the identifier %q", p.identifier)
		}
		seen[p.identifier] = true
		if !slices.Contains(c.Methods, HashToElement) {
			continue
		}
		for _, g := range c.Groups {
			if err := p.fits(HashToElement, g); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c Config) password(identifier string) (*Password, bool) {
	for _, p := range c.Passwords {
		if p.identifier == identifier {
			return p, true
		}
	}
	return nil, false
}
