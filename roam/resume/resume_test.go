package resume

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"roamfault/journal"
	"roamfault/journal/pstore"
	"roamfault/nl80211/dot11"
	"roamfault/patterns"
	"roamfault/roam/observe"
	"roamfault/roam/recorder"
	"roamfault/roam/runlog"
)

const (
	thisBoot = "11111111111111111111111111111111"
	lastBoot = "22222222222222222222222222222222"
)

// at is a moment of a boot, so many seconds after its begin.
func at(seconds float64) runlog.Moment {
	d := time.Duration(seconds * float64(time.Second))
	return runlog.Moment{Wall: time.Unix(1_770_000_000, 0).UTC().Add(d), Monotonic: d, Boot: d}
}

// file is a run file in memory.
type file struct{ bytes.Buffer }

func (*file) Sync() error  { return nil }
func (*file) Close() error { return nil }

func plan() runlog.Plan {
	p := runlog.Plan{Name: "test", Cycles: 10, Settle: runlog.Duration(30 * time.Second)}
	return p.WithDefaults()
}

// head is the first line of a run.
func head(p runlog.Plan) *runlog.RunEntry {
	return &runlog.RunEntry{Schema: runlog.Schema, ID: "r", Plan: p, Version: "v", Started: at(100), Machine: "m", PID: 77, Boot: lastBoot}
}

func begin(n int, seconds float64) *runlog.BeginEntry {
	return &runlog.BeginEntry{Number: n, Kind: runlog.Roam, Load: 1, Boot: lastBoot, Begin: at(seconds), To: dot11.Addr{2, 0, 0, 0, 1, 0xff}, BSSID: dot11.Addr{2, 0, 0, 0, 1, 0}}
}

func cycle(n int, from, to float64, outcome runlog.Outcome) *runlog.Cycle {
	return &runlog.Cycle{Number: n, Kind: runlog.Roam, Load: 1, Boot: lastBoot, Begin: at(from), End: at(to), Origin: runlog.Natural, Outcome: outcome}
}

// interrupted is a run with two cycles and the begin of a third.
func interrupted() []runlog.Entry {
	return []runlog.Entry{
		head(plan()), begin(1, 110), cycle(1, 110, 112, runlog.OK), begin(2, 112), cycle(2, 112, 120, runlog.Timeout), begin(3, 120),
	}
}

// write makes a run file.
func write(t *testing.T, entries ...runlog.Entry) *file {
	t.Helper()
	f := &file{}
	more(t, f, 0, entries...)
	return f
}

// more adds to it.
func more(t *testing.T, f *file, last uint64, entries ...runlog.Entry) {
	t.Helper()
	w := runlog.NewWriter(f, last)
	for _, e := range entries {
		if err := w.Append(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Sync(); err != nil {
		t.Fatal(err)
	}
}

func load(t *testing.T, f *file) (*runlog.Run, runlog.Stats) {
	t.Helper()
	run, stats, err := runlog.Load(t.Context(), bytes.NewReader(f.Bytes()))
	if err != nil || !stats.Clean() {
		t.Fatalf("%v, error %v", stats.Problems(), err)
	}
	return run, stats
}

// logs are evidence in memory.
type logs struct {
	log, dump []journal.Record
	err       error
	asked     [2]time.Time
}

func (l *logs) Log(_ context.Context, boot string, since, until time.Time, yield func(*journal.Record) error) error {
	l.asked = [2]time.Time{since, until}
	return give(l.log, func(r *journal.Record) error {
		if r.Boot != boot {
			return errors.New("a record of another boot was asked for")
		}
		return yield(r)
	}, l.err)
}

func (l *logs) Dumps(_ context.Context, _ time.Time, yield func(*journal.Record) error) error {
	return give(l.dump, yield, nil)
}

func give(all []journal.Record, yield func(*journal.Record) error, err error) error {
	for _, r := range all {
		if err := yield(&r); err != nil {
			return err
		}
	}
	return err
}

func said(seconds float64, identifier, message string) journal.Record {
	m := at(seconds)
	return journal.Record{
		Time: journal.Time{Wall: m.Wall, Known: journal.KnownClock | journal.KnownDate | journal.KnownYear | journal.KnownZone, Precision: time.Microsecond, Mono: m.Monotonic, HasMono: true},
		Boot: lastBoot, Identifier: identifier, Transport: journal.TransportKernel, Message: message, Count: 1, Priority: 3,
	}
}

func dumped(seconds float64, message string) journal.Record {
	r := said(seconds, "kernel", message)
	r.Boot, r.Time = "", journal.Time{Mono: r.Time.Mono, HasMono: true}
	return r
}

const (
	timeout = "mt7925e 0000:05:00.0: Message 00020003 (seq 7) timeout"
	panics  = "Kernel panic - not syncing: Fatal exception in interrupt"
)

// resumed closes what is left open in a file.
func resumed(t *testing.T, f *file, boot string, ev Evidence) (State, *Closed) {
	t.Helper()
	run, stats := load(t, f)
	s, err := Look(run, stats, Present{Machine: "m", Boot: boot, InjectAgain: true})
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.Close(t.Context(), Closing{
		File: func() io.Reader { return bytes.NewReader(f.Bytes()) }, Evidence: ev, Catalogue: patterns.Builtin(), Now: at(500),
	})
	if err != nil {
		t.Fatal(err)
	}
	w := runlog.NewWriter(f, stats.Last)
	if err := c.Write(w); err != nil {
		t.Fatal(err)
	}
	return s, c
}

// What happened is the outcome of the cycle that it happened in.
func TestClose(t *testing.T) {
	ofUser := said(121, "systemd", "Reached target shutdown.target - Shutdown.")
	ofUser.PID = 1234
	for _, tt := range []struct {
		name      string
		boot      string
		ev        logs
		outcome   runlog.Outcome
		detail    string
		ended     float64 // seconds
		incidents string
		note      string
	}{
		{"killed", lastBoot, logs{}, runlog.Skipped, "roamfault was killed", 120, "", "roamfault was killed in cycle 3"},
		{
			"panic in pstore", thisBoot, logs{log: []journal.Record{said(121, "kernel", timeout)}, dump: []journal.Record{dumped(121, timeout), dumped(122.5, panics)}},
			runlog.Crashed, "kernel-panic: " + panics, 122.5, "mcu-timeout", "pstore has what the kernel said at last",
		},
		{
			"lockup", thisBoot, logs{log: []journal.Record{said(150, "kernel", "watchdog: BUG: soft lockup - CPU#2 stuck for 26s! [napi/phy0-0:733]")}},
			runlog.Crashed, "lockup: watchdog: BUG: soft lockup", 150, "", "the logs tell of no Wi-Fi incident",
		},
		{
			"hard hang", thisBoot, logs{log: []journal.Record{said(100, "systemd", "Reached target Shutdown"), said(123, "cron", "anything")}},
			runlog.Crashed, "hard hang, or the power was lost: the log of that boot ends 3.0 s after the cycle began, without a shutdown", 123, "", "the logs tell of no Wi-Fi incident",
		},
		{
			"suspended, then a hard hang", thisBoot, logs{log: []journal.Record{said(121, "systemd-logind", "The system will suspend now!"), said(121, "systemd", "Reached target sleep.target - Sleep.")}},
			runlog.Crashed, "hard hang", 121, "", "",
		},
		{
			"a shutdown for later, then a hard hang", thisBoot, logs{log: []journal.Record{said(121, "systemd-logind", "The system will reboot at Sun 2026-02-01 23:00:00 UTC!")}},
			runlog.Crashed, "hard hang", 121, "", "",
		},
		{"a user logged out, then a hard hang", thisBoot, logs{log: []journal.Record{ofUser}}, runlog.Crashed, "hard hang", 121, "", ""},
		{"no log is left", thisBoot, logs{}, runlog.Crashed, "hard hang, or the power was lost: no log of that boot is left", 120, "", "the machine went down in cycle 3"},
		{"shut down", thisBoot, logs{log: []journal.Record{said(122, "systemd-logind", "The system will reboot now!")}}, runlog.Skipped, "the machine was shut down", 122, "", ""},
		{"unreadable", thisBoot, logs{err: errors.New("no permission")}, runlog.Crashed, "hard hang", 120, "", "no permission"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := write(t, interrupted()...)
			_, c := resumed(t, f, tt.boot, &tt.ev)
			got := c.Cycle
			if got == nil || got.Number != 3 || got.Outcome != tt.outcome || !strings.HasPrefix(got.Detail, tt.detail) || got.End.Monotonic != at(tt.ended).Monotonic {
				t.Fatalf("cycle %+v", got)
			}
			if strings.Join(got.Incidents, " ") != tt.incidents {
				t.Errorf("incidents %v, want %q", got.Incidents, tt.incidents)
			}
			run, _ := load(t, f)
			if run.Interrupted != nil || run.Cycles.Len() != 3 || run.Repeated != 0 || len(run.Pauses) != 1 || !run.Open() {
				t.Errorf("run %+v", run)
			}
			if want := len(got.Incidents); len(run.Incidents) != want || want > 0 && run.Incidents[0].Cycle != 3 {
				t.Errorf("incidents %+v", run.Incidents)
			}
			var words []string
			for _, n := range run.Notes {
				words = append(words, n.Text)
			}
			if !strings.Contains(strings.Join(words, "\n"), tt.note) {
				t.Errorf("notes %q, want %q", words, tt.note)
			}
			if c.Totals.Cycles != 3 || c.Totals.Outcomes[tt.outcome] != 1 || c.Totals.Incidents != len(run.Incidents) {
				t.Errorf("totals %+v", c.Totals)
			}
		})
	}
}

// A try to go on that was cut off itself closes nothing twice.
func TestCloseAgain(t *testing.T) {
	ev := &logs{dump: []journal.Record{dumped(121, timeout), dumped(122.5, panics)}}
	f := write(t, interrupted()...)
	_, first := resumed(t, f, thisBoot, ev)
	s, again := resumed(t, f, thisBoot, ev)
	if !s.Closed || len(again.Entries) != 0 || again.Cycle != nil || again.Totals.Cycles != first.Totals.Cycles || again.Totals.Outcomes[runlog.Crashed] != 1 {
		t.Errorf("state %+v, closed %+v", s, again)
	}
	if o := s.Onward(again); o.First != 4 || o.Load != 2 {
		t.Errorf("onward %+v", o)
	}
	// It went on, and went down again.
	_, stats := load(t, f)
	second := begin(4, 20)
	second.Boot, second.Load = thisBoot, 2
	more(t, f, stats.Last, &runlog.ResumeEntry{At: at(510), Boot: thisBoot, PID: 78, Load: 2}, second)
	s, again = resumed(t, f, "33333333333333333333333333333333", &logs{})
	if s.Closed || s.Boot != thisBoot || again.Cycle.Number != 4 || again.Totals.Outcomes[runlog.Crashed] != 2 {
		t.Errorf("state %+v, closed %+v", s, again)
	}
	if run, _ := load(t, f); run.Cycles.Len() != 4 || len(run.Pauses) != 2 || len(run.Incidents) != 1 {
		t.Errorf("%d cycles, pauses %v, incidents %v", run.Cycles.Len(), run.Pauses, run.Incidents)
	}
}

// Whatever part of the closing is on the disk when that is cut off: in the end the
// cycle is there once, and so is the incident.
func TestClosingCutOff(t *testing.T) {
	ev := &logs{dump: []journal.Record{dumped(121, timeout), dumped(122.5, panics)}}
	whole := write(t, interrupted()...)
	before := whole.Len()
	resumed(t, whole, thisBoot, ev)
	lines := bytes.SplitAfter(whole.Bytes()[before:], []byte("\n"))
	for n := range lines {
		f := &file{}
		f.Write(whole.Bytes()[:before])
		f.Write(bytes.Join(lines[:n], nil))
		resumed(t, f, thisBoot, ev)
		run, stats := load(t, f)
		if run.Cycles.Len() != 3 || run.Repeated != 0 || stats.Repeated != 0 || len(run.Incidents) != 1 || run.Interrupted != nil {
			t.Errorf("after %d lines: %d cycles, incidents %+v", n, run.Cycles.Len(), run.Incidents)
		}
	}
}

// An incident that was under way is not found a second time: its records are in the
// run, and what the log has beside them belongs to it.
func TestIncidentGoesOn(t *testing.T) {
	f := &file{}
	w := runlog.NewWriter(f, 0)
	if err := w.Append(head(plan())); err != nil {
		t.Fatal(err)
	}
	r := recorder.New(w, func() runlog.Moment { return at(400) })
	c := cycle(1, 110, 0, "")
	if err := r.Begin(c); err != nil {
		t.Fatal(err)
	}
	known := said(111, "kernel", timeout)
	if err := r.Step(observe.Step{Record: &known}); err != nil {
		t.Fatal(err)
	}
	if err := w.Sync(); err != nil {
		t.Fatal(err)
	}
	_, closed := resumed(t, f, thisBoot, &logs{log: []journal.Record{known, said(112, "kernel", panics)}})
	records := 0
	for _, e := range closed.Entries {
		if e.Type() == runlog.TypeRecord {
			records++
		}
	}
	if run, _ := load(t, f); records != 1 || len(run.Incidents) != 1 || run.Incidents[0].Class != "mcu-timeout" || !run.Incidents[0].Fatal || run.Incidents[0].At.Monotonic != at(111).Monotonic {
		t.Errorf("%d records, incidents %+v", records, run.Incidents)
	}
}

// Between two cycles there is nothing to close.
func TestBetweenCycles(t *testing.T) {
	f := write(t, interrupted()[:5]...)
	s, c := resumed(t, f, thisBoot, &logs{log: []journal.Record{said(124, "kernel", timeout), said(125, "kernel", panics)}})
	run, _ := load(t, f)
	if c.Cycle != nil || run.Cycles.Len() != 2 || len(run.Incidents) != 1 || run.Incidents[0].Cycle != 0 || run.Incidents[0].Load == 0 || run.Crashes()[0].After != 2 || len(run.Pauses) != 1 {
		t.Errorf("closed %+v, incidents %+v", c, run.Incidents)
	}
	if want := "the machine went down between two cycles (crashed: kernel-panic: " + panics + ")"; run.Notes[0].Text != want {
		t.Errorf("note %q, want %q", run.Notes[0].Text, want)
	}
	if o := s.Onward(c); o.First != 3 {
		t.Errorf("goes on with cycle %d", o.First)
	}
}

func TestRefusals(t *testing.T) {
	alive := func(pid int) bool { return pid == 77 }
	inject := plan()
	inject.Inject = []runlog.Injection{{Fault: runlog.ChipReset, Every: 2}}
	for name, tt := range map[string]struct {
		entries []runlog.Entry
		now     Present
		want    error
	}{
		"ended":                  {append(interrupted(), &runlog.EndEntry{At: at(130), Reason: "10 cycles"}), Present{Machine: "m", Boot: thisBoot}, ErrEnded},
		"running":                {interrupted(), Present{Machine: "m", Boot: "22222222-2222-2222-2222-222222222222", Alive: alive}, ErrRunning},
		"that number, next boot": {interrupted(), Present{Machine: "m", Boot: thisBoot, Alive: alive}, nil},
		"another machine":        {interrupted(), Present{Machine: "n", Boot: thisBoot}, ErrOtherMachine},
		"faults":                 {append([]runlog.Entry{head(inject)}, interrupted()[1:]...), Present{Machine: "m", Boot: thisBoot}, ErrInject},
		"faults, confirmed":      {append([]runlog.Entry{head(inject)}, interrupted()[1:]...), Present{Machine: "m", Boot: thisBoot, InjectAgain: true}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			run, stats := load(t, write(t, tt.entries...))
			if _, err := Look(run, stats, tt.now); !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
		})
	}
	f := write(t, interrupted()...)
	_, headless, _ := bytes.Cut(f.Bytes(), []byte("\n"))
	run, stats, err := runlog.Load(t.Context(), bytes.NewReader(headless))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Look(run, stats, Present{Machine: "m", Boot: thisBoot}); !errors.Is(err, ErrHeadless) {
		t.Errorf("headless: error %v", err)
	}
}

// The plan goes on where it stopped, and not beyond what it was.
func TestOnward(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*runlog.Plan)
		boot   string
		over   string
		load   int
	}{
		"more cycles":        {func(*runlog.Plan) {}, thisBoot, "", 2},
		"in the same boot":   {func(*runlog.Plan) {}, lastBoot, "", 1},
		"cycles":             {func(p *runlog.Plan) { p.Cycles = 3 }, thisBoot, "3 cycles", 2},
		"time":               {func(p *runlog.Plan) { p.Duration = runlog.Duration(10 * time.Second) }, thisBoot, "10s", 2},
		"fatal":              {func(p *runlog.Plan) { p.Stop.Fatal = true }, thisBoot, "a fatal incident", 2},
		"fatal, but killed":  {func(p *runlog.Plan) { p.Stop.Fatal = true }, lastBoot, "", 1},
		"failures in a row":  {func(p *runlog.Plan) { p.Stop.Failures = 2 }, thisBoot, "2 cycles in a row failed", 2},
		"fewer in a row yet": {func(p *runlog.Plan) { p.Stop.Failures = 3 }, thisBoot, "", 2},
	} {
		t.Run(name, func(t *testing.T) {
			p := plan()
			tt.change(&p)
			s, c := resumed(t, write(t, append([]runlog.Entry{head(p)}, interrupted()[1:]...)...), tt.boot, &logs{})
			o := s.Onward(c)
			if o.Over != tt.over || o.First != 4 || o.Load != tt.load {
				t.Errorf("onward %+v", o)
			}
			if p.Stop.Failures == 3 {
				if why := o.Enough(&runlog.Cycle{Outcome: runlog.Lost}); why != "3 cycles in a row failed" {
					t.Errorf("after one more: %q", why)
				}
			}
		})
	}
	p := plan()
	p.Duration = runlog.Duration(time.Minute)
	s, c := resumed(t, write(t, append([]runlog.Entry{head(p)}, interrupted()[1:]...)...), thisBoot, &logs{log: []journal.Record{said(125, "cron", "x")}})
	if o := s.Onward(c); time.Duration(o.Plan.Duration) != 45*time.Second {
		t.Errorf("of a minute, after 15 s, %v is left", time.Duration(o.Plan.Duration))
	}
}

// The evidence of real logs: of pstore only what was written since.
func TestLogs(t *testing.T) {
	dir := t.TempDir()
	for name, when := range map[string]time.Time{"dmesg-efi_pstore-177000012001001": at(120).Wall, "dmesg-ramoops-0": at(122).Wall, "dmesg-ramoops-1": at(-5000).Wall} {
		path := filepath.Join(dir, name)
		text := "Panic#1 Part1\n<0>[  122.500000] " + panics + " " + name + "\n"
		if err := errors.Join(os.WriteFile(path, []byte(text), 0o600), os.Chtimes(path, when, when)); err != nil {
			t.Fatal(err)
		}
	}
	l := Logs{Pstore: &pstore.Source{Dirs: []string{dir}}}
	var got []string
	err := l.Dumps(t.Context(), at(60).Wall, func(r *journal.Record) error {
		got = append(got, r.Message)
		return nil
	})
	if all := strings.Join(got, "\n"); err != nil || len(got) != 2 || strings.Contains(all, "ramoops-1") {
		t.Errorf("%q, error %v", got, err)
	}
	l.Open = func(journal.Filter) (journal.Source, error) { return nil, errors.New("locked away") }
	if err := l.Log(t.Context(), lastBoot, time.Time{}, time.Time{}, nil); err == nil || !strings.Contains(err.Error(), "locked away") {
		t.Errorf("error %v", err)
	}
}

// Whatever stands in a file and in the logs: a run is refused, or goes on behind
// all its cycles.
func FuzzResume(f *testing.F) {
	seed := &file{}
	w := runlog.NewWriter(seed, 0)
	for _, e := range interrupted() {
		if err := w.Append(e); err != nil {
			f.Fatal(err)
		}
	}
	if err := w.Sync(); err != nil {
		f.Fatal(err)
	}
	f.Add(seed.Bytes(), timeout, int64(121), thisBoot)
	f.Add(seed.Bytes()[:seed.Len()/2], panics, int64(-1), lastBoot)
	f.Add(bytes.Replace(seed.Bytes(), []byte("skipped"), []byte("crashed"), 1), "System is rebooting.", int64(1)<<62, "")
	f.Fuzz(func(t *testing.T, data []byte, message string, seconds int64, boot string) {
		run, stats, err := runlog.Load(t.Context(), bytes.NewReader(data))
		if err != nil {
			return
		}
		s, err := Look(run, stats, Present{Machine: run.Head.Machine, Boot: boot, InjectAgain: true})
		if err != nil {
			return
		}
		record := said(121, "kernel", message)
		record.Boot, record.Time.Mono = s.Boot, time.Duration(seconds)
		c, err := s.Close(t.Context(), Closing{
			File:     func() io.Reader { return bytes.NewReader(data) },
			Evidence: &logs{log: []journal.Record{record}}, Catalogue: patterns.Builtin(), Now: at(500),
		})
		if err != nil {
			t.Fatal(err)
		}
		o := s.Onward(c)
		for _, b := range run.Cycles.All() {
			if b.Number >= o.First {
				t.Errorf("goes on with cycle %d, and there is one of number %d", o.First, b.Number)
			}
		}
		if s.Cycle != nil && o.First <= s.Cycle.Number {
			t.Errorf("goes on with cycle %d, and %d was interrupted", o.First, s.Cycle.Number)
		}
	})
}
