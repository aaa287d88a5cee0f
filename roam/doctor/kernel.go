package doctor

import (
	"context"
	"fmt"
	"path"
	"strings"

	"roamfault/patterns/decode"
)

// checkKernel looks at the release and whether its modules are there: an update
// takes them away below the running kernel on some distributions, and then no
// driver can be loaded until the next boot.
func (m *machine) checkKernel(context.Context) []Result {
	if m.release == "" {
		return one(Unknown, "its release cannot be read", "mount /proc")
	}
	detail := "Linux " + m.release
	if parameters := decode.KernelParameters(m.text("proc/cmdline")); len(parameters) > 0 {
		detail += ", started with " + strings.Join(parameters, " ")
	}
	if m.modules.err != nil {
		state, advice := Warning, "if the kernel was updated, reboot; otherwise install the modules of this kernel"
		if forbidden(m.modules.err) {
			state, advice = Unknown, "run roamfault doctor as root"
		}
		return one(state, fmt.Sprintf("%s; its modules cannot be listed: no %s", detail, "/"+path.Join(m.modules.dir, "modules.dep")), advice)
	}
	return one(OK, detail, "")
}
