package ap_test

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"
	"time"

	"roamfault/nl80211/dot11"
	"roamfault/roam/lab/ap"
)

// wantBounds checks that an access point holds no more than it may.
func wantBounds(t testing.TB, a *ap.AP) {
	t.Helper()
	got := a.Tables()
	for _, b := range []struct {
		name      string
		got, most int
	}{
		{"associated", got.Associated, ap.MaxStations},
		{"addresses on links", got.OnLink, 3 * ap.MaxStations},
		{"candidates", got.Candidates, ap.MaxOnAir},
		{"turns of candidates", got.Turns, 2 * ap.MaxOnAir},
		{"exchanges", got.Exchanges, got.Candidates},
		// Two for a station and one for a candidate, the beacons, and frames kept back.
		{"timers", got.Timers, 3*got.Associated + 2*got.Candidates + ap.MaxOnAir + 16 + ap.MaxAir},
		{"numbers heard", got.Heard, 4 * ap.MaxOnAir},
		{"frames to be sent", got.Air, ap.MaxAir},
		{"frames up", got.Up, ap.MaxUp},
		{"events", got.Events, ap.MaxEvents},
		{"frames for a dozing station", got.Waiting, ap.MaxWaiting},
		{"frames for a group", got.Group, ap.MaxWaiting},
	} {
		if b.got > b.most {
			t.Errorf("%s: %d, at most %d", b.name, b.got, b.most)
		}
	}
	if err := a.Consistent(); err != nil {
		t.Error(err)
	}
}

// flood makes frames of strangers, of all kinds, from addresses that do not come
// again.
type flood struct {
	commits *commits
	dice    *rand.Rand
	links   []ap.Link
}

func newFlood(t testing.TB, a *ap.AP) *flood {
	return &flood{commits: newCommits(t), dice: rand.New(seeded(77)), links: a.Links()}
}

func (f *flood) next() ap.Frame {
	l := f.links[f.dice.IntN(len(f.links))]
	frame := f.commits.next(l)
	kinds := []dot11.FrameControl{
		dot11.Auth, dot11.Auth, dot11.Auth, dot11.AssocRequest, dot11.ReassocRequest, dot11.Deauth, dot11.Action,
		dot11.ProbeRequest, dot11.Data | dot11.ToDS, dot11.QoSData | dot11.ToDS, dot11.NullData | dot11.ToDS,
	}
	n := f.dice.IntN(len(kinds))
	binary.LittleEndian.PutUint16(frame.Data, uint16(kinds[n]))
	if n == 1 {
		// Open authentication.
		frame.Data = append(frame.Data[:24:24], 0, 0, 1, 0, 0, 0)
	}
	return frame
}

// flooding is an access point on an air full of strangers: they say so many
// frames for each of others.
type flooding struct {
	*ap.AP
	flood *flood
	each  int
}

func (m flooding) Receive(now time.Duration, f ap.Frame) bool {
	for range m.each {
		m.AP.Receive(now, m.flood.next())
	}
	m.Air()
	return m.AP.Receive(now, f)
}

// A flood of strangers fills no table beyond its bound; a station that is
// connected stays so, and one that knows the password connects.
func TestFlood(t *testing.T) {
	e, a := alone(t, configOf(t, 1, twoLinks(t)))
	s := e.join(1, 2, ap.SAE)
	s.mustConnect(a.Addr())
	f := newFlood(t, a)
	for i := range 20 * ap.MaxOnAir {
		a.Receive(e.now, f.next())
		if i%1000 == 0 {
			wantBounds(t, a) // nobody has taken what it has to say
		}
	}
	wantBounds(t, a)
	if got := a.Tables(); got.Candidates != ap.MaxOnAir {
		t.Errorf("%d candidates: the flood is no flood", got.Candidates)
	}
	a.Air()
	e.blind = true
	e.machines[0] = flooding{a, f, 50}
	exchangeUnderFlood(t, e, a, s)
	known := e.join(2, 2, ap.SAE)
	known.mustConnect(a.Addr())
	exchangeUnderFlood(t, e, a, known)
	e.run(10 * time.Second)
	wantBounds(t, a)
}

// exchangeUnderFlood sends data in both directions, among which those of others
// may be.
func exchangeUnderFlood(t *testing.T, e *ether, a *ap.AP, s *station) {
	t.Helper()
	a.Up()
	s.received = nil
	s.send(0, host, testEtherType, []byte("up"))
	if up := a.Up(); len(up) != 1 || string(up[0].Payload) != "up" {
		t.Errorf("up went %+v", up)
	}
	down(e, a, s.mld, "down")
	wantTexts(t, s, "down")
}

// Frames that a rule keeps back are bounded, however long it does.
func TestDelayBound(t *testing.T) {
	e, a := alone(t, configOf(t, 1, twoLinks(t)))
	e.make(a, ap.Rule{Fault: "delay", TU: 1 << 31})
	f := newFlood(t, a)
	for range 4 * ap.MaxAir {
		a.Receive(e.now, f.next())
	}
	wantBounds(t, a)
	// Beside the frames: a beacon of each link, and the exchanges of a crowd.
	if got := a.Tables().Timers; got < ap.MaxAir || got > ap.MaxAir+16 {
		t.Errorf("%d timers, want %d and some", got, ap.MaxAir)
	}
}

// One stranger that authenticates over and over takes one place.
func TestOneStranger(t *testing.T) {
	_, a := alone(t, configOf(t, 1, twoLinks(t)))
	f := newFlood(t, a).commits.next(a.Links()[0])
	f.Data = append(f.Data[:24:24], 0, 0, 1, 0, 0, 0)
	for range 5 * ap.MaxOnAir {
		a.Receive(0, f)
		a.Air()
	}
	if got := a.Tables(); got.Candidates != 1 {
		t.Errorf("%d candidates", got.Candidates)
	}
	wantBounds(t, a)
}

// As many stations as there are identifiers are associated, the next one is
// refused with status 17, and a place that becomes free is given away.
func TestFull(t *testing.T) {
	a := newAP(t, configOf(t, 1, oneLink(t), openNetwork, noMLD))
	link := a.Links()[0]
	frame := func(n int, kind dot11.FrameControl, body []byte) ap.Frame {
		h := dot11.Header{FC: kind, Addr1: link.BSSID, Addr2: dot11.Addr{2, 9, 0, 0, byte(n >> 8), byte(n)}, Addr3: link.BSSID}
		return ap.Frame{Freq: link.Channel.Freq, Data: append(h.Append(nil), body...)}
	}
	auth := dot11.AuthBody{Transaction: 1}
	request := dot11.AssocRequestBody{Elements: dot11.Elements{dot11.SSIDElement([]byte(ssid))}}
	join := func(n int) dot11.AssocResponseBody {
		t.Helper()
		a.Receive(0, frame(n, dot11.Auth, auth.Append(nil)))
		a.Air()
		a.Receive(0, frame(n, dot11.AssocRequest, request.Append(nil)))
		for _, f := range a.Air() {
			h, body, err := dot11.ParseHeader(f.Data)
			if err != nil || h.FC.Kind() != dot11.AssocResponse {
				continue
			}
			response, err := dot11.ParseAssocResponseBody(body)
			if err != nil {
				t.Fatal(err)
			}
			return response
		}
		t.Fatalf("no answer to station %d", n)
		return dot11.AssocResponseBody{}
	}
	for n := range ap.MaxStations {
		if r := join(n); r.Status != dot11.StatusSuccess || r.AID != uint16(n+1) {
			t.Fatalf("station %d: status %v, identifier %d", n, r.Status, r.AID)
		}
	}
	if r := join(ap.MaxStations); r.Status != dot11.StatusNoMoreStations {
		t.Errorf("one too many: status %v", r.Status)
	}
	reason := dot11.ReasonBody{Reason: 3}
	a.Receive(0, frame(1000, dot11.Deauth, reason.Append(nil)))
	if r := join(ap.MaxStations); r.Status != dot11.StatusSuccess || r.AID != 1001 {
		t.Errorf("status %v, identifier %d", r.Status, r.AID)
	}
	wantBounds(t, a)
}
