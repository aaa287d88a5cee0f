package labtest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParseKernelRecord(t *testing.T) {
	tests := []struct {
		name   string
		record string
		since  time.Duration
		line   Line
		ok     bool
	}{
		{"driver", "6,812,22434883,-;wlan0: associated\n SUBSYSTEM=net\n DEVICE=+net:wlan0\n", 22434883 * time.Microsecond,
			Line{Source: "kernel", Level: 6, Text: "wlan0: associated"}, true},
		{"user", "14,813,1000001,-;labtest: TestX\n", 1000001 * time.Microsecond, Line{Source: "kernel", Level: 6, Text: "labtest: TestX"}, true},
		{"with more fields", "3,1,2,-,caller=T1;a;b\n", 2 * time.Microsecond, Line{Source: "kernel", Level: 3, Text: "a;b"}, true},
		{"no end", "3,1,2,-;a", 2 * time.Microsecond, Line{Source: "kernel", Level: 3, Text: "a"}, true},
		{"no text", "3,1,2,-", 0, Line{}, false},
		{"few fields", "3,1;a\n", 0, Line{}, false},
		{"no priority", "x,1,2,-;a\n", 0, Line{}, false},
		{"no time", "3,1,-2,-;a\n", 0, Line{}, false},
		{"nothing", "", 0, Line{}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			since, line, ok := parseKernelRecord([]byte(tt.record))
			if since != tt.since || ok != tt.ok {
				t.Errorf("since %v, ok %v; want %v, %v", since, ok, tt.since, tt.ok)
			}
			if diff := cmp.Diff(tt.line, line); diff != "" {
				t.Errorf("line (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLineString(t *testing.T) {
	at := time.Date(2026, 1, 5, 9, 30, 0, 120_000, time.FixedZone("", 3600))
	got := Line{Time: at, Source: "kernel", Level: 6, Text: "wlan0: associated"}.String()
	if want := "2026-01-05T08:30:00.000120+00:00 lab kernel: wlan0: associated"; got != want {
		t.Errorf("line %q, want %q", got, want)
	}
}
