package manager

import (
	"strings"
	"testing"
)

func TestOptions(t *testing.T) {
	for _, test := range []struct {
		line string
		want map[string]bool // has interface
		// of wlan0
		config, control, driver string
		global                  string
		dbus, background        bool
	}{
		{line: "wpa_supplicant -B -i wlan0 -c /etc/w.conf -D nl80211,wext", want: map[string]bool{"wlan0": true, "wlan1": false}, config: "/etc/w.conf", driver: "nl80211,wext", background: true},
		{line: "wpa_supplicant -iwlan0 -c/etc/w.conf", want: map[string]bool{"wlan0": true}, config: "/etc/w.conf"},
		{line: "wpa_supplicant -Biwlan0 -dd -C /run/x", want: map[string]bool{"wlan0": true}, control: "/run/x", background: true},
		{line: "wpa_supplicant -u -s -O DIR=/run/wpa_supplicant GROUP=netdev", want: map[string]bool{"wlan0": false}, dbus: true},
		{line: "wpa_supplicant -i wlan1 -c b -N -i wlan0 -c a -N -D wired -i eth0", want: map[string]bool{"wlan0": true, "wlan1": true, "eth0": true, "eth1": false}, config: "a"},
		{line: "wpa_supplicant -c a -M -i wlan*", want: map[string]bool{"wlan0": true, "wlan17": true, "eth0": false}},
		{line: "wpa_supplicant -g /run/global -v2.10 -i wlan0", want: map[string]bool{"wlan0": true}, global: "/run/global"},
		{line: "wpa_supplicant -g @android:x -i wlan0", want: map[string]bool{"wlan0": true}},
		{line: "wpa_supplicant -P -i wlan0", want: map[string]bool{"wlan0": false}},
		{line: "wpa_supplicant -- -i wlan0", want: map[string]bool{"wlan0": false}},
		{line: "wpa_supplicant -i", want: map[string]bool{"wlan0": false}},
		{line: "", want: map[string]bool{"wlan0": false}},
	} {
		// "DIR=... GROUP=..." is one word.
		words := strings.Split(strings.ReplaceAll(test.line, " GROUP", "\x00GROUP"), " ")
		for i := range words {
			words[i] = strings.ReplaceAll(words[i], "\x00", " ")
		}
		o := parseOptions(words)
		for iface, want := range test.want {
			if got := o.attachment(iface) != nil; got != want {
				t.Errorf("%q: has %s: %t, want %t", test.line, iface, got, want)
			}
		}
		if o.global != test.global || o.dbus != test.dbus || o.background != test.background {
			t.Errorf("%q: %+v", test.line, o)
		}
		if a := o.attachment("wlan0"); a != nil && !a.pattern && (a.config != test.config || a.control != test.control || a.driver != test.driver) {
			t.Errorf("%q: %+v", test.line, *a)
		}
	}
}

func TestControlPath(t *testing.T) {
	for setting, want := range map[string]string{
		"/run/wpa_supplicant":                      "/run/wpa_supplicant",
		"DIR=/var/run/wpa_supplicant GROUP=netdev": "/var/run/wpa_supplicant",
		"DIR=/run/wpa supplicant":                  "/run/wpa supplicant",
		" /run/wpa_supplicant/ ":                   "/run/wpa_supplicant",
		"udp":                                      "",
		"@abstract:wpa":                            "",
		"":                                         "",
		"relative/dir":                             "",
		"DIR=/run/../etc GROUP=wheel":              "/etc",
	} {
		if got := controlPath(setting); got != want {
			t.Errorf("%q: %q, want %q", setting, got, want)
		}
	}
}

func FuzzOptions(f *testing.F) {
	f.Add("wpa_supplicant\x00-B\x00-iwlan0\x00-c\x00/etc/w.conf\x00-N\x00-M\x00-i\x00wlan*")
	f.Add("\x00-\x00--\x00-v")
	f.Fuzz(func(t *testing.T, line string) {
		args := strings.Split(line, "\x00")
		o := parseOptions(args)
		if len(o.attachments) > len(args) {
			t.Errorf("%d interfaces of %d words", len(o.attachments), len(args))
		}
		for _, a := range o.attachments {
			if a.name == "" {
				t.Error("an interface without a name")
			}
			a.has("wlan0")
		}
	})
}
