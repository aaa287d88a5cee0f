package runreport

import (
	"bytes"
	"context"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roamfault/roam/runlog"
)

var update = flag.Bool("update", false, "write the goldens anew")

// file is a run file in memory.
type file struct{ bytes.Buffer }

func (*file) Sync() error  { return nil }
func (*file) Close() error { return nil }

func at(s int) runlog.Moment {
	d := time.Duration(s) * time.Second
	return runlog.Moment{Wall: time.Date(2026, 3, 1, 22, 0, 0, 0, time.UTC).Add(d), Monotonic: d, Boot: d}
}

// mixed is a run of 200 cycles in which much went wrong.
func mixed() []runlog.Entry {
	made := runlog.Environment{
		{Key: runlog.KeyKernel, Value: "6.18.2"}, {Key: runlog.KeyDriver, Value: "mt7925e"}, {Key: runlog.KeyChip, Value: "14c3:7925"},
		{Key: runlog.KeyFirmware, Value: "20250721232943"}, {Key: runlog.KeyVia, Value: "ctrl"},
	}
	entries := []runlog.Entry{&runlog.EnvironmentEntry{Boot: "boot", Environment: made}}
	kinds := []runlog.Kind{runlog.Roam, runlog.Roam, runlog.Reconnect}
	for n := 1; n <= 200; n++ {
		c := &runlog.Cycle{
			Number: n, Kind: kinds[n%3], Load: 1 + n/100, Boot: "boot", Begin: at(10 * n), End: at(10*n + 5), Outcome: runlog.OK, Origin: runlog.Natural,
			Took: time.Duration(100+n) * time.Millisecond, Outage: time.Duration(n) * time.Millisecond, AfterReset: n == 100,
			Stages: runlog.StageTimes{{Stage: runlog.StageAuth, Begin: 0, End: time.Duration(n) * 100 * time.Microsecond}, {Stage: runlog.StageAssoc, Begin: 30 * time.Millisecond}},
		}
		incident := func(class string, fatal bool) {
			entries = append(entries, &runlog.IncidentEntry{ID: class + string(rune('a'+n%26)), Class: class, Fingerprint: "v1:mt7925:roam:" + class, Severity: "error", Fatal: fatal, Cycle: n, Load: c.Load, Boot: "boot", At: at(10 * n), Origin: c.Origin})
		}
		switch {
		case n%50 == 0:
			c.Outcome, c.Took = runlog.Timeout, 10*time.Second
			incident("mcu-timeout", n == 200)
		case n%30 == 0:
			c.Origin, c.Injected, c.Outcome = runlog.Injected, []string{"stale-bss"}, runlog.Rejected
			incident("auth-rejected", false)
		case n == 7:
			c.Outcome = runlog.WrongAP
		case n == 8:
			c.Outcome = runlog.MissingLinks
		}
		entries = append(entries, c)
	}
	return append(entries, &runlog.EndEntry{At: at(2020), Reason: "no space left", Totals: runlog.Totals{Cycles: 200, Driven: 2020 * time.Second}})
}

// died is a run whose machine crashed between two cycles, and went on in the next boot.
func died() []runlog.Entry {
	why := "the machine went down between two cycles"
	return []runlog.Entry{
		&runlog.Cycle{Number: 1, Kind: runlog.Roam, Load: 1, Boot: "boot", Begin: at(10), End: at(15), Outcome: runlog.OK, Origin: runlog.Natural, Took: 150 * time.Millisecond},
		&runlog.NoteEntry{At: at(500), Text: why + " (crashed: kernel-panic: it \x1b[31m is dead)"},
		&runlog.PauseEntry{At: at(500), Boot: "boot", Load: 1, Why: why},
		&runlog.ResumeEntry{At: at(501), Boot: "next", Load: 2},
		&runlog.Cycle{Number: 2, Kind: runlog.Roam, Load: 2, Boot: "next", Begin: at(510), End: at(515), Outcome: runlog.OK, Origin: runlog.Natural, Took: 150 * time.Millisecond},
		&runlog.EndEntry{At: at(520), Reason: "2 cycles", Totals: runlog.Totals{Cycles: 2}},
	}
}

// quiet is one in which nothing failed.
func quiet() []runlog.Entry {
	var entries []runlog.Entry
	for n := 1; n <= 50; n++ {
		entries = append(entries, &runlog.Cycle{Number: n, Kind: runlog.Roam, Load: 1, Begin: at(n), End: at(n), Outcome: runlog.OK, Origin: runlog.Natural, Took: 150 * time.Millisecond})
	}
	return append(entries, &runlog.EndEntry{At: at(60), Reason: "50 cycles", Totals: runlog.Totals{Cycles: 50, Driven: time.Minute}})
}

// hostile is one whose texts are meant for a terminal or a bug tracker.
func hostile() []runlog.Entry {
	const poison = "\x1b]0;x\a @all `#1` <b>x</b> [a](http://b) | www.x.y \u202e"
	env := runlog.Environment{{Key: runlog.KeyKernel, Value: poison}, {Key: runlog.KeyFirmware, Value: "``" + poison}}
	return []runlog.Entry{
		&runlog.EnvironmentEntry{Environment: env},
		&runlog.Cycle{Number: 1, Kind: runlog.Roam, Load: 1, Begin: at(1), End: at(1), Outcome: runlog.Rejected, Origin: runlog.Natural},
		&runlog.IncidentEntry{ID: "i", Class: "x @all <b>", Fingerprint: poison, Cycle: 1, Origin: runlog.Natural},
		&runlog.EndEntry{Reason: poison},
	}
}

func summary(t *testing.T, id string, entries []runlog.Entry, spoil func([]byte) []byte) Summary {
	t.Helper()
	f := new(file)
	w := runlog.NewWriter(f, 0)
	head := &runlog.RunEntry{Schema: runlog.Schema, ID: id, Plan: runlog.Plan{Name: "mlo-ping-pong", Cycles: 200}.WithDefaults(), Version: "0.9.0", Started: at(0)}
	for _, e := range append([]runlog.Entry{head}, entries...) {
		if err := w.Append(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	run, stats, err := runlog.Load(context.Background(), bytes.NewReader(spoil(f.Bytes())))
	if err != nil {
		t.Fatal(err)
	}
	return Summarize(run, stats)
}

func samples(t *testing.T) map[string]Summary {
	whole := func(b []byte) []byte { return b }
	return map[string]Summary{
		"mixed": summary(t, "20260301-220000-0a1b", mixed(), whole),
		"quiet": summary(t, "20260301-220000-0a1b", quiet(), whole),
		"open": summary(t, "20260301-220000-0a1b", quiet(), func(b []byte) []byte {
			b[len(b)/2] ^= 1
			return b[:len(b)-10]
		}),
		"hostile": summary(t, "x](http://y)", hostile(), whole),
		"died":    summary(t, "20260301-220000-0a1b", died(), whole),
	}
}

func TestGoldens(t *testing.T) {
	for name, s := range samples(t) {
		for extension, write := range map[string]func(io.Writer, Summary) error{"txt": Text, "md": Markdown} {
			t.Run(name+"."+extension, func(t *testing.T) {
				var b bytes.Buffer
				if err := write(&b, s); err != nil {
					t.Fatal(err)
				}
				golden(t, name+"."+extension, b.String())
			})
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (run with -update)", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", path, diff)
	}
}

// What Markdown would see stands in code spans only.
func TestMarkdownIsHarmless(t *testing.T) {
	var b bytes.Buffer
	if err := Markdown(&b, samples(t)["hostile"]); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(b.String()) {
		outside := ""
		for rest := line; rest != ""; {
			open := strings.IndexByte(rest, '`')
			if open < 0 {
				outside += rest
				break
			}
			outside += rest[:open]
			ticks := rest[open : open+len(rest[open:])-len(strings.TrimLeft(rest[open:], "`"))]
			end := strings.Index(rest[open+len(ticks):], ticks)
			if end < 0 {
				t.Fatalf("a span has no end: %q", line)
			}
			rest = rest[open+2*len(ticks)+end:]
		}
		if strings.ContainsAny(outside, "@<[]#\x1b") || strings.Contains(outside, "www.") {
			t.Errorf("%q of %q", outside, line)
		}
	}
}

// A crash between two cycles is told, and then it was not all well.
func TestCrashBetweenCycles(t *testing.T) {
	s := samples(t)["died"]
	if s.Between != 1 || s.Bad() != 0 || s.Cycles != 2 || strings.Contains(strings.Join(s.Advice, " "), "nothing failed") {
		t.Errorf("%+v", s)
	}
	var many []runlog.Entry
	for i := range 9 {
		boot := string(rune('a' + i))
		many = append(many, &runlog.PauseEntry{At: at(i), Boot: boot, Why: "the machine went down between two cycles"}, &runlog.ResumeEntry{At: at(i), Boot: boot + "x"})
	}
	s = summary(t, "many", many, func(b []byte) []byte { return b })
	if s.Between != 9 || !strings.Contains(strings.Join(s.Advice, " "), "so 6 times more") {
		t.Errorf("%+v", s)
	}
}

func TestSummarize(t *testing.T) {
	s := samples(t)["mixed"]
	if s.Cycles != 200 || s.Bad() != 11 || s.Injected != 5 || s.AfterReset != 1 || s.Loads != 3 || s.Natural() != 4 || s.Open || s.Driven != 2020*time.Second {
		t.Errorf("%+v, %d bad, %d natural", s, s.Bad(), s.Natural())
	}
	for _, l := range s.Latencies {
		switch l.What {
		case "auth":
			// Of 0.1 to 20.0 ms, to a part in 1000.
			if l.N != 200 || l.P50.Round(100*time.Microsecond) != 10*time.Millisecond || l.P99.Round(100*time.Microsecond) != 19800*time.Microsecond {
				t.Errorf("%+v", l)
			}
		case "assoc":
			t.Error("a stage that never ended was measured")
		}
	}
	want := []Class{
		{Class: "auth-rejected", Injected: 5, First: 30, Fingerprint: "v1:mt7925:roam:auth-rejected"},
		{Class: "mcu-timeout", Natural: 4, Fatal: 1, First: 50, Fingerprint: "v1:mt7925:roam:mcu-timeout"},
	}
	if diff := cmp.Diff(want, s.Classes); diff != "" {
		t.Errorf("classes (-want +got):\n%s", diff)
	}
}
