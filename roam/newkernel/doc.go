// Package newkernel says when a machine is due a check against its baseline: on
// the first boot of a kernel, a driver or a firmware that no check has seen. It
// keeps what a person asked for and what was found, and installs the unit that
// looks at each boot and the hooks that note a kernel as it is installed.
//
// What tells something new is what was booted, compared with what the baseline and
// former checks were made on: so a driver built anew and another firmware are
// found, too, and a kernel whose installation called no hook. A hook adds what
// cannot be seen at boot: that the same version was installed again. And it tells
// the person who installs a kernel what its first boot will do.
package newkernel
