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
	"sync"
	"syscall"
	"time"

	"roamfault/roam"
)

// Config says how to ask. The zero value is good.
type Config struct {
	// Interface is the network interface asked for: needed with a directory of
	// several sockets, and with a global socket.
	Interface string
	// Dir is where our own sockets are made; empty: where the daemon is found to
	// answer to.
	Dir string
	// Timeout is how long an answer is waited for where the context has no earlier
	// end; 0: 10 s, as long as wpa_cli waits.
	Timeout time.Duration
}

// defaultTimeout is that of Config.
const defaultTimeout = 10 * time.Second

// firstTimeout is how long a daemon may take for its first answer, as long as
// there are more directories to try.
const firstTimeout = time.Second

// look is how often it is looked whether the daemon is still there.
const look = 250 * time.Millisecond

// Client asks a wpa_supplicant. Requests may be made by several goroutines, and
// are done one after the other.
type Client struct {
	path, dir, prefix string
	timeout           time.Duration

	mu     sync.Mutex
	end    *endpoint // nil: to be opened
	closed bool
}

// errClosed says that a client was closed.
var errClosed = errors.New("the control client is closed")

// Dial connects to a daemon and waits for a first answer. The path is that of an
// interface's socket, of the directory it is in, or of the daemon's global
// socket. The error wraps roam.ErrGone where no daemon is, and roam.ErrSilent
// where it does not answer.
func Dial(ctx context.Context, path string, config Config) (*Client, error) {
	socket, global, err := locate(path, config.Interface)
	if err != nil {
		return nil, err
	}
	c := &Client{path: socket, timeout: config.Timeout}
	if c.timeout == 0 {
		c.timeout = defaultTimeout
	}
	if global {
		c.prefix = "IFNAME=" + config.Interface + " "
	}
	dirs := homes(config.Dir)
	for i, dir := range dirs {
		c.dir = dir
		if last := i == len(dirs)-1; last {
			err = c.ping(ctx, c.timeout)
		} else {
			err = c.ping(ctx, min(firstTimeout, c.timeout))
		}
		if err == nil {
			sweep(dir)
			return c, nil
		}
		if ctx.Err() != nil {
			break
		}
	}
	err = errors.Join(err, c.Close())
	if errors.Is(err, roam.ErrSilent) {
		return nil, fmt.Errorf("%w (it hangs, or cannot reach our own sockets in %s: with a private /tmp it cannot, name another directory)", err, strings.Join(dirs, " or "))
	}
	return nil, err
}

// Path is that of the daemon's socket.
func (c *Client) Path() string { return c.path }

// ping asks for a sign of life.
func (c *Client) ping(ctx context.Context, timeout time.Duration) error {
	answer, err := c.ask(ctx, "PING", timeout)
	if err == nil && answer != "PONG" {
		return fmt.Errorf("ask wpa_supplicant %q: answer %q, is %s another program's socket?", "PING", shorten(answer), c.path)
	}
	return err
}

// Request asks in the daemon's own words ("STATUS") and returns the answer without
// the end of its last line. A refusal ("FAIL", "UNKNOWN COMMAND") is an answer as
// any; see [Client.Order]. The error wraps roam.ErrGone, roam.ErrSilent or that of
// ctx.
func (c *Client) Request(ctx context.Context, words string) (string, error) {
	return c.ask(ctx, words, c.timeout)
}

// Refusal is an answer other than OK to an order.
type Refusal struct{ Words, Answer string }

// Error says what was asked, and the answer.
func (r *Refusal) Error() string {
	return fmt.Sprintf("wpa_supplicant refuses %q: %s", r.Words, shorten(r.Answer))
}

// Order makes a request that has to be answered with OK. Of any other answer the
// error is a *Refusal.
func (c *Client) Order(ctx context.Context, words string) error {
	answer, err := c.Request(ctx, words)
	if err == nil && answer != "OK" {
		return &Refusal{words, answer}
	}
	return err
}

// shorten keeps an answer that is shown within a line.
func shorten(answer string) string {
	const most = 60
	answer, _, _ = strings.Cut(answer, "\n")
	if len(answer) > most {
		answer = answer[:most] + "..."
	}
	return answer
}

func (c *Client) ask(ctx context.Context, words string, timeout time.Duration) (_ string, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("ask wpa_supplicant %q: %w", words, err)
		}
	}()
	if strings.ContainsAny(words, "\n\x00") {
		return "", errors.New("a request is one line")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return "", errClosed
	}
	if err := ctx.Err(); err != nil {
		return "", context.Cause(ctx)
	}
	fresh := c.end == nil
	answer, err := c.try(ctx, words, timeout)
	// A request that could not be sent to a daemon that is gone was not made: it is
	// made once more, of the daemon that may have taken its place.
	if !fresh && errors.Is(err, errNotSent) {
		answer, err = c.try(ctx, words, timeout)
	}
	return answer, err
}

// errNotSent says that nobody has got the request.
var errNotSent = errors.New("not sent")

// try asks once. A socket over which an answer may still come is given up: that
// answer would be taken for that of the next request.
func (c *Client) try(ctx context.Context, words string, timeout time.Duration) (answer string, err error) {
	if c.end == nil {
		if c.end, err = open(c.path, c.dir); err != nil {
			return "", err
		}
	}
	e := c.end
	defer func() {
		if err != nil {
			c.end = nil
			_ = e.close() // the request has failed already
		}
	}()
	stop := context.AfterFunc(ctx, func() { _ = e.conn.SetDeadline(past()) })
	defer stop()
	begun := time.Now()
	if err := limit(ctx, e, timeout); err != nil {
		return "", err
	}
	if _, err := e.conn.Write([]byte(c.prefix + words)); err != nil {
		return "", c.failed(ctx, err)
	}
	for {
		if err := limit(ctx, e, min(look, timeout-time.Since(begun))); err != nil {
			return "", err
		}
		answer, err := e.receive()
		switch {
		// Events may come to a socket that has not asked, too: to the one that has
		// begun a WPS or P2P operation.
		case err == nil && !isEvent(answer):
			return strings.TrimSuffix(answer, "\n"), nil
		case err == nil:
		case ctx.Err() != nil, !errors.Is(err, os.ErrDeadlineExceeded):
			return "", c.failed(ctx, err)
		}
		if err := e.present(); err != nil {
			return "", err
		}
		if time.Since(begun) >= timeout {
			return "", fmt.Errorf("%w within %v", roam.ErrSilent, timeout)
		}
	}
}

// limit sets how long the socket may take, and leaves a context that has ended
// its say.
func limit(ctx context.Context, e *endpoint, d time.Duration) error {
	if err := e.conn.SetDeadline(time.Now().Add(max(d, time.Millisecond))); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

// failed says what an error of the socket means.
func (c *Client) failed(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return fmt.Errorf("%w: its socket takes no more requests", roam.ErrSilent)
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "write" && (errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ENOTCONN) || errors.Is(err, fs.ErrNotExist)) {
		return fmt.Errorf("%w: %w", errNotSent, explain(c.path, err))
	}
	return explain(c.path, err)
}

// Close gives the client up. A request under way ends first.
func (c *Client) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	if c.end == nil {
		return nil
	}
	e := c.end
	c.end = nil
	return e.close()
}

// Interface is the name of the network interface, as the socket's name has it.
func (c *Client) Interface() string {
	if name, ok := strings.CutPrefix(c.prefix, "IFNAME="); ok {
		return strings.TrimSuffix(name, " ")
	}
	return filepath.Base(c.path)
}
