package dbus

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	godbus "github.com/godbus/dbus/v5"

	"roamfault/nl80211"
	"roamfault/roam"
	"roamfault/roam/outbox"
	"roamfault/roam/runlog"
)

// Config says which station is meant.
type Config struct {
	// Address is that of the message bus ("unix:path=/run/dbus/system_bus_socket");
	// empty: the system bus, where DBUS_SYSTEM_BUS_ADDRESS says.
	Address string
	// Interface is the network interface's name, such as wlan0.
	Interface string
	// Clock stamps events when they are received; nil: the kernel's clocks. Now is
	// the time of day for their records; nil: time.Now.
	Clock nl80211.Clock
	Now   func() time.Time
	// Boot is the boot id of their records.
	Boot string
	// Keep writes a change of a network down before it is made, so that another
	// process can undo it (see [Undo]) where this one is killed; nil: nobody does.
	// An error keeps the change from being made.
	Keep func(ctx context.Context, k Kept) error
}

// Station is a roam.Station: a wpa_supplicant asked through D-Bus.
type Station struct {
	config Config
	bus    *bus
	feed   *outbox.Outbox
	done   chan struct{} // run has ended
	pid    int           // of the supplicant; run's own

	ctx   context.Context // ends with Close
	close context.CancelFunc

	mu       sync.Mutex
	owner    string            // unique name of the supplicant; empty: none is there
	path     godbus.ObjectPath // of the interface; empty: gone
	bss      table
	progress progress
	undo     undo
	parked   bool          // we have disconnected it, and nobody has connected it since
	scan     chan scanDone // where a scan is waited for
	closed   bool
}

var _ roam.Station = (*Station)(nil)

// New finds the supplicant's interface. It starts no supplicant and gives it no
// interface. The error is roam.ErrGone where there is none, and ErrAccess where
// the bus lets nobody like us ask.
func New(ctx context.Context, config Config) (*Station, error) {
	if config.Interface == "" {
		return nil, errors.New("open a station over D-Bus: no interface is named")
	}
	if config.Clock == nil {
		config.Clock = nl80211.SystemClock
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	b, err := dial(ctx, config.Address)
	if err != nil {
		return nil, err
	}
	s := &Station{config: config, bus: b, feed: outbox.New(), done: make(chan struct{}), bss: table{}}
	s.ctx, s.close = context.WithCancel(context.Background())
	if err := s.find(ctx); err != nil {
		s.close()
		s.feed.Close()
		_ = b.conn.Close() // the first error counts
		return nil, err
	}
	go s.run()
	return s, nil
}

// find looks for the supplicant and its interface, and reads what is known there.
func (s *Station) find(ctx context.Context) error {
	owner, err := s.bus.owner(ctx)
	if err != nil {
		return explain("look for wpa_supplicant on the message bus (it answers there when started with -u)", err)
	}
	s.mu.Lock()
	s.owner = owner
	s.mu.Unlock()
	s.pid = s.bus.pid(ctx, owner)
	var path godbus.ObjectPath
	if err := s.bus.call(ctx, owner, rootPath, service+".GetInterface", s.config.Interface).Store(&path); err != nil {
		return explain("ask wpa_supplicant for the interface "+s.config.Interface, err)
	}
	return s.load(ctx, owner, path)
}

// load reads everything of an interface, which is there from then on.
func (s *Station) load(ctx context.Context, owner string, path godbus.ObjectPath) error {
	p, err := s.bus.get(ctx, owner, path, ifaceInterface, "State", "CurrentBSS", "BSSs")
	if err != nil {
		return explain("read the interface "+s.config.Interface, err)
	}
	known, err := s.read(ctx, owner, paths(p["BSSs"], maxBSSs))
	if err != nil {
		return explain("read the scan results", err)
	}
	state, _ := value[string](p, "State")
	current, _ := value[godbus.ObjectPath](p, "CurrentBSS")
	s.mu.Lock()
	defer s.mu.Unlock()
	s.path, s.bss = path, known
	s.progress = progress{state: state}
	if b, ok := known[current]; ok {
		s.progress.at, s.progress.home = b.place(), b.place()
	}
	s.progress.connected = phases[state] == roam.PhaseConnected
	return nil
}

// batch is how many questions are under way at once.
const batch = 32

// read reads BSSs; those that were taken away meanwhile are left out.
func (s *Station) read(ctx context.Context, owner string, all []godbus.ObjectPath) (table, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	known := table{}
	for len(all) > 0 {
		some := all[:min(batch, len(all))]
		all = all[len(some):]
		calls := make([]*godbus.Call, len(some))
		for i, path := range some {
			calls[i] = s.bus.begin(ctx, owner, path, propertiesName+".GetAll", ifaceBSS)
		}
		for i, path := range some {
			<-calls[i].Done
			if calls[i].Err == nil {
				known.add(path, asProperties(arg[any](calls[i].Body, 0)), s.config.Clock())
			}
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	return known, nil
}

// Via is "dbus".
func (s *Station) Via() string { return "dbus" }

// Events gives what happens.
func (s *Station) Events() <-chan roam.Event { return s.feed.Events() }

// spot is where requests go.
type spot struct {
	owner string
	path  godbus.ObjectPath
}

// here says where to ask now.
func (s *Station) here(ctx context.Context) (spot, error) {
	if err := ctx.Err(); err != nil {
		return spot{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return spot{}, ErrClosed
	case s.path == "":
		return spot{}, fmt.Errorf("%w: wpa_supplicant is not on the message bus, or does not have %s", roam.ErrGone, s.config.Interface)
	}
	return spot{s.owner, s.path}, nil
}

// ask makes a request of the interface.
func (s *Station) ask(ctx context.Context, at spot, method string, args ...any) *godbus.Call {
	call := s.bus.call(ctx, at.owner, at.path, ifaceInterface+"."+method, args...)
	call.Err = s.orGone(ctx, at, call.Err)
	return call
}

// get reads properties of the interface.
func (s *Station) get(ctx context.Context, at spot, names ...string) (properties, error) {
	p, err := s.bus.get(ctx, at.owner, at.path, ifaceInterface, names...)
	return p, s.orGone(ctx, at, err)
}

// orGone tells an interface that was taken away from a request that is not
// known: the supplicant has one error for both.
func (s *Station) orGone(ctx context.Context, at spot, err error) error {
	if !errors.Is(err, ErrOld) || s.bus.inbox.settle(ctx) != nil {
		return err
	}
	now, gone := s.here(ctx)
	switch {
	case gone != nil:
		return gone
	case now != at:
		return fmt.Errorf("%w: the interface was taken away, and is another now", roam.ErrGone)
	}
	return err
}

// State asks the supplicant. MLD is what the access point's own elements say:
// D-Bus does not tell whether a connection has several links.
func (s *Station) State(ctx context.Context) (roam.State, error) {
	const what = "ask for the state"
	at, err := s.here(ctx)
	if errors.Is(err, roam.ErrGone) {
		return roam.State{Phase: roam.PhaseGone}, nil
	}
	if err != nil {
		return roam.State{}, explain(what, err)
	}
	p, err := s.get(ctx, at, "State", "CurrentBSS", "CurrentAuthMode")
	if err != nil {
		return roam.State{}, explain(what, err)
	}
	// A BSS that is current was told before.
	if err := s.bus.inbox.settle(ctx); err != nil {
		return roam.State{}, explain(what, err)
	}
	return s.stateOf(p), nil
}

func (s *Station) stateOf(p properties) roam.State {
	name, _ := value[string](p, "State")
	phase, ok := phases[name]
	if !ok {
		phase = roam.PhaseDisconnected
	}
	state := roam.State{Phase: phase}
	if phase != roam.PhaseHandshake && phase != roam.PhaseConnected {
		return state
	}
	mode, _ := value[string](p, "CurrentAuthMode")
	state.Enterprise = isEnterprise(mode)
	path, _ := value[godbus.ObjectPath](p, "CurrentBSS")
	s.mu.Lock()
	defer s.mu.Unlock()
	if b, ok := s.bss[path]; ok {
		state.BSSID, state.MLD, state.SSID = b.addr, b.mld, runlog.SSID(string(b.ssid))
	}
	return state
}

// Candidates are from what the supplicant has told, without asking it.
func (s *Station) Candidates(ctx context.Context) ([]roam.Candidate, error) {
	_, err := s.here(ctx)
	if err == nil {
		err = s.bus.inbox.settle(ctx)
	}
	if err != nil {
		return nil, explain("list the scan results", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bss.candidates(s.config.Clock()), nil
}

// closePatience is how long undoing may take.
const closePatience = 5 * time.Second

// Close gives back what was changed of the networks.
func (s *Station) Close() error {
	s.mu.Lock()
	closed, at, undo := s.closed, spot{s.owner, s.path}, s.undo
	s.closed, s.undo = true, nil
	s.mu.Unlock()
	if closed {
		return nil
	}
	var err error
	if at.path != "" {
		ctx, cancel := context.WithTimeout(context.Background(), closePatience)
		err = s.restore(ctx, at, undo)
		cancel()
	}
	s.close()
	err = errors.Join(err, s.bus.conn.Close())
	<-s.done
	s.feed.Close()
	return err
}
