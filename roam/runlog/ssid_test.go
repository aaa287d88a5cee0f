package runlog

import (
	"bytes"
	"encoding/json"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestSSIDText(t *testing.T) {
	tests := []struct {
		octets, text string
	}{
		{"", ""}, {"labnet", "labnet"}, {" two words ", " two words "}, {"Büro 📶", "Büro 📶"}, {`back\slash`, `back\\slash`},
		{"\x00\x1b[2J\n", `\x00\x1b[2J\x0a`}, {"\xff\xfe", `\xff\xfe`}, {"\u202eevil", `\xe2\x80\xaeevil`}, {"\u00a0", `\xc2\xa0`}, {"\ufffd", "\ufffd"},
	}
	for _, tt := range tests {
		if got := SSID(tt.octets).String(); got != tt.text {
			t.Errorf("%q: %s, want %s", tt.octets, got, tt.text)
		}
		if got, err := ParseSSID(tt.text); err != nil || string(got) != tt.octets {
			t.Errorf("ParseSSID(%q) = %q, %v", tt.text, got, err)
		}
	}
	if got, err := ParseSSID(`a\"\e\n\t\r`); err != nil || string(got) != "a\"\x1b\n\t\r" {
		t.Errorf("as wpa_supplicant prints it: %q, %v", got, err)
	}
	for _, text := range []string{`\`, `\x`, `\x1`, `\xzz`, `\u0041`, "123456789012345678901234567890123", string(bytes.Repeat([]byte(`\x00`), 33))} {
		if got, err := ParseSSID(text); err == nil {
			t.Errorf("ParseSSID(%q) = %q", text, got)
		}
	}
}

// Any octets come back, as text and within JSON; the text can be shown.
func FuzzSSID(f *testing.F) {
	f.Add([]byte("labnet"))
	f.Add([]byte("\x00\xff\\x41\xe2\x80"))
	f.Fuzz(func(t *testing.T, octets []byte) {
		octets = octets[:min(len(octets), 32)]
		text := SSID(octets).String()
		if !utf8.ValidString(text) {
			t.Errorf("%q is no UTF-8", text)
		}
		for _, r := range text {
			if !unicode.IsPrint(r) {
				t.Errorf("%q holds %U", text, r)
			}
		}
		got, err := ParseSSID(text)
		if err != nil || !bytes.Equal(got, octets) {
			t.Errorf("%q: %q, %v", octets, got, err)
		}
		in, err := json.Marshal(SSID(octets))
		if err != nil {
			t.Fatal(err)
		}
		var out SSID
		if err := json.Unmarshal(in, &out); err != nil || !bytes.Equal(out, octets) {
			t.Errorf("%q: %q, %v", octets, out, err)
		}
	})
}

func FuzzParseSSID(f *testing.F) {
	f.Add(`a\x00\\"`)
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseSSID(text)
		if err != nil {
			return
		}
		if again, err := ParseSSID(s.String()); err != nil || !bytes.Equal(again, s) {
			t.Errorf("%q: %q, then %q, %v", text, s, again, err)
		}
	})
}
