package systemd

import (
	"strings"
	"testing"

	"roamfault/roam/lab/guest"
)

// show asks systemd for a property of the watcher's unit.
func show(t *testing.T, g *guest.Guest, property string) string {
	t.Helper()
	return sh(t, g, "systemctl show -p "+property+" --value roamfault-watch")
}

// The watcher does its work behind the walls of its unit: it reads the journal,
// keeps what it finds, and tells systemd how it is.
func TestWatches(t *testing.T) {
	t.Parallel()
	m := prepare(t)
	g := m.boot(t)
	sh(t, g, "systemctl start roamfault-watch") // it returns when the watcher is ready
	lives := show(t, g, "WatchdogTimestampMonotonic")
	pid := show(t, g, "MainPID")
	if out := show(t, g, "StatusText"); !strings.Contains(out, "0 in the spool") {
		t.Errorf("status %q", out)
	}
	if out := sh(t, g, "stat -c %U /proc/"+pid+"; stat -c %a /var/lib/private/roamfault"); out != "roamfault-watch\n750" {
		t.Errorf("user, and mode of its directory: %s", out)
	}
	sh(t, g, `for i in 2 3; do echo "<4>mt7925e 0000:01:00.0: Message 0002000$i (seq 1$i) timeout" > /dev/kmsg; done`)
	sh(t, g, "until systemctl show -p StatusText roamfault-watch | grep -q '1 incidents open'; do sleep 0.5; done")
	sh(t, g, "mkdir -p /etc/roamfault/patterns.d; systemctl reload roamfault-watch")
	// A minute of silence finishes an incident.
	sh(t, g, "until ls /var/lib/roamfault/2*.json > /dev/null 2>&1; do sleep 0.5; done")
	if out := sh(t, g, "cat /var/lib/roamfault/2*.json"); !strings.Contains(out, `"mcu-timeout"`) || !strings.Contains(out, "Message 00020003 (seq 13) timeout") {
		t.Errorf("the incident:\n%s", out)
	}
	if now := show(t, g, "WatchdogTimestampMonotonic"); now == lives || show(t, g, "MainPID") != pid {
		t.Errorf("it gave no sign of life after its start at %s, or is another process now", lives)
	}
	sh(t, g, "systemctl stop roamfault-watch")
	if out := show(t, g, "Result") + " " + show(t, g, "ExecMainStatus") + " " + show(t, g, "NRestarts"); out != "success 0 0" {
		t.Errorf("in the end: %s", out)
	}
	// It goes on where it was.
	sh(t, g, "systemctl start roamfault-watch")
	if out := show(t, g, "StatusText"); !strings.Contains(out, "0 incidents open, 1 in the spool") {
		t.Errorf("begun again: %s", out)
	}
	metrics(t, g)
	out := sh(t, g, "journalctl -q -b -o cat --no-pager -u roamfault-watch")
	t.Log(out)
	for _, words := range []string{"failed", "denied", "not permitted", "Failed"} {
		if strings.Contains(out, words) {
			t.Errorf("the journal of its unit has %q:\n%s", words, out)
		}
	}
}

// metrics has the watcher write metrics as the head of its unit says.
func metrics(t *testing.T, g *guest.Guest) {
	t.Helper()
	sh(t, g, `cd /usr/local/lib/systemd/system; mkdir -p /etc/systemd/system/roamfault-watch.service.d
		grep -m 1 -A 5 '^#     \[Service\]' roamfault-watch.service | grep '^#     ' | cut -c7- > /etc/systemd/system/roamfault-watch.service.d/metrics.conf
		systemctl daemon-reload; systemctl restart roamfault-watch; until test -s /run/roamfault-watch/roamfault.prom; do sleep 0.5; done`)
	if out := sh(t, g, "setpriv --reuid 65534 cat /run/roamfault-watch/roamfault.prom"); !strings.Contains(out, "roamfault_") {
		t.Errorf("metrics that node_exporter can read:\n%s", out)
	}
}
