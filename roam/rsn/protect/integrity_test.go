package protect_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roamfault/nl80211/dot11"
	"roamfault/roam/rsn/keys"
	"roamfault/roam/rsn/protect"
)

const (
	annexIGTK   = "4ea9543e09cf2b1eca66ffc58bdecbcf"
	annexDeauth = "c0000000ffffffffffff02000000000002000000000009000200"
	annexBeacon = "80000000ffffffffffff0200000001000200000001007000 1122334455667788 64001100 000474657374"
)

func newIntegrityKey(t testing.TB, c keys.Cipher, id uint16, key []byte) *protect.IntegrityKey {
	t.Helper()
	k, err := protect.NewIntegrityKey(c, id, key)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// integrities are the ciphers of BIP, with the octets they add.
func integrities() map[keys.Cipher]int {
	return map[keys.Cipher]int{keys.BIPCMAC128: 18, keys.BIPCMAC256: 26, keys.BIPGMAC128: 26, keys.BIPGMAC256: 26}
}

// The deauthentication is IEEE 802.11-2020, J.9.1, with its MICs for GMAC;
// those of CMAC come from another implementation of it over the AAD and body
// written down by hand.
func TestIntegrityVectors(t *testing.T) {
	for _, test := range []struct {
		name          string
		cipher        keys.Cipher
		id            uint16
		key           string
		ipn           uint64
		plain, sealed string
	}{
		{"BIP-CMAC-128", keys.BIPCMAC128, 4, annexIGTK, 4, annexDeauth,
			annexDeauth + " 4c10 0400 040000000000 48dfbfa7b8278872"},
		{"BIP-CMAC-256", keys.BIPCMAC256, 4, annexIGTK + "000102030405060708090a0b0c0d0e0f", 4, annexDeauth,
			annexDeauth + " 4c18 0400 040000000000 4b6fe836c8a3ad6a8abd7f61a63a11d2"},
		{"BIP-GMAC-128", keys.BIPGMAC128, 4, annexIGTK, 4, annexDeauth,
			annexDeauth + " 4c18 0400 040000000000 3ed862fb0f3338dd3386c897e2ed053d"},
		{"BIP-GMAC-256", keys.BIPGMAC256, 4, annexIGTK + "000102030405060708090a0b0c0d0e0f", 4, annexDeauth,
			annexDeauth + " 4c18 0400 040000000000 23be59dcc7022ee383627ebb1017ddfc"},
		{"beacon, whose timestamp is not covered", keys.BIPCMAC128, 6, annexIGTK, 0x000102030405, annexBeacon,
			annexBeacon + " 4c10 0600 050403020100 bb7ad60b5afac968"},
	} {
		t.Run(test.name, func(t *testing.T) {
			k := newIntegrityKey(t, test.cipher, test.id, unhex(t, test.key))
			k.SetSent(test.ipn - 1)
			got, err := k.Protect(nil, unhex(t, test.plain))
			if diff := cmp.Diff(test.sealed, group(got, test.sealed)); diff != "" || err != nil {
				t.Errorf("protected: %v (-want +got):\n%s", err, diff)
			}
			plain, ipn, err := k.Verify(unhex(t, test.sealed))
			if diff := cmp.Diff(unhex(t, test.plain), plain); diff != "" || err != nil || ipn != test.ipn {
				t.Errorf("verified: IPN %d, %v (-want +got):\n%s", ipn, err, diff)
			}
		})
	}
}

func TestIntegrityRefuses(t *testing.T) {
	for _, test := range []struct {
		cipher keys.Cipher
		id     uint16
		keyLen int
	}{
		{keys.CCMP128, 4, 16}, {keys.BIPCMAC128, 4, 32}, {keys.BIPGMAC256, 4, 16}, {keys.BIPCMAC128, 3, 16}, {keys.BIPCMAC128, 8, 16},
	} {
		if _, err := protect.NewIntegrityKey(test.cipher, test.id, counting(test.keyLen)); err == nil {
			t.Errorf("key %d of %d octets for %v is made", test.id, test.keyLen, test.cipher.Name())
		}
	}
	for cipher, overhead := range integrities() {
		k := newIntegrityKey(t, cipher, 5, counting(cipher.KeyLen()))
		if k.Overhead() != overhead || k.ID() != 5 {
			t.Errorf("%v adds %d octets, want %d; ID %d", cipher.Name(), k.Overhead(), overhead, k.ID())
		}
		beacon := unhex(t, annexBeacon)
		for _, test := range []struct {
			name  string
			frame []byte
			want  error
		}{
			{"individually addressed", frameOf(dot11.Deauth, 0, 40), protect.ErrKind},
			{"data", frameOf(dot11.Data, 0, 40), protect.ErrKind},
			{"no MME", beacon, protect.ErrUnprotected},
			{"beacon without a timestamp", beacon[:24+7], dot11.ErrShort},
			{"nothing", nil, dot11.ErrShort},
		} {
			if _, _, err := k.Verify(test.frame); !errors.Is(err, test.want) {
				t.Errorf("verify %s: %v, want %v", test.name, err, test.want)
			}
			if test.want == protect.ErrUnprotected {
				continue
			}
			if _, err := k.Protect(nil, test.frame); !errors.Is(err, test.want) {
				t.Errorf("protect %s: %v, want %v", test.name, err, test.want)
			}
		}
		if k.Sent() != 0 {
			t.Errorf("%v: a refused frame uses an IPN", cipher.Name())
		}

		first, err := k.Protect([]byte("head"), beacon)
		if err != nil {
			t.Fatal(err)
		}
		first = first[4:]
		if id, ok := protect.KeyIDOfMME(first); id != 5 || !ok {
			t.Errorf("key ID %d, %v, want 5", id, ok)
		}
		second, err := k.Protect(nil, beacon)
		if err != nil {
			t.Fatal(err)
		}
		for at := 24; at < len(first); at++ {
			for bit := range 8 {
				first[at] ^= 1 << bit
				plain, _, err := k.Verify(first)
				first[at] ^= 1 << bit
				if covered := at >= 24+8; covered != (err != nil) {
					t.Fatalf("%v with bit %d of octet %d turned: %x, %v", cipher.Name(), bit, at, plain, err)
				}
				k.SetReceived(0)
			}
		}
		other := newIntegrityKey(t, cipher, 4, counting(cipher.KeyLen()))
		if _, _, err := other.Verify(first); !errors.Is(err, protect.ErrKeyID) {
			t.Errorf("verify with another ID: %v, want %v", err, protect.ErrKeyID)
		}
		for _, step := range []struct {
			frame []byte
			want  error
		}{{second, nil}, {first, protect.ErrReplay}, {second, protect.ErrReplay}} {
			if _, _, err := k.Verify(step.frame); !errors.Is(err, step.want) {
				t.Errorf("%v verify: %v, want %v", cipher.Name(), err, step.want)
			}
		}
		if k.Received() != 2 {
			t.Errorf("%v: highest IPN %d, want 2", cipher.Name(), k.Received())
		}
		k.SetSent(protect.MaxPN + 1)
		if _, err := k.Protect(nil, beacon); !errors.Is(err, protect.ErrExhausted) {
			t.Errorf("protect after the last IPN: %v, want %v", err, protect.ErrExhausted)
		}
	}
}

func TestKeyIDOfMME(t *testing.T) {
	for name, frame := range map[string][]byte{
		"nothing": nil,
		"data":    frameOf(dot11.Data, 0, 40),
		"none":    frameOf(dot11.Deauth, 0, 2),
		"one in a beacon's timestamp": append(unhex(t, "80000000ffffffffffff0200000001000200000001007000"),
			unhex(t, "4c10 0400 040000000000 48dfbfa7b8278872")...),
	} {
		if id, ok := protect.KeyIDOfMME(frame); ok {
			t.Errorf("%s has an MME of key %d", name, id)
		}
	}
}

func TestIntegrityAllocatesNothing(t *testing.T) {
	for cipher := range integrities() {
		k := newIntegrityKey(t, cipher, 6, counting(cipher.KeyLen()))
		beacon := append(unhex(t, annexBeacon), bytes.Repeat([]byte{0}, 300)...)
		out := make([]byte, 0, 500)
		n := testing.AllocsPerRun(50, func() {
			var err error
			if out, err = k.Protect(out[:0], beacon); err != nil {
				t.Fatal(err)
			}
			if _, _, err = k.Verify(out); err != nil {
				t.Fatal(err)
			}
		})
		if n != 0 {
			t.Errorf("%v allocates %v times", cipher.Name(), n)
		}
	}
}
