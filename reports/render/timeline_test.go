package render

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roamfault/journal"
	"roamfault/patterns"
	"roamfault/reports/incident"
)

// brief writes the rows of a time line in a short form.
func brief(rows []row) []string {
	var out []string
	for _, r := range rows {
		text := r.Fold
		if text == "" {
			text = r.Clock + " " + r.Class
		}
		if r.Evidence {
			text = "* " + text
		}
		if r.Day != "" {
			text = r.Day + ": " + text
		}
		for _, t := range r.Tellers {
			text += " also " + t
		}
		out = append(out, text)
	}
	return out
}

func made(events ...*incident.Event) *incident.Incident {
	return &incident.Incident{Events: events, Total: len(events), First: events[0], Last: events[len(events)-1]}
}

func TestTimelineFoldsFloods(t *testing.T) {
	var events []*incident.Event
	for n := range 30 {
		class := patterns.AuthTimeout
		if n%2 == 1 {
			class = patterns.BeaconLoss
		}
		events = append(events, told(n+1, fmt.Sprintf("09:00:%02d.000", n), class, fmt.Sprintf("wlan0: try %d", n)))
	}
	i := made(events...)
	i.Evidence = events[20:21]
	want := []string{
		"2026-03-04: 09:00:00.000 auth-timeout", "09:00:01.000 beacon-loss", "09:00:02.000 auth-timeout", "09:00:03.000 beacon-loss",
		"09:00:04.000 auth-timeout", "09:00:05.000 beacon-loss", "09:00:06.000 auth-timeout", "09:00:07.000 beacon-loss",
		"09:00:08.000 auth-timeout", "09:00:09.000 beacon-loss",
		"… 5 more auth-timeout, 5 more beacon-loss until 09:00:19.000",
		"* 09:00:20.000 auth-timeout",
		"… 4 more beacon-loss, 4 more auth-timeout until 09:00:28.000",
		"09:00:29.000 beacon-loss",
	}
	if diff := cmp.Diff(want, brief(timeline(i))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTimelineJoinsTellers(t *testing.T) {
	at := "09:00:01.000"
	rejected := func(line int, at, addr string) *incident.Event {
		return told(line, at, patterns.AssocRejected, "wlan0: "+addr+" denied association", field("addr", addr), field("status", "1"))
	}
	kernel := rejected(1, at, "02:00:00:00:01:00")
	supplicant := by("wpa_supplicant", "s.log", rejected(2, "09:00:01.700", "02:00:00:00:01:00"))
	manager := by("NetworkManager", "s.log", told(3, "09:00:01.900", patterns.AssocRejected, "association failed"))
	late := by("wpa_supplicant", "s.log", rejected(4, "09:00:02.100", "02:00:00:00:01:00"))
	other := by("wpa_supplicant", "s.log", rejected(5, "09:00:01.200", "02:00:00:00:02:00"))
	twice := rejected(6, "09:00:01.100", "02:00:00:00:01:00")
	echo := rejected(1, at, "02:00:00:00:01:00")
	echo.Origin.File = "console.log"
	cases := []struct {
		name   string
		events []*incident.Event
		want   []string
	}{
		{"three tell one fact", []*incident.Event{kernel, supplicant, manager}, []string{"2026-03-04: 09:00:01.000 assoc-rejected also wpa_supplicant also NetworkManager"}},
		{"later than a second", []*incident.Event{kernel, late}, []string{"2026-03-04: 09:00:01.000 assoc-rejected", "09:00:02.100 assoc-rejected"}},
		{"of another AP", []*incident.Event{kernel, other}, []string{"2026-03-04: 09:00:01.000 assoc-rejected", "09:00:01.200 assoc-rejected"}},
		{"by the same teller", []*incident.Event{kernel, twice}, []string{"2026-03-04: 09:00:01.000 assoc-rejected", "09:00:01.100 assoc-rejected"}},
		{"the console's echo", []*incident.Event{kernel, echo}, []string{"2026-03-04: 09:00:01.000 assoc-rejected also console.log"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, brief(timeline(made(c.events...)))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Evidence that is none of the incident's own lines stands where it belongs.
func TestTimelinePutsEvidenceInOrder(t *testing.T) {
	a, b, c := told(5, "09:00:05.000", patterns.AuthTimeout, "a"), told(7, "09:00:07.000", patterns.MCUTimeout, "b"), told(9, "09:00:09.000", patterns.ResetFailed, "c")
	roam, back := told(1, "09:00:01.000", patterns.RoamStart, "r"), told(8, "09:00:08.000", patterns.FirmwareBoot, "f")
	i := made(a, b, c)
	i.Evidence = []*incident.Event{roam, back}
	want := []string{"2026-03-04: * 09:00:01.000 roam-start", "09:00:05.000 auth-timeout", "09:00:07.000 mcu-timeout", "* 09:00:08.000 firmware-boot", "09:00:09.000 reset-failed"}
	if diff := cmp.Diff(want, brief(timeline(i))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestClock(t *testing.T) {
	at := time.Date(2026, 1, 11, 18, 14, 14, 937_000_000, time.FixedZone("", 3600))
	all := journal.KnownClock | journal.KnownDate | journal.KnownYear | journal.KnownZone
	cases := []struct {
		name             string
		time             journal.Time
		clock, day, when string
	}{
		{"complete", journal.Time{Wall: at, Known: all, Precision: time.Microsecond}, "18:14:14.937", "2026-01-11", "2026-01-11 18:14:14.937 +01:00"},
		{"seconds", journal.Time{Wall: at, Known: all, Precision: time.Second}, "18:14:14", "2026-01-11", "2026-01-11 18:14:14 +01:00"},
		{"no zone", journal.Time{Wall: at, Known: all &^ journal.KnownZone, Precision: time.Second}, "18:14:14", "2026-01-11", "2026-01-11 18:14:14"},
		{"no year", journal.Time{Wall: at, Known: journal.KnownClock | journal.KnownDate, Precision: time.Second}, "18:14:14", "Jan 11", "Jan 11 18:14:14"},
		{"time of day", journal.Time{Wall: at, Known: journal.KnownClock, Precision: time.Second}, "18:14:14", "", "18:14:14"},
		{"since boot", journal.Time{Mono: 88076687545 * time.Microsecond, HasMono: true}, "88076.687", "", "88076.687 s after boot"},
		{"none", journal.Time{}, "line 7", "", ""},
	}
	for _, c := range cases {
		e := &incident.Event{Time: c.time, Origin: journal.Origin{Line: 7}}
		if diff := cmp.Diff([]string{c.clock, c.day, c.when}, []string{clock(e), day(e), when(e)}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestQuoteOfALongIncident(t *testing.T) {
	i := deadAtBoot()
	i.FirstLine, i.LastLine = 1000, 9000
	got := quote(i, around)
	want := []string{"line 998 of dmesg.txt with \\x1b[31mcolour", "[7817 lines left out here]", "line 9002 of dmesg.txt with \\x1b[31mcolour"}
	head := quoteHead + 4
	if diff := cmp.Diff(want, []string{got[0], got[head], got[len(got)-1]}); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	i.LastLine = i.FirstLine + quoteHead + quoteTail // the two pieces meet
	got = quote(i, around)
	seen := make(map[string]bool)
	for _, l := range got {
		if seen[l] {
			t.Fatalf("%q is quoted twice", l)
		}
		seen[l] = true
	}
	if want := quoteHead + quoteTail + 1 + 4; len(got) != want {
		t.Errorf("%d lines, want %d", len(got), want)
	}
}

func TestCodes(t *testing.T) {
	i := made(
		told(1, "09:00:00.000", patterns.MCUTimeout, "m", field("cmd", "00020003")),
		told(2, "09:00:01.000", patterns.CommandFailed, "c", field("cmd", "LINK_CONFIG_CMD"), field("errno", "-5"), field("status", "1")),
		told(3, "09:00:02.000", patterns.DeauthByAP, "d", field("reason", "6"), field("status", "0")),
		told(4, "09:00:03.000", patterns.DeauthByAP, "d", field("reason", "6")),
	)
	var got []string
	for _, c := range codes(i) {
		got = append(got, c.Code)
	}
	want := []string{"00020003 STA_REC_UPDATE (uni, set)", "-5 EIO", "reason 6=CLASS2_FRAME_FROM_NONAUTH_STA"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
