package screen

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"roamfault/nl80211/dot11"
	"roamfault/roam"
	"roamfault/roam/runlog"
)

func snapshot(seconds float64, cycle int) roam.Snapshot {
	return roam.Snapshot{
		At: runlog.Moment{Boot: time.Duration(seconds * float64(time.Second))}, Cycle: cycle, Of: 200, Kind: runlog.Roam, Doing: "stay",
		Totals: roam.Totals{Cycles: cycle, Outcomes: map[runlog.Outcome]int{runlog.OK: cycle}, Classes: map[string]int{}, Loads: 1},
	}
}

func failed(cycle int) *runlog.Cycle {
	ap := &runlog.AP{MLD: dot11.Addr{2, 0, 0, 0, 2, 0xff}}
	return &runlog.Cycle{
		Number: cycle, Kind: runlog.Roam, To: ap, At: ap, Outcome: runlog.Rejected, Detail: "denied \x1b[31m(status 37)", Incidents: []string{"auth-rejected"},
		Stages: []runlog.StageTime{{Stage: runlog.StageAuth, Begin: time.Millisecond, End: 11 * time.Millisecond}}, Took: 40 * time.Millisecond, Outage: 30 * time.Millisecond,
	}
}

// A terminal gets one line that is written over, and a line for each failure.
func TestLiveLine(t *testing.T) {
	var b bytes.Buffer
	l := NewLine(&b, 60)
	l.Show(snapshot(100, 1))
	l.Show(snapshot(100.1, 1)) // too soon
	s := snapshot(101, 2)
	s.Last = failed(2)
	l.Show(s)
	l.Say("a word of %s", "\x1b]0;title\x07")
	l.End()
	const erase = "\r\x1b[K"
	want := erase + "cycle 1/200 stay | ok 1 | no incidents" +
		erase + `cycle 2 roam to 02:00:00:00:02:ff: rejected, denied \x1b[31m(status 37) [auth-rejected]` + "\n" +
		erase + "cycle 2/200 stay | ok 2 | no incidents | 120.0 cycles/min,…" +
		erase + `a word of \x1b]0;title\x07` + "\n"
	if got := b.String(); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// Anything else gets a line a minute, and those of failures.
func TestNarrowLine(t *testing.T) {
	var b bytes.Buffer
	NewLine(&b, 1).Show(snapshot(100, 1))
	if got := b.String(); got != "\r\x1b[K…" {
		t.Errorf("got %q", got)
	}
}

func TestPlainLines(t *testing.T) {
	var b bytes.Buffer
	l := NewLine(&b, 0)
	for second := range 130 {
		l.Show(snapshot(100+float64(second), second+1))
	}
	l.End()
	if got := strings.Count(b.String(), "\n"); got != 3 || strings.Contains(b.String(), "\x1b") {
		t.Errorf("%d lines:\n%q", got, b.String())
	}
}

func TestPage(t *testing.T) {
	p := NewPage("wlan0 via ctrl")
	p.Width, p.Height = 70, 24
	p.Take(snapshot(100, 1))
	s := snapshot(160, 2)
	s.Last = failed(2)
	s.Totals.Incidents, s.Totals.Classes["auth-rejected"] = 1, 1
	p.Take(s)
	for i := range 200 {
		p.Log(fmt.Sprintf("line %d \x1b[2J", i))
	}
	got := p.String()
	lines := strings.Split(got, "\n")
	if len(lines) != p.Height {
		t.Errorf("%d lines, want %d", len(lines), p.Height)
	}
	for _, line := range lines {
		if n := len([]rune(line)); n > p.Width {
			t.Errorf("%d characters: %q", n, line)
		}
	}
	for _, want := range []string{"cycle 2 of 200", "ok 2", "1 incident (auth-rejected 1)", "2.0 cycles/min", "auth          10.0 ms", "took          40.0 ms", "cycle 2 roam to 02:00:00:00:02:ff: rejected", `line 199 \x1b[2J`} {
		if !strings.Contains(got, want) {
			t.Errorf("not on the page: %q\n%s", want, got)
		}
	}
	if len(p.log) > kept {
		t.Errorf("%d lines are kept", len(p.log))
	}
	// However small a terminal is, it is filled and no more.
	for _, size := range [][2]int{{1, 1}, {10, 2}, {40, 12}, {200, 60}} {
		p.Width, p.Height = size[0], size[1]
		if n := strings.Count(p.String(), "\n") + 1; n > max(p.Height, 2) {
			t.Errorf("%v: %d lines", size, n)
		}
	}
}

func TestRecent(t *testing.T) {
	r := &recent{}
	for i := range 3 * recentKept {
		r.add(time.Duration(i + 1))
	}
	if got := r.percentile(50); got != 2*recentKept+recentKept/2 {
		t.Errorf("median %d", got)
	}
	if got := r.percentile(100); got != 3*recentKept {
		t.Errorf("greatest %d", got)
	}
}

// A page that nobody takes anything from is ended, and the run with it.
func TestFull(t *testing.T) {
	var in, out bytes.Buffer
	f := NewFull(&in, &out, "test")
	ctx, cancel := f.Attach(t.Context())
	defer cancel()
	f.Show(snapshot(1, 1))
	f.Say("word")
	f.End()
	<-ctx.Done()
}
