package dot11

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRSNEDefaults has elements that end early, and what that stands for.
func TestRSNEDefaults(t *testing.T) {
	ccmp, dot1x := []Suite{CipherCCMP128}, []Suite{AKM8021X}
	tests := []struct {
		name, in string
		want     RSNE
	}{
		{"version only", "0100", RSNE{Version: 1, Group: CipherCCMP128, Pairwise: ccmp, AKMs: dot1x}},
		{"up to the group cipher", "0100 000fac02", RSNE{Version: 1, Group: CipherTKIP, Pairwise: ccmp, AKMs: dot1x}},
		{"up to the pairwise ciphers", "0100 000fac02 0200000fac02000fac04", RSNE{Version: 1, Group: CipherTKIP, Pairwise: []Suite{CipherTKIP, CipherCCMP128}, AKMs: dot1x}},
		{"up to the AKMs", "0100 000fac04 0100000fac04 0100000fac02", RSNE{Version: 1, Group: CipherCCMP128, Pairwise: ccmp, AKMs: []Suite{AKMPSK}}},
		{"more at the end", "0100 000fac04 0100000fac04 0100000fac08 c000 0000 000fac06 aabb", RSNE{
			Version: 1, Group: CipherCCMP128, Pairwise: ccmp, AKMs: []Suite{AKMSAE}, Capabilities: RSNMFPCapable | RSNMFPRequired, GroupManagement: CipherBIPCMAC128,
		}},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			got, err := ParseRSNE(unhex(t, tc.in))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
	if c := exampleRSNE().Capabilities; !c.Has(RSNMFPCapable|RSNMFPRequired) || c.Has(RSNMFPRequired|RSNOCVC) {
		t.Errorf("capabilities %#04x", uint16(c))
	}
	if c := CapabilityESS | CapabilityPrivacy; !c.Has(CapabilityESS) || c.Has(CapabilityESS|CapabilityQoS) {
		t.Errorf("capability %#04x", uint16(c))
	}
}

func TestSuiteString(t *testing.T) {
	for suite, want := range map[Suite]string{CipherCCMP128: "00-0f-ac:4", AKMSAEExtKey: "00-0f-ac:24", 0x506f9aff: "50-6f-9a:255", 0: "00-00-00:0"} {
		if got := suite.String(); got != want {
			t.Errorf("Suite(%#08x) = %q, want %q", uint32(suite), got, want)
		}
	}
}
