package manager

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
)

func TestConfig(t *testing.T) {
	c := parseConfig([]byte(`# of the house
ctrl_interface=DIR=/run/wpa_supplicant GROUP=netdev # who may
update_config=1
blob-base64-x={
network={
}
cred={
	ssid="not a network"
}
network={
	ssid="two # words"   # a comment
	psk="pass " # word"  # behind the last mark
	key_mgmt=WPA-PSK SAE
	ieee80211w=1
}
 network={
	ssid=68690a
	psk=000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f
	disabled=1
}
network={
	ssid=P"a\"\x41\101\n\q\e"
	sae_password=70617373
	sae_password_id="me"
	key_mgmt=SAE
	ieee80211w=2
}
network={
	ssid="corporation"
	key_mgmt=WPA-EAP
	password="hunter2"
}
network={
	key_mgmt=NONE
}
network={
	ssid="ext"
	psk=ext:home
}
network={
	ssid="old"
	key_mgmt=NONE
	wep_key0="abcde"
}
network={
	ssid="defaults"
	eap=PEAP
}
network={
	ssid="broken
}
network={
	ssid="0123456789012345678901234567890123"
}
network={
	ssid="unfinished"
`))
	if c.control != "/run/wpa_supplicant" || c.skipped != 2 {
		t.Errorf("control %q, skipped %d", c.control, c.skipped)
	}
	type plain struct {
		SSID, PSK, SAE, ID, KeyMgmt, Outside string
		Raw, Disabled, Any                   bool
		PMF                                  int
	}
	want := []plain{
		{SSID: "two # words", PSK: `pass " # word`, KeyMgmt: "WPA-PSK SAE", PMF: 1},
		{SSID: "hi\n", PSK: "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", Raw: true, Disabled: true, PMF: -1},
		{SSID: "a\"AA\nq\x1b", SAE: "pass", ID: "me", KeyMgmt: "SAE", PMF: 2},
		{SSID: "corporation", KeyMgmt: "WPA-EAP", PMF: -1},
		{KeyMgmt: "NONE", Any: true, PMF: -1},
		{SSID: "ext", Outside: elsewhere, PMF: -1},
		{SSID: "old", KeyMgmt: wep, PMF: -1},
		{SSID: "defaults", KeyMgmt: "WPA-EAP", PMF: -1},
	}
	if len(c.networks) != len(want) {
		t.Fatalf("%d networks, want %d", len(c.networks), len(want))
	}
	for i, n := range c.networks {
		got := plain{string(n.ssid), n.psk.Reveal(), n.sae.Reveal(), n.saeID, strings.Join(n.keyMgmt, " "), n.outside, n.raw, n.disabled, n.any, -1}
		if n.pmf != nil {
			got.PMF = *n.pmf
		}
		if got != want[i] {
			t.Errorf("network %d: %+v, want %+v", i, got, want[i])
		}
	}
}

func TestKeyfile(t *testing.T) {
	for _, test := range []struct {
		name, file             string
		ssid, psk, mgmt, iface string
		pmf                    int
		outside, fails         bool
	}{
		{name: "sae", file: "[connection]\nid=home\nuuid=1-2\ninterface-name=wlan0\n\n[wifi]\nssid=home\n\n[wifi-security]\nkey-mgmt=sae\npsk=open sesame\npmf=3\n",
			ssid: "home", psk: "open sesame", mgmt: "SAE", iface: "wlan0", pmf: 2},
		{name: "octets and old names", file: "[802-11-wireless]\nssid=104;105;0;\n[802-11-wireless-security]\nkey-mgmt = wpa-psk\npsk= \\sab\\\\c\n",
			ssid: "hi\x00", psk: " ab\\c", mgmt: "WPA-PSK WPA-PSK-SHA256 SAE", pmf: -1},
		{name: "semicolons", file: "[wifi]\nssid=1\\;2\n", ssid: "1;2", mgmt: "NONE", pmf: -1},
		{name: "digits", file: "[wifi]\nssid=123\n", ssid: "123", mgmt: "NONE", pmf: -1},
		{name: "too large an octet", file: "[wifi]\nssid=104;300;\n", ssid: "104;300;", mgmt: "NONE", pmf: -1},
		{name: "of an agent", file: "[wifi]\nssid=home\n[wifi-security]\nkey-mgmt=wpa-psk\npsk-flags=1\n", ssid: "home", mgmt: "WPA-PSK WPA-PSK-SHA256 SAE", pmf: -1, outside: true},
		{name: "802.1X", file: "[wifi]\nssid=corp\n[wifi-security]\nkey-mgmt=wpa-eap\n", ssid: "corp", mgmt: "WPA-EAP", pmf: -1},
		{name: "WEP", file: "[wifi]\nssid=old\n[wifi-security]\nkey-mgmt=none\nwep-key0=abcde\n", ssid: "old", mgmt: wep, pmf: -1},
		{name: "open", file: "[wifi]\nssid=cafe\n[wifi-security]\nkey-mgmt=none\n", ssid: "cafe", mgmt: "NONE", pmf: -1},
		{name: "wired", file: "[connection]\nid=x\n[ethernet]\n", fails: true},
		{name: "too long", file: "[wifi]\nssid=" + strings.Repeat("x", 33) + "\n", fails: true},
		{name: "a comment", file: "#[wifi]\n#ssid=x\n", fails: true},
		{name: "empty", fails: true},
	} {
		k, err := parseKeyfile([]byte(test.file))
		if (err != nil) != test.fails {
			t.Errorf("%s: error %v", test.name, err)
		}
		if err != nil {
			continue
		}
		pmf := -1
		if k.network.pmf != nil {
			pmf = *k.network.pmf
		}
		if string(k.network.ssid) != test.ssid || k.network.psk.Reveal() != test.psk || strings.Join(k.network.keyMgmt, " ") != test.mgmt ||
			k.iface != test.iface || pmf != test.pmf || (k.network.outside != "") != test.outside {
			t.Errorf("%s: %q %q %v %q %d %q", test.name, k.network.ssid, k.network.psk.Reveal(), k.network.keyMgmt, k.iface, pmf, k.network.outside)
		}
	}
}

// A secret stays one, however it is shown.
func TestSecretHidden(t *testing.T) {
	const word = "open sesame"
	c := WithPassword([]byte("home"), NewSecret(word), "here")
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("found", "credentials", c, "secret", c.Passphrase)
	encoded, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []string{
		fmt.Sprint(c), fmt.Sprintf("%v %+v %#v %s %q %x", c, c, c, c.Passphrase, c.Passphrase, c.Passphrase),
		fmt.Sprintf("%#v %d", c.Passphrase, c.Passphrase), c.Passphrase.String(), string(encoded), log.String(),
	} {
		if strings.Contains(shown, word) || strings.Contains(shown, fmt.Sprintf("%x", word)) {
			t.Errorf("it is shown: %s", shown)
		}
	}
	if !strings.Contains(string(encoded), hidden) || c.PSK.String() != "" {
		t.Errorf("%s, %q", encoded, c.PSK)
	}
}

func TestSecrets(t *testing.T) {
	tree := newTree()
	tree.file("etc/NetworkManager/system-connections/a.nmconnection", "[connection]\nuuid=1\ninterface-name=wlan9\n[wifi]\nssid=home\n[wifi-security]\nkey-mgmt=sae\npsk=of another interface\n")
	tree.file("etc/NetworkManager/system-connections/b.nmconnection", "[connection]\nuuid=2\n[wifi]\nssid=home\n[wifi-security]\nkey-mgmt=sae\npsk=of nobody\n")
	tree.file("run/NetworkManager/system-connections/c.nmconnection", "[connection]\nuuid=3\n[wifi]\nssid=home\n[wifi-security]\nkey-mgmt=sae\npsk=in use\n")
	tree.file("etc/NetworkManager/system-connections/agent", "[connection]\nuuid=4\n[wifi]\nssid=agent\n[wifi-security]\nkey-mgmt=wpa-psk\npsk-flags=1\n")
	tree.file("etc/NetworkManager/system-connections/corp", "[wifi]\nssid=corp\n[wifi-security]\nkey-mgmt=wpa-eap\n")
	tree.file("srv/w.conf", "network={\nssid=\"garden\"\npsk=\"roses and thorns\"\n}\nnetwork={\nssid=\"off\"\npsk=\"twelve months\"\ndisabled=1\n}\nnetwork={\nkey_mgmt=NONE\n}\n")
	tree.file("etc/wpa_supplicant/wpa_supplicant.conf", "network={\nssid=\"garden\"\npsk=\"another\"\n}\n")
	tree.supplicant(200, "-i", "wlan0", "-c", "w.conf")
	tree.link("proc/200/cwd", "/srv")
	s := tree.system()
	man, err := Look(t.Context(), s, "wlan0")
	if err != nil {
		t.Fatal(err)
	}
	man.NetworkManager = &NMDevice{Managed: true, UUID: "3"}
	for ssid, want := range map[string]struct{ password, from, fails string }{
		"home":   {"in use", "/run/NetworkManager/system-connections/c.nmconnection", ""},
		"garden": {"roses and thorns", "/srv/w.conf", ""},
		"off":    {"twelve months", "/srv/w.conf", ""},
		"agent":  {"", "", "keyring"},
		"corp":   {"", "", "802.1X"},
		"none":   {"", "", "--password-file"},
	} {
		c, err := Secrets(t.Context(), s, &man, []byte(ssid))
		if want.fails != "" {
			if err == nil || !strings.Contains(err.Error(), want.fails) {
				t.Errorf("%s: error %v, want one with %q", ssid, err, want.fails)
			}
			continue
		}
		if err != nil || c.Passphrase.Reveal() != want.password || c.From != want.from {
			t.Errorf("%s: %q from %s, error %v", ssid, c.Passphrase.Reveal(), c.From, err)
		}
	}
	man.NetworkManager = nil
	if c, err := Secrets(t.Context(), s, &man, []byte("home")); err != nil || c.Passphrase.Reveal() != "of nobody" {
		t.Errorf("%q, error %v", c.Passphrase.Reveal(), err)
	}
}

func TestPasswordFile(t *testing.T) {
	tree := newTree()
	for name, content := range map[string]string{
		"good": "open sesame\n", "crlf": "open sesame\r\n", "bare": "open sesame", "spaces": " a b ",
		"empty": "", "lines": "a\nb\n", "long": strings.Repeat("x", 300), "zero": "a\x00b",
	} {
		tree.file("p/"+name, content)
	}
	for name, want := range map[string]string{"good": "open sesame", "crlf": "open sesame", "bare": "open sesame", "spaces": " a b ", "empty": "", "lines": "", "long": "", "zero": "", "missing": ""} {
		got, err := PasswordFile(tree.system(), "/p/"+name)
		if got.Reveal() != want || (err != nil) != (want == "") {
			t.Errorf("%s: %q, error %v", name, got.Reveal(), err)
		}
	}
}

// What is written as a configuration is read as the same network.
func TestCredentialsLines(t *testing.T) {
	one := 1
	for _, c := range []Credentials{
		{SSID: []byte("home"), Passphrase: NewSecret(`pass " # word`)},
		{SSID: []byte("\x00\xff\n\""), KeyMgmt: []string{"SAE"}, Passphrase: NewSecret("x"), PasswordID: "me\"", PMF: &one},
		WithPassword([]byte("raw"), NewSecret(strings.Repeat("0a", 32)), ""),
		{SSID: []byte("open"), KeyMgmt: []string{"NONE"}},
	} {
		o := Own{Interface: "wlan0", Dir: "/run/roamfault", Networks: []Credentials{c}}
		text, err := o.config()
		if err != nil {
			t.Fatal(err)
		}
		read := parseConfig([]byte(text))
		if len(read.networks) != 1 || read.skipped != 0 || read.control != "/run/roamfault/roamfault-supplicant-wlan0/control" {
			t.Fatalf("read %+v", read)
		}
		n := read.networks[0]
		password := n.sae.Reveal()
		if n.raw {
			password = ""
		}
		if string(n.ssid) != string(c.SSID) || password != c.Passphrase.Reveal() || n.saeID != c.PasswordID || n.raw != !c.PSK.IsZero() {
			t.Errorf("%s is read as another network", c.SSID)
		}
	}
	for name, c := range map[string]Credentials{
		"newline":  {SSID: []byte("a"), Passphrase: NewSecret("a\nb")},
		"802.1X":   {SSID: []byte("a"), KeyMgmt: []string{"WPA-EAP"}},
		"no SSID":  {},
		"key mgmt": {SSID: []byte("a"), KeyMgmt: []string{"SAE\n}"}},
	} {
		o := Own{Interface: "wlan0", Dir: "/run/roamfault", Networks: []Credentials{c}}
		if text, err := o.config(); err == nil {
			t.Errorf("%s: %q", name, text)
		}
	}
}

func FuzzConfig(f *testing.F) {
	f.Add([]byte("ctrl_interface=/run\nnetwork={\nssid=P\"\\x4\"\npsk=\"a\"#\n}\n"))
	f.Add([]byte("network={\nsae_password=ext:a\nieee80211w=9\n}\ncred={\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, n := range parseConfig(b).networks {
			if len(n.ssid) > mostSSID {
				t.Errorf("an SSID of %d octets", len(n.ssid))
			}
		}
	})
}

func FuzzKeyfile(f *testing.F) {
	f.Add([]byte("[wifi]\nssid=104;105;\n[wifi-security]\npsk=a\\sb\npmf=2\n"))
	f.Add([]byte("[wifi]\nssid=a\\;b\\"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if k, err := parseKeyfile(b); err == nil && (len(k.network.ssid) == 0 || len(k.network.ssid) > mostSSID) {
			t.Errorf("an SSID of %d octets", len(k.network.ssid))
		}
	})
}

// Files without an end are read no further than is of use.
func TestBoundedRead(t *testing.T) {
	if _, err := os.Stat("/dev/zero"); err != nil {
		t.Skip(err)
	}
	b, err := tree{os.DirFS("/dev")}.read("/zero")
	if err != nil || len(b) != mostFile {
		t.Errorf("%d octets, error %v", len(b), err)
	}
}
