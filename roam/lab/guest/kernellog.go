package guest

import (
	"bytes"
	"context"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"
)

// kernelLogLimit is how many bytes of a guest's kernel log are kept.
const kernelLogLimit = 32 << 20

// A KernelRecord is one record of the guest's /dev/kmsg
// (Documentation/ABI/testing/dev-kmsg).
type KernelRecord struct {
	// Priority is the facility times 8 and the level (0 to 7).
	Priority int
	// Sequence counts the kernel's records. A gap is what was overwritten.
	Sequence uint64
	// Time is since boot, in microseconds' resolution.
	Time time.Duration
	// Text is the message; what is not printable in it is \xNN.
	Text string
	// Raw is the whole record as it was read, with the lines of its fields.
	Raw string
}

// parseKernelRecords splits what the guest read: each record begins a line that
// does not begin with a space. What is no record is left out.
func parseKernelRecords(b []byte) []KernelRecord {
	var all []KernelRecord
	for len(b) > 0 {
		n := recordEnd(b)
		if r, ok := parseKernelRecord(string(b[:n])); ok {
			all = append(all, r)
		}
		b = b[n:]
	}
	return all
}

func recordEnd(b []byte) int {
	for at := 0; ; {
		i := bytes.IndexByte(b[at:], '\n')
		if i < 0 {
			return len(b)
		}
		at += i + 1
		if at == len(b) || b[at] != ' ' {
			return at
		}
	}
}

// parseKernelRecord reads "priority,sequence,microseconds,flags[,…];text\n".
func parseKernelRecord(raw string) (KernelRecord, bool) {
	head, rest, ok := strings.Cut(raw, ";")
	fields := strings.SplitN(head, ",", 4)
	if !ok || len(fields) < 3 {
		return KernelRecord{}, false
	}
	priority, err1 := strconv.ParseUint(fields[0], 10, 31)
	sequence, err2 := strconv.ParseUint(fields[1], 10, 64)
	micros, err3 := strconv.ParseInt(fields[2], 10, 64)
	if err1 != nil || err2 != nil || err3 != nil || micros < 0 || micros > int64(1<<62/time.Microsecond) {
		return KernelRecord{}, false
	}
	text, _, _ := strings.Cut(rest, "\n")
	return KernelRecord{
		Priority: int(priority),
		Sequence: sequence,
		Time:     time.Duration(micros) * time.Microsecond,
		Text:     text,
		Raw:      raw,
	}, true
}

// A KernelLog is a guest's kernel log from the beginning of its boot, the oldest
// left out where it is more than 32 MiB.
type KernelLog struct {
	mu      sync.Mutex
	records []KernelRecord
	gone    int // how many are left out
	size    int
	grown   chan struct{} // closed when there is more, or the end
	ended   bool
}

func newKernelLog() *KernelLog { return &KernelLog{grown: make(chan struct{})} }

func (l *KernelLog) add(records []KernelRecord) {
	if len(records) == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range records {
		l.size += len(r.Raw)
	}
	l.records = append(l.records, records...)
	for l.size > kernelLogLimit {
		l.size -= len(l.records[0].Raw)
		l.records[0] = KernelRecord{}
		l.records = l.records[1:]
		l.gone++
	}
	l.wake()
}

func (l *KernelLog) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended = true
	l.wake()
}

func (l *KernelLog) wake() {
	close(l.grown)
	l.grown = make(chan struct{})
}

// Records returns what there is now.
func (l *KernelLog) Records() []KernelRecord {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]KernelRecord(nil), l.records...)
}

// Follow returns a reader from the first record on.
func (l *KernelLog) Follow() *KernelReader { return &KernelReader{log: l} }

// FollowEnd returns a reader of what comes after now.
func (l *KernelLog) FollowEnd() *KernelReader {
	l.mu.Lock()
	defer l.mu.Unlock()
	return &KernelReader{log: l, next: l.gone + len(l.records)}
}

// A KernelReader reads a kernel log while it grows.
type KernelReader struct {
	log  *KernelLog
	next int
	lost int
}

// Next waits for the next record. The error is io.EOF once the guest has ended
// and all is read, or the context's.
func (r *KernelReader) Next(ctx context.Context) (KernelRecord, error) {
	for {
		l := r.log
		l.mu.Lock()
		if r.next < l.gone {
			r.lost += l.gone - r.next
			r.next = l.gone
		}
		if i := r.next - l.gone; i < len(l.records) {
			rec := l.records[i]
			r.next++
			l.mu.Unlock()
			return rec, nil
		}
		ended, grown := l.ended, l.grown
		l.mu.Unlock()
		if ended {
			return KernelRecord{}, io.EOF
		}
		select {
		case <-grown:
		case <-ctx.Done():
			return KernelRecord{}, ctx.Err()
		}
	}
}

// Lost is how many records the reader came too late for.
func (r *KernelReader) Lost() int { return r.lost }
