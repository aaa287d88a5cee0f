package sourcetest

import (
	"fmt"
	"time"

	"roamfault/journal"
)

// Records makes the known records that a source with these abilities is asked
// for: what it cannot carry is left out of them. They are in the order of their
// times.
func Records(can Abilities) []journal.Record {
	const perBoot = 40
	boots := []string{"0123456789abcdef0123456789abcde1", "0123456789abcdef0123456789abcde2", "0123456789abcdef0123456789abcde3"}
	if can.Boot == One {
		boots = []string{can.TheBoot}
	}
	if can.Boot == None {
		boots = []string{""}
	}
	speakers := []struct {
		identifier string
		pid        int
		transport  journal.Transport
		device     string
	}{
		{"kernel", 0, journal.TransportKernel, "+pci:0000:05:00.0"},
		{"wpa_supplicant", 812, journal.TransportSyslog, ""},
		{"kernel", 0, journal.TransportKernel, ""},
		{"NetworkManager", 655, journal.TransportSyslog, ""},
		{"iwd", 1023, journal.TransportSyslog, ""},
		{"roamfault", 4711, journal.TransportSyslog, ""},
	}
	messages := []string{
		"wlan0: authenticate with 02:00:00:00:01:00 (local address=02:00:00:00:02:00)",
		"mt7925e 0000:05:00.0: Message 00020003 (seq 7) timeout",
		"wlan0: deauthenticating from 02:00:00:00:01:00 by local choice (Reason: 3=DEAUTH_LEAVING)",
		"a tab\tstands here, and a \"quoted\" back\\slash; comma, equal=sign",
	}
	if can.Unicode {
		messages = append(messages, "SSID 'Café Zürich 無線 \U0001F6DC' seen")
	}
	if can.Lines {
		messages = append(messages, "first line\nsecond line\n\nfourth line", "FIELD=like\n__CURSOR=s=1;i=2\nMESSAGE=no")
	}
	if can.Long {
		long := make([]byte, 30000)
		for i := range long {
			long[i] = "abcdefghijklmnopqrstuvwxyz012345 "[i%33]
		}
		messages = append(messages, string(long[:len(long)-1])+"!")
	}
	start := time.Date(2026, 1, 11, 18, 14, 14, 123456000, time.UTC)
	var list []journal.Record
	for b, boot := range boots {
		for i := range perBoot {
			if !can.Kernelless || speakers[i%len(speakers)].transport != journal.TransportKernel {
				sp := speakers[i%len(speakers)]
				n := len(list)
				list = append(list, journal.Record{
					Time: journal.Time{
						Wall:      start.Add(time.Duration(b)*time.Hour + time.Duration(i)*(1500*time.Millisecond+7*time.Microsecond)),
						Known:     journal.KnownClock | journal.KnownDate | journal.KnownYear | journal.KnownZone,
						Precision: time.Microsecond,
						Mono:      3*time.Second + time.Duration(i)*(1500*time.Millisecond+7*time.Microsecond), HasMono: true,
					},
					Boot: boot, Host: "station", Identifier: sp.identifier, PID: sp.pid, Priority: journal.Priority((i*5 + b) % 8),
					Transport: sp.transport, Device: sp.device, Count: 1,
					Message: fmt.Sprintf("%d: %s", n, messages[n%len(messages)]),
				})
			}
		}
	}
	if can.NoPriority {
		for i := range list {
			if i%9 == 4 {
				list[i].Priority = journal.PriorityUnknown
			}
		}
	}
	for i := range list {
		can.mask(&list[i])
	}
	return list
}

// mask blanks what a source cannot carry, and what is its own affair: where
// the record stands and what it looked like there.
func (can Abilities) mask(r *journal.Record) {
	r.Origin, r.Raw, r.Cursor = journal.Origin{}, "", ""
	if !can.Realtime {
		r.Time.Wall, r.Time.Known, r.Time.Precision = time.Time{}, 0, 0
	}
	if !can.Monotonic {
		r.Time.Mono, r.Time.HasMono = 0, false
	}
	r.Time.Wall = r.Time.Wall.UTC()
	for _, f := range []struct {
		can   bool
		blank func()
	}{
		{can.Boot != None, func() { r.Boot = "" }},
		{can.Host, func() { r.Host = "" }},
		{can.Identifier, func() { r.Identifier = "" }},
		{can.PID, func() { r.PID = 0 }},
		{can.Priority, func() { r.Priority = journal.PriorityUnknown }},
		{can.Transport, func() { r.Transport = "" }},
		{can.Device, func() { r.Device = "" }},
	} {
		if !f.can {
			f.blank()
		}
	}
}
