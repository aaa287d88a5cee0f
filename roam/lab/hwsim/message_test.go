package hwsim

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/mdlayher/genetlink"
	"github.com/mdlayher/netlink"

	"roamfault/nl80211/dot11"
)

// What is encoded by hand here must be what the library for netlink reads.
func TestEncode(t *testing.T) {
	frame := &Frame{
		Radio: testRadio(), Freq: 5180, Flags: WantStatus, Cookie: 0x1122334455667788,
		Rates: [maxRates]Rate{{Index: 0, Tries: 4}, {Index: 2, Tries: 3, Flags: RateShortPreamble}, {Index: -1}, {Index: -1}},
	}
	toGroup := *frame
	toGroup.Flags |= NoAck
	in := &injection{radio: testRadio(), freq: 5745, signal: -61, rate: 1, data: probeRequest()}
	radio := testRadio()

	tests := []struct {
		name    string
		bytes   []byte
		command uint8
		seq     uint32
		want    map[uint16][]byte
	}{
		{
			name: "injection", bytes: appendInjection(nil, testFamily, in), command: commandFrame, seq: seqInject,
			want: map[uint16][]byte{
				attrReceiver: radio[:], attrFrame: probeRequest(),
				attrRxRate: native32(1), attrSignal: native32(0xffffffc3), attrFreq: native32(5745),
			},
		},
		{
			name: "acknowledged", bytes: appendStatus(nil, testFamily, frame, true, -40), command: commandTxInfo, seq: seqStatus,
			want: map[uint16][]byte{
				attrTransmitter: radio[:], attrFlags: native32(5), attrSignal: native32(0xffffffd8),
				attrTxInfo: {0, 1, 0xff, 0, 0xff, 0, 0xff, 0}, attrCookie: native64(frame.Cookie),
			},
		},
		{
			name: "not acknowledged", bytes: appendStatus(nil, testFamily, frame, false, -40), command: commandTxInfo, seq: seqStatus,
			want: map[uint16][]byte{
				attrTransmitter: radio[:], attrFlags: native32(1), attrSignal: native32(0xffffffd8),
				attrTxInfo: {0, 4, 2, 3, 0xff, 0, 0xff, 0}, attrCookie: native64(frame.Cookie),
			},
		},
		{
			name: "to a group", bytes: appendStatus(nil, testFamily, &toGroup, true, -40), command: commandTxInfo, seq: seqStatus,
			want: map[uint16][]byte{
				attrTransmitter: radio[:], attrFlags: native32(3), attrSignal: native32(0xffffffd8),
				attrTxInfo: {0, 4, 2, 3, 0xff, 0, 0xff, 0}, attrCookie: native64(frame.Cookie),
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var m netlink.Message
			if err := m.UnmarshalBinary(tt.bytes); err != nil {
				t.Fatal(err)
			}
			if m.Header.Type != testFamily || m.Header.Flags != netlink.Request || m.Header.Sequence != tt.seq {
				t.Errorf("header %+v", m.Header)
			}
			var g genetlink.Message
			if err := g.UnmarshalBinary(m.Data); err != nil {
				t.Fatal(err)
			}
			if g.Header.Command != tt.command || g.Header.Version != 1 {
				t.Errorf("generic header %+v", g.Header)
			}
			d, err := netlink.NewAttributeDecoder(g.Data)
			if err != nil {
				t.Fatal(err)
			}
			got := make(map[uint16][]byte)
			for d.Next() {
				got[d.Type()] = d.Bytes()
			}
			if err := d.Err(); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("attributes (-want +got):\n%s", diff)
			}
		})
	}
}

func native32(n uint32) []byte { return binary.NativeEndian.AppendUint32(nil, n) }
func native64(n uint64) []byte { return binary.NativeEndian.AppendUint64(nil, n) }

func TestDecode(t *testing.T) {
	addr := dot11.Addr{0x02, 0, 0, 0, 3, 0}
	frame := Event{Kind: FrameSent, Radio: testRadio(), Frame: Frame{
		Radio: testRadio(), Freq: 5180, Flags: WantStatus, Cookie: 7, Data: probeRequest(),
		Rates: [maxRates]Rate{{Index: 0, Tries: 4}, {Index: 2, Tries: 3, Flags: RateRTSCTS}, {Index: -1}, {Index: -1}},
	}}
	short := sentFrame(probeRequest(), 7)
	noCookie := beginMessage(nil, testFamily, commandFrame, 0, 0)
	noCookie = append(noCookie, short[20:len(short)-12-4]...)
	endMessage(noCookie, 0)
	badRadio := listens(commandAddAddress, addr)
	binary.NativeEndian.PutUint16(badRadio[20:], attrHeaderLen+5)
	pmsr := beginMessage(nil, testFamily, 9, 0, 0)
	endMessage(pmsr, 0)

	tests := []struct {
		name  string
		bytes []byte
		want  []Event
		stats Stats
		gone  bool
	}{
		{name: "frame", bytes: short, want: []Event{frame}, stats: Stats{Frames: 1}},
		{name: "address added", bytes: listens(commandAddAddress, addr), want: []Event{{Kind: AddressAdded, Radio: testRadio(), Addr: addr}}},
		{name: "address removed", bytes: listens(commandDelAddress, addr), want: []Event{{Kind: AddressRemoved, Radio: testRadio(), Addr: addr}}},
		{
			name: "two at once", bytes: append(listens(commandAddAddress, addr), short...),
			want: []Event{{Kind: AddressAdded, Radio: testRadio(), Addr: addr}, frame}, stats: Stats{Frames: 1},
		},
		{name: "not listening", bytes: kernelAnswer(seqInject, 22), stats: Stats{Unheard: 1}},
		{name: "waits no longer", bytes: kernelAnswer(seqStatus, 22), stats: Stats{Late: 1}},
		{name: "out of range", bytes: kernelAnswer(seqInject, 34), stats: Stats{Refused: 1}},
		{name: "no memory", bytes: kernelAnswer(seqStatus, 12), stats: Stats{Refused: 1}},
		{name: "success", bytes: kernelAnswer(seqInject, 0)},
		{name: "module removed", bytes: kernelAnswer(seqInject, 2), gone: true},
		{name: "answer without number", bytes: kernelAnswer(0, 22)[:netlinkHeaderLen], stats: Stats{Malformed: 1}},
		{name: "half a frame", bytes: short[:len(short)/2], stats: Stats{Malformed: 1}},
		{name: "no cookie", bytes: noCookie, stats: Stats{Malformed: 1}},
		{name: "radio of five octets", bytes: badRadio, stats: Stats{Malformed: 1}},
		{name: "another family", bytes: append([]byte{20, 0, 0, 0, 0x55, 0}, make([]byte, 14)...), stats: Stats{Malformed: 1}},
		{name: "a command of later drivers", bytes: pmsr},
		{name: "nothing"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.name == "answer without number" {
				binary.NativeEndian.PutUint32(tt.bytes, netlinkHeaderLen)
			}
			d := decoder{family: testFamily}
			got := d.datagram(nil, tt.bytes)
			if diff := cmp.Diff(tt.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.stats, d.counts.stats()); diff != "" {
				t.Errorf("stats (-want +got):\n%s", diff)
			}
			if d.gone != tt.gone {
				t.Errorf("gone is %v, want %v", d.gone, tt.gone)
			}
		})
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(sentFrame(probeRequest(), 1))
	f.Add(listens(commandAddAddress, dot11.Addr{2}))
	f.Add(append(kernelAnswer(seqInject, 22), sentFrame(probeRequest(), 2)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		d := decoder{family: testFamily}
		before := bytes.Clone(b)
		events := d.datagram(nil, b)
		if !bytes.Equal(before, b) {
			t.Fatal("decoding changes what is decoded")
		}
		if len(events)*netlinkHeaderLen > len(b) {
			t.Fatalf("%d events of %d octets", len(events), len(b))
		}
		var frames uint64
		for i := range events {
			e := &events[i]
			switch e.Kind {
			case FrameSent:
				frames++
				if len(e.Frame.Data) == 0 || e.Frame.Freq < 0 || e.Radio != e.Frame.Radio {
					t.Fatalf("event %+v", e)
				}
				again := decoder{family: testFamily}
				if got := again.datagram(nil, appendStatus(nil, testFamily, &e.Frame, true, -50)); len(got) != 0 || again.counts.malformed.Load() != 0 {
					t.Fatalf("its status is no whole message: %+v", got)
				}
			case AddressAdded, AddressRemoved:
			default:
				t.Fatalf("event of kind %s", e.Kind)
			}
		}
		if got := d.counts.frames.Load(); got != frames {
			t.Fatalf("%d frames counted, %d told", got, frames)
		}
	})
}

// A radio hears what is injected into it, whatever it is.
func FuzzInjection(f *testing.F) {
	f.Add(probeRequest(), 5180, -40, 0)
	f.Fuzz(func(t *testing.T, data []byte, freq, signal, rate int) {
		if len(data) > MaxFrame {
			return
		}
		in := &injection{radio: testRadio(), freq: freq, signal: signal, rate: rate, data: data}
		b := appendInjection(nil, testFamily, in)
		if len(b) > maxMessage || len(b)%4 != 0 {
			t.Fatalf("a message of %d octets", len(b))
		}
		m, rest, ok := nextMessage(b)
		if !ok || len(rest) != 0 || m.kind != testFamily {
			t.Fatalf("message %+v, %d octets left", m, len(rest))
		}
		for attrs := m.body[genericHeaderLen:]; len(attrs) > 0; {
			kind, value, rest, ok := nextAttr(attrs)
			if !ok {
				t.Fatalf("attributes end at %x", attrs)
			}
			if kind == attrFrame && !bytes.Equal(value, data) {
				t.Fatalf("frame %x, want %x", value, data)
			}
			attrs = rest
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	datagram := sentFrame(make([]byte, 300), 1)
	d := decoder{family: testFamily}
	events := make([]Event, 0, datagrams)
	b.ReportAllocs()
	b.SetBytes(int64(len(datagram)))
	for b.Loop() {
		events = d.datagram(events[:0], datagram)
	}
	if len(events) != 1 {
		b.Fatal("no event")
	}
}

// The same with the library for netlink, to see what doing it by hand is worth.
func BenchmarkDecodeLibrary(b *testing.B) {
	datagram := sentFrame(make([]byte, 300), 1)
	b.ReportAllocs()
	b.SetBytes(int64(len(datagram)))
	for b.Loop() {
		var m netlink.Message
		if err := m.UnmarshalBinary(datagram); err != nil {
			b.Fatal(err)
		}
		var g genetlink.Message
		if err := g.UnmarshalBinary(m.Data); err != nil {
			b.Fatal(err)
		}
		d, err := netlink.NewAttributeDecoder(g.Data)
		if err != nil {
			b.Fatal(err)
		}
		var f Frame
		for d.Next() {
			switch d.Type() {
			case attrTransmitter:
				copy(f.Radio[:], d.Bytes())
			case attrFrame:
				f.Data = d.Bytes()
			case attrFlags:
				f.Flags = FrameFlags(d.Uint32())
			case attrFreq:
				f.Freq = int(d.Uint32())
			case attrCookie:
				f.Cookie = d.Uint64()
			}
		}
		if err := d.Err(); err != nil || f.Freq != 5180 {
			b.Fatal(err)
		}
	}
}

func BenchmarkInjection(b *testing.B) {
	in := &injection{radio: testRadio(), freq: 5180, signal: -40, data: make([]byte, 450)}
	out := make([]byte, 0, maxMessage)
	b.ReportAllocs()
	for b.Loop() {
		out = appendInjection(out[:0], testFamily, in)
	}
	b.SetBytes(int64(len(out)))
}

func BenchmarkInjectionLibrary(b *testing.B) {
	radio, data := testRadio(), make([]byte, 450)
	b.ReportAllocs()
	for b.Loop() {
		e := netlink.NewAttributeEncoder()
		e.Bytes(attrReceiver, radio[:])
		e.Bytes(attrFrame, data)
		e.Uint32(attrRxRate, 0)
		e.Uint32(attrSignal, 0xffffffd8)
		e.Uint32(attrFreq, 5180)
		attrs, err := e.Encode()
		if err != nil {
			b.Fatal(err)
		}
		g, err := (genetlink.Message{Header: genetlink.Header{Command: commandFrame, Version: 1}, Data: attrs}).MarshalBinary()
		if err != nil {
			b.Fatal(err)
		}
		m, err := (netlink.Message{Header: netlink.Header{Length: uint32(netlinkHeaderLen + len(g)), Type: testFamily}, Data: g}).MarshalBinary()
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(len(m)))
	}
}

func BenchmarkStatus(b *testing.B) {
	f := &Frame{Radio: testRadio(), Cookie: 9, Rates: [maxRates]Rate{{Index: 0, Tries: 4}, {Index: -1}, {Index: -1}, {Index: -1}}}
	out := make([]byte, 0, maxMessage)
	b.ReportAllocs()
	for b.Loop() {
		out = appendStatus(out[:0], testFamily, f, true, -40)
	}
}
