package agent

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"roamfault/roam/lab/guest/wire"
)

// kernelRecord is the most the kernel writes as one record of /dev/kmsg
// (PRINTK_MESSAGE_MAX of kernel/printk/internal.h is 2048, and 8192 before 6.3).
const kernelRecord = 8 << 10

// forwardKernelLog sends every record of the kernel's log, from its oldest on,
// several in one frame while they come fast.
func forwardKernelLog(conn *wire.Conn) error {
	fd, err := unix.Open("/dev/kmsg", unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open /dev/kmsg: %w", err)
	}
	defer unix.Close(fd)
	batch := make([]byte, 0, wire.ChunkSize)
	for {
		batch, err = readRecords(fd, batch[:0])
		if len(batch) > 0 {
			if err := conn.Send(wire.KindKernel, 0, batch); err != nil {
				return err
			}
		}
		if err != nil {
			return err
		}
		poll := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		if _, err := unix.Poll(poll, -1); err != nil && !errors.Is(err, unix.EINTR) {
			return fmt.Errorf("wait for /dev/kmsg: %w", err)
		}
	}
}

// readRecords appends the records that are there, as many as fit.
func readRecords(fd int, batch []byte) ([]byte, error) {
	for cap(batch)-len(batch) >= kernelRecord {
		n, err := unix.Read(fd, batch[len(batch):cap(batch)])
		switch {
		case err == nil && n == 0, errors.Is(err, unix.EAGAIN):
			return batch, nil
		case errors.Is(err, unix.EPIPE), errors.Is(err, unix.EINTR):
			// EPIPE: records were overwritten before they were read; their
			// sequence numbers show the gap.
			continue
		case err != nil:
			return batch, fmt.Errorf("read /dev/kmsg: %w", err)
		}
		batch = batch[:len(batch)+n]
	}
	return batch, nil
}

// sinceBoot is the clock of the kernel log and of every time the guest sends.
func sinceBoot() time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		return 0
	}
	return time.Duration(ts.Nano())
}
