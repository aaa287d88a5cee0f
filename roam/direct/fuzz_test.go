package direct

import (
	"testing"

	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
	"roamfault/roam"
	"roamfault/roam/rsn/keys"
	"roamfault/roam/rsn/sae"
)

// heard is what a link of an AP MLD says of itself.
func heard(link uint8) []byte {
	rsne := dot11.RSNE{
		Version: dot11.RSNVersion, Group: dot11.CipherCCMP128, Pairwise: []dot11.Suite{dot11.CipherCCMP128},
		AKMs: []dot11.Suite{dot11.AKMSAE}, Capabilities: dot11.RSNMFPCapable | dot11.RSNMFPRequired,
	}
	ml := dot11.MultiLink{Type: dot11.MultiLinkBasic, MLDAddr: dot11.Addr{2, 1}, LinkID: dot11.Some(link)}
	return dot11.Elements{
		dot11.SSIDElement([]byte("fuzz")), rsne.Element(), dot11.NewRSNXE(dot11.RSNXSAEH2E).Element(), ml.Element(),
	}.Append(nil)
}

// surroundingsOf are scan results of those elements.
func surroundingsOf(raws ...[]byte) *surroundings {
	s := &surroundings{
		networks: []*network{{ssid: []byte("fuzz"), psk: make([]byte, pskLen), password: &sae.Password{}}, {}},
		wiphy: &nl80211.Wiphy{
			MLO: true, Features: nl80211.FeatureSAE, Bands: []nl80211.Band{{Band: dot11.Band5GHz}},
			Ciphers: []dot11.Suite{dot11.CipherCCMP128, dot11.CipherGCMP256, dot11.CipherBIPCMAC128},
		},
		config: &Config{},
	}
	for i, raw := range raws {
		s.results = append(s.results, nl80211.BSS{BSSID: dot11.Addr{2, 1, byte(i)}, Freq: 5180 + 20*i, Raw: raw})
	}
	return s
}

// Whatever beacons say, a route has the links that it needs, and what is said of
// them can be said on.
func FuzzRoute(f *testing.F) {
	f.Add(heard(0), heard(1))
	f.Add(heard(3), heard(3))
	f.Add(dot11.SSIDElement([]byte("fuzz")).Append(nil), heard(1))
	f.Add(heard(0)[:20], []byte{221, 255})
	f.Fuzz(func(t *testing.T, one, two []byte) {
		s := surroundingsOf(one, two)
		r, err := s.route(roam.Target{BSSID: dot11.Addr{2, 1, 0}})
		if err != nil {
			return
		}
		if r.first().bssid != (dot11.Addr{2, 1, 0}) || !r.multi && len(r.legs) != 1 || !r.has(r.peer) {
			t.Errorf("route %+v", r)
		}
		if r.open() {
			return
		}
		elements, err := dot11.ParseElements(r.rsneFor(&keys.PMKID{1}))
		if err != nil || len(elements) != 1 {
			t.Fatalf("our RSNE: %v, %v", elements, err)
		}
		chosen, err := dot11.ParseRSNE(elements[0].Body)
		if err != nil || keys.AKM(chosen.AKMs[0]) != r.akm || len(chosen.PMKIDs) != 1 || keys.Cipher(chosen.GroupManagement) != r.management {
			t.Errorf("our RSNE: %+v, %v", chosen, err)
		}
	})
}

// BenchmarkRoute finds the way among so many scan results as a block of flats has.
func BenchmarkRoute(b *testing.B) {
	var raws [][]byte
	for i := range 60 {
		raw := heard(uint8(i % 2))
		if i >= 2 {
			raw = dot11.Elements{dot11.SSIDElement([]byte("neighbour"))}.Append(nil)
		}
		raws = append(raws, raw)
	}
	s := surroundingsOf(raws...)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.route(roam.Target{BSSID: dot11.Addr{2, 1, 0}}); err != nil {
			b.Fatal(err)
		}
	}
}
