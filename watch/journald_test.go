//go:build linux

package watch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"roamfault/journal"
	"roamfault/journal/child"
	"roamfault/journal/journalctl"
	"roamfault/journal/sdjournal"
	"roamfault/journal/sourcetest"
	"roamfault/reports/spool"
)

// readerKey is the variable with the path of the reader over libsystemd, which
// is built where /run is the machine's.
const readerKey = "ROAMFAULT_TEST_READER"

// settings of the journald under test: a new file about every 700 records.
const settings = `Storage=persistent
RateLimitIntervalSec=0
RateLimitBurst=0
SystemMaxFileSize=1M
SplitMode=uid
SystemMaxFiles=1000
SystemMaxUse=500M
SystemKeepFree=1M
ReadKMsg=no
Audit=no
`

// numbered is the message that carries a number: one that a pattern matches.
func numbered(n int) string {
	return fmt.Sprintf("wlan0: authenticate with 02:00:00:%02x:%02x:%02x", n>>16&255, n>>8&255, n&255)
}

var numberOf = regexp.MustCompile(`authenticate with 02:00:00:(..):(..):(..)`)

// number is the number that a message carries.
func number(message string) (int, bool) {
	m := numberOf.FindStringSubmatch(message)
	if m == nil {
		return 0, false
	}
	n, err := strconv.ParseUint(m[1]+m[2]+m[3], 16, 32)
	return int(n), err == nil
}

// follower is something that follows the journal, and the numbers that came.
type follower struct {
	name string
	end  func()

	mu   sync.Mutex
	came []int
	last int
	err  error
}

func (f *follower) take(message string) {
	if n, ok := number(message); ok {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.came = append(f.came, n)
		f.last = max(f.last, n)
	}
}

// reached is the highest number that came, and the error that ended it.
func (f *follower) reached() (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.last, f.err
}

// follow follows a source.
func follow(t *testing.T, name string, src journal.Source) *follower {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	f := &follower{name: name, end: func() { cancel(); <-done }}
	go func() {
		defer close(done)
		_, err := src.Read(ctx, func(r *journal.Record) error {
			f.take(r.Message)
			return nil
		})
		if !errors.Is(err, context.Canceled) {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.err = fmt.Errorf("ended by itself: %w", err)
		}
	}()
	t.Cleanup(f.end)
	return f
}

// watched follows through the engine, with a spool in dir.
func watched(t *testing.T, name, dir string, begin Begin, open func(Start, func()) (journal.Source, error)) *follower {
	s := openSpool(t, dir, spool.Limits{})
	opt := options(s, NewSystemClock())
	opt.Source, opt.Begin, opt.Once, opt.Open = "journal", begin, false, open
	opt.Say = func(format string, args ...any) { t.Logf("%s: %s", name, fmt.Sprintf(format, args...)) }
	f := &follower{name: name}
	opt.Steps = func(s Step) {
		if s.Record != nil {
			f.take(s.Record.Message)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if _, err := Run(ctx, opt); err != nil {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.err = err
		}
	}()
	f.end = sync.OnceFunc(func() {
		cancel()
		<-done
		s.Close()
	})
	t.Cleanup(f.end)
	return f
}

// followed is a journal that is written to and followed meanwhile.
type followed struct {
	t         *testing.T
	journald  *sourcetest.Journald
	followers []*follower
	sent      atomic.Int64
	truth     map[int]bool // the numbers that the journal ever held
	rng       *rand.Rand
}

// stored takes note of what the journal holds, file by file: where clocks jump
// and entries lie in several files, journalctl itself leaves some out.
func (f *followed) stored() {
	f.t.Helper()
	list := func() []string {
		files, err := filepath.Glob(filepath.Join(f.journald.Dir, "*.journal*"))
		if err != nil {
			f.t.Fatal(err)
		}
		return files
	}
	for files := list(); ; {
		for _, file := range files {
			out, err := exec.Command("journalctl", "--quiet", "--file="+file, "--output=cat").Output()
			if _, gone := os.Stat(file); err != nil && gone == nil {
				f.t.Fatalf("%s: %v", file, err)
			}
			for line := range strings.Lines(string(out)) {
				if n, ok := number(line); ok {
					f.truth[n] = true
				}
			}
		}
		// A file that got another name meanwhile may have been missed.
		next := list()
		if slices.Equal(files, next) {
			return
		}
		files = next
	}
}

// await waits until all followers have come so far.
func (f *followed) await(to int) {
	f.t.Helper()
	for _, w := range f.followers {
		await(f.t, fmt.Sprintf("%s: number %d", w.name, to), func() bool {
			n, err := w.reached()
			if err != nil {
				f.t.Fatalf("%s: %v", w.name, err)
			}
			return n >= to
		})
	}
}

// send sends records to journald until stop is closed.
func (f *followed) send(stop <-chan struct{}) error {
	for {
		select {
		case <-stop:
			return nil
		default:
		}
		n := f.sent.Add(1)
		uid := 0
		if f.rng.IntN(3) == 0 {
			uid = 1000 // whose entries go to another file
		}
		if err := f.journald.Send(
			uid, sourcetest.Field{Name: "MESSAGE", Value: numbered(int(n))}, sourcetest.Field{Name: "PRIORITY", Value: "6"},
			sourcetest.Field{Name: "SYSLOG_IDENTIFIER", Value: "kernel"},
		); err != nil {
			return err
		}
		if n%4 == 0 {
			time.Sleep(time.Millisecond)
		}
	}
}

// streaming sends records while something happens.
func (f *followed) streaming(what func()) {
	f.t.Helper()
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		if err := f.send(stop); err != nil {
			f.t.Error(err)
		}
	}()
	// Not before the stream runs, and until it has run behind it.
	f.more(50)
	what()
	f.more(50)
	close(stop)
	<-done
}

// more waits until so many more were sent.
func (f *followed) more(n int64) {
	f.t.Helper()
	to := f.sent.Load() + n
	await(f.t, fmt.Sprint("number ", to), func() bool { return f.sent.Load() >= to })
}

// check holds what came against what the journal held.
func (f *followed) check(w *follower) {
	f.t.Helper()
	w.end()
	var want []int
	for n := range f.truth {
		want = append(want, n)
	}
	slices.Sort(want)
	if diff := difference(want, w.came); diff != "" {
		f.t.Errorf("%s: %s", w.name, diff)
	}
}

// difference says what is wrong with the numbers that came, empty for nothing.
func difference(want, came []int) string {
	var missing, twice, late, alien []int
	seen := make(map[int]bool)
	last := 0
	for _, n := range came {
		_, known := slices.BinarySearch(want, n)
		switch {
		case !known:
			alien = append(alien, n)
		case seen[n]:
			twice = append(twice, n)
		case n < last:
			late = append(late, n)
		}
		seen[n] = true
		last = max(last, n)
	}
	for _, n := range want {
		if !seen[n] {
			missing = append(missing, n)
		}
	}
	if len(missing)+len(twice)+len(late)+len(alien) == 0 {
		return ""
	}
	return fmt.Sprintf("%d records, want %d: missing %s; twice %s; late %s; not in the journal %s", len(came), len(want), runs(missing), runs(twice), runs(late), runs(alien))
}

// runs writes numbers as ranges, the first of them.
func runs(list []int) string {
	var out []string
	for i := 0; i < len(list); {
		k := i + 1
		for k < len(list) && list[k] == list[k-1]+1 {
			k++
		}
		if out = append(out, fmt.Sprintf("%d-%d", list[i], list[k-1])); len(out) == 20 {
			return strings.Join(out, " ") + " ..."
		}
		i = k
	}
	return fmt.Sprintf("%d: %s", len(list), strings.Join(out, " "))
}

// A real journald rotates, is vacuumed, killed and started again while records
// stream in, the clock jumps and another boot begins: whoever follows gets each
// record that the journal ever held, once and in order.
func TestFollowsJournald(t *testing.T) {
	sourcetest.Remote(t)
	reader := os.Getenv(readerKey)
	if reader == "" {
		t.Run("reader", func(t *testing.T) {
			// Outlives this part of the test.
			path := sourcetest.BuildSDJournal(t, sdjournal.Binary)
			reader = filepath.Join(os.TempDir(), fmt.Sprint(sdjournal.Binary, ".", os.Getpid()))
			if err := os.Rename(path, reader); err != nil {
				t.Fatal(err)
			}
		})
		if reader != "" {
			defer os.Remove(reader)
		} else {
			reader = "none"
		}
	}
	if !sourcetest.Apart(t, readerKey+"="+reader) {
		return
	}
	f := &followed{t: t, journald: sourcetest.StartJournald(t, settings), truth: make(map[int]bool), rng: rand.New(rand.NewPCG(9, 1))}
	tell := func(n child.Notice) { t.Log(n) }
	kinds := map[string]func(Start) journal.Source{
		"journalctl": func(from Start) journal.Source {
			return &journalctl.Source{Follow: true, After: from.After, Filter: journal.Filter{Since: from.Since, Boot: from.Boot}, Notify: tell}
		},
	}
	if reader != "none" {
		kinds["sdjournal"] = func(from Start) journal.Source {
			return &sdjournal.Source{Path: reader, Alone: true, Journalctl: journalctl.Source{
				Follow: true, After: from.After, Filter: journal.Filter{Since: from.Since, Boot: from.Boot}, Notify: tell,
			}}
		}
	}
	// Both files are there before anybody follows.
	f.streaming(func() {})
	spools := make(map[string]string)
	for name, open := range kinds {
		spools[name] = t.TempDir()
		f.followers = append(f.followers, follow(t, name, open(Start{})),
			watched(t, "watch over "+name, spools[name], FromAll, func(from Start, _ func()) (journal.Source, error) { return open(from), nil }))
	}
	f.streaming(func() { f.more(200) })
	f.await(int(f.sent.Load()))

	for range 3 {
		f.streaming(f.journald.Rotate)
	}
	// Files become full by themselves.
	full := len(f.journald.Archived())
	f.streaming(func() {
		await(t, "two full files", func() bool { return len(f.journald.Archived()) >= full+2 })
	})
	f.streaming(func() {
		// What goes was read: a reader cannot be blamed for what is gone.
		f.stored()
		f.await(int(f.sent.Load()))
		if gone := f.journald.Vacuum(2); gone < 3 {
			t.Errorf("only %d files were vacuumed", gone)
		}
	})
	for range 3 {
		f.streaming(func() {
			f.journald.Kill()
			time.Sleep(20 * time.Millisecond)
			f.journald.Start()
		})
		f.streaming(f.journald.Rotate)
	}
	// The readers die, too, and go on, also where the place they stood at is gone.
	f.streaming(func() {
		if n := killReaders(t, f.journald.PID()); n < len(f.followers) {
			t.Errorf("only %d readers were killed", n)
		}
	})
	f.await(int(f.sent.Load()))
	f.journald.Rotate()
	f.stored()
	killReaders(t, f.journald.PID())
	f.journald.Vacuum(0)
	f.streaming(func() {})
	f.await(int(f.sent.Load()))

	f.elsewhen()
	jumped := f.sent.Load()
	f.journald.Start()
	f.streaming(f.journald.Rotate)
	// A library that begins at a place before the clock was set leaves out what
	// another file had behind it: the place has to be saved first.
	f.streaming(func() {
		for name, dir := range spools {
			await(t, "the saved place of "+name, func() bool {
				c, err := savedPlace(dir)
				return err == nil && c.Records > jumped
			})
		}
	})

	// A watching that is ended and begun again goes on where it was.
	var again []*follower
	f.streaming(func() {
		for _, w := range f.followers {
			if name, ok := strings.CutPrefix(w.name, "watch over "); ok {
				w.end()
				open := kinds[name]
				next := watched(t, w.name+", begun again", spools[name], FromCursor, func(from Start, _ func()) (journal.Source, error) { return open(from), nil })
				again = append(again, next)
				joins(t, w, next)
			}
		}
	})
	last := int(f.sent.Load())
	await(t, "journald's last record", func() bool { f.stored(); return f.truth[last] })
	if lost := last - len(f.truth); lost > 3 {
		t.Errorf("journald lost %d records in 3 kills", lost)
	}
	var rest []*follower
	for _, w := range f.followers {
		if !strings.HasPrefix(w.name, "watch over ") {
			rest = append(rest, w)
		}
	}
	f.followers = append(rest, again...)
	f.await(last)
	for _, w := range f.followers {
		f.check(w)
	}
	t.Logf("%d records in the journal of %d sent, %d followers", len(f.truth), last, len(f.followers))
}

// savedPlace reads the place that a watching has saved in its spool.
func savedPlace(dir string) (spool.Checkpoint, error) {
	var c spool.Checkpoint
	b, err := os.ReadFile(filepath.Join(dir, "checkpoint.json"))
	if err == nil {
		err = json.Unmarshal(b, &c)
	}
	return c, err
}

// joins has next count as the continuation of w: it begins not behind the
// place that w came to.
func joins(t *testing.T, w, next *follower) {
	t.Helper()
	first := 0
	await(t, next.name, func() bool {
		next.mu.Lock()
		defer next.mu.Unlock()
		if len(next.came) == 0 {
			return false
		}
		first = next.came[0]
		return true
	})
	at := slices.Index(w.came, first)
	if at < 0 {
		at = len(w.came)
	}
	next.mu.Lock()
	defer next.mu.Unlock()
	next.came = append(slices.Clone(w.came[:at]), next.came...)
}

// killReaders kills the children of this process but one, and returns how many.
func killReaders(t *testing.T, but int) (n int) {
	t.Helper()
	tasks, err := filepath.Glob("/proc/self/task/*/children")
	if err != nil {
		t.Fatal(err)
	}
	for _, task := range tasks {
		list, err := os.ReadFile(task)
		if err != nil {
			continue // the thread has ended
		}
		for word := range strings.FieldsSeq(string(list)) {
			if pid, err := strconv.Atoi(word); err == nil && pid != but && syscall.Kill(pid, syscall.SIGKILL) == nil {
				n++
			}
		}
	}
	return n
}

// elsewhen writes what journald cannot be brought to: a clock that is set back
// and forth, and boots that begin before and behind what was logged last.
// Journald has ended and goes on with the same file, as behind a reboot.
func (f *followed) elsewhen() {
	f.t.Helper()
	f.stored()
	f.journald.Stop()
	present, boot := NewSystemClock().Now()
	now, at := present.Wall, map[string]time.Duration{boot: present.Mono}
	for i, jump := range []struct {
		boot string
		by   time.Duration
	}{
		{boot, -3 * time.Hour},
		{boot, 5 * time.Hour},
		{boot, -time.Minute},
		{fmt.Sprintf("%032x", 0xb0071), 0},
		{fmt.Sprintf("%032x", 0xb0072), -400 * 24 * time.Hour}, // the clock's battery is empty
		{fmt.Sprintf("%032x", 0xb0072), 400 * 24 * time.Hour},
		{fmt.Sprintf("%032x", 0xb0073), -2 * time.Hour},
	} {
		now = now.Add(jump.by)
		var records []journal.Record
		for range 40 {
			n := int(f.sent.Add(1))
			now, at[jump.boot] = now.Add(time.Millisecond), at[jump.boot]+time.Millisecond
			records = append(records, journal.Record{
				Time: journal.Time{Wall: now, Known: journal.KnownClock | journal.KnownDate | journal.KnownYear | journal.KnownZone, Mono: at[jump.boot], HasMono: true},
				Boot: jump.boot, Identifier: "kernel", Transport: journal.TransportKernel, Priority: 6, Message: numbered(n),
			})
		}
		sourcetest.AppendMachine(f.t, filepath.Join(f.journald.Dir, "system.journal"), records)
		f.stored()
		if i%2 == 0 {
			f.await(int(f.sent.Load()))
		}
	}
	f.await(int(f.sent.Load()))
}
