package ap_test

import (
	"encoding/binary"
	"testing"
	"time"

	"roamfault/nl80211/dot11"
	"roamfault/roam/lab/ap"
)

// zoo is an access point with a station in every state.
type zoo struct {
	e        *ether
	a        *ap.AP
	stations []*station
}

// newZoo makes them: with open authentication only, in the middle of SAE, at
// message 2 and at message 4 of the handshake, connected, dozing, and connected
// without multi-link.
func newZoo(t testing.TB) *zoo {
	e, a := alone(t, configOf(t, 1, twoLinks(t), beaconKey))
	z := &zoo{e: e, a: a}
	e.run(0)
	// Who is not connected stays where it is: what would come next is lost.
	lost := func(fromStation bool, kind dot11.FrameControl, n int) func(transmission) bool {
		seen := 0
		return func(x transmission) bool {
			if x.fromStation != fromStation || x.kind() != kind {
				return false
			}
			seen++
			return seen >= n
		}
	}
	add := func(links int, lose func(transmission) bool) *station {
		s := e.join(byte(len(z.stations)+1), links, ap.SAE, func(s *station) { s.retries = 0 })
		s.known = e.stations[0].known
		z.stations = append(z.stations, s)
		e.lose = lose
		to := a.Addr()
		if links == 0 {
			to = a.Links()[0].BSSID
		}
		s.begin(to)
		e.settle()
		e.lose = nil
		return s
	}
	first := e.join(0, 2, ap.SAE)
	e.run(100 * ap.TU)
	first.mustConnect(a.Addr())
	z.stations = append(z.stations, first)
	open := add(2, lost(true, dot11.AssocRequest, 1))
	open.cache[a.Addr()] = first.cache[a.Addr()]
	add(2, lost(true, dot11.Auth, 2))
	add(2, lost(true, dot11.AssocRequest, 1))
	add(2, lost(true, dot11.QoSData, 1))
	add(2, lost(true, dot11.QoSData, 2))
	add(0, nil)
	dozing := add(2, nil)
	dozing.doze(0, 1)
	down(e, a, dozing.mld, "waits")
	e.blind = true
	e.forget()
	a.Up()
	return z
}

// script reads a fuzzed input as things that happen: octets that run out are 0.
type script struct{ b []byte }

func (s *script) octet() byte {
	if len(s.b) == 0 {
		return 0
	}
	n := s.b[0]
	s.b = s.b[1:]
	return n
}

func (s *script) take(n int) []byte {
	n = min(n, len(s.b))
	b := s.b[:n:n]
	s.b = s.b[n:]
	return b
}

// maxSteps bounds what one input can do.
const maxSteps = 64

// step lets one thing happen: a raw frame, a frame of a station's address, or
// one under a station's keys; or time passes.
func (z *zoo) step(in *script) {
	how := in.octet()
	s := z.stations[int(in.octet())%len(z.stations)]
	link := z.a.Links()[int(in.octet())%2]
	kind := dot11.FrameControl(binary.LittleEndian.Uint16([]byte{in.octet(), in.octet()}))
	body := in.take(int(in.octet()) + 256*int(how>>6))
	l := s.over[link.ID]
	if l == nil {
		l = s.link()
	}
	if l == nil {
		return
	}
	h := dot11.Header{FC: kind &^ dot11.Protected, Addr1: link.BSSID, Addr2: l.addr, Addr3: host, Seq: l.next()}
	switch how % 5 {
	case 0:
		z.a.Receive(z.e.now, ap.Frame{Freq: link.Channel.Freq, Data: body})
	case 1, 2:
		z.a.Receive(z.e.now, ap.Frame{Freq: link.Channel.Freq, Data: append(h.Append(nil), body...)})
	case 3:
		if s.key == nil {
			return
		}
		sealed, err := s.key.Seal(nil, append(h.Append(nil), body...), s.options(l))
		if err == nil {
			z.a.Receive(z.e.now, ap.Frame{Freq: link.Channel.Freq, Data: sealed})
		}
	case 4:
		z.e.now += time.Duration(in.octet()) * 16 * time.Millisecond
		z.a.Advance(z.e.now)
	}
	z.look()
}

// look checks what must be so whatever was heard.
func (z *zoo) look() {
	wantBounds(z.e.t, z.a)
	for _, f := range z.a.Air() {
		if _, _, err := dot11.ParseHeader(f.Data); err != nil {
			z.e.t.Errorf("the access point sends %x: %v", f.Data, err)
		}
		if f.Freq != z.a.Links()[0].Channel.Freq && f.Freq != z.a.Links()[1].Channel.Freq {
			z.e.t.Errorf("the access point sends on %d MHz", f.Freq)
		}
	}
	z.a.Up()
	z.a.Events()
}

// Whatever is heard, in whatever state stations are: nothing breaks, no table
// grows beyond its bound, and a newcomer connects in the end.
func FuzzFrames(f *testing.F) {
	z := newZoo(f)
	z.e.blind = false
	newcomer := z.e.join(40, 2, ap.SAE)
	newcomer.mustConnect(z.a.Addr())
	newcomer.send(0, host, testEtherType, []byte("data"))
	newcomer.sendAction(newcomer.link(), dot11.SAQuery{Transaction: 1}.Action())
	newcomer.leave()
	for _, x := range z.e.seen {
		if !x.fromStation || len(x.Data) < 24 {
			continue
		}
		for _, how := range []byte{0, 1, 3} {
			for _, station := range []byte{0, 4, 7} {
				body := x.Data
				if how > 0 {
					body = body[24:]
				}
				if len(body) > 255 {
					body = body[:255]
				}
				f.Add(append([]byte{how, station, 0, x.Data[0], x.Data[1], byte(len(body))}, body...))
			}
		}
	}
	f.Add([]byte{4, 0, 0, 0, 0, 0, 255})
	f.Fuzz(func(t *testing.T, input []byte) {
		z := newZoo(t)
		in := script{input}
		for range maxSteps {
			if len(in.b) == 0 {
				break
			}
			z.step(&in)
		}
		z.e.run(10 * time.Second)
		z.look()
		z.e.join(40, 2, ap.SAE).mustConnect(z.a.Addr())
		z.look()
	})
}

// A frame of a station that was changed on its way harms nothing but the try it
// belonged to: the station connects in the end.
func FuzzChangedFrame(f *testing.F) {
	for n := range uint8(6) {
		for _, offset := range []uint16{0, 1, 4, 10, 22, 24, 26, 28, 30, 36, 60, 100, 130, 200} {
			f.Add(n, offset, []byte{0xff}, uint16(0))
			f.Add(n, offset, []byte{1, 0x80, 7}, uint16(1+offset/2))
		}
	}
	f.Fuzz(func(t *testing.T, n uint8, offset uint16, mask []byte, cut uint16) {
		e, a := alone(t, configOf(t, 1, twoLinks(t)))
		s := e.join(1, 2, ap.SAE)
		seen := uint8(0)
		e.blind = true
		e.machines[0] = altering{a, func(f ap.Frame) ap.Frame {
			if seen++; seen-1 != n%8 {
				return f
			}
			for i, m := range mask {
				if at := int(offset) + i; at < len(f.Data) {
					f.Data[at] ^= m
				}
			}
			f.Data = f.Data[:max(len(f.Data)-int(cut), 0)]
			return f
		}}
		for tries := 0; !s.connect(a.Addr()); tries++ {
			if tries > 4 {
				t.Fatalf("no connection: status %v, %v, errors %v, %v", s.authStatus, s.assocStatus, s.bad, s.handshakeErrors)
			}
			e.run(5 * time.Second)
			wantBounds(t, a)
		}
		wantBounds(t, a)
	})
}
