package guest

import (
	"fmt"
	"io/fs"
	"time"
)

// Accelerators of a guest.
const (
	// AccelTCG is QEMU's own translation of instructions; it works everywhere.
	AccelTCG = "tcg"
	// AccelTCGMulti is the same with a host's thread for each processor: they
	// really run at once. About one boot in thirty on a busy host died of
	// "Oops: int3", a processor running into what another was just patching
	// (QEMU 7.2, kernel 6.12).
	AccelTCGMulti = "tcg-multi"
	// AccelKVM is the host's hardware.
	AccelKVM = "kvm"
	// AccelAuto tries a boot with KVM, and falls back to TCG where the guest
	// does not come up: that /dev/kvm is there says little.
	AccelAuto = "auto"
)

// Options are those of one guest. The zero value is a good one.
type Options struct {
	// Program is the guest's init and what its commands know as /init: a static
	// program for Linux on amd64 that calls Init. Empty is the running one.
	Program string
	// Hostname of the guest; empty is "lab".
	Hostname string
	// Memory in MiB; 0 is 512.
	Memory int
	// CPUs is how many processors the guest has; 0 is 1. With AccelTCG more of
	// them take turns of up to a tenth of a second, which is bad for timers.
	CPUs int
	// Accel is one of AccelTCG (or empty), AccelKVM and AccelAuto.
	Accel string
	// Load are modules loaded at boot; nil is those of simulated radios, with
	// none made yet (mac80211_hwsim radios=0).
	Load []Module
	// Append goes to the end of the kernel's command line.
	Append string
	// Files are in the guest from its first moment.
	Files []File
	// Disks are the guest's /dev/vda, /dev/vdb and so on.
	Disks []Disk
	// QEMU are further arguments to it.
	QEMU []string
	// BootTimeout is how long the guest may take to be ready; 0 is three minutes: a busy
	// machine takes ten times as long as an idle one.
	BootTimeout time.Duration
	// Silence is how long the guest may leave the host's question whether it
	// lives without answer, before it counts as hung; 0 is two minutes.
	Silence time.Duration
	// Progress is called now and then.
	Progress func(Progress)
}

// A Module is a kernel module to be loaded.
type Module struct {
	Name   string
	Params string // "name=value …"
	// Optional modules may be missing in the image: built into the kernel, or
	// not of its time.
	Optional bool
}

// A File is one to be put into a guest.
type File struct {
	// Path in the guest, absolute.
	Path string
	// Host is the path of the host's file; empty takes Data.
	Host string
	Data []byte
	// Mode are the permissions; 0 takes the host's file's, or 0644.
	Mode fs.FileMode
}

// A Collect is a file to be taken out of a guest.
type Collect struct {
	// Path in the guest, absolute.
	Path string
	// Host is the path of the host's file, which is replaced as a whole or not
	// at all.
	Host string
	// Optional files may be missing in the guest; nothing is done then.
	Optional bool
}

// A Disk is a host's file with the content of a disk.
type Disk struct {
	Path     string
	ReadOnly bool
	// Serial names it in /dev/disk/by-id style for programs of the guest (at
	// most 20 bytes); empty is none.
	Serial string
}

func (o Options) withDefaults() (Options, error) {
	set := func(n *int, value, least int, what string) error {
		if *n == 0 {
			*n = value
		}
		if *n < least {
			return fmt.Errorf("%s: %d is less than %d", what, *n, least)
		}
		return nil
	}
	if err := set(&o.Memory, 512, 128, "memory in MiB"); err != nil {
		return o, err
	}
	if err := set(&o.CPUs, 1, 1, "processors"); err != nil {
		return o, err
	}
	if o.Hostname == "" {
		o.Hostname = "lab"
	}
	if o.Accel == "" {
		o.Accel = AccelTCG
	}
	if o.BootTimeout == 0 {
		o.BootTimeout = 3 * time.Minute
	}
	if o.Silence == 0 {
		o.Silence = 2 * time.Minute
	}
	return o, nil
}
