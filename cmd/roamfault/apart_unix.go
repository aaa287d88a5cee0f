//go:build unix

package main

import (
	"os/exec"
	"syscall"
)

// apart starts a command in a session of its own: what ends ours by the terminal
// does not end it.
func apart(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }
