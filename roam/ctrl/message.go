package ctrl

import "strings"

// Message is what the daemon has told a monitor: a line of its log.
type Message struct {
	// Level is the daemon's: 0 excessive, 1 dump, 2 debug, 3 info, 4 warning, 5 error
	// (src/utils/wpa_debug.h).
	Level int
	// Interface is that which a global socket names; empty: that of the socket.
	Interface string
	// Text is the line. It may hold anything.
	Text string
}

// maxLevel is the worst there is.
const maxLevel = 5

// isEvent tells an event from an answer: it begins with its level, or with the
// interface and the level.
func isEvent(datagram string) bool {
	_, ok := parseMessage(datagram)
	return ok
}

// parseMessage reads an event as it is sent: "<3>text", on a global socket
// "IFNAME=wlan0 <3>text".
func parseMessage(datagram string) (Message, bool) {
	m := Message{}
	rest := datagram
	if named, ok := strings.CutPrefix(rest, "IFNAME="); ok {
		if m.Interface, rest, ok = strings.Cut(named, " "); !ok {
			return Message{}, false
		}
	}
	if len(rest) < 3 || rest[0] != '<' || rest[1] < '0' || rest[1] > '9' || rest[2] != '>' {
		return Message{}, false
	}
	m.Level, m.Text = min(int(rest[1]-'0'), maxLevel), strings.TrimRight(rest[3:], "\r\n")
	return m, true
}
