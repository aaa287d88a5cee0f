package compare

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"roamfault/roam/runlog"
)

// could is what a run says that it could tell.
func could(classes ...string) RunInfo { return RunInfo{Classes: classes} }

// incidents makes an arm of five loads, of which each cycle named has an incident.
func incidents(name string, info RunInfo, word string, classes ...string) *Arm {
	a := NewArm(name)
	r := a.Run(info)
	for range 5 {
		l := r.Load(LoadInfo{Hours: 1})
		for _, c := range word {
			cycle := Cycle{Outcome: runlog.OK, Origin: runlog.Natural}
			if c == 'i' {
				cycle.Outcome, cycle.Classes = runlog.Incident, classes
				for _, class := range classes {
					l.Incident(class, runlog.Natural)
				}
			}
			l.Cycle(&cycle)
		}
	}
	return a
}

// A class is compared where both arms could tell it, by the same words; what cannot be
// compared makes no arm worse, and it is said what and why.
func TestClassesAreComparedWhereBothCouldTellThem(t *testing.T) {
	for name, c := range map[string]struct {
		a, b   RunInfo
		why    string
		events int // of the new arm, in cycles
		hourly int
		warned string
	}{
		"nobody says":              {RunInfo{}, RunInfo{}, "", 5, 5, ""},
		"old files":                {RunInfo{Unsaid: true}, could("key-rejected:s"), "", 5, 5, "1 of 1 run did not say which"},
		"both could":               {could("key-rejected:s", "data-stall:p"), could("key-rejected:s"), "", 5, 5, "only the old arm could tell it): data-stall"},
		"only the new could":       {could("data-stall:p"), could("data-stall:p", "key-rejected:s"), whyOnlyNew, 0, 0, "only the new arm could tell it): key-rejected"},
		"other logs":               {could("key-rejected:k"), could("key-rejected:ks"), whyNotAlike, 0, 0, "other logs could tell it"},
		"neither could":            {could("data-stall:p"), could("data-stall:p"), whyNeither, 0, 0, "neither arm could tell it): key-rejected"},
		"none at all":              {RunInfo{Classes: []string{}}, RunInfo{Classes: []string{}}, whyNeither, 0, 0, "neither"},
		"by whom is not said":      {could("key-rejected"), could("key-rejected"), "", 5, 5, ""},
		"patterns changed within":  {RunInfo{Changed: []runlog.Key{runlog.KeyPatterns}}, RunInfo{}, whyPatterns, 0, 0, "--boots"},
		"other patterns":           {patternsOf("7"), patternsOf("8"), whyPatterns, 0, 0, "with different patterns, 7 and 8"},
		"of one arm nobody knows":  {patternsOf("7"), RunInfo{}, "", 5, 5, ""},
		"other patterns and words": {both(patternsOf("7"), could("key-rejected:s")), both(patternsOf("8"), could("key-rejected:s")), whyPatterns, 0, 0, "outcomes and outages are compared"},
	} {
		got := mustCompare(t, incidents("old", c.a, "ooooo"), incidents("new", c.b, "ooioo", "key-rejected"), Options{})
		why := "not listed"
		for _, class := range got.Classes {
			if class.Class == "key-rejected" {
				why = class.Why
				if class.Compared != (why == "") {
					t.Errorf("%s: %+v", name, class)
				}
			}
		}
		if why != c.why || got.Overall.B.Events != c.events || got.Overall.Hours.B.Events != c.hourly {
			t.Errorf("%s: %q, %d failed, %d incidents; want %q, %d and %d", name, why, got.Overall.B.Events, got.Overall.Hours.B.Events, c.why, c.events, c.hourly)
		}
		if warned := has(got, WarnClasses, ""); warned != (c.warned != "") || c.warned != "" && !has(got, WarnClasses, c.warned) {
			t.Errorf("%s: %+v", name, got.Warnings)
		}
		// Incidents by the hour, of which none can be compared, are nothing to judge by.
		hourly := mustCompare(t, incidents("old", c.a, "ooooo"), incidents("new", c.b, "ooioo", "key-rejected"), Options{EndPoint: PerHour})
		nothing := c.why == whyPatterns || name == "none at all" || name == "other logs"
		if nothing && (hourly.Verdict != CannotTell || hourly.More != nil || !strings.Contains(hourly.Why, "no incident")) || !nothing && strings.Contains(hourly.Why, "no incident") {
			t.Errorf("%s: by the hour: %s: %s", name, hourly.Verdict, hourly.Why)
		}
	}
}

func patternsOf(version string) RunInfo {
	return RunInfo{Environment: runlog.Environment{{Key: runlog.KeyPatterns, Value: version}}}
}

func both(a, b RunInfo) RunInfo {
	a.Classes = b.Classes
	return a
}

// What went wrong otherwise is compared whatever the patterns, a crash by the hour, too.
func TestOutcomesAreComparedWhateverThePatterns(t *testing.T) {
	c := mustCompare(t, arm("old", patternsOf("7"), repeat("oooooooooo", 5)...), arm("new", patternsOf("8"), repeat("oottooooot", 5)...), Options{})
	if c.Verdict != Regression || c.Overall.B.Events != 15 {
		t.Errorf("%s: %+v", c.Verdict, c.Overall.B)
	}
	a, b := incidents("old", patternsOf("7"), "oo"), incidents("new", patternsOf("8"), "oo")
	b.loads[0].Crash(runlog.Natural, []string{"mcu-timeout"})
	b.loads[0].Incident("mcu-timeout", runlog.Natural)
	if c := mustCompare(t, a, b, Options{}); c.Overall.Hours.B.Events != 1 || c.Overall.B.Events != 1 {
		t.Errorf("%+v", c.Overall)
	}
}

// That an incident opened of which no class is known counts where the arms were read
// alike.
func TestIncidentOfNoClass(t *testing.T) {
	for name, c := range map[string]struct {
		a, b   RunInfo
		events int
	}{
		"nobody says": {RunInfo{}, RunInfo{}, 5},
		"alike":       {could("mcu-timeout:k"), could("mcu-timeout:k"), 5},
		"not alike":   {could("mcu-timeout:k"), could("mcu-timeout:k", "data-stall:p"), 0},
		"patterns":    {patternsOf("1"), patternsOf("2"), 0},
		"one is deaf": {RunInfo{}, RunInfo{Classes: []string{}}, 0},
	} {
		if got := mustCompare(t, incidents("old", c.a, "ooo"), incidents("new", c.b, "oio"), Options{}); got.Overall.B.Events != c.events {
			t.Errorf("%s: %d failed, want %d", name, got.Overall.B.Events, c.events)
		}
	}
}

// Every class that both could tell is a case for continuous integration, also one that
// neither had; people see those that were there. What was not there is no test more to
// adjust for.
func TestQuietClasses(t *testing.T) {
	var classes []string
	for i := range 40 {
		classes = append(classes, fmt.Sprintf("class-%02d:k", i))
	}
	info := could(append(classes, "mcu-timeout:k")...)
	c := mustCompare(t, incidents("old", info, "oooo"), incidents("new", info, "oioo", "mcu-timeout"), Options{})
	if len(c.Classes) != 41 || c.Classes[0].Adjusted != 1 || !c.Classes[0].Compared {
		t.Errorf("%d classes, %+v", len(c.Classes), c.Classes[0])
	}
	last := c.Classes[40]
	if last.Class != "mcu-timeout" || last.Adjusted != last.Test.Loads.P.TwoSided || last.Adjusted > 0.01 {
		t.Errorf("%+v", last)
	}
	var text, junit, ktap bytes.Buffer
	if err := c.WriteText(&text, TextOptions{}); err != nil || strings.Contains(text.String(), "class-07") || !strings.Contains(text.String(), "neither had: 40") {
		t.Errorf("%v\n%s", err, text.String())
	}
	if err := c.WriteJUnit(&junit); err != nil || !strings.Contains(junit.String(), `tests="42" failures="2" errors="0" skipped="0"`) || !strings.Contains(junit.String(), "class-07") {
		t.Errorf("%v\n%.300s", err, junit.String())
	}
	if err := c.WriteKTAP(&ktap); err != nil || !strings.Contains(ktap.String(), "1..42") {
		t.Errorf("%v\n%.300s", err, ktap.String())
	}
}

// What a run could tell is what it could tell from its begin to its end.
func TestWhatARunCouldTell(t *testing.T) {
	env := func(classes ...string) runlog.EnvironmentEntry {
		var e runlog.Environment
		if classes != nil {
			e.SetClasses(classes)
		}
		return runlog.EnvironmentEntry{Environment: e}
	}
	for name, c := range map[string]struct {
		envs []runlog.EnvironmentEntry
		want string
	}{
		"none":              {nil, "[]"},
		"an older version":  {[]runlog.EnvironmentEntry{env()}, "[]"},
		"once":              {[]runlog.EnvironmentEntry{env("a:k", "b:s")}, "[a:k b:s]"},
		"the log was lost":  {[]runlog.EnvironmentEntry{env("a:k", "b:s"), env("b:s")}, "[b:s]"},
		"other words":       {[]runlog.EnvironmentEntry{env("a:ks", "b:s"), env("a:s", "b:s")}, "[b:s]"},
		"newly written":     {[]runlog.EnvironmentEntry{env(), env("b:s")}, "[b:s]"},
		"nothing is common": {[]runlog.EnvironmentEntry{env("a:k"), env("b:s")}, "[]"},
	} {
		run := &runlog.Run{Environments: c.envs}
		info := InfoOf(run, runlog.Stats{})
		if got := fmt.Sprint(info.Classes); got != c.want || info.Unsaid != (name == "none" || name == "an older version") {
			t.Errorf("%s: %s, unsaid %v; want %s", name, got, info.Unsaid, c.want)
		}
	}
}

// A run that is there twice, under whatever name of its directory, gives no verdict.
func TestRunThatIsThereTwice(t *testing.T) {
	once := func(name, id string) *Arm { return arm(name, RunInfo{ID: id}, repeat("ootto", 6)...) }
	double := once("a", "one")
	good := double.Run(RunInfo{ID: "one"})
	for range 6 {
		good.Load(LoadInfo{}).Cycle(&Cycle{Outcome: runlog.OK})
	}
	for name, c := range map[string]struct {
		a, b  *Arm
		twice bool
	}{
		"in both arms": {once("a", "one"), once("b", "one"), true},
		"in one":       {double, once("b", "two"), true},
		"not":          {once("a", "one"), once("b", "two"), false},
		"no name":      {once("a", ""), once("b", ""), false},
	} {
		got := mustCompare(t, c.a, c.b, Options{})
		if twice := strings.Contains(got.Why, "run one is in it twice"); twice != c.twice || twice && (got.Verdict != CannotTell || got.More != nil) {
			t.Errorf("%s: %s: %s", name, got.Verdict, got.Why)
		}
	}
}

// Runs in one boot may share a load, and that is said.
func TestRunsThatShareABoot(t *testing.T) {
	a := NewArm("a")
	for n, boot := range []string{"x", "x", "y", "x", "", ""} {
		r := a.Run(RunInfo{ID: fmt.Sprint(n)})
		for range 2 {
			r.Load(LoadInfo{Boot: boot}).Cycle(&Cycle{Outcome: runlog.OK})
		}
	}
	if c := mustCompare(t, a, NewArm("b"), Options{}); !has(c, WarnClustered, "2 runs went on in the boot of another") {
		t.Errorf("%+v", c.Warnings)
	}
}
