package render

import "roamfault/patterns"

// paint writes ECMA-48 graphic renditions when it is on.
type paint bool

func (p paint) in(sgr, s string) string {
	if !p || s == "" || sgr == "" {
		return s
	}
	return "\x1b[" + sgr + "m" + s + "\x1b[0m"
}

func (p paint) bold(s string) string  { return p.in("1", s) }
func (p paint) faint(s string) string { return p.in("2", s) }
func (p paint) label(s string) string { return p.in("36", s) }
func (p paint) mark(s string) string  { return p.in("1;36", s) }

// severities are the colours of a time line's classes.
var severities = map[patterns.Severity]string{patterns.Info: "2", patterns.Warn: "33", patterns.Error: "31", patterns.Fatal: "1;31"}

func (p paint) severity(v patterns.Severity, s string) string { return p.in(severities[v], s) }
