package lab

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roamfault/nl80211/dot11"
	"roamfault/roam/lab/ap"
	"roamfault/roam/lab/hwsim"
)

// injected is a frame that a radio was given.
type injected struct {
	radio        dot11.Addr
	freq, signal int
	kind         dot11.FrameControl
	to           dot11.Addr
}

// ack is an answer to a frame of a radio.
type ack struct {
	cookie uint64
	acked  bool
	signal int
}

// scripted is a medium on which a script goes on, with the clock of the lab: each
// Receive takes the next scene, or lets time pass to its deadline.
type scripted struct {
	now     time.Time
	scenes  []func() []hwsim.Event
	end     context.CancelFunc
	heard   []injected
	acks    []ack
	refuse  error // of Inject
	noAck   error // of Acknowledge
	broken  error // of Receive, behind the script
	frames  uint64
	beacons bool // they are kept, too
}

func (m *scripted) Receive(deadline time.Time) ([]hwsim.Event, error) {
	if len(m.scenes) == 0 {
		if m.broken != nil {
			return nil, m.broken
		}
		m.end()
		return nil, nil
	}
	scene := m.scenes[0]
	m.scenes = m.scenes[1:]
	if scene == nil {
		m.now = deadline
		return nil, nil
	}
	return scene(), nil
}

func (m *scripted) Acknowledge(f *hwsim.Frame, acked bool, signal int) error {
	m.acks = append(m.acks, ack{f.Cookie, acked, signal})
	return m.noAck
}

func (m *scripted) Inject(radio dot11.Addr, freq, signal, rate int, data []byte) error {
	kind := dot11.FrameControl(data[0])
	if kind != dot11.Beacon || m.beacons {
		m.heard = append(m.heard, injected{radio, freq, signal, kind, dot11.Addr(data[4:10])})
	}
	return m.refuse
}

func (*scripted) Wake() {}

// play runs a lab of open access points through scenes; nil lets time pass.
func play(t *testing.T, m *scripted, o Options, scenes ...func() []hwsim.Event) (*Lab, error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	m.now, m.end, m.scenes = time.Unix(1e9, 0), cancel, scenes
	o.Clock = func() time.Time { return m.now }
	l := New(newNetwork(t, openPlan(t, 2)), m, o)
	return l, l.Run(ctx)
}

// says is the event of a radio that sends frames.
func (m *scripted) says(radio dot11.Addr, frames ...ap.Frame) func() []hwsim.Event {
	return func() []hwsim.Event {
		var events []hwsim.Event
		for _, f := range frames {
			m.frames++
			events = append(events, hwsim.Event{Kind: hwsim.FrameSent, Radio: radio, Frame: hwsim.Frame{
				Radio: radio, Freq: f.Freq, Cookie: m.frames, Data: f.Data,
			}})
		}
		return events
	}
}

func has(kind hwsim.EventKind, radio, addr dot11.Addr) func() []hwsim.Event {
	return func() []hwsim.Event { return []hwsim.Event{{Kind: kind, Radio: radio, Addr: addr}} }
}

// radioOf is radio n.
func radioOf(n byte) dot11.Addr { return dot11.Addr{0x42, 0, 0, 0, n, 0} }

// first is a station that speaks to the first access point of openPlan.
func first(t testing.TB, n byte) *openSta {
	s := newOpenSta(t, n)
	s.bssid, s.freq = dot11.Addr{0x02, 0, 0, 1, 1, 0}, 5180
	return s
}

// Answers go to the radio of the station alone, frames are acknowledged with
// their strength.
func TestAnswerToRadio(t *testing.T) {
	var m scripted
	s, other := first(t, 1), first(t, 2)
	elsewhere := s.auth()
	elsewhere.Freq += 5
	_, err := play(t, &m, Options{},
		has(hwsim.AddressAdded, radioOf(1), s.addr), has(hwsim.AddressAdded, radioOf(2), other.addr),
		m.says(radioOf(1), s.auth(), elsewhere, s.assoc(openSSID)), m.says(radioOf(2), other.auth()))
	if err != nil {
		t.Fatal(err)
	}
	want := []injected{
		{radioOf(1), 5180, -40, dot11.Auth, s.addr}, {radioOf(1), 5180, -40, dot11.AssocResponse, s.addr},
		{radioOf(2), 5180, -40, dot11.Auth, other.addr},
	}
	if diff := cmp.Diff(want, m.heard, cmp.AllowUnexported(injected{})); diff != "" {
		t.Errorf("injected (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]ack{{1, true, -40}, {2, false, -40}, {3, true, -40}, {4, true, -40}}, m.acks, cmp.AllowUnexported(ack{})); diff != "" {
		t.Errorf("acknowledgements (-want +got):\n%s", diff)
	}
}

// Beacons go to every radio that is known, when they are due.
func TestBroadcastToRadios(t *testing.T) {
	m := scripted{beacons: true}
	start := time.Time{}
	_, err := play(t, &m, Options{},
		func() []hwsim.Event {
			start = m.now
			return []hwsim.Event{
				{Kind: hwsim.AddressAdded, Radio: radioOf(1), Addr: dot11.Addr{2, 1}},
				{Kind: hwsim.AddressAdded, Radio: radioOf(2), Addr: dot11.Addr{2, 2}},
				{Kind: hwsim.AddressAdded, Radio: radioOf(2), Addr: dot11.Addr{2, 3}},
			}
		}, nil, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	// Three times it is time for beacons: of two access points to two radios each.
	if len(m.heard) != 3*2*2 {
		t.Fatalf("%d beacons", len(m.heard))
	}
	counts := map[string]int{}
	for _, x := range m.heard {
		counts[fmt.Sprint(x.radio, x.freq)]++
	}
	for who, n := range counts {
		if n != 3 {
			t.Errorf("%s: %d beacons", who, n)
		}
	}
	if got := m.now.Sub(start); got != 3*100*ap.TU {
		t.Errorf("three beacon intervals took %v", got)
	}
}

// Who writes the address of another into its frames does not get what is for
// that one.
func TestForgedAddress(t *testing.T) {
	var m scripted
	s := first(t, 1)
	_, err := play(t, &m, Options{},
		has(hwsim.AddressAdded, radioOf(1), s.addr),
		m.says(radioOf(9), s.auth()), m.says(radioOf(1), s.assoc(openSSID)),
		// Another radio loses an address that is not its own.
		has(hwsim.AddressRemoved, radioOf(9), s.addr), m.says(radioOf(9), s.auth()))
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range m.heard {
		if x.radio != radioOf(1) {
			t.Errorf("a frame for %v went to %v", x.to, x.radio)
		}
	}
	if len(m.heard) != 3 {
		t.Errorf("%d frames", len(m.heard))
	}
}

// The radio of an address that nobody has told of is the one it sent from; of an
// address that is gone there is none.
func TestUntoldAddress(t *testing.T) {
	var m scripted
	s, gone := first(t, 1), first(t, 2)
	_, err := play(t, &m, Options{},
		m.says(radioOf(3), s.auth()),
		has(hwsim.AddressAdded, radioOf(4), gone.addr), has(hwsim.AddressRemoved, radioOf(4), gone.addr),
		func() []hwsim.Event {
			// It has moved to another radio.
			return m.says(radioOf(5), s.auth())()
		})
	if err != nil {
		t.Fatal(err)
	}
	want := []injected{{radioOf(3), 5180, -40, dot11.Auth, s.addr}, {radioOf(5), 5180, -40, dot11.Auth, s.addr}}
	if diff := cmp.Diff(want, m.heard, cmp.AllowUnexported(injected{})); diff != "" {
		t.Errorf("injected (-want +got):\n%s", diff)
	}
}

// The tables are bounded whatever radios and addresses come.
func TestLabTables(t *testing.T) {
	var m scripted
	l, err := play(t, &m, Options{}, func() []hwsim.Event {
		var events []hwsim.Event
		for i := range maxLearned + 10 {
			s := first(t, 0)
			s.addr = dot11.Addr{2, 7, 0, byte(i >> 16), byte(i >> 8), byte(i)}
			events = append(events, m.says(dot11.Addr{0x42, 0, 0, byte(i >> 8), byte(i), 0}, ap.Frame{Freq: s.freq, Data: s.auth().Data[:24]})()...)
			events = append(events, has(hwsim.AddressAdded, radioOf(byte(i)), s.addr)()...)
		}
		return events
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(l.learned) > maxLearned || len(l.radioOf) > maxLearned || len(l.radios) > maxRadios {
		t.Errorf("%d addresses learned, %d told, %d radios", len(l.learned), len(l.radioOf), len(l.radios))
	}
}

// A frame too short to have a transmitter is heard by nobody and harms nothing.
func TestShortFrame(t *testing.T) {
	var m scripted
	for n := range 16 {
		if _, err := play(t, &m, Options{}, m.says(radioOf(1), ap.Frame{Freq: 5180, Data: make([]byte, n)})); err != nil {
			t.Fatal(err)
		}
	}
	for _, a := range m.acks {
		if a.acked {
			t.Errorf("acknowledged: %+v", a)
		}
	}
}

// A tap sees the frames of both directions, a watcher what happens.
func TestTapAndWatch(t *testing.T) {
	var m scripted
	var tap bothWays
	var what []string
	s := first(t, 1)
	_, err := play(t, &m, Options{Tap: &tap, Watch: func(e ap.Event) { what = append(what, e.What) }},
		m.says(radioOf(1), s.auth(), s.assoc(openSSID)),
		func() []hwsim.Event { return []hwsim.Event{{Kind: hwsim.Overrun}} })
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"ap 80", "ap 80", "station b0", "ap b0", "station 0", "ap 10"}
	if diff := cmp.Diff(want, tap.seen); diff != "" {
		t.Errorf("frames (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{ap.Authenticated, ap.Associated, ap.Connected, "overrun"}, what); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

type bothWays struct{ seen []string }

func (b *bothWays) Frame(_ time.Duration, f ap.Frame, fromStation bool) {
	who := "ap"
	if fromStation {
		who = "station"
	}
	b.seen = append(b.seen, fmt.Sprintf("%s %x", who, f.Data[0]))
}

// What goes wrong on the medium ends Run, with its cause.
func TestMediumFails(t *testing.T) {
	cause := errors.New("the radio is on fire")
	s := first(t, 1)
	for name, m := range map[string]*scripted{
		"receive": {broken: cause}, "inject": {refuse: cause}, "acknowledge": {noAck: cause},
	} {
		l, err := play(t, m, Options{}, m.says(radioOf(1), s.auth()))
		if !errors.Is(err, cause) || !strings.HasPrefix(err.Error(), "run the lab: ") {
			t.Errorf("%s: error %v", name, err)
		}
		if err := l.Do(t.Context(), func(time.Duration, *Network) { t.Error("it still works") }); !errors.Is(err, ErrClosed) {
			t.Errorf("%s: error %v after the end", name, err)
		}
	}
}

// running runs a lab on a quiet medium until the test, or stop, ends it.
func running(t *testing.T) (l *Lab, stop func()) {
	t.Helper()
	plan, err := DefaultPlan()
	if err != nil {
		t.Fatal(err)
	}
	l = New(newNetwork(t, plan), newQuiet(), Options{})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- l.Run(ctx) }()
	stop = ending(t, "lab", cancel, ended)
	t.Cleanup(stop)
	return l, stop
}

func TestDo(t *testing.T) {
	l, stop := running(t)
	for want := range 3 {
		got := -1
		if err := l.Do(t.Context(), func(now time.Duration, n *Network) { got = want; _ = n.APs()[0].Links() }); err != nil || got != want {
			t.Errorf("did %d, error %v", got, err)
		}
	}
	stop()
	if err := l.Do(t.Context(), func(time.Duration, *Network) { t.Error("done after the end") }); !errors.Is(err, ErrClosed) {
		t.Errorf("error %v", err)
	}
}

// What waits when a lab ends is told so.
func TestDoAtTheEnd(t *testing.T) {
	var m scripted
	errs := make(chan error, 1)
	var l *Lab
	ctx, cancel := context.WithCancel(t.Context())
	m.now, m.end = time.Unix(1e9, 0), cancel
	m.scenes = []func() []hwsim.Event{func() []hwsim.Event {
		go func() {
			errs <- l.Do(context.Background(), func(time.Duration, *Network) { t.Error("done after the end") })
		}()
		for waiting := 0; waiting == 0; {
			time.Sleep(time.Millisecond)
			l.mu.Lock()
			waiting = len(l.pending)
			l.mu.Unlock()
		}
		cancel()
		return nil
	}}
	l = New(newNetwork(t, openPlan(t, 1)), &m, Options{Clock: func() time.Time { return m.now }})
	if err := l.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if err := <-errs; !errors.Is(err, ErrClosed) {
		t.Errorf("error %v", err)
	}
}

// Who does not wait any more has nothing done in its name, and a lab that does
// not run keeps only so many waiting.
func TestDoGivenUp(t *testing.T) {
	l := New(newNetwork(t, openPlan(t, 1)), newQuiet(), Options{})
	given, cancel := context.WithCancel(t.Context())
	cancel()
	for range maxPending {
		if err := l.Do(given, func(time.Duration, *Network) { t.Error("done for somebody who is gone") }); !errors.Is(err, context.Canceled) {
			t.Fatalf("error %v", err)
		}
	}
	if err := l.Do(t.Context(), func(time.Duration, *Network) {}); err == nil || !strings.Contains(err.Error(), "busy") {
		t.Errorf("error %v", err)
	}
	ctx, end := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer end()
	if err := l.Run(ctx); err != nil {
		t.Error(err)
	}
}

// ending returns a function that ends what runs until cancel, and waits for it;
// called again it does nothing.
func ending(t testing.TB, what string, cancel context.CancelFunc, ended <-chan error) func() {
	t.Helper()
	return sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("the end of a %s: %v", what, err)
			}
		case <-time.After(10 * time.Second):
			t.Errorf("the %s does not end", what)
		}
	})
}
