//go:build unix

package rundir

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A process that is killed while it starts a command leaves its lock to that for
// the moment until the command runs, and a list looks at a lock by taking it: so
// long another one waits.
const (
	lockTries = 20
	lockPause = 50 * time.Millisecond
)

// lock takes the lock of a run file, which ends with the process.
func lock(f *os.File) error {
	for try := 1; ; try++ {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case err == nil:
			return nil
		case !errors.Is(err, syscall.EWOULDBLOCK):
			return fmt.Errorf("lock %s: %w", FileName, err)
		case try < lockTries:
			time.Sleep(lockPause)
			continue
		}
		if pid := holderPID(f); pid > 0 {
			return fmt.Errorf("%w: process %d", ErrLocked, pid)
		}
		return ErrLocked
	}
}

// holder reports whether a process has the lock of a file, and which one, 0
// where that is not told.
func holder(f *os.File) (pid int, locked bool) {
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB); err != nil {
		return holderPID(f), errors.Is(err, syscall.EWOULDBLOCK)
	}
	return 0, false // the lock goes with the file that was opened for this
}

// holderPID looks for the lock of a file in Linux's list (proc_locks(5)): number,
// FLOCK, ADVISORY, WRITE, process, device and inode.
func holderPID(f *os.File) int {
	stat, err := f.Stat()
	if err != nil {
		return 0
	}
	sys, ok := stat.Sys().(*syscall.Stat_t)
	if !ok {
		return 0
	}
	list, err := os.Open("/proc/locks")
	if err != nil {
		return 0
	}
	defer list.Close()
	return findLock(list, uint64(sys.Ino))
}

// findLock goes by the inode alone: the device in the list is not that of stat on
// every file system.
func findLock(list io.Reader, inode uint64) int {
	for lines := bufio.NewScanner(list); lines.Scan(); {
		f := strings.Fields(lines.Text())
		if len(f) < 6 || f[1] != "FLOCK" || f[3] != "WRITE" {
			continue
		}
		device := strings.Split(f[5], ":")
		if n, err := strconv.ParseUint(device[len(device)-1], 10, 64); err != nil || n != inode {
			continue
		}
		if pid, err := strconv.Atoi(f[4]); err == nil && pid > 0 {
			return pid
		}
	}
	return 0
}

func owned(info fs.FileInfo, uid int) bool {
	sys, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(sys.Uid) == uid
}
