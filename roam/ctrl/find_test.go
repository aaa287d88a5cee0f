package ctrl

import (
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func TestFind(t *testing.T) {
	socket := &fstest.MapFile{Mode: fs.ModeSocket | 0o770}
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	for _, tt := range []struct {
		name string
		root fstest.MapFS
		want []Place
	}{
		{"nothing", fstest.MapFS{}, nil},
		{"usual", fstest.MapFS{"run/wpa_supplicant/wlan0": socket, "run/wpa_supplicant/wlan1": socket}, []Place{{Path: "/run/wpa_supplicant/wlan0"}}},
		{"the same by another name", fstest.MapFS{"run/wpa_supplicant/wlan0": socket, "var/run/wpa_supplicant/wlan0": socket}, []Place{{Path: "/run/wpa_supplicant/wlan0"}}},
		{"two that are not the same", fstest.MapFS{"run/x": file(""), "run/wpa_supplicant/wlan0": socket, "var/run/wpa_supplicant/wlan0": socket},
			[]Place{{Path: "/run/wpa_supplicant/wlan0"}, {Path: "/var/run/wpa_supplicant/wlan0"}}},
		{"no socket", fstest.MapFS{"run/wpa_supplicant/wlan0": file("")}, nil},
		{"told", fstest.MapFS{
			"proc/12/cmdline": file("/sbin/wpa_supplicant\x00-B\x00-C/run/a\x00-g\x00/run/global\x00"), "run/a/wlan0": socket, "run/global": socket,
			"proc/13/cmdline": file("wpa_supplicant\x00-usO\x00DIR=/run/b GROUP=netdev\x00"), "run/b/wlan0": socket,
			"proc/14/cmdline": file("wpa_supplicant\x00-iwlan0\x00-c/etc/w.conf\x00"), "etc/w.conf": file("# x\n  ctrl_interface=DIR=/run/c GROUP=0\n"), "run/c/wlan0": socket,
			"proc/15/cmdline": file("hostapd\x00-C/run/d\x00"), "run/d/wlan0": socket,
			"proc/16/cmdline": file("wpa_supplicant\x00-C"), "proc/17/cmdline": file(""), "proc/self/cmdline": file("wpa_supplicant\x00-C/run/d\x00"),
		}, []Place{{Path: "/run/a/wlan0"}, {Path: "/run/b/wlan0"}, {Path: "/run/c/wlan0"}, {Path: "/run/global", Global: true}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if d := cmp.Diff(tt.want, Find(tt.root, "wlan0")); d != "" {
				t.Error(d)
			}
		})
	}
}

func FuzzArguments(f *testing.F) {
	f.Add("wpa_supplicant\x00-usO\x00DIR=/run/b GROUP=netdev\x00-c/etc/w.conf", "ctrl_interface=/run/c\n")
	f.Fuzz(func(t *testing.T, line, config string) {
		Find(fstest.MapFS{"proc/1/cmdline": {Data: []byte(line)}, "etc/w.conf": {Data: []byte(config)}}, "wlan0")
	})
}
