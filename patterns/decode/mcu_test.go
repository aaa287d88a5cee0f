package decode

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMCUCommand(t *testing.T) {
	type fields struct {
		String, Phase string
		Old           bool
		Unknown       uint32
	}
	tests := []struct {
		in   string
		want fields
	}{
		{"00020001", fields{String: "DEV_INFO_UPDATE (uni, set)"}},
		{"00020002", fields{String: "BSS_INFO_UPDATE (uni, set)"}},
		{"0x00020003", fields{String: "STA_REC_UPDATE (uni, set)"}},
		{"0x20003", fields{String: "STA_REC_UPDATE (uni, set)"}},
		{"00020005", fields{String: "SUSPEND (uni, set)", Phase: "suspend"}},
		{"00020007", fields{String: "HIF_CTRL (uni, set)", Phase: "suspend"}},
		{"00020016", fields{String: "SCAN_REQ (uni, set)", Phase: "scan"}},
		{"00020027", fields{String: "ROC (uni, set)"}},
		{"00130035", fields{String: "THERMAL (uni, query)"}},
		{"0013002d", fields{String: "EFUSE_CTRL (uni, query)"}},
		{"0013002D", fields{String: "EFUSE_CTRL (uni, query)"}},
		{"0012000d", fields{String: "REG_ACCESS (uni, set)"}},
		{"000a0088", fields{String: "SDO (uni, set, to WA)"}},
		{"001a0003", fields{String: "STA_REC_UPDATE (uni, set, to WM and WA)"}},
		{"00000010", fields{String: "PATCH_SEM_CONTROL (plain, set)", Phase: "boot"}},
		{"00000001", fields{String: "TARGET_ADDRESS_LEN_REQ (plain, set)", Phase: "boot"}},
		{"000000ee", fields{String: "FW_SCATTER (plain, set)", Phase: "boot"}},
		{"00040003", fields{String: "START_HW_SCAN (ce, set)", Phase: "scan"}},
		{"00040061", fields{String: "SCHED_SCAN_ENABLE (ce, set)", Phase: "scan"}},
		{"000400c0", fields{String: "REG_WRITE (ce, set)"}},
		{"000500c0", fields{String: "REG_READ (ce, query)"}},
		{"00005aed", fields{String: "GET_MIB_INFO (ext, set)"}},
		{"00015aed", fields{String: "GET_MIB_INFO (ext, query)"}},
		{"000032ed", fields{String: "WTBL_UPDATE (ext, set)"}},
		{"000832ed", fields{String: "WTBL_UPDATE (ext, set, to WA)"}},
		{"000801c4", fields{String: "WA_PARAM 0x01 (plain, set, to WA)"}},
		{"000800c4", fields{String: "WA_PARAM 0x00 (plain, set, to WA)"}},

		{"000000ed", fields{String: "EXT_CID (plain, set)"}},
		{"00020041", fields{String: "RSSI_MONITOR (uni, set)"}},
		{"000200f0", fields{String: "command 0xf0 (uni, set)"}},
		{"000212f0", fields{String: "command 0xf0 (uni, set, unknown bits 0x00001200)", Unknown: 0x1200}},
		{"00220002", fields{String: "BSS_INFO_UPDATE (uni, set, unknown bits 0x00200000)", Unknown: 0x200000}},
		{"00060002", fields{String: "BSS_INFO_UPDATE (uni, set, unknown bits 0x00040000)", Unknown: 0x40000}},

		// Kernels 5.13 to 5.16: prefixes in the high bits, bare extended ids.
		{"40000002", fields{String: "BSS_INFO_UPDATE (uni, set, old numbering)", Old: true}},
		{"20000003", fields{String: "START_HW_SCAN (ce, set, old numbering)", Old: true, Phase: "scan"}},
		{"200100c0", fields{String: "REG_READ (ce, query, old numbering)", Old: true}},
		{"80000010", fields{String: "PATCH_SEM_CONTROL (plain, set, old numbering)", Old: true, Phase: "boot"}},
		{"00000046", fields{String: "MAC_INIT_CTRL (ext, set, old numbering)", Old: true}},
		{"10000001", fields{String: "EFUSE_ACCESS (ext, query, old numbering)", Old: true}},
		{"000226ed", fields{String: "BSS_INFO_UPDATE (ext, set, to WA, old numbering)", Old: true}},
		{"000201c4", fields{String: "WA_PARAM 0x01 (plain, set, to WA, old numbering)", Old: true}},

		// Kernels before 5.13: decimal.
		{"70", fields{String: "MAC_INIT_CTRL (ext, set, old numbering)", Old: true}},
		{"18157", fields{String: "MAC_INIT_CTRL (ext, set)"}},
		{"1073741826", fields{String: "BSS_INFO_UPDATE (uni, set, old numbering)", Old: true}},
		{"-2147483632", fields{String: "PATCH_SEM_CONTROL (plain, set, old numbering)", Old: true, Phase: "boot"}},
		{"-16", fields{String: "PATCH_SEM_CONTROL (plain, set, old numbering)", Old: true, Phase: "boot"}},
		{"0", fields{String: "command 0x00 (plain, set)"}},
	}
	for _, tc := range tests {
		c, ok := ParseMCUCommand(tc.in)
		if !ok {
			t.Errorf("ParseMCUCommand(%q) refuses", tc.in)
			continue
		}
		got := fields{c.String(), c.Phase(), c.Old(), c.UnknownBits()}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", tc.in, diff)
		}
	}
}

func TestMCUCommandParts(t *testing.T) {
	c := MCUCommand(0x000b02c4)
	if c.Namespace() != Plain || c.ID() != 0xc4 || c.Sub() != 2 || !c.Query() || c.Destination() != ToWA || !c.Old() {
		t.Errorf("%s: namespace %v, id %#x, sub %d, query %v, to %v, old %v", c.Word(), c.Namespace(), c.ID(), c.Sub(), c.Query(), c.Destination(), c.Old())
	}
	c = MCUCommand(0x00032027)
	if c.Namespace() != Uni || c.ID() != 0x27 || !c.Query() || c.Destination() != ToWM || c.UnknownBits() != 0x2000 || c.Word() != "00032027" {
		t.Errorf("%s: namespace %v, id %#x, query %v, unknown %#x", c.Word(), c.Namespace(), c.ID(), c.Query(), c.UnknownBits())
	}
	if Namespace(9).String() != "namespace(9)" || Destination(9).String() != "destination(9)" {
		t.Error("a value out of range must print itself")
	}
}

func TestParseMCUCommandRefuses(t *testing.T) {
	for _, in := range []string{"", "-", "+1", "0x", "0x123456789", "0002000g", "99999999999", "4294967296", "-2147483649", "abc", "1e3", "2_0", "0002000 ", strings.Repeat("0", 99)} {
		if c, ok := ParseMCUCommand(in); ok {
			t.Errorf("ParseMCUCommand(%q) = %v, want refusal", in, c)
		}
	}
}

// TestMCUTablesComplete holds every command of the tables to have a name,
// words and a word of its own.
func TestMCUTablesComplete(t *testing.T) {
	count := map[Namespace]int{}
	for space, table := range mcuTables {
		seen := map[string]int{}
		for id, c := range table {
			if c.name == "" {
				if c.doing != "" || c.phase != "" {
					t.Errorf("%v 0x%02x has words but no name", Namespace(space), id)
				}
				continue
			}
			count[Namespace(space)]++
			if at, dup := seen[c.name]; dup {
				t.Errorf("%v 0x%02x and 0x%02x share the name %s", Namespace(space), at, id, c.name)
			}
			seen[c.name] = id
			if c.doing == "" || strings.HasSuffix(c.doing, ".") {
				t.Errorf("%v %s: words %q", Namespace(space), c.name, c.doing)
			}
			switch c.phase {
			case "", phaseScan, phaseSuspend, phaseBoot:
			default:
				t.Errorf("%v %s: phase %q", Namespace(space), c.name, c.phase)
			}
		}
	}
	want := map[Namespace]int{Plain: 11, Ext: 54, CE: 23, Uni: 47}
	if diff := cmp.Diff(want, count); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
	words := map[MCUCommand]bool{}
	for _, c := range MCUCommands() {
		if words[c] {
			t.Errorf("word %s stands twice", c.Word())
		}
		words[c] = true
		if !c.Known() || c.Doing() == "" || c.UnknownBits() != 0 || c.Old() {
			t.Errorf("word %s: %v", c.Word(), c)
		}
		if c.Name() != c.parts().info().name {
			t.Errorf("word %s does not lead to its entry", c.Word())
		}
	}
}

func FuzzParseMCUCommand(f *testing.F) {
	for _, s := range []string{"00020002", "0x2", "70", "-16", "1073741826", "000226ed", "ffffffff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, ok := ParseMCUCommand(s)
		if !ok {
			return
		}
		again, ok := ParseMCUCommand(c.Word())
		if !ok || again != c {
			t.Errorf("%q gives %s, which reads as %v, %v", s, c.Word(), again, ok)
		}
		if c.String() == "" || c.Known() != (c.Doing() != "") {
			t.Errorf("%q: %q %q", s, c, c.Doing())
		}
		if c.UnknownBits()&^uint32(c) != 0 {
			t.Errorf("%q has unknown bits 0x%x that it does not have", s, c.UnknownBits())
		}
	})
}

func BenchmarkParseMCUCommand(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		c, ok := ParseMCUCommand("00020002")
		if !ok || c.Name() == "" || c.Phase() != "" {
			b.Fatal(c)
		}
	}
}

func BenchmarkMCUCommandString(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if MCUCommand(0x001a0003).String() == "" {
			b.Fatal()
		}
	}
}

func ExampleParseMCUCommand() {
	c, _ := ParseMCUCommand("00020016")
	fmt.Println(c, "->", c.Phase())
	fmt.Println(c.Doing())
	// Output:
	// SCAN_REQ (uni, set) -> scan
	// starts or stops a scan, also a scheduled one
}
