package capture

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func epoch() time.Time { return time.Date(2026, 3, 4, 5, 6, 7, 89, time.UTC) }

func begin(t testing.TB, w io.Writer, o Options, interfaces ...Interface) *Writer {
	t.Helper()
	writer, err := NewWriter(w, o)
	if err != nil {
		t.Fatal(err)
	}
	for i, in := range interfaces {
		id, err := writer.AddInterface(in)
		if err != nil || int(id) != i {
			t.Fatalf("interface %d, error %v; want %d", id, err, i)
		}
	}
	return writer
}

func read(t testing.TB, file []byte) []block {
	t.Helper()
	blocks, err := readBlocks(file)
	if err != nil {
		t.Fatal(err)
	}
	return blocks
}

func TestFile(t *testing.T) {
	var file bytes.Buffer
	w := begin(t, &file, Options{Application: "roamfault", Hardware: "none", OS: "Linux", Comment: "a lab"},
		Interface{Name: "ap0-link0", Description: "5180 MHz"}, Interface{Name: "ap0-link1"})
	packets := []Packet{
		{Interface: 0, Time: epoch(), Direction: Outbound, Radio: Radio{Freq: 5180, Rate: 6000, Tx: TxFailed}, Comment: "to 02:00:00:00:01:00", Data: []byte{1, 2, 3, 4, 5}},
		{Interface: 1, Time: epoch().Add(time.Nanosecond), Direction: Inbound, Radio: Radio{Freq: 2412, Signal: -40}, Data: []byte{6}},
		{Interface: 1, Time: epoch(), Data: []byte{}},
	}
	for i := range packets {
		if err := w.WritePacket(&packets[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	text := func(code uint16, s string) option { return option{code, s} }
	word := func(code uint16, n uint32) option {
		return option{code, string(binary.LittleEndian.AppendUint32(nil, n))}
	}
	long := func(code uint16, n uint64) option {
		return option{code, string(binary.LittleEndian.AppendUint64(nil, n))}
	}
	raw := func(s string) []byte {
		b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	stamp := func(t time.Time) string {
		return hex.EncodeToString(appendTime(nil, t))
	}
	want := []block{
		{blockSection, raw("4d3c2b1a 0100 0000 ffffffffffffffff"), []option{text(2, "none"), text(3, "Linux"), text(4, "roamfault"), text(1, "a lab")}},
		{blockInterface, raw("7f00 0000 14000100"), []option{text(2, "ap0-link0"), text(3, "5180 MHz"), text(9, "\x09")}},
		{blockInterface, raw("7f00 0000 14000100"), []option{text(2, "ap0-link1"), text(9, "\x09")}},
		{blockPacket, raw("00000000" + stamp(epoch()) + "15000000 15000000" +
			"0000 1000 0e800000 00 0c 3c14 4001 0100" + "0102030405" + "000000"),
			[]option{text(1, "to 02:00:00:00:01:00"), word(2, 2)}},
		{blockPacket, raw("01000000" + stamp(epoch().Add(1)) + "10000000 10000000" +
			"0000 0f00 2a000000 00 00 6c09 8004 d8" + "06"),
			[]option{word(2, 1)}},
		{blockPacket, raw("01000000" + stamp(epoch()) + "09000000 09000000" + "0000 0900 02000000 00" + "000000"), nil},
		{blockStatistics, raw("00000000" + stamp(epoch().Add(1))), []option{long(4, 1), long(5, 0)}},
		{blockStatistics, raw("01000000" + stamp(epoch().Add(1))), []option{long(4, 2), long(5, 0)}},
	}
	if diff := cmp.Diff(want, read(t, file.Bytes()), cmp.AllowUnexported(block{}, option{})); diff != "" {
		t.Errorf("blocks (-want +got):\n%s", diff)
	}
	if got, want := w.Stats(), (Stats{Written: 3, Octets: int64(file.Len())}); got != want {
		t.Errorf("stats %+v, want %+v", got, want)
	}
	if err := w.WritePacket(&packets[0]); !errors.Is(err, ErrClosed) {
		t.Errorf("written after it is closed: %v", err)
	}
	if err := w.Close(); !errors.Is(err, ErrClosed) {
		t.Errorf("closed twice: %v", err)
	}
}

func TestRadiotap(t *testing.T) {
	tests := []struct {
		name  string
		radio Radio
		sent  bool
		want  string
	}{
		{"nothing", Radio{}, false, "0000 0900 02000000 00"},
		{"1 Mbit/s", Radio{Freq: 2412, Rate: 1000, Signal: -30}, false, "0000 0f00 2e000000 00 02 6c09 a000 e2"},
		{"5.5 Mbit/s", Radio{Freq: 2412, Rate: 5500}, false, "0000 0e00 0e000000 00 0b 6c09 a000"},
		{"54 Mbit/s", Radio{Freq: 2412, Rate: 54000}, false, "0000 0e00 0e000000 00 6c 6c09 c000"},
		{"6 GHz", Radio{Freq: 5955, Signal: -1}, true, "0000 1200 2a800000 00 00 4317 4001 ff 00 0000"},
		{"no acknowledgement", Radio{Tx: TxNoAck}, true, "0000 0c00 02800000 00 00 0800"},
		{"out of range", Radio{Freq: 1 << 20, Rate: 1 << 30, Signal: -1000}, false, "0000 0a00 22000000 00 80"},
		{"negative", Radio{Freq: -1, Rate: -1, Signal: 1000}, false, "0000 0a00 22000000 00 7f"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			// It must not matter where in a file the header begins.
			for before := range 4 {
				got := hex.EncodeToString(tt.radio.append(make([]byte, before), tt.sent)[before:])
				if want := strings.ReplaceAll(tt.want, " ", ""); got != want {
					t.Errorf("%s, want %s", got, want)
				}
			}
		})
	}
}

func TestLimit(t *testing.T) {
	var file bytes.Buffer
	const limit = 4096
	w := begin(t, &file, Options{Limit: limit}, Interface{Name: "a"}, Interface{Name: "b"})
	for i := range 300 {
		p := Packet{Interface: InterfaceID(i & 1), Time: epoch(), Data: make([]byte, 100+i%7)}
		if err := w.WritePacket(&p); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.AddInterface(Interface{Name: strings.Repeat("long", 1000)}); err == nil {
		t.Error("an interface is added to a full file")
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	stats := w.Stats()
	if stats.Written == 0 || stats.Dropped == 0 || stats.Written+stats.Dropped != 300 {
		t.Errorf("stats %+v", stats)
	}
	if file.Len() > limit || int64(file.Len()) != stats.Octets || file.Len() < limit-200 {
		t.Errorf("%d octets of %d; stats %+v", file.Len(), limit, stats)
	}
	var packets, dropped uint64
	for _, b := range read(t, file.Bytes()) {
		switch b.kind {
		case blockPacket:
			packets++
		case blockStatistics:
			dropped += binary.LittleEndian.Uint64([]byte(b.options[1].value))
		}
	}
	if packets != stats.Written || dropped != stats.Dropped {
		t.Errorf("the file has %d packets and lost %d; stats %+v", packets, dropped, stats)
	}
	if _, err := NewWriter(&file, Options{Limit: 20}); err == nil {
		t.Error("a file is begun in 20 octets")
	}
}

// Writes come as whole blocks, so that a file can be read while it grows.
func TestFlush(t *testing.T) {
	var file bytes.Buffer
	w := begin(t, &file, Options{}, Interface{Name: "a"})
	read(t, file.Bytes())
	for range 1000 {
		if err := w.WritePacket(&Packet{Time: epoch(), Data: make([]byte, 300)}); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(read(t, file.Bytes())); n < 500 || n >= 1002 {
		t.Errorf("%d blocks are written so far", n)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if n := len(read(t, file.Bytes())); n != 1002 {
		t.Errorf("%d blocks after flush, want 1002", n)
	}
}

type failing struct{ after int }

func (f *failing) Write(b []byte) (int, error) {
	if f.after -= len(b); f.after < 0 {
		return 0, io.ErrClosedPipe
	}
	return len(b), nil
}

type short struct{ bytes.Buffer }

func (s *short) Write(b []byte) (int, error) { return len(b) - 1, nil }

func TestErrorStays(t *testing.T) {
	w := begin(t, &failing{after: 2000}, Options{}, Interface{Name: "a"})
	if err := w.WritePacket(&Packet{Data: make([]byte, 3000)}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := w.Flush(); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("flush: %v", err)
		}
	}
	if err := w.WritePacket(&Packet{}); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("write: %v", err)
	}
	if _, err := w.AddInterface(Interface{}); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("add an interface: %v", err)
	}
	if err := w.Close(); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("close: %v", err)
	}
	if _, err := NewWriter(&short{}, Options{}); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("a short write: %v", err)
	}
}

func TestNoInterface(t *testing.T) {
	var file bytes.Buffer
	w := begin(t, &file, Options{})
	if err := w.WritePacket(&Packet{}); err == nil {
		t.Error("a frame without interface is taken")
	}
	for range maxInterfaces {
		if _, err := w.AddInterface(Interface{}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.AddInterface(Interface{}); err == nil {
		t.Error("there is no end of interfaces")
	}
}

func TestTimes(t *testing.T) {
	tests := []struct {
		time time.Time
		want uint64
	}{
		{time.Time{}, 0},
		{time.Unix(-1, 999), 0},
		{time.Unix(0, 1), 1},
		{epoch(), uint64(epoch().UnixNano())},
		{time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), math.MaxInt64},
	}
	for _, tt := range tests {
		b := appendTime(nil, tt.time)
		got := uint64(binary.LittleEndian.Uint32(b))<<32 | uint64(binary.LittleEndian.Uint32(b[4:]))
		if got != tt.want {
			t.Errorf("%v is %d, want %d", tt.time, got, tt.want)
		}
	}
}

func TestText(t *testing.T) {
	tests := []struct{ text, want string }{
		{"plain", "plain"},
		{"Größe", "Größe"},
		{"a\x00b\x1b[31m\n", "a b [31m\n"},
		{"\xff\xfe", "\ufffd"},
		{strings.Repeat("x", maxText+1), strings.Repeat("x", maxText)},
		{strings.Repeat("ä\xff", maxText), ""},
	}
	for _, tt := range tests {
		got := clean(tt.text)
		if len(got) > maxText || !utf8.ValidString(got) {
			t.Errorf("%d octets %.20q", len(got), got)
		}
		if tt.want != "" && got != tt.want {
			t.Errorf("%.20q, want %.20q", got, tt.want)
		}
	}
}

func TestConcurrent(t *testing.T) {
	var file bytes.Buffer
	w := begin(t, &file, Options{Limit: 1 << 20})
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			id, err := w.AddInterface(Interface{Name: fmt.Sprint("link", i)})
			if err != nil {
				t.Error(err)
				return
			}
			for range 200 {
				if err := w.WritePacket(&Packet{Interface: id, Time: epoch(), Comment: "x", Data: make([]byte, 60)}); err != nil {
					t.Error(err)
				}
				w.Stats()
			}
		})
	}
	all.Wait()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if n := len(read(t, file.Bytes())); n != 1+8+8*200+8 {
		t.Errorf("%d blocks", n)
	}
}

// Whatever is written can be read, and the frame is as it was.
func FuzzWrite(f *testing.F) {
	f.Add("ap0", "to \x00 \xff", []byte("frame"), int64(1772600767000000089), 5180, -40, 6000, uint8(2))
	f.Fuzz(func(t *testing.T, name, comment string, data []byte, ns int64, freq, signal, rate int, direction uint8) {
		var file bytes.Buffer
		w := begin(t, &file, Options{Comment: comment}, Interface{Name: name, Description: comment})
		p := &Packet{
			Time: time.Unix(0, ns), Direction: Direction(direction % 3), Comment: comment, Data: data,
			Radio: Radio{Freq: freq, Signal: signal, Rate: rate},
		}
		if err := w.WritePacket(p); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		blocks := read(t, file.Bytes())
		if len(blocks) != 4 {
			t.Fatalf("%d blocks", len(blocks))
		}
		for _, b := range blocks {
			for _, o := range b.options {
				if len(o.value) > maxText || o.code == optionComment && !utf8.ValidString(o.value) {
					t.Fatalf("option %d is %q", o.code, o.value)
				}
			}
		}
		fixed := blocks[2].fixed
		kept, length := binary.LittleEndian.Uint32(fixed[12:]), binary.LittleEndian.Uint32(fixed[16:])
		content := fixed[20 : 20+kept]
		header := binary.LittleEndian.Uint16(content[2:])
		if header > maxRadiotap || int(length)-int(header) != len(data) {
			t.Fatalf("a header of %d octets, %d in all, for %d octets of data", header, length, len(data))
		}
		if !bytes.Equal(content[header:], data[:min(len(data), MaxFrame)]) {
			t.Fatalf("frame %x, want %x", content[header:], data)
		}
	})
}

func BenchmarkWritePacket(b *testing.B) {
	w := begin(b, io.Discard, Options{}, Interface{Name: "a"})
	p := &Packet{
		Time: epoch(), Direction: Outbound, Radio: Radio{Freq: 5180, Signal: -40, Rate: 6000},
		Comment: "ap0 link 0 to 02:00:00:00:01:00", Data: make([]byte, 450),
	}
	b.ReportAllocs()
	b.SetBytes(int64(len(p.Data)))
	for b.Loop() {
		if err := w.WritePacket(p); err != nil {
			b.Fatal(err)
		}
	}
}

func TestLongFrame(t *testing.T) {
	var file bytes.Buffer
	w := begin(t, &file, Options{}, Interface{Name: "a"})
	if err := w.WritePacket(&Packet{Time: epoch(), Data: make([]byte, MaxFrame+5)}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	fixed := read(t, file.Bytes())[2].fixed
	header := len((&Radio{}).append(nil, false))
	if kept := binary.LittleEndian.Uint32(fixed[12:]); int(kept) != header+MaxFrame {
		t.Errorf("%d octets are kept, want %d", kept, header+MaxFrame)
	}
	if length := binary.LittleEndian.Uint32(fixed[16:]); int(length) != header+MaxFrame+5 {
		t.Errorf("the frame is said to have %d octets, want %d", length, header+MaxFrame+5)
	}
}
