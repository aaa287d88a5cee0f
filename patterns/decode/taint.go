package decode

import "fmt"

// Taint is a flag that the kernel carries from then on
// (Documentation/admin-guide/tainted-kernels.rst).
type Taint struct {
	// Letter is the kernel's, "?" for a flag that is not known here.
	Letter  string
	Meaning string
}

// taints are the flags by their bits (kernel/panic.c, taint_flags).
var taints = [...]Taint{
	{"P", "proprietary module"}, {"F", "module forced"}, {"S", "out of specification"}, {"R", "module removed by force"},
	{"M", "machine check"}, {"B", "bad page"}, {"U", "by the user"}, {"D", "oops before"}, {"A", "ACPI table overridden"},
	{"W", "warning before"}, {"C", "staging driver"}, {"I", "firmware workaround"}, {"O", "module from outside"},
	{"E", "unsigned module"}, {"L", "soft lockup before"}, {"K", "live patched"}, {"X", "auxiliary"},
	{"T", "randomized structures"}, {"N", "test module"}, {"J", "fwctl used"},
}

// Taints returns the flags in a mask as /proc/sys/kernel/tainted has it, from the
// lowest bit on; none for a kernel that is not tainted.
func Taints(mask uint64) []Taint {
	var out []Taint
	for bit := range 64 {
		switch {
		case mask>>bit&1 == 0:
		case bit < len(taints):
			out = append(out, taints[bit])
		default:
			out = append(out, Taint{"?", fmt.Sprintf("bit %d", bit)})
		}
	}
	return out
}
