package watch

import (
	"path"
	"strings"
)

// wanted reports whether a device's name, several words, fits what was asked
// for: a glob of a word, or a part of the whole.
func wanted(device, asked string) bool {
	if asked == "" || strings.Contains(device, asked) {
		return true
	}
	for _, word := range strings.Fields(device) {
		if ok, err := path.Match(asked, word); ok && err == nil {
			return true
		}
	}
	return false
}
