package protect

import (
	"bytes"
	"crypto/aes"
	"encoding/hex"
	"errors"
	"testing"
)

// RFC 3610, 8, packet vectors 1 to 12.
func TestCCM(t *testing.T) {
	key := make([]byte, 16)
	packet := make([]byte, 33)
	for i := range key {
		key[i] = byte(0xc0 + i)
	}
	for i := range packet {
		packet[i] = byte(i)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	for i, test := range []struct {
		dataLen, tagLen, len int
		want                 string
	}{
		{8, 8, 31, "588c979a61c663d2f066d0c2c0f989806d5f6b61dac38417e8d12cfdf926e0"},
		{8, 8, 32, "72c91a36e135f8cf291ca894085c87e3cc15c439c9e43a3ba091d56e10400916"},
		{8, 8, 33, "51b1e5f44a197d1da46b0f8e2d282ae871e838bb64da8596574adaa76fbd9fb0c5"},
		{12, 8, 31, "a28c6865939a9a79faaa5c4c2a9d4a91cdac8c96c861b9c9e61ef1"},
		{12, 8, 32, "dcf1fb7b5d9e23fb9d4e131253658ad86ebdca3e51e83f077d9c2d93"},
		{12, 8, 33, "6fc1b011f006568b5171a42d953d469b2570a4bd87405a0443ac91cb94"},
		{8, 10, 31, "0135d1b2c95f41d5d1d4fec185d166b8094e999dfed96c048c56602c97acbb7490"},
		{8, 10, 32, "7b75399ac0831dd2f0bbd75879a2fd8f6cae6b6cd9b7db24c17b4433f434963f34b4"},
		{8, 10, 33, "82531a60cc24945a4b8279181ab5c84df21ce7f9b73f42e197ea9c07e56b5eb17e5f4e"},
		{12, 10, 31, "07342594157785152b074098330abb141b947b566aa9406b4d999988dd"},
		{12, 10, 32, "676bb20380b0e301e8ab79590a396da78b834934f53aa2e9107a8b6c022c"},
		{12, 10, 33, "c0ffa0d6f05bdb67f24d43a4338d2aa4bed7b20e43cd1aa31662e7ad65d6db"},
	} {
		n := byte(i + 1)
		nonce := []byte{0, 0, 0, n + 2, n + 1, n, n - 1, 0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5}
		c := &ccm{block: block, tagLen: test.tagLen}
		data, text := packet[:test.dataLen], packet[test.dataLen:test.len]

		got := c.Seal([]byte("dst"), nonce, text, data)
		if want := hex.EncodeToString([]byte("dst")) + test.want; hex.EncodeToString(got) != want {
			t.Errorf("packet %d sealed is %x, want %s", n, got, want)
		}
		opened, err := c.Open([]byte("dst"), nonce, got[3:], data)
		if err != nil || !bytes.Equal(opened, append([]byte("dst"), text...)) {
			t.Errorf("packet %d opened is %x, %v, want %x", n, opened, err, text)
		}
		inPlace := append(bytes.Clone(data), text...)
		inPlace = c.Seal(inPlace[:len(data)], nonce, inPlace[len(data):], data)
		if hex.EncodeToString(inPlace[len(data):]) != test.want {
			t.Errorf("packet %d sealed in place is %x, want %s", n, inPlace[len(data):], test.want)
		}
	}
}

func TestCCMRefuses(t *testing.T) {
	block, err := aes.NewCipher(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	c := &ccm{block: block, tagLen: 16}
	nonce := make([]byte, c.NonceSize())
	for _, textLen := range []int{0, 1, 15, 16, 17, 100} {
		text := bytes.Repeat([]byte{0x5a}, textLen)
		sealed := c.Seal(nil, nonce, text, nil)
		for i := range 8 * len(sealed) {
			sealed[i/8] ^= 1 << (i % 8)
			room := make([]byte, 0, len(sealed))
			if _, err := c.Open(room, nonce, sealed, nil); !errors.Is(err, ErrTag) {
				t.Fatalf("%d octets open with bit %d turned: %v", textLen, i, err)
			}
			if left := room[:textLen]; !bytes.Equal(left, make([]byte, textLen)) {
				t.Fatalf("text of a wrong tag stays in memory: %x", left)
			}
			sealed[i/8] ^= 1 << (i % 8)
		}
		if _, err := c.Open(nil, nonce, sealed, []byte{0}); !errors.Is(err, ErrTag) {
			t.Errorf("%d octets open with other data: %v", textLen, err)
		}
		if got, err := c.Open(nil, nonce, sealed, nil); err != nil || !bytes.Equal(got, text) {
			t.Errorf("%d octets open to %x, %v", textLen, got, err)
		}
	}
	if _, err := c.Open(nil, nonce, make([]byte, 15), nil); !errors.Is(err, ErrTag) {
		t.Errorf("less than a tag: %v", err)
	}
}
