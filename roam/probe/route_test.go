package probe

import (
	"encoding/binary"
	"testing"
)

const table4 = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
wlan0	00000000	FE0200C0	0003	0	0	700	00000000	0	0	0
wlan0	00000000	010200C0	0003	0	0	600	00000000	0	0	0
eth0	00000000	020200C0	0003	0	0	0	00000000	0	0	0
wlan0	000200C0	00000000	0001	0	0	0	00FFFFFF	0	0	0
tun0	00000000	00000000	0001	0	0	0	00000000	0	0	0
tun0	00000000	030200C0	0003	0	0	0	00000080	0	0	0
down0	00000000	030200C0	0002	0	0	0	00000000	0	0	0
no0	00000000	030200C0	0203	0	0	0	00000000	0	0	0
odd0	00000000	XX0200C0	0003	0	0	0	00000000	0	0	0
odd0	00000000
`

const table6 = `20010db8000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001    wlan0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe800000000000000000000000000001 00000258 00000003 00000000 00450003    wlan0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 20010db8000000000000000000000001 00000400 00000003 00000000 00450003    wlan0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 20010db8000000000000000000000002 00000400 00000003 00000000 00000003     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo
00000000000000000000000000000000 00 00000000000000000000000000000000 00 20010db8 00000400 00000003 00000000 00000003     odd0
`

func TestGateway(t *testing.T) {
	for _, tt := range []struct{ iface, four, six string }{
		{"wlan0", "192.0.2.1", "fe80::1%wlan0"}, {"eth0", "192.0.2.2", "2001:db8::2"},
		{"tun0", "", ""}, {"down0", "", ""}, {"no0", "", ""}, {"odd0", "", ""}, {"lo", "", ""}, {"", "", ""},
	} {
		four, ok := gateway4(table4, tt.iface, binary.LittleEndian)
		if ok != (tt.four != "") || ok && four.String() != tt.four {
			t.Errorf("%s: IPv4 gateway %v, %t; want %q", tt.iface, four, ok, tt.four)
		}
		six, ok := gateway6(table6, tt.iface)
		if ok != (tt.six != "") || ok && six.String() != tt.six {
			t.Errorf("%s: IPv6 gateway %v, %t; want %q", tt.iface, six, ok, tt.six)
		}
	}
	if a, _ := gateway4("wlan0\t00000000\tC0000201\t0003\t0\t0\t0\t00000000\t0\t0\t0\n", "wlan0", binary.BigEndian); a.String() != "192.0.2.1" {
		t.Errorf("in the other byte order: %v", a)
	}
}

func TestHasLinkLocal(t *testing.T) {
	const table = `20010db8000000000000000000000002 02 40 00 80    wlan0
fe80000000000000000000fffe000001 02 40 20 80    wlan0
fe80000000000000000000fffe000002 03 40 20 c0    wlan1
20010db8000000000000000000000003 04 40 00 80    wlan2
fe80
`
	for iface, want := range map[string]bool{"wlan0": true, "wlan1": false, "wlan2": false, "wlan3": false} {
		if got := hasLinkLocal(table, iface); got != want {
			t.Errorf("%s: %t", iface, got)
		}
	}
}

func TestReceived(t *testing.T) {
	const table = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:   84       1    0    0    0     0          0         0       84       1    0    0    0     0       0          0
 wlan0: 1200      17    0    0    0     0          0         0     9000      90    0    0    0     0       0          0
 wlan1:x
`
	if n, ok := received(table, "wlan0"); !ok || n != 17 {
		t.Errorf("%d, %t", n, ok)
	}
	for _, iface := range []string{"wlan1", "wlan", "face |bytes"} {
		if n, ok := received(table, iface); ok {
			t.Errorf("%q: %d", iface, n)
		}
	}
}

func TestTarget(t *testing.T) {
	for _, tt := range []struct {
		plan, want string
		ok         bool
	}{
		{"gateway", "invalid IP", true}, {"192.0.2.1", "192.0.2.1", true}, {"2001:db8::1", "2001:db8::1", true}, {"fe80::1", "fe80::1%wlan0", true},
		{"fe80::1%wlan7", "fe80::1%wlan7", true}, {"::ffff:192.0.2.1", "192.0.2.1", true},
		{"localhost", "", false}, {"0.0.0.0", "", false}, {"ff02::1", "", false}, {"224.0.0.1", "", false}, {"192.0.2.1:7", "", false},
	} {
		got, err := target(tt.plan, "wlan0")
		if (err == nil) != tt.ok || tt.ok && got.String() != tt.want {
			t.Errorf("%s: %v, error %v", tt.plan, got, err)
		}
	}
}

func FuzzTables(f *testing.F) {
	f.Add(table4, "wlan0")
	f.Add(table6, "wlan0")
	f.Add("wlan0: 1 2\n", "wlan0")
	f.Fuzz(func(t *testing.T, table, iface string) {
		if a, ok := gateway4(table, iface, binary.LittleEndian); ok && !a.Is4() {
			t.Errorf("gateway %v", a)
		}
		if a, ok := gateway6(table, iface); ok && !a.Is6() {
			t.Errorf("gateway %v", a)
		}
		hasLinkLocal(table, iface)
		received(table, iface)
	})
}
