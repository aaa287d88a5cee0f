package resume

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"roamfault/roam/lab"
	"roamfault/roam/lab/guest"
)

// command begins the program in a guest, with access points of its own.
func (c *crashed) command(t *testing.T, g *guest.Guest, said *bytes.Buffer, args ...string) *guest.Process {
	t.Helper()
	all := append([]string{"/init", "lab", "up", "--here", "--", "/init"}, args...)
	p, err := g.Start(context.WithoutCancel(t.Context()), guest.Command{Args: all, Stdout: said, Stderr: said})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A kernel that panics in the check against its baseline, and again where that goes
// on, is not tried a third time: it is a regression.
func TestCrashedCheck(t *testing.T) {
	c := prepare(t)
	g := c.boot(t)
	want := func(code int, says string, args ...string) {
		t.Helper()
		var said bytes.Buffer
		if got, err := c.command(t, g, &said, args...).Wait(); err != nil || got != code || !strings.Contains(said.String(), says) {
			t.Fatalf("%q: code %d, want %d, error %v, and %q in\n%s", args, got, code, err, says, &said)
		}
	}
	sh(t, g, "cp /root/password /var/lib/password && mkdir -p /etc/kernel/postinst.d")
	of := []string{"--runs", "/var/lib/runs", "--via", "nl80211", "--password-file", "/var/lib/password", "--source", "kmsg", "--mine"}
	want(0, "", append([]string{"stress", "--ssid", lab.DefaultSSID, "--cycles", "5", "--dwell", "300ms", "--settle", "1s"}, of...)...)
	want(0, "", "runs", "baseline", "set", "latest", "--runs", "/var/lib/runs")
	want(0, "", append([]string{"runs", "baseline", "watch", "on", "--cycles", "1000", "--dwell", "800ms"}, of...)...)
	sh(t, g, "/etc/kernel/postinst.d/roamfault-baseline $(uname -r) && sync")
	for try := 1; try <= 2; try++ {
		var said bytes.Buffer
		p := c.command(t, g, &said, "runs", "baseline", "watch", "run")
		sh(t, g, fmt.Sprintf(`until [ "$(cat /var/lib/runs/*/run.jsonl | grep -c '"type":"cycle"')" -ge %d ]; do sleep 0.2; done`, 4+3*try))
		_, err := g.Run(t.Context(), guest.Command{Args: []string{"sh", "-c", "echo c > /proc/sysrq-trigger; sleep 60"}})
		var end *guest.EndError
		if !errors.As(err, &end) || end.Reason != guest.EndPanic {
			t.Fatalf("it was to panic: %v", err)
		}
		if _, err := p.Wait(); err == nil || !strings.Contains(said.String(), fmt.Sprintf("try %d of 2", try)) {
			t.Fatalf("try %d: error %v:\n%s", try, err, &said)
		}
		g = c.boot(t)
	}
	want(1, "REGRESSION: the machine went down in the check", "runs", "baseline", "watch", "run")
	want(0, "nothing is checked: what is booted was checked", "runs", "baseline", "watch", "run")
	want(0, "kernel-panic", "runs", "show", "latest", "--runs", "/var/lib/runs")
	want(0, "regression with ", "runs", "baseline", "list", "--runs", "/var/lib/runs")
}
