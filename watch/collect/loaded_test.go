package collect

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roamfault/reports/spool"
)

func TestLoaded(t *testing.T) {
	root := machine(t)
	c := collector(root)
	if got, err := c.Loaded(); err != nil || got.Kernel != "6.18.2-test" || len(got.Modules) != 0 {
		t.Errorf("without radios: %+v, %v", got, err)
	}
	for link, to := range map[string]string{
		"sys/class/ieee80211/phy0/device": "../../../devices/pci/0000:05:00.0",
		"sys/class/ieee80211/phy1/device": "../../../devices/pci/0000:05:00.0", // a second radio of the same card
		"sys/drivers/mt7925e/module":      "../../module/mt7925e",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(root, link)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(to, filepath.Join(root, link)); err != nil {
			t.Fatal(err)
		}
	}
	got, err := c.Loaded()
	if err != nil {
		t.Fatal(err)
	}
	want := spool.BootNote{Kernel: "6.18.2-test", Modules: []spool.Module{
		{Name: "mt7925e", Driver: true, SrcVersion: "AAAA"},
		{Name: "mt7925_common", SrcVersion: "BBBB"},
		{Name: "mt76", Version: `1.0<U+202E>\x1b`},
		{Name: "cfg80211", SrcVersion: "CCCC"},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// A driver whose module has another name.
	if err := os.Remove(filepath.Join(root, "sys/drivers/mt7925e/module")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("../../module/mt7921e", filepath.Join(root, "sys/drivers/mt7925e/module")); err != nil {
		t.Fatal(err)
	}
	if got, err := c.Loaded(); err != nil || got.Modules[0].Name != "mt7921e" || !got.Modules[0].Driver {
		t.Errorf("%+v, %v", got, err)
	}
}

// A system that hangs holds nobody.
func TestLoadedHangs(t *testing.T) {
	c := collector(machine(t))
	c.Limit = time.Second
	if !c.begin() {
		t.Fatal("something hangs")
	}
	if _, err := c.Loaded(); err == nil || !strings.Contains(err.Error(), "has not answered") {
		t.Errorf("%v", err)
	}
	c.end()
	if _, err := c.Loaded(); err != nil {
		t.Error(err)
	}
}
