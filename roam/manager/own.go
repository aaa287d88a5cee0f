package manager

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"

	"roamfault/reports/render"
)

// Own says what a supplicant of our own is to be.
type Own struct {
	Interface string
	// Dir is a directory of root alone in which one is made for it: /run/roamfault.
	Dir string
	// Program is its path; empty: it is looked for.
	Program string
	// Networks are those that it may connect to.
	Networks []Credentials
	// Lines are further lines of its configuration.
	Lines []string
	// Output is told what it prints; nil: nobody.
	Output io.Writer
}

// ownPrefix begins the name of the directory of a supplicant of our own.
const ownPrefix = "roamfault-supplicant-"

func (o *Own) dir() string { return filepath.Join(o.Dir, ownPrefix+o.Interface) }

func ownConfig(dir string) string { return filepath.Join(dir, "wpa_supplicant.conf") }

// OwnSupplicant starts a wpa_supplicant for an interface that nobody has (see
// [TakeOver]), with a control socket in a directory that nobody else can enter.
// It returns the socket's path, and what ends it.
func OwnSupplicant(ctx context.Context, s System, o Own, do Do) (control string, stop func(context.Context) error, err error) {
	failed := func(err error) (string, func(context.Context) error, error) {
		return "", nil, fmt.Errorf("start a wpa_supplicant of our own for %s: %w", o.Interface, err)
	}
	m := newMachine(s)
	config, err := o.config()
	if err != nil {
		return failed(err)
	}
	program, err := m.program(o.Program)
	switch {
	case err != nil:
		return failed(err)
	case m.Processes == nil:
		return failed(errNoProcesses)
	case !isInterfaceName(o.Interface) || !path.IsAbs(o.Dir):
		return failed(errors.New("it takes an interface and an absolute directory"))
	}
	args := map[string]string{"interface": o.Interface, "dir": o.dir()}
	if err := m.ownEnd(ctx, args); err != nil { // one that was left behind
		return failed(err)
	}
	control = filepath.Join(o.dir(), "control", o.Interface)
	last := &lastLine{next: o.Output}
	apply := func(ctx context.Context) error {
		if err := os.Mkdir(o.dir(), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(ownConfig(o.dir()), []byte(config), 0o600); err != nil {
			return err
		}
		r, err := m.Processes.Start(Command{
			Path: program, Args: []string{"wpa_supplicant", "-i", o.Interface, "-c", ownConfig(o.dir()), "-D", "nl80211"},
			Dir: "/", Env: []string{"PATH=" + strings.Join(programDirs[:], ":")}, Output: last,
		})
		if err != nil {
			return err
		}
		if err := m.settle(ctx, r, control, false); err != nil {
			return also(also(err, last.err(ctx)), kill(r))
		}
		return nil
	}
	stop = func(ctx context.Context) error { return newMachine(s).ownEnd(ctx, args) }
	if err := do(ctx, Change{OwnStarted, args, "start a wpa_supplicant of our own for " + o.Interface}, apply); err != nil {
		return failed(also(err, stop(context.WithoutCancel(ctx))))
	}
	return control, stop, nil
}

// kill ends one that did not come up.
func kill(r Running) error {
	select {
	case <-r.Ended():
		return nil
	default:
	}
	if err := r.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-r.Ended()
	return nil
}

// ownEnd ends those with the configuration that is in the directory, and removes
// the directory.
func (m *machine) ownEnd(ctx context.Context, args map[string]string) error {
	dir := filepath.Clean(args["dir"])
	if !filepath.IsAbs(dir) || !strings.HasPrefix(filepath.Base(dir), ownPrefix) {
		return fmt.Errorf("end our own wpa_supplicant: %q is not its directory", args["dir"])
	}
	for _, pid := range m.withConfig(ownConfig(dir)) {
		if err := m.end(ctx, pid); err != nil {
			return err
		}
	}
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("end our own wpa_supplicant: %w", err)
	}
	return nil
}

// programDirs are where wpa_supplicant is installed.
var programDirs = [...]string{"/usr/sbin", "/sbin", "/usr/local/sbin", "/usr/bin", "/bin", "/usr/local/bin"}

func (m *machine) program(wanted string) (string, error) {
	if wanted != "" {
		return wanted, nil
	}
	for _, dir := range programDirs {
		if file := path.Join(dir, "wpa_supplicant"); m.files.mode(file)&0o111 != 0 {
			return file, nil
		}
	}
	return "", errors.New("there is no wpa_supplicant in " + strings.Join(programDirs[:], ", ") + "; install it (Debian: wpasupplicant)")
}

// config is its configuration. Both ways to derive the password element of SAE
// are allowed: multi-link takes the newer one.
func (o *Own) config() (string, error) {
	lines := []string{"ctrl_interface=" + filepath.Join(o.dir(), "control"), "sae_pwe=2"}
	lines = append(lines, o.Lines...)
	for i := range o.Networks {
		network, err := o.Networks[i].lines()
		if err != nil {
			return "", err
		}
		lines = append(append(append(lines, "network={"), network...), "}")
	}
	for _, l := range lines {
		if strings.ContainsAny(l, "\n\r\x00") {
			return "", errors.New("a line of its configuration has a control character")
		}
	}
	return strings.Join(lines, "\n") + "\n", nil
}

// mostLast bounds the last line.
const mostLast = 512

// lastLine keeps the last line that was written, which says why a program ended.
type lastLine struct {
	mu   sync.Mutex
	line []byte
	next io.Writer
}

func (l *lastLine) Write(b []byte) (int, error) {
	l.mu.Lock()
	lines := bytes.Split(bytes.TrimSpace(b), []byte("\n"))
	if last := lines[len(lines)-1]; len(last) > 0 {
		l.line = bytes.Clone(last[:min(len(last), mostLast)])
	}
	l.mu.Unlock()
	if l.next == nil {
		return len(b), nil
	}
	return l.next.Write(b)
}

// err is the line, after what is still under way to us has come.
func (l *lastLine) err(ctx context.Context) error {
	if err := pause(ctx, tick); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.line) == 0 {
		return nil
	}
	return errors.New("it said last: " + render.Clean(string(l.line)))
}
