package incident

import (
	"slices"
	"strings"

	"roamfault/patterns"
)

// FingerprintVersion is the first part of every fingerprint. It changes when
// the same failure would get another name.
const FingerprintVersion = "v1"

// fingerprint names the failure so that the same one on another machine bears
// the same name: version, chip, phase, root with what tells it apart, and then
// what led to it, the latest first:
//
//	v1:mt7925:roam:mcu-timeout[BSS_INFO_UPDATE]<bss-fetch-failed<key-remove-failed[-22]
//
// Left out are noise, restatements, and what is only the outside of a failure
// (time-outs and refusals of a try, disconnections) when the root lies deeper.
// The parent is the coarse name that no race of lines can change: chip, phase
// and the first dead command, or the root's class.
func (in *building) fingerprint(i *Incident) (fine, parent string) {
	head := FingerprintVersion + ":" + i.Chip + ":" + i.Phase + ":"
	var chain []string
	var before []*Event
	for _, e := range in.events {
		if e != i.Root && e.sameFact == nil && in.before(e, i.Root) && leads(e, i.Root) {
			before = append(before, e)
		}
	}
	slices.SortStableFunc(before, func(a, b *Event) int {
		if gap, ok := b.effect.minus(a.effect); ok && gap != 0 {
			return int(max(min(gap, 1), -1))
		}
		return 0
	})
	for _, e := range before {
		name := string(e.Class) + detail(e)
		if !slices.ContainsFunc(chain, func(s string) bool {
			return s == name || strings.HasPrefix(s, string(e.Class)+"[") || s == string(e.Class)
		}) {
			chain = append(chain, name)
		}
	}
	chain = chain[:min(len(chain), 4)]
	fine = strings.Join(append([]string{head + string(i.Root.Class) + detail(i.Root)}, chain...), "<")
	parent = head + string(i.Root.Class)
	if len(i.Dead) > 0 {
		parent = head + i.Dead[0]
	}
	return fine, parent
}

// leads reports whether an earlier event belongs to the chain of a root.
func leads(e, root *Event) bool {
	if noise(e.Class) || e.Class == root.Class {
		return false
	}
	switch e.Class {
	case patterns.AssocRequestFailed, patterns.AuthRequestFailed, patterns.ConnectionFailed, patterns.AuthTimeout, patterns.AssocTimeout,
		patterns.AssocComeback, patterns.AuthRejected, patterns.AssocRejected, patterns.DeauthByAP, patterns.DriverDisconnect, patterns.ScanFailed,
		patterns.ResetStart, patterns.MCURetry:
		return rank(root) <= 2 && e.Class != patterns.ConnectionFailed
	}
	return true
}

// detail is what tells a failure of one class from another of the same.
func detail(e *Event) string {
	switch e.Class {
	case patterns.MCUTimeout, patterns.CommandFailed, patterns.MCURetry:
		if cmd := e.Fields.Get("cmd"); cmd != "" {
			return "[" + clean(commandName(cmd)) + "]"
		}
	case patterns.KernelOops, patterns.KernelWarning, patterns.HungTask, patterns.Lockup, patterns.KernelPanic:
		if fn := e.Fields.Get("func"); fn != "" {
			return "[" + clean(fn) + "]"
		}
	}
	for _, name := range []string{"errno", "status", "reason"} {
		if v := e.Fields.Get(name); v != "" {
			return "[" + clean(v) + "]"
		}
	}
	return ""
}

// clean keeps a fingerprint to characters that go through any tracker's search.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '_', r == '-', r == '.', r == '(', r == ')':
			return r
		case r == ' ':
			return '_'
		}
		return -1
	}, s)
	return s[:min(len(s), 48)]
}
