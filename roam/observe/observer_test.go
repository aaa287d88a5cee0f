package observe

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"roamfault/journal"
	"roamfault/patterns"
	"roamfault/reports/incident"
)

// told keeps what an observer tells.
type told struct {
	steps    []Step
	words    []string
	finished []string
	fail     error
}

func (t *told) Step(s Step) error {
	if s.Record != nil {
		copied := *s.Record
		s.Record = &copied
		t.words = append(t.words, copied.Message)
	}
	t.steps = append(t.steps, s)
	return t.fail
}

func (t *told) Opened(e *incident.Event) error {
	t.words = append(t.words, "opened "+string(e.Class))
	return nil
}

func (t *told) Firmware(at time.Duration) error {
	t.words = append(t.words, fmt.Sprintf("firmware at %v", at))
	return nil
}

func (t *told) Finished(i *incident.Incident) error {
	t.finished = append(t.finished, describe(i))
	return nil
}

func describe(i *incident.Incident) string {
	return fmt.Sprintf("%s %d %s %s %s %s", i.ID, i.Rev, i.Root.Class, i.Outcome, i.Title, i.Summary)
}

// clock is a clock of the test's bubble.
func clock() Clock {
	start := time.Now()
	return func() (journal.Time, string) {
		since := time.Since(start)
		return journal.Time{Wall: time.Now(), Known: journal.KnownClock | journal.KnownDate | journal.KnownYear | journal.KnownZone, Precision: time.Microsecond, Mono: since, HasMono: true}, "boot"
	}
}

func kernelSays(c Clock, message string) *journal.Record {
	now, boot := c()
	return &journal.Record{Time: now, Boot: boot, Identifier: "kernel", Transport: journal.TransportKernel, Priority: 4, Count: 1, Message: message}
}

// Sources that are late are put in order, an incident is told when it opens and
// when silence ends it, and its steps give it again.
func TestObserver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := clock()
		found := &told{}
		o := New(Options{Catalogue: patterns.Builtin(), Clock: c, Told: found, Since: time.Minute})
		o.Add(kernelSays(c, "mt7925e 0000:05:00.0: Message 00020003 (seq 1) timeout")) // before the begin
		time.Sleep(time.Minute)
		first := kernelSays(c, "wlan0: authenticate with 02:00:00:00:01:00 (local address=02:00:00:00:00:01)")
		time.Sleep(100 * time.Millisecond)
		second := kernelSays(c, "mt7925e 0000:05:00.0: Message 00020002 (seq 12) timeout")
		o.Add(second)
		o.Add(first)
		o.Add(kernelSays(c, "a line that says nothing"))
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		ticks := time.NewTicker(TickEvery)
		go func() { ended <- o.Run(ctx, ticks.C) }()
		time.Sleep(2 * time.Second)
		synctest.Wait()
		want := []string{first.Message, second.Message, "opened mcu-timeout"}
		if !slices.Equal(found.words, want) {
			t.Errorf("told %q, want %q", found.words, want)
		}
		if o.Open() != 1 {
			t.Errorf("%d incidents are open", o.Open())
		}
		o.Add(kernelSays(c, "mt7925e 0000:05:00.0: WM Firmware Version: ____000000, Build Time: 20260106153120"))
		time.Sleep(3 * time.Minute)
		synctest.Wait()
		if o.Open() != 0 || len(found.finished) != 1 || !strings.Contains(found.finished[0], "mcu-timeout") {
			t.Errorf("finished %q", found.finished)
		}
		if !slices.ContainsFunc(found.words, func(w string) bool { return strings.HasPrefix(w, "firmware at 1m2") }) {
			t.Errorf("told %q", found.words)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		var again []string
		if err := Replay(patterns.Builtin(), slices.Values(found.steps), func(i *incident.Incident) error {
			again = append(again, describe(i))
			return nil
		}); err != nil || !slices.Equal(again, found.finished) {
			t.Errorf("replayed %q, error %v, want %q", again, err, found.finished)
		}
	})
}

// What is quoted of a run is text that can be read again.
func TestLine(t *testing.T) {
	r := journal.Record{Time: journal.Time{Mono: 1234567890 * time.Microsecond, HasMono: true}, Identifier: "wpa_supplicant", PID: 7, Message: "wlan0: hello", Count: 1}
	line := Line(&r)
	var read []string
	if _, err := journal.Read(t.Context(), strings.NewReader(line+"\n"), journal.Options{}, func(r *journal.Record) error {
		read = append(read, fmt.Sprint(r.Time.Mono, " ", r.Identifier, " ", r.PID, " ", r.Message))
		return nil
	}); err != nil || !slices.Equal(read, []string{"20m34.56789s wpa_supplicant 7 wlan0: hello"}) {
		t.Errorf("%q is read as %q, error %v", line, read, err)
	}
}

// Silence costs nothing: ticks are steps only while something is open.
func TestSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		found := &told{}
		o := New(Options{Catalogue: patterns.Builtin(), Clock: clock(), Told: found})
		for range 1000 {
			time.Sleep(time.Second)
			if err := o.Tick(); err != nil {
				t.Fatal(err)
			}
		}
		if len(found.steps) != 0 {
			t.Errorf("%d steps", len(found.steps))
		}
	})
}

// More than there is room for is counted and said, and what cannot be kept ends
// the observing.
func TestBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := clock()
		found := &told{}
		o := New(Options{Catalogue: patterns.Builtin(), Clock: c, Told: found})
		r := kernelSays(c, "wlan0: associated")
		for range mostHeld + 3 {
			o.Add(r)
		}
		time.Sleep(time.Second)
		if err := o.Tick(); err != nil {
			t.Fatal(err)
		}
		if last := found.words[len(found.words)-1]; last != "3 records were left out: more came than can be looked at" || len(found.words) != mostHeld+1 {
			t.Errorf("%d records, the last: %q", len(found.words), last)
		}
		found.fail = errors.New("full")
		o.Add(r)
		time.Sleep(time.Second)
		if err := o.Tick(); !errors.Is(err, found.fail) {
			t.Errorf("error %v", err)
		}
	})
}

// Our own words about an incident are none.
func TestOwnWords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := clock()
		found := &told{}
		o := New(Options{Catalogue: patterns.Builtin(), Clock: c, Told: found})
		for _, message := range []string{"opened: Message 00020002 (seq 12) timeout", "cycle 7 begin"} {
			r := kernelSays(c, message)
			r.Identifier = "roamfault"
			o.Add(r)
		}
		time.Sleep(time.Second)
		if err := o.Tick(); err != nil || !slices.Equal(found.words, []string{"cycle 7 begin"}) {
			t.Errorf("told %q, error %v", found.words, err)
		}
	})
}

type lines []string

func (l lines) Read(ctx context.Context, yield func(*journal.Record) error) (journal.Stats, error) {
	for _, s := range l {
		if err := yield(&journal.Record{Identifier: "kernel", Message: s, Count: 1}); err != nil {
			return journal.Stats{}, err
		}
	}
	<-ctx.Done()
	return journal.Stats{}, ctx.Err()
}

// A log is followed until the run ends; records without monotonic time stand where
// they come.
func TestFollow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		found := &told{}
		o := New(Options{Catalogue: patterns.Builtin(), Clock: clock(), Told: found})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- o.Follow(ctx, lines{"wlan0: associated", "nothing"}) }()
		time.Sleep(time.Second)
		if err := o.Tick(); err != nil || !slices.Equal(found.words, []string{"wlan0: associated"}) {
			t.Errorf("told %q, error %v", found.words, err)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func BenchmarkAdd(b *testing.B) {
	b.ReportAllocs()
	start := time.Now()
	c := func() (journal.Time, string) { return journal.Time{Mono: time.Since(start), HasMono: true}, "boot" }
	o := New(Options{Catalogue: patterns.Builtin(), Clock: c, Told: &told{}})
	r := kernelSays(c, "wlan0: associated")
	for b.Loop() {
		o.Add(r)
		if len(o.held) > 1000 {
			o.held = o.held[:0]
		}
	}
}
