package guest

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roamfault/roam/lab/guest/agent"
	"roamfault/roam/lab/guest/initramfs"
)

func testImage() *Image {
	return &Image{Release: "1.2.3", Kernel: "/cache/a,kernel", Modules: []ImageModule{
		{Name: "ccm", Path: "/m/ccm.ko"},
		{Name: "rfkill", Path: "/m/rfkill.ko"},
		{Name: "cfg80211", Path: "/m/cfg80211.ko", Depends: []string{"rfkill"}},
		{Name: "mac80211", Path: "/m/mac80211.ko", Depends: []string{"cfg80211", "built_in"}},
		{Name: "mac80211_hwsim", Path: "/m/hwsim.ko", Depends: []string{"mac80211", "cfg80211"}},
		{Name: "virtio_blk", Path: "/m/blk.ko"},
		{Name: "ext4", Path: "/m/ext4.ko"},
		{Name: "veth", Path: "/m/veth.ko"},
	}}
}

func TestLoad(t *testing.T) {
	tests := map[string]struct {
		options Options
		want    []string
	}{
		"as it comes": {Options{}, []string{"ccm", "rfkill", "cfg80211", "mac80211", "mac80211_hwsim radios=0"}},
		"nothing":     {Options{Load: []Module{}}, nil},
		"by choice":   {Options{Load: []Module{{Name: "mac80211", Params: "x=1 y=2"}, {Name: "absent", Optional: true}}}, []string{"rfkill", "cfg80211", "mac80211 x=1 y=2"}},
		"either sign": {Options{Load: []Module{{Name: "virtio-blk"}}}, []string{"virtio_blk"}},
		"a disk":      {Options{Load: []Module{}, Disks: []Disk{{}}}, []string{"virtio_blk", "ext4"}},
	}
	for name, tt := range tests {
		list, err := testImage().load(tt.options)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var got []string
		for _, m := range list {
			got = append(got, strings.TrimSpace(m.Name+" "+m.Params))
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
	if _, err := testImage().load(Options{Load: []Module{{Name: "absent"}}}); !errors.Is(err, initramfs.ErrNoModule) {
		t.Errorf("error %v", err)
	}
}

func TestOwnTree(t *testing.T) {
	dir := t.TempDir()
	program, host := filepath.Join(dir, "program"), filepath.Join(dir, "host")
	if err := os.WriteFile(program, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := ownTree(testImage(), Options{Program: program}); !errors.Is(err, initramfs.ErrNotStatic) {
		t.Errorf("a script as init: error %v", err)
	}
	static, err := staticProgram()
	if err != nil {
		t.Skip(err)
	}
	if err := os.WriteFile(host, []byte("of the host"), 0o640); err != nil {
		t.Fatal(err)
	}
	tree, err := ownTree(testImage(), Options{Program: static, Hostname: "lab", Files: []File{
		{Path: "/bin/tool", Host: host}, {Path: "/opt/data", Data: []byte("data"), Mode: 0o600},
	}})
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[string]initramfs.Entry)
	for _, e := range tree.Entries() {
		got[e.Name] = e
	}
	for name, want := range map[string]struct {
		mode uint32
		text string
	}{"usr/bin/tool": {0o100640, "of the host"}, "opt/data": {0o100600, "data"}} {
		if e := got[name]; e.Mode != want.mode || string(e.Data) != want.text {
			t.Errorf("%s: %o %q", name, e.Mode, e.Data)
		}
	}
	var config agent.Config
	if err := json.Unmarshal(got[agent.ConfigFile[1:]].Data, &config); err != nil || config.Hostname != "lab" || len(config.Modules) != 5 {
		t.Errorf("%+v, %v", config, err)
	}
	if e := got[agent.InitPath[1:]]; e.Mode != 0o100755 || len(e.Data) == 0 {
		t.Errorf("init: %o, %d bytes", e.Mode, len(e.Data))
	}
	for _, f := range []File{{Path: "opt/x"}, {Path: "/"}, {Path: "/opt/..//"}, {Path: "/dev/x"}, {Path: "/proc/../sys/x"}, {Path: "/x", Host: dir}, {Path: "/x", Host: dir + "/none"}} {
		if _, err := ownTree(testImage(), Options{Program: static, Files: []File{f}}); err == nil {
			t.Errorf("%+v: no error", f)
		}
	}
}

// staticProgram returns some static program of this machine.
func staticProgram() (string, error) {
	for _, path := range []string{os.Args[0], "/sbin/ldconfig", "/bin/busybox"} {
		f, err := os.Open(path)
		if err != nil {
			continue
		}
		err = initramfs.CheckStatic(f)
		f.Close()
		if err == nil {
			return path, nil
		}
	}
	return "", errors.New("no static program on this machine")
}

func TestQEMUArguments(t *testing.T) {
	o, err := Options{
		Append: "extra=1", QEMU: []string{"-object", "x"},
		Disks: []Disk{{Path: "/a,b=c\"d", Serial: "one"}, {Path: "/e", ReadOnly: true}},
	}.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	args, err := qemuArguments(testImage(), o)
	if err != nil {
		t.Fatal(err)
	}
	follows := func(option, value string) {
		t.Helper()
		for i, a := range args[:len(args)-1] {
			if a == option && args[i+1] == value {
				return
			}
		}
		t.Errorf("no %s %s in %q", option, value, args)
	}
	follows("-accel", "tcg,thread=single")
	follows("-smp", "1")
	follows("-m", "512")
	follows("-kernel", "/cache/a,kernel")
	follows("-initrd", "/proc/self/fd/4")
	follows("-append", commandLine+" extra=1")
	follows("-blockdev", `{"driver":"raw","file":{"driver":"file","filename":"/a,b=c\"d","read-only":false},"node-name":"disk0","read-only":false}`)
	follows("-device", `{"drive":"disk0","driver":"virtio-blk-pci","serial":"one"}`)
	follows("-blockdev", `{"driver":"raw","file":{"driver":"file","filename":"/e","read-only":true},"node-name":"disk1","read-only":true}`)
	if !slices.Equal(args[len(args)-2:], o.QEMU) {
		t.Errorf("further arguments are not at the end: %q", args)
	}
	o.Accel = "warp"
	if _, err := qemuArguments(testImage(), o); err == nil {
		t.Error("no error for an accelerator that is none")
	}
	if _, _, err := diskArguments(0, Disk{Serial: strings.Repeat("x", 21)}); err == nil {
		t.Error("no error for a serial that is too long")
	}
	for _, bad := range []Options{{Memory: 1}, {Memory: -1}, {CPUs: -1}} {
		if _, err := bad.withDefaults(); err == nil {
			t.Errorf("%+v: no error", bad)
		}
	}
}

func TestMissingTools(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	err := missing(append([]Need{qemu}, packageTools...)...)
	var lacks *MissingError
	if !errors.As(err, &lacks) || len(lacks.Needs) != 5 {
		t.Fatalf("error %v", err)
	}
	const want = "apt-get install qemu-system-x86 apt dpkg"
	if !strings.HasSuffix(err.Error(), want) || strings.Contains(err.Error(), "\n") {
		t.Errorf("%q does not end with %q", err, want)
	}
	if err := missing(); err != nil {
		t.Error(err)
	}
}
