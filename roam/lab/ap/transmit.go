package ap

import (
	"bytes"
	"fmt"
	"time"

	"roamfault/nl80211/dot11"
	"roamfault/roam/rsn/protect"
)

// transmit puts a frame on the air of a link, unless a fault has it otherwise. The
// frame is its own from then on.
func (a *AP) transmit(l *link, kind string, to dot11.Addr, frame []byte) {
	s := sending{ap: a, link: l, kind: kind, station: to, frame: frame}
	for _, r := range a.rules {
		if r.fault.send != nil && a.applies(r, l, kind, to) {
			r.fault.send(&r.Rule, &s)
		}
	}
	if s.lost {
		return
	}
	for i := range 1 + s.copies {
		out := Frame{Freq: l.channel.Freq, Signal: l.signal, Data: s.frame}
		if i > 0 {
			out.Data = bytes.Clone(s.frame)
		}
		if s.delay > 0 {
			a.keepBack(out, s.delay)
			continue
		}
		a.put(out)
	}
}

// maxAir bounds what waits for Air; beyond it frames are lost, as on a busy
// channel.
const maxAir = 8192

func (a *AP) put(f Frame) {
	if a.now < a.silentTo || len(a.air) >= maxAir {
		return
	}
	a.air = append(a.air, f)
}

// keepBack puts a frame on the air later; as many can wait as for Air.
func (a *AP) keepBack(f Frame, delay time.Duration) {
	if a.delayed >= maxAir {
		return
	}
	a.delayed++
	a.timers.at(a.now+delay, func(time.Duration) {
		a.delayed--
		a.put(f)
	})
}

// header returns the header of the next frame of a link to a receiver.
func (l *link) header(fc dot11.FrameControl, to, third dot11.Addr) dot11.Header {
	l.seq = (l.seq + 1) & 0xfff
	return dot11.Header{FC: fc, Addr1: to, Addr2: l.bssid, Addr3: third, Seq: l.seq << 4}
}

// manage sends a management frame, in clear.
func (a *AP) manage(l *link, kind dot11.FrameControl, to dot11.Addr, body []byte) {
	h := l.header(kind, to, l.bssid)
	a.transmit(l, kindOf(kind), to, append(h.Append(make([]byte, 0, h.Len()+len(body))), body...))
}

// manageRobust sends a management frame to an associated station under the
// keys it has, where management frames are protected.
func (a *AP) manageRobust(s *station, l *link, kind dot11.FrameControl, body []byte) {
	to, ok := s.over(l)
	if !ok {
		return
	}
	if !s.mfp || !s.connected {
		a.manage(l, kind, to, body)
		return
	}
	for _, form := range s.forms() {
		h := l.header(kind, to, l.bssid)
		frame := append(h.Append(make([]byte, 0, h.Len()+len(body))), body...)
		context := s.pairwise.context(a, s, l)
		context.Form = form
		sealed, err := s.pairwise.key.Seal(nil, frame, context)
		if err != nil {
			a.event(Undecipherable, s.addr, l, fmt.Sprintf("not sent: %v", err))
			return
		}
		a.transmit(l, kindOf(kind), to, sealed)
	}
}

// forms are those in which a management frame for the station is sent: the one
// it has or, as long as it has sent none, both; it drops what it cannot open.
func (s *station) forms() []protect.Form {
	if !s.multi || s.formKnown {
		return []protect.Form{s.form}
	}
	return []protect.Form{protect.MLDForm, protect.LinkForm}
}
