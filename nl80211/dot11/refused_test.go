package dot11

import (
	"errors"
	"testing"
)

// TestCodecsRefuse has what is cut short or is something else.
func TestCodecsRefuse(t *testing.T) {
	tests := []struct {
		codec string
		in    string
		short bool // the error is ErrShort
	}{
		{"beacon", "0102030405060708 6400 11", true},
		{"auth", "0300 0100 7e", true},
		{"assoc request", "1100 0a", true},
		{"reassoc request", "1100 0a00 0200000001", true},
		{"assoc response", "1100 0000 05", true},
		{"reason", "07", true},
		{"action", "0a", true},
		{"SA query", "0800 34", true},
		{"SA query", "0802 3412", false},
		{"SA query", "0a00 3412", false},
		{"transition query", "0a06 07", true},
		{"transition query", "0a07 07 10", false},
		{"transition query", "0a06 07 10 34 02 0000", true},
		{"transition request", "0a07 03 00 0a00", true},
		{"transition request", "0a06 03 00 0a00 ff", false},
		{"transition request", "0a07 03 08 0a00 ff 040a 00", true},
		{"transition request", "0a07 03 08 0a00 ff 050a 0807060504030201 ffff", false},
		{"transition request", "0a07 03 08 0a00 ff 0409 0807060504030201 ff", false},
		{"transition request", "0a07 03 10 0a00 ff 05 7878", true},
		{"transition response", "0a08 03 00 00 0200", true},
		{"transition response", "0a08 03 01", true},
		{"transition response", "0a07 03 01 00", false},
		{"switch action", "0004 3c04 01732405", true},
		{"switch action", "0003 2503 012405", false},
		{"switch action", "0004 2503 0124", true},
		{"extended switch action", "0404 017324", true},
		{"extended switch action", "0504 01732405", false},
		{"reconfigure notify", "250a ff", true},
		{"reconfigure notify", "250b", false},
		{"reconfigure request", "250b", true},
		{"reconfigure request", "250b 09 ff", true},
		{"reconfigure request", "240b 09", false},
		{"reconfigure response", "250c 09 02 010000", true},
		{"reconfigure response", "250c 09 ff", true},
		{"reconfigure response", "250a 09 00", false},
		{"ADDBA request", "0300 05 0210 0000 30", true},
		{"ADDBA request", "0301 05 0210 0000 3002", false},
		{"ADDBA response", "0301 05 2500 0210 00", true},
		{"ADDBA response", "0300 05 2500 0210 0000", false},
		{"station profile of a request", "11", true},
		{"station profile of a response", "1100 00", true},
		{"non-inheritance", "", true},
		{"non-inheritance", "02 30", true},
		{"non-inheritance", "00", true},
		{"RNR", "00 10 73", true},
		{"RNR", "10 01 73 24 ff", true},
		{"RNR", "00 00 73 24", false},
		{"neighbor report", "020000000200 00000000 51 06", true},
		{"neighbor report", "020000000200 00000000 51 06 07 03 02 ff", true},
		{"neighbor report", "020000000200 00000000 51 06 07 03", true},
		{"RSNE", "01", true},
		{"RSNE", "0200", false},
		{"RSNE", "0100 000fac", true},
		{"RSNE", "0100 000fac04 01", true},
		{"RSNE", "0100 000fac04 0200 000fac04", true},
		{"RSNE", "0100 000fac04 ffff 000fac04", true},
		{"RSNE", "0100 000fac04 0100000fac04 0100000fac08 cc", true},
		{"RSNE", "0100 000fac04 0100000fac04 0100000fac08 cc00 0100 00", true},
		{"RSNE", "0100 000fac04 0100000fac04 0100000fac08 cc00 0000 000fac", true},
		{"TIM", "00 01 00", true},
		{"channel switch", "01 24", true},
		{"extended channel switch", "01 73 24", true},
		{"max channel switch time", "0102", true},
		{"MME", "0400 0605040302", true},
		{"MME", "0400 060504030201 a0a1a2a3a4a5a6", false},
		{"MME", "0400 060504030201 a0a1a2a3a4a5a6a7a8", false},
		{"timeout interval", "03 e80300", true},
		{"country", "5553", true},
		{"country", "555320 2404", true},
		{"WMM", "01 01 01 00 03a40000 27a40000 42435e00 62322f", true},
		{"WMM", "00 01 01 00 03a40000 27a40000 42435e00 62322f00", false},
		{"WMM", "01 02 01 00 03a40000 27a40000 42435e00 62322f00", false},
		{"WMM", "01 01 01 00 03a40000 03a40000 42435e00 62322f00", false},
		{"HT capabilities", "0c001bffff", true},
		{"HT operation", "2400", true},
		{"VHT capabilities", "0000", true},
		{"VHT operation", "00000000", true},
		{"HE capabilities", "0178c81a4000 1cbfce0000000000000000 fafffafffafffafffafffa", true},
		{"HE capabilities", "000000000000 0000000000008000000000 faff faff", true},
		{"HE capabilities", "000000000000 0000000000008000000000 faff faff 39 00", true},
		{"HE operation", "f03f00 05 fc", true},
		{"HE operation", "f07f00 05 fcff 01", true},
		{"HE 6 GHz capabilities", "00", true},
		{"EHT capabilities", "0700 9c1f3ffeffff7f0700 8888888888", true},
		{"EHT capabilities", "0700 9c1f3ffeffff7f0700 888888888888 00", true},
		{"EHT capabilities", "0700 9c1f3ffeffff7f0700 888888888888 f101", true},
		{"EHT operation", "40 110000", true},
		{"EHT operation", "03 11000000 042f1f 01", true},
		{"A-MSDU", "020000000101 020000000102 00", true},
		{"A-MSDU", "020000000101 020000000102 0009 aaaa030000000800", true},
		{"A-MSDU", "020000000101 020000000102 0007 aaaa0300000008", true},
		{"A-MSDU", "020000000101 020000000102 0008 aaaa030000010800", false},
		{"PS-Poll", "a400 05c0 020000000100 0200000000", true},
		{"PS-Poll", "8400 05c0 020000000100 020000000001", false},
		{"header", "80", true},
		{"header", "8000 0000 ffffffffffff 020000000100 020000000100 30", true},
		{"header", "a400 05c0 020000000100 020000000001", false},
	}
	for _, tc := range tests {
		t.Run(tc.codec+" "+tc.in, func(t *testing.T) {
			got, err := codecNamed(t, tc.codec).read(unhex(t, tc.in))
			if err == nil {
				t.Fatalf("taken: %+v", got)
			}
			if errors.Is(err, ErrShort) != tc.short {
				t.Errorf("error %v: short is %v, want %v", err, errors.Is(err, ErrShort), tc.short)
			}
		})
	}
}

// TestPartsBeforeAnError has bodies whose last element is cut.
func TestPartsBeforeAnError(t *testing.T) {
	const whole, cut = "0001 78", " 01 05 8c"
	b, err := ParseBeaconBody(unhex(t, "0102030405060708 6400 1104"+whole+cut))
	if !errors.Is(err, ErrShort) || len(b.Elements) != 1 || b.Interval != 100 {
		t.Errorf("beacon %+v, error %v", b, err)
	}
	p, err := ParseProbeRequestBody(unhex(t, whole+cut))
	if !errors.Is(err, ErrShort) || len(p.Elements) != 1 {
		t.Errorf("probe request %+v, error %v", p, err)
	}
	q, err := ParseAssocRequestBody(unhex(t, "1100 0a00"+whole+cut), false)
	if !errors.Is(err, ErrShort) || len(q.Elements) != 1 || q.ListenInterval != 10 {
		t.Errorf("association request %+v, error %v", q, err)
	}
	r, err := ParseAssocResponseBody(unhex(t, "1100 0000 01c0"+whole+cut))
	if !errors.Is(err, ErrShort) || len(r.Elements) != 1 || r.AID != 1 {
		t.Errorf("association response %+v, error %v", r, err)
	}
	d, err := ParseReasonBody(unhex(t, "0700"+whole+cut))
	if !errors.Is(err, ErrShort) || len(d.Elements) != 1 || d.Reason != ReasonClass3FromNonassoc {
		t.Errorf("reason %+v, error %v", d, err)
	}
}
