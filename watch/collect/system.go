package collect

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// System is a machine to look at.
type System struct {
	Files Files
	// Driver asks the driver of an interface for its versions, Links asks
	// nl80211 for the links; nil where that cannot be done.
	Driver func(iface string) (DriverInfo, error)
	Links  func(ctx context.Context) ([]Link, error)
}

// DriverInfo is what a driver says of itself.
type DriverInfo struct {
	Driver, Version, Firmware, Bus string
}

// Reader is what is read from.
type Reader = io.Reader

// Files is a tree of files as the kernel shows them, with paths below its root
// ("sys/class/net").
type Files struct {
	// Root is where the tree is mounted: "/" for the running system.
	Root string
}

// mostRead bounds what is read of a file of one value.
const mostRead = 4096

// mostNames bounds the entries of a directory that are looked at.
const mostNames = 512

func (f Files) path(name string) string { return filepath.Join(f.Root, filepath.FromSlash(name)) }

// Text reads a file of one value, "" when there is none.
func (f Files) Text(name string) string {
	file, err := f.Open(name)
	if err != nil {
		return ""
	}
	defer file.Close()
	b, err := io.ReadAll(io.LimitReader(file, mostRead))
	if err != nil {
		return ""
	}
	return safe(string(b))
}

// List returns the names in a directory, sorted.
func (f Files) List(name string) ([]string, error) {
	d, err := os.Open(f.path(name))
	if err != nil {
		return nil, err
	}
	defer d.Close()
	names, err := d.Readdirnames(mostNames)
	if err == io.EOF {
		err = nil
	}
	slices.Sort(names)
	return names, err
}

// Link returns what a symbolic link leads to.
func (f Files) Link(name string) (string, error) { return os.Readlink(f.path(name)) }

// Open opens a file that is none of one value.
func (f Files) Open(name string) (io.ReadCloser, error) { return os.Open(f.path(name)) }

// Has reports whether there is such a file.
func (f Files) Has(name string) bool {
	_, err := os.Stat(f.path(name))
	return err == nil
}
