package sourcetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roamfault/journal"
)

// Boots says what a source knows of boots.
type Boots uint8

// What sources know of boots.
const (
	None Boots = iota // nothing
	One               // all records are of one boot, Abilities.TheBoot
	Many              // each record has the id of its boot
)

// Abilities says what a source carries and can do. What it does not is not asked
// of it; what it does must be right.
type Abilities struct {
	Boot    Boots
	TheBoot string
	// Realtime and Monotonic are clocks in microseconds.
	Realtime, Monotonic bool
	// The fields of a record.
	Host, Identifier, PID, Priority, Transport, Device bool
	// NoPriority: single records may be without priority.
	NoPriority bool
	// Unicode, Lines and Long are messages beyond ASCII, of several lines,
	// and of 30000 bytes.
	Unicode, Lines, Long bool
	// Kernelless: the source carries no records of the kernel.
	Kernelless bool
	// Cursor: records have cursors, and reading can begin behind one.
	Cursor bool
	// Follow: reading can go on with what is added.
	Follow bool
}

// Query is how a source is to be opened.
type Query struct {
	Filter journal.Filter
	// After is the cursor behind which reading begins, only for a source
	// with cursors.
	After string
	// Follow is set only for a source that can.
	Follow bool
}

// Store is where known records lie, in the form that the source under test reads.
type Store struct {
	// Open makes a source that reads the store.
	Open func(t *testing.T, q Query) journal.Source
	// Append adds records while sources follow; nil where Abilities.Follow
	// is not set.
	Append func(t *testing.T, records []journal.Record)
	// Damage damages the store in a way that its source can meet, so that
	// some records are lost; nil where nothing can be damaged.
	Damage func(t *testing.T)
	// Fragments is how many records may come in part, or of parts, at the
	// damage.
	Fragments int
}

// patience is how long a source may take for what is to come at once. It bounds
// a failing test, not a passing one.
const patience = 20 * time.Second

// Conform tests a source. The function lay puts the records where the source
// reads them; it is called for each part of the test anew. A package of a source calls
// it in its own test:
//
//	sourcetest.Conform(t, "kmsg", sourcetest.Abilities{...}, func(t *testing.T, records []journal.Record) sourcetest.Store { ... })
func Conform(t *testing.T, name string, can Abilities, lay func(t *testing.T, records []journal.Record) Store) {
	t.Helper()
	for _, part := range []struct {
		name string
		asks bool
		run  func(t *testing.T, s suite)
	}{
		{"all records", true, all},
		{"no records", true, none},
		{"filters", true, filters},
		{"stop", true, stop},
		{"error of yield", true, yieldError},
		{"ended context", true, ended},
		{"cancelled on the way", true, cancelled},
		{"twice", true, twice},
		{"cursors", can.Cursor, cursors},
		{"cursor behind a filter", can.Cursor, filteredCursors},
		{"follow", can.Follow, follow},
		{"follow behind a cursor", can.Follow && can.Cursor, followCursor},
		{"damage", true, damage},
	} {
		if !part.asks {
			continue
		}
		t.Run(name+"/"+part.name, func(t *testing.T) {
			before := census(t)
			part.run(t, suite{can: can, known: Records(can), lay: lay})
			before.compare(t)
		})
	}
}

// suite is what the parts of the test work on.
type suite struct {
	can   Abilities
	known []journal.Record
	lay   func(t *testing.T, records []journal.Record) Store
}

// result is what a reading gave.
type result struct {
	records []journal.Record
	stats   journal.Stats
	err     error
}

// read reads a source to its end, or until the record for which until is true.
// Each record is kept as a copy, and looked at again at the end: its strings
// must have stayed what they were.
func read(t *testing.T, ctx context.Context, src journal.Source, last func(n int) error) result {
	t.Helper()
	var res result
	var then []string
	res.stats, res.err = src.Read(ctx, func(r *journal.Record) error {
		res.records = append(res.records, *r)
		then = append(then, words(r))
		if last == nil {
			return nil
		}
		return last(len(res.records))
	})
	for i := range res.records {
		if now := words(&res.records[i]); now != then[i] {
			t.Errorf("record %d changed behind yield:\n%q\nthen %q", i, now, then[i])
		}
	}
	return res
}

// words is a copy of all strings of a record.
func words(r *journal.Record) string {
	return strings.Join([]string{r.Boot, r.Host, r.Identifier, string(r.Transport), r.Device, r.Message, r.Cursor, r.Origin.File, r.Raw}, "\x00")
}

// whole reads all of a query and fails unless it ends well.
func (s suite) whole(t *testing.T, st Store, q Query) []journal.Record {
	t.Helper()
	res := read(t, t.Context(), st.Open(t, q), nil)
	if res.err != nil {
		t.Fatalf("read: %v", res.err)
	}
	if res.stats.Records != len(res.records) {
		t.Errorf("stats count %d records, %d were handed out", res.stats.Records, len(res.records))
	}
	return res.records
}

// same compares records as far as the source carries them.
func (s suite) same(t *testing.T, what string, want, got []journal.Record) {
	t.Helper()
	want, got = s.masked(want), s.masked(got)
	for i := range min(len(want), len(got)) {
		if !cmp.Equal(want[i], got[i]) {
			t.Fatalf("%s: %d wanted, %d came; number %d (-want +got):\n%s", what, len(want), len(got), i, cmp.Diff(shortened(want[i]), shortened(got[i])))
		}
	}
	switch {
	case len(want) > len(got):
		t.Fatalf("%s: %d wanted, %d came; the first missing is %+v", what, len(want), len(got), shortened(want[len(got)]))
	case len(want) < len(got):
		t.Fatalf("%s: %d wanted, %d came; the first too many is %+v", what, len(want), len(got), shortened(got[len(want)]))
	}
}

// shortened is a record for people to look at.
func shortened(r journal.Record) journal.Record {
	if n := len(r.Message); n > 300 {
		r.Message = fmt.Sprintf("%s ... %s (%d bytes)", r.Message[:100], r.Message[n-100:], n)
	}
	return r
}

func (s suite) masked(list []journal.Record) []journal.Record {
	out := make([]journal.Record, len(list))
	for i, r := range list {
		s.can.mask(&r)
		out[i] = r
	}
	return out
}

// all: the known records come whole, in order and alike, and say where they
// stand.
func all(t *testing.T, s suite) {
	st := s.lay(t, s.known)
	got := s.whole(t, st, Query{})
	s.same(t, "records", s.known, got)
	seen := map[string]bool{}
	for i, r := range got {
		if r.Origin.File == "" || r.Origin.Line < 1 || r.Origin.Lines < 1 {
			t.Errorf("record %d stands nowhere: %+v", i, r.Origin)
		}
		if s.can.Cursor && (r.Cursor == "" || seen[r.Cursor]) {
			t.Errorf("record %d has cursor %q, which leads nowhere or to another", i, r.Cursor)
		}
		seen[r.Cursor] = true
	}
}

// none: an empty store has no records, and that is no error.
func none(t *testing.T, s suite) {
	st := s.lay(t, nil)
	if got := s.whole(t, st, Query{}); len(got) != 0 {
		t.Errorf("an empty store gives %d records, the first is %+v", len(got), got[0])
	}
}

// twice: reading takes nothing away, and two sources do not disturb each other.
func twice(t *testing.T, s suite) {
	st := s.lay(t, s.known)
	var second []journal.Record
	first := read(t, t.Context(), st.Open(t, Query{}), func(n int) error {
		if n == len(s.known)/2 {
			second = s.whole(t, st, Query{})
		}
		return nil
	})
	if first.err != nil {
		t.Fatal(first.err)
	}
	s.same(t, "records of a source read meanwhile", s.known, second)
	s.same(t, "records of the source that waited", s.known, first.records)
}

// filterCases are the filters, made of the known records.
func filterCases(known []journal.Record) map[string]journal.Filter {
	prio := func(p journal.Priority) *journal.Priority { return &p }
	middle := known[len(known)/2]
	late := known[len(known)*3/4]
	cases := map[string]journal.Filter{
		"boot":                 {Boot: middle.Boot},
		"unknown boot":         {Boot: "ffffffffffffffffffffffffffffffff"},
		"no boot id":           {Boot: "1"},
		"kernel only":          {KernelOnly: true},
		"identifier":           {Identifiers: []string{"wpa_supplicant"}},
		"kernel by identifier": {Identifiers: []string{"kernel"}},
		"identifiers":          {Identifiers: []string{"iwd", "kernel"}},
		"unknown identifier":   {Identifiers: []string{"hostapd"}},
		"odd identifier":       {Identifiers: []string{"no such*[a-z] program", "iwd"}},
		"errors":               {MaxPriority: prio(3)},
		"emergencies":          {MaxPriority: prio(0)},
		"everything":           {MaxPriority: prio(7)},
		"boot and identifier":  {Boot: middle.Boot, Identifiers: []string{"NetworkManager", "iwd"}},
		"boot and kernel":      {Boot: middle.Boot, KernelOnly: true},
		"kernel and name":      {KernelOnly: true, Identifiers: []string{"iwd"}},
		"boot and priority":    {Boot: middle.Boot, MaxPriority: prio(4)},
	}
	if middle.Time.Real() {
		m, l := middle.Time.Wall, late.Time.Wall
		for name, f := range map[string]journal.Filter{
			"since":              {Since: m},
			"until":              {Until: m},
			"just since":         {Since: m.Add(time.Microsecond)},
			"just until":         {Until: m.Add(-time.Microsecond)},
			"since and until":    {Since: m, Until: l},
			"one moment":         {Since: m, Until: m},
			"other zone":         {Since: m.In(time.FixedZone("", 5*3600))},
			"long ago":           {Until: time.Unix(0, 0)},
			"far off":            {Since: time.Unix(1<<33, 0)},
			"since, name, level": {Since: m, Until: l, Identifiers: []string{"wpa_supplicant", "kernel"}, MaxPriority: prio(5)},
		} {
			cases[name] = f
		}
	} else {
		cases["since, without a wall clock"] = journal.Filter{Since: time.Unix(1<<33, 0), Until: time.Unix(0, 0)}
	}
	return cases
}

// filters: what a filter lets pass is what it wants of all that the source
// gives, no more and no less.
func filters(t *testing.T, s suite) {
	st := s.lay(t, s.known)
	given := s.whole(t, st, Query{})
	for name, f := range filterCases(s.known) {
		var want []journal.Record
		for _, r := range given {
			if f.Wants(&r) {
				want = append(want, r)
			}
		}
		s.same(t, "filter "+name, want, s.whole(t, st, Query{Filter: f}))
	}
}

// stop: ErrStop ends the reading at once and is no error.
func stop(t *testing.T, s suite) {
	st := s.lay(t, s.known)
	for _, n := range []int{1, 2, len(s.known) - 1, len(s.known)} {
		res := read(t, t.Context(), st.Open(t, Query{}), func(i int) error {
			if i == n {
				return fmt.Errorf("enough: %w", journal.ErrStop)
			}
			return nil
		})
		if res.err != nil {
			t.Errorf("stopped at record %d: error %v", n, res.err)
		}
		if len(res.records) != n || res.stats.Records != n {
			t.Errorf("stopped at record %d: %d were handed out, stats count %d", n, len(res.records), res.stats.Records)
		}
		s.same(t, "records until then", s.known[:n], res.records)
	}
}

// yieldError: another error of yield ends the reading and is returned.
func yieldError(t *testing.T, s suite) {
	st := s.lay(t, s.known)
	mine := errors.New("disk full")
	res := read(t, t.Context(), st.Open(t, Query{}), func(i int) error {
		if i == 3 {
			return mine
		}
		return nil
	})
	if !errors.Is(res.err, mine) || len(res.records) != 3 || res.stats.Records != 3 {
		t.Errorf("error %v behind %d records, stats count %d; want %v behind 3", res.err, len(res.records), res.stats.Records, mine)
	}
}

// ended: with a context that has ended nothing is read.
func ended(t *testing.T, s suite) {
	st := s.lay(t, s.known)
	for _, following := range []bool{false, true} {
		if following && !s.can.Follow {
			continue
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		res := read(t, ctx, st.Open(t, Query{Follow: following}), nil)
		if !errors.Is(res.err, context.Canceled) {
			t.Errorf("follow %v: error %v, want %v", following, res.err, context.Canceled)
		}
	}
}

// cancelled: a context that ends while records come ends the reading, with what
// was handed out until then.
func cancelled(t *testing.T, s suite) {
	st := s.lay(t, s.known)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	res := read(t, ctx, st.Open(t, Query{}), func(i int) error {
		if i == 5 {
			cancel()
		}
		return nil
	})
	// What was read ahead may still be handed out, and may be all.
	if res.err != nil && !errors.Is(res.err, context.Canceled) {
		t.Errorf("error %v, want %v or none", res.err, context.Canceled)
	}
	if res.err == nil && len(res.records) < len(s.known) {
		t.Errorf("%d of %d records without an error", len(res.records), len(s.known))
	}
	if len(res.records) < 5 || res.stats.Records != len(res.records) {
		t.Errorf("%d records were handed out, stats count %d", len(res.records), res.stats.Records)
	}
	s.same(t, "records until then", s.known[:len(res.records)], res.records)
}

// cursors: reading behind any record's cursor gives exactly the rest.
func cursors(t *testing.T, s suite) {
	st := s.lay(t, s.known)
	given := s.whole(t, st, Query{})
	for i := 0; i < len(given); i += 1 + len(given)/12 {
		rest := s.whole(t, st, Query{After: given[i].Cursor})
		s.same(t, fmt.Sprintf("records behind number %d", i), s.known[i+1:], rest)
	}
	if rest := s.whole(t, st, Query{After: given[len(given)-1].Cursor}); len(rest) != 0 {
		t.Errorf("%d records behind the last one", len(rest))
	}
}

// filteredCursors: a cursor leads to its place also where a filter does not
// want the record itself.
func filteredCursors(t *testing.T, s suite) {
	st := s.lay(t, s.known)
	given := s.whole(t, st, Query{})
	for name, f := range filterCases(s.known) {
		i := len(given) / 3
		for i < len(given)-1 && f.Wants(&given[i]) {
			i++
		}
		var want []journal.Record
		for _, r := range given[i+1:] {
			if f.Wants(&r) {
				want = append(want, r)
			}
		}
		got := s.whole(t, st, Query{After: given[i].Cursor, Filter: f})
		s.same(t, fmt.Sprintf("filter %s behind record %d", name, i), want, got)
	}
}

// follow: what is added comes as it is added, and the end of the context ends
// the reading promptly with its error.
func follow(t *testing.T, s suite) {
	n := len(s.known) / 2
	st := s.lay(t, s.known[:n])
	s.following(t, st, Query{Follow: true}, s.known, n)
}

// followCursor is follow that begins behind a cursor.
func followCursor(t *testing.T, s suite) {
	n := len(s.known) / 2
	st := s.lay(t, s.known[:n])
	given := s.whole(t, st, Query{})
	s.following(t, st, Query{Follow: true, After: given[n-3].Cursor}, s.known[n-2:], 2)
}

// following reads while the records behind the first n of want are appended.
func (s suite) following(t *testing.T, st Store, q Query, want []journal.Record, n int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	came := make(chan int, len(want)+1)
	done := make(chan result, 1)
	src := st.Open(t, q)
	go func() {
		done <- read(t, ctx, src, func(i int) error {
			select {
			case came <- i:
			default:
			}
			return nil
		})
	}()
	await := func(n int) {
		for {
			select {
			case i := <-came:
				if i >= n {
					return
				}
			case res := <-done:
				done <- res
				return
			}
		}
	}
	await(n)
	// One at a time: each must come without waiting for the next.
	for n < len(want) {
		step := 1
		if n > len(want)-s.can.bulk(len(want)) {
			step = len(want) - n
		}
		st.Append(t, want[n:n+step])
		n += step
		await(n)
	}
	expired := ctx.Err() != nil
	cancel()
	select {
	case res := <-done:
		if expired {
			t.Fatalf("after %v %d of %d records had come, error %v", patience, len(res.records), len(want), res.err)
		}
		if !errors.Is(res.err, context.Canceled) {
			t.Errorf("error %v, want %v", res.err, context.Canceled)
		}
		if res.stats.Records != len(res.records) {
			t.Errorf("stats count %d records, %d were handed out", res.stats.Records, len(res.records))
		}
		s.same(t, "records while following", want, res.records)
	case <-time.After(patience):
		t.Fatalf("still reading %v after the context's end", patience)
	}
}

// bulk is how many of the records to add come at once, at the end.
func (can Abilities) bulk(n int) int { return n / 3 }

// damage: damage is no error, it is told, and the records that it left come
// alike and in order.
func damage(t *testing.T, s suite) {
	st := s.lay(t, s.known)
	if st.Damage == nil {
		t.Skip("nothing of this source can be damaged")
	}
	st.Damage(t)
	res := read(t, t.Context(), st.Open(t, Query{}), nil)
	if res.err != nil {
		t.Fatalf("damage is an error: %v", res.err)
	}
	if len(res.stats.Skipped) == 0 {
		t.Error("damage is not told")
	}
	if res.stats.Records != len(res.records) {
		t.Errorf("stats count %d records, %d were handed out", res.stats.Records, len(res.records))
	}
	known, got := s.masked(s.known), s.masked(res.records)
	right, next := 0, 0
	for _, r := range got {
		for i := next; i < len(known); i++ {
			if cmp.Equal(known[i], r) {
				right, next = right+1, i+1
				break
			}
		}
	}
	if len(got)-right > st.Fragments {
		t.Errorf("%d of %d records are none of those laid down", len(got)-right, len(got))
	}
	if right == 0 {
		t.Error("not one record is left")
	}
}

// EndsPromptly fails unless a source that waits for input returns its context's
// error soon behind the context's end.
func EndsPromptly(t *testing.T, src journal.Source) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error, 1)
	go func() {
		_, err := src.Read(ctx, func(*journal.Record) error { return nil })
		done <- err
	}()
	select {
	case err := <-done:
		t.Fatalf("the source does not wait: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	cancel()
	select {
	case err := <-done:
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("error %v, want %v", err, context.Canceled)
		}
	case <-time.After(patience):
		t.Fatalf("still reading %v after the context's end", patience)
	}
}
