package rsn

import (
	"errors"
	"fmt"

	"roamfault/nl80211/dot11"
	"roamfault/roam/rsn/keys"
)

// maxLinkID is the highest ID a link can have; 15 names none (IEEE 802.11be,
// 9.4.2.312).
const maxLinkID = noLink - 1

// Association is what both sides of a handshake know of each other before it
// begins: from beacons, authentication and association.
type Association struct {
	AKM    keys.AKM
	Cipher keys.Cipher // pairwise
	PMK    []byte
	PMKID  keys.PMKID // named in message 1; zero: message 1 names none

	// AP and Station are the addresses the PTK is bound to: those of the MLDs
	// with multi-link, else BSSID and station address.
	AP, Station dot11.Addr

	// Links are the links of the association, one without multi-link.
	Links     []Link
	MultiLink bool
	AssocLink uint8 // ID of the link of the association exchange; 0 without multi-link

	// StationRSNE and StationRSNXE are the whole elements of the (re)association
	// request, which message 2 repeats; nil where it had none.
	StationRSNE, StationRSNXE []byte

	// OCI is the operating channel, where both sides validate it: every message
	// but 1 and 4 then carries it. Nil: they do not.
	OCI *OCI
}

// Link is one link of an association.
type Link struct {
	ID          uint8      // 0 to 14; 0 without multi-link
	AP, Station dot11.Addr // the two ends

	// RSNE and RSNXE are the whole elements of the access point's beacons on the
	// link, which message 3 repeats; RSNXE is nil where there is none.
	RSNE, RSNXE []byte

	Group      keys.Cipher // of the GTK; 0: there is none
	Management keys.Cipher // of the IGTK and BIGTK; 0: there are none

	// Refused says that the station asked for the link and did not get it. It
	// has no keys, but messages 2 and 3 name it all the same, as
	// wpa_supplicant 2.11 wants (wpa.c, wpa_supplicant_process_3_of_4).
	Refused bool
}

var errAssociation = errors.New("such an association can have no handshake")

// check makes sure that the machines can rely on a.
func (a *Association) check() (keys.Algorithms, error) {
	algorithms, err := a.AKM.Algorithms(len(a.PMK))
	if err != nil {
		return keys.Algorithms{}, err
	}
	if !a.Cipher.Encrypts() {
		return keys.Algorithms{}, fmt.Errorf("pairwise cipher %s: %w", a.Cipher.Name(), keys.ErrUnsupported)
	}
	if !isElement(a.StationRSNE, dot11.ElementRSN) || a.StationRSNXE != nil && !isElement(a.StationRSNXE, dot11.ElementRSNX) {
		return keys.Algorithms{}, fmt.Errorf("the station's RSNE or RSNXE is no whole element: %w", errAssociation)
	}
	if !a.MultiLink && len(a.Links) != 1 {
		return keys.Algorithms{}, fmt.Errorf("%d links without multi-link: %w", len(a.Links), errAssociation)
	}
	var seen [noLink]bool
	for i := range a.Links {
		l := &a.Links[i]
		if err := l.check(); err != nil {
			return keys.Algorithms{}, fmt.Errorf("link %d: %w", l.ID, err)
		}
		if seen[l.ID] {
			return keys.Algorithms{}, fmt.Errorf("link %d is there twice: %w", l.ID, errAssociation)
		}
		seen[l.ID] = true
	}
	if l := a.link(a.AssocLink); l == nil || l.Refused {
		return keys.Algorithms{}, fmt.Errorf("link %d of the association exchange is not one of it: %w", a.AssocLink, errAssociation)
	}
	return algorithms, nil
}

func (l *Link) check() error {
	switch {
	case l.ID > maxLinkID:
		return fmt.Errorf("IDs end at %d: %w", maxLinkID, errAssociation)
	case !isElement(l.RSNE, dot11.ElementRSN) || l.RSNXE != nil && !isElement(l.RSNXE, dot11.ElementRSNX):
		return fmt.Errorf("RSNE or RSNXE is no whole element: %w", errAssociation)
	case l.Group != 0 && !l.Group.Encrypts():
		return fmt.Errorf("group cipher %s: %w", l.Group.Name(), keys.ErrUnsupported)
	case l.Management != 0 && !l.Management.Integrity():
		return fmt.Errorf("group management cipher %s: %w", l.Management.Name(), keys.ErrUnsupported)
	}
	return nil
}

func isElement(b []byte, id uint8) bool {
	return len(b) >= 2 && b[0] == id && len(b) == 2+int(b[1])
}

// link returns the link of that ID, nil where there is none.
func (a *Association) link(id uint8) *Link {
	for i := range a.Links {
		if a.Links[i].ID == id {
			return &a.Links[i]
		}
	}
	return nil
}

// cipher returns the suite of the link's keys of that use, 0 where it has none.
func (l *Link) cipher(u Use) keys.Cipher {
	if u == GTK {
		return l.Group
	}
	return l.Management
}

// checkOCI compares the operating channel of a message with that of a.
func (a *Association) checkOCI(c *Contents) error {
	if a.OCI == nil || c.OCI != nil && *c.OCI == *a.OCI {
		return nil
	}
	return fmt.Errorf("validate the operating channel: %w", ErrChannel)
}

// ptk derives the PTK of a pair of nonces.
func (a *Association) ptk(anonce, snonce keys.Nonce) (keys.PTK, error) {
	return keys.DerivePTK(keys.PTKInput{
		AKM: a.AKM, Cipher: a.Cipher, PMK: a.PMK,
		AA: a.AP, SPA: a.Station, ANonce: anonce, SNonce: snonce,
	})
}
