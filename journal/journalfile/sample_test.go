package journalfile

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"roamfault/journal"
)

// sample describes a stream of journal entries to be made.
type sample struct {
	seed    uint64
	entries int
	host    string
	boots   []string
	// start is the first entry's wall clock, step the time between two, in
	// microseconds.
	start, step int64
	// plain leaves out what is large.
	plain bool
}

const (
	bootA = "0a0a0a0a0a0a4a0a8a0a0a0a0a0a0a01"
	bootB = "0b0b0b0b0b0b4b0b8b0b0b0b0b0b0b02"
	bootC = "0c0c0c0c0c0c4c0c8c0c0c0c0c0c0c03"

	// epoch is when the first boot begins, bootLength after how long the next
	// one follows, in microseconds.
	epoch      = 1767225600_000000
	bootLength = 14_000_000
)

// export writes the entries in the journal export format.
func (s sample) export() []byte {
	rng := rand.New(rand.NewPCG(s.seed, 7))
	var out bytes.Buffer
	put := func(name, value string) {
		if strings.ContainsFunc(value, func(r rune) bool { return r < 0x20 || r == utf8.RuneError }) {
			out.WriteString(name + "\n")
			out.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(value))))
			out.WriteString(value + "\n")
			return
		}
		out.WriteString(name + "=" + value + "\n")
	}
	idents := []string{"kernel", "wpa_supplicant", "NetworkManager", "systemd", "iwd"}
	common := []string{
		"wlan0: authenticate with 02:00:00:00:01:00 (local address=02:00:00:00:00:01)",
		"wlan0: associated",
		"CTRL-EVENT-BEACON-LOSS ",
		"daemon says \xff\xfe and \x1b[31mred\x1b[0m",
		"two lines\n\tand the second one",
		"",
	}
	for i := range s.entries {
		wall := s.start + int64(i)*s.step
		boot := min(int((wall-epoch)/bootLength), len(s.boots)-1)
		mono := wall - epoch - int64(boot)*bootLength + 1_000_000
		put("__REALTIME_TIMESTAMP", fmt.Sprint(wall))
		put("__MONOTONIC_TIMESTAMP", fmt.Sprint(mono))
		put("_BOOT_ID", s.boots[boot])
		put("_MACHINE_ID", "feedfeedfeed4feed8feedfeedfeed00")
		put("_HOSTNAME", s.host)
		ident := idents[rng.IntN(len(idents))]
		switch {
		case ident == "kernel":
			put("_TRANSPORT", "kernel")
			put("_SOURCE_MONOTONIC_TIMESTAMP", fmt.Sprint(mono-11))
			put("_KERNEL_DEVICE", "+pci:0000:05:00.0")
			if rng.IntN(2) == 0 {
				put("SYSLOG_IDENTIFIER", ident)
			}
		case rng.IntN(4) == 0:
			put("_TRANSPORT", "stdout")
			put("_COMM", ident)
			put("_PID", fmt.Sprint(100+rng.IntN(5)))
		default:
			put("_TRANSPORT", "syslog")
			put("SYSLOG_IDENTIFIER", ident)
			put("SYSLOG_PID", fmt.Sprint(200+rng.IntN(5)))
			put("_SOURCE_REALTIME_TIMESTAMP", fmt.Sprint(wall-1234))
		}
		if p := rng.IntN(10); p < 9 {
			put("PRIORITY", fmt.Sprint(p))
		}
		switch k := rng.IntN(100); {
		case k == 0:
			// No message.
			put("COREDUMP", "x")
			put("CODE_LINE", fmt.Sprint(i))
		case k < 50:
			put("MESSAGE", common[rng.IntN(len(common))])
		case k < 54 && !s.plain:
			put("MESSAGE", strings.Repeat(fmt.Sprintf("long message %d; ", i), 40+rng.IntN(40)))
		case k == 54 && !s.plain:
			put("MESSAGE", noise(rng, 3000))
		case k == 55 && !s.plain:
			put("MESSAGE", strings.Repeat(noise(rng, 900), 90))
			put("COREDUMP_PROC_MAPS", strings.Repeat(noise(rng, 700), 300))
		case k == 56:
			put("MESSAGE", "first of two")
			put("MESSAGE", "second of two")
		default:
			put("MESSAGE", fmt.Sprintf("wlan0: message %d of a kind, timed out", i))
		}
		out.WriteByte('\n')
	}
	return out.Bytes()
}

// noise is text that packs badly.
func noise(rng *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = ' ' + byte(rng.IntN(90))
	}
	return string(b)
}

// tool returns systemd's writer of journal files, and skips the test where it
// is not installed.
func tool(tb testing.TB) string {
	tb.Helper()
	if _, err := exec.LookPath("journalctl"); err != nil {
		tb.Skip("journalctl is not installed: apt-get install systemd")
	}
	for _, p := range []string{"/lib/systemd/systemd-journal-remote", "/usr/lib/systemd/systemd-journal-remote"} {
		if _, err := os.Stat(p); err == nil {
			return p
		}
	}
	tb.Skip("systemd-journal-remote is not installed: apt-get install systemd-journal-remote")
	return ""
}

// layout is how a real file is written.
type layout struct {
	name           string
	compact, keyed bool
	args           []string
	entries        int // of a fixture, 0 for the usual number
}

func layouts() []layout {
	return []layout{
		{"regular-jenkins-zstd", false, false, nil, 0},
		{"regular-keyed-zstd", false, true, nil, 0},
		{"compact-keyed-zstd", true, true, nil, 0},
		{"regular-jenkins-plain", false, false, []string{"--compress=no"}, 0},
		{"regular-keyed-plain", false, true, []string{"--compress=no"}, 0},
		{"compact-keyed-plain", true, true, []string{"--compress=no"}, 0},
	}
}

// write has systemd write a file.
func (l layout) write(tb testing.TB, path string, export []byte) {
	tb.Helper()
	cmd := exec.Command(tool(tb), append(l.args, "--output="+path, "-")...)
	cmd.Stdin = bytes.NewReader(export)
	flag := map[bool]string{false: "0", true: "1"}
	cmd.Env = append(os.Environ(), "SYSTEMD_JOURNAL_COMPACT="+flag[l.compact], "SYSTEMD_JOURNAL_KEYED_HASH="+flag[l.keyed])
	if out, err := cmd.CombinedOutput(); err != nil {
		tb.Fatalf("%v: %v\n%s", cmd, err, out)
	}
}

// journalctl returns what systemd itself reads.
func journalctl(tb testing.TB, args ...string) []byte {
	tb.Helper()
	var stderr bytes.Buffer
	cmd := exec.Command("journalctl", append([]string{"--quiet", "--no-pager"}, args...)...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		tb.Fatalf("%v: %v\n%s", cmd, err, stderr.Bytes())
	}
	return out
}

// readText reads an export or JSON stream.
func readText(tb testing.TB, in []byte) []journal.Record {
	tb.Helper()
	var recs []journal.Record
	_, err := journal.Read(context.Background(), bytes.NewReader(in), journal.Options{}, func(r *journal.Record) error {
		recs = append(recs, *r)
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	return recs
}

// readFiles reads journal files.
func readFiles(tb testing.TB, opt Options, paths ...string) ([]journal.Record, journal.Stats) {
	tb.Helper()
	j, err := Open(paths, opt)
	if err != nil {
		tb.Fatal(err)
	}
	defer j.Close()
	recs, st := readAll(tb, j)
	return recs, st
}

func readAll(tb testing.TB, j *Journal) ([]journal.Record, journal.Stats) {
	tb.Helper()
	var recs []journal.Record
	st, err := j.Read(context.Background(), func(r *journal.Record) error {
		recs = append(recs, *r)
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	if st.Records != len(recs) {
		tb.Fatalf("%d records counted, %d handed out", st.Records, len(recs))
	}
	return recs, st
}

// sameRecords compares but for where the records stand.
func sameRecords(tb testing.TB, want, got []journal.Record) {
	tb.Helper()
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(journal.Record{}, "Origin", "Raw"), cmpopts.EquateEmpty()); diff != "" {
		if len(diff) > 4000 {
			diff = diff[:4000]
		}
		tb.Fatalf("(-journalctl +got):\n%s", diff)
	}
}

// damage returns the skips that tell of damage, not of what a sound journal has.
func damage(st journal.Stats) []journal.Skip {
	var list []journal.Skip
	for _, k := range st.Skipped {
		if k.Reason != skipNoMessage && k.Reason != skipField {
			list = append(list, k)
		}
	}
	return list
}

// newJournal wraps bytes as a journal of one file.
func newJournal(b []byte, opt Options) (*Journal, error) {
	f := &file{path: "test.journal", r: bytes.NewReader(b), close: func() error { return nil },
		stat: func() (int64, error) { return int64(len(b)), nil }}
	j := &Journal{opt: opt, files: []*file{f}}
	return j, f.refresh()
}

var timedOut = Options{Wanted: func(_, m string) bool { return strings.Contains(m, "timed out") }}

// only keeps the records that Wanted wants.
func only(recs []journal.Record, wanted func(identifier, message string) bool) []journal.Record {
	var kept []journal.Record
	for _, r := range recs {
		if wanted(r.Identifier, r.Message) {
			kept = append(kept, r)
		}
	}
	return kept
}

func standard(n int) sample {
	return sample{seed: 1, entries: n, host: "box", boots: []string{bootA, bootB}, start: epoch, step: 40_000}
}

func tempFile(tb testing.TB) string { return filepath.Join(tb.TempDir(), "test.journal") }
