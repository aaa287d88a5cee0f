package labtest

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"testing"
	"time"
)

// A supplicant's control socket answers, and may say other things before.
func TestControlSocket(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "wlan0")
	answers := map[string][]string{
		"PING":   {"PONG\n"},
		"STATUS": {"<3>CTRL-EVENT-SCAN-RESULTS ", "bssid=02:00:00:00:01:00\nwpa_state=COMPLETED\n"},
		"BSS 1":  {""},
	}
	// The socket comes later than who wants it.
	time.AfterFunc(50*time.Millisecond, func() {
		conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
		if err != nil {
			t.Error(err)
			return
		}
		t.Cleanup(func() { conn.Close() })
		go func() {
			b := make([]byte, 100)
			for {
				n, from, err := conn.ReadFromUnix(b)
				if err != nil {
					return
				}
				for _, answer := range answers[string(b[:n])] {
					if _, err := conn.WriteToUnix([]byte(answer), from); err != nil {
						return
					}
				}
			}
		}()
	})
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	c, err := dialControl(ctx, path, dir, "own")
	if err != nil {
		t.Fatal(err)
	}
	for request, want := range map[string]string{"PING": "PONG", "STATUS": "bssid=02:00:00:00:01:00\nwpa_state=COMPLETED", "BSS 1": ""} {
		if got, err := c.request(ctx, request); got != want || err != nil {
			t.Errorf("%s: %q, error %v; want %q", request, got, err, want)
		}
	}
	short, cancelShort := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancelShort()
	if got, err := c.request(short, "SILENCE"); err == nil {
		t.Errorf("an answer to nothing: %q", got)
	}
	if err := c.close(); err != nil {
		t.Error(err)
	}
	if _, err := dialControl(short, filepath.Join(dir, "nobody"), dir, "own"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v, want that of the time", err)
	}
}
