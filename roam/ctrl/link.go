package ctrl

import "roamfault/nl80211/dot11"

// maxLinks is how many links an MLD can have.
const maxLinks = 15

// Link is one link of a multi-link connection, as MLO_STATUS gives it.
type Link struct {
	ID    uint8
	Freq  int // MHz
	BSSID dot11.Addr
	Own   dot11.Addr
}

// ParseMLOStatus reads an answer to MLO_STATUS: no links where there is no
// multi-link connection ("FAIL").
func ParseMLOStatus(answer string) []Link {
	var links []Link
	for name, value := range fields(answer) {
		if name == "link_id" {
			if len(links) == maxLinks {
				break
			}
			links = append(links, Link{ID: uint8(number(value))})
		}
		if len(links) == 0 {
			continue
		}
		l := &links[len(links)-1]
		switch name {
		case "freq":
			l.Freq = number(value)
		case "ap_link_addr":
			l.BSSID = address(value)
		case "sta_link_addr":
			l.Own = address(value)
		}
	}
	return links
}

// Signal is how well the access point is heard, on one link.
type Signal struct {
	// ID is the link's; not present in an answer to SIGNAL_POLL.
	ID    dot11.Optional[uint8]
	RSSI  int // dBm
	Speed int // of transmission, Mbit/s
	Noise int // dBm; 9999: not known
	Freq  int // MHz
	// Width is the daemon's word for the channel's width; empty: not known.
	Width string
}

// ParseSignal reads an answer to SIGNAL_POLL, or to MLO_SIGNAL_POLL, which has one
// for each link: none where there is no connection ("FAIL").
func ParseSignal(answer string) []Signal {
	var all []Signal
	for name, value := range fields(answer) {
		if name == "LINK_ID" || len(all) == 0 {
			if len(all) == maxLinks {
				break
			}
			all = append(all, Signal{})
		}
		s := &all[len(all)-1]
		switch name {
		case "LINK_ID":
			s.ID = dot11.Some(uint8(number(value)))
		case "RSSI":
			s.RSSI = number(value)
		case "LINKSPEED":
			s.Speed = number(value)
		case "NOISE":
			s.Noise = number(value)
		case "FREQUENCY":
			s.Freq = number(value)
		case "WIDTH":
			s.Width = value
		}
	}
	return all
}
