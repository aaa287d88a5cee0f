package watch

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roamfault/journal"
	"roamfault/patterns"
	"roamfault/reports/spool"
)

// What drives the cards is noted at the begin and when the patterns are read
// anew; that it cannot be found out stops nothing.
func TestLoadedDriversAreNoted(t *testing.T) {
	dir := t.TempDir()
	s := openSpool(t, dir, spool.Limits{})
	versions := []string{"AAAA", "", "BBBB"}
	var heard words
	opt := options(s, late())
	opt.Open, opt.Once, opt.Say = opens([]journal.Record{}), true, heard.say
	opt.Loaded = func() (spool.BootNote, error) {
		v := versions[0]
		versions = versions[1:]
		if v == "" {
			return spool.BootNote{}, errors.New("the system did not answer")
		}
		return spool.BootNote{Kernel: "6.18.2", Modules: []spool.Module{{Name: "mt7925e", Driver: true, SrcVersion: v}}}, nil
	}
	for range 3 {
		if _, err := Run(t.Context(), opt); err != nil {
			t.Fatal(err)
		}
	}
	_, boot := opt.Clock.Now()
	want := []spool.BootNote{{Boot: boot, Kernel: "6.18.2", Modules: []spool.Module{
		{Name: "mt7925e", Driver: true, SrcVersion: "AAAA"}, {Name: "mt7925e", Driver: true, SrcVersion: "BBBB"},
	}}}
	got, err := spool.ReadBoots(dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !heard.has("the system did not answer") {
		t.Errorf("said %q", heard.list)
	}
}

func TestLoadedDriversAreNotedOnReload(t *testing.T) {
	noted := make(chan struct{}, 2)
	opt := options(openSpool(t, t.TempDir(), spool.Limits{}), late())
	opt.Open, opt.Once = opens(nil), false
	reloads := make(chan struct{})
	opt.Reloads, opt.Reload = reloads, func() (*patterns.Catalogue, error) { return patterns.Builtin(), nil }
	opt.Loaded = func() (spool.BootNote, error) {
		noted <- struct{}{}
		return spool.BootNote{}, nil
	}
	run := start(t, opt)
	<-noted
	reloads <- struct{}{}
	<-noted
	run.stop()
}
