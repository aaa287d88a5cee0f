package systemd

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"roamfault/roam/lab/guest"
)

//go:embed handover.sh
var handover []byte

// machine is a machine with systemd, which is booted again and again: its disk and
// its memory stay.
type machine struct {
	image *guest.Image
	o     guest.Options
	disk  []guest.File // to be on the disk, before the first boot
}

// commandLine has the guest's memory hand over to systemd, which waits for no terminal
// and takes the disk for one that was booted before; and it leaves alone a place of the
// memory for ramoops (Documentation/admin-guide/ramoops.rst), far from where QEMU puts
// the kernel and its archive.
const commandLine = "rdinit=/handover memmap=1M$0x10000000 nokaslr systemd.getty_auto=no systemd.condition_needs_update=0 "

// units are the tests' own, in /run/systemd.
var units = map[string]string{
	// Its success is the host's wish to switch the power off.
	"system/attend.service": "[Unit]\nDefaultDependencies=no\nSuccessAction=poweroff-force\n" +
		"[Service]\nExecStart=/run/attend\nOOMScoreAdjust=-1000\n",
	"system/sysinit.target.d/lab.conf":    "[Unit]\nWants=attend.service\n",
	"system/lab.service":                  "[Service]\nType=simple\nExecStart=/usr/local/bin/roamfault lab up --here\n",
	"system/multi-user.target.d/lab.conf": "[Unit]\nWants=lab.service\n",
	// A minute to log in is long for a test.
	"system/roamfault-resume.service.d/lab.conf": "[Service]\nExecStartPre=\n" +
		"ExecStartPre=/bin/bash -c 'until /usr/local/bin/roamfault lab status; do sleep 0.5; done'\n",
}

// prepare makes the machine, or leaves the test out.
func prepare(t *testing.T) *machine {
	t.Helper()
	if os.Getenv("ROAMFAULT_LAB") != "1" {
		t.Skip("boots guests: only with ROAMFAULT_LAB=1")
	}
	if err := guest.CheckHost(); err != nil {
		t.Skip(err)
	}
	mke2fs, err := exec.LookPath("mke2fs")
	if err != nil {
		t.Skip("needs mke2fs (package e2fsprogs)")
	}
	cache := os.Getenv("ROAMFAULT_LAB_CACHE")
	image, err := guest.Prepare(t.Context(), guest.ImageOptions{Cache: cache, Carry: []string{"ramoops"}})
	if err != nil {
		t.Skipf("the guest's packages cannot be had: %v", err)
	}
	from, err := packages(t.Context(), cache)
	if err != nil {
		t.Skipf("the disk's packages cannot be had: %v", err)
	}
	dir := t.TempDir()
	disk, memory := filepath.Join(dir, "disk"), filepath.Join(dir, "memory")
	makeDisk(t, mke2fs, disk, from)
	m := &machine{image: image, disk: settings(from, build(t, dir, "roamfault/cmd/roamfault")), o: guest.Options{
		Program: build(t, dir, "roamfault/roam/lab/guest/attend"), Disks: []guest.Disk{{Path: disk}},
		// What the kernel keeps of a panic is in memory, which outlives it here.
		QEMU: []string{"-object", "memory-backend-file,id=memory,size=512M,share=on,mem-path=" + memory, "-machine", "memory-backend=memory"},
		Files: []guest.File{
			{Path: "/handover", Data: handover, Mode: 0o755},
		},
	}}
	for name, text := range units {
		m.o.Files = append(m.o.Files, guest.File{Path: "/units/" + name, Data: []byte(text)})
	}
	return m
}

// boot boots the machine until systemd has started the host's agent, with more words
// on the kernel's command line.
func (m *machine) boot(t *testing.T, words ...string) *guest.Guest {
	t.Helper()
	o := m.o
	o.Append = commandLine + strings.Join(words, " ")
	o.Files = append(m.disk[:len(m.disk):len(m.disk)], o.Files...)
	m.disk = nil
	g, err := guest.Boot(t.Context(), m.image, o)
	if err != nil {
		var end *guest.EndError
		if errors.As(err, &end) {
			t.Logf("console:\n%s\n%s", end.Console, end.Emulator)
		}
		t.Fatal(err)
	}
	t.Cleanup(g.Kill)
	t.Logf("boot: %v", g.BootTimes().Host.Round(100*time.Millisecond))
	return g
}

// run runs a script, and returns its code and all that it says.
func run(t *testing.T, g *guest.Guest, script string) (int, string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	var out bytes.Buffer
	code, err := g.Run(ctx, guest.Command{Args: []string{"bash", "-c", "PATH=$PATH:/usr/local/bin; " + script}, Stdout: &out, Stderr: &out})
	if err != nil {
		t.Fatalf("%s: %v: %s\n%s", script, err, &out, g.Console())
	}
	return code, strings.TrimSpace(out.String())
}

// sh runs a script that has to succeed.
func sh(t *testing.T, g *guest.Guest, script string) string {
	t.Helper()
	code, out := run(t, g, script)
	if code != 0 {
		t.Fatalf("%s: code %d: %s", script, code, out)
	}
	return out
}
