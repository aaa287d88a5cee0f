package roam

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"roamfault/nl80211"
	"roamfault/roam/runlog"
)

// recipe is what a kind of cycle does.
type recipe struct {
	// quiet is how long nothing is scanned before; 0: the target is looked for.
	quiet time.Duration
	// before comes before the request, while connected.
	before func(e *engine, ctx context.Context, to *Target) (func(context.Context) error, error)
	// request asks for the connection; nil: before has done all.
	request func(e *engine, ctx context.Context, to *Target) error
	// after comes within some seconds of the connection, which it may end.
	after bool
	// present has the present access point for its target.
	present bool
}

// quietTime is longer than the 30 s after which the kernel forgets a scan result
// (net/wireless/scan.c, IEEE80211_SCAN_RESULT_EXPIRE), and shorter than the 180 s
// of wpa_supplicant (bss_expiration_age).
const quietTime = 42 * time.Second

// recipes are those of the kinds of cycle.
func recipes() map[runlog.Kind]recipe {
	roaming := recipe{request: (*engine).roam}
	disturbed := recipe{before: (*engine).disturb, request: (*engine).roam}
	return map[runlog.Kind]recipe{
		runlog.Roam:              roaming,
		runlog.Reconnect:         {request: (*engine).roam, present: true},
		runlog.DisconnectConnect: {before: (*engine).disconnect, request: (*engine).connect},
		runlog.ScanRoam:          {before: (*engine).scanBeside, request: (*engine).roam},
		runlog.StaleRoam:         {quiet: quietTime, request: (*engine).roam},
		runlog.LinkSwitch:        {before: (*engine).disturb, present: true},
		runlog.RemainRoam:        {before: (*engine).remain, request: (*engine).roam},
		runlog.InterfaceDown:     {request: (*engine).roam, after: true},
		runlog.DriverUnbind:      {request: (*engine).roam, after: true},
		runlog.RekeyRoam:         {before: (*engine).rekey, request: (*engine).roam},
		runlog.PairwiseRoam:      {before: (*engine).rekeyPairwise, request: (*engine).roam},
		runlog.PowerSave:         disturbed,
		runlog.RuntimePM:         disturbed,
		runlog.ASPM:              disturbed,
		runlog.Regulatory:        disturbed,
		runlog.Transition:        {before: (*engine).disturb},
		runlog.Suspend:           {before: (*engine).disturb, present: true},
		runlog.SuspendWoWLAN:     {before: (*engine).disturb, present: true},
		runlog.Choice:            {before: (*engine).choice},
	}
}

// Kinds are the kinds of cycle that can be made with a station and those
// disturbances.
func Kinds(s Station, disturb map[runlog.Kind]Disturbance) []runlog.Kind {
	own := []runlog.Kind{runlog.Roam, runlog.Reconnect, runlog.DisconnectConnect, runlog.ScanRoam, runlog.StaleRoam, runlog.RemainRoam}
	if _, ok := s.(Chooser); ok {
		own = append(own, runlog.Choice)
	}
	if _, ok := s.(Rekeyer); ok {
		own = append(own, runlog.RekeyRoam)
	}
	if _, ok := s.(pairwiseRekeyer); ok {
		own = append(own, runlog.PairwiseRoam)
	}
	var out []runlog.Kind
	for _, k := range runlog.Kinds() {
		if slices.Contains(own, k.Kind) || disturb[k.Kind] != nil {
			out = append(out, k.Kind)
		}
	}
	return out
}

// LeftOut are the kinds of cycle of a plan that are not among those that can be
// made.
func LeftOut(p *runlog.Plan, can []runlog.Kind) []runlog.Kind {
	var out []runlog.Kind
	for _, k := range p.Kinds {
		if !slices.Contains(can, k.Kind) {
			out = append(out, k.Kind)
		}
	}
	return out
}

// check leaves those kinds of cycle out that cannot be made here, which it returns,
// and says what else of a plan cannot be done. A plan of which no kind is left
// cannot.
func (c *Config) check() (left []runlog.Kind, err error) {
	kinds := Kinds(c.Station, c.Disturb)
	left = LeftOut(&c.Plan, kinds)
	c.Plan.Kinds = slices.DeleteFunc(slices.Clone(c.Plan.Kinds), func(k runlog.Weighted) bool { return slices.Contains(left, k.Kind) })
	if len(c.Plan.Kinds) == 0 {
		return left, fmt.Errorf("cycles of the kind %v cannot be made here; there are %v", left, kinds)
	}
	for _, i := range c.Plan.Inject {
		if _, ok := c.Inject[i.Fault]; !ok {
			return left, fmt.Errorf("the fault %s cannot be injected here; there are %v", i.Fault, slices.Sorted(maps.Keys(c.Inject)))
		}
	}
	return left, nil
}

func (e *engine) roam(ctx context.Context, to *Target) error {
	if e.present == nil {
		return e.Station.Connect(ctx, *to)
	}
	return e.Station.Roam(ctx, *to)
}

func (e *engine) connect(ctx context.Context, to *Target) error { return e.Station.Connect(ctx, *to) }

// disturb is a disturbance that comes from outside.
func (e *engine) disturb(ctx context.Context, to *Target) (undo func(context.Context) error, err error) {
	disturb := e.Disturb[e.cycle.Kind]
	err = e.aside(ctx, func(ctx context.Context) (err error) {
		undo, err = disturb(ctx, to)
		return err
	})
	return undo, err
}

// disconnect leaves, and waits until the kernel says so.
func (e *engine) disconnect(ctx context.Context, _ *Target) (func(context.Context) error, error) {
	if e.present == nil {
		return nil, nil
	}
	e.left = false
	if err := e.Station.Disconnect(ctx); err != nil {
		return nil, err
	}
	deadline := e.Clock.Now().Monotonic + time.Duration(e.Plan.Timeout)
	for {
		left := deadline - e.Clock.Now().Monotonic
		if _, err := e.wait(ctx, min(left, 100*time.Millisecond), func() bool { return e.left || e.gone }); err != nil {
			return nil, err
		}
		// The event may be one of before, or may have been lost.
		if c, err := e.connection(ctx); e.gone || err == nil && c == nil {
			return nil, nil
		}
		if e.left = false; left <= 0 {
			return nil, fmt.Errorf("disconnected, and the kernel does not say so: %w", ErrSilent)
		}
	}
}

// scanBeside begins a scan, and does not wait for it.
func (e *engine) scanBeside(ctx context.Context, _ *Target) (func(context.Context) error, error) {
	err := e.Kernel.TriggerScan(ctx, nl80211.ScanRequest{Interface: e.ifindex, SSIDs: [][]byte{{}}})
	return nil, err
}

// remainTime is how long the radio stays away: longer than a roam takes.
const remainTime = 500 * time.Millisecond

// remain sends the radio to a channel that is neither the present nor the
// target's.
func (e *engine) remain(ctx context.Context, to *Target) (func(context.Context) error, error) {
	freq := to.Link().Freq
	for _, other := range []int{2412, 2437, 2462, 5180, 5240} {
		if other != freq && e.usable(other) {
			freq = other
			break
		}
	}
	_, err := e.Kernel.RemainOnChannel(ctx, e.ifindex, freq, remainTime)
	return nil, err
}

// usable reports whether no link of the connection is on a frequency.
func (e *engine) usable(freq int) bool {
	return e.present == nil || !slices.ContainsFunc(e.present.Links, func(l runlog.Link) bool { return l.Freq == freq })
}

// rekey asks for new keys: of the access point, or by a disturbance.
func (e *engine) rekey(ctx context.Context, to *Target) (func(context.Context) error, error) {
	if e.Disturb[runlog.RekeyRoam] != nil {
		return e.disturb(ctx, to)
	}
	return nil, e.Station.(Rekeyer).RequestRekey(ctx)
}

// pairwiseRekeyer is a Station that can ask the access point for a new pairwise key.
type pairwiseRekeyer interface {
	RequestPairwiseRekey(ctx context.Context) error
}

// rekeyPairwise asks for a new pairwise key, as rekey does for group keys.
func (e *engine) rekeyPairwise(ctx context.Context, to *Target) (func(context.Context) error, error) {
	if e.Disturb[runlog.PairwiseRoam] != nil {
		return e.disturb(ctx, to)
	}
	return nil, e.Station.(pairwiseRekeyer).RequestPairwiseRekey(ctx)
}

// choice blocks the present access point.
func (e *engine) choice(ctx context.Context, _ *Target) (func(context.Context) error, error) {
	chooser := e.Station.(Chooser)
	if e.present == nil {
		return nil, errors.New("there is no connection to leave")
	}
	return chooser.Allow, chooser.Avoid(ctx, *e.present)
}
