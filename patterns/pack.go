package patterns

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// MinLiteral is the shortest literal that a form may have: the scanner over
// raw bytes leaps over what cannot hold one.
const MinLiteral = 7

// Pack is one file of patterns with its samples.
type Pack struct {
	Name     string
	About    string
	File     string
	Patterns []PackPattern
}

// PackPattern is a pattern with what only its pack knows: its samples.
type PackPattern struct {
	Pattern
	Line    int // where it begins in the file
	Samples []Sample
	Never   []string
}

// Sample is a message that must match, and what must come out.
type Sample struct {
	Text     string
	By       string // syslog identifier, "" for any
	Fields   map[string]string
	Class    Class  // when a case changes it
	Severity string // likewise
	Also     Class  // a second event that must come
	Device   string // how the subject must read
}

// The shapes of the YAML file. Every scalar that is checked beyond its type
// keeps the line it stands on.

type packFile struct {
	Pack        word          `yaml:"pack"`
	About       string        `yaml:"about"`
	Drivers     []string      `yaml:"drivers"`
	Identifiers []string      `yaml:"identifiers"`
	Patterns    []patternFile `yaml:"patterns"`
}

type patternFile struct {
	ID          word         `yaml:"id"`
	Class       word         `yaml:"class"`
	Role        word         `yaml:"role"`
	Severity    word         `yaml:"severity"`
	Forms       []formFile   `yaml:"forms"`
	Drivers     []string     `yaml:"drivers"`
	Identifiers []string     `yaml:"identifiers"`
	Strict      bool         `yaml:"strict"`
	Priority    int          `yaml:"priority"`
	Phase       word         `yaml:"phase"`
	Layer       word         `yaml:"layer"`
	Final       bool         `yaml:"final"`
	AnyDevice   bool         `yaml:"any-device"`
	Splat       bool         `yaml:"splat"`
	Stage       word         `yaml:"stage"`
	StageFailed word         `yaml:"stage-failed"`
	Cases       []caseFile   `yaml:"cases"`
	Meaning     string       `yaml:"meaning"`
	Advice      string       `yaml:"advice"`
	Source      string       `yaml:"source"`
	Kernels     string       `yaml:"kernels"`
	Samples     []sampleFile `yaml:"samples"`
	Never       []string     `yaml:"never"`
}

type formFile struct {
	Literal word `yaml:"literal"`
	Match   word `yaml:"match"`
}

type caseFile struct {
	Field    word     `yaml:"field"`
	In       []string `yaml:"in"`
	Class    word     `yaml:"class"`
	Severity word     `yaml:"severity"`
	Also     word     `yaml:"also"`
	Final    bool     `yaml:"final"`
}

type sampleBody struct {
	Text     string            `yaml:"text"`
	By       string            `yaml:"by"`
	Fields   map[string]string `yaml:"fields"`
	Class    word              `yaml:"class"`
	Severity word              `yaml:"severity"`
	Also     word              `yaml:"also"`
	Device   string            `yaml:"device"`
}

// sampleFile is a text alone or a mapping.
type sampleFile struct{ sampleBody }

func (s *sampleFile) UnmarshalYAML(node ast.Node) error {
	if text, ok := node.(ast.ScalarNode); ok {
		return yaml.NodeToValue(text, &s.Text, yaml.Strict())
	}
	return yaml.NodeToValue(node, &s.sampleBody, yaml.Strict())
}

// word is a string that knows its line.
type word struct {
	text string
	line int
}

func (w *word) UnmarshalYAML(node ast.Node) error {
	w.line = node.GetToken().Position.Line
	return yaml.NodeToValue(node, &w.text)
}

// ReadPack reads one pack. Every error names the file and the line.
func ReadPack(file string, r io.Reader) (*Pack, error) {
	const limit = 4 << 20
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, fmt.Errorf("read pack %s: %w", file, err)
	}
	if len(data) > limit {
		return nil, fmt.Errorf("read pack %s: larger than %d bytes", file, limit)
	}
	var raw packFile
	if err := yaml.UnmarshalWithOptions(data, &raw, yaml.Strict()); err != nil {
		return nil, yamlError(file, err)
	}
	c := &packChecker{file: file}
	pack := c.pack(raw)
	if err := errors.Join(c.errs...); err != nil {
		return nil, err
	}
	return pack, nil
}

// yamlError puts the file and line of a decoder's complaint in front of it.
func yamlError(file string, err error) error {
	var at yaml.Error
	if errors.As(err, &at) && at.GetToken() != nil {
		return fmt.Errorf("%s:%d: %s", file, at.GetToken().Position.Line, at.GetMessage())
	}
	return fmt.Errorf("%s:1: %s", file, strings.TrimSpace(err.Error()))
}

// packChecker turns the file's shape into patterns and collects what is wrong.
type packChecker struct {
	file string
	name string
	errs []error
}

func (c *packChecker) fail(line int, format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf("%s:%d: %s", c.file, max(line, 1), fmt.Sprintf(format, args...)))
}

var (
	idShape = regexp.MustCompile(`^[a-z0-9]+([-.][a-z0-9]+)*$`)
	macros  = strings.NewReplacer(
		"{mac}", `(?:(?:[0-9A-Fa-fXx*]{2}[:-]){5}[0-9A-Fa-fXx*]{2}|<[\w -]{1,24}>|\[?(?i:redacted|sanitized|mac|bssid|hidden)\]?)`,
		"{bdf}", `[0-9A-Fa-f]{4}:[0-9A-Fa-f]{2}:[0-9A-Fa-f]{2}\.[0-7]`,
		"{hex}", `(?:0[xX])?[0-9A-Fa-f]+`,
		"{int}", `[-+]?[0-9]+`,
		"{if}", `[A-Za-z][\w.-]{1,14}`,
		"{word}", `\S+`,
	)
)

func (c *packChecker) pack(raw packFile) *Pack {
	c.name = raw.Pack.text
	if !idShape.MatchString(c.name) {
		c.fail(raw.Pack.line, "pack: %q is no name: lower-case letters, digits and - only", c.name)
	}
	pack := &Pack{Name: c.name, About: raw.About, File: c.file}
	seen := make(map[string]int)
	for _, rp := range raw.Patterns {
		p := c.pattern(rp, raw)
		if at, ok := seen[p.ID]; ok {
			c.fail(rp.ID.line, "pattern %s stands at line %d already", p.ID, at)
		}
		seen[p.ID] = rp.ID.line
		pack.Patterns = append(pack.Patterns, p)
	}
	return pack
}

func (c *packChecker) pattern(raw patternFile, file packFile) PackPattern {
	line := raw.ID.line
	p := PackPattern{Line: line, Never: raw.Never, Pattern: Pattern{
		ID: c.name + "." + raw.ID.text, Role: Role(raw.Role.text), Strict: raw.Strict, Priority: raw.Priority,
		Final: raw.Final, AnyDevice: raw.AnyDevice, Splat: raw.Splat, Meaning: oneLine(raw.Meaning), Advice: oneLine(raw.Advice), Source: raw.Source, Kernels: raw.Kernels,
		Drivers: raw.Drivers, Identifiers: raw.Identifiers,
		Phase: c.oneOf(raw.Phase, "phase", phases), Layer: c.oneOf(raw.Layer, "layer", layers),
		Stage: c.oneOf(raw.Stage, "stage", stages), StageFailed: c.oneOf(raw.StageFailed, "stage-failed", stages),
	}}
	if raw.Drivers == nil {
		p.Drivers = file.Drivers
	}
	if raw.Identifiers == nil {
		p.Identifiers = file.Identifiers
	}
	for _, g := range slices.Concat(p.Drivers, p.Identifiers) {
		if _, err := path.Match(g, ""); err != nil {
			c.fail(line, "%s: glob %q: %v", p.ID, g, err)
		}
	}
	if !idShape.MatchString(raw.ID.text) {
		c.fail(line, "id: %q is no name: lower-case letters, digits and - only", raw.ID.text)
	}
	switch {
	case raw.Class.text != "" && raw.Role.text != "":
		c.fail(raw.Role.line, "%s: has a class and a role; one of them", p.ID)
	case raw.Class.text == "" && raw.Role.text == "":
		c.fail(line, "%s: neither class nor role", p.ID)
	case raw.Role.text != "":
		if !slices.Contains(roles, p.Role) {
			c.fail(raw.Role.line, "%s: unknown role %q%s", p.ID, raw.Role.text, nearest(raw.Role.text, stringsOf(roles)))
		}
	default:
		p.Class = c.class(raw.Class)
		info, _ := p.Class.Info()
		p.Severity = info.Severity
	}
	if raw.Severity.text != "" {
		p.Severity = c.severity(raw.Severity)
		if p.Role != "" {
			c.fail(raw.Severity.line, "%s: a role has no severity", p.ID)
		}
	}
	if len(raw.Forms) == 0 {
		c.fail(line, "%s: no forms", p.ID)
	}
	groups := make(map[string]bool)
	for _, f := range raw.Forms {
		p.Forms = append(p.Forms, c.form(p.ID, line, f, groups))
	}
	for _, rc := range raw.Cases {
		cs := Case{Field: rc.Field.text, In: rc.In, Final: rc.Final}
		if !groups[cs.Field] {
			c.fail(max(rc.Field.line, line), "%s: case of field %q, which no form has", p.ID, cs.Field)
		}
		if rc.Class.text != "" {
			cs.Class = c.class(rc.Class)
		}
		if rc.Also.text != "" {
			cs.Also = c.class(rc.Also)
		}
		if rc.Severity.text != "" {
			cs.Severity = c.severity(rc.Severity).String()
		}
		p.Cases = append(p.Cases, cs)
	}
	if len(raw.Samples) == 0 {
		c.fail(line, "%s: no samples", p.ID)
	}
	for _, rs := range raw.Samples {
		s := Sample{Text: rs.Text, By: rs.By, Fields: rs.Fields, Device: rs.Device}
		if rs.Class.text != "" {
			s.Class = c.class(rs.Class)
		}
		if rs.Also.text != "" {
			s.Also = c.class(rs.Also)
		}
		if rs.Severity.text != "" {
			s.Severity = c.severity(rs.Severity).String()
		}
		p.Samples = append(p.Samples, s)
	}
	return p
}

func (c *packChecker) form(id string, line int, raw formFile, groups map[string]bool) Form {
	f := Form{Literal: raw.Literal.text, Match: macros.Replace(raw.Match.text)}
	line = max(line, raw.Literal.line)
	if len(f.Literal) < MinLiteral {
		c.fail(line, "%s: literal %q is shorter than %d bytes", id, f.Literal, MinLiteral)
	}
	if strings.ContainsAny(f.Literal, "\n\r\x00") {
		c.fail(line, "%s: literal holds a line break", id)
	}
	if f.Match == "" {
		return f
	}
	re, err := regexp.Compile(f.Match)
	if err != nil {
		c.fail(raw.Match.line, "%s: match: %v", id, err)
		return f
	}
	for _, g := range re.SubexpNames() {
		if g == "" {
			continue
		}
		if fieldVocabulary[g] == noField {
			c.fail(raw.Match.line, "%s: unknown field %q%s", id, g, nearest(g, strings.Fields(textFields+" "+numberFields)))
		}
		groups[g] = true
	}
	return f
}

func (c *packChecker) class(w word) Class {
	if _, ok := Class(w.text).Info(); !ok {
		names := make([]string, len(vocabulary))
		for i := range vocabulary {
			names[i] = string(vocabulary[i].Class)
		}
		c.fail(w.line, "unknown class %q%s", w.text, nearest(w.text, names))
	}
	return Class(w.text)
}

func (c *packChecker) severity(w word) Severity {
	s, ok := ParseSeverity(w.text)
	if !ok {
		c.fail(w.line, "unknown severity %q: info, warn, error or fatal", w.text)
	}
	return s
}

func (c *packChecker) oneOf(w word, key string, allowed []string) string {
	if w.text != "" && !slices.Contains(allowed, w.text) {
		c.fail(w.line, "unknown %s %q: %s", key, w.text, strings.Join(allowed, ", "))
	}
	return w.text
}

// nearest suggests the name that a misspelt one was likely meant to be.
func nearest(name string, names []string) string {
	best, distance := "", len(name)/3+1
	for _, n := range names {
		if d := editDistance(name, n); d <= distance && (best == "" || d < distance) {
			best, distance = n, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean %q?)", best)
}

// editDistance is Levenshtein's.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

func stringsOf[T ~string](in []T) []string {
	out := make([]string, len(in))
	for i, s := range in {
		out[i] = string(s)
	}
	return out
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// ReadPacks reads every *.yaml and *.yml of a directory in the order of their
// names.
func ReadPacks(fsys fs.FS, dir string) ([]*Pack, error) {
	entries, err := fs.ReadDir(fsys, dir)
	if err != nil {
		return nil, fmt.Errorf("read packs: %w", err)
	}
	var packs []*Pack
	var errs []error
	for _, e := range entries {
		if ext := path.Ext(e.Name()); e.IsDir() || ext != ".yaml" && ext != ".yml" {
			continue
		}
		file := path.Join(dir, e.Name())
		pack, err := readPackFile(fsys, file)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		packs = append(packs, pack)
	}
	return packs, errors.Join(errs...)
}

func readPackFile(fsys fs.FS, file string) (*Pack, error) {
	f, err := fsys.Open(file)
	if err != nil {
		return nil, fmt.Errorf("read pack: %w", err)
	}
	defer f.Close()
	return ReadPack(file, f)
}
