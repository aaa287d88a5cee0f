package sae

import "testing"

// benchSides runs once for each group and method with fresh sides.
func benchSides(b *testing.B, run func(b *testing.B, sides func() (station, ap *Session))) {
	for _, g := range []Group{GroupP256, GroupP384, GroupP521} {
		for _, m := range []Method{HashToElement, Looping} {
			b.Run(g.String()+" "+m.String(), func(b *testing.B) {
				p := newPassword(b, "correct horse", "", g)
				cfg := Config{Own: stationAddr, Peer: apAddr, Passwords: []*Password{p}, Groups: []Group{g}, Methods: []Method{m}}
				sides := func() (*Session, *Session) {
					other := cfg
					other.Own, other.Peer = cfg.Peer, cfg.Own
					return newSession(b, cfg), newSession(b, other)
				}
				b.ReportAllocs()
				b.ResetTimer()
				run(b, sides)
			})
		}
	}
}

// BenchmarkStart is what a station does before its Commit: PWE and Commit.
func BenchmarkStart(b *testing.B) {
	benchSides(b, func(b *testing.B, sides func() (*Session, *Session)) {
		for b.Loop() {
			station, _ := sides()
			one(b, station.Start())
		}
	})
}

// BenchmarkCommit is what an access point does for the Commit of a station it
// does not know: PWE, Commit and keys.
func BenchmarkCommit(b *testing.B) {
	benchSides(b, func(b *testing.B, sides func() (*Session, *Session)) {
		station, _ := sides()
		hello := one(b, station.Start())
		b.ResetTimer()
		for b.Loop() {
			_, ap := sides()
			one(b, ap.hand(hello))
		}
	})
}

// BenchmarkConfirm is what an access point does for a Confirm.
func BenchmarkConfirm(b *testing.B) {
	benchSides(b, func(b *testing.B, sides func() (*Session, *Session)) {
		station, ap := sides()
		confirm := one(b, station.hand(one(b, ap.hand(one(b, station.Start())))))
		saved := *ap
		b.ResetTimer()
		for b.Loop() {
			s := saved
			s.secret = nil
			wantStep(b, s.hand(confirm), Accepted, nil)
		}
	})
}

// BenchmarkPassword is what a password costs once.
func BenchmarkPassword(b *testing.B) {
	for _, g := range []Group{GroupP256, GroupP384, GroupP521} {
		b.Run(g.String(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				newPassword(b, "correct horse", "", g)
			}
		})
	}
}

// BenchmarkReplay is what a repeated Commit costs.
func BenchmarkReplay(b *testing.B) {
	station, ap := pair(b, nil)
	hello := one(b, station.Start())
	converse(b, station, ap, []Message{hello})
	b.ReportAllocs()
	for b.Loop() {
		wantStep(b, ap.hand(hello), Ignored, ErrReplay)
	}
}
