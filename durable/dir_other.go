//go:build !unix

package durable

// SyncDir brings the names in a directory to the disk, which the system does by
// itself.
func SyncDir(string) error { return nil }
