package keys_test

import (
	"bytes"
	"crypto"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roamfault/nl80211/dot11"
	"roamfault/roam/rsn/keys"
)

// pskOfAnnex is the PSK of "ThisIsAPassword" and "ThisIsASSID", on which the
// standard builds its examples of the key hierarchy.
const pskOfAnnex = "0dc0d6eb90555ed6419756b9a15ec3e3209b63df707dd508d14581f8982721af"

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Map(func(r rune) rune {
		if r == ' ' || r == '\n' || r == '\t' {
			return -1
		}
		return r
	}, s))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// counting returns 00 01 02 and so on.
func counting(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i)
	}
	return b
}

func TestSuiteNames(t *testing.T) {
	type text struct{ String, Name string }
	got := map[string]text{
		"PSK":       {keys.AKMPSK.String(), keys.AKMPSK.Name()},
		"SAE ext":   {keys.AKMSAEExtKey.String(), keys.AKMSAEExtKey.Name()},
		"no AKM":    {keys.AKM(0x000fac15).String(), keys.AKM(0x000fac15).Name()},
		"vendor":    {keys.AKM(0x506f9a02).String(), keys.AKM(0x506f9a02).Name()},
		"CCMP":      {keys.CCMP128.String(), keys.CCMP128.Name()},
		"BIP":       {keys.BIPCMAC256.String(), keys.BIPCMAC256.Name()},
		"no cipher": {keys.Cipher(0x000fac03).String(), keys.Cipher(0x000fac03).Name()},
		"old":       {keys.Cipher(0x0050f202).String(), keys.Cipher(0x0050f202).Name()},
	}
	want := map[string]text{
		"PSK":       {"00-0F-AC:2", "PSK"},
		"SAE ext":   {"00-0F-AC:24", "SAE-EXT-KEY"},
		"no AKM":    {"00-0F-AC:21", "00-0F-AC:21"},
		"vendor":    {"50-6F-9A:2", "50-6F-9A:2"},
		"CCMP":      {"00-0F-AC:4", "CCMP-128"},
		"BIP":       {"00-0F-AC:13", "BIP-CMAC-256"},
		"no cipher": {"00-0F-AC:3", "00-0F-AC:3"},
		"old":       {"00-50-F2:2", "00-50-F2:2"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
}

func TestCipherKeys(t *testing.T) {
	type use struct {
		Len                 int
		Encrypts, Integrity bool
	}
	got := map[string]use{}
	for n := range keys.Cipher(16) {
		c := keys.CCMP128&^0xff | n
		got[c.String()] = use{c.KeyLen(), c.Encrypts(), c.Integrity()}
	}
	none := use{}
	want := map[string]use{
		"00-0F-AC:0": none, "00-0F-AC:1": none, "00-0F-AC:2": none, "00-0F-AC:3": none,
		"00-0F-AC:4": {16, true, false}, "00-0F-AC:5": none,
		"00-0F-AC:6": {16, false, true}, "00-0F-AC:7": none,
		"00-0F-AC:8": {16, true, false}, "00-0F-AC:9": {32, true, false},
		"00-0F-AC:10": {32, true, false}, "00-0F-AC:11": {16, false, true},
		"00-0F-AC:12": {32, false, true}, "00-0F-AC:13": {32, false, true},
		"00-0F-AC:14": none, "00-0F-AC:15": none,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ciphers (-want +got):\n%s", diff)
	}
	if other := keys.Cipher(0x0050f204); other.KeyLen() != 0 || other.Encrypts() || other.Integrity() {
		t.Errorf("a suite of another OUI has a key: %s", other)
	}
}

// IEEE 802.11-2020, J.3.2 and J.6.5.
func TestPRF(t *testing.T) {
	for _, test := range []struct {
		key, label string
		data       []string
		want       string
	}{
		{strings.Repeat("\x0b", 20), "prefix", []string{"Hi There"}, "bcd4c650b30b9684951829e0d75f9d54b862175ed9f00606e17d8da35402ffee75df78c3d31e0f889f012120c0862beb67753e7439ae242edb8373698356cf5a"},
		{"Jefe", "prefix", []string{"what do ya ", "want for nothing?"}, "51f4de5b33f249adf81aeb713a3c20f4fe631446fabdfa58244759ae58ef9009a99abf4eac2ca5fa87e692c440eb40023e7babb206d61de7b92f41529092b8fc"},
		{strings.Repeat("\xaa", 20), "prefix", []string{strings.Repeat("\xdd", 50)}, "e1ac546ec4cb636f9976487be5c86be17a0252ca5d8d8df12cfb0473525249ce9dd8d177ead710bc9b590547239107aef7b4abd43d87f0a68f1cbd9e2b6f7607"},
		{strings.Repeat("\x0b", 20), "prefix", []string{"Hi There"}, "bcd4c650b30b9684951829e0d75f9d54b862175ed9f00606"},
		{"Jefe", "prefix-2", []string{"what do ya want for nothing?"}, "47c4908e30c947521ad20be9053450ecbea23d3aa604b77326d8b3825ff7475c"},
		{strings.Repeat("\xaa", 80), "prefix-3", []string{"Test Using Larger Than Block-Size Key - Hash Key First"}, "0ab6c33ccf70d0d736f4b04c8a7373255511abc5073713163bd0b8c9eeb7e1956fa066820a73ddee3f6d3bd407e0682a"},
		{strings.Repeat("\x0b", 20), "prefix-4", []string{"Hi There Again"}, "248cfbc532ab38ffa483c8a2e40bf170eb542a2e0916d7bf6d97da2c4c5ca877736c53a65b03fa4b3745ce7613f6ad68e0e4a798b7cf691c96176fd634a59a49"},
	} {
		var data [][]byte
		for _, part := range test.data {
			data = append(data, []byte(part))
		}
		got, err := keys.PRF([]byte(test.key), test.label, len(test.want)/2, data...)
		if err != nil || hex.EncodeToString(got) != test.want {
			t.Errorf("PRF of %q, %q = %x, %v, want %s", test.key, test.label, got, err, test.want)
		}
	}
}

// The SHA-256 ones are intermediate values of the SAE example (IEEE
// 802.11-18/1104r0); the others, whose blocks and lengths do not divide, come
// from another implementation of 12.7.1.6.2.
func TestKDF(t *testing.T) {
	for _, test := range []struct {
		hash    crypto.Hash
		key     string
		label   string
		context []string
		bits    int
		want    string
	}{
		{crypto.SHA256, "b39919ad439eee7db61d9564421700acb9ed1044577ce9345e38c97de673c3f0", "SAE Hunting and Pecking",
			[]string{"ffffffff00000001000000000000000000000000", "ffffffffffffffffffffffff"}, 256,
			"282167aa6ba380c53a9c5230c0b53b1ebc456983cc05f0f2b869a75f7f232e91"},
		{crypto.SHA256, "7457a00754dcc4e3dc2850c124d6bb8fa1699d7fa33bb0667d9c34eeb513deb9", "SAE KCK and PMK",
			[]string{"40a09b6017cebf0072843b5352aa2b4fb1a84a84c0fe5c235896466a2d3418b1"}, 512,
			"599d6f1e27548be8499dceed2feccf94818ce1c79f1b4eb3d6a53228a09bf3ed7aead86fba4c3221fc437f5f14d70d854ea5d5aac1690116793081eda4d557c5"},
		{crypto.SHA512, hex.EncodeToString(counting(64)), "label", []string{hex.EncodeToString([]byte("context"))}, 521,
			"48d91e81f1523261068a861ffa35185cba09d08659a23eedafc8d7fb344c2b5796aa8a522c63b55ee95248033ce32d0d0b6e44411159b5f84b6ac2a54f1082ea3180"},
	} {
		var context [][]byte
		for _, part := range test.context {
			context = append(context, unhex(t, part))
		}
		got, err := keys.KDF(test.hash, unhex(t, test.key), test.label, test.bits, context...)
		if err != nil || hex.EncodeToString(got) != test.want {
			t.Errorf("KDF-%v-%d %q = %x, %v, want %s", test.hash, test.bits, test.label, got, err, test.want)
		}
	}
}

func TestDerivationLimits(t *testing.T) {
	if _, err := keys.KDF(crypto.SHA1, nil, "label", 256); !errors.Is(err, keys.ErrUnsupported) {
		t.Errorf("KDF with SHA-1: %v, want %v", err, keys.ErrUnsupported)
	}
	for _, bits := range []int{-1, 0, 65536} {
		if got, err := keys.KDF(crypto.SHA256, nil, "label", bits); err == nil {
			t.Errorf("KDF of %d bits gives %d octets", bits, len(got))
		}
	}
	if got, err := keys.KDF(crypto.SHA256, nil, "label", 65535); err != nil || len(got) != 8192 {
		t.Errorf("KDF of 65535 bits gives %d octets, %v", len(got), err)
	}
	for _, n := range []int{-1, 0, 5121} {
		if got, err := keys.PRF(nil, "label", n); err == nil {
			t.Errorf("PRF of %d octets gives %d", n, len(got))
		}
	}
	longest, err := keys.PRF(nil, "label", 5120)
	if err != nil || len(longest) != 5120 {
		t.Fatalf("PRF of 5120 octets gives %d, %v", len(longest), err)
	}
	if bytes.Equal(longest[:20], longest[5100:]) {
		t.Error("the last block of PRF repeats the first")
	}
}

// IEEE 802.11-2020, J.4.2.
func TestPSK(t *testing.T) {
	for _, test := range []struct{ passphrase, ssid, want string }{
		{"password", "IEEE", "f42c6fc52df0ebef9ebb4b90b38a5f902e83fe1b135a70e23aed762e9710a12e"},
		{"ThisIsAPassword", "ThisIsASSID", pskOfAnnex},
		{strings.Repeat("a", 32), strings.Repeat("Z", 32), "becb93866bb8c3832cb777c2f559807c8c59afcb6eae734885001300a981cc62"},
	} {
		got, err := keys.PSK(test.passphrase, []byte(test.ssid))
		if err != nil || hex.EncodeToString(got) != test.want {
			t.Errorf("PSK of %q, %q = %x, %v, want %s", test.passphrase, test.ssid, got, err, test.want)
		}
	}
	for _, test := range []struct{ passphrase, ssid string }{
		{"1234567", "net"},
		{strings.Repeat("a", 64), "net"},
		{"with\tatab", "net"},
		{"with \x7f del", "net"},
		{"straße!!!", "net"},
		{"password", ""},
		{"password", strings.Repeat("a", 33)},
	} {
		if got, err := keys.PSK(test.passphrase, []byte(test.ssid)); err == nil {
			t.Errorf("PSK of %q, %q = %x, want an error", test.passphrase, test.ssid, got)
		}
	}
	for _, passphrase := range []string{" ~ ~ ~ ~", strings.Repeat("~", 63)} {
		if _, err := keys.PSK(passphrase, []byte{0}); err != nil {
			t.Errorf("PSK of %q: %v", passphrase, err)
		}
	}
}

func annexInput(t testing.TB, akm keys.AKM, cipher keys.Cipher, pmk []byte) keys.PTKInput {
	return keys.PTKInput{
		AKM: akm, Cipher: cipher, PMK: pmk,
		AA:     dot11.Addr(unhex(t, "a0a1a1a3a4a5")),
		SPA:    dot11.Addr(unhex(t, "b0b1b2b3b4b5")),
		ANonce: keys.Nonce(unhex(t, "e0e1e2e3e4e5e6e7e8e9f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff000102030405")),
		SNonce: keys.Nonce(unhex(t, "c0c1c2c3c4c5c6c7c8c9d0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5")),
	}
}

type ptkText struct{ KCK, KEK, TK string }

func textOf(k keys.PTK) ptkText {
	return ptkText{hex.EncodeToString(k.KCK), hex.EncodeToString(k.KEK), hex.EncodeToString(k.TK)}
}

// The first two are IEEE 802.11-2020, J.7.1 to J.7.3 (PRF-384, and PRF-512 as
// the standard prints it for TKIP); the others come from another
// implementation of 12.7.1.3 over the same addresses and nonces.
func TestDerivePTK(t *testing.T) {
	psk := unhex(t, pskOfAnnex)
	for _, test := range []struct {
		akm    keys.AKM
		cipher keys.Cipher
		pmk    []byte
		want   ptkText
	}{
		{keys.AKMPSK, keys.CCMP128, psk, ptkText{
			"379f9852d0199236b94e407ce4c00ec8", "47c9edc01c2c6e5b4910caddfb3e51a7", "b2360c79e9710fdd58bea93deaf06599"}},
		{keys.AKMPSK, keys.GCMP256, psk, ptkText{
			"379f9852d0199236b94e407ce4c00ec8", "47c9edc01c2c6e5b4910caddfb3e51a7",
			"b2360c79e9710fdd58bea93deaf06599db980afbc29c152855740a6ce5ae3827"}},
		{keys.AKMPSKSHA256, keys.CCMP128, psk, ptkText{
			"ef4540918946a492df873642a391980e", "9d2175fc13f083e38d96b3d450b1d698", "c1d8551e9b4a744376a33e8ebf50290c"}},
		{keys.AKMSAE, keys.GCMP128, psk, ptkText{
			"ef4540918946a492df873642a391980e", "9d2175fc13f083e38d96b3d450b1d698", "c1d8551e9b4a744376a33e8ebf50290c"}},
		{keys.AKMSAE, keys.CCMP256, psk, ptkText{
			"9958aa3ce7422569b34517cd5e76fefb", "826e1b7fb7cb8a4cfa931a31a69d9391",
			"b649832d4f788e643713e516061b557460fe91f9c9c48e23a7fb1a6015da3e10"}},
		{keys.AKMSAEExtKey, keys.CCMP128, psk, ptkText{
			"ef4540918946a492df873642a391980e", "9d2175fc13f083e38d96b3d450b1d698", "c1d8551e9b4a744376a33e8ebf50290c"}},
		{keys.AKMSAEExtKey, keys.GCMP256, counting(48), ptkText{
			"5ecbcccf45af3c9121c5b3f4e88364f8949584d14d06fc06",
			"fe5efc43a479cd08203f9213d174d5bc92110dea1abc81d22b415092d625d885",
			"2b7e189352e69e2fde4ba0cb3d53b140d0fb63df87834360ea0a731c29b3a54b"}},
		{keys.AKMSAEExtKey, keys.GCMP256, counting(64), ptkText{
			"f73d69e857f1c56190e8db71b6b9f8ef8dd215fce569789af6b9854cd1813e5d",
			"9d58746b2cbf47e726ae9b5db2f92a9912c92eeab53157039f6be7ff85a6738f",
			"bdf26b16169885808c4cfa293b70f98f36065bd70506de6a06f66a3de7fa4ad4"}},
		{keys.AKMSAEExtKey, keys.GCMP128, counting(64), ptkText{
			"180f12bb956574f2f4a783df447d4bfd88d77a7a625417acd345fc8a9428fdde",
			"5d51515038d0a5344baca224bcaffbdeec738e076b3efef131a56df93d7a9bb5",
			"04a5128fa127c9c5862510aa10a01e12"}},
	} {
		in := annexInput(t, test.akm, test.cipher, test.pmk)
		got, err := keys.DerivePTK(in)
		if err != nil {
			t.Errorf("PTK of AKM %s, cipher %s: %v", test.akm, test.cipher, err)
			continue
		}
		if diff := cmp.Diff(test.want, textOf(got)); diff != "" {
			t.Errorf("PTK of AKM %s, cipher %s (-want +got):\n%s", test.akm, test.cipher, diff)
		}
		in.AA, in.SPA = in.SPA, in.AA
		in.ANonce, in.SNonce = in.SNonce, in.ANonce
		turned, err := keys.DerivePTK(in)
		if diff := cmp.Diff(got, turned); diff != "" || err != nil {
			t.Errorf("PTK of AKM %s with the sides turned: %v (-want +got):\n%s", test.akm, err, diff)
		}
		if _ = append(got.KCK, 0xff, 0xff); textOf(got) != test.want {
			t.Errorf("AKM %s: appending to the KCK overwrites the KEK", test.akm)
		}
	}
}

func TestDerivePTKRefuses(t *testing.T) {
	for _, test := range []struct {
		akm    keys.AKM
		cipher keys.Cipher
		pmkLen int
	}{
		{keys.AKMSAE, keys.CCMP128, 48},
		{keys.AKMPSK, keys.CCMP128, 31},
		{keys.AKMPSK, keys.CCMP128, 0},
		{keys.AKMSAEExtKey, keys.CCMP128, 33},
		{keys.AKM(0x000fac01), keys.CCMP128, 32},
		{keys.AKMSAE, keys.BIPCMAC128, 32},
		{keys.AKMSAE, keys.Cipher(0x000fac02), 32},
	} {
		_, err := keys.DerivePTK(annexInput(t, test.akm, test.cipher, make([]byte, test.pmkLen)))
		if !errors.Is(err, keys.ErrUnsupported) {
			t.Errorf("PTK of AKM %s, cipher %s, PMK of %d: %v, want %v", test.akm, test.cipher, test.pmkLen, err, keys.ErrUnsupported)
		}
	}
}

func TestDerivePMKID(t *testing.T) {
	in := annexInput(t, keys.AKMPSK, keys.CCMP128, unhex(t, pskOfAnnex))
	for akm, want := range map[keys.AKM]string{
		keys.AKMPSK:       "6ed6b22f7c9bc8dee4b3920e93ca53b2",
		keys.AKMPSKSHA256: "657f44df65722492b0b55c5d13c4b970",
	} {
		got, err := keys.DerivePMKID(akm, in.PMK, in.AA, in.SPA)
		if err != nil || hex.EncodeToString(got[:]) != want {
			t.Errorf("PMKID of AKM %s = %x, %v, want %s", akm, got, err, want)
		}
	}
	if _, err := keys.DerivePMKID(keys.AKMSAE, in.PMK, in.AA, in.SPA); !errors.Is(err, keys.ErrUnsupported) {
		t.Errorf("PMKID of SAE from the PMK: %v, want %v", err, keys.ErrUnsupported)
	}
}

func TestMIC(t *testing.T) {
	frame := counting(99)
	for _, test := range []struct {
		akm    keys.AKM
		kckLen int
		want   string
	}{
		{keys.AKMPSK, 16, "d1deafc3512f87f3dee540497f3feb37"},
		{keys.AKMPSKSHA256, 16, "0ecddb5dd9c87123d2d890d89afb7987"},
		{keys.AKMSAE, 16, "0ecddb5dd9c87123d2d890d89afb7987"},
		{keys.AKMSAEExtKey, 16, "8fd390c510e81316eb5614b28b2b3dd0"},
		{keys.AKMSAEExtKey, 24, "f019ec70af3a1357835b36c837d061762faab5ac28fc615e"},
		{keys.AKMSAEExtKey, 32, "41ffd8cc8811819d53c58773cd5f9b89e9a923ab0c355d55a559670f57ddff53"},
	} {
		kck := counting(test.kckLen)
		got, err := keys.MIC(test.akm, kck, frame)
		if err != nil || hex.EncodeToString(got) != test.want {
			t.Errorf("MIC of AKM %s = %x, %v, want %s", test.akm, got, err, test.want)
			continue
		}
		for i := range 8 * len(got) {
			got[i/8] ^= 1 << (i % 8)
			if ok, err := keys.CheckMIC(test.akm, kck, frame, got); ok || err != nil {
				t.Errorf("AKM %s accepts a MIC with bit %d turned, %v", test.akm, i, err)
			}
			got[i/8] ^= 1 << (i % 8)
		}
		if ok, err := keys.CheckMIC(test.akm, kck, frame, got); !ok || err != nil {
			t.Errorf("AKM %s refuses its own MIC, %v", test.akm, err)
		}
		if ok, _ := keys.CheckMIC(test.akm, kck, frame, got[:len(got)-1]); ok {
			t.Errorf("AKM %s accepts a short MIC", test.akm)
		}
	}
	for _, kckLen := range []int{0, 15, 32} {
		if _, err := keys.MIC(keys.AKMSAE, counting(kckLen), frame); !errors.Is(err, keys.ErrUnsupported) {
			t.Errorf("MIC with a KCK of %d: %v, want %v", kckLen, err, keys.ErrUnsupported)
		}
	}
}

func BenchmarkDerivePTK(b *testing.B) {
	in := annexInput(b, keys.AKMSAE, keys.CCMP128, counting(32))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := keys.DerivePTK(in); err != nil {
			b.Fatal(err)
		}
	}
}
