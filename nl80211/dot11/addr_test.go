package dot11

import "testing"

func TestAddr(t *testing.T) {
	for _, s := range []string{"02:00:00:00:01:0a", "ff:ff:ff:ff:ff:ff", "00:00:00:00:00:00"} {
		a, err := ParseAddr(s)
		if err != nil || a.String() != s {
			t.Errorf("ParseAddr(%q) = %v, %v", s, a, err)
		}
		text, err := a.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var b Addr
		if err := b.UnmarshalText(text); err != nil || b != a {
			t.Errorf("%q as text: %v, %v", s, b, err)
		}
	}
	if a, err := ParseAddr("02-00-00-00-01-0A"); err != nil || a != addr(1, 10) {
		t.Errorf("with hyphens: %v, %v", a, err)
	}
	for _, s := range []string{"", "02:00:00:00:01", "02:00:00:00:01:0g", "02:00:00:00:01:0a:", "02.00.00.00.01.0a", "020:0:00:00:01:0a"} {
		if a, err := ParseAddr(s); err == nil {
			t.Errorf("ParseAddr(%q) = %v", s, a)
		}
		var b Addr
		if err := b.UnmarshalText([]byte(s)); err == nil {
			t.Errorf("%q as text: %v", s, b)
		}
	}
	if !BroadcastAddr().Group() || addr(1, 0).Group() || !(Addr{}).IsZero() || addr(1, 0).IsZero() {
		t.Error("groups or zero are told wrongly")
	}
}
