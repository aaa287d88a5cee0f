package runlog

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"roamfault/nl80211/dot11"
)

// MaxPlan is how large a plan's file is at most, in bytes.
const MaxPlan = 64 << 10

// ReadPlan reads a plan in YAML, gives it its defaults and validates it. The name
// of the file stands in the errors, which are [Problem]s, joined where there are
// several.
func ReadPlan(file string, r io.Reader) (Plan, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxPlan+1))
	if err != nil {
		return Plan{}, fmt.Errorf("read plan %s: %w", file, err)
	}
	if len(data) > MaxPlan {
		return Plan{}, fmt.Errorf("read plan %s: it is larger than %d bytes", file, MaxPlan)
	}
	return ParsePlan(file, data)
}

// ParsePlan is ReadPlan of what was read.
func ParsePlan(file string, data []byte) (Plan, error) {
	f := planFile{name: file, lines: make(map[string]int)}
	body, err := f.parse(data)
	if err != nil {
		return Plan{}, err
	}
	var p Plan
	ast.Walk(&f, body)
	if len(f.errs) > 0 {
		return Plan{}, errors.Join(f.errs...)
	}
	if err := yaml.NodeToValue(body, &p, yaml.Strict()); err != nil {
		return Plan{}, f.complaint(err)
	}
	p = p.WithDefaults()
	for _, problem := range p.problems() {
		problem.File, problem.Line = file, f.line(problem.Path)
		f.errs = append(f.errs, problem)
	}
	if err := errors.Join(f.errs...); err != nil {
		return Plan{}, err
	}
	return p, nil
}

// YAML gives the plan as a file that ParsePlan reads.
func (p *Plan) YAML() ([]byte, error) {
	b, err := yaml.MarshalWithOptions(p, yaml.OmitZero())
	if err != nil {
		return nil, fmt.Errorf("write plan %s: %w", p.Name, err)
	}
	return b, nil
}

// planFile is a file on its way into a plan.
type planFile struct {
	name  string
	lines map[string]int // by path
	errs  []error
}

func (f *planFile) parse(data []byte) (ast.Node, error) {
	tree, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, f.complaint(err)
	}
	var body ast.Node
	for _, doc := range tree.Docs {
		if doc.Body == nil || doc.Body.Type() == ast.CommentType {
			continue
		}
		if body != nil {
			return nil, &Problem{File: f.name, Line: lineOf(doc.Body), Text: "a second document begins here: one file is one plan"}
		}
		body = doc.Body
	}
	if body == nil {
		return nil, &Problem{File: f.name, Line: 1, Text: "the file is empty"}
	}
	return body, nil
}

// Visit notes where keys stand, and checks the values whose complaints the
// decoder has without a line. It is for ast.Walk.
func (f *planFile) Visit(n ast.Node) ast.Visitor {
	path := strings.TrimPrefix(strings.TrimPrefix(n.GetPath(), "$"), ".")
	if _, there := f.lines[path]; !there {
		f.lines[path] = lineOf(n)
	}
	if pair, ok := n.(*ast.MappingValueNode); ok {
		ast.Walk(f, pair.Value) // the key has the path of its value
		return nil
	}
	scalar, ok := n.(ast.ScalarNode)
	if !ok || n.Type() == ast.NullType {
		return f
	}
	if err := ruleOf(path)(fmt.Sprint(scalar.GetValue()), n); err != nil {
		f.errs = append(f.errs, &Problem{File: f.name, Line: lineOf(n), Path: path, Text: err.Error()})
	}
	return f
}

// ruleOf returns the check of a value by its path.
func ruleOf(path string) func(text string, n ast.Node) error {
	parse := func(read func(string) error) func(string, ast.Node) error {
		return func(text string, _ ast.Node) error { return read(text) }
	}
	if i := strings.LastIndexByte(path, '['); i >= 0 && strings.HasSuffix(path, "]") {
		path = path[:i]
	}
	switch path {
	case "duration", "settle", "timeout", "probe.interval":
		return parse(func(s string) error { _, err := parseDuration(s); return err })
	case "dwell":
		return parse(func(s string) error { _, err := ParseRange(s); return err })
	case "targets.ssid":
		return parse(func(s string) error { _, err := ParseSSID(s); return err })
	case "targets.mld", "targets.bssid":
		return parse(func(s string) error { _, err := dot11.ParseAddr(s); return err })
	case "targets.bands":
		return parse(func(s string) error { return new(dot11.Band).UnmarshalText([]byte(s)) })
	case "probe.rate":
		return func(string, ast.Node) error { return nil }
	}
	return func(text string, n ast.Node) error {
		if n.Type() == ast.FloatType {
			return fmt.Errorf("%s: a whole number is wanted", text)
		}
		return nil
	}
}

// line returns where a path stands, or the nearest that holds it.
func (f *planFile) line(path string) int {
	for path != "" {
		if n, ok := f.lines[path]; ok {
			return n
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
	return 1
}

// complaint gives a complaint of the YAML library its file and line, and an
// unknown key a suggestion.
func (f *planFile) complaint(err error) error {
	p := &Problem{File: f.name, Line: 1, Text: strings.TrimSpace(err.Error())}
	var y yaml.Error
	if errors.As(err, &y) && y.GetToken() != nil {
		t := y.GetToken()
		p.Line, p.Text = t.Position.Line, y.GetMessage()
		var unknown *yaml.UnknownFieldError
		if errors.As(err, &unknown) {
			p.Text = unknownKey(t)
		}
	}
	return p
}

func unknownKey(t *token.Token) string {
	return fmt.Sprintf("unknown key %q%s", t.Value, meant(t.Value, keysOf(reflect.TypeFor[Plan]())))
}

// keysOf are the keys of a plan, with those of what it holds.
func keysOf(t reflect.Type) []string {
	var keys []string
	for i := range t.NumField() {
		field := t.Field(i)
		if key := field.Tag.Get("yaml"); key != "" {
			keys = append(keys, key)
		}
		inner := field.Type
		if inner.Kind() == reflect.Slice {
			inner = inner.Elem()
		}
		if inner.Kind() == reflect.Struct {
			keys = append(keys, keysOf(inner)...)
		}
	}
	return keys
}

func lineOf(n ast.Node) int {
	if t := n.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line
	}
	return 1
}
