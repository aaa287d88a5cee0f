package direct

import (
	"errors"
	"fmt"
	"slices"

	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
	"roamfault/roam/rsn/keys"
	"roamfault/roam/rsn/sae"
)

// security is what is chosen of what an access point offers. The zero value is
// none, as in an open network.
type security struct {
	akm        keys.AKM
	pairwise   keys.Cipher
	group      keys.Cipher
	management keys.Cipher // 0: management frames are not protected
	required   bool        // their protection is
	method     sae.Method
	rsnxe      bool // the access point has an RSNXE, and so have we
}

func (s *security) open() bool { return s.akm == 0 }

func (s *security) sae() bool { return s.akm == keys.AKMSAE || s.akm == keys.AKMSAEExtKey }

// Why an access point cannot be joined.
var (
	errNoPassword  = errors.New("the network is protected, and neither a password nor a PSK is configured that it takes")
	errUnprotected = errors.New("the access point is open, and a password is configured: it may not be who it says")
	errSuites      = errors.New("no suites in common")
)

// offer is what a BSS says of its security.
type offer struct {
	rsne       *dot11.RSNE // nil: none
	extensions dot11.RSNXE
	// whole elements, nil where there are none
	rsneElement, rsnxeElement []byte
	privacy                   bool
}

func offerOf(b *nl80211.BSS) (offer, error) {
	o := offer{privacy: b.Capability.Has(dot11.CapabilityPrivacy)}
	elements, damage := b.Elements()
	if body, ok := elements.Find(dot11.ElementRSN); ok {
		rsne, err := dot11.ParseRSNE(body)
		if err != nil {
			return offer{}, fmt.Errorf("RSNE of %v: %w", b.BSSID, err)
		}
		o.rsne, o.rsneElement = &rsne, (dot11.Element{ID: dot11.ElementRSN, Body: body}).Append(nil)
	} else if damage != nil {
		return offer{}, fmt.Errorf("elements of %v: %w", b.BSSID, damage)
	}
	if body, ok := elements.Find(dot11.ElementRSNX); ok {
		o.extensions, o.rsnxeElement = body, (dot11.Element{ID: dot11.ElementRSNX, Body: body}).Append(nil)
	}
	return o, nil
}

// choose takes the best of an offer that network and device can do.
func (o *offer) choose(n *network, w *nl80211.Wiphy) (security, error) {
	switch {
	case o.rsne == nil && o.privacy:
		return security{}, fmt.Errorf("the access point has WEP or WPA of before 2004 alone: %w", errSuites)
	case o.rsne == nil && !n.open():
		return security{}, errUnprotected
	case o.rsne == nil:
		return security{}, nil
	case n.open():
		return security{}, errNoPassword
	}
	var s security
	s.rsnxe = o.rsnxeElement != nil
	s.method = sae.Looping
	if o.extensions.Has(dot11.RSNXSAEH2E) {
		s.method = sae.HashToElement
	}
	if err := s.chooseAKM(o.rsne, n, w); err != nil {
		return security{}, err
	}
	return s, s.chooseCiphers(o.rsne, w)
}

// chooseAKM takes the strongest suite. SAE with the hash of the group needs
// hash-to-element (IEEE 802.11-2024, 12.4.4.1).
func (s *security) chooseAKM(rsne *dot11.RSNE, n *network, w *nl80211.Wiphy) error {
	canSAE := n.password != nil && w.Features.Has(nl80211.FeatureSAE)
	for _, c := range []struct {
		akm keys.AKM
		can bool
	}{
		{keys.AKMSAEExtKey, canSAE && s.method == sae.HashToElement},
		{keys.AKMSAE, canSAE},
		{keys.AKMPSKSHA256, n.psk != nil},
		{keys.AKMPSK, n.psk != nil},
	} {
		suite := dot11.Suite(c.akm)
		if c.can && slices.Contains(rsne.AKMs, suite) && (w.AKMs == nil || slices.Contains(w.AKMs, suite)) {
			s.akm = c.akm
			return nil
		}
	}
	return fmt.Errorf("the access point wants %v: %w", rsne.AKMs, errNoPassword)
}

func (s *security) chooseCiphers(rsne *dot11.RSNE, w *nl80211.Wiphy) error {
	for _, c := range []keys.Cipher{keys.GCMP256, keys.CCMP256, keys.GCMP128, keys.CCMP128} {
		if slices.Contains(rsne.Pairwise, dot11.Suite(c)) && slices.Contains(w.Ciphers, dot11.Suite(c)) {
			s.pairwise = c
			break
		}
	}
	if s.pairwise == 0 {
		return fmt.Errorf("the access point has the pairwise ciphers %v, the device %v: %w", rsne.Pairwise, w.Ciphers, errSuites)
	}
	s.group = keys.Cipher(rsne.Group)
	if !s.group.Encrypts() || !slices.Contains(w.Ciphers, rsne.Group) {
		return fmt.Errorf("the access point has the group cipher %v: %w", rsne.Group, errSuites)
	}
	if !rsne.Capabilities.Has(dot11.RSNMFPCapable) {
		if s.sae() {
			return fmt.Errorf("SAE without protected management frames: %w", errSuites)
		}
		return nil
	}
	// The default of IEEE 802.11-2020, 9.4.2.24.2.
	s.management = keys.BIPCMAC128
	if rsne.GroupManagement != 0 {
		s.management = keys.Cipher(rsne.GroupManagement)
	}
	s.required = s.sae() || rsne.Capabilities.Has(dot11.RSNMFPRequired)
	if s.management.Integrity() && slices.Contains(w.Ciphers, dot11.Suite(s.management)) {
		return nil
	}
	if s.required {
		return fmt.Errorf("management frames are protected by %v: %w", rsne.GroupManagement, errSuites)
	}
	s.management = 0
	return nil
}

// fits reports whether another link of the AP MLD offers what is chosen. Its group
// ciphers may be its own.
func (s *security) fits(o *offer) bool {
	if s.open() || o.rsne == nil {
		return s.open() && o.rsne == nil
	}
	return slices.Contains(o.rsne.AKMs, dot11.Suite(s.akm)) && slices.Contains(o.rsne.Pairwise, dot11.Suite(s.pairwise)) &&
		keys.Cipher(o.rsne.Group) == s.group && (s.management == 0 || o.rsne.Capabilities.Has(dot11.RSNMFPCapable))
}

// rsneFor is the element that says what is chosen, and names a PMK that both
// sides have.
func (s *security) rsneFor(id *keys.PMKID) []byte {
	e := dot11.RSNE{
		Version: dot11.RSNVersion, Group: dot11.Suite(s.group),
		Pairwise: []dot11.Suite{dot11.Suite(s.pairwise)}, AKMs: []dot11.Suite{dot11.Suite(s.akm)},
	}
	if s.management != 0 {
		e.Capabilities = dot11.RSNMFPCapable
		e.GroupManagement = dot11.Suite(s.management)
	}
	if s.required {
		e.Capabilities |= dot11.RSNMFPRequired
	}
	if id != nil {
		e.PMKIDs = [][16]byte{*id}
	}
	return e.Element().Append(nil)
}

// rsnxeFor is our RSNXE, nil where there is none: it comes with SAE and where the
// access point has one, too (wpa_supplicant, wpa_ie.c, wpa_gen_rsnxe).
func (s *security) rsnxeFor() []byte {
	if !s.sae() || !s.rsnxe || s.method != sae.HashToElement {
		return nil
	}
	return dot11.NewRSNXE(dot11.RSNXSAEH2E).Element().Append(nil)
}

// crypto is what the kernel is told of it.
func (s *security) crypto() nl80211.Crypto {
	if s.open() {
		return nl80211.Crypto{}
	}
	return nl80211.Crypto{
		Versions: nl80211.WPA2, Pairwise: dot11.Suite(s.pairwise), Group: dot11.Suite(s.group),
		AKMs: []dot11.Suite{dot11.Suite(s.akm)}, MFP: s.management != 0,
	}
}
