//go:build !unix

package child

import "os/exec"

// isolate does nothing where there are no process groups.
func isolate(*exec.Cmd) {}

// kill ends the program.
func kill(cmd *exec.Cmd) { _ = cmd.Process.Kill() }
