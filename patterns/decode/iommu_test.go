package decode

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseIOMMU(t *testing.T) {
	tests := []struct {
		name string
		in   string
		want IOMMUFault
	}{
		{"amd with driver", "mt7925e 0000:0a:00.0: AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x0011 address=0xfee01000 flags=0x0020]",
			IOMMUFault{Unit: "AMD-Vi", Event: "IO_PAGE_FAULT", Device: "0000:0a:00.0", Driver: "mt7925e", Access: "write",
				Address: 0xfee01000, HasAddress: true, Domain: 0x11, HasDomain: true, Flags: 0x20, HasFlags: true,
				FlagWords: []string{"write", "page not present"}}},
		{"amd without driver", "[  99.000000] AMD-Vi: Event logged [IO_PAGE_FAULT device=0000:0a:00.0 domain=0x0011 address=0x0 flags=0x0050]",
			IOMMUFault{Unit: "AMD-Vi", Event: "IO_PAGE_FAULT", Device: "0000:0a:00.0", Access: "read",
				HasAddress: true, Domain: 0x11, HasDomain: true, Flags: 0x50, HasFlags: true,
				FlagWords: []string{"page present", "permission denied"}}},
		{"amd old device form", "AMD-Vi: Event logged [IO_PAGE_FAULT device=03:00.1 domain=0x0003 address=0x00000000fe000040 flags=0x0000]",
			IOMMUFault{Unit: "AMD-Vi", Event: "IO_PAGE_FAULT", Device: "0000:03:00.1",
				Address: 0xfe000040, HasAddress: true, Domain: 3, HasDomain: true, HasFlags: true, FlagWords: []string{"page not present"}}},
		{"amd interrupt", "AMD-Vi: Event logged [IO_PAGE_FAULT device=0000:0a:00.0 domain=0x0000 address=0xfffffffdf8000000 flags=0x0008]",
			IOMMUFault{Unit: "AMD-Vi", Event: "IO_PAGE_FAULT", Device: "0000:0a:00.0", Access: "interrupt",
				Address: 0xfffffffdf8000000, HasAddress: true, HasDomain: true, Flags: 8, HasFlags: true, FlagWords: []string{"interrupt"}}},
		{"amd cut off", "mt7921e 0000:05:00.0: AMD-Vi: Event logged [IO_PAGE_FAULT do",
			IOMMUFault{Unit: "AMD-Vi", Event: "IO_PAGE_FAULT", Device: "0000:05:00.0", Driver: "mt7921e"}},
		{"amd invalid request", "pci 0000:00:00.2: AMD-Vi: Event logged [INVALID_DEVICE_REQUEST device=0000:0a:00.0 pasid=0x00000 address=0xfffffffdf8000000 flags=0x0a00]",
			IOMMUFault{Unit: "AMD-Vi", Event: "INVALID_DEVICE_REQUEST", Device: "0000:0a:00.0", Address: 0xfffffffdf8000000, HasAddress: true, Flags: 0xa00, HasFlags: true}},
		{"amd invalidation", "pci 0000:00:00.2: AMD-Vi: Event logged [IOTLB_INV_TIMEOUT device=0000:0a:00.0 address=0x1000a0080]",
			IOMMUFault{Unit: "AMD-Vi", Event: "IOTLB_INV_TIMEOUT", Device: "0000:0a:00.0", Address: 0x1000a0080, HasAddress: true}},
		{"amd command error names no device", "pci 0000:00:00.2: AMD-Vi: Event logged [ILLEGAL_COMMAND_ERROR address=0x10]",
			IOMMUFault{Unit: "AMD-Vi", Event: "ILLEGAL_COMMAND_ERROR", Address: 0x10, HasAddress: true}},
		{"amd protected memory", "AMD-Vi: Event logged [RMP_PAGE_FAULT device=0000:0a:00.0, vmg_tag=0x0001, gpa=0x4000, flags_rmp=0x0002, flags=0x0020]",
			IOMMUFault{Unit: "AMD-Vi", Event: "RMP_PAGE_FAULT", Device: "0000:0a:00.0", Address: 0x4000, HasAddress: true, Flags: 0x20, HasFlags: true, FlagWords: []string{"write"}}},
		{"amd completion", "AMD-Vi: Completion-Wait loop timed out", IOMMUFault{Unit: "AMD-Vi", Event: "COMPLETION_WAIT_TIMEOUT"}},
		{"amd not attached", "AMD-Vi: Event logged [Device not attached to domain properly]", IOMMUFault{Unit: "AMD-Vi", Event: "DEVICE_NOT_ATTACHED"}},
		{"amd unheard of", "AMD-Vi: Event logged [SOMETHING_NEW device=0000:0a:00.0]", IOMMUFault{Unit: "AMD-Vi", Event: "SOMETHING_NEW", Device: "0000:0a:00.0"}},

		{"intel read", "DMAR: [DMA Read NO_PASID] Request device [09:00.0] fault addr 0x7e400000 [fault reason 0x06] PTE Read access is not set",
			IOMMUFault{Unit: "DMAR", Event: "DMA", Device: "0000:09:00.0", Access: "read", Address: 0x7e400000, HasAddress: true, Reason: 6, HasReason: true}},
		{"intel write with process", "DMAR: [DMA Write PASID 0x1] Request device [09:00.0] fault addr 0xffff0000 [fault reason 0x71] SM: Present bit",
			IOMMUFault{Unit: "DMAR", Event: "DMA", Device: "0000:09:00.0", Access: "write", Address: 0xffff0000, HasAddress: true, Reason: 0x71, HasReason: true}},
		{"intel old", "DMAR: [DMA Write] Request device [00:1f.6] PASID ffffffff fault addr 9d000 [fault reason 12] non-zero reserved fields in PTE",
			IOMMUFault{Unit: "DMAR", Event: "DMA", Device: "0000:00:1f.6", Access: "write", Address: 0x9d000, HasAddress: true, Reason: 12, HasReason: true}},
		{"intel interrupt", "DMAR: [INTR-REMAP] Request device [f0:1f.0] fault index 0x0 [fault reason 0x22] Present field in the IRTE entry is clear",
			IOMMUFault{Unit: "DMAR", Event: "INTR-REMAP", Device: "0000:f0:1f.0", Access: "interrupt", Reason: 0x22, HasReason: true}},
		{"intel status", "DMAR: DRHD: handling fault status reg 43",
			IOMMUFault{Unit: "DMAR", Event: "FAULT_STATUS", Flags: 0x43, HasFlags: true, FlagWords: []string{"fault overflow", "fault pending", "invalidation time-out"}}},

		{"arm number", "arm-smmu-v3 fc900000.iommu: event 0x10 received:", IOMMUFault{Unit: "SMMU", Event: "F_TRANSLATION"}},
		{"arm unknown number", "arm-smmu-v3 fc900000.iommu: event 0x77 received:", IOMMUFault{Unit: "SMMU", Event: "0x77"}},
		{"arm named", "arm-smmu-v3 fc900000.iommu: event: F_PERMISSION client: 0001:01:00.0 sid: 0x100 ssid: 0x0 iova: 0xffe00040 ipa: 0x0",
			IOMMUFault{Unit: "SMMU", Event: "F_PERMISSION", Device: "0001:01:00.0", Address: 0xffe00040, HasAddress: true}},
		{"arm without client", "arm-smmu-v3 fc900000.iommu: event: C_BAD_STE client: (unassigned sid) sid: 0x17 ssid: 0x0",
			IOMMUFault{Unit: "SMMU", Event: "C_BAD_STE", Device: "stream 0x17"}},
		{"arm v2", "arm-smmu 15000000.iommu: Unhandled context fault: fsr=0x402, iova=0xffffb000, fsynr=0x30011, cbfrsynra=0xc01, cb=3",
			IOMMUFault{Unit: "SMMU", Event: "CONTEXT_FAULT", Device: "stream 0xc01", Access: "write", Address: 0xffffb000, HasAddress: true, Flags: 0x402, HasFlags: true, FlagWords: []string{"not mapped"}}},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			got, ok := ParseIOMMU(tc.in)
			if !ok {
				t.Fatalf("refused: %s", tc.in)
			}
			if got.Meaning == "" {
				t.Error("no meaning")
			}
			got.Meaning = ""
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseIOMMURefuses(t *testing.T) {
	for _, in := range []string{
		"", "AMD-Vi: Interrupt remapping enabled", "AMD-Vi: Event logged [", "AMD-Vi: Event logged [\x1b[2J device=0000:0a:00.0]",
		"DMAR: IOMMU enabled", "DMAR: [Firmware Bug]: No firmware reserved region", "DMAR: [DMA Read", "DMAR: DRHD: handling fault status reg zz",
		"arm-smmu-v3 fc900000.iommu: probing", "arm-smmu-v3 x: event 0x10", "arm-smmu-v3 x: event: \x1b[2J client: y", "arm-smmu-v3 x: event 0xzz received:",
		"IO_PAGE_FAULT domain=0x11",
	} {
		if f, ok := ParseIOMMU(in); ok {
			t.Errorf("ParseIOMMU(%q) = %v, want refusal", in, f)
		}
	}
}

func TestIOMMUString(t *testing.T) {
	f, _ := ParseIOMMU("DMAR: [DMA Read NO_PASID] Request device [09:00.0] fault addr 0x7e400000 [fault reason 0x06] x")
	if got, want := f.String(), "DMAR DMA read 0000:09:00.0 at 0x7e400000"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	f, _ = ParseIOMMU("mt7925e 0000:0a:00.0: AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x0011 address=0xfee01000 flags=0x0020]")
	if got, want := f.String(), "AMD-Vi IO_PAGE_FAULT write 0000:0a:00.0 at 0xfee01000"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestIOMMUTablesComplete(t *testing.T) {
	reasons := map[uint8]bool{}
	for _, r := range dmarReasons {
		if reasons[r.reason] || r.meaning == "" {
			t.Errorf("fault reason 0x%02x stands twice or has no words", r.reason)
		}
		reasons[r.reason] = true
	}
	// The ranges of Intel's encodings: legacy, interrupts, scalable mode.
	for n := range uint8(0x0e) {
		if !reasons[n] {
			t.Errorf("no words for fault reason 0x%02x", n)
		}
	}
	for n := uint8(0x20); n <= 0x26; n++ {
		if !reasons[n] {
			t.Errorf("no words for fault reason 0x%02x", n)
		}
	}
	if got := DMARReason(0xf0); !strings.Contains(got, "0xf0") {
		t.Errorf("unknown reason: %q", got)
	}
	names := map[string]bool{}
	for _, e := range amdEvents {
		if names[e.name] || e.meaning == "" || !eventName(e.name) {
			t.Errorf("event %q", e.name)
		}
		names[e.name] = true
	}
	ids := map[uint8]bool{}
	for _, e := range smmuEvents {
		if names[e.name] || ids[e.id] || e.meaning == "" || !eventName(e.name) {
			t.Errorf("event 0x%02x %q", e.id, e.name)
		}
		names[e.name], ids[e.id] = true, true
	}
	for title, table := range map[string][]bit{"amd": amdFlags[:], "dmar": dmarStatus[:], "smmu": smmuFSR[:], "aer corrected": aerCorrectable[:], "aer uncorrected": aerUncorrectable[:]} {
		seen := map[uint8]bool{}
		for _, b := range table {
			if seen[b.n] || b.n > 31 || b.name == "" || b.meaning == "" {
				t.Errorf("%s bit %d %q", title, b.n, b.name)
			}
			seen[b.n] = true
		}
	}
}

func FuzzParseIOMMU(f *testing.F) {
	for _, s := range []string{
		"mt7925e 0000:0a:00.0: AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x0011 address=0xfee01000 flags=0x0020]",
		"DMAR: [DMA Read NO_PASID] Request device [09:00.0] fault addr 0x7e400000 [fault reason 0x06] PTE",
		"arm-smmu-v3 fc900000.iommu: event: F_PERMISSION client: 0001:01:00.0 sid: 0x100 iova: 0xffe00040",
		"arm-smmu x: Unhandled context fault: fsr=0x402, iova=0x1, fsynr=0x30011, cbfrsynra=0xc01, cb=3",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		fault, ok := ParseIOMMU(s)
		if !ok {
			return
		}
		if fault.Unit == "" || fault.Event == "" || fault.Meaning == "" {
			t.Errorf("%q gives %+v", s, fault)
		}
		for _, c := range fault.String() {
			if c < ' ' || c > '~' {
				t.Errorf("%q gives %q", s, fault.String())
			}
		}
	})
}

func BenchmarkParseIOMMU(b *testing.B) {
	b.ReportAllocs()
	const line = "mt7925e 0000:0a:00.0: AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x0011 address=0xfee01000 flags=0x0020]"
	for b.Loop() {
		if _, ok := ParseIOMMU(line); !ok {
			b.Fatal()
		}
	}
}
