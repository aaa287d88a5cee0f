package ctrl

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"roamfault/roam"
)

// Monitor is told what the daemon has to say.
type Monitor struct {
	end    *endpoint
	client *Client
	// heard is when the daemon was heard last, asked when it was asked since whether
	// it lives.
	heard, asked time.Time
	timeout      time.Duration
	silent       bool
}

// Attach begins to listen to the daemon that the client asks.
func (c *Client) Attach(ctx context.Context) (*Monitor, error) {
	m, err := c.attach(ctx)
	if err != nil {
		return nil, fmt.Errorf("ask wpa_supplicant for its events: %w", err)
	}
	return m, nil
}

func (c *Client) attach(ctx context.Context) (_ *Monitor, err error) {
	end, err := open(c.path, c.dir)
	if err != nil {
		return nil, err
	}
	m := &Monitor{end: end, client: c, timeout: c.timeout}
	defer func() {
		if err != nil {
			err = errors.Join(err, end.close())
		}
	}()
	stop := context.AfterFunc(ctx, func() { _ = end.conn.SetDeadline(past()) })
	defer stop()
	if err := limit(ctx, end, c.timeout); err != nil {
		return nil, err
	}
	if _, err := end.conn.Write([]byte("ATTACH")); err != nil {
		return nil, c.failed(ctx, err)
	}
	for {
		answer, err := end.receive()
		switch {
		case err != nil:
			return nil, c.failed(ctx, err)
		case answer == "OK\n":
			m.heard = time.Now()
			return m, end.conn.SetDeadline(time.Time{})
		case !isEvent(answer):
			return nil, &Refusal{"ATTACH", strings.TrimSuffix(answer, "\n")}
		}
	}
}

// Receive waits for the next message. Its error is that of ctx; it wraps
// roam.ErrGone when the daemon has ended, and the Monitor is of no use then; or it
// wraps roam.ErrSilent, once, when the daemon is there and does not answer: then
// more may come, and what comes shows that it answers again.
func (m *Monitor) Receive(ctx context.Context) (Message, error) {
	stop := context.AfterFunc(ctx, func() { _ = m.end.conn.SetDeadline(past()) })
	defer stop()
	for {
		if err := limit(ctx, m.end, look); err != nil {
			return Message{}, err
		}
		text, err := m.end.receive()
		switch {
		case ctx.Err() != nil:
			return Message{}, context.Cause(ctx)
		case err == nil:
			m.heard, m.asked, m.silent = time.Now(), time.Time{}, false
			if message, ok := parseMessage(text); ok && m.client.ours(message) {
				return message, nil
			}
		case !errors.Is(err, os.ErrDeadlineExceeded):
			return Message{}, explain(m.client.path, err)
		default:
			if err := m.idle(ctx); err != nil {
				return Message{}, err
			}
		}
	}
}

// ours reports whether a message is about the client's interface: a global socket
// tells of all.
func (c *Client) ours(m Message) bool {
	return c.prefix == "" || m.Interface == "" || m.Interface == c.Interface()
}

// idle looks after a daemon that has said nothing for a while: one that is quiet
// answers a ping, one that hangs does not.
func (m *Monitor) idle(ctx context.Context) error {
	if err := m.end.present(); err != nil {
		return err
	}
	now := time.Now()
	switch {
	case m.asked.IsZero() && now.Sub(m.heard) >= m.timeout/2:
		m.asked = now
		if err := limit(ctx, m.end, look); err != nil {
			return err
		}
		// A socket that is full is one that nobody reads: the time will tell.
		if _, err := m.end.conn.Write([]byte("PING")); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			return explain(m.client.path, err)
		}
	case !m.asked.IsZero() && !m.silent && now.Sub(m.asked) >= m.timeout:
		m.silent = true
		return fmt.Errorf("%w of wpa_supplicant for %v", roam.ErrSilent, now.Sub(m.heard).Round(time.Second))
	}
	return nil
}

// Close ends the listening, and does not wait for the daemon: one that cannot send
// to a monitor forgets it (ctrl_iface_unix.c, wpa_supplicant_ctrl_iface_send).
func (m *Monitor) Close() error {
	_ = m.end.conn.SetWriteDeadline(time.Now().Add(look))
	_, _ = m.end.conn.Write([]byte("DETACH"))
	return m.end.close()
}
