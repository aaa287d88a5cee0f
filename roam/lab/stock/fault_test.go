package stock

import (
	"slices"
	"testing"
	"time"

	"roamfault/nl80211/dot11"
	"roamfault/roam/lab/ap"
	"roamfault/roam/lab/labtest"
)

// act is what a station does while an access point is wrong.
type act func(t *testing.T, l *labtest.Lab, s *labtest.Station, home, away ap.Config)

// roam asks the supplicant to go to the access point that is wrong.
func roam(_ *testing.T, _ *labtest.Lab, s *labtest.Station, _, away ap.Config) {
	s.Command("ROAM " + away.Links[0].BSSID.String())
}

// stay does nothing: the fault comes to the station.
func stay(*testing.T, *labtest.Lab, *labtest.Station, ap.Config, ap.Config) {}

// scenario is a fault and what comes of it.
type scenario struct {
	rule ap.Rule
	// here makes the access point wrong that the station is at; else it is the
	// other one, before the station goes there.
	here  bool
	do    act
	lasts time.Duration // how long it is watched
	// says is a class that the records of kernel and supplicant must have; empty:
	// the fault is to go by without one that is worse than info.
	says string
}

func zero() *uint8 { n := uint8(0); return &n }
func one() *uint8  { n := uint8(1); return &n }

func scenarios() []scenario {
	return []scenario{
		{rule: ap.Rule{Fault: "silence", Frame: "auth"}, do: roam, lasts: 4 * time.Second},
		{rule: ap.Rule{Fault: "silence", Frame: "assoc"}, do: roam, lasts: 4 * time.Second},
		{rule: ap.Rule{Fault: "silence", Frame: "eapol"}, do: roam, lasts: 8 * time.Second},
		{rule: ap.Rule{Fault: "loss", Frame: "auth"}, do: roam, lasts: 4 * time.Second},
		{rule: ap.Rule{Fault: "no-ack", Frame: "assoc", Count: 1}, do: roam, lasts: 3 * time.Second},
		{rule: ap.Rule{Fault: "delay", Frame: "auth", TU: 300}, do: roam, lasts: 4 * time.Second},
		{rule: ap.Rule{Fault: "repeat", Frame: "eapol"}, do: roam, lasts: 3 * time.Second},
		{rule: ap.Rule{Fault: "garble", Frame: "auth"}, do: roam, lasts: 5 * time.Second},
		{rule: ap.Rule{Fault: "status", Frame: "auth", Status: 37}, do: roam, lasts: 4 * time.Second},
		{rule: ap.Rule{Fault: "status", Frame: "assoc", Status: 17}, do: roam, lasts: 4 * time.Second},
		{rule: ap.Rule{Fault: "comeback", TU: 500, Count: 1}, do: roam, lasts: 4 * time.Second},
		{rule: ap.Rule{Fault: "link-refused"}, do: roam, lasts: 4 * time.Second},
		{rule: ap.Rule{Fault: "stale-station"}, here: true, do: again, lasts: 5 * time.Second},
		{rule: ap.Rule{Fault: "multi-link-missing", Frame: "auth"}, do: roam, lasts: 4 * time.Second},
		{rule: ap.Rule{Fault: "multi-link-missing", Frame: "assoc"}, do: roam, lasts: 4 * time.Second},
		{rule: ap.Rule{Fault: "multi-link-wrong", Frame: "auth"}, do: roam, lasts: 4 * time.Second},
		{rule: ap.Rule{Fault: "multi-link-wrong", Frame: "assoc"}, do: roam, lasts: 4 * time.Second},
		{rule: ap.Rule{Fault: "profile-missing"}, do: roam, lasts: 4 * time.Second},
		{rule: ap.Rule{Fault: "kde-link-missing"}, do: roam, lasts: 4 * time.Second},
		{rule: ap.Rule{Fault: "kde-link-wrong"}, do: roam, lasts: 4 * time.Second},
		{rule: ap.Rule{Fault: "kde-gtk-missing"}, do: roam, lasts: 4 * time.Second},
		{rule: ap.Rule{Fault: "kde-igtk-missing"}, do: roam, lasts: 4 * time.Second},
		{rule: ap.Rule{Fault: "kde-address-missing"}, do: roam, lasts: 4 * time.Second},
		{rule: ap.Rule{Fault: "kde-rsne-wrong"}, do: roam, lasts: 4 * time.Second},
		{rule: ap.Rule{Fault: "mic-wrong"}, do: roam, lasts: 6 * time.Second},
		{rule: ap.Rule{Fault: "wrap-wrong"}, do: roam, lasts: 6 * time.Second},
		{rule: ap.Rule{Fault: "nonce-wrong"}, do: roam, lasts: 6 * time.Second},
		{rule: ap.Rule{Fault: "replay"}, do: roam, lasts: 6 * time.Second},
		{rule: ap.Rule{Fault: "capabilities-changed", Frame: "beacon"}, here: true, do: stay, lasts: 3 * time.Second},
		{rule: ap.Rule{Fault: "withhold"}, here: true, do: doze, lasts: 3 * time.Second},
		{rule: ap.Rule{Fault: "deauth", Reason: dot11.ReasonInactivity}, here: true, do: stay, lasts: 2 * time.Second},
		{rule: ap.Rule{Fault: "deauth", Reason: dot11.ReasonInactivity, Group: true}, here: true, do: stay, lasts: 2 * time.Second},
		{rule: ap.Rule{Fault: "deauth", Reason: dot11.ReasonClass3FromNonassoc, Unprotected: true}, here: true, do: stay, lasts: 3 * time.Second},
		{rule: ap.Rule{Fault: "disassoc", Reason: dot11.ReasonAPBusy}, here: true, do: stay, lasts: 2 * time.Second},
		{rule: ap.Rule{Fault: "vanish", Frame: "auth", TU: 4000, Count: 1}, do: roam, lasts: 6 * time.Second},
		{rule: ap.Rule{Fault: "new-bssid"}, here: true, do: stay, lasts: 12 * time.Second},
		{rule: ap.Rule{Fault: "new-mld"}, do: roam, lasts: 4 * time.Second},
		{rule: ap.Rule{Fault: "channel-switch", Link: zero(), Channel: 48}, here: true, do: stay, lasts: 3 * time.Second},
		{rule: ap.Rule{Fault: "link-removal", Link: one(), TU: 300}, here: true, do: stay, lasts: 3 * time.Second},
		{rule: ap.Rule{Fault: "signal", Signal: -85}, here: true, do: stay, lasts: 2 * time.Second},
		{rule: ap.Rule{Fault: "rekey-early"}, do: roam, lasts: 3 * time.Second},
		{rule: ap.Rule{Fault: "rekey-late"}, do: roam, lasts: 3 * time.Second},
		{rule: ap.Rule{Fault: "rekey"}, here: true, do: stay, lasts: 2 * time.Second},
		{rule: ap.Rule{Fault: "forget"}, here: true, do: traffic, lasts: 3 * time.Second},
		{rule: ap.Rule{Fault: "transition"}, here: true, do: stay, lasts: 3 * time.Second},
	}
}

// again reconnects to the access point the station is at.
func again(_ *testing.T, _ *labtest.Lab, s *labtest.Station, _, _ ap.Config) { s.Command("REASSOCIATE") }

// traffic pings, whatever comes of it.
func traffic(_ *testing.T, _ *labtest.Lab, s *labtest.Station, _, _ ap.Config) { s.Ping(5) }

// doze puts the radio to sleep while the access point has something for it.
func doze(t *testing.T, l *labtest.Lab, s *labtest.Station, _, _ ap.Config) {
	traffic(t, l, s, ap.Config{}, ap.Config{})
}

// TestFaults lets the access points make every fault, and looks at what kernel
// and supplicant say by way of the patterns.
func TestFaults(t *testing.T) {
	for _, tt := range scenarios() {
		name := tt.rule.Fault
		if tt.rule.Frame != "" {
			name += " " + tt.rule.Frame
		}
		t.Run(name, func(t *testing.T) {
			l := labtest.Start(t, labtest.Needs{Supplicant: true, NoCapture: true})
			s := l.Stations[0]
			home, away := l.Plan.APs[0], l.Plan.APs[1]
			if s.WaitConnected() == away.MLD {
				home, away = away, home
			}
			s.Find(away)
			kernel, supplicant := l.Kernel.Mark(), s.Log.Mark()
			wrong := away
			if tt.here {
				wrong = home
			}
			l.Fault(wrong.Name, tt.rule)
			tt.do(t, l, s, home, away)
			time.Sleep(tt.lasts)
			classes := classesOf(t, slices.Concat(l.Kernel.Since(kernel), s.Log.Since(supplicant)))
			t.Logf("CLASSES %s: %v", name, classes)
		})
	}
}
