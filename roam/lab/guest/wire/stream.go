package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"time"
)

// A Stream is one of the byte streams of a channel.
type Stream uint8

// The streams: those of a command, and a file's content.
const (
	Stdin Stream = iota
	Stdout
	Stderr
	Content
	streamEnd
)

// WindowSize is how many bytes of a stream may be on their way before the other
// side has taken some.
const WindowSize = 256 << 10

// ChunkSize is the most bytes one Chunk should carry: what the guest's kernel
// takes in one write to a port (drivers/char/virtio_console.c, port_fops_write).
const ChunkSize = 32<<10 - HeaderSize - chunkHead

const chunkHead = 9

// A Chunk is a piece of a stream.
type Chunk struct {
	Stream Stream
	At     time.Duration // since the sender's boot, when it was read; the host sends 0
	Data   []byte
}

// Append appends the chunk as a payload of KindData.
func (c Chunk) Append(b []byte) []byte {
	b = append(b, byte(c.Stream))
	b = binary.LittleEndian.AppendUint64(b, uint64(c.At))
	return append(b, c.Data...)
}

// ParseChunk reads a payload of KindData; Data is part of it.
func ParseChunk(payload []byte) (Chunk, error) {
	if len(payload) <= chunkHead || Stream(payload[0]) >= streamEnd {
		return Chunk{}, fmt.Errorf("read a chunk of %d bytes: %w", len(payload), ErrBadFrame)
	}
	at := binary.LittleEndian.Uint64(payload[1:])
	return Chunk{Stream: Stream(payload[0]), At: time.Duration(at), Data: payload[chunkHead:]}, nil
}

// ParseEnd reads a payload of KindEnd.
func ParseEnd(payload []byte) (Stream, error) {
	if len(payload) != 1 || Stream(payload[0]) >= streamEnd {
		return 0, fmt.Errorf("read the end of a stream: % x: %w", payload[:min(len(payload), 8)], ErrBadFrame)
	}
	return Stream(payload[0]), nil
}

func appendCredit(b []byte, s Stream, n int) []byte {
	return binary.LittleEndian.AppendUint32(append(b, byte(s)), uint32(n))
}

// ParseCredit reads a payload of KindCredit: the stream, and how many of its
// bytes were taken, at most WindowSize.
func ParseCredit(payload []byte) (Stream, int, error) {
	if len(payload) != 5 || Stream(payload[0]) >= streamEnd {
		return 0, 0, fmt.Errorf("read a credit: % x: %w", payload[:min(len(payload), 8)], ErrBadFrame)
	}
	n := binary.LittleEndian.Uint32(payload[1:])
	if n > WindowSize {
		return 0, 0, fmt.Errorf("read a credit of %d bytes: %w", n, ErrBadFrame)
	}
	return Stream(payload[0]), int(n), nil
}

// A Window is how much of a stream its sender may still send.
type Window struct {
	mu     sync.Mutex
	grown  sync.Cond
	left   int
	closed bool
}

// NewWindow returns a window of WindowSize bytes.
func NewWindow() *Window {
	w := &Window{left: WindowSize}
	w.grown.L = &w.mu
	return w
}

// Take waits until at least one byte may be sent and takes at most n of what may
// be. It returns 0 once the window is closed.
func (w *Window) Take(n int) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.left == 0 && !w.closed {
		w.grown.Wait()
	}
	if w.closed {
		return 0
	}
	n = min(n, w.left)
	w.left -= n
	return n
}

// Give adds what the other side has taken.
func (w *Window) Give(n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.left = min(w.left+n, WindowSize)
	w.grown.Broadcast()
}

// Close ends all waiting: nobody takes any more.
func (w *Window) Close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	w.grown.Broadcast()
}

// ErrOverrun is what Inbox.Push returns where the other side sent more than its
// window.
var ErrOverrun = errors.New("more was sent than may be")

// An Inbox holds what came of a stream and is not yet taken, at most WindowSize
// bytes.
type Inbox struct {
	mu     sync.Mutex
	came   sync.Cond
	chunks []Chunk
	size   int
	ended  bool
}

// NewInbox returns an empty inbox.
func NewInbox() *Inbox {
	b := new(Inbox)
	b.came.L = &b.mu
	return b
}

// Push keeps a copy of the chunk. Chunks after the end are dropped.
func (b *Inbox) Push(c Chunk) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ended {
		return nil
	}
	if b.size+len(c.Data) > WindowSize {
		return ErrOverrun
	}
	c.Data = append([]byte(nil), c.Data...)
	b.chunks = append(b.chunks, c)
	b.size += len(c.Data)
	b.came.Signal()
	return nil
}

// End says that nothing more comes.
func (b *Inbox) End() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ended = true
	b.came.Broadcast()
}

// Next waits for a chunk and takes it out; false at the end.
func (b *Inbox) Next() (Chunk, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(b.chunks) == 0 && !b.ended {
		b.came.Wait()
	}
	if len(b.chunks) == 0 {
		return Chunk{}, false
	}
	c := b.chunks[0]
	b.chunks = b.chunks[1:]
	b.size -= len(c.Data)
	return c, true
}
