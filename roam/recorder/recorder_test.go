package recorder

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"roamfault/journal"
	"roamfault/nl80211/dot11"
	"roamfault/patterns"
	"roamfault/reports/incident"
	"roamfault/roam/observe"
	"roamfault/roam/runlog"
)

// file is a run file in memory.
type file struct {
	bytes.Buffer
	synced int // how much is sure to be there
	syncs  int
	fail   error
}

func (f *file) Sync() error {
	f.synced = f.Len()
	f.syncs++
	return f.fail
}
func (f *file) Close() error { return nil }

func at(seconds int) runlog.Moment {
	d := time.Duration(seconds) * time.Second
	return runlog.Moment{Wall: time.Unix(1_800_000_000, 0).UTC().Add(d), Monotonic: d, Boot: d}
}

func begun(t *testing.T, f *file) *Recorder {
	t.Helper()
	w := runlog.NewWriter(f, 0)
	head := &runlog.RunEntry{Schema: runlog.Schema, ID: "r", Plan: plan(), Version: "v", Started: at(0), PID: 1, Boot: "b"}
	if err := w.Append(head); err != nil {
		t.Fatal(err)
	}
	return New(w, func() runlog.Moment { return at(1000) })
}

func plan() runlog.Plan {
	p := runlog.Plan{Name: "test", Cycles: 2}
	return p.WithDefaults()
}

func cycle(n, from, to int, origin runlog.Origin, outcome runlog.Outcome) *runlog.Cycle {
	ap := &runlog.AP{MLD: dot11.Addr{2, 0, 0, 0, 1, 0xff}, SSID: runlog.SSID("net"), Links: []runlog.Link{{BSSID: dot11.Addr{2, 0, 0, 0, 1, 0}, Freq: 5180}}}
	return &runlog.Cycle{
		Number: n, Kind: runlog.Roam, Load: 1, Boot: "b", Begin: at(from), End: at(to), To: ap, BSSID: ap.Links[0].BSSID, Origin: origin, Outcome: outcome,
	}
}

func found(second int) *incident.Incident {
	e := &incident.Event{Class: patterns.MCUTimeout, Severity: patterns.Error, Time: journal.Time{Mono: time.Duration(second) * time.Second, HasMono: true}}
	return &incident.Incident{ID: "i", Fingerprint: "f", Root: e, First: e, Last: e, Trigger: e, Worst: e, Outcome: incident.Recovered, Boot: "b"}
}

// Everything of a run can be read again, and an incident falls into the cycle that
// was under way when it began.
func TestRecorder(t *testing.T) {
	f := &file{}
	r := begun(t, f)
	if err := errors.Join(
		r.Begin(cycle(1, 10, 0, runlog.Natural, "")),
		r.Step(observe.Step{Record: &journal.Record{Time: journal.Time{Mono: 12 * time.Second, HasMono: true}, Boot: "b", Identifier: "kernel", Message: "wlan0: associated", Count: 1}}),
		r.Step(observe.Step{Time: journal.Time{Mono: 13 * time.Second, HasMono: true}, Boot: "b"}),
		r.End(cycle(1, 10, 20, runlog.Natural, runlog.OK)),
		r.Begin(cycle(2, 20, 0, runlog.Injected, "")),
		r.Note(at(21), "words with \x1b[31m"),
		r.End(cycle(2, 20, 30, runlog.Injected, runlog.Lost)),
		r.Finished(found(15)),
		r.Finished(found(25)),
		r.Finished(found(5)),
		r.Close("2 cycles"),
	); err != nil {
		t.Fatal(err)
	}
	if f.synced != f.Len() {
		t.Errorf("%d octets of %d are synced", f.synced, f.Len())
	}
	var cycles []int
	var origins []runlog.Origin
	var last runlog.Entry
	stats, err := runlog.Read(context.Background(), bytes.NewReader(f.Bytes()), func(e runlog.Entry) error {
		switch e := e.(type) {
		case *runlog.IncidentEntry:
			cycles, origins = append(cycles, e.Cycle), append(origins, e.Origin)
		case *runlog.NoteEntry:
			if strings.Contains(e.Text, "\x1b") || e.Cycle != 2 {
				t.Errorf("note %+v", e)
			}
		}
		last = e
		return nil
	})
	if err != nil || len(stats.Damages) != 0 {
		t.Fatalf("%+v, error %v", stats, err)
	}
	if want := []int{1, 2, 0}; len(cycles) != 3 || cycles[0] != want[0] || cycles[1] != want[1] || cycles[2] != want[2] || origins[1] != runlog.Injected || origins[0] != runlog.Natural {
		t.Errorf("incidents of the cycles %v, %v; want %v", cycles, origins, want)
	}
	end, ok := last.(*runlog.EndEntry)
	if !ok || end.Reason != "2 cycles" || end.Totals.Cycles != 2 || end.Totals.Bad != 2 || end.Totals.Outcomes[runlog.Incident] != 1 || end.Totals.Outcomes[runlog.OK] != 0 || end.Totals.Incidents != 3 || end.Totals.Driven != 20*time.Second {
		t.Errorf("end %+v", last)
	}
}

// An error of the disk stays, and ends the run at its next boundary.
func TestDiskFull(t *testing.T) {
	f := &file{fail: errors.New("no space left on device")}
	r := begun(t, f)
	if err := r.Begin(cycle(1, 10, 0, runlog.Natural, "")); !errors.Is(err, f.fail) {
		t.Errorf("error %v", err)
	}
	if err := r.End(cycle(1, 10, 20, runlog.Natural, runlog.OK)); !errors.Is(err, f.fail) {
		t.Errorf("error %v", err)
	}
	if f.syncs != 1 {
		t.Errorf("synced %d times", f.syncs)
	}
}

// An incident is told as fatal once, whenever it turns out to be.
func TestFatalOnce(t *testing.T) {
	r := begun(t, &file{})
	for rev, outcome := range []incident.Outcome{incident.Recovered, incident.FatalEnd, incident.FatalEnd} {
		i := found(15)
		i.Rev, i.Outcome = rev, outcome
		if err := r.Finished(i); err != nil {
			t.Fatal(err)
		}
	}
	r.Detach()
	if n := len(r.Notices()); n != 1 {
		t.Errorf("told %d times", n)
	}
}

// The totals are the caller's own.
func TestTotals(t *testing.T) {
	r := begun(t, &file{})
	was := r.Totals()
	if err := r.End(cycle(1, 10, 20, runlog.Natural, runlog.OK)); err != nil {
		t.Fatal(err)
	}
	if len(was.Outcomes) != 0 || r.Totals().Outcomes[runlog.OK] != 1 {
		t.Errorf("before %v, after %v", was, r.Totals())
	}
}

// Who takes no notices any more holds nobody up.
func TestDetach(t *testing.T) {
	r := begun(t, &file{})
	if err := r.Firmware(time.Second); err != nil {
		t.Fatal(err)
	}
	if n := <-r.Notices(); !n.Firmware || n.At != time.Second {
		t.Errorf("notice %+v", n)
	}
	r.Detach()
	for range 2 * noticesKept {
		if err := r.Opened(found(1).First); err != nil {
			t.Fatal(err)
		}
	}
}

func BenchmarkQuietCycle(b *testing.B) {
	b.ReportAllocs()
	f := &file{}
	r := New(runlog.NewWriter(f, 0), func() runlog.Moment { return at(0) })
	c := cycle(1, 10, 20, runlog.Natural, runlog.OK)
	for b.Loop() {
		if err := errors.Join(r.Begin(c), r.End(c)); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(f.Len()), "octets/cycle")
		f.Reset()
	}
}
