package initramfs

import (
	"fmt"
	"io"
	"math"
	"strings"
)

// File types of Entry.Mode, as in stat(2).
const (
	typeMask    = 0o170000
	typeDir     = 0o040000
	typeFile    = 0o100000
	typeLink    = 0o120000
	typeCharDev = 0o020000
)

// An Entry is one member of an archive.
type Entry struct {
	// Name is the path from the root without a slash before it.
	Name string
	// Mode is type and permissions as in stat(2).
	Mode uint32
	// Data is a file's content, or a link's target.
	Data []byte
	// Major and Minor are a device's number.
	Major, Minor uint32
}

// A Writer writes a cpio archive in the "new" format (newc) which the kernel
// unpacks (Documentation/driver-api/early-userspace/buffer-format.rst). All
// owners are root, all times 0: the same entries give the same bytes.
type Writer struct {
	w     io.Writer
	inode uint32
	err   error
}

// NewWriter returns a writer of an archive to w.
func NewWriter(w io.Writer) *Writer { return &Writer{w: w} }

const trailer = "TRAILER!!!"

// Write adds an entry. Entries of a directory have to come after it.
func (w *Writer) Write(e Entry) error {
	if w.err != nil {
		return w.err
	}
	switch {
	case e.Name == "" || e.Name == trailer || strings.HasPrefix(e.Name, "/") || strings.ContainsRune(e.Name, 0):
		return fmt.Errorf("write %q into an archive: not a name for it", e.Name)
	case uint64(len(e.Data)) > math.MaxUint32:
		return fmt.Errorf("write %s into an archive: %d bytes are too many", e.Name, len(e.Data))
	}
	w.inode++
	w.put(e, w.inode)
	return w.err
}

// Close writes the archive's end; what comes after it may be another archive.
func (w *Writer) Close() error {
	w.put(Entry{Name: trailer}, 0)
	return w.err
}

func (w *Writer) put(e Entry, inode uint32) {
	if w.err != nil {
		return
	}
	links := 1
	if e.Mode&typeMask == typeDir {
		links = 2
	}
	head := fmt.Appendf(nil, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x",
		inode, e.Mode, 0, 0, links, 0, len(e.Data), 0, 0, e.Major, e.Minor, len(e.Name)+1, 0)
	head = append(append(head, e.Name...), 0)
	for _, part := range [][]byte{pad(head), e.Data, padding(len(e.Data))} {
		if _, w.err = w.w.Write(part); w.err != nil {
			w.err = fmt.Errorf("write an archive: %w", w.err)
			return
		}
	}
}

func pad(b []byte) []byte { return append(b, padding(len(b))...) }

func padding(n int) []byte { return make([]byte, -n&3) }
