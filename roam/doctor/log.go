package doctor

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// journals are where journald keeps its files, and whether they last.
var journals = [...]struct {
	dir   string
	lasts bool
}{
	{"var/log/journal", true},
	{"run/log/journal", false},
}

// checkJournal tries to open the system's journal, which is what is analysed.
func (m *machine) checkJournal(context.Context) []Result {
	var refused string
	for _, j := range journals {
		names, err := m.names(j.dir)
		if forbidden(err) {
			refused = j.dir
		}
		for _, name := range names {
			file := path.Join(j.dir, name, "system.journal")
			switch err := m.open(file); {
			case forbidden(err):
				refused = file
			case err == nil && j.lasts:
				return one(OK, "/"+path.Dir(file)+" can be read and is kept over boots", "")
			case err == nil:
				return one(Warning, "/"+path.Dir(file)+" can be read, and is gone with this boot", "to keep it: mkdir -p /var/log/journal and journalctl --flush, as root")
			}
		}
	}
	if refused != "" {
		return one(Missing, "this user may not read /"+refused, "usermod -aG systemd-journal USER as root and log in again, or run roamfault as root")
	}
	return one(Missing, "no journal in /var/log/journal or /run/log/journal", "without systemd: dmesg | roamfault analyze -, or roamfault watch --source kmsg; else: systemctl start systemd-journald")
}

func (m *machine) checkKmsg(context.Context) []Result {
	switch err := m.open("dev/kmsg"); {
	case err == nil:
		return one(OK, "/dev/kmsg can be read", "")
	case forbidden(err):
		return one(Warning, "this user may not read /dev/kmsg", "the journal has the same; else run as root, or sysctl kernel.dmesg_restrict=0 as root")
	case errors.Is(err, fs.ErrNotExist):
		return one(Missing, "no /dev/kmsg", "mount devtmpfs on /dev; in a container, look from the host")
	default:
		return one(Unknown, "/dev/kmsg cannot be opened: "+err.Error(), "run roamfault doctor as root")
	}
}

// checkDebugfs looks for what drivers say there: state, registers, resets on
// demand.
func (m *machine) checkDebugfs(context.Context) []Result {
	names, err := m.names("sys/kernel/debug")
	switch {
	case forbidden(err):
		return one(Unknown, "this user may not look into /sys/kernel/debug", "run roamfault doctor as root")
	case err != nil:
		return one(Missing, "the kernel has no debugfs", "a kernel with CONFIG_DEBUG_FS")
	case len(names) == 0:
		return one(Missing, "not mounted", "mount -t debugfs debugfs /sys/kernel/debug, as root")
	}
	detail := "mounted"
	if strings.Contains(m.text("sys/kernel/security/lockdown"), "[confidentiality]") {
		return one(Warning, detail+", but closed by the kernel's lockdown", "start the kernel without lockdown=confidentiality")
	}
	radios := m.list("sys/kernel/debug/ieee80211")
	var bare []string
	for _, c := range m.looked() {
		for _, radio := range c.radios {
			if !slices.Contains(radios, radio) {
				bare = append(bare, radio)
			}
		}
	}
	if len(bare) > 0 {
		return one(Warning, detail+", with nothing about "+some(bare), "a kernel with CONFIG_CFG80211_DEBUGFS and CONFIG_MAC80211_DEBUGFS")
	}
	if len(radios) > 0 {
		detail += "; has " + some(radios)
	}
	return one(OK, detail, "")
}

// checkPstore looks whether a crash leaves its last lines behind.
func (m *machine) checkPstore(context.Context) []Result {
	names, err := m.names("sys/fs/pstore")
	backend := m.text("sys/module/pstore/parameters/backend")
	switch {
	case err != nil && !forbidden(err):
		return one(Missing, "the kernel has no pstore: a crash leaves nothing behind", "a kernel with CONFIG_PSTORE, and efi_pstore or ramoops")
	case backend == "(null)":
		return one(Missing, "no store behind it: a crash leaves nothing behind", "modprobe efi_pstore, or ramoops with a reserved piece of memory")
	case forbidden(err):
		return one(Unknown, "this user may not look into /sys/fs/pstore", "run roamfault doctor as root")
	}
	detail := "ready"
	if backend != "" {
		detail += " by " + backend
	}
	if len(names) > 0 {
		return one(OK, detail+"; of an earlier crash: "+some(names), "read them: roamfault analyze /sys/fs/pstore/FILE; systemd-pstore may have more in /var/lib/systemd/pstore")
	}
	return one(OK, detail+"; nothing in it", "")
}
