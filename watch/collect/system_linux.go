package collect

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"roamfault/nl80211"
)

// newSystem is this machine.
func newSystem() (System, error) {
	return System{Files: Files{Root: "/"}, Driver: readDriver, Links: readLinks}, nil
}

// readLinks asks nl80211 for interfaces and their peers.
func readLinks(ctx context.Context) ([]Link, error) {
	c, err := nl80211.Dial(nl80211.Config{})
	if err != nil {
		return nil, err
	}
	list, err := links(ctx, c)
	return list, errors.Join(err, c.Close())
}

// readDriver asks the driver of an interface for its versions
// (ETHTOOL_GDRVINFO). cfg80211 answers from what it knows and does not ask the
// chip (net/wireless/ethtool.c, cfg80211_get_drvinfo). Any socket will do, also
// where there are none of AF_INET.
func readDriver(iface string) (DriverInfo, error) {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return DriverInfo{}, fmt.Errorf("open a socket: %w", err)
	}
	defer unix.Close(fd)
	info, err := unix.IoctlGetEthtoolDrvinfo(fd, iface)
	if err != nil {
		return DriverInfo{}, fmt.Errorf("ask for the driver's versions: %w", err)
	}
	text := unix.ByteSliceToString
	return DriverInfo{text(info.Driver[:]), text(info.Version[:]), text(info.Fw_version[:]), text(info.Bus_info[:])}, nil
}
