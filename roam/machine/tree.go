package machine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// mostValue bounds what is read of a file of one value, mostNames the names of a
// directory.
const (
	mostValue = 4096
	mostNames = 1024
)

// awaits runs f, which the kernel may never come back from, and no context ends
// that: the error is ErrHung then, and f goes on for itself.
func awaits[T any](ctx context.Context, what string, f func() (T, error)) (T, error) {
	type outcome struct {
		value T
		err   error
	}
	done := make(chan outcome, 1)
	go func() {
		value, err := f()
		done <- outcome{value, err}
	}()
	select {
	case o := <-done:
		return o.value, o.err
	case <-ctx.Done():
		var zero T
		return zero, fmt.Errorf("%s: %w: %w", what, ErrHung, context.Cause(ctx))
	}
}

// read reads a file of one value.
func (m *Machine) read(ctx context.Context, name string) (string, error) {
	return awaits(ctx, "read /"+name, func() (string, error) { return m.text(name) })
}

// text reads a file of one value of those that nothing can hang in.
func (m *Machine) text(name string) (string, error) {
	f, err := os.Open(m.path(name))
	if err != nil {
		return "", plain(err, name)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, mostValue))
	if err != nil {
		return "", plain(err, name)
	}
	return strings.TrimSpace(string(b)), nil
}

// write writes a value in one piece, as sysfs wants it, and makes no file.
func (m *Machine) write(ctx context.Context, name, value string) error {
	_, err := awaits(ctx, fmt.Sprintf("write %q to /%s", value, name), func() (struct{}, error) {
		return struct{}{}, m.put(name, value)
	})
	return err
}

func (m *Machine) put(name, value string) error {
	if m.kernel != nil {
		return m.kernel(name, value)
	}
	f, err := os.OpenFile(m.path(name), os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return plain(err, name)
	}
	if _, err := f.WriteString(value); err != nil {
		return errors.Join(fmt.Errorf("write %q to /%s: %w", value, name, cause(err)), f.Close())
	}
	return f.Close()
}

// writable reports why a file cannot be written.
func (m *Machine) writable(name string) error {
	f, err := os.OpenFile(m.path(name), os.O_WRONLY, 0)
	if err != nil {
		return plain(err, name)
	}
	return f.Close()
}

func (m *Machine) has(name string) bool {
	_, err := os.Stat(m.path(name))
	return err == nil
}

// names are those in a directory, in any order; none of one that is not there.
func (m *Machine) names(name string) []string {
	d, err := os.Open(m.path(name))
	if err != nil {
		return nil
	}
	defer d.Close()
	names, err := d.Readdirnames(mostNames)
	if err != nil {
		return nil
	}
	return names
}

// target is where a file is when links are followed, below the root.
func (m *Machine) target(name string) (string, error) {
	root, err := filepath.EvalSymlinks(m.Root)
	if err != nil {
		return "", err
	}
	to, err := filepath.EvalSymlinks(m.path(name))
	if err != nil {
		return "", plain(err, name)
	}
	below, err := filepath.Rel(root, to)
	if err != nil || strings.HasPrefix(below, "..") {
		return "", fmt.Errorf("/%s leads out of the tree", name)
	}
	return filepath.ToSlash(below), nil
}

// plain makes an error short, with the file's name as the machine has it.
func plain(err error, name string) error {
	hint := ""
	switch {
	case errors.Is(err, os.ErrPermission):
		hint = " (run as root)"
	case errors.Is(err, os.ErrNotExist) && strings.HasPrefix(name, debug):
		hint = " (is debugfs mounted, and has the driver such a file?)"
	}
	return fmt.Errorf("/%s: %w%s", name, cause(err), hint)
}

func cause(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
