// Package wire is what the host and the init of a lab guest say to each other
// over one byte stream (a virtio-serial port): frames of many channels, with a
// window for each stream of bytes, so that a slow reader of one command's output
// holds up nothing else.
package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Protocol is the version of what is said; both sides are built from one tree,
// so a difference means that the guest was given an older program.
const Protocol = 1

// A Kind says what a frame is.
type Kind uint8

// The kinds of frames. Those marked G come from the guest, those marked H from
// the host.
const (
	KindHello    Kind = iota + 1 // G: Hello, once, channel 0
	KindClock                    // H: Clock, the answer to Hello
	KindReady                    // G: Ready, the answer to Clock
	KindPing                     // H: no payload
	KindPong                     // G: no payload
	KindRun                      // H: Run, opens the channel
	KindPut                      // H: Put, opens the channel; the file's bytes follow
	KindGet                      // H: Get, opens the channel; the file's bytes are the answer
	KindStarted                  // G: Started, the answer to Run
	KindData                     // both: Chunk
	KindEnd                      // both: one byte, the Stream which has ended
	KindCredit                   // both: one byte Stream, four bytes of how much was taken
	KindSignal                   // H: Signal, to the command of the channel
	KindResult                   // G: Result, closes the channel
	KindKernel                   // G: records of /dev/kmsg one after another, channel 0
	KindPowerOff                 // H: no payload
	KindBye                      // G: no payload, the last frame
	kindEnd
)

// HeaderSize is the length in bytes of what comes before a frame's payload:
// payload length and channel as little-endian 32 bit numbers, the kind, three
// zero bytes.
const HeaderSize = 12

// MaxPayload is the longest payload of a frame, in bytes.
const MaxPayload = 1 << 20

// ErrBadFrame is what Reader.Read wraps where the stream holds no frame. Nothing
// after it can be read.
var ErrBadFrame = errors.New("no frame")

// A Frame is one message.
type Frame struct {
	Kind    Kind
	Channel uint32
	Payload []byte
}

// Append appends the frame as it goes over the stream.
func (f Frame) Append(b []byte) ([]byte, error) {
	if f.Kind == 0 || f.Kind >= kindEnd {
		return b, fmt.Errorf("send a frame of kind %d: %w", f.Kind, ErrBadFrame)
	}
	if len(f.Payload) > MaxPayload {
		return b, fmt.Errorf("send a frame of %d bytes: more than %d: %w", len(f.Payload), MaxPayload, ErrBadFrame)
	}
	b = binary.LittleEndian.AppendUint32(b, uint32(len(f.Payload)))
	b = binary.LittleEndian.AppendUint32(b, f.Channel)
	b = append(b, byte(f.Kind), 0, 0, 0)
	return append(b, f.Payload...), nil
}

// A Reader takes frames off a stream.
type Reader struct {
	r      io.Reader
	header [HeaderSize]byte
	buf    []byte
}

// NewReader returns a reader of r's frames. r should be buffered where small
// reads are dear.
func NewReader(r io.Reader) *Reader { return &Reader{r: r} }

// Read returns the next frame; its payload is good until the next call. The
// error is io.EOF where the stream ends between frames, io.ErrUnexpectedEOF
// inside of one, and wraps ErrBadFrame where what was read is no frame.
func (r *Reader) Read() (Frame, error) {
	if _, err := io.ReadFull(r.r, r.header[:]); err != nil {
		return Frame{}, err
	}
	n := binary.LittleEndian.Uint32(r.header[0:])
	f := Frame{Kind: Kind(r.header[8]), Channel: binary.LittleEndian.Uint32(r.header[4:])}
	switch {
	case n > MaxPayload:
		return Frame{}, fmt.Errorf("read a frame of %d bytes: %w", n, ErrBadFrame)
	case f.Kind == 0 || f.Kind >= kindEnd:
		return Frame{}, fmt.Errorf("read a frame of kind %d: %w", f.Kind, ErrBadFrame)
	case r.header[9]|r.header[10]|r.header[11] != 0:
		return Frame{}, fmt.Errorf("read a frame's head % x: %w", r.header, ErrBadFrame)
	}
	if cap(r.buf) < int(n) {
		r.buf = make([]byte, n)
	}
	f.Payload = r.buf[:n]
	if _, err := io.ReadFull(r.r, f.Payload); err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return Frame{}, err
	}
	return f, nil
}
