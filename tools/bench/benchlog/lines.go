package benchlog

// kind is a kind of line. Its numbers go up to some hundred, or, of wide kinds
// in a log of distinct lines, as far as those of such lines do: serial numbers,
// times, ports, process ids.
type kind struct {
	weight int
	wide   bool
	text   string
}

// background are lines without any Wi-Fi fault in them; %d is a random number.
var background = []kind{
	{14, true, "systemd[1]: Started session-%d.scope - Session %d of User alice."},
	{8, false, "systemd[1]: Starting fwupd-refresh.service - Refresh fwupd metadata and update motd..."},
	{6, false, "systemd[1842]: Reached target paths.target - Paths."},
	{9, true, "kernel: [UFW BLOCK] IN=wlp192s0 OUT= MAC=02:00:00:00:01:00:02:00:00:00:02:00:08:00 SRC=192.0.2.%d DST=198.51.100.7 LEN=40 TTL=242 ID=%d PROTO=TCP SPT=51622 DPT=23"},
	{10, true, "kernel: audit: type=1400 audit(1768151654.%d:%d): apparmor=\"ALLOWED\" operation=\"open\" class=\"file\" profile=\"snap.firefox\" name=\"/proc/pressure/cpu\" pid=4471 comm=\"firefox\""},
	{4, false, "kernel: usb 3-2: new full-speed USB device number %d using xhci_hcd"},
	{3, true, "kernel: perf: interrupt took too long (%d > 2500), lowering kernel.perf_event_max_sample_rate to %d"},
	{2, false, "kernel: EXT4-fs (nvme0n1p2): re-mounted 3b1e7c52-6f0a-4f5e-9f57-000000000%d r/w. Quota mode: none."},
	{12, false, "gnome-shell[2301]: Window manager warning: Overwriting existing binding of keysym %d with keysym %d (keycode 13)."},
	{7, false, "gnome-shell[2301]: JS ERROR: TypeError: this._workspaces[%d] is undefined"},
	{9, true, "dbus-daemon[1101]: [session uid=1000 pid=1101] Activating via systemd: service name='org.freedesktop.portal.Desktop' requested by ':1.%d' (uid=1000 pid=%d comm=\"/usr/bin/nautilus\")"},
	{9, false, "dbus-daemon[1101]: [session uid=1000 pid=1101] Successfully activated service 'org.freedesktop.Tracker3.Miner.Extract'"},
	{6, true, "firefox.desktop[4471]: [Parent %d, Main Thread] WARNING: failed to open shared memory: %d"},
	{6, false, "kdeconnectd[4553]: No uuids found for \"02:00:00:00:%d:2C\""},
	{7, false, "pipewire[2112]: spa.alsa: hw:%d: snd_pcm_avail after recover: Broken pipe"},
	{5, false, "CRON[%d]: (root) CMD (command -v debian-sa1 > /dev/null && debian-sa1 1 1)"},
	{8, true, "sshd[%d]: Connection closed by authenticating user root 203.0.113.%d port 40122 [preauth]"},
	{5, false, "rtkit-daemon[1522]: Supervising %d threads of %d processes of 1 users."},
	{4, false, "bluetoothd[901]: src/profile.c:record_cb() Unable to get Hands-Free Voice gateway SDP record: Host is down"},
	{6, false, "thermald[911]: Error reading temperature of zone %d: -%d"},
	{8, true, "packagekitd[1711]: get-updates transaction /%d_bcdaecce from uid 1000 finished with success after %dms"},
	{3, false, "colord[1433]: failed to get edid data: EDID length is too small"},
	{6, true, "containerd[1333]: time=\"2026-01-11T18:14:14.%d+01:00\" level=info msg=\"cleaning up dead shim\" namespace=k8s.io"},
}

// healthy is a roam that goes well, healthyManager what the manager says of it.
var healthy = []string{
	"wpa_supplicant[1367]: wlp192s0: SME: Trying to authenticate with 02:00:00:00:%02x:51 (SSID='home' freq=5180 MHz)",
	"kernel: wlp192s0: disconnect from AP 02:00:00:00:00:ff for new auth to 02:00:00:00:%02x:ff",
	"kernel: wlp192s0: authenticate with 02:00:00:00:%02x:ff (local address=02:00:00:00:aa:01)",
	"kernel: wlp192s0: send auth to 02:00:00:00:%02x:ff (try 1/3)",
	"kernel: wlp192s0: authenticated",
	"kernel: wlp192s0: associate with 02:00:00:00:%02x:ff (try 1/3)",
	"kernel: wlp192s0: RX ReassocResp from 02:00:00:00:%02x:ff (capab=0x1111 status=0 aid=4)",
	"kernel: wlp192s0: [link 0] local address 02:00:00:00:aa:02, AP link address 02:00:00:00:%02x:50",
	"kernel: wlp192s0: [link 1] local address 02:00:00:00:aa:01, AP link address 02:00:00:00:%02x:51 (assoc)",
	"kernel: wlp192s0: associated",
	"wpa_supplicant[1367]: wlp192s0: Associated with 02:00:00:00:%02x:ff",
	"wpa_supplicant[1367]: wlp192s0: WPA: Key negotiation completed with 02:00:00:00:%02x:ff [PTK=CCMP GTK=CCMP]",
	"wpa_supplicant[1367]: wlp192s0: CTRL-EVENT-CONNECTED - Connection to 02:00:00:00:%02x:51 completed [id=0 id_str=]",
	"NetworkManager[1204]: <info>  [1768151654.1234] device (wlp192s0): supplicant interface state: associating -> completed",
}

// failure is a roam that kills the chip and is recovered from.
var failure = []string{
	"kernel: wlp192s0: disconnect from AP 02:00:00:00:00:ff for new auth to 02:00:00:00:%02x:ff",
	"kernel: wlp192s0: failed to remove key (1, ff:ff:ff:ff:ff:ff) from hardware (-22)",
	"wpa_supplicant[1367]: nl80211: kernel reports: Error fetching BSS for link",
	"wpa_supplicant[1367]: wlp192s0: SME: Association request to the driver failed",
	"kernel: wlp192s0: association with 02:00:00:00:%02x:ff timed out",
	"kernel: mt7925e 0000:c0:00.0: Message 00020002 (seq 12) timeout",
	"kernel: mt7925e 0000:c0:00.0: Message 00020003 (seq 13) timeout",
	"kernel: mt7925e 0000:c0:00.0: Message 00020001 (seq 14) timeout",
	"kernel: mt7925e 0000:c0:00.0: HW/SW Version: 0x8a108a10, Build Time: 20250721232852a",
	"kernel: mt7925e 0000:c0:00.0: WM Firmware Version: ____000000, Build Time: 20250721232943",
	"kernel: wlp192s0: Driver requested disconnection from AP 02:00:00:00:00:ff",
	"kernel: wlp192s0: authenticate with 02:00:00:00:%02x:ff (local address=02:00:00:00:aa:01)",
	"kernel: wlp192s0: send auth to 02:00:00:00:%02x:ff (try 1/3)",
	"kernel: wlp192s0: authenticated",
	"kernel: wlp192s0: associate with 02:00:00:00:%02x:ff (try 1/3)",
	"kernel: wlp192s0: RX AssocResp from 02:00:00:00:%02x:ff (capab=0x1111 status=0 aid=6)",
	"kernel: wlp192s0: associated",
}
