package sourcetest

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// BuildSDJournal builds the reader of journals over libsystemd from the package of
// that name below roamfault/cmd, and returns its path. The test is skipped where
// what it is built with is missing.
func BuildSDJournal(t testing.TB, name string) string {
	t.Helper()
	for _, need := range []struct{ what, how string }{{"go", ""}, {"gcc", "apt-get install gcc"}} {
		if _, err := exec.LookPath(need.what); err != nil {
			t.Skipf("%s is missing, which builds %s: %s", need.what, name, need.how)
		}
	}
	if _, err := os.Stat("/usr/include/systemd/sd-journal.h"); err != nil {
		t.Skipf("the headers of libsystemd are missing: apt-get install libsystemd-dev")
	}
	path := filepath.Join(t.TempDir(), name)
	cmd := exec.Command("go", "build", "-tags", "sdjournal", "-o", path, "roamfault/cmd/"+name)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v: %s", name, err, out)
	}
	return path
}
