package journal

// Format names the shape that a record had in its input.
type Format string

// The formats that [Read] knows. A file may mix them.
const (
	// FormatBare is a line without any known prefix: dmesg -t, journalctl -o
	// cat, wpa_supplicant -d without -t, prose.
	FormatBare Format = "bare"
	// FormatTag is a line with an identifier, or facility.severity and
	// identifier, but no time: "kernel: msg", "daemon.info iwd[492]: msg",
	// "host wpa_supplicant: msg".
	FormatTag Format = "tag"
	// FormatShort is journalctl -o short and RFC 3164 as syslog daemons
	// write it to files: "Jan 11 18:14:14 host ident[1]: msg", the host may
	// be missing, months may be localized.
	FormatShort Format = "journal-short"
	// FormatShortPrecise is journalctl -o short-precise: FormatShort with
	// a fraction of the second.
	FormatShortPrecise Format = "journal-short-precise"
	// FormatShortISO is journalctl -o short-iso:
	// "2026-01-11T18:14:14+01:00 host ident[1]: msg".
	FormatShortISO Format = "journal-short-iso"
	// FormatShortISOPrecise is journalctl -o short-iso-precise; rsyslog's
	// file format looks the same.
	FormatShortISOPrecise Format = "journal-short-iso-precise"
	// FormatShortFull is journalctl -o short-full and with-unit:
	// "Sun 2026-01-11 18:14:14 CET host ident[1]: msg".
	FormatShortFull Format = "journal-short-full"
	// FormatShortMonotonic is journalctl -o short-monotonic:
	// "[   59.987242] host ident[1]: msg".
	FormatShortMonotonic Format = "journal-short-monotonic"
	// FormatShortUnix is journalctl -o short-unix:
	// "1767228681.123456 host ident[1]: msg".
	FormatShortUnix Format = "journal-short-unix"
	// FormatVerbose is journalctl -o verbose: a head with time and cursor,
	// then indented FIELD=value lines.
	FormatVerbose Format = "journal-verbose"
	// FormatClock is a time of day in front of a tag: "09:08:23 ident: msg".
	FormatClock Format = "clock"
	// FormatDmesg is dmesg's own form, with or without caller id:
	// "[ 1264.826132][  T123] msg".
	FormatDmesg Format = "dmesg"
	// FormatDmesgCtime is dmesg -T: "[Sun Jan 11 18:14:14 2026] msg".
	FormatDmesgCtime Format = "dmesg-ctime"
	// FormatDmesgISO is dmesg --time-format iso:
	// "2026-01-11T18:14:14,123456+01:00 msg".
	FormatDmesgISO Format = "dmesg-iso"
	// FormatDmesgDecoded is dmesg -x: "kern  :warn  : [ 1264.826132] msg".
	FormatDmesgDecoded Format = "dmesg-decoded"
	// FormatDmesgHuman is dmesg -H without colour: "[Jan11 18:14] msg", then
	// "[  +0.000012] msg".
	FormatDmesgHuman Format = "dmesg-human"
	// FormatConsole is a kernel line with its level, as consoles at raw level, dmesg
	// -r and pstore have it: "<6>[ 1264.826132] msg".
	FormatConsole Format = "console"
	// FormatKmsg is a raw record of /dev/kmsg: "6,1234,1264826132,-;msg".
	FormatKmsg Format = "kmsg"
	// FormatFreeBSD is FreeBSD's dmesg with kern.msgbuf_show_timestamp=1:
	// "[1264] msg".
	FormatFreeBSD Format = "freebsd-dmesg"
	// FormatSyslog3164 is RFC 3164 with its <PRI>.
	FormatSyslog3164 Format = "syslog-3164"
	// FormatSyslog5424 is RFC 5424.
	FormatSyslog5424 Format = "syslog-5424"
	// FormatLogread is OpenWrt's logread:
	// "Sun Jan 11 18:14:14 2026 kern.err kernel: [ 2545.37] msg".
	FormatLogread Format = "logread"
	// FormatLogcat is Android's logcat -v threadtime, and -v time:
	// "01-11 18:14:14.937  2215  2215 D tag: msg".
	FormatLogcat Format = "logcat"
	// FormatLogcatBrief is logcat -v brief: "D/tag( 2215): msg".
	FormatLogcatBrief Format = "logcat-brief"
	// FormatWPATime is wpa_supplicant or hostapd with -t:
	// "1767228681.123456: wlan0: msg".
	FormatWPATime Format = "wpa-t"
	// FormatWPACtrl is an event of their control interface:
	// "<3>CTRL-EVENT-...".
	FormatWPACtrl Format = "wpa-ctrl"
	// FormatNM is NetworkManager's own log line: "<info>  [1767228681.1234] msg".
	FormatNM Format = "networkmanager"
	// FormatExport is journalctl -o export.
	FormatExport Format = "export"
	// FormatJSON is journalctl -o json, json-seq, json-sse and json-pretty.
	FormatJSON Format = "json"
)

// formatID is the small form of a Format, an index of formats.
type formatID uint8

const (
	fmtBare formatID = iota
	fmtTag
	fmtShort
	fmtShortPrecise
	fmtShortISO
	fmtShortISOPrecise
	fmtShortFull
	fmtShortMonotonic
	fmtShortUnix
	fmtVerbose
	fmtClock
	fmtDmesg
	fmtDmesgCtime
	fmtDmesgISO
	fmtDmesgDecoded
	fmtDmesgHuman
	fmtConsole
	fmtKmsg
	fmtFreeBSD
	fmtSyslog3164
	fmtSyslog5424
	fmtLogread
	fmtLogcat
	fmtLogcatBrief
	fmtWPATime
	fmtWPACtrl
	fmtNM
	fmtExport
	fmtJSON
	fmtCount
)

// name returns the Format of f.
func (f formatID) name() Format {
	return [fmtCount]Format{
		fmtBare: FormatBare, fmtTag: FormatTag,
		fmtShort: FormatShort, fmtShortPrecise: FormatShortPrecise,
		fmtShortISO: FormatShortISO, fmtShortISOPrecise: FormatShortISOPrecise,
		fmtShortFull: FormatShortFull, fmtShortMonotonic: FormatShortMonotonic,
		fmtShortUnix: FormatShortUnix, fmtVerbose: FormatVerbose, fmtClock: FormatClock,
		fmtDmesg: FormatDmesg, fmtDmesgCtime: FormatDmesgCtime, fmtDmesgISO: FormatDmesgISO,
		fmtDmesgDecoded: FormatDmesgDecoded, fmtDmesgHuman: FormatDmesgHuman,
		fmtConsole: FormatConsole, fmtKmsg: FormatKmsg, fmtFreeBSD: FormatFreeBSD,
		fmtSyslog3164: FormatSyslog3164, fmtSyslog5424: FormatSyslog5424,
		fmtLogread: FormatLogread, fmtLogcat: FormatLogcat, fmtLogcatBrief: FormatLogcatBrief,
		fmtWPATime: FormatWPATime, fmtWPACtrl: FormatWPACtrl, fmtNM: FormatNM,
		fmtExport: FormatExport, fmtJSON: FormatJSON,
	}[f]
}
