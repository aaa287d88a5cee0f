package keys_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"testing"

	"roamfault/roam/rsn/keys"
)

// RFC 3394, 4.
func TestWrap(t *testing.T) {
	for _, test := range []struct {
		kekLen      int
		plain, want string
	}{
		{16, "00112233445566778899aabbccddeeff", "1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5"},
		{24, "00112233445566778899aabbccddeeff", "96778b25ae6ca435f92b5b97c050aed2468ab8a17ad84e5d"},
		{32, "00112233445566778899aabbccddeeff", "64e8c3f9ce0f5ba263e9777905818a2a93c8191e7d6e8ae7"},
		{24, "00112233445566778899aabbccddeeff0001020304050607", "031d33264e15d33268f24ec260743edce1c6c7ddee725a936ba814915c6762d2"},
		{32, "00112233445566778899aabbccddeeff0001020304050607", "a8f9bc1612c68b3ff6e6f4fbe30e71e4769c8b80a32cb8958cd5d17d6b254da1"},
		{32, "00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f", "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21"},
	} {
		kek := counting(test.kekLen)
		wrapped, err := keys.Wrap(kek, unhex(t, test.plain))
		if err != nil || hex.EncodeToString(wrapped) != test.want {
			t.Errorf("wrap of %s = %x, %v, want %s", test.plain, wrapped, err, test.want)
		}
		plain, err := keys.Unwrap(kek, unhex(t, test.want))
		if err != nil || hex.EncodeToString(plain) != test.plain {
			t.Errorf("unwrap of %s = %x, %v, want %s", test.want, plain, err, test.plain)
		}
	}
}

func TestWrapRefuses(t *testing.T) {
	for _, n := range []int{0, 8, 15, 17, 23} {
		if _, err := keys.Wrap(counting(16), make([]byte, n)); err == nil {
			t.Errorf("wrap takes %d octets", n)
		}
	}
	for _, n := range []int{0, 8, 16, 23, 25} {
		if _, err := keys.Unwrap(counting(16), make([]byte, n)); err == nil {
			t.Errorf("unwrap takes %d octets", n)
		}
	}
	if _, err := keys.Wrap(make([]byte, 15), make([]byte, 16)); err == nil {
		t.Error("wrap takes a KEK of 15 octets")
	}
	if _, err := keys.Unwrap(make([]byte, 15), make([]byte, 24)); err == nil {
		t.Error("unwrap takes a KEK of 15 octets")
	}
	wrapped, err := keys.Wrap(counting(16), counting(24))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 8 * len(wrapped) {
		wrapped[i/8] ^= 1 << (i % 8)
		if plain, err := keys.Unwrap(counting(16), wrapped); !errors.Is(err, keys.ErrWrap) || plain != nil {
			t.Errorf("unwrap with bit %d turned = %x, %v, want %v", i, plain, err, keys.ErrWrap)
		}
		wrapped[i/8] ^= 1 << (i % 8)
	}
}

// What Unwrap accepts is what Wrap makes of its result.
func FuzzUnwrap(f *testing.F) {
	wrapped, err := keys.Wrap(counting(16), counting(24))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(counting(16), wrapped)
	f.Add(counting(32), make([]byte, 24))
	f.Add([]byte{}, []byte{})
	f.Fuzz(func(t *testing.T, kek, wrapped []byte) {
		before := bytes.Clone(wrapped)
		plain, err := keys.Unwrap(kek, wrapped)
		if !bytes.Equal(before, wrapped) {
			t.Fatal("unwrap changes its input")
		}
		if err != nil {
			return
		}
		again, err := keys.Wrap(kek, plain)
		if err != nil || !bytes.Equal(again, wrapped) {
			t.Fatalf("unwrap of %x gives %x, which wraps to %x, %v", wrapped, plain, again, err)
		}
	})
}
