package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"roamfault/journal"
	"roamfault/nl80211/dot11"
	"roamfault/patterns"
	"roamfault/reports/incident"
	"roamfault/reports/render"
	"roamfault/reports/schema"
	"roamfault/roam/manager"
	"roamfault/roam/observe"
	"roamfault/roam/runlog"
	"roamfault/roam/runlog/rundir"
	"roamfault/roam/stress"
)

// simulated is a run that no radio was needed for.
type simulated struct {
	runs, id, kernel, firmware, chip, driver, ssid string
	cycles, loads                                  int
	rate                                           float64
	seed                                           uint64
	open                                           bool
	torn, flip                                     bool
}

// simulate makes a run as a program of the test scripts.
func simulate() {
	var s simulated
	flag.StringVar(&s.runs, "runs", "runs", "")
	flag.StringVar(&s.id, "id", "20260301-220000-0a1b", "")
	flag.StringVar(&s.kernel, "kernel", "6.18.2", "")
	flag.StringVar(&s.firmware, "firmware", "20250721232943", "")
	flag.StringVar(&s.chip, "chip", "14c3:7925", "")
	flag.StringVar(&s.driver, "driver", "mt7925e", "")
	flag.StringVar(&s.ssid, "ssid", "labnet", "")
	flag.IntVar(&s.cycles, "cycles", 40, "")
	flag.IntVar(&s.loads, "loads", 4, "")
	flag.Float64Var(&s.rate, "rate", 0, "share of cycles that fail")
	flag.Uint64Var(&s.seed, "seed", 1, "")
	flag.BoolVar(&s.open, "open", false, "it is not ended")
	flag.BoolVar(&s.torn, "torn", false, "its last line is torn")
	flag.BoolVar(&s.flip, "flip", false, "a bit in its middle is flipped")
	flag.Parse()
	if err := s.write(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

const simulatedBoot = "0b1c2d3e4f5061728394a5b6c7d8e9f0"

func (s *simulated) moment(second int) runlog.Moment {
	d := time.Duration(second) * time.Second
	return runlog.Moment{Wall: time.Date(2026, 3, 1, 22, 0, 0, 0, time.UTC).Add(d), Monotonic: d, Boot: d}
}

// step is a record of a cycle that fails, or a tick.
func (s *simulated) step(second int, message string) *runlog.RecordEntry {
	m := s.moment(second)
	e := &runlog.RecordEntry{Tick: message == "", Record: journal.Record{
		Time: journal.Time{Wall: m.Wall, Known: journal.KnownClock | journal.KnownDate | journal.KnownYear | journal.KnownZone, Precision: time.Microsecond, Mono: m.Monotonic, HasMono: true},
		Boot: simulatedBoot, Priority: journal.PriorityUnknown, Count: 1,
	}}
	if message != "" {
		r := &e.Record
		r.Host, r.Identifier, r.Priority, r.Transport, r.Message = "box", "kernel", 3, journal.TransportKernel, message
	}
	return e
}

// entries are the lines of the run but for its first and last.
func (s *simulated) entries() ([]runlog.Entry, runlog.Totals, error) {
	random := rand.New(rand.NewPCG(s.seed, 0))
	totals := runlog.Totals{Cycles: s.cycles, Loads: s.loads, Driven: time.Duration(s.cycles) * time.Minute, Outcomes: map[runlog.Outcome]int{}}
	ap := func(n byte) *runlog.AP {
		return &runlog.AP{MLD: dot11.Addr{2, 0, 0, 0, n, 0}, SSID: runlog.SSID(s.ssid), Links: []runlog.Link{
			{ID: dot11.Some[uint8](0), BSSID: dot11.Addr{2, 0, 0, 0, n, 1}, Freq: 5180}, {ID: dot11.Some[uint8](1), BSSID: dot11.Addr{2, 0, 0, 0, n, 2}, Freq: 6115},
		}}
	}
	var out []runlog.Entry
	var told []observe.Step
	for n := 1; n <= s.cycles; n++ {
		from, to := ap(byte(n%2)), ap(byte((n+1)%2))
		c := &runlog.Cycle{
			Number: n, Kind: runlog.Roam, Load: 1 + (n-1)*s.loads/s.cycles, Boot: simulatedBoot, Begin: s.moment(60 * n), End: s.moment(60*n + 30),
			From: from, To: to, BSSID: to.Links[0].BSSID, At: to, Before: from.Links, Expected: 2, Outcome: runlog.OK, Origin: runlog.Natural,
			Outage: 80*time.Millisecond + time.Duration(random.IntN(1000))*time.Microsecond, Took: 200*time.Millisecond + time.Duration(random.IntN(1000))*time.Microsecond,
			Stages: runlog.StageTimes{{Stage: runlog.StageAuth, Begin: time.Millisecond, End: 20 * time.Millisecond}, {Stage: runlog.StageAssoc, Begin: 20 * time.Millisecond, End: 33 * time.Millisecond}},
			Air:    &runlog.Air{Signal: -51, TSF: uint64(n) * 60_000_000, Busy: 20},
		}
		out = append(out, &runlog.BeginEntry{Number: n, Kind: c.Kind, Load: c.Load, Boot: c.Boot, Begin: c.Begin, To: to.MLD, BSSID: c.BSSID})
		if random.Float64() < s.rate {
			c.Outcome, c.At, c.Outage, c.Took, c.Incidents, c.Stages = runlog.Timeout, nil, 0, 10*time.Second, []string{"mcu-timeout"}, c.Stages[:1]
			for at, message := range []string{"mt7925e 0000:c0:00.0: Message 00020002 (seq 12) timeout", "", "", ""} {
				r := s.step(60*n+1+at*5, message)
				r.Cycle = n
				out = append(out, r)
				step := observe.Step{Record: &r.Record}
				if r.Tick {
					step = observe.Step{Time: r.Record.Time, Boot: r.Record.Boot}
				}
				told = append(told, step)
			}
			totals.Bad++
		}
		totals.Outcomes[c.Outcome]++
		out = append(out, c)
	}
	err := observe.Replay(patterns.Builtin(), slices.Values(told), func(i *incident.Incident) error {
		object, _, err := render.Objects(i)
		cycle := int(i.First.Time.Mono / time.Minute)
		totals.Incidents++
		out = append(out, &runlog.IncidentEntry{
			ID: i.ID, Rev: i.Rev, Class: string(i.Root.Class), Fingerprint: i.Fingerprint, Severity: i.Worst.Severity.String(), Cycle: cycle,
			Load: 1 + (cycle-1)*s.loads/s.cycles, Boot: i.Boot, At: runlog.Moment{Wall: i.First.Time.Wall, Monotonic: i.First.Time.Mono}, Origin: runlog.Natural, Incident: object,
		})
		return err
	})
	return out, totals, err
}

// write makes the run's directory.
func (s *simulated) write() error {
	root, err := filepath.Abs(s.runs)
	if err != nil {
		return err
	}
	dir, err := rundir.Create(rundir.Root{Path: root, UID: -1, GID: -1}, s.id)
	if err != nil {
		return err
	}
	w := runlog.NewWriter(dir, 0)
	middle, totals, err := s.entries()
	if err != nil {
		return err
	}
	plan := runlog.Plan{Name: "mlo-ping-pong", Cycles: s.cycles, CyclesPerLoad: s.cycles / s.loads}.WithDefaults()
	made := runlog.Environment{
		{Key: runlog.KeyKernel, Value: s.kernel}, {Key: runlog.KeyDriver, Value: s.driver}, {Key: runlog.KeyChip, Value: s.chip}, {Key: runlog.KeyFirmware, Value: s.firmware},
		{Key: runlog.KeySupplicant, Value: "wpa_supplicant 2.11"}, {Key: runlog.KeyVia, Value: "ctrl"}, {Key: runlog.KeySSID, Value: s.ssid},
	}
	entries := append([]runlog.Entry{
		&runlog.RunEntry{Schema: runlog.Schema, ID: s.id, Plan: plan, Version: "0.9.0", Started: s.moment(0), Machine: "4711", PID: 812, Boot: simulatedBoot},
		&runlog.EnvironmentEntry{At: s.moment(1), Boot: simulatedBoot, Load: 1, Environment: made},
	}, middle...)
	if !s.open {
		entries = append(entries, &runlog.EndEntry{At: s.moment(60*s.cycles + 60), Reason: fmt.Sprintf("%d cycles", s.cycles), Totals: totals})
	}
	for _, e := range entries {
		if err := w.Append(e); err != nil {
			return err
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	return s.damage(filepath.Join(root, s.id, rundir.FileName))
}

// damage spoils the file.
func (s *simulated) damage(path string) error {
	data, err := os.ReadFile(path)
	if err != nil || !s.torn && !s.flip {
		return err
	}
	if s.flip {
		data[len(data)/2] ^= 4
	}
	if s.torn {
		data = data[:len(data)-20]
	}
	return os.WriteFile(path, data, 0o600)
}

// made writes a run and fails the test where that cannot be done.
func made(t *testing.T, s simulated) {
	t.Helper()
	full := simulated{kernel: "6.18.2", firmware: "20250721232943", chip: "14c3:7925", driver: "mt7925e", ssid: "labnet", cycles: 40, loads: 4, seed: 1}
	full.runs, full.id, full.rate, full.torn, full.flip, full.open = s.runs, s.id, s.rate, s.torn, s.flip, s.open
	if s.kernel != "" {
		full.kernel = s.kernel
	}
	if s.cycles > 0 {
		full.cycles, full.loads = s.cycles, s.loads
	}
	if err := full.write(); err != nil {
		t.Fatal(err)
	}
}

// What is written about runs is as the schemas say, whatever happened to them.
func TestRunDocumentsAreAsTheSchemasSay(t *testing.T) {
	v := newValidator(t)
	runs := t.TempDir()
	made(t, simulated{runs: runs, id: "good", rate: 0.02, cycles: 400, loads: 8})
	made(t, simulated{runs: runs, id: "worse", rate: 0.5, kernel: "7.1.0", cycles: 400, loads: 8})
	made(t, simulated{runs: runs, id: "damaged", rate: 0.5, flip: true, torn: true})
	made(t, simulated{runs: runs, id: "open", open: true})
	if err := os.MkdirAll(filepath.Join(runs, "foreign"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(runs, "foreign", rundir.FileName), []byte("hello\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	revisions := filepath.Join(t.TempDir(), "revisions")
	if err := os.WriteFile(revisions, []byte("r1\nr2\nr3\nr4\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		id   string
		code int
		args []string
	}{
		{schema.RunsListID, exitOK, []string{"runs", "list", "-f", "json"}},
		{schema.RunSummaryID, exitOK, []string{"runs", "show", "worse", "-f", "json"}},
		{schema.RunSummaryID, exitOK, []string{"runs", "show", "damaged", "-f", "json"}},
		{schema.RunSummaryID, exitOK, []string{"runs", "show", "open", "-f", "json"}},
		{schema.ComparisonID, exitFound, []string{"compare", "good", "worse", "-f", "json"}},
		{schema.ComparisonID, exitFound, []string{"compare", "good", "damaged", "-f", "json"}},
		{schema.ComparisonID, 125, []string{"compare", "good", "open", "-f", "json", "--end-point", "per-hour"}},
		{schema.BaselinesID, exitOK, []string{"runs", "baseline", "list", "-f", "json"}},
		{"", exitOK, []string{"runs", "baseline", "set", "good"}},
		{schema.BaselinesID, exitOK, []string{"runs", "baseline", "list", "-f", "json"}},
		{"", exitOK, []string{"runs", "bisect", "start", "r1", "r4", "--revisions", revisions, "--baseline", "good"}},
		{schema.BisectID, exitOK, []string{"runs", "bisect", "status", "-f", "json"}},
		{"", exitOK, []string{"runs", "bisect", "step", "worse"}},
		{schema.BisectID, exitOK, []string{"runs", "bisect", "status", "-f", "json"}},
	} {
		code, out, stderr := roamfault(append(c.args, "--runs", runs)...)
		if code != c.code {
			t.Errorf("%q: exit code %d: %s", c.args, code, stderr)
		}
		if c.id != "" {
			v.check(t, c.id, []byte(out))
		}
	}
	for name, id := range map[string]string{baselinesFile: schema.BaselinesID, bisectFile: schema.BisectID} {
		kept, err := os.ReadFile(filepath.Join(runs, name))
		if err != nil {
			t.Fatal(err)
		}
		v.check(t, id, kept)
	}
	_, out, _ := roamfault("runs", "show", "worse", "--incidents", "-f", "json", "--runs", runs)
	if types := v.lines(t, schema.AnalysisID, out); types["incident"] < 50 {
		t.Errorf("lines %v", types)
	}
	file, err := os.ReadFile(filepath.Join(runs, "worse", rundir.FileName))
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := bytes.Cut(file, []byte("\n"))
	v.check(t, schema.RunID, first)
	if types := v.lines(t, schema.RunID, string(file)); types["cycle"] != 400 || types["record"] < 100 || types["end"] != 1 {
		t.Errorf("lines %v", types)
	}
}

// Whatever a run file says, nothing of it is live on a terminal or in Markdown.
func TestHostileRun(t *testing.T) {
	const poison = "\x1b]0;x\a <b>@all</b> [x](http://y) |"
	runs := t.TempDir()
	s := simulated{runs: runs, id: "a", kernel: poison, firmware: poison, chip: poison, driver: poison, ssid: "\x1b[2J|", cycles: 8, loads: 4, rate: 0.9}
	if err := s.write(); err != nil {
		t.Fatal(err)
	}
	s.id = "b"
	if err := s.write(); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"runs", "list"}, {"runs", "show", "a"}, {"runs", "show", "a", "-f", "markdown"}, {"runs", "show", "a", "--incidents"}, {"runs", "show", "a", "--cycles"},
		{"runs", "baseline", "set", "a"}, {"runs", "baseline", "list"}, {"compare", "a", "b"}, {"compare", "--by", "kernel"}, {"compare", "a", "b", "-f", "markdown"},
	} {
		_, out, stderr := roamfault(append(args, "--runs", runs)...)
		if i := strings.IndexFunc(out+stderr, func(r rune) bool { return r < ' ' && r != '\n' || r == 0x7f || r >= 0x80 && r < 0xa0 }); i >= 0 || out+stderr == "" {
			t.Errorf("%q: control character in %q", args, out+stderr)
		}
	}
}

// Sets of boots of a journal are compared by incidents in an hour, and by roam.
func TestCompareBoots(t *testing.T) {
	dir := filepath.Dir(writeJournal(t))
	args := func(more ...string) []string {
		return append([]string{"compare", "--boots", "-D", dir, "--spool", notes(t)}, more...)
	}
	code, out, stderr := roamfault(args("--", "-1", "0")...)
	if code != 125 || !strings.Contains(out, "fewer than 4 loads") {
		t.Errorf("exit code %d\n%s%s", code, out, stderr)
	}
	for _, want := range []string{"mcu-timeout", "6.18.2-1", "6.19.0-1", "incidents in 100 roams: 0.00 before, 100.00 now"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	for _, tt := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"1111", "2222"}, 125, "incidents an hour"},
		{[]string{"--", "-1..0", "0"}, exitTrouble, "boot 22222222222222222222222222222222 is on both sides"},
		{[]string{"--", "0..-1", "1"}, exitTrouble, `boots "0..-1": the first is after the last`},
		{[]string{"--", "-1..0,1111", "0"}, exitTrouble, "is named twice"},
		{[]string{"7777", "0"}, exitTrouble, "no boot 7777; --boot all lists them"},
		{[]string{"0"}, exitUsage, "two sides are wanted"},
	} {
		if code, out, stderr := roamfault(args(tt.args...)...); code != tt.code || !strings.Contains(out+stderr, tt.want) {
			t.Errorf("%q: exit code %d, no %q in\n%s%s", tt.args, code, tt.want, out, stderr)
		}
	}
}

func TestClassOf(t *testing.T) {
	for print, want := range map[string]string{
		"v1:mt7925:roam:mcu-timeout[BSS_INFO_UPDATE]<bss-fetch-failed": "mcu-timeout", "v1:x:roam:auth-timeout<a": "auth-timeout", "v1:::lost": "lost", "": "",
	} {
		if got := classOf(print); got != want {
			t.Errorf("%q: %q", print, got)
		}
	}
}

// A search finds the revision, whichever it is and whatever is skipped, in as few
// steps as there are bits in the number of revisions.
func TestBisection(t *testing.T) {
	for n := 1; n <= 40; n++ {
		for bad := range n {
			b := &bisection{Good: "good"}
			for i := range n {
				b.Revisions = append(b.Revisions, fmt.Sprint(i))
			}
			steps := 0
			for b.next(); b.Current != ""; b.next() {
				verdict := revisionGood
				if at := slices.Index(b.Revisions, b.Current); at >= bad {
					verdict = revisionBad
				}
				b.Steps = append(b.Steps, bisectStep{Revision: b.Current, Verdict: verdict})
				if steps++; steps > n {
					t.Fatal("it has no end")
				}
			}
			if b.FirstBad != fmt.Sprint(bad) || 1<<max(0, steps-1) > n {
				t.Errorf("%d of %d: found %q in %d steps", bad, n, b.FirstBad, steps)
			}
		}
	}
}

// Where the one that matters cannot be tried, those that are left are told.
func TestBisectionSkips(t *testing.T) {
	b := &bisection{Revisions: []string{"0", "1", "2", "3", "4", "5", "6", "7"}}
	for b.next(); b.Current != ""; b.next() {
		verdict := revisionSkip
		switch b.Current {
		case "0", "1":
			verdict = revisionGood
		case "6", "7":
			verdict = revisionBad
		}
		b.Steps = append(b.Steps, bisectStep{Revision: b.Current, Verdict: verdict})
	}
	if got := strings.Join(b.open(), " "); got != "2 3 4 5 6" || b.FirstBad != "" {
		t.Errorf("%q, found %q", got, b.FirstBad)
	}
}

// A file that is no search is told, and ends nothing.
func TestForeignBisection(t *testing.T) {
	for name, text := range map[string]string{
		"empty": "", "other": `{"schema":"x"}`, "no revisions": `{"schema":"` + schema.BisectID + `"}`, "no baseline": `{"schema":"` + schema.BisectID + `","revisions":["a"]}`, "huge": strings.Repeat(" ", mostState+1),
	} {
		runs := t.TempDir()
		if err := os.WriteFile(filepath.Join(runs, bisectFile), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, args := range [][]string{{"runs", "bisect", "status"}, {"runs", "bisect", "step"}, {"runs", "bisect", "start", "a", "b"}} {
			if code, _, stderr := roamfault(append(args, "--runs", runs)...); code != exitTrouble || !strings.Contains(stderr, "read where the search stands") {
				t.Errorf("%s, %q: exit code %d: %s", name, args, code, stderr)
			}
		}
	}
}

// What stress finds before a run is as the schema says, with all and with nothing
// in it. What it takes to find it is tried in the lab.
func TestSceneIsAsTheSchemaSays(t *testing.T) {
	v := newValidator(t)
	for _, name := range runlog.Names() {
		plan, err := runlog.Named(name)
		if err != nil {
			t.Fatal(err)
		}
		ap := runlog.AP{MLD: dot11.Addr{2, 0, 0, 0, 1, 0}, SSID: runlog.SSID("\x00lab"), Links: []runlog.Link{{ID: dot11.Some[uint8](0), BSSID: dot11.Addr{2, 0, 0, 0, 1, 1}, Freq: 5180, Signal: dot11.Some(-51)}}}
		refused := manager.Guard{Name: "ssh", State: manager.Refused, Detail: "over this interface", Flag: "--allow ssh"}
		full := stress.Scene{
			Schema: stress.SceneSchema, Plan: plan, Interface: "wlan0", Radio: "phy0", MLO: true, Via: "ctrl", Why: "it answers", At: &ap, Targets: []runlog.AP{ap}, Heard: []runlog.AP{ap},
			Guards: []manager.Guard{{Name: "battery", State: manager.Fine}, refused, {Name: "x", State: manager.Warned}}, Refused: []manager.Guard{refused}, Changes: []string{"a"}, Trouble: []string{"b"},
		}
		bare := stress.Scene{Schema: stress.SceneSchema, Plan: plan, Targets: []runlog.AP{}, Heard: []runlog.AP{}, Refused: []manager.Guard{}, Changes: []string{}, Trouble: []string{}}
		for _, scene := range []*stress.Scene{&full, &bare} {
			var b bytes.Buffer
			if err := showScene(env{stdout: &b}, scene, "json"); err != nil && scene.Ready() {
				t.Fatal(err)
			}
			v.check(t, schema.SceneID, b.Bytes())
		}
	}
}

// Whatever stands in the file of a search, it is refused or can be gone on with.
func FuzzBisection(f *testing.F) {
	begun := &bisection{Schema: schema.BisectID, Good: "a", Revisions: []string{"b", "c", "d"}, Baseline: []string{"run"}, Steps: []bisectStep{{Revision: "b", Verdict: revisionSkip}}}
	for _, spoil := range []func(){func() {}, func() { begun.Revisions = append(begun.Revisions, "b", "b") }, func() { begun.Steps = append(begun.Steps, bisectStep{Revision: "b", Verdict: revisionGood}) }, func() {
		begun.Steps = append(begun.Steps, bisectStep{Revision: "d\x1b", Verdict: "\x1b[2J"})
	}} {
		spoil()
		b, err := json.Marshal(begun)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var b bisection
		if json.Unmarshal(data, &b) != nil || b.check() != nil {
			return
		}
		b.next()
		if b.Current != "" && (b.FirstBad != "" || b.verdicts()[b.Current] != "" || !slices.Contains(b.open(), b.Current)) {
			t.Errorf("next %q of %q, first bad %q", b.Current, b.open(), b.FirstBad)
		}
		var out strings.Builder
		if err := b.write(&out); err != nil {
			t.Fatal(err)
		}
		if i := strings.IndexFunc(out.String(), func(r rune) bool { return r < ' ' && r != '\n' || r == 0x7f }); i >= 0 {
			t.Errorf("control character in %q", out.String())
		}
	})
}
