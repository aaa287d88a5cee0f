package ctrl

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"roamfault/journal"
	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
	"roamfault/roam"
	"roamfault/roam/outbox"
)

// Station is a wpa_supplicant that is asked over its control socket.
type Station struct {
	client  *Client
	options Options
	out     *outbox.Outbox
	end     context.CancelFunc
	ended   chan struct{} // closed when the following has ended

	changes changes
	target  atomic.Pointer[dot11.Addr] // what a network is held to
	aside   sync.WaitGroup             // what is done beside requests
	avoided bool

	mu      sync.Mutex
	waiters map[*waiter]struct{}
	closed  bool
}

var (
	_ roam.Station = (*Station)(nil)
	_ roam.Chooser = (*Station)(nil)
)

// Open connects to the daemon and begins to listen to it. The path is as Dial
// takes it. The station lives until Close, not until the end of ctx.
func Open(ctx context.Context, path string, options Options) (*Station, error) {
	client, err := Dial(ctx, path, options.Config)
	if err != nil {
		return nil, err
	}
	monitor, err := client.Attach(ctx)
	if err != nil {
		return nil, errors.Join(err, client.Close())
	}
	s := &Station{
		client: client, options: options.complete(), out: outbox.New(), ended: make(chan struct{}), waiters: map[*waiter]struct{}{},
	}
	living, end := context.WithCancel(context.WithoutCancel(ctx))
	s.end = end
	f := &follower{station: s, reader: newReader()}
	go func() {
		defer close(s.ended)
		f.run(living, monitor)
	}()
	return s, nil
}

// Via is "ctrl".
func (s *Station) Via() string { return "ctrl" }

// Client is what the station asks with.
func (s *Station) Client() *Client { return s.client }

// State asks for the daemon's state. Where no daemon is, it is roam.PhaseGone.
func (s *Station) State(ctx context.Context) (roam.State, error) {
	status, err := s.status(ctx)
	if errors.Is(err, roam.ErrGone) {
		return roam.State{Phase: roam.PhaseGone}, nil
	}
	if err != nil {
		return roam.State{}, err
	}
	state := status.State()
	if !state.MLD.IsZero() && state.BSSID == state.MLD {
		if state.BSSID, err = s.link(ctx, status); err != nil {
			return roam.State{}, err
		}
	}
	if state.Phase == "" {
		return roam.State{}, fmt.Errorf("ask wpa_supplicant %q: unknown state %q", "STATUS", shorten(status.WPAState))
	}
	return state, nil
}

// link is the BSSID of the link of the association, in whose place wpa_supplicant
// 2.11 gives the MLD address: it is the one on the frequency of STATUS.
func (s *Station) link(ctx context.Context, status Status) (dot11.Addr, error) {
	answer, err := s.client.Request(ctx, "MLO_STATUS")
	if err != nil {
		return dot11.Addr{}, err
	}
	for _, l := range ParseMLOStatus(answer) {
		if l.Freq == status.Freq {
			return l.BSSID, nil
		}
	}
	return status.BSSID, nil // a roam has come between the requests
}

func (s *Station) status(ctx context.Context) (Status, error) {
	answer, err := s.client.Request(ctx, "STATUS")
	if err != nil {
		return Status{}, err
	}
	return ParseStatus(answer), nil
}

// Candidates asks for the daemon's scan results.
func (s *Station) Candidates(ctx context.Context) ([]roam.Candidate, error) {
	known, err := s.client.ScanResults(ctx)
	if err != nil {
		return nil, err
	}
	candidates := make([]roam.Candidate, len(known))
	for i := range known {
		candidates[i] = known[i].Candidate()
	}
	return candidates, nil
}

// Events gives what the daemon tells.
func (s *Station) Events() <-chan roam.Event { return s.out.Events() }

// Close undoes what was changed, and ends the listening. A daemon that is gone has
// nothing left to undo.
func (s *Station) Close() error {
	s.mu.Lock()
	closed := s.closed
	s.closed = true
	s.mu.Unlock()
	if closed {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), s.client.timeout)
	defer cancel()
	err := s.restore(ctx)
	if errors.Is(err, roam.ErrGone) {
		err = nil
	}
	s.end()
	<-s.ended
	s.aside.Wait()
	s.out.Close()
	return errors.Join(err, s.client.Close())
}

// restore undoes all that was changed.
func (s *Station) restore(ctx context.Context) error {
	err := s.changes.undo(ctx, s.client, ofStation()...)
	if s.avoided {
		err = errors.Join(err, s.Allow(ctx))
	}
	return err
}

// record is a line of a log, with the interface before it as the daemon itself
// writes it there.
func (s *Station) record(at nl80211.Stamp, level journal.Priority, identifier, text string) *journal.Record {
	return &journal.Record{
		Time: journal.Time{
			Wall: s.options.Wall().UTC(), Known: journal.KnownClock | journal.KnownDate | journal.KnownYear | journal.KnownZone,
			Precision: time.Microsecond, Mono: at.Monotonic, HasMono: true,
		},
		Boot: s.options.Boot, Identifier: identifier, Priority: level, Transport: journal.TransportWPACtrl,
		Message: journal.Sanitize(s.client.Interface()+": "+text, false), Count: 1,
	}
}
