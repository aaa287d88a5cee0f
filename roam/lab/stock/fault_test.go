package stock

import (
	"os"
	"path/filepath"
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
	here   bool
	do     act
	single bool          // the access points are no MLDs
	lasts  time.Duration // how long it is watched, at most
	// says is a class that the records of kernel and supplicant must have; empty:
	// the fault is to go by without one that is worse than info.
	says string
}

// wordsCome is how long words that have to come are waited for: on a slow machine,
// too. It takes no longer than they do.
const wordsCome = 45 * time.Second

func zero() *uint8 { n := uint8(0); return &n }
func one() *uint8  { n := uint8(1); return &n }

func scenarios() []scenario {
	return []scenario{
		// The supplicant gives up after 5 s, a second before the kernel would.
		{rule: ap.Rule{Fault: "silence", Frame: "auth"}, do: roam, lasts: 7 * time.Second},
		{rule: ap.Rule{Fault: "silence", Frame: "assoc"}, do: roam, lasts: wordsCome, says: "assoc-timeout"},
		{rule: ap.Rule{Fault: "silence", Frame: "eapol"}, do: roam, lasts: wordsCome, says: "handshake-failed"},
		{rule: ap.Rule{Fault: "loss", Frame: "auth"}, do: roam, lasts: wordsCome, says: "auth-timeout"},
		{rule: ap.Rule{Fault: "no-ack", Frame: "assoc", Count: 1}, do: roam, lasts: 2 * time.Second},
		{rule: ap.Rule{Fault: "delay", Frame: "auth", TU: 300}, do: roam, lasts: 2 * time.Second},
		{rule: ap.Rule{Fault: "repeat", Frame: "eapol"}, do: roam, lasts: 2 * time.Second},
		{rule: ap.Rule{Fault: "garble", Frame: "auth"}, do: roam, lasts: 2 * time.Second},
		{rule: ap.Rule{Fault: "status", Frame: "auth", Status: 37}, do: roam, lasts: wordsCome, says: "auth-rejected"},
		{rule: ap.Rule{Fault: "status", Frame: "assoc", Status: 17}, do: roam, lasts: wordsCome, says: "assoc-rejected"},
		{rule: ap.Rule{Fault: "comeback", TU: 500, Count: 1}, do: roam, lasts: wordsCome, says: "assoc-comeback"},
		{rule: ap.Rule{Fault: "link-refused"}, do: roam, lasts: wordsCome, says: "mlo-negotiation-failed"},
		{rule: ap.Rule{Fault: "stale-station"}, here: true, do: again, lasts: wordsCome, says: "auth-timeout"},
		{rule: ap.Rule{Fault: "multi-link-missing", Frame: "auth"}, do: roam, lasts: 2 * time.Second},
		{rule: ap.Rule{Fault: "multi-link-missing", Frame: "assoc"}, do: roam, lasts: wordsCome, says: "mlo-negotiation-failed"},
		{rule: ap.Rule{Fault: "multi-link-wrong", Frame: "auth"}, do: roam, lasts: 2 * time.Second},
		{rule: ap.Rule{Fault: "multi-link-wrong", Frame: "assoc"}, do: roam, lasts: wordsCome, says: "mlo-negotiation-failed"},
		{rule: ap.Rule{Fault: "profile-missing"}, do: roam, lasts: 2 * time.Second},
		{rule: ap.Rule{Fault: "kde-link-missing"}, do: roam, lasts: wordsCome, says: "mlo-negotiation-failed"},
		{rule: ap.Rule{Fault: "kde-link-wrong"}, do: roam, lasts: wordsCome, says: "mlo-negotiation-failed"},
		{rule: ap.Rule{Fault: "kde-gtk-missing"}, do: roam, lasts: wordsCome, says: "handshake-failed"},
		{rule: ap.Rule{Fault: "kde-igtk-missing"}, do: roam, lasts: 2 * time.Second},
		{rule: ap.Rule{Fault: "kde-address-missing"}, do: roam, lasts: 2 * time.Second},
		{rule: ap.Rule{Fault: "kde-rsne-wrong"}, do: roam, lasts: wordsCome, says: "handshake-failed"},
		{rule: ap.Rule{Fault: "mic-wrong"}, do: roam, lasts: wordsCome, says: "handshake-failed"},
		{rule: ap.Rule{Fault: "wrap-wrong"}, do: roam, lasts: wordsCome, says: "handshake-failed"},
		{rule: ap.Rule{Fault: "nonce-wrong"}, do: roam, lasts: wordsCome, says: "handshake-failed"},
		{rule: ap.Rule{Fault: "replay"}, do: roam, lasts: 2 * time.Second},
		{rule: ap.Rule{Fault: "capabilities-changed", Frame: "beacon"}, here: true, do: stay, lasts: wordsCome, says: "ap-config-change"},
		// The switch for power saving in hwsim brings a kernel down whose station has
		// several links (hwsim_send_nullfunc, 6.12 and 7.2).
		{rule: ap.Rule{Fault: "withhold"}, single: true, here: true, do: doze, lasts: 2 * time.Second},
		{rule: ap.Rule{Fault: "deauth", Reason: dot11.ReasonInactivity}, here: true, do: stay, lasts: wordsCome, says: "deauth-by-ap"},
		{rule: ap.Rule{Fault: "deauth", Reason: dot11.ReasonInactivity, Group: true}, here: true, do: stay, lasts: 2 * time.Second},
		{rule: ap.Rule{Fault: "deauth", Reason: dot11.ReasonClass3FromNonassoc, Unprotected: true}, here: true, do: stay, lasts: 2 * time.Second},
		{rule: ap.Rule{Fault: "disassoc", Reason: dot11.ReasonAPBusy}, here: true, do: stay, lasts: wordsCome, says: "deauth-by-ap"},
		{rule: ap.Rule{Fault: "vanish", Frame: "auth", TU: 4000, Count: 1}, do: roam, lasts: wordsCome, says: "assoc-timeout"},
		{rule: ap.Rule{Fault: "new-bssid"}, here: true, do: stay, lasts: 6 * time.Second},
		{rule: ap.Rule{Fault: "new-mld"}, do: roam, lasts: wordsCome, says: "auth-rejected"},
		{rule: ap.Rule{Fault: "channel-switch", Link: zero(), Channel: 48}, here: true, do: stay, lasts: wordsCome, says: "channel-switch"},
		{rule: ap.Rule{Fault: "link-removal", Link: one(), TU: 300}, here: true, do: stay, lasts: wordsCome, says: "mlo-reconfigured"},
		{rule: ap.Rule{Fault: "signal", Signal: -85}, here: true, do: stay, lasts: 2 * time.Second},
		{rule: ap.Rule{Fault: "rekey-early"}, do: roam, lasts: 2 * time.Second},
		{rule: ap.Rule{Fault: "rekey-late"}, do: roam, lasts: 2 * time.Second},
		{rule: ap.Rule{Fault: "rekey"}, here: true, do: stay, lasts: 2 * time.Second},
		{rule: ap.Rule{Fault: "rekey-pairwise"}, here: true, do: stay, lasts: 2 * time.Second},
		{rule: ap.Rule{Fault: "forget"}, here: true, do: traffic, lasts: 2 * time.Second},
		{rule: ap.Rule{Fault: "transition"}, here: true, do: stay, lasts: 2 * time.Second},
	}
}

// again reconnects to the access point the station is at.
func again(_ *testing.T, _ *labtest.Lab, s *labtest.Station, _, _ ap.Config) {
	s.Command("REASSOCIATE")
}

// traffic pings, whatever comes of it.
func traffic(_ *testing.T, _ *labtest.Lab, s *labtest.Station, _, _ ap.Config) { s.Ping(5) }

// psMode is the file in which hwsim is told that its station sleeps.
const psMode = "/sys/kernel/debug/ieee80211/*/hwsim/ps"

// doze puts the station to sleep and lets the access point have something for
// it: nothing must come through.
func doze(t *testing.T, l *labtest.Lab, s *labtest.Station, home, _ ap.Config) {
	t.Helper()
	files, err := filepath.Glob(psMode)
	if err != nil || len(files) == 0 {
		t.Fatalf("no file %s: %v", psMode, err)
	}
	from := l.Events.Mark()
	for _, file := range files {
		if err := os.WriteFile(file, []byte("1"), 0); err != nil {
			t.Fatal(err)
		}
	}
	l.WaitEvent(from, home.Name, ap.Dozing)
	if answered := s.Ping(5); answered > 0 {
		t.Errorf("%d pings were answered by an access point that keeps everything", answered)
	}
}

// TestFaults lets the access points make every fault, and looks at what kernel
// and supplicant say by way of the patterns.
func TestFaults(t *testing.T) {
	for _, tt := range scenarios() {
		name := tt.name()
		t.Run(name, func(t *testing.T) {
			p := plan(t, func(c *ap.Config) {
				if tt.single {
					single(c)
				}
			})
			l := labtest.Start(t, labtest.Needs{Plan: p, Supplicant: true, NoCapture: true})
			s := l.Stations[0]
			home, away := l.Plan.APs[0], l.Plan.APs[1]
			if at := s.WaitConnected(); at == away.MLD || at == away.Links[0].BSSID {
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
			var classes []string
			for end := time.Now().Add(tt.lasts); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
				classes = classesOf(t, slices.Concat(l.Kernel.Since(kernel), s.Log.Since(supplicant)))
				if tt.says != "" && slices.Contains(classes, tt.says) {
					break
				}
			}
			if tt.says != "" && !slices.Contains(classes, tt.says) {
				t.Errorf("kernel and supplicant say %v; %s is wanted", classes, tt.says)
			}
			for _, class := range classes {
				if tt.says == "" && !slices.Contains(always(), class) {
					t.Errorf("%s is said, and nothing is wanted", class)
				}
			}
		})
	}
}

// always are classes that have nothing to do with the fault: the supplicant's
// own at every roam, those of an access point that still holds the station which
// comes back to it, and what hwsim says of a station that is gone.
func always() []string {
	return []string{"mlo-group-key-link-id", "assoc-comeback", "driver-op-failed"}
}

// name is the fault and what of its rule tells it from others.
func (s *scenario) name() string {
	name := s.rule.Fault
	if s.rule.Frame != "" {
		name += " " + s.rule.Frame
	}
	if s.rule.Group {
		name += " group"
	}
	if s.rule.Unprotected {
		name += " unprotected"
	}
	return name
}

// TestScenarios holds the documented class of a fault and the tested ones
// together: every fault is tried, and one of its scenarios says its class.
func TestScenarios(t *testing.T) {
	said := map[string][]string{}
	for _, s := range scenarios() {
		said[s.rule.Fault] = append(said[s.rule.Fault], s.says)
	}
	for _, f := range ap.Faults() {
		if !slices.Contains(said[f.Name], f.Class) {
			t.Errorf("fault %s is documented to give %q; its scenarios say %q", f.Name, f.Class, said[f.Name])
		}
	}
}
