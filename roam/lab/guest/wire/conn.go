package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// A Conn sends frames; any number of goroutines may at once.
type Conn struct {
	mu  sync.Mutex
	w   io.Writer
	buf []byte
	err error
}

// NewConn returns a sender over w.
func NewConn(w io.Writer) *Conn { return &Conn{w: w} }

// Send sends one frame. After an error of the stream every call returns that
// error: half a frame may have gone out.
func (c *Conn) Send(kind Kind, channel uint32, payload []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return c.err
	}
	buf, err := Frame{Kind: kind, Channel: channel, Payload: payload}.Append(c.buf[:0])
	if err != nil {
		return err
	}
	c.buf = buf
	if _, err := c.w.Write(buf); err != nil {
		c.err = fmt.Errorf("send: %w", err)
	}
	return c.err
}

// SendMessage sends a frame whose payload is the message as JSON.
func (c *Conn) SendMessage(kind Kind, channel uint32, message any) error {
	payload, err := json.Marshal(message)
	if err != nil {
		return fmt.Errorf("send a message of kind %d: %w", kind, err)
	}
	return c.Send(kind, channel, payload)
}

// Pump sends what r holds as a stream of the channel, as far as the window
// allows, and then the stream's end. now gives the chunks' times; nil leaves
// them 0. A closed window ends it without error. After an error of r the end is
// not sent.
func (c *Conn) Pump(channel uint32, s Stream, r io.Reader, w *Window, now func() time.Duration) error {
	buf := make([]byte, ChunkSize)
	payload := make([]byte, 0, ChunkSize+chunkHead)
	for {
		n, err := r.Read(buf)
		chunk := Chunk{Stream: s}
		if now != nil && n > 0 {
			chunk.At = now()
		}
		for rest := buf[:n]; len(rest) > 0; {
			may := w.Take(len(rest))
			if may == 0 {
				return nil
			}
			chunk.Data = rest[:may]
			if err := c.Send(KindData, channel, chunk.Append(payload[:0])); err != nil {
				return err
			}
			rest = rest[may:]
		}
		if errors.Is(err, io.EOF) {
			return c.End(channel, s)
		}
		if err != nil {
			return err
		}
	}
}

// End says that no more of a stream will come.
func (c *Conn) End(channel uint32, s Stream) error {
	return c.Send(KindEnd, channel, []byte{byte(s)})
}

// Drain gives what comes into the inbox to sink and tells the other side what
// was taken, until the stream's end. After an error of sink the rest is thrown
// away, so that the other side does not wait, and the error is returned.
func (c *Conn) Drain(channel uint32, in *Inbox, sink func(Chunk) error) error {
	var failed error
	var credit [5]byte
	for {
		chunk, ok := in.Next()
		if !ok {
			return failed
		}
		if failed == nil {
			failed = sink(chunk)
		}
		if err := c.Send(KindCredit, channel, appendCredit(credit[:0], chunk.Stream, len(chunk.Data))); err != nil && failed == nil {
			failed = err
		}
	}
}
