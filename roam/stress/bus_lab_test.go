package stress

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	godbus "github.com/godbus/dbus/v5"

	"roamfault/roam/lab/labtest"
	"roamfault/roam/lab/site"
)

// everybody may do everything on this bus.
const everybody = `<busconfig><type>system</type><listen>unix:path=BUS</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/></policy></busconfig>`

// systemBus starts a message bus, and a stock wpa_supplicant that answers there and
// nowhere else, as under NetworkManager. Both end with the test.
func systemBus(t testing.TB, l *labtest.Lab) *godbus.Conn {
	t.Helper()
	dir := t.TempDir()
	config, network := filepath.Join(dir, "bus.conf"), filepath.Join(dir, "wpa_supplicant.conf")
	for path, text := range map[string]string{
		config: strings.ReplaceAll(everybody, "BUS", filepath.Join(dir, "bus")), network: site.Supplicant{}.Config(l.Plan),
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	daemon := exec.Command("dbus-daemon", "--config-file="+config, "--nofork", "--nopidfile", "--print-address=1")
	out, err := daemon.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	background(t, daemon)
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", strings.TrimSpace(address))
	background(t, exec.Command("wpa_supplicant", "-u", "-i", l.Stations[0].Name, "-c", network))
	bus, err := godbus.ConnectSystemBus()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = bus.Close() })
	owned := func() bool {
		var there bool
		err := bus.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, "fi.w1.wpa_supplicant1").Store(&there)
		return err == nil && there
	}
	for deadline := time.Now().Add(10 * time.Second); !owned(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("wpa_supplicant does not come to the bus")
		}
	}
	return bus
}

// background starts a command that is killed at the test's end.
func background(t testing.TB, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // an error: it has ended
		_ = cmd.Wait()         // killed
	})
}
