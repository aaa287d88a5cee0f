package analysis

import (
	"context"
	"errors"
	"path"
	"slices"
	"strings"

	"roamfault/journal"
	"roamfault/patterns"
	"roamfault/reports/incident"
)

// Options of an analysis.
type Options struct {
	Catalogue *patterns.Catalogue
	// Since and Until bound the records that count.
	Since, Until Bound
	// Device is a glob or a part of a device's name; other devices' events
	// and incidents are left out.
	Device string
	// MinSeverity leaves out events below it, and incidents without an
	// event that reaches it.
	MinSeverity patterns.Severity
}

// window is how many matched records of an input may be held to be put in
// order.
const window = 4096

// Run analyses the sources as one host's. Inputs that cannot be read are told
// in the summary, the others still count. When ctx ends, what was found so far
// is finished and the summary says so. The error is the sink's.
func Run(ctx context.Context, sources []Source, opt Options, sink incident.Sink) (*Summary, error) {
	var trouble unmatched
	summary := &Summary{}
	reading, stop := context.WithCancel(ctx)
	defer stop()
	var streams []*stream
	for _, in := range sources {
		s := &stream{path: in.Name, err: in.Err, batches: make(chan []*item, 2), done: make(chan struct{})}
		streams = append(streams, s)
		go s.read(reading, in.Reader, opt, window/len(sources), &trouble)
	}
	builder := incident.NewBuilder(filter{opt, sink})
	err := merge(ctx, slices.Clone(streams), builder)
	stop()
	for _, s := range streams {
		for range s.batches { // lets a reader that was stopped end
		}
		<-s.done
		summary.Inputs = append(summary.Inputs, Input{Path: s.path, Err: s.err, Stats: s.stats})
		summary.Late += s.late
	}
	if err == nil {
		err = builder.Close()
	}
	summary.Unmatched, summary.UnmatchedMore = trouble.list()
	summary.Interrupted = ctx.Err() != nil
	return summary, err
}

// item is a record that a pattern matches.
type item struct {
	record journal.Record
	match  patterns.Match
}

// stream is one input being read.
type stream struct {
	path    string
	err     error
	stats   journal.Stats
	late    int
	batches chan []*item
	done    chan struct{}
	head    []*item // what is left of the batch in hand
}

const batchSize = 64

// ownIdentifier begins the syslog identifiers of roamfault's own programs.
const ownIdentifier = "roamfault"

// read matches the records of the input and sends on those that say something.
func (s *stream) read(ctx context.Context, source journal.Source, opt Options, window int, trouble *unmatched) {
	defer close(s.done)
	defer close(s.batches)
	if s.err != nil {
		return
	}
	var batch []*item
	send := func() error {
		if len(batch) == 0 {
			return nil
		}
		select {
		case s.batches <- batch:
			batch = nil
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	sorter := journal.NewSorter(window, func(_ journal.Time, it *item) error {
		batch = append(batch, it)
		if len(batch) < batchSize {
			return nil
		}
		return send()
	})
	take := func(r *journal.Record) error {
		if opt.Since.before(r.Time) || opt.Until.after(r.Time) {
			return nil
		}
		m, ok := opt.Catalogue.Match(r.Identifier, r.Message)
		if strings.HasPrefix(r.Identifier, ownIdentifier) && m.Class != patterns.CycleMark {
			return nil // what the watcher printed is told by the records it quotes
		}
		if !ok {
			trouble.add(r)
			return nil
		}
		return sorter.Add(r.Time, r.Boot, &item{*r, m})
	}
	var err error
	s.stats, err = source.Read(ctx, take)
	if flushed := errors.Join(sorter.Flush(), send()); err == nil {
		err = flushed
	}
	s.late = sorter.Late
	if !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
		s.err = err
	}
}

// next returns the next item without taking it, nil at the end.
func (s *stream) next() *item {
	for len(s.head) == 0 {
		batch, ok := <-s.batches
		if !ok {
			return nil
		}
		s.head = batch
	}
	return s.head[0]
}

// merge feeds the builder with the items of all inputs in the order of their
// clocks. Inputs whose clocks cannot be compared follow one another, those
// without a clock last, whatever the order in which they were named.
func merge(ctx context.Context, streams []*stream, b *incident.Builder) error {
	type keyed struct {
		*stream
		clock journal.Clock
	}
	var order []keyed
	for _, s := range streams {
		if it := s.next(); it != nil {
			order = append(order, keyed{s, it.record.Time.Clock()})
		}
	}
	slices.SortStableFunc(order, func(a, b keyed) int {
		if a.clock != b.clock {
			if a.clock == journal.ClockNone {
				return 1
			}
			if b.clock == journal.ClockNone {
				return -1
			}
			return int(a.clock) - int(b.clock)
		}
		return strings.Compare(path.Base(a.path), path.Base(b.path))
	})
	var last *keyed
	var lastTime journal.Time
	for len(order) > 0 && ctx.Err() == nil {
		at := 0
		for i := range order {
			if last != nil && order[i].stream == last.stream && order[i].head[0].record.Time.IsZero() {
				at = i // a record without time stays behind the one before it
				break
			}
			if before, ok := journal.Before(order[i].head[0].record.Time, order[at].head[0].record.Time); ok && before {
				at = i
			}
		}
		s := order[at]
		it := s.head[0]
		if last != nil && last.stream != s.stream && !lastTime.IsZero() && !it.record.Time.IsZero() {
			if _, ok := journal.Before(lastTime, it.record.Time); !ok {
				b.Boundary()
			}
		}
		if err := b.Record(&it.record, &it.match); err != nil {
			return err
		}
		last = &s
		if !it.record.Time.IsZero() {
			lastTime = it.record.Time
		}
		s.head = s.head[1:]
		if s.next() == nil {
			order = slices.Delete(order, at, at+1)
		}
	}
	return nil
}

// filter leaves out what was not asked for.
type filter struct {
	opt  Options
	sink incident.Sink
}

func (f filter) Event(e *incident.Event) error {
	if e.Severity < f.opt.MinSeverity || !f.device(e.Device) {
		return nil
	}
	return f.sink.Event(e)
}

func (f filter) Incident(i *incident.Incident) error {
	if i.Worst.Severity < f.opt.MinSeverity || !f.device(i.Device) {
		return nil
	}
	return f.sink.Incident(i)
}

func (f filter) device(name string) bool {
	if f.opt.Device == "" || strings.Contains(name, f.opt.Device) {
		return true
	}
	for _, word := range strings.Fields(name) {
		if ok, err := path.Match(f.opt.Device, word); ok && err == nil {
			return true
		}
	}
	return false
}
