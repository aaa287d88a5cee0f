package journalfile

import "testing"

// TestSipHash checks the vectors of the paper (appendix A) and of its reference
// implementation: key 00 01 ... 0f, message 00 01 ... of each length.
func TestSipHash(t *testing.T) {
	var key id
	for i := range key {
		key[i] = byte(i)
	}
	msg := make([]byte, 64)
	for i := range msg {
		msg[i] = byte(i)
	}
	for n, want := range map[int]uint64{
		0:  0x726fdb47dd0e0e31,
		1:  0x74f839c593dc67fd,
		8:  0x93f5f5799a932462,
		15: 0xa129ca6149be45e5,
	} {
		if got := sipHash(key, msg[:n]); got != want {
			t.Errorf("%d bytes: %#x, want %#x", n, got, want)
		}
	}
}

// TestLookup3 checks the vectors that lookup3.c gives in its self test (driver5):
// no bytes, and the 30 bytes of a sentence.
func TestLookup3(t *testing.T) {
	for in, want := range map[string]uint64{
		"":                               0xdeadbeefdeadbeef,
		"Four score and seven years ago": 0x17770551ce7226e6,
	} {
		if got := lookup3([]byte(in)); got != want {
			t.Errorf("%q: %#x, want %#x", in, got, want)
		}
	}
}
