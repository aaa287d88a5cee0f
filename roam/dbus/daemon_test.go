package dbus

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// everybody lets everybody do everything on a bus.
const everybody = `<policy context="default">
  <allow user="*"/> <allow own="*"/> <allow send_destination="*"/> <allow send_type="signal"/> <allow receive_sender="*"/>
</policy>`

// startDaemon starts a message bus of the test's own and returns its address and
// its process.
func startDaemon(tb testing.TB, config string) (string, *os.Process) {
	tb.Helper()
	program, err := exec.LookPath("dbus-daemon")
	if err != nil {
		tb.Skip("needs dbus-daemon (package dbus-daemon)")
	}
	// Not in tb.TempDir: a socket's path has 107 octets at most.
	dir, err := os.MkdirTemp("", "bus-")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			tb.Error(err)
		}
	})
	text := fmt.Sprintf(`<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><listen>unix:path=%s/socket</listen><auth>EXTERNAL</auth>%s</busconfig>`, dir, config)
	file := filepath.Join(dir, "bus.conf")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		tb.Fatal(err)
	}
	cmd := exec.Command(program, "--config-file="+file, "--nofork", "--nopidfile", "--nosyslog", "--print-address")
	var said bytes.Buffer
	cmd.Stderr = &said
	output, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have been killed by the test
		_ = cmd.Wait()         // killed
		if tb.Failed() {
			tb.Logf("dbus-daemon has said:\n%s", said.String())
		}
	})
	address, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		tb.Fatalf("dbus-daemon does not tell its address: %v", err)
	}
	return strings.TrimSpace(address), cmd.Process
}
