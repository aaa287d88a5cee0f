package patterns

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSplitSubject(t *testing.T) {
	for _, tt := range []struct {
		msg, body string
		want      Subject
	}{
		{"mt7925e 0000:c0:00.0: driver own failed", "driver own failed", Subject{Driver: "mt7925e", Bus: "0000:c0:00.0"}},
		{"mt7925e 0000:c0:00.0 wlp192s0: renamed from wlan0", "renamed from wlan0", Subject{Driver: "mt7925e", Bus: "0000:c0:00.0", Iface: "wlp192s0"}},
		{"wlan0: [link 1] regulatory prevented", "regulatory prevented", Subject{Iface: "wlan0", Link: "1"}},
		{"phy1-ap0: failed to set key", "failed to set key", Subject{Iface: "phy1-ap0"}},
		{"ieee80211 phy0: Hardware restart was requested", "Hardware restart was requested", Subject{Phy: "phy0"}},
		{"ath: phy0: Chip reset failed", "Chip reset failed", Subject{Driver: "ath", Phy: "phy0"}},
		{"mt7921u 2-1:1.3: vendor request", "vendor request", Subject{Driver: "mt7921u", Bus: "2-1:1.3"}},
		{"mt7921e: probe of 0000:04:00.0 failed", "probe of 0000:04:00.0 failed", Subject{Driver: "mt7921e"}},
		{"pcieport 0000:00:02.3: pciehp: Slot(0): Link Down", "pciehp: Slot(0): Link Down", Subject{Driver: "pcieport", Bus: "0000:00:02.3"}},
		{"mhi mhi0: System error detected", "System error detected", Subject{Driver: "mhi", Bus: "mhi0"}},
		{"iwlwifi0: loaded firmware", "loaded firmware", Subject{Driver: "iwlwifi0"}},
		{"[wlan][123]halSetDriverOwn:(INIT WARN) DRIVER OWN Fail!", "halSetDriverOwn: DRIVER OWN Fail!", Subject{Driver: "wlan"}},
		{"p2pHardStartXmit:(TX INFO)netif_stop_subqueue", "p2pHardStartXmit: netif_stop_subqueue", Subject{Driver: "wlan"}},
		{"IFNAME=wlan0 CTRL-EVENT-CONNECTED", "CTRL-EVENT-CONNECTED", Subject{Iface: "wlan0"}},
		{"nl80211: kernel reports: key not allowed", "nl80211: kernel reports: key not allowed", Subject{}},
		{"PM: suspend exit", "PM: suspend exit", Subject{}},
		{"IEEE 802.1X: Authentication failed", "IEEE 802.1X: Authentication failed", Subject{}},
		{"BSS 02:00:00:00:01:00: CSA has", "BSS 02:00:00:00:01:00: CSA has", Subject{}},
		{"AMD-Vi: Event logged [IO_PAGE_FAULT]", "AMD-Vi: Event logged [IO_PAGE_FAULT]", Subject{}},
		{"systemd: started", "systemd: started", Subject{}},
		{":", ":", Subject{}},
		{"", "", Subject{}},
	} {
		got, body := SplitSubject(tt.msg)
		if diff := cmp.Diff(tt.want, got); diff != "" || body != tt.body {
			t.Errorf("SplitSubject(%q): body %q, want %q; subject (-want +got):\n%s", tt.msg, body, tt.body, diff)
		}
	}
}

func TestIsInterface(t *testing.T) {
	for name, want := range map[string]bool{
		"wlan0": true, "wlan0mon": true, "wlan0-1": true, "wlp192s0": true, "wlp0s20f3": true, "wlx020000000100": true, "wlo1": true, "wlP1p1s0": true,
		"phy1-ap0": true, "p2p-dev-wlan0": true, "mtkap0": true, "mlan0": true, "ap0": true, "ra0": true, "ath0": true,
		"ath9k": false, "ath10k": false, "ath9k_htc": false, "wl1271": false, "wlan": false, "eth0": false, "usb0": false, "": false, "wpa": false, "phy0": false,
	} {
		if got := IsInterface(name); got != want {
			t.Errorf("IsInterface(%q) = %v", name, got)
		}
	}
}

func TestMatchIsDeterministic(t *testing.T) {
	c := Builtin()
	const msg = "mt7925e 0000:c0:00.0: Message 00020002 (seq 12) timeout"
	a, ok := c.Match("kernel", msg)
	if !ok || a.Class != MCUTimeout || a.Fields.Get("cmd") != "00020002" {
		t.Fatalf("Match = %+v, %v", a, ok)
	}
	for range 100 {
		if b, _ := c.Match("kernel", msg); b.Pattern != a.Pattern {
			t.Fatalf("matched %s, then %s", a.Pattern.ID, b.Pattern.ID)
		}
	}
	if m, ok := c.Match("kernel", "i915 0000:00:02.0: Message 00020002 (seq 12) timeout"); ok {
		t.Errorf("a graphics driver's line is taken for %s", m.Pattern.ID)
	}
}

func TestOwnPackTakesThePlaceOfAShippedPattern(t *testing.T) {
	const pack = `
pack: roamfault
patterns:
  - id: cycle-mark
    class: probe
    forms: [{literal: "roamfault: cycle "}]
    samples: ["roamfault: cycle 1"]
`
	p, err := ReadPack("own.yaml", strings.NewReader(pack))
	if err != nil {
		t.Fatal(err)
	}
	c := New([]*Pack{p})
	if len(c.Patterns()) != len(Builtin().Patterns()) {
		t.Errorf("%d patterns, want as many as shipped", len(c.Patterns()))
	}
	if m, _ := c.Match("", "roamfault: cycle 1"); m.Class != Probe {
		t.Errorf("class %s, want the own pattern's", m.Class)
	}
}

func TestEveryClassHasAPattern(t *testing.T) {
	told := map[Class]bool{}
	for _, p := range Builtin().Patterns() {
		told[p.Class] = true
		for _, cs := range p.Cases {
			told[cs.Class], told[cs.Also] = true, true
		}
	}
	for _, info := range Vocabulary() {
		if !info.Derived && !told[info.Class] {
			t.Errorf("no pattern tells %s", info.Class)
		}
	}
}

func FuzzMatch(f *testing.F) {
	packs, err := Shipped()
	if err != nil {
		f.Fatal(err)
	}
	for _, pack := range packs {
		for _, p := range pack.Patterns {
			f.Add("", p.Samples[0].Text)
		}
	}
	c := Builtin()
	f.Fuzz(func(t *testing.T, identifier, message string) {
		m, ok := c.Match(identifier, message)
		if !ok {
			return
		}
		if (m.Class == "") == (m.Pattern.Role == "") {
			t.Errorf("%s: class %q and role %q", m.Pattern.ID, m.Class, m.Pattern.Role)
		}
		for _, fd := range m.Fields {
			if !strings.Contains(message, fd.Value) {
				t.Errorf("field %s=%q does not stand in %q", fd.Name, fd.Value, message)
			}
		}
	})
}

func BenchmarkMatch(b *testing.B) {
	c := Builtin()
	for _, bb := range []struct{ name, id, msg string }{
		{"fault", "kernel", "mt7925e 0000:c0:00.0: Message 00020002 (seq 12) timeout"},
		{"progress", "kernel", "wlan0: authenticate with 02:00:00:00:01:ff (local address=02:00:00:00:aa:01)"},
		{"nothing", "systemd", "Started session-12.scope - Session 12 of User alice."},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.Match(bb.id, bb.msg)
			}
		})
	}
}
