package guest

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"roamfault/roam/lab/guest/debs"
	"roamfault/roam/lab/guest/initramfs"
)

// loadedModules are loaded at boot where Options.Load does not say otherwise.
// mac80211 wants its ciphers when a key is set; which of them are modules
// differs from kernel to kernel.
var loadedModules = []Module{
	{Name: "ctr", Optional: true},
	{Name: "ccm", Optional: true},
	{Name: "gcm", Optional: true},
	{Name: "cmac", Optional: true},
	{Name: "ghash_generic", Optional: true},
	{Name: "aes_generic", Optional: true},
	{Name: "mac80211_hwsim", Params: "radios=0", Optional: true},
}

// diskModules are loaded where a guest has disks.
var diskModules = []Module{
	{Name: "virtio_blk", Optional: true},
	{Name: "crc32c_generic", Optional: true},
	{Name: "ext4", Optional: true},
}

// carriedModules are there for a modprobe in the guest.
var carriedModules = []Module{
	{Name: "nlmon", Optional: true},
	{Name: "veth", Optional: true},
}

// texts are small files every guest has.
var texts = map[string]string{
	"etc/passwd": "root:x:0:0:root:/root:/bin/sh\n" +
		"messagebus:x:100:100:D-Bus:/nonexistent:/bin/false\n" +
		"nobody:x:65534:65534:nobody:/nonexistent:/bin/false\n",
	"etc/group":         "root:x:0:\nmessagebus:x:100:\nnetdev:x:101:\nnogroup:x:65534:\n",
	"etc/hosts":         "127.0.0.1 localhost\n::1 localhost\n",
	"etc/machine-id":    "726f616d6661756c7420677565737421\n",
	"etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
}

// buildRoot makes the root all guests of one image have in common.
func buildRoot(user *debs.Unpacked) (*initramfs.Tree, error) {
	t := initramfs.NewRoot()
	t.Dir("root", 0o700)
	t.Dir("tmp", 0o1777)
	for name, text := range texts {
		t.File(name, 0o644, []byte(text))
	}
	root, err := initramfs.OpenRoot(user.Dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	if err := root.AddPrograms(t, user.Set.Programs...); err != nil {
		return nil, err
	}
	for _, to := range slices.Sorted(maps.Keys(user.Set.Files)) {
		data, perm, err := root.ReadFile(user.Set.Files[to])
		if err != nil {
			return nil, fmt.Errorf("take a file: %w", err)
		}
		t.File(to, perm, data)
	}
	for _, applet := range user.Set.Applets {
		if name := "usr/bin/" + applet; !t.Has(name) {
			t.Link(name, "busybox")
		}
	}
	// The kernel asks for modules by this name.
	t.Link("usr/sbin/modprobe", "../bin/busybox")
	return t, nil
}

// orderModules returns the modules and what they need in the order of
// dependency. Optional ones that are not there are left out.
func orderModules(all *initramfs.Modules, wanted []Module) ([]*initramfs.Module, error) {
	var names []string
	for _, m := range wanted {
		_, err := all.Order(m.Name)
		if m.Optional && errors.Is(err, initramfs.ErrNoModule) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("take module %s: %w", m.Name, err)
		}
		names = append(names, m.Name)
	}
	return all.Order(names...)
}
