package rsn

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roamfault/nl80211/dot11"
	"roamfault/roam/rsn/keys"
)

// due returns the authenticator's deadline, which must be there.
func (p *pair) due() time.Duration {
	p.t.Helper()
	d, waiting := p.auth.Deadline()
	if !waiting {
		p.t.Fatal("nothing is waited for")
	}
	return d
}

const second = time.Second

// Nobody answers: the times of all transmissions, and the reason in the end.
func TestSilence(t *testing.T) {
	begin := 7 * second
	want := []time.Duration{begin + second/10, begin + second/10 + second, begin + second/10 + 2*second, begin + second/10 + 3*second}
	tests := []struct {
		name   string
		reach  func(*pair) // the state that begins at begin
		repeat Kind
		reason dot11.ReasonCode
	}{
		{"message 1", func(p *pair) { p.start(begin) }, Message1, dot11.ReasonFourWayTimeout},
		{"message 3", func(p *pair) { p.toAuth(begin, p.toSupp(p.start(0).Send).Send) }, Message3, dot11.ReasonFourWayTimeout},
		{"group message 1", func(p *pair) {
			p.run()
			s, err := p.auth.Rekey(begin)
			p.fine(s, err)
		}, GroupMessage1, dot11.ReasonGroupKeyTimeout},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := newPair(t, multi(suites[2], keys.CCMP128, keys.BIPCMAC128))
			test.reach(p)
			var times []time.Duration
			var counters []uint64
			for range 10 {
				at := p.due()
				times = append(times, at)
				if s := p.advance(at - 1); s.Send != nil || s.Result != Pending {
					t.Fatalf("before its time: %+v", s)
				}
				s := p.advance(at)
				if s.Result == Failed {
					if s.Reason != test.reason || s.Send != nil {
						t.Errorf("it fails with %v", s.Reason)
					}
					break
				}
				f := p.frame(s.Send)
				if kind, err := f.Kind(); kind != test.repeat || err != nil {
					t.Fatalf("%v is sent again: %v", kind, err)
				}
				counters = append(counters, f.Replay)
			}
			if diff := cmp.Diff(want, times); diff != "" {
				t.Errorf("deadlines (-want +got):\n%s", diff)
			}
			for i := 1; i < len(counters); i++ {
				if counters[i] != counters[i-1]+1 {
					t.Errorf("replay counters %v", counters)
				}
			}
			if _, waiting := p.auth.Deadline(); waiting {
				t.Error("it waits after it has failed")
			}
			if s := p.advance(begin + 100*second); s.Send != nil || s.Result != Pending {
				t.Errorf("after it has failed: %+v", s)
			}
		})
	}
}

// Any one message of the handshakes is lost once: it comes to an end all the
// same, and each side installs each key once.
func TestOneLost(t *testing.T) {
	for lost := range 6 {
		p := newPair(t, multi(suites[2], keys.CCMP128, keys.BIPCMAC128))
		n, now := 0, time.Duration(0)
		var installed []InstallKey
		var pairwise, results int
		var toSupp, toAuth func(Step)
		pass := func(s Step, to func(Step)) {
			n++
			if s.Send != nil && n-1 != lost {
				to(s)
			}
		}
		note := func(s Step) {
			if s.Pairwise != nil {
				pairwise++
			}
			if s.Result == Established || s.Result == Rekeyed {
				results++
			}
			installed = append(installed, s.Group...)
		}
		toSupp = func(s Step) {
			if s.Send == nil {
				return
			}
			reply := p.toSupp(s.Send)
			note(reply)
			pass(reply, toAuth)
		}
		toAuth = func(s Step) {
			reply := p.toAuth(now, s.Send)
			note(reply)
			if reply.Send != nil {
				pass(reply, toSupp)
			}
		}
		settle := func() {
			for {
				at, waiting := p.auth.Deadline()
				if !waiting {
					return
				}
				now = at
				toSupp(p.advance(now))
			}
		}
		pass(p.start(now), toSupp)
		settle()
		p.generation = 1
		s, err := p.auth.Rekey(now)
		pass(p.fine(s, err), toSupp)
		settle()

		want := append(wanted(&p.assoc, testKeys(&p.assoc, 0)), wanted(&p.assoc, testKeys(&p.assoc, 1))...)
		if diff := cmp.Diff(want, installed); diff != "" {
			t.Errorf("frame %d lost: group keys (-want +got):\n%s", lost+1, diff)
		}
		if pairwise != 2 {
			t.Errorf("frame %d lost: %d PTKs were installed", lost+1, pairwise)
		}
		// A group key handshake that is repeated ends twice at the supplicant.
		if wantResults := map[int]int{5: 5}[lost]; results != max(wantResults, 4) {
			t.Errorf("frame %d lost: %d results", lost+1, results)
		}
	}
}

// An answer to an earlier transmission counts as long as the message is the
// same, and no longer.
func TestLateAnswers(t *testing.T) {
	p := newPair(t, single(suites[0], keys.CCMP128, 0))
	first := p.toSupp(p.start(0).Send)
	again := p.toSupp(p.advance(p.due()).Send)
	m3 := p.toAuth(second, first.Send)

	// The second message 2 has the same nonce: nothing new.
	s, err := p.auth.Receive(second, again.Send)
	wantError(t, s, err, ErrState)

	m4 := p.toSupp(m3.Send)
	m3again := p.advance(p.due())
	m4again := p.toSupp(m3again.Send)
	if m4again.Pairwise != nil || m4again.Group != nil || m4again.Result != Pending {
		t.Errorf("message 3 came again and led to %+v", m4again)
	}
	if got := p.toAuth(second, m4.Send).Result; got != Established {
		t.Errorf("the answer to the first message 3: %v", got)
	}
	s, err = p.auth.Receive(second, m4again.Send)
	wantError(t, s, err, ErrState)
}

// A station that draws a new nonce for each message 1 goes on with its last.
func TestChangedNonce(t *testing.T) {
	a := single(suites[0], keys.CCMP128, 0)
	p := newPair(t, a)
	m1 := p.start(0)
	forgetful, err := NewSupplicant(SupplicantConfig{Association: a, Rand: seeded(77)})
	if err != nil {
		t.Fatal(err)
	}
	first, err := forgetful.Receive(m1.Send)
	p.fine(first, err)
	p.toAuth(0, first.Send)
	m3 := p.toAuth(0, p.toSupp(m1.Send).Send)
	supp := p.toSupp(m3.Send)
	auth := p.toAuth(0, supp.Send)
	if auth.Result != Established {
		t.Fatalf("it is %v", auth.Result)
	}
	if diff := cmp.Diff(supp.Pairwise, auth.Pairwise); diff != "" {
		t.Errorf("TK (-supplicant +authenticator):\n%s", diff)
	}
}

func TestTimingRefused(t *testing.T) {
	a := single(suites[0], keys.CCMP128, 0)
	for _, timing := range []Timing{{First: 1, Next: 1}, {Next: 1, Tries: 1}, {First: 1, Tries: 1}} {
		if _, err := NewAuthenticator(AuthenticatorConfig{Association: a, Timing: timing, GroupKeys: func() []LinkKeys { return nil }}); err == nil {
			t.Errorf("%+v was taken", timing)
		}
	}
}
