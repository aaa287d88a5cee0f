package ap_test

import (
	"slices"
	"testing"
	"time"

	"roamfault/nl80211/dot11"
	"roamfault/roam/lab/ap"
	"roamfault/roam/rsn"
	"roamfault/roam/rsn/keys"
)

// breaks makes a fault of message 3: the station must see that error and not
// connect, and connect when it is cleared.
func breaks(want error, r ap.Rule) func(*bench) {
	return func(b *bench) {
		b.make(r)
		b.fails()
		if !b.s.has(want) {
			b.Errorf("errors %v, want %v", b.s.handshakeErrors, want)
		}
		if b.e.count(ap.FaultMade, dot11.Addr{}) == 0 {
			b.Error("nobody was told of the fault")
		}
		b.heals()
	}
}

var handshakeFaultTests = map[string]func(*bench){
	"kde-link-missing":    breaks(rsn.ErrMissing, ap.Rule{Fault: "kde-link-missing", Link: only(1)}),
	"kde-gtk-missing":     breaks(rsn.ErrMissing, ap.Rule{Fault: "kde-gtk-missing", Link: only(1)}),
	"kde-igtk-missing":    breaks(rsn.ErrMissing, ap.Rule{Fault: "kde-igtk-missing", Link: only(1)}),
	"kde-address-missing": breaks(rsn.ErrMissing, ap.Rule{Fault: "kde-address-missing"}),
	"kde-link-wrong":      breaks(rsn.ErrDiffers, ap.Rule{Fault: "kde-link-wrong", Link: only(1), Address: dot11.Addr{2, 7}}),
	"kde-rsne-wrong":      breaks(rsn.ErrDiffers, ap.Rule{Fault: "kde-rsne-wrong", Link: only(1)}),
	"mic-wrong":           breaks(rsn.ErrMIC, ap.Rule{Fault: "mic-wrong"}),
	"wrap-wrong":          breaks(keys.ErrWrap, ap.Rule{Fault: "wrap-wrong"}),
	"nonce-wrong":         breaks(rsn.ErrNonce, ap.Rule{Fault: "nonce-wrong"}),
	// The station cannot know of the first message 3 that its counter is old, and
	// answers; the access point does not take the answer.
	"replay": func(b *bench) {
		b.make(ap.Rule{Fault: "replay"})
		b.s.mustConnect(b.a.Addr())
		b.e.run(5 * time.Second)
		b.e.wantEvents(ap.Connected, b.s.mld, 0)
		b.e.wantEvents(ap.HandshakeFailed, b.s.mld, 1)
		b.heals()
		b.make(ap.Rule{Fault: "replay"})
		b.make(ap.Rule{Fault: "rekey"})
		b.e.settle()
		if !b.s.has(rsn.ErrReplay) || b.s.rekeys != 0 {
			b.Errorf("%d handshakes, errors %v", b.s.rekeys, b.s.handshakeErrors)
		}
	},
}

// Faults of message 3 without multi-link, and of all links where none is named.
func TestHandshakeFaultsWithoutLink(t *testing.T) {
	tests := []struct {
		fault string
		want  error
		multi bool
	}{
		{"kde-gtk-missing", rsn.ErrMissing, false},
		{"kde-rsne-wrong", rsn.ErrDiffers, false},
		{"mic-wrong", rsn.ErrMIC, false},
		{"kde-link-missing", rsn.ErrMissing, true},
		{"kde-link-wrong", rsn.ErrDiffers, true},
		{"kde-rsne-wrong", rsn.ErrDiffers, true},
	}
	for _, tt := range tests {
		t.Run(tt.fault, func(t *testing.T) {
			c := configOf(t, 1, twoLinks(t))
			links := 2
			if !tt.multi {
				c, links = configOf(t, 1, oneLink(t), pskNetwork), 0
			}
			e, a := alone(t, c)
			b := &bench{T: t, e: e, a: a, s: e.join(1, links, c.Security)}
			breaks(tt.want, ap.Rule{Fault: tt.fault})(b)
		})
	}
}

// A rule that names one link speaks of that link alone, on whatever link the
// handshake is.
func TestHandshakeFaultOfOneLink(t *testing.T) {
	for via := range uint8(2) {
		for link := range uint8(2) {
			b := newBench(t)
			b.s.via = via
			var said []uint8
			b.make(ap.Rule{Fault: "kde-link-missing", Link: &link})
			b.fails()
			for _, f := range b.message3(t) {
				for _, l := range f.Links {
					said = append(said, l.Link)
				}
			}
			if slices.Contains(said, link) || !slices.Contains(said, 1-link) {
				t.Errorf("associated on link %d, fault on link %d: message 3 names links %v", via, link, said)
			}
		}
	}
}

// message3 opens the messages 3 that were on the air, with the keys of the
// station.
func (b *bench) message3(t *testing.T) []rsn.Contents {
	t.Helper()
	var found []rsn.Contents
	for _, x := range b.e.sent(false, dot11.QoSData) {
		_, body := x.header(t)
		_, payload, err := dot11.ParseLLC(body)
		if err != nil {
			t.Fatal(err)
		}
		f, err := rsn.ParseKeyFrame(payload, 16)
		if err != nil {
			t.Fatal(err)
		}
		if kind, err := f.Kind(); err != nil || kind != rsn.Message3 {
			continue
		}
		plain, err := keys.Unwrap(b.ptk(t, &f).KEK, f.Data)
		if err != nil {
			t.Fatal(err)
		}
		items, err := rsn.ParseKeyData(plain)
		if err != nil {
			t.Fatal(err)
		}
		c, err := rsn.ReadContents(items)
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, c)
	}
	return found
}

// ptk derives the keys of the handshake a message 3 belongs to, from the PMK and
// the nonce of the station's message 2.
func (b *bench) ptk(t *testing.T, message3 *rsn.KeyFrame) keys.PTK {
	t.Helper()
	for _, x := range b.e.sent(true, dot11.QoSData) {
		_, body := x.header(t)
		_, payload, err := dot11.ParseLLC(body)
		if err != nil {
			t.Fatal(err)
		}
		f, err := rsn.ParseKeyFrame(payload, 16)
		if err != nil {
			t.Fatal(err)
		}
		if kind, err := f.Kind(); err != nil || kind != rsn.Message2 {
			continue
		}
		ptk, err := keys.DerivePTK(keys.PTKInput{
			AKM: b.s.akm, Cipher: b.s.cipher, PMK: b.s.pmk, AA: b.a.Addr(), SPA: b.s.mld,
			ANonce: message3.Nonce, SNonce: f.Nonce,
		})
		if err != nil {
			t.Fatal(err)
		}
		return ptk
	}
	t.Fatal("no message 2")
	return keys.PTK{}
}
