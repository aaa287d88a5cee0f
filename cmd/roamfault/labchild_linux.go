package main

import (
	"os/exec"
	"syscall"
)

// dieWithParent lets the kernel kill a command when its parent is gone.
func dieWithParent(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
