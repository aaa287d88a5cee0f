package child

import (
	"strings"

	"roamfault/journal"
)

// Matches turns as much of a filter into matches of the journal as lets pass
// all that the filter wants: alternatives, each of which is terms "FIELD=value"
// that must all hold. Nil stands for no restriction. Priorities are no part
// of it, since the journal cannot be asked for entries without one, which a
// filter keeps; times neither.
func Matches(f *journal.Filter) [][]string {
	var names []string
	if f.KernelOnly {
		names = []string{"_TRANSPORT=kernel", "SYSLOG_IDENTIFIER=kernel", "_COMM=kernel"}
	}
	if !f.KernelOnly {
		names = identifiers(f.Identifiers)
	}
	boot := ""
	if isID(f.Boot) {
		boot = "_BOOT_ID=" + strings.ToLower(f.Boot)
	}
	if boot == "" {
		var alternatives [][]string
		for _, n := range names {
			alternatives = append(alternatives, []string{n})
		}
		return alternatives
	}
	if len(names) == 0 {
		return [][]string{{boot}}
	}
	alternatives := make([][]string, len(names))
	for i, n := range names {
		alternatives[i] = []string{boot, n}
	}
	return alternatives
}

// Unbroken reports whether the entries that [Matches] lets pass are numbered in
// one run without gaps: all, or those of one boot.
func Unbroken(f *journal.Filter) bool {
	all := *f
	all.Boot = ""
	return Matches(&all) == nil
}

// maxIdentifiers bounds what is asked of the journal; more are sorted out by
// ourselves.
const maxIdentifiers = 32

// identifiers are the alternatives by which entries have one of the names: a
// record's identifier is SYSLOG_IDENTIFIER, without it _COMM, and "kernel" for
// what the kernel sent without either. Only plain names are asked for: others
// could come of bytes that a record leaves out.
func identifiers(list []string) []string {
	if len(list) > maxIdentifiers {
		return nil
	}
	var names []string
	for _, id := range list {
		if !isPlain(id) {
			return nil
		}
		for _, s := range []string{id, id + ".service"} {
			names = append(names, "SYSLOG_IDENTIFIER="+s, "_COMM="+s)
		}
		if id == "kernel" {
			names = append(names, "_TRANSPORT=kernel")
		}
	}
	return names
}

func isPlain(s string) bool {
	for _, c := range []byte(s) {
		if c <= ' ' || c >= 0x7f {
			return false
		}
	}
	return s != ""
}

// isID tells an id of 128 bits in hexadecimal, as the journal has boots.
func isID(s string) bool {
	if len(s) != 32 {
		return false
	}
	return strings.Trim(s, "0123456789abcdef") == ""
}
