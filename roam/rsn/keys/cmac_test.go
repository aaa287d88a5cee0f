package keys_test

import (
	"encoding/hex"
	"testing"

	"roamfault/roam/rsn/keys"
)

const cmacMessage = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51" +
	"30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"

// RFC 4493, 4, and NIST SP 800-38B, D.3. Every message is also given in every
// two parts it has.
func TestCMAC(t *testing.T) {
	message := unhex(t, cmacMessage)
	for _, test := range []struct {
		key  string
		len  int
		want string
	}{
		{"2b7e151628aed2a6abf7158809cf4f3c", 0, "bb1d6929e95937287fa37d129b756746"},
		{"2b7e151628aed2a6abf7158809cf4f3c", 16, "070a16b46b4d4144f79bdd9dd04a287c"},
		{"2b7e151628aed2a6abf7158809cf4f3c", 40, "dfa66747de9ae63030ca32611497c827"},
		{"2b7e151628aed2a6abf7158809cf4f3c", 64, "51f0bebf7e3b9d92fc49741779363cfe"},
		{"603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4", 0, "028962f61b7bf89efc6b551f4667d983"},
		{"603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4", 16, "28a7023f452e8f82bd4bf28d8c37c35c"},
		{"603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4", 40, "aaf3d8f1de5640c232f5b169b9c911e6"},
		{"603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4", 64, "e1992190549f6ed5696a2c056c315410"},
	} {
		c, err := keys.NewCMAC(unhex(t, test.key))
		if err != nil {
			t.Fatal(err)
		}
		for cut := range test.len + 1 {
			got := c.MAC(message[:cut], nil, message[cut:test.len])
			if hex.EncodeToString(got[:]) != test.want {
				t.Errorf("CMAC of %d octets in parts of %d and %d = %x, want %s", test.len, cut, test.len-cut, got, test.want)
			}
		}
	}
	if _, err := keys.NewCMAC(make([]byte, 15)); err == nil {
		t.Error("CMAC takes a key of 15 octets")
	}
}

func TestCMACAllocatesNothing(t *testing.T) {
	c, err := keys.NewCMAC(counting(16))
	if err != nil {
		t.Fatal(err)
	}
	message := counting(100)
	var sink byte
	if n := testing.AllocsPerRun(100, func() { sum := c.MAC(message, message[:3]); sink ^= sum[0] }); n != 0 {
		t.Errorf("CMAC allocates %v times", n)
	}
}

func BenchmarkCMAC(b *testing.B) {
	c, err := keys.NewCMAC(counting(16))
	if err != nil {
		b.Fatal(err)
	}
	message := make([]byte, 256)
	b.ReportAllocs()
	b.SetBytes(int64(len(message)))
	for b.Loop() {
		c.MAC(message)
	}
}
