package ctrl

import (
	"iter"
	"strconv"
	"strings"

	"roamfault/nl80211/dot11"
	"roamfault/roam/runlog"
)

// maxSSID is the longest name of a network.
const maxSSID = 32

// fields gives the lines "name=value" of an answer, in order. Others are left out.
func fields(answer string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for line := range strings.Lines(answer) {
			name, value, ok := strings.Cut(strings.TrimRight(line, "\r\n"), "=")
			if ok && !yield(name, value) {
				return
			}
		}
	}
}

// words gives the words "name=value" of a line, in order; one without a value has
// it empty.
func words(line string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for word := range strings.FieldsSeq(line) {
			name, value, _ := strings.Cut(word, "=")
			if !yield(name, value) {
				return
			}
		}
	}
}

// address reads an address; zero: it is none.
func address(text string) dot11.Addr {
	a, err := dot11.ParseAddr(text)
	if err != nil {
		return dot11.Addr{}
	}
	return a
}

// number reads a number of at most 31 bits; 0: it is none.
func number(text string) int {
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		return 0
	}
	return int(n)
}

// network reads an SSID; nil: it is none.
func network(text string) runlog.SSID {
	b := unescape(text)
	if len(b) > maxSSID {
		return nil
	}
	return b
}
