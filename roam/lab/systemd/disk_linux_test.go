package systemd

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"roamfault/roam/lab/guest"
	"roamfault/roam/lab/guest/debs"
)

// packages fetches what the disk is made of, where it is not in the cache.
func packages(ctx context.Context, cache string) (*debs.Unpacked, error) {
	recipe, err := debs.DefaultRecipe()
	if err != nil {
		return nil, err
	}
	if cache == "" {
		if cache, err = guest.DefaultCache(); err != nil {
			return nil, err
		}
	}
	if cache, err = filepath.Abs(cache); err != nil {
		return nil, err
	}
	unlock, err := debs.Lock(ctx, cache, func() {})
	if err != nil {
		return nil, err
	}
	defer unlock()
	f := debs.Fetcher{Recipe: recipe, Cache: cache, Now: time.Now}
	return f.Fetch(ctx, "systemd")
}

// makeDisk makes a disk with the packages' files, all of them root's.
func makeDisk(t *testing.T, mke2fs, path string, from *debs.Unpacked) {
	t.Helper()
	if err := errors.Join(os.WriteFile(path, nil, 0o600), os.Truncate(path, 512<<20)); err != nil {
		t.Fatal(err)
	}
	// With a journal: nothing in the guest could check a file system without one.
	cmd := exec.CommandContext(t.Context(), mke2fs, "-q", "-F", "-t", "ext4", "-d", from.Dir, path)
	if os.Geteuid() != 0 {
		// In a user's namespace of its own it takes the user's files for root's.
		cmd.SysProcAttr = &syscall.SysProcAttr{
			Cloneflags:  syscall.CLONE_NEWUSER,
			UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
		}
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

// build builds one of our programs for the guest.
func build(t *testing.T, dir, pkg string) string {
	t.Helper()
	path := filepath.Join(dir, filepath.Base(pkg))
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", path, pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64", "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return path
}

// settings are what the installation of the packages, and ours, would have made.
func settings(from *debs.Unpacked, program string) []guest.File {
	masters := filepath.Join(from.Dir, "usr/share/base-passwd")
	return []guest.File{
		{Path: "/disk/etc/passwd", Host: filepath.Join(masters, "passwd.master"), Mode: 0o644},
		{Path: "/disk/etc/group", Host: filepath.Join(masters, "group.master"), Mode: 0o644},
		{Path: "/disk/etc/machine-id", Data: []byte("726f616d6661756c7420677565737421\n")},
		{Path: "/disk/etc/nsswitch.conf", Data: []byte("passwd: files systemd\ngroup: files systemd\nhosts: files\n")},
		{Path: "/disk/etc/systemd/journald.conf.d/lab.conf", Data: []byte("[Journal]\nStorage=persistent\n")},
		{Path: "/disk/usr/local/bin/roamfault", Host: program, Mode: 0o755},
		{Path: "/disk/usr/local/lib/systemd/system/roamfault-watch.service", Host: "../../../packaging/systemd/roamfault-watch.service", Mode: 0o644},
	}
}
