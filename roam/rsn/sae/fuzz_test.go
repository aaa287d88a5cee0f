package sae

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roamfault/nl80211/dot11"
	"roamfault/roam/rsn/keys"
)

func addCommits(f *testing.F, add func(status uint16, body []byte)) {
	f.Helper()
	for _, tt := range exchanges() {
		station, _ := pair(f, func(a, _ *Config) {
			a.Passwords = []*Password{newPassword(f, "correct horse", "", tt.group)}
			a.Groups, a.Methods, a.AKMs = []Group{tt.group}, []Method{tt.method}, []keys.AKM{tt.akm}
		})
		m := one(f, station.Start())
		add(uint16(m.Status), m.Body)
		add(uint16(m.Status), append(bytes.Clone(m.Body), 255, 3, 93, 1, 2, 255, 3, 92, 20, 0, 255, 3, 33, 'x', 'y', 221, 1, 0))
		add(uint16(m.Status), append(bytes.Clone(m.Body[:2]), append(fill(TokenLen, 0), m.Body[2:]...)...))
	}
	add(76, []byte{19, 0, 255, 3, 93, 1, 2})
	add(77, []byte{19, 0})
	add(1, nil)
}

// What was read, and is written, is read as the same again.
func FuzzParseCommit(f *testing.F) {
	addCommits(f, func(status uint16, body []byte) { f.Add(status == 0, body) })
	f.Fuzz(func(t *testing.T, looping bool, body []byte) {
		m := HashToElement
		if looping {
			m = Looping
		}
		c, err := ParseCommit(m, body)
		if err != nil {
			return
		}
		written, err := c.Append(nil)
		if err != nil {
			t.Fatalf("write what was read: %v", err)
		}
		if len(written) != len(body) {
			t.Errorf("%d octets were read, %d written", len(body), len(written))
		}
		again, err := ParseCommit(m, written)
		if err != nil {
			t.Fatalf("read what was written: %v", err)
		}
		if diff := cmp.Diff(c, again); diff != "" {
			t.Errorf("(-first +second):\n%s", diff)
		}
	})
}

func FuzzParseConfirm(f *testing.F) {
	f.Add(32, append(fill(34, 0), 221, 1, 0))
	f.Add(64, fill(66, 0))
	f.Add(0, []byte{0, 0})
	f.Fuzz(func(t *testing.T, n int, body []byte) {
		c, err := ParseConfirm(n, body)
		if err != nil {
			return
		}
		if diff := cmp.Diff(body, c.Append(nil)); diff != "" {
			t.Errorf("(-read +written):\n%s", diff)
		}
	})
}

func FuzzParseTokenDemand(f *testing.F) {
	f.Add(false, []byte{19, 0, 255, 3, 93, 1, 2, 221, 0})
	f.Add(true, []byte{19, 0, 1, 2, 3, 255, 10, 107, 0, 0, 7, 2, 0, 0, 0, 1, 0})
	f.Fuzz(func(t *testing.T, looping bool, body []byte) {
		m := HashToElement
		if looping {
			m = Looping
		}
		d, err := ParseTokenDemand(m, body)
		if err != nil {
			return
		}
		written, err := d.Append(nil)
		if err != nil {
			t.Fatalf("write what was read: %v", err)
		}
		again, err := ParseTokenDemand(m, written)
		if err != nil {
			t.Fatalf("read what was written: %v", err)
		}
		if diff := cmp.Diff(d, again); diff != "" {
			t.Errorf("(-first +second):\n%s", diff)
		}
	})
}

// Frames of a stranger, in any state of either side, neither crash nor bring keys;
// and what is sent can be read.
func FuzzHandle(f *testing.F) {
	groups := []Group{GroupP256, GroupP384}
	password := newPassword(f, "correct horse", "", groups...)
	addCommits(f, func(status uint16, body []byte) {
		for state := range uint8(6) {
			f.Add(state, status, body, uint16(0), fill(34, 0))
		}
	})
	f.Fuzz(func(t *testing.T, state uint8, status uint16, body []byte, confirmStatus uint16, confirm []byte) {
		station, ap := pair(t, func(a, b *Config) {
			for i, c := range []*Config{a, b} {
				c.Passwords, c.Groups, c.Methods = []*Password{password}, groups, []Method{HashToElement, Looping}
				c.AKMs = []keys.AKM{keys.AKMSAE, keys.AKMSAEExtKey}
				c.Rand = rand.NewChaCha8([32]byte{byte(i)})
			}
		})
		// Bring one side into a state of its own choice.
		s := ap
		switch state % 6 {
		case 1:
			s = station
			s.Start()
		case 2:
			s.hand(one(t, station.Start()))
		case 3:
			s = station
			s.hand(one(t, ap.hand(one(t, s.Start()))))
		case 4:
			converse(t, station, s, station.Start().Send)
		case 5:
			converse(t, station, ap, station.Start().Send)
			s = station
		}
		before, had := s.Keys()
		steps := []Step{
			s.HandleCommit(dot11.StatusCode(status), body),
			s.HandleConfirm(dot11.StatusCode(confirmStatus), confirm),
			s.Timeout(),
			s.HandleCommit(dot11.StatusCode(status), body),
		}
		for _, step := range steps {
			checkStep(t, step)
		}
		after, has := s.Keys()
		if diff := cmp.Diff(before, after); had != has || diff != "" {
			t.Errorf("a stranger changed the keys (-before +after):\n%s", diff)
		}
	})
}

func checkStep(t *testing.T, step Step) {
	t.Helper()
	if (step.Err != nil) != (step.Outcome == Ignored || step.Outcome == Refused || step.Outcome == Failed) {
		t.Errorf("%s with error %v", step.Outcome, step.Err)
	}
	if step.Outcome == Ignored && step.Send != nil {
		t.Errorf("ignored, and answered: %+v", step.Send)
	}
	for _, m := range step.Send {
		method, commit := MethodOf(m.Status)
		switch {
		case m.Transaction == TransactionCommit && commit:
			if _, err := ParseCommit(method, m.Body); err != nil {
				t.Errorf("our commit: %v", err)
			}
		case m.Transaction == TransactionConfirm && m.Status == dot11.StatusSuccess:
			if len(m.Body) != 34 && len(m.Body) != 50 {
				t.Errorf("our confirm has %d octets", len(m.Body))
			}
		}
	}
}
