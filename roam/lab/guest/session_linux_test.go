package guest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"roamfault/roam/lab/guest/agent"
	"roamfault/roam/lab/guest/wire"
)

// localGuest is a guest whose side runs in this process, on this machine.
func localGuest(t *testing.T) *Guest {
	t.Helper()
	ours, theirs, err := socketPair()
	if err != nil {
		t.Fatal(err)
	}
	m := &machine{port: ours, console: new(console), stderr: new(console), done: make(chan struct{}), status: func() string { return "" }}
	var once sync.Once
	m.kill = func() { once.Do(func() { hangUp(theirs) }) }
	go func() {
		defer close(m.done)
		_ = agent.Serve(context.Background(), theirs) // ends with an error where it is killed
		m.kill()
	}()
	o, err := Options{}.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	g := attach(m, &Image{}, o)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := g.greet(ctx); err != nil {
		t.Fatal(err)
	}
	g.greeted.Store(true)
	t.Cleanup(func() {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	})
	return g
}

// hangUp closes the guest's end of a port, even while it is read; what was sent
// can still be received.
func hangUp(theirs *os.File) {
	_ = unix.Shutdown(int(theirs.Fd()), unix.SHUT_RDWR)
	theirs.Close()
}

func sh(script string) Command { return Command{Args: []string{"sh", "-c", script}} }

func TestRun(t *testing.T) {
	g := localGuest(t)
	tests := map[string]struct {
		cmd            Command
		stdin          string
		code           int
		stdout, stderr string
	}{
		"output":      {cmd: sh("echo out; echo err >&2"), stdout: "out\n", stderr: "err\n"},
		"code":        {cmd: sh("exit 42"), code: 42},
		"signal":      {cmd: sh("kill -TERM $$"), code: 128 + 15},
		"environment": {cmd: Command{Args: []string{"sh", "-c", "echo $A $HOME"}, Env: []string{"A=b"}}, stdout: "b /root\n"},
		"directory":   {cmd: Command{Args: []string{"pwd"}, Dir: "/usr"}, stdout: "/usr\n"},
		"relative":    {cmd: Command{Args: []string{"./sh", "-c", "echo yes"}, Dir: "/bin"}, stdout: "yes\n"},
		"no input":    {cmd: sh("cat"), stdout: ""},
		"input":       {cmd: sh("cat; echo end"), stdin: "some\ninput", stdout: "some\ninputend\n"},
		"not read":    {cmd: sh("exec true"), stdin: strings.Repeat("x", 4*wire.WindowSize)},
		"arguments":   {cmd: Command{Args: []string{"printf", "%s|", "a b", "", "ü\n<"}}, stdout: "a b||ü\n<|"},
		"left behind": {cmd: sh("echo here; sleep 60 & exit 3"), code: 3, stdout: "here\n"},
		"session":     {cmd: sh(`test "$(cut -d' ' -f5,6 /proc/$$/stat)" = "$$ $$"`)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			tt.cmd.Stdout, tt.cmd.Stderr = &stdout, &stderr
			if tt.stdin != "" {
				tt.cmd.Stdin = strings.NewReader(tt.stdin)
			}
			code, err := g.Run(context.Background(), tt.cmd)
			if err != nil || code != tt.code {
				t.Errorf("code %d, error %v, want %d", code, err, tt.code)
			}
			if diff := cmp.Diff([]string{tt.stdout, tt.stderr}, []string{stdout.String(), stderr.String()}); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestRunWhatIsNotThere(t *testing.T) {
	g := localGuest(t)
	for name, cmd := range map[string]Command{
		"in PATH":   {Args: []string{"no-such-program"}},
		"absolute":  {Args: []string{"/no/such"}},
		"directory": {Args: []string{"true"}, Dir: "/no/such"},
	} {
		_, err := g.Run(context.Background(), cmd)
		var start *StartError
		if !errors.As(err, &start) || !errors.Is(err, fs.ErrNotExist) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if _, err := g.Run(context.Background(), Command{Args: []string{"/etc/passwd"}}); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no program: error %v", err)
	}
	if _, err := g.Run(context.Background(), Command{}); err == nil {
		t.Error("no name: no error")
	}
	if code, err := g.Run(context.Background(), sh("exit 5")); code != 5 || err != nil {
		t.Errorf("after that: %d, %v", code, err)
	}
}

// slowWriter takes a little at a time.
type slowWriter struct {
	n     int
	pause time.Duration
}

func (w *slowWriter) Write(p []byte) (int, error) {
	time.Sleep(w.pause)
	w.n += len(p)
	return len(p), nil
}

// Output that nobody takes quickly holds up no other command, and arrives whole.
func TestRunSlowReader(t *testing.T) {
	g := localGuest(t)
	const size = 1 << 20
	slow := &slowWriter{pause: 5 * time.Millisecond}
	done := make(chan error, 1)
	go func() {
		code, err := g.Run(context.Background(), Command{Args: []string{"head", "-c", fmt.Sprint(size), "/dev/zero"}, Stdout: slow})
		if code != 0 {
			err = errors.Join(err, fmt.Errorf("code %d", code))
		}
		done <- err
	}()
	for range 5 {
		if _, err := g.Run(context.Background(), sh("echo quick")); err != nil {
			t.Fatal(err)
		}
	}
	select {
	case <-done:
		t.Error("the slow one was not slow")
	default:
	}
	if err := <-done; err != nil || slow.n != size {
		t.Errorf("%d bytes of %d, error %v", slow.n, size, err)
	}
}

func TestRunManyAtOnce(t *testing.T) {
	g := localGuest(t)
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			var out bytes.Buffer
			want := strings.Repeat(fmt.Sprint("line ", i, "\n"), 2000)
			code, err := g.Run(context.Background(), Command{Args: []string{"cat"}, Stdin: strings.NewReader(want), Stdout: &out})
			if err != nil || code != 0 || out.String() != want {
				t.Errorf("%d: code %d, %d bytes, error %v", i, code, out.Len(), err)
			}
		})
	}
	all.Wait()
}

func TestRunCancelled(t *testing.T) {
	g := localGuest(t)
	ctx, cancel := context.WithCancel(context.Background())
	var got []Line
	cmd := sh("echo begun; sleep 600 & sleep 600")
	cmd.Lines = func(l Line) {
		got = append(got, l)
		cancel()
	}
	began := time.Now()
	code, err := g.Run(ctx, cmd)
	if !errors.Is(err, context.Canceled) || code != 128+9 || time.Since(began) > 30*time.Second {
		t.Errorf("code %d, error %v after %v", code, err, time.Since(began))
	}
	if len(got) != 1 || got[0].Text != "begun" || got[0].Time <= 0 || got[0].Stderr {
		t.Errorf("lines %+v", got)
	}
	if _, err := g.Run(ctx, sh("true")); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled before: %v", err)
	}
}

func TestProcess(t *testing.T) {
	g := localGuest(t)
	said := make(chan Line, 10)
	cmd := sh("trap 'echo caught; exit 7' INT; echo ready; while :; do sleep 0.01; done")
	cmd.Lines = func(l Line) { said <- l }
	p, err := g.Start(context.Background(), cmd)
	if err != nil {
		t.Fatal(err)
	}
	if l := <-said; l.Text != "ready" || p.PID <= 0 || p.Began > l.Time {
		t.Errorf("line %+v, process %d begun at %v", l, p.PID, p.Began)
	}
	if err := p.Signal(2); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if code, err := p.Wait(); code != 7 || err != nil {
			t.Errorf("code %d, error %v", code, err)
		}
	}
	if l := <-said; l.Text != "caught" || p.Over() < l.Time {
		t.Errorf("line %+v, over at %v", l, p.Over())
	}
	if err := p.Signal(2); err != nil {
		t.Errorf("a signal after the end: %v", err)
	}
}

type failingReader struct{ err error }

func (r failingReader) Read([]byte) (int, error)  { return 0, r.err }
func (r failingReader) Write([]byte) (int, error) { return 0, r.err }

func TestRunTellsOfOurReadersAndWriters(t *testing.T) {
	g := localGuest(t)
	broken := failingReader{errors.New("broken")}
	if code, err := g.Run(context.Background(), Command{Args: []string{"cat"}, Stdin: broken}); code != 0 || !errors.Is(err, broken.err) {
		t.Errorf("input: code %d, error %v", code, err)
	}
	if code, err := g.Run(context.Background(), Command{Args: []string{"echo"}, Stdout: broken}); code != 0 || !errors.Is(err, broken.err) {
		t.Errorf("output: code %d, error %v", code, err)
	}
}

func TestFiles(t *testing.T) {
	g := localGuest(t)
	ctx := context.Background()
	there, here := t.TempDir(), t.TempDir()
	big := bytes.Repeat([]byte("roam"), wire.WindowSize)
	host := filepath.Join(here, "script")
	if err := os.WriteFile(host, []byte("#!/bin/sh\necho $1 > $2\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	code, err := g.Run(ctx, Command{
		Args: []string{filepath.Join(there, "new/dir/script"), "made", filepath.Join(there, "out")},
		Files: []File{
			{Path: filepath.Join(there, "new/dir/script"), Host: host},
			{Path: filepath.Join(there, "big"), Data: big, Mode: 0o600},
			{Path: filepath.Join(there, "empty")},
		},
		Collect: []Collect{
			{Path: filepath.Join(there, "out"), Host: filepath.Join(here, "out")},
			{Path: filepath.Join(there, "big"), Host: filepath.Join(here, "big")},
			{Path: filepath.Join(there, "empty"), Host: filepath.Join(here, "empty")},
			{Path: filepath.Join(there, "none"), Host: filepath.Join(here, "none"), Optional: true},
		},
	})
	if code != 0 || err != nil {
		t.Fatalf("code %d, error %v", code, err)
	}
	for name, want := range map[string]struct {
		text string
		mode fs.FileMode
	}{"out": {"made\n", 0o644}, "big": {string(big), 0o600}, "empty": {"", 0o644}} {
		b, err := os.ReadFile(filepath.Join(here, name))
		if err != nil || string(b) != want.text {
			t.Errorf("%s: %d bytes, %v", name, len(b), err)
		}
		if info, err := os.Stat(filepath.Join(here, name)); err != nil || info.Mode() != want.mode {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
	if left, err := os.ReadDir(here); err != nil || len(left) != 4 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if left, err := os.ReadDir(there); err != nil || len(left) != 4 {
		t.Errorf("left behind in the guest: %v, %v", left, err)
	}
}

func TestFilesFail(t *testing.T) {
	g := localGuest(t)
	ctx := context.Background()
	there, here := t.TempDir(), t.TempDir()
	if err := g.Get(ctx, Collect{Path: "/no/such", Host: filepath.Join(here, "x")}, Collect{Path: there, Host: filepath.Join(here, "y")}); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "a directory") {
		t.Errorf("error %v", err)
	}
	for name, f := range map[string]File{
		"relative":       {Path: "x"},
		"root":           {Path: "/"},
		"no host's file": {Path: there + "/x", Host: here + "/none"},
		"a directory":    {Path: there + "/x", Host: here},
		"below a file":   {Path: "/etc/passwd/x", Data: []byte("x")},
		"a long one":     {Path: "/etc/passwd/x", Data: make([]byte, 4*wire.WindowSize)},
	} {
		if err := g.Put(ctx, f); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	broken := failingReader{errors.New("broken")}
	if _, err := g.Read(ctx, "/etc/passwd", broken); !errors.Is(err, broken.err) {
		t.Errorf("error %v", err)
	}
	for _, dir := range []string{there, here} {
		if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
			t.Errorf("left behind: %v, %v", left, err)
		}
	}
	if code, err := g.Run(ctx, sh("exit 6")); code != 6 || err != nil {
		t.Errorf("after that: %d, %v", code, err)
	}
}

// cancelling cancels a context in the middle of what it writes.
type cancelling struct{ cancel func() }

func (c cancelling) Write(p []byte) (int, error) { c.cancel(); return len(p), nil }

func TestReadCancelled(t *testing.T) {
	// Before the guest, which ends first then: it may still be at a cancelled write.
	big := filepath.Join(t.TempDir(), "big")
	g := localGuest(t)
	if err := os.WriteFile(big, make([]byte, 8*wire.WindowSize), 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	if _, err := g.Read(ctx, big, cancelling{cancel}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if err := g.Put(ctx, File{Path: big, Data: []byte("x")}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if info, err := os.Stat(big); err != nil || info.Size() != 8*wire.WindowSize {
		t.Errorf("a cancelled write changed the file: %v, %v", info, err)
	}
}

func TestClose(t *testing.T) {
	g := localGuest(t)
	p, err := g.Start(context.Background(), sh("sleep 600"))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	}
	var end *EndError
	if !errors.As(g.Err(), &end) || end.Reason != EndAsked {
		t.Errorf("error %v", g.Err())
	}
	if code, err := p.Wait(); code != 128+9 || err != nil {
		t.Errorf("the command: code %d, error %v", code, err)
	}
	if _, err := g.Run(context.Background(), sh("true")); !errors.As(err, &end) {
		t.Errorf("run: %v", err)
	}
	if err := g.Put(context.Background(), File{Path: "/tmp/x"}); !errors.As(err, &end) {
		t.Errorf("put: %v", err)
	}
	if _, err := g.KernelLog().Follow().Next(context.Background()); err != io.EOF {
		t.Errorf("kernel log: %v", err)
	}
}

// A guest that ends in the middle of a command is the command's error.
func TestKilledUnderCommand(t *testing.T) {
	g := localGuest(t)
	p, err := g.Start(context.Background(), sh("sleep 600"))
	if err != nil {
		t.Fatal(err)
	}
	go g.Kill()
	var end *EndError
	if _, err := p.Wait(); !errors.As(err, &end) || end.Reason != EndAsked {
		t.Errorf("error %v", err)
	}
}

// silent is a guest that says hello and nothing more; said goes to its console,
// and it ends when ended says how.
func silent(t *testing.T, o Options, said string, hello any, ended chan string) (*Guest, error) {
	t.Helper()
	ours, theirs, err := socketPair()
	if err != nil {
		t.Fatal(err)
	}
	status := ""
	killed := make(chan struct{})
	m := &machine{port: ours, console: new(console), stderr: new(console), done: make(chan struct{}), status: func() string { return status }}
	var once sync.Once
	m.kill = func() { once.Do(func() { close(killed) }) }
	if o, err = o.withDefaults(); err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(m.console, said)
	go io.Copy(io.Discard, theirs)
	conn := wire.NewConn(theirs)
	go func() {
		_ = conn.SendMessage(wire.KindHello, 0, hello)
		_ = conn.SendMessage(wire.KindReady, 0, wire.Ready{})
		select {
		case status = <-ended:
			if status == "nonsense" {
				_, _ = theirs.Write(make([]byte, 100))
				<-killed
			}
		case <-killed:
			status = "signal: killed"
		}
		hangUp(theirs)
		close(m.done)
	}()
	g := attach(m, &Image{}, o)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	err = g.greet(ctx)
	g.greeted.Store(true)
	t.Cleanup(g.Kill)
	return g, err
}

func TestWhyGuestsEnd(t *testing.T) {
	const quiet = "[    2.1] some line\r\n"
	tests := map[string]struct {
		console, status string
		silence         time.Duration
		reason, detail  string
	}{
		"panic": {console: quiet + "[    3.0] Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000200\r\n[ 3.1] CPU: 0\r\n",
			reason: EndPanic, detail: "Attempted to kill init! exitcode=0x00000200"},
		"init":     {console: quiet + "guest init: one\r\nguest init: mount /proc: no\r\n", reason: EndInit, detail: "mount /proc: no"},
		"off":      {console: quiet, reason: EndOff},
		"emulator": {console: quiet, status: "signal: aborted", reason: EndQEMU, detail: "signal: aborted"},
		"nonsense": {console: quiet, status: "nonsense", reason: EndBroken, detail: "the guest said what it may not"},
		"hung":     {console: quiet, silence: 50 * time.Millisecond, reason: EndHung, detail: "no sign of life for 50ms"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			ended := make(chan string, 1)
			g, err := silent(t, Options{Silence: tt.silence}, tt.console, wire.Hello{Protocol: wire.Protocol}, ended)
			if err != nil {
				t.Fatal(err)
			}
			if tt.silence == 0 {
				ended <- tt.status
			}
			<-g.Done()
			var end *EndError
			if !errors.As(g.Err(), &end) || end.Reason != tt.reason || !strings.Contains(end.Detail, tt.detail) && tt.reason != EndBroken {
				t.Errorf("error %v", g.Err())
			}
			if !strings.Contains(end.Console, "some line") || strings.Contains(g.Err().Error(), "\n") {
				t.Errorf("console %q, error %q", end.Console, g.Err())
			}
			if _, err := g.Run(context.Background(), sh("true")); !errors.As(err, &end) {
				t.Errorf("run: %v", err)
			}
		})
	}
}

func TestGreetRefusesAnotherBuild(t *testing.T) {
	if _, err := silent(t, Options{}, "", wire.Hello{Protocol: wire.Protocol + 1}, nil); err == nil || !strings.Contains(err.Error(), "another build") {
		t.Errorf("error %v", err)
	}
}
