package machine

import (
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const someSites = `# filename:lineno [module]function flags format
init/main.c:1179 [main]initcall_blacklist =p "blacklisting initcall %s\n"
net/wireless/reg.c:2200 [cfg80211]reg_process_hint =_ "Calling CRDA for country: %c%c\n"
net/wireless/reg.c:2300 [cfg80211]reg_set_rd =_ "x\n"
net/mac80211/mlme.c:100 [mac80211]ieee80211_x =pmf "somebody's\n"
net/mac80211/mlme.c:101 [mac80211]ieee80211_y =_ "other\n"
drivers/net/wireless/mediatek/mt76/mt7925/mac.c:9 [mt7925e]mt7925_x =_ "y\n"
net/core/dev.c:9 [dev]netdev_x =_ "z\n"
broken
also [broken =
`

// tracing makes a tree with tracefs and dynamic debug.
func (x *fixture) tracing() {
	for _, name := range []string{"events/cfg80211/enable", "events/mac80211/enable", "events/mac80211_msg/enable", "instances/others/trace"} {
		x.put(path.Join("sys/kernel/tracing", name), "0")
	}
	x.put(debugSites, someSites)
	x.kernel = func(name, value string) error {
		if strings.Contains(name, "instances/roamfault/") || name == debugSites { // files that hold nothing of it
			x.wrote = append(x.wrote, name+"="+value)
			return nil
		}
		return x.kernelWrites(name, value)
	}
}

// Tracing is set up in a buffer of its own; undoing it leaves nothing behind, and
// those messages on that were before.
func TestTrace(t *testing.T) {
	x := newFixture(t)
	x.tracing()
	l, _ := x.log()
	x.wrote = nil
	trace, err := x.Trace(t.Context(), l, x.card)
	if err != nil {
		t.Fatal(err)
	}
	if len(trace.Missing) != 0 {
		t.Errorf("missing %q", trace.Missing)
	}
	instance := "sys/kernel/tracing/instances/roamfault"
	for _, want := range []string{
		instance + "/trace_clock=mono", instance + "/events/cfg80211/enable=1", instance + "/events/mac80211/enable=1",
		instance + "/events/mac80211/wake_queue/enable=0", debugSites + "=module cfg80211 +p", debugSites + "=module mt7925e +p", debugSites + "=module mac80211 +p",
	} {
		if !slices.Contains(x.wrote, want) {
			t.Errorf("%q was not written; %q", want, x.wrote)
		}
	}
	x.put(instance+"/trace", "wlan0 1.000000: drv_start\n")
	var saved strings.Builder
	if err := trace.Save(&saved); err != nil || !strings.Contains(saved.String(), "drv_start") {
		t.Errorf("saved %q, error %v", saved.String(), err)
	}
	if err := os.Remove(filepath.Join(x.dir, instance, "trace")); err != nil { // as tracefs does with the instance
		t.Fatal(err)
	}
	x.wrote = nil
	for range 2 {
		if err := l.Undo(t.Context(), x.Undoers()); err != nil {
			t.Fatal(err)
		}
	}
	if x.has(instance) || !slices.Contains(x.wrote, debugSites+"=module cfg80211 -p") ||
		!slices.Contains(x.wrote, debugSites+"=module mac80211 -p; module mac80211 file net/mac80211/mlme.c line 100 +p") || len(l.Pending()) != 0 {
		t.Errorf("not undone: %q, pending %v", x.wrote, l.Pending())
	}
	if !x.has("sys/kernel/tracing/instances/others") {
		t.Error("another's instance is gone")
	}
}

// What is not there is said, and is no error; an instance that is not ours is one.
func TestTraceMissing(t *testing.T) {
	x := newFixture(t)
	l, _ := x.log()
	trace, err := x.Trace(t.Context(), l, x.card)
	if err != nil || len(trace.Missing) != 2 || trace.Points() {
		t.Errorf("missing %q, error %v", trace.Missing, err)
	}
	if err := trace.Save(&strings.Builder{}); err == nil {
		t.Error("saved what is not traced")
	}
	x.tracing()
	x.put("sys/kernel/tracing/instances/roamfault/trace", "")
	if _, err := x.Trace(t.Context(), l, x.card); err == nil || !strings.Contains(err.Error(), "there already") {
		t.Errorf("error %v", err)
	}
	if len(l.Pending()) != 0 {
		t.Errorf("pending %v", l.Pending())
	}
}

func TestUndoMessagesName(t *testing.T) {
	x := newFixture(t)
	x.tracing()
	for _, c := range []Change{
		{Args: map[string]string{"module": "a +p; module b"}},
		{Args: map[string]string{"module": "a"}, Before: "x.c:1;module"},
		{Args: map[string]string{"module": "a"}, Before: strings.Repeat("x.c:1 ", 1000)},
	} {
		if err := x.undoMessages(t.Context(), c); err == nil {
			t.Errorf("%+v was taken", c)
		}
	}
}

func FuzzSites(f *testing.F) {
	f.Add(someSites)
	f.Fuzz(func(t *testing.T, text string) {
		sites, err := parseSites(strings.NewReader(text), func(string) bool { return true })
		if err != nil {
			return
		}
		for _, s := range sites {
			if len(s.printed) > strings.Count(text, s.module) || !moduleName.MatchString(s.module) {
				t.Errorf("%+v", s)
			}
		}
	})
}
