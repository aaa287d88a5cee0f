// Package journal reads log records from wherever they lie and gives them in
// one shape, whoever wrote them: text as people paste it, journal exports,
// kernel ring buffers.
//
// A [Record] says only what its source said. No year, date or zone is invented;
// what is unknown stays zero, and [Time] tells which part of it is known.
package journal

// Record is one log record.
type Record struct {
	// Time is when the record was written, as far as the source tells.
	Time Time
	// Boot identifies the boot the record belongs to: a boot id where the
	// source has one, otherwise a number counted within the input ("1", "2",
	// ...) from the boot boundaries seen in it.
	Boot string
	// Host is the host name, empty when the source has none.
	Host string
	// Identifier is the syslog identifier without pid: "kernel",
	// "wpa_supplicant". Empty when unknown, as in plain dmesg output read
	// without its prefix.
	Identifier string
	// PID is the writer's process id, 0 when unknown.
	PID int
	// Priority is the syslog severity 0..7 (0 emergency, 7 debug), or
	// [PriorityUnknown].
	Priority Priority
	// Transport tells by which way the record came.
	Transport Transport
	// Device is the kernel's own device field ("+pci:0000:c0:00.0"), empty
	// in most text.
	Device string
	// Message is the text after every prefix, valid UTF-8, without control
	// characters other than tab, one line unless the source had a
	// multi-line field.
	Message string
	// Count is how many times the source says that the record came: 1, or
	// more behind "message repeated 7 times".
	Count int
	// Cursor is where a journal can be entered again; empty for text.
	Cursor string
	// Origin is where the record stands in its input.
	Origin Origin
	// Raw is the text as found: every physical line that the record was read
	// from, joined by newlines, before any repair; of a line that several
	// records share, the record's own stretch. Structured records keep their
	// first 64 KiB. It may hold anything.
	Raw string
}

// Origin is the place of a record in its input.
type Origin struct {
	// File names the input: a path, or "-" for standard input.
	File string
	// Line is the number of the first physical line, counted from 1.
	Line int
	// Lines is how many physical lines the record takes, at least 1.
	Lines int
	// Offset is the byte offset of that line in the decompressed input.
	Offset int64
}

// Priority is a syslog severity (RFC 5424 clause 6.2.1).
type Priority int8

// PriorityUnknown stands for a record whose source has no severity.
const PriorityUnknown Priority = -1

// Transport is the way by which a record came.
type Transport string

// The transports. They follow journald's _TRANSPORT field where it has one.
const (
	TransportUnknown Transport = ""
	TransportKernel  Transport = "kernel"   // the kernel ring buffer
	TransportSyslog  Transport = "syslog"   // a daemon, by syslog or journal
	TransportWPACtrl Transport = "wpa-ctrl" // wpa_supplicant's control interface
	TransportNL80211 Transport = "nl80211"  // extended acks received by ourselves
	TransportDBus    Transport = "dbus"     // signals of a daemon
)
