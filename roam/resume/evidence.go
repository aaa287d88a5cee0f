package resume

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"roamfault/journal"
	"roamfault/journal/pstore"
	"roamfault/patterns"
)

// Evidence is what a machine still knows of a boot. A log that is not there has no
// records, and is no error.
type Evidence interface {
	// Log reads what was logged in a boot between two times of the wall clock; a zero
	// one is no bound.
	Log(ctx context.Context, boot string, since, until time.Time, yield func(*journal.Record) error) error
	// Dumps reads what a dying kernel has left of its log after a time. Its records
	// have the monotonic time of their boot, and no boot id.
	Dumps(ctx context.Context, since time.Time, yield func(*journal.Record) error) error
}

// Logs is the evidence of a machine's logs.
type Logs struct {
	// Open opens the log that has the records of a filter, to its present end; nil:
	// there is none.
	Open func(f journal.Filter) (journal.Source, error)
	// Pstore has the kernel's dumps; nil: there are none.
	Pstore *pstore.Source
}

// Log reads the log of a boot.
func (l Logs) Log(ctx context.Context, boot string, since, until time.Time, yield func(*journal.Record) error) error {
	if l.Open == nil {
		return nil
	}
	f := journal.Filter{Boot: boot, Since: since, Until: until}
	src, err := l.Open(f)
	if err == nil {
		_, err = src.Read(ctx, func(r *journal.Record) error {
			if !f.Wants(r) {
				return nil
			}
			return yield(r)
		})
	}
	if err != nil {
		return fmt.Errorf("read the log of boot %.12s: %w", boot, err)
	}
	return nil
}

// Dumps reads those dumps that were written after a time.
func (l Logs) Dumps(ctx context.Context, since time.Time, yield func(*journal.Record) error) error {
	if l.Pstore == nil {
		return nil
	}
	failed := func(err error) error { return fmt.Errorf("read what the kernel has left in pstore: %w", err) }
	dumps, err := l.Pstore.Dumps()
	if err != nil {
		return failed(err)
	}
	late := map[string]bool{}
	for _, d := range dumps {
		for _, f := range d.Files {
			late[f] = !d.Time.Before(since)
		}
	}
	_, err = l.Pstore.Read(ctx, func(r *journal.Record) error {
		if !late[r.Origin.File] {
			return nil
		}
		return yield(r)
	})
	if err != nil {
		return failed(err)
	}
	return nil
}

// mostFound bounds what is kept of the evidence: a dump has some hundred lines.
const mostFound = 1 << 15

// key tells records apart that several logs have.
type key struct {
	mono    time.Duration // microseconds: not every log has more
	message string
}

func keyOf(r *journal.Record) key { return key{r.Time.Mono.Truncate(time.Microsecond), r.Message} }

// found is what the evidence says of a boot's end.
type found struct {
	records []journal.Record // that are not in the run file, in time
	// last is the last time that anything was logged at; 0: nothing was.
	last     time.Duration
	shutdown bool   // somebody shut the machine down
	dump     bool   // the kernel left a dump
	death    string // why the kernel died, in its words; empty: it does not say
	missing  error  // what could not be read
	dropped  int
}

// gather reads the evidence of a boot. seen are the records that the run file has.
func gather(ctx context.Context, ev Evidence, c *patterns.Catalogue, s *State, w window, seen map[key]bool) (*found, error) {
	f := &found{}
	take := func(r *journal.Record, all bool) error {
		if !r.Time.HasMono || r.Time.Mono < w.from {
			return nil
		}
		f.last = max(f.last, r.Time.Mono)
		m, ok := c.Match(r.Identifier, r.Message)
		within := r.Time.Mono >= w.begin
		f.shutdown = f.shutdown || within && shutsDown(r)
		if ok && within && f.death == "" && (m.Class == patterns.KernelPanic || m.Class == patterns.Lockup) {
			f.death = string(m.Class) + ": " + r.Message
		}
		// What this program told of an incident quotes the log.
		own := strings.HasPrefix(r.Identifier, "roamfault") && m.Class != patterns.CycleMark
		if k := keyOf(r); own || !ok && !(all && within) || seen[k] {
			return nil
		} else if len(f.records) >= mostFound {
			f.dropped++
			return nil
		} else {
			seen[k] = true
		}
		kept := *r
		kept.Boot, kept.Raw, kept.Cursor = s.Boot, "", ""
		f.records = append(f.records, kept)
		return nil
	}
	f.missing = ev.Log(ctx, s.Boot, w.since, w.until, func(r *journal.Record) error { return take(r, false) })
	if s.Happened == Down {
		f.missing = errors.Join(f.missing, ev.Dumps(ctx, w.dumps, func(r *journal.Record) error {
			f.dump = true
			return take(r, true)
		}))
	}
	slices.SortStableFunc(f.records, func(a, b journal.Record) int { return cmp.Compare(a.Time.Mono, b.Time.Mono) })
	return f, ctx.Err()
}

// window is where the evidence of an interruption lies.
type window struct {
	since, until time.Time // of the wall clock
	// dumps is from when a dump is of this boot: the boot before may have left one
	// shortly before the cycle began.
	dumps time.Time
	// begin is the interrupted cycle's, and from where records are of use: of
	// CLOCK_MONOTONIC.
	begin, from time.Duration
}

// before is how long before the interrupted cycle evidence begins: the wall clock
// may have been set meanwhile.
const before = time.Minute

// dumpUnit is the unit of the times of dumps.
const dumpUnit = time.Second

// shutsDown tells the words of a machine that goes down because it was asked to
// (src/shutdown/shutdown.c and src/login/logind-dbus.c of systemd,
// kernel/reboot.c). A shutdown for a later time may be called off, and a user's own
// systemd reaches its shutdown when he logs out.
func shutsDown(r *journal.Record) bool {
	says, ends := map[string][2]string{
		"systemd-shutdown": {"", ""},
		"systemd-logind":   {"The system will |System is ", "reboot now|power off now|halt now|kexec now|rebooting|powering|halting"},
		"systemd":          {"Reached target ", "reboot|power off|power-off|poweroff|shutdown|halt"},
		"kernel":           {"reboot: ", ""},
	}[r.Identifier]
	if !ends || r.Identifier == "systemd" && r.PID > 1 {
		return false
	}
	begins := func(w string) bool { return strings.HasPrefix(r.Message, w) }
	within := func(w string) bool { return strings.Contains(strings.ToLower(r.Message), w) }
	return slices.ContainsFunc(strings.Split(says[0], "|"), begins) && slices.ContainsFunc(strings.Split(says[1], "|"), within)
}
