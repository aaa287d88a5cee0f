package manager

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A supplicant answers, may say other things before, or nothing.
func TestControlSockets(t *testing.T) {
	dir := t.TempDir()
	socket := filepath.Join(dir, "wlan0")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	answers := map[string][]string{"PING": {"PONG\n"}, "STATUS": {"<3>CTRL-EVENT-SCAN-STARTED ", "a=b\nc=d\n"}, "EMPTY": {""}}
	go func() {
		b := make([]byte, 100)
		for {
			n, from, err := conn.ReadFromUnix(b)
			if err != nil {
				return
			}
			for _, a := range answers[string(b[:n])] {
				if _, err := conn.WriteToUnix([]byte(a), from); err != nil {
					t.Error(err)
				}
			}
		}
	}()
	own := t.TempDir()
	c := ControlSockets{Dir: own}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for request, want := range map[string]string{"PING": "PONG", "STATUS": "a=b\nc=d", "EMPTY": ""} {
		if got, err := c.Ask(ctx, socket, request); got != want || err != nil {
			t.Errorf("%s: %q, error %v", request, got, err)
		}
	}
	short, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer stop()
	if got, err := c.Ask(short, socket, "INTERFACE_ADD x\tsecret"); !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, os.ErrDeadlineExceeded) || strings.Contains(err.Error(), "secret") {
		t.Errorf("%q, error %v", got, err)
	}
	if _, err := c.Ask(ctx, filepath.Join(dir, "nobody"), "PING"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v", err)
	}
	if left, err := os.ReadDir(own); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, error %v", left, err)
	}
}
