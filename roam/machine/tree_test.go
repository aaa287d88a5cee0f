package machine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"roamfault/nl80211"
)

const pci = "devices/pci0000:00/0000:00:02.3/0000:05:00.0"

// fixture is a machine of files with a PCI card that has the driver mt7925e, and
// a kernel that does what is written.
type fixture struct {
	*Machine
	t    *testing.T
	dir  string
	card Card

	mu      sync.Mutex
	loads   int // of the driver
	wrote   []string
	saving  map[int]bool // power saving by interface
	wakes   nl80211.WakeTriggers
	country string
	asleep  time.Duration
	stamp   nl80211.Stamp
	// disk is that of the undo log; where its steps are over, nothing is done to the
	// machine any more either.
	disk *disk
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	x := &fixture{t: t, dir: t.TempDir(), saving: map[int]bool{}, country: "US", disk: &disk{left: -1}}
	x.Machine = &Machine{Root: x.dir, Radio: x, Links: x, Clock: func() nl80211.Stamp { return x.stamp }, kernel: x.kernelWrites}
	for name, text := range map[string]string{
		"etc/machine-id": "00112233445566778899aabbccddeeff", "etc/os-release": "NAME=Some\nPRETTY_NAME=\"Some Linux 13\"\n",
		"proc/sys/kernel/random/boot_id": "01234567-89ab-cdef-0123-456789abcdef", "proc/sys/kernel/printk_devkmsg": "ratelimit",
		"proc/sys/kernel/osrelease": "6.18.2", "proc/sys/kernel/version": "#1 SMP", "proc/sys/kernel/tainted": "12288", "proc/sys/kernel/arch": "x86_64",
		"proc/cmdline":                            "quiet pcie_aspm=force password=secret mt7925e.disable_aspm=1 root=UUID=1234",
		"sys/class/dmi/id/sys_vendor":             "LENOVO",
		"sys/class/dmi/id/product_name":           "21XX",
		"sys/class/dmi/id/product_serial":         "SECRET",
		"sys/class/dmi/id/bios_version":           "N1",
		"sys/class/dmi/id/bios_date":              "01/02/2026",
		"lib/modules/6.18.2/modules.dep":          "kernel/a/mac80211.ko.xz: kernel/b.ko\nupdates/dkms/mt7925e.ko.zst: kernel/a/mt76.ko\n",
		"sys/module/mt7925e/srcversion":           "ABCDEF",
		"sys/module/mt7925e/parameters/some":      "N",
		policyFile:                                "[default] performance powersave powersupersave",
		memSleepFile:                              "s2idle [deep]",
		stateFile:                                 "freeze mem disk",
		"sys/power/suspend_stats/fail":            "0",
		"sys/class/rtc/rtc0/wakealarm":            "",
		"dev/kmsg":                                "",
		path.Join("sys", pci, "vendor"):           "0x14c3",
		path.Join("sys", pci, "device"):           "0x7925",
		path.Join("sys", pci, "subsystem_vendor"): "0x14c3",
		path.Join("sys", pci, "subsystem_device"): "0x7925",
		path.Join("sys", pci, "power/control"):    "on",
		path.Join("sys", pci, "link/l1_aspm"):     "1",
		path.Join("sys", pci, "link/clkpm"):       "0",
		"sys/bus/pci/drivers/mt7925e/bind":        "",
		"sys/bus/pci/drivers/mt7925e/unbind":      "",
	} {
		x.put(name, text)
	}
	if err := os.MkdirAll(filepath.Join(x.dir, "sys/module/mt7925e"), 0o755); err != nil {
		t.Fatal(err)
	}
	x.link("sys/bus/pci", path.Join("sys", pci, "subsystem"))
	x.link("sys/module/mt7925e", "sys/bus/pci/drivers/mt7925e/module")
	x.bind()
	var err error
	if x.card, err = x.Card("wlan0"); err != nil {
		t.Fatal(err)
	}
	return x
}

// put makes a file.
func (x *fixture) put(name, text string) {
	x.t.Helper()
	file := filepath.Join(x.dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		x.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		x.t.Fatal(err)
	}
}

func (x *fixture) link(to, name string) {
	x.t.Helper()
	file := filepath.Join(x.dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		x.t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(x.dir, to), file); err != nil {
		x.t.Fatal(err)
	}
}

func (x *fixture) text(name string) string {
	x.t.Helper()
	b, err := os.ReadFile(filepath.Join(x.dir, name))
	if err != nil {
		x.t.Fatal(err)
	}
	return strings.TrimSpace(string(b))
}

// bind makes what the driver makes: each time a radio and an interface of other
// numbers, and another name, with everything as it is from the start.
func (x *fixture) bind() {
	phy, iface, index := fmt.Sprintf("phy%d", x.loads), fmt.Sprintf("wlan%d", x.loads), 3+x.loads
	x.loads++
	x.link("sys/bus/pci/drivers/mt7925e", path.Join("sys", pci, "driver"))
	x.put(path.Join("sys", pci, "ieee80211", phy, "name"), phy)
	x.put(path.Join("sys", pci, "ieee80211", phy, "macaddress"), "02:00:00:00:00:07")
	x.link(path.Join("sys", pci, "ieee80211", phy), path.Join("sys/class/ieee80211", phy))
	net := path.Join("sys", pci, "net", iface)
	x.put(path.Join(net, "ifindex"), fmt.Sprint(index))
	x.put(path.Join(net, "flags"), "0x1002")
	x.link(path.Join("sys", pci), path.Join(net, "device"))
	x.link(path.Join("sys", pci, "ieee80211", phy), path.Join(net, "phy80211"))
	x.link(net, path.Join("sys/class/net", iface))
	for file, text := range map[string]string{"runtime-pm": "1", "deep-sleep": "1", "idle-timeout": "12", "chip_reset": ""} {
		x.put(path.Join(debug, "ieee80211", phy, "mt76", file), text)
	}
	netdev := path.Join(debug, "ieee80211", phy, "netdev:"+iface)
	x.put(path.Join(netdev, "valid_links"), "0x3")
	x.put(path.Join(netdev, "active_links"), "0x1")
	x.saving[index] = true
}

func (x *fixture) unbind() {
	for _, name := range []string{path.Join("sys", pci, "driver"), path.Join("sys", pci, "ieee80211"), path.Join("sys", pci, "net"), "sys/class/ieee80211", "sys/class/net", path.Join(debug, "ieee80211")} {
		if err := os.RemoveAll(filepath.Join(x.dir, name)); err != nil {
			x.t.Fatal(err)
		}
	}
}

// kernelWrites is what the kernel makes of a value.
func (x *fixture) kernelWrites(name, value string) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if err := x.disk.step(); err != nil {
		return err
	}
	x.wrote = append(x.wrote, name+"="+value)
	if _, err := os.Lstat(filepath.Join(x.dir, name)); err != nil {
		return err
	}
	switch {
	case strings.HasSuffix(name, "/unbind"):
		x.unbind()
	case strings.HasSuffix(name, "/bind"):
		x.bind()
	case name == policyFile:
		x.put(name, choose(value, "default", "performance", "powersave", "powersupersave"))
	case name == memSleepFile:
		x.put(name, choose(value, "s2idle", "deep"))
	case strings.HasSuffix(name, "/wakealarm"):
		return x.alarm(name, value)
	case name == stateFile:
		x.stamp.Boot += x.asleep + time.Second
		x.stamp.Monotonic += time.Second
	case strings.HasSuffix(name, "active_links") && value == "0x7":
		return syscall.EINVAL
	default:
		x.put(name, value+"\n")
	}
	return nil
}

func (x *fixture) alarm(name, value string) error {
	if value == "0" {
		x.put(name, "")
		return nil
	}
	if x.text(name) != "" {
		return syscall.EBUSY
	}
	if strings.HasPrefix(value, "+") {
		value = "1700000010"
	}
	x.put(name, value)
	return nil
}

func choose(value string, all ...string) string {
	for i := range all {
		if all[i] == value {
			all[i] = "[" + value + "]"
		}
	}
	return strings.Join(all, " ") + "\n"
}

func (x *fixture) PowerSave(_ context.Context, ifindex int) (bool, error) {
	return x.saving[ifindex], nil
}

func (x *fixture) SetPowerSave(_ context.Context, ifindex int, on bool) error {
	if err := x.disk.step(); err != nil {
		return err
	}
	x.saving[ifindex] = on
	return nil
}

func (x *fixture) WoWLAN(context.Context, int) (nl80211.WakeTriggers, error) { return x.wakes, nil }

func (x *fixture) SetWoWLAN(_ context.Context, _ int, wake nl80211.WakeTriggers) error {
	if err := x.disk.step(); err != nil {
		return err
	}
	if wake&nl80211.WakeDisconnect != 0 {
		return syscall.EINVAL // this device cannot
	}
	x.wakes = wake
	return nil
}

func (x *fixture) Regulatory(context.Context) ([]nl80211.Regulatory, error) {
	return []nl80211.Regulatory{{Country: x.country}}, nil
}

func (x *fixture) SetRegulatory(_ context.Context, country string) error {
	if err := x.disk.step(); err != nil {
		return err
	}
	if country != "XX" {
		x.country = country
	}
	return nil
}

func (x *fixture) SetUp(_ context.Context, ifindex int, up bool) error {
	if err := x.disk.step(); err != nil {
		return err
	}
	for _, name := range x.names("sys/class/net") {
		if x.or("sys/class/net/"+name+"/ifindex", "") == fmt.Sprint(ifindex) {
			x.put(path.Join("sys/class/net", name, "flags"), map[bool]string{true: "0x1003", false: "0x1002"}[up])
			return nil
		}
	}
	return errors.New("no such interface")
}

// log is an undo log on a disk that never fails.
func (x *fixture) log() (*Log, *disk) {
	x.t.Helper()
	host, err := x.Host()
	if err != nil {
		x.t.Fatal(err)
	}
	l, err := Open("undo", x.disk, host)
	if err != nil {
		x.t.Fatal(err)
	}
	return l, x.disk
}

// state is all that can be seen of the machine, without names and numbers that
// another binding gives.
func (x *fixture) state() map[string]string {
	x.t.Helper()
	out := map[string]string{"country": x.country}
	knobs, err := x.Knobs(x.card)
	if err != nil {
		x.t.Fatal(err)
	}
	for _, k := range knobs {
		value, err := k.Read(x.t.Context())
		if errors.Is(err, fs.ErrNotExist) {
			value = "none"
		} else if err != nil {
			x.t.Fatal(err)
		}
		out[k.Name] = value
	}
	return out
}
