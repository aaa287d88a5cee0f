package direct

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// ioctls is the Switch of the running system.
type ioctls struct{}

// flags reads the flags of an interface and gives them to change, whose result is
// written where it says so (netdevice(7)).
func (ioctls) flags(name string, change func(uint16) (uint16, bool)) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	request, err := unix.NewIfreq(name)
	if err != nil {
		return err
	}
	if err := unix.IoctlIfreq(fd, unix.SIOCGIFFLAGS, request); err != nil {
		return err
	}
	flags, write := change(request.Uint16())
	if !write {
		return nil
	}
	request.SetUint16(flags)
	return unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, request)
}

func (i ioctls) Up(name string) (up bool, err error) {
	err = i.flags(name, func(f uint16) (uint16, bool) {
		up = f&unix.IFF_UP != 0
		return f, false
	})
	if err != nil {
		return false, fmt.Errorf("ask whether %s is up: %w", name, err)
	}
	return up, nil
}

func (i ioctls) Set(name string, up bool) error {
	err := i.flags(name, func(f uint16) (uint16, bool) {
		if up {
			return f | unix.IFF_UP, true
		}
		return f &^ unix.IFF_UP, true
	})
	if err == unix.ERFKILL {
		return fmt.Errorf("take %s up: blocked by rfkill: unblock it (rfkill unblock wifi): %w", name, err)
	}
	if err != nil {
		return fmt.Errorf("take %s up or down: %w", name, err)
	}
	return nil
}
