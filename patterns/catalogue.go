package patterns

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Catalogue is a set of patterns ready to match. It is safe for use by several
// goroutines.
type Catalogue struct {
	patterns []Pattern
	forms    []form
	finder   *Finder
	byLit    [][]int // forms of each literal of the finder
}

// form is one wording with its expression, compiled when it is first needed:
// most logs need a few of the hundreds.
type form struct {
	pattern int
	literal string
	match   string
	once    *sync.Once
	re      *regexp.Regexp
}

// Builtin returns the catalogue that roamfault ships.
func Builtin() *Catalogue { return newCatalogue(builtin[:]) }

// New returns a catalogue of what roamfault ships and of these packs behind
// it. A pattern with the id of a shipped one takes its place.
func New(packs []*Pack) *Catalogue {
	all := slices.Clone(builtin[:])
	for _, pack := range packs {
		for _, p := range pack.Patterns {
			if i := slices.IndexFunc(all, func(q Pattern) bool { return q.ID == p.ID }); i >= 0 {
				all[i] = p.Pattern
				continue
			}
			all = append(all, p.Pattern)
		}
	}
	return newCatalogue(all)
}

func newCatalogue(patterns []Pattern) *Catalogue {
	c := &Catalogue{patterns: patterns}
	index := make(map[string]int)
	var literals []string
	for i := range patterns {
		for _, f := range patterns[i].Forms {
			at, ok := index[f.Literal]
			if !ok {
				at = len(literals)
				index[f.Literal] = at
				literals = append(literals, f.Literal)
				c.byLit = append(c.byLit, nil)
			}
			c.byLit[at] = append(c.byLit[at], len(c.forms))
			c.forms = append(c.forms, form{pattern: i, literal: f.Literal, match: f.Match, once: new(sync.Once)})
		}
	}
	c.finder = NewFinder(literals, nil)
	return c
}

// Patterns returns every pattern in the order of the packs, as the caller's own.
func (c *Catalogue) Patterns() []Pattern { return slices.Clone(c.patterns) }

// Lookup returns the pattern of that id, and nil when there is none.
func (c *Catalogue) Lookup(id string) *Pattern {
	for i := range c.patterns {
		if c.patterns[i].ID == id {
			return &c.patterns[i]
		}
	}
	return nil
}

// Literals returns every literal that the catalogue looks for in raw text, the
// generic ones that find unmatched trouble included, sorted and each once. What
// is only known to be harmless is not looked for.
func (c *Catalogue) Literals() []string {
	all := slices.Clone(troubleLiterals)
	for i := range c.patterns {
		p := &c.patterns[i]
		for _, f := range p.Forms {
			if p.Role != RoleNoise || p.Stage != "" || p.StageFailed != "" || strings.Contains(f.Match, "(?P<tier>") {
				all = append(all, f.Literal)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Finder returns a finder of [Catalogue.Literals] for scanning raw text like
// the sample.
func (c *Catalogue) Finder(sample []byte) *Finder { return NewFinder(c.Literals(), sample) }

// Match is what a message was found to be.
type Match struct {
	Pattern *Pattern
	// Class and Severity of the event, after the pattern's cases. Class is
	// empty when the pattern has a role.
	Class    Class
	Severity Severity
	// Also are further events that the same record tells.
	Also []Class
	// Final tells that the record says that somebody gives up.
	Final   bool
	Fields  Fields
	Subject Subject
	// Body is the message without its subject.
	Body string
}

// Match tells what a message is. It depends on nothing but its arguments, so
// that a result may be kept for every record with the same message and
// identifier. It returns false for a message that no pattern matches.
func (c *Catalogue) Match(identifier, message string) (Match, bool) {
	var hitSpace [16]int
	hits := c.finder.All(hitSpace[:0], message)
	if len(hits) == 0 {
		return Match{}, false
	}
	var candSpace [32]int
	candidates := candSpace[:0]
	for _, lit := range hits {
		for _, f := range c.byLit[lit] {
			if !slices.Contains(candidates, f) {
				candidates = append(candidates, f)
			}
		}
	}
	slices.SortFunc(candidates, func(a, b int) int {
		fa, fb := &c.forms[a], &c.forms[b]
		if d := c.patterns[fb.pattern].Priority - c.patterns[fa.pattern].Priority; d != 0 {
			return d
		}
		if d := len(fb.literal) - len(fa.literal); d != 0 {
			return d
		}
		return a - b
	})
	subject, body := SplitSubject(message)
	for _, f := range candidates {
		p := &c.patterns[c.forms[f].pattern]
		if !p.saidBy(identifier, subject) {
			continue
		}
		fields, ok := c.forms[f].fields(body, message)
		if !ok {
			continue
		}
		m := Match{Pattern: p, Class: p.Class, Severity: p.Severity, Final: p.Final, Fields: fields, Subject: subject, Body: body}
		m.applyCases()
		return m, true
	}
	return Match{}, false
}

// saidBy reports whether the pattern may come from that identifier and subject.
func (p *Pattern) saidBy(identifier string, s Subject) bool {
	if len(p.Identifiers) > 0 && identifier != "" && !anyGlob(p.Identifiers, identifier) {
		return false
	}
	if len(p.Drivers) == 0 {
		return true
	}
	if s.Driver == "" {
		return !p.Strict
	}
	return anyGlob(p.Drivers, s.Driver)
}

// fields runs the form's expression. A form without one asks for its literal.
func (f *form) fields(body, message string) (Fields, bool) {
	if f.match == "" {
		return nil, strings.Contains(message, f.literal)
	}
	f.once.Do(func() { f.re, _ = regexp.Compile(f.match) }) // packs are checked when they are read
	if f.re == nil {
		return nil, false
	}
	at := f.re.FindStringSubmatchIndex(body)
	if at == nil {
		return nil, false
	}
	var fields Fields
	for i, name := range f.re.SubexpNames() {
		if name == "" || at[2*i] < 0 {
			continue
		}
		value := strings.TrimSpace(body[at[2*i]:at[2*i+1]])
		if value != "" && fields.Get(name) == "" {
			fields = append(fields, Field{name, value})
		}
	}
	return fields, true
}

func (m *Match) applyCases() {
	for _, cs := range m.Pattern.Cases {
		if !slices.Contains(cs.In, m.Fields.Get(cs.Field)) {
			continue
		}
		if cs.Class != "" {
			m.Class = cs.Class
			info, _ := cs.Class.Info()
			m.Severity = info.Severity
		}
		if s, ok := ParseSeverity(cs.Severity); ok && cs.Severity != "" {
			m.Severity = s
		}
		if cs.Also != "" {
			m.Also = append(m.Also, cs.Also)
		}
		m.Final = m.Final || cs.Final
	}
}

func anyGlob(globs []string, name string) bool {
	for _, g := range globs {
		if prefix, ok := strings.CutSuffix(g, "*"); ok && !strings.ContainsAny(prefix, "*?[\\") {
			if strings.HasPrefix(name, prefix) {
				return true
			}
			continue
		}
		if ok, err := path.Match(g, name); ok && err == nil {
			return true
		}
	}
	return false
}
