package guest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"roamfault/roam/lab/guest/initramfs"
)

// staticSelf returns a program that can be a guest's init: this test's, built
// anew where it needs libraries (with the race detector, or cgo).
var staticSelf = sync.OnceValues(func() (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	f, err := os.Open(self)
	if err != nil {
		return "", err
	}
	defer f.Close()
	if initramfs.CheckStatic(f) == nil {
		return self, nil
	}
	if scratch, err = os.MkdirTemp("", "roamfault-guest-test-"); err != nil {
		return "", err
	}
	path := filepath.Join(scratch, "guest.test")
	cmd := exec.Command("go", "test", "-c", "-o", path, ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64", "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", errors.New(string(out))
	}
	return path, nil
})

// labImage returns the image of a kernel, or leaves the test out.
func labImage(t *testing.T, kernel string) (*Image, Options) {
	t.Helper()
	if !*lab {
		t.Skip("boots a guest: only with ROAMFAULT_LAB=1 or -lab")
	}
	if err := CheckHost(); err != nil {
		t.Skip(err)
	}
	image, err := Prepare(context.Background(), ImageOptions{
		Kernel: kernel, Cache: os.Getenv("ROAMFAULT_LAB_CACHE"),
		Progress: func(p Progress) { t.Logf("%s %d/%d", p.Step, p.Done, p.Total) },
	})
	if err != nil {
		t.Fatal(err)
	}
	program, err := staticSelf()
	if err != nil {
		t.Fatal(err)
	}
	return image, Options{Program: program}
}

func bootLab(t *testing.T, image *Image, o Options) *Guest {
	t.Helper()
	g, err := Boot(context.Background(), image, o)
	if err != nil {
		var end *EndError
		if errors.As(err, &end) {
			t.Logf("console:\n%s\n%s", end.Console, end.Emulator)
		}
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() })
	return g
}

func outputOf(t *testing.T, g *Guest, script string) string {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := sh(script)
	cmd.Stdout, cmd.Stderr = &out, &errs
	if code, err := g.Run(context.Background(), cmd); code != 0 || err != nil {
		t.Errorf("%s: code %d, error %v: %s", script, code, err, errs.String())
	}
	return strings.TrimSpace(out.String())
}

// TestInGuest is run in the guest by TestBoot.
func TestInGuest(t *testing.T) {
	if os.Getenv("ROAMFAULT_IN_GUEST") == "" {
		t.Skip("runs in a guest")
	}
	phys, err := os.ReadDir("/sys/class/ieee80211")
	if err != nil || len(phys) != 2 {
		t.Errorf("%d radios, %v", len(phys), err)
	}
	name, err := os.Hostname()
	if err != nil || name != "lab" {
		t.Errorf("host's name %q, %v", name, err)
	}
}

func TestBoot(t *testing.T) {
	for _, kernel := range []string{"6.12", "7.x"} {
		t.Run(kernel, func(t *testing.T) {
			image, o := labImage(t, kernel)
			o.Files = []File{{Path: "/opt/early", Data: []byte("there\n"), Mode: 0o600}}
			before := time.Now().Add(-time.Second)
			g := bootLab(t, image, o)
			t.Logf("%s: %+v; kernel %d bytes, root %d bytes; modules %v; missing %v",
				g.Release(), g.BootTimes(), image.KernelBytes, image.RootBytes, g.Modules(), g.Missing())
			if got := outputOf(t, g, "/bin/busybox uname -r"); got != image.Release || got != g.Release() {
				t.Errorf("uname says %s, the image %s, the guest %s", got, image.Release, g.Release())
			}
			if len(g.Missing()) > 0 {
				t.Errorf("missing: %v", g.Missing())
			}
			if got := outputOf(t, g, "stat -c %a /opt/early /tmp / ; cat /opt/early"); got != "600\n1777\n755\nthere" {
				t.Errorf("files: %q", got)
			}
			if got := outputOf(t, g, "grep -c ^mac80211_hwsim /proc/modules; ls /sys/class/ieee80211 | wc -l"); got != "1\n0" {
				t.Errorf("hwsim and radios: %q", got)
			}
			outputOf(t, g, "modprobe mac80211_hwsim radios=0; iw phy; modprobe -r mac80211_hwsim && modprobe mac80211_hwsim radios=2")
			if got := outputOf(t, g, "iw phy"); strings.Count(got, "Wiphy phy") != 2 || !strings.Contains(got, "Supported Ciphers") {
				t.Errorf("iw phy: %s", got)
			}
			if got := outputOf(t, g, "iw reg set US; sleep 1; iw reg get"); !strings.Contains(got, "country US") {
				t.Errorf("regulatory database: %s", got)
			}
			if got := outputOf(t, g, "date +%s; ip addr show lo; ls -d /var/run/lock /sys/kernel/debug/ieee80211"); !strings.Contains(got, "LOOPBACK,UP") {
				t.Errorf("set-up: %s", got)
			}
			out := outputOf(t, g, "date +%s")
			if seconds, err := time.ParseDuration(out + "s"); err != nil || time.Unix(0, 0).Add(seconds).Before(before) || time.Unix(0, 0).Add(seconds).After(time.Now().Add(time.Second)) {
				t.Errorf("the guest's clock: %s, %v", out, err)
			}
			if got := outputOf(t, g, "wpa_supplicant -v | head -1; dbus-daemon --system && dbus-send --system --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.GetId | wc -l"); !strings.HasPrefix(got, "wpa_supplicant v2.") || !strings.HasSuffix(got, "\n2") {
				t.Errorf("supplicant and bus: %s", got)
			}
			test := Command{Args: []string{"/init", "-test.v", "-test.run", "^TestInGuest$"}, Env: []string{"ROAMFAULT_IN_GUEST=1"}}
			var text bytes.Buffer
			test.Stdout = &text
			if code, err := g.Run(context.Background(), test); code != 0 || err != nil || !strings.Contains(text.String(), "--- PASS: TestInGuest") {
				t.Errorf("a test in the guest: code %d, error %v: %s", code, err, text.String())
			}
			kernelLogOf(t, g)
			began := time.Now()
			if err := g.Close(); err != nil {
				t.Error(err)
			}
			t.Logf("closed after %v", time.Since(began))
		})
	}
}

// The kernel's log comes from its beginning, with what a command adds.
func kernelLogOf(t *testing.T, g *Guest) {
	t.Helper()
	r := g.KernelLog().Follow()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	first, err := r.Next(ctx)
	if err != nil || first.Sequence != 0 || !strings.HasPrefix(first.Text, "Linux version "+g.Release()) {
		t.Errorf("first record %+v, %v", first, err)
	}
	outputOf(t, g, `echo "<3>lab: a mark" > /dev/kmsg`)
	for last := first; ; {
		rec, err := r.Next(ctx)
		if err != nil {
			t.Fatalf("no mark in the kernel's log: %v", err)
		}
		if rec.Sequence != last.Sequence+1 || rec.Time < last.Time {
			// Records of two processors may be stamped the other way round.
			if rec.Sequence != last.Sequence+1 {
				t.Errorf("record %d comes after %d", rec.Sequence, last.Sequence)
			}
		}
		last = rec
		if rec.Text == "lab: a mark" {
			if rec.Priority&7 != 3 {
				t.Errorf("the mark's priority is %d", rec.Priority)
			}
			return
		}
	}
}

// A kernel's file with its modules serves as well as a name.
func TestKernelFile(t *testing.T) {
	image, o := labImage(t, "6.12")
	sets := filepath.Join(filepath.Dir(image.Kernel), "../../sets/6.12/root")
	kernel, err := only(sets, "boot/vmlinuz-*")
	if err != nil {
		t.Fatal(err)
	}
	own, err := Prepare(context.Background(), ImageOptions{
		Kernel: kernel, Modules: filepath.Join(sets, "lib/modules"), Cache: os.Getenv("ROAMFAULT_LAB_CACHE"), Offline: true, Carry: []string{"tun"},
	})
	if err != nil {
		t.Fatal(err)
	}
	o.Load = []Module{{Name: "tun"}}
	g := bootLab(t, own, o)
	if got := outputOf(t, g, "cut -d' ' -f1 /proc/modules"); got != "tun" || g.Release() != image.Release {
		t.Errorf("release %s, modules %q", g.Release(), got)
	}
}

// What is written back is on the disk after a hard end, and in the next guest.
func TestDiskAndKill(t *testing.T) {
	image, o := labImage(t, "6.12")
	disk := filepath.Join(t.TempDir(), "a disk,with=signs")
	if err := os.WriteFile(disk, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(disk, 32<<20); err != nil {
		t.Fatal(err)
	}
	o.Disks = []Disk{{Path: disk, Serial: "lab-disk"}}
	g := bootLab(t, image, o)
	outputOf(t, g, "cat /sys/block/vda/serial && mke2fs -F /dev/vda >/dev/null && mkdir /mnt && mount -t ext4 /dev/vda /mnt && echo kept > /mnt/file && sync")
	p, err := g.Start(context.Background(), sh("while :; do echo x >> /mnt/more; done"))
	if err != nil {
		t.Fatal(err)
	}
	g.Kill()
	if _, err := p.Wait(); err == nil {
		t.Error("a command outlived its guest")
	}
	again := bootLab(t, image, o)
	if got := outputOf(t, again, "mkdir /mnt && mount -t ext4 /dev/vda /mnt && cat /mnt/file"); got != "kept" {
		t.Errorf("on the disk: %q", got)
	}
}

func TestPanicAndPowerOff(t *testing.T) {
	image, o := labImage(t, "6.12")
	for script, want := range map[string]struct{ reason, detail string }{
		"echo c > /proc/sysrq-trigger": {EndPanic, "sysrq triggered crash"},
		"echo o > /proc/sysrq-trigger": {EndOff, ""},
	} {
		g := bootLab(t, image, o)
		_, err := g.Run(context.Background(), sh("echo 1 > /proc/sys/kernel/sysrq; "+script+"; sleep 60"))
		var end *EndError
		if !errors.As(err, &end) || end.Reason != want.reason || end.Detail != want.detail {
			t.Errorf("%s: error %v", script, err)
		}
		if end != nil && want.reason == EndPanic && !strings.Contains(end.Console, "Call Trace") {
			t.Errorf("console: %s", end.Console)
		}
	}
}

// A kernel that cannot boot is told from one that does.
func TestBootFails(t *testing.T) {
	image, o := labImage(t, "6.12")
	o.Append = "rdinit=/no/such root=/dev/none"
	_, err := Boot(context.Background(), image, o)
	var end *EndError
	if !errors.As(err, &end) || end.Reason != EndPanic || !strings.Contains(end.Detail, "VFS") {
		t.Errorf("no root: error %v", err)
	}
	o.Append = ""
	o.QEMU = []string{"-no-such-option"}
	if _, err := Boot(context.Background(), image, o); !errors.As(err, &end) || end.Reason != EndQEMU || !strings.Contains(end.Detail, "no-such-option") {
		t.Errorf("bad argument: error %v", err)
	}
	o.QEMU = []string{"-S"} // stopped from the beginning
	o.BootTimeout = 500 * time.Millisecond
	if _, err := Boot(context.Background(), image, o); !errors.As(err, &end) || end.Reason != EndHung {
		t.Errorf("stopped: error %v", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	o.BootTimeout = 0
	if _, err := Boot(ctx, image, o); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("cancelled: error %v", err)
	}
}

// KVM is taken where it works, and no guest fails because it does not.
func TestAccelAuto(t *testing.T) {
	image, o := labImage(t, "6.12")
	o.Accel = AccelAuto
	o.Progress = func(p Progress) { t.Log(p.Step) }
	g := bootLab(t, image, o)
	t.Logf("runs under %s: %+v", g.Accel(), g.BootTimes())
	if got := outputOf(t, g, "echo here"); got != "here" {
		t.Errorf("output %q", got)
	}
}

func TestThroughput(t *testing.T) {
	image, o := labImage(t, "6.12")
	g := bootLab(t, image, o)
	const size = 32 << 20
	began := time.Now()
	if err := g.Put(context.Background(), File{Path: "/tmp/big", Data: make([]byte, size)}); err != nil {
		t.Fatal(err)
	}
	in := time.Since(began)
	began = time.Now()
	var count slowWriter
	if _, err := g.Read(context.Background(), "/tmp/big", io.Writer(&count)); err != nil || count.n != size {
		t.Fatalf("%d bytes of %d, %v", count.n, size, err)
	}
	t.Logf("%.1f MB/s in, %.1f MB/s out", size/1e6/in.Seconds(), size/1e6/time.Since(began).Seconds())
}
