package ap_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roamfault/nl80211/dot11"
	"roamfault/roam/lab/ap"
	"roamfault/roam/rsn/keys"
	"roamfault/roam/rsn/sae"
)

func TestConnect(t *testing.T) {
	two, five, six := channel(t, dot11.Band2GHz, 6), channel(t, dot11.Band5GHz, 36), channel(t, dot11.Band6GHz, 37)
	other := channel(t, dot11.Band5GHz, 149)
	p256 := []sae.Group{sae.GroupP256}
	tests := []struct {
		name     string
		channels []dot11.Channel
		change   []func(*ap.Config)
		links    int
		security ap.Security
		station  func(*station)
		via      uint8
	}{
		{"open, 2.4 GHz", []dot11.Channel{two}, []func(*ap.Config){openNetwork, noMLD}, 0, ap.Open, nil, 0},
		{"open, three links", []dot11.Channel{two, five, six}, []func(*ap.Config){openNetwork}, 3, ap.Open, nil, 0},
		{"psk, 2.4 GHz", []dot11.Channel{two}, []func(*ap.Config){pskNetwork}, 0, ap.PSK, nil, 0},
		{"psk, 5 GHz", []dot11.Channel{five}, []func(*ap.Config){pskNetwork}, 0, ap.PSK, nil, 0},
		{"sae, 2.4 GHz, no MLD", []dot11.Channel{two}, []func(*ap.Config){noMLD}, 0, ap.SAE, nil, 0},
		{"sae, 6 GHz, no MLD", []dot11.Channel{six}, []func(*ap.Config){noMLD}, 0, ap.SAE, nil, 0},
		{"sae, one link", []dot11.Channel{five}, nil, 1, ap.SAE, nil, 0},
		{"sae, two links of one band", []dot11.Channel{five, other}, nil, 2, ap.SAE, nil, 0},
		{"sae, two links, associated on the second", []dot11.Channel{five, other}, nil, 2, ap.SAE, nil, 1},
		{"sae, three links of three bands", []dot11.Channel{two, five, six}, nil, 3, ap.SAE, nil, 0},
		{"sae, three links, associated on 6 GHz", []dot11.Channel{two, five, six}, nil, 3, ap.SAE, nil, 2},
		{"sae, two of three links", []dot11.Channel{two, five, six}, nil, 2, ap.SAE, nil, 1},
		{"station without multi-link at an AP MLD", []dot11.Channel{two, five}, nil, 0, ap.SAE, nil, 1},
		{"station of another kind of frame protection", []dot11.Channel{two, five}, nil, 2, ap.SAE, func(s *station) { s.linkForm = true }, 0},
		{"hunting and pecking", []dot11.Channel{five, other}, nil, 2, ap.SAE, func(s *station) { s.method = sae.Looping }, 0},
		{"group 20", []dot11.Channel{five}, []func(*ap.Config){groups(sae.GroupP384)}, 1, ap.SAE,
			func(s *station) { s.groups = []sae.Group{sae.GroupP384} }, 0},
		{"group 21", []dot11.Channel{five}, []func(*ap.Config){groups(sae.GroupP521)}, 1, ap.SAE,
			func(s *station) { s.groups = []sae.Group{sae.GroupP521} }, 0},
		{"group 20 after 21 was rejected", []dot11.Channel{five}, []func(*ap.Config){groups(sae.GroupP384, sae.GroupP256)}, 1, ap.SAE,
			func(s *station) { s.groups = []sae.Group{sae.GroupP521, sae.GroupP384} }, 0},
		{"AKM 24", []dot11.Channel{five, other}, []func(*ap.Config){extKey}, 2, ap.SAE,
			func(s *station) { s.akm, s.groups = keys.AKMSAEExtKey, p256 }, 0},
		{"AKM 24, group 20", []dot11.Channel{five, other}, []func(*ap.Config){extKey, groups(sae.GroupP384)}, 2, ap.SAE,
			func(s *station) { s.akm, s.groups = keys.AKMSAEExtKey, []sae.Group{sae.GroupP384} }, 0},
		{"AKM 24, group 21", []dot11.Channel{five, other}, []func(*ap.Config){extKey, groups(sae.GroupP521)}, 2, ap.SAE,
			func(s *station) { s.akm, s.groups = keys.AKMSAEExtKey, []sae.Group{sae.GroupP521} }, 0},
		{"AKM 8 where 24 is on offer", []dot11.Channel{five}, []func(*ap.Config){extKey}, 1, ap.SAE, nil, 0},
		{"GCMP-256", []dot11.Channel{five, other}, []func(*ap.Config){ciphers(keys.GCMP256)}, 2, ap.SAE,
			func(s *station) { s.cipher, s.group = keys.GCMP256, keys.GCMP256 }, 0},
		{"the second of two ciphers", []dot11.Channel{five}, []func(*ap.Config){ciphers(keys.CCMP128, keys.GCMP256)}, 1, ap.SAE,
			func(s *station) { s.cipher = keys.GCMP256 }, 0},
		{"beacon protection", []dot11.Channel{five, other}, []func(*ap.Config){beaconKey}, 2, ap.SAE, nil, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e, a := alone(t, configOf(t, 1, tt.channels, tt.change...))
			s := e.join(1, tt.links, tt.security, func(s *station) {
				s.via = tt.via
				if tt.station != nil {
					tt.station(s)
				}
			})
			to := a.Addr()
			if tt.links == 0 {
				to = a.Links()[tt.via].BSSID
				s.via = 0
			}
			s.mustConnect(to)
			e.wantEvents(ap.Authenticated, s.mld, 1)
			e.wantEvents(ap.Associated, s.mld, 1)
			e.wantEvents(ap.Connected, s.mld, 1)
			wantStation(t, a, s)
			exchange(t, e, a, s)
			for _, err := range append(s.bad, s.handshakeErrors...) {
				t.Error(err)
			}
		})
	}
}

// wantStation checks what the access point says of its only station.
func wantStation(t *testing.T, a *ap.AP, s *station) {
	t.Helper()
	want := ap.Station{Addr: s.mld, AID: s.aid, MultiLink: s.multi(), Connected: true}
	for _, l := range a.Links() {
		if own := s.over[l.ID]; own != nil && !own.refused && own.bssid == l.BSSID {
			want.Links = append(want.Links, ap.StationLink{ID: l.ID, Addr: own.addr})
		}
	}
	got := a.Stations()
	if len(got) == 1 {
		got[0].Form = 0 // learned later
	}
	if diff := cmp.Diff([]ap.Station{want}, got); diff != "" {
		t.Errorf("stations (-want +got):\n%s", diff)
	}
	if s.aid < 1 || s.aid > 2007 {
		t.Errorf("association identifier %d", s.aid)
	}
}

// exchange sends data in both directions over every link of a station.
func exchange(t *testing.T, e *ether, a *ap.AP, s *station) {
	t.Helper()
	host := dot11.Addr{0x02, 0, 0, 0xff, 0, 1}
	a.Up()
	for id, l := range s.over {
		if l.refused {
			continue
		}
		text := fmt.Appendf(nil, "over link %d", id)
		s.received = nil
		s.send(id, host, testEtherType, text)
		want := []dot11.MSDU{{Dst: host, Src: s.mld, EtherType: testEtherType, Payload: text}}
		if diff := cmp.Diff(want, a.Up()); diff != "" {
			t.Errorf("up over link %d (-want +got):\n%s", id, diff)
		}
		// The answer takes the link the station was heard on.
		a.Down(e.now, dot11.MSDU{Dst: s.mld, Src: host, EtherType: testEtherType, Payload: text})
		e.settle()
		down := []got{{link: id, MSDU: dot11.MSDU{Dst: s.mld, Src: host, EtherType: testEtherType, Payload: text}}}
		if diff := cmp.Diff(down, s.received, cmp.AllowUnexported(got{})); diff != "" {
			t.Errorf("down over link %d (-want +got):\n%s", id, diff)
		}
	}
}
