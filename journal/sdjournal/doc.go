// Package sdjournal reads the systemd journal through libsystemd, in a process
// of its own: the library maps files that others may truncate, so it can die of
// SIGBUS at any read. That process is roamfault-sdjournal, which is built with the
// tag of the same name as this package; where it is missing or keeps dying,
// journalctl takes its place.
package sdjournal
