package stress

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"roamfault/journal"
	"roamfault/patterns"
	"roamfault/roam/manager"
	"roamfault/roam/runlog"
)

func everything() words {
	return words{sources: []source{ofKernel, ofSupplicant, ofDaemons, ofStation, ofProbe}, release: version{7, 1}}
}

// by says whose words tell a class, empty for nobody's.
func by(t *testing.T, w words, c *patterns.Catalogue, class patterns.Class) string {
	t.Helper()
	for _, told := range w.classes(c) {
		if name, letters, _ := strings.Cut(told, ":"); name == string(class) {
			return letters
		}
	}
	return ""
}

// Which classes a run can tell depends on whose words it reads, and on the kernel.
func TestClassesThatCanBeTold(t *testing.T) {
	all := everything()
	but := func(s source) words { w := everything(); w.without(s); return w }
	old := everything()
	old.release = version{6, 6}
	debug := everything()
	debug.debug = true
	for name, c := range map[string]struct {
		w     words
		class patterns.Class
		want  string
	}{
		"the kernel's alone":              {all, patterns.KeyRemoveFailed, "k"},
		"the supplicant's too":            {all, patterns.AuthRequestFailed, "ksd"},
		"without a supplicant":            {but(ofSupplicant), patterns.AuthRequestFailed, "kd"},
		"of requests to the kernel":       {all, patterns.MLOGroupKeyLinkID, "sn"},
		"by our own station":              {words{sources: []source{ofKernel, ofStation}}, patterns.MLOGroupKeyLinkID, "n"},
		"by nobody":                       {words{sources: []source{ofKernel}}, patterns.MLOGroupKeyLinkID, ""},
		"a probe's":                       {all, patterns.DataStall, "p"},
		"no probe":                        {but(ofProbe), patterns.DataStall, ""},
		"no log of the kernel":            {but(ofKernel), patterns.MCUTimeout, ""},
		"of several records":              {all, patterns.FirmwareReload, "k"},
		"of several records, without log": {but(ofKernel), patterns.FirmwareReload, ""},
		"a text that came in 6.12":        {all, patterns.BSSFetchFailed, "ksn"},
		"in 6.6":                          {old, patterns.BSSFetchFailed, "k"},
		"by debug messages, perhaps":      {debug, patterns.KeyRemoveFailed, "k+"},
		"by none":                         {debug, patterns.DataStall, "p"},
		"no incident":                     {all, patterns.Authenticated, ""},
		"what only we ourselves say":      {all, patterns.CycleMark, ""},
	} {
		if got := by(t, c.w, patterns.Builtin(), c.class); got != c.want {
			t.Errorf("%s: %s by %q, want %q", name, c.class, got, c.want)
		}
	}
	// Whose words a user's pack is about nobody knows.
	own, err := patterns.ReadPack("own.yaml", strings.NewReader("pack: own\nabout: own\npatterns:\n  - id: lost\n    class: data-stall\n    forms: [{literal: 'nothing passes'}]\n    meaning: m\n    samples: ['nothing passes']\n"))
	if err != nil {
		t.Fatal(err)
	}
	c := patterns.New([]*patterns.Pack{own})
	if got := by(t, all, c, patterns.DataStall); got != "ksdnp" {
		t.Errorf("a pack of our own: %q", got)
	}
	if len(all.classes(c)) < 40 || !slices.Equal(all.classes(c), all.classes(c)) {
		t.Errorf("%d classes: %v", len(all.classes(c)), all.classes(c))
	}
}

// Every shipped pack is of somebody, and what is said of kernels is read only where it
// is plain.
func TestWhoSaysIt(t *testing.T) {
	shipped := packsOf(patterns.Builtin())
	for _, p := range patterns.Builtin().Patterns() {
		if p.Class != patterns.CycleMark && p.Class != "" && len(saidBy(&p, shipped)) == 0 {
			t.Errorf("nobody says %s", p.ID)
		}
	}
	for text, want := range map[string]version{
		"6.12 and later; 6.6 fails the same way without a text": {6, 12}, "7.1 and later": {7, 1},
		"": {}, "up to 4.9": {}, "in 6.18, not in 6.12": {}, "hexadecimal since 5.13, decimal before": {}, "x and later": {}, " and later": {},
	} {
		if got := since(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
	if parseVersion("6.12.95+deb12-amd64") != (version{6, 12}) || parseVersion("evil") != (version{}) || parseVersion("-1.-2") != (version{}) {
		t.Error("releases")
	}
	if (version{}).before(version{9, 9}) || (version{6, 12}).before(version{}) || !(version{6, 6}).before(version{6, 12}) || (version{7, 0}).before(version{6, 12}) {
		t.Error("which is before which")
	}
}

// The version of the patterns is another where a line may be read otherwise, and not
// where they say something else about it.
func TestCatalogueVersion(t *testing.T) {
	read := func(literal, meaning string) string {
		p, err := patterns.ReadPack("own.yaml", strings.NewReader("pack: own\nabout: own\npatterns:\n  - id: lost\n    class: data-stall\n    forms: [{literal: '"+literal+"'}]\n    meaning: "+meaning+"\n    samples: ['"+literal+"']\n"))
		if err != nil {
			t.Fatal(err)
		}
		v, err := catalogueVersion(patterns.New([]*patterns.Pack{p}))
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	base, err := catalogueVersion(patterns.Builtin())
	if err != nil || len(base) != 16 {
		t.Fatalf("%q, %v", base, err)
	}
	if a, b := read("nothing passes", "m"), read("nothing passes", "other"); a != b || a == base {
		t.Errorf("%s, %s and %s", a, b, base)
	}
	if a, b := read("nothing passes", "m"), read("nothing at all", "m"); a == b {
		t.Error("another wording is another version")
	}
}

// Whose words are read is told by the way that is taken, the log and the plan.
func TestWordsOfARun(t *testing.T) {
	unit := manager.Management{Supplicants: []manager.Supplicant{{Unit: "wpa_supplicant.service"}}}
	probed := runlog.Plan{Probe: runlog.ProbePlan{Ping: "gateway"}}
	for name, c := range map[string]struct {
		scene Scene
		only  bool
		want  string
	}{
		"control socket":                  {Scene{Via: manager.ViaControl}, false, "kernel, supplicant, daemons"},
		"control socket, kernel log":      {Scene{Via: manager.ViaControl}, true, "kernel, supplicant"},
		"D-Bus, a service":                {Scene{Via: manager.ViaDBus, management: unit}, false, "kernel, supplicant, daemons"},
		"D-Bus, who knows where it logs":  {Scene{Via: manager.ViaDBus}, false, "kernel, daemons"},
		"D-Bus, a service, kernel log":    {Scene{Via: manager.ViaDBus, management: unit}, true, "kernel"},
		"nl80211, with a probe":           {Scene{Via: manager.ViaNL80211, Plan: probed}, false, "kernel, daemons, station, probe"},
		"nl80211, the supplicant is gone": {Scene{Via: manager.ViaNL80211, management: unit}, false, "kernel, daemons, station"},
	} {
		d := &drive{scene: &c.scene, o: &Options{}, system: &System{KernelOnly: c.only}}
		w := d.words(runlog.Environment{{Key: runlog.KeyKernel, Value: "6.12.9"}})
		if got := w.String(); got != c.want || w.release != (version{6, 12}) {
			t.Errorf("%s: %q, %v", name, got, w.release)
		}
	}
}

// What is told is in the environment, and is read there again.
func TestTell(t *testing.T) {
	env := runlog.Environment{{Key: runlog.KeyKernel, Value: "7.1"}}
	w := everything()
	if err := w.tell(&env, patterns.Builtin()); err != nil {
		t.Fatal(err)
	}
	if hash, _ := env.Get(runlog.KeyPatterns); len(hash) != 16 {
		t.Errorf("%q", hash)
	}
	if sources, _ := env.Get(runlog.KeySources); sources != "kernel, supplicant, daemons, station, probe" {
		t.Errorf("%q", sources)
	}
	if got := env.Classes(); !slices.Equal(got, w.classes(patterns.Builtin())) {
		t.Errorf("%v", got)
	}
}

// spoken is a log that says these records and then fails.
type spoken struct{ records []journal.Record }

func (s spoken) Read(_ context.Context, yield func(*journal.Record) error) (journal.Stats, error) {
	for i := range s.records {
		if err := yield(&s.records[i]); err != nil {
			return journal.Stats{}, err
		}
	}
	return journal.Stats{}, errors.New("it broke")
}

// A log that has not even our own marks is not the kernel's; one that could not be
// read has nobody's words.
func TestEars(t *testing.T) {
	kernel := journal.Record{Identifier: "kernel", Transport: journal.TransportKernel}
	mark := journal.Record{Identifier: "roamfault", Transport: journal.TransportKernel, Message: "cycle 1 begin"}
	daemon := journal.Record{Identifier: "NetworkManager", Transport: journal.TransportSyslog}
	for name, c := range map[string]struct {
		log    []journal.Record
		marked time.Duration
		failed bool
		want   string
	}{
		"all is there":           {[]journal.Record{kernel, daemon}, time.Second, false, "kernel, supplicant, daemons"},
		"a mark came back":       {[]journal.Record{mark}, time.Second, false, "kernel, supplicant, daemons"},
		"no mark was written":    {nil, 0, false, "kernel, supplicant, daemons"},
		"it is too early":        {nil, 55 * time.Second, false, "kernel, supplicant, daemons"},
		"no mark came back":      {[]journal.Record{daemon}, time.Second, false, "supplicant, daemons"},
		"the log cannot be read": {nil, 0, true, ""},
		"it failed at the end":   {[]journal.Record{kernel}, 0, true, "kernel, supplicant, daemons"},
	} {
		var e ears
		e.marked.Store(int64(c.marked))
		e.failed.Store(c.failed)
		n := 0
		_, err := e.attend(spoken{c.log}).Read(t.Context(), func(*journal.Record) error { n++; return nil })
		if err == nil || n != len(c.log) {
			t.Errorf("%s: %d records, %v", name, n, err)
		}
		w := words{sources: []source{ofKernel, ofSupplicant, ofDaemons}, logged: true}
		if got := e.deaf(w, time.Minute); got.String() != c.want {
			t.Errorf("%s: %q, want %q", name, got.String(), c.want)
		}
		if w.String() != "kernel, supplicant, daemons" {
			t.Errorf("%s: changed what was", name)
		}
	}
}
