package rsn

import (
	"bytes"
	"errors"
	"testing"

	"roamfault/nl80211/dot11"
	"roamfault/roam/rsn/keys"
)

// without returns the items but those of a kind and, where link is not negative,
// of that link.
func without(items []KDE, s Selector, link int) []KDE {
	var rest []KDE
	for _, k := range items {
		if k.Is(s) && (link < 0 || linkOf(k) == link) {
			continue
		}
		rest = append(rest, k)
	}
	return rest
}

func linkOf(k KDE) int {
	if l, err := ParseMLOLink(k); err == nil {
		return int(l.Link)
	}
	if g, err := ParseGroupKDE(k); err == nil && g.MLO {
		return int(g.Link)
	}
	return -1
}

func changeLink(items []KDE, id uint8, change func(*MLOLink)) {
	for i, k := range items {
		if l, err := ParseMLOLink(k); err == nil && l.Link == id {
			change(&l)
			items[i] = l.KDE()
		}
	}
}

func changeGroup(items []KDE, use Use, id uint8, change func(*GroupKDE)) {
	for i, k := range items {
		if g, err := ParseGroupKDE(k); err == nil && g.Use == use && (!g.MLO || g.Link == id) {
			change(&g)
			items[i] = g.KDE()
		}
	}
}

// fault is a message that is wrong, and what the other side makes of it.
type fault struct {
	name   string
	kind   Kind
	alter  func(*Message)
	want   error
	reason dot11.ReasonCode // 0: it is ignored, and the right message is taken afterwards
}

// Every way in which a message can be wrong, made by the hook.
func TestFaults(t *testing.T) {
	elsewhere := dot11.Addr{2, 0, 0, 0, 9, 9}
	otherRSNE := append(bytes.Clone(testRSNE[:21]), 0)
	common := []fault{
		{"MIC of message 2", Message2, func(m *Message) { m.KCK[3] ^= 1 }, ErrMIC, 0},
		{"MIC of message 3", Message3, func(m *Message) { m.KCK[3] ^= 1 }, ErrMIC, 0},
		{"MIC of message 4", Message4, func(m *Message) { m.KCK[3] ^= 1 }, ErrMIC, 0},
		{"no MIC in message 3", Message3, func(m *Message) { m.KCK = nil }, ErrMIC, 0},
		{"key wrap of message 3", Message3, func(m *Message) { m.KEK[0] ^= 1 }, keys.ErrWrap, 0},
		{"message 3 in clear", Message3, func(m *Message) { m.KEK, m.Frame.Info = nil, m.Frame.Info&^InfoEncrypted }, ErrMalformed, 0},
		{"message 3 not to install", Message3, func(m *Message) { m.Frame.Info &^= InfoInstall }, ErrMalformed, 0},
		{"message 3 not secure", Message3, func(m *Message) { m.Frame.Info &^= InfoSecure }, ErrMalformed, 0},
		{"key length of message 3", Message3, func(m *Message) { m.Frame.KeyLen++ }, ErrMalformed, 0},
		{"nonce of message 1", Message1, func(m *Message) { m.Frame.Nonce = keys.Nonce{} }, ErrNonce, 0},
		{"nonce of message 2", Message2, func(m *Message) { m.Frame.Nonce = keys.Nonce{} }, ErrNonce, 0},
		{"nonce of message 3", Message3, func(m *Message) { m.Frame.Nonce[0]++ }, ErrNonce, 0},
		{"replay counter of message 2", Message2, func(m *Message) { m.Frame.Replay++ }, ErrReplay, 0},
		{"replay counter of message 4", Message4, func(m *Message) { m.Frame.Replay-- }, ErrReplay, 0},
		{"PMKID", Message1, func(m *Message) { m.Data[0].Body[5]++ }, ErrPMKID, 0},
		{"descriptor", Message1, func(m *Message) { m.Frame.Descriptor = 254 }, ErrKind, 0},
		{"version", Message1, func(m *Message) { m.Frame.Info ^= 1 }, ErrKind, 0},
		{"message 2 encrypted", Message2, func(m *Message) { m.Frame.Info |= InfoEncrypted }, ErrMalformed, 0},
		{"message 4 encrypted", Message4, func(m *Message) { m.Frame.Info |= InfoEncrypted }, ErrMalformed, 0},
		{"message of the other side", Message1, func(m *Message) { m.Frame.Info = m.Frame.Info&^InfoAck | InfoMIC }, ErrKind, 0},
		{"SMK", Message1, func(m *Message) { m.Frame.Info |= InfoSMK }, ErrKind, 0},
		{"RSNE of message 2", Message2, func(m *Message) { m.Data[0].Body[4]++ }, ErrDiffers, dot11.ReasonElementDiffers},
		{"RSNXE of message 2", Message2, func(m *Message) { m.Data[1].Body[0]++ }, ErrDiffers, dot11.ReasonElementDiffers},
		{"no RSNXE in message 2", Message2, func(m *Message) { m.Data = append(m.Data[:1], m.Data[2:]...) }, ErrDiffers, dot11.ReasonElementDiffers},
		{"RSNE twice in message 2", Message2, func(m *Message) { m.Data = append(m.Data, m.Data[0]) }, ErrMalformed, 0},
	}
	one := []fault{
		{"RSNE of message 3", Message3, func(m *Message) { m.Data[0].Body[4]++ }, ErrDiffers, dot11.ReasonElementDiffers},
		{"RSNXE of message 3", Message3, func(m *Message) { m.Data[1].Body[0]++ }, ErrDiffers, dot11.ReasonElementDiffers},
		{"no RSNE in message 3", Message3, func(m *Message) { m.Data = m.Data[1:] }, ErrDiffers, dot11.ReasonElementDiffers},
		{"no GTK", Message3, func(m *Message) { m.Data = without(m.Data, SelectGTK, -1) }, ErrMissing, dot11.ReasonUnspecified},
		{"no IGTK", Message3, func(m *Message) { m.Data = without(m.Data, SelectIGTK, -1) }, ErrMissing, dot11.ReasonUnspecified},
		{"GTK too short", Message3, func(m *Message) {
			changeGroup(m.Data, GTK, 0, func(g *GroupKDE) { g.Key = g.Key[1:] })
		}, ErrKey, dot11.ReasonUnspecified},
		{"IGTK's number", Message3, func(m *Message) {
			changeGroup(m.Data, IGTK, 0, func(g *GroupKDE) { g.ID = 0x0104 })
		}, ErrKey, dot11.ReasonUnspecified},
		{"RSC", Message3, func(m *Message) { m.Frame.RSC = 1 << 48 }, ErrKey, dot11.ReasonUnspecified},
	}
	links := []fault{
		{"no MLD address in message 1", Message1, func(m *Message) { m.Data = without(m.Data, SelectAddr, -1) }, ErrMissing, 0},
		{"MLD address of message 1", Message1, func(m *Message) { m.Data[1] = AddrKDE(elsewhere) }, ErrDiffers, 0},
		{"no MLD address in message 2", Message2, func(m *Message) { m.Data = without(m.Data, SelectAddr, -1) }, ErrMissing, dot11.ReasonElementDiffers},
		{"MLD address of message 2", Message2, func(m *Message) { m.Data[2] = AddrKDE(elsewhere) }, ErrDiffers, dot11.ReasonElementDiffers},
		{"link missing in message 2", Message2, func(m *Message) { m.Data = without(m.Data, SelectMLOLink, 14) }, ErrMissing, dot11.ReasonElementDiffers},
		{"address of a link in message 2", Message2, func(m *Message) {
			changeLink(m.Data, 14, func(l *MLOLink) { l.Addr = elsewhere })
		}, ErrDiffers, dot11.ReasonElementDiffers},
		{"unknown link in message 2", Message2, func(m *Message) { m.Data = append(m.Data, MLOLink{Link: 5, Addr: elsewhere}.KDE()) }, ErrDiffers, dot11.ReasonElementDiffers},
		{"link twice in message 2", Message2, func(m *Message) { m.Data = append(m.Data, m.Data[3]) }, ErrMalformed, 0},
		{"link missing in message 3", Message3, func(m *Message) { m.Data = without(m.Data, SelectMLOLink, 0) }, ErrMissing, dot11.ReasonUnspecified},
		{"address of a link in message 3", Message3, func(m *Message) {
			changeLink(m.Data, 0, func(l *MLOLink) { l.Addr = elsewhere })
		}, ErrDiffers, dot11.ReasonElementDiffers},
		{"RSNE of a link", Message3, func(m *Message) {
			changeLink(m.Data, 14, func(l *MLOLink) { l.RSNE = otherRSNE })
		}, ErrDiffers, dot11.ReasonElementDiffers},
		{"RSNXE of a link left out", Message3, func(m *Message) {
			changeLink(m.Data, 14, func(l *MLOLink) { l.RSNXE = nil })
		}, ErrDiffers, dot11.ReasonElementDiffers},
		{"no GTK for a link", Message3, func(m *Message) { m.Data = without(m.Data, SelectMLOGTK, 1) }, ErrMissing, dot11.ReasonUnspecified},
		{"no IGTK for a link", Message3, func(m *Message) { m.Data = without(m.Data, SelectMLOIGTK, 1) }, ErrMissing, dot11.ReasonUnspecified},
		{"GTK twice", Message3, func(m *Message) { m.Data = append(m.Data, m.Data[0]) }, ErrMalformed, 0},
		{"no MLD address in message 3", Message3, func(m *Message) { m.Data = without(m.Data, SelectAddr, -1) }, ErrMissing, dot11.ReasonUnspecified},
		{"MLD address of message 4", Message4, func(m *Message) { m.Data[0] = AddrKDE(elsewhere) }, ErrDiffers, 0},
	}
	for _, s := range suites {
		for _, f := range append(common, one...) {
			t.Run(s.String()+"/single/"+f.name, func(t *testing.T) { testFault(t, single(s, keys.CCMP128, keys.BIPCMAC128), f) })
		}
		for _, f := range append(common, links...) {
			t.Run(s.String()+"/multi/"+f.name, func(t *testing.T) { testFault(t, multi(s, keys.CCMP128, keys.BIPCMAC128), f) })
		}
	}
}

func testFault(t *testing.T, a Association, f fault) {
	made := 0
	once := func(m *Message) {
		if m.Kind == f.kind && made == 0 {
			made++
			f.alter(m)
		}
	}
	p := newPair(t, a, func(ac *AuthenticatorConfig, sc *SupplicantConfig) { ac.Alter, sc.Alter = once, once })
	step := p.start(0)
	toSupp := true
	for range 20 {
		var err error
		if toSupp {
			step, err = p.supp.Receive(step.Send)
		} else {
			step, err = p.auth.Receive(0, step.Send)
		}
		toSupp = !toSupp
		if err != nil {
			if made != 1 {
				t.Fatalf("before the fault: %v", err)
			}
			made++
			if !errors.Is(err, f.want) {
				t.Errorf("error %v, want %v", err, f.want)
			}
			if f.reason != 0 {
				if step.Result != Failed || step.Reason != f.reason || step.Send != nil || step.Pairwise != nil {
					t.Errorf("it comes to %+v, want reason %v", step, f.reason)
				}
				return
			}
			if step.Result != Pending || step.Send != nil {
				t.Errorf("an ignored message comes to %+v", step)
			}
			step, toSupp = p.advance(p.due()), true
			continue
		}
		if step.Send == nil {
			break
		}
	}
	if made != 2 {
		t.Error("the fault did no harm")
	}
	if step.Result != Established {
		t.Errorf("after the fault it is %v", step.Result)
	}
}

// Faults in the group key handshake.
func TestGroupFaults(t *testing.T) {
	tests := []struct {
		fault
		then bool // the next one is taken
	}{
		{fault{"MIC", GroupMessage1, func(m *Message) { m.KCK[0]++ }, ErrMIC, 0}, true},
		{fault{"key wrap", GroupMessage1, func(m *Message) { m.KEK[0]++ }, keys.ErrWrap, 0}, true},
		{fault{"in clear", GroupMessage1, func(m *Message) { m.KEK, m.Frame.Info = nil, m.Frame.Info&^InfoEncrypted }, ErrMalformed, 0}, true},
		{fault{"not secure", GroupMessage1, func(m *Message) { m.Frame.Info &^= InfoSecure }, ErrMalformed, 0}, true},
		{fault{"replayed", GroupMessage1, func(m *Message) { m.Frame.Replay = 2 }, ErrReplay, 0}, true},
		{fault{"no keys", GroupMessage1, func(m *Message) { m.Data = nil }, ErrMissing, dot11.ReasonUnspecified}, false},
		{fault{"another link's keys", GroupMessage1, func(m *Message) {
			m.Data = []KDE{GroupKDE{Use: GTK, MLO: true, Link: 9, ID: 1, Key: make([]byte, 16)}.KDE()}
		}, ErrMissing, dot11.ReasonUnspecified}, false},
		{fault{"MIC of the answer", GroupMessage2, func(m *Message) { m.KCK[0]++ }, ErrMIC, 0}, true},
		{fault{"replay counter of the answer", GroupMessage2, func(m *Message) { m.Frame.Replay++ }, ErrReplay, 0}, true},
		{fault{"answer encrypted", GroupMessage2, func(m *Message) { m.Frame.Info |= InfoEncrypted }, ErrMalformed, 0}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var made bool
			once := func(m *Message) {
				if m.Kind == test.kind && !made {
					made = true
					test.alter(m)
				}
			}
			p := newPair(t, multi(suites[2], keys.CCMP128, keys.BIPCMAC128), func(ac *AuthenticatorConfig, sc *SupplicantConfig) { ac.Alter, sc.Alter = once, once })
			p.run()
			p.generation = 1
			g1, err := p.auth.Rekey(0)
			p.fine(g1, err)
			s, err := p.supp.Receive(g1.Send)
			if test.kind == GroupMessage2 {
				s, err = p.auth.Receive(0, p.fine(s, err).Send)
			}
			wantError(t, s, err, test.want)
			if s.Reason != test.reason {
				t.Errorf("reason %v", s.Reason)
			}
			if !test.then {
				s, err := p.supp.Receive(p.advance(p.due()).Send)
				wantError(t, s, err, ErrState)
				return
			}
			if got := p.toAuth(0, p.toSupp(p.advance(p.due()).Send).Send).Result; got != Rekeyed {
				t.Errorf("after the fault it is %v", got)
			}
		})
	}
}

// A rekey of one link's keys leaves those of the others.
func TestRekeyOneLink(t *testing.T) {
	var only []LinkKeys
	p := newPair(t, multi(suites[2], keys.CCMP128, keys.BIPCMAC128), func(ac *AuthenticatorConfig, _ *SupplicantConfig) {
		all := ac.GroupKeys
		ac.GroupKeys = func() []LinkKeys {
			if only != nil {
				return only
			}
			return all()
		}
	})
	p.run()
	only = testKeys(&p.assoc, 1)[1:2]
	g1, err := p.auth.Rekey(0)
	p.fine(g1, err)
	if got := p.toSupp(g1.Send).Group; len(got) != 3 || got[0].Link != 1 {
		t.Errorf("installed: %+v", got)
	}
}

// The hook may spoil the message that is sent, and nothing else.
func TestAlterOwnsItsMessage(t *testing.T) {
	a := multi(suites[2], keys.CCMP128, keys.BIPCMAC128)
	spoil := true
	p := newPair(t, a, func(ac *AuthenticatorConfig, _ *SupplicantConfig) {
		held := testKeys(&a, 0)
		ac.GroupKeys = func() []LinkKeys { return held }
		ac.Alter = func(m *Message) {
			if !spoil {
				return
			}
			clear(m.KCK)
			clear(m.KEK)
			for _, k := range m.Data {
				clear(k.Body)
			}
		}
	})
	m1 := p.start(0)
	s, err := p.supp.Receive(m1.Send)
	wantError(t, s, err, ErrMissing)
	spoil = false
	if supp, auth := p.run(); supp.Result != Established || auth.Result != Established {
		t.Errorf("%v, %v", supp.Result, auth.Result)
	}
}

func TestSealRefuses(t *testing.T) {
	tests := map[string]func(*Message){
		"KDE too long":  func(m *Message) { m.Data = append(m.Data, NewKDE(SelectGTK, make([]byte, 252)...)) },
		"MIC length":    func(m *Message) { m.Frame.MIC = make([]byte, 24) },
		"MIC very long": func(m *Message) { m.Frame.MIC = make([]byte, 240) },
		"KCK length":    func(m *Message) { m.KCK = m.KCK[:5] },
		"KEK length":    func(m *Message) { m.KEK = m.KEK[:5] },
		"frame length":  func(m *Message) { m.KCK, m.Frame.MIC = nil, make([]byte, 1<<16) },
	}
	for name, spoil := range tests {
		t.Run(name, func(t *testing.T) {
			p := newPair(t, single(suites[0], keys.CCMP128, 0), func(ac *AuthenticatorConfig, _ *SupplicantConfig) {
				ac.Alter = func(m *Message) {
					if m.Kind == Message3 {
						spoil(m)
					}
				}
			})
			s, err := p.auth.Receive(0, p.toSupp(p.start(0).Send).Send)
			if err == nil || s.Send != nil {
				t.Errorf("%x was sent: %v", s.Send, err)
			}
		})
	}
}
