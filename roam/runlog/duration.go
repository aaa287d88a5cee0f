package runlog

import (
	"fmt"
	"strings"
	"time"
)

// String gives the duration as text: "90s" is "1m30s".
func (d Duration) String() string { return durationText(time.Duration(d)) }

// MarshalText gives the duration as String does.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads a duration with its unit, as in "90s" or "2h30m".
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := parseDuration(string(text))
	if err != nil {
		return err
	}
	*d = Duration(parsed)
	return nil
}

// Fixed reports whether there is nothing to draw.
func (r Range) Fixed() bool { return r.Min == r.Max }

// String gives the range as text: "2s", or "1s..5s".
func (r Range) String() string {
	if r.Fixed() {
		return durationText(r.Min)
	}
	return durationText(r.Min) + ".." + durationText(r.Max)
}

// MarshalText gives the range as String does.
func (r Range) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads what [ParseRange] reads.
func (r *Range) UnmarshalText(text []byte) error {
	parsed, err := ParseRange(string(text))
	if err != nil {
		return err
	}
	*r = parsed
	return nil
}

// ParseRange reads one duration, or two with ".." between them, the shorter one
// first.
func ParseRange(text string) (Range, error) {
	lower, upper, two := strings.Cut(text, "..")
	least, err := parseDuration(lower)
	if err != nil {
		return Range{}, err
	}
	if !two {
		return Range{Min: least, Max: least}, nil
	}
	most, err := parseDuration(upper)
	if err != nil {
		return Range{}, err
	}
	if most < least {
		return Range{}, fmt.Errorf("range %q: the longer time comes last", text)
	}
	return Range{Min: least, Max: most}, nil
}

func parseDuration(text string) (time.Duration, error) {
	text = strings.TrimSpace(text)
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, fmt.Errorf("%q is no duration: a number with its unit is wanted, as in 500ms, 90s, 2h30m", text)
	}
	return d, nil
}

// durationText is time.Duration's without the zeros at its end, "1h" for
// "1h0m0s".
func durationText(d time.Duration) string {
	s := d.String()
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(s, zero) {
			s = s[:len(s)-2]
		}
	}
	return s
}
