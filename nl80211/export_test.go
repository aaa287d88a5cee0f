package nl80211

import "syscall"

// EventTexts are the lines of the events of the tests, by their names.
func EventTexts() map[string]string {
	texts := make(map[string]string)
	for _, c := range eventCases() {
		texts[c.name] = c.text
	}
	return texts
}

// Refusals are requests that failed without words.
func Refusals() []*Error {
	var list []*Error
	for _, c := range []Command{CommandAuthenticate, CommandAssociate, CommandNewKey, CommandDelKey, CommandSetKey, CommandTriggerScan, CommandSetStation} {
		list = append(list, &Error{Command: c, Errno: syscall.EBUSY})
	}
	return list
}
