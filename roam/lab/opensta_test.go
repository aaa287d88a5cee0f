package lab

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roamfault/nl80211/dot11"
	"roamfault/roam/lab/ap"
)

// openSta is a station of an open network, without multi-link.
type openSta struct {
	t     testing.TB
	addr  dot11.Addr
	bssid dot11.Addr
	freq  int
	seq   uint16
}

func newOpenSta(t testing.TB, n byte) *openSta {
	return &openSta{t: t, addr: dot11.Addr{0x02, 0, 0, 0x80, n, 0}}
}

// at makes the station speak to an access point from now on.
func (s *openSta) at(a *ap.AP) {
	l := a.Links()[0]
	s.bssid, s.freq = l.BSSID, l.Channel.Freq
}

func (s *openSta) frame(fc dot11.FrameControl, third dot11.Addr, body []byte) ap.Frame {
	s.seq++
	h := dot11.Header{FC: fc, Addr1: s.bssid, Addr2: s.addr, Addr3: third, Seq: s.seq << 4}
	return ap.Frame{Freq: s.freq, Data: append(h.Append(nil), body...)}
}

func (s *openSta) auth() ap.Frame {
	body := dot11.AuthBody{Algorithm: dot11.AuthOpen, Transaction: 1}
	return s.frame(dot11.Auth, s.bssid, body.Append(nil))
}

func (s *openSta) assoc(ssid string) ap.Frame {
	body := dot11.AssocRequestBody{Elements: dot11.Elements{dot11.SSIDElement([]byte(ssid))}}
	return s.frame(dot11.AssocRequest, s.bssid, body.Append(nil))
}

func (s *openSta) data(dst dot11.Addr, etherType uint16, payload []byte) ap.Frame {
	return s.frame(dot11.QoSData|dot11.ToDS, dst, append(dot11.AppendLLC(nil, etherType), payload...))
}

// hears returns the MSDUs among frames that are for the station.
func (s *openSta) hears(air []ap.Frame) []dot11.MSDU {
	s.t.Helper()
	var found []dot11.MSDU
	for _, f := range air {
		h, body, err := dot11.ParseHeader(f.Data)
		if err != nil {
			s.t.Fatal(err)
		}
		own := h.Addr1 == s.addr || h.Addr1.Group() && h.Addr3 != s.addr
		if !h.FC.Data() || h.FC.Null() || f.Freq != s.freq || h.Addr2 != s.bssid || !own {
			continue
		}
		etherType, payload, err := dot11.ParseLLC(body)
		if err != nil {
			s.t.Fatal(err)
		}
		found = append(found, dot11.MSDU{Dst: h.Addr1, Src: h.Addr3, EtherType: etherType, Payload: slices.Clone(payload)})
	}
	return found
}

// wants checks what the station hears.
func (s *openSta) wants(air []ap.Frame, want ...dot11.MSDU) {
	s.t.Helper()
	if diff := cmp.Diff(want, s.hears(air)); diff != "" {
		s.t.Errorf("station %v hears (-want +got):\n%s", s.addr, diff)
	}
}

const openSSID = "open air"

// openPlan are so many access points of an open network, each with one link.
func openPlan(t testing.TB, n byte) Plan {
	t.Helper()
	plan, err := DefaultPlan()
	if err != nil {
		t.Fatal(err)
	}
	plan.APs = nil
	for i := range n {
		c, err := dot11.ChannelOf(dot11.Band5GHz, 36+4*i)
		if err != nil {
			t.Fatal(err)
		}
		plan.APs = append(plan.APs, ap.Config{
			Name: string('a' + rune(i)), SSID: openSSID, Security: ap.Open,
			Links: []ap.Link{{BSSID: dot11.Addr{0x02, 0, 0, i + 1, 1, 0}, Channel: c, Signal: -40}},
		})
	}
	return plan
}

func newNetwork(t testing.TB, p Plan) *Network {
	t.Helper()
	n, err := NewNetwork(p)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// join connects a station to an access point of a network.
func join(n *Network, s *openSta, a *ap.AP) {
	s.t.Helper()
	s.at(a)
	for _, f := range []ap.Frame{s.auth(), s.assoc(openSSID)} {
		if !n.Receive(0, f) {
			s.t.Fatal("a frame was not acknowledged")
		}
	}
	for _, known := range a.Stations() {
		if known.Addr == s.addr && known.Connected {
			return
		}
	}
	s.t.Fatalf("the station is not connected: %+v", a.Stations())
}
