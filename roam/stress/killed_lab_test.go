package stress

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"roamfault/nl80211"
	"roamfault/roam/lab/labtest"
)

// A run that is killed leaves nothing changed behind: who waits beside it for its
// death undoes what it had changed.
func TestKilled(t *testing.T) {
	l := labtest.Start(t, labtest.Needs{Supplicant: true, NoCapture: true})
	station := l.Stations[0]
	station.WaitConnected()
	client, err := nl80211.Dial(nl80211.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	iface, err := client.InterfaceByName(t.Context(), station.Name)
	if err != nil {
		t.Fatal(err)
	}
	saving := func() bool {
		on, err := client.PowerSave(t.Context(), iface.Index)
		if err != nil {
			t.Fatal(err)
		}
		return on
	}
	// Background scans of the network, which a roam has the supplicant leave.
	scans := func() string { return station.Request("GET_NETWORK 0 bgscan") }
	before, scanned := saving(), scans()
	runs := t.TempDir()
	var said bytes.Buffer
	run := exec.Command("roamfault", "stress", "--interface", station.Name, "--kind", "power-save", "--cycles", "1000", "--dwell", "2s", "--trace", "--source", "kmsg", "--runs", runs)
	run.Stdout, run.Stderr = &said, &said
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	until(t, "power saving is turned over", func() bool { return saving() != before && scans() != scanned })
	if err := run.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = run.Wait() // it was killed
	until(t, "power saving is as before", func() bool { return saving() == before })
	until(t, "the supplicant's network is as before", func() bool { return scans() == scanned })
	until(t, "nothing is traced", func() bool {
		_, err := os.Stat("/sys/kernel/tracing/instances/roamfault")
		return errors.Is(err, fs.ErrNotExist)
	})
	out, err := exec.Command("roamfault", "restore").CombinedOutput()
	if err != nil || string(out) != "nothing is left to be undone\n" {
		t.Errorf("restore: %q, error %v; the run said:\n%s", out, err, said.Bytes())
	}
	if files, err := filepath.Glob(filepath.Join(runs, "*", "run.jsonl")); err != nil || len(files) != 1 {
		t.Errorf("runs %v, error %v", files, err)
	}
}

// until waits until it is so.
func until(t *testing.T, what string, yes func() bool) {
	t.Helper()
	for deadline := time.Now().Add(40 * time.Second); !yes(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("after 40 s it is not so that %s", what)
		}
	}
}
