package manager

import (
	"cmp"
	"path"
	"slices"
	"strconv"
	"strings"
)

// mostProcesses bounds those that are looked at.
const mostProcesses = 1 << 15

// process is one of those in /proc.
type process struct {
	pid  int
	comm string // the kernel keeps 15 characters
	args []string
}

// procFile is the path of a file of a process.
func procFile(pid int, name string) string { return "proc/" + strconv.Itoa(pid) + "/" + name }

// processes are those that can be seen, by their numbers.
func (t tree) processes() []process {
	var out []process
	for _, name := range t.names("proc") {
		pid, err := strconv.Atoi(name)
		if err != nil || pid <= 0 {
			continue
		}
		if len(out) >= mostProcesses {
			break
		}
		if p := t.process(pid); p.comm != "" {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b process) int { return cmp.Compare(a.pid, b.pid) })
	return out
}

// process reads one; its comm is empty where there is none.
func (t tree) process(pid int) process {
	return process{pid: pid, comm: t.text(procFile(pid, "comm")), args: t.zeroed(procFile(pid, "cmdline"))}
}

// parent is the number of a process's parent, 0 where it is not known. The
// program's name in the file may have blanks and brackets itself (proc_pid_stat(5)).
func (t tree) parent(pid int) int {
	stat := t.text(procFile(pid, "stat"))
	fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	if len(fields) < 2 {
		return 0
	}
	parent, err := strconv.Atoi(fields[1])
	if err != nil {
		return 0
	}
	return parent
}

// ancestors are this process's parent, its parent, and so on.
func (t tree) ancestors(pid int) []int {
	var out []int
	for pid = t.parent(pid); pid > 0 && !slices.Contains(out, pid); pid = t.parent(pid) {
		out = append(out, pid)
	}
	return out
}

// environ looks a variable up in the environment that a process began with.
func (t tree) environ(pid int, name string) string {
	for _, v := range t.zeroed(procFile(pid, "environ")) {
		if value, ok := strings.CutPrefix(v, name+"="); ok {
			return value
		}
	}
	return ""
}

// unit is the systemd service that a process belongs to, "" for none: what runs
// in a session belongs to a scope, which restarts nothing (cgroups(7)).
func (t tree) unit(pid int) string {
	for line := range strings.Lines(t.text(procFile(pid, "cgroup"))) {
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(fields) != 3 || fields[0] != "0" && fields[1] != "name=systemd" {
			continue
		}
		for dir := fields[2]; dir != "/" && dir != "." && dir != ""; dir = path.Dir(dir) {
			switch name := path.Base(dir); path.Ext(name) {
			case ".service":
				return name
			case ".scope":
				return ""
			}
		}
	}
	return ""
}
