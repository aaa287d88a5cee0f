package child

import (
	"fmt"
	"os"
	"os/exec"
	"sync/atomic"
	"time"
)

const (
	// readSize is the unit of reading from a program.
	readSize = 64 << 10
	// lastWords is how long a program that has closed its output may take
	// to end.
	lastWords = 2 * time.Second
)

// life is a program from its start to its end.
type life struct {
	cmd     *exec.Cmd
	out     *os.File
	chunks  chan []byte // what it wrote; closed at its end
	free    chan []byte // chunks to use again
	done    chan struct{}
	words   *words
	settled atomic.Bool // it has lived long enough to count as alive
	timer   *time.Timer
	given   bool // it gave a record that was new
}

// start begins a life. The life must be ended by end or by stop.
func start(cmd *exec.Cmd, settle time.Duration) (*life, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("make a pipe: %w", err)
	}
	l := &life{
		cmd: cmd, out: r, words: newWords(),
		chunks: make(chan []byte, 2), free: make(chan []byte, 4), done: make(chan struct{}),
	}
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = w, l.words, lastWords
	isolate(cmd)
	err = cmd.Start()
	w.Close()
	if err != nil {
		r.Close()
		return nil, err
	}
	l.timer = time.AfterFunc(settle, func() { l.settled.Store(true) })
	go l.pump()
	return l, nil
}

// pump carries the output over until it ends, so that the reader can wait for
// more than one thing.
func (l *life) pump() {
	defer close(l.chunks)
	for {
		var b []byte
		select {
		case b = <-l.free:
		default:
			b = make([]byte, readSize)
		}
		n, err := l.out.Read(b)
		if n > 0 {
			select {
			case l.chunks <- b[:n]:
			case <-l.done:
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// giveBack returns a chunk that was read.
func (l *life) giveBack(b []byte) {
	select {
	case l.free <- b[:cap(b)]:
	default:
	}
}

// end reaps a program whose output has ended, and says how it ended.
func (l *life) end() error {
	l.timer.Stop()
	late := time.AfterFunc(lastWords, func() { kill(l.cmd) })
	err := l.cmd.Wait()
	late.Stop()
	l.out.Close()
	return err
}

// stop ends the program.
func (l *life) stop() {
	l.timer.Stop()
	close(l.done)
	kill(l.cmd)
	// Closing the pipe ends the pump even where a grandchild holds the other end.
	l.out.Close()
	for range l.chunks {
	}
	_ = l.cmd.Wait()
}
