package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/godbus/dbus/v5"

	"roamfault/journal"
	"roamfault/nl80211"
	"roamfault/roam/lab"
	"roamfault/roam/machine"
	"roamfault/roam/manager"
	"roamfault/roam/runlog"
	"roamfault/roam/stress"
	"roamfault/watch"
	"roamfault/watch/collect"
)

// stressSystem is this machine, as a run asks it; done is to be called in the end.
func stressSystem(source string, say func(string, ...any)) (s *stress.System, done func(), err error) {
	log, err := watchFlags{source: source}.from(say)
	if err != nil {
		return nil, nil, err
	}
	var closers []io.Closer
	done = func() {
		for _, c := range closers {
			_ = c.Close() // they were only asked
		}
	}
	present := watch.NewSystemClock()
	s = &stress.System{
		Machine: &machine.Machine{Root: "/", Links: machine.Netlink{}, Clock: nl80211.SystemClock},
		Now:     now, Present: present.Now, Undo: undoPath, Storage: ownDir{}, Runtime: runtimeDir, Guardian: guardian, Lab: lab.SocketPath,
		Listen: func() (*nl80211.Client, error) { return nl80211.Dial(nl80211.Config{}) },
		Log: func() (journal.Source, error) {
			return log.open(watch.Start{Since: time.Now()}, func() {})
		},
		KernelOnly: log.cursors == "kmsg",
	}
	var bus *dbus.Conn
	if bus, err = dbus.ConnectSystemBus(); err == nil {
		closers = append(closers, bus)
	} else {
		bus = nil // there is none, or it is not for us
	}
	var wireless manager.Wireless
	client, unasked := nl80211.Dial(nl80211.Config{})
	if unasked == nil {
		closers = append(closers, client)
		wireless, s.Client, s.Machine.Radio = client, client, client
	}
	s.System = manager.This(wireless, unasked, bus)
	s.Sources.Run = output
	if collector, err := collect.New(); err == nil {
		s.Sources.Loaded = collector.Loaded
		if collector.System.Driver != nil {
			s.Sources.Firmware = func(iface string) (string, error) {
				info, err := collector.System.Driver(iface)
				return info.Firmware, err
			}
		}
	}
	return s, done, nil
}

// undoPath is where changes are written down before they are made. It is root's:
// what stands there is done as root.
const undoPath = "/var/lib/roamfault-stress/undo.jsonl"

// ownDir is the disk, where the directory of a file is made for root alone.
type ownDir struct{ machine.Disk }

// Open opens a file.
func (d ownDir) Open(path string) (machine.File, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	return d.Disk.Open(path)
}

// runtimeDir is where sockets of our own are made.
const runtimeDir = "/run/roamfault"

// now reads the clocks.
func now() runlog.Moment {
	stamp := nl80211.SystemClock()
	return runlog.Moment{Wall: time.Now().UTC(), Monotonic: stamp.Monotonic, Boot: stamp.Boot}
}

// output runs a program and returns what it prints.
func output(ctx context.Context, name string, args ...string) (string, error) {
	out, err := exec.CommandContext(ctx, name, args...).CombinedOutput()
	return string(out), err
}

// beside keeps files beside a run's own.
func (s *runStore) beside(id string) func(name string, write func(io.Writer) error) error {
	dir := s.root
	dir.Path = s.path(id)
	return dir.Replace
}

// guardian starts a process that undoes our changes when this one dies: it waits
// for the end of a pipe that only this process holds open.
func guardian() (io.Closer, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	theirs, ours, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer theirs.Close()
	cmd := exec.Command(self, "restore", "--when-closed")
	cmd.Stdin, cmd.Stderr = theirs, os.Stderr
	apart(cmd)
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("run %s restore: %w", filepath.Base(self), err), ours.Close())
	}
	return guarded{ours, cmd}, nil
}

// guarded is a guardian at work.
type guarded struct {
	pipe *os.File
	cmd  *exec.Cmd
}

// Close lets the guardian find that there is nothing to undo, and waits for it.
func (g guarded) Close() error { return errors.Join(g.pipe.Close(), g.cmd.Wait()) }
