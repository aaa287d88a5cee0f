package sdnotify

import (
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func environment(vars map[string]string) func(string) string {
	return func(name string) string { return vars[name] }
}

func TestStates(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notify")
	manager, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer manager.Close()
	n, err := New(environment(map[string]string{"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "30000000", "WATCHDOG_PID": strconv.Itoa(os.Getpid())}))
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	for _, send := range []func() error{
		n.Ready, func() error { return n.Reloading(1500 * time.Millisecond) }, n.Alive,
		func() error { return n.Status("2 open\nREADY=0") }, n.Stopping,
	} {
		if err := send(); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for range 5 {
		b := make([]byte, 4096)
		size, err := manager.Read(b)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, string(b[:size]))
	}
	want := []string{"READY=1", "RELOADING=1\nMONOTONIC_USEC=1500000", "WATCHDOG=1", "STATUS=2 open READY=0", "STOPPING=1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if n.Watchdog() != 30*time.Second {
		t.Errorf("watchdog %v, want 30s", n.Watchdog())
	}
}

func TestNoManager(t *testing.T) {
	n, err := New(environment(nil))
	if n != nil || err != nil {
		t.Fatalf("%v, %v without NOTIFY_SOCKET", n, err)
	}
	if err := n.Ready(); err != nil || n.Watchdog() != 0 || n.Close() != nil {
		t.Errorf("nobody to tell: %v, watchdog %v", err, n.Watchdog())
	}
}

func TestEnvironment(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notify")
	manager, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer manager.Close()
	for name, tt := range map[string]struct {
		vars     map[string]string
		fails    bool
		watchdog time.Duration
	}{
		"no watchdog":       {map[string]string{"NOTIFY_SOCKET": path}, false, 0},
		"another's":         {map[string]string{"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "1"}, false, 0},
		"nobody's":          {map[string]string{"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "1000000"}, false, time.Second},
		"nonsense":          {map[string]string{"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "soon"}, false, 0},
		"beyond all bounds": {map[string]string{"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "9223372036854775807"}, false, 0},
		"vsock":             {map[string]string{"NOTIFY_SOCKET": "vsock:2:1234"}, true, 0},
		"nobody listens":    {map[string]string{"NOTIFY_SOCKET": path + ".not"}, true, 0},
	} {
		n, err := New(environment(tt.vars))
		if (err != nil) != tt.fails || n.Watchdog() != tt.watchdog {
			t.Errorf("%s: %v, watchdog %v, want failure %v, %v", name, err, n.Watchdog(), tt.fails, tt.watchdog)
		}
		n.Close()
	}
}
