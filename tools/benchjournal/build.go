package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"

	"roamfault/tools/bench/benchlog"
)

// remotes are where systemd-journal-remote(8) lies, which writes journal files.
var remotes = []string{"/lib/systemd/systemd-journal-remote", "/usr/lib/systemd/systemd-journal-remote"}

// looks is after how many entries the size is looked at.
const looks = 2000

// build has systemd write a journal of that size. As journald does, it begins a
// new file whenever one is full, which is at 128 MiB.
func build(ctx context.Context, path string, size int64, seed uint64, numbers benchlog.Numbers) error {
	remote := ""
	for _, p := range remotes {
		if _, err := os.Stat(p); err == nil {
			remote = p
		}
	}
	if remote == "" {
		return errors.New("systemd-journal-remote, which writes journal files, is missing: make test-deps")
	}
	part := path + ".part"
	if err := os.RemoveAll(part); err != nil {
		return err
	}
	if err := os.MkdirAll(part, 0o755); err != nil {
		return err
	}
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, remote, "--output="+filepath.Join(part, "system.journal"), "-")
	cmd.Stderr = &said
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	out := bufio.NewWriterSize(in, 64<<10)
	var made entries
	for l := range benchlog.Lines(seed, numbers) {
		if _, err = out.Write(made.entry(l)); err != nil {
			break
		}
		if made.number%looks == 0 {
			var n int64
			if n, err = used(part); err != nil || n >= size {
				break
			}
		}
	}
	err = errors.Join(err, out.Flush(), in.Close())
	if waited := cmd.Wait(); waited != nil {
		return fmt.Errorf("%s: %w: %s", remote, waited, said.Bytes())
	}
	if err != nil {
		return err
	}
	return os.Rename(part, path)
}

// used is the size of the files in a directory.
func used(dir string) (int64, error) {
	list, err := os.ReadDir(dir)
	if err != nil {
		return 0, err
	}
	var n int64
	for _, e := range list {
		// One may have got its other name meanwhile.
		if st, err := e.Info(); err == nil {
			n += st.Size()
		} else if !errors.Is(err, fs.ErrNotExist) {
			return 0, err
		}
	}
	return n, nil
}
