package manager

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"roamfault/reports/render"
)

// How long others may take to let go of an interface, how long it has to stay
// free since some are started anew at once, and how often it is looked at.
const (
	letGo = 10 * time.Second
	stay  = 500 * time.Millisecond
	tick  = 50 * time.Millisecond
)

// TakeOver takes an interface from those who manage it, so that roamfault is alone
// with it, and returns what gives it back. Each change goes through do. What was
// taken before an error is given back.
//
// It refuses, before anything is changed, where it is not sure to be able to give
// back: the error says which process stands in the way.
//
// A supplicant that is on the bus is started by whoever asks for its name
// (dbus-daemon(1), activation). So it is left running without the interface, and
// NetworkManager, which would have it add the interface again, leaves that alone
// first. One of a service is stopped by systemd itself, which otherwise starts it
// anew.
func TakeOver(ctx context.Context, s System, iface string, do Do) (give func(context.Context) error, err error) {
	changes, err := Changes(ctx, s, iface)
	if err != nil {
		return nil, err
	}
	var made []Change
	give = func(ctx context.Context) error {
		var failure error
		for _, c := range slices.Backward(made) {
			failure = also(failure, Undo(ctx, s, c.Kind, c.Args))
		}
		return failure
	}
	failed := func(err error) (func(context.Context) error, error) {
		err = fmt.Errorf("take %s over: %w", iface, err)
		// Giving back has to be done though ctx may have ended.
		back, cancel := context.WithTimeout(context.WithoutCancel(ctx), letGo)
		defer cancel()
		return nil, also(err, give(back))
	}
	for _, c := range changes {
		made = append(made, c)
		apply := func(ctx context.Context) error { return kinds()[c.Kind].make(newMachine(s), ctx, c.Args) }
		if err := do(ctx, c, apply); err != nil {
			return failed(err)
		}
	}
	if err := waitFree(ctx, s, iface); err != nil {
		return failed(err)
	}
	return give, nil
}

// Changes are those that [TakeOver] would make, in their order; none where nobody
// manages the interface.
func Changes(ctx context.Context, s System, iface string) ([]Change, error) {
	man, err := Look(ctx, s, iface)
	if err != nil {
		return nil, err
	}
	refused := func(format string, args ...any) ([]Change, error) {
		return nil, fmt.Errorf("take %s over: %s", iface, render.Clean(fmt.Sprintf(format, args...)))
	}
	managed := man.NetworkManager != nil && man.NetworkManager.Managed
	switch {
	case man.IWD != "":
		return refused("%s; stop it (systemctl stop iwd)", man.IWD)
	case man.ConnMan:
		return refused("ConnMan runs, and would take it back; stop it (systemctl stop connman)")
	}
	m := newMachine(s)
	var out []Change
	if managed {
		d := man.NetworkManager
		out = append(out, Change{NetworkManagerLeaves, map[string]string{"interface": iface, "uuid": d.UUID}, "NetworkManager leaves " + iface + " alone"})
	}
	for i := range man.Supplicants {
		sup := &man.Supplicants[i]
		if managed && sup.attachment == nil && sup.Object != "" {
			continue // NetworkManager added it, and removes it when it leaves
		}
		c, err := m.park(ctx, iface, sup)
		if err != nil {
			return refused("%s stands in the way: %v", sup, err)
		}
		c.Args["interface"] = iface
		c.What = render.Clean(c.What)
		out = append(out, c)
	}
	return out, nil
}

// park finds the change by which a supplicant lets go of an interface and can get
// it back as it was.
func (m *machine) park(ctx context.Context, iface string, s *Supplicant) (Change, error) {
	if s.PID == 0 {
		return Change{}, errors.New("its process cannot be seen; run roamfault as root, outside of containers")
	}
	if s.attachment != nil && len(s.others) == 0 {
		if s.Unit != "" {
			main, err := m.bus.mainPID(ctx, s.Unit)
			if err != nil {
				return Change{}, fmt.Errorf("%s may start it anew, and systemd does not tell: %w", s.Unit, err)
			}
			if main == s.PID {
				return Change{UnitStopped, map[string]string{"unit": s.Unit}, "stop " + s.Unit}, nil
			}
		}
		return m.parkProcess(s)
	}
	// The process has other interfaces, too: it stays.
	switch {
	case s.Global != "" && s.attachment != nil && !s.attachment.pattern && s.attachment.config != "":
		a := s.attachment
		return Change{GlobalInterface, map[string]string{
			"socket": s.Global, "config": m.files.of(s.PID, a.config), "driver": a.driver, "control": a.control, "params": a.driverParams, "bridge": a.bridge,
		}, fmt.Sprintf("take %s from %s", iface, s)}, nil
	case s.Object != "":
		args, err := m.busArgs(ctx, s)
		if err != nil {
			return Change{}, err
		}
		return Change{BusInterface, args, fmt.Sprintf("take %s from %s", iface, s)}, nil
	}
	if s.attachment == nil {
		return Change{}, errors.New("another program gave it the interface, and it is not known how to do that again; let that program take it back")
	}
	return Change{}, fmt.Errorf("it has %s, too, and neither a global control socket nor D-Bus to take away one alone", strings.Join(s.others, ", "))
}

// supervisors start again what ends.
var supervisors = [...]string{"runsv", "s6-supervise", "supervise", "supervise-daemon", "supervisord", "procd", "monit", "perpd", "dinit"}

// keptEnv are the variables that matter to a supplicant.
var keptEnv = [...]string{"PATH", "LANG", "LC_ALL", "TZ", "HOME", "OPENSSL_CONF", "OPENSSL_MODULES", "DBUS_SYSTEM_BUS_ADDRESS"}

func (m *machine) parkProcess(s *Supplicant) (Change, error) {
	p := m.files.process(s.PID)
	if parent := m.files.process(m.files.parent(s.PID)); slices.Contains(supervisors[:], parent.comm) {
		return Change{}, fmt.Errorf("%s with pid %d would start it anew; stop it there", parent.comm, parent.pid)
	}
	if theirs, ours := m.files.user(s.PID), m.files.user(m.PID); theirs == "" || theirs != ours {
		return Change{}, errors.New("it runs as another user, and could not be started again as that one")
	}
	file := strings.TrimSuffix(m.files.target(procFile(s.PID, "exe")), " (deleted)")
	dir := m.files.target(procFile(s.PID, "cwd"))
	if !isSupplicant(file) || dir == "" || len(p.args) == 0 {
		return Change{}, errors.New("its program and where it runs cannot be seen")
	}
	env := []string{} // JSON has a list then, not null
	for _, name := range keptEnv {
		if value := m.files.environ(s.PID, name); value != "" {
			env = append(env, name+"="+value)
		}
	}
	argv, err := json.Marshal(p.args)
	if err != nil {
		return Change{}, err
	}
	environ, err := json.Marshal(env)
	if err != nil {
		return Change{}, err
	}
	return Change{ProcessEnded, map[string]string{
		"pid": strconv.Itoa(s.PID), "path": file, "argv": string(argv), "dir": dir, "env": string(environ), "control": s.Control,
	}, fmt.Sprintf("end %s", s)}, nil
}

// isSupplicant reports whether a path is a wpa_supplicant's. Nothing else is
// started by what stands in an undo log.
func isSupplicant(file string) bool { return path.IsAbs(file) && path.Base(file) == "wpa_supplicant" }

// user is the effective user of a process, as a number; "" where it is not known.
func (t tree) user(pid int) string {
	for line := range strings.Lines(t.text(procFile(pid, "status"))) {
		if ids, ok := strings.CutPrefix(line, "Uid:"); ok {
			if f := strings.Fields(ids); len(f) > 1 {
				return f[1]
			}
		}
	}
	return ""
}

// waitFree waits until nobody has the interface, and has not for some time.
func waitFree(ctx context.Context, s System, iface string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, letGo, errors.New("it was not let go of in time"))
	defer cancel()
	quiet, holder := time.Duration(0), ""
	for {
		man, err := Look(ctx, s, iface)
		switch {
		case err == nil:
			holder = man.holder()
		case ctx.Err() == nil: // else what was seen before counts
			return err
		}
		if quiet += tick; holder != "" {
			quiet = 0
		}
		if quiet > stay && ctx.Err() == nil {
			return nil
		}
		if err := pause(ctx, tick); err != nil {
			return fmt.Errorf("%w: %s", err, cmp.Or(render.Clean(holder), "it was free for too short a time"))
		}
	}
}

// also is an error with a second one, in one line.
func also(err, second error) error {
	switch {
	case second == nil:
		return err
	case err == nil:
		return second
	}
	return fmt.Errorf("%w; and %w", err, second)
}
