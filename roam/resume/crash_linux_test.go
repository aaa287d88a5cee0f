package resume

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"roamfault/roam/lab"
	"roamfault/roam/lab/guest"
	"roamfault/roam/runlog"
)

var crashes = flag.Int("crashes", 4, "how often TestCrashes takes the machine of a run down")

// crashed is a run in guests that have their disk and their memory in common, one
// after another.
type crashed struct {
	image *guest.Image
	o     guest.Options
	kept  map[int]string // what the kernel's log said to be kept: outcomes by the cycles' numbers
	panic []bool         // how each guest ended
}

// A place of the guest's memory that it leaves alone, for ramoops
// (Documentation/admin-guide/ramoops.rst): far from where QEMU puts the kernel and
// its archive.
const (
	oopsCommandLine = "memmap=1M$0x10000000 nokaslr"
	oopsParams      = "mem_address=0x10000000 mem_size=0x100000 record_size=0x20000 max_reason=2"
)

// prepare makes what the guests need, or leaves the test out.
func prepare(t *testing.T) *crashed {
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
	image, err := guest.Prepare(t.Context(), guest.ImageOptions{Cache: os.Getenv("ROAMFAULT_LAB_CACHE"), Offline: true, Carry: []string{"ramoops"}})
	if err != nil {
		t.Skipf("roamfault lab vm fills the cache: %v", err)
	}
	dir := t.TempDir()
	disk, memory, program := filepath.Join(dir, "disk"), filepath.Join(dir, "memory"), filepath.Join(dir, "roamfault")
	if err := errors.Join(os.WriteFile(disk, nil, 0o600), os.Truncate(disk, 64<<20)); err != nil {
		t.Fatal(err)
	}
	// With a journal: nothing in the guest could check a file system without one.
	if out, err := exec.CommandContext(t.Context(), mke2fs, "-q", "-F", "-t", "ext4", disk).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, "roamfault/cmd/roamfault")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64", "GOFLAGS=")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return &crashed{image: image, kept: map[int]string{}, o: guest.Options{
		Program: program, Disks: []guest.Disk{{Path: disk}}, Append: oopsCommandLine,
		// What the kernel keeps of a panic is in memory, which outlives it here.
		QEMU: []string{"-object", "memory-backend-file,id=memory,size=512M,share=on,mem-path=" + memory, "-machine", "memory-backend=memory"},
	}}
}

// boot boots the machine, with its disk where runs and changes are kept.
func (c *crashed) boot(t *testing.T) *guest.Guest {
	t.Helper()
	g, err := guest.Boot(t.Context(), c.image, c.o)
	if err != nil {
		var end *guest.EndError
		if errors.As(err, &end) {
			t.Logf("console:\n%s\n%s", end.Console, end.Emulator)
		}
		t.Fatal(err)
	}
	t.Cleanup(g.Kill)
	script := "mkdir -p /var/lib && mount -t ext4 /dev/vda /var/lib && modprobe ramoops " + oopsParams + " && mkdir -p /sys/fs/pstore && mount -t pstore pstore /sys/fs/pstore && echo " + lab.DefaultPassword + " > /root/password"
	sh(t, g, script)
	return g
}

// sh runs a script that has to succeed.
func sh(t *testing.T, g *guest.Guest, script string) string {
	t.Helper()
	var out bytes.Buffer
	if code, err := g.Run(t.Context(), guest.Command{Args: []string{"sh", "-c", script}, Stdout: &out, Stderr: &out}); code != 0 || err != nil {
		t.Fatalf("%s: code %d, error %v: %s", script, code, err, out.String())
	}
	return out.String()
}

// drive drives the lab in the guest: from the begin, or on from the crash before.
func (c *crashed) drive(t *testing.T, g *guest.Guest, said *bytes.Buffer) *guest.Process {
	t.Helper()
	args := []string{"/init", "lab", "up", "--here", "--"}
	if len(c.panic) == 0 {
		args = append(args, "/init", "stress", "--via", "nl80211", "--ssid", lab.DefaultSSID, "--cycles", "100000", "--dwell", "800ms..1500ms", "--settle", "1s")
	} else {
		args = append(args, "/init", "runs", "resume")
	}
	args = append(args, "--runs", "/var/lib/runs", "--password-file", "/root/password", "--source", "kmsg")
	p, err := g.Start(context.WithoutCancel(t.Context()), guest.Command{Args: args, Stdout: said, Stderr: said})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// await waits until the kernel's log tells that so many cycles have ended.
func (c *crashed) await(t *testing.T, g *guest.Guest, cycles int, said *bytes.Buffer) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	log := g.KernelLog().Follow()
	for n := 0; n < cycles; {
		r, err := log.Next(ctx)
		if err != nil {
			t.Fatalf("no cycle ends: %v; roamfault says:\n%s\n%s", err, said, g.Console())
		}
		if number, _ := ended(r.Text); number > 0 {
			n++
		}
	}
}

// ended reads the mark of a cycle's end.
func ended(text string) (number int, outcome string) {
	if n, _ := fmt.Sscanf(text, "roamfault: cycle %d end %s", &number, &outcome); n < 2 {
		return 0, ""
	}
	return number, outcome
}

// note keeps which cycles the kernel's log told to be kept.
func (c *crashed) note(t *testing.T, g *guest.Guest) {
	t.Helper()
	for _, r := range g.KernelLog().Records() {
		number, outcome := ended(r.Text)
		if number == 0 {
			continue
		}
		if was, again := c.kept[number]; again {
			t.Errorf("cycle %d ended twice: %s and %s", number, was, outcome)
		}
		c.kept[number] = outcome
	}
}

// crash takes the machine down, at any moment.
func (c *crashed) crash(t *testing.T, g *guest.Guest) {
	t.Helper()
	time.Sleep(time.Duration(rand.IntN(4000)) * time.Millisecond)
	byPanic := len(c.panic)%2 == 0
	if !byPanic {
		g.Kill()
	} else {
		_, err := g.Run(t.Context(), guest.Command{Args: []string{"sh", "-c", "echo c > /proc/sysrq-trigger; sleep 60"}})
		var end *guest.EndError
		if !errors.As(err, &end) || end.Reason != guest.EndPanic {
			t.Fatalf("it was to panic: %v", err)
		}
	}
	c.panic = append(c.panic, byPanic)
}

// A run whose machine panics, and loses its power, again and again goes on where it
// was: no cycle that was kept is lost, none is there twice, and each crash is, with
// what the kernel said at last.
func TestCrashes(t *testing.T) {
	c := prepare(t)
	for range *crashes {
		g := c.boot(t)
		var said bytes.Buffer
		p := c.drive(t, g, &said)
		c.await(t, g, 1+rand.IntN(3), &said)
		c.crash(t, g)
		if _, err := p.Wait(); err == nil {
			t.Fatalf("the run outlived its machine:\n%s", &said)
		}
		c.note(t, g)
	}
	g := c.boot(t)
	var said, file bytes.Buffer
	p := c.drive(t, g, &said)
	c.await(t, g, 2, &said)
	if err := p.Signal(2); err != nil {
		t.Fatal(err)
	}
	if code, err := p.Wait(); err != nil || code > 1 {
		t.Fatalf("code %d, error %v:\n%s", code, err, &said)
	}
	c.note(t, g)
	path := strings.TrimSpace(sh(t, g, "ls /var/lib/runs/*/run.jsonl"))
	if _, err := g.Read(t.Context(), path, &file); err != nil {
		t.Fatal(err)
	}
	c.check(t, file.Bytes())
	if out := os.Getenv("LAB_OUT"); out != "" && t.Failed() {
		if err := os.WriteFile(filepath.Join(out, "run.jsonl"), file.Bytes(), 0o600); err != nil {
			t.Error(err)
		}
	}
}

// check looks at the run in the end.
func (c *crashed) check(t *testing.T, file []byte) {
	t.Helper()
	run, stats, err := runlog.Load(t.Context(), bytes.NewReader(file))
	if err != nil || !stats.Clean() || run.Ended == nil || run.Repeated != 0 || run.Interrupted != nil {
		t.Fatalf("%v, error %v, ended %v, repeated %d", stats.Problems(), err, run.Ended, run.Repeated)
	}
	outcomes, details := map[int]runlog.Outcome{}, map[int]string{}
	if _, err := runlog.Read(t.Context(), bytes.NewReader(file), func(e runlog.Entry) error {
		if cycle, ok := e.(*runlog.Cycle); ok {
			outcomes[cycle.Number], details[cycle.Number] = cycle.Outcome, cycle.Detail
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for n := range run.Cycles.Len() {
		if outcomes[n+1] == "" {
			t.Errorf("there is no cycle %d of %d", n+1, run.Cycles.Len())
		}
	}
	lost := 0
	for n, outcome := range c.kept {
		if string(outcomes[n]) != outcome {
			lost++
			t.Errorf("cycle %d was kept as %s, and is %q", n, outcome, outcomes[n])
		}
	}
	if len(run.Pauses) != len(c.panic) || len(run.Resumes) != len(c.panic) || run.Ended.Totals.Cycles != run.Cycles.Len() {
		t.Fatalf("%d crashes, %d pauses, taken up %d times; %d cycles, the end says %d", len(c.panic), len(run.Pauses), len(run.Resumes), run.Cycles.Len(), run.Ended.Totals.Cycles)
	}
	within, panics := 0, 0
	for i, byPanic := range c.panic {
		want, got := "hard hang, or the power was lost", crashOf(run, i, outcomes, details)
		if byPanic {
			want = "kernel-panic: Kernel panic - not syncing: sysrq triggered crash"
			panics++
		}
		if strings.Contains(run.Pauses[i].Why, " in cycle ") {
			within++
		}
		if !strings.Contains(got, want) {
			t.Errorf("crash %d: %s: %q, want %q", i+1, run.Pauses[i].Why, got, want)
		}
	}
	t.Logf("%d crashes (%d panics, %d without a word): %d cycles, %d told to be kept, %d of them lost; %d crashes within a cycle, %d between two; run file of %d bytes",
		len(c.panic), panics, len(c.panic)-panics, run.Cycles.Len(), len(c.kept), lost, within, len(c.panic)-within, len(file))
}

// crashOf is what the run says of a crash: the detail of its cycle, or between two
// the note.
func crashOf(run *runlog.Run, i int, outcomes map[int]runlog.Outcome, details map[int]string) string {
	why := run.Pauses[i].Why
	var n int
	if _, words, ok := strings.Cut(why, " in cycle "); ok {
		if _, err := fmt.Sscan(words, &n); err != nil || outcomes[n] != runlog.Crashed {
			return fmt.Sprintf("cycle %d is %s", n, outcomes[n])
		}
		return details[n]
	}
	for _, note := range run.Notes {
		if strings.HasPrefix(note.Text, why) && note.At.Wall.Equal(run.Pauses[i].At.Wall) {
			return note.Text
		}
	}
	return "nothing"
}
