package patterns

import (
	"strings"
	"testing"
)

// Each word is found, in any case and anywhere, and nothing else is.
func TestSoundsBad(t *testing.T) {
	for _, w := range troubleWords {
		for _, m := range []string{w, strings.ToUpper(w), "wlan0: " + w, "x" + strings.ToUpper(w[:1]) + w[1:] + "y", "\xff" + w} {
			if !soundsBad(m) {
				t.Errorf("%q does not sound bad", m)
			}
		}
		if short := w[:len(w)-1]; soundsBad(short) {
			t.Errorf("%q sounds bad", short)
		}
	}
}

func FuzzSoundsBad(f *testing.F) {
	f.Add("wlan0: associated")
	f.Add("wlan0: UnExpected")
	f.Fuzz(func(t *testing.T, m string) {
		want := false
		lower := strings.Map(func(r rune) rune {
			if r >= 'A' && r <= 'Z' {
				return r + 'a' - 'A'
			}
			return r
		}, m)
		for _, w := range troubleWords {
			want = want || strings.Contains(lower, w)
		}
		if got := soundsBad(m); got != want {
			t.Errorf("%q: %v, want %v", m, got, want)
		}
	})
}

func BenchmarkLooksLikeTrouble(b *testing.B) {
	messages := []string{
		"Started session-4711.scope - Session 4711 of User alice.",
		"[session uid=1000 pid=1101] Activating via systemd: service name='org.freedesktop.portal.Desktop' requested by ':1.71' (uid=1000 pid=4711)",
		"Window manager warning: Overwriting existing binding of keysym 31 with keysym 32 (keycode 13).",
		"wlan0: something failed",
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		LooksLikeTrouble("", messages[i%len(messages)])
	}
}
