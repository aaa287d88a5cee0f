package ap_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roamfault/nl80211/dot11"
	"roamfault/roam/lab/ap"
	"roamfault/roam/rsn/sae"
)

// sendsAway tests the fault deauth or disassoc.
func sendsAway(fault string, kind dot11.FrameControl) func(*bench) {
	return func(b *bench) {
		other := b.e.join(2, 2, ap.SAE)
		both := func() {
			b.Helper()
			for _, s := range []*station{b.s, other} {
				if s.phase != connected {
					s.mustConnect(b.a.Addr())
				}
				s.reason, s.unbelieved = 0, 0
			}
			b.e.forget()
		}
		both()
		// One station, on a link, protected.
		b.make(ap.Rule{Fault: fault, Station: b.s.mld, Reason: 5, Link: only(1)})
		b.e.settle()
		if b.s.reason != 5 || b.s.disassociated != (kind == dot11.Disassoc) || other.reason != 0 {
			b.Errorf("reasons %v, %v", b.s.reason, other.reason)
		}
		for _, x := range b.e.sent(false, kind) {
			if x.Freq != b.a.Links()[1].Channel.Freq {
				b.Errorf("sent on %d MHz", x.Freq)
			}
		}
		b.e.wantEvents(ap.Sent, b.s.mld, 1)
		both()
		// By a link address; reason 1 where none is given.
		b.make(ap.Rule{Fault: fault, Station: other.over[0].addr})
		b.e.settle()
		if other.reason != dot11.ReasonUnspecified || b.s.reason != 0 {
			b.Errorf("reasons %v, %v", b.s.reason, other.reason)
		}
		both()
		// In clear: it is not believed, and the association stays.
		b.make(ap.Rule{Fault: fault, Reason: 6, Unprotected: true})
		b.e.settle()
		if b.s.reason != 0 || b.s.unbelieved != 1 || other.unbelieved != 1 || len(b.a.Stations()) != 2 {
			b.Errorf("reason %v, %d unbelieved, stations %+v", b.s.reason, b.s.unbelieved, b.a.Stations())
		}
		both()
		// To the group in clear, and under the IGTK.
		b.make(ap.Rule{Fault: fault, Reason: 7, Unprotected: true, Group: true})
		b.e.settle()
		if b.s.reason != 0 || b.s.unbelieved != 2 || len(b.a.Stations()) != 2 {
			b.Errorf("reason %v, %d unbelieved, %d stations", b.s.reason, b.s.unbelieved, len(b.a.Stations()))
		}
		both()
		b.make(ap.Rule{Fault: fault, Reason: 8, Group: true})
		b.e.settle()
		if b.s.reason != 8 || other.reason != 8 || len(b.a.Stations()) != 0 {
			b.Errorf("reasons %v, %v; %d stations", b.s.reason, other.reason, len(b.a.Stations()))
		}
		if n := len(b.e.sent(false, kind)); n != 2 {
			b.Errorf("%d frames, want one to the group of each link", n)
		}
		b.heals()
	}
}

// gone counts the frames of the access point in a span of time.
func (b *bench) frames(d time.Duration) int {
	b.e.forget()
	b.e.run(d)
	n := 0
	for _, x := range b.e.seen {
		if !x.fromStation {
			n++
		}
	}
	return n
}

var passingFaultTests = map[string]func(*bench){
	"deauth":   sendsAway("deauth", dot11.Deauth),
	"disassoc": sendsAway("disassoc", dot11.Disassoc),
	"vanish": func(b *bench) {
		for _, frame := range []string{"auth", "assoc"} {
			b.s.cache = map[dot11.Addr]sae.Keys{}
			b.make(ap.Rule{Fault: "vanish", Frame: frame, TU: 2000, Count: 1})
			b.e.forget()
			b.s.begin(b.a.Addr())
			b.e.run(100 * ap.TU)
			want := map[string]phase{"auth": associating, "assoc": handshaking}[frame]
			if b.s.phase != want {
				b.Errorf("%s: in phase %d, want %d", frame, b.s.phase, want)
			}
			if n := len(b.e.sent(false, dot11.QoSData)); n > 0 {
				b.Errorf("%s: %d EAPOL frames", frame, n)
			}
			if n := b.frames(1700 * ap.TU); n > 0 {
				b.Errorf("%s: %d frames of an access point that is gone", frame, n)
			}
			for _, kind := range []dot11.FrameControl{dot11.AssocRequest} {
				if _, acked := b.acked(kind); acked > 0 {
					b.Errorf("%s: %d frames were acknowledged", frame, acked)
				}
			}
			b.e.run(300 * ap.TU)
			if n := b.frames(500 * ap.TU); n == 0 {
				b.Errorf("%s: the access point has not come back", frame)
			}
			b.heals()
			b.s.leave()
		}
	},
	"new-bssid": func(b *bench) {
		b.connect()
		old := b.a.Links()[1].BSSID
		b.make(ap.Rule{Fault: "new-bssid", Link: only(1), Address: dot11.Addr{2, 0, 0, 7, 7, 7}})
		b.e.forget()
		b.e.nextBeacons()
		if _, bodies := beaconsOf(b.T, b.e, old); len(bodies) > 0 {
			b.Error("beacons under the old BSSID")
		}
		if _, bodies := beaconsOf(b.T, b.e, dot11.Addr{2, 0, 0, 7, 7, 7}); len(bodies) != 1 {
			b.Errorf("%d beacons under the new BSSID", len(bodies))
		}
		b.e.forget()
		b.s.send(1, host, testEtherType, []byte("x"))
		if _, acked := b.acked(dot11.QoSData); acked > 0 {
			b.Error("a frame to the old BSSID was acknowledged")
		}
		if b.a.Links()[0].BSSID != apLink(1, 0) {
			b.Error("the other link has a new BSSID, too")
		}
		b.make(ap.Rule{Fault: "new-bssid"}) // of its own choice
		if b.a.Links()[0].BSSID == apLink(1, 0) || b.a.Links()[0].BSSID == b.a.Links()[1].BSSID {
			b.Errorf("links %+v", b.a.Links())
		}
	},
	"new-mld": func(b *bench) {
		old := b.a.MLD()
		b.connect()
		b.make(ap.Rule{Fault: "new-mld"})
		b.e.nextBeacons()
		if b.a.MLD() == old || b.a.Addr() == old {
			b.Errorf("MLD %v", b.a.MLD())
		}
		if b.s.known[b.a.Links()[0].BSSID].ml.MLDAddr != b.a.MLD() {
			b.Error("beacons name another MLD")
		}
		b.e.stations = nil
		s := b.e.join(2, 2, ap.SAE)
		s.mustConnect(b.a.MLD())
		exchange(b.T, b.e, b.a, s)
	},
	"channel-switch": func(b *bench) {
		b.make(ap.Rule{Fault: "channel-switch", Link: only(0), Channel: 44, TU: 200})
		b.e.run(400 * ap.TU)
		if got := b.a.Links()[0].Channel; got != channel(b, dot11.Band5GHz, 44) {
			b.Errorf("on %v", got)
		}
	},
	"link-removal": func(b *bench) {
		b.make(ap.Rule{Fault: "link-removal", Link: only(1)})
		b.e.run(400 * ap.TU)
		if n := len(b.a.Links()); n != 2 {
			b.Errorf("%d links before their time", n)
		}
		b.e.run(300 * ap.TU)
		if n := len(b.a.Links()); n != 1 {
			b.Errorf("%d links", n)
		}
	},
	"signal": func(b *bench) {
		b.make(ap.Rule{Fault: "signal", Signal: -70, Link: only(0)})
		if got := []int{b.a.Links()[0].Signal, b.a.Links()[1].Signal}; !cmp.Equal(got, []int{-70, -40}) {
			b.Errorf("signals %v", got)
		}
		b.make(ap.Rule{Fault: "signal", Signal: -90, TU: 1000, Link: only(0)})
		b.e.forget()
		b.e.run(500 * ap.TU)
		if got := b.a.Links()[0].Signal; got < -81 || got > -78 {
			b.Errorf("%d dBm half-way from -70 to -90", got)
		}
		b.e.run(600 * ap.TU)
		last := -70
		for _, x := range b.e.sent(false, dot11.Beacon) {
			if h, _ := x.header(b.T); h.Addr2 != b.a.Links()[0].BSSID {
				continue
			}
			if x.Signal > last || last-x.Signal > 3 {
				b.Errorf("from %d to %d dBm in one step", last, x.Signal)
			}
			last = x.Signal
		}
		if last != -90 {
			b.Errorf("%d dBm in the end", last)
		}
		// What comes later counts.
		b.make(ap.Rule{Fault: "signal", Signal: -30, TU: 1000, Link: only(0)})
		b.make(ap.Rule{Fault: "signal", Signal: -50, Link: only(0)})
		b.e.run(2000 * ap.TU)
		if got := b.a.Links()[0].Signal; got != -50 {
			b.Errorf("%d dBm", got)
		}
	},
	"rekey-early": func(b *bench) {
		b.make(ap.Rule{Fault: "rekey-early", Count: 1})
		b.connect()
		b.e.wantEvents(ap.Rekeyed, b.s.mld, 0)
		// The station has the new key alone, and the old one is still in use.
		if id := broadcast(b.T, b.e, b.a, "old"); id != 1 {
			b.Errorf("key %d is used", id)
		}
		wantTexts(b.T, b.s)
		b.e.run(time.Second)
		if id := broadcast(b.T, b.e, b.a, "new"); id != 2 {
			b.Errorf("key %d is used", id)
		}
		wantTexts(b.T, b.s, "new", "new")
	},
	"rekey-late": func(b *bench) {
		b.make(ap.Rule{Fault: "rekey-late", Count: 1})
		b.connect()
		b.e.wantEvents(ap.Rekeyed, b.s.mld, 1)
		broadcast(b.T, b.e, b.a, "old")
		b.e.run(time.Second)
		broadcast(b.T, b.e, b.a, "new")
		wantTexts(b.T, b.s, "old", "old", "new", "new")
	},
	"rekey": func(b *bench) {
		b.connect()
		b.make(ap.Rule{Fault: "rekey"})
		b.e.settle()
		b.e.wantEvents(ap.Rekeyed, b.s.mld, 1)
	},
	"rekey-pairwise": func(b *bench) {
		b.make(ap.Rule{Fault: "rekey-pairwise"}) // nobody is there
		b.connect()
		for range 2 {
			b.e.forget()
			b.make(ap.Rule{Fault: "rekey-pairwise"})
			b.e.settle()
			b.e.wantEvents(ap.Rekeyed, b.s.mld, 1)
			b.e.wantEvents(ap.Connected, b.s.mld, 0)
			exchange(b.T, b.e, b.a, b.s)
		}
	},
	"forget": func(b *bench) {
		other := b.e.join(2, 2, ap.SAE)
		b.connect()
		other.mustConnect(b.a.Addr())
		b.e.forget()
		b.make(ap.Rule{Fault: "forget", Station: b.s.mld})
		b.e.settle()
		if n := len(b.e.seen); n > 0 {
			b.Errorf("%d frames", n)
		}
		if got := b.a.Stations(); len(got) != 1 || got[0].Addr != other.mld {
			b.Errorf("stations %+v", got)
		}
		b.s.send(0, host, testEtherType, []byte("who am I"))
		if n := len(b.e.sent(false, dot11.Deauth)); n != 1 || b.s.unbelieved != 1 {
			b.Errorf("%d deauthentications, %d unbelieved", n, b.s.unbelieved)
		}
		b.s.phase = idle
		b.connect()
	},
	"transition": func(b *bench) {
		b.connect()
		target := apLink(2, 0)
		b.make(ap.Rule{Fault: "transition", Address: target, Channel: 44, TU: 2500})
		b.e.settle()
		if len(b.s.requests) != 1 {
			b.Fatalf("%d requests", len(b.s.requests))
		}
		r := b.s.requests[0]
		if r.DisassocTimer != 25 || r.Mode != dot11.TransitionCandidates|dot11.TransitionAbridged|dot11.TransitionDisassociation {
			b.Errorf("request %+v", r)
		}
		if len(r.Candidates) != 1 || r.Candidates[0].BSSID != target || r.Candidates[0].Channel != 44 || r.Candidates[0].Class != 115 {
			b.Errorf("candidates %+v", r.Candidates)
		}
		b.e.wantEvents(ap.TransitionAnswer, b.s.mld, 1)
		b.make(ap.Rule{Fault: "transition"})
		b.e.settle()
		if r := b.s.requests[1]; r.DisassocTimer != 0 || r.Mode != 0 || r.Candidates != nil {
			b.Errorf("request without anything %+v", r)
		}
	},
}

// In a network without management frame protection what comes in clear is what
// there is, and the access point knows it.
func TestSendAwayWithoutProtection(t *testing.T) {
	for _, r := range []ap.Rule{
		{Fault: "deauth", Reason: 5},
		{Fault: "deauth", Reason: 5, Unprotected: true},
		{Fault: "deauth", Reason: 5, Group: true},
		{Fault: "disassoc", Reason: 5, Group: true, Unprotected: true},
	} {
		b := newBench(t, openNetwork)
		b.connect()
		b.make(r)
		b.e.settle()
		if b.s.reason != 5 || len(b.a.Stations()) > 0 {
			t.Errorf("%+v: reason %v, stations %+v", r, b.s.reason, b.a.Stations())
		}
	}
}

// A station without the link that a rule names is left alone.
func TestSendAwayOnLink(t *testing.T) {
	b := newBench(t)
	single := b.e.join(2, 1, ap.SAE)
	b.connect()
	single.mustConnect(b.a.Addr())
	b.make(ap.Rule{Fault: "deauth", Reason: 5, Link: only(1)})
	b.e.settle()
	if b.s.reason != 5 || single.reason != 0 || len(b.a.Stations()) != 1 {
		t.Errorf("reasons %v, %v", b.s.reason, single.reason)
	}
}
