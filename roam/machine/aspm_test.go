package machine

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
)

// config is a configuration space with a list of capabilities, of which the
// third is PCI Express, and L1 substates.
func config(control uint16, substates uint32) []byte {
	b := make([]byte, 4096)
	b[pciStatus] = statusCapList
	b[pciCapList] = 0x40
	b[0x40], b[0x41] = 0x01, 0x50
	b[0x50], b[0x51] = 0x05, 0x80
	b[0x80] = capExpress
	binary.LittleEndian.PutUint32(b[0x80+linkCap:], 3<<10)
	binary.LittleEndian.PutUint16(b[0x80+linkControl:], control)
	binary.LittleEndian.PutUint32(b[0x100:], 0x150<<20|1<<16|0x01)
	binary.LittleEndian.PutUint32(b[0x150:], 1<<16|extL1Substates)
	binary.LittleEndian.PutUint32(b[0x150+l1Control:], substates)
	return b
}

func TestParseASPM(t *testing.T) {
	circle := config(2, 0)
	circle[0x51] = 0x40
	other := config(2, 0)
	other[0x80] = 0x11
	for _, tt := range []struct {
		name, want string
		b          []byte
		fails      bool
	}{
		{name: "all", b: config(0x103, 1<<2|1<<3), want: "L0s L1 L1.1 L1.2 ClockPM"},
		{name: "L1 with L1.2", b: config(2, 1<<2), want: "L1 L1.2"},
		{name: "off", b: config(0, 0), want: "disabled"},
		{name: "without the extended part", b: config(2, 4)[:256], want: "L1"},
		{name: "as somebody who is not root", b: config(2, 0)[:64], fails: true},
		{name: "a list in a circle", b: circle, fails: true},
		{name: "no PCI Express", b: other, fails: true},
		{name: "a card that is gone", b: config(0xffff, 0), fails: true},
		{name: "nothing", fails: true},
	} {
		a, err := parseASPM(tt.b)
		if (err != nil) != tt.fails || err == nil && a.String() != tt.want {
			t.Errorf("%s: %q, %v; want %q", tt.name, a, err, tt.want)
		}
	}
}

func TestASPM(t *testing.T) {
	x := newFixture(t)
	if _, err := x.ASPM(t.Context(), x.card); err == nil {
		t.Error("a state without a configuration space")
	}
	if err := os.WriteFile(filepath.Join(x.dir, "sys", pci, "config"), config(2, 4), 0o600); err != nil {
		t.Fatal(err)
	}
	a, err := x.ASPM(t.Context(), x.card)
	if err != nil || !a.L1 || !a.L12 || a.L0s || !a.CanL0s || !a.CanL1 {
		t.Errorf("%+v, %v", a, err)
	}
}

func FuzzParseASPM(f *testing.F) {
	f.Add(config(3, 4))
	f.Add(config(3, 4)[:0x90])
	f.Fuzz(func(t *testing.T, b []byte) {
		if a, err := parseASPM(b); err == nil && a.String() == "" {
			t.Error("a state without words")
		}
	})
}
