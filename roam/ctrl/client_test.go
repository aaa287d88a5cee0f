package ctrl

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"roamfault/roam"
)

func TestRequest(t *testing.T) {
	for _, tt := range []struct {
		name    string
		answers []string
		want    string
	}{
		{"one line", []string{"OK\n"}, "OK"},
		{"several lines", []string{"a=1\nb=2\n"}, "a=1\nb=2"},
		{"no line's end", []string{"any"}, "any"},
		{"nothing", []string{""}, ""},
		{"events between", []string{"<3>CTRL-EVENT-SCAN-STARTED ", "<2>WPS", "IFNAME=wlan0 <3>x", "OK\n"}, "OK"},
		{"octets", []string{"\x00\xff\n"}, "\x00\xff"},
		{"no event", []string{"<3"}, "<3"},
		{"the longest", []string{strings.Repeat("x", longest)}, strings.Repeat("x", longest)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := place(t)
			start(t, path, func(string) []string { return tt.answers })
			got, err := dial(t, path, config(path)).Request(t.Context(), "ASK")
			if err != nil || got != tt.want {
				t.Errorf("answer %.60q, error %v; want %.60q", got, err, tt.want)
			}
		})
	}
}

func TestHostileAnswer(t *testing.T) {
	path := place(t)
	start(t, path, func(request string) []string {
		if request == "LONG" {
			return []string{strings.Repeat("x", longest+1)}
		}
		return []string{"OK\n"}
	})
	c := dial(t, path, config(path))
	if answer, err := c.Request(t.Context(), "LONG"); err == nil {
		t.Errorf("an answer of %d octets was taken", len(answer))
	}
	for _, words := range []string{"A\nB", "A\x00B"} {
		if _, err := c.Request(t.Context(), words); err == nil {
			t.Errorf("%q was sent as one request", words)
		}
	}
	if err := c.Order(t.Context(), "NEXT"); err != nil {
		t.Error(err)
	}
}

// An answer that comes too late is not that of the next request.
func TestLateAnswer(t *testing.T) {
	path := place(t)
	release := make(chan struct{})
	start(t, path, func(request string) []string {
		if request == "SLOW" {
			<-release
		}
		return []string{"answer to " + request}
	})
	c := dial(t, path, config(path))
	short, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := c.Request(short, "SLOW"); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("error %v, want that of the context", err)
	}
	close(release)
	for i := range 10 {
		words := fmt.Sprint("FAST ", i)
		if answer, err := c.Request(t.Context(), words); err != nil || answer != "answer to "+words {
			t.Errorf("answer %q to %q, error %v", answer, words, err)
		}
	}
}

func TestCancelled(t *testing.T) {
	path := place(t)
	start(t, path, func(string) []string { return nil })
	c := dial(t, path, config(path))
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	if _, err := c.Request(ctx, "ASK"); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
}

func TestSilent(t *testing.T) {
	path := place(t)
	f := start(t, path, func(string) []string { return nil })
	short := config(path)
	short.Timeout = 50 * time.Millisecond
	c := dial(t, path, short)
	if _, err := c.Request(t.Context(), "ASK"); !errors.Is(err, roam.ErrSilent) {
		t.Errorf("error %v, want %v", err, roam.ErrSilent)
	}
	f.setDeaf(true)
	if _, err := Dial(t.Context(), path, short); !errors.Is(err, roam.ErrSilent) || !strings.Contains(err.Error(), "private /tmp") {
		t.Errorf("error %v, want %v and what it may be", err, roam.ErrSilent)
	}
}

// A daemon that ends within a request, and one that is started again.
func TestRestart(t *testing.T) {
	path := place(t)
	f := start(t, path, func(string) []string { return nil })
	c := dial(t, path, config(path))
	time.AfterFunc(20*time.Millisecond, f.down)
	if _, err := c.Request(t.Context(), "ASK"); !errors.Is(err, roam.ErrGone) {
		t.Errorf("error %v, want %v", err, roam.ErrGone)
	}
	if _, err := c.Request(t.Context(), "ASK"); !errors.Is(err, roam.ErrGone) {
		t.Errorf("error %v, want %v", err, roam.ErrGone)
	}
	f.again(script(nil))
	if err := c.Order(t.Context(), "ASK"); err != nil {
		t.Error(err)
	}
	f.down()
	f.again(script(nil))
	if err := c.Order(t.Context(), "ASK"); err != nil {
		t.Errorf("after a restart between two requests: %v", err)
	}
}

func TestDialFails(t *testing.T) {
	dir := filepath.Dir(place(t))
	stale := filepath.Join(dir, "stale")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: stale, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	other := filepath.Join(dir, "other")
	f := &fake{t: t, path: other}
	f.up()
	t.Cleanup(f.down)
	for _, tt := range []struct {
		name, path, iface string
		want              error
		says              string
	}{
		{"no socket", filepath.Join(dir, "none"), "", roam.ErrGone, "start wpa_supplicant with ctrl_interface"},
		{"no interface's socket", dir, "wlan7", roam.ErrGone, "start wpa_supplicant with ctrl_interface"},
		{"nobody behind", stale, "", roam.ErrGone, "start it again"},
		{"which of them", dir, "", nil, "name one of them"},
		{"a name too long", filepath.Join(dir, strings.Repeat("x", 200)), "", roam.ErrGone, "control socket"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Dial(t.Context(), tt.path, Config{Interface: tt.iface, Dir: dir, Timeout: time.Second})
			if err == nil || tt.want != nil && !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("error %v, want %v and %q", err, tt.want, tt.says)
			}
			if err != nil && strings.Contains(err.Error(), "\n") {
				t.Errorf("an error of several lines: %q", err)
			}
		})
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ownPrefix+"*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestExplain(t *testing.T) {
	for _, tt := range []struct {
		err  error
		gone bool
		says string
	}{
		{syscall.ENOENT, true, "start wpa_supplicant with ctrl_interface"},
		{syscall.ECONNREFUSED, true, "start it again"},
		{syscall.EACCES, false, "run this as root"},
		{syscall.EPERM, false, "run this as root"},
		{syscall.EINVAL, false, "107 octets"},
		{syscall.EIO, false, "input/output error"},
	} {
		err := explain("/run/wpa_supplicant/wlan0", &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", tt.err)})
		if errors.Is(err, roam.ErrGone) != tt.gone || !strings.Contains(err.Error(), tt.says) || !errors.Is(err, tt.err) {
			t.Errorf("%v is explained as %v", tt.err, err)
		}
	}
}

// A global socket is told the interface, and a directory is looked into.
func TestPlaces(t *testing.T) {
	path := place(t)
	start(t, path, script(nil))
	c := config(path)
	if got := dial(t, filepath.Dir(path), c).Path(); got != path {
		t.Errorf("found %s, want %s", got, path)
	}
	c.Interface = "wlan0"
	if err := dial(t, filepath.Dir(path), c).Order(t.Context(), "ASK"); err != nil {
		t.Error(err)
	}
	global := filepath.Join(filepath.Dir(path), "global")
	g := &fake{t: t, path: global, answer: func(request string) []string {
		if request == "IFNAME=wlan0 PING" {
			return []string{"PONG\n"}
		}
		return []string{"OK\n"}
	}}
	g.up()
	t.Cleanup(g.down)
	if err := dial(t, global, c).Order(t.Context(), "ASK"); err != nil {
		t.Error(err)
	}
	if got := g.requests(); len(got) != 2 || got[1] != "IFNAME=wlan0 ASK" {
		t.Errorf("asked %q", got)
	}
}

// Sockets of ours that nobody is behind are removed; others stay.
func TestSweep(t *testing.T) {
	path := place(t)
	dir := filepath.Dir(path)
	start(t, path, script(nil))
	living := dial(t, path, config(path))
	stale := filepath.Join(dir, ownPrefix+"stale")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: stale, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	file := filepath.Join(dir, "roamfault-other")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	dial(t, path, config(path))
	if _, err := os.Lstat(stale); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the socket that nobody is behind: %v", err)
	}
	if _, err := os.Lstat(file); err != nil {
		t.Error(err)
	}
	if err := living.Order(t.Context(), "ASK"); err != nil {
		t.Error(err)
	}
}

func TestClosed(t *testing.T) {
	path := place(t)
	start(t, path, script(nil))
	c := dial(t, path, config(path))
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if _, err := c.Request(t.Context(), "ASK"); err == nil {
		t.Error("a closed client asks")
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ownPrefix+"*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func BenchmarkRequest(b *testing.B) {
	dir := b.TempDir()
	path := filepath.Join(dir, "wlan0")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	go func() {
		buffer := make([]byte, 4096)
		for {
			_, from, err := conn.ReadFromUnix(buffer)
			if err != nil {
				return
			}
			_, _ = conn.WriteToUnix([]byte("PONG\n"), from)
		}
	}()
	c, err := Dial(b.Context(), path, Config{Dir: dir})
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Request(b.Context(), "PING"); err != nil {
			b.Fatal(err)
		}
	}
}
