package ctrl

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"roamfault/roam"
)

// longest is the longest datagram that is taken, in octets.
const longest = 64 << 10

// ownPrefix begins the names of our sockets.
const ownPrefix = "roamfault-ctrl-"

// endpoint is a socket of ours, connected to the daemon's: only that one can send
// to it. A name in the file system it must have, since the daemon answers to a
// name; abstract ones are not answered by every build.
type endpoint struct {
	conn   *net.UnixConn
	own    string
	daemon fs.FileInfo // of the daemon's socket: another one after a restart
	path   string
	buffer []byte
}

// open connects a new socket in dir to the daemon's at path.
func open(path, dir string) (*endpoint, error) {
	daemon, err := os.Stat(path)
	if err != nil {
		return nil, explain(path, err)
	}
	own := filepath.Join(dir, ownPrefix+rand.Text())
	conn, err := net.DialUnix("unixgram", &net.UnixAddr{Name: own, Net: "unixgram"}, &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		_ = os.Remove(own) // it may not have come into being
		return nil, explain(path, err)
	}
	return &endpoint{conn: conn, own: own, daemon: daemon, path: path, buffer: make([]byte, longest+1)}, nil
}

func (e *endpoint) close() error {
	err := os.Remove(e.own)
	if errors.Is(err, fs.ErrNotExist) { // a cleaner of temporary files was there
		err = nil
	}
	return errors.Join(e.conn.Close(), err)
}

// receive takes a datagram. The text is a copy.
func (e *endpoint) receive() (string, error) {
	n, err := e.conn.Read(e.buffer)
	if err != nil {
		return "", err
	}
	if n > longest {
		return "", fmt.Errorf("an answer of more than %d octets", longest)
	}
	return string(e.buffer[:n]), nil
}

// present says why the daemon of this endpoint cannot answer any more; nil: it
// may. A daemon that was killed leaves its socket's name behind, and one that was
// started again has another socket of the same name.
func (e *endpoint) present() error {
	now, err := os.Stat(e.path)
	if err != nil {
		return explain(e.path, err)
	}
	if !os.SameFile(now, e.daemon) {
		return fmt.Errorf("%w: the control socket %s was made anew", roam.ErrGone, e.path)
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: e.path, Net: "unixgram"})
	if err != nil {
		return explain(e.path, err)
	}
	return conn.Close()
}

// explain says what an error with the daemon's socket means, and what to do.
func explain(path string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w: no control socket %s: start wpa_supplicant with ctrl_interface set, or ask it over D-Bus (%w)", roam.ErrGone, path, err)
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Errorf("%w: nobody is behind the control socket %s: the wpa_supplicant that made it has ended, start it again (%w)", roam.ErrGone, path, err)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("control socket %s: run this as root, or as a member of the group that owns it: %w", path, err)
	case errors.Is(err, syscall.ENAMETOOLONG), errors.Is(err, syscall.EINVAL):
		return fmt.Errorf("control socket %s: a socket's name has 107 octets at most, name a shorter directory: %w", path, err)
	}
	return fmt.Errorf("control socket %s: %w", path, err)
}

// sweepMost bounds how many names of a directory are looked at.
const sweepMost = 4096

// sweep removes sockets of ours that nobody is behind: those of a process that
// was killed. What cannot be removed stays.
func sweep(dir string) {
	d, err := os.Open(dir)
	if err != nil {
		return
	}
	defer d.Close()
	names, err := d.Readdirnames(sweepMost)
	if err != nil {
		return
	}
	for _, name := range names {
		if !strings.HasPrefix(name, ownPrefix) {
			continue
		}
		path := filepath.Join(dir, name)
		conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: path, Net: "unixgram"})
		if err == nil {
			conn.Close()
		}
		if errors.Is(err, syscall.ECONNREFUSED) {
			_ = os.Remove(path)
		}
	}
}

// past ends what waits for a socket.
func past() time.Time { return time.Unix(1, 0) }
