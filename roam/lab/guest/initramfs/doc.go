// Package initramfs makes what a lab guest boots from: a cpio archive with
// programs, their libraries and kernel modules taken from unpacked packages, and
// a kernel image in the form that starts fastest.
package initramfs
