package manager

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
)

// ControlSockets is a [Control] over Unix sockets: a datagram for each request
// and one for its answer, which goes to a socket with a name
// (wpa_supplicant/ctrl_iface_unix.c).
type ControlSockets struct {
	// Dir is where our own sockets are made; empty: where temporary files are.
	Dir string
}

// mostAnswer is the longest answer there is.
const mostAnswer = 64 << 10

// Ask implements [Control].
func (c ControlSockets) Ask(ctx context.Context, socket, request string) (answer string, err error) {
	verb, _, _ := strings.Cut(request, " ")
	defer func() {
		if err != nil {
			err = fmt.Errorf("ask %s at %s: %w", verb, socket, err)
		}
	}()
	dir, err := os.MkdirTemp(c.Dir, "roamfault-ask-")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	// The supplicant may run as another user, and has to reach our socket.
	if err := os.Chmod(dir, 0o711); err != nil {
		return "", err
	}
	own := filepath.Join(dir, "s")
	conn, err := net.DialUnix("unixgram", &net.UnixAddr{Name: own, Net: "unixgram"}, &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if err := os.Chmod(own, 0o622); err != nil {
		return "", err
	}
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return "", err
		}
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	if _, err := conn.Write([]byte(request)); err != nil {
		return "", err
	}
	b := make([]byte, mostAnswer)
	for {
		n, err := conn.Read(b)
		if err != nil {
			if cause := context.Cause(ctx); cause != nil {
				err = cause
			}
			return "", err
		}
		// Events come to some that have not asked for them.
		if n == 0 || b[0] != '<' {
			return strings.TrimSuffix(string(b[:n]), "\n"), nil
		}
	}
}
