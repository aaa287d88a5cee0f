package wire

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func frames(t *testing.T, all ...Frame) []byte {
	t.Helper()
	var b []byte
	for _, f := range all {
		var err error
		if b, err = f.Append(b); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

func readAll(r io.Reader) (all []Frame, err error) {
	in := NewReader(r)
	for {
		f, err := in.Read()
		if err != nil {
			return all, err
		}
		f.Payload = append([]byte(nil), f.Payload...)
		all = append(all, f)
	}
}

func TestFramesComeAsTheyWent(t *testing.T) {
	want := []Frame{
		{Kind: KindHello, Payload: []byte(`{"protocol":1}`)},
		{Kind: KindPing, Payload: nil},
		{Kind: KindData, Channel: 1 << 31, Payload: bytes.Repeat([]byte{7}, MaxPayload)},
		{Kind: KindBye, Channel: 9, Payload: []byte{}},
	}
	b := frames(t, want...)
	got, err := readAll(iotest.HalfReader(bytes.NewReader(b)))
	if err != io.EOF {
		t.Fatalf("error %v, want EOF", err)
	}
	for i := range want {
		want[i].Payload = append([]byte(nil), want[i].Payload...)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if _, err := readAll(bytes.NewReader(b[:len(b)-HeaderSize-1])); err != io.ErrUnexpectedEOF {
		t.Errorf("cut inside a frame: error %v", err)
	}
}

func TestNoFrames(t *testing.T) {
	tests := map[string]string{
		"kind 0":          "\x00\x00\x00\x00" + "\x01\x00\x00\x00" + "\x00\x00\x00\x00",
		"unknown kind":    "\x00\x00\x00\x00" + "\x01\x00\x00\x00" + "\xee\x00\x00\x00",
		"too long":        "\x01\x00\x10\x00" + "\x01\x00\x00\x00" + "\x01\x00\x00\x00",
		"not zero at end": "\x00\x00\x00\x00" + "\x01\x00\x00\x00" + "\x01\x00\x01\x00",
	}
	for name, text := range tests {
		if _, err := NewReader(strings.NewReader(text)).Read(); !errors.Is(err, ErrBadFrame) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	for _, f := range []Frame{{Kind: 0}, {Kind: kindEnd}, {Kind: KindData, Payload: make([]byte, MaxPayload+1)}} {
		if b, err := f.Append(nil); !errors.Is(err, ErrBadFrame) || len(b) != 0 {
			t.Errorf("kind %d: %d bytes, error %v", f.Kind, len(b), err)
		}
	}
}

func FuzzReader(f *testing.F) {
	b, _ := Frame{Kind: KindData, Channel: 3, Payload: Chunk{Stream: Stderr, At: 5, Data: []byte("x")}.Append(nil)}.Append(nil)
	f.Add(b)
	b, _ = Frame{Kind: KindCredit, Channel: 3, Payload: appendCredit(nil, Stdout, 77)}.Append(b)
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		all, err := readAll(bytes.NewReader(b))
		if err == nil {
			t.Fatal("no error at the end")
		}
		var again []byte
		for _, fr := range all {
			var err error
			if again, err = fr.Append(again); err != nil {
				t.Fatalf("what was read cannot be sent: %v", err)
			}
			switch fr.Kind {
			case KindData:
				if c, err := ParseChunk(fr.Payload); err == nil {
					if got := c.Append(nil); !bytes.Equal(got, fr.Payload) {
						t.Fatalf("chunk % x came back as % x", fr.Payload, got)
					}
				}
			case KindCredit:
				if s, n, err := ParseCredit(fr.Payload); err == nil && !bytes.Equal(appendCredit(nil, s, n), fr.Payload) {
					t.Fatalf("credit % x came back otherwise", fr.Payload)
				}
			case KindEnd:
				if s, err := ParseEnd(fr.Payload); err == nil && s >= streamEnd {
					t.Fatalf("stream %d", s)
				}
			}
		}
		if !bytes.HasPrefix(b, again) {
			t.Fatal("what was read is not what was there")
		}
	})
}

func TestBadPayloads(t *testing.T) {
	for _, b := range [][]byte{nil, {1}, append([]byte{1}, make([]byte, 8)...), append([]byte{byte(streamEnd)}, make([]byte, 9)...)} {
		if _, err := ParseChunk(b); !errors.Is(err, ErrBadFrame) {
			t.Errorf("chunk % x: error %v", b, err)
		}
	}
	for _, b := range [][]byte{nil, {1, 2}, {byte(streamEnd)}} {
		if _, err := ParseEnd(b); !errors.Is(err, ErrBadFrame) {
			t.Errorf("end % x: error %v", b, err)
		}
	}
	for _, b := range [][]byte{nil, {1, 2, 3, 4}, {byte(streamEnd), 0, 0, 0, 0}, {1, 1, 0, 4, 0}} {
		if _, _, err := ParseCredit(b); !errors.Is(err, ErrBadFrame) {
			t.Errorf("credit % x: error %v", b, err)
		}
	}
}

func TestWindow(t *testing.T) {
	w := NewWindow()
	if n := w.Take(WindowSize + 5); n != WindowSize {
		t.Fatalf("took %d", n)
	}
	took := make(chan int)
	go func() { took <- w.Take(10) }()
	select {
	case n := <-took:
		t.Fatalf("took %d of an empty window", n)
	case <-time.After(20 * time.Millisecond):
	}
	w.Give(4)
	if n := <-took; n != 4 {
		t.Errorf("took %d of 4", n)
	}
	w.Give(WindowSize)
	w.Give(WindowSize)
	if n := w.Take(2 * WindowSize); n != WindowSize {
		t.Errorf("more than the window was given: took %d", n)
	}
	go func() { took <- w.Take(1) }()
	w.Close()
	if n := <-took; n != 0 {
		t.Errorf("took %d of a closed window", n)
	}
}

func TestInbox(t *testing.T) {
	b := NewInbox()
	data := []byte("abc")
	if err := b.Push(Chunk{Stream: Stdout, At: 3, Data: data}); err != nil {
		t.Fatal(err)
	}
	data[0] = 'x'
	if c, ok := b.Next(); !ok || string(c.Data) != "abc" || c.At != 3 {
		t.Errorf("got %q %v", c.Data, ok)
	}
	if err := b.Push(Chunk{Data: make([]byte, WindowSize)}); err != nil {
		t.Error(err)
	}
	if err := b.Push(Chunk{Data: make([]byte, 1)}); !errors.Is(err, ErrOverrun) {
		t.Errorf("more than the window: error %v", err)
	}
	b.End()
	if err := b.Push(Chunk{Data: make([]byte, 9)}); err != nil {
		t.Errorf("after the end: %v", err)
	}
	if c, ok := b.Next(); !ok || len(c.Data) != WindowSize {
		t.Errorf("what came before the end is lost")
	}
	if _, ok := b.Next(); ok {
		t.Error("something after the end")
	}
}

// A stream that is much longer than its window arrives whole, at a reader that
// takes it slowly, and never is more than a window under way.
func TestPumpAndDrain(t *testing.T) {
	want := bytes.Repeat([]byte("0123456789abcdef"), WindowSize/4)
	toOther, fromOne := io.Pipe()
	toOne, fromOther := io.Pipe()
	one, other := NewConn(fromOne), NewConn(fromOther)
	window, inbox := NewWindow(), NewInbox()
	go func() { // the sender's reader: credits
		in := NewReader(toOne)
		for {
			f, err := in.Read()
			if err != nil {
				return
			}
			if _, n, err := ParseCredit(f.Payload); err == nil {
				window.Give(n)
			}
		}
	}()
	go func() { // the receiver's reader
		in := NewReader(toOther)
		for {
			f, err := in.Read()
			if err != nil {
				return
			}
			switch f.Kind {
			case KindData:
				c, err := ParseChunk(f.Payload)
				if err == nil {
					err = inbox.Push(c)
				}
				if err != nil {
					t.Error(err)
				}
			case KindEnd:
				inbox.End()
			}
		}
	}()
	go func() {
		if err := one.Pump(1, Stdout, bytes.NewReader(want), window, func() time.Duration { return 42 }); err != nil {
			t.Error(err)
		}
	}()
	var got []byte
	if err := other.Drain(1, inbox, func(c Chunk) error {
		if c.At != 42 || c.Stream != Stdout {
			t.Fatalf("chunk of stream %d at %d", c.Stream, c.At)
		}
		got = append(got, c.Data...)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%d bytes came of %d, or others", len(got), len(want))
	}
}

func TestPumpStopsAtClosedWindowAndErrors(t *testing.T) {
	var out bytes.Buffer
	w := NewWindow()
	w.Close()
	if err := NewConn(&out).Pump(1, Stdout, strings.NewReader("abc"), w, nil); err != nil || out.Len() != 0 {
		t.Errorf("closed window: %d bytes sent, error %v", out.Len(), err)
	}
	broken := errors.New("broken")
	if err := NewConn(&out).Pump(1, Stdout, iotest.ErrReader(broken), NewWindow(), nil); !errors.Is(err, broken) || out.Len() != 0 {
		t.Errorf("broken reader: %d bytes sent, error %v", out.Len(), err)
	}
}

func TestDrainGoesOnAfterSinkFails(t *testing.T) {
	in := NewInbox()
	for range 3 {
		if err := in.Push(Chunk{Stream: Stdout, Data: []byte("abc")}); err != nil {
			t.Fatal(err)
		}
	}
	in.End()
	var out bytes.Buffer
	full := errors.New("full")
	calls := 0
	err := NewConn(&out).Drain(5, in, func(Chunk) error { calls++; return full })
	if !errors.Is(err, full) || calls != 1 {
		t.Errorf("%d calls, error %v", calls, err)
	}
	got, _ := readAll(&out)
	if len(got) != 3 {
		t.Fatalf("%d credits, want 3", len(got))
	}
	for _, f := range got {
		if s, n, err := ParseCredit(f.Payload); err != nil || s != Stdout || n != 3 || f.Channel != 5 {
			t.Errorf("credit %d of stream %d, channel %d: %v", n, s, f.Channel, err)
		}
	}
}

type brokenWriter struct{ calls int }

func (w *brokenWriter) Write([]byte) (int, error) { w.calls++; return 0, io.ErrClosedPipe }

func TestConnKeepsItsError(t *testing.T) {
	w := new(brokenWriter)
	c := NewConn(w)
	for range 3 {
		if err := c.Send(KindPing, 0, nil); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("error %v", err)
		}
	}
	if w.calls != 1 {
		t.Errorf("%d writes after the first failed", w.calls-1)
	}
}

func BenchmarkPump(b *testing.B) {
	data := make([]byte, 1<<20)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	conn := NewConn(io.Discard)
	for b.Loop() {
		w := NewWindow()
		r := bytes.NewReader(data)
		for range len(data) / WindowSize {
			w.Give(WindowSize)
			if err := conn.Pump(1, Stdout, io.LimitReader(r, WindowSize), w, nil); err != nil {
				b.Fatal(err)
			}
		}
	}
}
