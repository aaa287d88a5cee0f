package machine

import "io"

// File is the file of an undo log.
type File interface {
	// Read reads from the beginning.
	io.Reader
	// Write adds to the end.
	io.Writer
	Truncate(size int64) error
	// Sync returns when what was written is on the disk.
	Sync() error
	io.Closer
}

// Storage is where the file of an undo log is; [Disk] in earnest.
type Storage interface {
	// Open opens a file, which it makes where there is none, for this process
	// alone. The error wraps ErrLocked where another one has it.
	Open(path string) (File, error)
}

// Disk is the machine's file system. Files are open to their owner alone, and
// one that somebody else owns is refused: what stands in it would be done as
// root.
type Disk struct{}
