// Package pstore reads what the kernel said before it died, from the files that
// pstore (Documentation/admin-guide/ramoops.rst, fs/pstore) keeps over a reboot.
package pstore
