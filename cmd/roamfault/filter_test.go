package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// entry is a record of the log that the filters are tried on.
type entry struct {
	boot, identifier, transport string
	at                          time.Time
	priority                    int
	message                     string
}

func filterLog() []entry {
	first, second := strings.Repeat("a1", 16), strings.Repeat("b2", 16)
	day := time.Date(2026, 1, 11, 8, 0, 0, 0, time.UTC)
	return []entry{
		{first, "kernel", "kernel", day, 5, "Linux version 6.18.2-1 (build@host) #1 SMP"},
		{first, "kernel", "kernel", day.Add(10 * time.Second), 6, "wlan0: authenticated"},
		{first, "kernel", "kernel", day.Add(20 * time.Second), 6, "wlan0: associated"},
		{first, "wpa_supplicant", "syslog", day.Add(21 * time.Second), 5, "wlan0: CTRL-EVENT-CONNECTED - Connection to 02:00:00:00:01:00 completed [id=0 id_str=]"},
		{second, "kernel", "kernel", day.Add(time.Hour), 5, "Linux version 6.19.0-1 (build@host) #1 SMP"},
		{second, "NetworkManager", "syslog", day.Add(time.Hour + 5*time.Second), 6, "device (wlan0): supplicant interface state: scanning -> authenticating"},
		{second, "kernel", "kernel", day.Add(time.Hour + 10*time.Second), 6, "wlan0: authenticated"},
		{second, "kernel", "kernel", day.Add(time.Hour + 20*time.Second), 3, "mt7925e 0000:c0:00.0: Message 00020002 (seq 12) timeout"},
		{second, "wpa_supplicant", "syslog", day.Add(time.Hour + 21*time.Second), 4, "wlan0: CTRL-EVENT-DISCONNECTED bssid=02:00:00:00:01:00 reason=4 locally_generated=1"},
	}
}

// layFilterLog writes the log in every kind of input and returns their paths by
// kind.
func layFilterLog(t *testing.T) map[string]string {
	t.Helper()
	dir := t.TempDir()
	var export, lines, text bytes.Buffer
	for i, e := range filterLog() {
		mono := e.at.Sub(filterLog()[0].at)
		if e.boot != filterLog()[0].boot {
			mono -= time.Hour
		}
		fields := [][2]string{
			{"__CURSOR", fmt.Sprint("s=0;i=", i)}, {"__REALTIME_TIMESTAMP", fmt.Sprint(e.at.UnixMicro())}, {"__MONOTONIC_TIMESTAMP", fmt.Sprint(mono.Microseconds() + 1)},
			{"_BOOT_ID", e.boot}, {"_HOSTNAME", "host"}, {"_TRANSPORT", e.transport}, {"SYSLOG_IDENTIFIER", e.identifier}, {"PRIORITY", fmt.Sprint(e.priority)}, {"MESSAGE", e.message},
		}
		object := make(map[string]string)
		for _, f := range fields {
			fmt.Fprintf(&export, "%s=%s\n", f[0], f[1])
			object[f[0]] = f[1]
		}
		export.WriteByte('\n')
		b, err := json.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&lines, "%s\n", b)
		fmt.Fprintf(&text, "%s host %s: %s\n", e.at.Format("2006-01-02T15:04:05.000000-07:00"), e.identifier, e.message)
	}
	paths := map[string]string{"export": filepath.Join(dir, "log.export"), "json": filepath.Join(dir, "log.json"), "text": filepath.Join(dir, "log.txt")}
	for kind, b := range map[string]*bytes.Buffer{"export": &export, "json": &lines, "text": &text} {
		if err := os.WriteFile(paths[kind], b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(journalRemote); err == nil {
		paths["journal"] = filepath.Join(dir, "journal", "system.journal")
		if err := os.Mkdir(filepath.Dir(paths["journal"]), 0o700); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command(journalRemote, "--output="+paths["journal"], paths["export"]).CombinedOutput(); err != nil {
			t.Fatalf("write a journal: %v\n%s", err, out)
		}
	} else {
		t.Log("without systemd-journal-remote there is no journal to try the filters on")
	}
	return paths
}

// A filter means the same for every kind of input, as far as that tells what the
// filter asks for.
func TestFiltersMeanTheSame(t *testing.T) {
	paths := layFilterLog(t)
	log := filterLog()
	all := make([]int, len(log))
	for i := range all {
		all[i] = i
	}
	kernel := []int{0, 1, 2, 4, 6, 7}
	for _, tt := range []struct {
		args []string
		want []int // records whose events are told
		text []int // the same of plain text, where that differs: it has no priorities
	}{
		{args: nil, want: all},
		{args: []string{"--kernel"}, want: kernel},
		{args: []string{"-t", "wpa_supplicant"}, want: []int{3, 8}},
		{args: []string{"-t", "wpa_supplicant", "-t", "NetworkManager"}, want: []int{3, 5, 8}},
		{args: []string{"-u", "wpa_supplicant.service"}, want: []int{3, 8}},
		{args: []string{"-u", "wpa_supplicant@wlan0.service", "--unit", "NetworkManager"}, want: []int{3, 5, 8}},
		{args: []string{"-p", "err"}, want: []int{7}, text: all},
		{args: []string{"-p", "4"}, want: []int{7, 8}, text: all},
		{args: []string{"-p", "warning", "-k"}, want: []int{7}, text: kernel},
		{args: []string{"--kernel", "--since", "2026-01-11 09:00"}, want: []int{4, 6, 7}},
		{args: []string{"--until", "2026-01-11T08:00:20Z"}, want: []int{0, 1, 2}},
		{args: []string{"--since", "2026-01-11T08:00:15Z", "--until", "2026-01-11T09:00:15Z"}, want: []int{2, 3, 4, 5, 6}},
		{args: []string{"--since", "+15s"}, want: []int{2, 3, 7, 8}, text: all},
		{args: []string{"--boot", "0"}, want: []int{4, 5, 6, 7, 8}},
		{args: []string{"--boot", "2"}, want: []int{4, 5, 6, 7, 8}},
		{args: []string{"--boot", "-1"}, want: []int{0, 1, 2, 3}},
		{args: []string{"--boot", "1"}, want: []int{0, 1, 2, 3}},
		{args: []string{"--boot", "-1", "-t", "kernel"}, want: []int{0, 1, 2}},
		{args: []string{"--boot", "a1a1"}, want: []int{0, 1, 2, 3}, text: []int{}},
	} {
		for kind, path := range paths {
			for _, through := range []string{"a file", "a pipe"} {
				fromEnd := slices.Contains(tt.args, "0") || slices.Contains(tt.args, "-1")
				if through == "a pipe" && (kind == "journal" || fromEnd) {
					continue
				}
				t.Run(strings.Join(append(slices.Clone(tt.args), kind, through), " "), func(t *testing.T) {
					args := append([]string{"analyze", "--format", "json", path}, tt.args...)
					stdin := []byte(nil)
					if through == "a pipe" {
						args[3] = "-"
						var err error
						if stdin, err = os.ReadFile(path); err != nil {
							t.Fatal(err)
						}
					}
					var out, errs bytes.Buffer
					run(context.Background(), args, bytes.NewReader(stdin), &out, &errs)
					var doc struct{ Events []struct{ Message string } }
					if err := json.Unmarshal(out.Bytes(), &doc); err != nil {
						t.Fatalf("%v: %s%s", err, out.String(), errs.String())
					}
					var got []string
					for _, e := range doc.Events {
						got = append(got, e.Message)
					}
					picked := tt.want
					if kind == "text" && tt.text != nil {
						picked = tt.text
					}
					if diff := cmp.Diff(eventsOf(t, picked), got); diff != "" {
						t.Errorf("events (-want +got):\n%s%s", diff, errs.String())
					}
				})
			}
		}
	}
}

// eventsOf are the messages of the records of the log that are events.
func eventsOf(t *testing.T, picked []int) (out []string) {
	t.Helper()
	for _, i := range picked {
		if m := filterLog()[i].message; strings.HasPrefix(m, "wlan0: ") || strings.HasPrefix(m, "mt7925e ") {
			out = append(out, m)
		}
	}
	return out
}

func TestFilterMistakes(t *testing.T) {
	paths := layFilterLog(t)
	for _, tt := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"-p", "bad", paths["text"]}, exitUsage, `--priority "bad": 0 to 7, or emerg`},
		{[]string{"-p", "8", paths["text"]}, exitUsage, `--priority "8"`},
		{[]string{"--boot", "-2", paths["text"]}, exitTrouble, "log.txt: has no boot -2: it holds 2"},
		{[]string{"--boot", "3", paths["export"]}, exitTrouble, "log.export: has no boot 3: it holds 2"},
		{[]string{"--boot", "cccc", paths["json"]}, exitTrouble, "log.json: has no boot cccc"},
		{[]string{"--boot", "-1", "-"}, exitTrouble, "cannot be counted from its end before that is read"},
		{[]string{"--boot", "all", paths["text"]}, exitTrouble, "is no journal, and only those can be counted by boot"},
		{[]string{"--boot", "all", "nowhere"}, exitTrouble, "read nowhere: no such file or directory"},
		{[]string{"-D", ".", paths["text"]}, exitUsage, "not both"},
	} {
		code, _, stderr := roamfault(append([]string{"analyze"}, tt.args...)...)
		if code != tt.code || !strings.Contains(stderr, tt.want) {
			t.Errorf("%q: exit code %d, want %d, said %q, want %q", tt.args, code, tt.code, stderr, tt.want)
		}
	}
}

// Counted by boot, a filter counts the same, and the kernels stay known.
func TestBootsAreFiltered(t *testing.T) {
	path := layFilterLog(t)["journal"]
	if path == "" {
		t.Skip("no journal")
	}
	for _, tt := range []struct {
		args        []string
		connections []int
		incidents   []int
	}{
		{nil, []int{1, 0}, []int{0, 1}},
		{[]string{"-t", "wpa_supplicant"}, []int{0, 0}, []int{0, 0}},
		{[]string{"--since", "2026-01-11 09:00"}, []int{0, 0}, []int{0, 1}},
		{[]string{"-p", "3"}, []int{0, 0}, []int{0, 1}},
	} {
		_, out, stderr := roamfault(append([]string{"analyze", "--boot", "all", "--format", "json", "--spool", t.TempDir(), path}, tt.args...)...)
		var doc bootsReport
		if err := json.Unmarshal([]byte(out), &doc); err != nil || len(doc.Boots) != 2 {
			t.Fatalf("%q: %v: %s%s", tt.args, err, out, stderr)
		}
		var kernels []string
		var connections, incidents []int
		for _, b := range doc.Boots {
			kernels, connections, incidents = append(kernels, b.Kernel), append(connections, b.Connections), append(incidents, b.Incidents)
		}
		if diff := cmp.Diff([]any{[]string{"6.18.2-1", "6.19.0-1"}, tt.connections, tt.incidents}, []any{kernels, connections, incidents}); diff != "" {
			t.Errorf("%q (-want +got):\n%s", tt.args, diff)
		}
	}
}
