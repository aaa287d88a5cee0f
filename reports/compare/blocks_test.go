package compare

import (
	"math"
	"strings"
	"testing"
	"time"

	"roamfault/roam/runlog"
)

// Blocks are those of loads that took turns, and none else.
func TestBlockEnds(t *testing.T) {
	for order, want := range map[string]string{
		"ABBA BAAB":            "ABBA BAAB",
		"ABBA BAAB AB":         "ABBA BAAB AB",
		"ABAB ABAB BA":         "ABAB ABAB BA",
		"AABB BBAA AABB":       "AABB BBAA AABB",
		"AAAABBBB BBBBAAAA":    "AAAABBBB BBBBAAAA",
		"AAAABBBB BBBBAAA":     "AAAABBBB BBBBAAA", // the last run ended early
		"ABBA ABBA A":          "ABBA ABBAA",       // a crash made one load more
		"AABB AABB A":          "AABB AABBA",
		"ABBA BAAB ABBA BAAB":  "ABBA BAAB ABBA BAAB",
		"":                     "",
		"A":                    "",
		"AB":                   "",
		"ABBA":                 "", // one block is no turns
		"AAAABBBB":             "",
		"AAAAAABBBBBB":         "",
		"AAAAAAAABBBBBBBBABBA": "", // most of it is one after the other
		"AABAABAAB":            "", // not balanced
		"ABBAABBAAAAAAA":       "",
		"AAAAAA":               "",
		"BBBBABBBB":            "",
	} {
		var b []bool
		for _, c := range strings.ReplaceAll(order, " ", "") {
			b = append(b, c == 'B')
		}
		var blocks []string
		from, plain := 0, strings.ReplaceAll(order, " ", "")
		for _, end := range blockEnds(b) {
			blocks = append(blocks, plain[from:end])
			from = end
		}
		if got := strings.Join(blocks, " "); got != want {
			t.Errorf("%q: %q, want %q", order, got, want)
		}
	}
}

// began makes two arms of loads that began in an order, an hour apart.
func began(order string, word func(arm byte, n int) string) (a, b *Arm) {
	a, b = NewArm("a"), NewArm("b")
	ra, rb := a.Run(RunInfo{ID: "a"}), b.Run(RunInfo{ID: "b"})
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for n, which := range []byte(order) {
		r := ra
		if which == 'B' {
			r = rb
		}
		l := r.Load(LoadInfo{Number: n, Began: at.Add(time.Duration(n) * time.Hour), Hours: 0.5})
		for _, c := range word(which, n) {
			o := runlog.OK
			if c == 't' {
				o = runlog.Timeout
			}
			l.Cycle(&Cycle{Outcome: o, Origin: runlog.Natural})
		}
	}
	return a, b
}

// The blocks come from when loads began, not from the order in which runs are named;
// a load of which that is not known, or no turns, and all are dealt among all.
func TestLoadsThatTookTurnsAreDealtInBlocks(t *testing.T) {
	word := func(arm byte, n int) string {
		if arm == 'B' {
			return "otot"
		}
		return strings.Repeat("o", 4-n%2) + strings.Repeat("t", n%2)
	}
	const turns = "ABBABAABABBA"
	a, b := began(turns, word)
	c := mustCompare(t, a, b, Options{})
	if l := c.Overall.Loads; !l.Blocks || l.Ways != 6*6*6 || !l.Exact || !c.Overall.FirstFault.Blocks || !c.Overall.Hours.Loads.Blocks {
		t.Errorf("%+v", c.Overall.Loads)
	}
	var text strings.Builder
	if err := c.WriteText(&text, TextOptions{}); err != nil || !strings.Contains(text.String(), "took turns") || !strings.Contains(text.String(), "by loads, in blocks") {
		t.Errorf("%v: %s", err, text.String())
	}
	a.loads[3].info.Began = time.Time{}
	if l := mustCompare(t, a, b, Options{}).Overall.Loads; l.Blocks {
		t.Errorf("a load without a time: %+v", l)
	}
	a, b = began("AAAAAABBBBBB", word)
	if l := mustCompare(t, a, b, Options{}).Overall.Loads; l.Blocks {
		t.Errorf("no turns: %+v", l)
	}
	// Too few blocks for anything to be rare.
	a, b = began("ABBABAAB", word)
	if l := mustCompare(t, a, b, Options{}).Overall.Loads; l.Blocks {
		t.Errorf("36 ways: %+v", l)
	}
	// A load of which no cycle counts does not break the turns.
	a, b = began(turns, word)
	b.Run(RunInfo{ID: "none"}).Load(LoadInfo{Began: time.Date(2026, 3, 1, 0, 30, 0, 0, time.UTC)}).Cycle(&Cycle{Outcome: runlog.Skipped})
	if l := mustCompare(t, a, b, Options{}).Overall.Loads; !l.Blocks {
		t.Errorf("with a load that has no cycle: %+v", l)
	}
}

// What the caller says of blocks goes before what the clock says.
func TestPlannedBlocksHold(t *testing.T) {
	a, b := began("AAAAAABBBBBB", func(arm byte, n int) string { return "oto" })
	for i := range a.loads {
		a.loads[i].info.Block, b.loads[i].info.Block = i+1, i+1
	}
	if l := mustCompare(t, a, b, Options{}).Overall.Loads; !l.Blocks {
		t.Errorf("%+v", l)
	}
}

// An access point that drifts, and loads that took turns by the clock: a change is
// said no more often than alpha allows, and is found more often than without blocks.
func TestTurnsFindMoreUnderDrift(t *testing.T) {
	// Each load is as bad as the time it ran at: by the end most cycles fail.
	drifting := simulated{before: 0.05, loads: 8, cycles: 40, drift: 0.05, order: "ABBABAAB"}
	const some = runs / 5
	none := drifting
	none.now, none.timed = none.before, true
	got := none.share(t, some, 21)
	if alarms := got[Regression] + got[Improvement]; alarms > 0.05+error4(0.05)*math.Sqrt(runs/some) {
		t.Errorf("false alarms: %.4f", alarms)
	}
	worse := drifting
	worse.now = worse.before + 0.1
	without := worse.share(t, some, 22)[Regression]
	worse.timed = true
	with := worse.share(t, some, 22)[Regression]
	t.Logf("found: %.3f by turns, %.3f without; false alarms %.4f", with, without, got[Regression]+got[Improvement])
	if with < without+0.2 {
		t.Errorf("found: %.3f by turns, %.3f without", with, without)
	}
}
