package inject

import (
	"context"
	"errors"
	"fmt"

	"roamfault/journal"
	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
	"roamfault/roam/machine"
	"roamfault/roam/runlog"
)

// Kernel is what is asked of nl80211; *nl80211.Client is one.
type Kernel interface {
	Interface(ctx context.Context, ifindex int) (nl80211.Interface, error)
	ScanResults(ctx context.Context, ifindex int) ([]nl80211.BSS, error)
	TriggerScan(ctx context.Context, r nl80211.ScanRequest) error
	DelKey(ctx context.Context, k nl80211.Key) error
}

// Listener hears how scans end.
type Listener interface {
	Receive(ctx context.Context) (nl80211.Event, error)
	Close() error
}

// Listen opens a socket of its own for the ends of scans, so that none of
// somebody else's events is lost.
func Listen() (Listener, error) {
	c, err := nl80211.Dial(nl80211.Config{})
	if err != nil {
		return nil, err
	}
	if err := c.Join(nl80211.GroupScan); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// Set are the faults that can be made on a machine.
type Set struct {
	Machine *machine.Machine
	Card    machine.Card
	Kernel  Kernel
	// Listen opens what hears the ends of scans: [Listen].
	Listen func() (Listener, error)
}

// Target is what a fault is made at.
type Target struct {
	// SSID and Freq (MHz) are of the link over which authentication goes.
	SSID []byte
	Freq int
	// Links are those whose key is removed; none: all of the connection.
	Links []uint8
}

// Result is what came of a fault.
type Result struct {
	Fault runlog.Injector
	// What is what was done, in words.
	What string
	// Refused is the kernel's refusal, nil where it did what it was asked for.
	Refused *nl80211.Error
	// Link is the link that the refusal is of, where it is of one.
	Link dot11.Optional[uint8]
}

// identifier is by whose lines refusals are read (package patterns).
const identifier = "nl80211"

// Records are the refusal as records for the patterns, worded as wpa_supplicant
// would have it; none where there was none.
func (r *Result) Records(at nl80211.Stamp, boot, iface string) []journal.Record {
	if r.Refused == nil {
		return nil
	}
	var out []journal.Record
	for _, line := range r.Refused.Lines() {
		out = append(out, journal.Record{
			Time: journal.Time{Mono: at.Monotonic, HasMono: true}, Boot: boot, Identifier: identifier,
			Priority: journal.PriorityUnknown, Transport: journal.TransportNL80211,
			Message: journal.Sanitize(iface+": "+line, false), Count: 1,
		})
	}
	return out
}

// Fault is a fault that can be made.
type Fault struct {
	Name  runlog.Injector
	About string
	// Warning is what may come of it beyond what is asked for; empty: nothing.
	Warning string
	// Heals is what makes it good again; empty: nothing need be.
	Heals string
	// RefusalExpected says that the kernel's refusal is what is to be seen.
	RefusalExpected bool

	available func(ctx context.Context) error
	inject    func(ctx context.Context, t Target) (Result, error)
}

// Faults are all faults.
func (s *Set) Faults() []Fault {
	return []Fault{
		{
			Name: runlog.StaleBSS, About: "let the kernel forget its scan results, but for those of one channel",
			Heals: "another scan", available: s.canScan, inject: s.staleBSS,
		},
		{
			Name: runlog.GroupKeyNoLink, About: "remove a group key of a multi-link connection without naming a link: nl80211 refuses it before any driver",
			RefusalExpected: true, available: s.canKey, inject: s.groupKeyNoLink,
		},
		{
			Name: runlog.GroupKeyLink, About: "remove the group keys of links: this reaches the driver",
			Heals: "another association, or new group keys from the access point", available: s.canKey, inject: s.groupKeyLink,
		},
		{
			Name: runlog.ChipReset, About: "let the driver reset the chip (mt76)",
			Warning: "kernel 6.12 oopses where the connection is a multi-link one", Heals: "the driver itself, in some seconds",
			available: s.canReset, inject: s.chipReset,
		},
		{
			Name: runlog.ForceMMIODead, About: "let the driver read only ones from the chip",
			Warning: "the card may be gone until the next boot", Heals: "the driver itself, or a driver bound anew",
			available: s.canForceDead, inject: s.forceDead,
		},
	}
}

// Fault returns the fault of that name.
func (s *Set) Fault(name runlog.Injector) (Fault, error) {
	for _, f := range s.Faults() {
		if f.Name == name {
			return f, nil
		}
	}
	return Fault{}, fmt.Errorf("there is no fault %q", name)
}

// Available reports why a fault cannot be made here; nil: it can.
func (f *Fault) Available(ctx context.Context) error {
	if err := f.available(ctx); err != nil {
		return fmt.Errorf("%s: %w", f.Name, err)
	}
	return nil
}

// Inject makes the fault. A refusal of the kernel is a result and no error.
func (f *Fault) Inject(ctx context.Context, t Target) (Result, error) {
	r, err := f.inject(ctx, t)
	r.Fault = f.Name
	var refused *nl80211.Error
	if errors.As(err, &refused) {
		r.Refused, err = refused, nil
	}
	if err != nil {
		return r, fmt.Errorf("inject %s: %w", f.Name, err)
	}
	return r, nil
}

var errNoKernel = errors.New("nl80211 cannot be asked")
