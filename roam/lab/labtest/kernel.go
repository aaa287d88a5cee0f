package labtest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// kernelLog follows /dev/kmsg (Documentation/ABI/testing/dev-kmsg).
type kernelLog struct {
	file  *os.File
	trail *Trail[Line]
	boot  time.Time // the time of day at which the kernel's clock was zero
	done  chan error
}

// kernelRecord is the most the kernel gives as one record
// (PRINTK_MESSAGE_MAX of kernel/printk/internal.h, and what it was before 6.3).
const kernelRecord = 8 << 10

// followKernel follows the kernel's log from now on. The beginning is marked in
// the log, which also tells the kernel's clock.
func followKernel(name string) (*kernelLog, error) {
	failed := func(err error) (*kernelLog, error) { return nil, fmt.Errorf("follow the kernel's log: %w", err) }
	file, err := os.OpenFile("/dev/kmsg", os.O_RDWR, 0)
	if err != nil {
		return failed(err)
	}
	k := &kernelLog{file: file, trail: newTrail[Line](), done: make(chan error, 1)}
	if _, err := file.Seek(0, io.SeekEnd); err != nil {
		return failed(errors.Join(err, file.Close()))
	}
	marker := "labtest: " + name
	before := time.Now()
	if _, err := file.WriteString("<14>" + marker + "\n"); err != nil {
		return failed(errors.Join(err, file.Close()))
	}
	written := before.Add(time.Since(before) / 2)
	for {
		since, line, err := k.read()
		if err != nil {
			return failed(errors.Join(err, file.Close()))
		}
		if line.Text == marker {
			k.boot = written.Add(-since)
			break
		}
	}
	go k.follow()
	return k, nil
}

func (k *kernelLog) follow() {
	for {
		since, line, err := k.read()
		if err != nil {
			k.done <- err
			return
		}
		line.Time = k.boot.Add(since)
		k.trail.add(line)
	}
}

// read returns the next record, and its time by the kernel's clock. Records that
// were overwritten before are left out.
func (k *kernelLog) read() (since time.Duration, _ Line, err error) {
	b := make([]byte, kernelRecord)
	for {
		n, err := k.file.Read(b)
		if errors.Is(err, syscall.EPIPE) {
			continue
		}
		if err != nil {
			return 0, Line{}, err
		}
		if since, line, ok := parseKernelRecord(b[:n]); ok {
			return since, line, nil
		}
	}
}

// parseKernelRecord reads "priority,sequence,microseconds,flags[,...];text\n" and
// leaves out the fields in the lines below.
func parseKernelRecord(b []byte) (since time.Duration, _ Line, ok bool) {
	head, rest, ok := bytes.Cut(b, []byte{';'})
	fields := strings.SplitN(string(head), ",", 4)
	if !ok || len(fields) < 4 {
		return 0, Line{}, false
	}
	priority, err := strconv.ParseUint(fields[0], 10, 31)
	if err != nil {
		return 0, Line{}, false
	}
	micros, err := strconv.ParseUint(fields[2], 10, 53)
	if err != nil {
		return 0, Line{}, false
	}
	text, _, _ := bytes.Cut(rest, []byte{'\n'})
	return time.Duration(micros) * time.Microsecond, Line{Source: "kernel", Level: int(priority & 7), Text: string(text)}, true
}

func (k *kernelLog) close() error {
	err := k.file.Close()
	if followed := <-k.done; !errors.Is(followed, os.ErrClosed) {
		err = errors.Join(err, followed)
	}
	return err
}
