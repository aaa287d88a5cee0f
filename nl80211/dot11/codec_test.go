package dot11

import (
	"bytes"
	"encoding/hex"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// addr returns 02:00:00:00:hi:lo.
func addr(hi, lo byte) Addr { return Addr{0x02, 0, 0, 0, hi, lo} }

// codec is one thing that can be read and written.
type codec struct {
	name  string
	read  func([]byte) (any, error)
	write func(any) []byte
}

// codecOf makes a codec of a Parse function and of what Append does.
func codecOf[T any](name string, parse func([]byte) (T, error), write func(*T) []byte) codec {
	return codec{
		name: name,
		read: func(b []byte) (any, error) { return parse(b) },
		write: func(v any) []byte {
			value := v.(T)
			return write(&value)
		},
	}
}

// actionCodec makes a codec of a Parse function for actions.
func actionCodec[T any](name string, parse func(ActionBody) (T, error), action func(*T) ActionBody) codec {
	return codecOf(name, func(b []byte) (T, error) {
		a, err := ParseActionBody(b)
		if err != nil {
			var none T
			return none, err
		}
		return parse(a)
	}, func(v *T) []byte {
		a := action(v)
		return a.Append(nil)
	})
}

type switchAction struct {
	Switch   ChannelSwitch
	Elements Elements
}

type extSwitchAction struct {
	Switch   ExtChannelSwitch
	Elements Elements
}

// codecs returns all there are.
func codecs() []codec {
	he5, he2 := DefaultHECapabilities(Band5GHz), DefaultHECapabilities(Band2GHz)
	return []codec{
		codecOf("elements", ParseElements, func(v *Elements) []byte { return v.Append(nil) }),
		codecOf("beacon", ParseBeaconBody, func(v *BeaconBody) []byte { return v.Append(nil) }),
		codecOf("probe request", ParseProbeRequestBody, func(v *ProbeRequestBody) []byte { return v.Append(nil) }),
		codecOf("auth", ParseAuthBody, func(v *AuthBody) []byte { return v.Append(nil) }),
		codecOf("assoc request", func(b []byte) (AssocRequestBody, error) { return ParseAssocRequestBody(b, false) }, func(v *AssocRequestBody) []byte { return v.Append(nil) }),
		codecOf("reassoc request", func(b []byte) (AssocRequestBody, error) { return ParseAssocRequestBody(b, true) }, func(v *AssocRequestBody) []byte { return v.Append(nil) }),
		codecOf("assoc response", ParseAssocResponseBody, func(v *AssocResponseBody) []byte { return v.Append(nil) }),
		codecOf("reason", ParseReasonBody, func(v *ReasonBody) []byte { return v.Append(nil) }),
		codecOf("action", ParseActionBody, func(v *ActionBody) []byte { return v.Append(nil) }),
		actionCodec("SA query", ParseSAQuery, func(v *SAQuery) ActionBody { return v.Action() }),
		actionCodec("transition query", ParseTransitionQuery, func(v *TransitionQuery) ActionBody { return v.Action() }),
		actionCodec("transition request", ParseTransitionRequest, func(v *TransitionRequest) ActionBody { return v.Action() }),
		actionCodec("transition response", ParseTransitionResponse, func(v *TransitionResponse) ActionBody { return v.Action() }),
		actionCodec("switch action", func(a ActionBody) (switchAction, error) {
			s, more, err := ParseChannelSwitchAction(a)
			return switchAction{s, more}, err
		}, func(v *switchAction) ActionBody { return ChannelSwitchAction(v.Switch, v.Elements) }),
		actionCodec("extended switch action", func(a ActionBody) (extSwitchAction, error) {
			s, more, err := ParseExtChannelSwitchAction(a)
			return extSwitchAction{s, more}, err
		}, func(v *extSwitchAction) ActionBody { return ExtChannelSwitchAction(v.Switch, v.Elements) }),
		actionCodec("reconfigure notify", ParseReconfigureNotify, func(v *ReconfigureNotify) ActionBody { return v.Action() }),
		actionCodec("reconfigure request", ParseReconfigureRequest, func(v *ReconfigureRequest) ActionBody { return v.Action() }),
		actionCodec("reconfigure response", func(a ActionBody) (ReconfigureResponse, error) { return ParseReconfigureResponse(a, false) }, func(v *ReconfigureResponse) ActionBody { return v.Action() }),
		actionCodec("ADDBA request", ParseAddBlockAckRequest, func(v *AddBlockAckRequest) ActionBody { return v.Action() }),
		actionCodec("ADDBA response", ParseAddBlockAckResponse, func(v *AddBlockAckResponse) ActionBody { return v.Action() }),
		codecOf("multi-link", ParseMultiLink, func(v *MultiLink) []byte { return v.Append(nil) }),
		codecOf("station profile of a request", func(b []byte) (StationProfile, error) { return ParseStationProfile(b, false) }, func(v *StationProfile) []byte { return v.Append(nil) }),
		codecOf("station profile of a response", func(b []byte) (StationProfile, error) { return ParseStationProfile(b, true) }, func(v *StationProfile) []byte { return v.Append(nil) }),
		codecOf("non-inheritance", ParseNonInheritance, func(v *NonInheritance) []byte { return v.Append(nil) }),
		codecOf("RNR", ParseReducedNeighborReport, func(v *ReducedNeighborReport) []byte { return v.Append(nil) }),
		codecOf("neighbor report", ParseNeighborReport, func(v *NeighborReport) []byte { return v.Append(nil) }),
		codecOf("RSNE", ParseRSNE, func(v *RSNE) []byte { return v.Append(nil) }),
		codecOf("TIM", ParseTIM, func(v *TIM) []byte { return v.Append(nil) }),
		codecOf("channel switch", ParseChannelSwitch, func(v *ChannelSwitch) []byte { return v.Append(nil) }),
		codecOf("extended channel switch", ParseExtChannelSwitch, func(v *ExtChannelSwitch) []byte { return v.Append(nil) }),
		codecOf("max channel switch time", ParseMaxChannelSwitchTime, func(v *MaxChannelSwitchTime) []byte { return v.Append(nil) }),
		codecOf("MME", ParseMME, func(v *MME) []byte { return v.Append(nil) }),
		codecOf("timeout interval", ParseTimeoutInterval, func(v *TimeoutInterval) []byte { return v.Append(nil) }),
		codecOf("country", ParseCountry, func(v *Country) []byte { return v.Append(nil) }),
		codecOf("WMM", ParseWMM, func(v *WMM) []byte { return v.Element().Body[4:] }),
		codecOf("HT capabilities", ParseHTCapabilities, func(v *HTCapabilities) []byte { return v.Append(nil) }),
		codecOf("HT operation", ParseHTOperation, func(v *HTOperation) []byte { return v.Append(nil) }),
		codecOf("VHT capabilities", ParseVHTCapabilities, func(v *VHTCapabilities) []byte { return v.Append(nil) }),
		codecOf("VHT operation", ParseVHTOperation, func(v *VHTOperation) []byte { return v.Append(nil) }),
		codecOf("HE capabilities", ParseHECapabilities, func(v *HECapabilities) []byte { return v.Append(nil) }),
		codecOf("HE operation", ParseHEOperation, func(v *HEOperation) []byte { return v.Append(nil) }),
		codecOf("HE 6 GHz capabilities", ParseHE6GHzCapabilities, func(v *HE6GHzCapabilities) []byte { return v.Append(nil) }),
		codecOf("EHT capabilities", func(b []byte) (EHTCapabilities, error) { return ParseEHTCapabilities(b, &he5, true) }, func(v *EHTCapabilities) []byte { return v.Append(nil) }),
		codecOf("EHT capabilities of a 20 MHz station", func(b []byte) (EHTCapabilities, error) { return ParseEHTCapabilities(b, &he2, false) }, func(v *EHTCapabilities) []byte { return v.Append(nil) }),
		codecOf("EHT operation", ParseEHTOperation, func(v *EHTOperation) []byte { return v.Append(nil) }),
		codecOf("A-MSDU", ParseAMSDU, func(v *[]MSDU) []byte { return AppendAMSDU(nil, *v) }),
		codecOf("PS-Poll", ParsePSPoll, func(v *PSPollFrame) []byte { return v.Append(nil) }),
		codecOf("header", func(b []byte) (Header, error) {
			h, _, err := ParseHeader(b)
			return h, err
		}, func(v *Header) []byte { return v.Append(nil) }),
	}
}

func codecNamed(t testing.TB, name string) codec {
	t.Helper()
	for _, c := range codecs() {
		if c.name == name {
			return c
		}
	}
	t.Fatalf("no codec %q", name)
	return codec{}
}

// TestCodecs reads octets that are as Append writes them, and writes them again.
func TestCodecs(t *testing.T) {
	long := strings.Repeat("a5", 300)
	tests := []struct {
		codec string
		in    string
		want  any
	}{
		{"elements", "00 04 6c616269  01 02 8c12  ff03 24 f03f", Elements{
			{ID: ElementSSID, Body: []byte("labi")},
			{ID: ElementRates, Body: []byte{0x8c, 0x12}},
			{ID: ElementExtension, Ext: ExtHEOperation, Body: []byte{0xf0, 0x3f}},
		}},
		{"elements", "0000", Elements{{ID: ElementSSID}}},
		{"elements", "", Elements(nil)},
		{"elements", "ddff" + long[:510] + "f22d" + long[:90] + "0000", Elements{
			{ID: ElementVendor, Body: unhex(t, long)},
			{ID: ElementSSID},
		}},
		{"beacon", "0102030405060708 6400 1104 0001 78", BeaconBody{
			Timestamp: 0x0807060504030201, Interval: 100, Capability: 0x0411, Elements: Elements{{Body: []byte("x")}},
		}},
		{"probe request", "0000", ProbeRequestBody{Elements: Elements{{ID: ElementSSID}}}},
		{"auth", "0300 0100 7e00 1300aabb", AuthBody{Algorithm: AuthSAE, Transaction: 1, Status: StatusSAEHashToElement, Body: []byte{0x13, 0, 0xaa, 0xbb}}},
		{"auth", "0000 0200 0000", AuthBody{Transaction: 2}},
		{"assoc request", "1100 0a00 0001 78", AssocRequestBody{
			Capability: CapabilityESS | CapabilityPrivacy, ListenInterval: 10, Elements: Elements{{Body: []byte("x")}},
		}},
		{"reassoc request", "1100 0a00 020000000100 0000", AssocRequestBody{
			Capability: CapabilityESS | CapabilityPrivacy, ListenInterval: 10, CurrentAP: Some(addr(1, 0)), Elements: Elements{{}},
		}},
		{"assoc response", "1100 0000 05c0 0000", AssocResponseBody{Capability: 0x11, AID: 5, Elements: Elements{{}}}},
		{"assoc response", "1100 1e00 00c0 3805 03e8030000", AssocResponseBody{
			Capability: 0x11, Status: StatusRefusedTemporarily,
			Elements: Elements{TimeoutInterval{Type: TimeoutAssocComeback, Value: 1000}.Element()},
		}},
		{"reason", "0700", ReasonBody{Reason: ReasonClass3FromNonassoc}},
		{"action", "0a07 01", ActionBody{Category: CategoryWNM, Code: WNMTransitionRequest, Body: []byte{1}}},
		{"action", "0800", ActionBody{Category: CategorySAQuery}},
		{"SA query", "0800 3412", SAQuery{Transaction: 0x1234}},
		{"SA query", "0801 3412 ff04 36 510105", SAQuery{Response: true, Transaction: 0x1234, Elements: Elements{ExtElement(ExtOCI, []byte{0x51, 1, 5})}}},
		{"transition query", "0a06 07 10", TransitionQuery{Token: 7, Reason: TransitionLowRSSI}},
		{"transition request", "0a07 03 0f 0a00 ff 040a 0807060504030201 ffff 3410 020000000200 8f080000 73 24 0e 0301ff dd04 506f9a16", TransitionRequest{
			Token: 3, Mode: TransitionCandidates | TransitionAbridged | TransitionDisassociation, DisassocTimer: 10, Validity: 255,
			Termination: Some(BSSTermination{TSF: 0x0102030405060708, Minutes: 65535}),
			Candidates: []NeighborReport{{
				BSSID: addr(2, 0), Info: 3 | NeighborSecurity | NeighborKeyScope | NeighborRadioMeasurement | NeighborHT,
				Class: 115, Channel: 36, PHY: PHYHE, Subelements: []Subelement{PreferenceSubelement(255)},
			}},
			Elements: Elements{VendorElement(WiFiAllianceOUI(), 0x16, nil)},
		}},
		{"transition request", "0a07 01 10 0000 01 03 782e79", TransitionRequest{Token: 1, Validity: 1, URL: Some("x.y")}},
		{"transition response", "0a08 03 00 00 020000000200", TransitionResponse{Token: 3, Target: addr(2, 0)}},
		{"transition response", "0a08 03 05 02", TransitionResponse{Token: 3, Status: TransitionRejectDelay, TerminationDelay: 2}},
		{"switch action", "0004 2503 012405", switchAction{Switch: ChannelSwitch{Mode: SwitchSilent, Channel: 36, Count: 5}}},
		{"extended switch action", "0404 01732405 ff04 34 0a0000", extSwitchAction{
			Switch: ExtChannelSwitch{Mode: 1, Class: 115, Channel: 36, Count: 5}, Elements: Elements{MaxChannelSwitchTime(10).Element()},
		}},
		{"reconfigure notify", "250a ff04 6b 020001", ReconfigureNotify{Elements: Elements{ExtElement(ExtMultiLink, []byte{2, 0, 1})}}},
		{"reconfigure request", "250b 09 ff04 6b 020001", ReconfigureRequest{Token: 9, Elements: Elements{ExtElement(ExtMultiLink, []byte{2, 0, 1})}}},
		{"reconfigure response", "250c 09 02 010000 020100", ReconfigureResponse{Token: 9, Links: []LinkStatus{{LinkID: 1}, {LinkID: 2, Status: StatusUnspecified}}}},
		{"ADDBA request", "0300 05 0210 0000 3002", AddBlockAckRequest{Token: 5, Parameters: BlockAckImmediate | 64<<6, Start: 35 << 4}},
		{"ADDBA response", "0301 05 2500 0210 0000", AddBlockAckResponse{Token: 5, Status: StatusRequestDeclined, Parameters: BlockAckImmediate | 64<<6}},
		{"station profile of a request", "1100 0001 78", StationProfile{Capability: 0x11, Elements: Elements{{Body: []byte("x")}}}},
		{"station profile of a response", "1100 0100 0001 78", StationProfile{Capability: 0x11, Status: Some(StatusUnspecified), Elements: Elements{{Body: []byte("x")}}}},
		{"non-inheritance", "01 30 02 2324", NonInheritance{IDs: []uint8{48}, Exts: []uint8{35, 36}}},
		{"non-inheritance", "00 00", NonInheritance{}},
		{"RNR", "00 10 73 24 ff 020000000101 78563412 42 7f 00 11 20", ReducedNeighborReport{{
			Format: TBTTFullMLD, Class: 115, Channel: 36,
			BSSs: []TBTTInfo{{
				Offset: 255, BSSID: addr(1, 1), ShortSSID: 0x12345678, Parameters: BSSSameSSID | BSSColocatedAP, PSD: 127,
				MLD: NeighborMLD{LinkID: 1, BSSChangeCount: 1, Disabled: true},
			}},
		}}},
		{"RNR", "14 01 51 06 0a 0b 01 03 83 25 aabbcc", ReducedNeighborReport{
			{Filtered: true, Format: TBTTOffset, Class: 81, Channel: 6, BSSs: []TBTTInfo{{Offset: 10}, {Offset: 11}}},
			{Reserved: 1, Format: 3, Class: 131, Channel: 37, BSSs: []TBTTInfo{{Extra: []byte{0xaa, 0xbb, 0xcc}}}},
		}},
		{"RNR", "00 12 73 24 ff 020000000101 78563412 42 80 00 11 20 aabb", ReducedNeighborReport{{
			Format: 18, Class: 115, Channel: 36,
			BSSs: []TBTTInfo{{
				Offset: 255, BSSID: addr(1, 1), ShortSSID: 0x12345678, Parameters: BSSSameSSID | BSSColocatedAP, PSD: -128,
				MLD: NeighborMLD{LinkID: 1, BSSChangeCount: 1, Disabled: true}, Extra: []byte{0xaa, 0xbb},
			}},
		}}},
		{"neighbor report", "020000000200 00000000 51 06 07", NeighborReport{BSSID: addr(2, 0), Class: 81, Channel: 6, PHY: PHYHT}},
		{"RSNE", "0100 000fac04 0100000fac04 0100000fac08 cc00", RSNE{
			Version: 1, Group: CipherCCMP128, Pairwise: []Suite{CipherCCMP128}, AKMs: []Suite{AKMSAE},
			Capabilities: RSNMFPCapable | RSNMFPRequired | RSNPTKSAReplayCounters,
		}},
		{"RSNE", "0100 000fac04 0100000fac04 0200000fac02000fac06 8000 0000 000fac06", RSNE{
			Version: 1, Group: CipherCCMP128, Pairwise: []Suite{CipherCCMP128}, AKMs: []Suite{AKMPSK, AKMPSKSHA256},
			Capabilities: RSNMFPCapable, GroupManagement: CipherBIPCMAC128,
		}},
		{"RSNE", "0100 000fac04 0000 0000 0000 0100 000102030405060708090a0b0c0d0e0f", RSNE{
			Version: 1, Group: CipherCCMP128, Pairwise: []Suite{}, AKMs: []Suite{},
			PMKIDs: [][16]byte{{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}},
		}},
		{"RSNE", "0100 000fac04 0000 0000 0000 0000", RSNE{Version: 1, Group: CipherCCMP128, Pairwise: []Suite{}, AKMs: []Suite{}, PMKIDs: [][16]byte{}}},
		{"TIM", "00 02 00 00", TIM{Period: 2, Bitmap: []byte{0}}},
		{"TIM", "01 03 05 0280", TIM{Count: 1, Period: 3, Group: true, Offset: 4, Bitmap: []byte{2, 0x80}}},
		{"channel switch", "01 95 03", ChannelSwitch{Mode: 1, Channel: 149, Count: 3}},
		{"extended channel switch", "00 7d 95 03", ExtChannelSwitch{Class: 125, Channel: 149, Count: 3}},
		{"max channel switch time", "010203", MaxChannelSwitchTime(0x030201)},
		{"MME", "0400 060504030201 a0a1a2a3a4a5a6a7", MME{KeyID: 4, IPN: 0x010203040506, MIC: unhex(t, "a0a1a2a3a4a5a6a7")}},
		{"MME", "0600 010000000000 a0a1a2a3a4a5a6a7a8a9aaabacadaeaf", MME{KeyID: 6, IPN: 1, MIC: unhex(t, "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf")}},
		{"timeout interval", "03 e8030000", TimeoutInterval{Type: TimeoutAssocComeback, Value: 1000}},
		{"country", "555320 240417", Country{Code: [3]byte{'U', 'S', ' '}, Triplets: []CountryTriplet{{36, 4, 23}}}},
		{"country", "555304 240417 950517 00", Country{Code: [3]byte{'U', 'S', 4}, Triplets: []CountryTriplet{{36, 4, 23}, {149, 5, 23}}}},
		{"WMM", "01 01 01 00 03a40000 27a40000 42435e00 62322f00", DefaultWMM()},
		{"WMM", "01 01 80 00 13a40000 27a40000 42435e00 62322f00", WMM{QoSInfo: 0x80, Categories: [4]ACParameters{
			{AIFSN: 3, Admission: true, CWMinExp: 4, CWMaxExp: 10}, {AIFSN: 7, CWMinExp: 4, CWMaxExp: 10},
			{AIFSN: 2, CWMinExp: 3, CWMaxExp: 4, TXOP: 94}, {AIFSN: 2, CWMinExp: 2, CWMaxExp: 3, TXOP: 47},
		}}},
		{"HT operation", "24 05 0300 0001" + strings.Repeat("00", 16), HTOperation{Primary: 36, Flags: HTSecondaryAbove | HTAnyWidth, Protection: 3, Beacons: 0x0100}},
		{"VHT operation", "01 2a 32 fcff", VHTOperation{VHTOperationInfo: VHTOperationInfo{Width: 1, Center0: 42, Center1: 50}, BasicMCS: 0xfffc}},
		{"HE operation", "f07f01 05 fcff 012a32", HEOperation{
			Flags: HETXOPRTS | HEERSUDisabled, Color: 5, BasicMCS: 0xfffc, VHT: Some(VHTOperationInfo{Width: 1, Center0: 42, Center1: 50}),
		}},
		{"HE operation", "f0bf02 85 fcff 03 25 02 2f00 06", HEOperation{
			Flags: HETXOPRTS, Color: 5 | HEColorDisabled, BasicMCS: 0xfffc, CohostedID: Some(uint8(3)),
			SixGHz: Some(HE6GHzOperation{Primary: 37, Control: 2, Center0: 47, MinRate: 6}),
		}},
		{"HE 6 GHz capabilities", "be06", DefaultHE6GHzCapabilities()},
		{"HE capabilities", "000000000000 0000000000008000000000 faff faff 39 1cc7711cc7", HECapabilities{
			PHY:   HEPHY{6: 0x80},
			MCS80: HEMCS{Rx: 0xfffa, Tx: 0xfffa},
			PPE:   unhex(t, "39 1cc7711cc7"),
		}},
		{"EHT operation", "44 11223344", EHTOperation{Flags: EHTMCS15Disabled | EHTDefaultPE, BasicMCS: [4]byte{0x11, 0x22, 0x33, 0x44}}},
		{"EHT operation", "03 11000000 042f1f 0180", EHTOperation{
			BasicMCS: [4]byte{0x11}, Info: Some(EHTOperationInfo{Control: 4, Center0: 47, Center1: 31, Disabled: Some(uint16(0x8001))}),
		}},
		{"EHT capabilities of a 20 MHz station", "0000 000000000000000000 22222222", EHTCapabilities{MCS: []byte{0x22, 0x22, 0x22, 0x22}}},
		{"A-MSDU", "020000000101 020000000102 000b aaaa030000000800 450001 000000 020000000101 020000000102 0009 aaaa030000f880f3 01", []MSDU{
			{Dst: addr(1, 1), Src: addr(1, 2), EtherType: EtherTypeIPv4, Payload: []byte{0x45, 0, 1}},
			{Dst: addr(1, 1), Src: addr(1, 2), EtherType: 0x80f3, Payload: []byte{1}},
		}},
		{"PS-Poll", "a410 05c0 020000000100 020000000001", PSPollFrame{FC: PSPoll | PowerMgmt, AID: 5, BSSID: addr(1, 0), From: addr(0, 1)}},
		{"header", "8000 0000 ffffffffffff 020000000100 020000000100 3002", Header{FC: Beacon, Addr1: BroadcastAddr(), Addr2: addr(1, 0), Addr3: addr(1, 0), Seq: 35 << 4}},
		{"header", "8843 2c00 020000000001 020000000100 020000000002 0000 020000000003 0700", Header{
			FC: QoSData | ToDS | FromDS | Protected, Duration: 44, Addr1: addr(0, 1), Addr2: addr(1, 0), Addr3: addr(0, 2), Addr4: addr(0, 3), QoS: 7,
		}},
		{"header", "d080 0000 020000000001 020000000100 020000000100 0000 04030201", Header{
			FC: Action | HTControl, Addr1: addr(0, 1), Addr2: addr(1, 0), Addr3: addr(1, 0), HT: 0x01020304,
		}},
	}
	for _, tc := range tests {
		t.Run(tc.codec, func(t *testing.T) {
			c, in := codecNamed(t, tc.codec), unhex(t, tc.in)
			got, err := c.read(in)
			if err != nil {
				t.Fatalf("read %x: %v", in, err)
			}
			if diff := cmp.Diff(tc.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("read (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(in, c.write(got), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("written again (-want +got):\n%s", diff)
			}
			for n := range in {
				// Whatever is cut off, reading ends with a value or an error.
				_, _ = c.read(in[:n:n])
			}
		})
	}
}

// checkCodec is what holds for every codec and all octets: what is read can be
// written, what is written reads the same, and is written the same again.
func checkCodec(t *testing.T, c codec, in []byte) {
	t.Helper()
	before := bytes.Clone(in)
	v, err := c.read(in)
	if !bytes.Equal(before, in) {
		t.Fatalf("%s: reading changed its input %x to %x", c.name, before, in)
	}
	if err != nil {
		return
	}
	out := c.write(v)
	again, err := c.read(out)
	if err != nil {
		t.Fatalf("%s: %x was written for %x and is refused: %v", c.name, out, in, err)
	}
	// cmp takes its time, and is needed only where nil and empty differ.
	if !reflect.DeepEqual(v, again) {
		if diff := cmp.Diff(v, again, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("%s: read from %x, written %x (-first +second):\n%s", c.name, in, out, diff)
		}
	}
	if second := c.write(again); !bytes.Equal(out, second) {
		t.Fatalf("%s: written %x, then %x", c.name, out, second)
	}
}

// maxFuzz is more than a management frame's body can have.
const maxFuzz = 4096

func FuzzCodecs(f *testing.F) {
	all := codecs()
	for i := range all {
		f.Add(uint8(i), []byte{1, 0, 0, 0x0f, 0xac, 4, 1, 0, 0, 0x0f, 0xac, 4, 1, 0, 0, 0x0f, 0xac, 8, 0xcc, 0, 0, 0, 0, 0x0f, 0xac, 6})
		f.Add(uint8(i), bytes.Repeat([]byte{0xff}, 600))
		f.Add(uint8(i), make([]byte, 64))
		f.Add(uint8(i), []byte{0x0a, 0x07, 3, 0x0f, 10, 0, 255, 4, 10, 8, 7, 6, 5, 4, 3, 2, 1, 255, 255, 52, 16, 2, 0, 0, 0, 2, 0, 0x8f, 8, 0, 0, 0x73, 0x24, 14, 3, 1, 255})
	}
	f.Fuzz(func(t *testing.T, which uint8, in []byte) {
		checkCodec(t, all[int(which)%len(all)], in[:min(len(in), maxFuzz)])
	})
}
