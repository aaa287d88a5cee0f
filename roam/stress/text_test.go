package stress

import (
	"strings"
	"testing"

	"roamfault/nl80211/dot11"
	"roamfault/roam/manager"
	"roamfault/roam/runlog"
)

func scene() *Scene {
	p := runlog.Plan{Name: "example", Cycles: 50, Inject: []runlog.Injection{{Fault: runlog.StaleBSS, Every: 5}}}
	ap := runlog.AP{MLD: dot11.Addr{2, 0, 0, 0, 1, 0xff}, SSID: runlog.SSID("a\x1b[31mb"), Links: []runlog.Link{
		{ID: dot11.Some(uint8(0)), BSSID: dot11.Addr{2, 0, 0, 0, 1, 0}, Freq: 5180}, {ID: dot11.Some(uint8(1)), BSSID: dot11.Addr{2, 0, 0, 0, 1, 1}, Freq: 5955},
	}}
	return &Scene{
		Plan: p.WithDefaults(), Interface: "wlan0", Radio: "phy0", MLO: true, Via: manager.ViaControl, Why: "it answers", At: &ap, Targets: []runlog.AP{ap},
		Guards: []manager.Guard{
			{Name: "rights", State: manager.Fine, Detail: "CAP_NET_ADMIN is there"}, {Name: "ssh", State: manager.Refused, Detail: "a login", Flag: "--allow ssh"},
			{Name: "default-route", State: manager.Warned, Detail: "only over wlan0"},
		},
		Refused: []manager.Guard{{Name: "ssh", State: manager.Refused, Detail: "a login", Flag: "--allow ssh"}},
		Changes: []string{"NetworkManager leaves wlan0"},
	}
}

func TestText(t *testing.T) {
	var all, short strings.Builder
	s := scene()
	if err := Text(&all, s, true); err != nil {
		t.Fatal(err)
	}
	if err := Text(&short, s, false); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"interface  wlan0 (phy0, connections with several links)\n", "via        ctrl: it answers\n", "take over  NetworkManager leaves wlan0\n",
		"length     50 cycles\n", "faults     stale-bss in every 5 cycles\n", "ok       rights         CAP_NET_ADMIN is there\n",
		"refused: ssh: a login; to go on all the same: --allow ssh\n", `02:00:00:00:01:ff (link 0 5180 MHz, link 1 5955 MHz)`,
	} {
		if !strings.Contains(all.String(), want) {
			t.Errorf("not told: %q in\n%s", want, all.String())
		}
	}
	if got := short.String(); strings.Contains(got, "interface") || !strings.Contains(got, "default-route") || !strings.Contains(got, "refused: ssh") {
		t.Errorf("in short:\n%s", got)
	}
	if strings.Contains(all.String(), "\x1b") {
		t.Errorf("an escape sequence is passed on: %q", all.String())
	}
	if s.Ready() || s.Missing() != "ssh: a login" {
		t.Errorf("ready %v, missing %q", s.Ready(), s.Missing())
	}
}

// A knob with two values has another one.
func TestOtherWay(t *testing.T) {
	for value, want := range map[string]string{"on": "off", "off": "on", "1": "0", "0": "1", "up": "down", "7": ""} {
		if got, ok := otherWay(value); got != want || ok != (want != "") {
			t.Errorf("%s: %q, %v", value, got, ok)
		}
	}
}
