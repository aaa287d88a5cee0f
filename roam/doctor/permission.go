package doctor

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// capability is a right that roamfault can use (kernel,
// include/uapi/linux/capability.h).
type capability struct {
	bit  uint
	name string
	use  string
}

var capabilities = [...]capability{
	{2, "CAP_DAC_READ_SEARCH", "debugfs and pstore"},
	{12, "CAP_NET_ADMIN", "changing connections, and the lab"},
	{13, "CAP_NET_RAW", "the lab's network"},
	{16, "CAP_SYS_MODULE", "loading simulated radios"},
	{21, "CAP_SYS_ADMIN", "the lab's network namespaces"},
	{34, "CAP_SYSLOG", "/dev/kmsg"},
}

// checkPermissions warns only: what is in the journal needs none of them.
func (m *machine) checkPermissions(context.Context) []Result {
	mask, err := strconv.ParseUint(m.fields("proc/self/status", ":")["CapEff"], 16, 64)
	if err != nil {
		return one(Unknown, "the capabilities of this process cannot be read", "mount /proc")
	}
	var names, uses []string
	for _, c := range capabilities {
		if mask>>c.bit&1 == 0 {
			names, uses = append(names, c.name), append(uses, c.use)
		}
	}
	if len(names) == 0 {
		return one(OK, "all capabilities that can be of use", "")
	}
	return one(Warning, "without "+strings.Join(names, ", "), fmt.Sprintf("run as root what takes them: %s", strings.Join(uses, "; ")))
}
