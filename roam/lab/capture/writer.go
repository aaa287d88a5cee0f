package capture

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"sync"
	"time"
)

// Options say what a file begins with, and how long it may get.
type Options struct {
	// Application, Hardware and OS say what made the file. Empty: not said.
	Application, Hardware, OS string
	// Comment is the file's.
	Comment string
	// Limit is the longest file in octets. Frames beyond it are dropped and
	// counted. 0: no limit.
	Limit int64
}

// Interface is where frames are captured, such as a link of an access point.
type Interface struct {
	Name, Description string
}

// InterfaceID is the number of an interface in its file.
type InterfaceID uint32

// Direction is which way a frame went, seen from the interface.
type Direction uint8

// The directions of a frame.
const (
	Unknown Direction = iota
	Inbound
	Outbound
)

// Packet is a frame to write.
type Packet struct {
	Interface InterfaceID
	// Time is when it was on the air, from 1970 to 2262.
	Time time.Time
	// Direction is which way it went.
	Direction Direction
	// Radio is how it was on the air.
	Radio Radio
	// Comment is shown with the frame.
	Comment string
	// Data is the frame without FCS. What is beyond MaxFrame octets is cut off.
	Data []byte
}

// MaxFrame is how many octets of a frame are kept.
const MaxFrame = 1 << 16

// Stats are counts of a file.
type Stats struct {
	// Written and Dropped are frames, the latter for Options.Limit.
	Written, Dropped uint64
	// Octets is how long the file is, with what is not flushed yet.
	Octets int64
}

const (
	// bufferLen is how much is gathered before it is written.
	bufferLen = 64 << 10
	// maxInterfaces bounds what a file keeps in memory.
	maxInterfaces = 1 << 12
)

// Writer writes a file. Its methods can be called at the same time. The first
// error of the io.Writer stays: every later call returns it.
type Writer struct {
	mu     sync.Mutex
	w      io.Writer
	buffer []byte // whole blocks
	limit  int64
	octets int64
	ends   int64 // what Close is still going to write
	counts []counts
	last   time.Time
	err    error
	closed bool
}

type counts struct{ written, dropped uint64 }

// ErrClosed: the file is closed.
var ErrClosed = errors.New("the capture is closed")

// statisticsLen is how long what Close writes of an interface is.
const statisticsLen = 24 + 2*12 + 4

// NewWriter begins a file.
func NewWriter(w io.Writer, options Options) (*Writer, error) {
	writer := &Writer{w: w, limit: options.Limit, buffer: make([]byte, 0, bufferLen)}
	if writer.limit <= 0 {
		writer.limit = math.MaxInt64
	}
	b := beginBlock(nil, blockSection)
	b = binary.LittleEndian.AppendUint32(b, byteOrderMagic)
	b = append(b, 1, 0, 0, 0)                               // version 1.0
	b = binary.LittleEndian.AppendUint64(b, math.MaxUint64) // length not known
	b = appendText(b, optionHardware, options.Hardware)
	b = appendText(b, optionOS, options.OS)
	b = appendText(b, optionApplication, options.Application)
	b = appendText(b, optionComment, options.Comment)
	b = endBlock(endOptions(b), 0)
	if int64(len(b)) > writer.limit {
		return nil, fmt.Errorf("begin a capture: its head alone is longer than %d octets", options.Limit)
	}
	writer.buffer = append(writer.buffer, b...)
	writer.octets = int64(len(b))
	return writer, writer.flush()
}

// AddInterface tells of an interface, which packets can be written for from then
// on.
func (w *Writer) AddInterface(i Interface) (InterfaceID, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.usable(); err != nil {
		return 0, err
	}
	if len(w.counts) == maxInterfaces {
		return 0, fmt.Errorf("capture: there are %d interfaces already", maxInterfaces)
	}
	start := len(w.buffer)
	b := beginBlock(w.buffer, blockInterface)
	b = binary.LittleEndian.AppendUint16(b, linkTypeRadiotap)
	b = append(b, 0, 0)
	b = binary.LittleEndian.AppendUint32(b, MaxFrame+maxRadiotap)
	b = appendText(b, optionName, i.Name)
	b = appendText(b, optionDescription, i.Description)
	b = append(appendOption(b, optionResolution, 1), nanoseconds, 0, 0, 0)
	b = endBlock(endOptions(b), start)
	length := int64(len(b) - start)
	if w.octets+length+w.ends+statisticsLen > w.limit {
		return 0, fmt.Errorf("capture: no room for interface %q in %d octets", i.Name, w.limit)
	}
	w.buffer = b
	w.octets += length
	w.ends += statisticsLen
	w.counts = append(w.counts, counts{})
	return InterfaceID(len(w.counts) - 1), w.flushFull()
}

// WritePacket writes a frame. One that is beyond the file's limit is dropped,
// which is no error.
func (w *Writer) WritePacket(p *Packet) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.usable(); err != nil {
		return err
	}
	if int64(p.Interface) >= int64(len(w.counts)) {
		return fmt.Errorf("capture: there is no interface %d", p.Interface)
	}
	if p.Time.After(w.last) {
		w.last = p.Time
	}
	start := len(w.buffer)
	b := appendPacket(w.buffer, p)
	length := int64(len(b) - start)
	if w.octets+length+w.ends > w.limit {
		w.counts[p.Interface].dropped++
		return nil
	}
	w.buffer = b
	w.octets += length
	w.counts[p.Interface].written++
	return w.flushFull()
}

// appendPacket appends an enhanced packet block.
func appendPacket(b []byte, p *Packet) []byte {
	start := len(b)
	b = beginBlock(b, blockPacket)
	b = binary.LittleEndian.AppendUint32(b, uint32(p.Interface))
	b = appendTime(b, p.Time)
	b = append(b, 0, 0, 0, 0, 0, 0, 0, 0)
	content := len(b)
	b = p.Radio.append(b, p.Direction == Outbound)
	header := len(b) - content
	b = append(b, p.Data[:min(len(p.Data), MaxFrame)]...)
	kept := len(b) - content
	binary.LittleEndian.PutUint32(b[content-8:], uint32(kept))
	binary.LittleEndian.PutUint32(b[content-4:], uint32(min(uint64(header)+uint64(len(p.Data)), math.MaxUint32)))
	b = pad(b, kept)
	if p.Comment != "" || p.Direction != Unknown {
		b = appendText(b, optionComment, p.Comment)
		if p.Direction != Unknown {
			b = binary.LittleEndian.AppendUint32(appendOption(b, optionPacketFlags, 4), uint32(p.Direction))
		}
		b = endOptions(b)
	}
	return endBlock(b, start)
}

// appendTime appends nanoseconds since 1970, the upper half first.
func appendTime(b []byte, t time.Time) []byte {
	var ns int64
	switch seconds := t.Unix(); {
	case seconds < 0:
	case seconds >= math.MaxInt64/int64(time.Second):
		ns = math.MaxInt64
	default:
		ns = t.UnixNano()
	}
	b = binary.LittleEndian.AppendUint32(b, uint32(uint64(ns)>>32))
	return binary.LittleEndian.AppendUint32(b, uint32(ns))
}

// Flush writes what is gathered. The file is whole then, but for the counts.
func (w *Writer) Flush() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.usable(); err != nil {
		return err
	}
	return w.flush()
}

// Stats returns what was counted so far.
func (w *Writer) Stats() Stats {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := Stats{Octets: w.octets}
	for _, c := range w.counts {
		s.Written += c.written
		s.Dropped += c.dropped
	}
	return s
}

// Close writes what is left and how many frames each interface had and lost. It
// does not close the io.Writer.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.usable(); err != nil {
		return err
	}
	for i, c := range w.counts {
		start := len(w.buffer)
		b := beginBlock(w.buffer, blockStatistics)
		b = binary.LittleEndian.AppendUint32(b, uint32(i))
		b = appendTime(b, w.last)
		b = binary.LittleEndian.AppendUint64(appendOption(b, optionReceived, 8), c.written+c.dropped)
		b = binary.LittleEndian.AppendUint64(appendOption(b, optionDropped, 8), c.dropped)
		w.buffer = endBlock(endOptions(b), start)
	}
	w.octets += w.ends
	w.closed = true
	return w.flush()
}

func (w *Writer) usable() error {
	if w.err != nil {
		return w.err
	}
	if w.closed {
		return ErrClosed
	}
	return nil
}

func (w *Writer) flushFull() error {
	if len(w.buffer) < bufferLen {
		return nil
	}
	return w.flush()
}

func (w *Writer) flush() error {
	if len(w.buffer) == 0 {
		return nil
	}
	n, err := w.w.Write(w.buffer)
	if err == nil && n < len(w.buffer) {
		err = io.ErrShortWrite
	}
	w.buffer = w.buffer[:0]
	if err != nil {
		w.err = fmt.Errorf("write the capture: %w", err)
	}
	return w.err
}
