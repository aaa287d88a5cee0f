package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	logs "roamfault/journal"
	"roamfault/tools/bench/benchlog"
)

// The entries are an export stream in which no two share a moment, over several
// boots, and hold what the log says.
func TestEntries(t *testing.T) {
	var made entries
	// A boot soon ends.
	made.number, made.booted = bootLength-1000, time.Date(2025, 12, 31, 0, 0, 0, 0, time.UTC)
	var stream bytes.Buffer
	var want []string
	for l := range benchlog.Lines(1, benchlog.Many) {
		stream.Write(made.entry(l))
		_, _, message := l.Split()
		want = append(want, message)
		if len(want) == 20_000 {
			break
		}
	}
	n, units := 0, bytes.Count(stream.Bytes(), []byte("\n_SYSTEMD_UNIT="))
	boots := make(map[string]bool)
	var last logs.Record
	stats, err := logs.Read(context.Background(), &stream, logs.Options{}, func(r *logs.Record) error {
		if r.Message != strings.TrimRight(want[n], " ") || r.Priority == logs.PriorityUnknown || r.Host != "desktop" {
			t.Fatalf("record %d is %+v, want %q", n, r, want[n])
		}
		if r.Boot == last.Boot && r.Time.Mono <= last.Time.Mono {
			t.Fatalf("record %d, at %v, is not behind %v", n, r.Time.Mono, last.Time.Mono)
		}
		boots[r.Boot] = true
		last = *r
		n++
		return nil
	})
	if err != nil || n != len(want) || len(stats.Skipped) > 0 {
		t.Errorf("%d records of %d, skipped %v, %v", n, len(want), stats.Skipped, err)
	}
	if len(boots) != 2 || units < len(want)/2 {
		t.Errorf("%d boots, %d entries of units", len(boots), units)
	}
}

// What is asked of journalctl finds Wi-Fi and nothing of the rest.
func TestSought(t *testing.T) {
	finds := regexp.MustCompile(sought)
	found, rare, n := 0, 0, 0
	for l := range benchlog.Lines(1, benchlog.Many) {
		_, _, message := l.Split()
		if finds.MatchString(message) {
			found++
			if !strings.Contains(message, "wlp192s0") && !strings.Contains(message, "mt7925e") && !strings.Contains(message, "nl80211") {
				t.Fatalf("%q is found", message)
			}
		}
		if regexp.MustCompile(seldom).MatchString(message) {
			rare++
		}
		if n++; n == 30_000 {
			break
		}
	}
	if found < n/100 || found > n/50 || rare != 9 {
		t.Errorf("%d and %d of %d lines are found", found, rare, n)
	}
}

// Programs joined by a pipe are measured together.
func TestOnce(t *testing.T) {
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Skip("this system tells no memory use")
	}
	if _, err := exec.LookPath("seq"); err != nil {
		t.Skip("seq is missing")
	}
	r, err := once(t.Context(), [][]string{{"sh", "-c", "sleep 0.1; seq 1000"}, {"sh", "-c", "sleep 0.1; cat; exit 1"}})
	if err != nil || r.lines != 1000 || r.resident < 100 || r.anonymous < 10 || r.wall <= 0 {
		t.Errorf("%+v, %v", r, err)
	}
	if _, err := once(t.Context(), [][]string{{"sh", "-c", "echo word >&2; exit 2"}}); err == nil || !strings.Contains(err.Error(), "word") {
		t.Errorf("error %v", err)
	}
}
