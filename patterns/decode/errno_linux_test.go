//go:build linux && (amd64 || arm64 || riscv64)

package decode

import (
	"syscall"
	"testing"
)

// TestErrnoAgainstSystem holds the table to the numbers of a real Linux.
func TestErrnoAgainstSystem(t *testing.T) {
	for want, n := range map[string]syscall.Errno{
		"EPERM": syscall.EPERM, "ENOENT": syscall.ENOENT, "EIO": syscall.EIO, "EAGAIN": syscall.EAGAIN, "ENOMEM": syscall.ENOMEM,
		"EBUSY": syscall.EBUSY, "ENODEV": syscall.ENODEV, "EINVAL": syscall.EINVAL, "ENOSPC": syscall.ENOSPC, "ERANGE": syscall.ERANGE,
		"EDEADLK": syscall.EDEADLK, "ENOMSG": syscall.ENOMSG, "EBFONT": syscall.EBFONT, "ENODATA": syscall.ENODATA, "ENOLINK": syscall.ENOLINK,
		"EPROTO": syscall.EPROTO, "EOVERFLOW": syscall.EOVERFLOW, "EILSEQ": syscall.EILSEQ, "EMSGSIZE": syscall.EMSGSIZE,
		"EOPNOTSUPP": syscall.EOPNOTSUPP, "ENETDOWN": syscall.ENETDOWN, "ENOBUFS": syscall.ENOBUFS, "ENOTCONN": syscall.ENOTCONN,
		"ESHUTDOWN": syscall.ESHUTDOWN, "ETIMEDOUT": syscall.ETIMEDOUT, "EHOSTDOWN": syscall.EHOSTDOWN, "EALREADY": syscall.EALREADY,
		"EINPROGRESS": syscall.EINPROGRESS, "ESTALE": syscall.ESTALE, "EREMOTEIO": syscall.EREMOTEIO, "ENOMEDIUM": syscall.ENOMEDIUM,
		"ECANCELED": syscall.ECANCELED, "ENOKEY": syscall.ENOKEY, "ENOTRECOVERABLE": syscall.ENOTRECOVERABLE, "ERFKILL": syscall.ERFKILL,
	} {
		if got := Errno(n).Name(); got != want {
			t.Errorf("%d is %s, want %s", n, got, want)
		}
	}
}
