package dot11

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// exampleRSNE is that of a WPA3-Personal network.
func exampleRSNE() *RSNE {
	return &RSNE{
		Version: RSNVersion, Group: CipherCCMP128, Pairwise: []Suite{CipherCCMP128}, AKMs: []Suite{AKMSAE},
		Capabilities: RSNMFPCapable | RSNMFPRequired | RSNPTKSAReplayCounters,
	}
}

// exampleBeacon is that of one link of an AP MLD with two.
func exampleBeacon() *BeaconBody {
	channel, _ := ChannelOf(Band5GHz, 36)
	tim := NewTIM(0, 2, true, []uint16{1, 5})
	wmm := DefaultWMM()
	ml := MultiLink{MLDAddr: addr(0x20, 0), LinkID: Some(uint8(0)), BSSChangeCount: Some(uint8(1)), MLDCapabilities: Some(MLDCapabilities(1))}
	capabilities := CapabilityElements(channel, 5, GenerationEHT)
	es := Elements{SSIDElement([]byte("lab"))}
	es = append(es, RateElements(append(DefaultRates(Band5GHz), SelectorSAEH2E)...)...)
	es = append(es, tim.Element(), exampleRSNE().Element())
	es = append(es, capabilities[:4]...)
	es = append(es, DefaultExtendedCapabilities().Element(), exampleRNR().Element(), NewRSNXE(RSNXSAEH2E).Element())
	es = append(es, capabilities[4:6]...)
	es = append(es, ml.Element())
	es = append(es, capabilities[6:]...)
	es = append(es, wmm.Element())
	return &BeaconBody{Timestamp: 1 << 40, Interval: 100, Capability: CapabilityESS | CapabilityPrivacy, Elements: es}
}

func exampleRNR() ReducedNeighborReport {
	channel, _ := ChannelOf(Band5GHz, 149)
	return ReducedNeighborReport{{
		Format: TBTTFullMLD, Class: channel.OperatingClass(), Channel: channel.Number,
		BSSs: []TBTTInfo{{
			Offset: 255, BSSID: addr(0x20, 1), ShortSSID: ShortSSID([]byte("lab")),
			Parameters: BSSSameSSID | BSSColocatedAP, PSD: 127, MLD: NeighborMLD{LinkID: 1, BSSChangeCount: 1},
		}},
	}}
}

// TestElementsKernelsTake has the elements with which stations of Linux 6.12 and
// 7.2 have been seen to associate.
func TestElementsKernelsTake(t *testing.T) {
	channel, err := ChannelOf(Band5GHz, 36)
	if err != nil {
		t.Fatal(err)
	}
	ht, htOperation := DefaultHTCapabilities(), DefaultHTOperation(36)
	vht, vhtOperation := DefaultVHTCapabilities(), DefaultVHTOperation()
	he, heOperation := DefaultHECapabilities(Band5GHz), DefaultHEOperation(channel, 5)
	eht, ehtOperation := DefaultEHTCapabilities(&he), DefaultEHTOperation()
	wmm := DefaultWMM()
	tim := NewTIM(0, 2, false, nil)
	tests := []struct {
		name string
		e    Elements
		want string
	}{
		{"rates", RateElements(DefaultRates(Band5GHz)...), "01 08 8c129824b048606c"},
		{"hash to element only", RateElements(append(DefaultRates(Band5GHz), SelectorSAEH2E)...)[1:], "32 01 fb"},
		{"TIM", Elements{tim.Element()}, "05 04 00020000"},
		{"RSNE", Elements{exampleRSNE().Element()}, "30 14 0100000fac040100000fac040100000fac08cc00"},
		{"HT capabilities", Elements{ht.Element()}, "2d 1a 0c00 1b ffff 00000000000000000000 01 00000000000000000000"},
		{"HT operation", Elements{htOperation.Element()}, "3d 16 24 000000000000000000000000000000000000000000"},
		{"extended capabilities", Elements{DefaultExtendedCapabilities(ExtCapBeaconProtection).Element()}, "7f 0b 04000002000000c0014010"},
		{"VHT capabilities", Elements{vht.Element()}, "bf 0c 00000000aaaa0000aaaa0000"},
		{"VHT operation", Elements{vhtOperation.Element()}, "c0 05 000000fcff"},
		{"RNR", Elements{exampleRNR().Element()}, "c9 14 0010 7d 95 ff 020000002001 c4b1d661 427f 00 11 00"},
		{"RSNXE", Elements{NewRSNXE(RSNXSAEH2E).Element()}, "f4 01 20"},
		{"HE capabilities", Elements{he.Element()}, "ff 1e 23 0178c81a4000 1cbfce0000000000000000 fafffafffafffafffafffaff"},
		{"HE operation", Elements{heOperation.Element()}, "ff 07 24 f03f00 05 fcff"},
		{"EHT capabilities", Elements{eht.Element()}, "ff 14 6c 0700 9c1f3ffeffff7f0700 888888888888 0000"},
		{"EHT operation", Elements{ehtOperation.Element()}, "ff 06 6a 40 11000000"},
		{"WMM", Elements{wmm.Element()}, "dd 18 0050f2020101010003a4000027a4000042435e0062322f00"},
		{"WMM information", Elements{WMMInformationElement(0)}, "dd 07 0050f202000100"},
		{"DSSS parameters", Elements{DSSSParameterElement(6)}, "03 01 06"},
		{"ERP", Elements{ERPElement()}, "2a 01 00"},
		{"power constraint", Elements{PowerConstraintElement(3)}, "20 01 03"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(unhex(t, tc.want), tc.e.Append(nil)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestCapabilityElements(t *testing.T) {
	ids := func(es Elements) (list []int) {
		for _, e := range es {
			list = append(list, int(e.ID)<<8|int(e.Ext))
		}
		return list
	}
	const (
		htC, htO, vhtC, vhtO = 45 << 8, 61 << 8, 191 << 8, 192 << 8
		heC, heO, he6        = 255<<8 | 35, 255<<8 | 36, 255<<8 | 59
		ehtO, ehtC           = 255<<8 | 106, 255<<8 | 108
	)
	tests := []struct {
		band   Band
		number uint8
		g      Generation
		want   []int
	}{
		{Band2GHz, 6, GenerationLegacy, nil},
		{Band2GHz, 6, GenerationVHT, []int{htC, htO}},
		{Band2GHz, 6, GenerationEHT, []int{htC, htO, heC, heO, ehtO, ehtC}},
		{Band5GHz, 36, GenerationHT, []int{htC, htO}},
		{Band5GHz, 36, GenerationVHT, []int{htC, htO, vhtC, vhtO}},
		{Band5GHz, 36, GenerationHE, []int{htC, htO, vhtC, vhtO, heC, heO}},
		{Band6GHz, 37, GenerationVHT, nil},
		{Band6GHz, 37, GenerationEHT, []int{heC, heO, he6, ehtO, ehtC}},
	}
	for _, tc := range tests {
		channel, err := ChannelOf(tc.band, tc.number)
		if err != nil {
			t.Fatal(err)
		}
		es := CapabilityElements(channel, 3, tc.g)
		if diff := cmp.Diff(tc.want, ids(es), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%v generation %d (-want +got):\n%s", channel, tc.g, diff)
		}
		if tc.g == GenerationEHT {
			checkEHT(t, es, channel)
		}
	}
}

// checkEHT reads what a station reads to know the channel and the streams.
func checkEHT(t *testing.T, es Elements, channel Channel) {
	t.Helper()
	body, _ := es.FindExt(ExtHECapabilities)
	he, err := ParseHECapabilities(body)
	if err != nil {
		t.Fatal(err)
	}
	body, _ = es.FindExt(ExtEHTCapabilities)
	if _, err := ParseEHTCapabilities(body, &he, true); err != nil {
		t.Errorf("%v: %v", channel, err)
	}
	if he.MCS80.Rx.Max() != 2 {
		t.Errorf("%v: %d streams, want 2", channel, he.MCS80.Rx.Max())
	}
	body, _ = es.FindExt(ExtHEOperation)
	operation, err := ParseHEOperation(body)
	if err != nil {
		t.Fatal(err)
	}
	if operation.SixGHz.Present != (channel.Band == Band6GHz) || operation.SixGHz.Present && operation.SixGHz.Value.Primary != channel.Number {
		t.Errorf("%v: 6 GHz operation %+v", channel, operation.SixGHz)
	}
}

func TestBits(t *testing.T) {
	var m HEMAC
	m.Set(HEMACMultiTIDTx, 5) // bits 39 to 41, over two octets
	if want := (HEMAC{4: 0x80, 5: 0x02}); m != want {
		t.Errorf("%x, want %x", m, want)
	}
	if got := m.Get(HEMACMultiTIDTx); got != 5 {
		t.Errorf("Get = %d, want 5", got)
	}
	m.Set(HEMACMultiTIDTx, 0xff)
	m.Set(HEMACMultiTIDTx, 0)
	if want := (HEMAC{}); m != want {
		t.Errorf("%x, want %x", m, want)
	}
	var e EHTPHY
	e.Set(EHTPHYField(71<<8|4), 15) // only its first bit is there
	if got := e.Get(EHTPHYField(71<<8 | 4)); got != 1 || e[8] != 0x80 {
		t.Errorf("Get beyond the end = %d, %x", got, e)
	}
}

func TestMCSMap(t *testing.T) {
	if m := NewMCSMap(2, 2); m != 0xfffa || m.Max() != 2 || m.Streams(2) != 2 || m.Streams(3) != MCSNone {
		t.Errorf("NewMCSMap(2, 2) = %#04x", m)
	}
	if m := NewMCSMap(9, 1); m != 0x5555 || m.Max() != 8 {
		t.Errorf("NewMCSMap(9, 1) = %#04x", m)
	}
	if m := NewMCSMap(0, 0); m != 0xffff || m.Max() != 0 || m.Streams(0) != MCSNone || m.Streams(9) != MCSNone {
		t.Errorf("NewMCSMap(0, 0) = %#04x", m)
	}
}

func TestBitsOfElements(t *testing.T) {
	x := NewRSNXE(RSNXSAEH2E, RSNXSPPAMSDU)
	if diff := cmp.Diff(RSNXE{0x21, 0x40}, x); diff != "" {
		t.Errorf("RSNXE (-want +got):\n%s", diff)
	}
	if !x.Has(RSNXSAEH2E) || !x.Has(RSNXSPPAMSDU) || x.Has(RSNXSAEPK) || x.Has(0) || x.Has(200) {
		t.Errorf("bits of %x", x)
	}
	c := NewExtendedCapabilities(ExtCapBSSTransition)
	if !c.Has(ExtCapBSSTransition) || c.Has(ExtCapTDLS) || len(c) != 3 {
		t.Errorf("extended capabilities %x", c)
	}
}

func TestSSID(t *testing.T) {
	if ssid, ok := (Elements{SSIDElement([]byte("lab"))}).SSID(); !ok || string(ssid) != "lab" {
		t.Errorf("SSID = %q, %v", ssid, ok)
	}
	if _, ok := (Elements{SSIDElement(counted(33))}).SSID(); ok {
		t.Error("an SSID of 33 octets is taken")
	}
	if _, ok := (Elements{}).SSID(); ok {
		t.Error("an SSID is found in nothing")
	}
}

func TestRates(t *testing.T) {
	rates := append(DefaultRates(Band2GHz), SelectorHT)
	es := RateElements(rates...)
	if diff := cmp.Diff(rates, es.Rates()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if len(es) != 2 || len(es[0].Body) != 8 || len(es[1].Body) != 5 {
		t.Errorf("elements %v", es)
	}
	for rate, want := range map[Rate]int{11 | RateBasic: 5500, 108: 54000, SelectorSAEH2E: 0, SelectorEHT: 0} {
		if got := rate.Kbps(); got != want {
			t.Errorf("Rate(%#02x).Kbps() = %d, want %d", uint8(rate), got, want)
		}
	}
}
