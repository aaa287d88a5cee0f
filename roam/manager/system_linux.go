package manager

import (
	"os"

	"github.com/godbus/dbus/v5"
)

// This is the machine that we are on. Its Wireless and Bus are the caller's: they
// may be nil.
func This(wireless Wireless, wirelessErr error, bus *dbus.Conn) System {
	return System{
		Files: os.DirFS("/"), Getenv: os.Getenv, PID: os.Getpid(),
		Wireless: wireless, WirelessErr: wirelessErr, Routes: routes{}, Bus: bus,
		Control: ControlSockets{}, Processes: processes{},
	}
}
