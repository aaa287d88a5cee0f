package sourcetest

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// apartKey is the variable that tells a test binary that it runs apart.
const apartKey = "ROAMFAULT_TEST_APART"

// Apart runs the test at hand once more, in a process that sees a /run and a
// /var/log of its own, so that whatever it does there touches nothing of the
// machine and is gone with it. In that process Apart returns true; in the first one
// it returns false, with the outcome of the other. It skips the test without
// root's rights. Env is added to the other's environment.
func Apart(t *testing.T, env ...string) bool {
	t.Helper()
	if os.Getenv(apartKey) == t.Name() {
		for _, dir := range []string{"/run", "/var/log"} {
			if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_NOSUID|syscall.MS_NODEV, "mode=0755"); err != nil {
				t.Skipf("a private %s cannot be mounted: %v", dir, err)
			}
		}
		return true
	}
	if os.Geteuid() != 0 {
		t.Skip("needs root, for a private /run and /var/log")
	}
	args := []string{"-test.run=^" + t.Name() + "$", "-test.v", "-test.count=1"}
	if deadline, ok := t.Deadline(); ok {
		args = append(args, "-test.timeout="+time.Until(deadline).String())
	}
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(append(os.Environ(), apartKey+"="+t.Name()), env...)
	// Unsharing makes all mounts private, too.
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL}
	out, err := cmd.CombinedOutput()
	switch {
	case errors.Is(err, syscall.EPERM):
		t.Skipf("a private /run cannot be had: %v", err)
	case err != nil:
		t.Fatalf("%v\n%s", err, out)
	case bytes.Contains(out, []byte("\n--- SKIP")):
		t.Skipf("%s", out)
	}
	t.Logf("%s", out)
	return false
}

// Journald is a private systemd-journald(8). Its socket is ours, as the service
// manager's is, so that what is sent while it is dead reaches the next one.
type Journald struct {
	// Dir holds its journal files.
	Dir string

	t      testing.TB
	path   string
	socket *os.File
	sender *net.UnixConn
	cmd    *exec.Cmd
}

// journaldNamespace names the private journald.
const journaldNamespace = "roamfault-test"

// StartJournald starts a journald with these settings (journald.conf(5)) in a
// process that runs [Apart], and makes its journal the machine's: what reads the
// machine's journal there reads this one. It ends with the test.
func StartJournald(t testing.TB, settings string) *Journald {
	t.Helper()
	j := &Journald{t: t, path: daemon(t)}
	machine, err := os.ReadFile("/etc/machine-id")
	id := strings.TrimSpace(string(machine))
	if err != nil || len(id) != 32 {
		t.Skipf("the machine has no id in /etc/machine-id: %q, %v", id, err)
	}
	j.Dir = "/var/log/journal/" + id
	private := j.Dir + "." + journaldNamespace
	conf := "/run/systemd/journald@" + journaldNamespace + ".conf.d"
	sockets := "/run/systemd/journal." + journaldNamespace
	for _, dir := range []string{j.Dir, private, conf, sockets} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mount(private, j.Dir, "", syscall.MS_BIND, ""); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(conf+"/test.conf", []byte("[Journal]\n"+settings), 0o644); err != nil {
		t.Fatal(err)
	}
	name := &net.UnixAddr{Name: sockets + "/socket", Net: "unixgram"}
	listener, err := net.ListenUnixgram(name.Net, name)
	if err != nil {
		t.Fatal(err)
	}
	if j.socket, err = listener.File(); err == nil {
		j.sender, err = net.DialUnix(name.Net, nil, name)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		j.Kill()
		j.sender.Close()
		j.socket.Close()
		listener.Close()
	})
	j.Start()
	return j
}

// daemon finds journald, or skips the test.
func daemon(t testing.TB) string {
	t.Helper()
	for _, path := range []string{"/lib/systemd/systemd-journald", "/usr/lib/systemd/systemd-journald"} {
		if executable(path) {
			return path
		}
	}
	t.Skip("systemd-journald is missing: apt-get install systemd")
	return ""
}

// Start starts it, behind Kill or Stop.
func (j *Journald) Start() {
	j.t.Helper()
	// The socket is handed over as the service manager does it (sd_listen_fds(3)).
	j.cmd = exec.Command("sh", "-c", `LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"`, "sh", j.path, journaldNamespace)
	j.cmd.ExtraFiles = []*os.File{j.socket}
	j.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := j.cmd.Start(); err != nil {
		j.t.Fatal(err)
	}
}

// PID is its process id.
func (j *Journald) PID() int { return j.cmd.Process.Pid }

// Kill kills it, and waits for its end.
func (j *Journald) Kill() { j.end(syscall.SIGKILL) }

// Stop has it close its files and end.
func (j *Journald) Stop() { j.end(syscall.SIGTERM) }

func (j *Journald) end(sig syscall.Signal) {
	if j.cmd == nil {
		return
	}
	_ = j.cmd.Process.Signal(sig)
	late := time.AfterFunc(patience, func() { _ = j.cmd.Process.Kill() })
	defer late.Stop()
	err := j.cmd.Wait()
	if sig == syscall.SIGTERM && err != nil {
		j.t.Errorf("journald ended by %v: %v", sig, err)
	}
	j.cmd = nil
}

// Send logs an entry of a user over its native protocol (systemd's
// JOURNAL_NATIVE_PROTOCOL); those of users from 1000 on have files of their own. It
// waits while journald is behind, or dead.
func (j *Journald) Send(uid int, fields ...Field) error {
	var b bytes.Buffer
	for _, f := range fields {
		if strings.Contains(f.Value, "\n") {
			return fmt.Errorf("field %s: several lines", f.Name)
		}
		fmt.Fprintf(&b, "%s=%s\n", f.Name, f.Value)
	}
	from := syscall.UnixCredentials(&syscall.Ucred{Pid: int32(os.Getpid()), Uid: uint32(uid), Gid: uint32(uid)})
	raw, err := j.sender.SyscallConn()
	if err != nil {
		return err
	}
	var sent error
	if err := raw.Write(func(fd uintptr) (done bool) {
		sent = syscall.Sendmsg(int(fd), b.Bytes(), from, nil, 0)
		return !errors.Is(sent, syscall.EAGAIN)
	}); err != nil {
		return err
	}
	return sent
}

// Archived lists the files that it has done with, the oldest first.
func (j *Journald) Archived() []string {
	j.t.Helper()
	files, err := filepath.Glob(filepath.Join(j.Dir, "*@*.journal*"))
	if err != nil {
		j.t.Fatal(err)
	}
	age := func(path string) int64 {
		st, err := os.Stat(path)
		if err != nil {
			return 0 // vacuumed meanwhile
		}
		return st.ModTime().UnixNano()
	}
	slices.SortFunc(files, func(a, b string) int { return int(min(1, max(-1, age(a)-age(b)))) })
	return files
}

// Rotate has it begin a new file, and waits for that.
func (j *Journald) Rotate() {
	j.t.Helper()
	before := len(j.Archived())
	if err := j.cmd.Process.Signal(syscall.SIGUSR2); err != nil {
		j.t.Fatal(err)
	}
	const pause = time.Millisecond
	for waited := time.Duration(0); len(j.Archived()) <= before; waited += pause {
		if waited >= patience {
			j.t.Fatal("journald does not rotate")
		}
		time.Sleep(pause)
	}
}

// Vacuum removes all archived files but so many, and returns how many went.
func (j *Journald) Vacuum(keep int) int {
	j.t.Helper()
	before := len(j.Archived())
	// The active file counts.
	cmd := exec.Command("journalctl", "--namespace="+journaldNamespace, fmt.Sprint("--vacuum-files=", keep+1))
	if out, err := cmd.CombinedOutput(); err != nil {
		j.t.Fatalf("%v: %v\n%s", cmd, err, out)
	}
	return before - len(j.Archived())
}
