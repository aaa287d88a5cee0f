package probe

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"roamfault/journal"
	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
	"roamfault/roam/lab"
	"roamfault/roam/lab/ap"
	"roamfault/roam/lab/labtest"
	"roamfault/roam/runlog"
)

// probed is a station of the lab with a probe of its connection.
type probed struct {
	*Probe
	t       *testing.T
	lab     *labtest.Lab
	station *labtest.Station
	clock   func() runlog.Moment
	records chan journal.Record
	client  *nl80211.Client
	index   int
}

// startInLab starts a lab with a connected station and probes its gateway.
func startInLab(t *testing.T, needs labtest.Needs, plan runlog.ProbePlan) *probed {
	needs.Supplicant = true
	l := labtest.Start(t, needs)
	s := l.Stations[0]
	at := s.WaitConnected()
	// The first echo request waits for ARP.
	if s.Ping(3) == 0 {
		t.Fatal("the gateway does not answer")
	}
	if strings.HasSuffix(plan.Load, "GATEWAY") {
		plan.Load = "udp://" + l.Gateway().String() + ":7"
	}
	p := &probed{t: t, lab: l, station: s, clock: systemClock(t), records: make(chan journal.Record, 100)}
	p.route()
	var err error
	if p.client, err = nl80211.Dial(nl80211.Config{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.client.Close() })
	i, err := p.client.InterfaceByName(t.Context(), s.Name)
	if err != nil {
		t.Fatal(err)
	}
	p.index = i.Index
	p.Probe, err = Start(t.Context(), Config{
		Interface: s.Name, Plan: plan, Clock: p.clock, Boot: "lab", Emit: func(r journal.Record) { p.records <- r },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	p.first(p.Mark(p.clock()))
	p.Connected(p.clock(), at)
	return p
}

// route makes the lab's gateway the default one.
func (p *probed) route() {
	p.t.Helper()
	words := []string{"ip", "route", "replace", "default", "via", p.lab.Gateway().String(), "dev", p.station.Name}
	if out, err := exec.CommandContext(p.t.Context(), words[0], words[1:]...).CombinedOutput(); err != nil {
		p.t.Fatalf("%v: %v: %s", words, err, out)
	}
}

// first waits for the first answer after a Mark.
func (p *probed) first(told <-chan time.Duration) time.Duration {
	p.t.Helper()
	select {
	case at := <-told:
		return at
	case <-time.After(20 * time.Second):
		p.t.Fatalf("no answer after the port was opened: %v, %+v", p.Trouble(), p.Counts())
		return 0
	}
}

// feed gives the kernel's figures to the probe.
func (p *probed) feed() Figures {
	p.t.Helper()
	stations, err := p.client.Stations(p.t.Context(), p.index)
	if err != nil || len(stations) != 1 {
		p.t.Fatalf("%d stations, error %v", len(stations), err)
	}
	f := FiguresOf(&stations[0])
	p.Feed(p.clock(), f)
	return f
}

// wait feeds figures until a record is there.
func (p *probed) wait() journal.Record {
	p.t.Helper()
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for {
		p.feed()
		select {
		case r := <-p.records:
			return r
		case <-tick.C:
		case <-deadline:
			p.t.Fatalf("no record: %+v", p.Counts())
		}
	}
}

// A probe goes on over roams, and tells how long the first packet took.
func TestRoamsInLab(t *testing.T) {
	p := startInLab(t, labtest.Needs{}, runlog.ProbePlan{Ping: "gateway", Load: "GATEWAY", Rate: 200e3})
	for i := range 3 {
		to := p.lab.Plan.APs[(i+1)%2]
		p.station.Find(to)
		begin := p.clock()
		p.Left(begin)
		events := p.station.Events.Mark()
		p.station.Command("ROAM " + to.Links[0].BSSID.String())
		if _, _, err := p.station.Events.Wait(t.Context(), events, func(e labtest.Line) bool {
			return strings.Contains(e.Text, "CTRL-EVENT-CONNECTED")
		}); err != nil {
			t.Fatal(err)
		}
		opened := p.clock()
		told := p.Mark(opened)
		p.Connected(opened, to.MLD)
		first := p.first(told)
		time.Sleep(900 * time.Millisecond)
		w := p.Window(begin, p.clock())
		t.Logf("roam %d: port after %v, first answer %v later, %+v", i+1, opened.Monotonic-begin.Monotonic, first-opened.Monotonic, w)
		if w.Answered < 3 || w.Stall != "" || w.RTT50 <= 0 || w.RTT99 < w.RTT50 || w.Longest < 10*time.Millisecond {
			t.Errorf("window %+v", w)
		}
		if w.Up <= 0 || w.Down <= 0 {
			t.Errorf("no load: %+v, %v", w, p.Trouble())
		}
		if at, ok := p.FirstAnswer(); !ok || at != first {
			t.Errorf("first answer at %v (%t), was told %v", at, ok, first)
		}
	}
	c, loaded := p.Counts(), p.LoadCounts()
	t.Logf("%+v, %+v", c, loaded)
	if c.Forged+c.Stale != 0 || loaded.Corrupt != 0 || loaded.Echoed == 0 {
		t.Errorf("%+v, %+v", c, loaded)
	}
	if stalls := p.Stalls(); len(stalls) != 0 {
		t.Errorf("stalls %+v", stalls)
	}
}

// stall makes a fault, waits for the record, ends the fault, and returns the
// stall's kind.
func (p *probed) stall(fault string) string {
	p.t.Helper()
	before := p.clock()
	p.t.Logf("%+v", p.feed())
	time.Sleep(600 * time.Millisecond)
	p.lab.Fault("", ap.Rule{Fault: fault, Frame: "data"})
	begin := p.clock()
	// The last request before the fault may have lost its answer to it.
	quiet := begin
	quiet.Monotonic -= 200 * time.Millisecond
	told := p.wait()
	p.t.Logf("%s; %+v", told.Message, p.feed())
	during := p.clock()
	p.lab.Clear()
	over := p.wait()
	p.t.Log(over.Message)
	time.Sleep(500 * time.Millisecond)
	after := p.clock()
	stalls := p.Stalls()
	last := stalls[len(stalls)-1]
	words := last.Kind
	if words == Both {
		words = "both directions"
	}
	at := p.station.WaitConnected().String()
	if !strings.HasPrefix(told.Message, p.station.Name+": data stall: nothing was answered for 2.") || !strings.HasSuffix(told.Message, " s ("+words+") while connected to "+at) {
		p.t.Errorf("record %q", told.Message)
	}
	if !strings.Contains(over.Message, ": data pass again after ") {
		p.t.Errorf("record %q", over.Message)
	}
	for _, w := range []struct {
		from, to runlog.Moment
		stall    string
	}{{before, quiet, ""}, {begin, during, last.Kind}, {before, after, last.Kind}} {
		if got := p.Window(w.from, w.to); got.Stall != w.stall || w.stall != "" && got.Longest < DefaultBound-100*time.Millisecond {
			p.t.Errorf("window %+v, want stall %q", got, w.stall)
		}
	}
	if last.Begin < quiet.Monotonic || last.End < during.Monotonic {
		p.t.Errorf("stall %+v, the fault was from %v to %v", last, begin.Monotonic, during.Monotonic)
	}
	return last.Kind
}

// often lets few requests be enough for the rest of the test.
var often = runlog.ProbePlan{Ping: "gateway", Interval: runlog.Duration(100 * time.Millisecond)}

// Access points that let no data pass make a stall, in the right window.
func TestStallInLab(t *testing.T) {
	p := startInLab(t, labtest.Needs{}, often)
	// hwsim does not count what was not acknowledged on several links, so that a
	// direction may or may not be known.
	if kind := p.stall("silence"); kind != Both && kind != Down {
		t.Errorf("stall %q", kind)
	}
}

// What the kernel counts shows the direction: nobody acknowledges, or somebody does
// and does not answer.
func TestStallDirectionInLab(t *testing.T) {
	plan, err := lab.DefaultPlan()
	if err != nil {
		t.Fatal(err)
	}
	for i := range plan.APs {
		plan.APs[i].MLD, plan.APs[i].Links = dot11.Addr{}, plan.APs[i].Links[:1]
	}
	p := startInLab(t, labtest.Needs{Plan: plan}, often)
	for _, tt := range []struct{ fault, kind string }{{"loss", Both}, {"silence", Down}} {
		if kind := p.stall(tt.fault); kind != tt.kind {
			t.Errorf("%s: stall %q, want %q", tt.fault, kind, tt.kind)
		}
	}
}

// Without the right to raw sockets those serve that the kernel has for it.
func TestPingSocketInLab(t *testing.T) {
	labtest.NeedGuest(t)
	const groups = "/proc/sys/net/ipv4/ping_group_range"
	old, err := os.ReadFile(groups)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(groups, []byte("0 0"), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.WriteFile(groups, old, 0o644); err != nil {
			t.Error(err)
		}
	})
	if out, err := exec.CommandContext(t.Context(), "ip", "link", "set", "lo", "up").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, to := range []string{"127.0.0.1", "::1"} {
		p := startOn(t, "lo", runlog.ProbePlan{Ping: to})
		if s := p.ping.wire.wire.(*icmpSocket); s.raw || s.id() != 0 {
			t.Errorf("%s: raw %t", to, s.raw)
		}
		until(t, "answered by "+to, func() bool { return p.Counts().Answered >= 3 })
		if c := p.Counts(); c.Forged+c.Duplicate+c.Stale != 0 {
			t.Errorf("%s: %+v", to, c)
		}
	}
}

// An interface that is taken down and comes back is probed on.
func TestInterfaceDownInLab(t *testing.T) {
	p := startInLab(t, labtest.Needs{}, often)
	link := func(state string) {
		if out, err := exec.CommandContext(t.Context(), "ip", "link", "set", p.station.Name, state).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	p.Left(p.clock())
	link("down")
	// The default route goes with the interface.
	p.Mark(p.clock())
	until(t, "in trouble", func() bool { return p.Trouble() != nil })
	t.Log(p.Trouble())
	link("up")
	at := p.station.WaitConnected()
	if p.station.Ping(2) == 0 {
		t.Fatal("the gateway does not answer")
	}
	p.route()
	told := p.Mark(p.clock())
	p.Connected(p.clock(), at)
	p.first(told)
	if err := p.Trouble(); err != nil || len(p.Stalls()) != 0 {
		t.Errorf("trouble %v, stalls %+v", err, p.Stalls())
	}
}
