package journal

import (
	"bytes"
	"context"
	"fmt"
	"testing"
)

var prefixSamples = []struct{ name, line string }{
	{"dmesg", "[ 1264.826132] mt7925e 0000:01:00.0: Message 00020002 (seq 12) timeout"},
	{"dmesg-caller", "[ 1264.826132][  T123] mt7925e 0000:01:00.0: Message 00020002 (seq 12) timeout"},
	{"dmesg-ctime", "[Sun Jan 11 18:14:14 2026] mt7925e 0000:01:00.0: Message 00020002 (seq 12) timeout"},
	{"short", "Jan 11 18:14:14 box kernel: mt7925e 0000:01:00.0: Message 00020002 (seq 12) timeout"},
	{"short-both-clocks", "Jan 11 18:14:14 box kernel: [ 1264.826132] mt7925e 0000:01:00.0: Message 00020002 (seq 12) timeout"},
	{"short-iso", "2026-01-11T18:14:14+01:00 box wpa_supplicant[608]: wlan0: CTRL-EVENT-BEACON-LOSS"},
	{"short-iso-precise", "2026-01-11T18:14:14.123456+01:00 box kernel: [ 1264.826132] wlan0: associated"},
	{"short-full", "Sun 2026-01-11 18:14:14 CET box kernel: wlan0: associated"},
	{"short-monotonic", "[ 1264.826132] box kernel: wlan0: associated"},
	{"kmsg", "6,1234,1264826132,-;wlan0: associated"},
	{"console", "<6>[ 1264.826132] wlan0: associated"},
	{"syslog-5424", "<29>1 2026-01-11T18:14:14.003Z box wpa_supplicant 608 - - wlan0: CTRL-EVENT-BEACON-LOSS"},
	{"logread", "Sun Jan 11 18:14:14 2026 kern.err kernel: [ 1264.826132] wlan0: associated"},
	{"logcat", "01-11 18:14:14.937  2215  2216 D wpa_supplicant: wlan0: State: ASSOCIATING -> DISCONNECTED"},
	{"wpa-t", "1767228681.123456: wlan0: State: SCANNING -> ASSOCIATING"},
	{"localized", "fév. 11 18:14:14 box kernel: wlan0: associated"},
	{"networkmanager", "Jan 11 18:14:14 box NetworkManager[9]: <info>  [1767228681.1234] device (wlan0): state change"},
	{"bare", "wlan0: RX AssocResp from 02:00:00:00:01:00 (capab=0x1431 status=0 aid=2)"},
}

func BenchmarkParsePrefix(b *testing.B) {
	for _, s := range prefixSamples {
		line := []byte(s.line)
		b.Run(s.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				parsePrefix(line)
			}
		})
	}
}

// benchText is a log of about n bytes in the given form.
func benchText(form string, n int) []byte {
	var b bytes.Buffer
	for i := 0; b.Len() < n; i++ {
		sec := i / 4
		switch form {
		case "dmesg":
			fmt.Fprintf(&b, "[%5d.%06d] ", sec+1000, i*7919%1000000)
		case "short":
			fmt.Fprintf(&b, "Jan 11 %02d:%02d:%02d box kernel: ", sec/3600%24, sec/60%60, sec%60)
		case "iso":
			fmt.Fprintf(&b, "2026-01-11T%02d:%02d:%02d.%06d+01:00 box kernel: [%5d.%06d] ", sec/3600%24, sec/60%60, sec%60, i*7919%1000000, sec+1000, i*7919%1000000)
		case "quoted":
			fmt.Fprintf(&b, "> [%5d.%06d] ", sec+1000, i*7919%1000000)
		}
		switch i % 4 {
		case 0:
			fmt.Fprintf(&b, "mt7925e 0000:01:00.0: Message 000200%02x (seq %d) timeout\n", i%256, i%16)
		case 1:
			fmt.Fprintf(&b, "wlan0: RX AssocResp from 02:00:00:00:%02x:00 (capab=0x1431 status=0 aid=%d)\n", i%256, i%16)
		case 2:
			fmt.Fprintf(&b, "wlan0: [link %d] local address 02:00:00:00:00:%02x, AP link address 02:00:00:00:01:%02x (assoc)\n", i%3, i%256, i%256)
		default:
			fmt.Fprintf(&b, "usb 2-1: reset high-speed USB device number %d using xhci_hcd\n", i%100)
		}
	}
	return b.Bytes()
}

func BenchmarkRead(b *testing.B) {
	for _, form := range []string{"dmesg", "short", "iso", "quoted", "bare"} {
		text := benchText(form, 8<<20)
		b.Run(form, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				n := 0
				if _, err := Read(context.Background(), bytes.NewReader(text), Options{}, func(*Record) error { n++; return nil }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
