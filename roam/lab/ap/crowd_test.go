package ap_test

import (
	"testing"
	"time"

	"roamfault/nl80211/dot11"
	"roamfault/roam/lab/ap"
	"roamfault/roam/rsn/sae"
)

// commits are Commits of stations that nobody has seen before and that go no
// further: from other addresses each time.
type commits struct {
	body []byte
	n    uint32
}

func newCommits(t testing.TB) *commits {
	t.Helper()
	p, err := sae.NewPassword(ssid, "wrong", "", sae.GroupP256)
	if err != nil {
		t.Fatal(err)
	}
	s, err := sae.NewSession(sae.Config{
		Own: dot11.Addr{2, 1}, Peer: dot11.Addr{2, 2}, Passwords: []*sae.Password{p}, Rand: seeded(0xee),
	})
	if err != nil {
		t.Fatal(err)
	}
	step := s.Start()
	b := dot11.AuthBody{Algorithm: dot11.AuthSAE, Transaction: 1, Status: step.Send[0].Status, Body: step.Send[0].Body}
	return &commits{body: b.Append(nil)}
}

// next is one more Commit, to a link.
func (c *commits) next(l ap.Link) ap.Frame {
	c.n++
	h := dot11.Header{
		FC: dot11.Auth, Addr1: l.BSSID, Addr3: l.BSSID,
		Addr2: dot11.Addr{0x06, 0, byte(c.n >> 24), byte(c.n >> 16), byte(c.n >> 8), byte(c.n)},
	}
	return ap.Frame{Freq: l.Channel.Freq, Data: append(h.Append(nil), c.body...)}
}

// statuses counts the status codes of the Authentication frames sent.
func statuses(t *testing.T, e *ether) map[dot11.StatusCode]int {
	t.Helper()
	counts := map[dot11.StatusCode]int{}
	for _, x := range e.sent(false, dot11.Auth) {
		_, body := x.header(t)
		b, err := dot11.ParseAuthBody(body)
		if err != nil {
			t.Fatal(err)
		}
		counts[b.Status]++
	}
	return counts
}

// From the crowd on, a station has to return a token; one that hears the access
// point does and connects, by either method and with the multi-link element in
// the demand.
func TestAntiClogging(t *testing.T) {
	for _, method := range []sae.Method{sae.HashToElement, sae.Looping} {
		t.Run(method.String(), func(t *testing.T) {
			e, a := alone(t, configOf(t, 1, twoLinks(t), func(c *ap.Config) { c.Crowd = 3 }))
			crowd := newCommits(t)
			for range 10 {
				a.Receive(e.now, crowd.next(a.Links()[0]))
			}
			e.settle()
			if got := statuses(t, e); got[dot11.StatusSAEHashToElement] != 3 || got[dot11.StatusAntiCloggingToken] != 7 {
				t.Errorf("answers to ten strangers: %v", got)
			}
			e.forget()
			s := e.join(1, 2, ap.SAE, func(s *station) { s.method = method })
			s.mustConnect(a.Addr())
			if got := statuses(t, e); got[dot11.StatusAntiCloggingToken] != 1 {
				t.Errorf("answers to a station in the crowd: %v", got)
			}
			exchange(t, e, a, s)
		})
	}
}

// Strangers that go no further are forgotten after their exchange was given up,
// and no token is asked for any more.
func TestCrowdGoes(t *testing.T) {
	e, a := alone(t, configOf(t, 1, oneLink(t), func(c *ap.Config) { c.Crowd = 3 }))
	crowd := newCommits(t)
	for range 10 {
		a.Receive(e.now, crowd.next(a.Links()[0]))
	}
	e.run(7 * ap.SAERetransmit)
	if got := a.Tables(); got.Candidates != 0 || got.Exchanges != 0 {
		t.Errorf("%+v", got)
	}
	if got := statuses(t, e)[dot11.StatusSAEHashToElement]; got != 3*6 {
		t.Errorf("%d Commits to three strangers, want one and five repetitions each", got)
	}
	e.forget()
	s := e.join(1, 1, ap.SAE)
	s.mustConnect(a.Addr())
	if got := statuses(t, e)[dot11.StatusAntiCloggingToken]; got != 0 {
		t.Errorf("%d demands for tokens", got)
	}
}

// A token of one address is worth nothing at another, and none is good for ever.
func TestToken(t *testing.T) {
	e, a := alone(t, configOf(t, 1, oneLink(t), func(c *ap.Config) { c.Crowd = 1 }))
	crowd := newCommits(t)
	link := a.Links()[0]
	demand := func(f ap.Frame) (token []byte, status dot11.StatusCode) {
		t.Helper()
		a.Receive(e.now, f)
		for _, out := range a.Air() {
			h, body, err := dot11.ParseHeader(out.Data)
			if err != nil || h.FC.Kind() != dot11.Auth || h.Addr1 != dot11.Addr(f.Data[10:16]) {
				continue
			}
			b, err := dot11.ParseAuthBody(body)
			if err != nil {
				t.Fatal(err)
			}
			status = b.Status
			if status == dot11.StatusAntiCloggingToken {
				d, err := sae.ParseTokenDemand(sae.HashToElement, b.Body)
				if err != nil {
					t.Fatal(err)
				}
				token = d.Token
			}
		}
		return token, status
	}
	// refill keeps one exchange open.
	refill := func() { a.Receive(e.now, crowd.next(link)); a.Air() }
	with := func(f ap.Frame, token []byte) ap.Frame {
		t.Helper()
		auth, err := dot11.ParseAuthBody(f.Data[24:])
		if err != nil {
			t.Fatal(err)
		}
		c, err := sae.ParseCommit(sae.HashToElement, auth.Body)
		if err != nil {
			t.Fatal(err)
		}
		c.Token = token
		if auth.Body, err = c.Append(nil); err != nil {
			t.Fatal(err)
		}
		return ap.Frame{Freq: f.Freq, Data: auth.Append(append([]byte(nil), f.Data[:24]...))}
	}
	refill()
	one, two := crowd.next(link), crowd.next(link)
	token, status := demand(one)
	if status != dot11.StatusAntiCloggingToken {
		t.Fatalf("status %v", status)
	}
	if _, status := demand(with(two, token)); status != dot11.StatusAntiCloggingToken {
		t.Errorf("the token of another was taken: %v", status)
	}
	e.now = 2*ap.TokenEpoch - time.Millisecond
	a.Advance(e.now)
	a.Air()
	refill()
	if _, status := demand(with(one, token)); status != dot11.StatusSAEHashToElement {
		t.Errorf("a token was not taken: %v", status)
	}
	e.now = 6 * ap.TokenEpoch
	a.Advance(e.now)
	a.Air()
	e.run(7 * ap.SAERetransmit)
	refill()
	if _, status := demand(with(one, token)); status != dot11.StatusAntiCloggingToken {
		t.Errorf("an old token was taken: %v", status)
	}
}
