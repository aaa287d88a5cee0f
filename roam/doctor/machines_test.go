package doctor

import (
	"bytes"
	"context"
	"debug/elf"
	"encoding/binary"
	"errors"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing/fstest"

	"github.com/klauspost/compress/zstd"

	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
	"roamfault/roam/lab/guest"
)

// tree makes files of their texts; those that begin with "->" are links.
func tree(files ...map[string]string) fstest.MapFS {
	out := make(fstest.MapFS)
	for _, group := range files {
		for name, text := range group {
			switch to, isLink := strings.CutPrefix(text, "->"); {
			case isLink:
				out[name] = &fstest.MapFile{Data: []byte(to), Mode: fs.ModeSymlink | 0o777}
			case strings.HasSuffix(name, "/"):
				out[strings.TrimSuffix(name, "/")] = &fstest.MapFile{Mode: fs.ModeDir | 0o755}
			default:
				out[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
			}
		}
	}
	return out
}

// closed is a tree of which some paths may not be opened.
type closed struct {
	fstest.MapFS
	paths []string
}

func (c closed) refuse(op, name string) error {
	for _, p := range c.paths {
		if name == p || strings.HasPrefix(name, p+"/") {
			return &fs.PathError{Op: op, Path: name, Err: fs.ErrPermission}
		}
	}
	return nil
}

func (c closed) Open(name string) (fs.File, error) {
	if err := c.refuse("open", name); err != nil {
		return nil, err
	}
	return c.MapFS.Open(name)
}

func (c closed) ReadDir(name string) ([]fs.DirEntry, error) {
	if err := c.refuse("open", name); err != nil {
		return nil, err
	}
	return c.MapFS.ReadDir(name)
}

// air is nl80211 as a test wants it.
type air struct {
	wiphys     []nl80211.Wiphy
	interfaces []nl80211.Interface
	heard      []nl80211.BSS
	err        error
}

func (a air) Wiphys(context.Context) ([]nl80211.Wiphy, error)         { return a.wiphys, a.err }
func (a air) Interfaces(context.Context) ([]nl80211.Interface, error) { return a.interfaces, a.err }
func (a air) ScanResults(context.Context, int) ([]nl80211.BSS, error) { return a.heard, a.err }
func addr(last byte) dot11.Addr                                       { return dot11.Addr{2, 0, 0, 0, 1, last} }
func ssid(name string) []byte                                         { return append([]byte{0, byte(len(name))}, name...) }
func bss(last byte, name string) nl80211.BSS {
	return nl80211.BSS{BSSID: addr(last), Freq: 5180, Raw: ssid(name)}
}
func associated(b nl80211.BSS) nl80211.BSS { b.Status = dot11.Some(nl80211.BSSStatus(1)); return b }
func multiLinked(b nl80211.BSS, mld byte) nl80211.BSS {
	// Basic Multi-Link element (IEEE 802.11be-2024, 9.4.2.312): control, then
	// common information of its length and the MLD's address.
	b.Raw = append(slices.Clip(b.Raw), 255, 10, 107, 0, 0, 7, 2, 0, 0, 0, 1, mld)
	return b
}

// module makes the file of a kernel module.
func module(info ...string) string {
	names := "\x00.modinfo\x00.shstrtab\x00"
	data := strings.Join(info, "\x00") + "\x00"
	header := elf.Header64{
		Type: uint16(elf.ET_REL), Machine: uint16(elf.EM_X86_64), Version: 1, Shoff: uint64(64 + len(data) + len(names)),
		Ehsize: 64, Shentsize: 64, Shnum: 3, Shstrndx: 2,
	}
	copy(header.Ident[:], "\x7fELF\x02\x01\x01")
	var b bytes.Buffer
	parts := []any{
		header, []byte(data), []byte(names), elf.Section64{},
		elf.Section64{Name: 1, Type: uint32(elf.SHT_PROGBITS), Off: 64, Size: uint64(len(data)), Addralign: 1},
		elf.Section64{Name: 10, Type: uint32(elf.SHT_STRTAB), Off: uint64(64 + len(data)), Size: uint64(len(names)), Addralign: 1},
	}
	for _, p := range parts {
		if err := binary.Write(&b, binary.LittleEndian, p); err != nil {
			return ""
		}
	}
	return b.String()
}

func zst(text string) string {
	w, err := zstd.NewWriter(nil)
	if err != nil {
		return ""
	}
	return string(w.EncodeAll([]byte(text), nil))
}

const (
	release = "6.18.2"
	lib     = "lib/modules/" + release + "/"
	pci     = "sys/devices/pci0000:00/0000:00:02.3/0000:c0:00.0"
)

// base is a machine without Wi-Fi.
var base = map[string]string{
	"proc/sys/kernel/osrelease":            release + "\n",
	"proc/cmdline":                         "BOOT_IMAGE=/vmlinuz root=/dev/vda1 quiet\n",
	"proc/self/status":                     "Name:\troamfault\nCapEff:\t000001ffffffffff\n",
	"proc/1/comm":                          "systemd\n",
	"dev/kmsg":                             "",
	"sys/kernel/debug/":                    "",
	"sys/kernel/debug/tracing/":            "",
	"sys/fs/pstore/":                       "",
	"sys/module/cfg80211/taint":            "\n",
	"lib/firmware/":                        "",
	lib + "modules.dep":                    "kernel/drivers/net/loopback.ko:\n",
	lib + "modules.alias":                  "# Aliases\n",
	lib + "modules.builtin":                "kernel/fs/ext4/ext4.ko\n",
	"sys/bus/pci/devices/":                 "",
	"sys/module/pstore/parameters/backend": "efi_pstore\n",
	"var/log/journal/0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a/system.journal": "LPKSHHRH",
}

// card7925 is a card on PCI.
var card7925 = map[string]string{
	"sys/bus/pci/devices/0000:c0:00.0": "->../../../devices/pci0000:00/0000:00:02.3/0000:c0:00.0",
	pci + "/class":                     "0x028000\n",
	pci + "/uevent":                    "DRIVER=mt7925e\nPCI_CLASS=28000\nPCI_ID=14C3:7925\nPCI_SLOT_NAME=0000:c0:00.0\nMODALIAS=pci:v000014C3d00007925sv000014C3sd00007925bc02sc80i00\n",
}

var modules7925 = map[string]string{
	lib + "modules.dep": "kernel/drivers/net/wireless/mediatek/mt76/mt7925/mt7925e.ko.zst: kernel/drivers/net/wireless/mediatek/mt76/mt76.ko.zst kernel/net/wireless/cfg80211.ko.zst\n" +
		"kernel/drivers/net/wireless/mediatek/mt76/mt76.ko.zst: kernel/net/wireless/cfg80211.ko.zst\n" +
		"kernel/net/wireless/cfg80211.ko.zst:\nkernel/drivers/net/wireless/virtual/mac80211_hwsim.ko.zst:\n",
	lib + "modules.alias": "# Aliases\nalias pci:v000014C3d00000717sv*sd*bc*sc*i* mt7925e\nalias pci:v000014C3d00007925sv*sd*bc*sc*i* mt7925e\n",
	lib + "kernel/drivers/net/wireless/mediatek/mt76/mt7925/mt7925e.ko.zst": zst(module("firmware=mediatek/mt7925/WIFI_RAM_CODE_MT7925_1_1.bin", "srcversion=AAAA", "intree=Y")),
	lib + "kernel/drivers/net/wireless/mediatek/mt76/mt76.ko.zst":           zst(module("srcversion=BBBB", "intree=Y")),
	lib + "kernel/net/wireless/cfg80211.ko.zst":                             zst(module("srcversion=CCCC", "intree=Y")),
	"lib/firmware/mediatek/mt7925/WIFI_RAM_CODE_MT7925_1_1.bin.zst":         "",
}

// bound7925 is its driver at work.
var bound7925 = map[string]string{
	pci + "/driver":                         "->../../../../bus/pci/drivers/mt7925e",
	"sys/bus/pci/drivers/mt7925e/module":    "->../../../../module/mt7925e",
	"sys/module/mt7925e/srcversion":         "AAAA\n",
	"sys/module/mt7925e/taint":              "\n",
	"sys/module/mt76/srcversion":            "BBBB\n",
	"sys/module/cfg80211/srcversion":        "CCCC\n",
	"sys/class/ieee80211/phy0":              "->../../devices/pci0000:00/0000:00:02.3/0000:c0:00.0/ieee80211/phy0",
	pci + "/ieee80211/phy0/device":          "->../../../0000:c0:00.0",
	pci + "/ieee80211/phy0/name":            "phy0\n",
	pci + "/ieee80211/phy0/rfkill0/soft":    "0\n",
	pci + "/ieee80211/phy0/rfkill0/hard":    "0\n",
	"sys/class/net/wlan0":                   "->../../devices/pci0000:00/0000:00:02.3/0000:c0:00.0/net/wlan0",
	"sys/class/net/lo/operstate":            "unknown\n",
	pci + "/net/wlan0/phy80211":             "->../../ieee80211/phy0",
	"sys/kernel/debug/ieee80211/phy0/power": "",
	"run/wpa_supplicant/wlan0":              "",
	"proc/700/comm":                         "wpa_supplicant\n",
	"proc/701/comm":                         "NetworkManager\n",
	"dev/kvm":                               "",
}

var air7925 = air{
	wiphys: []nl80211.Wiphy{{
		Name: "phy0", MLO: true,
		Extended: []nl80211.ExtendedCapabilities{{Type: nl80211.TypeStation, MLD: dot11.Some(dot11.MLDCapabilities(1))}},
		Bands:    []nl80211.Band{{Band: dot11.Band6GHz}},
	}},
	interfaces: []nl80211.Interface{{Index: 3, Name: "wlan0", Type: nl80211.TypeStation}, {Name: "", Type: nl80211.TypeP2PDevice}},
	heard: []nl80211.BSS{
		multiLinked(associated(bss(0x10, "lab\x1b[31m")), 1), multiLinked(associated(bss(0x11, "lab\x1b[31m")), 1),
		multiLinked(bss(0x20, "lab\x1b[31m"), 2), bss(0x30, "lab\x1b[31m"), bss(0x40, "other"),
	},
}

func firmware7925(iface string) (string, error) {
	if iface != "wlan0" {
		return "", errors.New("no such interface")
	}
	return "____000000-20250721232943", nil
}

func guestThere() error { return nil }

func guestMissing() error {
	return &guest.MissingError{Needs: []guest.Need{{Program: "qemu-system-x86_64", Package: "qemu-system-x86", For: "running the guest"}}}
}

func without(files map[string]string, names ...string) map[string]string {
	out := maps.Clone(files)
	for _, n := range names {
		delete(out, n)
	}
	return out
}

func laptop(changes ...map[string]string) fstest.MapFS {
	return tree(append([]map[string]string{base, card7925, modules7925, bound7925}, changes...)...)
}

// machines are those that the goldens tell of.
var machines = map[string]System{
	"no-wifi": {Files: tree(base), WirelessErr: nl80211.ErrNoFamily, Guest: guestMissing},
	"bare":    {Files: tree(), WirelessErr: errors.New("dial: operation not permitted")},
	"laptop-root": {
		Files:    laptop(map[string]string{"proc/cmdline": "root=/dev/vda1 pcie_aspm=off mt7925e.disable_aspm=1\n", "sys/fs/pstore/dmesg-efi_pstore-1": "Panic"}),
		Wireless: air7925, Firmware: firmware7925, Guest: guestThere,
	},
	"laptop-user": {
		Files: closed{
			laptop(map[string]string{"proc/self/status": "CapEff:\t0000000000000000\n"}),
			[]string{"dev/kmsg", "sys/kernel/debug", "sys/fs/pstore", "run/wpa_supplicant", "var/log/journal/0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a/system.journal"},
		},
		Wireless: air7925, Firmware: firmware7925, Guest: guestThere,
	},
	"dkms-newer": {
		Files: laptop(map[string]string{
			lib + "modules.dep":                 "updates/dkms/mt7925e.ko.zst: updates/dkms/mt76.ko.zst kernel/net/wireless/cfg80211.ko.zst\nupdates/dkms/mt76.ko.zst: kernel/net/wireless/cfg80211.ko.zst\nkernel/net/wireless/cfg80211.ko.zst:\n",
			lib + "updates/dkms/mt7925e.ko.zst": zst(module("srcversion=DDDD")),
			lib + "updates/dkms/mt76.ko.zst":    zst(module("srcversion=BBBB")),
		}),
		Wireless: air7925, Firmware: firmware7925, Guest: guestThere,
	},
	"dkms-unknown-to-depmod": {
		Files:    laptop(map[string]string{lib + "updates/dkms/mt7925e.ko.zst": zst(module("srcversion=DDDD"))}),
		Wireless: air7925, Firmware: firmware7925, Guest: guestThere,
	},
	"dkms-gone": { // and still loaded: its package was removed
		Files: laptop(map[string]string{
			"sys/module/mt7925e/srcversion": "DDDD\n", "sys/module/mt7925e/taint": "OE\n", "sys/module/mt7925e/version": "1.5\x1b[2J\n",
			"lib/modules/6.17.9/updates/dkms/mt7925e.ko.zst": zst(module("srcversion=DDDD")),
		}),
		Wireless: air7925, Firmware: firmware7925, Guest: guestThere,
	},
	"dkms-other-kernel": {
		Files:    laptop(map[string]string{"lib/modules/6.17.9/updates/dkms/mt7925e.ko.zst": zst(module("srcversion=DDDD"))}),
		Wireless: air7925, Firmware: firmware7925, Guest: guestThere,
	},
	"iwd": {
		Files:    tree(base, card7925, modules7925, without(bound7925, "run/wpa_supplicant/wlan0", "proc/700/comm", "proc/701/comm"), map[string]string{"proc/800/comm": "iwd\n"}),
		Wireless: air{wiphys: []nl80211.Wiphy{{Name: "phy0"}}, interfaces: air7925.interfaces, heard: []nl80211.BSS{associated(bss(0x10, "home"))}},
		Firmware: firmware7925, Guest: guestMissing,
	},
	"hwsim": {
		Files: tree(base, map[string]string{
			"sys/class/ieee80211/phy0":                                        "->../../devices/virtual/mac80211_hwsim/hwsim0/ieee80211/phy0",
			"sys/devices/virtual/mac80211_hwsim/hwsim0/uevent":                "DRIVER=mac80211_hwsim\n",
			"sys/devices/virtual/mac80211_hwsim/hwsim0/driver":                "->../../../../bus/platform/drivers/mac80211_hwsim",
			"sys/bus/platform/drivers/mac80211_hwsim/uevent":                  "",
			"sys/devices/virtual/mac80211_hwsim/hwsim0/ieee80211/phy0/name":   "phy0\n",
			"sys/devices/virtual/mac80211_hwsim/hwsim0/ieee80211/phy0/device": "->../../../hwsim0",
			"sys/module/mac80211_hwsim/srcversion":                            "EEEE\n",
		}),
		Wireless: air{wiphys: []nl80211.Wiphy{{Name: "phy0", MLO: true}}}, Guest: guestMissing,
	},
	"no-firmware": {
		Files: tree(base, card7925, without(modules7925, "lib/firmware/mediatek/mt7925/WIFI_RAM_CODE_MT7925_1_1.bin.zst"), map[string]string{
			pci + "/driver": bound7925[pci+"/driver"], "sys/bus/pci/drivers/mt7925e/module": bound7925["sys/bus/pci/drivers/mt7925e/module"], "sys/module/mt7925e/srcversion": "AAAA\n",
		}),
		Wireless: air{}, Guest: guestThere,
	},
	"no-driver": {Files: tree(base, card7925, modules7925), WirelessErr: nl80211.ErrNoFamily, Guest: guestThere},
	"usb-turned-off": {
		Files: tree(base, map[string]string{
			"sys/bus/usb/devices/1-2:1.0/uevent":    "DRIVER=btusb\nPRODUCT=e8d/7961/100\n",
			"sys/bus/usb/devices/1-2:1.0/driver":    "->../../drivers/btusb",
			"sys/bus/usb/drivers/btusb/uevent":      "",
			"sys/bus/usb/devices/1-2:1.3/uevent":    "DRIVER=mt7921u\nPRODUCT=e8d/7961/100\n",
			"sys/bus/usb/devices/1-2:1.3/driver":    "->../../drivers/mt7921u",
			"sys/bus/usb/drivers/mt7921u/uevent":    "",
			"sys/class/ieee80211/phy3/device":       "->../../../bus/usb/devices/1-2:1.3",
			"sys/class/ieee80211/phy3/rfkill1/soft": "1\n",
			"proc/300/comm":                         "wpa_supplicant\n",
			"proc/301/comm":                         "iwd\n",
		}),
		Wireless: air{wiphys: []nl80211.Wiphy{{Name: "phy3"}}}, Guest: guestThere,
	},
}
