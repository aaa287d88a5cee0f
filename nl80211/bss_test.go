package nl80211

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/mdlayher/genetlink"
	"github.com/mdlayher/genetlink/genltest"
	"github.com/mdlayher/netlink"

	"roamfault/nl80211/dot11"
)

// mldElements are the elements of an AP MLD on link 1 of channel 36, which has
// link 0 on channel 1, link 2, disabled, on channel 5 of 6 GHz, and a link 3 of
// which only a profile is there. A foreign MLD and a plain neighbour stand among
// them.
func mldElements() dot11.Elements {
	mld := func(id, link uint8, disabled bool) dot11.NeighborMLD {
		return dot11.NeighborMLD{APMLDID: id, LinkID: link, Disabled: disabled}
	}
	report := dot11.ReducedNeighborReport{
		{Class: 81, Channel: 1, Format: dot11.TBTTFullMLD, BSSs: []dot11.TBTTInfo{
			{BSSID: apLink(0), ShortSSID: 5, MLD: mld(0, 0, false)},
			{BSSID: dot11.Addr{2, 0, 0, 0, 7, 7}, MLD: mld(3, 0, false)},
			{BSSID: dot11.Addr{2, 0, 0, 0, 7, 8}, MLD: mld(0, 0, false)},
		}},
		{Class: 131, Channel: 5, Format: dot11.TBTTFullMLD, BSSs: []dot11.TBTTInfo{
			{BSSID: apLink(2), MLD: mld(0, 2, true)},
			{BSSID: dot11.Addr{2, 0, 0, 0, 7, 9}, MLD: mld(255, 15, false)},
		}},
		{Class: 81, Channel: 6, Format: dot11.TBTTBSSIDParameters, BSSs: []dot11.TBTTInfo{{BSSID: dot11.Addr{2, 0, 0, 0, 7, 7}}}},
	}
	probe := dot11.MultiLink{Type: dot11.MultiLinkProbeRequest}
	basic := dot11.MultiLink{
		Type: dot11.MultiLinkBasic, MLDAddr: apMLD(), LinkID: dot11.Some(uint8(1)),
		EMLCapabilities: dot11.Some(dot11.EMLSRSupport), MLDCapabilities: dot11.Some(dot11.MLDCapabilities(2)),
		Profiles: []dot11.LinkProfile{{LinkID: 3, Addr: apLink(3)}, {LinkID: 2, Addr: dot11.Addr{2, 0, 0, 0, 7, 1}}},
	}
	return dot11.Elements{
		{ID: dot11.ElementSSID, Body: []byte("home")},
		report.Element(), probe.Element(), basic.Element(),
	}
}

func TestScanResults(t *testing.T) {
	elements := mldElements().Append(nil)
	full := message(CommandNewScanResults, num32(46, 5), num32(3, 7), num64(153, 1), list(47,
		address(1, apLink(1)), flag(14), num64(3, 1000), attribute(6, elements), num64(13, 900), attribute(11, elements[:6]),
		num16(4, 100), num16(5, 0x1511), num32(2, 5180), num32(20, 0), num32(12, 0), num32(10, 250),
		num64(17, 800), address(18, apLink(2)), num64(15, 5_000_000_000), list(19, num8(0, 0xce), num8(1, 0xcd)),
		num32(7, 0xffffec78), num32(23, 3), num64(24, 2), num32(9, 1), num8(21, 1), address(22, apMLD())))
	plain := message(CommandNewScanResults, num32(46, 5), num32(3, 7), list(47, address(1, apLink(9)), num32(2, 850), num32(20, 500), num8(8, 70)))
	c := expect(t, CommandGetScan, dumpFlags, join(num32(3, 7), flag(327)), full, plain)
	got, err := c.ScanResults(context.Background(), 7)
	check(t, []BSS{
		{
			Interface: 7, Generation: 5, BSSID: apLink(1), Freq: 5180, Capability: 0x1511, Interval: 100, TSF: 1000, BeaconTSF: 900,
			Raw: elements, RawBeacon: elements[:6], ProbeResponse: true, Signal: dot11.Some(-5000), ChainSignal: []int{-50, -51},
			Age: 250 * time.Millisecond, LastSeen: dot11.Some(5 * time.Second), ParentTSF: 800, ParentBSSID: apLink(2),
			Status: dot11.Some(BSSAssociated), Link: dot11.Some(uint8(1)), MLDAddr: apMLD(),
			Use: dot11.Some(BSSUseNormal | BSSUseMLDLink), CannotUse: BSSCannot6GHzPower,
		},
		{Interface: 7, Generation: 5, BSSID: apLink(9), Freq: 850, FreqOffset: 500, Quality: dot11.Some(uint8(70))},
	}, got, err)
	if !got[0].Associated() || got[1].Associated() {
		t.Error("the first alone is associated")
	}
	if string(got[0].SSID()) != "home" || got[1].SSID() != nil {
		t.Errorf("SSIDs %q and %q", got[0].SSID(), got[1].SSID())
	}
}

func TestSSID(t *testing.T) {
	for _, tt := range []struct {
		name string
		raw  []byte
		want []byte
	}{
		{"first", []byte{0, 2, 'h', 'i', 1, 1, 2}, []byte("hi")},
		{"later", []byte{1, 1, 2, 0, 2, 'h', 'i'}, []byte("hi")},
		{"empty", []byte{0, 0}, []byte{}},
		{"none", []byte{1, 1, 2}, nil},
		{"cut off", []byte{0, 9, 'h'}, nil},
		{"cut off before", []byte{1, 9, 0, 1, 'h'}, nil},
		{"half a header", []byte{0}, nil},
	} {
		b := BSS{Raw: tt.raw}
		if diff := cmp.Diff(tt.want, b.SSID()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestMLD(t *testing.T) {
	b := BSS{BSSID: apLink(1), Raw: mldElements().Append(nil)}
	got, err := b.MLD()
	for i := range got.Links {
		if p := got.Links[i].Profile; p != nil && p.LinkID != got.Links[i].ID {
			t.Errorf("link %d has the profile of link %d", got.Links[i].ID, p.LinkID)
		}
		if hasProfile := got.Links[i].Profile != nil; hasProfile != (got.Links[i].ID >= 2) {
			t.Errorf("link %d: profile %v", got.Links[i].ID, hasProfile)
		}
		got.Links[i].Profile = nil
	}
	check(t, MLD{
		Addr: apMLD(), Link: dot11.Some(uint8(1)), EML: dot11.Some(dot11.EMLSRSupport), Caps: dot11.Some(dot11.MLDCapabilities(2)),
		Links: []MLDLink{
			{ID: 0, BSSID: apLink(0), Channel: dot11.Channel{Band: dot11.Band2GHz, Number: 1, Freq: 2412}, ShortSSID: 5},
			{ID: 2, BSSID: apLink(2), Channel: dot11.Channel{Band: dot11.Band6GHz, Number: 5, Freq: 5975}, Disabled: true},
			{ID: 3, BSSID: apLink(3)},
		},
	}, got, err)
}

// A nontransmitted BSSID's MLD has another number in the report than the
// transmitted one's.
func TestMLDOfNontransmitted(t *testing.T) {
	elements := append(mldElements(), dot11.Element{ID: dot11.ElementMultipleBSSIDIndex, Body: []byte{3}})
	b := BSS{Raw: elements.Append(nil)}
	got, err := b.MLD()
	if err != nil || len(got.Links) == 0 || got.Links[0].BSSID != (dot11.Addr{2, 0, 0, 0, 7, 7}) {
		t.Errorf("%+v, error %v", got, err)
	}
}

// A frame may say by itself which MLD it is of.
func TestMLDByID(t *testing.T) {
	elements := mldElements().Without(dot11.ElementExtension, dot11.ExtMultiLink)
	basic := dot11.MultiLink{Type: dot11.MultiLinkBasic, MLDAddr: apMLD(), APMLDID: dot11.Some(uint8(3))}
	b := BSS{Raw: append(elements, basic.Element()).Append(nil)}
	got, err := b.MLD()
	if err != nil || len(got.Links) != 1 || got.Links[0].BSSID != (dot11.Addr{2, 0, 0, 0, 7, 7}) {
		t.Errorf("%+v, error %v", got, err)
	}
}

func TestNoMLD(t *testing.T) {
	for _, tt := range []struct {
		name    string
		raw     []byte
		plain   bool
		damaged bool
	}{
		{"plain", []byte{0, 1, 'h'}, true, true},
		{"nothing", nil, true, true},
		{"damaged before", []byte{0, 9, 'h'}, false, true},
		{"damaged element", []byte{255, 3, 107, 0, 0}, false, true},
		{"damaged report", append((&dot11.MultiLink{Type: dot11.MultiLinkBasic}).Element().Append(nil), 201, 1, 0), false, true},
	} {
		b := BSS{Raw: tt.raw}
		_, err := b.MLD()
		if IsNoMLD(err) != tt.plain || (err != nil) != tt.damaged {
			t.Errorf("%s: error %v", tt.name, err)
		}
	}
}

// connected is a fake of a station with two links to an AP MLD.
func connected(station, bss []genetlink.Message) genltest.Func {
	return func(m genetlink.Message, _ netlink.Message) ([]genetlink.Message, error) {
		switch Command(m.Header.Command) {
		case CommandGetInterface:
			return []genetlink.Message{interfaceAnswer()}, nil
		case CommandGetScan:
			return bss, nil
		case CommandGetStation:
			return station, nil
		}
		return nil, errors.New("another request")
	}
}

func TestConnection(t *testing.T) {
	other := message(CommandNewScanResults, list(47, address(1, apLink(9)), num32(2, 2412)))
	link := func(id byte, freq, signal uint32) genetlink.Message {
		return message(CommandNewScanResults, list(47, address(1, apLink(id)), raw(6, 0, 2, 'h', 'i'), num32(2, freq), num32(7, signal), num32(9, 1), num8(21, id), address(22, apMLD())))
	}
	c := serve(t, connected([]genetlink.Message{stationAnswer()}, []genetlink.Message{link(2, 5975, 0xfffff060), other, link(0, 2412, 0xffffec78), link(5, 5180, 0xffffec78)}))
	got, err := c.Connection(context.Background(), 7)
	station := wantStation()
	check(t, Connection{
		Interface: wantInterface(), AP: apMLD(), MLO: true, SSID: []byte("hi"), Station: station,
		Links: []ConnectionLink{
			{
				ID: dot11.Some(uint8(0)), BSSID: apLink(0), Local: ourLink(0), Channel: ChannelDef{Freq: 2412, Width: Width20, Center1: 2412},
				Signal: dot11.Some(-40), Figures: dot11.Some(station.Links[0].Figures),
			},
			{
				ID: dot11.Some(uint8(2)), BSSID: apLink(2), Local: ourLink(2), Channel: ChannelDef{Freq: 5975, Width: Width320, Center1: 6105, Punctured: 0x30},
				Signal: dot11.Some(-40), Figures: dot11.Some(station.Links[1].Figures),
			},
			{ID: dot11.Some(uint8(5)), BSSID: apLink(5), Channel: ChannelDef{Freq: 5180}, Signal: dot11.Some(-50)},
		},
	}, got, err)
}

func TestConnectionWithoutLinks(t *testing.T) {
	bss := message(CommandNewScanResults, list(47, address(1, apMLD()), num32(2, 2412), num32(7, 0xffffec78), num32(9, 1)))
	c := serve(t, connected([]genetlink.Message{stationAnswer()}, []genetlink.Message{bss}))
	got, err := c.Connection(context.Background(), 7)
	check(t, Connection{
		Interface: wantInterface(), AP: apMLD(), Station: wantStation(),
		Links: []ConnectionLink{{
			BSSID: apMLD(), Local: ourMLD(), Channel: ChannelDef{Freq: 2412},
			Signal: dot11.Some(-50), Figures: dot11.Some(wantStation().Figures),
		}},
	}, got, err)
}

func TestNotConnected(t *testing.T) {
	bss := message(CommandNewScanResults, list(47, address(1, apMLD()), num32(2, 2412)))
	c := serve(t, connected(nil, []genetlink.Message{bss}))
	if _, err := c.Connection(context.Background(), 7); !errors.Is(err, ErrNotConnected) {
		t.Errorf("error %v, want %v", err, ErrNotConnected)
	}
}
