package manager

import (
	"bufio"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/fstest"

	"github.com/godbus/dbus/v5"
)

// liveTree is a tree that changes while it is looked at.
type liveTree struct {
	mu   *sync.Mutex
	tree fstest.MapFS
}

func (l liveTree) Open(name string) (fs.File, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.tree.Open(name)
}

func (l liveTree) ReadDir(name string) ([]fs.DirEntry, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.tree.ReadDir(name)
}

func (l liveTree) Stat(name string) (fs.FileInfo, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.tree.Stat(name)
}

func (l liveTree) Lstat(name string) (fs.FileInfo, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.tree.Lstat(name)
}

func (l liveTree) ReadLink(name string) (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.tree.ReadLink(name)
}

// testBus is a D-Bus daemon of our own.
type testBus struct {
	t    *testing.T
	addr string
}

func startBus(t *testing.T) *testBus {
	t.Helper()
	const daemon = "/usr/bin/dbus-daemon"
	if _, err := os.Stat(daemon); err != nil {
		t.Skipf("there is no dbus-daemon: %v", err)
	}
	dir := t.TempDir()
	config := filepath.Join(dir, "bus.conf")
	text := `<busconfig><type>session</type><listen>unix:path=` + filepath.Join(dir, "bus") + `</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>`
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(daemon, "--config-file="+config, "--nofork", "--print-address")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // an error: it has ended
		_ = cmd.Wait()
	})
	addr, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return &testBus{t, strings.TrimSpace(addr)}
}

// connect returns a connection with names.
func (b *testBus) connect(names ...string) *dbus.Conn {
	b.t.Helper()
	conn, err := dbus.Connect(b.addr)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { conn.Close() })
	for _, name := range names {
		if reply, err := conn.RequestName(name, dbus.NameFlagDoNotQueue); err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
			b.t.Fatalf("own %s: %v, error %v", name, reply, err)
		}
	}
	return conn
}

// methods are what an object answers, by the name of the method.
type methods map[string]any

func export(t *testing.T, conn *dbus.Conn, path dbus.ObjectPath, iface string, m methods) {
	t.Helper()
	if err := conn.ExportMethodTable(m, path, iface); err != nil {
		t.Fatal(err)
	}
}

// object has properties, and is told of those that are set.
func object(t *testing.T, conn *dbus.Conn, path dbus.ObjectPath, get func(string) any, set func(string, any)) {
	t.Helper()
	export(t, conn, path, properties, methods{
		"Get": func(_, name string) (dbus.Variant, *dbus.Error) {
			v := get(name)
			if v == nil {
				return dbus.Variant{}, dbus.MakeFailedError(errors.New("no property " + name))
			}
			return dbus.MakeVariant(v), nil
		},
		"Set": func(_, name string, v dbus.Variant) *dbus.Error {
			set(name, v.Value())
			return nil
		},
	})
}

// fakeSupplicant is a wpa_supplicant on the bus, in this process.
type fakeSupplicant struct {
	mu     sync.Mutex
	ifaces []string
	config string
	added  []map[string]dbus.Variant
}

func (f *fakeSupplicant) object(iface string) dbus.ObjectPath {
	return wpaPath + "/Interfaces/" + dbus.ObjectPath(iface)
}

func (f *fakeSupplicant) remove(iface string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ifaces = slices.DeleteFunc(f.ifaces, func(i string) bool { return i == iface })
}

func (f *fakeSupplicant) has(iface string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Contains(f.ifaces, iface)
}

func (b *testBus) supplicant(config string, ifaces ...string) *fakeSupplicant {
	conn := b.connect(wpaName)
	f := &fakeSupplicant{ifaces: ifaces, config: config}
	export(b.t, conn, wpaPath, wpaName, methods{
		"GetInterface": func(iface string) (dbus.ObjectPath, *dbus.Error) {
			if !f.has(iface) {
				return "", dbus.NewError(wpaUnknown, []any{"no " + iface})
			}
			return f.object(iface), nil
		},
		"RemoveInterface": func(at dbus.ObjectPath) *dbus.Error {
			f.remove(filepath.Base(string(at)))
			return nil
		},
		"CreateInterface": func(args map[string]dbus.Variant) (dbus.ObjectPath, *dbus.Error) {
			iface, _ := args["Ifname"].Value().(string)
			if f.has(iface) {
				return "", dbus.NewError(wpaName+".InterfaceExists", []any{iface})
			}
			f.mu.Lock()
			defer f.mu.Unlock()
			f.ifaces, f.added = append(f.ifaces, iface), append(f.added, args)
			return f.object(iface), nil
		},
	})
	object(b.t, conn, wpaPath, func(string) any {
		f.mu.Lock()
		defer f.mu.Unlock()
		out := []dbus.ObjectPath{}
		for _, i := range f.ifaces {
			out = append(out, f.object(i))
		}
		return out
	}, nil)
	for _, iface := range ifaces {
		values := map[string]any{"Ifname": iface, "ConfigFile": config, "Driver": "nl80211", "BridgeIfname": ""}
		object(b.t, conn, f.object(iface), func(name string) any { return values[name] }, nil)
	}
	return f
}

// fakeNM is a NetworkManager with one device.
type fakeNM struct {
	mu        sync.Mutex
	managed   bool
	active    bool
	state     uint32
	activated []dbus.ObjectPath
}

func (f *fakeNM) set(change func(*fakeNM)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(f)
}

func (b *testBus) networkManager(iface string, onManaged func(bool)) *fakeNM {
	conn := b.connect(nmName)
	f := &fakeNM{managed: true, active: true, state: nmActivated}
	const device, active = nmPath + "/Devices/2", nmPath + "/ActiveConnection/5"
	export(b.t, conn, nmPath, nmName, methods{
		"GetDeviceByIpIface": func(name string) (dbus.ObjectPath, *dbus.Error) {
			if name != iface {
				return "", dbus.NewError(nmName+".UnknownDevice", []any{"no " + name})
			}
			return device, nil
		},
		"ActivateConnection": func(connection, at, _ dbus.ObjectPath) (dbus.ObjectPath, *dbus.Error) {
			f.set(func(f *fakeNM) { f.activated, f.active, f.state = append(f.activated, connection), true, nmPrepare })
			return active, nil
		},
	})
	export(b.t, conn, nmSettingsAt, nmSettings, methods{
		"GetConnectionByUuid": func(uuid string) (dbus.ObjectPath, *dbus.Error) {
			return nmSettingsAt + "/" + dbus.ObjectPath(uuid), nil
		},
	})
	object(b.t, conn, device, func(name string) any {
		f.mu.Lock()
		defer f.mu.Unlock()
		switch name {
		case "Managed":
			return f.managed
		case "State":
			state := f.state
			if f.managed && !f.active && f.state < nmDisconnected {
				f.state += 10 // it gets ready as one waits
			}
			return state
		case "ActiveConnection":
			if f.active {
				return active
			}
			return dbus.ObjectPath("/")
		}
		return nil
	}, func(name string, v any) {
		managed, _ := v.(bool)
		f.set(func(f *fakeNM) {
			if f.managed = managed; !managed {
				f.active, f.state = false, 10
			}
		})
		if onManaged != nil {
			onManaged(managed)
		}
	})
	values := map[string]any{"Id": "Home \x1b[2J", "Uuid": "ab12"}
	object(b.t, conn, active, func(name string) any { return values[name] }, nil)
	return f
}

// fakeSystemd has one service, whose process is in a tree.
type fakeSystemd struct {
	mu    sync.Mutex
	state string
	jobs  []string
}

func (b *testBus) systemd(unit string, pid uint32, onJob func(method string)) *fakeSystemd {
	conn := b.connect(systemdName)
	f := &fakeSystemd{state: "active"}
	const at = systemdPath + "/unit/x"
	job := func(method, state string) any {
		return func(name, mode string) (dbus.ObjectPath, *dbus.Error) {
			f.mu.Lock()
			f.jobs, f.state = append(f.jobs, method+" "+name), state
			f.mu.Unlock()
			onJob(method)
			return systemdPath + "/job/1", nil
		}
	}
	get := func(name string) (dbus.ObjectPath, *dbus.Error) {
		if name != unit {
			return "", dbus.NewError(systemdName+".NoSuchUnit", []any{name})
		}
		return at, nil
	}
	export(b.t, conn, systemdPath, systemdManager, methods{
		"GetUnit": get, "LoadUnit": get, "StopUnit": job("StopUnit", "inactive"), "StartUnit": job("StartUnit", "active"),
	})
	object(b.t, conn, at, func(name string) any {
		f.mu.Lock()
		defer f.mu.Unlock()
		return map[string]any{"MainPID": pid, "ActiveState": f.state}[name]
	}, nil)
	return f
}

func TestLookAtBus(t *testing.T) {
	b := startBus(t)
	own := os.Getpid()
	tree := newTree()
	tree.supplicant(own, "-u", "-s", "-O", "/run/wpa_supplicant")
	s := tree.system()
	s.Bus = b.connect()
	choose := func(want, reason string) Management {
		t.Helper()
		man, err := Look(t.Context(), s, "wlan0")
		if err != nil {
			t.Fatal(err)
		}
		way, err := man.Choose("")
		if got := way.Reason; err != nil && want != "" || way.Via != want || err == nil && !strings.Contains(got, reason) || err != nil && !strings.Contains(err.Error(), reason) {
			t.Errorf("%+v, error %v; want %s with %q", way, err, want, reason)
		}
		return man
	}
	choose(ViaNL80211, "nobody")
	nm := b.networkManager("wlan0", nil)
	man := choose("", "NetworkManager manages it")
	if d := man.NetworkManager; d == nil || d.UUID != "ab12" || d.Connection != "Home \x1b[2J" {
		t.Errorf("device %+v", d)
	}
	for _, w := range man.Ways {
		if strings.Contains(w.Reason, "\x1b") {
			t.Errorf("not safe to print: %q", w.Reason)
		}
	}
	f := b.supplicant("", "wlan1", "wlan0")
	man = choose(ViaDBus, string(f.object("wlan0")))
	if len(man.Supplicants) != 1 || man.Supplicants[0].PID != own || man.Supplicants[0].How != "by D-Bus" || !slices.Equal(man.Supplicants[0].others, []string{"wlan1"}) {
		t.Errorf("supplicants %+v", man.Supplicants)
	}
	// A second one beside that of the bus.
	tree.supplicant(300, "-i", "wlan0")
	choose("", "two supplicants have it")
	tree.remove(300)
	f.remove("wlan0")
	nm.set(func(f *fakeNM) { f.managed = false })
	choose(ViaNL80211, "nobody")
	iwd := b.connect(iwdName)
	devices := map[dbus.ObjectPath]map[string]map[string]dbus.Variant{
		"/net/connman/iwd/0/4": {iwdName + ".Device": {"Name": dbus.MakeVariant("wlan5")}},
	}
	var mu sync.Mutex
	export(t, iwd, "/", "org.freedesktop.DBus.ObjectManager", methods{
		"GetManagedObjects": func() (map[dbus.ObjectPath]map[string]map[string]dbus.Variant, *dbus.Error) {
			mu.Lock()
			defer mu.Unlock()
			return devices, nil
		},
	})
	choose(ViaNL80211, "nobody")
	mu.Lock()
	devices = map[dbus.ObjectPath]map[string]map[string]dbus.Variant{"/net/connman/iwd/0/3": {iwdName + ".Device": {"Name": dbus.MakeVariant("wlan0")}}}
	mu.Unlock()
	choose("", "managed by iwd; roamfault has no way to roam through it: iwd has it as /net/connman/iwd/0/3")
}
