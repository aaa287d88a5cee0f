package newkernel

import (
	"fmt"
	"strings"

	"roamfault/roam/runlog"
)

// modules is what the keys of modules begin with.
const modules = "module-"

// notKnown is what ethtool has for a driver that does not tell its firmware.
const notKnown = "N/A"

// Of is what of an environment tells a new kernel, driver or firmware: the
// kernel's release and build, the source versions of the modules, the version of
// the firmware.
func Of(env runlog.Environment) runlog.Environment {
	var out runlog.Environment
	for _, s := range env {
		if tells(s.Key) && s.Value != "" && s.Value != notKnown {
			out = append(out, s)
		}
	}
	return out
}

func tells(k runlog.Key) bool {
	switch k {
	case runlog.KeyKernel, runlog.KeyKernelVersion, runlog.KeyFirmware:
		return true
	case runlog.KeyModulePath, runlog.KeyModuleOptions:
		return false
	}
	return strings.HasPrefix(string(k), modules)
}

// Same reports whether two are of the same kernel, driver and firmware. What is
// known of one only tells nothing: a driver that is not loaded yet, a firmware that
// says no version.
func Same(a, b runlog.Environment) bool {
	kernel, known := a.Get(runlog.KeyKernel)
	return known && kernel != "" && differences(a, b) == ""
}

// differences says in words how what was booted differs from what was before.
func differences(now, before runlog.Environment) string {
	var words []string
	for d := range before.Differences(now) {
		switch {
		case !tells(d.Key):
		case d.Key == runlog.KeyKernel && d.A != d.B:
			// Its modules and its build differ with it.
			return fmt.Sprintf("kernel %s, before %s", name(d.B), name(d.A))
		case d.A != "" && d.B != "":
			words = append(words, fmt.Sprintf("%s %s, before %s", d.Key, d.B, d.A))
		}
	}
	return strings.Join(words, "; ")
}

func name(value string) string {
	if value == "" {
		return "unknown"
	}
	return value
}
