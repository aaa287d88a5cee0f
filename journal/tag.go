package journal

import "time"

// tag is an identifier with its process id, "wpa_supplicant[608]:".
type tag struct {
	ident span
	pid   int32
	next  int // behind the colon
}

// scanTag reads a tag and its colon.
func scanTag(s []byte, i int) (t tag, ok bool) {
	c := at(s, i)
	if !isLetter(c) && c != '(' && c != '/' && c != '_' && !isDigit(c) {
		return t, false
	}
	j := i
	for j < len(s) && j-i < 128 && isIdent(s[j]) {
		j++
	}
	t.ident = span{int32(i), int32(j)}
	switch at(s, j) {
	case ':':
		if isDigit(c) {
			return t, false
		}
	case '[':
		pid, k, ok := scanInt(s, j+1, 9)
		if !ok {
			return t, false
		}
		// Some write thread ids behind the process id.
		if at(s, k) == '.' || at(s, k) == '/' || at(s, k) == ':' {
			if _, n, ok := scanInt(s, k+1, 9); ok {
				k = n
			}
		}
		if at(s, k) != ']' || at(s, k+1) != ':' {
			return t, false
		}
		t.pid = int32(pid)
		j = k + 1
	default:
		return t, false
	}
	j++
	if c := at(s, j); c != ' ' && c != 0 && c != '[' && c != '\t' {
		return t, false
	}
	t.next = j
	return t, true
}

// isIdent tells whether a syslog identifier may hold c.
func isIdent(c byte) bool {
	if isLetter(c) || isDigit(c) {
		return true
	}
	switch c {
	case '_', '-', '.', '/', '@', '(', ')', '+', '~', '$', '\\', '%':
		return true
	}
	return c >= 0x80
}

// setTag takes over a tag and goes on to the message.
func (p *prefix) setTag(s []byte, t tag) {
	p.ident = t.ident
	p.pid = t.pid
	p.finish(s, oneSpace(s, t.next))
}

// head reads what stands between a time and the message: severity, host, tag.
func (p *prefix) head(s []byte, i int) {
	i = skipSpaces(s, i)
	if at(s, i) == '|' && at(s, i+1) == ' ' {
		// The next cell of a table.
		i = skipSpaces(s, i+1)
	}
	p.msg = int32(i)
	if at(s, i) == '<' {
		// FreeBSD's syslogd -v: <kern.crit>.
		if prio, j, ok := scanFacility(s, i+1); ok && at(s, j) == '>' {
			p.prio = prio
			i = skipSpaces(s, j+1)
			p.msg = int32(i)
		} else {
			p.finish(s, i)
			return
		}
	}
	if prio, j, ok := scanFacility(s, i); ok && at(s, j) == ' ' {
		p.prio = prio
		i = skipSpaces(s, j)
		p.msg = int32(i)
		if t, ok := scanTag(s, i); ok {
			p.setTag(s, t)
		}
		return
	}
	if t, ok := scanTag(s, i); ok {
		if t.pid > 0 || !isSubject(s[i:t.next]) {
			p.setTag(s, t)
		}
		return
	}
	h := skipWord(s, i)
	if h == i || h >= len(s) || h-i > 255 || !isLetter(s[i]) && !isDigit(s[i]) && s[i] < 0x80 {
		p.monoHead(s, i)
		return
	}
	j := skipSpaces(s, h)
	host := span{int32(i), int32(h)}
	if prio, k, ok := scanFacility(s, j); ok && at(s, k) == ' ' {
		// busybox: host, then facility and severity.
		p.prio = prio
		j = skipSpaces(s, k)
		p.host = host
		p.msg = int32(j)
		if t, ok := scanTag(s, j); ok {
			p.setTag(s, t)
		}
		return
	}
	if t, ok := scanTag(s, j); ok && s[h-1] != ':' {
		if t.pid > 0 || knownIdent(s[t.ident.a:t.ident.b]) || !beginsRecord(s[i:]) {
			p.host = host
			p.setTag(s, t)
		}
		return
	}
	if _, k, ok := scanMono(s, j); ok && at(s, k) == ' ' && s[h-1] != ':' {
		p.host = host
		p.monoHead(s, j)
		return
	}
	if hasPrefix(s[j:], "last message repeated ") || hasPrefix(s[j:], "message repeated ") || hasPrefix(s[j:], "-- MARK --") {
		p.host = host
		p.msg = int32(j)
		return
	}
	p.monoHead(s, i)
}

// monoHead takes a kernel stamp at i without a tag before it.
func (p *prefix) monoHead(s []byte, i int) {
	p.msg = int32(i)
	if d, k, ok := scanMono(s, i); ok && (at(s, k) == ' ' || k == len(s)) {
		p.time.Mono, p.time.HasMono = d, true
		p.transport = viaKernel
		p.msg = int32(oneSpace(s, k))
	}
}

// finish looks at the begin of the message for what its writer put there
// again: the kernel's stamp, NetworkManager's level and time, wpa_supplicant's
// time, and a repetition.
func (p *prefix) finish(s []byte, i int) {
	p.msg = int32(min(i, len(s)))
	if p.transport == viaUnknown {
		p.transport = viaSyslog
	}
	if p.ident.b <= p.ident.a {
		return
	}
	switch ident := s[p.ident.a:p.ident.b]; {
	case string(ident) == "kernel":
		p.transport = viaKernel
		if d, k, ok := scanMono(s, skipSpaces(s, i)); ok && (at(s, k) == ' ' || k == len(s)) {
			p.time.Mono, p.time.HasMono = d, true
			p.msg = int32(oneSpace(s, k))
		}
	case at(s, i) == '<' && hasPrefix(ident, "NetworkManager"):
		level, k, ok := scanNMLevel(s, i)
		if !ok {
			return
		}
		if p.prio == PriorityUnknown {
			p.prio = level
		}
		d, digits, n, ok := scanNMTime(s, k)
		if ok {
			if p.time.IsZero() {
				p.unix(d, digits)
			}
			k = n
		}
		p.msg = int32(skipSpaces(s, k))
	case isDigit(at(s, i)) && (string(ident) == "wpa_supplicant" || string(ident) == "hostapd"):
		if d, digits, k, ok := scanSeconds(s, i); ok && digits == 6 && at(s, k) == ':' && at(s, k+1) == ' ' && d > 100_000_000*time.Second {
			if p.time.IsZero() {
				p.unix(d, digits)
			}
			p.msg = int32(k + 2)
		}
	}
	if at(s, int(p.msg)) == 'm' {
		p.repetition(s)
	}
}

// repetition takes off "message repeated 7 times: [ ... ]", as rsyslog writes
// it; the closing bracket goes when the record is made.
func (p *prefix) repetition(s []byte) {
	const head, tail = "message repeated ", " times: ["
	i := int(p.msg)
	if !hasPrefix(s[i:], head) {
		return
	}
	n, j, ok := scanInt(s, i+len(head), 9)
	if !ok || n < 1 || !hasPrefix(s[j:], tail) {
		return
	}
	p.count = int32(n)
	p.msg = int32(skipSpaces(s, j+len(tail)))
}

// tagOnly reads a line that has no time: "daemon.info iwd[492]: ",
// "kernel: ", "host wpa_supplicant: ".
func (p *prefix) tagOnly(s []byte) bool {
	p.format = fmtTag
	if prio, j, ok := scanFacility(s, 0); ok && at(s, j) == ' ' {
		if t, ok := scanTag(s, skipSpaces(s, j)); ok {
			p.prio = prio
			p.setTag(s, t)
			return true
		}
	}
	if t, ok := scanTag(s, 0); ok {
		if t.pid > 0 || knownIdent(s[t.ident.a:t.ident.b]) {
			p.setTag(s, t)
			return true
		}
		return false
	}
	h := skipWord(s, 0)
	if h == 0 || h >= len(s) || h > 64 || s[h-1] == ':' {
		return false
	}
	if t, ok := scanTag(s, h+1); ok && knownIdent(s[t.ident.a:t.ident.b]) {
		p.host = span{0, int32(h)}
		p.setTag(s, t)
		return true
	}
	return false
}

// knownIdent tells whether a word is an identifier of the programs that speak
// of networks, so that it may be taken for one where nothing else says so.
func knownIdent(w []byte) bool {
	switch string(w) {
	case "kernel", "wpa_supplicant", "hostapd", "wpa_cli", "hostapd_cli", "NetworkManager", "iwd",
		"dhclient", "dhcpcd", "udhcpc", "netifd", "dnsmasq", "connmand", "ModemManager", "netplan",
		"systemd", "systemd-networkd", "systemd-resolved", "systemd-udevd", "systemd-sleep", "systemd-logind",
		"udevd", "dbus-daemon", "avahi-daemon", "nm-dispatcher", "ubusd", "procd", "logread", "roamfault":
		return true
	}
	return false
}

// scanFacility reads "kern.err".
func scanFacility(s []byte, i int) (prio Priority, next int, ok bool) {
	j := i
	for j < len(s) && j-i < 12 && (isLower(s[j]) || isDigit(s[j])) {
		j++
	}
	if at(s, j) != '.' || !isFacility(s[i:j]) {
		return PriorityUnknown, i, false
	}
	k := j + 1
	for k < len(s) && k-j < 10 && isLower(s[k]) {
		k++
	}
	prio = severity(s[j+1 : k])
	return prio, k, prio != PriorityUnknown
}

// isFacility tells the facility names of syslog(3) and of dmesg -x.
func isFacility(w []byte) bool {
	switch string(w) {
	case "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv",
		"ftp", "ntp", "security", "console", "local0", "local1", "local2", "local3", "local4", "local5",
		"local6", "local7":
		return true
	}
	return false
}

// severity reads the severity names of syslog(3).
func severity(w []byte) Priority {
	switch string(w) {
	case "emerg", "panic":
		return 0
	case "alert":
		return 1
	case "crit":
		return 2
	case "err", "error":
		return 3
	case "warn", "warning":
		return 4
	case "notice":
		return 5
	case "info":
		return 6
	case "debug":
		return 7
	}
	return PriorityUnknown
}

// ParsePriority reads a severity as journalctl -p takes it: a digit from 0 to 7,
// or a name of syslog(3).
func ParsePriority(s string) (Priority, bool) {
	if len(s) == 1 && s[0] >= '0' && s[0] <= '7' {
		return Priority(s[0] - '0'), true
	}
	p := severity([]byte(s))
	return p, p != PriorityUnknown
}

// scanNMLevel reads NetworkManager's level, "<info> ".
func scanNMLevel(s []byte, i int) (prio Priority, next int, ok bool) {
	if at(s, i) != '<' {
		return PriorityUnknown, i, false
	}
	j := i + 1
	for j < len(s) && j-i < 10 && isLetter(s[j]) {
		j++
	}
	if at(s, j) != '>' || at(s, j+1) != ' ' {
		return PriorityUnknown, i, false
	}
	switch w := s[i+1 : j]; string(w) {
	case "trace":
		prio = 7
	case "ERROR", "WARN":
		prio = 3
		if w[0] == 'W' {
			prio = 4
		}
	default:
		prio = severity(w)
	}
	return prio, skipSpaces(s, j+1), prio != PriorityUnknown
}

// scanNMTime reads NetworkManager's own time, "[1724784536.8326] ".
func scanNMTime(s []byte, i int) (d time.Duration, digits, next int, ok bool) {
	if at(s, i) != '[' {
		return 0, 0, i, false
	}
	d, digits, j, ok := scanSeconds(s, i+1)
	if !ok || at(s, j) != ']' || d < 100_000_000*time.Second {
		return 0, 0, i, false
	}
	return d, digits, skipSpaces(s, j+1), true
}

func hasPrefix(s []byte, p string) bool { return len(s) >= len(p) && string(s[:len(p)]) == p }

func hasSuffix(s []byte, p string) bool { return len(s) >= len(p) && string(s[len(s)-len(p):]) == p }
