package debs

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// archiveOf makes an archive of Debian's form with packages, which hold one file
// each, in a directory named debian.
func archiveOf(t *testing.T, suite string, packages map[string]string) (uri string) {
	t.Helper()
	for _, tool := range []string{"apt-get", "apt-cache", "apt-config", "dpkg-deb"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip("no ", tool, " on this machine")
		}
	}
	top := filepath.Join(t.TempDir(), "debian")
	var index strings.Builder
	for name, version := range packages {
		tree := filepath.Join(t.TempDir(), name)
		control := fmt.Sprintf("Package: %s\nVersion: %s\nArchitecture: amd64\nMaintainer: Nobody <nobody@example.org>\nDescription: nothing\n", name, version)
		write(t, filepath.Join(tree, "DEBIAN/control"), control)
		write(t, filepath.Join(tree, "usr/share/lab", name), "content of "+name)
		file := fmt.Sprintf("pool/%s_%s_amd64.deb", name, version)
		if err := os.MkdirAll(filepath.Join(top, "pool"), 0o755); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command("dpkg-deb", "-b", "--root-owner-group", tree, filepath.Join(top, file)).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		b, err := os.ReadFile(filepath.Join(top, file))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&index, "%sFilename: %s\nSize: %d\nSHA256: %x\n\n", control, file, len(b), sha256.Sum256(b))
	}
	write(t, filepath.Join(top, "dists", suite, "main/binary-amd64/Packages"), index.String())
	write(t, filepath.Join(top, "dists", suite, "Release"), fmt.Sprintf("Origin: Test\nSuite: %s\nCodename: %s\nComponents: main\nArchitectures: amd64\nDate: %s\nSHA256:\n %x %d main/binary-amd64/Packages\n",
		suite, suite, time.Now().UTC().Format(time.RFC1123), sha256.Sum256([]byte(index.String())), index.Len()))
	return "file:" + top
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func sourceOf(uri, more string) fs.FS {
	return fstest.MapFS{"sources.list.d/debian.sources": &fstest.MapFile{
		Data: []byte("Types: deb\nURIs: " + uri + "\nSuites: trixie\nComponents: main\n" + more),
	}}
}

func testRecipe(t *testing.T, text string) *Recipe {
	t.Helper()
	r, err := ParseRecipe([]byte("architecture: amd64\nsets:\n" + text))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var noon = time.Date(2030, 1, 2, 12, 0, 0, 0, time.UTC)

func TestFetch(t *testing.T) {
	uri := archiveOf(t, "forky", map[string]string{"lab-kernel-7.1": "1:7.1-1", "lab-kernel-7.10": "7.10-1~bpo1", "lab-tool": "1"})
	var steps []string
	f := &Fetcher{
		Recipe: testRecipe(t, "  k: {suite: forky, version: '7\\.\\d+', packages: [lab-kernel-VERSION, lab-tool]}\n  one: {suite: forky, packages: [lab-kernel-7.1]}\n"),
		Cache:  t.TempDir(),
		Etc:    sourceOf(uri, "Trusted: yes\n"),
		Now:    func() time.Time { return noon },
		Progress: func(p Progress) {
			if len(steps) == 0 || steps[len(steps)-1] != p.Step {
				steps = append(steps, p.Step)
			}
			if p.Done > p.Total {
				t.Errorf("%s: %d of %d", p.Step, p.Done, p.Total)
			}
		},
	}
	ctx := context.Background()

	offline := *f
	offline.Offline = true
	if _, err := offline.Fetch(ctx, "k"); !errors.Is(err, ErrOffline) {
		t.Fatalf("offline before: error %v", err)
	}
	u, err := f.Fetch(ctx, "k")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{"lab-kernel-7.10": true, "lab-tool": true, "lab-kernel-7.1": false} {
		b, err := os.ReadFile(filepath.Join(u.Dir, "usr/share/lab", name))
		if (err == nil) != want || want && string(b) != "content of "+name {
			t.Errorf("%s: %q, %v", name, b, err)
		}
	}
	for i := range u.Stamp.Packages {
		if len(u.Stamp.Packages[i].SHA256) != 64 || u.Stamp.Packages[i].Size == 0 {
			t.Errorf("stamp %+v", u.Stamp.Packages[i])
		}
		u.Stamp.Packages[i].SHA256, u.Stamp.Packages[i].Size = "", 0
	}
	want := Stamp{Set: "k", Key: u.Stamp.Key, Suite: "forky", Version: "7.10", Fetched: noon, Packages: []Package{
		{Name: "lab-kernel-7.10", Version: "7.10-1~bpo1"}, {Name: "lab-tool", Version: "1"},
	}}
	if diff := cmp.Diff(want, u.Stamp); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff([]string{"lists of forky", "packages of k", "unpacking k", "fetched lab-kernel-7.10 7.10-1~bpo1", "fetched lab-tool 1"}, steps); diff != "" {
		t.Errorf("steps: -want +got:\n%s", diff)
	}
	if left, err := filepath.Glob(filepath.Join(f.Cache, "downloads", "*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}

	// The second time the network is not needed.
	again, err := offline.Fetch(ctx, "k")
	if err != nil || again.Stamp.Version != "7.10" || again.Dir != u.Dir {
		t.Errorf("offline after: %+v, %v", again, err)
	}
	// An epoch is part of what is asked for.
	one, err := f.Fetch(ctx, "one")
	if err != nil || one.Stamp.Packages[0].Version != "1:7.1-1" {
		t.Errorf("%+v, %v", one, err)
	}
	// Another list of packages is another set.
	offline.Recipe = testRecipe(t, "  k: {suite: forky, packages: [lab-tool]}\n")
	if _, err := offline.Fetch(ctx, "k"); !errors.Is(err, ErrOffline) {
		t.Errorf("with another list: error %v", err)
	}
}

// What is not signed is not taken, unless the machine's sources say so.
func TestFetchVerifies(t *testing.T) {
	uri := archiveOf(t, "forky", map[string]string{"lab-tool": "1"})
	f := &Fetcher{
		Recipe: testRecipe(t, "  k: {suite: forky, packages: [lab-tool]}\n"),
		Cache:  t.TempDir(), Etc: sourceOf(uri, ""), Now: func() time.Time { return noon },
	}
	if u, err := f.Fetch(context.Background(), "k"); err == nil || !strings.Contains(err.Error(), "not signed") {
		t.Errorf("%+v, error %v", u, err)
	}
}

// A download that was cut short is gone on with, a damaged one begun again.
func TestFetchGoesOn(t *testing.T) {
	uri := archiveOf(t, "forky", map[string]string{"lab-one": "1", "lab-two": "1"})
	f := &Fetcher{
		Recipe: testRecipe(t, "  k: {suite: forky, packages: [lab-one, lab-two]}\n"),
		Cache:  t.TempDir(), Etc: sourceOf(uri, "Trusted: yes\n"), Now: func() time.Time { return noon },
	}
	pool := strings.TrimPrefix(uri, "file:") + "/pool/"
	one, err := os.ReadFile(pool + "lab-one_1_amd64.deb")
	if err != nil {
		t.Fatal(err)
	}
	two, err := os.ReadFile(pool + "lab-two_1_amd64.deb")
	if err != nil {
		t.Fatal(err)
	}
	two[len(two)-9] ^= 1
	write(t, filepath.Join(f.Cache, "downloads/k/lab-one_1_amd64.deb"), string(one[:len(one)/2]))
	write(t, filepath.Join(f.Cache, "downloads/k/lab-two_1_amd64.deb"), string(two))
	write(t, filepath.Join(f.Cache, "sets/k.new/junk"), "of a run that died")
	u, err := f.Fetch(context.Background(), "k")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"lab-one", "lab-two"} {
		if _, err := os.Stat(filepath.Join(u.Dir, "usr/share/lab", name)); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(filepath.Join(f.Cache, "sets/k.new")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("left behind: %v", err)
	}
}

func TestFetchFails(t *testing.T) {
	uri := archiveOf(t, "forky", map[string]string{"lab-tool": "1"})
	f := &Fetcher{
		Recipe: testRecipe(t, "  a: {suite: forky, packages: [lab-none]}\n  b: {suite: duke, packages: [lab-tool]}\n  c: {suite: forky, version: '9', packages: [lab-tool-VERSION]}\n"),
		Cache:  t.TempDir(), Etc: sourceOf(uri, "Trusted: yes\n"), Now: func() time.Time { return noon },
	}
	for name, want := range map[string]string{"a": "lab-none", "b": "duke", "c": "no version of lab-tool-VERSION is in forky", "d": "no such set"} {
		if _, err := f.Fetch(context.Background(), name); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want %s", name, err, want)
		}
	}
	f.Etc = fstest.MapFS{}
	f.updated = nil
	if _, err := f.Fetch(context.Background(), "a"); !errors.Is(err, ErrNoMirror) {
		t.Errorf("no sources: error %v", err)
	}
}

func TestVerify(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.deb")
	write(t, path, "content")
	good := archive{file: "x.deb", size: 7, hash: "SHA256", sum: fmt.Sprintf("%x", sha256.Sum256([]byte("content")))}
	if sum, err := good.verify(path); err != nil || sum != good.sum {
		t.Errorf("%s, %v", sum, err)
	}
	for name, change := range map[string]func(*archive){
		"size":    func(a *archive) { a.size++ },
		"sum":     func(a *archive) { a.sum = strings.Repeat("0", 64) },
		"no hash": func(a *archive) { a.hash = "" },
		"md5":     func(a *archive) { a.hash = "MD5Sum" },
	} {
		bad := good
		change(&bad)
		if _, err := bad.verify(path); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestLock(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made")
	unlock, err := Lock(context.Background(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	if _, err := Lock(ctx, dir, cancel); !errors.Is(err, context.Canceled) {
		t.Errorf("while held: error %v", err)
	}
	got := make(chan error)
	go func() {
		unlock, err := Lock(context.Background(), dir, unlock)
		if err == nil {
			unlock()
		}
		got <- err
	}()
	if err := <-got; err != nil {
		t.Errorf("after: %v", err)
	}
}
