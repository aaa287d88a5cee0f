package kmsg

import (
	"errors"
	"os"
	"syscall"
	"time"
)

// kmsgFile is the device itself. Each read gives one record
// (devkmsg_read in kernel/printk/printk.c).
type kmsgFile struct {
	f    *os.File
	conn syscall.RawConn
}

func openDevice() (device, error) {
	f, err := os.OpenFile(Path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	conn, err := f.SyscallConn()
	if err != nil {
		f.Close()
		return nil, err
	}
	return &kmsgFile{f, conn}, nil
}

func (d *kmsgFile) read(p []byte, wait bool) (n int, err error) {
	waited := d.conn.Read(func(fd uintptr) bool {
		n, err = syscall.Read(int(fd), p)
		for errors.Is(err, syscall.EINTR) {
			n, err = syscall.Read(int(fd), p)
		}
		return !wait || !errors.Is(err, syscall.EAGAIN)
	})
	switch {
	case waited != nil:
		return 0, waited
	case errors.Is(err, syscall.EAGAIN):
		return 0, errNone
	case err != nil:
		return 0, err
	}
	return n, nil
}

func (d *kmsgFile) interrupt() { _ = d.f.SetReadDeadline(time.Unix(1, 0)) }

func (d *kmsgFile) Close() error { return d.f.Close() }
