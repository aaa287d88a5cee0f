package ctrl

import (
	"strings"

	"roamfault/journal"
	"roamfault/nl80211/dot11"
	"roamfault/roam"
)

// saying is a line that means something: how it begins, what may stand behind the
// address, and how its event is read.
type saying struct {
	begins string
	has    string // somewhere behind it; empty: anything
	what   roam.What
	read   func(rest string, e *roam.Event)
}

// sayings are the lines that have a meaning, in the daemon's words: sme.c,
// events.c and wpa_supplicant.c of wpa_supplicant, wpa.c of src/rsn_supp, and
// src/common/wpa_ctrl.h. The first that fits counts.
func sayings() []saying {
	return []saying{
		{"SME: Trying to authenticate with ", "", roam.Trying, readAddress},
		// Of a driver that authenticates by itself this is the first that is said; see
		// attempt.
		{"Trying to associate with ", "", roam.Trying, readAddress},
		{"Associated with ", "", roam.Associated, readAddress},
		{"WPA: Key negotiation completed with ", "", roam.Secured, readAddress},
		{"RSN: Key negotiation completed with ", "", roam.Secured, readAddress},
		{"CTRL-EVENT-CONNECTED ", "", roam.Connected, readConnected},
		{"CTRL-EVENT-DISCONNECTED ", "", roam.Disconnected, readDisconnected},
		{"CTRL-EVENT-ASSOC-REJECT ", " timeout", roam.GaveUp, readRefused},
		{"CTRL-EVENT-ASSOC-REJECT ", "", roam.Refused, readRefused},
		{"CTRL-EVENT-AUTH-REJECT ", "", roam.Refused, readRefused},
		{"Authentication with ", " timed out", roam.GaveUp, readAddress},
		// A try that came to nothing is told by this alone, where nobody answered.
		{"Added BSSID ", " into ignore list", roam.GaveUp, readAddress},
		{"BSSID ", " ignore list count incremented", roam.GaveUp, readAddress},
		{"WPA: 4-Way Handshake failed", "", roam.GaveUp, nil},
		{"CTRL-EVENT-SSID-TEMP-DISABLED ", "", roam.GaveUp, nil},
		{"CTRL-EVENT-NETWORK-NOT-FOUND", "", roam.GaveUp, nil},
		{"CTRL-EVENT-TERMINATING", "", roam.Gone, nil},
	}
}

// reader reads events from lines.
type reader struct{ table []saying }

func newReader() *reader { return &reader{sayings()} }

// read says what a line means; by itself, without those before it.
func (r *reader) read(text string) roam.Event {
	for i := range r.table {
		s := &r.table[i]
		rest, ok := strings.CutPrefix(text, s.begins)
		if !ok || !strings.Contains(rest, s.has) {
			continue
		}
		e := roam.Event{What: s.what}
		if s.read != nil {
			s.read(rest, &e)
		}
		return e
	}
	return roam.Event{What: roam.Said}
}

// readAddress reads what begins with an address; "SSID 'x'" is none.
func readAddress(rest string, e *roam.Event) {
	word, _, _ := strings.Cut(rest, " ")
	e.AP = address(word)
}

// readConnected reads "- Connection to ADDRESS completed [id=0 id_str=]
// ap_mld_addr=ADDRESS"; the last is that of an AP MLD.
func readConnected(rest string, e *roam.Event) {
	if _, to, ok := strings.Cut(rest, "onnection to "); ok {
		readAddress(to, e)
	}
	if i := strings.LastIndex(rest, "ap_mld_addr="); i >= 0 {
		if mld := address(strings.TrimSpace(rest[i+len("ap_mld_addr="):])); !mld.IsZero() {
			e.AP = mld
		}
	}
}

// readDisconnected reads "bssid=ADDRESS reason=N locally_generated=1".
func readDisconnected(rest string, e *roam.Event) {
	for name, value := range words(rest) {
		switch name {
		case "bssid":
			e.AP = address(value)
		case "reason":
			e.Reason, _ = dot11.ReasonOf(number(value))
		case "locally_generated":
			e.Local = value == "1"
		}
	}
}

// readRefused reads "bssid=ADDRESS status_code=N", or "ADDRESS auth_type=0
// auth_transaction=2 status_code=N".
func readRefused(rest string, e *roam.Event) {
	readAddress(rest, e)
	for name, value := range words(rest) {
		switch name {
		case "bssid":
			e.AP = address(value)
		case "status_code":
			e.Status, _ = dot11.StatusOf(number(value))
		}
	}
}

// attempt follows whether the daemon is on its way to an access point, which tells
// lines apart that mean something only there.
type attempt struct{ open bool }

// judge says what an event is, after those before it: a second word for what was
// told already is only said.
func (a *attempt) judge(text string, e roam.Event) roam.Event {
	switch e.What {
	case roam.Trying:
		if a.open && !strings.HasPrefix(text, "SME: ") {
			e.What = roam.Said
		}
		a.open = true
	case roam.Connected, roam.Refused, roam.Gone:
		a.open = false
	case roam.Disconnected:
		// One by the access point before the end is not the last word of an attempt.
		a.open = a.open && !e.Local
	case roam.GaveUp:
		// A network that is not found, or left for a while, needs no attempt.
		if !a.open && strings.Contains(text, "ignore list") {
			e.What = roam.Said
		}
		a.open = false
	}
	return e
}

// priority is the severity of the daemon's levels (src/utils/wpa_debug.h), as
// journal has it.
func priority(level int) journal.Priority {
	switch level {
	case 5:
		return 3
	case 4:
		return 4
	case 3:
		return 6
	}
	return 7
}
