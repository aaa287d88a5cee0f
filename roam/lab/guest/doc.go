// Package guest runs programs on a Linux kernel of their own: a virtual machine
// under QEMU with simulated radios' drivers, made of Debian's packages, which
// boots in seconds from memory and leaves nothing behind.
//
// Prepare fetches and builds what a guest boots from, Boot starts one, Run runs
// commands in it, as many at once as are wanted. The same program is the guest's
// init: its main has to call Init first of all where IsInit is true.
//
// Guests need a Linux host; the package compiles elsewhere.
package guest

import "roamfault/roam/lab/guest/agent"

// IsInit reports whether this process is the init of a guest.
func IsInit() bool { return agent.IsInit() }

// Init is what a guest's init does with its life; it does not return where
// IsInit is true, and does nothing where it is not.
func Init() { agent.Init() }
