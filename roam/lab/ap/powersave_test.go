package ap_test

import (
	"fmt"
	"testing"
	"time"

	"roamfault/nl80211/dot11"
	"roamfault/roam/lab/ap"
)

// down sends a text to a station from outside.
func down(e *ether, a *ap.AP, to dot11.Addr, text string) {
	a.Down(e.now, dot11.MSDU{Dst: to, Src: host, EtherType: testEtherType, Payload: []byte(text)})
	e.settle()
}

// lastTIM is the TIM of the last beacon of a link that a station has heard.
func lastTIM(t *testing.T, s *station, link uint8) dot11.TIM {
	t.Helper()
	b := s.known[s.over[link].bssid].body
	return timOf(t, &b)
}

// nextBeacons waits for the next beacon of every link.
func (e *ether) nextBeacons() { e.run(100 * ap.TU) }

// What comes while all links of a station sleep waits until one wakes up, in
// order, and beacons of all its links say so.
func TestDozeAndWake(t *testing.T) {
	e, a := alone(t, configOf(t, 1, twoLinks(t)))
	s, other := e.join(1, 2, ap.SAE), e.join(2, 2, ap.SAE)
	s.mustConnect(a.Addr())
	other.mustConnect(a.Addr())
	s.doze(0)
	down(e, a, s.mld, "over the link that is awake")
	wantTexts(t, s, "over the link that is awake")
	if s.received[0].link != 1 {
		t.Errorf("it came over link %d", s.received[0].link)
	}
	s.doze(1)
	e.wantEvents(ap.Dozing, s.mld, 2)
	for i := range 3 {
		down(e, a, s.mld, fmt.Sprint(i))
	}
	e.nextBeacons()
	for id := range s.over {
		if tim := lastTIM(t, s, id); !tim.Has(s.aid) || tim.Has(other.aid) {
			t.Errorf("link %d: TIM %+v for stations %d (dozing) and %d", id, tim, s.aid, other.aid)
		}
	}
	if got := a.Stations()[0].Waiting; got != 3 {
		t.Errorf("%d frames wait", got)
	}
	wantTexts(t, s, "over the link that is awake")
	s.wake(1)
	wantTexts(t, s, "over the link that is awake", "0", "1", "2")
	for i, g := range s.received[1:] {
		if g.link != 1 || g.more != (i < 2) {
			t.Errorf("frame %d over link %d, more data %v", i, g.link, g.more)
		}
	}
	e.nextBeacons()
	if tim := lastTIM(t, s, 1); tim.Has(s.aid) {
		t.Error("beacons still announce frames")
	}
	wantAwake(t, s)
}

// wantAwake checks that a station was sent nothing while it slept.
func wantAwake(t *testing.T, s *station) {
	t.Helper()
	if s.missed > 0 {
		t.Errorf("%d frames came while the station slept", s.missed)
	}
	for _, err := range s.bad {
		t.Error(err)
	}
}

// A PS-Poll gets one frame, or a null frame where there is none.
func TestPSPoll(t *testing.T) {
	e, a := alone(t, configOf(t, 1, twoLinks(t)))
	s := e.join(1, 2, ap.SAE)
	s.mustConnect(a.Addr())
	s.doze(0, 1)
	down(e, a, s.mld, "a")
	down(e, a, s.mld, "b")
	s.poll(1)
	wantTexts(t, s, "a")
	if !s.received[0].more {
		t.Error("the frame does not say that there is more")
	}
	s.poll(0)
	wantTexts(t, s, "a", "b")
	if s.received[1].more {
		t.Error("the last frame says that there is more")
	}
	e.forget()
	s.poll(0)
	if n := len(e.sent(false, dot11.NullData)); n != 1 {
		t.Errorf("%d null frames, want 1", n)
	}
	wantAwake(t, s)
}

// A PS-Poll of the address of one link on another link, and of a stranger, gets
// nothing.
func TestPSPollOfStranger(t *testing.T) {
	e, a := alone(t, configOf(t, 1, twoLinks(t)))
	s := e.join(1, 1, ap.SAE)
	s.mustConnect(a.Addr())
	s.doze(0)
	down(e, a, s.mld, "a")
	e.forget()
	other := a.Links()[1]
	for _, p := range []dot11.PSPollFrame{
		{FC: dot11.PSPoll, AID: s.aid, BSSID: other.BSSID, From: s.link().addr},
		{FC: dot11.PSPoll, AID: s.aid, BSSID: a.Links()[0].BSSID, From: dot11.Addr{2, 9}},
	} {
		for _, l := range a.Links() {
			s.out = append(s.out, ap.Frame{Freq: l.Channel.Freq, Data: p.Append(nil)})
		}
	}
	e.settle()
	for _, x := range e.seen {
		if !x.fromStation {
			t.Errorf("an answer: %x", x.Data)
		}
	}
	if got := a.Stations()[0].Waiting; got != 1 {
		t.Errorf("%d frames wait, want 1", got)
	}
}

// What is for a group waits for the DTIM of the links on which somebody sleeps.
func TestGroupBehindDTIM(t *testing.T) {
	e, a := alone(t, configOf(t, 1, twoLinks(t)))
	s, awake := e.join(1, 2, ap.SAE), e.join(2, 2, ap.SAE)
	s.mustConnect(a.Addr())
	awake.mustConnect(a.Addr())
	// Stand behind a DTIM, so that the next beacon is none.
	for e.now%(200*ap.TU) > 50*ap.TU {
		e.run(ap.TU)
	}
	s.doze(0)
	for _, text := range []string{"a", "b"} {
		down(e, a, dot11.BroadcastAddr(), text)
	}
	wantTexts(t, awake, "a", "b") // over link 1
	wantTexts(t, s, "a", "b")
	e.nextBeacons()
	if tim := lastTIM(t, s, 0); tim.Count != 1 || tim.Group {
		t.Errorf("TIM %+v before the DTIM", tim)
	}
	wantTexts(t, s, "a", "b")
	e.nextBeacons()
	if tim := lastTIM(t, s, 0); tim.Count != 0 || !tim.Group {
		t.Errorf("TIM %+v at the DTIM", tim)
	}
	if tim := lastTIM(t, s, 1); tim.Group {
		t.Errorf("TIM %+v of the link that is awake", tim)
	}
	wantTexts(t, s, "a", "b", "a", "b")
	if first, last := s.received[2], s.received[3]; first.link != 0 || !first.more || last.more {
		t.Errorf("frames behind the DTIM: %+v, %+v", first, last)
	}
	wantAwake(t, s)
	wantTexts(t, awake, "a", "b", "a", "b")
}

// A station that sleeps for long loses the oldest, and the table does not grow.
func TestBufferBound(t *testing.T) {
	e, a := alone(t, configOf(t, 1, oneLink(t)))
	s := e.join(1, 1, ap.SAE)
	s.mustConnect(a.Addr())
	s.doze(0)
	for i := range ap.MaxWaiting + 10 {
		down(e, a, s.mld, fmt.Sprint(i))
		down(e, a, dot11.BroadcastAddr(), fmt.Sprint("all ", i))
	}
	if got := a.Stations()[0].Waiting; got != ap.MaxWaiting {
		t.Errorf("%d frames wait, want %d", got, ap.MaxWaiting)
	}
	s.wake(0)
	if got := s.texts(); len(got) != ap.MaxWaiting || got[0] != "10" {
		t.Errorf("%d frames, the first is %q", len(got), got[0])
	}
	s.received = nil
	e.run(200 * ap.TU)
	if got := s.texts(); len(got) != ap.MaxWaiting || got[0] != "all 10" {
		t.Errorf("%d frames to the group, the first is %q", len(got), got[0])
	}
}

// Group keys and SA Queries wait for a sleeping station as data do.
func TestManagementForDozing(t *testing.T) {
	e, a := alone(t, configOf(t, 1, twoLinks(t)))
	s := e.join(1, 2, ap.SAE)
	s.mustConnect(a.Addr())
	s.doze(0, 1)
	e.make(a, ap.Rule{Fault: "rekey"})
	e.make(a, ap.Rule{Fault: "transition"})
	e.settle()
	if s.rekeys != 0 || len(s.requests) != 0 {
		t.Fatal("frames have reached a sleeping station")
	}
	e.nextBeacons()
	if tim := lastTIM(t, s, 0); !tim.Has(s.aid) {
		t.Error("beacons do not say that frames wait")
	}
	s.wake(1)
	e.settle()
	if s.rekeys != 1 || len(s.requests) != 1 {
		t.Errorf("%d handshakes, %d requests after waking up", s.rekeys, len(s.requests))
	}
	e.run(time.Second)
	s.wake(0)
	wantAwake(t, s)
	exchange(t, e, a, s)
}

// A station that comes back is awake, whatever it was before.
func TestDozingThenBack(t *testing.T) {
	e, a := alone(t, configOf(t, 1, oneLink(t)))
	s := e.join(1, 1, ap.SAE)
	s.mustConnect(a.Addr())
	s.doze(0)
	s.leave()
	s.mustConnect(a.Addr())
	exchange(t, e, a, s)
}
