package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// journalRemote writes real journal files.
const journalRemote = "/lib/systemd/systemd-journal-remote"

// writeJournal makes a journal file of two boots: a quiet one with a roam, and
// one in which the chip dies.
func writeJournal(t *testing.T) string {
	t.Helper()
	if _, err := os.Stat(journalRemote); err != nil {
		t.Skip("systemd-journal-remote, which writes real journal files, is not installed")
	}
	boots := []struct {
		id    string
		start time.Time
		lines []string
	}{
		{"11111111111111111111111111111111", time.Date(2026, 1, 11, 8, 0, 0, 0, time.UTC), []string{
			"kernel\x00Linux version 6.18.2-1 (build@host) #1 SMP",
			"kernel\x00mt7925e 0000:c0:00.0: HW/SW Version: 0x8a108a10, Build Time: 20250721232852a",
			"kernel\x00wlan0: authenticated", "kernel\x00wlan0: associated",
			"kernel\x00wlan0: disconnect from AP 02:00:00:00:01:ff for new auth to 02:00:00:00:02:ff", "kernel\x00wlan0: associated",
			"firefox\x00nothing to do with it",
		}},
		{"22222222222222222222222222222222", time.Date(2026, 1, 12, 8, 0, 0, 0, time.UTC), []string{
			"kernel\x00Linux version 6.19.0-1 (build@host) #1 SMP",
			"kernel\x00mt7925e 0000:c0:00.0: HW/SW Version: 0x8a108a10, Build Time: 20260106153007a",
			"kernel\x00wlan0: associated",
			"kernel\x00wlan0: disconnect from AP 02:00:00:00:01:ff for new auth to 02:00:00:00:02:ff",
			"kernel\x00mt7925e 0000:c0:00.0: Message 00020002 (seq 12) timeout",
			"kernel\x00mt7925e 0000:c0:00.0: chip reset failed",
		}},
	}
	var export bytes.Buffer
	n := 0
	for _, b := range boots {
		for i, l := range b.lines {
			n++
			id, message, _ := strings.Cut(l, "\x00")
			at := b.start.Add(time.Duration(i) * 3 * time.Second)
			fmt.Fprintf(&export, "__REALTIME_TIMESTAMP=%d\n__MONOTONIC_TIMESTAMP=%d\n_BOOT_ID=%s\nSYSLOG_IDENTIFIER=%s\n_TRANSPORT=kernel\nPRIORITY=6\n_HOSTNAME=host\nMESSAGE=%s\n\n",
				at.UnixMicro(), int64(20+i*3)*1e6, b.id, id, message)
		}
	}
	dir := t.TempDir()
	in := filepath.Join(dir, "log.export")
	if err := os.WriteFile(in, export.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "journal", "system.journal")
	if err := os.Mkdir(filepath.Dir(out), 0o700); err != nil {
		t.Fatal(err)
	}
	if text, err := exec.Command(journalRemote, "--output="+out, in).CombinedOutput(); err != nil {
		t.Fatalf("write a journal: %v\n%s", err, text)
	}
	return out
}

func roamfault(args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = run(context.Background(), args, strings.NewReader(""), &out, &errs)
	return code, out.String(), errs.String()
}

func TestAnalyzeJournal(t *testing.T) {
	file := writeJournal(t)
	dir := filepath.Dir(file)
	for _, tt := range []struct {
		name string
		args []string
		code int
		want []string
		not  string
	}{
		{"a file as input", []string{"analyze", file}, 1, []string{"did not answer BSS_INFO_UPDATE during a roam"}, ""},
		{"a directory as input", []string{"analyze", dir}, 1, []string{"BSS_INFO_UPDATE"}, ""},
		{"--file", []string{"analyze", "--file", file}, 1, []string{"BSS_INFO_UPDATE"}, ""},
		{"the last boot", []string{"analyze", "-D", dir, "-b", "0"}, 1, []string{"BSS_INFO_UPDATE"}, ""},
		{"the boot before", []string{"analyze", "-D", dir, "-b", "-1"}, 0, []string{"No incident"}, "BSS_INFO_UPDATE"},
		{"a boot by its id", []string{"analyze", "-D", dir, "-b", "1111"}, 0, []string{"No incident"}, "BSS_INFO_UPDATE"},
		{"no such boot", []string{"analyze", "-D", dir, "-b", "7777"}, 3, []string{"no boot 7777"}, ""},
		{"all boots", []string{"analyze", "-D", dir, "-b", "all"}, 1, []string{"6.18.2-1", "20250721232852a", "6.19.0-1", "20260106153007a"}, ""},
		{"all boots as JSON", []string{"analyze", "-D", dir, "-b", "all", "--format", "json"}, 1, []string{`"roams": 1`, `"v1:mt7925:roam:mcu-timeout[BSS_INFO_UPDATE]": 1`}, ""},
		{"both ways", []string{"analyze", "-D", dir, file}, 2, []string{"not both"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			code, stdout, stderr := roamfault(tt.args...)
			if code != tt.code {
				t.Errorf("exit code %d, want %d\n%s", code, tt.code, stderr)
			}
			for _, w := range tt.want {
				if !strings.Contains(stdout+stderr, w) {
					t.Errorf("no %q in\n%s%s", w, stdout, stderr)
				}
			}
			if tt.not != "" && strings.Contains(stdout, tt.not) {
				t.Errorf("%q in\n%s", tt.not, stdout)
			}
		})
	}
}
