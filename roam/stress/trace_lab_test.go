package stress

import (
	"bytes"
	"io"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roamfault/roam"
	"roamfault/roam/ctrl"
	"roamfault/roam/lab/ap"
	"roamfault/roam/lab/labtest"
	"roamfault/roam/manager"
	"roamfault/roam/runlog"
)

// A run that traces keeps what led to an incident, and leaves nothing switched on.
func TestTraceInLab(t *testing.T) {
	l := labtest.Start(t, needs(manager.ViaControl))
	d := prepare(t, l, manager.ViaControl, runlog.Plan{Cycles: 3})
	client, err := ctrl.Dial(t.Context(), l.Stations[0].Control(), ctrl.Config{Interface: l.Stations[0].Name})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	level := func() string {
		level, err := client.Level(t.Context())
		if err != nil {
			t.Error(err)
		}
		return level
	}
	before, printed := level(), printedMessages(t)
	var mu sync.Mutex
	kept, meanwhile, debugging := map[string]string{}, "", 0
	d.o.Trace = func(name string, write func(io.Writer) error) error {
		var b bytes.Buffer
		err := write(&b)
		mu.Lock()
		defer mu.Unlock()
		kept[name] = b.String()
		return err
	}
	d.o.Show = func(s roam.Snapshot) {
		if s.Last != nil && s.Last.Number == 1 {
			meanwhile, debugging = level(), len(printedMessages(t))
			l.Fault(away(l, s.Last.At.Addr()), ap.Rule{Fault: "status", Frame: "auth", Status: 37, Count: 1})
		}
	}
	entries := d.drive(t.Context())
	if len(kept) != 1 || !strings.Contains(notes(entries), "has what led to auth-rejected") {
		t.Errorf("%d traces; notes:\n%s", len(kept), notes(entries))
	}
	for name, text := range kept {
		for _, want := range []string{"rdev_auth", "drv_mgd_prepare_tx"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s, of %d octets, has no %s:\n%.2000s", name, len(text), want, text)
			}
		}
	}
	if after := level(); meanwhile != ctrl.LevelDebug || after != before || before == meanwhile {
		t.Errorf("the supplicant's level: %s, in the run %s, after it %s", before, meanwhile, after)
	}
	if _, err := os.Stat("/sys/kernel/tracing/instances/roamfault"); !os.IsNotExist(err) {
		t.Errorf("the tracing instance is left behind: %v", err)
	}
	if diff := cmp.Diff(printed, printedMessages(t)); diff != "" {
		t.Errorf("debug messages that are printed (-before +after):\n%s", diff)
	}
	if debugging <= len(printed) {
		t.Errorf("%d debug messages were on in the run, %d before", debugging, len(printed))
	}
	t.Log(notes(entries))
}

// printedMessages are the debug messages that the kernel prints.
func printedMessages(t *testing.T) []string {
	t.Helper()
	sites, err := os.ReadFile("/proc/dynamic_debug/control")
	if err != nil {
		t.Error(err)
	}
	var out []string
	for line := range strings.Lines(string(sites)) {
		if strings.Contains(line, " =p") {
			out = append(out, line)
		}
	}
	return out
}
