package stress

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"roamfault/roam/lab/labtest"
)

// BenchmarkCost measures what the program takes of a core while the station stays
// connected, in ms a second: with the gateway asked for echoes five times a second,
// and without. An emulated core is slower than a real one, by about as much as the
// fixed work, done before and after, takes longer than in BenchmarkFixedWork
// outside.
func BenchmarkCost(b *testing.B) {
	for name, more := range map[string][]string{"quiet": nil, "probed": {"--ping"}} {
		b.Run(name, func(b *testing.B) {
			l := labtest.Start(b, labtest.Needs{Supplicant: true, NoCapture: true})
			station := l.Stations[0]
			station.WaitConnected()
			station.Route()
			var took, work time.Duration
			for b.Loop() {
				work += fixedWorks(b) / 2
				took += staying(b, append(more, "-i", station.Name))
				work += fixedWorks(b) / 2
			}
			ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 / float64(b.N) }
			b.ReportMetric(ms(took)/costSpan.Seconds(), "ms/s")
			b.ReportMetric(ms(work), "ms/fixed-work")
		})
	}
}

// BenchmarkFixedWork is the work by which an emulated core is told from a real one.
func BenchmarkFixedWork(b *testing.B) {
	for b.Loop() {
		fixedWork()
	}
}

// fixedWork is work of a kind that the program does: branches and memory.
func fixedWork() map[[4]byte]int {
	seen := map[[4]byte]int{}
	sum := sha256.Sum256(nil)
	for range 20000 {
		for i := range sum {
			sum[i] = sum[(i+int(sum[i]))%len(sum)]*31 + byte(i)
		}
		seen[[4]byte(sum[:4])]++
	}
	return seen
}

// fixedWorks is what the fixed work takes of a core.
func fixedWorks(b *testing.B) time.Duration {
	b.Helper()
	const times = 20
	before := spent(b)
	for range times {
		fixedWork()
	}
	return (spent(b) - before) / times
}

// spent is what this process has taken of a core.
func spent(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// When it is measured: the begin of a run, and the roam, are over by then.
const (
	costAfter = 25 * time.Second
	costSpan  = 60 * time.Second
)

// staying is what a run by a process of its own takes of a core in costSpan.
func staying(b *testing.B, args []string) time.Duration {
	b.Helper()
	base := []string{"stress", "--mine", "--via", "ctrl", "--source", "kmsg", "--runs", b.TempDir(), "--cycles", "1", "--dwell", "3m"}
	cmd := exec.CommandContext(b.Context(), "roamfault", append(base, args...)...)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	time.Sleep(costAfter)
	before := taken(b, cmd.Process.Pid)
	time.Sleep(costSpan)
	took := taken(b, cmd.Process.Pid) - before
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		b.Fatalf("%v; it said:\n%s", err, said.Bytes())
	}
	_ = cmd.Wait() // its run was interrupted
	return took
}

// taken is what a process has taken of a core (proc(5), /proc/pid/stat: in ticks of
// 10 ms).
func taken(b *testing.B, pid int) time.Duration {
	b.Helper()
	const utime, stime, tick = 11, 12, 10 * time.Millisecond // behind the name
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	if len(fields) <= stime {
		b.Fatalf("/proc/%d/stat: %q", pid, text)
	}
	var all time.Duration
	for _, field := range []int{utime, stime} {
		n, err := strconv.Atoi(fields[field])
		if err != nil {
			b.Fatal(err)
		}
		all += time.Duration(n) * tick
	}
	return all
}
