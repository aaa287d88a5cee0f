package lab

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"time"
)

// ServerOption adds to what a Server can do.
type ServerOption func(*Server)

// WithCapture lets the request "capture" be made: start begins to write the
// frames on the air to w, and stop ends that.
func WithCapture(start func(w io.Writer) (stop func() error, err error)) ServerOption {
	return func(s *Server) { s.startCapture = start }
}

// capture answers "capture" with one line and then with the capture's octets,
// until the other side has nothing more to say.
func (s *Server) capture(ctx context.Context, c net.Conn, out *json.Encoder) error {
	if s.startCapture == nil {
		return out.Encode(Answer{Error: "this lab cannot capture"})
	}
	queue := newQueue()
	stop, err := s.startCapture(queue)
	if err != nil {
		return out.Encode(Answer{Error: err.Error()})
	}
	if err := out.Encode(Answer{}); err != nil {
		return errors.Join(err, stop())
	}
	written := make(chan error, 1)
	go func() { written <- queue.drain(c) }()
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		io.Copy(io.Discard, c)
	}()
	select {
	case <-gone:
	case <-ctx.Done():
	case err := <-written:
		return errors.Join(err, stop())
	}
	err = stop()
	queue.end()
	return errors.Join(err, <-written)
}

// queueLength is how many writes wait for a slow reader.
const queueLength = 256

// queue takes writes at once and hands them on when the reader is ready. What
// is too much for it is lost: the lab does not wait for those who look on.
type queue struct {
	writes chan []byte
	lost   atomic.Int64
}

func newQueue() *queue { return &queue{writes: make(chan []byte, queueLength)} }

// Write never fails and never waits. It must not be called after end.
func (q *queue) Write(b []byte) (int, error) {
	select {
	case q.writes <- append([]byte(nil), b...):
	default:
		q.lost.Add(1)
	}
	return len(b), nil
}

func (q *queue) end() { close(q.writes) }

// drain hands on what is written, until the end or an error.
func (q *queue) drain(w io.Writer) error {
	for b := range q.writes {
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	return nil
}

// captureEnd is how long a lab may take to finish a capture.
const captureEnd = 5 * time.Second

// Capture writes what is on the air of the lab behind a control socket to w, as
// a pcapng file, until ctx ends, which is no error. Its error wraps ErrClosed when
// the lab ends before; the file is whole then, too.
func Capture(ctx context.Context, path string, w io.Writer) error {
	c, err := dial(ctx, path)
	if err != nil {
		return err
	}
	defer c.Close()
	stop := context.AfterFunc(ctx, func() {
		// The lab is told by the end of what we say, and finishes the file.
		_ = c.SetReadDeadline(time.Now().Add(captureEnd))
		_ = c.CloseWrite()
	})
	defer stop()
	if err := json.NewEncoder(c).Encode(Request{Do: "capture"}); err != nil {
		return fmt.Errorf("ask the lab for a capture: %w", err)
	}
	in := bufio.NewReaderSize(c, maxRequest)
	line, err := in.ReadSlice('\n')
	if err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return fmt.Errorf("ask the lab for a capture: %w", err)
	}
	var answer Answer
	if err := json.Unmarshal(line, &answer); err != nil {
		return fmt.Errorf("ask the lab for a capture: %w", err)
	}
	if answer.Error != "" {
		return errors.New(answer.Error)
	}
	if _, err := io.Copy(w, in); err != nil {
		return fmt.Errorf("capture: %w", err)
	}
	if ctx.Err() == nil {
		return fmt.Errorf("capture: %w", ErrClosed)
	}
	return nil
}
