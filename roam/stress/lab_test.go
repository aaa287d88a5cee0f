package stress

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"roamfault/journal"
	"roamfault/journal/kmsg"
	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
	"roamfault/patterns"
	"roamfault/roam"
	"roamfault/roam/lab/ap"
	"roamfault/roam/lab/labtest"
	"roamfault/roam/machine"
	"roamfault/roam/manager"
	"roamfault/roam/runlog"
	"roamfault/watch"
)

// memory is where a run of a test is kept.
type memory struct {
	mu sync.Mutex
	strings.Builder
}

func (m *memory) Writer(context.Context, string) (*runlog.Writer, error) {
	return runlog.NewWriter(m, 0), nil
}

func (m *memory) Sync() error  { return nil }
func (m *memory) Close() error { return nil }

func (m *memory) Write(b []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.Builder.Write(b)
}

// entries reads what was kept.
func (m *memory) entries(t testing.TB) []runlog.Entry {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []runlog.Entry
	stats, err := runlog.Read(t.Context(), strings.NewReader(m.String()), func(e runlog.Entry) error {
		out = append(out, e)
		return nil
	})
	if err != nil || !stats.Clean() {
		t.Fatalf("%v, error %v", stats.Problems(), err)
	}
	return out
}

// cycles are those that were kept.
func cycles(entries []runlog.Entry) []*runlog.Cycle {
	var out []*runlog.Cycle
	for _, e := range entries {
		if c, ok := e.(*runlog.Cycle); ok {
			out = append(out, c)
		}
	}
	return out
}

// incidents are those that were kept, as "class in cycle N".
func incidents(entries []runlog.Entry) []string {
	var out []string
	for _, e := range entries {
		if i, ok := e.(*runlog.IncidentEntry); ok {
			out = append(out, fmt.Sprintf("%s in cycle %d", i.Class, i.Cycle))
		}
	}
	return out
}

// classes are those of the records that were kept in a cycle.
func classes(entries []runlog.Entry, cycle int) []string {
	var out []string
	for _, e := range entries {
		r, ok := e.(*runlog.RecordEntry)
		if !ok || r.Cycle != cycle {
			continue
		}
		if m, ok := patterns.Builtin().Match(r.Record.Identifier, r.Record.Message); ok {
			out = append(out, string(m.Class))
		}
	}
	return out
}

// notes are the words that were kept.
func notes(entries []runlog.Entry) string {
	var out []string
	for _, e := range entries {
		if n, ok := e.(*runlog.NoteEntry); ok {
			out = append(out, n.Text)
		}
	}
	return strings.Join(out, "\n")
}

// guest is the system of a guest.
func guest(t testing.TB) *System {
	t.Helper()
	client, err := nl80211.Dial(nl80211.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	present := watch.NewSystemClock()
	return &System{
		System: manager.This(client, nil, nil), Client: client,
		Listen:  func() (*nl80211.Client, error) { return nl80211.Dial(nl80211.Config{}) },
		Machine: &machine.Machine{Root: "/", Radio: client, Links: machine.Netlink{}, Clock: nl80211.SystemClock},
		Log:     func() (journal.Source, error) { return &kmsg.Source{Follow: true}, nil },
		Now: func() runlog.Moment {
			s := nl80211.SystemClock()
			return runlog.Moment{Wall: time.Now(), Monotonic: s.Monotonic, Boot: s.Boot}
		},
		Present: present.Now, Undo: filepath.Join(t.TempDir(), "undo"), Storage: machine.Disk{}, Runtime: t.TempDir(),
	}
}

// driven is a run in the lab.
type driven struct {
	t      testing.TB
	lab    *labtest.Lab
	system *System
	o      Options
	kept   *memory
}

// prepare makes a run that is ready to be driven.
func prepare(t testing.TB, l *labtest.Lab, via string, plan runlog.Plan) *driven {
	t.Helper()
	plan.Targets.SSID = runlog.SSID(l.Plan.APs[0].SSID)
	if plan.Dwell == (runlog.Range{}) {
		plan.Dwell = runlog.Range{Min: 100 * time.Millisecond, Max: 100 * time.Millisecond}
	}
	if len(plan.Kinds) == 0 {
		plan.Kinds = []runlog.Weighted{{Kind: runlog.Roam, Weight: 1}}
	}
	system := guest(t)
	if via == manager.ViaDBus {
		system.System = manager.This(system.Client, nil, systemBus(t, l))
	}
	return &driven{t: t, lab: l, system: system, kept: &memory{}, o: Options{
		Plan: plan.WithDefaults(), Interface: l.Stations[0].Name, Via: via, Catalogue: patterns.Builtin(), Version: "test",
		Password: manager.NewSecret(l.Plan.APs[0].Password), Say: t.Logf,
	}}
}

// drive makes the run.
func (d *driven) drive(ctx context.Context) []runlog.Entry {
	d.t.Helper()
	scene, err := Look(ctx, d.system, &d.o)
	if err != nil {
		d.t.Fatal(err)
	}
	if !scene.Ready() {
		d.t.Fatalf("not ready: %s", scene.Missing())
	}
	result, err := Drive(ctx, d.system, scene, &d.o, "run", d.kept)
	entries := d.kept.entries(d.t)
	if err != nil {
		for _, c := range cycles(entries) {
			d.t.Logf("%d %s %s", c.Number, c.Outcome, c.Detail)
		}
		d.t.Fatalf("%+v, error %v; notes:\n%s", result, err, notes(entries))
	}
	return entries
}

// needs is a lab for a way to roam.
func needs(via string) labtest.Needs {
	return labtest.Needs{Supplicant: via == manager.ViaControl, NoCapture: true}
}

// ways are all, that of a bus last.
func ways() []string { return []string{manager.ViaControl, manager.ViaNL80211, manager.ViaDBus} }

// Two hundred roams between two AP MLDs, each with both links.
func TestRoams(t *testing.T) {
	for via, roams := range map[string]int{manager.ViaControl: 200, manager.ViaNL80211: 200, manager.ViaDBus: 20} {
		t.Run(via, func(t *testing.T) {
			l := labtest.Start(t, needs(via))
			d := prepare(t, l, via, runlog.Plan{Cycles: roams, Dwell: runlog.Range{Min: 20 * time.Millisecond, Max: 20 * time.Millisecond}})
			began := time.Now()
			good := 0
			for _, c := range cycles(d.drive(t.Context())) {
				if c.Outcome == runlog.OK && len(c.At.Links) == 2 && c.At.Addr() == c.To.Addr() && c.Expected == 2 {
					good++
					continue
				}
				t.Errorf("cycle %d: %s %s, at %v", c.Number, c.Outcome, c.Detail, c.At)
			}
			if good != roams {
				t.Errorf("%d of %d roams with both links", good, roams)
			}
			t.Logf("%d roams in %v", roams, time.Since(began).Round(time.Second))
		})
	}
}

// What an access point does wrong is the outcome of that cycle, and its class is
// found in it.
func TestOutcomesInLab(t *testing.T) {
	for _, tt := range []struct {
		rule    ap.Rule
		outcome []runlog.Outcome // one of them
		class   string           // of an incident in cycle 2; empty: none need be
		via     []string
	}{
		{ap.Rule{Fault: "status", Frame: "auth", Status: 37, Count: 1}, []runlog.Outcome{runlog.Rejected}, "auth-rejected", ways()},
		{ap.Rule{Fault: "status", Frame: "assoc", Status: 17, Count: 1}, []runlog.Outcome{runlog.Rejected}, "assoc-rejected", ways()[:1]},
		{ap.Rule{Fault: "comeback", TU: 500, Count: 1}, []runlog.Outcome{runlog.OK}, "", ways()[:1]},
		{ap.Rule{Fault: "link-refused", Count: 1}, []runlog.Outcome{runlog.MissingLinks, runlog.Incident, runlog.OK}, "mlo-negotiation-failed", ways()[:2]},
		{ap.Rule{Fault: "silence", Frame: "assoc"}, []runlog.Outcome{runlog.WrongAP, runlog.Timeout}, "assoc-timeout", ways()},
		{ap.Rule{Fault: "mic-wrong"}, []runlog.Outcome{runlog.WrongAP, runlog.Timeout, runlog.Rejected}, "handshake-failed", ways()[1:2]},
	} {
		for _, via := range tt.via {
			t.Run(tt.rule.Fault+" "+tt.rule.Frame+" "+via, func(t *testing.T) {
				l := labtest.Start(t, needs(via))
				d := prepare(t, l, via, runlog.Plan{Cycles: 3, Timeout: runlog.Duration(14 * time.Second)})
				// The second cycle goes to where the first came from.
				var wrong string
				d.o.Show = func(s roam.Snapshot) {
					switch {
					case s.Last != nil && s.Last.Number == 1:
						wrong = away(l, s.Last.At.Addr())
						l.Fault(wrong, tt.rule)
					case s.Last != nil && s.Last.Number == 2:
						l.Clear()
					}
				}
				entries := d.drive(t.Context())
				all := cycles(entries)
				if len(all) != 3 || !slices.Contains(tt.outcome, all[1].Outcome) {
					t.Fatalf("%v; notes:\n%s", describe(all), notes(entries))
				}
				if tt.rule.Status != 0 && all[1].Status != tt.rule.Status {
					t.Errorf("status %v, want %v", all[1].Status, tt.rule.Status)
				}
				if found := incidents(entries); tt.class != "" && !slices.Contains(found, tt.class+" in cycle 2") {
					t.Errorf("incidents %v, want %s in cycle 2; %v", found, tt.class, describe(all))
				}
				t.Log(describe(all), incidents(entries))
			})
		}
	}
}

// away is the name of the access point that is not the one of that address.
func away(l *labtest.Lab, at dot11.Addr) string {
	for _, c := range l.Plan.APs {
		if c.MLD != at {
			return c.Name
		}
	}
	return ""
}

// home is the name of the one that is.
func home(l *labtest.Lab, at dot11.Addr) string {
	for _, c := range l.Plan.APs {
		if c.MLD == at {
			return c.Name
		}
	}
	return ""
}

func describe(all []*runlog.Cycle) []string {
	var out []string
	for _, c := range all {
		out = append(out, fmt.Sprintf("%d: %s %s %v", c.Number, c.Outcome, c.Detail, c.Incidents))
	}
	return out
}

// A connection that is lost in the dwell by a deauthentication, and one that stands
// though nothing comes any more. That no beacons come the kernel does not find out
// here: multi-link radios of mac80211_hwsim say that they watch for that themselves
// (IEEE80211_HW_CONNECTION_MONITOR), and do not. The probe does.
func TestLostInLab(t *testing.T) {
	for _, tt := range []struct {
		rule    ap.Rule
		ping    string
		outcome runlog.Outcome
		class   string
	}{
		{ap.Rule{Fault: "deauth", Reason: 6}, "", runlog.Lost, "deauth-by-ap"},
		{ap.Rule{Fault: "loss"}, "gateway", runlog.Stalled, "data-stall"},
	} {
		for _, via := range ways() {
			t.Run(tt.rule.Fault+" "+tt.rule.Frame+" "+via, func(t *testing.T) {
				l := labtest.Start(t, needs(via))
				d := prepare(t, l, via, runlog.Plan{
					Cycles: 2, Dwell: runlog.Range{Min: 8 * time.Second, Max: 8 * time.Second}, Timeout: runlog.Duration(14 * time.Second), Probe: runlog.ProbePlan{Ping: tt.ping},
				})
				if tt.ping != "" {
					l.Stations[0].Route()
				}
				done := false
				d.o.Show = func(s roam.Snapshot) {
					if s.Cycle == 1 && s.Doing == "stay" && !done {
						done = true
						go func() {
							time.Sleep(time.Second)
							l.Fault(home(l, s.To), tt.rule)
						}()
					}
					if s.Last != nil {
						l.Clear()
					}
				}
				entries := d.drive(t.Context())
				all := cycles(entries)
				if all[0].Outcome != tt.outcome {
					t.Errorf("%v", describe(all))
				}
				if tt.rule.Reason != 0 && all[0].Reason != tt.rule.Reason {
					t.Errorf("reason %v, want %v", all[0].Reason, tt.rule.Reason)
				}
				if found := classes(entries, 1); !slices.Contains(found, tt.class) {
					t.Errorf("said in cycle 1: %v, want %s", found, tt.class)
				}
				t.Log(describe(all), incidents(entries))
			})
		}
	}
}

// Each fault that can be put in gives the kernel's own words.
func TestInjectorsInLab(t *testing.T) {
	for fault, words := range map[runlog.Injector]string{
		runlog.GroupKeyNoLink: "link ID must",
		runlog.GroupKeyLink:   "",
		runlog.StaleBSS:       "",
	} {
		for _, via := range ways()[:2] {
			t.Run(string(fault)+" "+via, func(t *testing.T) {
				l := labtest.Start(t, needs(via))
				d := prepare(t, l, via, runlog.Plan{Cycles: 2, Inject: []runlog.Injection{{Fault: fault, Every: 2}}, Timeout: runlog.Duration(20 * time.Second)})
				entries := d.drive(t.Context())
				all := cycles(entries)
				said := notes(entries)
				if all[0].Origin != runlog.Natural || all[1].Origin != runlog.Injected || !strings.Contains(said, "fault "+string(fault)) {
					t.Errorf("%v, notes:\n%s", describe(all), said)
				}
				if words != "" && !strings.Contains(said, words) {
					t.Errorf("the kernel does not say %q:\n%s", words, said)
				}
				t.Logf("%v\n%s\n%v", describe(all), said, incidents(entries))
			})
		}
	}
}

// What is written while a run drives gives its incidents again.
func TestReplay(t *testing.T) {
	l := labtest.Start(t, needs(manager.ViaControl))
	d := prepare(t, l, manager.ViaControl, runlog.Plan{Cycles: 2})
	d.o.Show = func(s roam.Snapshot) {
		if s.Last != nil && s.Last.Number == 1 {
			l.Fault(away(l, s.Last.At.Addr()), ap.Rule{Fault: "status", Frame: "auth", Status: 37, Count: 1})
		}
	}
	entries := d.drive(t.Context())
	var live []string
	for _, e := range entries {
		if i, ok := e.(*runlog.IncidentEntry); ok {
			live = append(live, string(compact(t, i.Incident)))
		}
	}
	again := replayed(t, entries)
	if len(live) == 0 || !slices.Equal(live, again) {
		t.Errorf("live     %q\nreplayed %q", live, again)
	}
}

func compact(t *testing.T, b json.RawMessage) json.RawMessage {
	t.Helper()
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// A run goes on after its supplicant was killed in the middle of a roam and started
// again.
func TestSupplicantDies(t *testing.T) {
	l := labtest.Start(t, needs(manager.ViaControl))
	d := prepare(t, l, manager.ViaControl, runlog.Plan{Cycles: 4, Timeout: runlog.Duration(20 * time.Second)})
	killed := false
	d.o.Show = func(s roam.Snapshot) {
		if s.Cycle == 2 && s.Doing == string(runlog.Roam) && !killed {
			killed = true
			go l.Stations[0].Restart(2 * time.Second)
		}
	}
	entries := d.drive(t.Context())
	all := cycles(entries)
	if len(all) != 4 || all[3].Outcome != runlog.OK || !strings.Contains(notes(entries), "going on after") {
		t.Errorf("%v, notes:\n%s", describe(all), notes(entries))
	}
}

// A run goes on after its interface was taken away in the middle of a roam and came
// back with another number.
func TestInterfaceGone(t *testing.T) {
	for _, via := range ways()[:2] {
		t.Run(via, func(t *testing.T) {
			l := labtest.Start(t, needs(via))
			d := prepare(t, l, via, runlog.Plan{Cycles: 4, Timeout: runlog.Duration(20 * time.Second)})
			gone := false
			d.o.Show = func(s roam.Snapshot) {
				if s.Cycle == 2 && s.Doing == string(runlog.Roam) && !gone {
					gone = true
					name := l.Stations[0].Name
					phy, err := os.ReadFile("/sys/class/net/" + name + "/phy80211/name")
					if err != nil {
						t.Error(err)
					}
					go func() {
						for _, words := range []string{"iw dev " + name + " del", "sleep 1", "iw phy " + strings.TrimSpace(string(phy)) + " interface add " + name + " type managed", "ip link set " + name + " up"} {
							if out, err := exec.Command("sh", "-c", words).CombinedOutput(); err != nil {
								t.Errorf("%s: %v: %s", words, err, out)
							}
						}
					}()
				}
			}
			entries := d.drive(t.Context())
			all := cycles(entries)
			if len(all) != 4 || all[3].Outcome != runlog.OK || !strings.Contains(notes(entries), "going on after") {
				t.Errorf("%v, notes:\n%s", describe(all), notes(entries))
			}
		})
	}
}

// A machine without any Wi-Fi is told so.
func TestNoWiFi(t *testing.T) {
	_, err := Look(t.Context(), &System{System: manager.System{WirelessErr: io.EOF}}, &Options{})
	if err == nil || !strings.Contains(err.Error(), "find a Wi-Fi card") {
		t.Errorf("error %v", err)
	}
}
