package decode

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseAER(t *testing.T) {
	tests := []struct {
		in   string
		want AERError
	}{
		{"pcieport 0000:00:02.1: AER: Corrected error message received from 0000:0a:00.0",
			AERError{Line: AERMessage, Reporter: "0000:00:02.1", Driver: "pcieport", Source: "0000:0a:00.0", Severity: AERCorrected}},
		{"pcieport 0000:00:02.1: AER: Multiple Uncorrectable (Fatal) error message received from 0000:0a:00.0 (no details found",
			AERError{Line: AERMessage, Reporter: "0000:00:02.1", Driver: "pcieport", Source: "0000:0a:00.0", Severity: AERFatal}},
		{"pcieport 0000:00:1c.5: AER: Corrected error received: 0000:03:00.0",
			AERError{Line: AERMessage, Reporter: "0000:00:1c.5", Driver: "pcieport", Source: "0000:03:00.0", Severity: AERCorrected}},
		{"pcieport 0000:00:1c.5: AER: Multiple Corrected error received: id=00e5",
			AERError{Line: AERMessage, Reporter: "0000:00:1c.5", Driver: "pcieport", Source: "0000:00:1c.5", Severity: AERCorrected}},
		{"mt7925e 0000:0a:00.0: PCIe Bus Error: severity=Correctable, type=Data Link Layer, (Transmitter ID)",
			AERError{Line: AERReport, Reporter: "0000:0a:00.0", Driver: "mt7925e", Severity: AERCorrected, Layer: "Data Link Layer", Agent: "Transmitter ID"}},
		{"rtw89_8852be 0000:0a:00.0: PCIe Bus Error: severity=Uncorrected (Non-Fatal), type=Transaction Layer, (Requester ID)",
			AERError{Line: AERReport, Reporter: "0000:0a:00.0", Driver: "rtw89_8852be", Severity: AERNonFatal, Layer: "Transaction Layer", Agent: "Requester ID"}},
		{"pcieport 0000:00:1c.5: PCIe Bus Error: severity=Corrected, type=Physical Layer, id=00e5(Receiver ID)",
			AERError{Line: AERReport, Reporter: "0000:00:1c.5", Driver: "pcieport", Source: "0000:00:1c.5", Severity: AERCorrected, Layer: "Physical Layer", Agent: "Receiver ID"}},
		{"mt7925e 0000:0a:00.0: PCIe Bus Error: severity=Uncorrectable (Fatal), type=Inaccessible, (Unregistered Agent ID)",
			AERError{Line: AERReport, Reporter: "0000:0a:00.0", Driver: "mt7925e", Severity: AERFatal, Layer: "Inaccessible", Agent: "Unregistered Agent ID"}},
		{"mt7925e 0000:0a:00.0:   device [14c3:7925] error status/mask=00001000/0000e000",
			AERError{Line: AERStatus, Reporter: "0000:0a:00.0", Driver: "mt7925e", Vendor: 0x14c3, Product: 0x7925, Status: 0x1000, Mask: 0xe000}},
		{"mt7925e 0000:0a:00.0:    [12] Timeout               ",
			AERError{Line: AERDetail, Reporter: "0000:0a:00.0", Driver: "mt7925e", Bit: 12, Severity: AERCorrected}},
		{"mt7925e 0000:0a:00.0:    [14] CmpltTO                (First)",
			AERError{Line: AERDetail, Reporter: "0000:0a:00.0", Driver: "mt7925e", Bit: 14, First: true}},
		{"    [ 0] RxErr                  (First)",
			AERError{Line: AERDetail, First: true, Severity: AERCorrected}},
		{"x 0000:0a:00.0: PCIe Bus Error: severity=Corrected, type=\x1b[2J, (\x1b[31m)",
			AERError{Line: AERReport, Reporter: "0000:0a:00.0", Driver: "x", Severity: AERCorrected}},
	}
	for _, tc := range tests {
		got, ok := ParseAER(tc.in)
		if !ok {
			t.Errorf("refused: %s", tc.in)
			continue
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.in, diff)
		}
	}
}

func TestParseAERRefuses(t *testing.T) {
	for _, in := range []string{
		"", "pcieport 0000:00:02.1: AER: enabled with IRQ 35", "pcieport 0000:00:02.1: AER: device recovery successful",
		"PCIe Bus Error: severity=", "device [14c3:7925] error status/mask=zz/00", "device [14c3] error status/mask=1/0",
		"[12] Rollover", "[12] Timeout really", "[99] Timeout", "[ 12.345678] Timeout", "wlan0: [link 12] Timeout of something",
	} {
		if e, ok := ParseAER(in); ok {
			t.Errorf("ParseAER(%q) = %+v, want refusal", in, e)
		}
	}
}

func TestAERBits(t *testing.T) {
	names := func(bits []AERBit) []string {
		var n []string
		for _, b := range bits {
			n = append(n, b.Name)
		}
		return n
	}
	tests := []struct {
		status   uint32
		severity AERSeverity
		want     []string
	}{
		{0x1000, AERCorrected, []string{"Timeout"}},
		{0x1000, AERNonFatal, []string{"TLP"}},
		{0x1000, AERUnknown, []string{"Timeout", "TLP"}},
		{0x10c0, AERCorrected, []string{"BadTLP", "BadDLLP", "Timeout"}},
		{0x4000, AERFatal, []string{"CmpltTO"}},
		{0x100020, AERFatal, []string{"SDES", "UnsupReq"}},
		{0, AERUnknown, nil},
		{1 << 9, AERUnknown, nil},
	}
	for _, tc := range tests {
		if diff := cmp.Diff(tc.want, names(AERBits(tc.status, tc.severity))); diff != "" {
			t.Errorf("0x%x %v (-want +got):\n%s", tc.status, tc.severity, diff)
		}
	}
	for s := AERUnknown; s <= AERFatal; s++ {
		if s.String() == "" || s.Meaning() == "" {
			t.Errorf("severity %d has no words", s)
		}
	}
}

func FuzzParseAER(f *testing.F) {
	for _, s := range []string{
		"pcieport 0000:00:02.1: AER: Corrected error message received from 0000:0a:00.0",
		"mt7925e 0000:0a:00.0: PCIe Bus Error: severity=Correctable, type=Data Link Layer, (Transmitter ID)",
		"mt7925e 0000:0a:00.0:   device [14c3:7925] error status/mask=00001000/0000e000", "   [12] Timeout",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		e, ok := ParseAER(s)
		if !ok {
			return
		}
		for _, bdf := range []string{e.Reporter, e.Source} {
			if canonical, ok := canonicalBDF(bdf); bdf != "" && (!ok || canonical != bdf) {
				t.Errorf("%q gives the address %q", s, bdf)
			}
		}
		if e.Line == AERDetail && len(AERBits(1<<e.Bit, AERUnknown)) == 0 {
			t.Errorf("%q gives the unknown bit %d", s, e.Bit)
		}
	})
}
