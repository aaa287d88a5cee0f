package decode

import (
	"strings"
	"testing"
)

func TestErrno(t *testing.T) {
	tests := []struct {
		in   string
		want string
	}{
		{"-110", "-110 ETIMEDOUT"},
		{"110", "-110 ETIMEDOUT"},
		{"ETIMEDOUT", "-110 ETIMEDOUT"},
		{"-etimedout", "-110 ETIMEDOUT"},
		{"-22", "-22 EINVAL"},
		{"-67", "-67 ENOLINK"},
		{"-5", "-5 EIO"},
		{"-28", "-28 ENOSPC"},
		{"-16", "-16 EBUSY"},
		{"-100", "-100 ENETDOWN"},
		{"-2", "-2 ENOENT"},
		{"-512", "-512 ERESTARTSYS"},
		{"-517", "-517 EPROBE_DEFER"},
		{"-524", "-524 ENOTSUPP"},
		{"ENOTSUPP", "-524 ENOTSUPP"},
		{"EWOULDBLOCK", "-11 EAGAIN"},
		{"133", "-133 EHWPOISON"},
		{"-41", "-41 errno 41"},
		{"4095", "-4095 errno 4095"},
	}
	for _, tc := range tests {
		e, ok := ParseErrno(tc.in)
		if !ok || e.String() != tc.want {
			t.Errorf("ParseErrno(%q) = %v, %v; want %s", tc.in, e, ok, tc.want)
		}
		if e.Meaning() == "" {
			t.Errorf("%v has no meaning", e)
		}
	}
	for _, in := range []string{"", "-", "0", "-0", "4096", "-65536", "EFOO", "--5", "5x", strings.Repeat("1", 40)} {
		if e, ok := ParseErrno(in); ok {
			t.Errorf("ParseErrno(%q) = %v, want refusal", in, e)
		}
	}
}

func TestErrnoConstants(t *testing.T) {
	for want, e := range map[string]Errno{
		"ENOENT": ENOENT, "EINTR": EINTR, "EIO": EIO, "EAGAIN": EAGAIN, "ENOMEM": ENOMEM, "EBUSY": EBUSY, "ENODEV": ENODEV,
		"EINVAL": EINVAL, "ENOSPC": ENOSPC, "ENOLINK": ENOLINK, "EPROTO": EPROTO, "EOPNOTSUPP": EOPNOTSUPP, "ENETDOWN": ENETDOWN,
		"ENOBUFS": ENOBUFS, "ENOTCONN": ENOTCONN, "ESHUTDOWN": ESHUTDOWN, "ETIMEDOUT": ETIMEDOUT, "EALREADY": EALREADY,
		"EINPROGRESS": EINPROGRESS, "ERFKILL": ERFKILL, "EPROBE_DEFER": EPROBEDEFER, "ENOTSUPP": ENOTSUPP,
	} {
		if e.Name() != want {
			t.Errorf("constant %d is %s, want %s", e, e.Name(), want)
		}
		if e.Hint() == "" {
			t.Errorf("%s has no hint", want)
		}
	}
}

func TestErrnoTableComplete(t *testing.T) {
	seen := map[string]Errno{}
	check := func(n Errno, e errnoInfo) {
		t.Helper()
		if !strings.HasPrefix(e.name, "E") || e.meaning == "" {
			t.Errorf("errno %d: name %q, meaning %q", n, e.name, e.meaning)
		}
		if at, dup := seen[e.name]; dup {
			t.Errorf("errno %d and %d share the name %s", at, n, e.name)
		}
		seen[e.name] = n
		if got, ok := ParseErrno(e.name); !ok || got != n {
			t.Errorf("%s leads to %d, %v; want %d", e.name, got, ok, n)
		}
		if !n.Known() || n.Name() != e.name {
			t.Errorf("%d gives %s", n, n.Name())
		}
	}
	for n := 1; n < len(errnos); n++ {
		if n == 41 || n == 58 {
			if errnos[n].name != "" {
				t.Errorf("errno %d is not assigned", n)
			}
			continue
		}
		check(Errno(n), errnos[n])
	}
	if len(errnos) != 134 {
		t.Errorf("the table ends at %d, want 133", len(errnos)-1)
	}
	for _, k := range kernelErrnos {
		check(k.number, k.errnoInfo)
	}
	for _, a := range errnoAliases {
		if _, dup := seen[a.name]; dup || !a.number.Known() {
			t.Errorf("alias %s of %d", a.name, a.number)
		}
	}
}

func FuzzParseErrno(f *testing.F) {
	for _, s := range []string{"-110", "EINVAL", "0", "ENOTSUPP", "\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		e, ok := ParseErrno(s)
		if !ok {
			return
		}
		if e == 0 || e.Meaning() == "" || e.Name() == "" {
			t.Errorf("%q gives %d without words", s, e)
		}
		if e.Known() {
			if again, ok := ParseErrno(e.Name()); !ok || again != e {
				t.Errorf("%q gives %v, whose name reads as %v", s, e, again)
			}
		}
	})
}
