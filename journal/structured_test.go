package journal

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const exportHead = "__CURSOR=s=aa;i=1f\n__REALTIME_TIMESTAMP=1767228681123456\n__MONOTONIC_TIMESTAMP=1264826132\n_BOOT_ID=0123456789abcdef0123456789abcdef\n"

const exportWant = "2026-01-01T00:51:21.123456Z +1264.826132s"

// binaryField writes a field in the binary form of the export format.
func binaryField(name string, size uint64, value string) string {
	var b bytes.Buffer
	b.WriteString(name)
	b.WriteByte('\n')
	_ = binary.Write(&b, binary.LittleEndian, size)
	b.WriteString(value)
	b.WriteByte('\n')
	return b.String()
}

func TestExport(t *testing.T) {
	const rest = " boot=0123456789abcdef0123456789abcdef cursor=s=aa;i=1f | "
	multi := "line one\nline two"
	tests := []struct {
		name    string
		in      string
		want    []string
		skipped []string
	}{
		{
			"kernel", exportHead + "_TRANSPORT=kernel\nPRIORITY=4\nSYSLOG_IDENTIFIER=kernel\n_HOSTNAME=box\n_KERNEL_DEVICE=+pci:0000:01:00.0\n" +
				"_SOURCE_MONOTONIC_TIMESTAMP=1264000001\nMESSAGE=mt7925e 0000:01:00.0: chip reset\n\n",
			[]string{"1+11 2026-01-01T00:51:21.123456Z +1264.000001s @box kernel p4 kernel +pci:0000:01:00.0" + rest + "mt7925e 0000:01:00.0: chip reset"}, nil,
		},
		{
			"two, binary field", exportHead + "SYSLOG_IDENTIFIER=iwd\n_PID=7\n" + binaryField("MESSAGE", uint64(len(multi)), multi) + "\n" +
				exportHead + "_COMM=hostapd\nMESSAGE=wlan0: msg\n",
			[]string{
				"1+9 " + exportWant + " iwd[7]" + rest + multi,
				"11+6 " + exportWant + " hostapd" + rest + "wlan0: msg",
			}, nil,
		},
		{
			"binary field in an earlier one's place", exportHead + binaryField("COREDUMP", 5, "a\n\x00bc") + "MESSAGE=wlan0: msg\n\n",
			[]string{"1+8 " + exportWant + rest + "wlan0: msg"}, nil,
		},
		{
			"a promise of 2^63 bytes", exportHead + "SYSLOG_IDENTIFIER=iwd\n" + binaryField("MESSAGE", 1<<63, "lost") + "PRIORITY=3\n\n" + exportHead + "MESSAGE=found\n\n",
			[]string{"10+5 " + exportWant + rest + "found"},
			[]string{skipExport, skipNoMessage, skipExportRest},
		},
		{
			"a promise beyond the record", exportHead + "MESSAGE=kept\n" + binaryField("X", 5<<20, "short") + "\n" + exportHead + "MESSAGE=found\n\n",
			[]string{"1+7 " + exportWant + rest + "kept", "9+5 " + exportWant + rest + "found"},
			[]string{skipExport},
		},
		{
			"no message", exportHead + "PRIORITY=3\n\n" + exportHead + "MESSAGE=found\n\n",
			[]string{"7+5 " + exportWant + rest + "found"},
			[]string{skipNoMessage},
		},
		{
			"empty line lost", exportHead + "MESSAGE=one\n" + exportHead + "MESSAGE=two\n",
			[]string{"1+5 " + exportWant + rest + "one", "6+5 " + exportWant + rest + "two"}, nil,
		},
		{
			"text around", "Jan 11 18:14:14 box kernel: before\n" + exportHead + "MESSAGE=within\n\nwlan0: after\n",
			[]string{"1+1 --01-11T18:14:14 @box kernel | before", "2+5 " + exportWant + rest + "within", "8+1 | wlan0: after"}, nil,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, st := readAll(t, tt.in)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("records (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.skipped, reasons(st)); diff != "" {
				t.Errorf("skips (-want +got):\n%s", diff)
			}
		})
	}
}

func reasons(st Stats) []string {
	var out []string
	for _, s := range st.Skipped {
		out = append(out, s.Reason)
	}
	return out
}

func TestJSON(t *testing.T) {
	const object = `{"__CURSOR":"s=aa;i=1f","__REALTIME_TIMESTAMP":"1767228681123456","__MONOTONIC_TIMESTAMP":"1264826132",` +
		`"_BOOT_ID":"0123456789abcdef0123456789abcdef","_TRANSPORT":"kernel","PRIORITY":"4","_HOSTNAME":"box","MESSAGE":"wlan0: \"msg\" \u00e9\ud83d\ude00\n"}`
	const want = exportWant + " @box kernel p4 kernel boot=0123456789abcdef0123456789abcdef cursor=s=aa;i=1f | wlan0: \"msg\" é😀"
	pretty := strings.NewReplacer(`{"__CURSOR`, "{\n\t\"__CURSOR", `,"`, ",\n\t\"", `":"`, `" : "`, `"}`, "\"\n}").Replace(object)
	tests := []struct {
		name    string
		in      string
		want    []string
		skipped []string
	}{
		{"lines", object + "\n" + object + "\n", []string{"1+1 " + want, "2+1 " + want}, nil},
		{"sequence", "\x1e" + object + "\n\x1e" + object + "\n", []string{"1+1 " + want, "2+1 " + want}, nil},
		{"server-sent events", "data: " + object + "\n\ndata: " + object + "\n\n", []string{"1+1 " + want, "3+1 " + want}, nil},
		{"pretty", pretty + "\n" + pretty + "\n", []string{"1+10 " + want, "11+10 " + want}, nil},
		{"array", "[\n" + object + ",\n" + object + "\n]\n", []string{"2+1 " + want, "3+1 " + want}, nil},
		{
			"bytes, null, repeated", `{"__REALTIME_TIMESTAMP":"1767228681123456","MESSAGE":[119,108,97,110,48,58,32,255,27,91,109,33],"BIG":null,"PRIORITY":["3","4"],"N":{"a":[1,true]},"SYSLOG_IDENTIFIER":"iwd","_PID":"7","_TRANSPORT":"syslog"}` + "\n",
			[]string{"1+1 2026-01-01T00:51:21.123456Z iwd[7] p3 syslog | wlan0: \ufffd!"}, nil,
		},
		{"message null", `{"__CURSOR":"x","MESSAGE":null}` + "\n", nil, []string{skipNoMessage}},
		{"year 9999", `{"MESSAGE":"x","__REALTIME_TIMESTAMP":"253402300799000000"}` + "\n", []string{"1+1 9999-12-31T23:59:59.000000Z | x"}, nil},
		{"time out of range", `{"MESSAGE":"x","__REALTIME_TIMESTAMP":"999999999999999999","__MONOTONIC_TIMESTAMP":"999999999999999999"}` + "\n", []string{"1+1 | x"}, nil},
		{"not a record", `{"log":"wlan0: msg"}` + "\n", []string{`1+1 | {"log":"wlan0: msg"}`}, nil},
		{"cut off", object + "\n" + object[:120], []string{"1+1 " + want, "2+1 | " + object[:120]}, []string{skipJSON}},
		{"damaged", `{"MESSAGE":"a` + "\n" + object + "\n", []string{`1+1 | {"MESSAGE":"a`, "2+1 " + want}, []string{skipJSON}},
		{"text around", "wlan0: before\n" + object + "\nwlan0: after\n", []string{"1+1 | wlan0: before", "2+1 " + want, "3+1 | wlan0: after"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, st := readAll(t, tt.in)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("records (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.skipped, reasons(st)); diff != "" {
				t.Errorf("skips (-want +got):\n%s", diff)
			}
		})
	}
}

// TestBoots counts boots by what marks them for sure.
func TestBoots(t *testing.T) {
	tests := []struct {
		name string
		in   string
		want []string // the boot of each record
	}{
		{"none", "[  100.000001] a\n[    5.000001] b\n", []string{"", "1"}},
		{"excerpts in odd order", "[    5.1] a\n[ 1447.7] b\n[  435.3] c\n[   20.1] d\n", []string{"", "", "", ""}},
		{"from a late clock to an early one", "[ 1447.7] a\n[    0.4] b\n", []string{"", "1"}},
		{"banner", "[    0.000000] Linux version 6.12.0 (x@y) #1 SMP\n[    9.0] a\n[    0.000000] Linux version 6.12.0 (x@y) #1 SMP\n[    1.0] b\n", []string{"1", "1", "2", "2"}},
		{"banner behind a drop", "[  900.0] a\n[    0.000000] Booting Linux on physical CPU 0x0\n[    0.000000] Linux version 6.12.0 (x@y) #1 SMP\n[    1.0] b\n", []string{"", "1", "1", "1"}},
		{"banner without clock", "Jan 11 18:14:14 box kernel: Linux version 6.12.0 (x@y) #1 SMP\nJan 11 18:14:15 box kernel: a\nJan 11 19:14:14 box kernel: Linux version 6.12.0 (x@y) #1 SMP\n", []string{"1", "1", "2"}},
		{"journalctl boundaries", "Jan 11 18:14:14 box kernel: a\n-- Boot 0123456789abcdef0123456789abcdef --\nJan 11 18:15:14 box kernel: b\n-- Reboot --\nJan 11 18:16:14 box kernel: c\n", []string{"", "0123456789abcdef0123456789abcdef", "2"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			collect(t, tt.in, func(r *Record) { got = append(got, r.Boot) })
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("boots (-want +got):\n%s", diff)
			}
		})
	}
}
