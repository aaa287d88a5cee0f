package site

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"roamfault/nl80211/dot11"
	"roamfault/roam/lab/hwsim"
)

// told is a medium that keeps what it is told.
type told struct {
	words    []string
	deadline time.Time
}

func (m *told) Receive(deadline time.Time) ([]hwsim.Event, error) {
	m.deadline = deadline
	return nil, nil
}

func (m *told) Acknowledge(f *hwsim.Frame, acked bool, signal int) error {
	m.words = append(m.words, fmt.Sprintf("%d %t", f.Cookie, acked))
	return nil
}

func (m *told) Inject(_ dot11.Addr, _, _, _ int, data []byte) error {
	m.words = append(m.words, "answer")
	return nil
}

func (*told) Wake() {}

// The kernel hears of the acknowledgement of an Authentication frame behind the
// answer's use: with the next frame, or when it would give up anyhow.
func TestAcks(t *testing.T) {
	radio, station, bssid := dot11.Addr{0x42, 1}, dot11.Addr{2, 1}, dot11.Addr{2, 2}
	cookie := uint64(0)
	sent := func(kind dot11.FrameControl) *hwsim.Frame {
		cookie++
		h := dot11.Header{FC: kind, Addr1: bssid, Addr2: station, Addr3: bssid}
		return &hwsim.Frame{Radio: radio, Cookie: cookie, Data: h.Append(nil)}
	}
	answer := dot11.Header{FC: dot11.Auth, Addr1: station, Addr2: bssid, Addr3: bssid}
	start := time.Unix(1e9, 0)
	tests := map[string]struct {
		do   func(a *acks, now *time.Time)
		want []string
	}{
		"association": {func(a *acks, _ *time.Time) {
			a.Acknowledge(sent(dot11.Auth), true, -40)
			a.Inject(radio, 5180, -40, 0, answer.Append(nil))
			a.Receive(time.Time{})
			a.Acknowledge(sent(dot11.ReassocRequest), true, -40)
		}, []string{"answer", "1 true", "2 true"}},
		"another step": {func(a *acks, _ *time.Time) {
			a.Acknowledge(sent(dot11.Auth), true, -40)
			a.Inject(radio, 5180, -40, 0, answer.Append(nil))
			a.Receive(time.Time{})
			a.Acknowledge(sent(dot11.Auth), true, -40)
			a.Receive(time.Time{})
		}, []string{"answer", "1 true", "2 true"}},
		"no answer":            {func(a *acks, _ *time.Time) { a.Acknowledge(sent(dot11.Auth), true, -40); a.Receive(time.Time{}) }, []string{"1 true"}},
		"no acknowledgement":   {func(a *acks, _ *time.Time) { a.Acknowledge(sent(dot11.Auth), false, -40) }, []string{"1 false"}},
		"data do not wait":     {func(a *acks, _ *time.Time) { a.Acknowledge(sent(dot11.QoSData), true, -40) }, []string{"1 true"}},
		"a frame of no length": {func(a *acks, _ *time.Time) { a.Acknowledge(&hwsim.Frame{Cookie: 7}, false, 0) }, []string{"7 false"}},
		"nothing follows": {func(a *acks, now *time.Time) {
			a.Acknowledge(sent(dot11.Auth), true, -40)
			a.Inject(radio, 5180, -40, 0, answer.Append(nil))
			a.Receive(start.Add(time.Hour))
			if got := a.Medium.(*told).deadline; got != start.Add(heldFor) {
				t.Errorf("waits until %v", got)
			}
			*now = now.Add(heldFor)
			a.Receive(time.Time{})
		}, []string{"answer", "1 true"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m, now := &told{}, start
			cookie = 0
			tt.do(newAcks(m, func() time.Time { return now }), &now)
			if !slices.Equal(m.words, tt.want) {
				t.Errorf("told %q, want %q", m.words, tt.want)
			}
		})
	}
}
