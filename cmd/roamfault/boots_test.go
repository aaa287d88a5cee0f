package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roamfault/reports/spool"
	"roamfault/watch"
)

// bootsOf analyses all boots of a journal.
func bootsOf(t *testing.T, args ...string) []bootReport {
	t.Helper()
	_, out, stderr := roamfault(append([]string{"analyze", "--boot", "all", "--format", "json"}, args...)...)
	var doc bootsReport
	if err := json.Unmarshal([]byte(out), &doc); err != nil {
		t.Fatalf("%v: %s%s", err, out, stderr)
	}
	return doc.Boots
}

// The drivers of an earlier boot are those that watch noted, and else unknown.
func TestDriversOfEarlierBoots(t *testing.T) {
	file := writeJournal(t)
	dir := notes(t)
	boots := bootsOf(t, "--file", file, "--spool", dir)
	want := []spool.Module{{Name: "mt7925e", Driver: true, SrcVersion: "533BB7E5866E52F63B9ACCB"}, {Name: "mt76", SrcVersion: "0A"}}
	if diff := cmp.Diff([][]spool.Module{want, nil}, [][]spool.Module{boots[0].Modules, boots[1].Modules}); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	_, out, _ := roamfault("analyze", "--boot", "all", "--file", file, "--spool", dir)
	lines := strings.Split(out, "\n")
	if !strings.Contains(lines[1], "  mt7925e 533BB7E5866E52F63B9ACCB  ") || strings.Contains(lines[1], "mt76") || !strings.Contains(lines[2], "  unknown  ") {
		t.Errorf("the table:\n%s", out)
	}
	report := filepath.Join(dir, "boots.txt")
	if _, screen, _ := roamfault("analyze", "--boot", "all", "--file", file, "--spool", dir, "-o", report); screen != "" {
		t.Errorf("printed beside --output: %s", screen)
	}
	if b, err := os.ReadFile(report); err != nil || string(b) != out {
		t.Errorf("--output: %v:\n%s", err, b)
	}
	// Without a spool nobody knows; one that cannot be used is told.
	if boots := bootsOf(t, "--file", file, "--spool", filepath.Join(dir, "nowhere")); boots[0].Modules != nil {
		t.Errorf("without a spool: %v", boots[0].Modules)
	}
	if err := os.WriteFile(filepath.Join(dir, "boots.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, stderr := roamfault("analyze", "--boot", "all", "--file", file, "--spool", dir)
	if code != exitFound || !strings.Contains(stderr, "the drivers of earlier boots stay unknown: the notes on boots cannot be used") {
		t.Errorf("damaged notes: exit code %d, %s", code, stderr)
	}
}

// The drivers of the present boot are those that are loaded, and whose banner is
// gone from the journal has the kernel that was noted.
func TestDriversOfThisBoot(t *testing.T) {
	if _, err := os.Stat(journalRemote); err != nil {
		t.Skip("systemd-journal-remote, which writes real journal files, is not installed")
	}
	_, boot := watch.NewSystemClock().Now()
	if boot == "" || runtime.GOOS != "linux" {
		t.Skip("the system does not tell its boot")
	}
	dir := t.TempDir()
	export, file := filepath.Join(dir, "log.export"), filepath.Join(dir, "system.journal")
	text := fmt.Sprintf("__REALTIME_TIMESTAMP=%d\n__MONOTONIC_TIMESTAMP=77000000\n_BOOT_ID=%s\nSYSLOG_IDENTIFIER=kernel\n_TRANSPORT=kernel\nMESSAGE=wlan0: associated\n\n",
		time.Date(2026, 1, 11, 8, 0, 0, 0, time.UTC).UnixMicro(), boot)
	if err := os.WriteFile(export, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(journalRemote, "--output="+file, export).CombinedOutput(); err != nil {
		t.Fatalf("write a journal: %v\n%s", err, out)
	}
	release, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		t.Fatal(err)
	}
	boots := bootsOf(t, "--file", file, "--spool", dir)
	if len(boots) != 1 || boots[0].Modules == nil || boots[0].Kernel != strings.TrimSpace(string(release)) || boots[0].Connections != 1 {
		t.Errorf("%+v", boots)
	}
}
