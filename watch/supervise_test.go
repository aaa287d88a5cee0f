package watch

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roamfault/journal"
	"roamfault/reports/spool"
)

// supervise reads sources in turn until they are used up, without pauses.
func supervise(t *testing.T, at place, opt Options, sources ...*list) (starts []Start, pauses []time.Duration, came []string, err error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	opt.Numbers = NewNumbers()
	if opt.Say == nil {
		opt.Say = func(string, ...any) {}
	}
	opt.Open = func(from Start, _ func()) (journal.Source, error) {
		starts = append(starts, from)
		if len(sources) == 0 {
			cancel()
			return nil, errors.New("no more")
		}
		src := sources[0]
		sources = sources[1:]
		return src, nil
	}
	in := newIntake(options(nil, nil).Catalogue, at)
	s := &supervisor{opt: &opt, in: in, first: Start{Boot: "first"}, disturbed: func() {}, pause: func(_ context.Context, d time.Duration) {
		pauses = append(pauses, d)
		for _, it := range in.take().items {
			came = append(came, it.record.Cursor)
		}
	}}
	err = s.run(ctx)
	for _, it := range in.take().items {
		came = append(came, it.record.Cursor)
	}
	return starts, pauses, came, err
}

func fault(at time.Duration) journal.Record {
	return said(at, "mt7925e 0000:05:00.0: Message 00020002 (seq 3) timeout")
}

func TestSourceIsStartedAgain(t *testing.T) {
	died := errors.New("died")
	a, b := fault(time.Second), fault(2*time.Second)
	starts, pauses, came, err := supervise(t, place{}, Options{},
		&list{fail: died}, &list{fail: died}, &list{records: []journal.Record{a}, fail: died}, &list{}, &list{fail: died}, &list{records: []journal.Record{b}})
	if err != nil {
		t.Error(err)
	}
	want := []Start{{Boot: "first"}, {Boot: "first"}, {Boot: "first"}, {After: "at=1s"}, {After: "at=1s"}, {After: "at=1s"}, {After: "at=2s"}}
	if diff := cmp.Diff(want, starts); diff != "" {
		t.Errorf("starts (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"at=1s", "at=2s"}, came); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	wantPauses := []time.Duration{1, 2, 1, 2, 4, 1}
	for i := range wantPauses {
		wantPauses[i] *= time.Second
	}
	if len(pauses) > len(wantPauses) {
		pauses = pauses[:len(wantPauses)]
	}
	if diff := cmp.Diff(wantPauses, pauses); diff != "" {
		t.Errorf("pauses (-want +got):\n%s", diff)
	}
}

// A cursor that leads nowhere: time is what is left, and what was read is not
// read again.
func TestLostCursor(t *testing.T) {
	heard := &words{}
	records := []journal.Record{fault(time.Second), fault(2 * time.Second), fault(3 * time.Second)}
	at := place{cursor: "vacuumed", high: records[1].Time, boot: thisBoot, records: 2}
	starts, _, came, _ := supervise(t, at, Options{Say: heard.say},
		&list{from: Start{After: "vacuumed"}}, &list{from: Start{After: "vacuumed"}}, &list{from: Start{After: "vacuumed"}}, &list{records: records})
	if diff := cmp.Diff(Start{Since: dawn.Add(2 * time.Second)}, starts[3]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"at=3s"}, came); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !heard.has("no record behind the saved place in 3 tries: going on by time") {
		t.Errorf("said: %q", heard.list)
	}
}

func TestHopelessSource(t *testing.T) {
	denied := errors.New("permission denied")
	opt := Options{Fatal: func(err error) bool { return errors.Is(err, denied) }}
	starts, pauses, _, err := supervise(t, place{}, opt, &list{fail: errors.New("died")}, &list{fail: denied})
	if !errors.Is(err, denied) || len(starts) != 2 || len(pauses) != 1 {
		t.Errorf("%v behind %d starts and %d pauses", err, len(starts), len(pauses))
	}
	opt.Once = true
	starts, _, _, err = supervise(t, place{}, opt, &list{fail: errors.New("died")})
	if err == nil || len(starts) != 1 {
		t.Errorf("%v behind %d starts of a log that is read once", err, len(starts))
	}
}

// A cursor of another kind of log is not shown to this one.
func TestOtherKindOfCursor(t *testing.T) {
	s := openSpool(t, t.TempDir(), spool.Limits{})
	if err := s.Save(spool.Checkpoint{Source: "kmsg", Cursor: "kmsg:b:7", Time: fault(time.Second).Time, Boot: thisBoot, Records: 9}); err != nil {
		t.Fatal(err)
	}
	heard := &words{}
	opt := options(s, late())
	opt.Say = heard.say
	var mu sync.Mutex
	var got []Start
	opt.Open = func(from Start, _ func()) (journal.Source, error) {
		mu.Lock()
		defer mu.Unlock()
		got = append(got, from)
		return &list{records: []journal.Record{fault(0), fault(time.Second), fault(2 * time.Second)}, from: from}, nil
	}
	r, err := Run(t.Context(), opt)
	if err != nil || r.Records != 10 || r.Incidents != 1 {
		t.Errorf("%+v, %v", r, err)
	}
	if diff := cmp.Diff([]Start{{Since: dawn.Add(time.Second)}}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !heard.has("the saved place is one of kmsg, not of list: going on by time") {
		t.Errorf("said: %q", heard.list)
	}
}

// manager takes what is told a service manager.
type manager struct {
	mu       sync.Mutex
	list     []string
	watchdog time.Duration
}

func (m *manager) add(s string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.list = append(m.list, s)
	return nil
}

func (m *manager) Ready() error                  { return m.add("ready") }
func (m *manager) Reloading(time.Duration) error { return m.add("reloading") }
func (m *manager) Stopping() error               { return m.add("stopping") }
func (m *manager) Alive() error                  { return m.add("alive") }
func (m *manager) Status(text string) error      { return m.add("status " + text) }
func (m *manager) Watchdog() time.Duration       { return m.watchdog }

func (m *manager) count(s string) (n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, l := range m.list {
		if l == s {
			n++
		}
	}
	return n
}

// states are those that are neither signs of life nor words.
func (m *manager) states() (out []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, l := range m.list {
		if l != "alive" && !strings.HasPrefix(l, "status ") {
			out = append(out, l)
		}
	}
	return out
}
