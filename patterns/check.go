package patterns

import (
	"embed"
	"fmt"
	"maps"
	"slices"
)

//go:embed packs/*.yaml
var shipped embed.FS

// Shipped reads the packs that roamfault ships, with their samples. Matching
// does not need them: see [Builtin].
func Shipped() ([]*Pack, error) { return ReadPacks(shipped, "packs") }

// CheckResult is what came out of checking packs.
type CheckResult struct {
	Packs, Patterns, Samples, Never int
	// Failures tell file, line and what went wrong, one for each sample.
	Failures []error
}

// Check runs every sample of the packs against a catalogue that holds all of
// them and the shipped ones: a sample must be matched by its own pattern with
// the fields it names, a text under never must not be.
func Check(packs []*Pack) CheckResult {
	c := New(packs)
	r := CheckResult{Packs: len(packs)}
	for _, pack := range packs {
		for _, p := range pack.Patterns {
			r.Patterns++
			fail := func(format string, args ...any) {
				r.Failures = append(r.Failures, fmt.Errorf("%s:%d: %s: %s", pack.File, p.Line, p.ID, fmt.Sprintf(format, args...)))
			}
			for _, s := range p.Samples {
				r.Samples++
				if msg := c.checkSample(p, s); msg != "" {
					fail("sample %q: %s", s.Text, msg)
				}
			}
			for _, text := range p.Never {
				r.Never++
				if m, ok := c.Match("", text); ok && m.Pattern.ID == p.ID {
					fail("matches %q, which stands under never", text)
				}
			}
		}
	}
	return r
}

// checkSample returns what is wrong with a sample, and "" when nothing is.
func (c *Catalogue) checkSample(p PackPattern, s Sample) string {
	m, ok := c.Match(s.By, s.Text)
	switch {
	case !ok:
		return "nothing matches"
	case m.Pattern.ID != p.ID:
		return fmt.Sprintf("%s matches instead", m.Pattern.ID)
	}
	want := p.Class
	if s.Class != "" {
		want = s.Class
	}
	if m.Class != want {
		return fmt.Sprintf("class %s, want %s", m.Class, want)
	}
	if s.Severity != "" && m.Severity.String() != s.Severity {
		return fmt.Sprintf("severity %s, want %s", m.Severity, s.Severity)
	}
	if s.Also != "" && !slices.Contains(m.Also, s.Also) {
		return fmt.Sprintf("no second event %s", s.Also)
	}
	if s.Device != "" && m.Subject.String() != s.Device {
		return fmt.Sprintf("device %q, want %q", m.Subject.String(), s.Device)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Fields)) {
		if got := m.Fields.Get(name); got != s.Fields[name] {
			return fmt.Sprintf("field %s is %q, want %q", name, got, s.Fields[name])
		}
	}
	return ""
}
