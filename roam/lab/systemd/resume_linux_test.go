package systemd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"roamfault/roam/lab"
	"roamfault/roam/lab/guest"
	"roamfault/roam/resume"
	"roamfault/roam/runlog"
)

// What a kernel says that a run is to find: the firmware does not answer, and a
// processor hangs. At such levels journald brings all to the disk at once.
const (
	timeouts = "<4>mt7925e 0000:01:00.0: Message 00020002 (seq 12) timeout\n<2>mt7925e 0000:01:00.0: Message 00020003 (seq 13) timeout"
	lockup   = "watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [kworker/u8:1:42]"
)

// stress begins a run that the next boots are to go on with.
func stress(t *testing.T, g *guest.Guest, cycles int) {
	t.Helper()
	sh(t, g, fmt.Sprintf("until roamfault lab status; do sleep 0.5; done >/dev/null 2>&1; echo %s > /etc/lab-password; "+
		"systemd-run -q --unit=drive /usr/local/bin/roamfault stress --resume-on-boot --via nl80211 --ssid %s --cycles %d"+
		" --dwell 800ms..1500ms --settle 1s --runs /var/lib/runs --password-file /etc/lab-password", lab.DefaultPassword, lab.DefaultSSID, cycles))
}

// mark reads the mark of a cycle's begin or end.
func mark(text string) (number int, word string) {
	if n, _ := fmt.Sscanf(text, "roamfault: cycle %d %s", &number, &word); n < 2 {
		return 0, ""
	}
	return number, word
}

// next waits for the next line of the kernel's log that is wanted.
func next(t *testing.T, g *guest.Guest, log *guest.KernelReader, wanted func(text string) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	for {
		r, err := log.Next(ctx)
		if err != nil {
			_, said := run(t, g, "journalctl -b --no-pager -o short-monotonic -n 60; systemctl status 'drive*' roamfault-resume --no-pager")
			t.Fatalf("the kernel's log does not say what is waited for: %v; the journal:\n%s", err, said)
		}
		if wanted(r.Text) {
			return
		}
	}
}

// begin waits for the begin of a cycle.
func begin(t *testing.T, g *guest.Guest, log *guest.KernelReader) (number int) {
	t.Helper()
	next(t, g, log, func(text string) bool {
		n, word := mark(text)
		number = n
		return word == "begin"
	})
	return number
}

// hang has the program hang in a cycle, whose number it returns, and the kernel say
// why; the journal is on the disk behind that.
func hang(t *testing.T, g *guest.Guest, unit, words string) int {
	t.Helper()
	for log := g.KernelLog().Follow(); ; {
		open := begin(t, g, log)
		sh(t, g, "systemctl kill -s STOP "+unit+"; echo stopped > /dev/kmsg")
		next(t, g, log, func(text string) bool {
			switch n, word := mark(text); word {
			case "begin":
				open = n
			case "end":
				open = 0
			}
			return text == "stopped"
		})
		if open > 0 {
			sh(t, g, "while read -r line; do echo \"$line\" > /dev/kmsg; done <<< '"+words+"'; "+
				"until journalctl -q -b -k -n 5 | grep -qF '"+words[strings.LastIndexByte(words, '>')+1:]+"'; do sleep 0.5; done; journalctl --sync")
			return open
		}
		sh(t, g, "systemctl kill -s CONT "+unit) // it was between two
	}
}

// panics has the kernel panic.
func panics(t *testing.T, g *guest.Guest) {
	t.Helper()
	_, err := g.Run(t.Context(), guest.Command{Args: []string{"bash", "-c", "echo c > /proc/sysrq-trigger; sleep 60"}})
	var end *guest.EndError
	if !errors.As(err, &end) || end.Reason != guest.EndPanic {
		t.Fatalf("it was to panic: %v", err)
	}
}

// load reads the latest of the machine's runs.
func load(t *testing.T, g *guest.Guest) (*runlog.Run, map[int]*runlog.Cycle) {
	t.Helper()
	paths := strings.Fields(sh(t, g, "ls /var/lib/runs/*/run.jsonl"))
	var file bytes.Buffer
	if _, err := g.Read(t.Context(), paths[len(paths)-1], &file); err != nil {
		t.Fatal(err)
	}
	r, stats, err := runlog.Load(t.Context(), bytes.NewReader(file.Bytes()))
	if err != nil {
		t.Fatalf("%v: %v", stats.Problems(), err)
	}
	cycles := map[int]*runlog.Cycle{}
	if _, err := runlog.Read(t.Context(), &file, func(e runlog.Entry) error {
		if c, ok := e.(*runlog.Cycle); ok {
			cycles[c.Number] = c
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return r, cycles
}

// installed are the files of the unit that are there.
const installed = "ls -d /etc/systemd/system/{,*/}roamfault-resume.service 2> /dev/null || true"

// What a crash interrupts goes on by itself at the next boot, with what the journal
// and pstore have of the dead one, but not a third time, and not where the kernel's
// command line says so.
func TestResumesAtBoot(t *testing.T) {
	t.Parallel()
	m := prepare(t)
	g := m.boot(t)
	stress(t, g, 1000)
	cycle := hang(t, g, "drive", timeouts+"\n<0>kernel: "+lockup)
	panics(t, g)

	g = m.boot(t, "roamfault.noresume")
	notResumed(t, g)
	g.Kill()

	g = m.boot(t)
	begin(t, g, g.KernelLog().Follow())
	closed(t, g, cycle, "lockup: "+lockup)
	cycle = hang(t, g, "roamfault-resume", timeouts)
	g.Kill()

	g = m.boot(t)
	begin(t, g, g.KernelLog().Follow())
	closed(t, g, cycle, "hard hang, or the power was lost: the log of that boot ends ")
	hang(t, g, "roamfault-resume", timeouts)
	panics(t, g)

	g = m.boot(t)
	refused(t, g)
	stress(t, g, 5)
	cycle = hang(t, g, "drive", timeouts)
	panics(t, g)

	g = m.boot(t)
	begin(t, g, g.KernelLog().Follow())
	closed(t, g, cycle, "kernel-panic: Kernel panic - not syncing: sysrq triggered crash")
	ends(t, g, 5)
	killed(t, g)
}

// closed looks at a cycle that a crash has interrupted, of a run that goes on.
func closed(t *testing.T, g *guest.Guest, number int, detail string) {
	t.Helper()
	r, cycles := load(t, g)
	c := cycles[number]
	if c == nil {
		t.Fatalf("the interrupted cycle %d is not there; notes %v", number, r.Notes)
	}
	t.Logf("cycle %d: %s: %s: %v", c.Number, c.Outcome, c.Detail, c.Incidents)
	if c.Outcome != runlog.Crashed || !strings.HasPrefix(c.Detail, detail) {
		t.Errorf("cycle %d: %s: %s, want %s", c.Number, c.Outcome, c.Detail, detail)
	}
	// They were in the journal alone: the program hung.
	if !slices.Contains(c.Incidents, "mcu-timeout") {
		t.Errorf("cycle %d: incidents %v", c.Number, c.Incidents)
	}
	for _, n := range r.Notes {
		t.Logf("note: %s", n.Text)
		if strings.Contains(n.Text, "could not be read") {
			t.Errorf("note: %s", n.Text)
		}
	}
}

// notResumed looks at a boot that was told not to resume, and at what systemd makes
// of the units.
func notResumed(t *testing.T, g *guest.Guest) {
	t.Helper()
	if out := sh(t, g, "systemctl is-system-running --wait"); out != "running" {
		t.Errorf("the system is %s: %s", out, sh(t, g, "systemctl --failed --no-pager"))
	}
	if out := sh(t, g, "systemctl show -p ConditionResult -p ActiveState --value roamfault-resume"); out != "inactive\nno" {
		t.Errorf("state and condition:\n%s", out)
	}
	out := sh(t, g, "journalctl -q -b --no-pager -o cat -u roamfault-resume -u init.scope")
	if !strings.Contains(out, "ConditionKernelCommandLine=!roamfault.noresume") || strings.Contains(out, "ordering cycle") {
		t.Errorf("the journal:\n%s", out)
	}
	if out := sh(t, g, installed); strings.Count(out, "\n") != 1 {
		t.Errorf("not both of unit and link are there: %s", out)
	}
	code, out := run(t, g, "systemd-analyze verify --man=no multi-user.target roamfault-resume.service roamfault-watch.service")
	if code != 0 || strings.Contains(out, "roamfault") {
		t.Errorf("systemd-analyze verify: code %d: %s", code, out)
	}
}

// refused looks at a boot with no try left: the unit says so, and is gone.
func refused(t *testing.T, g *guest.Guest) {
	t.Helper()
	sh(t, g, "until systemctl -q is-failed roamfault-resume; do sleep 0.5; done")
	if out := sh(t, g, "systemctl status roamfault-resume --no-pager -l || true"); !strings.Contains(out, resume.ErrTries.Error()) {
		t.Errorf("it does not say %q:\n%s", resume.ErrTries, out)
	}
	if out := sh(t, g, installed); out != "" {
		t.Errorf("it is there: %s", out)
	}
}

// ends waits for the end of a run that was resumed.
func ends(t *testing.T, g *guest.Guest, most int) {
	t.Helper()
	sh(t, g, "while systemctl -q is-active roamfault-resume; do sleep 0.5; done")
	r, cycles := load(t, g)
	if r.Ended == nil || len(cycles) != most || len(r.Resumes) != 1 {
		t.Errorf("%d cycles, resumed %d times, end %+v", len(cycles), len(r.Resumes), r.Ended)
	}
	if out := sh(t, g, installed); out != "" {
		t.Errorf("it is there: %s", out)
	}
	if out := sh(t, g, "systemctl show -p Result -p ExecMainStatus roamfault-resume; systemctl daemon-reload; systemctl show -p LoadState --value roamfault-resume"); !strings.HasPrefix(out, "Result=success\n") || !strings.HasSuffix(out, "not-found") {
		t.Errorf("the unit in the end:\n%s", out)
	}
}

// killed has the resumed program killed: its changes are undone nevertheless, and
// nothing of it is left.
func killed(t *testing.T, g *guest.Guest) {
	t.Helper()
	sh(t, g, "systemctl reset-failed drive 2> /dev/null || true")
	log := g.KernelLog().FollowEnd()
	stress(t, g, 1000)
	begin(t, g, log)
	sh(t, g, "systemctl kill -s KILL drive; systemctl daemon-reload; systemctl start roamfault-resume")
	begin(t, g, log)
	sh(t, g, "systemctl kill -s KILL --kill-whom=main roamfault-resume")
	sh(t, g, "cd /sys/fs/cgroup/system.slice; while test -d roamfault-resume.service && grep -q . roamfault-resume.service/cgroup.procs; do sleep 0.5; done")
	if out := sh(t, g, installed+"; roamfault restore"); out != "nothing is left to be undone" {
		t.Errorf("after it was killed: %s", out)
	}
}
