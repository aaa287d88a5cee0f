package guest

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// launch starts QEMU. Nothing of it is in the file system: the archive is in
// anonymous memory, the port a pair of sockets. The process is in a group of its
// own, which a terminal's interrupt does not reach, and dies with this one.
func launch(image *Image, o Options) (*machine, error) {
	if err := missing(qemu); err != nil {
		return nil, err
	}
	args, err := qemuArguments(image, o)
	if err != nil {
		return nil, err
	}
	archive, err := memoryArchive(image, o)
	if err != nil {
		return nil, err
	}
	defer archive.Close()
	ours, theirs, err := socketPair()
	if err != nil {
		return nil, err
	}
	defer theirs.Close()

	m := &machine{port: ours, console: new(console), stderr: new(console), done: make(chan struct{})}
	cmd := exec.Command(qemu.Program, args...)
	cmd.Stdout, cmd.Stderr = m.console, m.stderr
	cmd.ExtraFiles = []*os.File{theirs, archive} // portFD, archiveFD
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.WaitDelay = 2 * time.Second
	var ended error
	m.kill = func() { _ = cmd.Process.Kill() } // an error: it has ended
	m.status = func() string {
		if ended == nil {
			return ""
		}
		return ended.Error()
	}
	started := make(chan error, 1)
	go func() {
		// The signal at the parent's death comes at the death of the thread
		// that started the child; this one lives as long as it.
		runtime.LockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			ended = cmd.Wait()
			close(m.done)
		}
	}()
	if err := <-started; err != nil {
		ours.Close()
		return nil, fmt.Errorf("start %s: %w", qemu.Program, err)
	}
	return m, nil
}

// memoryArchive is what the guest has in memory at its start, as a file without
// a name.
func memoryArchive(image *Image, o Options) (*os.File, error) {
	fd, err := unix.MemfdCreate("roamfault-guest", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("make a file in memory: %w", err)
	}
	f := os.NewFile(uintptr(fd), "guest's archive")
	w := bufio.NewWriterSize(f, 1<<20)
	err = writeArchive(w, image, o)
	if err == nil {
		err = w.Flush()
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func socketPair() (ours, theirs *os.File, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("make a pair of sockets: %w", err)
	}
	// Ours is not blocking, so that closing it ends a read.
	if err := unix.SetNonblock(fds[0], true); err != nil {
		unix.Close(fds[0])
		unix.Close(fds[1])
		return nil, nil, fmt.Errorf("make a pair of sockets: %w", err)
	}
	return os.NewFile(uintptr(fds[0]), "guest's port"), os.NewFile(uintptr(fds[1]), "guest's port"), nil
}
