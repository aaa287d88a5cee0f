package main

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roamfault/roam/lab/guest"
)

func TestUsers(t *testing.T) {
	list := "a/b\t/src/a/b\ttesting roamfault/roam/lab/labtest\n" +
		"a/c\t/src/a/c\ttesting\n" +
		"roamfault/roam/lab/labtest\t/src/l\t \n" +
		"no line\n"
	got := users([]byte(list))
	want := []testPackage{{path: "a/b", dir: "/src/a/b"}, {path: "roamfault/roam/lab/labtest", dir: "/src/l"}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(testPackage{})); diff != "" {
		t.Errorf("packages (-want +got):\n%s", diff)
	}
}

func TestFiles(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a.go", "testdata/x", "testdata/below/y"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	p := testPackage{path: "roamfault/a", dir: dir, binary: "/tmp/a.test"}
	got, err := p.files()
	if err != nil {
		t.Fatal(err)
	}
	want := []guest.File{
		{Path: "/bin/a.test", Host: "/tmp/a.test", Mode: 0o755},
		{Path: "/src/roamfault/a/testdata/below/y", Host: filepath.Join(dir, "testdata/below/y")},
		{Path: "/src/roamfault/a/testdata/x", Host: filepath.Join(dir, "testdata/x")},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	p.dir = filepath.Join(dir, "testdata")
	if got, err := p.files(); err != nil || len(got) != 1 {
		t.Errorf("without data: files %+v, error %v", got, err)
	}
}

// Nothing of an archive gets out of the directory.
func TestUnpack(t *testing.T) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, name := range []string{"./TestA/system.log", "./TestA/all.log"} {
		if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: int64(len(name)), Mode: 0o644}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(name)); err != nil {
			t.Fatal(err)
		}
	}
	whole := append([]byte(nil), b.Bytes()...)
	if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: "../out", Size: 1, Mode: 0o644}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "kept")
	if err := unpack(&b, dir); err == nil {
		t.Error("a file outside of the directory is no error")
	}
	if _, err := os.Stat(filepath.Join(dir, "../out")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file is outside of the directory: %v", err)
	}
	if got, err := os.ReadFile(filepath.Join(dir, "TestA/system.log")); string(got) != "./TestA/system.log" || err != nil {
		t.Errorf("content %q, error %v", got, err)
	}
	if err := unpack(bytes.NewReader(whole[:520]), dir); err == nil {
		t.Error("half an archive is no error")
	}
}

func TestSummary(t *testing.T) {
	var b strings.Builder
	err := summary(&b, []outcome{
		{kernel: "6.12", what: "a", took: 1540 * time.Millisecond, complaints: []string{"WARNING: CPU: 0"}},
		{kernel: "7.x", what: "a", err: errors.New("panic\nlast words")},
	})
	if err == nil || err.Error() != "1 of 2 failed" {
		t.Errorf("error %v", err)
	}
	want := `== summary
6.12  a  1.5s  ok
7.x   a  0s    FAIL: panic
== 6.12, a: the kernel complains: WARNING: CPU: 0
== 7.x, a:
last words
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("summary (-want +got):\n%s", diff)
	}
	if err := summary(&b, nil); err == nil {
		t.Error("no tests are no error")
	}
	if err := summary(&b, []outcome{{kernel: "6.12", what: "a"}}); err != nil {
		t.Error(err)
	}
}

func TestComplaints(t *testing.T) {
	got := complaints([]guest.KernelRecord{
		{Text: "WARNING: CPU: 0 PID: 1 at net/mac80211/mlme.c:1"}, {Text: "wlan0: WARNING: no"}, {Text: "BUG: kernel NULL pointer dereference"},
	})
	want := []string{"WARNING: CPU: 0 PID: 1 at net/mac80211/mlme.c:1", "BUG: kernel NULL pointer dereference"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("complaints (-want +got):\n%s", diff)
	}
}

func TestParse(t *testing.T) {
	var said bytes.Buffer
	if _, err := parse([]string{"-keep", "none"}, &said); err == nil {
		t.Error("-keep none is taken")
	}
	o, err := parse([]string{"-run", "X", "-timeout", "1m", "./a"}, &said)
	if err != nil {
		t.Fatal(err)
	}
	b := bench{options: o}
	want := []string{"-test.v", "-test.timeout=1m0s", "-test.run=X"}
	if diff := cmp.Diff(want, b.arguments(testPackage{})); diff != "" || len(o.packages) != 1 {
		t.Errorf("packages %v, arguments (-want +got):\n%s", o.packages, diff)
	}
	b.bench = "."
	want = []string{"-test.v", "-test.timeout=1m0s", "-test.run=^$", "-test.bench=.", "-test.benchmem"}
	if diff := cmp.Diff(want, b.arguments(testPackage{})); diff != "" {
		t.Errorf("arguments (-want +got):\n%s", diff)
	}
}

func TestPrefixed(t *testing.T) {
	var b strings.Builder
	var mu sync.Mutex
	one, two := prefixed(&mu, &b, "1 "), prefixed(&mu, &b, "2 ")
	for _, w := range []struct {
		to   io.Writer
		text string
	}{{one, "a"}, {two, "x\ny"}, {one, "b\n"}, {two, "\n\n"}, {one, "not whole"}} {
		if n, err := w.to.Write([]byte(w.text)); n != len(w.text) || err != nil {
			t.Errorf("wrote %d, error %v", n, err)
		}
	}
	if want := "2 x\n1 ab\n2 y\n2 \n"; b.String() != want {
		t.Errorf("written %q, want %q", b.String(), want)
	}
}

// What failed at first counts by its second try, and only it is tried.
func TestAgain(t *testing.T) {
	broken := errors.New("exit code 1")
	var failed failedTests
	out := &lines{each: failed.line}
	for _, s := range []string{"=== RUN   TestA\n--- FAIL", ": TestA (0.10s)\n    --- FAIL: TestA/part (0.00s)\n--- PASS: TestB (0.00s)\n", "--- FAIL: TestC (1.00s)\n"} {
		fmt.Fprint(out, s)
	}
	a, b, c := testPackage{path: "a"}, testPackage{path: "b"}, testPackage{path: "c"}
	first := []outcome{
		{kernel: "6.12", what: "a", err: broken, left: []testPackage{a.only(failed)}},
		{kernel: "6.12", what: "b"},
		{kernel: "7.x", what: "boot", err: broken, left: []testPackage{b.only(nil), c}},
		{kernel: "7.x", what: "prepare", err: broken},
	}
	var tried []string
	got := again(first, func(kernel string, packages []testPackage) []outcome {
		var all []outcome
		for _, p := range packages {
			tried = append(tried, kernel+" "+p.path+" "+p.run)
			o := outcome{kernel: kernel, what: p.path}
			if p.path == "c" {
				o.err = broken
			}
			all = append(all, o)
		}
		return all
	})
	if diff := cmp.Diff([]string{"6.12 a ^(TestA|TestC)$", "7.x b ", "7.x c "}, tried); diff != "" {
		t.Errorf("tried (-want +got):\n%s", diff)
	}
	var said bytes.Buffer
	if err := summary(&said, got); err == nil || err.Error() != "2 of 5 failed" {
		t.Errorf("summary: %v", err)
	}
	want := "== summary\n" +
		"6.12  a        0s  ok at the second try; at the first: exit code 1\n" +
		"6.12  b        0s  ok\n" +
		"7.x   b        0s  ok at the second try; at the first: exit code 1\n" +
		"7.x   c        0s  FAIL, twice: exit code 1\n" +
		"7.x   prepare  0s  FAIL: exit code 1\n"
	if diff := cmp.Diff(want, said.String()); diff != "" {
		t.Errorf("summary (-want +got):\n%s", diff)
	}
	args := (&bench{options: options{run: "all"}}).arguments(a.only(failed))
	if got := args[len(args)-1]; got != "-test.run=^(TestA|TestC)$" {
		t.Errorf("the last argument of the second try is %s", got)
	}
}
