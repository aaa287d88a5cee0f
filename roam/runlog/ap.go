package runlog

import (
	"encoding/json"
	"strconv"
	"strings"

	"roamfault/nl80211/dot11"
)

// SSID is a network's name: any 0 to 32 octets. Its text form is that of the
// octets where they are printable UTF-8, and else has escapes as in \x00; see
// [SSID.String] and [ParseSSID].
type SSID []byte

// Link is one link of an access point: one BSS.
type Link struct {
	// ID is the link's number, not present of an access point that is no MLD.
	ID    dot11.Optional[uint8] `json:"id,omitzero"`
	BSSID dot11.Addr            `json:"bssid"`
	Freq  int                   `json:"freq"` // of the primary channel, MHz
	// Signal is in dBm, as last heard.
	Signal dot11.Optional[int] `json:"signal,omitzero"`
}

// linkJSON is a Link as JSON has it: what is not present is not there.
type linkJSON struct {
	ID     *uint8     `json:"id,omitempty"`
	BSSID  dot11.Addr `json:"bssid"`
	Freq   int        `json:"freq"`
	Signal *int       `json:"signal,omitempty"`
}

// MarshalJSON leaves out what is not present.
func (l Link) MarshalJSON() ([]byte, error) {
	return json.Marshal(linkJSON{optionalPointer(l.ID), l.BSSID, l.Freq, optionalPointer(l.Signal)})
}

// UnmarshalJSON reads what MarshalJSON gives.
func (l *Link) UnmarshalJSON(data []byte) error {
	var j linkJSON
	if err := json.Unmarshal(data, &j); err != nil {
		return err
	}
	*l = Link{pointerOptional(j.ID), j.BSSID, j.Freq, pointerOptional(j.Signal)}
	return nil
}

func optionalPointer[T any](o dot11.Optional[T]) *T {
	if !o.Present {
		return nil
	}
	return &o.Value
}

func pointerOptional[T any](p *T) dot11.Optional[T] {
	if p == nil {
		return dot11.Optional[T]{}
	}
	return dot11.Some(*p)
}

// String names the link for people.
func (l Link) String() string {
	s := strconv.Itoa(l.Freq) + " MHz"
	if l.ID.Present {
		s = "link " + strconv.Itoa(int(l.ID.Value)) + " " + s
	}
	return s
}

// AP is an access point that a station can be connected to: an AP MLD with all
// of its links, or one BSS.
type AP struct {
	// MLD is the MLD address, zero of an access point that is none.
	MLD  dot11.Addr `json:"mld,omitzero"`
	SSID SSID       `json:"ssid"`
	// Links are in the order of their IDs; without MLD there is one.
	Links []Link `json:"links"`
}

// Addr is what the access point is told apart by: its MLD address, or the BSSID
// of one that is no MLD; zero of the zero AP.
func (a *AP) Addr() dot11.Addr {
	if a.MLD.IsZero() && len(a.Links) > 0 {
		return a.Links[0].BSSID
	}
	return a.MLD
}

// Link returns the link with that BSSID.
func (a *AP) Link(bssid dot11.Addr) (Link, bool) {
	for _, l := range a.Links {
		if l.BSSID == bssid {
			return l, true
		}
	}
	return Link{}, false
}

// String names the access point and its frequencies for people.
func (a *AP) String() string {
	var b strings.Builder
	b.WriteString(a.Addr().String())
	for i, l := range a.Links {
		b.WriteString([...]string{" (", ", "}[min(i, 1)])
		b.WriteString(l.String())
	}
	if len(a.Links) > 0 {
		b.WriteByte(')')
	}
	return b.String()
}
