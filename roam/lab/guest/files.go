package guest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"roamfault/roam/lab/guest/wire"
)

// open returns the file's content and permissions.
func (f File) open() (io.ReadCloser, fs.FileMode, error) {
	mode := f.Mode.Perm()
	if f.Host == "" {
		if mode == 0 {
			mode = 0o644
		}
		return io.NopCloser(bytes.NewReader(f.Data)), mode, nil
	}
	file, err := os.Open(f.Host)
	if err != nil {
		return nil, 0, fmt.Errorf("put a file at %s: %w", f.Path, err)
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("not a regular file")
	}
	if err != nil {
		file.Close()
		return nil, 0, fmt.Errorf("put a file at %s: %s: %w", f.Path, f.Host, err)
	}
	if mode == 0 {
		mode = info.Mode().Perm()
	}
	return file, mode, nil
}

// Put puts files into the guest, each whole or not at all; directories above
// them are made.
func (g *Guest) Put(ctx context.Context, files ...File) error {
	for _, f := range files {
		if err := g.put(ctx, f); err != nil {
			return err
		}
	}
	return nil
}

func (g *Guest) put(ctx context.Context, f File) error {
	if err := f.check(); err != nil {
		return err
	}
	r, mode, err := f.open()
	if err != nil {
		return err
	}
	defer r.Close()
	what := "write " + f.Path
	s := g.session
	c, err := s.open(wire.KindPut, wire.Put{Path: f.Path, Mode: uint32(mode)}, nil, []wire.Stream{wire.Content})
	if err != nil {
		return g.because(what, err)
	}
	stop := context.AfterFunc(ctx, c.close)
	defer stop()
	sent := s.conn.Pump(c.channel, wire.Content, r, c.windows[wire.Content], nil)
	if err := errors.Join(ctx.Err(), sent); err != nil {
		s.abandon(c)
		return g.because(what, err)
	}
	res, err := s.wait(c)
	switch {
	case err != nil:
		return g.because(what, err)
	case res.Error != "":
		return &StartError{What: what, Why: res.Error, NotFound: res.NotFound}
	}
	return nil
}

// Get takes files out of the guest. All are tried; the errors are joined.
func (g *Guest) Get(ctx context.Context, files ...Collect) error {
	var errs []error
	for _, c := range files {
		if err := g.collect(ctx, c); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (g *Guest) collect(ctx context.Context, c Collect) (err error) {
	file, err := os.CreateTemp(filepath.Dir(c.Host), "."+filepath.Base(c.Host)+"-*")
	if err != nil {
		return fmt.Errorf("take %s from the guest: %w", c.Path, err)
	}
	defer os.Remove(file.Name())
	mode, err := g.Read(ctx, c.Path, file)
	err = errors.Join(err, file.Chmod(mode), file.Close())
	if c.Optional && errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := os.Rename(file.Name(), c.Host); err != nil {
		return fmt.Errorf("take %s from the guest: %w", c.Path, err)
	}
	return nil
}

// Read writes the content of a guest's file to w and returns its permissions.
func (g *Guest) Read(ctx context.Context, path string, w io.Writer) (fs.FileMode, error) {
	what := "read " + path
	s := g.session
	c, err := s.open(wire.KindGet, wire.Get{Path: path}, []wire.Stream{wire.Content}, nil)
	if err != nil {
		return 0, g.because(what, err)
	}
	stop := context.AfterFunc(ctx, c.close)
	defer stop()
	wrote := s.conn.Drain(c.channel, c.inboxes[wire.Content], func(chunk wire.Chunk) error {
		_, err := w.Write(chunk.Data)
		return err
	})
	if ctx.Err() != nil {
		s.abandon(c)
		return 0, fmt.Errorf("%s in the guest: %w", what, ctx.Err())
	}
	res, err := s.wait(c)
	switch {
	case err != nil:
		return 0, g.because(what, err)
	case res.Error != "":
		return 0, &StartError{What: what, Why: res.Error, NotFound: res.NotFound}
	case wrote != nil:
		return 0, fmt.Errorf("%s in the guest: %w", what, wrote)
	}
	return fs.FileMode(res.Mode).Perm(), nil
}
