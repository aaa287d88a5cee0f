package journal

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestDamage shows what people's tools do to a log on its way, and the records
// that are left of it.
func TestDamage(t *testing.T) {
	tests := []struct {
		name string
		in   string
		want []string
	}{
		{
			"quoted", `
> [  521.553436] mt7925e 0000:05:00.0: chip reset
>> [  521.661983] wlan0: associated
> > >    [  522.000001] wlan0: authenticated
>     [  523.000001] wlan0: deep
  > [  524.000001] wlan0: indented by the client
`, []string{
				"2+1 +521.553436s kernel | mt7925e 0000:05:00.0: chip reset",
				"3+1 +521.661983s kernel | wlan0: associated",
				"4+1 +522.000001s kernel | wlan0: authenticated",
				"5+1 +523.000001s kernel | wlan0: deep",
				"6+1 +524.000001s kernel | wlan0: indented by the client",
			},
		},
		{
			"quoted-printable, soft breaks", `
Jul 04 13:06:33 box kernel: mt7925e 0000:03:00.0: driver own failed=0A=
Jul 04 13:06:35 box kernel: mt7925e 0000:03:00.0: HW/SW Version: 0x8a108a=
10, Build Time: 20250101000000a=0A=
Jul 04 13:06:36 box kernel: wlan0: deauthenticating from 02:00:00:00:01:=
00 by local choice (Reason: 3=3DDEAUTH_LEAVING)=0A=
Jul 04 13:06:37 box kernel: mt7925e 0000:03:00.0: Timeout for driver own=
=0A=
Jul 04 13:06:38 box kernel: wlan0: caf=C3=A9=20
`, []string{
				"2+1 --07-04T13:06:33 @box kernel | mt7925e 0000:03:00.0: driver own failed",
				"3+2 --07-04T13:06:35 @box kernel | mt7925e 0000:03:00.0: HW/SW Version: 0x8a108a10, Build Time: 20250101000000a",
				"5+2 --07-04T13:06:36 @box kernel | wlan0: deauthenticating from 02:00:00:00:01:00 by local choice (Reason: 3=DEAUTH_LEAVING)",
				"7+2 --07-04T13:06:37 @box kernel | mt7925e 0000:03:00.0: Timeout for driver own",
				"9+1 --07-04T13:06:38 @box kernel | wlan0: café",
			},
		},
		{
			"quoted-printable within quoting", `
>     [  521.661983] mt7925e 0000:05:00.0: HW/SW Version: 0x8a108a10, Build=
 Time: 20250101000000a
>     [  521.661983]=20
> [  522.000000] audit: type=3D1131 pid=3D1 uid=3D0 auid=3D4294967295 ses=3D=
> 4294967295 res=3Dsuccess
`, []string{
				"2+2 +521.661983s kernel | mt7925e 0000:05:00.0: HW/SW Version: 0x8a108a10, Build Time: 20250101000000a",
				"4+1 +521.661983s kernel | ",
				"5+2 +522.000000s kernel | audit: type=1131 pid=1 uid=0 auid=4294967295 ses=4294967295 res=success",
			},
		},
		{
			"not quoted-printable", `
[  100.000001] wlan0: aborting (Reason: 3=DEAUTH_LEAVING)
[  100.000002] wlan0: RX AssocResp (capab=0x1111 status=30 aid=20
[  100.000003] wlan0: status=30
[  100.000004] audit: key=
[  100.000005] wlan0: hash AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISI=
`, []string{
				"2+1 +100.000001s kernel | wlan0: aborting (Reason: 3=DEAUTH_LEAVING)",
				"3+1 +100.000002s kernel | wlan0: RX AssocResp (capab=0x1111 status=30 aid=20",
				"4+1 +100.000003s kernel | wlan0: status=30",
				"5+1 +100.000004s kernel | audit: key=",
				"6+1 +100.000005s kernel | wlan0: hash AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISI=",
			},
		},
		{
			"wrapped by a mail program", `
Jan 10 18:38:57 box kernel: wlan0: RX ReassocResp from
02:00:00:00:01:00 (capab=3D0x1111 status=3D30 aid=3D0)
Jan 10 18:38:57 box kernel: wlan0: 02:00:00:00:01:00 rejected
association temporarily; comeback duration 900 TU (921 ms)
Jan 10 18:39:01 box kernel: mt7925e 0000:bf:00.0: Message 00020002
(seq 11) timeout
Jan 10 18:39:16 box kernel: mt7925e 0000:bf:00.0: driver own failed
...
Jan 10 18:39:17 box kernel: BUG: kernel NULL pointer dereference,
address: 0000000000000000
`, []string{
				"2+2 --01-10T18:38:57 @box kernel | wlan0: RX ReassocResp from 02:00:00:00:01:00 (capab=0x1111 status=30 aid=0)",
				"4+2 --01-10T18:38:57 @box kernel | wlan0: 02:00:00:00:01:00 rejected association temporarily; comeback duration 900 TU (921 ms)",
				"6+2 --01-10T18:39:01 @box kernel | mt7925e 0000:bf:00.0: Message 00020002 (seq 11) timeout",
				"8+1 --01-10T18:39:16 @box kernel | mt7925e 0000:bf:00.0: driver own failed",
				"9+1 | ...",
				"10+2 --01-10T18:39:17 @box kernel | BUG: kernel NULL pointer dereference, address: 0000000000000000",
			},
		},
		{
			"wrapped behind the tag", `
Jan 10 18:38:57 a-box-with-a-long-name.example.org kernel:
mt7925e 0000:bf:00.0: HW/SW Version: 0x8a108a10
Jan 10 18:38:58 a-box-with-a-long-name.example.org kernel: wlan0:
associated
`, []string{
				"2+2 --01-10T18:38:57 @a-box-with-a-long-name.example.org kernel | mt7925e 0000:bf:00.0: HW/SW Version: 0x8a108a10",
				"4+2 --01-10T18:38:58 @a-box-with-a-long-name.example.org kernel | wlan0: associated",
			},
		},
		{
			"wrapped after quoting", `
> [ 8899.011186] mt7925e 0000:03:00.0: AMD-Vi: Event logged in the
> [IO_PAGE_FAULT domain=0x000c address=0x0 flags=0x0020]
> [ 8902.129421] mt7925e 0000:03:00.0: Message 00000010 (seq 8) timeout
`, []string{
				"2+2 +8899.011186s kernel | mt7925e 0000:03:00.0: AMD-Vi: Event logged in the [IO_PAGE_FAULT domain=0x000c address=0x0 flags=0x0020]",
				"4+1 +8902.129421s kernel | mt7925e 0000:03:00.0: Message 00000010 (seq 8) timeout",
			},
		},
		{
			"flowed", `
[   80.793042] wlan0: detected beacon loss from AP (missed 7 beacons) - ` + `
probing
[   80.824424] wlan0: No ack for nullfunc frame to AP 02:00:00:xx:xx:xx, ` + `
try 1/2
[   80.889060] wlan0: moving STA 02:00:00:xx:xx:xx to state 3
`, []string{
				"2+2 +80.793042s kernel | wlan0: detected beacon loss from AP (missed 7 beacons) - probing",
				"4+2 +80.824424s kernel | wlan0: No ack for nullfunc frame to AP 02:00:00:xx:xx:xx, try 1/2",
				"6+1 +80.889060s kernel | wlan0: moving STA 02:00:00:xx:xx:xx to state 3",
			},
		},
		{
			"cut at the width of a terminal", `
Sun Jan 11 18:14:14 2026 kern.warn kernel: [ 2545.296960] ath10k_ahb a800000.wifi: removing peer, deleting: peer ce1ec600 v
dev:  0 addr: 02:00:00:00:01:00
Sun Jan 11 18:14:14 2026 kern.warn kernel: [ 2545.320425] ath10k_ahb a800000.wifi: failed to read hi_board_data
Sun Jan 11 18:14:14 2026 kern.info kernel: [ 2545.359831] ieee80211 phy2: Hardware restart was requested with many words, a
nd this is the end of it
`, []string{
				"2+2 2026-01-11T18:14:14 +2545.296960s kernel p4 kernel | ath10k_ahb a800000.wifi: removing peer, deleting: peer ce1ec600 vdev:  0 addr: 02:00:00:00:01:00",
				"4+1 2026-01-11T18:14:14 +2545.320425s kernel p4 kernel | ath10k_ahb a800000.wifi: failed to read hi_board_data",
				"5+2 2026-01-11T18:14:14 +2545.359831s kernel p6 kernel | ieee80211 phy2: Hardware restart was requested with many words, and this is the end of it",
			},
		},
		{
			"records of one length, wrapped at one word", `
> [  600.553436] wlan0: [link 0] local address 02:00:00:00:00:01, AP link address
02:00:00:00:01:00
> [  600.661983] wlan0: [link 1] local address 02:00:00:00:00:02, AP link address
02:00:00:00:01:01
> [  600.700000] wlan0: associated
`, []string{
				"2+2 +600.553436s kernel | wlan0: [link 0] local address 02:00:00:00:00:01, AP link address 02:00:00:00:01:00",
				"4+2 +600.661983s kernel | wlan0: [link 1] local address 02:00:00:00:00:02, AP link address 02:00:00:00:01:01",
				"6+1 +600.700000s kernel | wlan0: associated",
			},
		},
		{
			"wrapped wide", `
Jan 11 18:14:14 box kernel: mt7925e 0000:05:00.0: some message long enough to be wrapped at some
hundred columns by something
Jan 11 18:14:15 box kernel: wlan0: another one
Jan 11 18:14:16 box wpa_supplicant[608]: wlan0: SME: Trying to authenticate with 02:00:00:00:01:00
(SSID='test' freq=6135 MHz)
Jan 11 18:14:16 box wpa_supplicant[608]: wlan0: Trying to associate with a SSID with a long name
which is here
░░ Subject: a note of journalctl -x
`, []string{
				"2+2 --01-11T18:14:14 @box kernel | mt7925e 0000:05:00.0: some message long enough to be wrapped at some hundred columns by something",
				"4+1 --01-11T18:14:15 @box kernel | wlan0: another one",
				"5+2 --01-11T18:14:16 @box wpa_supplicant[608] syslog | wlan0: SME: Trying to authenticate with 02:00:00:00:01:00 (SSID='test' freq=6135 MHz)",
				"7+2 --01-11T18:14:16 @box wpa_supplicant[608] syslog | wlan0: Trying to associate with a SSID with a long name which is here",
				"9+1 | ░░ Subject: a note of journalctl -x",
			},
		},
		{
			"table of time and message", `
| time | message |
| 18:14:14 | wlan0: deauthenticated |
`, []string{"2+1 | | time | message |", "3+1 T18:14:14 | wlan0: deauthenticated"},
		},
		{
			"wide lines between short ones are not wrapped", `
[    6.908055] wlan0: RX AssocResp from 02:00:00:00:00:ff (capab=0x1 status=0 aid=1)
OK
[    6.921253] wlan0: [link 0] local address 02:00:00:00:01:02, AP link address 02:00:00:00:00:00 (assoc)
roam: FAIL
[    6.946940] wlan0: associated
bssid=02:00:00:00:00:ff
`, []string{
				"2+1 +6.908055s kernel | wlan0: RX AssocResp from 02:00:00:00:00:ff (capab=0x1 status=0 aid=1)",
				"3+1 | OK",
				"4+1 +6.921253s kernel | wlan0: [link 0] local address 02:00:00:00:01:02, AP link address 02:00:00:00:00:00 (assoc)",
				"5+1 | roam: FAIL",
				"6+1 +6.946940s kernel | wlan0: associated",
				"7+1 | bssid=02:00:00:00:00:ff",
			},
		},
		{
			"bare lines begin like records", `
[24305.772732] mt7925e 0000:2c:00.0: HW/SW Version: 0x8a108a10, Build from
wlan0: associated
[24305.772733] mt7925e 0000:2c:00.0: HW/SW Version: 0x8a108a10, Build from
mt7925e 0000:2c:00.0: driver own failed
[24305.772734] mt7925e 0000:2c:00.0: HW/SW Version: 0x8a108a10, Build from
 mt7925_mac_reset_work+0x2a3/0x360 [mt7925_common]
[24305.772735] mt7925e 0000:2c:00.0: HW/SW Version: 0x8a108a10, Build from
usb 2-1: USB disconnect, device number 2
`, []string{
				"2+1 +24305.772732s kernel | mt7925e 0000:2c:00.0: HW/SW Version: 0x8a108a10, Build from",
				"3+1 | wlan0: associated",
				"4+1 +24305.772733s kernel | mt7925e 0000:2c:00.0: HW/SW Version: 0x8a108a10, Build from",
				"5+1 | mt7925e 0000:2c:00.0: driver own failed",
				"6+1 +24305.772734s kernel | mt7925e 0000:2c:00.0: HW/SW Version: 0x8a108a10, Build from",
				"7+1 | mt7925_mac_reset_work+0x2a3/0x360 [mt7925_common]",
				"8+1 +24305.772735s kernel | mt7925e 0000:2c:00.0: HW/SW Version: 0x8a108a10, Build from",
				"9+1 | usb 2-1: USB disconnect, device number 2",
			},
		},
		{
			"bare and indented, tail deeper", `
  mt7925e 0000:2b:00.0: ASIC revision: 79250000
  mt7925e 0000:2b:00.0: WM Firmware Version: ____000000, Build Time:
    20260101000000
  mt7925e 0000:2b:00.0: hardware init failed
`, []string{
				"2+1 | mt7925e 0000:2b:00.0: ASIC revision: 79250000",
				"3+2 | mt7925e 0000:2b:00.0: WM Firmware Version: ____000000, Build Time: 20260101000000",
				"5+1 | mt7925e 0000:2b:00.0: hardware init failed",
			},
		},
		{
			"splat", `
BUG: kernel NULL pointer dereference, address: 0000000000000000
#PF: supervisor read access in kernel mode
PGD 0 P4D 0
Call Trace:
 <TASK>
 mt7925_vif_connect_iter+0x95/0x190 [mt7925_common]
 ? enable_work+0x2b/0xd0
 </TASK>
pc : mt76_connac_mcu_uni_add_dev+0x9c/0x218 [mt76_connac_lib]
x2 : ffffff8012345018 x1 : 0000000000000000 x0 : ffffff8012346080
`, []string{
				"2+1 | BUG: kernel NULL pointer dereference, address: 0000000000000000",
				"3+1 | #PF: supervisor read access in kernel mode",
				"4+1 | PGD 0 P4D 0",
				"5+1 | Call Trace:",
				"6+1 | <TASK>",
				"7+1 | mt7925_vif_connect_iter+0x95/0x190 [mt7925_common]",
				"8+1 | ? enable_work+0x2b/0xd0",
				"9+1 | </TASK>",
				"10+1 | pc : mt76_connac_mcu_uni_add_dev+0x9c/0x218 [mt76_connac_lib]",
				"11+1 | x2 : ffffff8012345018 x1 : 0000000000000000 x0 : ffffff8012346080",
			},
		},
		{
			"several records on one line",
			"[1014428.026033] wlan0: deauthenticated (Reason: 3=DEAUTH_LEAVING) [1014439.871042] mt7925e 0000:02:00.0: ASIC revision: 79250000 [1014440.940270] wlan0: renamed\n" +
				"Jan 11 18:14:14 box kernel: wlan0: one Jan 11 18:14:15 box wpa_supplicant[6]: wlan0: two\n" +
				"2026-01-11T18:14:14+01:00 box kernel: wlan0: one 2026-01-11T18:14:15+01:00 box kernel: [1014441.234567] wlan0: two\n" +
				"Sun Jan 11 18:14:14 2026 kern.info kernel: [1014442.000001] wlan0: one[1014442.000002] wlan0: two\n" +
				"[Sun Jan 11 18:14:14 2026] wlan0: one [Sun Jan 11 18:14:15 2026] wlan0: two",
			[]string{
				"1+1 +1014428.026033s kernel | wlan0: deauthenticated (Reason: 3=DEAUTH_LEAVING)",
				"1+1 +1014439.871042s kernel | mt7925e 0000:02:00.0: ASIC revision: 79250000",
				"1+1 +1014440.940270s kernel | wlan0: renamed",
				"2+1 --01-11T18:14:14 @box kernel | wlan0: one",
				"2+1 --01-11T18:14:15 @box wpa_supplicant[6] syslog | wlan0: two",
				"3+1 2026-01-11T18:14:14+01:00 @box kernel | wlan0: one",
				"3+1 2026-01-11T18:14:15+01:00 +1014441.234567s @box kernel | wlan0: two",
				"4+1 2026-01-11T18:14:14 +1014442.000001s kernel p6 kernel | wlan0: one",
				"4+1 +1014442.000002s kernel | wlan0: two",
				"5+1 2026-01-11T18:14:14 kernel | wlan0: one",
				"5+1 2026-01-11T18:14:15 kernel | wlan0: two",
			},
		},
		{
			"brackets that begin no record", `
[ 4984.107790] pcieport 0000:00:1d.3:    [ 0] Receiver Error         (First)
Jan 11 18:14:14 box NetworkManager[9]: <debug> [1240237273.001808] periodic_update(): roamed
[ 4985.000000] audit: audit(1658209463.918:142): pid=1
`, []string{
				"2+1 +4984.107790s kernel | pcieport 0000:00:1d.3:    [ 0] Receiver Error         (First)",
				"3+1 --01-11T18:14:14 @box NetworkManager[9] p7 syslog | periodic_update(): roamed",
				"4+1 +4985.000000s kernel | audit: audit(1658209463.918:142): pid=1",
			},
		},
		{
			"two writers", `
[ 1811.969572] wlan0: deauthenticated from 02:00:00:00:01:00 (Reason: 3)
wlan0: CTRL-EVENT-DISCONNECTED b[ 1812.061463] cfg80211: Calling CRDA
ssid=02:00:00:00:01:00 reason=3
wlan0: WPA: 4-Way Handshake failed
`, []string{
				"2+1 +1811.969572s kernel | wlan0: deauthenticated from 02:00:00:00:01:00 (Reason: 3)",
				"3+2 | wlan0: CTRL-EVENT-DISCONNECTED bssid=02:00:00:00:01:00 reason=3",
				"3+1 +1812.061463s kernel | cfg80211: Calling CRDA",
				"5+1 | wlan0: WPA: 4-Way Handshake failed",
			},
		},
		{
			"two writers, several kernel lines between", `
wlan0: CTRL-EVENT-DISC[ 1812.061463] cfg80211: Calling CRDA
[ 1812.061470] wlan0: more
ONNECTED bssid=02:00:00:00:01:00 reason=3
[ 1812.061480] wlan0: after
`, []string{
				"2+3 | wlan0: CTRL-EVENT-DISCONNECTED bssid=02:00:00:00:01:00 reason=3",
				"2+1 +1812.061463s kernel | cfg80211: Calling CRDA",
				"3+1 +1812.061470s kernel | wlan0: more",
				"5+1 +1812.061480s kernel | wlan0: after",
			},
		},
		{
			"whole record before the other writer", `
wlan0: RX AssocResp (aid=1)[ 1812.061463] cfg80211: Calling CRDA
some prose here
`, []string{
				"2+1 | wlan0: RX AssocResp (aid=1)",
				"2+1 +1812.061463s kernel | cfg80211: Calling CRDA",
				"3+1 | some prose here",
			},
		},
		{
			"marks of diffs, lists, tables", `
+[    8.245881] mt7996e 0000:01:00.0: one
# [    8.245882] mt7996e 0000:01:00.0: two
* [    8.245883] mt7996e 0000:01:00.0: three
| [    8.245884] mt7996e 0000:01:00.0: four |
- Jan 11 18:14:14 box kernel: five
` + "`[    8.245886] mt7996e 0000:01:00.0: six`" + `
[code][    8.245887] mt7996e 0000:01:00.0: seven[/code]
`, []string{
				"2+1 +8.245881s kernel | mt7996e 0000:01:00.0: one",
				"3+1 +8.245882s kernel | mt7996e 0000:01:00.0: two",
				"4+1 +8.245883s kernel | mt7996e 0000:01:00.0: three",
				"5+1 +8.245884s kernel | mt7996e 0000:01:00.0: four",
				"6+1 --01-11T18:14:14 @box kernel | five",
				"7+1 +8.245886s kernel | mt7996e 0000:01:00.0: six",
				"8+1 +8.245887s kernel | mt7996e 0000:01:00.0: seven",
			},
		},
		{
			"fences", "```text\n[    8.245881] wlan0: one\n```\n[code]\n[    8.245882] wlan0: two\n[/code]\n",
			[]string{
				"2+1 +8.245881s kernel | wlan0: one",
				"5+1 +8.245882s kernel | wlan0: two",
			},
		},
		{
			"grep", `
108:Oct 13 13:16:42 box kernel: wlan0: one
109-Oct 13 13:16:43 box kernel: wlan0: two
/var/log/syslog:Oct 13 13:16:44 box kernel: wlan0: three
messages.1:12:Oct 13 13:16:45 box kernel: wlan0: four
   110	Oct 13 13:16:46 box kernel: wlan0: five
`, []string{
				"2+1 --10-13T13:16:42 @box kernel | wlan0: one",
				"3+1 --10-13T13:16:43 @box kernel | wlan0: two",
				"4+1 --10-13T13:16:44 @box kernel | wlan0: three",
				"5+1 --10-13T13:16:45 @box kernel | wlan0: four",
				"6+1 --10-13T13:16:46 @box kernel | wlan0: five",
			},
		},
		{
			"uniq -c", `
      4  box wpa_supplicant: wlan0: Associated with 02:00:00:00:01:00
     12  box NetworkManager: <info> (wlan0): supplicant interface state
      1  wlan0: associated
`, []string{
				"2+1 @box wpa_supplicant syslog x4 | wlan0: Associated with 02:00:00:00:01:00",
				"3+1 @box NetworkManager p6 syslog x12 | (wlan0): supplicant interface state",
				"4+1 | wlan0: associated",
			},
		},
		{
			"blank line after each", `
Apr 13 16:19:14 box kernel: wlan0: RX ReassocResp from somewhere

02:00:00:00:01:00 (capab=0x1111 status=30 aid=0)

Apr 13 16:19:15 box kernel: wlan0: 02:00:00:00:01:00 rejected

association temporarily; comeback duration 900 TU (921 ms)

`, []string{
				"2+3 --04-13T16:19:14 @box kernel | wlan0: RX ReassocResp from somewhere 02:00:00:00:01:00 (capab=0x1111 status=30 aid=0)",
				"6+3 --04-13T16:19:15 @box kernel | wlan0: 02:00:00:00:01:00 rejected association temporarily; comeback duration 900 TU (921 ms)",
			},
		},
		{
			"carriage returns", "[    8.245881] wlan0: one\r\n\r\n[    8.245882] wlan0: two\r\r\n",
			[]string{"1+1 +8.245881s kernel | wlan0: one", "3+1 +8.245882s kernel | wlan0: two"},
		},
		{
			"colours", "\x1b[32m[    8.245881] \x1b[0m\x1b[33mwlan0: \x1b[0mone\n\x1bc\x1b[?7l\x1b[2Jboot\n\x1b]0;title\x07[    8.245882] wlan0: two\n",
			[]string{"1+1 +8.245881s kernel | wlan0: one", "2+1 | boot", "3+1 +8.245882s kernel | wlan0: two"},
		},
		{
			"grep with colours", "\x1b[35m\x1b[Klog.txt\x1b[m\x1b[K\x1b[36m\x1b[K:\x1b[m\x1b[KJan 11 18:14:14 box kernel: wlan0: \x1b[01;31m\x1b[Kmsg\x1b[m\x1b[K\n",
			[]string{"1+1 --01-11T18:14:14 @box kernel | wlan0: msg"},
		},
		{
			"NUL bytes in front", strings.Repeat("\x00", 4096) + "Jan 11 18:14:14 box kernel: wlan0: msg\n",
			[]string{"1+1 --01-11T18:14:14 @box kernel | wlan0: msg"},
		},
		{
			"NUL bytes within a line", "Jan 11 18:14:14 box ker" + strings.Repeat("\x00", 512) + "Jan 11 18:20:00 box kernel: wlan0: msg\nwlan0: x\x00y\n",
			[]string{"1+1 --01-11T18:14:14 | box ker", "1+1 --01-11T18:20:00 @box kernel | wlan0: msg", "2+1 | wlan0: xy"},
		},
		{
			"invalid UTF-8 and controls", "wlan0: SSID 'a\xffb' \x07bell \u0085 \u202eright-to-left \u200f\n",
			[]string{"1+1 | wlan0: SSID 'a\ufffdb' bell  \u202eright-to-left \u200f"},
		},
		{
			"masked", "[    1.000001] wlan0: authenticate with <redacted>\n[    1.000002] wlan0: RX AssocResp from xx:xx:xx:xx:xx:xx\n",
			[]string{"1+1 +1.000001s kernel | wlan0: authenticate with <redacted>", "2+1 +1.000002s kernel | wlan0: RX AssocResp from xx:xx:xx:xx:xx:xx"},
		},
		{
			"remarks", "wlan0: associated            <- succeeded 12s later\nphy1-ap0: failed to set key (-110)   # why?\n",
			[]string{"1+1 | wlan0: associated            <- succeeded 12s later", "2+1 | phy1-ap0: failed to set key (-110)   # why?"},
		},
		{
			"no newline at the end", "[    1.000001] wlan0: associated",
			[]string{"1+1 +1.000001s kernel | wlan0: associated"},
		},
		{
			"one device's records without stamps run together", "mt7925e 0000:02:00.0: ASIC revision: 0000 mt7925e 0000:02:00.0: Message 00000010 (seq 1) timeout mt7925e 0000:02:00.0: hardware init failed\n",
			[]string{
				"1+1 | mt7925e 0000:02:00.0: ASIC revision: 0000",
				"1+1 | mt7925e 0000:02:00.0: Message 00000010 (seq 1) timeout",
				"1+1 | mt7925e 0000:02:00.0: hardware init failed",
			},
		},
		{
			"another device named within a record", "mt7925e 0000:02:00.0: see mt7925e 0000:03:00.0: nothing\nmt7925e 0000:02:00.0: (mt7925e 0000:02:00.0: nested)\n",
			[]string{
				"1+1 | mt7925e 0000:02:00.0: see mt7925e 0000:03:00.0: nothing",
				"2+1 | mt7925e 0000:02:00.0: (mt7925e 0000:02:00.0: nested)",
			},
		},
		{"empty", "", nil},
		{"blank", "\n  \n\t\n", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, _ := readAll(t, tt.in)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("records (-want +got):\n%s", diff)
			}
		})
	}
}
