package stress

import (
	"cmp"
	"context"
	"strings"
	"sync/atomic"
	"time"

	"roamfault/journal"
	"roamfault/roam/runlog"
)

// ears remember whether the log that is read has what it should.
type ears struct {
	kernel, daemons, failed atomic.Bool
	// lately says that something was heard since the log failed the last time.
	lately atomic.Bool
	// marked is when the first mark was written into the kernel's log, by
	// CLOCK_MONOTONIC; 0: none was.
	marked atomic.Int64
}

// attend gives the source's records as they come, and notes whose they are.
func (e *ears) attend(src journal.Source) journal.Source { return attended{src, e} }

type attended struct {
	journal.Source
	ears *ears
}

// Read reads the source.
func (a attended) Read(ctx context.Context, yield func(*journal.Record) error) (journal.Stats, error) {
	return a.Source.Read(ctx, func(r *journal.Record) error {
		a.ears.hear(r)
		return yield(r)
	})
}

func (e *ears) hear(r *journal.Record) {
	e.lately.Store(true)
	// A mark is the kernel's, and has its own identifier.
	if r.Transport == journal.TransportKernel || r.Identifier == "kernel" || strings.HasPrefix(r.Message, "roamfault: cycle ") {
		e.kernel.Store(true)
		return
	}
	e.daemons.Store(true)
}

// markLate is how long after the first mark it should have come back.
const markLate = 10 * time.Second

// deaf takes from the words those that were never there: the log could not be read
// at all, or the kernel's part of it has not even our own marks, which a kernel that
// takes them has at the level of what mac80211 says.
func (e *ears) deaf(w words, now time.Duration) words {
	marked := time.Duration(e.marked.Load())
	lost := e.failed.Load() || marked > 0 && now-marked > markLate
	if lost && !e.kernel.Load() {
		w.without(ofKernel)
	}
	if e.failed.Load() && !e.kernel.Load() && !e.daemons.Load() {
		w.without(ofDaemons)
		if w.logged {
			w.without(ofSupplicant)
		}
	}
	return w
}

// unheard keeps, where the log did not have what it should, what could be told of
// incidents all the same.
func (d *drive) unheard() error {
	now := d.system.Now()
	w := d.ears.deaf(d.said, now.Monotonic)
	if len(w.sources) == len(d.said.sources) {
		return nil
	}
	env := append(runlog.Environment(nil), d.made...)
	if err := w.tell(&env, d.o.Catalogue); err != nil {
		return err
	}
	d.o.Say("the log had nothing of what it should have (%s; read was %s): those incidents are left out of comparisons", d.said.String(), cmp.Or(w.String(), "nothing"))
	return d.recorder.Environment(&runlog.EnvironmentEntry{At: now, Boot: d.boot, Load: d.recorder.Totals().Loads, Environment: env})
}
