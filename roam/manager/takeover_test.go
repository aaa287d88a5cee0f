package manager

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// live makes a tree one that may change meanwhile, with the lock for it.
func (t machineTree) live() (System, *sync.Mutex) {
	var mu sync.Mutex
	s := t.system()
	s.Files = liveTree{&mu, t.MapFS}
	return s, &mu
}

// fakeProcesses ends and starts processes of a tree.
type fakeProcesses struct {
	mu      *sync.Mutex
	tree    machineTree
	started []Command
	// again is the number of a process that is started anew as soon as one ends.
	again int
	// fails makes what is started end at once.
	fails bool
}

func (f *fakeProcesses) Terminate(pid int) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.tree.MapFS[procFile(pid, "comm")] == nil {
		return fs.ErrNotExist
	}
	f.tree.remove(pid)
	if f.again != 0 {
		f.tree.supplicant(f.again, "-i", "wlan0")
	}
	return nil
}

type fakeRunning struct {
	ended chan struct{}
	err   error
}

func (f fakeRunning) PID() int               { return 900 }
func (f fakeRunning) Ended() <-chan struct{} { return f.ended }
func (f fakeRunning) Err() error             { return f.err }
func (f fakeRunning) Kill() error            { return nil }

func (f *fakeProcesses) Start(c Command) (Running, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.started = append(f.started, c)
	r := fakeRunning{ended: make(chan struct{})}
	if f.fails {
		r.err = errors.New("exit status 255")
		close(r.ended)
		return r, nil
	}
	f.tree.supplicant(900, c.Args[1:]...)
	if parseOptions(c.Args).background {
		close(r.ended)
	}
	return r, nil
}

// through lets a change be undone as after a kill: from JSON alone.
func through(t *testing.T, c Change) Change {
	t.Helper()
	b, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var out Change
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// A process of nobody's is ended, and started as it was.
func TestTakeOverProcess(t *testing.T) {
	tree := newTree()
	tree.supplicant(200, "-B", "-i", "wlan0", "-c", "/etc/my conf")
	tree.link("proc/200/exe", "/usr/sbin/wpa_supplicant (deleted)")
	s, mu := tree.live()
	procs := &fakeProcesses{mu: mu, tree: tree}
	s.Processes = procs
	var d diary
	give, err := TakeOver(t.Context(), s, "wlan0", d.do)
	if err != nil {
		t.Fatal(err)
	}
	if got := d.kinds(); !slices.Equal(got, []string{ProcessEnded}) {
		t.Fatalf("changes %v", d.changes)
	}
	if man, err := Look(t.Context(), s, "wlan0"); err != nil || man.holder() != "" {
		t.Errorf("taken over, and %s, error %v", man.holder(), err)
	}
	if err := give(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := Command{Path: "/usr/sbin/wpa_supplicant", Args: []string{"/usr/sbin/wpa_supplicant", "-B", "-i", "wlan0", "-c", "/etc/my conf"}, Dir: "/", Env: []string{"PATH=/usr/sbin:/usr/bin"}}
	if len(procs.started) != 1 {
		t.Fatalf("started %+v", procs.started)
	}
	if got := procs.started[0]; got.Path != want.Path || !slices.Equal(got.Args, want.Args) || got.Dir != want.Dir || !slices.Equal(got.Env, want.Env) {
		t.Errorf("started %+v, want %+v", got, want)
	}
	// Undone already: nothing is started a second time.
	c := through(t, d.changes[0])
	if err := Undo(t.Context(), s, c.Kind, c.Args); err != nil || len(procs.started) != 1 {
		t.Errorf("started %d times, error %v", len(procs.started), err)
	}
}

// One that is started anew by who cannot be seen is given back, and named.
func TestTakeOverRestarted(t *testing.T) {
	tree := newTree()
	tree.supplicant(200, "-i", "wlan0")
	s, mu := tree.live()
	s.Processes = &fakeProcesses{mu: mu, tree: tree, again: 201}
	ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errors.New("time is up"))
	defer cancel()
	var d diary
	_, err := TakeOver(ctx, s, "wlan0", d.do)
	if err == nil || !strings.Contains(err.Error(), "pid 201") || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v", err)
	}
}

// Nothing is changed that was not written down, and what was changed before is
// given back.
func TestTakeOverUnwritten(t *testing.T) {
	tree := newTree()
	tree.supplicant(200, "-B", "-i", "wlan0")
	tree.supplicant(201, "-B", "-i", "wlan0")
	s, mu := tree.live()
	procs := &fakeProcesses{mu: mu, tree: tree}
	s.Processes = procs
	d := diary{full: 1}
	_, err := TakeOver(t.Context(), s, "wlan0", d.do)
	if err == nil || !strings.Contains(err.Error(), "the disk is full") {
		t.Errorf("error %v", err)
	}
	man, err := Look(t.Context(), s, "wlan0")
	if err != nil || !slices.ContainsFunc(man.Supplicants, func(s Supplicant) bool { return s.PID == 201 }) {
		t.Errorf("supplicants %+v, error %v", man.Supplicants, err)
	}
}

func TestTakeOverNetworkManager(t *testing.T) {
	b := startBus(t)
	tree := newTree()
	tree.supplicant(os.Getpid(), "-u", "-s")
	s, _ := tree.live()
	s.Bus = b.connect()
	sup := b.supplicant("", "wlan0")
	nm := b.networkManager("wlan0", func(managed bool) {
		if !managed {
			time.AfterFunc(100*time.Millisecond, func() { sup.remove("wlan0") })
		}
	})
	connected := func() (managed bool, with []dbus.ObjectPath) {
		nm.set(func(f *fakeNM) { managed, with = f.managed, slices.Clone(f.activated) })
		return managed, with
	}
	var d diary
	give, err := TakeOver(t.Context(), s, "wlan0", d.do)
	if err != nil {
		t.Fatal(err)
	}
	if got := d.kinds(); !slices.Equal(got, []string{NetworkManagerLeaves}) || d.changes[0].Args["uuid"] != "ab12" {
		t.Errorf("changes %v", d.changes)
	}
	if managed, _ := connected(); managed || sup.has("wlan0") {
		t.Error("it is not taken over")
	}
	if err := give(t.Context()); err != nil {
		t.Fatal(err)
	}
	c := through(t, d.changes[0])
	for range 2 {
		if managed, with := connected(); !managed || !slices.Equal(with, []dbus.ObjectPath{nmSettingsAt + "/ab12"}) {
			t.Errorf("managed %t, connected with %v", managed, with)
		}
		if err := Undo(t.Context(), s, c.Kind, c.Args); err != nil {
			t.Error(err)
		}
	}
}

// A supplicant with several interfaces keeps the others.
func TestTakeOverOneOfSeveral(t *testing.T) {
	b := startBus(t)
	tree := newTree()
	tree.supplicant(os.Getpid(), "-u", "-i", "wlan0", "-c", "/etc/w.conf", "-N", "-i", "eth0", "-D", "wired")
	s, _ := tree.live()
	s.Bus = b.connect()
	sup := b.supplicant("/etc/w.conf", "wlan0", "eth0")
	var d diary
	give, err := TakeOver(t.Context(), s, "wlan0", d.do)
	if err != nil {
		t.Fatal(err)
	}
	if got := d.kinds(); !slices.Equal(got, []string{BusInterface}) || sup.has("wlan0") || !sup.has("eth0") {
		t.Errorf("changes %v", d.changes)
	}
	for range 2 {
		if err := give(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	sup.mu.Lock()
	defer sup.mu.Unlock()
	if len(sup.added) != 1 || sup.added[0]["ConfigFile"].Value() != "/etc/w.conf" || sup.added[0]["Driver"].Value() != "nl80211" {
		t.Errorf("given back as %v", sup.added)
	}
}

// globalSocket is a supplicant that is asked by its global control socket.
type globalSocket struct {
	ifaces   []string
	requests []string
}

func (g *globalSocket) Ask(_ context.Context, socket, request string) (string, error) {
	verb, rest, _ := strings.Cut(request, " ")
	iface, _, _ := strings.Cut(rest, "\t")
	switch {
	case socket != "/run/global":
		return "", fs.ErrNotExist
	case verb == "INTERFACES":
		return strings.Join(g.ifaces, "\n"), nil
	case verb == "INTERFACE_REMOVE":
		g.ifaces = slices.DeleteFunc(g.ifaces, func(i string) bool { return i == iface })
	case verb == "INTERFACE_ADD":
		g.ifaces = append(g.ifaces, iface)
	}
	g.requests = append(g.requests, request)
	return "OK", nil
}

func TestTakeOverGlobal(t *testing.T) {
	tree := newTree()
	tree.supplicant(200, "-g", "/run/global", "-i", "eth0", "-c", "e", "-N", "-i", "wlan0", "-c", "w.conf", "-D", "nl80211", "-C", "/run/c", "-b", "br0")
	tree.link("proc/200/cwd", "/srv")
	s, _ := tree.live()
	g := &globalSocket{ifaces: []string{"eth0", "wlan0"}}
	s.Control = g
	var d diary
	give, err := TakeOver(t.Context(), s, "wlan0", d.do)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := give(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"INTERFACE_REMOVE wlan0", "INTERFACE_ADD wlan0\t/srv/w.conf\tnl80211\t/run/c\t\tbr0"}
	if !slices.Equal(g.requests, want) {
		t.Errorf("requests %q, want %q", g.requests, want)
	}
}

func TestTakeOverUnit(t *testing.T) {
	const unit = "wpa_supplicant@wlan0.service"
	b := startBus(t)
	tree := newTree()
	begin := func() {
		tree.supplicant(200, "-i", "wlan0", "-c", "/etc/w.conf")
		tree.file("proc/200/cgroup", "0::/system.slice/system-wpa_supplicant.slice/"+unit+"\n")
	}
	begin()
	s, mu := tree.live()
	s.Bus = b.connect()
	if _, err := Changes(t.Context(), s, "wlan0"); err == nil || !strings.Contains(err.Error(), unit+" may start it anew") {
		t.Errorf("without systemd: error %v", err)
	}
	f := b.systemd(unit, 200, func(method string) {
		mu.Lock()
		defer mu.Unlock()
		if tree.remove(200); method == "StartUnit" {
			begin()
		}
	})
	var d diary
	give, err := TakeOver(t.Context(), s, "wlan0", d.do)
	if err != nil {
		t.Fatal(err)
	}
	if err := give(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if want := []string{"StopUnit " + unit, "StartUnit " + unit}; !slices.Equal(f.jobs, want) || d.kinds()[0] != UnitStopped {
		t.Errorf("jobs %q, want %q; changes %v", f.jobs, want, d.changes)
	}
	mu.Lock()
	tree.file("proc/200/cgroup", "0::/system.slice/networking.service\n")
	mu.Unlock()
	if _, err := Changes(t.Context(), s, "wlan0"); err == nil || !strings.Contains(err.Error(), "networking.service") {
		t.Errorf("of a unit that systemd does not know: error %v", err)
	}
}

func TestTakeOverRefused(t *testing.T) {
	for name, test := range map[string]struct {
		tree func(machineTree)
		ask  Control
		want string
	}{
		"iwd":     {func(t machineTree) { t.process(300, 1, "iwd", "iwd") }, nil, "iwd runs as pid 300"},
		"ConnMan": {func(t machineTree) { t.process(300, 1, "connmand", "connmand") }, nil, "ConnMan runs"},
		"a supervisor": {func(t machineTree) {
			t.supplicant(200, "-i", "wlan0")
			t.process(300, 1, "runsv", "runsv", "wpa")
			t.process(200, 300, "wpa_supplicant", "wpa_supplicant", "-i", "wlan0")
		}, nil, "runsv with pid 300 would start it anew"},
		"another user": {func(t machineTree) {
			t.supplicant(200, "-i", "wlan0")
			t.file("proc/200/status", "Uid:\t0\t1000\t0\t0\n")
		}, nil, "runs as another user"},
		"hidden": {func(t machineTree) { t.socket("run/wpa_supplicant/wlan0") }, answers{"/run/wpa_supplicant/wlan0 PING": "PONG"}, "cannot be seen"},
		"another program": {func(t machineTree) {
			t.supplicant(200, "-i", "wlan0")
			t.link("proc/200/exe", "/usr/bin/python3")
		}, nil, "its program"},
		"added by another": {func(t machineTree) { t.supplicant(200, "-g", "/run/global") }, &globalSocket{ifaces: []string{"wlan0"}}, "another program gave it the interface"},
		"several without a way": {func(t machineTree) {
			t.supplicant(200, "-i", "wlan0", "-c", "w", "-N", "-i", "eth0", "-c", "e")
		}, nil, "it has eth0, too"},
	} {
		t.Run(name, func(t *testing.T) {
			tree := newTree()
			test.tree(tree)
			s := tree.system()
			s.Control = test.ask
			var d diary
			_, err := TakeOver(t.Context(), s, "wlan0", d.do)
			if err == nil || !strings.Contains(err.Error(), test.want) || len(d.changes) != 0 {
				t.Errorf("changes %v, error %v, want %q", d.changes, err, test.want)
			}
		})
	}
	// Networks that came over D-Bus would be lost.
	b := startBus(t)
	tree := newTree()
	tree.supplicant(os.Getpid(), "-u")
	s := tree.system()
	s.Bus = b.connect()
	b.supplicant("", "wlan0")
	if _, err := Changes(t.Context(), s, "wlan0"); err == nil || !strings.Contains(err.Error(), "they would be lost") {
		t.Errorf("error %v", err)
	}
}

// What stands in an undo log starts and removes nothing but what is ours.
func TestUndoHostile(t *testing.T) {
	tree := newTree()
	s, mu := tree.live()
	procs := &fakeProcesses{mu: mu, tree: tree}
	s.Processes = procs
	dir := t.TempDir()
	for _, c := range []Change{
		{Kind: "unknown", Args: map[string]string{"interface": "wlan0"}},
		{Kind: ProcessEnded, Args: map[string]string{"interface": "../x"}},
		{Kind: ProcessEnded},
		{Kind: ProcessEnded, Args: map[string]string{"interface": "wlan0", "path": "/bin/sh", "argv": `["sh"]`, "env": "[]", "dir": "/"}},
		{Kind: ProcessEnded, Args: map[string]string{"interface": "wlan0", "path": "wpa_supplicant", "argv": `["w"]`, "env": "[]", "dir": "/"}},
		{Kind: ProcessEnded, Args: map[string]string{"interface": "wlan0", "path": "/a/wpa_supplicant", "argv": `[]`, "env": "[]", "dir": "/"}},
		{Kind: ProcessEnded, Args: map[string]string{"interface": "wlan0", "path": "/a/wpa_supplicant", "argv": `{`, "env": "[]", "dir": "/"}},
		{Kind: OwnStarted, Args: map[string]string{"interface": "wlan0", "dir": dir}},
		{Kind: OwnStarted, Args: map[string]string{"interface": "wlan0", "dir": "roamfault-supplicant-x"}},
		{Kind: OwnStarted, Args: map[string]string{"interface": "wlan0", "dir": "/roamfault-supplicant-x/.."}},
		{Kind: UnitStopped, Args: map[string]string{"interface": "wlan0", "unit": "poweroff.target"}},
		{Kind: BusInterface, Args: map[string]string{"interface": "wlan0"}},
		{Kind: GlobalInterface, Args: map[string]string{"interface": "wlan0", "socket": "/run/none"}},
	} {
		if err := Undo(t.Context(), s, c.Kind, c.Args); err == nil || len(procs.started) != 0 {
			t.Errorf("%s %v: started %v, error %v", c.Kind, c.Args, procs.started, err)
		}
	}
	if _, err := os.Stat(dir); err != nil {
		t.Error(err)
	}
	if len(Kinds()) != 6 {
		t.Errorf("kinds %v", Kinds())
	}
}

// One that does not come up again is said, with its command line.
func TestGiveBackFails(t *testing.T) {
	tree := newTree()
	tree.supplicant(200, "-i", "wlan0")
	s, mu := tree.live()
	s.Processes = &fakeProcesses{mu: mu, tree: tree, fails: true}
	var d diary
	give, err := TakeOver(t.Context(), s, "wlan0", d.do)
	if err != nil {
		t.Fatal(err)
	}
	if err := give(t.Context()); err == nil || !strings.Contains(err.Error(), "(/usr/sbin/wpa_supplicant -i wlan0): it has ended; and exit status 255") {
		t.Errorf("error %v", err)
	}
}

// A service whose main process is another one restarts nothing: the process is
// ended.
func TestTakeOverChildOfUnit(t *testing.T) {
	b := startBus(t)
	tree := newTree()
	tree.supplicant(200, "-i", "wlan0")
	tree.file("proc/200/cgroup", "12:cpu:/\n1:name=systemd:/system.slice/networking.service\n")
	s := tree.system()
	s.Bus = b.connect()
	b.systemd("networking.service", 0, func(string) {})
	if c, err := Changes(t.Context(), s, "wlan0"); err != nil || len(c) != 1 || c[0].Kind != ProcessEnded {
		t.Errorf("changes %+v, error %v", c, err)
	}
	// What runs in a session is restarted by nobody either.
	tree.file("proc/200/cgroup", "0::/user.slice/user-0.slice/user@0.service/app.slice/session-3.scope\n")
	if c, err := Changes(t.Context(), s, "wlan0"); err != nil || len(c) != 1 || c[0].Kind != ProcessEnded {
		t.Errorf("changes %+v, error %v", c, err)
	}
}

// NetworkManager that cannot be brought to leave gets the interface back.
func TestTakeOverStubborn(t *testing.T) {
	b := startBus(t)
	tree := newTree()
	tree.supplicant(os.Getpid(), "-u", "-s")
	s := tree.system()
	s.Bus = b.connect()
	b.supplicant("", "wlan0")
	nm := b.networkManager("wlan0", nil)
	ctx, cancel := context.WithTimeoutCause(t.Context(), 500*time.Millisecond, errors.New("time is up"))
	defer cancel()
	var d diary
	_, err := TakeOver(ctx, s, "wlan0", d.do)
	if err == nil || !strings.Contains(err.Error(), "time is up: wpa_supplicant with pid") {
		t.Errorf("error %v", err)
	}
	nm.set(func(f *fakeNM) {
		if !f.managed || len(f.activated) != 1 {
			t.Errorf("managed %t, connected with %v", f.managed, f.activated)
		}
	})
}

// Our own that does not come up is said with its last word, and leaves nothing.
func TestOwnFails(t *testing.T) {
	tree := newTree()
	s, _ := tree.live()
	dir := t.TempDir()
	own := Own{Interface: "wlan0", Dir: dir, Networks: []Credentials{{SSID: []byte("home"), Passphrase: NewSecret("open sesame")}}}
	var d diary
	s.Processes = talker{}
	if _, _, err := OwnSupplicant(t.Context(), s, own, d.do); err == nil || !strings.Contains(err.Error(), "there is no wpa_supplicant in /usr/sbin") {
		t.Errorf("error %v", err)
	}
	own.Program = "/usr/sbin/wpa_supplicant"
	_, _, err := OwnSupplicant(t.Context(), s, own, d.do)
	if err == nil || !strings.Contains(err.Error(), `it said last: wlan0: no such device \x1b[m`) || strings.Contains(err.Error(), "sesame") {
		t.Errorf("error %v", err)
	}
	if len(d.changes) != 1 || d.changes[0].Kind != OwnStarted || strings.Contains(through(t, d.changes[0]).What, "sesame") {
		t.Errorf("changes %v", d.changes)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, error %v", left, err)
	}
	own.Dir = "relative"
	if _, _, err := OwnSupplicant(t.Context(), s, own, d.do); err == nil {
		t.Error("started in a relative directory")
	}
}

// talker starts programs that say why they end.
type talker struct{}

func (talker) Terminate(int) error { return fs.ErrNotExist }

func (talker) Start(c Command) (Running, error) {
	r := fakeRunning{ended: make(chan struct{}), err: errors.New("exit status 255")}
	_, err := c.Output.Write([]byte("Successfully initialized\nwlan0: no such device \x1b[m\n"))
	close(r.ended)
	return r, err
}
