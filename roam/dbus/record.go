package dbus

import (
	"fmt"
	"strings"
	"time"

	"roamfault/journal"
	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
	"roamfault/roam"
)

// identifier is who speaks in the records.
const identifier = "wpa_supplicant"

// maxText is the longest text of a signal that is taken over.
const maxText = 512

// unknownAddr stands for an address that was not told.
const unknownAddr = "<unknown>"

// line is an event in the words that wpa_supplicant has for it in its log and on
// its control interface (sme.c sme_send_authentication; events.c
// wpa_supplicant_event_assoc, wpa_supplicant_event_disassoc, wpas_event_assoc_reject;
// wpa_supplicant.c wpa_supplicant_set_state; rsn_supp/wpa.c
// wpa_supplicant_key_neg_complete), without what D-Bus does not tell.
func line(t told) string {
	switch {
	case t.what == roam.Trying && !t.at.addr.IsZero():
		return fmt.Sprintf("SME: Trying to authenticate with %v (SSID='%v' freq=%d MHz)", t.at.addr, t.at.ssid, t.at.freq)
	case t.what == roam.Associated:
		return "Associated with " + addrText(t.at.addr)
	case t.what == roam.Secured:
		return "WPA: Key negotiation completed with " + addrText(t.at.addr)
	case t.what == roam.Connected:
		return "CTRL-EVENT-CONNECTED - Connection to " + addrText(t.at.addr) + " completed"
	case t.what == roam.Disconnected:
		s := fmt.Sprintf("CTRL-EVENT-DISCONNECTED%s reason=%d", bssidText(t.at.addr), uint16(t.reason))
		if t.local {
			s += " locally_generated=1"
		}
		return s
	case t.what == roam.Refused && t.assoc:
		return fmt.Sprintf("CTRL-EVENT-ASSOC-REJECT%s status_code=%d", bssidText(t.at.addr), uint16(t.status))
	case t.what == roam.Refused:
		return fmt.Sprintf("CTRL-EVENT-AUTH-REJECT %s status_code=%d", addrText(t.at.addr), uint16(t.status))
	}
	return "State: " + strings.ToUpper(t.from) + " -> " + strings.ToUpper(t.to)
}

func addrText(a dot11.Addr) string {
	if a.IsZero() {
		return unknownAddr
	}
	return a.String()
}

// bssidText is the field of an address, which is left out where it is not known.
func bssidText(a dot11.Addr) string {
	if a.IsZero() {
		return ""
	}
	return " bssid=" + a.String()
}

// record is a line of the supplicant about its interface.
func (s *Station) record(at nl80211.Stamp, text string) *journal.Record {
	return &journal.Record{
		Time: journal.Time{
			Wall: s.config.Now(), Known: journal.KnownClock | journal.KnownDate | journal.KnownYear | journal.KnownZone,
			Precision: time.Microsecond, Mono: at.Monotonic, HasMono: true,
		},
		Boot: s.config.Boot, Identifier: identifier, PID: s.pid, Priority: journal.PriorityUnknown,
		Transport: journal.TransportDBus, Count: 1,
		Message: journal.Sanitize(s.config.Interface+": "+text, false),
	}
}

// tell gives events to whoever reads them.
func (s *Station) tell(at nl80211.Stamp, all []told) {
	for _, t := range all {
		s.feed.Put(roam.Event{
			At: at, What: t.what, AP: t.at.addr, Status: t.status, Reason: t.reason, Local: t.local,
			Record: s.record(at, line(t)),
		})
	}
}

// say gives a line.
func (s *Station) say(at nl80211.Stamp, format string, args ...any) {
	s.feed.Put(roam.Event{At: at, What: roam.Said, Record: s.record(at, fmt.Sprintf(format, args...))})
}
