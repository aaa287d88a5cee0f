package ctrl

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"roamfault/nl80211"
	"roamfault/roam"
)

// fake is a daemon of our own behind a control socket.
type fake struct {
	t    *testing.T
	path string
	// answer gives the answers to a request, to be sent one after the other; nil:
	// none is.
	answer func(request string) []string

	mu       sync.Mutex
	conn     *net.UnixConn
	ended    chan struct{}
	asked    []string
	monitors []*net.UnixAddr
	deaf     bool
}

// start starts a daemon at path. It answers PING, ATTACH and DETACH itself.
func start(t *testing.T, path string, answer func(string) []string) *fake {
	t.Helper()
	f := &fake{t: t, path: path, answer: answer}
	f.up()
	t.Cleanup(f.down)
	return f
}

func (f *fake) up() {
	f.t.Helper()
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: f.path, Net: "unixgram"})
	if err != nil {
		f.t.Fatal(err)
	}
	f.mu.Lock()
	f.conn, f.ended, f.monitors = conn, make(chan struct{}), nil
	f.mu.Unlock()
	go f.serve(conn, f.ended)
}

// down ends the daemon, and leaves its socket's name behind as a killed one does.
func (f *fake) down() {
	f.mu.Lock()
	conn, ended := f.conn, f.ended
	f.mu.Unlock()
	conn.Close()
	<-ended
}

// answering changes the answers.
func (f *fake) answering(answer func(string) []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answer = answer
}

// again starts it again.
func (f *fake) again(answer func(string) []string) {
	f.t.Helper()
	f.answering(answer)
	if err := os.Remove(f.path); err != nil {
		f.t.Fatal(err)
	}
	f.up()
}

func (f *fake) serve(conn *net.UnixConn, ended chan struct{}) {
	defer close(ended)
	b := make([]byte, 4096)
	for {
		n, from, err := conn.ReadFromUnix(b)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil || f.deafened() {
			continue
		}
		request := string(b[:n])
		for _, a := range f.handle(request, from) {
			_, _ = conn.WriteToUnix([]byte(a), from)
		}
	}
}

func (f *fake) deafened() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.deaf
}

func (f *fake) setDeaf(deaf bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.deaf = deaf
}

func (f *fake) handle(request string, from *net.UnixAddr) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch request {
	case "PING":
		return []string{"PONG\n"}
	case "ATTACH":
		f.monitors = append(f.monitors, from)
		return []string{"OK\n"}
	case "DETACH":
		f.monitors = slices.DeleteFunc(f.monitors, func(a *net.UnixAddr) bool { return a.Name == from.Name })
		return []string{"OK\n"}
	}
	f.asked = append(f.asked, request)
	return f.answer(request)
}

// sent waits for a request.
func (f *fake) sent(request string) {
	f.t.Helper()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		f.mu.Lock()
		found := slices.Contains(f.asked, request)
		f.mu.Unlock()
		if found {
			return
		}
		if time.Now().After(end) {
			f.t.Fatalf("%q was not asked, but %q", request, f.requests())
		}
	}
}

// requests returns what was asked since the last call.
func (f *fake) requests() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	asked := f.asked
	f.asked = nil
	return asked
}

// tell sends a datagram to all monitors.
func (f *fake) tell(text string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, m := range f.monitors {
		if _, err := f.conn.WriteToUnix([]byte(text), m); err != nil {
			f.t.Errorf("tell %q: %v", text, err)
		}
	}
}

// script answers each request with what a table has for the longest beginning of
// it, and else OK.
func script(table map[string]string) func(string) []string {
	return func(request string) []string {
		best, answer := -1, "OK\n"
		for begin, a := range table {
			if strings.HasPrefix(request, begin) && len(begin) > best {
				best, answer = len(begin), a
			}
		}
		return []string{answer}
	}
}

// place is where the socket of a fake can be. Names of sockets are short.
func place(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "ctrl")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return filepath.Join(dir, "wlan0")
}

// config has our sockets beside the fake's.
func config(path string) Config { return Config{Dir: filepath.Dir(path), Timeout: 2 * time.Second} }

func dial(t *testing.T, path string, c Config) *Client {
	t.Helper()
	client, err := Dial(t.Context(), path, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	})
	return client
}

// begin opens a station over a fake.
func begin(t *testing.T, path string, o Options) *Station {
	t.Helper()
	if o.Dir == "" {
		o.Config = config(path)
	}
	o.Boot = "00112233445566778899aabbccddeeff"
	ticks := time.Duration(0)
	var mu sync.Mutex
	o.Clock = func() nl80211.Stamp {
		mu.Lock()
		defer mu.Unlock()
		ticks += time.Second
		return nl80211.Stamp{Monotonic: ticks, Boot: 2 * ticks}
	}
	o.Wall = func() time.Time { return time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC) }
	s, err := Open(t.Context(), path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// next waits for an event of that kind, past others.
func next(t *testing.T, s *Station, what roam.What) roam.Event {
	t.Helper()
	late := time.After(20 * time.Second)
	for {
		select {
		case e, ok := <-s.Events():
			if !ok {
				t.Fatalf("the events have ended without %q", what)
			}
			if e.What == what {
				return e
			}
		case <-late:
			t.Fatalf("no event %q", what)
		}
	}
}
