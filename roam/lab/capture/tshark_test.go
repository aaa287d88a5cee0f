package capture

import (
	"bytes"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// management is a management frame from one address to another.
func management(t testing.TB, control byte, to, from, body string) []byte {
	t.Helper()
	b, err := hex.DecodeString(hex.EncodeToString([]byte{control}) + "000000" + to + from + from + "1000" + body)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Wireshark reads the same that was written and finds nothing wrong.
func TestTshark(t *testing.T) {
	tshark, err := exec.LookPath("tshark")
	if err != nil {
		t.Skip("without tshark")
	}
	const everyone, ap, station = "ffffffffffff", "020000000100", "020000000200"
	path := filepath.Join(t.TempDir(), "lab.pcapng")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := begin(t, file, Options{Application: "roamfault", Comment: "a lab"},
		Interface{Name: "ap0 link 0", Description: "channel 36"}, Interface{Name: "ap0 link 1", Description: "channel 1"}, Interface{Name: "ap0 link 2"})
	packets := []Packet{
		{ // beacon with an SSID and rates
			Interface: 0, Time: epoch(), Direction: Outbound, Radio: Radio{Freq: 5180, Rate: 6000, Tx: TxNoAck},
			Comment: "02:00:00:00:01:00 is link 0 of 02:00:00:00:00:01",
			Data:    management(t, 0x80, everyone, ap, "0100000000000000"+"6400"+"0100"+"00036c6162"+"0108"+"8c129824b048606c"),
		},
		{ // authentication, unanswered
			Interface: 0, Time: epoch().Add(1500 * time.Microsecond), Direction: Inbound, Radio: Radio{Freq: 5180, Signal: -61, Rate: 6000},
			Data: management(t, 0xb0, ap, station, "0000"+"0100"+"0000"),
		},
		{ // deauthentication with a reason
			Interface: 1, Time: epoch().Add(2 * time.Second), Direction: Outbound, Radio: Radio{Freq: 2412, Rate: 1000, Tx: TxFailed},
			Comment: "grüße\x00", Data: management(t, 0xc0, station, ap, "0300"),
		},
		{
			Interface: 2, Time: epoch().Add(3 * time.Second), Radio: Radio{Freq: 5955, Signal: -100},
			Data: management(t, 0xa0, ap, station, "0800"),
		},
	}
	for i := range packets {
		if err := w.WritePacket(&packets[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}

	fields := []string{
		"frame.time_epoch", "frame.interface_name", "frame.interface_description", "frame.comment",
		"radiotap.channel.freq", "radiotap.datarate", "radiotap.dbm_antsignal", "radiotap.txflags", "radiotap.present.tsft",
		"wlan.fc.type_subtype", "wlan.ra", "wlan.ta", "frame.len",
	}
	args := []string{"-r", path, "-T", "fields", "-E", "separator=|"}
	for _, f := range fields {
		args = append(args, "-e", f)
	}
	want := []string{
		"1772600767.000000089|ap0 link 0|channel 36|02:00:00:00:01:00 is link 0 of 02:00:00:00:00:01|5180|6||0x0008|0|0x0008|ff:ff:ff:ff:ff:ff|02:00:00:00:01:00|67",
		"1772600767.001500089|ap0 link 0|channel 36||5180|6|-61||0|0x000b|02:00:00:00:01:00|02:00:00:00:02:00|45",
		"1772600769.000000089|ap0 link 1|channel 1|grüße |2412|1||0x0001|0|0x000c|02:00:00:00:02:00|02:00:00:00:01:00|42",
		"1772600770.000000089|ap0 link 2|||5955||-100||0|0x000a|02:00:00:00:01:00|02:00:00:00:02:00|41",
	}
	got := strings.Split(strings.TrimRight(run(t, tshark, args...), "\n"), "\n")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("frames (-want +got):\n%s", diff)
	}
	// Versions of Wireshark print these differently and find them alike.
	for filter, count := range map[string]int{
		"frame.packet_flags_direction == 2": 2,
		"frame.packet_flags_direction == 1": 1,
		"wlan.fixed.reason_code == 3":       1,
		"wlan.fixed.reason_code == 8":       1,
		"radiotap":                          4,
	} {
		if n := strings.Count(run(t, tshark, "-r", path, "-Y", filter), "\n"); n != count {
			t.Errorf("%d frames for which %s, want %d", n, filter, count)
		}
	}
	if bad := run(t, tshark, "-r", path, "-Y", "_ws.malformed || _ws.expert.severity >= \"Warning\""); bad != "" {
		t.Errorf("wrong frames:\n%s", bad)
	}
}

func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "HOME="+t.TempDir())
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %q: %v: %s", name, args, err, said.String())
	}
	return string(out)
}
