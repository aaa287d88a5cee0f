package roam

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"syscall"
	"time"

	"roamfault/journal"
	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
	"roamfault/roam/runlog"
)

// world is a kernel, a station and two or more access points in one: it does what
// a machine does, as far as a run can see it. Time is that of the test's bubble.
type world struct {
	mu     sync.Mutex
	start  time.Time
	aps    []runlog.AP
	via    string
	kernel chan nl80211.Event
	events chan Event

	at       *runlog.AP // nil: not connected
	links    []runlog.Link
	unheard  map[dot11.Addr]bool
	gone     bool
	closed   bool // associated, and data cannot pass
	requests []string
	scans    int
	// next is what the next request comes to, else it succeeds.
	next []func(w *world, to Target)
	took time.Duration
}

const worldSSID = "net"

func newWorld(aps ...runlog.AP) *world {
	if len(aps) == 0 {
		aps = []runlog.AP{worldAP(1, 5180, 5955), worldAP(2, 5240, 6115)}
	}
	return &world{
		start: time.Now(), aps: aps, via: "ctrl", kernel: make(chan nl80211.Event, 100), events: make(chan Event, 100),
		unheard: map[dot11.Addr]bool{}, took: 50 * time.Millisecond,
	}
}

// worldAP is AP MLD n with links on those frequencies.
func worldAP(n byte, freqs ...int) runlog.AP {
	ap := runlog.AP{MLD: dot11.Addr{2, 0, 0, 0, n, 0xff}, SSID: runlog.SSID(worldSSID)}
	for i, f := range freqs {
		ap.Links = append(ap.Links, runlog.Link{
			ID: dot11.Some(uint8(i)), BSSID: dot11.Addr{2, 0, 0, 0, n, byte(i)}, Freq: f, Signal: dot11.Some(-40 - int(n)),
		})
	}
	return ap
}

func (w *world) Now() runlog.Moment {
	since := time.Since(w.start) + time.Hour
	return runlog.Moment{Wall: time.Now(), Monotonic: since, Boot: since}
}
func (w *world) After(d time.Duration) <-chan time.Time { return time.After(d) }

func (w *world) stamp() nl80211.Stamp {
	now := w.Now()
	return nl80211.Stamp{Monotonic: now.Monotonic, Boot: now.Boot}
}

func (w *world) tell(body nl80211.Body) {
	w.kernel <- nl80211.Event{Stamp: w.stamp(), Interface: 3, Body: body}
}

func (w *world) say(e Event) {
	e.At = w.stamp()
	w.events <- e
}

// The kernel.

func (w *world) InterfaceByName(context.Context, string) (nl80211.Interface, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.gone {
		return nl80211.Interface{}, syscall.ENODEV
	}
	return nl80211.Interface{Index: 3, Name: "wlan0", Type: nl80211.TypeStation}, nil
}

func (w *world) Connection(context.Context, int) (nl80211.Connection, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.at == nil || w.gone {
		return nl80211.Connection{}, fmt.Errorf("interface 3: %w", nl80211.ErrNotConnected)
	}
	c := nl80211.Connection{AP: w.at.Addr(), MLO: !w.at.MLD.IsZero(), SSID: w.at.SSID}
	c.Station.Flags = dot11.Some(nl80211.StationAuthorized)
	if w.closed {
		c.Station.Flags.Value = 0
	}
	for _, l := range w.links {
		c.Links = append(c.Links, nl80211.ConnectionLink{ID: l.ID, BSSID: l.BSSID, Channel: nl80211.ChannelDef{Freq: l.Freq}, Signal: l.Signal})
	}
	return c, nil
}

func (w *world) ScanResults(context.Context, int) ([]nl80211.BSS, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []nl80211.BSS
	for _, ap := range w.aps {
		for _, l := range ap.Links {
			if !w.unheard[l.BSSID] {
				out = append(out, bss(ap, l))
			}
		}
	}
	return out, nil
}

// bss is a scan result of a link.
func bss(ap runlog.AP, l runlog.Link) nl80211.BSS {
	elements := dot11.Elements{dot11.SSIDElement(ap.SSID)}
	if !ap.MLD.IsZero() {
		ml := dot11.MultiLink{Type: dot11.MultiLinkBasic, MLDAddr: ap.MLD, LinkID: l.ID}
		elements = append(elements, ml.Element())
	}
	return nl80211.BSS{BSSID: l.BSSID, Freq: l.Freq, Raw: elements.Append(nil), Signal: dot11.Some(100 * l.Signal.Value)}
}

func (w *world) TriggerScan(context.Context, nl80211.ScanRequest) error { return nil }
func (w *world) RemainOnChannel(_ context.Context, _, freq int, _ time.Duration) (uint64, error) {
	w.requests = append(w.requests, fmt.Sprintf("remain on %d", freq))
	return 1, nil
}
func (w *world) Surveys(context.Context, int) ([]nl80211.Survey, error) {
	return nil, syscall.EOPNOTSUPP
}

// The station.

func (w *world) Via() string { return w.via }

func (w *world) State(context.Context) (State, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.gone {
		return State{Phase: PhaseGone}, nil
	}
	if w.at == nil {
		return State{Phase: PhaseDisconnected}, nil
	}
	return State{Phase: PhaseConnected, MLD: w.at.MLD}, nil
}

func (w *world) Candidates(context.Context) ([]Candidate, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []Candidate
	for _, ap := range w.aps {
		for _, l := range ap.Links {
			if !w.unheard[l.BSSID] {
				out = append(out, Candidate{BSSID: l.BSSID, MLD: ap.MLD, Freq: l.Freq})
			}
		}
	}
	return out, nil
}

func (w *world) Scan(context.Context, ScanRequest) error {
	w.scans++
	time.Sleep(100 * time.Millisecond)
	return nil
}

func (w *world) Connect(_ context.Context, to Target) error { return w.request("connect", to) }
func (w *world) Roam(_ context.Context, to Target) error    { return w.request("roam", to) }

func (w *world) request(what string, to Target) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.gone {
		return ErrGone
	}
	w.requests = append(w.requests, what+" "+to.BSSID.String())
	run := (*world).succeed
	if len(w.next) > 0 {
		run, w.next = w.next[0], w.next[1:]
	}
	go run(w, to)
	return nil
}

func (w *world) Disconnect(context.Context) error {
	w.mu.Lock()
	w.at, w.links = nil, nil
	w.mu.Unlock()
	w.requests = append(w.requests, "disconnect")
	w.tell(nl80211.Disconnected{Reason: 3})
	w.say(Event{What: Disconnected, Local: true})
	return nil
}

func (w *world) Events() <-chan Event { return w.events }
func (w *world) Close() error         { return nil }

// leaveOld ends the present connection, as authentication with another access
// point does.
func (w *world) leaveOld() {
	w.mu.Lock()
	was := w.at
	w.at, w.links = nil, nil
	w.mu.Unlock()
	if was != nil {
		w.tell(nl80211.Deauthenticated{Leave: nl80211.Leave{Local: true, Frame: nl80211.Frame{Header: dot11.Header{Addr1: was.Addr()}}}})
	}
}

// settle is at an access point, with those links.
func (w *world) settle(ap runlog.AP, links []runlog.Link) {
	w.mu.Lock()
	w.at, w.links, w.closed = &ap, links, false
	w.mu.Unlock()
}

// exchange is authentication and association.
func (w *world) exchange(to Target) {
	frame := nl80211.Frame{Header: dot11.Header{Addr2: to.BSSID}}
	w.leaveOld()
	time.Sleep(w.took / 5)
	for transaction := range uint16(2) {
		w.tell(nl80211.Authenticated{Frame: frame, Auth: dot11.AuthBody{Algorithm: dot11.AuthSAE, Transaction: transaction + 1}})
	}
	time.Sleep(w.took / 5)
	w.tell(nl80211.Associated{Frame: frame})
	w.say(Event{What: Associated, AP: to.BSSID})
	time.Sleep(w.took / 5)
}

func (w *world) succeed(to Target) { w.succeedWith(to, to.AP, to.AP.Links) }

func (w *world) succeedWith(to Target, ap runlog.AP, links []runlog.Link) {
	w.exchange(to)
	w.settle(ap, links)
	w.say(Event{What: Secured, AP: to.BSSID})
	w.say(Event{What: Connected, AP: ap.Addr()})
}

// How requests can fail.

// missing sets one link up.
func missing(w *world, to Target) { w.succeedWith(to, to.AP, to.AP.Links[:1]) }

// elsewhere connects to another access point.
func elsewhere(w *world, to Target) {
	for _, ap := range w.aps {
		if ap.Addr() != to.AP.Addr() {
			w.leaveOld()
			time.Sleep(w.took)
			w.settle(ap, ap.Links)
			w.say(Event{What: Connected, AP: ap.Addr()})
			return
		}
	}
}

// refuses has the access point refuse, after which the station is where it was.
func refuses(status dot11.StatusCode) func(w *world, to Target) {
	return func(w *world, to Target) {
		w.leaveOld()
		time.Sleep(w.took)
		w.say(Event{What: Refused, AP: to.BSSID, Status: status, Record: &journal.Record{Message: fmt.Sprintf("rejected with %d", status)}})
		if w.via == "ctrl" {
			time.Sleep(time.Second)
			elsewhere(w, to)
		}
	}
}

// silent has nobody answer.
func silent(w *world, to Target) {
	w.leaveOld()
	time.Sleep(6 * time.Second)
	w.tell(nl80211.AuthTimeout{Addr: to.BSSID})
	w.say(Event{What: GaveUp, AP: to.BSSID})
}

// drops loses the connection after some time.
func drops(after time.Duration, reason dot11.ReasonCode) func(w *world, to Target) {
	return func(w *world, to Target) {
		w.succeed(to)
		time.Sleep(after)
		w.settleNowhere()
		w.tell(nl80211.Disconnected{Reason: reason, ByAP: true})
		w.say(Event{What: Disconnected, AP: to.BSSID, Reason: reason})
		time.Sleep(2 * time.Second)
		w.succeed(to)
	}
}

// fades loses the connection after some time, and nobody but the kernel says so.
func fades(after time.Duration) func(w *world, to Target) {
	return func(w *world, to Target) {
		w.succeed(to)
		time.Sleep(after)
		w.settleNowhere()
		w.tell(nl80211.Disconnected{Reason: 4})
		time.Sleep(2*time.Second + after/3) // at a moment that nothing else shares
		w.succeed(to)
	}
}

// mute connects without a word of the station.
func mute(w *world, to Target) {
	w.exchange(to)
	w.settle(to.AP, to.AP.Links)
}

func (w *world) settleNowhere() {
	w.mu.Lock()
	w.at, w.links = nil, nil
	w.mu.Unlock()
}

// dies ends the supplicant in the middle, and starts it again later.
func dies(back time.Duration) func(w *world, to Target) {
	return func(w *world, to Target) {
		w.leaveOld()
		time.Sleep(w.took / 2)
		w.mu.Lock()
		w.gone = true
		w.mu.Unlock()
		w.say(Event{What: Gone})
		time.Sleep(back)
		w.mu.Lock()
		w.gone = false
		w.mu.Unlock()
		w.settle(w.aps[0], w.aps[0].Links)
		w.say(Event{What: Back})
	}
}

// kept is a recorder in memory.
type kept struct {
	mu     sync.Mutex
	began  []int
	cycles []runlog.Cycle
	notes  []string
	fail   int // the number of the cycle whose end cannot be kept
}

func (k *kept) Begin(c *runlog.Cycle) error {
	k.began = append(k.began, c.Number)
	return nil
}

var errFull = errors.New("no space left on device")

func (k *kept) End(c *runlog.Cycle) error {
	if k.fail != 0 && c.Number == k.fail {
		return errFull
	}
	k.cycles = append(k.cycles, *c)
	return nil
}

func (k *kept) Note(_ runlog.Moment, words string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.notes = append(k.notes, words)
	return nil
}

// outcomes are those of the cycles in order.
func (k *kept) outcomes() []runlog.Outcome {
	var out []runlog.Outcome
	for _, c := range k.cycles {
		out = append(out, c.Outcome)
	}
	return out
}

func (k *kept) said(words string) bool {
	return slices.ContainsFunc(k.notes, func(n string) bool { return n == words })
}
