package direct

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
	"time"

	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
	"roamfault/roam"
	"roamfault/roam/outbox"
	"roamfault/roam/rsn"
	"roamfault/roam/runlog"
)

// Station is a roam.Station of our own. One goroutine does all it does, in the
// order of requests and events.
type Station struct {
	config   Config
	kernel   Kernel
	networks []*network
	out      *outbox.Outbox

	requests chan request
	arrivals chan nl80211.Event
	life     context.Context // ends with Close
	end      context.CancelFunc
	ended    chan struct{}
	received chan struct{} // Receive has ended
	closing  error         // what Close returns, once ended

	// What follows belongs to that goroutine.
	device  nl80211.Interface
	wiphy   nl80211.Wiphy
	present bool // the interface is there
	broken  bool // the socket is of no use any more
	raised  bool // we have taken it up
	phase   roam.Phase
	current *attempt
	scan    *scan
	pmksa   *rsn.PMKSACache
	due     time.Duration // of the phase; 0: none
	look    time.Duration // when to look for the interface again
	query   *rsn.SAQuery
	ordinal uint64 // of the requests for keys
	last    nl80211.Stamp
}

var (
	_ roam.Station = (*Station)(nil)
	_ roam.Rekeyer = (*Station)(nil)
)

// Why requests fail, beside what package roam has for it.
var (
	errClosed       = errors.New("the station is closed")
	errOwned        = errors.New("another program manages the interface: stop it, or take the interface from it (nmcli device set IFACE managed no), or roam through it (--via ctrl, --via dbus)")
	errNotConnected = errors.New("the station is not connected")
	errFirmware     = errors.New("its driver does not let programs authenticate and associate by themselves: roam through a supplicant (--via ctrl, --via dbus)")
)

// pmksaLimit is how many access points are remembered.
const pmksaLimit = 64

// Open begins a Station on the running kernel. It takes the interface up where it
// is down. The interface must not be another program's.
func Open(ctx context.Context, config Config) (*Station, error) {
	client, err := nl80211.Dial(nl80211.Config{Clock: config.Clock})
	if err != nil {
		return nil, fmt.Errorf("open a station: %w", err)
	}
	return New(ctx, client, config)
}

// New begins a Station on a kernel, which is the Station's then and is closed with
// it, or on an error at once.
func New(ctx context.Context, kernel Kernel, config Config) (*Station, error) {
	s, err := newStation(ctx, kernel, config)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open a station on %s: %w", config.Interface, err), kernel.Close())
	}
	s.out = outbox.New()
	go s.receive()
	go s.run()
	return s, nil
}

func newStation(ctx context.Context, kernel Kernel, config Config) (*Station, error) {
	config, err := config.complete()
	if err != nil {
		return nil, err
	}
	s := &Station{
		config: config, kernel: kernel, phase: roam.PhaseDisconnected,
		requests: make(chan request), arrivals: make(chan nl80211.Event),
		ended: make(chan struct{}), received: make(chan struct{}),
	}
	if s.networks, err = s.config.prepare(); err != nil {
		return nil, err
	}
	if s.pmksa, err = rsn.NewPMKSACache(pmksaLimit); err != nil {
		return nil, err
	}
	// Without configuration and scans nothing is learned of modules and results.
	if err := kernel.Join(nl80211.GroupConfig, nl80211.GroupScan, nl80211.GroupMLME, nl80211.GroupRegulatory); err != nil {
		return nil, err
	}
	if err := s.settle(ctx); err != nil {
		return nil, err
	}
	if _, err := kernel.Connection(ctx, s.device.Index); err == nil {
		s.lower()
		return nil, fmt.Errorf("it is connected: %w", errOwned)
	}
	s.life, s.end = context.WithCancel(context.Background())
	return s, nil
}

// settle makes itself at home on the interface of that name.
func (s *Station) settle(ctx context.Context) (err error) {
	if s.device, err = s.kernel.InterfaceByName(ctx, s.config.Interface); err != nil {
		return err
	}
	if s.device.Type != nl80211.TypeStation {
		return fmt.Errorf("it is of type %v: take one of type %v", s.device.Type, nl80211.TypeStation)
	}
	if s.wiphy, err = s.kernel.Wiphy(ctx, s.device.Wiphy); err != nil {
		return err
	}
	if !s.wiphy.Supports(nl80211.CommandAuthenticate) || !s.wiphy.Supports(nl80211.CommandAssociate) || !s.wiphy.ExtFeatures.Has(nl80211.ExtFeatureControlPort) {
		return errFirmware
	}
	// A supplicant has these frames registered as long as it runs, so that this tells
	// whether there is one (wpa_supplicant, driver_nl80211.c,
	// nl80211_mgmt_subscribe_non_ap).
	err = s.kernel.RegisterFrame(ctx, s.device.Index, nl80211.FrameFilter{
		Kind: dot11.Action, Match: []byte{byte(dot11.CategorySAQuery), dot11.SAQueryResponse},
	})
	if errors.Is(err, syscall.EALREADY) {
		return fmt.Errorf("%w: %w", errOwned, err)
	}
	if err != nil {
		return err
	}
	up, err := s.config.Switch.Up(s.config.Interface)
	if err != nil {
		return err
	}
	if !up {
		if err := s.config.Switch.Set(s.config.Interface, true); err != nil {
			return err
		}
		s.raised = true
		// Some drivers have another address when they are up.
		if s.device, err = s.kernel.InterfaceByName(ctx, s.config.Interface); err != nil {
			s.lower()
			return err
		}
	}
	s.present = true
	return nil
}

// lower takes the interface down where we have taken it up.
func (s *Station) lower() {
	if s.raised {
		s.raised = false
		s.closing = errors.Join(s.closing, s.config.Switch.Set(s.config.Interface, false))
	}
}

// request is something to be done by the station's goroutine.
type request struct {
	ctx  context.Context
	do   func(ctx context.Context) error
	done chan<- error
}

// do lets the station's goroutine do something.
func (s *Station) do(ctx context.Context, what string, f func(ctx context.Context) error) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	done := make(chan error, 1)
	select {
	case s.requests <- request{ctx, f, done}:
	case <-ctx.Done():
		return fmt.Errorf("%s: %w", what, ctx.Err())
	case <-s.ended:
		return fmt.Errorf("%s: %w", what, errClosed)
	}
	if err := <-done; err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// serve does a request. It ends with its context and with the station.
func (s *Station) serve(r *request) error {
	ctx, cancel := context.WithCancelCause(r.ctx)
	defer cancel(nil)
	defer context.AfterFunc(s.life, func() { cancel(errClosed) })()
	if err := r.do(ctx); err != nil {
		if cause := context.Cause(ctx); errors.Is(cause, errClosed) {
			return errClosed
		}
		return err
	}
	return nil
}

// receive passes events on.
func (s *Station) receive() {
	defer close(s.received)
	defer close(s.arrivals)
	for {
		e, err := s.kernel.Receive(s.life)
		if err != nil {
			return
		}
		select {
		case s.arrivals <- e:
		case <-s.life.Done():
			return
		}
	}
}

// run does what the station does.
func (s *Station) run() {
	defer close(s.ended)
	defer s.out.Close()
	defer func() { <-s.received }()
	alarm := time.NewTimer(0)
	defer alarm.Stop()
	arrivals := s.arrivals
	for {
		alarm.Stop()
		if wait, ok := s.next(); ok {
			alarm.Reset(wait)
		}
		select {
		case <-s.life.Done():
			s.quit()
			return
		case r := <-s.requests:
			r.done <- s.serve(&r)
		case e, ok := <-arrivals:
			if !ok {
				arrivals = nil
				if s.life.Err() == nil {
					s.socketLost()
				}
				continue
			}
			s.handle(e)
		case <-alarm.C:
			s.overdue()
		}
	}
}

// Close ends the connection, takes the interface down where the station has taken
// it up, and closes the channel of events.
func (s *Station) Close() error {
	s.end()
	<-s.ended
	return s.closing
}

// farewell is how long the kernel has for what is asked of it at the end.
const farewell = 2 * time.Second

// quit leaves everything as it was found.
func (s *Station) quit() {
	ctx, cancel := context.WithTimeout(context.Background(), farewell)
	defer cancel()
	if s.current != nil && s.present && !s.broken {
		_ = s.deauthenticate(ctx, dot11.ReasonDeauthLeaving) // the socket's end does the same
		s.away(roam.Event{At: s.config.Clock(), What: roam.Disconnected, Reason: dot11.ReasonDeauthLeaving, Local: true})
	}
	s.endScan(errClosed)
	if s.present {
		s.lower()
	}
	if err := s.kernel.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		s.closing = errors.Join(s.closing, err)
	}
}

// Via is "nl80211".
func (*Station) Via() string { return "nl80211" }

// Events gives what happens, in order.
func (s *Station) Events() <-chan roam.Event { return s.out.Events() }

// State is what the station has done so far.
func (s *Station) State(ctx context.Context) (roam.State, error) {
	var state roam.State
	err := s.do(ctx, "ask for the state", func(context.Context) error {
		state.Phase = s.phase
		switch {
		case !s.present:
			state.Phase = roam.PhaseGone
		case s.current != nil:
			r := s.current.route
			if s.phase == roam.PhaseAuthenticating || s.phase == roam.PhaseAssociating {
				break
			}
			state.BSSID, state.MLD, state.SSID = r.first().bssid, r.mld(), runlog.SSID(r.network.ssid)
		case s.scan != nil:
			state.Phase = roam.PhaseScanning
		default:
			if up, err := s.config.Switch.Up(s.config.Interface); err == nil && !up {
				state.Phase = roam.PhaseDisabled
			}
		}
		return nil
	})
	return state, err
}

// Candidates are the kernel's scan results.
func (s *Station) Candidates(ctx context.Context) ([]roam.Candidate, error) {
	var candidates []roam.Candidate
	err := s.do(ctx, "list candidates", func(ctx context.Context) error {
		results, err := s.results(ctx)
		for i := range results {
			candidates = append(candidates, candidate(&results[i]))
		}
		return err
	})
	return candidates, err
}

// results are the scan results as of now. A list that changes all the time is
// good enough.
func (s *Station) results(ctx context.Context) ([]nl80211.BSS, error) {
	if err := s.here(); err != nil {
		return nil, err
	}
	results, err := s.kernel.ScanResults(ctx, s.device.Index)
	if err != nil && !errors.Is(err, nl80211.ErrChanging) {
		return nil, err
	}
	return results, nil
}

// here says that the interface is there.
func (s *Station) here() error {
	if !s.present || s.broken {
		return fmt.Errorf("%s: %w", s.config.Interface, roam.ErrGone)
	}
	return nil
}

func candidate(b *nl80211.BSS) roam.Candidate {
	c := roam.Candidate{BSSID: b.BSSID, SSID: runlog.SSID(b.SSID()), Freq: b.Freq, Age: b.Age}
	if b.Signal.Present {
		c.Signal = b.Signal.Value / 100
	}
	if mld, err := b.MLD(); err == nil || !mld.Addr.IsZero() {
		c.MLD, c.Link = mld.Addr, mld.Link
	}
	return c
}

// Connect connects to an access point. A connection to another one ends first.
func (s *Station) Connect(ctx context.Context, to roam.Target) error {
	return s.do(ctx, "connect to "+to.BSSID.String(), func(ctx context.Context) error {
		r, err := s.way(ctx, to)
		if err != nil {
			return err
		}
		if err := s.leave(ctx); err != nil {
			return err
		}
		return s.begin(ctx, r, dot11.Addr{})
	})
}

// Roam goes to an access point while connected, by reassociation.
func (s *Station) Roam(ctx context.Context, to roam.Target) error {
	return s.do(ctx, "roam to "+to.BSSID.String(), func(ctx context.Context) error {
		r, err := s.way(ctx, to)
		if err != nil {
			return err
		}
		if s.current == nil {
			return errNotConnected
		}
		return s.begin(ctx, r, s.current.peer)
	})
}

// way finds the way to a target, unless one is under way already.
func (s *Station) way(ctx context.Context, to roam.Target) (*route, error) {
	if s.current != nil && s.phase != roam.PhaseConnected {
		return nil, fmt.Errorf("%s with %v: %w", s.phase, s.current.peer, roam.ErrBusy)
	}
	results, err := s.results(ctx)
	if err != nil {
		return nil, err
	}
	around := surroundings{results: results, wiphy: &s.wiphy, networks: s.networks, config: &s.config}
	return around.route(to)
}

// Disconnect leaves the access point, or ends the attempt to reach one.
func (s *Station) Disconnect(ctx context.Context) error {
	return s.do(ctx, "disconnect", func(ctx context.Context) error {
		if err := s.here(); err != nil {
			return err
		}
		return s.leave(ctx)
	})
}

// leave ends what there is.
func (s *Station) leave(ctx context.Context) error {
	if s.current == nil {
		return nil
	}
	if err := s.deauthenticate(ctx, dot11.ReasonDeauthLeaving); err != nil {
		return err
	}
	s.away(roam.Event{At: s.config.Clock(), What: roam.Disconnected, Reason: dot11.ReasonDeauthLeaving, Local: true})
	return nil
}

// deauthenticate asks the kernel to end what there is. That it has ended already
// is as good.
func (s *Station) deauthenticate(ctx context.Context, reason dot11.ReasonCode) error {
	err := s.kernel.Deauthenticate(ctx, nl80211.LeaveRequest{Interface: s.device.Index, Addr: s.current.peer, Reason: reason})
	for _, gone := range []error{syscall.ENOTCONN, syscall.ENOENT, syscall.ENODEV, syscall.ENETDOWN} {
		if errors.Is(err, gone) {
			return nil
		}
	}
	return err
}

// RequestRekey asks the access point for a new group key. The handshake follows.
func (s *Station) RequestRekey(ctx context.Context) error { return s.requestKeys(ctx, false) }

// RequestPairwiseRekey asks the access point for another 4-way handshake, which
// follows, and with it a new pairwise key.
func (s *Station) RequestPairwiseRekey(ctx context.Context) error { return s.requestKeys(ctx, true) }

func (s *Station) requestKeys(ctx context.Context, pairwise bool) error {
	return s.do(ctx, "ask for new keys", func(ctx context.Context) error {
		if s.current == nil || s.phase != roam.PhaseConnected || s.current.supplicant == nil {
			return errNotConnected
		}
		s.ordinal++
		frame, err := s.current.supplicant.Request(pairwise, s.ordinal)
		if err != nil {
			return err
		}
		return s.sendEAPOL(ctx, frame)
	})
}
