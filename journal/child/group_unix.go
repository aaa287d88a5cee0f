//go:build unix

package child

import (
	"os/exec"
	"syscall"
)

// isolate puts a program into a process group of its own, so that it ends
// whole and a terminal's interrupt reaches us first.
func isolate(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}

// kill ends the program's group.
func kill(cmd *exec.Cmd) {
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	_ = cmd.Process.Kill()
}
