package doctor

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"path"
	"strings"
)

// What is read at most: of a file of one value, of a table, of a line of one, and
// of the names in a directory.
const (
	mostValue = 4 << 10
	mostTable = 16 << 20
	mostLine  = 256 << 10
	mostNames = 1 << 16
)

// text reads a file of one value, "" when it cannot.
func (m *machine) text(name string) string {
	f, err := m.Files.Open(name)
	if err != nil {
		return ""
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, mostValue))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

// fields reads a file of lines with a key, a separator and a value.
func (m *machine) fields(name, separator string) map[string]string {
	out := make(map[string]string)
	for line := range strings.Lines(m.text(name)) {
		if key, value, ok := strings.Cut(line, separator); ok {
			out[key] = strings.TrimSpace(value)
		}
	}
	return out
}

// lines calls f with each line of a table, until f returns false.
func (m *machine) lines(name string, f func(string) bool) error {
	file, err := m.Files.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	scanner := bufio.NewScanner(io.LimitReader(file, mostTable))
	scanner.Buffer(nil, mostLine)
	for scanner.Scan() {
		if !f(scanner.Text()) {
			return nil
		}
	}
	return scanner.Err()
}

// names returns the names in a directory, sorted.
func (m *machine) names(name string) ([]string, error) {
	entries, err := fs.ReadDir(m.Files, name)
	if err != nil {
		return nil, err
	}
	out := make([]string, 0, min(len(entries), mostNames))
	for _, e := range entries[:min(len(entries), mostNames)] {
		out = append(out, e.Name())
	}
	return out, nil
}

// list is names for where a directory that cannot be read is as good as an empty
// one.
func (m *machine) list(name string) []string {
	names, err := m.names(name)
	if err != nil {
		return nil
	}
	return names
}

// target returns the last element of what a symbolic link leads to, "" for none.
func (m *machine) target(name string) string {
	to, err := fs.ReadLink(m.Files, name)
	if err != nil || to == "" {
		return ""
	}
	return path.Base(to)
}

func (m *machine) has(name string) bool {
	_, err := fs.Stat(m.Files, name)
	return err == nil
}

// open reports whether a file can be opened for reading.
func (m *machine) open(name string) error {
	f, err := m.Files.Open(name)
	if err != nil {
		return err
	}
	return f.Close()
}

func forbidden(err error) bool { return errors.Is(err, fs.ErrPermission) }
