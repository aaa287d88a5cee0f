package protect

import "roamfault/nl80211/dot11"

// Form says which addresses stand in the AAD and the nonce of a frame between
// two MLDs.
type Form uint8

const (
	// MLDForm puts the addresses of the MLDs in place of the links'. IEEE
	// 802.11be, 12.5.2.3.3, wants it for data frames; Linux before 7.0 uses it
	// for individually addressed management frames, too.
	MLDForm Form = iota
	// LinkForm leaves the addresses as they are on the air, as Linux since 7.0
	// does for management frames.
	LinkForm
)

// other returns the form that f is not.
func (f Form) other() Form {
	if f == MLDForm {
		return LinkForm
	}
	return MLDForm
}

// String names the form: "mld" or "link".
func (f Form) String() string {
	if f == MLDForm {
		return "mld"
	}
	return "link"
}

// Link pairs the addresses of one link of a multi-link association with those
// of the MLDs it joins.
type Link struct {
	AP, APMLD   dot11.Addr
	STA, STAMLD dot11.Addr
}

// mld returns the address of the MLD that has address a on this link, or a.
func (l *Link) mld(a dot11.Addr) dot11.Addr {
	switch a {
	case l.AP:
		return l.APMLD
	case l.STA:
		return l.STAMLD
	}
	return a
}

// translate puts the addresses of the MLDs into h. Group addressed frames
// belong to a link and keep theirs. Address 3 of a data frame changes only where
// it is the BSSID: a source or destination behind the link is no link's address
// (hwsim's mac80211_hwsim_tx leaves it as it is, and so does not put a BSSID
// there on a multi-link association).
func (l *Link) translate(h *dot11.Header) {
	if h.Addr1.Group() {
		return
	}
	h.Addr1 = l.mld(h.Addr1)
	h.Addr2 = l.mld(h.Addr2)
	if h.FC.Management() || h.Addr3 == l.AP {
		h.Addr3 = l.mld(h.Addr3)
	}
}
