package decode

import (
	"fmt"
	"strconv"
	"strings"
)

// Errno is a Linux error number, positive. Logs print it with either sign:
// the kernel's functions return it negative.
type Errno uint16

// The error numbers that Wi-Fi logs hold most.
const (
	ENOENT      Errno = 2
	EINTR       Errno = 4
	EIO         Errno = 5
	EAGAIN      Errno = 11
	ENOMEM      Errno = 12
	EBUSY       Errno = 16
	ENODEV      Errno = 19
	EINVAL      Errno = 22
	ENOSPC      Errno = 28
	ENOLINK     Errno = 67
	EPROTO      Errno = 71
	EOPNOTSUPP  Errno = 95
	ENETDOWN    Errno = 100
	ENOBUFS     Errno = 105
	ENOTCONN    Errno = 107
	ESHUTDOWN   Errno = 108
	ETIMEDOUT   Errno = 110
	EALREADY    Errno = 114
	EINPROGRESS Errno = 115
	ERFKILL     Errno = 132
	EPROBEDEFER Errno = 517
	ENOTSUPP    Errno = 524
)

// maxErrno is the kernel's MAX_ERRNO: no function returns a greater one.
const maxErrno = 4095

// ParseErrno reads an error number ("-110", "110") or a name ("ETIMEDOUT",
// also a second name of the same number as "EWOULDBLOCK"). Numbers from 1 to
// 4095 are taken, with or without an entry in the table; see [Errno.Known].
func ParseErrno(s string) (Errno, bool) {
	if len(s) == 0 || len(s) > 32 {
		return 0, false
	}
	digits := strings.TrimPrefix(s, "-")
	if c := digits; c != "" && c[0] >= '0' && c[0] <= '9' {
		n, err := strconv.ParseUint(digits, 10, 16)
		if err != nil || n == 0 || n > maxErrno {
			return 0, false
		}
		return Errno(n), true
	}
	name := strings.ToUpper(digits)
	for i := range errnos {
		if errnos[i].name == name && name != "" {
			return Errno(i), true
		}
	}
	for _, e := range kernelErrnos {
		if e.name == name {
			return e.number, true
		}
	}
	for _, e := range errnoAliases {
		if e.name == name {
			return e.number, true
		}
	}
	return 0, false
}

func (e Errno) info() errnoInfo {
	if int(e) < len(errnos) {
		return errnos[e]
	}
	for _, k := range kernelErrnos {
		if k.number == e {
			return k.errnoInfo
		}
	}
	return errnoInfo{}
}

// Known reports whether Linux defines the number.
func (e Errno) Known() bool { return e.info().name != "" }

// Name returns the number's name as in errno.h, and "errno 140" for one that
// Linux does not define.
func (e Errno) Name() string {
	if name := e.info().name; name != "" {
		return name
	}
	return fmt.Sprintf("errno %d", uint16(e))
}

// Meaning says in plain words what the number stands for. It is never empty.
func (e Errno) Meaning() string {
	if m := e.info().meaning; m != "" {
		return m
	}
	return "an error number that Linux does not define"
}

// Hint says what the number usually means when a Wi-Fi driver, mac80211 or a
// supplicant reports it. It is empty where there is nothing to add.
func (e Errno) Hint() string { return e.info().hint }

// String returns the form that logs have, with its name: "-110 ETIMEDOUT".
func (e Errno) String() string { return fmt.Sprintf("-%d %s", uint16(e), e.Name()) }
