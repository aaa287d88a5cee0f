package manager

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"
)

var errNoProcesses = errors.New("programs cannot be ended and started here")

// end ends a supplicant and waits until it is gone. It leaves its network itself
// then.
func (m *machine) end(ctx context.Context, pid int) error {
	failed := func(err error) error { return fmt.Errorf("end wpa_supplicant with pid %d: %w", pid, err) }
	if m.Processes == nil {
		return failed(errNoProcesses)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, letGo, errors.New("it does not end"))
	defer cancel()
	// The number may be another program's by now.
	for sent := false; m.runs(pid); sent = true {
		if !sent {
			if err := m.Processes.Terminate(pid); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return failed(err)
			}
		}
		if err := pause(ctx, tick); err != nil {
			return failed(err)
		}
	}
	return nil
}

// runs reports whether a process is a supplicant that has not ended; one that
// nobody has waited for has no command line.
func (m *machine) runs(pid int) bool {
	p := m.files.process(pid)
	return p.comm == "wpa_supplicant" && len(p.args) > 0
}

func (m *machine) processEnd(ctx context.Context, args map[string]string) error {
	pid, err := strconv.Atoi(args["pid"])
	if err != nil {
		return fmt.Errorf("end wpa_supplicant: %w", err)
	}
	return m.end(ctx, pid)
}

// processStart starts the supplicant again, unless one has the interface.
func (m *machine) processStart(ctx context.Context, args map[string]string) error {
	for _, p := range m.running {
		o := parseOptions(p.args)
		if p.comm == "wpa_supplicant" && m.runs(p.pid) && !m.elsewhere(p.pid) && o.attachment(args["interface"]) != nil {
			return nil
		}
	}
	c := Command{Path: args["path"], Dir: args["dir"]}
	failed := func(err error) error {
		return fmt.Errorf("start wpa_supplicant again (%s): %w", strings.Join(c.Args, " "), err)
	}
	if err := also(json.Unmarshal([]byte(args["argv"]), &c.Args), json.Unmarshal([]byte(args["env"]), &c.Env)); err != nil {
		return failed(err)
	}
	switch {
	case !isSupplicant(c.Path) || len(c.Args) == 0:
		return failed(fmt.Errorf("%q is none", c.Path))
	case m.Processes == nil:
		return failed(errNoProcesses)
	}
	r, err := m.Processes.Start(c)
	if err != nil {
		return failed(err)
	}
	if err := m.settle(ctx, r, args["control"], parseOptions(c.Args).background); err != nil {
		return failed(err)
	}
	return nil
}

// started is how long a supplicant without a control socket has to live to be
// taken for well.
const started = time.Second

// settle waits until a supplicant that was started is at work. One that goes to
// the background ends itself when it is.
func (m *machine) settle(ctx context.Context, r Running, control string, background bool) error {
	ctx, cancel := context.WithTimeoutCause(ctx, letGo, errors.New("it does not answer"))
	defer cancel()
	for waited := time.Duration(0); ; waited += tick {
		select {
		case <-r.Ended():
			if background && r.Err() == nil {
				return nil
			}
			return also(errors.New("it has ended"), r.Err())
		default:
		}
		if control == "" && !background && waited >= started {
			return nil
		}
		if control != "" {
			if answer, err := m.ask(ctx, control, "PING"); err == nil && answer == "PONG" {
				return nil
			}
		}
		if err := pause(ctx, tick); err != nil {
			return err
		}
	}
}

// withConfig are the supplicants that have a configuration.
func (m *machine) withConfig(file string) []int {
	var out []int
	for _, p := range m.running {
		has := func(a attachment) bool { return a.config == file }
		if p.comm == "wpa_supplicant" && slices.ContainsFunc(parseOptions(p.args).attachments, has) {
			out = append(out, p.pid)
		}
	}
	return out
}
