package manager

import (
	"context"
	"io"
	"io/fs"
	"net/netip"

	"github.com/godbus/dbus/v5"

	"roamfault/nl80211"
)

// System is the machine that is looked at and changed. [This] is the real one.
type System struct {
	// Files is the tree of files at "/". Without symbolic links ([fs.ReadLinkFS])
	// less is seen.
	Files fs.FS
	// Getenv reads the environment of this process, and PID is its number.
	Getenv func(string) string
	PID    int
	// Wireless is nil where nl80211 could not be asked, for the reason that
	// WirelessErr has.
	Wireless    Wireless
	WirelessErr error
	// Routes is nil where routes cannot be asked for: then whatever is on the
	// network is taken to go over the interface.
	Routes Routes
	// Bus is the system bus; nil: there is none.
	Bus *dbus.Conn
	// Control asks supplicants; nil: nobody does.
	Control Control
	// Processes ends and starts programs; nil: nobody does.
	Processes Processes
}

// Wireless is what is asked of nl80211; *nl80211.Client is one.
type Wireless interface {
	Wiphys(ctx context.Context) ([]nl80211.Wiphy, error)
	Interfaces(ctx context.Context) ([]nl80211.Interface, error)
	ScanResults(ctx context.Context, ifindex int) ([]nl80211.BSS, error)
	Regulatory(ctx context.Context) ([]nl80211.Regulatory, error)
}

// Routes is what is asked of the kernel's routing.
type Routes interface {
	// Device names the interface over which packets to an address go; "" where
	// none do.
	Device(ctx context.Context, to netip.Addr) (string, error)
	// Defaults names the interfaces that have a default route.
	Defaults(ctx context.Context) ([]string, error)
	// Addrs are the addresses of an interface.
	Addrs(ctx context.Context, iface string) ([]netip.Addr, error)
}

// Control asks wpa_supplicant through a control socket.
type Control interface {
	// Ask sends a request and returns the answer without the end of its last line.
	// It waits no longer than ctx, which has a deadline.
	Ask(ctx context.Context, socket, request string) (string, error)
}

// Processes ends and starts programs.
type Processes interface {
	// Terminate asks a process to end (SIGTERM). The error is [fs.ErrNotExist]
	// where there is none.
	Terminate(pid int) error
	// Start starts a program that outlives us.
	Start(c Command) (Running, error)
}

// Command is a program to start.
type Command struct {
	Path string   // absolute
	Args []string // with the program's name
	Dir  string
	Env  []string // "NAME=value"
	// Output is told what it prints; nil: nobody.
	Output io.Writer
}

// Running is a program that was started.
type Running interface {
	PID() int
	// Ended is closed when it has ended; Err says how, then.
	Ended() <-chan struct{}
	Err() error
	Kill() error
}
