package runlog

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roamfault/nl80211/dot11"
)

func TestParsePlan(t *testing.T) {
	const text = `# all that a plan can say
name: all
about: "what it is for"
cycles: 500
duration: 8h
targets:
  ssid: 'lab\x00net'
  mld: [02:00:00:00:01:00, 12:34:56:12:34:56]
  bssid: [02-00-00-00-01-0a]
  bands: [5 GHz, 6 GHz]
  same-band: true
order: random
seed: 18446744073709551615
link: 1
dwell: 1s..5s
settle: 30s
timeout: 500ms
kinds:
  - kind: roam
    weight: 3
  - kind: suspend
inject:
  - fault: group-key-link
probe: {ping: 192.0.2.1, load: "udp://192.0.2.1:7", rate: 2.5e6}
stop: {fatal: true, incidents: 3, failures: 9}
cycles-per-load: 50
`
	got, err := ParsePlan("all.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	want := Plan{
		Name: "all", About: "what it is for", Cycles: 500, Duration: Duration(8 * time.Hour),
		Targets: Targets{
			SSID: SSID("lab\x00net"), MLD: []dot11.Addr{{2, 0, 0, 0, 1, 0}, {0x12, 0x34, 0x56, 0x12, 0x34, 0x56}}, BSSID: []dot11.Addr{{2, 0, 0, 0, 1, 10}},
			Bands: []dot11.Band{dot11.Band5GHz, dot11.Band6GHz}, SameBand: true,
		},
		Order: Random, Seed: 1<<64 - 1, Link: "1", Dwell: Range{time.Second, 5 * time.Second}, Settle: Duration(30 * time.Second),
		Timeout: Duration(500 * time.Millisecond), Kinds: []Weighted{{Roam, 3}, {Suspend, 1}}, Inject: []Injection{{GroupKeyLink, 1}},
		Probe: ProbePlan{Ping: "192.0.2.1", Interval: Duration(200 * time.Millisecond), Load: "udp://192.0.2.1:7", Rate: 2.5e6},
		Stop:  Stop{Fatal: true, Incidents: 3, Failures: 9}, CyclesPerLoad: 50,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	again, err := got.YAML()
	if err != nil {
		t.Fatal(err)
	}
	back, err := ParsePlan("again.yaml", again)
	if err != nil {
		t.Fatalf("%v\n%s", err, again)
	}
	if diff := cmp.Diff(got, back); diff != "" {
		t.Errorf("written and read again (-first +second):\n%s\n%s", diff, again)
	}
}

// What is wrong is said with its place, and the word that was meant.
func TestParsePlanComplaints(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"empty", "", `p.yaml:1: the file is empty`},
		{"comment", "# nothing\n", `p.yaml:1: the file is empty`},
		{"list", "- 1\n", `p.yaml:1: sequence was used where mapping is expected`},
		{"unknown key", "cycles: 1\norders: random\n", `p.yaml:2: unknown key "orders" (did you mean order?)`},
		{"unknown inner key", "cycles: 1\nkinds:\n- kind: roam\n  wieght: 2\n", `p.yaml:4: unknown key "wieght" (did you mean weight?)`},
		{"kind", "cycles: 1\nkinds:\n- kind: roam\n- kind: raom\n", `p.yaml:4: kinds[1].kind: unknown kind "raom" (did you mean roam?)`},
		{"no kind", "cycles: 1\nkinds:\n- weight: 3\n", `p.yaml:3: kinds[0].kind: unknown kind ""`},
		{"kind twice", "cycles: 1\nkinds: [{kind: roam}, {kind: roam}]\n", `p.yaml:2: kinds[1].kind: roam is there already`},
		{"order", "cycles: 1\norder: pingpong\n", `p.yaml:2: order: unknown order "pingpong" (did you mean ping-pong?)`},
		{"order far off", "cycles: 1\norder: zzzzz\n", `p.yaml:2: order: unknown order "zzzzz": ping-pong, round-robin and random are known`},
		{"fault", "cycles: 1\ninject:\n  - fault: chip-rest\n", `p.yaml:3: inject[0].fault: unknown fault "chip-rest" (did you mean chip-reset?)`},
		{"every", "cycles: 1\ninject:\n  - fault: chip-reset\n    every: -1\n", `p.yaml:4: inject[0].every: -1 is not between 1 and 100000000`},
		{"duration", "cycles: 1\n\nsettle: 90\n", `p.yaml:3: settle: "90" is no duration: a number with its unit is wanted, as in 500ms, 90s, 2h30m`},
		{"range", "cycles: 1\ndwell: 5s..1s\n", `p.yaml:2: dwell: range "5s..1s": the longer time comes last`},
		{"negative", "cycles: 1\ndwell: -5s\n", `p.yaml:2: dwell: -5s is not between 0s and 24h`},
		{"address", "cycles: 1\ntargets:\n  mld:\n  - 02:00\n", `p.yaml:4: targets.mld[0]: parse address "02:00": six octets divided by colons are wanted`},
		{"group address", "cycles: 1\ntargets:\n  bssid: [ff:ff:ff:ff:ff:ff]\n", `p.yaml:3: targets.bssid[0]: ff:ff:ff:ff:ff:ff is the address of no access point`},
		{"band", "cycles: 1\ntargets: {bands: [7 GHz]}\n", `p.yaml:2: targets.bands[0]: "7 GHz" is no band: 2.4 GHz, 5 GHz and 6 GHz are`},
		{"ssid", "cycles: 1\ntargets: {ssid: '\\q'}\n", `p.yaml:2: targets.ssid: parse SSID "\\q": a backslash is followed by \, or by x and two hexadecimal digits`},
		{"fraction", "cycles: 1.5\n", `p.yaml:1: cycles: 1.5: a whole number is wanted`},
		{"text for number", "cycles: many\n", `p.yaml:1: cannot unmarshal string into Go struct field Plan.Cycles of type int`},
		{"twice", "cycles: 1\ncycles: 2\n", `p.yaml:2: mapping key "cycles" already defined at [1:1]`},
		{"endless", "name: x\n", `p.yaml:1: nothing says when the run ends: give cycles, a duration, or both`},
		{"two plans", "cycles: 1\n---\ncycles: 2\n", `p.yaml:3: a second document begins here: one file is one plan`},
		{"link", "cycles: 1\nlink: 15\n", `p.yaml:2: link: "15" is no choice of links: best, each, or the number of a link from 0 to 14: best and each are known`},
		{"name", "cycles: 1\nname: a/b\n", `p.yaml:2: name: "a/b" is no name: 1 to 64 lower-case letters, digits and - are wanted`},
		{"about", "cycles: 1\nabout: \"a\\x1b[2J\"\n", `p.yaml:2: about: it is no line of text of at most 4096 bytes`},
		{"ping", "cycles: 1\nprobe: {ping: gatway}\n", `p.yaml:2: probe.ping: "gatway" is no IP address, and not the word gateway (did you mean gateway?)`},
		{"load", "cycles: 1\nprobe: {load: 'http://a:1'}\n", `p.yaml:2: probe.load: "http://a:1" is no target of load: udp://HOST:PORT or tcp://HOST:PORT of an echo service is wanted`},
		{"rate", "cycles: 1\nprobe: {rate: 5}\n", `p.yaml:2: probe.rate: there is nowhere to send load to: give probe.load`},
		{"several", "cycles: -1\norder: x\n", "p.yaml:1: cycles: -1 is not between 0 and 100000000\np.yaml:2: order: unknown order \"x\": ping-pong, round-robin and random are known"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ParsePlan("p.yaml", []byte(tt.text))
			if err == nil {
				t.Fatal("no complaint")
			}
			if diff := cmp.Diff(tt.want, err.Error()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	if _, err := ReadPlan("p.yaml", strings.NewReader(strings.Repeat("#\n", MaxPlan))); err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Errorf("a huge file: %v", err)
	}
}

// A plan that is read is valid, and reads the same when it is written.
func FuzzParsePlan(f *testing.F) {
	f.Add([]byte("cycles: 1\n"))
	f.Add([]byte("name: a\nduration: 1h\nkinds: [{kind: roam, weight: 2}]\ntargets: {ssid: 'a\\xff', bands: [6 GHz]}\n"))
	f.Add([]byte("cycles: &a 1\nseed: *a\ninject: [{fault: stale-bss, every: 0x10}]\nprobe: {ping: gateway}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := ParsePlan("p", data)
		if err != nil {
			return
		}
		text, err := p.YAML()
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParsePlan("p", text)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if diff := cmp.Diff(p, again); diff != "" {
			t.Errorf("(-first +second):\n%s\n%s", diff, text)
		}
	})
}

func TestRangeText(t *testing.T) {
	for text, want := range map[string]Range{
		"2s": {2 * time.Second, 2 * time.Second}, "1s..5s": {time.Second, 5 * time.Second}, "0s..1m": {0, time.Minute}, "500ms .. 1h30m": {500 * time.Millisecond, 90 * time.Minute},
	} {
		got, err := ParseRange(text)
		if err != nil || got != want {
			t.Errorf("ParseRange(%q) = %v, %v, want %v", text, got, err, want)
		}
		again, err := ParseRange(got.String())
		if err != nil || again != got {
			t.Errorf("ParseRange(%q) = %v, %v, want %v", got.String(), again, err, got)
		}
	}
	for _, text := range []string{"", "..", "1s..", "..1s", "2s..1s", "1s..2s..3s", "5"} {
		if r, err := ParseRange(text); err == nil {
			t.Errorf("ParseRange(%q) = %v", text, r)
		}
	}
	for d, want := range map[time.Duration]string{0: "0s", 90 * time.Second: "1m30s", time.Hour: "1h", 10 * time.Minute: "10m", 24*time.Hour + time.Second: "24h0m1s"} {
		if got := Duration(d).String(); got != want {
			t.Errorf("%d: %q, want %q", d, got, want)
		}
	}
}
