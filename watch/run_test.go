package watch

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"roamfault/journal"
	"roamfault/patterns"
	"roamfault/reports/incident"
	"roamfault/reports/render"
	"roamfault/reports/spool"
	"roamfault/watch/watchtest"
)

var update = flag.Bool("update", false, "write the goldens anew")

// late is a clock long after any log of a test.
func late() *clock { return newClock(dawn.AddDate(1, 0, 0), 1e6*time.Second) }

// whole watches a log from end to end.
func whole(t *testing.T, records []journal.Record) map[string]string {
	t.Helper()
	s := openSpool(t, t.TempDir(), spool.Limits{})
	opt := options(s, late())
	opt.Open = opens(records)
	r, err := Run(t.Context(), opt)
	if err != nil || r.Incidents == 0 || r.Open != 0 || r.Records != int64(len(records)) {
		t.Fatalf("%+v, %v", r, err)
	}
	return contents(t, s)
}

// collecting takes what a builder finds live.
type collecting struct{ last map[string]string }

func (c *collecting) Event(*incident.Event) error    { return nil }
func (c *collecting) Opened(string, *incident.Event) {}
func (c *collecting) Grew(string, *incident.Event)   {}
func (c *collecting) Incident(i *incident.Incident) error {
	object, events, err := render.Objects(i)
	c.last[i.ID] = string(object) + string(events)
	return err
}

// What a watching concludes from records and ticks, anybody concludes from the
// same records and ticks.
func TestStepsCanBeReplayed(t *testing.T) {
	s := openSpool(t, t.TempDir(), spool.Limits{})
	c := newClock(dawn, time.Hour)
	opt := options(s, c)
	more := make(chan journal.Record)
	opt.Open = func(Start, func()) (journal.Source, error) { return &list{follow: true, more: more}, nil }
	opt.Once = false
	again := &collecting{last: make(map[string]string)}
	builder := incident.NewBuilder(again)
	matched, ticks := 0, 0
	opt.Steps = func(step Step) {
		if step.Record == nil {
			ticks++
			if err := builder.Tick(step.Time, step.Boot); err != nil {
				t.Error(err)
			}
			return
		}
		matched++
		r := *step.Record
		m, ok := patterns.Builtin().Match(r.Identifier, r.Message)
		if !ok {
			t.Errorf("a step that says nothing: %q", r.Message)
		}
		if err := builder.Record(&r, &m); err != nil {
			t.Error(err)
		}
	}
	run := start(t, opt)
	for at := range 4 {
		offset := time.Duration(at) * 200 * time.Second
		for _, r := range []journal.Record{
			said(offset+time.Second, "wlan0: Connection to AP 02:00:00:00:01:00 lost"),
			said(offset+2*time.Second, "wlan0: authentication with 02:00:00:00:01:00 timed out"),
		} {
			more <- r
		}
		c.pass(t, 200)
		await(t, "an incident by silence", func() bool { return s.Usage().Incidents == at+1 })
	}
	if r := run.stop(); r.Incidents != 4 || r.Open != 0 {
		t.Errorf("%+v", r)
	}
	if matched != 8 || ticks < 100 {
		t.Errorf("%d records and %d ticks in the steps", matched, ticks)
	}
	got := make(map[string]string)
	for id, v := range contents(t, s) {
		got[strings.Fields(id)[0]] = v
	}
	if diff := cmp.Diff(got, again.last); diff != "" {
		t.Errorf("(-watched +replayed):\n%s", diff)
	}
}

// Wherever a watching is ended and begun again, it finds what one without a
// break finds: no incident is lost, none is another, the place in the log moves.
func TestBreaksChangeNothing(t *testing.T) {
	records := logOf(7, 3000)
	want := whole(t, records)
	if len(want) < 100 {
		t.Fatalf("only %d incidents to compare", len(want))
	}
	rng := rand.New(rand.NewPCG(1, 1))
	dir := t.TempDir()
	begun := make(map[string]bool)
	for end := 0; end < len(records); {
		end = min(len(records), end+1+rng.IntN(60))
		s := openSpool(t, dir, spool.Limits{})
		opt := options(s, newClock(records[end-1].Time.Wall, records[end-1].Time.Mono))
		ctx, cancel := context.WithCancel(t.Context())
		opt.Open = func(from Start, _ func()) (journal.Source, error) {
			begun[from.After] = true
			return &list{records: records[:end], from: from}, nil
		}
		if rng.IntN(2) > 0 {
			// Ended in the middle of a batch, or by a signal.
			stop, n := rng.IntN(40), 0
			opt.Steps = func(Step) {
				if n++; n == stop {
					cancel()
				}
			}
		}
		if _, err := Run(ctx, opt); err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		cancel()
		s.Close()
	}
	s := openSpool(t, dir, spool.Limits{})
	opt := options(s, late())
	opt.Open = opens(records)
	if _, err := Run(t.Context(), opt); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, contents(t, s)); diff != "" {
		t.Errorf("(-without +with breaks):\n%s", diff)
	}
	if len(begun) < 10 {
		t.Errorf("the place moved to %d cursors only", len(begun))
	}
}

// An incident is told when it opens, grows and is done, by recovery or by a
// minute of silence that only the clock tells.
func TestTold(t *testing.T) {
	for name, printer := range map[string]func(*paper) Printer{
		"text":  func(w *paper) Printer { return TextPrinter{w} },
		"jsonl": func(w *paper) Printer { return JSONPrinter{w} },
	} {
		t.Run(name, func(t *testing.T) {
			s := openSpool(t, t.TempDir(), spool.Limits{})
			c := newClock(dawn, time.Hour)
			out := &paper{}
			more := make(chan journal.Record)
			opt := options(s, c)
			opt.Once, opt.Printer = false, printer(out)
			opt.Open = func(Start, func()) (journal.Source, error) { return &list{follow: true, more: more}, nil }
			run := start(t, opt)
			tell := func(at time.Duration, text string) { more <- said(at, text) }
			tell(0, "mt7925e 0000:05:00.0: Message 00020002 (seq 3) timeout")
			tell(3*time.Second, "mt7925e 0000:05:00.0: Message 00020003 (seq 4) timeout")
			tell(4*time.Second, "wlan0: \u202eassociated\x1b[31m") // nobody's
			for n := range 40 {
				tell(time.Duration(6+3*n)*time.Second, fmt.Sprintf("mt7925e 0000:05:00.0: Message 00020003 (seq %d) timeout", 1+(n+4)%15))
			}
			await(t, "the last event", func() bool {
				return strings.Contains(out.String(), "00020003 (seq 12) timeout") || strings.Contains(out.String(), "event 32") || strings.Contains(out.String(), `"event":32`)
			})
			c.pass(t, 200)
			await(t, "the end by silence", func() bool { return s.Usage().Incidents == 1 })
			tell(300*time.Second, "wlan0: Connection to AP 02:00:00:00:01:00 lost")
			tell(301*time.Second, "wlan0: authentication with 02:00:00:00:01:00 timed out")
			tell(303*time.Second, "wlan0: authenticate with 02:00:00:00:01:00")
			tell(304*time.Second, "wlan0: associated")
			tell(310*time.Second, "something else")
			await(t, "the end by recovery", func() bool { return s.Usage().Incidents == 2 })
			if r := run.stop(); r.Incidents != 2 {
				t.Errorf("%+v", r)
			}
			lines := strings.SplitAfter(out.String(), "\n")
			for i, l := range lines {
				if strings.HasPrefix(l, `{"type":"incident"`) {
					lines[i] = l[:60] + "\n" // the rest is the object of an analysis
				}
			}
			got := strings.Join(lines, "")
			golden := filepath.Join("testdata", "told."+name+".golden")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// The clock does not end an incident while the log is late: what is on its way
// may belong to it.
func TestNoTicksAheadOfTheLog(t *testing.T) {
	s := openSpool(t, t.TempDir(), spool.Limits{})
	c := newClock(dawn.Add(time.Hour), 2*time.Hour)
	more := make(chan journal.Record)
	opt := options(s, c)
	opt.Once = false
	var disturb func()
	opt.Open = func(_ Start, disturbed func()) (journal.Source, error) {
		disturb = disturbed
		return &list{follow: true, more: more}, nil
	}
	var ticked []time.Time
	opt.Steps = func(step Step) {
		if step.Record == nil && step.Time.Wall.After(dawn.Add(30*time.Minute)) {
			ticked = append(ticked, step.Time.Wall)
		}
	}
	run := start(t, opt)
	more <- said(0, "mt7925e 0000:05:00.0: Message 00020002 (seq 3) timeout")
	more <- said(time.Second, "something else")
	// An hour behind: four seconds of silence are none.
	c.pass(t, 4)
	disturb()
	more <- said(2*time.Second, "something else")
	run.stop()
	if len(ticked) > 0 {
		t.Errorf("ticks at %v", ticked)
	}
	if s.Usage().Incidents != 0 {
		t.Error("the incident was ended while the log was an hour behind")
	}
}

func TestWhereItBegins(t *testing.T) {
	old := said(-10*time.Hour, "mt7925e 0000:05:00.0: Message 00020002 (seq 3) timeout")
	old.Boot, old.Time.Mono = "other", 50*time.Hour
	records := []journal.Record{
		old,
		said(-10*time.Minute, "mt7925e 0000:05:00.0: Message 00020002 (seq 4) timeout"),
		said(time.Minute, "mt7925e 0000:05:00.0: Message 00020002 (seq 5) timeout"),
	}
	for _, tt := range []struct {
		begin Begin
		mono  bool // as the kernel's log has it: no wall clock
		want  int
	}{
		{FromNow, false, 1}, {FromBoot, false, 2}, {FromAll, false, 3}, {FromNow, true, 1}, {FromBoot, true, 2},
	} {
		s := openSpool(t, t.TempDir(), spool.Limits{})
		c := newClock(dawn, time.Hour)
		opt := options(s, c)
		opt.Begin = tt.begin
		list := slices.Clone(records)
		for i := range list {
			if tt.mono {
				list[i].Time = journal.Time{Mono: list[i].Time.Mono, HasMono: true}
			}
		}
		if tt.mono {
			list = list[1:] // the ring buffer is of one boot
		}
		opened := opens(list)
		opt.Open = func(from Start, disturbed func()) (journal.Source, error) {
			c.mu.Lock()
			c.time = earlier(c.time, -time.Hour) // time passes
			c.mu.Unlock()
			return opened(from, disturbed)
		}
		r, err := Run(t.Context(), opt)
		if err != nil || r.Incidents != tt.want {
			t.Errorf("begin %d, mono %v: %+v, %v, want %d incidents", tt.begin, tt.mono, r, err, tt.want)
		}
	}
	opt := options(openSpool(t, t.TempDir(), spool.Limits{}), late())
	opt.Begin = FromCursor
	if _, err := Run(t.Context(), opt); !errors.Is(err, ErrNoCursor) {
		t.Errorf("no saved place: %v", err)
	}
}

// A kill before the place was saved for the first time loses nothing that came
// since the begin.
func TestKilledAtOnce(t *testing.T) {
	dir := t.TempDir()
	s := openSpool(t, dir, spool.Limits{})
	c := newClock(dawn, time.Hour)
	opt := options(s, c)
	opt.Begin = FromNow
	opt.Open = opens([]journal.Record{said(-time.Minute, "mt7925e 0000:05:00.0: Message 00020002 (seq 3) timeout")})
	if r, err := Run(t.Context(), opt); err != nil || r.Records != 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	s.Close()
	s = openSpool(t, dir, spool.Limits{})
	opt = options(s, late())
	opt.Begin = FromNow
	opt.Open = opens([]journal.Record{
		said(-time.Minute, "mt7925e 0000:05:00.0: Message 00020002 (seq 3) timeout"),
		said(time.Minute, "mt7925e 0000:05:00.0: Message 00020002 (seq 4) timeout"),
	})
	if r, err := Run(t.Context(), opt); err != nil || r.Incidents != 1 {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestFullDisk(t *testing.T) {
	records := logOf(3, 2000)
	want := whole(t, records)
	dir := t.TempDir()
	s := &broken{Spool: openSpool(t, dir, spool.Limits{})}
	c := late()
	opt := options(s, c)
	heard := &words{}
	opt.Say, opt.Once = heard.say, false
	opt.Numbers = NewNumbers()
	handed := 0
	opt.Open = func(from Start, _ func()) (journal.Source, error) {
		src := &list{records: records, from: from, follow: true}
		return counted{src, &handed}, nil
	}
	run := start(t, opt)
	await(t, "some incidents", func() bool { return s.Usage().Incidents > 3 })
	s.set(true)
	await(t, "word of it", func() bool { return heard.has("no space left on device") })
	_, saves := s.counts()
	before, err := s.Load()
	if err != nil {
		t.Fatal(err)
	}
	c.pass(t, 20)
	if got, err := s.Load(); err != nil || got.Cursor != before.Cursor {
		t.Errorf("the saved place moved from %+v to %+v, %v", before, got, err)
	}
	if _, now := s.counts(); now > saves+1 {
		t.Errorf("saved %d times while incidents wait", now-saves)
	}
	s.set(false)
	c.pass(t, 10)
	await(t, "all incidents", func() bool { c.pass(t, 1); return s.Usage().Incidents >= len(want) })
	if r := run.stop(); r.Unstored != 0 {
		t.Errorf("%+v", r)
	}
	if !heard.has("can be written to again") {
		t.Errorf("said: %q", heard.list)
	}
	if n := len(heard.list); n > 12 {
		t.Errorf("said %d lines: %q", n, heard.list)
	}
	if diff := cmp.Diff(want, contents(t, s.Spool)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// counted counts what a source hands out.
type counted struct {
	journal.Source
	n *int
}

func (c counted) Read(ctx context.Context, yield func(*journal.Record) error) (journal.Stats, error) {
	return c.Source.Read(ctx, func(r *journal.Record) error { *c.n++; return yield(r) })
}

// A disk that stays full: the log is not read on, the program can be ended, and
// the next run finds everything.
func TestFullDiskToTheEnd(t *testing.T) {
	records := logOf(4, 6000)
	dir := t.TempDir()
	s := &broken{Spool: openSpool(t, dir, spool.Limits{})}
	c := late()
	opt := options(s, c)
	opt.Once = false
	handed := 0
	opt.Open = func(from Start, _ func()) (journal.Source, error) {
		s.set(true)
		return counted{&list{records: records, from: from, follow: true}, &handed}, nil
	}
	run := start(t, opt)
	await(t, "a try", func() bool { tries, _ := s.counts(); return tries > 0 })
	c.pass(t, 30)
	r := run.stop()
	if r.Unstored < 1 || r.Unstored > mostWaiting+batchItems || handed >= len(records) {
		t.Errorf("%+v with %d of %d records read", r, handed, len(records))
	}
	s.Close()
	again := openSpool(t, dir, spool.Limits{})
	opt = options(again, late())
	opt.Open = opens(records)
	if _, err := Run(t.Context(), opt); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(whole(t, records), contents(t, again)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The first place cannot be saved: then a kill would lose what comes.
func TestFullDiskAtTheBegin(t *testing.T) {
	s := &broken{Spool: openSpool(t, t.TempDir(), spool.Limits{}), full: true}
	opt := options(s, late())
	opt.Open = opens(nil)
	if _, err := Run(t.Context(), opt); err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("began on a full disk: %v", err)
	}
}

func TestBoundedSpool(t *testing.T) {
	records := logOf(5, 1500)
	want := whole(t, records)
	dir := t.TempDir()
	l := spool.Limits{Incidents: 10}
	heard := &words{}
	for range 2 { // the second time everything is read again
		s := openSpool(t, dir, l)
		opt := options(s, late())
		opt.Say, opt.Open = heard.say, opens(records)
		opt.CheckpointEvery = time.Hour
		opt.Numbers = NewNumbers()
		if _, err := Run(t.Context(), opt); err != nil {
			t.Fatal(err)
		}
		if n := s.Usage().Incidents; n != 10 {
			t.Errorf("%d incidents, bound 10", n)
		}
		for id, v := range contents(t, s) {
			if want[id] != v {
				t.Errorf("incident %s is another", id)
			}
		}
		s.Close()
	}
	if !heard.has("the spool is full: 1 incidents went to make room") {
		t.Errorf("said: %q", heard.list)
	}
}

func TestReload(t *testing.T) {
	s := openSpool(t, t.TempDir(), spool.Limits{})
	c := newClock(dawn, time.Hour)
	opt := options(s, c)
	more := make(chan journal.Record)
	reloads := make(chan struct{})
	heard, out := &words{}, &paper{}
	notes := &manager{}
	opt.Once, opt.Say, opt.Reloads, opt.Printer, opt.Notify = false, heard.say, reloads, TextPrinter{out}, notes
	opt.Numbers = NewNumbers()
	opt.Open = func(Start, func()) (journal.Source, error) { return &list{follow: true, more: more}, nil }
	packs, err := patterns.ReadPacks(fstest.MapFS{"own.yaml": {Data: []byte(`pack: own
about: a test
patterns:
  - id: own-crash
    class: firmware-crash
    forms:
      - literal: "frobnicator gave up"
        match: 'frobnicator gave up'
    meaning: It gave up.
    source: a test
    samples:
      - text: "mt7925e 0000:05:00.0: frobnicator gave up"
    never:
      - "all is well"
`)}}, ".")
	if err != nil {
		t.Fatal(err)
	}
	bad := true
	opt.Reload = func() (*patterns.Catalogue, error) {
		if bad {
			return nil, errors.New("own.yaml:3: no such class")
		}
		return patterns.New(packs), nil
	}
	run := start(t, opt)
	tell := func(at time.Duration) { more <- said(at, "mt7925e 0000:05:00.0: frobnicator gave up") }
	tell(0)
	reloads <- struct{}{}
	await(t, "the failure", func() bool { return heard.has("no such class: going on with the patterns from before") })
	tell(time.Second)
	bad = false
	reloads <- struct{}{}
	await(t, "the reload", func() bool { return heard.has("reloaded: ") })
	tell(2 * time.Second)
	await(t, "the event", func() bool { return strings.Contains(out.String(), "frobnicator") })
	run.stop()
	if got := strings.Count(out.String(), "frobnicator"); got != 1 {
		t.Errorf("%d events, want that behind the reload alone:\n%s", got, out)
	}
	if opt.Numbers.reloads.Value("ok") != 1 || opt.Numbers.reloads.Value("failed") != 1 {
		t.Error("reloads are not counted")
	}
	want := []string{"ready", "reloading", "ready", "reloading", "ready", "stopping"}
	if diff := cmp.Diff(want, notes.states()); diff != "" {
		t.Errorf("told the service manager (-want +got):\n%s", diff)
	}
}

func TestWatchdog(t *testing.T) {
	s := openSpool(t, t.TempDir(), spool.Limits{})
	c := newClock(dawn, time.Hour)
	notes := &manager{watchdog: 30 * time.Second}
	opt := options(s, c)
	opt.Once, opt.Notify = false, notes
	opt.Open = func(Start, func()) (journal.Source, error) { return &list{follow: true}, nil }
	run := start(t, opt)
	c.pass(t, 61)
	run.stop()
	if n := notes.count("alive"); n < 4 || n > 6 {
		t.Errorf("%d signs of life in 61 s, want one every 15 s", n)
	}
	if n := notes.count("status 0 records, 0 incidents open, 0 in the spool (0.0 MiB)"); n < 5 {
		t.Errorf("%d words of status: %q", n, notes.list)
	}
}

// What we print lands in the log that we read.
func TestOwnWordsAreNoFaults(t *testing.T) {
	records := []journal.Record{
		said(0, `2026-01-05T08:00:00Z open 0123 mt7925e 0000:05:00.0: mcu-timeout (error): mt7925e 0000:05:00.0: Message 00020002 (seq 3) timeout`),
		said(time.Second, "roamfault: cycle 17 begin"),
	}
	for i := range records {
		records[i].Identifier, records[i].Transport = "roamfault", journal.TransportSyslog
	}
	s := openSpool(t, t.TempDir(), spool.Limits{})
	opt := options(s, late())
	opt.Open, opt.Numbers = opens(records), NewNumbers()
	if r, err := Run(t.Context(), opt); err != nil || r.Incidents != 0 {
		t.Errorf("%+v, %v", r, err)
	}
	if got := opt.Numbers.matched.Value(""); got != 1 {
		t.Errorf("%v records count, want the mark alone", got)
	}
}

func TestDevice(t *testing.T) {
	records := []journal.Record{
		said(0, "mt7925e 0000:05:00.0: Message 00020002 (seq 3) timeout"),
		said(time.Second, "mt7921e 0000:06:00.0: Message 00020002 (seq 3) timeout"),
	}
	for device, want := range map[string]int{"": 2, "mt7925e": 1, "0000:06:00.0": 1, "mt79*": 2, "iwlwifi": 0} {
		s := openSpool(t, t.TempDir(), spool.Limits{})
		out := &paper{}
		opt := options(s, late())
		opt.Open, opt.Device, opt.Printer = opens(records), device, TextPrinter{out}
		if r, err := Run(t.Context(), opt); err != nil || r.Incidents != want || strings.Count(out.String(), "\n") != 2*want {
			t.Errorf("device %q: %+v, %v, want %d\n%s", device, r, err, want, out)
		}
	}
}

func TestRestore(t *testing.T) {
	dir := t.TempDir()
	s := openSpool(t, dir, spool.Limits{})
	if err := s.Save(spool.Checkpoint{Source: "list", Cursor: "x", State: json.RawMessage(`{"a":1}`)}); err != nil {
		t.Fatal(err)
	}
	heard := &words{}
	opt := options(s, late())
	opt.Say = heard.say
	opt.Open = func(from Start, _ func()) (journal.Source, error) {
		if from.After != "x" {
			t.Errorf("begun behind %q", from.After)
		}
		return &list{}, nil
	}
	if _, err := Run(t.Context(), opt); err != nil {
		t.Fatal(err)
	}
	if !heard.has("learning them anew") {
		t.Errorf("said: %q", heard.list)
	}
}

// Ten million records leave no more behind than ten thousand.
func TestMemoryIsBounded(t *testing.T) {
	n := 10_000_000
	if testing.Short() || raceEnabled {
		n = 300_000
	}
	s := openSpool(t, t.TempDir(), spool.Limits{Incidents: 100})
	opt := options(s, late())
	opt.CheckpointEvery = time.Second
	var most uint64
	opt.Open = func(Start, func()) (journal.Source, error) {
		return &endless{n: n, look: func() {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
		}}, nil
	}
	r, err := Run(t.Context(), opt)
	if err != nil || r.Records != int64(n) || r.Incidents < 10 {
		t.Fatalf("%+v, %v", r, err)
	}
	if most > 64<<20 {
		t.Errorf("%d MiB", most>>20)
	}
	t.Logf("%d records, %d incidents, at most %d MiB of heap", r.Records, r.Incidents, most>>20)
}

// endless is a log of many records, of which few are faults.
type endless struct {
	n    int
	look func()
}

func (e *endless) Read(_ context.Context, yield func(*journal.Record) error) (journal.Stats, error) {
	faults := watchtest.NewFaults(9, dawn, 0)
	plain := said(0, "Started session-1.scope - Session 1 of user nobody.")
	plain.Identifier, plain.Transport = "systemd", journal.TransportSyslog
	for i := range e.n {
		if e.look != nil && i%500_000 == 0 {
			e.look()
		}
		r := &plain
		if i%1000 == 0 {
			fault := faults.Next()
			plain.Time, plain.Boot, plain.Cursor = fault.Time, fault.Boot, fault.Cursor
			r = &fault
		}
		if err := yield(r); err != nil {
			return journal.Stats{}, err
		}
	}
	return journal.Stats{}, nil
}
