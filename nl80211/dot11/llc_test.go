package dot11

import (
	"bytes"
	"errors"
	"testing"
)

func TestLLC(t *testing.T) {
	tests := []struct {
		etherType uint16
		want      string
	}{
		{EtherTypeEAPOL, "aaaa03000000888e"},
		{EtherTypeIPv4, "aaaa030000000800"},
		{etherTypeAARP, "aaaa030000f880f3"},
		{etherTypeIPX, "aaaa030000f88137"},
	}
	for _, tc := range tests {
		want := append(unhex(t, tc.want), "hello"...)
		got := append(AppendLLC(nil, tc.etherType), "hello"...)
		if !bytes.Equal(got, want) {
			t.Errorf("%#04x: %x, want %x", tc.etherType, got, want)
		}
		etherType, payload, err := ParseLLC(got)
		if err != nil || etherType != tc.etherType || string(payload) != "hello" {
			t.Errorf("%x: %#04x %q, %v", got, etherType, payload, err)
		}
	}
	for _, in := range []string{"", "aaaa0300000088", "4242030000000800", "aaaa03000001888e"} {
		if etherType, _, err := ParseLLC(unhex(t, in)); err == nil {
			t.Errorf("%s: taken as %#04x", in, etherType)
		} else if errors.Is(err, ErrShort) != (len(in) < 16) {
			t.Errorf("%s: %v", in, err)
		}
	}
}
