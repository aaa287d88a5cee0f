package render

import (
	"errors"
	"fmt"
	"time"

	"roamfault/journal"
	"roamfault/patterns"
	"roamfault/reports/analysis"
	"roamfault/reports/incident"
)

// sample is an analysis put together by hand: what a builder hands over, in
// the order in which it does.
type sample struct {
	events    []*incident.Event
	incidents []*incident.Incident
	summary   *analysis.Summary
}

func (s *sample) play(r Renderer) error {
	for _, e := range s.events {
		if err := r.Event(e); err != nil {
			return err
		}
	}
	for _, i := range s.incidents {
		if err := r.Incident(i); err != nil {
			return err
		}
	}
	return r.Close(s.summary)
}

const kernelLog = "kernel.log"

// wall is a time of day on 2026-03-04 with known year and zone.
func wall(text string) journal.Time {
	at, err := time.Parse("2006-01-02 15:04:05.000 -07:00", "2026-03-04 "+text+" +01:00")
	if err != nil {
		panic(err)
	}
	return journal.Time{Wall: at, Known: journal.KnownClock | journal.KnownDate | journal.KnownYear | journal.KnownZone, Precision: time.Millisecond}
}

// told is an event of the kernel's log with the vocabulary's severity.
func told(line int, at string, class patterns.Class, message string, fields ...patterns.Field) *incident.Event {
	info, _ := class.Info()
	return &incident.Event{
		Class: class, Severity: info.Severity, Pattern: "sample." + string(class), Fields: fields, Device: "mt7925e 0000:c0:00.0 wlan0",
		Time: wall(at), Boot: "1", Host: "station", Identifier: "kernel", Message: message, Count: 1,
		Origin: journal.Origin{File: kernelLog, Line: line, Lines: 1},
		Raw:    "2026-03-04T" + at + "+01:00 station kernel: " + message,
	}
}

// by makes another teller of an event.
func by(identifier, file string, e *incident.Event) *incident.Event {
	e.Identifier, e.Origin.File = identifier, file
	e.Raw = e.Time.String() + " station " + identifier + ": " + e.Message
	return e
}

func field(name, value string) patterns.Field { return patterns.Field{Name: name, Value: value} }

// roamFailure is a roam in which the chip dies: tellers that repeat each
// other, a flood, dead commands, and a connection that comes back.
func roamFailure() *incident.Incident {
	from, to := "02:00:00:00:01:00", "02:00:00:00:02:00"
	roam := told(40, "09:15:02.104", patterns.RoamStart, "wlan0: disconnect from AP "+from+" for new auth to "+to, field("from", from), field("to", to))
	key := told(41, "09:15:02.110", patterns.KeyRemoveFailed, "wlan0: failed to remove key (1, ff:ff:ff:ff:ff:ff) from hardware (-22)", field("key", "1"), field("errno", "-22"))
	bss := by("wpa_supplicant", "supplicant.log", told(7, "09:15:02.650", patterns.BSSFetchFailed, "nl80211: kernel reports: Error fetching BSS for link"))
	refused := told(43, "09:15:03.001", patterns.AssocRejected, "wlan0: "+to+" denied association (code=37)", field("addr", to), field("status", "37"))
	again := by("wpa_supplicant", "supplicant.log", told(9, "09:15:03.012", patterns.AssocRejected, "wlan0: CTRL-EVENT-ASSOC-REJECT bssid="+to+" status_code=37", field("addr", to), field("status", "37")))
	first := told(44, "09:15:06.220", patterns.MCUTimeout, "mt7925e 0000:c0:00.0: Message 00020002 (seq 12) timeout", field("cmd", "00020002"), field("seq", "12"))
	lines := []*incident.Event{roam, key, bss, refused, again, first}
	bad := []*incident.Event{key, bss, refused, again, first}
	for n := range 41 {
		at := wall("09:15:06.220").Wall.Add(time.Duration(n+1) * 3 * time.Second)
		e := told(45+n, at.Format("15:04:05.000"), patterns.MCUTimeout, fmt.Sprintf("mt7925e 0000:c0:00.0: Message 00020003 (seq %d) timeout", n%15+1), field("cmd", "00020003"), field("seq", fmt.Sprint(n%15+1)))
		lines, bad = append(lines, e), append(bad, e)
	}
	boot := told(90, "09:17:12.500", patterns.FirmwareBoot, "mt7925e 0000:c0:00.0: WM Firmware Version: ____000000, Build Time: 20260101120000", field("build", "20260101120000"))
	back := told(95, "09:17:14.900", patterns.Associated, "wlan0: associated", field("aid", "3"))
	back.Count = 2
	lines = append(lines, boot, back)
	bluetooth := told(91, "09:17:12.700", patterns.BluetoothReset, "Bluetooth: hci0: reset")
	i := &incident.Incident{
		ID: "0a1b2c3d4e5f", Fingerprint: "v1:mt7925:roam:mcu-timeout[BSS_INFO_UPDATE]<assoc-rejected[37]<bss-fetch-failed<key-remove-failed[-22]",
		Parent: "v1:mt7925:roam:BSS_INFO_UPDATE", Trigger: key, Root: first, Worst: first, Layer: incident.LayerDevice, Confidence: incident.Medium,
		Evidence: []*incident.Event{roam, key, first, boot, back}, Phase: "roam", Outcome: incident.Recovered,
		Device: "mt7925e 0000:c0:00.0 wlan0", Chip: "mt7925", Host: "station", Boot: "1",
		Firmware: map[string]string{"WM": "20260101120000", "HW/SW": "0x8a108a10 20260101115900a"}, From: from, To: to,
		First: key, Last: back, FirstLine: 41, LastLine: 95, Outage: 132796 * time.Millisecond, HasOutage: true, Recovery: 129280 * time.Millisecond, HasRecovery: true,
		Lasted: 132790 * time.Millisecond, HasLasted: true, SeqGaps: 2, CutShort: 1, Facts: 45, Total: 46, Events: bad, Lines: lines,
		Collateral: []*incident.Event{bluetooth},
		Title:      "mt7925 did not answer BSS_INFO_UPDATE during a roam: recovered, gone for 2 min 12 s",
		Summary:    "It began with key-remove-failed at kernel.log:41 (-22 EINVAL). The failure is named by mcu-timeout at kernel.log:44 (00020002 is BSS_INFO_UPDATE). Layer: between driver and firmware (medium confidence).",
		Advice: []string{
			"Report the first command of the series and what the host did just before it: the later ones only show that the processor was dead already.",
			"Note kernel, driver and firmware version, and test the newest linux-firmware and kernel.",
		},
	}
	i.Dead = append(i.Dead, "BSS_INFO_UPDATE")
	for range 41 {
		i.Dead = append(i.Dead, "STA_REC_UPDATE")
	}
	for _, e := range bad {
		e.Incident = i.ID
	}
	return i
}

// deadAtBoot is a device that never came up: a ladder, steps of a recovery, a
// boot clock, no end.
func deadAtBoot() *incident.Incident {
	mono := func(e *incident.Event, at time.Duration) *incident.Event {
		e.Time = journal.Time{Mono: at, HasMono: true}
		e.Raw = fmt.Sprintf("[%5d.%06d] %s", at/time.Second, at%time.Second/time.Microsecond, e.Message)
		e.Origin.File, e.Identifier, e.Device = "dmesg.txt", "", "mt7927e 0000:06:00.0"
		return e
	}
	first := mono(told(3, "00:00:00.000", patterns.FirmwareLoadFailed, "mt7927e 0000:06:00.0: Failed to start WM firmware", field("errno", "-110")), 4218340*time.Microsecond)
	probe := mono(told(4, "00:00:00.000", patterns.ProbeFailed, "mt7927e 0000:06:00.0: probe with driver mt7927e failed with error -110", field("errno", "-110")), 4919002*time.Microsecond)
	oops := mono(told(9, "00:00:00.000", patterns.KernelOops, "BUG: kernel NULL pointer dereference, address: 0000000000000010", field("func", "mt7927_mac_reset_work")), 5400120*time.Microsecond)
	i := &incident.Incident{
		ID: "ffeeddccbbaa", Rev: 1, Fingerprint: "v1:mt7927:boot:firmware-load-failed[-110]", Parent: "v1:mt7927:boot:firmware-load-failed",
		Trigger: first, Root: first, Worst: oops, Layer: incident.LayerFirmware, Confidence: incident.High, Evidence: []*incident.Event{first, oops},
		Phase: "boot", Outcome: incident.FatalEnd, Device: "mt7927e 0000:06:00.0", Chip: "mt7927", Boot: "1", First: first, Last: oops,
		FirstLine: 3, LastLine: 9, Lasted: 1181 * time.Millisecond, HasLasted: true, Tier: 2, Reached: "dma", NotReached: "firmware",
		Steps: []incident.Step{{Tier: 1, Text: "Tier-1: wake", After: 10 * time.Millisecond}, {Tier: 2, Text: "Tier-2: subsystem reset", After: 512 * time.Millisecond}},
		Facts: 3, Total: 3, Events: []*incident.Event{first, probe, oops}, Lines: []*incident.Event{first, probe, oops},
		Title:   "firmware cannot be found, sent or started at start-up, then a kernel oops (mt7927_mac_reset_work): needs a reboot",
		Summary: "The failure is named by firmware-load-failed at dmesg.txt:3.",
		Advice:  []string{"Install the newest linux-firmware and power the machine off once, not only reboot it."},
	}
	for _, e := range i.Events {
		e.Incident = i.ID
	}
	return i
}

// poison is in every text of the hostile incident: escape sequences, text that
// turns round, broken UTF-8, and what is live in HTML and Markdown.
const poison = "\x1b]0;owned\x07\x1b[2J \u202egnp.exe\u2066 \xff\xfe\x9b31m \u009b5n <script>alert(1)</script> ``` ~~~ [x](http://bad.example/) ![i](//bad.example) @octocat #42 |cell| GH-7 user/repo#1 deadbeefcafe &amp; www.bad.example :100: $x$ \u200b\u2028"

func hostile() *incident.Incident {
	e := told(120, "10:00:00.000", patterns.DeauthByAP, "wlan0: "+poison, field("ssid", poison), field("reason", "6"))
	e.Identifier, e.Device, e.Origin.File = "wpa"+poison, "wlan0 "+poison, "logs/"+poison
	e.Raw = "```\n</details>" + poison + "\r\n````text"
	i := &incident.Incident{
		ID: "badbadbadbad", Fingerprint: "v1:" + poison, Parent: "v1:" + poison, Trigger: e, Root: e, Worst: e, Layer: incident.LayerAP, Confidence: incident.Low,
		Evidence: []*incident.Event{e}, Phase: "idle", Outcome: incident.Open, Device: "wlan0 " + poison, Chip: poison, Host: poison, Boot: poison,
		Firmware: map[string]string{poison: poison}, From: poison, To: poison, First: e, Last: e, FirstLine: 120, LastLine: 122,
		Steps: []incident.Step{{Tier: 3, Text: poison}}, Dead: []string{poison}, Facts: 1, Total: 1, Events: []*incident.Event{e}, Lines: []*incident.Event{e},
		Collateral: []*incident.Event{e}, Title: "the AP ended the connection (" + poison + ")", Summary: poison, Advice: []string{poison, "# not a heading", "- not a list", "1. not a list"},
	}
	e.Incident = i.ID
	return i
}

// mixed is an analysis with all that a document can hold, but for hostile
// text.
func mixed() *sample {
	roam, boot := roamFailure(), deadAtBoot()
	s := &sample{incidents: []*incident.Incident{boot, roam}}
	s.events = append(append(s.events, boot.Events...), roam.Lines...)
	s.events = append(s.events,
		told(200, "11:00:00.000", patterns.MLOGroupKeyLinkID, "nl80211: kernel reports: link ID must for MLO group key"),
		told(201, "11:00:01.000", patterns.ScanFailed, "wlan0: CTRL-EVENT-SCAN-FAILED ret=-16 retry=1", field("errno", "-16")),
		told(202, "11:00:02.000", patterns.RoamStart, "wlan0: disconnect from AP 02:00:00:00:02:00 for new auth to 02:00:00:00:01:00"),
	)
	s.summary = &analysis.Summary{
		Inputs: []analysis.Input{
			{Path: kernelLog, Stats: journal.Stats{Bytes: 1 << 20, Lines: 10240, Records: 10238, Formats: map[journal.Format]int{journal.FormatShortISO: 10200, journal.FormatBare: 38},
				Skipped: []journal.Skip{{Reason: "NUL bytes", Count: 2, Bytes: 4096, Line: 77}, {Reason: "damaged JSON record", Count: 1, Line: 900}}, Compression: "zstd"}},
			{Path: "dmesg.txt", Stats: journal.Stats{Bytes: 812, Lines: 9, Records: 9, Formats: map[journal.Format]int{journal.FormatDmesg: 9}, Encoding: "UTF-16LE"}},
			{Path: "supplicant.log", Err: errors.New("read supplicant.log: permission denied")},
		},
		Unmatched: []analysis.Unmatched{
			{Template: "mt7925e #: unexpected event # in state #", Example: "mt7925e 0000:c0:00.0: unexpected event 0x2f in state 3", Identifier: "kernel", File: kernelLog, Line: 512, Count: 14},
			{Template: "wlan0: cannot follow the link", Example: "wlan0: cannot follow the link", Identifier: "iwd", File: kernelLog, Line: 600, Count: 1},
		},
		UnmatchedMore: 3, Late: 2,
	}
	return s
}

// many is an analysis with more incidents than a document tells in full.
func many() *sample {
	s := &sample{summary: &analysis.Summary{Interrupted: true}}
	for n := range 30 {
		i := roamFailure()
		i.ID = fmt.Sprintf("%012x", n)
		i.Lines, i.Events, i.Total, i.Facts, i.Dead = i.Lines[:6], i.Events[:5], 5, 4, i.Dead[:1]
		i.HasOutage = n%3 != 0
		if n == 28 {
			i = deadAtBoot()
		}
		if n > 24 && n != 28 {
			i.Fingerprint, i.Title = fmt.Sprintf("v1:mt7925:scan:scan-failed[%d]", n%2), "a scan could not be run"
		}
		s.incidents = append(s.incidents, i)
	}
	return s
}

// fine is an analysis of a log in order.
func fine() *sample {
	return &sample{
		events: []*incident.Event{
			told(10, "08:00:00.000", patterns.RoamStart, "wlan0: disconnect from AP 02:00:00:00:01:00 for new auth to 02:00:00:00:02:00"),
			told(11, "08:00:00.100", patterns.Associated, "wlan0: associated"),
			told(20, "08:10:00.000", patterns.RoamStart, "wlan0: disconnect from AP 02:00:00:00:02:00 for new auth to 02:00:00:00:01:00"),
		},
		summary: &analysis.Summary{Inputs: []analysis.Input{
			{Path: "a.log", Stats: journal.Stats{Bytes: 9000, Lines: 400, Records: 400, Formats: map[journal.Format]int{journal.FormatShort: 400}}},
			{Path: "b.log", Stats: journal.Stats{Bytes: 300, Lines: 12, Records: 12, Formats: map[journal.Format]int{journal.FormatDmesg: 12}}},
			{Path: "c.log"},
		}},
	}
}

// poisoned is the hostile incident with a summary as bad.
func poisoned() *sample {
	i := hostile()
	return &sample{
		events: i.Events, incidents: []*incident.Incident{i},
		summary: &analysis.Summary{
			Inputs: []analysis.Input{{Path: poison, Err: errors.New(poison), Stats: journal.Stats{Records: 1, Lines: 3, Compression: poison, Encoding: poison,
				Formats: map[journal.Format]int{journal.Format(poison): 1}, Skipped: []journal.Skip{{Reason: poison, Count: 1}}}}},
			Unmatched: []analysis.Unmatched{{Template: poison, Example: poison, Identifier: poison, File: poison, Line: 3, Count: 2}},
		},
	}
}
