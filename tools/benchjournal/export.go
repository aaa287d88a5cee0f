package main

import (
	"fmt"
	"strconv"
	"time"

	"roamfault/tools/bench/benchlog"
)

// speaker is who says a line, as journald describes it.
type speaker struct {
	transport, facility, priority string
	uid, comm, exe, unit, slice   string
}

// speakers are those of the log that are not like other services.
var speakers = map[string]speaker{
	"systemd":         {"journal", "3", "6", "0", "systemd", "/usr/lib/systemd/systemd", "init.scope", "-.slice"},
	"gnome-shell":     {"stdout", "3", "4", "1000", "gnome-shell", "/usr/bin/gnome-shell", "user@1000.service", "user-1000.slice"},
	"firefox.desktop": {"stdout", "3", "6", "1000", "firefox", "/usr/lib/firefox/firefox", "user@1000.service", "user-1000.slice"},
	"kdeconnectd":     {"stdout", "3", "4", "1000", "kdeconnectd", "/usr/lib/kdeconnectd", "user@1000.service", "user-1000.slice"},
	"pipewire":        {"syslog", "3", "4", "1000", "pipewire", "/usr/bin/pipewire", "user@1000.service", "user-1000.slice"},
	"CRON":            {"syslog", "9", "6", "0", "cron", "/usr/sbin/cron", "cron.service", "system.slice"},
	"sshd":            {"syslog", "4", "6", "0", "sshd", "/usr/sbin/sshd", "ssh.service", "system.slice"},
	"wpa_supplicant":  {"syslog", "3", "5", "0", "wpa_supplicant", "/usr/sbin/wpa_supplicant", "wpa_supplicant.service", "system.slice"},
}

// kernelPriorities are those that the kernel's messages have in turn.
var kernelPriorities = []string{"6", "4", "5", "6", "3", "6"}

// entries turns lines into journal entries in export format (systemd's
// JOURNAL_EXPORT_FORMATS), with the fields that journald gives to entries of the
// kernel, of syslog, of services' output and of its own protocol.
type entries struct {
	out    []byte // the entry at hand
	number int
	wall   time.Time
	boot   int
	booted time.Time
}

// bootLength is after how many entries a boot ends.
const bootLength = 400_000

// entry is the next line's, valid until the next call.
func (e *entries) entry(l benchlog.Line) []byte {
	if e.number%bootLength == 0 {
		e.boot++
		e.booted = l.At.Add(-7 * time.Second)
	}
	e.number++
	// The lines of one moment follow each other after microseconds.
	if e.wall = e.wall.Add(time.Duration(37+e.number%911) * time.Microsecond); e.wall.Before(l.At) {
		e.wall = l.At
	}
	who, pid, message := l.Split()
	mono := e.wall.Sub(e.booted).Microseconds()
	e.out = e.out[:0]
	e.number64("__REALTIME_TIMESTAMP", e.wall.UnixMicro())
	e.number64("__MONOTONIC_TIMESTAMP", mono)
	e.field("_BOOT_ID", fmt.Sprintf("%032x", 0xb007_0000+e.boot))
	e.field("_MACHINE_ID", "feedfeedfeed4feed8feedfeedfeed00")
	e.field("_HOSTNAME", "desktop")
	e.field("_RUNTIME_SCOPE", "system")
	e.field("SYSLOG_IDENTIFIER", who)
	e.field("MESSAGE", message)
	if who == "kernel" {
		e.field("_TRANSPORT", "kernel")
		e.field("SYSLOG_FACILITY", "0")
		e.field("PRIORITY", kernelPriorities[e.number%len(kernelPriorities)])
		e.number64("_SOURCE_MONOTONIC_TIMESTAMP", mono-19)
		return append(e.out, '\n')
	}
	e.service(who, pid)
	return append(e.out, '\n')
}

// service writes what journald knows of a process.
func (e *entries) service(who, pid string) {
	s, ok := speakers[who]
	if !ok {
		s = speaker{"syslog", "3", "6", "0", who, "/usr/libexec/" + who, who + ".service", "system.slice"}
	}
	if pid == "" {
		pid = "1"
	}
	e.field("_TRANSPORT", s.transport)
	e.field("SYSLOG_FACILITY", s.facility)
	e.field("PRIORITY", s.priority)
	e.field("_PID", pid)
	e.field("_UID", s.uid)
	e.field("_GID", s.uid)
	e.field("_COMM", s.comm)
	e.field("_EXE", s.exe)
	e.field("_CMDLINE", s.exe+" --no-daemon")
	e.field("_CAP_EFFECTIVE", "1ffffffffff")
	e.field("_SELINUX_CONTEXT", "unconfined\n")
	e.field("_SYSTEMD_CGROUP", "/"+s.slice+"/"+s.unit)
	e.field("_SYSTEMD_UNIT", s.unit)
	e.field("_SYSTEMD_SLICE", s.slice)
	e.field("_SYSTEMD_INVOCATION_ID", fmt.Sprintf("%032x", 0x1d_0000+e.boot))
	switch s.transport {
	case "syslog":
		e.field("SYSLOG_PID", pid)
		e.field("SYSLOG_TIMESTAMP", e.wall.Format("Jan _2 15:04:05 "))
		e.number64("_SOURCE_REALTIME_TIMESTAMP", e.wall.UnixMicro()-23)
	case "journal":
		e.field("TID", pid)
		e.field("CODE_FILE", "src/core/job.c")
		e.field("CODE_LINE", "768")
		e.field("CODE_FUNC", "job_emit_done_message")
		e.field("MESSAGE_ID", "39f53479d3a045ac8e11786248231fbf")
		e.field("JOB_TYPE", "start")
		e.field("JOB_RESULT", "done")
		e.number64("JOB_ID", int64(e.number))
		e.number64("_SOURCE_REALTIME_TIMESTAMP", e.wall.UnixMicro()-31)
	case "stdout":
		e.field("_STREAM_ID", fmt.Sprintf("%032x", 0x57_0000+e.boot))
	}
}

// field writes a field, in binary form where it is of several lines.
func (e *entries) field(name, value string) {
	e.out = append(e.out, name...)
	if n := len(value); n == 0 || value[n-1] != '\n' {
		e.out = append(append(append(e.out, '='), value...), '\n')
		return
	}
	e.out = append(e.out, '\n')
	for i := range 8 {
		e.out = append(e.out, byte(len(value)>>(8*i)))
	}
	e.out = append(append(e.out, value...), '\n')
}

func (e *entries) number64(name string, v int64) {
	e.out = append(append(e.out, name...), '=')
	e.out = append(strconv.AppendInt(e.out, v, 10), '\n')
}
