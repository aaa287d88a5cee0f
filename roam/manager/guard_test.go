package manager

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
	"roamfault/roam/runlog"
)

var (
	apOne = dot11.Addr{2, 0, 0, 0, 1, 1}
	apTwo = dot11.Addr{2, 0, 0, 0, 2, 1}
)

// heard is a scan result of a network that is protected by these AKMs.
func heard(bssid dot11.Addr, ssid string, freq int, akms ...dot11.Suite) nl80211.BSS {
	es := dot11.Elements{{ID: dot11.ElementSSID, Body: []byte(ssid)}}
	if len(akms) > 0 {
		rsn := dot11.RSNE{Version: dot11.RSNVersion, Group: dot11.CipherCCMP128, Pairwise: []dot11.Suite{dot11.CipherCCMP128}, AKMs: akms}
		es = append(es, rsn.Element())
	}
	return nl80211.BSS{BSSID: bssid, Freq: freq, Raw: es.Append(nil)}
}

func associated(b nl80211.BSS) nl80211.BSS {
	b.Status = dot11.Some(nl80211.BSSAssociated)
	return b
}

// site is a machine at which all is well, to be changed.
type site struct {
	machineTree
	s      System
	air    *fakeWireless
	routes *fakeRoutes
	plan   runlog.Plan
	mine   Mine
	env    map[string]string
}

func newSite() *site {
	t := &site{machineTree: newTree(), env: map[string]string{}, mine: Mine{Addrs: []dot11.Addr{apOne, apTwo}}}
	t.air = &fakeWireless{
		interfaces: []nl80211.Interface{{Index: 3, Name: "wlan0", Type: nl80211.TypeStation}},
		wiphys: []nl80211.Wiphy{{Name: "phy0", Bands: []nl80211.Band{
			{Band: dot11.Band5GHz, Channels: []nl80211.Channel{{Freq: 5180}, {Freq: 5260, Flags: nl80211.ChannelNoIR}, {Freq: 5825, Flags: nl80211.ChannelDisabled}}},
			{Band: dot11.Band6GHz, Channels: []nl80211.Channel{{Freq: 5955}}},
		}}},
		heard:   []nl80211.BSS{associated(heard(apOne, "home", 5180, dot11.AKMSAE)), heard(apTwo, "home", 5180, dot11.AKMSAE), heard(dot11.Addr{6}, "neighbour", 5180)},
		domains: []nl80211.Regulatory{{Country: "DE"}},
	}
	t.routes = &fakeRoutes{other: "eth0", defaults: []string{"eth0"}, addrs: map[string][]netip.Addr{"wlan0": {netip.MustParseAddr("192.168.1.5")}}}
	t.file("sys/class/net/eth0/device/vendor", "x")
	t.file("sys/class/rfkill/rfkill0/type", "wlan\n")
	t.file("sys/class/rfkill/rfkill0/name", "phy0\n")
	t.file("sys/class/rfkill/rfkill0/soft", "0\n")
	t.file("sys/class/rfkill/rfkill0/hard", "0\n")
	t.s = t.system()
	t.s.Wireless, t.s.Routes = t.air, t.routes
	t.s.Getenv = func(name string) string { return t.env[name] }
	return t
}

// mounted adds a line of mountinfo.
func (t *site) mounted(point, kind, source, options string) {
	f := t.MapFS["proc/100/mountinfo"]
	f.Data = append(f.Data, fmt.Sprintf("30 22 0:40 / %s rw,relatime shared:9 - %s %s %s\n", point, kind, source, options)...)
}

// endpoint is an address as /proc/net/tcp has it.
func endpoint(s string) string {
	a := netip.MustParseAddrPort(s)
	b := a.Addr().AsSlice()
	for i := 0; i+4 <= len(b); i += 4 {
		binary.BigEndian.PutUint32(b[i:], binary.NativeEndian.Uint32(b[i:]))
	}
	return fmt.Sprintf("%X:%04X", b, a.Port())
}

func tcpLine(local, remote, state, inode string) string {
	return fmt.Sprintf("   0: %s %s %s 00000000:00000000 00:00000000 00000000     0        0 %s 1 0 20 4 30 10 -1\n", endpoint(local), endpoint(remote), state, inode)
}

func TestGuards(t *testing.T) {
	toWlan := func(t *site) { t.routes.other = "wlan0" }
	for _, test := range []struct {
		name, guard string
		site        func(*site)
		state       GuardState
		detail      string
	}{
		{name: "a monitor", guard: "interface", site: func(t *site) { t.air.interfaces[0].Type = nl80211.TypeMonitor }, state: Refused, detail: "of type monitor"},
		{name: "not there", guard: "interface", site: func(t *site) {
			t.air.interfaces[0].Name = "wlan1"
			delete(t.MapFS, "sys/class/net/wlan0/ifindex")
			delete(t.MapFS, "sys/class/net/wlan0/phy80211/name")
		}, state: Refused, detail: "there is no interface wlan0"},
		{name: "another namespace", guard: "interface", site: func(t *site) {
			t.air.interfaces = nil
			delete(t.MapFS, "sys/class/net/wlan0/ifindex")
			delete(t.MapFS, "sys/class/net/wlan0/phy80211/name")
			t.link("proc/1/ns/net", "net:[1]")
			t.link("proc/100/ns/net", "net:[2]")
		}, state: Refused, detail: "network namespace of its own"},
		{name: "wired", guard: "interface", site: func(t *site) { t.air.interfaces = nil }, state: Refused, detail: "no wireless interface"},
		{name: "no nl80211", guard: "interface", site: func(t *site) { t.s.Wireless, t.s.WirelessErr = nil, errors.New("no family") }, state: Refused, detail: "no family"},
		{name: "not root", guard: "rights", site: func(t *site) { t.file("proc/100/status", "CapEff:\t0000000000000000\n") }, state: Refused, detail: "CAP_NET_ADMIN is missing"},
		{name: "one capability", guard: "rights", site: func(t *site) { t.file("proc/100/status", "CapEff:\t0000000000001000\n") }, state: Fine},
		{name: "without /proc", guard: "rights", site: func(t *site) { delete(t.MapFS, "proc/100/status") }, state: Refused, detail: "cannot be read"},
		{name: "soft", guard: "rfkill", site: func(t *site) { t.file("sys/class/rfkill/rfkill0/soft", "1\n") }, state: Refused, detail: "rfkill unblock wlan"},
		{name: "hard", guard: "rfkill", site: func(t *site) { t.file("sys/class/rfkill/rfkill0/hard", "1\n") }, state: Refused, detail: "switch"},
		{name: "another switch", guard: "rfkill", site: func(t *site) {
			t.file("sys/class/rfkill/rfkill1/type", "wlan\n")
			t.file("sys/class/rfkill/rfkill1/name", "ideapad_wlan\n")
			t.file("sys/class/rfkill/rfkill1/hard", "1\n")
		}, state: Warned, detail: "ideapad_wlan"},
		{name: "bluetooth", guard: "rfkill", site: func(t *site) { t.file("sys/class/rfkill/rfkill0/type", "bluetooth\n") }, state: Fine},

		{name: "local", guard: "ssh", state: Fine, detail: "no remote login"},
		{name: "over the interface's address", guard: "ssh", site: func(t *site) { t.env["SSH_CONNECTION"] = "10.0.0.9 5000 192.168.1.5 22" }, state: Refused, detail: "logged in over wlan0 itself"},
		{name: "over another", guard: "ssh", site: func(t *site) { t.env["SSH_CONNECTION"] = "10.0.0.9 5000 192.168.1.6 22" }, state: Fine, detail: "not over wlan0"},
		{name: "link-local", guard: "ssh", site: func(t *site) { t.env["SSH_CONNECTION"] = "fe80::1%wlan0 5000 fe80::2%wlan0 22" }, state: Refused, detail: "itself"},
		{name: "answers go over it", guard: "ssh", site: func(t *site) {
			t.env["SSH_CLIENT"] = "10.0.0.9 5000 22"
			t.routes.to = map[string]string{"10.0.0.9": "wlan0"}
		}, state: Refused, detail: "packets to 10.0.0.9 go over wlan0"},
		{name: "through a tunnel over it", guard: "ssh", site: func(t *site) {
			t.env["SSH_CLIENT"] = "10.0.0.9 5000 22"
			t.routes.to = map[string]string{"10.0.0.9": "wg0"}
			t.routes.defaults = []string{"wlan0"}
		}, state: Refused, detail: "through the tunnel wg0"},
		{name: "through a tunnel over another", guard: "ssh", site: func(t *site) {
			t.env["SSH_CLIENT"] = "10.0.0.9 5000 22"
			t.routes.to = map[string]string{"10.0.0.9": "wg0"}
		}, state: Fine},
		{name: "over a bridge on it", guard: "ssh", site: func(t *site) {
			t.env["SSH_CLIENT"] = "10.0.0.9 5000 22"
			t.routes.to = map[string]string{"10.0.0.9": "br0"}
			t.link("sys/class/net/br0/lower_vlan7", "../vlan7")
			t.link("sys/class/net/vlan7/lower_wlan0", "../wlan0")
		}, state: Refused, detail: "br0, which stands on wlan0"},
		{name: "behind sudo", guard: "ssh", site: func(t *site) {
			t.file("proc/90/environ", "HOME=/root\x00SSH_CONNECTION=10.0.0.9 5000 192.168.1.5 22\x00")
		}, state: Refused, detail: "SSH_CONNECTION of pid 90, bash"},
		{name: "by the daemon's connection", guard: "ssh", site: func(t *site) {
			t.process(90, 80, "bash", "-bash")
			t.process(80, 1, "sshd-session", "sshd: root")
			t.link("proc/80/fd/4", "socket:[777]")
			t.link("proc/80/fd/5", "/dev/null")
			t.file("proc/net/tcp", "  sl  local_address rem_address   st\n"+tcpLine("192.168.1.6:22", "10.0.0.8:5000", "01", "776")+tcpLine("192.168.1.5:22", "10.0.0.9:5000", "01", "777"))
		}, state: Refused, detail: "a connection of pid 80, sshd-session"},
		{name: "by the daemon's port", guard: "ssh", site: func(t *site) {
			t.process(90, 80, "bash", "-bash")
			t.process(80, 1, "sshd", "sshd: me")
			t.file("proc/net/tcp6", tcpLine("[::ffff:192.168.1.5]:22", "[::ffff:10.0.0.9]:5000", "01", "777"))
		}, state: Refused, detail: "10.0.0.9"},
		{name: "a daemon of somebody else", guard: "ssh", site: func(t *site) {
			t.process(80, 1, "sshd", "sshd")
			t.link("proc/80/fd/4", "socket:[777]")
			t.file("proc/net/tcp", tcpLine("192.168.1.5:22", "10.0.0.9:5000", "01", "777"))
		}, state: Fine},
		{name: "parents in a circle", guard: "ssh", site: func(t *site) { t.process(90, 100, "bash", "-bash") }, state: Fine},
		{name: "unknown routes", guard: "ssh", site: func(t *site) {
			t.env["SSH_CLIENT"] = "10.0.0.9 5000 22"
			t.s.Routes = nil
		}, state: Refused, detail: "not known which way"},

		{name: "nothing mounted", guard: "mounts", state: Fine},
		{name: "NFS over it", guard: "mounts", site: func(t *site) {
			toWlan(t)
			t.mounted(`/mnt/my\040disk`, "nfs4", "server:/export", "rw,vers=4.2,addr=10.0.0.2")
		}, state: Refused, detail: "file system /mnt/my disk (nfs4) is at 10.0.0.2"},
		{name: "NFS over another", guard: "mounts", site: func(t *site) { t.mounted("/mnt", "nfs4", "server:/export", "rw,addr=10.0.0.2") }, state: Fine},
		{name: "NFS root", guard: "mounts", site: func(t *site) {
			toWlan(t)
			t.mounted("/", "nfs", "10.0.0.2:/root", "rw,addr=10.0.0.2")
		}, state: Refused, detail: "the root file system (nfs)"},
		{name: "a name", guard: "mounts", site: func(t *site) {
			t.routes.defaults = []string{"wlan0"}
			t.mounted("/mnt", "fuse.sshfs", "me@host.example:/home", "rw")
		}, state: Refused, detail: "host.example"},
		{name: "monitors of ceph", guard: "mounts", site: func(t *site) {
			t.routes.to = map[string]string{"10.0.0.3": "wlan0"}
			t.mounted("/mnt", "ceph", "10.0.0.2:6789,10.0.0.3:6789:/", "rw")
		}, state: Refused, detail: "10.0.0.3"},
		{name: "9p of the host", guard: "mounts", site: func(t *site) {
			toWlan(t)
			t.mounted("/mnt", "9p", "share", "rw,trans=virtio")
		}, state: Fine},
		{name: "iSCSI", guard: "mounts", site: func(t *site) {
			toWlan(t)
			t.file("sys/class/iscsi_connection/connection1:0/persistent_address", "10.0.0.4\n")
		}, state: Refused, detail: "iSCSI target at 10.0.0.4"},
		{name: "NBD", guard: "mounts", site: func(t *site) {
			toWlan(t)
			t.file("sys/block/nbd0/pid", "400\n")
			t.process(400, 1, "nbd-client", "nbd-client")
			t.link("proc/400/fd/3", "socket:[55]")
			t.file("proc/net/tcp", tcpLine("192.168.1.5:4000", "10.0.0.5:10809", "01", "55"))
		}, state: Refused, detail: "block device nbd0 is at 10.0.0.5"},
		{name: "NBD of nobody", guard: "mounts", site: func(t *site) {
			t.routes.defaults = []string{"wlan0"}
			t.file("sys/block/nbd0/pid", "400\n")
		}, state: Refused, detail: "it is not known where"},
		{name: "unknown mounts", guard: "mounts", site: func(t *site) { delete(t.MapFS, "proc/100/mountinfo") }, state: Refused, detail: "not known what is mounted"},

		{name: "another way", guard: "default-route", state: Fine},
		{name: "the only way", guard: "default-route", site: func(t *site) { t.routes.defaults = []string{"wlan0", "wg0"} }, state: Warned, detail: "the only way"},
		{name: "two ways", guard: "default-route", site: func(t *site) { t.routes.defaults = []string{"wlan0", "eth0"} }, state: Fine},

		{name: "suspend at the mains", guard: "battery", site: func(t *site) { t.suspends("Charging") }, state: Fine},
		{name: "suspend on battery", guard: "battery", site: func(t *site) { t.suspends("Discharging") }, state: Refused, detail: "BAT0"},
		{name: "battery without suspend", guard: "battery", site: func(t *site) {
			t.suspends("Discharging")
			t.plan.Kinds = nil
		}, state: Fine},
		{name: "of a mouse", guard: "battery", site: func(t *site) {
			t.suspends("Discharging")
			t.file("sys/class/power_supply/BAT0/scope", "Device\n")
		}, state: Fine},

		{name: "802.1X", guard: "802.1x", site: func(t *site) { t.air.heard[0] = associated(heard(apOne, "home", 5180, dot11.AKM8021XSHA256)) }, state: Refused, detail: "home"},
		{name: "802.1X of neighbours", guard: "802.1x", site: func(t *site) { t.air.heard[2] = heard(apTwo, "corp", 5180, dot11.AKM8021X) }, state: Fine},
		{name: "nothing heard", guard: "802.1x", site: func(t *site) { t.air.heard = nil }, state: Warned},

		{name: "own", guard: "own", state: Fine},
		{name: "not own", guard: "own", site: func(t *site) { t.mine = Mine{Addrs: []dot11.Addr{apOne}} }, state: Refused, detail: apTwo.String()},
		{name: "own by name", guard: "own", site: func(t *site) { t.mine = Mine{SSIDs: []runlog.SSID{runlog.SSID("home")}} }, state: Fine},
		{name: "by address", guard: "own", site: func(t *site) {
			t.mine = Mine{Addrs: []dot11.Addr{apOne}}
			t.plan.Targets.BSSID = []dot11.Addr{apOne}
		}, state: Fine},
		{name: "another network", guard: "own", site: func(t *site) { t.plan.Targets.SSID = runlog.SSID("neighbour") }, state: Refused, detail: "network neighbour"},
		{name: "a hostile name", guard: "own", site: func(t *site) {
			t.plan.Targets.SSID = runlog.SSID("\x1b[2J\n")
			t.air.heard[2] = heard(dot11.Addr{6}, "\x1b[2J\n", 5180)
		}, state: Refused, detail: `\x1b[2J\x0a`},
		{name: "nothing heard", guard: "own", site: func(t *site) { t.air.heard = nil }, state: Warned},
		{name: "a simulated radio", guard: "own", site: func(t *site) {
			t.mine = Mine{}
			t.link("sys/class/net/wlan0/device/driver", "../../../bus/platform/drivers/mac80211_hwsim")
		}, state: Fine, detail: "simulated"},

		{name: "usable", guard: "channels", state: Fine, detail: "DE"},
		{name: "disabled", guard: "channels", site: func(t *site) { t.air.heard[1].Freq = 5825 }, state: Refused, detail: "5825 MHz, may not be used"},
		{name: "listen first", guard: "channels", site: func(t *site) { t.air.heard[1].Freq = 5260 }, state: Warned, detail: "5260 MHz"},
		{name: "no such channel", guard: "channels", site: func(t *site) { t.air.heard[1].Freq = 5190 }, state: Warned, detail: "no channel of 5190 MHz"},
		{name: "no such band", guard: "channels", site: func(t *site) { t.plan.Targets.Bands = []dot11.Band{dot11.Band2GHz} }, state: Refused, detail: "2.4 GHz"},
		{name: "6 GHz of the world", guard: "channels", site: func(t *site) {
			t.air.domains[0].Country = "00"
			t.plan.Targets.Bands = []dot11.Band{dot11.Band6GHz}
		}, state: Refused, detail: "iw reg set"},
		{name: "the card's own domain", guard: "channels", site: func(t *site) {
			t.air.domains = append([]nl80211.Regulatory{{Country: "00"}}, nl80211.Regulatory{Country: "FR", Wiphy: dot11.Some(0)})
			t.plan.Targets.Bands = []dot11.Band{dot11.Band6GHz}
		}, state: Fine, detail: "FR"},

		{name: "no reset", guard: "chip-reset", state: Fine},
		{name: "reset", guard: "chip-reset", site: func(t *site) { t.resets("7.0.1") }, state: Warned, detail: "the value 1 alone"},
		{name: "reset of 6.12", guard: "chip-reset", site: func(t *site) { t.resets("6.12.57+deb13-amd64") }, state: Warned, detail: "this kernel, 6.12.57+deb13-amd64"},
		{name: "reset of 6.120", guard: "chip-reset", site: func(t *site) { t.resets("6.120.1") }, state: Warned, detail: "this one is 6.120.1"},
	} {
		t.Run(test.guard+"/"+test.name, func(t *testing.T) {
			site := newSite()
			if test.site != nil {
				test.site(site)
			}
			all := Guards(t.Context(), site.s, "wlan0", site.plan, site.mine)
			at := slices.IndexFunc(all, func(g Guard) bool { return g.Name == test.guard })
			if at < 0 {
				t.Fatalf("no guard %s in %v", test.guard, all)
			}
			g := all[at]
			if g.State != test.state || !strings.Contains(g.Detail, test.detail) {
				t.Errorf("%s %q, want %s with %q", g.State, g.Detail, test.state, test.detail)
			}
			if strings.ContainsAny(g.Detail, "\n\x1b") {
				t.Errorf("not one line: %q", g.Detail)
			}
		})
	}
}

func (t *site) suspends(status string) {
	t.plan.Kinds = []runlog.Weighted{{Kind: runlog.Roam, Weight: 1}, {Kind: runlog.Suspend, Weight: 1}}
	t.file("sys/class/power_supply/BAT0/type", "Battery\n")
	t.file("sys/class/power_supply/BAT0/status", status+"\n")
	t.file("sys/class/power_supply/AC/type", "Mains\n")
	t.file("sys/class/power_supply/AC/online", "0\n")
}

func (t *site) resets(release string) {
	t.plan.Inject = []runlog.Injection{{Fault: runlog.ChipReset, Every: 10}}
	t.file("proc/sys/kernel/osrelease", release+"\n")
}

func TestRefusals(t *testing.T) {
	site := newSite()
	site.env["SSH_CONNECTION"] = "10.0.0.9 5000 192.168.1.5 22"
	site.file("sys/class/rfkill/rfkill0/soft", "1\n")
	site.mine = Mine{}
	all := Guards(t.Context(), site.s, "wlan0", site.plan, site.mine)
	names := func(gs []Guard) (out []string) {
		for _, g := range gs {
			out = append(out, g.Name)
		}
		return out
	}
	if got := names(Refusals(all)); !slices.Equal(got, []string{"rfkill", "ssh", "own"}) {
		t.Errorf("refused by %v", got)
	}
	// What has to be mended cannot be allowed, nor can whose access points they are.
	if got := names(Refusals(all, "ssh", "rfkill", "own")); !slices.Equal(got, []string{"rfkill", "own"}) {
		t.Errorf("refused by %v", got)
	}
	if got := Allowable(); !slices.Equal(got, []string{"ssh", "mounts", "battery", "802.1x", "channels"}) {
		t.Errorf("allowable: %v", got)
	}
	if fine := newSite(); len(Refusals(Guards(t.Context(), fine.s, "wlan0", fine.plan, fine.mine))) != 0 {
		t.Error("refused though all is well")
	}
}

func TestMine(t *testing.T) {
	m := Mine{Addrs: []dot11.Addr{apOne}, SSIDs: []runlog.SSID{runlog.SSID("ho me "), runlog.SSID("\n#\xff\\")}}
	var b strings.Builder
	if err := m.Write(&b); err != nil {
		t.Fatal(err)
	}
	read, err := ReadMine(strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		ap   runlog.AP
		want bool
	}{
		{runlog.AP{MLD: apOne, SSID: runlog.SSID("x")}, true},
		{runlog.AP{MLD: apTwo, SSID: runlog.SSID("ho me ")}, true},
		{runlog.AP{MLD: apTwo, SSID: runlog.SSID("\n#\xff\\")}, true},
		{runlog.AP{MLD: apTwo, SSID: runlog.SSID("ho me")}, false},
		{runlog.AP{MLD: apTwo}, false},
		{runlog.AP{Links: []runlog.Link{{BSSID: apOne}}}, true},
	} {
		if got := read.Has(&test.ap); got != test.want {
			t.Errorf("%v: %t", test.ap, got)
		}
	}
	for _, bad := range []string{"ap 1:2", "essid x", "ssid " + strings.Repeat("x", 33), `ssid \`, strings.Repeat("#\n", mostMine+1)} {
		if _, err := ReadMine(strings.NewReader(bad)); err == nil {
			t.Errorf("%.20q is read", bad)
		}
	}
}

func FuzzTables(f *testing.F) {
	f.Add([]byte(tcpLine("192.168.1.5:22", "10.0.0.9:5000", "01", "777")))
	f.Add([]byte("30 22 0:40 / /mnt rw shared:9 - nfs4 [fe80::1]:/x rw,addr=fe80::1%2\n"))
	f.Add([]byte("30 22 0:40 / /mnt rw - fuse.sshfs a@b:c:/,d\n"))
	f.Add([]byte("ap 02:00:00:00:01:01\nssid a\\x00\n"))
	f.Add([]byte("10.0.0.9 5000 192.168.1.5 22"))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, c := range parseTCP(b) {
			if !c.local.IsValid() || !c.remote.IsValid() {
				t.Error("a connection without an address")
			}
		}
		for _, m := range parseMounts(b) {
			m.servers()
		}
		if s, ok := parseSession(string(b)); ok && !s.peer.IsValid() {
			t.Error("a session without a peer")
		}
		if m, err := ReadMine(strings.NewReader(string(b))); err == nil {
			var w strings.Builder
			if err := m.Write(&w); err != nil {
				t.Error(err)
			}
			again, err := ReadMine(strings.NewReader(w.String()))
			if err != nil || len(again.Addrs) != len(m.Addrs) || len(again.SSIDs) != len(m.SSIDs) {
				t.Errorf("%v: read back %v, error %v", m, again, err)
			}
		}
	})
}

// Links of one AP MLD are confirmed by its MLD address, and gone to by it.
func TestOwnMLD(t *testing.T) {
	mld := dot11.Addr{2, 0, 0, 0, 9, 0}
	link := func(bssid dot11.Addr, id uint8) nl80211.BSS {
		b := heard(bssid, "home", 5180, dot11.AKMSAE)
		element := dot11.MultiLink{Type: dot11.MultiLinkBasic, MLDAddr: mld, LinkID: dot11.Some(id)}
		b.Raw = dot11.Elements{element.Element()}.Append(b.Raw)
		return b
	}
	site := newSite()
	site.air.heard = []nl80211.BSS{link(apOne, 0), link(apTwo, 1)}
	site.plan.Targets.MLD = []dot11.Addr{mld}
	own := func() Guard {
		all := Guards(t.Context(), site.s, "wlan0", site.plan, site.mine)
		return all[slices.IndexFunc(all, func(g Guard) bool { return g.Name == "own" })]
	}
	if g := own(); g.State != Refused || strings.Count(g.Detail, mld.String()) != 1 || strings.Contains(g.Detail, apOne.String()) {
		t.Errorf("confirmed by BSSIDs: %+v", g)
	}
	site.mine = Mine{Addrs: []dot11.Addr{mld}}
	if g := own(); g.State != Fine || strings.Contains(g.Detail, "heard") {
		t.Errorf("confirmed by the MLD address: %+v", g)
	}
}
