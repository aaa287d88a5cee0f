package labtest_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"roamfault/roam/lab"
	"roamfault/roam/lab/labtest"
)

// roamfault runs the command in the guest and returns its output and exit code.
func roamfault(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "roamfault", args...)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	var failed *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &failed) {
		t.Fatal(err)
	}
	return out.String(), said.String(), cmd.ProcessState.ExitCode()
}

// up begins `roamfault lab up` and waits until it is.
func up(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command("roamfault", append([]string{"lab", "up"}, args...)...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // an error: it has ended
		_ = cmd.Wait()         // an error: the test has waited
	})
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if strings.Contains(lines.Text(), "roamfault lab fault") {
			return cmd
		}
	}
	t.Fatalf("the lab does not come up: %v", lines.Err())
	return nil
}

// A lab of the command is told what to do and tells what it does.
func TestCommand(t *testing.T) {
	labtest.NeedGuest(t)
	cmd := up(t, "--stations", "2")
	out, _, code := roamfault(t, "lab", "aps")
	if code != 0 || !strings.Contains(out, "02:00:00:02:01:01") {
		t.Errorf("exit code %d, access points:\n%s", code, out)
	}
	if _, said, code := roamfault(t, "lab", "fault", "silence", "frame=beacon", "--ap", "ap2"); code != 0 {
		t.Errorf("exit code %d: %s", code, said)
	}
	if _, said, code := roamfault(t, "lab", "fault", "deauth", "channel=1"); code != 3 || !strings.Contains(said, "it has no channel") {
		t.Errorf("exit code %d: %s", code, said)
	}
	if _, said, code := roamfault(t, "lab", "fault", "deauth", "--ap", "ap9"); code != 3 || !strings.Contains(said, `"ap9"`) {
		t.Errorf("exit code %d: %s", code, said)
	}
	out, _, _ = roamfault(t, "lab", "status", "--format", "json")
	var status lab.Status
	if err := json.Unmarshal([]byte(out), &status); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	if status.Schema != lab.StatusSchema || len(status.APs) != 2 || len(status.APs[0].Rules) != 0 || len(status.APs[1].Rules) != 1 {
		t.Errorf("status %+v", status)
	}
	if out, _, code := roamfault(t, "lab", "fault", "clear"); code != 0 || out != "cleared 1 fault\n" {
		t.Errorf("exit code %d: %q", code, out)
	}
	// Another lab has no place beside it, and says so.
	if _, said, code := roamfault(t, "lab", "up", "--socket", filepath.Join(t.TempDir(), "s")); code != 3 || !strings.Contains(said, "end the other lab") {
		t.Errorf("exit code %d: %s", code, said)
	}
	follow(t)
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("ended by SIGTERM: %v", err)
	}
	if left, err := filepath.Glob("/run/roamfault/*"); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, error %v", left, err)
	}
}

// follow lets events and a capture be told until there are some, and ends both
// as a terminal does.
func follow(t *testing.T) {
	t.Helper()
	events := exec.Command("roamfault", "lab", "events")
	told, err := events.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	captured := filepath.Join(t.TempDir(), "air.pcapng")
	capturing := exec.Command("roamfault", "lab", "capture", captured)
	for _, c := range []*exec.Cmd{events, capturing} {
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
	}
	line := make(chan string, 1)
	go func() {
		text, _ := bufio.NewReader(told).ReadString('\n') // an error: an empty line
		line <- text
	}()
	deadline := time.Now().Add(30 * time.Second)
	for heard, written := false, false; !heard || !written; {
		if time.Now().After(deadline) {
			t.Fatalf("after 30 s: events %t, capture %t", heard, written)
		}
		// Asked for again and again: what happens before somebody listens is
		// not told.
		if _, said, code := roamfault(t, "lab", "fault", "signal", "signal=-50"); code != 0 {
			t.Fatalf("exit code %d: %s", code, said)
		}
		select {
		case text := <-line:
			heard = true
			if !strings.Contains(text, "fault made: signal") {
				t.Errorf("event %q", text)
			}
		default:
		}
		info, err := os.Stat(captured)
		written = err == nil && info.Size() > 1000
	}
	for _, c := range []*exec.Cmd{events, capturing} {
		if err := c.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		if err := c.Wait(); err != nil {
			t.Errorf("%v: %v", c.Args, err)
		}
	}
}

// The lab around a command ends with it, and with its exit code.
func TestCommandInLab(t *testing.T) {
	labtest.NeedGuest(t)
	out, said, code := roamfault(t, "lab", "up", "--stations", "3", "--", "sh", "-c", "iw dev | grep -c Interface; exit 9")
	if out != "3\n" || code != 9 {
		t.Errorf("%q, exit code %d: %s", out, code, said)
	}
	if out, _, code := roamfault(t, "lab", "up", "--", "sh", "-c", "kill -TERM $$"); out != "" || code != 128+int(syscall.SIGTERM) {
		t.Errorf("%q, exit code %d", out, code)
	}
	if _, said, code := roamfault(t, "lab", "up", "--", "nonsense"); code != 3 || !strings.Contains(said, "run nonsense") {
		t.Errorf("exit code %d: %s", code, said)
	}
	// What of it is in the lab's namespace is not outside.
	if out, err := exec.Command("iw", "dev").CombinedOutput(); err != nil || len(out) != 0 {
		t.Errorf("interfaces outside, error %v: %s", err, out)
	}
}

// A lab that is killed leaves nothing behind, and the next one comes up.
func TestCommandKilled(t *testing.T) {
	labtest.NeedGuest(t)
	for _, own := range [][]string{nil, {"--here"}} {
		cmd := up(t, own...)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // an error: it was killed
		if _, said, code := roamfault(t, "lab", "up", "--", "true"); code != 0 {
			t.Errorf("after %v: exit code %d: %s", own, code, said)
		}
	}
}
