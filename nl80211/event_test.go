package nl80211

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"roamfault/nl80211/dot11"
)

// mgmt is a management frame of the access point to us, or with local the other
// way.
func mgmt(kind dot11.FrameControl, local bool, body ...byte) []byte {
	h := dot11.Header{FC: kind, Addr1: ourMLD(), Addr2: apMLD(), Addr3: apMLD()}
	if local {
		h.Addr1, h.Addr2 = h.Addr2, h.Addr1
	}
	return append(h.Append(nil), body...)
}

func frameOf(raw []byte) Frame {
	h, _, err := dot11.ParseHeader(raw)
	if err != nil {
		panic(err)
	}
	return Frame{Raw: raw, Header: h}
}

// eventCase is an event as the kernel sends it, and what becomes of it.
type eventCase struct {
	name    string
	command Command
	b       []byte // besides device and interface
	want    Body
	text    string
}

func eventCases() []eventCase {
	auth := mgmt(dot11.Auth, false, 3, 0, 1, 0, 126, 0, 19, 0)
	denied := mgmt(dot11.Auth, false, 0, 0, 2, 0, 37, 0)
	assoc := mgmt(dot11.AssocResponse, false, 0x11, 0, 0, 0, 1, 0xc0, 1, 1, 0x82)
	reassoc := mgmt(dot11.ReassocResponse, false, 0x11, 0, 17, 0, 0, 0, 1, 9)
	received, own := mgmt(dot11.Deauth, false, 6, 0), mgmt(dot11.Deauth, true, 3, 0)
	left, leaving := mgmt(dot11.Disassoc, false, 8, 0, 1, 9), mgmt(dot11.Disassoc, true, 8, 0)
	action := mgmt(dot11.Action, false, 10, 7, 1)
	links := nest(312, nest(1, num8(313, 0), address(245, apLink(0)), address(6, ourLink(0))), nest(2, num8(313, 2), address(245, apLink(2)), address(6, ourLink(2))))
	wantLinks := []ConnectedLink{{0, apLink(0), ourLink(0)}, {2, apLink(2), ourLink(2)}}
	return []eventCase{
		{"scan started", CommandTriggerScan, join(list(45, flag(0), raw(1, 'h', 'i')), list(44, num32(0, 2412), num32(1, 5180)), num32(158, 2)),
			ScanStarted{Scan{SSIDs: [][]byte{{}, []byte("hi")}, Freqs: []int{2412, 5180}, Flags: ScanFlush}}, "CTRL-EVENT-SCAN-STARTED"},
		{"scan finished", CommandNewScanResults, list(292, num32(0, 850500)), ScanFinished{Scan{Freqs: []int{850}}}, "CTRL-EVENT-SCAN-RESULTS"},
		{"scan aborted", CommandScanAborted, nil, ScanAborted{}, "scan aborted"},
		{"authenticated", CommandAuthenticate, attribute(51, auth),
			Authenticated{frameOf(auth), dot11.AuthBody{Algorithm: 3, Transaction: 1, Status: 126, Body: []byte{19, 0}}},
			"RX Auth from 02:00:00:00:01:00 (algorithm=3 transaction=1 status=126)"},
		{"authentication denied", CommandAuthenticate, attribute(51, denied),
			Authenticated{frameOf(denied), dot11.AuthBody{Transaction: 2, Status: 37}},
			"02:00:00:00:01:00 denied authentication (status 37)"},
		{"authentication timed out", CommandAuthenticate, join(flag(65), address(6, apMLD())), AuthTimeout{apMLD()},
			"authentication with 02:00:00:00:01:00 timed out"},
		{"associated", CommandAssociate, join(attribute(51, assoc), raw(77, 1, 0)),
			Associated{Frame: frameOf(assoc), Response: dot11.AssocResponseBody{Capability: 0x11, AID: 1, Elements: dot11.Elements{{ID: 1, Body: []byte{0x82}}}}, Request: []byte{1, 0}},
			"RX AssocResp from 02:00:00:00:01:00 (capab=0x11 status=0 aid=1)"},
		{"reassociation denied, damaged elements", CommandAssociate, attribute(51, reassoc),
			Associated{Frame: frameOf(reassoc), Response: dot11.AssocResponseBody{Capability: 0x11, Status: 17, Elements: dot11.Elements{}}, Damage: dot11.ErrShort, Reassociation: true},
			"02:00:00:00:01:00 denied association (code=17)"},
		{"association timed out", CommandAssociate, join(flag(65), address(6, apMLD())), AssocTimeout{apMLD()},
			"association with 02:00:00:00:01:00 timed out"},
		{"comeback", CommandAssocComeback, join(address(6, apMLD()), num32(272, 1024)), AssocComeback{apMLD(), 1024 * time.Millisecond},
			"02:00:00:00:01:00 rejected association temporarily; comeback duration 1000 TU (1024 ms)"},
		{"deauthenticated", CommandDeauthenticate, attribute(51, received), Deauthenticated{Leave{Frame: frameOf(received), Reason: 6}},
			"deauthenticated from 02:00:00:00:01:00 (Reason: 6=CLASS2_FRAME_FROM_NONAUTH_STA)"},
		{"deauthenticating", CommandDeauthenticate, join(attribute(51, own), flag(299)), Deauthenticated{Leave{Frame: frameOf(own), Reason: 3, Local: true, Reconnect: true}},
			"deauthenticating from 02:00:00:00:01:00 by local choice (Reason: 3=DEAUTH_LEAVING)"},
		{"disassociated, damaged elements", CommandDisassociate, attribute(51, left), Disassociated{Leave{Frame: frameOf(left), Reason: 8}},
			"disassociated from 02:00:00:00:01:00 (Reason: 8=DISASSOC_STA_HAS_LEFT)"},
		{"disassociating", CommandDisassociate, attribute(51, leaving), Disassociated{Leave{Frame: frameOf(leaving), Reason: 8, Local: true}},
			"disassociating from 02:00:00:00:01:00 by local choice (Reason: 8=DISASSOC_STA_HAS_LEFT)"},
		{"unprotected deauthentication", CommandUnprotDeauthenticate, attribute(51, received), UnprotectedDeauth{Leave{Frame: frameOf(received), Reason: 6}},
			"dropped unprotected deauthentication of 02:00:00:00:01:00 (reason 6=CLASS2_FRAME_FROM_NONAUTH_STA)"},
		{"unprotected disassociation", CommandUnprotDisassociate, attribute(51, left), UnprotectedDisassoc{Leave{Frame: frameOf(left), Reason: 8}},
			"dropped unprotected disassociation of 02:00:00:00:01:00 (reason 8=DISASSOC_STA_HAS_LEFT)"},
		{"connected", CommandConnect, join(address(6, apMLD()), num16(72, 0), raw(77, 1), raw(78, 2), links),
			Connected{AP: apMLD(), Links: wantLinks, Request: []byte{1}, Response: []byte{2}},
			"connected to 02:00:00:00:01:00 link 0 02:00:00:00:01:10 link 2 02:00:00:00:01:12"},
		{"connecting failed", CommandConnect, join(address(6, apMLD()), num16(72, 17)), Connected{AP: apMLD(), Status: 17},
			"connecting to 02:00:00:00:01:00 failed (status 17=DENIED_NO_MORE_STAS)"},
		{"connecting timed out", CommandConnect, join(address(6, apMLD()), num16(72, 1), flag(65), num32(248, 2)),
			Connected{AP: apMLD(), Status: 1, TimedOut: true, TimeoutIn: TimeoutAuth}, "connecting to 02:00:00:00:01:00 timed out"},
		{"roamed", CommandRoam, join(address(6, apMLD()), raw(77, 1), raw(78, 2), links),
			Roamed{AP: apMLD(), Links: wantLinks, Request: []byte{1}, Response: []byte{2}},
			"roamed to 02:00:00:00:01:00 link 0 02:00:00:00:01:10 link 2 02:00:00:00:01:12"},
		{"disconnected", CommandDisconnect, join(num16(54, 3), raw(42, 9)), Disconnected{Reason: 3, Elements: []byte{9}},
			"disconnected locally (reason 3=DEAUTH_LEAVING)"},
		{"disconnected by the access point", CommandDisconnect, join(num16(54, 4), flag(71)), Disconnected{Reason: 4, ByAP: true},
			"disconnected by the access point (reason 4=DISASSOC_DUE_TO_INACTIVITY)"},
		{"port authorized", CommandPortAuthorized, address(6, apMLD()), PortAuthorized{apMLD()}, "port to 02:00:00:00:01:00 authorized"},
		{"links removed", CommandLinksRemoved, nest(312, nest(1, num8(313, 1)), nest(2, num8(313, 2))), LinksRemoved{[]uint8{1, 2}},
			"CTRL-EVENT-LINK-RECONFIG removed_links=0x6"},
		{"links added", CommandAssocMLOReconf, links, LinksReconfigured{Links: wantLinks},
			"CTRL-EVENT-LINK-RECONFIG link 0 02:00:00:00:01:10 link 2 02:00:00:00:01:12"},
		{"reconfiguration response", CommandAssocMLOReconf, attribute(51, action), LinksReconfigured{Frame: frameOf(action)}, "CTRL-EVENT-LINK-RECONFIG"},
		{"switch begins", CommandChSwitchStartedNotify, join(num8(313, 1), num32(38, 5500), num32(290, 0), num32(159, 3), num32(160, 5530), num32(183, 5), flag(184)),
			ChannelSwitch{Link: dot11.Some(uint8(1)), Channel: ChannelDef{Freq: 5500, Width: Width80, Center1: 5530}, Started: true, Count: 5, Quiet: true},
			"CTRL-EVENT-STARTED-LINK-CHANNEL-SWITCH freq=5500 link_id=1 ch_width=80 MHz"},
		{"switched", CommandChSwitchNotify, join(num32(38, 2437), num32(39, 1), num32(159, 1), num32(160, 2437)),
			ChannelSwitch{Channel: ChannelDef{Freq: 2437, Width: Width20, Center1: 2437}}, "CTRL-EVENT-CHANNEL-SWITCH freq=2437 ch_width=20 MHz"},
		{"signal fell", CommandNotifyCQM, list(94, num32(3, 0), num32(9, 0xffffffb0)), SignalChange{Level: dot11.Some(-80)}, "signal below threshold: -80 dBm"},
		{"signal rose", CommandNotifyCQM, list(94, num32(3, 1)), SignalChange{Above: true}, "signal above threshold"},
		{"packets lost", CommandNotifyCQM, join(address(6, apMLD()), list(94, num32(4, 50))), PacketLoss{apMLD(), 50}, "50 frames in a row to 02:00:00:00:01:00 not acknowledged"},
		{"beacons lost", CommandNotifyCQM, list(94, flag(8)), BeaconLoss{}, "beacon loss from AP"},
		{"errors", CommandNotifyCQM, join(address(6, apMLD()), list(94, num32(6, 100), num32(5, 30), num32(7, 2))), TxErrors{apMLD(), 30, 100, 2 * time.Second},
			"30% of 100 frames to 02:00:00:00:01:00 failed within 2s"},
		{"quality of another kind", CommandNotifyCQM, list(94, num32(1, 0)), Other{Command: CommandNotifyCQM}, "nl80211 event NL80211_CMD_NOTIFY_CQM"},
		{"country", CommandRegChange, join(num8(48, 1), num8(49, 0), str(33, "DE")), RegChange{Initiator: RegByUser, Country: "DE"}, "Regulatory domain changed to country: DE"},
		{"a device's country", CommandWiphyRegChange, join(num8(48, 2), num8(49, 0), str(33, "U\x1b")), RegChange{Initiator: RegByDriver, Country: "U\x1b", Device: true},
			`Regulatory domain changed to country: U\x1b`},
		{"world", CommandRegChange, join(num8(48, 0), num8(49, 1)), RegChange{Type: RegWorld}, "World regulatory domain updated"},
		{"intersection", CommandRegChange, join(num8(48, 3), num8(49, 3)), RegChange{Initiator: RegByCountry, Type: RegIntersection}, "Current regulatory domain intersected"},
		{"interface added", CommandNewInterface, join(str(4, "wlan0"), num32(5, 2)), InterfaceAdded{Interface{Index: 7, Wiphy: 3, Name: "wlan0", Type: TypeStation}}, "interface wlan0 added (station)"},
		{"interface removed", CommandDelInterface, join(str(4, "wlan0"), num32(5, 3)), InterfaceRemoved{Interface{Index: 7, Wiphy: 3, Name: "wlan0", Type: TypeAP}}, "interface wlan0 removed (access point)"},
		{"interface changed", CommandSetInterface, join(str(4, "wlan0"), num32(5, 6)), InterfaceChanged{Interface{Index: 7, Wiphy: 3, Name: "wlan0", Type: TypeMonitor}}, "interface wlan0 changed (monitor)"},
		{"device added", CommandNewWiphy, str(2, "phy3"), WiphyAdded{"phy3"}, "device phy3 added"},
		{"device removed", CommandDelWiphy, str(2, "phy3"), WiphyRemoved{"phy3"}, "device phy3 removed"},
		{"station added", CommandNewStation, address(6, apMLD()), StationAdded{Station{Interface: 7, Addr: apMLD()}}, "station 02:00:00:00:01:00 added"},
		{"station removed", CommandDelStation, join(address(6, apMLD()), list(21, num32(12, 9))),
			StationRemoved{Station{Interface: 7, Addr: apMLD(), Figures: Figures{TxFailed: dot11.Some(uint32(9))}}}, "station 02:00:00:00:01:00 removed"},
		{"EAPOL", CommandControlPortFrame, join(address(6, apMLD()), num16(102, 0x888e), num8(313, 1), flag(103), raw(51, 2, 3, 0, 0)),
			ControlPortFrame{Src: apMLD(), EtherType: 0x888e, Payload: []byte{2, 3, 0, 0}, Clear: true, Link: dot11.Some(uint8(1))},
			"RX control port frame from 02:00:00:00:01:00 (0x888e, 4 octets)"},
		{"EAPOL sent", CommandControlPortFrameTxStatus, join(num64(88, 0x77), flag(92), raw(51, 2)), ControlPortSent{Sent{0x77, true, []byte{2}}}, "control port frame 0x77 acknowledged"},
		{"frame sent", CommandFrameTxStatus, join(num64(88, 0x77), attribute(51, action)), FrameSent{Sent{0x77, false, action}}, "frame 0x77 not acknowledged"},
		{"frame received", CommandFrame, join(num32(38, 5180), num32(151, 0xffffffc4), num8(313, 1), attribute(51, action)),
			FrameReceived{Frame: frameOf(action), Freq: 5180, Link: dot11.Some(uint8(1)), Signal: dot11.Some(-60)}, "RX frame 0x00d0 from 02:00:00:00:01:00 (27 octets)"},
		{"on channel", CommandRemainOnChannel, join(num64(88, 5), num32(38, 5180), num32(87, 100)), OnChannel{5, 5180, 100 * time.Millisecond}, "remaining on 5180 MHz for 100ms"},
		{"off channel", CommandCancelRemainOnChannel, join(num64(88, 5), num32(38, 5180)), OffChannel{5, 5180}, "back from 5180 MHz"},
		{"Michael", CommandMichaelMICFailure, join(address(6, apMLD()), num32(55, 1), num8(8, 0)), MichaelMICFailure{apMLD(), KeyPairwise, dot11.Some(uint8(0))},
			"Michael MIC failure in a frame of 02:00:00:00:01:00"},
		{"vendor", CommandVendor, join(num32(195, 0x001374), num32(196, 5), raw(197, 1, 2)), Vendor{0x001374, 5, []byte{1, 2}}, "vendor event 001374:5 (2 octets)"},
		{"unknown", Command(150), raw(400, 1), Other{Command: 150}, "nl80211 event NL80211_CMD_ADD_LINK_STA"},
		{"later than we know", Command(250), nil, Other{Command: 250}, "nl80211 event command 250"},
	}
}

func TestEvents(t *testing.T) {
	for _, tt := range eventCases() {
		t.Run(tt.name, func(t *testing.T) {
			b := join(num32(1, 3), num32(3, 7), num64(153, 9), tt.b)
			got := DecodeEvent(testStamp(), tt.command, b)
			want := Event{Stamp: testStamp(), Command: tt.command, Wiphy: dot11.Some(3), Interface: 7, Wdev: dot11.Some(uint64(9)), Body: tt.want}
			switch body := want.Body.(type) {
			case Other:
				body.Attributes = b
				want.Body = body
			case InterfaceAdded:
				body.Wdev = 9
				want.Body = body
			case InterfaceRemoved:
				body.Wdev = 9
				want.Body = body
			case InterfaceChanged:
				body.Wdev = 9
				want.Body = body
			}
			if diff := cmp.Diff(want, got, cmpopts.EquateErrors()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if got.Text() != tt.text {
				t.Errorf("text %q, want %q", got.Text(), tt.text)
			}
		})
	}
}

// An event that cannot be read is told, with what came.
func TestDamagedEvents(t *testing.T) {
	for _, tt := range []struct {
		name    string
		command Command
		b       []byte
		want    error
	}{
		{"no frame", CommandDeauthenticate, nil, errNoFrame},
		{"short frame", CommandDeauthenticate, raw(51, 0xc0, 0), dot11.ErrShort},
		{"no reason", CommandDeauthenticate, attribute(51, mgmt(dot11.Deauth, false, 6)), dot11.ErrShort},
		{"short response", CommandAssociate, attribute(51, mgmt(dot11.AssocResponse, false, 1, 0, 0)), dot11.ErrShort},
		{"short authentication", CommandAuthenticate, attribute(51, mgmt(dot11.Auth, false, 1, 0, 0)), dot11.ErrShort},
		{"short address", CommandPortAuthorized, raw(6, 1, 2), errSize},
		{"short number", CommandDisconnect, raw(54, 1), errSize},
		{"behind what is read", CommandPortAuthorized, join(address(6, apMLD()), []byte{1, 2, 3}), errShort},
		{"nested", CommandConnect, nest(312, nest(1, raw(313))), errSize},
		{"short in an interface", CommandNewInterface, raw(5, 1), errSize},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := DecodeEvent(testStamp(), tt.command, tt.b)
			other, ok := e.Body.(Other)
			if !ok || !errors.Is(other.Damage, tt.want) || string(other.Attributes) != string(tt.b) {
				t.Errorf("%#v, want damage %v", e.Body, tt.want)
			}
		})
	}
	data := dot11.Header{FC: dot11.Data}
	e := DecodeEvent(testStamp(), CommandFrame, attribute(51, data.Append(nil)))
	if other, ok := e.Body.(Other); !ok || other.Damage == nil {
		t.Errorf("a data frame is %#v", e.Body)
	}
	if got, want := e.Text(), "nl80211 event NL80211_CMD_FRAME cannot be read: frame control 0x0008 is not of a management frame"; got != want {
		t.Errorf("text %q, want %q", got, want)
	}
}

func TestOverrunText(t *testing.T) {
	for lost, want := range map[int]string{
		0: "nl80211 events lost: the socket's buffer was full",
		5: "nl80211 events lost: 5 were not received in time",
	} {
		if got := (Overrun{lost}).Text(); got != want {
			t.Errorf("text %q, want %q", got, want)
		}
	}
}

func TestFlushed(t *testing.T) {
	for flags, want := range map[ScanFlags]bool{ScanFlush: true, ScanLowPriority: false} {
		if got := (&Scan{Flags: flags}).Flushed(); got != want {
			t.Errorf("flags %d: %v", flags, got)
		}
	}
}
