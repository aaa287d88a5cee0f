package collect

import (
	"bytes"
	"fmt"
	"runtime"
	"syscall"
	"unsafe"
)

// Numbers of include/uapi/linux/sockios.h and ethtool.h.
const (
	siocEthtool     = 0x8946
	ethtoolDrvInfo  = 0x00000003
	interfaceLength = 16
)

// drvInfo is struct ethtool_drvinfo.
type drvInfo struct {
	cmd                                       uint32
	driver, version, firmware, bus, eromDummy [32]byte
	reserved                                  [12]byte
	flags, stats, test, eeprom, regs          uint32
}

// ifRequest is struct ifreq with a pointer in it.
type ifRequest struct {
	name [interfaceLength]byte
	data unsafe.Pointer
	rest [16]byte
}

// readDriver asks the driver of an interface for its versions
// (ETHTOOL_GDRVINFO). cfg80211 answers from what it knows and does not ask the
// chip (net/wireless/ethtool.c, cfg80211_get_drvinfo). Any socket will do, also
// where there are none of AF_INET.
func readDriver(iface string) (DriverInfo, error) {
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_DGRAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return DriverInfo{}, fmt.Errorf("open a socket: %w", err)
	}
	defer syscall.Close(fd)
	info := &drvInfo{cmd: ethtoolDrvInfo}
	var request ifRequest
	if len(iface) >= interfaceLength {
		return DriverInfo{}, fmt.Errorf("%q is no name of an interface", iface)
	}
	copy(request.name[:], iface)
	request.data = unsafe.Pointer(info)
	_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), siocEthtool, uintptr(unsafe.Pointer(&request)))
	runtime.KeepAlive(info)
	if errno != 0 {
		return DriverInfo{}, fmt.Errorf("ask for the driver's versions: %w", errno)
	}
	return DriverInfo{text(info.driver[:]), text(info.version[:]), text(info.firmware[:]), text(info.bus[:])}, nil
}

func text(b []byte) string {
	if n := bytes.IndexByte(b, 0); n >= 0 {
		b = b[:n]
	}
	return string(b)
}

// newSystem is this machine.
func newSystem() (System, error) {
	return System{Files: Files{Root: "/"}, Driver: readDriver, Links: readLinks}, nil
}
