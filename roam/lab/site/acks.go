package site

import (
	"encoding/binary"
	"slices"
	"time"

	"roamfault/nl80211/dot11"
	"roamfault/roam/lab"
	"roamfault/roam/lab/hwsim"
)

// acks is a medium that tells a radio of the acknowledgement of an Authentication
// frame that was answered only when the radio goes on with another frame of the
// kind or an association.
//
// The kernel takes the word of an acknowledgement, whenever it comes, for the begin
// of the time in which the answer has to come: 100 ms with open authentication. It
// forgets the authentication when they are over, although the answer is there
// (net/mac80211/mlme.c, ieee80211_sta_work). A real radio tells it long before the
// answer; here both come at once, the answer is taken first, and a supplicant that
// is slower than that associates without an authentication: 6.12 does so under
// another address, and is sent away (reason 6); 7.2 warns in
// ieee80211_prep_connection and associates no more.
type acks struct {
	lab.Medium
	clock func() time.Time
	held  map[dot11.Addr]*heldAck // by radio
}

// heldAck is an acknowledgement that is not told yet.
type heldAck struct {
	frame    hwsim.Frame
	from     dot11.Addr // transmitter
	signal   int
	answered bool
	until    time.Time
}

// heldFor bounds how long an acknowledgement is kept back: less than the 5 s after
// which the kernel gives an authentication up that nothing follows.
const heldFor = 4 * time.Second

func newAcks(m lab.Medium, clock func() time.Time) *acks {
	return &acks{Medium: m, clock: clock, held: map[dot11.Addr]*heldAck{}}
}

// isAny reports whether a frame that has its addresses is one of those kinds.
func isAny(frame []byte, kinds ...dot11.FrameControl) bool {
	const addresses = 16
	return len(frame) >= addresses && slices.Contains(kinds, dot11.FrameControl(binary.LittleEndian.Uint16(frame)).Kind())
}

// Acknowledge keeps back what may be told too early.
func (a *acks) Acknowledge(f *hwsim.Frame, acked bool, signal int) error {
	if !isAny(f.Data, dot11.Auth, dot11.AssocRequest, dot11.ReassocRequest) {
		return a.Medium.Acknowledge(f, acked, signal)
	}
	if err := a.tell(f.Radio); err != nil {
		return err
	}
	if !isAny(f.Data, dot11.Auth) || !acked {
		return a.Medium.Acknowledge(f, acked, signal)
	}
	h := &heldAck{frame: *f, from: dot11.Addr(f.Data[10:16]), signal: signal, until: a.clock().Add(heldFor)}
	h.frame.Data = nil // it is the medium's
	a.held[f.Radio] = h
	return nil
}

// tell tells a radio what was kept back.
func (a *acks) tell(radio dot11.Addr) error {
	h := a.held[radio]
	if h == nil {
		return nil
	}
	delete(a.held, radio)
	return a.Medium.Acknowledge(&h.frame, true, h.signal)
}

// Inject sees the answers.
func (a *acks) Inject(radio dot11.Addr, freq, signal, rate int, data []byte) error {
	if h := a.held[radio]; h != nil && isAny(data, dot11.Auth) && dot11.Addr(data[4:10]) == h.from {
		h.answered = true
	}
	return a.Medium.Inject(radio, freq, signal, rate, data)
}

// Receive tells what was not answered at once, and what was kept back long enough.
func (a *acks) Receive(deadline time.Time) ([]hwsim.Event, error) {
	now := a.clock()
	for radio, h := range a.held {
		if !h.answered || !now.Before(h.until) {
			if err := a.tell(radio); err != nil {
				return nil, err
			}
			continue
		}
		if deadline.IsZero() || h.until.Before(deadline) {
			deadline = h.until
		}
	}
	return a.Medium.Receive(deadline)
}
