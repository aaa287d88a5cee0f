package ap_test

import (
	"net/netip"
	"testing"
	"time"

	"roamfault/nl80211/dot11"
	"roamfault/roam/lab"
	"roamfault/roam/lab/ap"
)

// campus is the air of two access points of one network.
func campus(t *testing.T) (*ether, *lab.Network) {
	t.Helper()
	channels := twoLinks(t)
	others := []dot11.Channel{channel(t, dot11.Band5GHz, 44), channel(t, dot11.Band5GHz, 157)}
	n, err := lab.NewNetwork(lab.Plan{
		APs: []ap.Config{configOf(t, 1, channels), configOf(t, 2, others)}, Gateway: host, Prefix: netip.MustParsePrefix("192.0.2.0/24"),
	})
	if err != nil {
		t.Fatal(err)
	}
	e := newEther(t, n)
	e.run(100 * ap.TU)
	return e, n
}

// arp asks for the gateway and reports whether it has answered.
func (s *station) arp(link uint8) bool {
	own, gateway := [4]byte{192, 0, 2, 50}, [4]byte{192, 0, 2, 1}
	b := []byte{0, 1, 8, 0, 6, 4, 0, 1}
	b = append(append(b, s.mld[:]...), own[:]...)
	b = append(append(b, 0, 0, 0, 0, 0, 0), gateway[:]...)
	before := len(s.received)
	s.send(link, dot11.BroadcastAddr(), 0x0806, b)
	for _, g := range s.received[before:] {
		if g.EtherType == 0x0806 && g.Src == host && g.Dst == s.mld {
			return true
		}
	}
	return false
}

// A station that goes from one access point to another and back has the gateway
// at each, is known to one at a time, and needs SAE once for each.
func TestRoam(t *testing.T) {
	e, n := campus(t)
	s := e.join(1, 2, ap.SAE)
	other := e.join(2, 2, ap.SAE)
	other.mustConnect(apMLD(1))
	for round := range 6 {
		to := byte(1 + round%2)
		e.forget()
		s.mustConnect(apMLD(to))
		for i, a := range n.APs() {
			here := 0
			for _, known := range a.Stations() {
				if known.Addr == s.mld {
					here++
				}
			}
			if want := map[bool]int{true: 1}[i == int(to)-1]; here != want {
				t.Errorf("round %d: access point %d knows the station %d times", round, i+1, here)
			}
		}
		if got := len(e.sent(true, dot11.Auth)); got != map[bool]int{true: 2, false: 1}[round < 2] {
			t.Errorf("round %d: %d authentication frames", round, got)
		}
		if round > 0 {
			e.wantEvents(ap.Forgotten, s.mld, 1)
		}
		for link := range s.over {
			if !s.arp(link) {
				t.Errorf("round %d: the gateway does not answer over link %d", round, link)
			}
		}
		s.received = nil
		other.send(0, s.mld, testEtherType, []byte("where are you"))
		wantTexts(t, s, "where are you")
	}
	for _, err := range append(s.bad, other.bad...) {
		t.Error(err)
	}
}

// Who asks at another access point in the name of a station, but does not have
// its keys, does not end its association.
func TestSpoofingElsewhere(t *testing.T) {
	e, n := campus(t)
	s := e.join(1, 2, ap.SAE)
	s.mustConnect(apMLD(2))
	s.mustConnect(apMLD(1))
	thief := e.twin(s)
	k := s.cache[apMLD(2)]
	k.PMK = make([]byte, len(k.PMK)) // it has heard the PMKID
	thief.cache[apMLD(2)] = k
	if thief.connect(apMLD(2)) {
		t.Fatal("connected without the PMK")
	}
	e.run(5 * time.Second)
	e.wantEvents(ap.Associated, s.mld, 3)
	if !s.arp(0) {
		t.Error("the station has lost its connection")
	}
	if got := n.APs()[0].Stations(); len(got) != 1 || !got[0].Connected {
		t.Errorf("stations %+v", got)
	}
}
