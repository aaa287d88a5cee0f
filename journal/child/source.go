package child

import (
	"context"
	"errors"

	"roamfault/journal"
)

// The reasons of the skips that a program's stream has beside those of
// [journal.Read].
const (
	skipDamaged = "damaged export record"
	skipLonger  = "journal record longer than 1 MiB: the rest of it"
	skipJournal = "damaged journal file, as the reader of the journal says"
	// skipRead is what [journal.Read] says of an input that fails.
	skipRead = "read error: the rest of the input"
)

// Read reads what the programs write, and hands each record that the filter
// lets pass to yield, as [journal.Source] says. The origin of a record is the
// program's name and, as line, its number among the records read.
func Read(ctx context.Context, cfg Config, filter journal.Filter, yield func(*journal.Record) error) (journal.Stats, error) {
	s := newStream(ctx, cfg)
	defer s.close()
	read, handed := 0, 0
	stats, err := journal.Read(ctx, s, journal.Options{}, func(r *journal.Record) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		read++
		r.Origin = journal.Origin{File: s.name(), Line: read, Lines: 1}
		if !filter.Wants(r) {
			return nil
		}
		handed++
		return yield(r)
	})
	stats.Records = handed
	stats.Blank, stats.Marks = 0, 0
	stats.Skipped = s.skips(stats.Skipped, err)
	return stats, err
}

// skips adds what the stream left out. Places in the stream mean nothing to
// anybody, so skips have no line.
func (s *stream) skips(from []journal.Skip, err error) []journal.Skip {
	var list []journal.Skip
	for _, k := range from {
		k.Line = 0
		if k.Reason != skipRead || !(errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)) {
			list = append(list, k)
		}
	}
	for _, k := range []journal.Skip{
		{Reason: skipDamaged, Count: s.frame.damaged},
		{Reason: skipLonger, Count: s.frame.longer},
		{Reason: skipJournal, Count: len(s.damages)},
	} {
		if k.Count > 0 {
			list = append(list, k)
		}
	}
	return list
}
