package agent

import (
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// A reaper waits for every process whose parent is the init: the commands, and
// what lost its own parent.
type reaper struct {
	mu      sync.Mutex
	waiting map[int]chan syscall.WaitStatus
	died    chan os.Signal
}

func newReaper() *reaper {
	r := &reaper{waiting: make(map[int]chan syscall.WaitStatus), died: make(chan os.Signal, 1)}
	signal.Notify(r.died, syscall.SIGCHLD)
	go r.reap()
	return r
}

func (r *reaper) start(path string, args []string, attr *syscall.ProcAttr) (int, error) {
	// Held until the process is known: it may end at once.
	r.mu.Lock()
	defer r.mu.Unlock()
	pid, err := syscall.ForkExec(path, args, attr)
	if err != nil {
		return 0, err
	}
	r.waiting[pid] = make(chan syscall.WaitStatus, 1)
	return pid, nil
}

func (r *reaper) wait(pid int) (syscall.WaitStatus, error) {
	r.mu.Lock()
	ended, ok := r.waiting[pid]
	r.mu.Unlock()
	if !ok {
		return 0, fmt.Errorf("wait for process %d: %w", pid, syscall.ECHILD)
	}
	status := <-ended
	r.mu.Lock()
	delete(r.waiting, pid)
	r.mu.Unlock()
	return status, nil
}

func (r *reaper) reap() {
	for range r.died {
		r.mu.Lock()
		for {
			var status syscall.WaitStatus
			pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil)
			if err == syscall.EINTR {
				continue
			}
			if err != nil || pid <= 0 {
				break
			}
			if ended, ok := r.waiting[pid]; ok {
				ended <- status
			}
		}
		r.mu.Unlock()
	}
}

// A waiter waits for the processes it started and leaves others alone.
type waiter struct{}

func (waiter) start(path string, args []string, attr *syscall.ProcAttr) (int, error) {
	return syscall.ForkExec(path, args, attr)
}

func (waiter) wait(pid int) (syscall.WaitStatus, error) {
	for {
		var status syscall.WaitStatus
		_, err := syscall.Wait4(pid, &status, 0, nil)
		if err != syscall.EINTR {
			return status, err
		}
	}
}
