// Package agent is the side of a lab guest that runs inside of it: the init that
// sets a machine up around an initramfs, and the server that runs commands and
// moves files as the host asks. It runs on Linux only.
package agent

// ConfigFile is where the host leaves the Config in the guest, as JSON. That it
// is there tells the init of a guest from any other process numbered 1.
const ConfigFile = "/etc/roamfault/guest.json"

// InitPath is what the program is called when it is the guest's init.
const InitPath = "/init"

// PortName is the name of the virtio-serial port between guest and host.
const PortName = "roamfault"

// Config is what the init does before it asks for orders.
type Config struct {
	Hostname string `json:"hostname"`
	// Modules are loaded in this order.
	Modules []Module `json:"modules"`
}

// A Module is a file for the kernel to load.
type Module struct {
	Name   string `json:"name"`
	Path   string `json:"path"`
	Params string `json:"params,omitempty"` // as after the name with modprobe
}
