package manager

import (
	"bytes"
	"io"
	"io/fs"
	"path"
	"strings"
)

// What is read at most: of a file, and of the names in a directory.
const (
	mostFile  = 1 << 20
	mostNames = 1 << 16
)

// tree reads files that may not be there.
type tree struct{ fs.FS }

// local is an absolute path as an [fs.FS] at "/" has it, "." of "/".
func local(name string) string {
	name = strings.TrimPrefix(path.Clean("/"+name), "/")
	if name == "" {
		return "."
	}
	return name
}

// read reads a file, and no more of it than mostFile.
func (t tree) read(name string) ([]byte, error) {
	f, err := t.Open(local(name))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, mostFile))
}

// text is a file's content without white space around it, "" where it cannot be
// read.
func (t tree) text(name string) string {
	b, err := t.read(name)
	if err != nil {
		return ""
	}
	return string(bytes.TrimSpace(b))
}

// zeroed are the strings of a file that ends each with a zero octet, as
// /proc/PID/cmdline does.
func (t tree) zeroed(name string) []string {
	b, err := t.read(name)
	if err != nil || len(b) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(b), "\x00"), "\x00")
}

// names are those in a directory, sorted; none where it cannot be read.
func (t tree) names(name string) []string {
	entries, err := fs.ReadDir(t.FS, local(name))
	if err != nil {
		return nil
	}
	entries = entries[:min(len(entries), mostNames)]
	out := make([]string, len(entries))
	for i, e := range entries {
		out[i] = e.Name()
	}
	return out
}

// target is what a symbolic link says, "" for none.
func (t tree) target(name string) string {
	to, err := fs.ReadLink(t.FS, local(name))
	if err != nil {
		return ""
	}
	return to
}

// targetName is the last element of target.
func (t tree) targetName(name string) string {
	if to := t.target(name); to != "" {
		return path.Base(to)
	}
	return ""
}

// mode is a file's, 0 where there is none.
func (t tree) mode(name string) fs.FileMode {
	info, err := fs.Stat(t.FS, local(name))
	if err != nil {
		return 0
	}
	return info.Mode()
}

func (t tree) has(name string) bool {
	_, err := fs.Stat(t.FS, local(name))
	return err == nil
}
