package manager

import (
	"bytes"
	"errors"
	"io/fs"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// What is asked without rights is answered by the kernel that runs.
func TestThis(t *testing.T) {
	s := This(nil, errors.New("not asked"), nil)
	files := tree{s.Files}
	p := files.process(os.Getpid())
	if p.comm == "" || !slices.Equal(p.args, os.Args) {
		t.Errorf("this process: %+v", p)
	}
	if got := files.parent(os.Getpid()); got != os.Getppid() {
		t.Errorf("parent %d, want %d", got, os.Getppid())
	}
	if device, err := s.Routes.Device(t.Context(), netip.MustParseAddr("127.0.0.1")); device != "lo" || err != nil {
		t.Errorf("loopback goes over %q, error %v", device, err)
	}
	if device, err := s.Routes.Device(t.Context(), netip.MustParseAddr("fe80::1%lo")); device != "lo" || err != nil {
		t.Errorf("a zone: %q, error %v", device, err)
	}
	if _, err := s.Routes.Defaults(t.Context()); err != nil {
		t.Error(err)
	}
	if addrs, err := s.Routes.Addrs(t.Context(), "lo"); err != nil || !slices.Contains(addrs, netip.MustParseAddr("127.0.0.1")) {
		t.Errorf("%v, error %v", addrs, err)
	}
	guards := Guards(t.Context(), s, "lo", newSite().plan, Mine{})
	if g := guards[0]; g.State != Refused || !strings.Contains(g.Detail, "not asked") {
		t.Errorf("%+v", g)
	}
	if man, err := Look(t.Context(), s, "lo"); err != nil || man.Ways == nil {
		t.Errorf("%+v, error %v", man, err)
	}
}

type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func TestProcesses(t *testing.T) {
	var out lockedBuffer
	r, err := processes{}.Start(Command{Path: "/bin/sh", Args: []string{"sh", "-c", "echo $WORD; pwd; kill -STOP $$"}, Dir: "/usr", Env: []string{"WORD=hello"}, Output: &out})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Kill() }() // an error: it has ended
	deadline := time.Now().Add(10 * time.Second)
	for printed := ""; printed != "hello\n/usr\n"; {
		if time.Now().After(deadline) {
			t.Fatalf("it printed %q", printed)
		}
		time.Sleep(time.Millisecond)
		out.mu.Lock()
		printed = out.text.String()
		out.mu.Unlock()
	}
	if session, err := unix.Getsid(r.PID()); err != nil || session != r.PID() {
		t.Errorf("session %d of process %d, error %v", session, r.PID(), err)
	}
	if err := (processes{}).Terminate(r.PID()); err != nil {
		t.Error(err)
	}
	if err := unix.Kill(r.PID(), unix.SIGCONT); err != nil {
		t.Error(err)
	}
	<-r.Ended()
	if r.Err() == nil {
		t.Error("ended by a signal without an error")
	}
	for _, pid := range []int{r.PID(), 0, 1, -1} {
		if err := (processes{}).Terminate(pid); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("pid %d: error %v", pid, err)
		}
	}
	if _, err := (processes{}).Start(Command{Path: "/nonexistent", Args: []string{"x"}, Output: &out}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
}

// Answers of the kernel that are none do no harm.
func FuzzRoute(f *testing.F) {
	f.Add(append(make([]byte, routeHeader), 8, 0, unix.RTA_OIF, 0, 1, 0, 0, 0))
	f.Add(append(make([]byte, routeHeader), 12, 0, unix.RTA_MULTIPATH, 0, 8, 0, 0, 0, 1, 0, 0, 0))
	f.Fuzz(func(_ *testing.T, b []byte) {
		_, _ = routeDevices(b) // what is refused is no matter
	})
}
