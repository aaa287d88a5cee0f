package direct

import (
	"context"

	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
)

// Kernel is what a [Station] asks of the kernel. A *nl80211.Client is one; what
// stands around another one can leave requests out, or change them. All requests
// and events go over one socket, which owns the connection.
type Kernel interface {
	Join(groups ...nl80211.Group) error
	Receive(ctx context.Context) (nl80211.Event, error)
	Close() error

	InterfaceByName(ctx context.Context, name string) (nl80211.Interface, error)
	Wiphy(ctx context.Context, index int) (nl80211.Wiphy, error)
	Connection(ctx context.Context, ifindex int) (nl80211.Connection, error)
	ScanResults(ctx context.Context, ifindex int) ([]nl80211.BSS, error)
	TriggerScan(ctx context.Context, r nl80211.ScanRequest) error
	AbortScan(ctx context.Context, ifindex int) error

	Authenticate(ctx context.Context, r nl80211.AuthRequest) error
	Associate(ctx context.Context, r nl80211.AssocRequest) error
	Deauthenticate(ctx context.Context, r nl80211.LeaveRequest) error
	SendControlPort(ctx context.Context, r nl80211.ControlPortRequest) (cookie uint64, err error)
	NewKey(ctx context.Context, k nl80211.Key) error
	SetStation(ctx context.Context, ifindex int, addr dot11.Addr, mask, set nl80211.StationFlags) error
	RegisterFrame(ctx context.Context, ifindex int, filter nl80211.FrameFilter) error
	SendFrame(ctx context.Context, r nl80211.FrameRequest) (cookie uint64, err error)
}

// Switch turns network interfaces on and off (IFF_UP).
type Switch interface {
	// Up reports whether an interface is up.
	Up(name string) (bool, error)
	// Set takes it up or down. It needs CAP_NET_ADMIN.
	Set(name string, up bool) error
}
