package labtest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// controlSocket is a connection to wpa_supplicant's control interface: datagrams
// between two Unix sockets, a request and its answer, and events on a connection
// that has asked for them (wpa_supplicant/ctrl_iface_unix.c).
type controlSocket struct {
	conn *net.UnixConn
	own  string
}

// controlMessage is the longest datagram there is.
const controlMessage = 64 << 10

// dialControl connects to the control socket at path, from one with a name in
// dir. It waits for the supplicant to make it.
func dialControl(ctx context.Context, path, dir, name string) (*controlSocket, error) {
	own := filepath.Join(dir, name)
	for {
		conn, err := net.DialUnix("unixgram", &net.UnixAddr{Name: own, Net: "unixgram"}, &net.UnixAddr{Name: path, Net: "unixgram"})
		if err == nil {
			return &controlSocket{conn, own}, nil
		}
		_ = os.Remove(own)
		if !errors.Is(err, os.ErrNotExist) && !errors.Is(err, syscall.ECONNREFUSED) {
			return nil, fmt.Errorf("connect to the control socket: %w", err)
		}
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
			return nil, fmt.Errorf("connect to the control socket %s: %w", path, context.Cause(ctx))
		}
	}
}

// request asks and returns the answer without the end of its last line.
func (c *controlSocket) request(ctx context.Context, text string) (string, error) {
	failed := func(err error) (string, error) {
		return "", fmt.Errorf("ask wpa_supplicant %q: %w", text, err)
	}
	deadline, _ := ctx.Deadline()
	if err := c.conn.SetDeadline(deadline); err != nil {
		return failed(err)
	}
	if _, err := c.conn.Write([]byte(text)); err != nil {
		return failed(err)
	}
	for {
		answer, err := c.receive()
		if err != nil {
			return failed(err)
		}
		// Events may come to a connection that has not asked, too: to the one
		// that has begun a WPS or P2P operation.
		if !strings.HasPrefix(answer, "<") {
			return strings.TrimSuffix(answer, "\n"), nil
		}
	}
}

func (c *controlSocket) receive() (string, error) {
	b := make([]byte, controlMessage)
	n, err := c.conn.Read(b)
	return string(b[:n]), err
}

func (c *controlSocket) close() error {
	return errors.Join(c.conn.Close(), os.Remove(c.own))
}
