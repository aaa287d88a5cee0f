package manager

import (
	"context"
	"fmt"
	"io/fs"
	"net/netip"
	"strings"
	"sync"
	"syscall"
	"testing/fstest"

	"roamfault/nl80211"
)

// machineTree is a tree of files to make a machine of.
type machineTree struct{ fstest.MapFS }

func newTree() machineTree {
	t := machineTree{fstest.MapFS{}}
	t.file("sys/class/net/wlan0/ifindex", "3\n")
	t.file("sys/class/net/wlan0/phy80211/name", "phy0\n")
	t.file("proc/self/comm", "roamfault\n")
	t.file("proc/100/mountinfo", "22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw\n")
	t.file("proc/100/status", "Name:\troamfault\nUid:\t0\t0\t0\t0\nCapEff:\t000001ffffffffff\n")
	t.process(1, 0, "systemd", "/sbin/init")
	t.process(100, 90, "roamfault", "roamfault", "stress")
	t.process(90, 1, "bash", "-bash")
	return t
}

func (t machineTree) file(name, content string) {
	t.MapFS[name] = &fstest.MapFile{Data: []byte(content)}
}

func (t machineTree) link(name, to string) {
	t.MapFS[name] = &fstest.MapFile{Data: []byte(to), Mode: fs.ModeSymlink | 0o777}
}

func (t machineTree) socket(name string) {
	t.MapFS[name] = &fstest.MapFile{Mode: fs.ModeSocket | 0o777}
}

func (t machineTree) process(pid, parent int, comm string, args ...string) {
	t.file(procFile(pid, "comm"), comm+"\n")
	t.file(procFile(pid, "cmdline"), strings.Join(args, "\x00")+"\x00")
	t.file(procFile(pid, "stat"), fmt.Sprintf("%d (%s) S %d 1 1 0 -1", pid, comm, parent))
	if t.MapFS[procFile(pid, "status")] == nil {
		t.file(procFile(pid, "status"), "Name:\t"+comm+"\nUid:\t0\t0\t0\t0\n")
	}
}

func (t machineTree) remove(pid int) {
	for name := range t.MapFS {
		if strings.HasPrefix(name, procFile(pid, "")) {
			delete(t.MapFS, name)
		}
	}
}

// system is a machine of the tree, on which this process has the number 100.
func (t machineTree) system() System {
	return System{Files: t.MapFS, Getenv: func(string) string { return "" }, PID: 100}
}

// supplicant adds a wpa_supplicant with what is seen of one.
func (t machineTree) supplicant(pid int, args ...string) {
	t.process(pid, 1, "wpa_supplicant", append([]string{"/usr/sbin/wpa_supplicant"}, args...)...)
	t.link(procFile(pid, "exe"), "/usr/sbin/wpa_supplicant")
	t.link(procFile(pid, "cwd"), "/")
	t.file(procFile(pid, "environ"), "PATH=/usr/sbin:/usr/bin\x00SECRET=x\x00")
}

// answers is a Control with an answer for each socket and request.
type answers map[string]string

func (a answers) Ask(_ context.Context, socket, request string) (string, error) {
	answer, ok := a[socket+" "+request]
	if !ok {
		return "", syscall.ECONNREFUSED
	}
	return answer, nil
}

// fakeRoutes are routes: of an address, or of all others.
type fakeRoutes struct {
	to       map[string]string
	other    string
	defaults []string
	addrs    map[string][]netip.Addr
}

func (f fakeRoutes) Device(_ context.Context, to netip.Addr) (string, error) {
	if device, ok := f.to[to.String()]; ok {
		return device, nil
	}
	return f.other, nil
}

func (f fakeRoutes) Defaults(context.Context) ([]string, error) { return f.defaults, nil }

func (f fakeRoutes) Addrs(_ context.Context, iface string) ([]netip.Addr, error) {
	return f.addrs[iface], nil
}

// fakeWireless answers for nl80211.
type fakeWireless struct {
	wiphys     []nl80211.Wiphy
	interfaces []nl80211.Interface
	heard      []nl80211.BSS
	domains    []nl80211.Regulatory
}

func (f *fakeWireless) Wiphys(context.Context) ([]nl80211.Wiphy, error) { return f.wiphys, nil }
func (f *fakeWireless) Interfaces(context.Context) ([]nl80211.Interface, error) {
	return f.interfaces, nil
}
func (f *fakeWireless) ScanResults(context.Context, int) ([]nl80211.BSS, error) { return f.heard, nil }
func (f *fakeWireless) Regulatory(context.Context) ([]nl80211.Regulatory, error) {
	return f.domains, nil
}

// diary is a Do that keeps what it was told, before the change is made.
type diary struct {
	mu      sync.Mutex
	changes []Change
	// full makes it refuse the change of that number, from 0.
	full int
}

func (d *diary) do(ctx context.Context, c Change, apply func(context.Context) error) error {
	d.mu.Lock()
	if d.full > 0 && len(d.changes) == d.full {
		d.mu.Unlock()
		return fmt.Errorf("%s: the disk is full", c.What)
	}
	d.changes = append(d.changes, c)
	d.mu.Unlock()
	return apply(ctx)
}

func (d *diary) kinds() []string {
	var out []string
	for _, c := range d.changes {
		out = append(out, c.Kind)
	}
	return out
}
