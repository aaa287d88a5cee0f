package ap_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"roamfault/nl80211/dot11"
	"roamfault/roam/lab/ap"
)

func only(link uint8) *uint8 { return &link }

// A channel switch is counted down in the beacons of the link, in both elements,
// and the first beacon after a count of one is on the new channel.
func TestChannelSwitch(t *testing.T) {
	e, a := alone(t, configOf(t, 1, twoLinks(t)))
	s := e.join(1, 2, ap.SAE)
	s.mustConnect(a.Addr())
	e.forget()
	e.make(a, ap.Rule{Fault: "channel-switch", Link: only(1), Channel: 161, TU: 300})
	e.run(5 * 100 * ap.TU)
	to := channel(t, dot11.Band5GHz, 161)
	type said struct {
		freq, count, extended int
		switching             uint8
	}
	var got []said
	for _, x := range e.sent(false, dot11.Beacon) {
		h, body := x.header(t)
		if h.Addr2 != a.Links()[1].BSSID {
			continue
		}
		b, err := dot11.ParseBeaconBody(body)
		if err != nil {
			t.Fatal(err)
		}
		one := said{freq: x.Freq, count: -1, extended: -1}
		if body, ok := b.Elements.Find(dot11.ElementChannelSwitch); ok {
			c, err := dot11.ParseChannelSwitch(body)
			if err != nil {
				t.Fatal(err)
			}
			one.count, one.switching = int(c.Count), c.Channel
		}
		if body, ok := b.Elements.Find(dot11.ElementExtChannelSwitch); ok {
			c, err := dot11.ParseExtChannelSwitch(body)
			if err != nil {
				t.Fatal(err)
			}
			one.extended = int(c.Count)
			if c.Class != to.OperatingClass() || c.Channel != one.switching {
				t.Errorf("the elements differ: %+v", c)
			}
		}
		got = append(got, one)
	}
	old := twoLinks(t)[1].Freq
	want := []said{{old, 3, 3, 161}, {old, 2, 2, 161}, {old, 1, 1, 161}, {to.Freq, -1, -1, 0}, {to.Freq, -1, -1, 0}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(said{})); diff != "" {
		t.Errorf("beacons (-want +got):\n%s", diff)
	}
	e.wantEvents(ap.ChannelSwitched, dot11.Addr{}, 1)
	if a.Links()[1].Channel != to {
		t.Errorf("the link is on %v", a.Links()[1].Channel)
	}
	// The station that follows goes on; one that stays is not heard.
	a.Up()
	s.send(1, host, testEtherType, []byte("on the old channel"))
	if up := a.Up(); len(up) > 0 {
		t.Errorf("heard on the old channel: %+v", up)
	}
	s.over[1].freq = to.Freq
	exchange(t, e, a, s)
}

// The other link tells of the change by its neighbor report.
func TestChannelSwitchTold(t *testing.T) {
	e, a := alone(t, configOf(t, 1, twoLinks(t)))
	e.run(0)
	report := func() dot11.NeighborAP {
		t.Helper()
		e.forget()
		e.nextBeacons()
		_, bodies := beaconsOf(t, e, a.Links()[0].BSSID)
		body, _ := bodies[len(bodies)-1].Elements.Find(dot11.ElementReducedNeighborReport)
		r, err := dot11.ParseReducedNeighborReport(body)
		if err != nil || len(r) != 1 {
			t.Fatalf("%v, %v", r, err)
		}
		return r[0]
	}
	before := report()
	e.make(a, ap.Rule{Fault: "channel-switch", Link: only(1), Channel: 44, TU: 100})
	during := report()
	if during.BSSs[0].MLD.BSSChangeCount != before.BSSs[0].MLD.BSSChangeCount+1 {
		t.Errorf("change count %d after %d", during.BSSs[0].MLD.BSSChangeCount, before.BSSs[0].MLD.BSSChangeCount)
	}
	e.nextBeacons()
	if after := report(); after.Channel != 44 {
		t.Errorf("the neighbor is on channel %d", after.Channel)
	}
}

// The removal of a link is counted down; then the link is silent and its
// stations go on without it.
func TestLinkRemoval(t *testing.T) {
	e, a := alone(t, configOf(t, 1, twoLinks(t)))
	s := e.join(1, 2, ap.SAE)
	single := e.join(2, 1, ap.SAE)
	s.mustConnect(a.Addr())
	single.mustConnect(a.Addr())
	removed := a.Links()[0]
	e.forget()
	e.make(a, ap.Rule{Fault: "link-removal", Link: only(0), TU: 300})
	e.run(6 * 100 * ap.TU)
	_, bodies := beaconsOf(t, e, removed.BSSID)
	var timers []uint16
	for _, b := range bodies {
		for _, element := range b.Elements {
			if element.Ext != dot11.ExtMultiLink {
				continue
			}
			ml, err := dot11.ParseMultiLink(element.Body)
			if err != nil {
				t.Fatal(err)
			}
			if p, ok := ml.Profile(0); ml.Type == dot11.MultiLinkReconfigure && ok {
				timers = append(timers, p.RemovalTimer.Value)
			}
		}
	}
	if diff := cmp.Diff([]uint16{3, 2, 1}, timers); diff != "" || len(bodies) != 3 {
		t.Errorf("removal timers in %d beacons (-want +got):\n%s", len(bodies), diff)
	}
	e.wantEvents(ap.LinkRemoved, dot11.Addr{}, 1)
	e.wantEvents(ap.Forgotten, single.mld, 1)
	if links := a.Links(); len(links) != 1 || links[0].ID != 1 {
		t.Errorf("links %+v", links)
	}
	delete(s.over, 0)
	exchange(t, e, a, s)
	// Keys still change, of the link that is left.
	e.make(a, ap.Rule{Fault: "rekey"})
	e.settle()
	e.wantEvents(ap.Rekeyed, s.mld, 1)
	broadcast(t, e, a, "all")
	if n := len(e.sent(false, dot11.Data)); n != 1 {
		t.Errorf("%d frames to the group of one link", n)
	}
	// A newcomer gets what there is.
	third := e.join(3, 1, ap.SAE, func(s *station) { s.via = 1 })
	third.mustConnect(a.Addr())
	if err := a.Consistent(); err != nil {
		t.Error(err)
	}
}
