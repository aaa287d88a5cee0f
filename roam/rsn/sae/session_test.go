package sae

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roamfault/nl80211/dot11"
	"roamfault/roam/rsn/keys"
)

var (
	stationAddr = dot11.Addr{0x02, 0, 0, 0, 0x01, 0x00}
	apAddr      = dot11.Addr{0x02, 0, 0, 0, 0x00, 0x10}
)

type exchange struct {
	group  Group
	method Method
	akm    keys.AKM
}

func (e exchange) name() string { return fmt.Sprintf("%s %s %s", e.group, e.method, e.akm) }

// exchanges are all combinations there are.
func exchanges() []exchange {
	var all []exchange
	for _, g := range []Group{GroupP256, GroupP384, GroupP521} {
		all = append(all,
			exchange{g, HashToElement, keys.AKMSAE},
			exchange{g, HashToElement, keys.AKMSAEExtKey},
			exchange{g, Looping, keys.AKMSAE})
	}
	return all
}

func newSession(t testing.TB, cfg Config) *Session {
	t.Helper()
	s, err := NewSession(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func newPassword(t testing.TB, password, identifier string, groups ...Group) *Password {
	t.Helper()
	if len(groups) == 0 {
		groups = []Group{GroupP256}
	}
	p, err := NewPassword("test net", password, identifier, groups...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// pair makes a station and an access point of the same kind; change may alter
// either before.
func pair(t testing.TB, change func(station, ap *Config)) (station, ap *Session) {
	t.Helper()
	p := newPassword(t, "correct horse", "")
	a := Config{Own: stationAddr, Peer: apAddr, Passwords: []*Password{p}, Rand: rand.NewChaCha8([32]byte{1})}
	b := Config{Own: apAddr, Peer: stationAddr, Passwords: []*Password{p}, Rand: rand.NewChaCha8([32]byte{2})}
	if change != nil {
		change(&a, &b)
	}
	return newSession(t, a), newSession(t, b)
}

func (s *Session) hand(m Message) Step {
	if m.Transaction == TransactionCommit {
		return s.HandleCommit(m.Status, m.Body)
	}
	return s.HandleConfirm(m.Status, m.Body)
}

// converse carries frames to and fro until nobody says anything more.
func converse(t testing.TB, from, to *Session, frames []Message) {
	t.Helper()
	for rounds := 0; len(frames) > 0; rounds++ {
		if rounds > 50 {
			t.Fatal("the exchange does not end")
		}
		var answers []Message
		for _, m := range frames {
			answers = append(answers, to.hand(m).Send...)
		}
		from, to, frames = to, from, answers
	}
}

func one(t testing.TB, step Step) Message {
	t.Helper()
	if step.Outcome == Failed || len(step.Send) != 1 {
		t.Fatalf("not one frame to send: %+v", step)
	}
	return step.Send[0]
}

func sameKeys(t testing.TB, a, b *Session) Keys {
	t.Helper()
	ka, ok := a.Keys()
	if !ok || a.State() != Done {
		t.Fatalf("one side is in state %s", a.State())
	}
	kb, ok := b.Keys()
	if !ok || b.State() != Done {
		t.Fatalf("the other side is in state %s", b.State())
	}
	if diff := cmp.Diff(ka, kb); diff != "" {
		t.Fatalf("keys differ:\n%s", diff)
	}
	return ka
}

func wantStep(t testing.TB, got Step, outcome Outcome, err error) {
	t.Helper()
	if got.Outcome != outcome || !errors.Is(got.Err, err) {
		t.Fatalf("want %s, %v; got %s, %v", outcome, err, got.Outcome, got.Err)
	}
}

func wantRefusal(t testing.TB, got Step, err error, transaction uint16, status dot11.StatusCode, body []byte) {
	t.Helper()
	wantStep(t, got, Refused, err)
	if diff := cmp.Diff([]Message{{transaction, status, body}}, got.Send); diff != "" {
		t.Fatalf("refusal (-want +got):\n%s", diff)
	}
}

func TestExchange(t *testing.T) {
	lengths := map[exchange]int{
		{GroupP256, HashToElement, keys.AKMSAEExtKey}: 32,
		{GroupP384, HashToElement, keys.AKMSAEExtKey}: 48,
		{GroupP521, HashToElement, keys.AKMSAEExtKey}: 64,
	}
	for _, tt := range exchanges() {
		for _, immediate := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s immediate %v", tt.name(), immediate), func(t *testing.T) {
				p := newPassword(t, "correct horse", "", tt.group)
				station, ap := pair(t, func(a, b *Config) {
					for _, c := range []*Config{a, b} {
						c.Passwords, c.Groups, c.Methods, c.AKMs = []*Password{p}, []Group{tt.group}, []Method{tt.method}, []keys.AKM{tt.akm}
						c.Immediate = immediate
					}
				})
				converse(t, station, ap, station.Start().Send)
				got := sameKeys(t, station, ap)
				want := lengths[tt]
				if want == 0 {
					want = 32
				}
				if len(got.PMK) != want || got.AKM != tt.akm || got.Group != tt.group || got.Method != tt.method {
					t.Errorf("keys %+v, PMK of %d octets, want %d", got, len(got.PMK), want)
				}
			})
		}
	}
}

// What each side says, in infrastructure: commit, commit, confirm, confirm.
func TestOrderOfFrames(t *testing.T) {
	station, ap := pair(t, nil)
	commit := station.Start()
	answer := ap.hand(one(t, commit))
	confirm := station.hand(one(t, answer))
	last := ap.hand(one(t, confirm))
	end := station.hand(one(t, last))
	type line struct {
		Outcome Outcome
		Frames  []string
	}
	var got []line
	for _, step := range []Step{commit, answer, confirm, last, end} {
		l := line{Outcome: step.Outcome}
		for _, m := range step.Send {
			l.Frames = append(l.Frames, fmt.Sprintf("%d status %d, %d octets", m.Transaction, m.Status, len(m.Body)))
		}
		got = append(got, l)
	}
	if diff := cmp.Diff([]line{
		{Continue, []string{"1 status 126, 98 octets"}},
		{Continue, []string{"1 status 126, 98 octets"}},
		{Continue, []string{"2 status 0, 34 octets"}},
		{Accepted, []string{"2 status 0, 34 octets"}},
		{Accepted, nil},
	}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Both peers of a mesh may start at once.
func TestBothStart(t *testing.T) {
	a, b := pair(t, func(x, y *Config) { x.Immediate, y.Immediate = true, true })
	first, second := one(t, a.Start()), one(t, b.Start())
	fromA, fromB := one(t, a.hand(second)), one(t, b.hand(first))
	wantStep(t, a.hand(fromB), Accepted, nil)
	wantStep(t, b.hand(fromA), Accepted, nil)
	sameKeys(t, a, b)
}

func TestWrongPassword(t *testing.T) {
	for _, m := range []Method{HashToElement, Looping} {
		for _, immediate := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s immediate %v", m, immediate), func(t *testing.T) {
				station, ap := pair(t, func(a, b *Config) {
					a.Passwords = []*Password{newPassword(t, "incorrect horse", "")}
					a.Methods, b.Methods = []Method{m}, []Method{m}
					b.Immediate = immediate
				})
				answer := ap.hand(one(t, station.Start()))
				confirm := one(t, station.hand(answer.Send[0]))
				if immediate {
					wantStep(t, station.hand(answer.Send[1]), Ignored, ErrConfirm)
				}
				refusal := ap.hand(confirm)
				wantRefusal(t, refusal, ErrConfirm, TransactionConfirm, dot11.StatusChallengeFailure, nil)
				end := station.hand(refusal.Send[0])
				if diff := cmp.Diff(error(&RefusedError{TransactionConfirm, dot11.StatusChallengeFailure}), end.Err); end.Outcome != Failed || diff != "" {
					t.Errorf("station %s (-want +got):\n%s", end.Outcome, diff)
				}
				for name, s := range map[string]*Session{"station": station, "access point": ap} {
					if _, ok := s.Keys(); ok {
						t.Errorf("%s has keys", name)
					}
				}
				// The same session of the access point takes the next attempt.
				good, _ := pair(t, func(a, _ *Config) { a.Methods = []Method{m} })
				converse(t, good, ap, good.Start().Send)
				sameKeys(t, good, ap)
			})
		}
	}
}

func TestConfirmGuessesAreBounded(t *testing.T) {
	station, ap := pair(t, func(_, b *Config) { b.MaxSync = 3 })
	confirm := one(t, station.hand(one(t, ap.hand(one(t, station.Start())))))
	confirm.Body[10] ^= 1
	for range 3 {
		wantStep(t, ap.hand(confirm), Refused, ErrConfirm)
	}
	wantStep(t, ap.hand(confirm), Failed, ErrConfirm)
	if ap.State() != Nothing {
		t.Errorf("state %s", ap.State())
	}
	confirm.Body[10] ^= 1
	wantStep(t, ap.hand(confirm), Ignored, ErrState)
}

func TestReflection(t *testing.T) {
	t.Run("commit to who started", func(t *testing.T) {
		station, _ := pair(t, nil)
		commit := one(t, station.Start())
		wantStep(t, station.hand(commit), Ignored, ErrReflection)
	})
	t.Run("commit to who answered", func(t *testing.T) {
		station, ap := pair(t, nil)
		answer := one(t, ap.hand(one(t, station.Start())))
		wantStep(t, ap.hand(answer), Ignored, ErrReflection)
	})
	t.Run("confirm", func(t *testing.T) {
		station, ap := pair(t, nil)
		confirm := one(t, station.hand(one(t, ap.hand(one(t, station.Start())))))
		wantStep(t, station.hand(confirm), Ignored, ErrConfirm)
	})
}

func TestBadCommit(t *testing.T) {
	refs := references(t)
	for group, r := range refs {
		less1 := r.n.Bytes()
		less1 = append(make([]byte, r.size-len(less1)), less1...)
		scalarOf := func(n int) []byte { b := make([]byte, r.size); b[r.size-1] = byte(n); return b }
		tests := []struct {
			name   string
			change func(c *Commit)
			want   error
		}{
			{"scalar 0", func(c *Commit) { c.Scalar = scalarOf(0) }, ErrScalar},
			{"scalar 1", func(c *Commit) { c.Scalar = scalarOf(1) }, ErrScalar},
			{"scalar is the order", func(c *Commit) { c.Scalar = less1 }, ErrScalar},
			{"scalar all ones", func(c *Commit) { c.Scalar = bytes.Repeat([]byte{0xff}, r.size) }, ErrScalar},
			{"element off the curve", func(c *Commit) { c.Element[2*r.size-1] ^= 1 }, ErrElement},
			{"element zero", func(c *Commit) { clear(c.Element) }, ErrElement},
			{"coordinate not below the prime", func(c *Commit) { r.p.FillBytes(c.Element[:r.size]) }, ErrElement},
			{"coordinates all ones", func(c *Commit) { copy(c.Element, bytes.Repeat([]byte{0xff}, 2*r.size)) }, ErrElement},
		}
		for _, tt := range tests {
			t.Run(fmt.Sprintf("group %s %s", group, tt.name), func(t *testing.T) {
				p := newPassword(t, "correct horse", "", group)
				station, ap := pair(t, func(a, b *Config) {
					a.Passwords, b.Passwords = []*Password{p}, []*Password{p}
					a.Groups, b.Groups = []Group{group}, []Group{group}
				})
				hello := one(t, station.Start())
				bad := spoil(t, hello, tt.change)
				wantRefusal(t, ap.hand(bad), tt.want, TransactionCommit, dot11.StatusUnspecified, nil)
				if ap.State() != Nothing {
					t.Errorf("state %s", ap.State())
				}
				answer := one(t, ap.hand(hello))
				wantStep(t, station.hand(spoil(t, answer, tt.change)), Ignored, tt.want)
				// Nothing of that has harmed the exchange.
				converse(t, ap, station, []Message{answer})
				sameKeys(t, station, ap)
			})
		}
	}
}

// spoil changes the Commit in a frame.
func spoil(t testing.TB, m Message, change func(*Commit)) Message {
	t.Helper()
	method, ok := MethodOf(m.Status)
	if !ok {
		t.Fatalf("status %d is of no commit", m.Status)
	}
	c, err := ParseCommit(method, m.Body)
	if err != nil {
		t.Fatal(err)
	}
	change(c)
	body, err := c.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	return Message{m.Transaction, c.Method.Status(), body}
}

// The order of a point that makes K infinite: element = -(scalar · PWE).
func TestSharedSecretAtInfinity(t *testing.T) {
	station, ap := pair(t, nil)
	hello := one(t, station.Start())
	evil := spoil(t, hello, func(c *Commit) {
		point, err := station.domain.curve.multNegate(station.element.point, c.Scalar)
		if err != nil {
			t.Fatal(err)
		}
		c.Element = point[1:]
	})
	step := ap.hand(evil)
	wantStep(t, step, Failed, ErrElement)
	if diff := cmp.Diff([]Message{{TransactionCommit, dot11.StatusUnspecified, nil}}, step.Send); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	converse(t, station, ap, []Message{hello})
	sameKeys(t, station, ap)
}

func TestGroupNegotiation(t *testing.T) {
	all := []Group{GroupP521, GroupP384, GroupP256}
	p := newPassword(t, "correct horse", "", all...)
	station, ap := pair(t, func(a, b *Config) {
		a.Passwords, b.Passwords = []*Password{p}, []*Password{p}
		a.Groups = all
	})
	first := one(t, station.Start())
	no := ap.hand(first)
	wantRefusal(t, no, ErrGroup, TransactionCommit, dot11.StatusUnsupportedGroup, []byte{21, 0})
	second := one(t, station.hand(no.Send[0]))
	// A refusal that comes twice is of a group that is not proposed any more.
	wantStep(t, station.hand(no.Send[0]), Ignored, ErrGroup)
	third := one(t, station.hand(ap.hand(second).Send[0]))
	c, err := ParseCommit(HashToElement, third.Body)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Group{GroupP521, GroupP384}, c.Rejected); diff != "" {
		t.Errorf("rejected groups (-want +got):\n%s", diff)
	}
	converse(t, station, ap, []Message{third})
	if got := sameKeys(t, station, ap); got.Group != GroupP256 {
		t.Errorf("group %s", got.Group)
	}
}

func TestNoCommonGroup(t *testing.T) {
	station, ap := pair(t, func(a, _ *Config) {
		a.Passwords = []*Password{newPassword(t, "correct horse", "", GroupP384)}
		a.Groups = []Group{GroupP384}
	})
	end := station.hand(ap.hand(one(t, station.Start())).Send[0])
	if diff := cmp.Diff(error(&RefusedError{TransactionCommit, dot11.StatusUnsupportedGroup}), end.Err); end.Outcome != Failed || diff != "" {
		t.Errorf("%s (-want +got):\n%s", end.Outcome, diff)
	}
}

// Who forges refusals to make a station take a weaker group is found out by the
// list of them.
func TestDowngrade(t *testing.T) {
	both := []Group{GroupP384, GroupP256}
	p := newPassword(t, "correct horse", "", both...)
	change := func(a, b *Config) {
		a.Passwords, b.Passwords = []*Password{p}, []*Password{p}
		a.Groups, b.Groups = both, both
	}
	station, ap := pair(t, change)
	station.Start()
	weaker := one(t, station.HandleCommit(dot11.StatusUnsupportedGroup, []byte{20, 0}))
	wantRefusal(t, ap.hand(weaker), ErrDowngrade, TransactionCommit, dot11.StatusUnspecified, nil)

	// Where the list is taken out of the frame, the keys differ.
	station, ap = pair(t, change)
	station.Start()
	weaker = one(t, station.HandleCommit(dot11.StatusUnsupportedGroup, []byte{20, 0}))
	bare := spoil(t, weaker, func(c *Commit) { c.Rejected = nil })
	confirm := one(t, station.hand(one(t, ap.hand(bare))))
	wantStep(t, ap.hand(confirm), Refused, ErrConfirm)

	// A station looks at the list of an access point too.
	station, ap = pair(t, change)
	answer := one(t, ap.hand(one(t, station.Start())))
	lists := spoil(t, answer, func(c *Commit) { c.Rejected = []Group{GroupP256} })
	wantStep(t, station.hand(lists), Ignored, ErrDowngrade)
}

func TestIdentifiers(t *testing.T) {
	plain := newPassword(t, "correct horse", "")
	guest := newPassword(t, "battery staple", "guest")
	tests := []struct {
		name    string
		station *Password
		ap      []*Password
		status  dot11.StatusCode // of the refusal; 0: accepted
	}{
		{"one of several", guest, []*Password{plain, guest}, 0},
		{"none of several", plain, []*Password{guest, plain}, 0},
		{"unknown", newPassword(t, "x", "staff"), []*Password{plain, guest}, dot11.StatusUnknownPasswordID},
		{"missing", plain, []*Password{guest}, dot11.StatusUnspecified},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			station, ap := pair(t, func(a, b *Config) { a.Passwords, b.Passwords = []*Password{tt.station}, tt.ap })
			hello := one(t, station.Start())
			step := ap.hand(hello)
			if tt.status == 0 {
				converse(t, ap, station, step.Send)
				if got := sameKeys(t, station, ap); got.Identifier != tt.station.Identifier() {
					t.Errorf("identifier %q", got.Identifier)
				}
				return
			}
			wantRefusal(t, step, ErrIdentifier, TransactionCommit, tt.status, nil)
			end := station.hand(step.Send[0])
			if diff := cmp.Diff(error(&RefusedError{TransactionCommit, tt.status}), end.Err); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	station, ap := pair(t, func(a, b *Config) { a.Passwords, b.Passwords = []*Password{guest}, []*Password{guest} })
	answer := one(t, ap.hand(one(t, station.Start())))
	other := spoil(t, answer, func(c *Commit) { c.Identifier = "" })
	wantStep(t, station.hand(other), Ignored, ErrIdentifier)
}

func TestMethods(t *testing.T) {
	tests := []struct {
		name        string
		station, ap []Method
		want        error
	}{
		{"old station at a new access point", []Method{Looping}, nil, ErrMethod},
		{"new station at an old access point", nil, []Method{Looping}, ErrMethod},
		{"old station at a lenient one", []Method{Looping}, []Method{HashToElement, Looping}, nil},
		{"new station at a lenient one", nil, []Method{Looping, HashToElement}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			station, ap := pair(t, func(a, b *Config) { a.Methods, b.Methods = tt.station, tt.ap })
			step := ap.hand(one(t, station.Start()))
			if tt.want != nil {
				wantRefusal(t, step, tt.want, TransactionCommit, dot11.StatusUnspecified, nil)
				return
			}
			converse(t, ap, station, step.Send)
			sameKeys(t, station, ap)
		})
	}
	t.Run("answer by the other method", func(t *testing.T) {
		station, ap := pair(t, nil)
		answer := one(t, ap.hand(one(t, station.Start())))
		wantStep(t, station.HandleCommit(dot11.StatusSuccess, answer.Body), Ignored, ErrMethod)
	})
	t.Run("SAE-PK", func(t *testing.T) {
		station, ap := pair(t, nil)
		hello := one(t, station.Start())
		wantRefusal(t, ap.HandleCommit(dot11.StatusSAEPublicKey, hello.Body), ErrMethod, TransactionCommit, dot11.StatusUnspecified, nil)
	})
}

func TestSuites(t *testing.T) {
	ext := []keys.AKM{keys.AKMSAEExtKey}
	both := []keys.AKM{keys.AKMSAE, keys.AKMSAEExtKey}
	tests := []struct {
		name        string
		station, ap []keys.AKM
		ok          bool
	}{
		{"24 at one that has both", ext, both, true},
		{"8 at one that has both", nil, both, true},
		{"24 at one that has 8", ext, nil, false},
		{"8 at one that has 24", nil, ext, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			station, ap := pair(t, func(a, b *Config) { a.AKMs, b.AKMs = tt.station, tt.ap })
			step := ap.hand(one(t, station.Start()))
			if !tt.ok {
				wantRefusal(t, step, ErrAKM, TransactionCommit, dot11.StatusUnspecified, nil)
				return
			}
			wrong := spoil(t, step.Send[0], func(c *Commit) {
				if c.AKM == 0 {
					c.AKM = keys.AKMSAEExtKey
				} else {
					c.AKM = 0
				}
			})
			wantStep(t, station.hand(wrong), Ignored, ErrAKM)
			converse(t, ap, station, step.Send)
			sameKeys(t, station, ap)
		})
	}
	station, ap := pair(t, func(a, b *Config) {
		a.Methods, b.Methods = []Method{Looping}, []Method{HashToElement, Looping}
		b.AKMs = both
	})
	looping := spoil(t, one(t, station.Start()), func(c *Commit) { c.AKM = keys.AKMSAEExtKey })
	wantRefusal(t, ap.hand(looping), ErrAKM, TransactionCommit, dot11.StatusUnspecified, nil)
}

func TestTokens(t *testing.T) {
	tokens, err := NewTokens(rand.NewChaCha8([32]byte{9}))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range exchanges() {
		t.Run(tt.name(), func(t *testing.T) {
			p := newPassword(t, "correct horse", "", tt.group)
			station, ap := pair(t, func(a, b *Config) {
				for _, c := range []*Config{a, b} {
					c.Passwords, c.Groups, c.Methods, c.AKMs = []*Password{p}, []Group{tt.group}, []Method{tt.method}, []keys.AKM{tt.akm}
				}
			})
			hello := one(t, station.Start())
			c, err := ParseCommit(tt.method, hello.Body)
			if err != nil {
				t.Fatal(err)
			}
			if tokens.Valid(stationAddr, 7, c.Token) {
				t.Fatal("no token is valid")
			}
			demand, err := tokens.Demand(c, stationAddr, 7)
			if err != nil {
				t.Fatal(err)
			}
			again := one(t, station.hand(demand))
			got, err := ParseCommit(tt.method, again.Body)
			if err != nil {
				t.Fatal(err)
			}
			if !tokens.Valid(stationAddr, 7, got.Token) {
				t.Error("the returned token is not valid")
			}
			if !got.same(c) {
				t.Error("scalar or element have changed")
			}
			converse(t, station, ap, []Message{again})
			sameKeys(t, station, ap)
		})
	}
	token := tokens.Token(stationAddr, 7)
	for _, tt := range []struct {
		peer  dot11.Addr
		epoch uint64
		want  bool
	}{
		{stationAddr, 6, false}, {stationAddr, 7, true}, {stationAddr, 8, true}, {stationAddr, 9, false}, {apAddr, 7, false},
	} {
		if got := tokens.Valid(tt.peer, tt.epoch, token); got != tt.want {
			t.Errorf("valid for %s in epoch %d: %v", tt.peer, tt.epoch, got)
		}
	}
	if !tokens.Valid(stationAddr, 0, tokens.Token(stationAddr, 0)) {
		t.Error("epoch 0 has no token")
	}
}

func TestTokenDemandsAreBounded(t *testing.T) {
	station, _ := pair(t, func(a, _ *Config) { a.MaxSync = 2 })
	station.Start()
	demand := []byte{19, 0, 255, 3, 93, 1, 2}
	wantStep(t, station.HandleCommit(dot11.StatusAntiCloggingToken, []byte{20, 0, 255, 3, 93, 1, 2}), Ignored, ErrGroup)
	wantStep(t, station.HandleCommit(dot11.StatusAntiCloggingToken, demand[:4]), Ignored, ErrMalformed)
	for range 2 {
		one(t, station.HandleCommit(dot11.StatusAntiCloggingToken, demand))
	}
	wantStep(t, station.HandleCommit(dot11.StatusAntiCloggingToken, demand), Failed, ErrSync)
}

func TestRetransmission(t *testing.T) {
	station, _ := pair(t, func(a, _ *Config) { a.MaxSync = 2 })
	hello := one(t, station.Start())
	for range 2 {
		if diff := cmp.Diff(hello, one(t, station.Timeout())); diff != "" {
			t.Fatalf("commit sent again (-want +got):\n%s", diff)
		}
	}
	wantStep(t, station.Timeout(), Failed, ErrSync)
	wantStep(t, station.Timeout(), Ignored, ErrState)
	if next := one(t, station.Start()); bytes.Equal(next.Body, hello.Body) {
		t.Error("the next attempt has the same commit")
	}

	station, ap := pair(t, func(a, _ *Config) { a.MaxSync = 2 })
	first := one(t, station.hand(one(t, ap.hand(one(t, station.Start())))))
	second := one(t, station.Timeout())
	for i, m := range []Message{first, second} {
		if got := binary.LittleEndian.Uint16(m.Body); got != uint16(i+1) {
			t.Errorf("confirm %d counts %d", i+1, got)
		}
	}
	wantStep(t, ap.hand(second), Accepted, nil)
	one(t, station.Timeout())
	wantStep(t, station.Timeout(), Failed, ErrSync)
}

func TestLostFrames(t *testing.T) {
	t.Run("answer to the commit", func(t *testing.T) {
		station, ap := pair(t, nil)
		hello := one(t, station.Start())
		lost := one(t, ap.hand(hello))
		again := one(t, ap.hand(one(t, station.Timeout())))
		if diff := cmp.Diff(lost, again); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
		converse(t, ap, station, []Message{again})
		sameKeys(t, station, ap)
	})
	t.Run("last confirm", func(t *testing.T) {
		station, ap := pair(t, nil)
		confirm := one(t, station.hand(one(t, ap.hand(one(t, station.Start())))))
		wantStep(t, ap.hand(confirm), Accepted, nil)
		wantStep(t, ap.hand(confirm), Ignored, ErrReplay)
		again := ap.hand(one(t, station.Timeout()))
		wantStep(t, again, Continue, nil)
		if got := binary.LittleEndian.Uint16(again.Send[0].Body); got != lastConfirm {
			t.Errorf("counts %d", got)
		}
		wantStep(t, station.hand(again.Send[0]), Accepted, nil)
		sameKeys(t, station, ap)
		// Two that have accepted do not keep each other busy.
		wantStep(t, ap.hand(again.Send[0]), Ignored, ErrReplay)
	})
	t.Run("commit that comes twice to a station that confirmed", func(t *testing.T) {
		station, ap := pair(t, nil)
		answer := one(t, ap.hand(one(t, station.Start())))
		first := one(t, station.hand(answer))
		second := one(t, station.hand(answer))
		if first.Transaction != TransactionConfirm || second.Transaction != TransactionConfirm {
			t.Fatalf("not confirmed: %v, %v", first, second)
		}
		wantStep(t, ap.hand(second), Accepted, nil)
	})
	t.Run("commit before the peer's confirm", func(t *testing.T) {
		station, ap := pair(t, func(_, b *Config) { b.Immediate = true })
		hello := one(t, station.Start())
		both := ap.hand(hello)
		if len(both.Send) != 2 {
			t.Fatalf("%+v", both)
		}
		if diff := cmp.Diff(hello, one(t, station.hand(both.Send[1]))); diff != "" {
			t.Fatalf("a confirm without a commit makes us repeat ours (-want +got):\n%s", diff)
		}
		converse(t, station, ap, []Message{hello})
		sameKeys(t, station, ap)
	})
}

// A medium that drops, repeats and swaps frames: the exchange either ends with
// both sides having the same keys, or is given up within bounds.
func TestBadMedium(t *testing.T) {
	accepted := 0
	for seed := range uint64(60) {
		random := rand.New(rand.NewPCG(seed, 1))
		station, ap := pair(t, func(a, b *Config) {
			a.MaxSync, b.MaxSync = 20, 20
			a.Immediate, b.Immediate = seed%2 == 0, seed%3 == 0
		})
		sides := [2]*Session{station, ap}
		var queues [2][]Message // to the station, to the access point
		queues[1] = station.Start().Send
		for range 200 {
			side := random.IntN(2)
			var step Step
			if n := len(queues[side]); n > 0 {
				i := random.IntN(n)
				m := queues[side][i]
				if random.IntN(4) != 0 {
					queues[side] = append(queues[side][:i:i], queues[side][i+1:]...)
				}
				if random.IntN(4) == 0 {
					continue
				}
				step = sides[side].hand(m)
			} else if side == 0 {
				step = station.Timeout()
			}
			queues[1-side] = append(queues[1-side], step.Send...)
		}
		if station.State() == Done {
			accepted++
			sameKeys(t, station, ap)
		}
	}
	if accepted < 50 {
		t.Errorf("%d of 60 exchanges succeeded", accepted)
	}
}

func TestNewCommitBeginsAnew(t *testing.T) {
	station, ap := pair(t, nil)
	hello := one(t, station.Start())
	ap.hand(hello)
	other, _ := pair(t, func(a, _ *Config) { a.Rand = rand.NewChaCha8([32]byte{3}) })
	converse(t, other, ap, other.Start().Send)
	old := sameKeys(t, other, ap)

	// After it accepted, the access point drops the commit it has used and takes
	// another, and the keys stay until that is accepted.
	used, err := ap.peer.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	wantStep(t, ap.HandleCommit(dot11.StatusSAEHashToElement, used), Ignored, ErrReplay)
	third, _ := pair(t, func(a, _ *Config) { a.Rand = rand.NewChaCha8([32]byte{4}) })
	answer := ap.hand(one(t, third.Start()))
	if !ap.Open() {
		t.Errorf("state %s", ap.State())
	}
	kept, ok := ap.Keys()
	if diff := cmp.Diff(old, kept); !ok || diff != "" {
		t.Errorf("keys were not kept (-want +got):\n%s", diff)
	}
	converse(t, ap, third, answer.Send)
	if renewed := sameKeys(t, third, ap); bytes.Equal(renewed.PMK, old.PMK) {
		t.Error("the PMK is the old one")
	}
}

func TestRefusedCommitHarmsNoExchange(t *testing.T) {
	station, ap := pair(t, nil)
	confirm := one(t, station.hand(one(t, ap.hand(one(t, station.Start())))))
	for _, body := range [][]byte{nil, {19}, {19, 0, 1, 2, 3}, {99, 0}, bytes.Repeat([]byte{0xff}, 98)} {
		if got := ap.HandleCommit(dot11.StatusSAEHashToElement, body); got.Outcome != Refused {
			t.Errorf("commit %x: %+v", body, got)
		}
	}
	wantStep(t, ap.hand(confirm), Accepted, nil)
}

func TestRepeats(t *testing.T) {
	station, ap := pair(t, nil)
	hello := one(t, station.Start())
	c, err := ParseCommit(HashToElement, hello.Body)
	if err != nil {
		t.Fatal(err)
	}
	if ap.Repeats(c) || ap.Open() {
		t.Error("nothing was sent yet")
	}
	ap.hand(hello)
	if !ap.Repeats(c) || !ap.Open() {
		t.Error("the commit is known")
	}
	other, _ := pair(t, func(a, _ *Config) { a.Rand = rand.NewChaCha8([32]byte{3}) })
	c2, err := ParseCommit(HashToElement, one(t, other.Start()).Body)
	if err != nil {
		t.Fatal(err)
	}
	if ap.Repeats(c2) {
		t.Error("another commit is not known")
	}
}

func TestRestOfFrames(t *testing.T) {
	ml := []byte{255, 10, 107, 0, 0, 7, 2, 0, 0, 0, 1, 0}
	station, ap := pair(t, nil)
	with := func(m Message) Message { m.Body = append(m.Body, ml...); return m }
	answer := ap.hand(with(one(t, station.Start())))
	confirm := station.hand(with(one(t, answer)))
	last := ap.hand(with(one(t, confirm)))
	end := station.hand(with(one(t, last)))
	for i, step := range []Step{answer, confirm, last, end} {
		if diff := cmp.Diff(ml, step.Rest); diff != "" {
			t.Errorf("step %d (-want +got):\n%s", i, diff)
		}
	}
	sameKeys(t, station, ap)
}

func TestUnexpected(t *testing.T) {
	station, ap := pair(t, nil)
	wantStep(t, ap.HandleConfirm(dot11.StatusSuccess, make([]byte, 34)), Ignored, ErrState)
	wantStep(t, ap.HandleConfirm(dot11.StatusChallengeFailure, nil), Ignored, ErrState)
	wantStep(t, ap.HandleCommit(dot11.StatusAntiCloggingToken, []byte{19, 0, 255, 2, 93, 1}), Ignored, ErrState)
	wantStep(t, ap.HandleCommit(dot11.StatusUnspecified, nil), Ignored, ErrState)
	wantStep(t, ap.Timeout(), Ignored, ErrState)
	hello := one(t, station.Start())
	wantStep(t, station.Start(), Ignored, ErrState)
	wantStep(t, station.HandleCommit(dot11.StatusUnsupportedGroup, []byte{19}), Ignored, ErrMalformed)
	answer := one(t, ap.hand(hello))
	confirm := one(t, station.hand(answer))
	other, otherAP := pair(t, func(a, b *Config) { b.Rand = rand.NewChaCha8([32]byte{5}) })
	wantStep(t, station.hand(one(t, otherAP.hand(one(t, other.Start())))), Ignored, ErrState)
	wantStep(t, ap.HandleConfirm(dot11.StatusSuccess, confirm.Body[:20]), Ignored, ErrMalformed)
	converse(t, station, ap, []Message{confirm})
	sameKeys(t, station, ap)
	wantStep(t, station.hand(answer), Ignored, ErrState)
	wantStep(t, station.Start(), Ignored, ErrState)
}

type zeroReader struct{}

func (zeroReader) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestRandomness(t *testing.T) {
	for name, r := range map[string]interface{ Read([]byte) (int, error) }{
		"ends": bytes.NewReader(nil), "zeros": zeroReader{},
	} {
		t.Run(name, func(t *testing.T) {
			for _, m := range []Method{HashToElement, Looping} {
				station, ap := pair(t, func(a, b *Config) {
					a.Methods, b.Methods, b.Rand = []Method{m}, []Method{m}, r
				})
				wantStep(t, ap.hand(one(t, station.Start())), Failed, ErrRandom)
				station, _ = pair(t, func(a, _ *Config) { a.Methods, a.Rand = []Method{m}, r })
				wantStep(t, station.Start(), Failed, ErrRandom)
			}
		})
	}
	if _, err := NewTokens(bytes.NewReader(nil)); !errors.Is(err, ErrRandom) {
		t.Errorf("tokens without randomness: %v", err)
	}
	// Without a source the system's is used, and no two attempts are alike.
	station, _ := pair(t, func(a, _ *Config) { a.Rand = nil })
	second, _ := pair(t, func(a, _ *Config) { a.Rand = nil })
	if bytes.Equal(one(t, station.Start()).Body, one(t, second.Start()).Body) {
		t.Error("two sessions drew the same commit")
	}
}

func TestConfig(t *testing.T) {
	plain := newPassword(t, "correct horse", "")
	good := Config{Own: stationAddr, Peer: apAddr, Passwords: []*Password{plain}}
	tests := []struct {
		name   string
		change func(*Config)
	}{
		{"same addresses", func(c *Config) { c.Peer = c.Own }},
		{"group address", func(c *Config) { c.Peer = dot11.BroadcastAddr() }},
		{"no password", func(c *Config) { c.Passwords = nil }},
		{"missing password", func(c *Config) { c.Passwords = []*Password{nil} }},
		{"identifier twice", func(c *Config) { c.Passwords = []*Password{plain, plain} }},
		{"unknown group", func(c *Config) { c.Groups = []Group{25} }},
		{"group without PT", func(c *Config) { c.Groups = []Group{GroupP256, GroupP521} }},
		{"unknown suite", func(c *Config) { c.AKMs = []keys.AKM{keys.AKMPSK} }},
		{"negative limit", func(c *Config) { c.MaxSync = -1 }},
	}
	for _, tt := range tests {
		c := good
		tt.change(&c)
		if _, err := NewSession(c); err == nil {
			t.Errorf("%s: no error", tt.name)
		}
	}
	loops := good
	loops.Methods, loops.AKMs = []Method{Looping}, []keys.AKM{keys.AKMSAEExtKey}
	wantStep(t, newSession(t, loops).Start(), Failed, ErrAKM)
	named := good
	named.Methods, named.Passwords = []Method{Looping}, []*Password{newPassword(t, "x", "guest")}
	if got := newSession(t, named).Start(); got.Outcome != Failed || got.Err == nil {
		t.Errorf("an identifier with looping: %+v", got)
	}
}

func TestNewPassword(t *testing.T) {
	long := string(make([]byte, MaxIdentifierLen+1))
	tests := []struct {
		name, ssid, password, identifier string
		groups                           []Group
	}{
		{"no SSID", "", "x", "", nil},
		{"long SSID", string(make([]byte, 33)), "x", "", nil},
		{"empty", "net", "", "", nil},
		{"long identifier", "net", "x", long, nil},
		{"unknown group", "net", "x", "", []Group{26}},
	}
	for _, tt := range tests {
		if _, err := NewPassword(tt.ssid, tt.password, tt.identifier, tt.groups...); err == nil {
			t.Errorf("%s: no error", tt.name)
		}
	}
}

// Nobody keeps a session busy for ever by repeating frames.
func TestRepeatedFramesAreBounded(t *testing.T) {
	limit := func(a, b *Config) { a.MaxSync, b.MaxSync = 2, 2 }
	t.Run("commit to who answered", func(t *testing.T) {
		station, ap := pair(t, limit)
		hello := one(t, station.Start())
		for range 3 {
			one(t, ap.hand(hello))
		}
		wantStep(t, ap.hand(hello), Failed, ErrSync)
	})
	t.Run("commit to who started", func(t *testing.T) {
		station, ap := pair(t, limit)
		answer := one(t, ap.hand(one(t, station.Start())))
		for range 3 {
			one(t, station.hand(answer))
		}
		wantStep(t, station.hand(answer), Failed, ErrSync)
	})
	t.Run("confirm without a commit", func(t *testing.T) {
		station, _ := pair(t, limit)
		station.Start()
		for range 2 {
			one(t, station.HandleConfirm(dot11.StatusSuccess, make([]byte, 34)))
		}
		wantStep(t, station.HandleConfirm(dot11.StatusSuccess, make([]byte, 34)), Failed, ErrSync)
	})
	t.Run("confirm to who has accepted", func(t *testing.T) {
		station, ap := pair(t, func(a, b *Config) { b.MaxSync = 2 })
		wantStep(t, ap.hand(one(t, station.hand(one(t, ap.hand(one(t, station.Start())))))), Accepted, nil)
		for range 2 {
			wantStep(t, ap.hand(one(t, station.Timeout())), Continue, nil)
		}
		forged := one(t, station.Timeout())
		forged.Body[5] ^= 1
		wantStep(t, ap.hand(forged), Ignored, ErrConfirm)
		wantStep(t, ap.hand(one(t, station.Timeout())), Ignored, ErrSync)
		if _, ok := ap.Keys(); !ok || ap.State() != Done {
			t.Errorf("state %s", ap.State())
		}
	})
}

// A draw whose rand and mask cancel each other is drawn again.
func TestDrawAgain(t *testing.T) {
	less2 := unhex(t, p256.n)
	less2[len(less2)-1] -= 2
	two, three, over := make([]byte, 32), make([]byte, 32), bytes.Repeat([]byte{0xff}, 32)
	two[31], three[31] = 2, 3
	station, _ := pair(t, func(a, _ *Config) { a.Rand = bytes.NewReader(join(two, less2, over, two, three)) })
	c, err := ParseCommit(HashToElement, one(t, station.Start()).Body)
	if err != nil {
		t.Fatal(err)
	}
	want := make([]byte, 32)
	want[31] = 5
	if diff := cmp.Diff(want, c.Scalar); diff != "" {
		t.Errorf("scalar (-want +got):\n%s", diff)
	}
}

// The list of the greater address comes first in the salt, on both sides alike.
func TestSalt(t *testing.T) {
	station, ap := pair(t, nil) // the station's address is the greater one
	stationList := &Commit{Rejected: []Group{GroupP521, 25}}
	apList := &Commit{Rejected: []Group{26}}
	tests := []struct {
		name      string
		side      *Session
		own, peer *Commit
		want      []byte
	}{
		{"station", station, stationList, apList, []byte{21, 0, 25, 0, 26, 0}},
		{"access point", ap, apList, stationList, []byte{21, 0, 25, 0, 26, 0}},
		{"one list", ap, &Commit{}, stationList, []byte{21, 0, 25, 0}},
		{"none", ap, &Commit{}, &Commit{}, nil},
	}
	for _, tt := range tests {
		tt.side.own = tt.own
		if diff := cmp.Diff(tt.want, tt.side.salt(tt.peer)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}
