// Package doctor looks at what a machine can do for roamfault: its cards, their
// drivers and firmware, the supplicant, the logs, and the lab.
//
// It changes nothing, runs no command and needs no root: what this user may not
// see is unknown, with what to do about it.
package doctor

import (
	"context"
	"io/fs"

	"roamfault/nl80211"
	"roamfault/reports/render"
)

// State is what came of a check.
type State string

// The states.
const (
	OK      State = "ok"
	Missing State = "missing" // something that is needed is not there
	Warning State = "warning" // it works, with a limit or a trap
	Unknown State = "unknown" // it cannot be seen from here
)

// Result is what a check has to say of one thing. Its texts are one line each
// and safe to print.
type Result struct {
	// Check is the name of the check: "firmware".
	Check string `json:"check"`
	// Subject is what it is about: a device's place on its bus, a radio, an
	// interface; empty for the whole machine.
	Subject string `json:"subject"`
	State   State  `json:"state"`
	Detail  string `json:"detail"`
	// Advice is what to do; empty where there is nothing.
	Advice string `json:"advice"`
}

// Wireless is what is asked of nl80211; *nl80211.Client is one.
type Wireless interface {
	Wiphys(ctx context.Context) ([]nl80211.Wiphy, error)
	Interfaces(ctx context.Context) ([]nl80211.Interface, error)
	ScanResults(ctx context.Context, ifindex int) ([]nl80211.BSS, error)
}

// System is a machine to look at.
type System struct {
	// Files is the tree of files at "/". Without symbolic links
	// ([fs.ReadLinkFS]) no driver is found.
	Files fs.FS
	// Wireless is nil where nl80211 could not be asked, for the reason that
	// WirelessErr has.
	Wireless    Wireless
	WirelessErr error
	// Firmware returns the version of the firmware that runs on the card of an
	// interface, empty where its driver does not say; nil where nobody can ask.
	Firmware func(iface string) (string, error)
	// Guest reports what is lacking for running the lab in a virtual machine.
	Guest func() error
}

// Check is one of the things that are looked at.
type Check struct {
	// Name is what results call it.
	Name string
	// About is what it looks at, in words.
	About string
	probe func(*machine, context.Context) []Result
}

// Checks returns all of them in the order in which they are made: what comes
// later rests on what comes before.
func Checks() []Check {
	return []Check{
		{"kernel", "the running kernel and its modules", (*machine).checkKernel},
		{"card", "Wi-Fi cards and their chips, by their ids on PCI and USB", (*machine).checkCards},
		{"driver", "the driver of each card", (*machine).checkDrivers},
		{"module", "whether the loaded modules are those of the files", (*machine).checkModules},
		{"firmware", "the firmware that runs, and its file", (*machine).checkFirmware},
		{"radio", "interfaces, and switches that turn them off", (*machine).checkRadios},
		{"multi-link", "whether card and driver make connections with several links", (*machine).checkMultiLink},
		{"supplicant", "the program that makes connections", (*machine).checkSupplicant},
		{"network", "networks in reach", (*machine).checkNetworks},
		{"permissions", "capabilities of this process", (*machine).checkPermissions},
		{"journal", "the systemd journal", (*machine).checkJournal},
		{"kmsg", "the kernel's log", (*machine).checkKmsg},
		{"debugfs", "the drivers' own files", (*machine).checkDebugfs},
		{"pstore", "what is kept of a crash", (*machine).checkPstore},
		{"hwsim", "simulated radios for the lab", (*machine).checkHwsim},
		{"lab", "a virtual machine for the lab", (*machine).checkGuest},
	}
}

// Run makes every check. It returns early only with ctx, whose error it gives.
func Run(ctx context.Context, s System) ([]Result, error) {
	m := newMachine(s)
	var out []Result
	for _, c := range Checks() {
		if err := ctx.Err(); err != nil {
			return out, err
		}
		for _, r := range c.probe(m, ctx) {
			out = append(out, Result{
				Check: c.Name, Subject: render.Clean(r.Subject), State: r.State, Detail: render.Clean(r.Detail), Advice: render.Clean(r.Advice),
			})
		}
	}
	return out, nil
}

// one is the result of a check of the whole machine.
func one(state State, detail, advice string) []Result {
	return []Result{{State: state, Detail: detail, Advice: advice}}
}
