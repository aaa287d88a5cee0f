package decode

import (
	"testing"
	"time"
)

func TestParseFirmwareBuild(t *testing.T) {
	b, ok := ParseFirmwareBuild("20250721232943")
	if !ok || !b.Time.Equal(time.Date(2025, 7, 21, 23, 29, 43, 0, time.UTC)) || b.Suffix != "" {
		t.Errorf("firmware: %v, %v", b, ok)
	}
	p, ok := ParseFirmwareBuild("20250721232852a trailing")
	if !ok || !p.Time.Equal(time.Date(2025, 7, 21, 23, 28, 52, 0, time.UTC)) || p.Suffix != "a" || p.String() != "20250721232852a" {
		t.Errorf("patch: %v, %v", p, ok)
	}
	if b.Compare(p) != 1 || p.Compare(b) != -1 || p.Compare(p) != 0 {
		t.Error("the firmware was built after its patch")
	}
	if q, _ := ParseFirmwareBuild("20250721232852b"); p.Compare(q) != -1 {
		t.Error("the suffix must decide between equal times")
	}
	for _, in := range []string{"", "2025072123294", "19990721232943", "20251321232943", "20250231232943", "20250721242943", "20250721236043",
		"20250721232960", "20250721232943abc", "2025072123294x", "20250721232943-", "20250721232943\x1b"} {
		if b, ok := ParseFirmwareBuild(in); ok {
			t.Errorf("ParseFirmwareBuild(%q) = %v, want refusal", in, b)
		}
	}
}

func TestParseFirmwareVersion(t *testing.T) {
	a, ok := ParseFirmwareVersion("____000000")
	if !ok || a.Number != 0 || a.Label != "" || a.String() != "____000000" {
		t.Errorf("got %v, %v", a, ok)
	}
	b, ok := ParseFirmwareVersion("____010000")
	if !ok || b.Number != 10000 || b.Compare(a) != 1 || a.Compare(b) != -1 || b.Compare(b) != 0 {
		t.Errorf("got %v, %v", b, ok)
	}
	c, ok := ParseFirmwareVersion("_reb000123")
	if !ok || c.Label != "reb" || c.Number != 123 || c.String() != "_reb000123" {
		t.Errorf("got %+v, %v", c, ok)
	}
	for _, in := range []string{"", "_", "____", "000000", "____00 000", "__-_0000", "____0000000000000", "____9999999999"} {
		if v, ok := ParseFirmwareVersion(in); ok {
			t.Errorf("ParseFirmwareVersion(%q) = %v, want refusal", in, v)
		}
	}
}

func TestParseIntelVersion(t *testing.T) {
	v, ok := ParseIntelVersion("77.2753b721.0 so-a0-gf-a0-77.ucode")
	if !ok || v != (IntelVersion{API: 77, Source: "2753b721", Minor: 0}) || v.String() != "77.2753b721.0" {
		t.Errorf("got %+v, %v", v, ok)
	}
	old, ok := ParseIntelVersion("17.352738.0")
	if !ok || old.API != 17 || old.Compare(v) != -1 || v.Compare(old) != 1 {
		t.Errorf("got %+v, %v", old, ok)
	}
	if n, _ := ParseIntelVersion("77.00000000.1"); n.Compare(v) != 1 {
		t.Error("the minor number must decide between equal interfaces")
	}
	for _, in := range []string{"", "77", "77.2753b721", "77..0", "77.xyz.0", "a.2753b721.0", "77.2753b721.x", "77.2753b721.0.1", "4294967296.0.0", "6.18.19-rc1"} {
		if v, ok := ParseIntelVersion(in); ok {
			t.Errorf("ParseIntelVersion(%q) = %v, want refusal", in, v)
		}
	}
}

func FuzzParseFirmware(f *testing.F) {
	for _, s := range []string{"20250721232943", "20250721232852a", "____000000", "77.2753b721.0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if b, ok := ParseFirmwareBuild(s); ok {
			if again, ok := ParseFirmwareBuild(b.String()); !ok || again.Compare(b) != 0 || b.Time.Year() < 2000 || b.Time.Year() > 2099 {
				t.Errorf("%q gives %v, which reads as %v", s, b, again)
			}
		}
		if v, ok := ParseFirmwareVersion(s); ok {
			if v.String() != s {
				t.Errorf("%q prints as %q", s, v)
			}
		}
		if v, ok := ParseIntelVersion(s); ok {
			if again, ok := ParseIntelVersion(v.String()); !ok || again != v {
				t.Errorf("%q gives %v, which reads as %v", s, v, again)
			}
		}
	})
}
