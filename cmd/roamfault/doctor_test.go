package main

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"roamfault/nl80211"
	"roamfault/reports/schema"
	"roamfault/roam/doctor"
)

// doctorMachine is one with the log of its kernel and nothing else.
func doctorMachine(kmsg string) doctor.System {
	return doctor.System{
		Files: fstest.MapFS{
			"proc/sys/kernel/osrelease": {Data: []byte("6.18.2\n")}, "lib/modules/6.18.2/modules.dep": {}, kmsg: {},
			"proc/self/status": {Data: []byte("CapEff:\t000001ffffffffff\n")}, "proc/1/comm": {Data: []byte("init\n")},
		},
		WirelessErr: nl80211.ErrNoFamily, Guest: func() error { return nil },
	}
}

func TestDoctorDocuments(t *testing.T) {
	v := newValidator(t)
	var out bytes.Buffer
	err := runDoctor(t.Context(), env{stdout: &out}, doctorMachine("dev/kmsg"), "json")
	var code exitError
	if !errors.As(err, &code) || code.code != exitFound || code.err != nil {
		t.Fatalf("error %v, want exit code %d", err, exitFound)
	}
	got := v.check(t, schema.DoctorID, out.Bytes())
	counted := map[string]int{}
	for _, r := range got["results"].([]any) {
		counted[r.(map[string]any)["state"].(string)]++
	}
	for key, state := range map[string]string{"missing": "missing", "warnings": "warning", "unknown": "unknown"} {
		if n, ok := got[key].(interface{ Int64() (int64, error) }); !ok {
			t.Errorf("%s is %v", key, got[key])
		} else if n, err := n.Int64(); err != nil || int(n) != counted[state] || n == 0 {
			t.Errorf("%s is %d, and there are %d: %v", key, n, counted[state], err)
		}
	}
}

func TestDoctorText(t *testing.T) {
	var out bytes.Buffer
	report := newDoctorReport([]doctor.Result{
		{Check: "card", Subject: "0000:c0:00.0", State: doctor.OK, Detail: "MT7925"},
		{Check: "multi-link", Subject: "phy0", State: doctor.Warning, Detail: "one link", Advice: "the lab"},
		{Check: "journal", State: doctor.Missing, Detail: "none", Advice: "start it"},
		{Check: "pstore", State: doctor.Unknown, Detail: "closed", Advice: "as root"},
	})
	if err := printDoctor(&out, report); err != nil {
		t.Fatal(err)
	}
	want := `OK       card        0000:c0:00.0: MT7925
warning  multi-link  phy0: one link
                     -> the lab
missing  journal     none
                     -> start it
unknown  pstore      closed
                     -> as root

1 missing, 1 warning, 1 unknown
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// stuck is a system whose drivers answer only when it lets go.
type stuck struct {
	asked   func()
	release chan struct{}
}

func (s stuck) Wiphys(context.Context) ([]nl80211.Wiphy, error) {
	s.asked()
	<-s.release
	return nil, nil
}
func (stuck) Interfaces(context.Context) ([]nl80211.Interface, error) { return nil, nil }
func (stuck) ScanResults(context.Context, int) ([]nl80211.BSS, error) { return nil, nil }

func TestDoctorDoesNotWaitForADriverThatHangs(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := stuck{cancel, make(chan struct{})}
	defer close(s.release)
	system := doctorMachine("sys/class/ieee80211/phy0/name")
	system.Wireless = s
	var out bytes.Buffer
	err := runDoctor(ctx, env{stdout: &out}, system, "text")
	var code exitError
	if !errors.As(err, &code) || code.code != exitTrouble || !strings.Contains(err.Error(), "look at this machine") || out.Len() > 0 {
		t.Errorf("error %v, output %q", err, out.String())
	}
}

// With all that is needed there is no error, whatever is unknown.
func TestDoctorWithNothingMissing(t *testing.T) {
	system := doctorMachine("dev/kmsg")
	files := system.Files.(fstest.MapFS)
	for name, text := range map[string]string{
		"sys/class/ieee80211/phy0/device/uevent":                    "PCI_ID=14C3:7925\n",
		"lib/firmware/mediatek/mt7925/WIFI_RAM_CODE_MT7925_1_1.bin": "",
		"sys/bus/pci/drivers/mt7925e/bind":                          "",
		"proc/7/comm":                                               "wpa_supplicant\n",
		"sys/kernel/debug/ieee80211/phy0/queues":                    "",
		"sys/fs/pstore/dmesg-1":                                     "",
		"var/log/journal/0a0a/system.journal":                       "",
	} {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	files["sys/class/ieee80211/phy0/device/driver"] = &fstest.MapFile{Data: []byte("../../../../bus/pci/drivers/mt7925e"), Mode: fs.ModeSymlink}
	var out bytes.Buffer
	if err := runDoctor(t.Context(), env{stdout: &out}, system, "text"); err != nil {
		t.Errorf("error %v:\n%s", err, out.String())
	}
	if text := out.String(); !strings.Contains(text, "\n0 missing, ") || !strings.Contains(text, "unknown  multi-link") {
		t.Errorf("written:\n%s", text)
	}
}

// Words that are wrong are exit code 2.
func TestDoctorUsage(t *testing.T) {
	for _, tt := range []struct {
		args []string
		code int
		text string
	}{
		{[]string{"doctor", "--format", "yaml"}, exitUsage, `--format "yaml": text or json`},
		{[]string{"doctor", "card"}, exitUsage, "unknown command"},
	} {
		if code, _, stderr := roamfault(tt.args...); code != tt.code || !strings.Contains(stderr, tt.text) {
			t.Errorf("%v: exit code %d, %s", tt.args, code, stderr)
		}
	}
}
