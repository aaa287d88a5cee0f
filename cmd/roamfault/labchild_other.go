//go:build !linux

package main

import "os/exec"

// dieWithParent is for Linux, and so is the lab.
func dieWithParent(*exec.Cmd) {}
