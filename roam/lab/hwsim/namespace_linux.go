package hwsim

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"

	"golang.org/x/sys/unix"
)

// Namespace is a network namespace with a thread of its own. Radios and media
// made in it have nothing to do with those of the machine. It is gone when it is
// closed and no process and radio is in it any more.
type Namespace struct {
	file  *os.File
	calls chan func()
	quit  chan struct{}
	done  chan struct{}
	close func() error
}

// NewNamespace makes a private network namespace. Its error wraps ErrPermission
// without the right to (CAP_SYS_ADMIN).
func NewNamespace() (*Namespace, error) {
	n := &Namespace{calls: make(chan func()), quit: make(chan struct{}), done: make(chan struct{})}
	n.close = sync.OnceValue(func() error {
		close(n.quit)
		<-n.done
		return n.file.Close()
	})
	made := make(chan error)
	go n.serve(made)
	if err := <-made; err != nil {
		return nil, fmt.Errorf("make a network namespace: %w", permission(err))
	}
	return n, nil
}

// serve does the calls on a thread that never does anything else: it is not
// unlocked, so that it ends with the goroutine.
func (n *Namespace) serve(made chan<- error) {
	runtime.LockOSThread()
	defer close(n.done)
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		made <- os.NewSyscallError("unshare", err)
		return
	}
	var err error
	if n.file, err = os.Open("/proc/thread-self/ns/net"); err != nil {
		made <- err
		return
	}
	made <- nil
	for {
		select {
		case call := <-n.calls:
			call()
		case <-n.quit:
			return
		}
	}
}

// Do calls f on the namespace's thread and returns its error: sockets opened and
// processes started by f are in the namespace. A nil Namespace is that of the
// caller. Do must not be called by f. After Close it fails.
func (n *Namespace) Do(f func() error) error {
	if n == nil {
		return f()
	}
	result := make(chan error, 1)
	select {
	case n.calls <- func() { result <- f() }:
		return <-result
	case <-n.done:
		return errors.New("the network namespace is closed")
	}
}

// Path is where other programs find the namespace while this one runs, such as
// nsenter --net=PATH.
func (n *Namespace) Path() string {
	return "/proc/" + strconv.Itoa(os.Getpid()) + "/fd/" + strconv.FormatUint(uint64(n.file.Fd()), 10)
}

// Close ends the thread, after what it does, and gives the namespace back.
func (n *Namespace) Close() error { return n.close() }

// fd is the namespace for the kernel.
func (n *Namespace) fd() uintptr { return n.file.Fd() }
