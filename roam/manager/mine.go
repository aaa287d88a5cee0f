package manager

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"roamfault/nl80211/dot11"
	"roamfault/roam/runlog"
)

// Mine is what somebody has confirmed to be his own: access points by their
// addresses (MLD addresses, or BSSIDs of those that are no MLD), and whole
// networks. The zero value is nothing.
type Mine struct {
	Addrs []dot11.Addr
	SSIDs []runlog.SSID
}

// Has reports whether an access point was confirmed.
func (m *Mine) Has(ap *runlog.AP) bool { return m.has(ap.Addr(), ap.SSID) }

func (m *Mine) has(addr dot11.Addr, ssid runlog.SSID) bool {
	return slices.Contains(m.Addrs, addr) || len(ssid) > 0 && slices.ContainsFunc(m.SSIDs, func(s runlog.SSID) bool { return string(s) == string(ssid) })
}

// mostMine bounds the lines of a file.
const mostMine = 10000

// ReadMine reads what Write writes: each line is "ap" with an address or "ssid"
// with a name in the text form of [runlog.SSID]. Empty lines and those that begin
// with # count for nothing.
func ReadMine(r io.Reader) (Mine, error) {
	var m Mine
	lines := bufio.NewScanner(r)
	n := 0
	for lines.Scan() {
		if n++; n > mostMine {
			return m, fmt.Errorf("read the confirmed access points: more than %d lines", mostMine)
		}
		kind, value, _ := strings.Cut(strings.TrimRight(lines.Text(), "\r"), " ")
		var err error
		switch {
		case kind == "" && value == "" || strings.HasPrefix(kind, "#"):
		case kind == "ap":
			var addr dot11.Addr
			if addr, err = dot11.ParseAddr(value); err == nil {
				m.Addrs = append(m.Addrs, addr)
			}
		case kind == "ssid":
			var ssid runlog.SSID
			if ssid, err = runlog.ParseSSID(value); err == nil {
				m.SSIDs = append(m.SSIDs, ssid)
			}
		default:
			err = fmt.Errorf("a line begins with neither ap nor ssid")
		}
		if err != nil {
			return m, fmt.Errorf("read the confirmed access points, line %d: %w", n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return m, fmt.Errorf("read the confirmed access points: %w", err)
	}
	return m, nil
}

// Write writes it for [ReadMine].
func (m *Mine) Write(w io.Writer) error {
	var b strings.Builder
	b.WriteString("# access points and networks confirmed as own (roamfault stress --mine)\n")
	for _, a := range m.Addrs {
		fmt.Fprintf(&b, "ap %s\n", a)
	}
	for _, s := range m.SSIDs {
		fmt.Fprintf(&b, "ssid %s\n", s)
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write the confirmed access points: %w", err)
	}
	return nil
}
