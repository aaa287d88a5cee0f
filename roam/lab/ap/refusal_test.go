package ap_test

import (
	"testing"
	"time"

	"roamfault/nl80211/dot11"
	"roamfault/roam/lab/ap"
	"roamfault/roam/rsn/keys"
)

// refused sends an association request that was changed on its way, and returns
// its status code.
func refusedWith(t *testing.T, change func(*dot11.AssocRequestBody)) dot11.StatusCode {
	t.Helper()
	e, a := alone(t, configOf(t, 1, twoLinks(t)))
	s := e.join(1, 2, ap.SAE)
	e.machines[0] = altering{a, func(f ap.Frame) ap.Frame {
		h, body, err := dot11.ParseHeader(f.Data)
		if err != nil || h.FC.Kind() != dot11.AssocRequest {
			return f
		}
		b, err := dot11.ParseAssocRequestBody(body, false)
		if err != nil {
			t.Fatal(err)
		}
		change(&b)
		f.Data = b.Append(h.Append(nil))
		return f
	}}
	s.connect(a.Addr())
	e.wantEvents(ap.Connected, s.mld, 0)
	return s.assocStatus
}

// altering changes what an access point hears.
type altering struct {
	*ap.AP
	change func(ap.Frame) ap.Frame
}

func (m altering) Receive(now time.Duration, f ap.Frame) bool { return m.AP.Receive(now, m.change(f)) }

// replace changes the RSNE of a request.
func replaceRSNE(t *testing.T, b *dot11.AssocRequestBody, change func(*dot11.RSNE)) {
	t.Helper()
	for i, e := range b.Elements {
		if e.ID != dot11.ElementRSN {
			continue
		}
		r, err := dot11.ParseRSNE(e.Body)
		if err != nil {
			t.Fatal(err)
		}
		change(&r)
		b.Elements[i] = r.Element()
	}
}

func replaceML(t *testing.T, b *dot11.AssocRequestBody, change func(*dot11.MultiLink)) {
	t.Helper()
	for i, e := range b.Elements {
		if e.Ext != dot11.ExtMultiLink {
			continue
		}
		ml, err := dot11.ParseMultiLink(e.Body)
		if err != nil {
			t.Fatal(err)
		}
		change(&ml)
		b.Elements[i] = ml.Element()
	}
}

// What an association request asks for and does not get.
func TestAssociationRefused(t *testing.T) {
	rsne := func(change func(*dot11.RSNE)) func(*testing.T, *dot11.AssocRequestBody) {
		return func(t *testing.T, b *dot11.AssocRequestBody) { replaceRSNE(t, b, change) }
	}
	ml := func(change func(*dot11.MultiLink)) func(*testing.T, *dot11.AssocRequestBody) {
		return func(t *testing.T, b *dot11.AssocRequestBody) { replaceML(t, b, change) }
	}
	tests := []struct {
		name   string
		change func(*testing.T, *dot11.AssocRequestBody)
		want   dot11.StatusCode
	}{
		{"another SSID", func(_ *testing.T, b *dot11.AssocRequestBody) { b.Elements[0] = dot11.SSIDElement([]byte("other")) }, dot11.StatusUnspecified},
		{"no SSID", func(_ *testing.T, b *dot11.AssocRequestBody) { b.Elements = b.Elements[1:] }, dot11.StatusUnspecified},
		{"no RSNE", func(_ *testing.T, b *dot11.AssocRequestBody) { b.Elements = b.Elements.Without(dot11.ElementRSN, 0) }, dot11.StatusInvalidElement},
		{"group cipher", rsne(func(r *dot11.RSNE) { r.Group = dot11.CipherTKIP }), dot11.StatusInvalidGroupCipher},
		{"pairwise cipher", rsne(func(r *dot11.RSNE) { r.Pairwise[0] = dot11.CipherGCMP256 }), dot11.StatusInvalidPairwiseCipher},
		{"two pairwise ciphers", rsne(func(r *dot11.RSNE) { r.Pairwise = append(r.Pairwise, dot11.Suite(keys.CCMP128)) }), dot11.StatusInvalidElement},
		{"AKM", rsne(func(r *dot11.RSNE) { r.AKMs[0] = dot11.AKMPSK }), dot11.StatusInvalidAKMP},
		{"no management frame protection", rsne(func(r *dot11.RSNE) { r.Capabilities = 0 }), dot11.StatusRobustManagementPolicy},
		{"group management cipher", rsne(func(r *dot11.RSNE) {
			r.PMKIDs, r.GroupManagement = [][16]byte{}, dot11.CipherBIPGMAC256
		}), dot11.StatusRobustManagementPolicy},
		{"no multi-link element", func(_ *testing.T, b *dot11.AssocRequestBody) {
			b.Elements = b.Elements.Without(dot11.ElementExtension, dot11.ExtMultiLink)
		}, dot11.StatusInvalidElement},
		{"another MLD", ml(func(m *dot11.MultiLink) { m.MLDAddr[5] ^= 1 }), dot11.StatusInvalidElement},
		{"another kind of multi-link element", ml(func(m *dot11.MultiLink) { m.Type = dot11.MultiLinkReconfigure }), dot11.StatusInvalidElement},
		{"one address on two links", ml(func(m *dot11.MultiLink) { m.Profiles[0].Addr = linkAddr(staMLD(1), 0) }), dot11.StatusInvalidElement},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := refusedWith(t, func(b *dot11.AssocRequestBody) { tt.change(t, b) }); got != tt.want {
				t.Errorf("status %v, want %v", got, tt.want)
			}
		})
	}
}

// Authentication by an algorithm that the network does not have is refused with
// status 13, and association without authentication by reason 6.
func TestAuthenticationRefused(t *testing.T) {
	e, a := alone(t, configOf(t, 1, oneLink(t), openNetwork))
	s := e.join(1, 1, ap.SAE)
	if s.connect(a.Addr()) || s.authStatus != dot11.StatusUnsupportedAuthAlgorithm {
		t.Errorf("phase %d, status %v", s.phase, s.authStatus)
	}
	e.forget()
	s.associate()
	e.settle()
	deauths := e.sent(false, dot11.Deauth)
	if len(deauths) != 1 {
		t.Fatalf("%d deauthentications", len(deauths))
	}
	_, body := deauths[0].header(t)
	if r, _ := dot11.ParseReasonBody(body); r.Reason != dot11.ReasonClass2FromNonauth {
		t.Errorf("reason %v", r.Reason)
	}
}
