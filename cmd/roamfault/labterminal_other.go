//go:build !linux

package main

import "roamfault/roam/lab/guest"

// runOnTerminal is for guests, which are Linux.
func runOnTerminal(env, uint16, uint16, []string) (int, error) { return 0, guest.ErrUnsupported }
