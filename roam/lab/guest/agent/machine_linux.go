package agent

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// mounts are made in this order; those that may fail are not in every kernel.
var mounts = []struct {
	fstype, target, data string
	flags                uintptr
	optional             bool
}{
	{fstype: "proc", target: "/proc", flags: unix.MS_NOSUID | unix.MS_NOEXEC | unix.MS_NODEV},
	{fstype: "sysfs", target: "/sys", flags: unix.MS_NOSUID | unix.MS_NOEXEC | unix.MS_NODEV},
	{fstype: "devtmpfs", target: "/dev", data: "mode=0755", flags: unix.MS_NOSUID},
	{fstype: "devpts", target: "/dev/pts", data: "mode=0620,ptmxmode=0666", flags: unix.MS_NOSUID | unix.MS_NOEXEC, optional: true},
	{fstype: "tmpfs", target: "/dev/shm", data: "mode=1777", flags: unix.MS_NOSUID | unix.MS_NODEV},
	{fstype: "debugfs", target: "/sys/kernel/debug", optional: true},
	{fstype: "tracefs", target: "/sys/kernel/tracing", optional: true},
}

// directories are made after the mounts, or get these permissions.
var directories = []struct {
	path string
	mode fs.FileMode
}{
	{"/", 0o755},
	{"/root", 0o700},
	{"/run/dbus", 0o755},
	{"/run/lock", 0o755},
	{"/run/wpa_supplicant", 0o755},
	{"/tmp", 0o777 | fs.ModeSticky},
	{"/var/lib", 0o755},
	{"/var/log", 0o755},
}

// links are made after the mounts, where nothing has their name: name, target.
var links = [][2]string{
	{"/var/run", "/run"},
	{"/dev/fd", "/proc/self/fd"},
	{"/dev/stdin", "/proc/self/fd/0"},
	{"/dev/stdout", "/proc/self/fd/1"},
	{"/dev/stderr", "/proc/self/fd/2"},
}

// setUp mounts what a machine has, and says what it had to do without.
func setUp(hostname string) (missing []string, err error) {
	for _, m := range mounts {
		err := os.MkdirAll(m.target, 0o755)
		if err == nil {
			err = unix.Mount(m.fstype, m.target, m.fstype, m.flags, m.data)
		}
		if err != nil && !m.optional {
			return missing, fmt.Errorf("mount %s: %w", m.target, err)
		}
		if err != nil {
			missing = append(missing, fmt.Sprintf("mount %s: %v", m.target, err))
		}
	}
	for _, d := range directories {
		if err := errors.Join(os.MkdirAll(d.path, d.mode.Perm()), os.Chmod(d.path, d.mode)); err != nil {
			return missing, fmt.Errorf("set up: %w", err)
		}
	}
	for _, l := range links {
		if err := os.Symlink(l[1], l[0]); err != nil && !errors.Is(err, fs.ErrExist) {
			return missing, fmt.Errorf("set up: %w", err)
		}
	}
	if err := unix.Sethostname([]byte(hostname)); err != nil {
		return missing, fmt.Errorf("set the host's name: %w", err)
	}
	if err := loopbackUp(); err != nil {
		missing = append(missing, err.Error())
	}
	return missing, nil
}

func loopbackUp() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("take up lo: %w", err)
	}
	defer unix.Close(fd)
	req, err := unix.NewIfreq("lo")
	if err != nil {
		return fmt.Errorf("take up lo: %w", err)
	}
	req.SetUint16(unix.IFF_UP)
	if err := unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, req); err != nil {
		return fmt.Errorf("take up lo: %w", err)
	}
	return nil
}

func setClock(t time.Time) error {
	tv := unix.NsecToTimeval(t.UnixNano())
	if err := unix.Settimeofday(&tv); err != nil {
		return fmt.Errorf("set the clock: %w", err)
	}
	return nil
}

// loadModules loads the modules in order and says which went in, and which did
// not and why. One the kernel has already is in.
func loadModules(modules []Module) (loaded, missing []string) {
	for _, m := range modules {
		if err := loadModule(m); err != nil {
			missing = append(missing, fmt.Sprintf("load module %s: %v", m.Name, err))
			continue
		}
		loaded = append(loaded, m.Name)
	}
	return loaded, missing
}

func loadModule(m Module) error {
	file, err := os.Open(m.Path)
	if err != nil {
		return err
	}
	defer file.Close()
	err = unix.FinitModule(int(file.Fd()), m.Params, 0)
	if errors.Is(err, unix.EEXIST) {
		return nil
	}
	return err
}

// portWait is how long the port may take to come after the init began.
const portWait = 20 * time.Second

// openPort opens the virtio-serial port of that name, for which it waits: the
// kernel learns of ports some time after their device.
func openPort(name string) (*port, error) {
	for deadline := time.Now().Add(portWait); ; time.Sleep(time.Millisecond) {
		names, err := filepath.Glob("/sys/class/virtio-ports/*/name")
		if err != nil {
			return nil, err
		}
		for _, n := range names {
			b, err := os.ReadFile(n)
			if err != nil || strings.TrimSpace(string(b)) != name {
				continue
			}
			path := filepath.Join("/dev", filepath.Base(filepath.Dir(n)))
			fd, err := unix.Open(path, unix.O_RDWR|unix.O_CLOEXEC, 0)
			if err == nil {
				return &port{fd}, nil
			}
			if !errors.Is(err, fs.ErrNotExist) {
				return nil, fmt.Errorf("open %s: %w", path, err)
			}
		}
		if time.Now().After(deadline) {
			return nil, fmt.Errorf("no virtio-serial port %s came in %v", name, portWait)
		}
	}
}

// A port is the guest's side of a virtio-serial port, read and written by plain
// system calls that block.
type port struct{ fd int }

// portPause is how long to wait where the kernel takes nothing.
const portPause = 200 * time.Microsecond

func (p *port) Read(b []byte) (int, error) {
	for {
		n, err := unix.Read(p.fd, b)
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return 0, fmt.Errorf("read the port: %w", err)
		case n == 0 && len(b) > 0:
			return 0, io.EOF
		default:
			return n, nil
		}
	}
}

// Write writes all of b. That the kernel takes none of it is no error: between
// its looking for room and its use of it, another may have filled the queue
// (drivers/char/virtio_console.c, __send_to_port).
func (p *port) Write(b []byte) (int, error) {
	for done := 0; done < len(b); {
		n, err := unix.Write(p.fd, b[done:])
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return done, fmt.Errorf("write to the port: %w", err)
		case n == 0:
			time.Sleep(portPause)
		default:
			done += n
		}
	}
	return len(b), nil
}

// powerOff writes back what disks have to get and ends the machine.
func powerOff() error {
	_ = syscall.Kill(-1, syscall.SIGKILL)
	unmountDisks()
	unix.Sync()
	return unix.Reboot(unix.LINUX_REBOOT_CMD_POWER_OFF)
}

// unmountDisks takes away what commands mounted from disks. One that is still
// busy is synced only.
func unmountDisks() {
	b, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		return
	}
	for line := range strings.Lines(string(b)) {
		if f := strings.Fields(line); len(f) > 1 && strings.HasPrefix(f[0], "/dev/") {
			_ = unix.Unmount(f[1], 0)
		}
	}
}

func kernelRelease() string {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return ""
	}
	return unix.ByteSliceToString(u.Release[:])
}
