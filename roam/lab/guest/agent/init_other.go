//go:build !linux

package agent

// IsInit reports whether this process is the init of a lab guest: never, where
// guests cannot be.
func IsInit() bool { return false }

// Init returns at once: IsInit is false here.
func Init() {}
