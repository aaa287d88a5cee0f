package newkernel_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"roamfault/roam/lab/labtest"
	"roamfault/roam/newkernel"
)

// roamfault runs the command in the guest and returns what it says and its exit
// code.
func roamfault(t *testing.T, args ...string) (said string, code int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "roamfault", args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	var failed *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &failed) {
		t.Fatal(err)
	}
	return out.String(), cmd.ProcessState.ExitCode()
}

// A kernel that is installed again is checked once, on a radio that roams, by what
// the unit starts.
func TestFirstBoot(t *testing.T) {
	labtest.Start(t, labtest.Needs{Supplicant: true}).Stations[0].WaitConnected()
	for _, dir := range []string{"/etc/kernel/postinst.d", "/etc/kernel/postrm.d"} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat("/etc/machine-id"); err != nil {
		if err := os.WriteFile("/etc/machine-id", []byte("00112233445566778899aabbccddeeff\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	release, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		t.Fatal(err)
	}
	kernel := strings.TrimSpace(string(release))
	runs := filepath.Join(t.TempDir(), "runs")
	want := func(code int, says string, args ...string) {
		t.Helper()
		if said, got := roamfault(t, append(args, "--runs", runs)...); got != code || !strings.Contains(said, says) {
			t.Fatalf("%q: exit code %d, want %d, and %q in\n%s", args, got, code, says, said)
		}
	}
	want(0, "", "stress", "--mine", "--cycles", "6", "--dwell", "100ms", "--source", "kmsg")
	want(0, "the baseline of", "runs", "baseline", "set", "latest")
	want(0, "installed /etc/kernel/postinst.d/roamfault-baseline", "runs", "baseline", "watch", "on", "--cycles", "8", "--source", "kmsg")
	want(0, "the baseline was made on what is booted", "runs", "baseline", "watch", "run")
	if out, err := exec.CommandContext(t.Context(), "/etc/kernel/postinst.d/roamfault-baseline", kernel, "/boot/vmlinuz-"+kernel).CombinedOutput(); err != nil || !newkernel.Tree("/").Marked(kernel) {
		t.Fatalf("%v: %s", err, out)
	}
	want(125, "kernel "+kernel+" was installed since: CANNOT TELL: ", "runs", "baseline", "watch", "run")
	want(0, "was checked: cannot-tell", "runs", "baseline", "watch", "run")
	want(0, "more, in ", "runs", "baseline", "watch", "status")
	want(0, "cannot tell with "+kernel, "runs", "baseline", "list")
	state, err := newkernel.Tree("/").Load()
	if err != nil || len(state.Checks) != 1 {
		t.Fatalf("%+v, error %v", state, err)
	}
	want(0, "8", "runs", "show", state.Checks[0].Runs[0])
	want(0, "removed /var/lib/roamfault-baseline", "runs", "baseline", "watch", "off")
	if left := newkernel.Tree("/").Installed(); len(left) > 0 {
		t.Errorf("%q are left", left)
	}
}
