package newkernel

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"roamfault/roam/runlog"
)

// on is what a kernel's boot is told by.
func on(kernel string, more ...string) runlog.Environment {
	env := runlog.Environment{
		{Key: runlog.KeyKernel, Value: kernel}, {Key: runlog.KeyKernelVersion, Value: "#1 SMP " + kernel},
		{Key: runlog.KeyDriver, Value: "mt7925e"}, {Key: runlog.KeyModuleVersion, Value: "SRC" + kernel}, {Key: runlog.KeyFirmware, Value: "20250721"},
		{Key: runlog.KeyModulePath, Value: "/lib/modules/" + kernel}, {Key: runlog.KeyTaint, Value: "O"},
	}
	for _, setting := range more {
		key, value, _ := strings.Cut(setting, "=")
		env.Set(runlog.Key(key), value)
	}
	return env
}

// boots are those of a machine with a watch.
type boots struct {
	state  State
	number int
	marked map[string]bool
	known  []runlog.Environment
}

func newBoots() *boots {
	return &boots{state: State{Version: 1, Watch: Watch{Machine: "m", Device: "14c3:7925", Driver: "mt7925e"}}, marked: map[string]bool{}, known: []runlog.Environment{on("6.18.2")}}
}

// boot is a boot of what is made so, in which nothing of a former one is alive.
func (b *boots) boot(made runlog.Environment) Present {
	b.number++
	kernel, _ := made.Get(runlog.KeyKernel)
	return Present{
		Machine: "m", Boot: fmt.Sprint("boot ", b.number), Made: Of(made), Card: true, Known: b.known, Marked: b.marked[kernel],
		Alive: func(int) bool { return false },
	}
}

// A watch over boots: each is what is booted, what becomes of the check that
// begins or goes on there, and what has to be decided.
func TestBoots(t *testing.T) {
	const (
		ends  = "ends"  // the check has its verdict
		cut   = "cut"   // the machine goes down in it, or is shut down
		cant  = "cant"  // it could not drive
		never = "never" // none begins
	)
	type boot struct {
		kernel  string
		becomes string
		want    string // the actions, and what the last one says
	}
	for name, tt := range map[string][]boot{
		"the baseline's kernel":   {{"6.18.2", never, "nothing: the baseline was made"}},
		"a new kernel, once":      {{"6.18.2", never, "nothing:"}, {"6.19.0", ends, "begin: kernel 6.19.0, before 6.18.2"}, {"6.19.0", never, "nothing: what is booted was checked"}},
		"back to the old one":     {{"6.19.0", ends, "begin:"}, {"6.18.2", never, "nothing: the baseline was made"}, {"6.19.0", never, "nothing: what is booted was checked"}},
		"an update of the update": {{"6.19.0", ends, "begin:"}, {"6.19.1", ends, "begin: kernel 6.19.1, before 6.19.0"}, {"6.19.0", never, "nothing:"}},
		"it goes down once":       {{"6.19.0", cut, "begin:"}, {"6.19.0", ends, "go on:"}, {"6.19.0", never, "nothing: what is booted was checked"}},
		"it goes down twice":      {{"6.19.0", cut, "begin:"}, {"6.19.0", cut, "go on:"}, {"6.19.0", never, "conclude, nothing: what is booted was checked"}, {"6.19.0", never, "nothing:"}},
		"it goes down, and the old one is booted": {
			{"6.19.0", cut, "begin:"}, {"6.18.2", never, "conclude, nothing: the baseline was made"}, {"6.19.0", never, "nothing: what is booted was checked"},
		},
		"it goes down, and a third one is booted": {{"6.19.0", cut, "begin:"}, {"6.19.1", ends, "conclude, begin: kernel 6.19.1, before 6.19.0"}, {"6.19.1", never, "nothing:"}},
		"it cannot drive":                         {{"6.19.0", cant, "begin:"}, {"6.19.0", cant, "begin:"}, {"6.19.0", cant, "begin:"}, {"6.19.0", ends, "begin:"}, {"6.19.0", never, "nothing:"}},
		"it goes down, then cannot drive":         {{"6.19.0", cut, "begin:"}, {"6.19.0", cant, "go on:"}, {"6.19.0", cut, "go on:"}, {"6.19.0", never, "conclude, nothing:"}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBoots()
			for n, x := range tt {
				now := b.boot(on(x.kernel))
				id := fmt.Sprint("run ", n)
				step := b.state.Next(now)
				did := string(step.Do)
				if step.Do == Conclude {
					b.state.Pending().Verdict = "regression"
					step = b.state.Next(now)
					did += ", " + string(step.Do)
				}
				if did += ": " + step.Why; !strings.HasPrefix(did, x.want) {
					t.Fatalf("boot %d of %s: %q, want %q", n, x.kernel, did, x.want)
				}
				if drives := step.Do == Begin || step.Do == GoOn; drives != (x.becomes != never) {
					t.Fatalf("boot %d: %s, and a check %s", n, step.Do, x.becomes)
				} else if !drives {
					continue
				}
				b.state.Take(step, now, id, 77, time.Unix(int64(n), 0))
				switch x.becomes {
				case ends:
					b.state.Pending().Verdict = "no change"
				case cant:
					b.state.Drop(id, "on battery", time.Unix(int64(n), 0))
					if b.state.PutOff == nil {
						t.Error("nobody is told why")
					}
				}
				if x.becomes != cant && b.state.PutOff != nil {
					t.Error("it is still said to be put off")
				}
			}
		})
	}
}

// What else tells of something new, and what stands against a check.
func TestNext(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(b *boots, now *Present)
		want   string
	}{
		"nothing":                      {func(*boots, *Present) {}, "nothing: the baseline was made"},
		"installed again":              {func(_ *boots, now *Present) { now.Marked = true }, "begin: kernel 6.18.2 was installed since"},
		"another build":                {func(_ *boots, now *Present) { now.Made = on("6.18.2", "kernel-version=#2 SMP") }, "begin: kernel-version #2 SMP, before #1 SMP 6.18.2"},
		"another driver":               {func(_ *boots, now *Present) { now.Made = on("6.18.2", "module-srcversion=F00") }, "begin: module-srcversion F00, before SRC6.18.2"},
		"another firmware":             {func(_ *boots, now *Present) { now.Made = on("6.18.2", "firmware=20260101") }, "begin: firmware 20260101, before 20250721"},
		"a firmware that says nothing": {func(_ *boots, now *Present) { now.Made = on("6.18.2", "firmware=") }, "nothing: the baseline was made"},
		"a firmware that is not told":  {func(_ *boots, now *Present) { now.Made = Of(on("6.18.2", "firmware=N/A")) }, "nothing: the baseline was made"},
		"a module nobody knew":         {func(_ *boots, now *Present) { now.Made = on("6.18.2", "module-mac80211=F00") }, "nothing: the baseline was made"},
		"other options and taints": {func(_ *boots, now *Present) {
			now.Made = on("6.18.2", "module-options=x=1", "taint=P", "module-path=/x")
		}, "nothing: the baseline was made"},
		"no kernel is known":            {func(_ *boots, now *Present) { now.Made = nil }, "begin: kernel unknown, before 6.18.2"},
		"a baseline of several kernels": {func(b *boots, now *Present) { now.Known = append(now.Known, on("6.19.0")); now.Made = on("6.18.2") }, "nothing: the baseline was made"},
		"switched off":                  {func(_ *boots, now *Present) { now.Made, now.Off = on("7.0"), true }, "nothing: roamfault.nobaseline is on"},
		"another machine":               {func(_ *boots, now *Present) { now.Made, now.Machine = on("7.0"), "x" }, "nothing: the watch was turned on on another machine"},
		"no baseline":                   {func(_ *boots, now *Present) { now.Made, now.Known = on("7.0"), nil }, "nothing: no baseline is set"},
		"another card":                  {func(_ *boots, now *Present) { now.Made, now.Card = on("7.0"), false }, "nothing: no card of the baseline is there (14c3:7925 with mt7925e)"},
		"under way": {func(b *boots, now *Present) {
			now.Made = on("7.0")
			b.state.Take(Step{Begin, ""}, *now, "r", 42, time.Time{})
			now.Alive = func(pid int) bool { return pid == 42 }
		}, "nothing: a check is under way in process 42"},
		"killed in this boot": {func(b *boots, now *Present) {
			now.Made = on("7.0")
			b.state.Take(Step{Begin, ""}, *now, "r", 42, time.Time{})
		}, "go on: it was cut off"},
		"cut off, and the switch is on": {func(b *boots, now *Present) {
			b.state.Take(Step{Begin, ""}, *now, "r", 42, time.Time{})
			now.Boot, now.Off = "later", true
		}, "nothing: roamfault.nobaseline is on"},
		"checked, and installed again": {func(b *boots, now *Present) {
			now.Made = on("7.0")
			b.state.Take(Step{Begin, ""}, *now, "r", 42, time.Time{}).Verdict = "regression"
			now.Marked = true
		}, "begin: kernel 7.0 was installed since"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBoots()
			now := b.boot(on("6.18.2"))
			tt.change(b, &now)
			if step := b.state.Next(now); !strings.HasPrefix(string(step.Do)+": "+step.Why, tt.want) {
				t.Errorf("%s: %s, want %s", step.Do, step.Why, tt.want)
			}
		})
	}
}

// Only the latest checks are kept, and the ones that are kept are whole.
func TestTakeForgets(t *testing.T) {
	b := newBoots()
	for n := range mostChecks + 5 {
		now := b.boot(on(fmt.Sprint("7.", n)))
		c := b.state.Take(b.state.Next(now), now, fmt.Sprint(n), 1, time.Time{})
		if c.Kernel() != fmt.Sprint("7.", n) || c != b.state.Pending() {
			t.Fatalf("check %d is of %s", n, c.Kernel())
		}
		c.Verdict = "no change"
	}
	if n := len(b.state.Checks); n != mostChecks || b.state.Checks[0].Kernel() != "7.5" {
		t.Errorf("%d checks, the first of %s", n, b.state.Checks[0].Kernel())
	}
}
