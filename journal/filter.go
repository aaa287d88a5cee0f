package journal

import (
	"context"
	"slices"
	"strings"
	"time"
)

// Source is a place that log records come from: a file, a pipe, a journal, the
// kernel's ring buffer. All sources pass the same conformance test.
type Source interface {
	// Read hands every record to yield, in the order of the source. The
	// record is valid only during the call. A source that follows goes on
	// until ctx ends and then returns ctx's error. Read ends early, without
	// an error, when yield returns [ErrStop], and with yield's error
	// otherwise. Damage is no error: it is told in the stats, which are
	// valid whatever is returned.
	Read(ctx context.Context, yield func(*Record) error) (Stats, error)
}

// Filter says which records are wanted. It means the same for every source; the
// zero Filter wants all.
type Filter struct {
	// Boot is a boot id as records have it, empty for any.
	Boot string
	// Since and Until bound the wall clock, both included; zero for no
	// bound. A record without a complete wall clock is never left out by
	// them.
	Since, Until time.Time
	// Identifiers are syslog identifiers ("kernel", "wpa_supplicant"), empty
	// for any. A unit's name without ".service" counts as one.
	Identifiers []string
	// MaxPriority leaves out records that are less urgent: 3 keeps errors
	// and worse. Nil keeps all; a record without priority is kept.
	MaxPriority *Priority
	// KernelOnly keeps the kernel's records.
	KernelOnly bool
}

// Wants reports whether the filter lets a record pass.
func (f *Filter) Wants(r *Record) bool {
	switch {
	case f.Boot != "" && r.Boot != f.Boot,
		f.KernelOnly && r.Transport != TransportKernel && r.Identifier != "kernel",
		f.MaxPriority != nil && r.Priority != PriorityUnknown && r.Priority > *f.MaxPriority,
		len(f.Identifiers) > 0 && !slices.Contains(f.Identifiers, strings.TrimSuffix(r.Identifier, ".service")):
		return false
	}
	if !r.Time.Real() {
		return true
	}
	return (f.Since.IsZero() || !r.Time.Wall.Before(f.Since)) && (f.Until.IsZero() || !r.Time.Wall.After(f.Until))
}
