package manager

import (
	"context"
	"fmt"
	"net/netip"
	"path"
	"slices"
	"strings"

	"roamfault/roam/runlog"
)

// mount is a line of mountinfo (proc_pid_mountinfo(5)).
type mount struct {
	point, kind, source string
	options             []string // of the file system
}

// mostMounts bounds those that are looked at.
const mostMounts = 1 << 14

// parseMounts reads /proc/PID/mountinfo: fields, any number of optional ones, a
// dash, then kind, source and options. Lines that cannot be read are passed over.
func parseMounts(b []byte) []mount {
	var out []mount
	for line := range strings.Lines(string(b)) {
		f := strings.Fields(line)
		dash := slices.Index(f, "-")
		if dash < 6 || dash+2 >= len(f) || len(out) >= mostMounts {
			continue
		}
		m := mount{point: unescapeMount(f[4]), kind: f[dash+1], source: unescapeMount(f[dash+2])}
		if dash+3 < len(f) {
			m.options = strings.Split(f[dash+3], ",")
		}
		out = append(out, m)
	}
	return out
}

// unescapeMount resolves the octal escapes of blanks (kernel, fs/seq_file.c,
// mangle_path).
func unescapeMount(s string) string {
	for escape, c := range map[string]string{`\040`: " ", `\011`: "\t", `\012`: "\n", `\043`: "#"} {
		s = strings.ReplaceAll(s, escape, c)
	}
	return strings.ReplaceAll(s, `\134`, `\`)
}

// networkMounts are the file systems that are at the other end of a network.
var networkMounts = [...]string{
	"nfs", "nfs4", "cifs", "smb3", "smbfs", "ceph", "9p", "afs", "ncpfs", "lustre",
	"fuse.sshfs", "fuse.glusterfs", "fuse.ceph", "fuse.davfs", "fuse.rclone",
}

// servers are the addresses or names of a mount's servers. NFS and CIFS tell the
// address as an option; others have it before the path: "host:/path",
// "user@host:path", "mon1:6789,mon2:6789:/", "10.0.0.1@tcp:/fs".
func (m *mount) servers() []string {
	for _, o := range m.options {
		if addr, ok := strings.CutPrefix(o, "addr="); ok {
			return []string{addr}
		}
	}
	if m.kind == "9p" && !slices.Contains(m.options, "trans=tcp") {
		return nil // of the machine that this one runs on: no network
	}
	if rest, ok := strings.CutPrefix(m.source, "//"); ok {
		host, _, _ := strings.Cut(rest, "/")
		return []string{host}
	}
	source := m.source
	if at := strings.Index(source, ":/"); at >= 0 {
		source = source[:at]
	}
	var out []string
	for _, host := range strings.Split(source, ",") {
		if user, rest, ok := strings.Cut(host, "@"); ok && strings.HasPrefix(m.kind, "fuse.") {
			host = rest
		} else if ok {
			host = user
		}
		if _, err := netip.ParseAddr(host); err != nil { // of IPv6 all is colons
			host = trimPort(host)
		}
		out = append(out, strings.Trim(host, "[]"))
	}
	return out
}

// trimPort cuts what is behind the host: a port or a path.
func trimPort(s string) string {
	if strings.HasPrefix(s, "[") {
		host, _, _ := strings.Cut(s, "]")
		return host
	}
	host, _, _ := strings.Cut(s, ":")
	return host
}

func (g *guarded) mounts(ctx context.Context) (GuardState, string) {
	b, err := g.files.read(procFile(g.PID, "mountinfo"))
	if err != nil {
		return Refused, "it is not known what is mounted: " + err.Error()
	}
	var found []string
	for _, m := range parseMounts(b) {
		if !slices.Contains(networkMounts[:], m.kind) {
			continue
		}
		what := "file system " + m.point
		if m.point == "/" {
			what = "the root file system"
		}
		for _, server := range m.servers() {
			if over := g.overHost(ctx, server); over != "" {
				found = append(found, fmt.Sprintf("%s (%s) is at %s, and %s", what, m.kind, server, over))
				break
			}
		}
	}
	found = append(found, g.blockDevices(ctx)...)
	if len(found) > 0 {
		return Refused, some(found) + "; programs would hang at each roam"
	}
	return Fine, "nothing is mounted over " + g.iface
}

// overHost is over for an address or a name.
func (g *guarded) overHost(ctx context.Context, host string) string {
	if addr, err := netip.ParseAddr(host); err == nil {
		return g.over(ctx, addr)
	}
	if host == "" || host == "none" || host == "localhost" {
		return ""
	}
	return g.overName(host)
}

// blockDevices are those of iSCSI and NBD over the interface, mounted or not.
func (g *guarded) blockDevices(ctx context.Context) []string {
	var out []string
	const iscsi = "sys/class/iscsi_connection"
	for _, name := range g.files.names(iscsi) {
		addr := g.files.text(path.Join(iscsi, name, "address"))
		if addr == "" {
			addr = g.files.text(path.Join(iscsi, name, "persistent_address"))
		}
		if over := g.overHost(ctx, addr); over != "" {
			out = append(out, fmt.Sprintf("the iSCSI target at %s: %s", addr, over))
		}
	}
	connections := g.files.connections()
	for _, name := range g.files.names("sys/block") {
		// It is there while the device is connected (kernel, drivers/block/nbd.c).
		pid := g.files.text(path.Join("sys/block", name, "pid"))
		if !strings.HasPrefix(name, "nbd") || pid == "" {
			continue
		}
		open := map[string]bool{}
		for _, p := range g.running {
			if p.comm == "nbd-client" || fmt.Sprint(p.pid) == pid {
				for inode := range g.files.sockets(p.pid) {
					open[inode] = true
				}
			}
		}
		known := false
		for _, c := range connections {
			if !open[c.inode] {
				continue
			}
			known = true
			if over := g.over(ctx, c.remote.Addr()); over != "" {
				out = append(out, fmt.Sprintf("block device %s is at %s, and %s", name, c.remote.Addr(), over))
			}
		}
		if !known && g.overName("its server") != "" {
			out = append(out, fmt.Sprintf("block device %s is at the other end of a network, and it is not known where", name))
		}
	}
	return out
}

// battery matters to plans that suspend: a machine that runs dry in suspend does
// not come back (kernel, Documentation/ABI/testing/sysfs-class-power).
func (g *guarded) battery(context.Context) (GuardState, string) {
	if !slices.ContainsFunc(g.plan.Kinds, func(w runlog.Weighted) bool {
		return (w.Kind == runlog.Suspend || w.Kind == runlog.SuspendWoWLAN) && w.Weight > 0
	}) {
		return Fine, "the plan suspends nothing"
	}
	const class = "sys/class/power_supply"
	discharging, mains := "", false
	for _, name := range g.files.names(class) {
		value := func(file string) string { return g.files.text(path.Join(class, name, file)) }
		switch {
		case value("scope") == "Device": // of a mouse
		case value("type") == "Battery" && value("status") == "Discharging":
			discharging = name
		case value("type") != "Battery" && value("online") == "1":
			mains = true
		}
	}
	if discharging != "" && !mains {
		return Refused, "the machine runs on its battery (" + discharging + "), and the plan suspends it again and again; plug it in"
	}
	return Fine, "the machine does not run on a battery"
}
