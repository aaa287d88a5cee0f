package guest

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roamfault/roam/lab/guest/debs"
)

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestKernels(t *testing.T) {
	names, err := Kernels()
	if err != nil || !slices.Contains(names, DefaultKernel) || !slices.Contains(names, "7.x") || slices.Contains(names, userSet) {
		t.Errorf("%v, %v", names, err)
	}
	if !slices.IsSorted(names) {
		t.Errorf("%v are in no order", names)
	}
}

func TestPrepareOffline(t *testing.T) {
	if _, err := Prepare(context.Background(), ImageOptions{Cache: t.TempDir(), Offline: true}); !errors.Is(err, debs.ErrOffline) && !errors.Is(err, ErrUnsupported) {
		t.Errorf("error %v", err)
	}
}

func TestOnly(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "boot/vmlinuz-1"), "")
	if got, err := only(dir, "boot/vmlinuz-*", "usr/*/vmlinuz"); err != nil || got != filepath.Join(dir, "boot/vmlinuz-1") {
		t.Errorf("%s, %v", got, err)
	}
	write(t, filepath.Join(dir, "usr/lib/vmlinuz"), "")
	for _, patterns := range [][]string{{"boot/*", "usr/*/vmlinuz"}, {"none/*"}} {
		if got, err := only(dir, patterns...); err == nil {
			t.Errorf("%v: %s", patterns, got)
		}
	}
}

func TestReadImage(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "kernel"), "kernel")
	write(t, filepath.Join(dir, "root.cpio"), "root")
	want := Image{Release: "1.2.3", Kernel: filepath.Join(dir, "kernel"), Root: filepath.Join(dir, "root.cpio"), KernelBytes: 6, RootBytes: 4,
		Modules: []ImageModule{{Name: "a", Path: "/a", Depends: []string{"b"}}}}
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "image.json"), string(text))
	got, err := readImage(dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, *got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	write(t, filepath.Join(dir, "root.cpio"), "cut")
	if _, err := readImage(dir); err == nil || !strings.Contains(err.Error(), "3 bytes, not 4") {
		t.Errorf("a cut root: %v", err)
	}
}

func TestPrune(t *testing.T) {
	dir := t.TempDir()
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, age := range map[string]time.Duration{"old": imageAge + time.Hour, "new": time.Hour} {
		write(t, filepath.Join(dir, name, "kernel"), "x")
		if err := os.Chtimes(filepath.Join(dir, name), now.Add(-age), now.Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	if err := prune(dir, now.Add(-imageAge)); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "old")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("old: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "new")); err != nil {
		t.Error(err)
	}
}

func TestModulesOfAKernelFile(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "lib/modules/1.2.3/kernel"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		modules string
		carry   []string
		err     string
	}{
		"no directory":              {},
		"no directory, but carried": {carry: []string{"veth"}, err: "no directory with modules of 1.2.3"},
		"above":                     {modules: dir},
		"just above":                {modules: filepath.Join(dir, "lib/modules")},
		"itself":                    {modules: filepath.Join(dir, "lib/modules/1.2.3")},
		"not in it":                 {modules: dir, carry: []string{"veth"}, err: "take module veth"},
		"no such":                   {modules: filepath.Join(dir, "none"), err: "look for modules"},
	} {
		p := &preparation{ImageOptions: ImageOptions{Carry: tt.carry}}
		_, err := p.modules(kernelSource{modules: tt.modules}, "1.2.3")
		if (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%s: error %v, want %q", name, err, tt.err)
		}
	}
}
