package doctor

import (
	"context"
	"path"
)

// hwsim says how simulated radios are to be had, "" where they are not.
func (m *machine) hwsim() string {
	switch {
	case m.has(path.Join("sys/module", hwsimModule)):
		return hwsimModule + " is loaded"
	case m.modules.built[hwsimModule]:
		return hwsimModule + " is built into the kernel"
	case m.modules.files[hwsimModule].path != "":
		return hwsimModule + " can be loaded"
	}
	return ""
}

// guestErr is why there can be no virtual machine.
func (m *machine) guestErr() (err error, known bool) {
	if m.Guest == nil {
		return nil, false
	}
	return m.Guest(), true
}

// checkHwsim is content with a virtual machine, which brings its own kernel: the
// lab needs one of the two.
func (m *machine) checkHwsim(context.Context) []Result {
	if how := m.hwsim(); how != "" {
		return one(OK, how, "")
	}
	err, known := m.guestErr()
	detail, advice := "this kernel has no "+hwsimModule, "install the kernel's full set of modules (Ubuntu: linux-modules-extra, Fedora: kernel-modules-internal)"
	switch {
	case known && err == nil:
		return one(Warning, detail, "use the lab in a virtual machine: roamfault lab vm")
	case m.modules.err != nil:
		return one(Unknown, "the modules of this kernel cannot be listed", "see kernel")
	}
	return one(Missing, detail, advice)
}

func (m *machine) checkGuest(context.Context) []Result {
	err, known := m.guestErr()
	switch {
	case !known:
		return one(Unknown, "whether virtual machines can be run was not asked", "roamfault lab vm tells")
	case err == nil && m.open("dev/kvm") == nil:
		return one(OK, "all programs for roamfault lab vm are there, and /dev/kvm", "")
	case err == nil:
		return one(OK, "all programs for roamfault lab vm are there; without /dev/kvm it is slower", "")
	case m.hwsim() != "":
		return one(Warning, err.Error(), "use the lab on this machine: roamfault lab up, as root")
	}
	return one(Missing, err.Error(), "roamfault lab vm --install, as root")
}
