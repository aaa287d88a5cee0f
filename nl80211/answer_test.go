package nl80211

import (
	"context"
	"errors"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/mdlayher/genetlink"
	"github.com/mdlayher/genetlink/genltest"
	"github.com/mdlayher/netlink"

	"roamfault/nl80211/dot11"
)

func check(t *testing.T, want, got any, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A device with two radios, told in parts as the kernel splits them.
func wiphyParts() []genetlink.Message {
	head := join(num32(1, 3), str(2, "phy3"), num32(46, 9))
	part := func(parts ...[]byte) genetlink.Message {
		return message(CommandNewWiphy, append([][]byte{head}, parts...)...)
	}
	return []genetlink.Message{
		part(num8(43, 4), num16(56, 2228)),
		part(attribute(57, join(num32(0, 0x000fac04)[4:], num32(0, 0x000fac09)[4:])), flag(102)),
		part(list(32, flag(2), flag(3))),
		part(list(22, list(0,
			list(9,
				list(1, list(1, flag(2)), raw(2, 1, 2, 3, 4, 5, 6), raw(3, 7), raw(4, 8), raw(5, 9), raw(8, 0x0f, 1), raw(9, 2), raw(10, 3), raw(11, 4)),
				list(2, list(1, flag(3)), raw(2, 1, 2, 3, 4, 5, 6))),
			raw(3, 0xff), num16(4, 0x09ef), num8(5, 3),
			list(2, list(0, num32(1, 10)), list(1, num32(1, 60), flag(2)))))),
		part(list(22, list(0, list(1, list(0, num32(1, 2412), num32(20, 0), num32(6, 2000), flag(9)))))),
		part(list(22, list(0, list(1, list(1, num32(1, 2417), flag(2), num32(6, 0)))))),
		part(list(22, list(1, raw(7, 0xfa), num32(8, 0x339071f6)))),
		part(list(22, list(1, list(1, list(0, num32(1, 5260), flag(3), flag(4), flag(5), num32(7, 1), num32(8, 5), num32(13, 60000), flag(26), flag(27), num32(6, 3000)))))),
		part(list(22, list(3, list(1, list(0, num32(1, 5955), flag(16), flag(11), flag(12), flag(14), flag(10), flag(19), num32(6, 1200)))))),
		part(list(22, list(2, num16(4, 1)), list(40, num16(4, 1)))),
		part(list(50, num32(1, 37), num32(2, 38))),
		part(num32(111, 5000), flag(108)),
		part(list(120, list(1, list(1, list(1, num32(1, 2), list(2, flag(2), flag(3)))), num32(4, 2), num32(2, 3)))),
		part(num32(143, 0xa0), attribute(169, []byte{0, 0, 8}), attribute(170, []byte{0, 0, 0xff}), address(6, ourMLD())),
		part(raw(217, 0, 0, 0, 4), flag(216)),
		part(nest(230, list(0, num32(5, 2), raw(169, 4), raw(170, 0xc), num16(317, 0x0081), num16(318, 0x0061), num16(337, 0x0003)))),
		part(attribute(76, num32(0, 0x000fac08)[4:]), num16(316, 10), flag(315)),
		part(nest(331, nest(0, num32(1, 0), nest(2, num32(1, 2400000), num32(2, 2500000))), nest(1, num32(1, 1), nest(2, num32(1, 5000000), num32(2, 7200000))))),
	}
}

func wantWiphy() Wiphy {
	return Wiphy{
		Index: 3, Name: "phy3", Addr: ourMLD(), Generation: 9, MLO: true,
		Types: []InterfaceType{TypeStation, TypeAP},
		Extended: []ExtendedCapabilities{{
			Type: TypeStation, Capabilities: []byte{4}, Mask: []byte{0xc},
			EML: dot11.Some(dot11.EMLSRSupport | dot11.EMLMRSupport), MLD: dot11.Some(dot11.MLDCapabilities(0x61)), ExtMLD: dot11.Some(dot11.ExtMLDCapabilities(3)),
		}},
		ExtCapabilities: []byte{0, 0, 8}, ExtCapabilitiesMask: []byte{0, 0, 0xff},
		Bands: []Band{
			{
				Number: 0, Band: dot11.Band2GHz, Rates: []int{10, 60}, HT: dot11.Some(uint16(0x09ef)), HTMCS: []byte{0xff},
				Types: []BandType{
					{
						Types: []InterfaceType{TypeStation},
						HEMAC: []byte{1, 2, 3, 4, 5, 6}, HEPHY: []byte{7}, HEMCS: []byte{8}, HEPPE: []byte{9},
						EHTMAC: []byte{0x0f, 1}, EHTPHY: []byte{2}, EHTMCS: []byte{3}, EHTPPE: []byte{4},
					},
					{Types: []InterfaceType{TypeAP}, HEMAC: []byte{1, 2, 3, 4, 5, 6}},
				},
				Channels: []Channel{
					{Freq: 2412, MaxPower: 2000, Flags: ChannelNoHT40Minus},
					{Freq: 2417, Flags: ChannelDisabled},
				},
			},
			{
				Number: 1, Band: dot11.Band5GHz, VHT: dot11.Some(uint32(0x339071f6)), VHTMCS: []byte{0xfa},
				Channels: []Channel{{
					Freq: 5260, MaxPower: 3000, Flags: ChannelNoIR | ChannelRadar | ChannelNo320 | ChannelNoEHT,
					DFS: dot11.Some(DFSUnavailable), DFSCheck: time.Minute,
				}},
			},
			{
				Number: 3, Band: dot11.Band6GHz,
				Channels: []Channel{{
					Freq: 5955, MaxPower: 1200,
					Flags: ChannelNo20 | ChannelNo80 | ChannelNo160 | ChannelIndoorOnly | ChannelNoHT40Plus | ChannelNoHE,
				}},
			},
			{Number: 2, HT: dot11.Some(uint16(1))},
		},
		Radios: []Radio{
			{Index: 0, Ranges: []FreqRange{{2400000, 2500000}}},
			{Index: 1, Ranges: []FreqRange{{5000000, 7200000}}},
		},
		Combinations: []Combination{{
			Limits: []InterfaceLimit{{Max: 2, Types: []InterfaceType{TypeStation, TypeAP}}}, Max: 3, Channels: 2,
		}},
		Commands: []Command{CommandAuthenticate, CommandAssociate},
		Ciphers:  []dot11.Suite{dot11.CipherCCMP128, dot11.CipherGCMP256}, AKMs: []dot11.Suite{dot11.AKMSAE}, MaxAKMs: 10,
		Features: FeatureSAE | FeatureScanFlush, ExtFeatures: ExtFeatures{0, 0, 0, 4},
		MaxScanSSIDs: 4, MaxScanElements: 2228, MaxRemainOnChannel: 5 * time.Second, OffChannelTx: true, ControlPort: true, SelfManaged: true,
	}
}

func TestWiphys(t *testing.T) {
	other := message(CommandNewWiphy, num32(1, 4), str(2, "phy4"), num32(46, 9))
	c := expect(t, CommandGetWiphy, dumpFlags, flag(174), append(wiphyParts(), other)...)
	got, err := c.Wiphys(context.Background())
	check(t, []Wiphy{wantWiphy(), {Index: 4, Name: "phy4", Generation: 9}}, got, err)
}

func TestWiphy(t *testing.T) {
	c := expect(t, CommandGetWiphy, dumpFlags, join(flag(174), num32(1, 3)), wiphyParts()...)
	got, err := c.Wiphy(context.Background(), 3)
	check(t, wantWiphy(), got, err)

	c = expect(t, CommandGetWiphy, dumpFlags, join(flag(174), num32(1, 5)), wiphyParts()...)
	if _, err := c.Wiphy(context.Background(), 5); err == nil {
		t.Error("a device that is not there was found")
	}
}

func TestWiphyAbilities(t *testing.T) {
	w := wantWiphy()
	for _, tt := range []struct {
		what      string
		want, got any
	}{
		{"links of a station", 2, w.MaxLinks(TypeStation)},
		{"links of an access point, of which nothing is said", 0, w.MaxLinks(TypeAP)},
		{"associate", true, w.Supports(CommandAssociate)},
		{"connect", false, w.Supports(CommandConnect)},
		{"SAE", true, w.Features.Has(FeatureSAE)},
		{"SAE and random addresses", false, w.Features.Has(FeatureSAE | FeatureScanRandom)},
		{"control port", true, w.ExtFeatures.Has(ExtFeatureControlPort)},
		{"OCV", false, w.ExtFeatures.Has(ExtFeatureOCV)},
		{"none", false, w.ExtFeatures.Has(-1)},
		{"EHT of stations in 2.4 GHz", true, w.Band(dot11.Band2GHz).Type(TypeStation).EHT()},
		{"EHT of access points in 2.4 GHz", false, w.Band(dot11.Band2GHz).Type(TypeAP).EHT()},
		{"HE of access points in 2.4 GHz", true, w.Band(dot11.Band2GHz).Type(TypeAP).HE()},
		{"stations in 5 GHz", true, w.Band(dot11.Band5GHz).Type(TypeStation) == nil},
		{"channel 1", true, w.Bands[0].Channels[0].Usable()},
		{"channel 2", false, w.Bands[0].Channels[1].Usable()},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %v, want %v", tt.what, tt.got, tt.want)
		}
	}
	w.MLO = false
	if got := w.MaxLinks(TypeStation); got != 1 {
		t.Errorf("a device without multi-link has %d links", got)
	}
	if got := (&ExtendedCapabilities{}).MaxLinks(); got != 0 {
		t.Errorf("without MLD capabilities there are %d links", got)
	}
	if w := (Wiphy{}); w.Band(dot11.Band6GHz) != nil {
		t.Error("a device without bands has one")
	}
}

func interfaceAnswer() genetlink.Message {
	return message(CommandNewInterface, num32(3, 7), str(4, "wlan0"), num32(1, 3), num32(5, 2), num64(153, 0x300000001),
		address(6, ourMLD()), num32(46, 5), num8(83, 1), num32(98, uint32(2200)), raw(52, 'h', 'o', 'm', 'e'),
		nest(312,
			nest(1, num8(313, 0), address(6, ourLink(0)), num32(38, 2412), num32(39, 1), num32(159, 1), num32(160, 2412)),
			nest(3, num8(313, 2), address(6, ourLink(2)), num32(38, 5975), num32(290, 0), num32(159, 13), num32(160, 6105), num32(322, 0x30), num32(98, uint32(1800)))))
}

func wantInterface() Interface {
	return Interface{
		Index: 7, Name: "wlan0", Wiphy: 3, Wdev: 0x300000001, Type: TypeStation, Addr: ourMLD(), SSID: []byte("home"),
		TxPower: dot11.Some(2200), FourAddr: true, Generation: 5,
		Links: []InterfaceLink{
			{ID: 0, Addr: ourLink(0), Channel: ChannelDef{Freq: 2412, Width: Width20, Center1: 2412}},
			{ID: 2, Addr: ourLink(2), Channel: ChannelDef{Freq: 5975, Width: Width320, Center1: 6105, Punctured: 0x30}, TxPower: dot11.Some(1800)},
		},
	}
}

func TestInterfaces(t *testing.T) {
	p2p := message(CommandNewInterface, num32(1, 3), num32(5, 10), num64(153, 0x300000002), num32(46, 5))
	wide := message(CommandNewInterface, num32(3, 8), str(4, "wlan1"), num32(1, 4), num32(46, 5),
		num32(38, 5180), num32(159, 4), num32(160, 5210), num32(161, 5530))
	want := []Interface{
		wantInterface(),
		{Wiphy: 3, Wdev: 0x300000002, Type: TypeP2PDevice, Generation: 5},
		{Index: 8, Name: "wlan1", Wiphy: 4, Generation: 5, Channel: ChannelDef{Freq: 5180, Width: Width80P80, Center1: 5210, Center2: 5530}},
	}
	c := expect(t, CommandGetInterface, dumpFlags, nil, interfaceAnswer(), p2p, wide)
	got, err := c.Interfaces(context.Background())
	check(t, want, got, err)

	one, err := c.InterfaceByName(context.Background(), "wlan1")
	check(t, want[2], one, err)
	if _, err := c.InterfaceByName(context.Background(), "wlan2"); err == nil {
		t.Error("an interface that is not there was found")
	}
}

func TestInterface(t *testing.T) {
	c := expect(t, CommandGetInterface, askFlags, num32(3, 7), interfaceAnswer())
	got, err := c.Interface(context.Background(), 7)
	check(t, wantInterface(), got, err)
	if link, ok := got.Link(2); !ok || link.Addr != ourLink(2) {
		t.Errorf("link 2 is %v, %v", link, ok)
	}
	if _, ok := got.Link(1); ok {
		t.Error("there is a link 1")
	}
}

func TestPowerSave(t *testing.T) {
	for _, on := range []bool{false, true} {
		state := uint32(0)
		if on {
			state = 1
		}
		c := expect(t, CommandGetPowerSave, askFlags, num32(3, 7), message(CommandGetPowerSave, num32(93, state)))
		got, err := c.PowerSave(context.Background(), 7)
		check(t, on, got, err)
	}
}

func stationAnswer() genetlink.Message {
	signal := func(v int) byte { return byte(int8(v)) }
	return message(CommandNewStation, num32(3, 7), address(6, apMLD()), num32(46, 2),
		list(21,
			num32(16, 90), num32(1, 250), num64(42, 123456789), num32(2, 5), num32(3, 6), num64(23, 1<<33), num64(24, 1<<34), num64(32, 40), num64(39, 50),
			num8(7, signal(-50)), num8(13, signal(-51)), list(25, num8(0, signal(-52)), num8(1, signal(-53))), list(26, num8(0, signal(-54))),
			list(8, num32(5, 57647), num16(1, 57647), flag(18), num8(19, 13), num8(20, 2), num8(21, 0)),
			list(14, num32(5, 10), num16(1, 10)),
			num32(9, 100), num32(10, 101), num32(11, 102), num32(12, 103), num32(27, 104), num32(18, 105), num64(28, 106), num64(29, 107),
			num8(30, signal(-55)), num32(36, 108), num32(37, 109), num8(34, signal(-56)), num8(35, signal(-57)),
			list(15, flag(2), num8(4, 2), num16(5, 100)),
			attribute(17, join(num32(0, 0xfe)[4:], num32(0, 0x82)[4:])),
			list(31, list(1, num64(1, 5)))),
		num8(313, 2), address(314, dot11.Addr{2, 0, 0, 0, 9, 0}),
		nest(312,
			nest(1, num8(313, 0), address(6, apLink(0)), list(21, num8(7, signal(-40)),
				list(8, num32(5, 1440), num8(13, 7), num8(14, 2), num8(15, 1), num8(16, 1), num8(17, 3)))),
			nest(3, num8(313, 2), address(6, apLink(2)), list(21, num32(12, 4)))))
}

func wantStation() Station {
	return Station{
		Interface: 7, Addr: apMLD(), Generation: 2, AssocLink: dot11.Some(uint8(2)), MLDAddr: dot11.Addr{2, 0, 0, 0, 9, 0},
		Flags: dot11.Some(StationAuthorized | StationAssociated), Connected: dot11.Some(90 * time.Second), AssociatedAt: dot11.Some(123456789 * time.Nanosecond),
		Figures: Figures{
			Signal: dot11.Some(-50), SignalAvg: dot11.Some(-51), BeaconSignalAvg: dot11.Some(-55), AckSignal: dot11.Some(-56), AckSignalAvg: dot11.Some(-57),
			ChainSignal: []int{-52, -53}, ChainSignalAvg: []int{-54},
			Tx:       dot11.Some(Rate{Bitrate: 57647, Modulation: ModulationEHT, MCS: 13, Streams: 2, Width: 320}),
			Rx:       dot11.Some(Rate{Bitrate: 10, Width: 20}),
			Inactive: dot11.Some(250 * time.Millisecond), RxDuration: dot11.Some(40 * time.Microsecond), TxDuration: dot11.Some(50 * time.Microsecond),
			RxBytes: dot11.Some(uint64(1 << 33)), TxBytes: dot11.Some(uint64(1 << 34)),
			RxPackets: dot11.Some(uint32(100)), TxPackets: dot11.Some(uint32(101)), TxRetries: dot11.Some(uint32(102)), TxFailed: dot11.Some(uint32(103)),
			ExpectedThroughput: dot11.Some(uint32(104)), BeaconLoss: dot11.Some(uint32(105)), RxDropped: dot11.Some(uint64(106)), BeaconsReceived: dot11.Some(uint64(107)),
			RxMPDUs: dot11.Some(uint32(108)), FCSErrors: dot11.Some(uint32(109)), DTIMPeriod: dot11.Some(uint8(2)), BeaconInterval: dot11.Some(uint16(100)),
		},
		Links: []StationLink{
			{ID: 0, Addr: apLink(0), Figures: Figures{
				Signal: dot11.Some(-40),
				Tx:     dot11.Some(Rate{Bitrate: 1440, Modulation: ModulationHE, MCS: 7, Streams: 2, Width: 20, GI: 1, DCM: true, RU: true, Alloc: 3}),
			}},
			{ID: 2, Addr: apLink(2), Figures: Figures{TxFailed: dot11.Some(uint32(4))}},
		},
	}
}

func TestStations(t *testing.T) {
	bare := message(CommandNewStation, num32(3, 7), address(6, apLink(5)), num32(46, 2), list(21, num32(2, 5), num32(3, 6)))
	c := expect(t, CommandGetStation, dumpFlags, num32(3, 7), stationAnswer(), bare)
	got, err := c.Stations(context.Background(), 7)
	check(t, []Station{wantStation(), {
		Interface: 7, Addr: apLink(5), Generation: 2, Figures: Figures{RxBytes: dot11.Some(uint64(5)), TxBytes: dot11.Some(uint64(6))},
	}}, got, err)
}

func TestStation(t *testing.T) {
	c := expect(t, CommandGetStation, askFlags, join(num32(3, 7), address(6, apMLD())), stationAnswer())
	got, err := c.Station(context.Background(), 7, apMLD())
	check(t, wantStation(), got, err)
}

func TestRates(t *testing.T) {
	for _, tt := range []struct {
		name string
		b    []byte
		want Rate
	}{
		{"HT", list(8, num16(1, 3000), num8(2, 15), flag(3), flag(4)), Rate{Bitrate: 3000, Modulation: ModulationHT, MCS: 15, Width: 40, ShortGI: true}},
		{"VHT", list(8, num32(5, 8667), num8(6, 9), num8(7, 2), flag(8)), Rate{Bitrate: 8667, Modulation: ModulationVHT, MCS: 9, Streams: 2, Width: 80}},
		{"VHT 80+80", list(8, num8(6, 9), flag(9)), Rate{Modulation: ModulationVHT, MCS: 9, Width: 160}},
		{"EHT resource unit", list(8, num8(19, 3), num8(20, 1), num8(21, 2), num8(22, 7), flag(10)),
			Rate{Modulation: ModulationEHT, MCS: 3, Streams: 1, Width: 160, GI: 2, RU: true, Alloc: 7}},
		{"UHR", list(8, num8(30, 4)), Rate{Modulation: ModulationUHR, MCS: 4, Width: 20}},
		{"10 MHz", list(8, flag(11)), Rate{Width: 10}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got Rate
			err := decode(tt.b, func(d *decoder) { got = decodeRate(d) })
			check(t, tt.want, got, err)
		})
	}
}

func TestSurveys(t *testing.T) {
	c := expect(t, CommandGetSurvey, dumpFlags, num32(3, 7),
		message(CommandNewSurveyResults, num32(3, 7), list(84, num32(1, 5180), num8(2, 0xa1), flag(3),
			num64(4, 1000), num64(5, 200), num64(6, 3), num64(7, 40), num64(8, 50), num64(9, 60), num64(11, 7), num32(12, 500))),
		message(CommandNewSurveyResults, num32(3, 7), list(84, num32(1, 5200))))
	got, err := c.Surveys(context.Background(), 7)
	ms := func(n time.Duration) dot11.Optional[time.Duration] { return dot11.Some(n * time.Millisecond) }
	check(t, []Survey{
		{Freq: 5180, FreqOffset: 500, InUse: true, Noise: dot11.Some(-95), Time: ms(1000), Busy: ms(200), ExtBusy: ms(3), Rx: ms(40), Tx: ms(50), Scan: ms(60), RxFromBSS: ms(7)},
		{Freq: 5200},
	}, got, err)
}

func TestRegulatory(t *testing.T) {
	c := expect(t, CommandGetReg, dumpFlags, nil,
		message(CommandGetReg, str(33, "DE"), num8(146, 2), list(34,
			list(0, num32(1, 0), num32(2, 2400000), num32(3, 2483500), num32(4, 40000), num32(5, 0), num32(6, 2000)),
			list(1, num32(1, 1<<4|1<<11), num32(2, 5250000), num32(3, 5350000), num32(4, 80000), num32(5, 0), num32(6, 2000), num32(7, 60000), raw(8, 0xff)))),
		message(CommandGetReg, str(33, "99"), num32(1, 3), flag(216), list(34)))
	got, err := c.Regulatory(context.Background())
	check(t, []Regulatory{
		{Country: "DE", DFS: DFSETSI, Rules: []RegulatoryRule{
			{FreqRange: FreqRange{2400000, 2483500}, MaxWidth: 40000, MaxEIRP: 2000},
			{FreqRange: FreqRange{5250000, 5350000}, MaxWidth: 80000, MaxEIRP: 2000, Flags: RuleDFS | RuleAutoBW, DFSCheck: time.Minute, PSD: dot11.Some(int8(-1))},
		}},
		{Country: "99", Wiphy: dot11.Some(3), SelfManaged: true},
	}, got, err)
}

// A dump without entries is none, and not an error.
func TestEmptyDump(t *testing.T) {
	c := serve(t, func(genetlink.Message, netlink.Message) ([]genetlink.Message, error) { return nil, nil })
	got, err := c.Interfaces(context.Background())
	check(t, []Interface{}, got, err)
}

// Damage in an answer is an error that says where, and nothing worse.
func TestDamagedAnswers(t *testing.T) {
	ctx := context.Background()
	for _, tt := range []struct {
		name   string
		answer []byte
		call   func(*Client) error
		want   error
	}{
		{"short header", []byte{4, 0, 3}, func(c *Client) error { _, err := c.Interface(ctx, 7); return err }, errShort},
		{"too long", []byte{9, 0, 3, 0, 1, 2, 3, 4}, func(c *Client) error { _, err := c.Interface(ctx, 7); return err }, errShort},
		{"length 0", []byte{0, 0, 3, 0}, func(c *Client) error { _, err := c.Interface(ctx, 7); return err }, errShort},
		{"short number", raw(3, 1, 2), func(c *Client) error { _, err := c.Interface(ctx, 7); return err }, errSize},
		{"short in a dump", raw(46, 1), func(c *Client) error { _, err := c.Stations(ctx, 7); return err }, errSize},
		{"short index", raw(1, 1), func(c *Client) error { _, err := c.Wiphys(ctx); return err }, errSize},
		{"half a suite", join(num32(1, 3), raw(57, 1, 2, 3)), func(c *Client) error { _, err := c.Wiphys(ctx); return err }, errSize},
		{"nested", join(num32(3, 7), nest(312, nest(1, raw(313, 1, 2)))), func(c *Client) error { _, err := c.Interface(ctx, 7); return err }, errSize},
		{"flags", join(list(21, raw(17, 1))), func(c *Client) error { _, err := c.Station(ctx, 7, apMLD()); return err }, errSize},
		{"survey", join(list(84, raw(1, 1))), func(c *Client) error { _, err := c.Surveys(ctx, 7); return err }, errSize},
		{"regulatory", join(list(34, list(0, raw(1, 1)))), func(c *Client) error { _, err := c.Regulatory(ctx); return err }, errSize},
		{"scan result", join(list(47, raw(1, 1))), func(c *Client) error { _, err := c.ScanResults(ctx, 7); return err }, errSize},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := serve(t, func(genetlink.Message, netlink.Message) ([]genetlink.Message, error) {
				return []genetlink.Message{message(CommandNewInterface, tt.answer)}, nil
			})
			if err := tt.call(c); !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
		})
	}
}

// A reply that was due and did not come is an error.
func TestNoAnswer(t *testing.T) {
	c := serve(t, func(genetlink.Message, netlink.Message) ([]genetlink.Message, error) { return nil, genltest.Error(0) })
	if _, err := c.Interface(context.Background(), 7); !errors.Is(err, ErrNoAnswer) {
		t.Errorf("error %v, want %v", err, ErrNoAnswer)
	}
}

func TestRefused(t *testing.T) {
	ctx := context.Background()
	c, _ := boot(t, func(k *kernel, m netlink.Message) { k.acknowledge(m, syscall.ENODEV) })
	for name, call := range map[string]func() error{
		"ask":    func() error { _, err := c.Interface(ctx, 7); return err },
		"dump":   func() error { _, err := c.Surveys(ctx, 7); return err },
		"list":   func() error { _, err := c.Stations(ctx, 7); return err },
		"scan":   func() error { _, err := c.ScanResults(ctx, 7); return err },
		"wiphy":  func() error { _, err := c.Wiphy(ctx, 7); return err },
		"reg":    func() error { _, err := c.Regulatory(ctx); return err },
		"order":  func() error { return c.AbortScan(ctx, 7) },
		"cookie": func() error { _, err := c.SendFrame(ctx, FrameRequest{Interface: 7}); return err },
		"port":   func() error { _, err := c.SendControlPort(ctx, ControlPortRequest{Interface: 7}); return err },
		"name":   func() error { _, err := c.InterfaceByName(ctx, "wlan0"); return err },
		"connection": func() error {
			_, err := c.Connection(ctx, 7)
			return err
		},
	} {
		err := call()
		var refused *Error
		if !errors.As(err, &refused) || !errors.Is(err, syscall.ENODEV) {
			t.Errorf("%s: error %v is no refusal with ENODEV", name, err)
		}
	}
}
