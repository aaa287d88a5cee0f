package machine

import (
	"context"
	"errors"
	"path/filepath"

	"roamfault/nl80211"
)

// Radio is what is asked of nl80211; *nl80211.Client is one.
type Radio interface {
	PowerSave(ctx context.Context, ifindex int) (bool, error)
	SetPowerSave(ctx context.Context, ifindex int, on bool) error
	nl80211.Regulator
}

// Links turns network interfaces on and off; [Netlink] in earnest.
type Links interface {
	SetUp(ctx context.Context, ifindex int, up bool) error
}

// Machine is a machine whose knobs are turned.
type Machine struct {
	// Root is where its tree of files is: "/", with /sys, /proc and /dev, and debugfs
	// at /sys/kernel/debug.
	Root string
	// Radio and Links may be nil; what needs them is not available then.
	Radio Radio
	Links Links
	// Clock tells how long a suspend was.
	Clock nl80211.Clock

	// kernel takes what is written to files in tests, where no kernel does; nil: the
	// files do.
	kernel func(name, value string) error
}

// Why something is not there. They come wrapped.
var (
	// ErrGone: the card has no interface at present. It may come back.
	ErrGone = errors.New("the card has no interface")
	// ErrHung: the kernel does not come back from a request. The request is still
	// under way.
	ErrHung = errors.New("the kernel does not come back from it")
)

// path is where a file of the tree is, of its name without the leading "/".
func (m *Machine) path(name string) string {
	return filepath.Join(m.Root, filepath.FromSlash(name))
}
