package manager

import (
	"strings"
	"testing"
)

func TestLook(t *testing.T) {
	for _, test := range []struct {
		name    string
		tree    func(machineTree)
		answers answers
		want    string // the chosen way, or a part of the error
		via     string // what is asked for
		notes   []string
		pids    []int
	}{
		{name: "nobody", want: ViaNL80211},
		{name: "nobody, asked by its socket", via: ViaControl, want: "no wpa_supplicant has it"},
		{name: "a way that there is not", via: "pigeon", want: `"pigeon": there is no such way`},
		{
			name: "a socket in the configuration's directory",
			tree: func(t machineTree) {
				t.supplicant(200, "-i", "wlan0", "-c", "/etc/w.conf")
				t.file("etc/w.conf", "ctrl_interface=DIR=/run/here GROUP=netdev\n")
				t.socket("run/here/wlan0")
			},
			answers: answers{"/run/here/wlan0 PING": "PONG"}, want: ViaControl, pids: []int{200},
		},
		{
			name: "a socket of the command line",
			tree: func(t machineTree) {
				t.supplicant(200, "-i", "wlan0", "-C", "/run/there")
				t.socket("run/there/wlan0")
			},
			answers: answers{"/run/there/wlan0 PING": "PONG"}, want: ViaControl, pids: []int{200},
		},
		{
			name: "a socket that the command line moves",
			tree: func(t machineTree) {
				t.supplicant(200, "-i", "wlan0", "-c", "/etc/w.conf", "-O", "/run/moved")
				t.file("etc/w.conf", "ctrl_interface=/run/here\n")
				t.socket("run/here/wlan0")
				t.socket("run/moved/wlan0")
			},
			answers: answers{"/run/moved/wlan0 PING": "PONG"}, want: ViaControl, pids: []int{200},
		},
		{
			name: "a socket left behind",
			tree: func(t machineTree) {
				t.supplicant(200, "-i", "wlan0", "-c", "/etc/w.conf")
				t.socket("run/wpa_supplicant/wlan0")
			},
			via: ViaControl, want: "pid 200 (-i wlan0) has no control socket", notes: []string{"/run/wpa_supplicant/wlan0 is of no use"}, pids: []int{200},
		},
		{
			name: "no fight",
			tree: func(t machineTree) { t.supplicant(200, "-i", "wlan0", "-c", "/etc/w.conf") },
			via:  ViaNL80211, want: "wpa_supplicant with pid 200 (-i wlan0) has it; --take-over", pids: []int{200},
		},
		{
			name:    "a socket of somebody who cannot be seen",
			tree:    func(t machineTree) { t.socket("run/wpa_supplicant/wlan0") },
			answers: answers{"/run/wpa_supplicant/wlan0 PING": "PONG"}, want: ViaControl, pids: []int{0},
		},
		{
			name: "two supplicants",
			tree: func(t machineTree) {
				t.supplicant(200, "-i", "wlan0")
				t.supplicant(201, "-i", "wlan0")
				t.socket("run/wpa_supplicant/wlan0")
			},
			answers: answers{"/run/wpa_supplicant/wlan0 PING": "PONG"},
			want:    "two supplicants have it", pids: []int{200, 201, 0},
		},
		{
			name: "one of another interface",
			tree: func(t machineTree) { t.supplicant(200, "-i", "wlan1", "-c", "/etc/w.conf") },
			want: ViaNL80211,
		},
		{
			name: "one of another network namespace",
			tree: func(t machineTree) {
				t.supplicant(200, "-i", "wlan0")
				t.link("proc/200/ns/net", "net:[5]")
				t.link("proc/100/ns/net", "net:[4]")
			},
			want: ViaNL80211,
		},
		{
			name: "by a global socket",
			tree: func(t machineTree) {
				t.supplicant(200, "-g", "/run/global")
				t.socket("run/wpa_supplicant/wlan0")
			},
			answers: answers{"/run/global INTERFACES": "wlan1\nwlan0", "/run/wpa_supplicant/wlan0 PING": "PONG"}, want: ViaControl, pids: []int{200},
		},
		{
			name:    "taken away by a global socket",
			tree:    func(t machineTree) { t.supplicant(200, "-g", "/run/global", "-i", "wlan0") },
			answers: answers{"/run/global INTERFACES": ""}, want: ViaNL80211,
		},
		{
			name: "a pattern",
			tree: func(t machineTree) { t.supplicant(200, "-c", "/w", "-M", "-i", "wl*") },
			via:  ViaNL80211, want: "(-i wl*) has it", pids: []int{200},
		},
		{
			name: "iwd that is not on the bus",
			tree: func(t machineTree) { t.process(300, 1, "iwd", "/usr/libexec/iwd") },
			want: "managed by iwd; roamfault has no way to roam through it: iwd runs as pid 300",
		},
		{
			name: "ConnMan",
			tree: func(t machineTree) { t.process(300, 1, "connmand", "connmand") },
			want: "ConnMan runs and would take it", notes: []string{"ConnMan runs"},
		},
		{
			name: "bystanders",
			tree: func(t machineTree) {
				t.process(300, 1, "dhclient", "dhclient", "-v", "wlan0")
				t.process(301, 1, "dhclient", "dhclient", "eth0")
				t.process(302, 1, "dhcpcd", "dhcpcd")
				t.process(303, 1, "systemd-network", "/usr/lib/systemd/systemd-networkd")
				t.process(304, 1, "NetworkManager", "NetworkManager")
				t.file("run/systemd/netif/links/3", "ADMIN_STATE=configured\nOPER_STATE=routable\n")
			},
			want: ViaNL80211, notes: []string{"dhclient with pid 300", "dhcpcd with pid 302", "systemd-networkd gives it its addresses (configured)", "NetworkManager runs as pid 304 and cannot be asked"},
		},
		{
			name: "networkd that leaves it alone",
			tree: func(t machineTree) {
				t.process(303, 1, "systemd-network", "/usr/lib/systemd/systemd-networkd")
				t.file("run/systemd/netif/links/3", "ADMIN_STATE=unmanaged\n")
			},
			want: ViaNL80211,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			tree := newTree()
			if test.tree != nil {
				test.tree(tree)
			}
			s := tree.system()
			s.Control = test.answers
			man, err := Look(t.Context(), s, "wlan0")
			if err != nil {
				t.Fatal(err)
			}
			way, err := man.Choose(test.via)
			switch {
			case err == nil && way.Via != test.want:
				t.Errorf("chosen %+v, want %s", way, test.want)
			case err != nil && !strings.Contains(err.Error(), test.want):
				t.Errorf("error %v, want %q", err, test.want)
			}
			if len(man.Notes) != len(test.notes) {
				t.Errorf("notes %q", man.Notes)
			}
			for _, want := range test.notes {
				if !strings.Contains(strings.Join(man.Notes, "\n"), want) {
					t.Errorf("notes %q, want %q", man.Notes, want)
				}
			}
			var pids []int
			for _, s := range man.Supplicants {
				pids = append(pids, s.PID)
			}
			if len(pids) != len(test.pids) {
				t.Fatalf("pids %v, want %v", pids, test.pids)
			}
			for i := range pids {
				if pids[i] != test.pids[i] {
					t.Errorf("pids %v, want %v", pids, test.pids)
				}
			}
		})
	}
}

func TestLookAtNothing(t *testing.T) {
	for _, iface := range []string{"wlan7", "", "..", "../..", "a/b", "wlan0\x00"} {
		if _, err := Look(t.Context(), newTree().system(), iface); err == nil || !strings.Contains(err.Error(), "no such interface") {
			t.Errorf("%q: error %v", iface, err)
		}
	}
}
