package main

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/spf13/cobra"

	"roamfault/durable"
	"roamfault/reports/runreport"
	"roamfault/roam/runlog/rundir"
)

func newRunsExport(e env, open opener) *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "export ID",
		Short: "Write a run into one file, to be kept or given to others",
		Long: `Export writes a tar file, compressed by zstd, with all files of the run as they are and its summary as Markdown and JSON.

Nothing in it is hidden: it holds names of networks, MAC addresses, the host's name and log lines as they were found. Look through it before
you give it to others.

Unpacked into a directory it can be read there: roamfault runs list --runs DIR.`,
		Example: `  roamfault runs export latest
  roamfault runs export 20260301 -o run.tar.zst
  roamfault runs export latest -o - | ssh host tar -x --zstd`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: open.complete,
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := open()
			if err != nil {
				return err
			}
			id, err := s.resolve(args[0])
			if err != nil {
				return trouble(err)
			}
			name := output
			if name == "" {
				name = id + ".tar.zst"
			}
			if name == "-" {
				err = s.export(cmd.Context(), id, e.stdout)
			} else {
				err = durable.Write(name, 0o600, func(w io.Writer) error { return s.export(cmd.Context(), id, w) })
			}
			if err != nil {
				return trouble(fmt.Errorf("export run %s: %w", id, err))
			}
			if name != "-" {
				fmt.Fprintf(e.stderr, "run %s is in %s, with names of networks and addresses as they are\n", id, name)
			}
			return nil
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "", "write to `FILE` instead of ID.tar.zst, - for standard output")
	return cmd
}

// export writes a run as a compressed tar file.
func (s *runStore) export(ctx context.Context, id string, w io.Writer) error {
	run, stats, err := rundir.Load(ctx, s.root, id)
	if err != nil {
		return err
	}
	summary := runreport.Summarize(run, stats)
	var asJSON, asMarkdown bytes.Buffer
	if err := errors.Join(writeJSON(&asJSON, summary), runreport.Markdown(&asMarkdown, summary)); err != nil {
		return err
	}
	compressed, err := zstd.NewWriter(w)
	if err != nil {
		return err
	}
	archive := tar.NewWriter(compressed)
	if err := s.copyFiles(id, archive); err != nil {
		return err
	}
	at := run.Head.Started.Wall
	for _, file := range []struct {
		name string
		text *bytes.Buffer
	}{{"summary.json", &asJSON}, {"summary.md", &asMarkdown}} {
		if err := member(archive, path.Join(id, file.name), int64(file.text.Len()), at, file.text); err != nil {
			return err
		}
	}
	return errors.Join(archive.Close(), compressed.Close())
}

// copyFiles copies the files of a run's directory, as long as they are now: one
// that grows meanwhile ends within a line.
func (s *runStore) copyFiles(id string, archive *tar.Writer) error {
	root, err := os.OpenRoot(s.path(id))
	if err != nil {
		return err
	}
	defer root.Close()
	entries, err := fs.ReadDir(root.FS(), ".") // in the order of their names
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if !entry.Type().IsRegular() || strings.HasPrefix(entry.Name(), ".") {
			continue
		}
		if err := copyFile(root, entry.Name(), path.Join(id, entry.Name()), archive); err != nil {
			return err
		}
	}
	return nil
}

func copyFile(root *os.Root, name, as string, archive *tar.Writer) error {
	f, err := root.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	return member(archive, as, info.Size(), info.ModTime(), f)
}

func member(archive *tar.Writer, name string, size int64, at time.Time, from io.Reader) error {
	const mode = 0o600
	if err := archive.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: mode, ModTime: at.Truncate(time.Second)}); err != nil {
		return err
	}
	_, err := io.CopyN(archive, from, size)
	return err
}
