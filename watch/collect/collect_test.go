package collect

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roamfault/reports/incident"
	"roamfault/reports/spool"
)

var update = flag.Bool("update", false, "write the goldens anew")

// machine lays out a machine with two cards and coredumps of both.
func machine(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for name, body := range map[string]string{
		"proc/sys/kernel/osrelease": "6.18.2-test\n",
		"proc/sys/kernel/version":   "#1 SMP PREEMPT_DYNAMIC\n",
		"proc/sys/kernel/tainted":   "4609\n", // P, W, O

		"sys/devices/pci/0000:05:00.0/vendor":                       "0x14c3\n",
		"sys/devices/pci/0000:05:00.0/device":                       "0x7925\n",
		"sys/devices/pci/0000:05:00.0/power/runtime_status":         "active\n",
		"sys/devices/pci/0000:05:00.0/power_state":                  "D0\n",
		"sys/devices/pci/0000:05:00.0/current_link_speed":           "5.0 GT/s PCIe\n",
		"sys/devices/pci/0000:05:00.0/current_link_width":           "1\n",
		"sys/devices/pci/0000:06:00.0/vendor":                       "0x14c3\n",
		"sys/drivers/mt7925e/bind":                                  "",
		"sys/drivers/mt7921e/bind":                                  "",
		"sys/ieee80211/phy0/name":                                   "phy0\n",
		"sys/ieee80211/phy1/name":                                   "phy1\n",
		"sys/class/net/wlan0/address":                               "02:00:00:00:01:00\n",
		"sys/class/net/wlan0/operstate":                             "dormant\n",
		"sys/class/net/wlan0/carrier_changes":                       "7\n",
		"sys/class/net/wlan0/statistics/tx_dropped":                 "12\n",
		"sys/class/net/wlan1/operstate":                             "up\n",
		"sys/class/net/eth0/operstate":                              "up\n",
		"sys/kernel/debug/ieee80211/phy0/netdev:wlan0/valid_links":  "0x3\n",
		"sys/kernel/debug/ieee80211/phy0/netdev:wlan0/active_links": "0x1\n",
		"sys/kernel/debug/ieee80211/phy0/mt76/fw_debug":             "must not be read\n",

		"sys/module/mt7925e/srcversion":              "AAAA\n",
		"sys/module/mt7925e/taint":                   "O\n",
		"sys/module/mt7925e/parameters/disable_aspm": "Y\n",
		"sys/module/mt7925_common/holders/mt7925e/x": "",
		"sys/module/mt7925_common/srcversion":        "BBBB\n",
		"sys/module/mt76/holders/mt7925_common/x":    "",
		"sys/module/mt76/version":                    "1.0\u202e\x1b\n",
		"sys/module/cfg80211/holders/mt76/x":         "",
		"sys/module/cfg80211/srcversion":             "CCCC\n",
		"sys/module/i2c_core/holders/mt7925e/x":      "",
		"sys/module/mt7921e/srcversion":              "DDDD\n",
		"sys/class/devcoredump/devcd3/data":          "dump of the mt7925",
		"sys/class/devcoredump/devcd4/data":          "dump of the mt7921",
		"sys/class/devcoredump/disabled":             "0\n",
	} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(body), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for link, to := range map[string]string{
		"sys/devices/pci/0000:05:00.0/driver":         "../../../drivers/mt7925e",
		"sys/devices/pci/0000:06:00.0/driver":         "../../../drivers/mt7921e",
		"sys/class/net/wlan0/device":                  "../../../devices/pci/0000:05:00.0",
		"sys/class/net/wlan1/device":                  "../../../devices/pci/0000:06:00.0",
		"sys/class/net/wlan0/phy80211":                "../../../ieee80211/phy0",
		"sys/class/net/wlan1/phy80211":                "../../../ieee80211/phy1",
		"sys/class/devcoredump/devcd3/failing_device": "../../../devices/pci/0000:05:00.0",
		"sys/class/devcoredump/devcd4/failing_device": "../../../devices/pci/0000:06:00.0",
	} {
		if err := os.Symlink(to, filepath.Join(root, link)); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func collector(root string) *Collector {
	return &Collector{
		System: System{
			Files: Files{Root: root},
			Driver: func(string) (DriverInfo, error) {
				return DriverInfo{Firmware: "____000000-20250721232943", Version: "6.18.2-test"}, nil
			},
			Links: func(context.Context) ([]Link, error) {
				return []Link{{Interface: "wlan0", Type: "station", SSID: "net"}, {Interface: "wlan1"}}, errors.New("half of it")
			},
		},
		Limit: 10 * time.Second, MostDump: 7,
		Now: func() time.Time { return time.Date(2026, 1, 11, 8, 0, 0, 0, time.UTC) },
	}
}

// kept takes what is attached.
type kept map[string]string

func (k kept) attach(name string, r Reader, most int64) (spool.Attachment, error) {
	b, err := io.ReadAll(io.LimitReader(r, most))
	k[name] = string(b)
	return spool.Attachment{Name: name, Bytes: int64(len(b)), Truncated: true}, err
}

func TestCollect(t *testing.T) {
	files := kept{}
	b, err := collector(machine(t)).Collect(&incident.Incident{Device: "mt7925e 0000:05:00.0 wlan0", Chip: "mt7925"}, files.attach)
	if err != nil {
		t.Fatal(err)
	}
	var tidy strings.Builder
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	enc := json.NewEncoder(&tidy)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "collected.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(tidy.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), tidy.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(kept{"devcoredump-3": "dump of"}, files); diff != "" {
		t.Errorf("attached (-want +got):\n%s", diff)
	}
}

func decoded(t *testing.T, b json.RawMessage, err error) (c Collected) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestWhoseDump(t *testing.T) {
	root := machine(t)
	for device, want := range map[string]int{
		"mt7925e 0000:05:00.0 wlan0": 1, "mt7925e": 1, "wlan1": 1, "0000:06:00.0": 1, "phy0": 1, "iwlwifi 0000:07:00.0": 2, "": 2,
	} {
		files := kept{}
		if collected(t, collector(root), device, files); len(files) != want {
			t.Errorf("device %q: %d coredumps %v, want %d", device, len(files), files, want)
		}
	}
}

func collected(t *testing.T, c *Collector, device string, files kept) Collected {
	t.Helper()
	b, err := c.Collect(&incident.Incident{Device: device}, files.attach)
	return decoded(t, b, err)
}

// A machine that shows nothing, as in a container: what is missing is empty.
func TestEmptyMachine(t *testing.T) {
	c := &Collector{System: System{Files: Files{Root: t.TempDir()}}, Limit: time.Second, Now: time.Now}
	got := collected(t, c, "mt7925e", kept{})
	if len(got.Interfaces)+len(got.Dumps)+len(got.Modules)+len(got.Links)+len(got.Trouble) != 0 || got.Interfaces == nil || got.Dumps == nil {
		t.Errorf("%+v", got)
	}
}

// The disk is full, the driver fails: that is told, and the rest still counts.
func TestTrouble(t *testing.T) {
	c := collector(machine(t))
	c.System.Driver = func(string) (DriverInfo, error) { return DriverInfo{}, errors.New("no such device") }
	b, err := c.Collect(&incident.Incident{Device: "wlan0"}, func(string, Reader, int64) (spool.Attachment, error) {
		return spool.Attachment{}, syscall.ENOSPC
	})
	got := decoded(t, b, err)
	want := []string{"device coredump devcd3: no space left on device", "driver information of wlan0: no such device", "nl80211: half of it"}
	if diff := cmp.Diff(want, got.Trouble); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(got.Interfaces) != 1 || len(got.Links) != 1 || got.Kernel.Release != "6.18.2-test" {
		t.Errorf("%+v", got)
	}
}

// A kernel that does not answer holds up nobody, neither the first time nor
// the next.
func TestHangingKernel(t *testing.T) {
	c := collector(machine(t))
	c.Limit = 50 * time.Millisecond
	answer := make(chan struct{})
	c.System.Driver = func(string) (DriverInfo, error) { <-answer; return DriverInfo{Firmware: "late"}, nil }
	first := collected(t, c, "wlan0", kept{})
	if diff := cmp.Diff([]string{"the rest: the system did not answer within 50ms"}, first.Trouble); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(first.Interfaces) != 1 || first.Interfaces[0].Firmware != "" || len(first.Dumps) != 1 {
		t.Errorf("what was gathered before is lost: %+v", first)
	}
	second := collected(t, c, "wlan0", kept{})
	if diff := cmp.Diff([]string{"all: the system has not answered the gathering before this"}, second.Trouble); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	close(answer)
	c.Limit = 10 * time.Second
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
		if got := collected(t, c, "wlan0", kept{}); len(got.Interfaces) == 1 {
			break
		}
		if time.Now().After(end) {
			t.Fatal("never gathered again")
		}
	}
}

func TestThisMachine(t *testing.T) {
	c, err := New()
	if runtime.GOOS != "linux" {
		if err == nil || !strings.Contains(err.Error(), "only linux") {
			t.Errorf("on %s: %v", runtime.GOOS, err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if got := collected(t, c, "", kept{}); got.Kernel.Release == "" {
		t.Errorf("%+v", got)
	}
}
