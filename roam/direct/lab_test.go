package direct_test

import (
	"strings"
	"testing"
	"time"

	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
	"roamfault/roam"
	"roamfault/roam/direct"
	"roamfault/roam/lab"
	"roamfault/roam/lab/ap"
	"roamfault/roam/lab/labtest"
	"roamfault/roam/runlog"
	"roamfault/roam/stationtest"
)

// opened is a station on the running kernel.
func opened(tb testing.TB, l *labtest.Lab, change func(*direct.Config)) *direct.Station {
	tb.Helper()
	first := l.Plan.APs[0]
	config := direct.Config{
		Interface: l.Stations[0].Name,
		Networks:  []direct.Network{{SSID: runlog.SSID(first.SSID), Password: direct.Secret(first.Password)}},
	}
	if change != nil {
		change(&config)
	}
	s, err := direct.Open(tb.Context(), config)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func TestLabConformance(t *testing.T) {
	open := func(t *testing.T, l *labtest.Lab, _ *labtest.Station) roam.Station { return opened(t, l, nil) }
	stationtest.Run(t, open, stationtest.Options{})
}

// kernelLab is a lab with a station on its kernel.
type kernelLab struct {
	testing.TB
	*labtest.Lab
	station *direct.Station
	kernel  *nl80211.Client
}

func startLab(tb testing.TB, plan lab.Plan, change func(*direct.Config)) *kernelLab {
	tb.Helper()
	l := &kernelLab{TB: tb, Lab: labtest.Start(tb, labtest.Needs{Plan: plan, NoCapture: true})}
	l.station = opened(tb, l.Lab, change)
	tb.Cleanup(func() {
		if err := l.station.Close(); err != nil {
			tb.Error(err)
		}
	})
	var err error
	if l.kernel, err = nl80211.Dial(nl80211.Config{}); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := l.kernel.Close(); err != nil {
			tb.Error(err)
		}
	})
	return l
}

// wait returns the next event of a kind.
func (l *kernelLab) wait(what ...roam.What) roam.Event {
	l.Helper()
	late := time.After(45 * time.Second)
	var seen []string
	for {
		select {
		case e := <-l.station.Events():
			for _, w := range what {
				if e.What == w {
					return e
				}
			}
			if e.Record != nil {
				seen = append(seen, e.Record.Message)
			}
		case <-late:
			l.Fatalf("none of %v came; %q", what, seen)
		}
	}
}

// find scans until all links are known.
func (l *kernelLab) find() {
	l.Helper()
	var freqs []int
	links := 0
	for _, a := range l.Plan.APs {
		for _, link := range a.Links {
			freqs, links = append(freqs, link.Channel.Freq), links+1
		}
	}
	for range 10 {
		if err := l.station.Scan(l.Context(), roam.ScanRequest{Freqs: freqs, SSID: []byte(l.Plan.APs[0].SSID)}); err != nil {
			l.Fatal(err)
		}
		known, err := l.station.Candidates(l.Context())
		if err != nil {
			l.Fatal(err)
		}
		if len(known) >= links {
			return
		}
	}
	l.Fatal("not all links are found")
}

// links is how many links the kernel's connection with an access point has, 0 with
// another one.
func (l *kernelLab) links(c ap.Config) int {
	l.Helper()
	i, err := l.kernel.InterfaceByName(l.Context(), l.Stations[0].Name)
	if err != nil {
		l.Fatal(err)
	}
	now, err := l.kernel.Connection(l.Context(), i.Index)
	if err != nil {
		l.Fatal(err)
	}
	if now.AP != addr(c) || !now.Station.Flags.Present || now.Station.Flags.Value&nl80211.StationAuthorized == 0 {
		return 0
	}
	return len(now.Links)
}

func (l *kernelLab) connect(n int) {
	l.Helper()
	l.find()
	if err := l.station.Connect(l.Context(), target(l.Plan.APs[n], 0)); err != nil {
		l.Fatal(err)
	}
	l.wait(roam.Connected)
}

func (l *kernelLab) roam(n, link int) {
	l.Helper()
	if err := l.station.Roam(l.Context(), target(l.Plan.APs[n], link)); err != nil {
		l.Fatal(err)
	}
	if e := l.wait(roam.Connected, roam.GaveUp, roam.Refused, roam.Disconnected); e.What != roam.Connected {
		l.Fatalf("%s with %v: %v", e.What, e.Status, e.Record)
	}
}

// planOf is the default plan, changed.
func planOf(tb testing.TB, change ...func(*ap.Config)) lab.Plan {
	tb.Helper()
	plan, err := lab.DefaultPlan()
	if err != nil {
		tb.Fatal(err)
	}
	for i := range plan.APs {
		for _, f := range change {
			f(&plan.APs[i])
		}
	}
	return plan
}

// Twenty roams, each with both links and with data; then new group keys and new
// pairwise keys, by the access point's will and by ours.
func TestLabRoams(t *testing.T) {
	labtest.NeedGuest(t)
	l := startLab(t, planOf(t, protectBeacons), nil)
	l.connect(0)
	for i := range 20 {
		to := (i + 1) % 2
		if i%10 == 9 {
			l.find()
		}
		l.roam(to, i/2%2)
		if n := l.links(l.Plan.APs[to]); n != 2 {
			t.Fatalf("roam %d: %d links", i, n)
		}
	}
	if got := l.Stations[0].Ping(3); got != 3 {
		t.Errorf("%d of 3 pings were answered", got)
	}
	at := l.Plan.APs[0]
	from := l.Events.Mark()
	l.Fault(at.Name, ap.Rule{Fault: "rekey"})
	_, from = l.WaitEvent(from, at.Name, ap.Rekeyed)
	if err := l.station.RequestRekey(t.Context()); err != nil {
		t.Error(err)
	}
	_, from = l.WaitEvent(from, at.Name, ap.Rekeyed)
	l.Fault(at.Name, ap.Rule{Fault: "rekey-pairwise"})
	_, from = l.WaitEvent(from, at.Name, ap.Rekeyed)
	if err := l.station.RequestPairwiseRekey(t.Context()); err != nil {
		t.Error(err)
	}
	l.WaitEvent(from, at.Name, ap.Rekeyed)
	time.Sleep(time.Second) // the old keys are in use for a while
	if got := l.Stations[0].Ping(3); got != 3 {
		t.Errorf("%d of 3 pings were answered under new keys", got)
	}
	if n := l.links(at); n != 2 {
		t.Errorf("%d links after new keys", n)
	}
}

// Other kinds of network.
func TestLabNetworks(t *testing.T) {
	labtest.NeedGuest(t)
	for _, tt := range []struct {
		name   string
		change []func(*ap.Config)
		links  int
	}{
		{"open", []func(*ap.Config){openNetwork}, 2},
		{"psk", []func(*ap.Config){psk}, 1},
		{"ext-key gcmp-256", []func(*ap.Config){extKey, ciphers(0x000fac09)}, 2},
		{"one link", []func(*ap.Config){oneLink}, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := startLab(t, planOf(t, tt.change...), nil)
			l.connect(0)
			for _, n := range []int{1, 0} {
				l.roam(n, 0)
				if got := l.links(l.Plan.APs[n]); got != tt.links {
					t.Errorf("%d links, want %d", got, tt.links)
				}
			}
			if got := l.Stations[0].Ping(2); got != 2 {
				t.Errorf("%d of 2 pings were answered", got)
			}
		})
	}
}

// What can fail does so in words, and another try works.
func TestLabFailures(t *testing.T) {
	labtest.NeedGuest(t)
	l := startLab(t, planOf(t), nil)
	l.connect(0)
	away := l.Plan.APs[1]
	l.Fault(away.Name, ap.Rule{Fault: "loss", Frame: "auth"})
	if err := l.station.Roam(t.Context(), target(away, 0)); err != nil {
		t.Fatal(err)
	}
	if e := l.wait(roam.GaveUp, roam.Connected); e.What != roam.GaveUp || e.AP != away.MLD {
		t.Errorf("a silent access point: %+v", e)
	}
	l.Clear()
	l.connect(0)
	l.Fault(away.Name, ap.Rule{Fault: "status", Frame: "assoc", Status: dot11.StatusNoMoreStations})
	if err := l.station.Roam(t.Context(), target(away, 0)); err != nil {
		t.Fatal(err)
	}
	if e := l.wait(roam.Refused, roam.Connected); e.Status != dot11.StatusNoMoreStations {
		t.Errorf("a refusal: %+v", e)
	}
	l.Clear()
	l.connect(1)
	if n := l.links(away); n != 2 {
		t.Errorf("%d links after a refusal", n)
	}
}

// A deauthentication in clear ends nothing: the access point is asked over the keys,
// and answers. One that has fallen silent meanwhile has lost them.
func TestLabSAQuery(t *testing.T) {
	labtest.NeedGuest(t)
	l := startLab(t, planOf(t), nil)
	l.connect(0)
	at := l.Plan.APs[0]
	// query lets time pass as long as an SA Query takes, and tells what came of it.
	query := func() (asked bool, ended roam.What) {
		l.Fault(at.Name, ap.Rule{Fault: "deauth", Reason: dot11.ReasonClass2FromNonauth, Unprotected: true, Count: 1})
		over := time.After(4 * time.Second)
		for {
			select {
			case e := <-l.station.Events():
				if e.Record != nil && strings.Contains(e.Record.Message, "dropped unprotected deauthentication") {
					asked = true
				}
				if e.Record != nil && strings.Contains(e.Record.Message, "failed") {
					t.Errorf("told %v", e.Record)
				}
				if e.What == roam.Disconnected {
					ended = e.What
				}
			case <-over:
				return asked, ended
			}
		}
	}
	if asked, ended := query(); !asked || ended != "" || l.links(at) != 2 {
		t.Errorf("asked %v, then %q, %d links", asked, ended, l.links(at))
	}
	l.Clear()
	l.Fault(at.Name, ap.Rule{Fault: "loss", Frame: "action"})
	if asked, ended := query(); !asked || ended != roam.Disconnected {
		t.Errorf("with nobody who answers: asked %v, then %q", asked, ended)
	}
}

// benchmarkRoams gives the roams in a second.
func benchmarkRoams(b *testing.B, change ...func(*ap.Config)) {
	labtest.NeedGuest(b)
	l := startLab(b, planOf(b, change...), nil)
	l.connect(0)
	l.roam(1, 0)
	to, heard := 0, time.Now()
	for b.Loop() {
		if time.Since(heard) > 15*time.Second {
			b.StopTimer()
			l.find()
			heard = time.Now()
			b.StartTimer()
		}
		l.roam(to, 0)
		to = 1 - to
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "roams/s")
}

func BenchmarkRoamOpen(b *testing.B)  { benchmarkRoams(b, openNetwork, plain) }
func BenchmarkRoamPSK(b *testing.B)   { benchmarkRoams(b, psk) }
func BenchmarkRoamPMKSA(b *testing.B) { benchmarkRoams(b, plain) }
func BenchmarkRoamLinks(b *testing.B) { benchmarkRoams(b) }
