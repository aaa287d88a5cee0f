package hwsim

import (
	"errors"
	"fmt"
)

// Why there is no medium, in words that say what to do. They come wrapped in
// what was tried.
var (
	// ErrNoModule: the kernel does not know the family MAC80211_HWSIM.
	ErrNoModule = errors.New("the kernel module mac80211_hwsim is not loaded: run 'modprobe mac80211_hwsim radios=0' as root, or use the lab in a virtual machine")
	// ErrPermission: the kernel wants CAP_NET_ADMIN.
	ErrPermission = errors.New("simulated radios need root (CAP_NET_ADMIN): run it with sudo, or use the lab in a virtual machine")
	// ErrTaken: a medium is registered in this network namespace.
	ErrTaken = errors.New("another program, such as wmediumd or a second lab, is the wireless medium in this network namespace: end it, or take a namespace of your own")
	// ErrChannels: radios that can use several channels at a time are there
	// already, in any namespace of the machine.
	ErrChannels = errors.New("the machine has simulated radios with several channels, beside which no medium can be registered: end the other lab, or run 'modprobe -r mac80211_hwsim'")
	// ErrUnsupported: the system is not Linux.
	ErrUnsupported = errors.New("simulated radios are a thing of Linux: use the lab in a virtual machine")
	// ErrModuleFile: there is no such module for the running kernel.
	ErrModuleFile = errors.New("the running kernel has no module mac80211_hwsim: install the kernel's full set of modules, or use the lab in a virtual machine")
)

// both returns a, and b with it if that happened, too, on one line.
func both(a, b error) error {
	switch {
	case b == nil:
		return a
	case a == nil:
		return b
	}
	return fmt.Errorf("%w; %w", a, b)
}
