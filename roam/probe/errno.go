package probe

import (
	"errors"
	"syscall"
)

// errnoOf is the operating system's word in an error.
func errnoOf(err error) (syscall.Errno, bool) {
	var errno syscall.Errno
	ok := errors.As(err, &errno)
	return errno, ok
}

// unreached reports whether an error of a connected datagram socket says only that
// the other side is not there just now.
func unreached(err error) bool {
	errno, ok := errnoOf(err)
	return ok && (errno == syscall.ECONNREFUSED || errno == syscall.EHOSTUNREACH || errno == syscall.ENETUNREACH || errno == syscall.ENETDOWN)
}
