package ap_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roamfault/nl80211/dot11"
	"roamfault/roam/lab/ap"
)

// beaconsOf parses the beacons of a link that were on the air.
func beaconsOf(t *testing.T, e *ether, bssid dot11.Addr) (times []time.Duration, bodies []dot11.BeaconBody) {
	t.Helper()
	for _, x := range e.sent(false, dot11.Beacon) {
		h, body := x.header(t)
		if h.Addr2 != bssid {
			continue
		}
		b, err := dot11.ParseBeaconBody(body)
		if err != nil {
			t.Fatal(err)
		}
		times, bodies = append(times, x.at), append(bodies, b)
	}
	return times, bodies
}

func timOf(t *testing.T, b *dot11.BeaconBody) dot11.TIM {
	t.Helper()
	body, ok := b.Elements.Find(dot11.ElementTIM)
	if !ok {
		t.Fatal("beacon without TIM")
	}
	tim, err := dot11.ParseTIM(body)
	if err != nil {
		t.Fatal(err)
	}
	return tim
}

// Beacons of every link stand on whole beacon intervals of the TSF, and every
// second one is a DTIM.
func TestBeaconTimes(t *testing.T) {
	e, a := alone(t, configOf(t, 1, twoLinks(t)))
	e.run(10*100*ap.TU - time.Nanosecond)
	for _, l := range a.Links() {
		times, bodies := beaconsOf(t, e, l.BSSID)
		if len(times) != 10 {
			t.Fatalf("link %d: %d beacons in ten intervals", l.ID, len(times))
		}
		for i, b := range bodies {
			if want := time.Duration(i) * 100 * ap.TU; times[i] != want || b.Timestamp != uint64(want/time.Microsecond) || b.Interval != 100 {
				t.Errorf("link %d, beacon %d: at %v with timestamp %d, interval %d; want %v", l.ID, i, times[i], b.Timestamp, b.Interval, want)
			}
			tim := timOf(t, &b)
			want := dot11.TIM{Count: uint8(i % 2), Period: 2, Bitmap: []byte{0}}
			if diff := cmp.Diff(want, tim); diff != "" {
				t.Errorf("link %d, beacon %d: TIM (-want +got):\n%s", l.ID, i, diff)
			}
		}
	}
}

// Beacons that were missed are not made up for, and the next is in its place
// again.
func TestBeaconAfterPause(t *testing.T) {
	a := newAP(t, configOf(t, 1, oneLink(t)))
	a.Advance(0)
	a.Air()
	late := 25*100*ap.TU + 3*time.Millisecond
	a.Advance(late)
	if n := len(a.Air()); n != 1 {
		t.Errorf("%d beacons after a pause, want 1", n)
	}
	if want := 26 * 100 * ap.TU; a.Next() != want {
		t.Errorf("next beacon at %v, want %v", a.Next(), want)
	}
}

// What a beacon says of the other links is what their own beacons say.
func TestBeaconNeighbors(t *testing.T) {
	channels := []dot11.Channel{channel(t, dot11.Band2GHz, 6), channel(t, dot11.Band5GHz, 36), channel(t, dot11.Band6GHz, 37)}
	e, a := alone(t, configOf(t, 1, channels))
	e.run(time.Millisecond)
	for _, l := range a.Links() {
		_, bodies := beaconsOf(t, e, l.BSSID)
		elements := bodies[0].Elements
		body, ok := elements.Find(dot11.ElementReducedNeighborReport)
		if !ok {
			t.Fatalf("link %d: no reduced neighbor report", l.ID)
		}
		report, err := dot11.ParseReducedNeighborReport(body)
		if err != nil {
			t.Fatal(err)
		}
		told := map[uint8]dot11.Addr{}
		for _, n := range report {
			for _, b := range n.BSSs {
				told[b.MLD.LinkID] = b.BSSID
				want := a.Links()[b.MLD.LinkID].Channel
				if got, err := dot11.ChannelInClass(n.Class, n.Channel); err != nil || got != want {
					t.Errorf("link %d says link %d is on %v (%v), want %v", l.ID, b.MLD.LinkID, got, err, want)
				}
				if b.ShortSSID != dot11.ShortSSID([]byte(ssid)) {
					t.Errorf("short SSID %#x", b.ShortSSID)
				}
			}
		}
		want := map[uint8]dot11.Addr{}
		for _, other := range a.Links() {
			if other.ID != l.ID {
				want[other.ID] = other.BSSID
			}
		}
		if diff := cmp.Diff(want, told); diff != "" {
			t.Errorf("link %d: neighbors (-want +got):\n%s", l.ID, diff)
		}
		body, _ = elements.FindExt(dot11.ExtMultiLink)
		ml, err := dot11.ParseMultiLink(body)
		if err != nil || ml.MLDAddr != a.MLD() || ml.LinkID != dot11.Some(l.ID) || ml.MLDCapabilities != dot11.Some(dot11.MLDCapabilities(2)) {
			t.Errorf("link %d: multi-link element %+v, %v", l.ID, ml, err)
		}
	}
}

// An access point that is no MLD says nothing of EHT.
func TestBeaconWithoutMLD(t *testing.T) {
	e, a := alone(t, configOf(t, 1, oneLink(t), noMLD))
	e.run(time.Millisecond)
	_, bodies := beaconsOf(t, e, a.Addr())
	for _, ext := range []uint8{dot11.ExtMultiLink, dot11.ExtEHTCapabilities, dot11.ExtEHTOperation} {
		if _, ok := bodies[0].Elements.FindExt(ext); ok {
			t.Errorf("element %d is there", ext)
		}
	}
	if _, ok := bodies[0].Elements.Find(dot11.ElementReducedNeighborReport); ok {
		t.Error("a neighbor report without neighbors")
	}
}

// A protected beacon ends with an MME that verifies under the BIGTK of the
// handshake; a changed one does not.
func TestBeaconProtection(t *testing.T) {
	e, a := alone(t, configOf(t, 1, twoLinks(t), beaconKey))
	s := e.join(1, 2, ap.SAE)
	s.mustConnect(a.Addr())
	before := s.verified
	e.run(10 * 100 * ap.TU)
	if got := s.verified - before; got != 20 {
		t.Errorf("%d of 20 beacons were verified", got)
	}
	e.make(a, ap.Rule{Fault: "garble", Frame: "beacon", Count: 1})
	before = s.verified
	e.run(100 * ap.TU)
	if got := s.verified - before; got != 1 || len(s.bad) != 1 {
		t.Errorf("%d verified of one good and one bad beacon, errors %v", got, s.bad)
	}
}

// Without beacon protection there is no MME.
func TestBeaconWithoutProtection(t *testing.T) {
	e, a := alone(t, configOf(t, 1, oneLink(t)))
	e.run(time.Millisecond)
	_, bodies := beaconsOf(t, e, a.Links()[0].BSSID)
	if _, ok := bodies[0].Elements.Find(dot11.ElementMME); ok {
		t.Error("an MME without a key for it")
	}
}

func TestProbe(t *testing.T) {
	two := twoLinks(t)
	wildcard, own, other := dot11.SSIDElement(nil), dot11.SSIDElement([]byte(ssid)), dot11.SSIDElement([]byte("other"))
	tests := []struct {
		name     string
		freq     int
		elements []dot11.Element
		answers  int
	}{
		{"any network", two[0].Freq, []dot11.Element{wildcard}, 1},
		{"this network", two[1].Freq, []dot11.Element{own}, 1},
		{"another network", two[0].Freq, []dot11.Element{other}, 0},
		{"no network named", two[0].Freq, nil, 0},
		{"another channel", two[0].Freq + 20, []dot11.Element{wildcard}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e, a := alone(t, configOf(t, 1, two))
			s := e.join(1, 0, ap.SAE)
			s.probe(tt.freq, tt.elements...)
			answers := e.sent(false, dot11.ProbeResponse)
			if len(answers) != tt.answers {
				t.Fatalf("%d answers, want %d", len(answers), tt.answers)
			}
			for _, x := range answers {
				h, body := x.header(t)
				if h.Addr1 != s.mld || x.Freq != tt.freq {
					t.Errorf("answer to %v on %d", h.Addr1, x.Freq)
				}
				b, err := dot11.ParseBeaconBody(body)
				if err != nil {
					t.Fatal(err)
				}
				if _, ok := b.Elements.Find(dot11.ElementTIM); ok {
					t.Error("a probe response has a TIM")
				}
				e.run(100 * ap.TU)
				_, beacons := beaconsOf(t, e, h.Addr2)
				if diff := cmp.Diff(beacons[0].Elements.Without(dot11.ElementTIM, 0), b.Elements); diff != "" {
					t.Errorf("probe response against beacon (-beacon +response):\n%s", diff)
				}
			}
			_ = a
		})
	}
}

// The profile of another link in an association response, with what it inherits,
// is what that link's own probe response says of the radio.
func TestProfileInherits(t *testing.T) {
	channels := []dot11.Channel{channel(t, dot11.Band2GHz, 6), channel(t, dot11.Band5GHz, 36), channel(t, dot11.Band6GHz, 37)}
	for via := range uint8(3) {
		e, a := alone(t, configOf(t, 1, channels))
		s := e.join(1, 3, ap.SAE, func(s *station) { s.via = via })
		s.mustConnect(a.Addr())
		responses := e.sent(false, dot11.AssocResponse)
		_, body := responses[0].header(t)
		response, err := dot11.ParseAssocResponseBody(body)
		if err != nil {
			t.Fatal(err)
		}
		ml := multiLinkOf(t, response.Elements)
		for _, l := range a.Links() {
			if l.ID == via {
				continue
			}
			p, ok := ml.Profile(l.ID)
			if !ok {
				t.Fatalf("no profile of link %d", l.ID)
			}
			content, err := dot11.ParseStationProfile(p.Body, true)
			if err != nil {
				t.Fatal(err)
			}
			whole, err := content.Elements.Inherit(response.Elements)
			if err != nil {
				t.Fatal(err)
			}
			_, bodies := beaconsOf(t, e, l.BSSID)
			for _, element := range bodies[0].Elements {
				switch {
				case element.ID == dot11.ElementSSID, element.ID == dot11.ElementTIM, element.ID == dot11.ElementRSN,
					element.ID == dot11.ElementReducedNeighborReport, element.ID == dot11.ElementDSSSParameter,
					element.ID == dot11.ElementERP, element.Ext == dot11.ExtMultiLink:
					continue // not in association responses
				}
				if !contains(whole, element) {
					t.Errorf("via link %d: the profile of link %d lacks element %d/%d of its beacons", via, l.ID, element.ID, element.Ext)
				}
			}
			if diff := cmp.Diff(bodies[0].Capability, content.Capability); diff != "" {
				t.Errorf("capability of link %d (-beacon +profile):\n%s", l.ID, diff)
			}
		}
	}
}

func contains(elements dot11.Elements, wanted dot11.Element) bool {
	for _, e := range elements {
		if cmp.Equal(e, wanted) {
			return true
		}
	}
	return false
}

func multiLinkOf(t *testing.T, elements dot11.Elements) dot11.MultiLink {
	t.Helper()
	body, ok := elements.FindExt(dot11.ExtMultiLink)
	if !ok {
		t.Fatal("no multi-link element")
	}
	ml, err := dot11.ParseMultiLink(body)
	if err != nil {
		t.Fatal(err)
	}
	return ml
}
