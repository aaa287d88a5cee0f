package nl80211

import (
	"context"
	"testing"
	"time"

	"github.com/mdlayher/genetlink"
	"github.com/mdlayher/netlink"

	"roamfault/nl80211/dot11"
)

// Every request carries what the kernel's side of it reads, and nothing else.
func TestRequests(t *testing.T) {
	ctx := context.Background()
	home := []byte("home")
	cookie := message(CommandFrame, num64(attrCookie, 77))
	for _, tt := range []struct {
		name    string
		call    func(*Client) error
		command Command
		flags   netlink.HeaderFlags
		want    []byte
		answer  []genetlink.Message
	}{
		{
			name: "authenticate openly",
			call: func(c *Client) error {
				return c.Authenticate(ctx, AuthRequest{Interface: 7, BSSID: apLink(0), Freq: 2412, SSID: home})
			},
			command: CommandAuthenticate, flags: doFlags,
			want: join(num32(3, 7), address(6, apLink(0)), num32(38, 2412), raw(52, home...), num32(53, 0)),
		},
		{
			name: "authenticate by SAE with an AP MLD",
			call: func(c *Client) error {
				return c.Authenticate(ctx, AuthRequest{
					Interface: 7, BSSID: apLink(1), Freq: 5180, SSID: home, Type: AuthSAE,
					MLD:      dot11.Some(MLDTarget{Addr: apMLD(), Link: 1}),
					Elements: []byte{1, 1, 2}, Data: []byte{1, 0, 126, 0, 19, 0},
				})
			},
			command: CommandAuthenticate, flags: doFlags,
			want: join(num32(3, 7), address(6, apLink(1)), num32(38, 5180), raw(52, home...), num32(53, 4),
				raw(42, 1, 1, 2), raw(156, 1, 0, 126, 0, 19, 0), num8(313, 1), address(314, apMLD())),
		},
		{
			name: "associate without links",
			call: func(c *Client) error {
				return c.Associate(ctx, AssocRequest{Interface: 7, SSID: home, BSSID: apLink(0), Freq: 2412})
			},
			command: CommandAssociate, flags: doFlags,
			want: join(num32(3, 7), address(6, apLink(0)), num32(38, 2412), raw(52, home...)),
		},
		{
			name: "reassociate with links",
			call: func(c *Client) error {
				return c.Associate(ctx, AssocRequest{
					Interface: 7, SSID: home,
					MLD: dot11.Some(MLDTarget{Addr: apMLD(), Link: 1}),
					Links: []AssocLink{
						{ID: 0, BSSID: apLink(0), Freq: 2412, Elements: []byte{9, 1, 5}},
						{ID: 1, BSSID: apLink(1), Freq: 5180},
						{ID: 2, BSSID: apLink(2), Freq: 5975, Disabled: true},
					},
					Elements: []byte{48, 0}, PrevBSSID: dot11.Addr{2, 0, 0, 0, 2, 0},
					Crypto: Crypto{
						Versions: WPA2, Pairwise: dot11.CipherGCMP256, Group: dot11.CipherCCMP128,
						AKMs: []dot11.Suite{dot11.AKMSAEExtKey, dot11.AKMSAE}, MFP: true,
					},
					ControlPort: ControlPort{Controlled: true, OverNL80211: true, NoPreauth: true},
					SocketOwner: true, RRM: true, Disable: Disable{VHT: true},
				})
			},
			command: CommandAssociate, flags: doFlags,
			want: join(num32(3, 7), address(314, apMLD()), num8(313, 1),
				nest(312,
					nest(1, num8(313, 0), address(6, apLink(0)), num32(38, 2412), raw(42, 9, 1, 5)),
					nest(2, num8(313, 1), address(6, apLink(1)), num32(38, 5180)),
					nest(3, num8(313, 2), address(6, apLink(2)), num32(38, 5975), flag(326))),
				raw(52, home...), raw(42, 48, 0), address(79, dot11.Addr{2, 0, 0, 0, 2, 0}),
				num32(75, 2), num32(73, 0x000fac09), num32(74, 0x000fac04),
				attribute(76, join(num32(0, 0x000fac18)[4:], num32(0, 0x000fac08)[4:])), num32(66, 1),
				flag(68), num16(102, 0x888e), flag(264), flag(286), flag(204), flag(208), flag(175)),
		},
		{
			name: "associate without HT, HE and EHT, dynamic WEP",
			call: func(c *Client) error {
				return c.Associate(ctx, AssocRequest{
					Interface: 7, SSID: home, BSSID: apLink(0), Freq: 2412,
					ControlPort: ControlPort{Controlled: true, NoEncrypt: true}, Disable: Disable{HT: true, HE: true, EHT: true},
				})
			},
			command: CommandAssociate, flags: doFlags,
			want: join(num32(3, 7), address(6, apLink(0)), num32(38, 2412), raw(52, home...),
				flag(68), num16(102, 0x888e), flag(103), flag(147), flag(301), flag(311)),
		},
		{
			name: "deauthenticate",
			call: func(c *Client) error {
				return c.Deauthenticate(ctx, LeaveRequest{Interface: 7, Addr: apMLD(), Reason: dot11.ReasonDeauthLeaving, Elements: []byte{221, 0}})
			},
			command: CommandDeauthenticate, flags: doFlags,
			want: join(num32(3, 7), address(6, apMLD()), num16(54, 3), raw(42, 221, 0)),
		},
		{
			name: "disassociate locally",
			call: func(c *Client) error {
				return c.Disassociate(ctx, LeaveRequest{Interface: 7, Addr: apMLD(), Reason: dot11.ReasonDisassocLeaving, Local: true})
			},
			command: CommandDisassociate, flags: doFlags,
			want: join(num32(3, 7), address(6, apMLD()), num16(54, 8), flag(95)),
		},
		{
			name:    "disconnect",
			call:    func(c *Client) error { return c.Disconnect(ctx, 7, dot11.ReasonDeauthLeaving) },
			command: CommandDisconnect, flags: doFlags,
			want: join(num32(3, 7), num16(54, 3)),
		},
		{
			name: "pairwise key",
			call: func(c *Client) error {
				return c.NewKey(ctx, Key{Interface: 7, Type: KeyPairwise, Addr: apMLD(), Cipher: dot11.CipherCCMP128, Data: []byte{1, 2, 3}})
			},
			command: CommandNewKey, flags: doFlags,
			want: join(num32(3, 7), address(6, apMLD()),
				nest(80, num8(2, 0), raw(1, 1, 2, 3), num32(3, 0x000fac04), num32(7, 1))),
		},
		{
			name: "group key of link 2",
			call: func(c *Client) error {
				return c.NewKey(ctx, Key{
					Interface: 7, Link: dot11.Some(uint8(2)), Index: 4, Cipher: dot11.CipherBIPCMAC128,
					Data: []byte{1, 2}, Seq: []byte{6, 0, 0, 0, 0, 0},
				})
			},
			command: CommandNewKey, flags: doFlags,
			want: join(num32(3, 7),
				nest(80, num8(2, 4), raw(1, 1, 2), num32(3, 0x000fac06), raw(4, 6, 0, 0, 0, 0, 0), num32(7, 0)), num8(313, 2)),
		},
		{
			name:    "remove a group key without link",
			call:    func(c *Client) error { return c.DelKey(ctx, Key{Interface: 7, Index: 1}) },
			command: CommandDelKey, flags: doFlags,
			want: join(num32(3, 7), nest(80, num8(2, 1), num32(7, 0))),
		},
		{
			name: "remove the pairwise key",
			call: func(c *Client) error {
				return c.DelKey(ctx, Key{Interface: 7, Type: KeyPairwise, Addr: apMLD()})
			},
			command: CommandDelKey, flags: doFlags,
			want: join(num32(3, 7), address(6, apMLD()), nest(80, num8(2, 0), num32(7, 1))),
		},
		{
			name: "default group key of link 0",
			call: func(c *Client) error {
				return c.SetDefaultKey(ctx, 7, dot11.Some(uint8(0)), 1, DefaultMulticast)
			},
			command: CommandSetKey, flags: doFlags,
			want: join(num32(3, 7), nest(80, num8(2, 1), flag(5), nest(8, flag(2))), num8(313, 0)),
		},
		{
			name: "default unicast key",
			call: func(c *Client) error {
				return c.SetDefaultKey(ctx, 7, dot11.Optional[uint8]{}, 0, DefaultUnicast)
			},
			command: CommandSetKey, flags: doFlags,
			want: join(num32(3, 7), nest(80, num8(2, 0), flag(5), nest(8, flag(1)))),
		},
		{
			name: "default management key",
			call: func(c *Client) error {
				return c.SetDefaultKey(ctx, 7, dot11.Optional[uint8]{}, 4, DefaultMgmt)
			},
			command: CommandSetKey, flags: doFlags,
			want: join(num32(3, 7), nest(80, num8(2, 4), flag(6), nest(8, flag(2)))),
		},
		{
			name: "default beacon key",
			call: func(c *Client) error {
				return c.SetDefaultKey(ctx, 7, dot11.Some(uint8(1)), 6, DefaultBeacon)
			},
			command: CommandSetKey, flags: doFlags,
			want: join(num32(3, 7), nest(80, num8(2, 6), flag(10), nest(8, flag(2))), num8(313, 1)),
		},
		{
			name: "authorize",
			call: func(c *Client) error {
				return c.SetStation(ctx, 7, apMLD(), StationAuthorized, StationAuthorized)
			},
			command: CommandSetStation, flags: doFlags,
			want: join(num32(3, 7), address(6, apMLD()), attribute(67, join(num32(0, 2)[4:], num32(0, 2)[4:]))),
		},
		{
			name:    "scan all",
			call:    func(c *Client) error { return c.TriggerScan(ctx, ScanRequest{Interface: 7}) },
			command: CommandTriggerScan, flags: doFlags,
			want: num32(3, 7),
		},
		{
			name: "scan and flush",
			call: func(c *Client) error {
				return c.TriggerScan(ctx, ScanRequest{
					Interface: 7, SSIDs: [][]byte{nil, home}, Freqs: []int{2412, 5180}, Elements: []byte{255, 1, 107},
					Flags: ScanFlush | ScanColocated6G, BSSID: apLink(0), Dwell: 100 * tu,
				})
			},
			command: CommandTriggerScan, flags: doFlags,
			want: join(num32(3, 7), nest(45, flag(1), raw(2, home...)), nest(44, num32(1, 2412), num32(2, 5180)),
				raw(42, 255, 1, 107), num32(158, 1<<1|1<<14), address(245, apLink(0)), num16(235, 100)),
		},
		{
			name:    "abort a scan",
			call:    func(c *Client) error { return c.AbortScan(ctx, 7) },
			command: CommandAbortScan, flags: doFlags,
			want: num32(3, 7),
		},
		{
			name: "send a frame off channel",
			call: func(c *Client) error {
				got, err := c.SendFrame(ctx, FrameRequest{
					Interface: 7, Frame: []byte{0xd0, 0}, Channel: ChannelDef{Freq: 5180, Width: Width80, Center1: 5210},
					Wait: 50 * time.Millisecond, OffChannel: true, NoCCK: true,
				})
				wantCookie(t, got, 77)
				return err
			},
			command: CommandFrame, flags: askFlags,
			want: join(num32(3, 7), raw(51, 0xd0, 0), num32(38, 5180), num32(159, 3), num32(160, 5210),
				num32(87, 50), flag(108), flag(135)),
			answer: []genetlink.Message{cookie},
		},
		{
			name: "send a frame on a channel with everything",
			call: func(c *Client) error {
				_, err := c.SendFrame(ctx, FrameRequest{
					Interface: 7, Frame: []byte{0xd0, 0},
					Channel: ChannelDef{Freq: 5180, Offset: 500, Width: Width80P80, Center1: 5210, Center2: 5530, Punctured: 2},
				})
				return err
			},
			command: CommandFrame, flags: askFlags,
			want:   join(num32(3, 7), raw(51, 0xd0, 0), num32(38, 5180), num32(290, 500), num32(159, 4), num32(160, 5210), num32(161, 5530), num32(322, 2)),
			answer: []genetlink.Message{cookie},
		},
		{
			name: "send a frame on a link and forget it",
			call: func(c *Client) error {
				got, err := c.SendFrame(ctx, FrameRequest{Interface: 7, Frame: []byte{0xd0, 0}, Link: dot11.Some(uint8(1)), NoAck: true})
				wantCookie(t, got, 0)
				return err
			},
			command: CommandFrame, flags: doFlags,
			want: join(num32(3, 7), raw(51, 0xd0, 0), num8(313, 1), flag(142)),
		},
		{
			name:    "stop waiting for an answer",
			call:    func(c *Client) error { return c.CancelFrameWait(ctx, 7, 77) },
			command: CommandFrameWaitCancel, flags: doFlags,
			want: join(num32(3, 7), num64(88, 77)),
		},
		{
			name: "register for action frames",
			call: func(c *Client) error {
				return c.RegisterFrame(ctx, 7, FrameFilter{Kind: dot11.Action, Match: []byte{10, 7}, Multicast: true})
			},
			command: CommandRegisterFrame, flags: doFlags,
			want: join(num32(3, 7), num16(101, 0xd0), raw(91, 10, 7), flag(289)),
		},
		{
			name: "register for all probe requests",
			call: func(c *Client) error {
				return c.RegisterFrame(ctx, 7, FrameFilter{Kind: dot11.ProbeRequest})
			},
			command: CommandRegisterFrame, flags: doFlags,
			want: join(num32(3, 7), num16(101, 0x40), flag(91)),
		},
		{
			name: "remain on a channel",
			call: func(c *Client) error {
				got, err := c.RemainOnChannel(ctx, 7, 5180, 100*time.Millisecond)
				wantCookie(t, got, 77)
				return err
			},
			command: CommandRemainOnChannel, flags: askFlags,
			want:   join(num32(3, 7), num32(38, 5180), num32(87, 100)),
			answer: []genetlink.Message{cookie},
		},
		{
			name:    "come back",
			call:    func(c *Client) error { return c.CancelRemainOnChannel(ctx, 7, 77) },
			command: CommandCancelRemainOnChannel, flags: doFlags,
			want: join(num32(3, 7), num64(88, 77)),
		},
		{
			name: "send EAPOL",
			call: func(c *Client) error {
				_, err := c.SendControlPort(ctx, ControlPortRequest{Interface: 7, Dst: apMLD(), Payload: []byte{2, 3}, Clear: true})
				return err
			},
			command: CommandControlPortFrame, flags: doFlags,
			want: join(num32(3, 7), num16(102, 0x888e), address(6, apMLD()), raw(51, 2, 3), flag(103)),
		},
		{
			name: "send preauthentication on a link",
			call: func(c *Client) error {
				_, err := c.SendControlPort(ctx, ControlPortRequest{
					Interface: 7, Dst: apMLD(), EtherType: 0x88c7, Payload: []byte{2, 3}, Link: dot11.Some(uint8(0)),
				})
				return err
			},
			command: CommandControlPortFrame, flags: doFlags,
			want: join(num32(3, 7), num16(102, 0x88c7), address(6, apMLD()), raw(51, 2, 3), num8(313, 0)),
		},
		{
			name:    "save power",
			call:    func(c *Client) error { return c.SetPowerSave(ctx, 7, true) },
			command: CommandSetPowerSave, flags: doFlags,
			want: join(num32(3, 7), num32(93, 1)),
		},
		{
			name:    "save no power",
			call:    func(c *Client) error { return c.SetPowerSave(ctx, 7, false) },
			command: CommandSetPowerSave, flags: doFlags,
			want: join(num32(3, 7), num32(93, 0)),
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := tt.call(expect(t, tt.command, tt.flags, tt.want, tt.answer...)); err != nil {
				t.Error(err)
			}
		})
	}
}

// What no request can hold is an error before anything is sent.
func TestTooLarge(t *testing.T) {
	c := serve(t, nil)
	if err := c.TriggerScan(context.Background(), ScanRequest{Interface: 7, Elements: make([]byte, 1<<16)}); err == nil {
		t.Error("a scan with 64 KiB of elements was sent")
	}
}

func wantCookie(t *testing.T, got, want uint64) {
	t.Helper()
	if got != want {
		t.Errorf("cookie %d, want %d", got, want)
	}
}

func TestRegisterFrameRefusesOthers(t *testing.T) {
	c := serve(t, nil)
	if err := c.RegisterFrame(context.Background(), 7, FrameFilter{Kind: dot11.Data}); err == nil {
		t.Error("data frames were registered for")
	}
}
