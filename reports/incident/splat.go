package incident

import (
	"regexp"
	"strings"
	"time"

	"roamfault/journal"
	"roamfault/patterns"
)

// splat is a kernel warning, oops or stall report that is being read: its
// headline is an event only if wireless code turns up in it.
type splat struct {
	head     *Event
	lines    int
	began    bool // a frame was seen: from here on a lack of wireless frames says something
	wireless bool
	fn       string // the topmost wireless function
	module   string // and its module
	queue    string // the wireless work it ran in
	reset    bool   // it happened in a driver's reset work
	last     moment
}

const (
	longestSplat = 250
	splatGap     = 5 * time.Second
)

// frameShape is a stack entry: func+0x1/0x2 [module buildid]. Photographs and
// mail cut the closing bracket.
var frameShape = regexp.MustCompile(`([A-Za-z_][\w.]*)\+0x[0-9a-f@]+/[0-9a-fx@×]+(?:\s*\[([\w-]+))?`)

// bareFrame is a stack entry of a kernel built without symbols, which names the
// module and where it lies: 0x83178634 [mt76_usb@83178000+0x2290].
var bareFrame = regexp.MustCompile(`0x[0-9a-f]{8,16} \[([\w-]+)@[0-9a-f]+`)

// wirelessModules are the beginnings of the names of modules whose frames
// make a splat wireless.
var wirelessModules = []string{"mac80211", "cfg80211", "mt76", "mt79", "mt7", "iwl", "ath", "rtw", "rtl", "brcm", "mwifiex", "rt2", "wl", "b43", "carl9170", "libertas", "mac80211_hwsim",
	"8188", "8192", "8723", "8811", "8812", "8814", "8821", "8822", "8832", "8851", "8852", "88x2", "88XX"} // Realtek's own drivers

// wirelessFuncs are the beginnings of function names of wireless code that is
// built in, or whose module was cut off.
var wirelessFuncs = []string{"mt76_", "mt792x_", "mt7925", "mt7921", "mt7915", "mt7996", "mt7902", "mt7615", "ieee80211_", "cfg80211_", "nl80211_", "iwl_", "ath10k_", "ath11k_", "ath12k_", "ath9k_", "rtw_", "rtw89_", "brcmf_"}

var wirelessPaths = []string{"drivers/net/wireless/", "net/mac80211/", "net/wireless/"}

func hasAnyPrefix(s string, prefixes []string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

func newSplat(head *Event) *splat {
	s := &splat{head: head, last: head.moment()}
	s.read(head.body)
	if file := head.Fields.Get("file"); file != "" && !s.wireless {
		s.began = true // a place in other code is named
	}
	return s
}

// wirelessPrograms do nothing but Wi-Fi: when the kernel says that one of them
// hangs, Wi-Fi hangs.
var wirelessPrograms = []string{"wpa_supplicant", "hostapd", "iwd"}

// strayFrame is a wireless frame outside of any splat that is being read: the
// log begins behind the headline.
type strayFrame struct {
	fn, module string
	at         moment
}

// strayFrame keeps the topmost wireless frame of a headless splat.
func (b *Builder) strayFrame(m *patterns.Match) {
	module := m.Fields.Get("module")
	if module == "" || !hasAnyPrefix(module, wirelessModules) {
		return
	}
	if b.stray == nil || !b.now.within(splatGap, b.stray.at) {
		b.stray = &strayFrame{fn: m.Fields.Get("func"), module: module, at: b.now}
	}
}

// before reports whether the frame stands close before an event.
func (f *strayFrame) before(e *Event) bool {
	if f == nil {
		return false
	}
	gap, ok := e.moment().minus(f.at)
	return ok && gap >= 0 && gap <= splatGap
}

// read takes one line's evidence.
func (s *splat) read(text string) {
	if strings.Contains(text, "Modules linked in") {
		return // names every module there is
	}
	for _, p := range wirelessPaths {
		if strings.Contains(text, p) {
			s.wireless = true
		}
	}
	queue := strings.Contains(text, "Workqueue:")
	guess := strings.Contains(text, " ? ")
	if m := frameShape.FindStringSubmatch(text); m != nil && !guess {
		s.began = true
		if hasAnyPrefix(m[2], wirelessModules) || hasAnyPrefix(m[1], wirelessFuncs) {
			s.wireless = true
			if s.fn == "" {
				s.fn, s.module = m[1], m[2]
			}
			s.reset = s.reset || strings.Contains(m[1], "reset_work")
		}
	}
	if m := bareFrame.FindStringSubmatch(text); m != nil {
		s.began = true
		if hasAnyPrefix(m[1], wirelessModules) {
			s.wireless = true
			if s.module == "" {
				s.module = m[1]
			}
		}
	}
	if strings.Contains(text, "RIP:") || strings.Contains(text, "Call Trace") || strings.Contains(text, "Call trace") {
		s.began = true
	}
	if _, comm, ok := strings.Cut(text, "Comm: "); ok && hasAnyPrefix(comm, []string{"mt76", "napi/phy", "iwl", "ath1", "rtw"}) {
		s.wireless = true // the thread is the driver's own
	}
	if queue {
		for _, word := range strings.Fields(text) {
			if hasAnyPrefix(word, wirelessFuncs) {
				s.wireless = true
				if s.queue == "" {
					s.queue = word
				}
				s.reset = s.reset || strings.Contains(word, "reset_work")
			}
		}
	}
}

// takes reports whether a record still belongs to the splat, reading its
// evidence if so. Records of others may stand between its lines.
func (s *splat) takes(r *journal.Record, m *patterns.Match) bool {
	at := momentOf(r)
	if gap, ok := at.minus(s.last); ok && (gap > splatGap || gap < -splatGap) {
		return false
	}
	if r.Origin.File != s.head.Origin.File || s.lines >= longestSplat {
		return false
	}
	s.lines++
	if r.Identifier != "" && r.Identifier != "kernel" {
		return true // somebody else's line between
	}
	if m != nil && m.Class != "" && m.Severity >= patterns.Warn && (!m.Pattern.Splat || s.began && m.Pattern.Priority >= 0) {
		return false // something else, or the headline of the next splat
	}
	s.last = at
	s.read(r.Message)
	return true
}

// over reports whether a record is the last of its splat.
func over(message string) bool {
	return strings.Contains(message, "end trace ") || strings.Contains(message, "Fixing recursive fault")
}
