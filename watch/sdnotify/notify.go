// Package sdnotify tells a service manager how a program is, by the protocol of
// sd_notify(3): datagrams to the socket that NOTIFY_SOCKET names.
package sdnotify

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
)

// Notifier sends states to the service manager. A nil Notifier, which is what a
// program has that no service manager started, sends nothing.
type Notifier struct {
	conn *net.UnixConn
	// watchdog is how often the manager wants a sign of life at the least, 0
	// for never.
	watchdog time.Duration
}

// New returns the notifier that the environment asks for, nil for none. The
// variables are those of sd_notify(3) and sd_watchdog_enabled(3): NOTIFY_SOCKET,
// WATCHDOG_USEC and WATCHDOG_PID.
func New(getenv func(string) string) (*Notifier, error) {
	path := getenv("NOTIFY_SOCKET")
	if path == "" {
		return nil, nil
	}
	if path[0] != '/' && path[0] != '@' {
		return nil, fmt.Errorf("notify the service manager: NOTIFY_SOCKET is %q: neither a path nor an abstract socket", path)
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		return nil, fmt.Errorf("notify the service manager: %w", err)
	}
	n := &Notifier{conn: conn}
	if pid := getenv("WATCHDOG_PID"); pid == "" || pid == strconv.Itoa(os.Getpid()) {
		if usec, err := strconv.ParseInt(getenv("WATCHDOG_USEC"), 10, 64); err == nil && usec > 0 && usec < 1<<52 {
			n.watchdog = time.Duration(usec) * time.Microsecond
		}
	}
	return n, nil
}

// Watchdog is how long the service manager waits for an [Notifier.Alive] before
// it takes the program for hung; 0 when it does not wait.
func (n *Notifier) Watchdog() time.Duration {
	if n == nil {
		return 0
	}
	return n.watchdog
}

// Ready says that the program runs, at the start and behind a reload.
func (n *Notifier) Ready() error { return n.send("READY=1") }

// Reloading says that configuration is being read again. The monotonic clock
// is CLOCK_MONOTONIC.
func (n *Notifier) Reloading(monotonic time.Duration) error {
	return n.send("RELOADING=1\nMONOTONIC_USEC=" + strconv.FormatInt(monotonic.Microseconds(), 10))
}

// Stopping says that the program is about to end.
func (n *Notifier) Stopping() error { return n.send("STOPPING=1") }

// Alive is a sign of life for the watchdog.
func (n *Notifier) Alive() error { return n.send("WATCHDOG=1") }

// Status says in one line how things are, for people.
func (n *Notifier) Status(text string) error {
	return n.send("STATUS=" + strings.ReplaceAll(text, "\n", " "))
}

// Close ends it.
func (n *Notifier) Close() error {
	if n == nil {
		return nil
	}
	return n.conn.Close()
}

func (n *Notifier) send(state string) error {
	if n == nil {
		return nil
	}
	if _, err := n.conn.Write([]byte(state)); err != nil {
		return fmt.Errorf("notify the service manager: %w", err)
	}
	return nil
}
