package roam

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"syscall"
	"time"

	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
	"roamfault/roam/runlog"
)

// errNoEntry is the kernel's answer for an access point that has just gone.
const errNoEntry = syscall.ENOENT

// mostTaken is how much is taken before it is looked whether the time is over: a
// flood must not hold a run up.
const mostTaken = 1024

// wait takes what comes until done, or for some time; what is there already is
// taken first. It reports whether it is done. The error is ctx's, or the
// recorder's.
func (e *engine) wait(ctx context.Context, most time.Duration, done func() bool) (bool, error) {
	late := e.Clock.After(max(most, 0))
	for {
		for range mostTaken {
			if !e.take() {
				break
			}
			if done() {
				return true, e.stop()
			}
		}
		if err := errors.Join(ctx.Err(), e.stop()); err != nil {
			return false, err
		}
		if done() {
			return true, nil
		}
		if e.pump(ctx, late, nil) {
			for range mostTaken {
				if !e.take() {
					break
				}
			}
			return done(), e.stop()
		}
	}
}

// stop is the trouble that ends the run, until it has ended: what is left to do then
// is done all the same.
func (e *engine) stop() error {
	if e.ending {
		return nil
	}
	return e.trouble
}

// aside lets f work on another goroutine, and takes what comes meanwhile. F must
// not touch the engine.
func (e *engine) aside(ctx context.Context, f func(context.Context) error) error {
	ended := make(chan struct{})
	var err error
	go func() {
		defer close(ended)
		err = f(ctx)
	}()
	for !e.pump(context.Background(), nil, ended) {
	}
	return err
}

// pump takes the next thing that comes, and reports whether it was the time or the
// end that is waited for.
func (e *engine) pump(ctx context.Context, late <-chan time.Time, ended <-chan struct{}) bool {
	select {
	case ev, ok := <-e.Events:
		e.fromKernel(ev, ok)
	case ev, ok := <-e.told:
		e.kernelFirst()
		e.fromStation(ev, ok)
	case n, ok := <-e.Notices:
		e.fromLog(n, ok)
	case p := <-e.puts:
		e.put(p)
	case <-ctx.Done():
	case <-late:
		return true
	case <-ended:
		return true
	}
	return false
}

// kernelFirst takes what the kernel has told, from which follows what the station
// tells.
func (e *engine) kernelFirst() {
	for range mostTaken {
		select {
		case ev, ok := <-e.Events:
			e.fromKernel(ev, ok)
		default:
			return
		}
	}
}

// take takes one thing that is there already, and reports whether there was one.
func (e *engine) take() bool {
	select {
	case ev, ok := <-e.Events:
		return e.fromKernel(ev, ok)
	default:
	}
	select {
	case ev, ok := <-e.told:
		return e.fromStation(ev, ok)
	default:
	}
	select {
	case n, ok := <-e.Notices:
		return e.fromLog(n, ok)
	default:
	}
	select {
	case p := <-e.puts:
		e.put(p)
		return true
	default:
	}
	return false
}

func (e *engine) fromKernel(ev nl80211.Event, ok bool) bool {
	if !ok {
		e.Events = nil
		e.trouble = errors.Join(e.trouble, errors.New("nl80211 tells no events any more"))
		return true
	}
	if ev.Interface != 0 && ev.Interface != e.ifindex {
		return true
	}
	switch b := ev.Body.(type) {
	case nl80211.Overrun:
		e.note(b.Text() + "; the state is asked for anew")
	case nl80211.Disconnected:
		e.left = true
		if b.ByAP || e.attempt == nil || e.staying {
			e.lose(ev.Stamp.Monotonic, loss{reason: b.Reason, words: b.Text()})
		}
	case nl80211.InterfaceRemoved:
		e.lose(ev.Stamp.Monotonic, loss{words: "the interface is gone"})
		e.gone = true
	case nl80211.Authenticated:
		if e.attempt != nil && e.attempt.ours(b.Header.Addr2) {
			e.inject(runlog.StageAssoc)
		}
	case nl80211.Connected:
		if e.attempt != nil && b.Status == dot11.StatusSuccess && e.attempt.ours(b.AP) {
			e.inject(runlog.StageHandshake)
		}
	}
	if e.attempt != nil {
		e.attempt.kernel(&ev)
		if e.attempt.left != 0 && !e.attempt.secured {
			e.halt() // not at the request: until the old connection ends, data pass
		}
	}
	return true
}

// lose remembers the first loss of the present connection: what is of before it was
// there is of another.
func (e *engine) lose(at time.Duration, l loss) {
	if e.lost == nil && at >= e.since {
		l.at = at
		e.lost = &l
	}
}

func (e *engine) fromStation(ev Event, ok bool) bool {
	if !ok {
		e.told, e.gone = nil, true
		e.trouble = errors.Join(e.trouble, fmt.Errorf("the station %s tells nothing any more", e.Station.Via()))
		return true
	}
	if e.Heard != nil {
		e.Heard(ev)
	}
	switch ev.What {
	case Gone:
		e.gone = true
		e.lose(ev.At.Monotonic, loss{words: said(&ev, "the station is gone")})
	case Back:
		e.gone = false
	case Disconnected:
		if !ev.Local && !(e.staying && e.elsewhere(ev.AP)) {
			e.lose(ev.At.Monotonic, loss{reason: ev.Reason, words: said(&ev, "disconnected")})
		}
	}
	if e.attempt != nil {
		e.attempt.station(&ev)
	}
	return true
}

// elsewhere reports whether an address is of another access point than the present
// one.
func (e *engine) elsewhere(addr dot11.Addr) bool {
	return !addr.IsZero() && e.present != nil && !has(e.present, addr)
}

func (e *engine) fromLog(n Notice, ok bool) bool {
	if !ok {
		e.Notices = nil
		return true
	}
	switch {
	case n.Firmware:
		e.firmware(n.At)
	case n.Opened != nil:
		e.opened(n.Opened, n.At)
	case n.Fatal:
		e.totals.Fatal++
	}
	return true
}

// firmware takes a load of the firmware. What is told late is of the cycle under
// way where it was before that.
func (e *engine) firmware(at time.Duration) {
	if at <= e.began.Monotonic {
		return
	}
	e.reset(at)
	if c := e.cycle; e.within() && at < c.Begin.Monotonic && e.loaded {
		c.Load, c.AfterReset, e.loaded = e.load, true, false
	}
}

// fresh is how old a scan result may be that is gone to: the kernel forgets it
// after 30 s.
const fresh = 20 * time.Second

// offered are the links of a target that were heard lately and that the station
// knows; what is known of them is brought up to date.
func (e *engine) offered(ctx context.Context, to *Target) ([]runlog.Link, error) {
	results, err := e.Kernel.ScanResults(ctx, e.ifindex)
	if err != nil && !errors.Is(err, nl80211.ErrChanging) {
		return nil, fmt.Errorf("read what was heard: %w", err)
	}
	candidates, err := e.Station.Candidates(ctx)
	if err != nil {
		return nil, fmt.Errorf("ask the station for what it knows: %w", err)
	}
	var out []runlog.Link
	for i := range to.AP.Links {
		l := &to.AP.Links[i]
		at := slices.IndexFunc(results, func(b nl80211.BSS) bool { return b.BSSID == l.BSSID && b.Age <= fresh })
		if at < 0 || !slices.ContainsFunc(candidates, func(c Candidate) bool { return c.BSSID == l.BSSID }) {
			continue
		}
		if s := results[at].Signal; s.Present {
			l.Signal = dot11.Some(s.Value / 100)
		}
		out = append(out, *l)
	}
	return out, nil
}

// looks is how often a target is looked for.
const looks = 3

// lookFor scans until all links of a target are offered, and returns those that
// are. Without the one that is gone to, there are none.
func (e *engine) lookFor(ctx context.Context, to *Target) ([]runlog.Link, error) {
	for try := 0; ; try++ {
		links, err := e.offered(ctx, to)
		if err != nil {
			return nil, err
		}
		if len(links) == len(to.AP.Links) {
			return links, nil
		}
		if try == looks || e.gone {
			if !slices.ContainsFunc(links, func(l runlog.Link) bool { return l.BSSID == to.BSSID }) {
				links = nil
			}
			return links, nil
		}
		if err := e.scan(ctx, to.AP.Links); err != nil {
			return nil, err
		}
	}
}

// scan lets the station hear anew where links are; nil: everywhere. A scan that
// cannot be had right now is no error: what was heard before may do.
func (e *engine) scan(ctx context.Context, links []runlog.Link) error {
	r := ScanRequest{}
	for _, l := range links {
		if !slices.Contains(r.Freqs, l.Freq) {
			r.Freqs = append(r.Freqs, l.Freq)
		}
	}
	r.SSID = e.Plan.Targets.SSID // one that is hidden answers to its name alone
	if e.present != nil {
		r.SSID = e.present.SSID
	}
	limited, cancel := context.WithTimeout(ctx, time.Duration(e.Plan.Timeout))
	defer cancel()
	e.scans++
	err := e.aside(limited, func(ctx context.Context) error { return e.Station.Scan(ctx, r) })
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err == nil:
		return nil
	case errors.Is(err, ErrBusy):
		_, err := e.wait(ctx, pause, func() bool { return e.gone })
		return err
	case errors.Is(err, ErrGone):
		e.gone = true
		return nil
	}
	e.note("scan: " + err.Error())
	return nil
}
