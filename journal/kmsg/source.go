// Package kmsg reads the kernel's ring buffer from /dev/kmsg.
package kmsg

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"

	"roamfault/journal"
)

// Path is the device.
const Path = "/dev/kmsg"

// The causes of a [journal.FileError] beside those of the operating system.
var (
	// ErrUnsupported: the system has no /dev/kmsg.
	ErrUnsupported = errors.New("only linux has it: save the output of dmesg in a file and read that")
	// ErrPermission: kernel.dmesg_restrict keeps the user out.
	ErrPermission = errors.New("permission denied: run as root, or allow it with sysctl kernel.dmesg_restrict=0")
)

// Source reads the kernel's ring buffer. It implements [journal.Source].
type Source struct {
	// Filter says which records are wanted.
	Filter journal.Filter
	// After is the cursor behind which reading begins, empty for the begin.
	// Behind a cursor of another boot lies all of this one.
	After string
	// Follow goes on with what the kernel says until the context ends.
	Follow bool

	open func() (device, error)
	boot func() (string, error)
	host func() (string, error)
}

// device is the open /dev/kmsg.
type device interface {
	// read reads one record. Where there is none yet it waits if told so and
	// returns errNone otherwise.
	read(p []byte, wait bool) (int, error)
	// interrupt makes a read that waits return.
	interrupt()
	io.Closer
}

// errNone: all records were read.
var errNone = errors.New("no record yet")

const (
	// maxRecord is more than a record takes: 2048 bytes of text, each of
	// which may be escaped, and the fields (PRINTK_MESSAGE_MAX in
	// kernel/printk/internal.h).
	maxRecord = 16 << 10

	// The reasons of skips.
	skipLost   = "records of the kernel lost: the ring buffer was overwritten before they were read"
	skipRecord = "damaged record of /dev/kmsg"
	skipLong   = "record of /dev/kmsg longer than 16 KiB"
)

// Read hands the kernel's records to yield, as [journal.Source] says. What the
// ring buffer lost before it could be read is counted in the stats by the
// sequence numbers that are missing.
func (s *Source) Read(ctx context.Context, yield func(*journal.Record) error) (journal.Stats, error) {
	r := reading{Source: s, yield: yield, stats: journal.Stats{Formats: map[journal.Format]int{}}, last: -1}
	err := r.all(ctx)
	if errors.Is(err, journal.ErrStop) {
		err = nil
	}
	return r.stats, err
}

// reading is the state of one reading.
type reading struct {
	*Source
	yield      func(*journal.Record) error
	stats      journal.Stats
	boot, host string
	last       int64 // the sequence number read last, -1 before the first
	rec        journal.Record
}

func (r *reading) all(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	open := r.Source.open
	if open == nil {
		open = openDevice
	}
	dev, err := open()
	if err != nil {
		return fileError(err)
	}
	defer dev.Close()
	if err := r.identify(); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, dev.interrupt)
	defer stop()
	buf := make([]byte, maxRecord)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := dev.read(buf, r.Follow)
		switch {
		case err == nil:
			if err := r.record(buf[:n]); err != nil {
				return err
			}
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, errNone) && !r.Follow, errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, errNone), errors.Is(err, syscall.EPIPE), errors.Is(err, syscall.EINTR):
			// EPIPE says that records were overwritten; how many, the number
			// of the next one tells.
		case errors.Is(err, syscall.EINVAL):
			r.skip(skipLong, 1, r.stats.Lines+1)
			r.step()
		default:
			return fileError(err)
		}
	}
}

// identify learns what all records have in common, and where to begin.
func (r *reading) identify() (err error) {
	bootOf, hostOf := r.Source.boot, r.Source.host
	if bootOf == nil {
		bootOf = journal.BootID
	}
	if hostOf == nil {
		hostOf = os.Hostname
	}
	if r.boot, err = bootOf(); err != nil {
		return err
	}
	if r.host, err = hostOf(); err != nil {
		return fmt.Errorf("read the host name: %w", err)
	}
	if r.After == "" {
		return nil
	}
	c, err := parseCursor(r.After)
	if err == nil && c.boot == r.boot {
		r.last = c.seq
	}
	return err
}

// record takes one record of the device.
func (r *reading) record(b []byte) error {
	r.stats.Bytes += int64(len(b))
	line := r.stats.Lines + 1
	r.rec = journal.Record{
		Boot: r.boot, Host: r.host, Count: 1,
		Origin: journal.Origin{File: Path, Line: line, Lines: strings.Count(strings.TrimSuffix(string(b), "\n"), "\n") + 1, Offset: r.stats.Bytes - int64(len(b))},
	}
	r.stats.Lines += r.rec.Origin.Lines
	seq, ok := parse(b, &r.rec)
	if !ok {
		r.skip(skipRecord, 1, line)
		r.step()
		return nil
	}
	if seq <= r.last {
		return nil
	}
	if lost := seq - r.last - 1; lost > 0 && r.last >= 0 {
		r.skip(skipLost, int(lost), line)
	}
	r.last = seq
	r.rec.Cursor = cursor{r.boot, seq}.String()
	if !r.Filter.Wants(&r.rec) {
		return nil
	}
	r.stats.Records++
	r.stats.Formats[journal.FormatKmsg]++
	return r.yield(&r.rec)
}

// step counts a record whose number is not known.
func (r *reading) step() {
	if r.last >= 0 {
		r.last++
	}
}

// skip counts what was left out.
func (r *reading) skip(reason string, n, line int) {
	for i := range r.stats.Skipped {
		if k := &r.stats.Skipped[i]; k.Reason == reason {
			k.Count += n
			return
		}
	}
	r.stats.Skipped = append(r.stats.Skipped, journal.Skip{Reason: reason, Count: n, Line: line})
}

// fileError says which file an error is about.
func fileError(err error) error {
	var pe *os.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	if errors.Is(err, os.ErrPermission) {
		err = ErrPermission
	}
	return &journal.FileError{Path: Path, Err: err}
}
