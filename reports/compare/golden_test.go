package compare

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"roamfault/reports/schema"
	"roamfault/roam/runlog"
)

var update = flag.Bool("update", false, "write the goldens anew")

// writers make each document.
var writers = map[string]func(*Comparison, io.Writer) error{
	"txt":       func(c *Comparison, w io.Writer) error { return c.WriteText(w, TextOptions{}) },
	"color.txt": func(c *Comparison, w io.Writer) error { return c.WriteText(w, TextOptions{Color: true}) },
	"md":        (*Comparison).WriteMarkdown,
	"json":      (*Comparison).WriteJSON,
	"xml":       (*Comparison).WriteJUnit,
	"ktap":      (*Comparison).WriteKTAP,
	"prom":      (*Comparison).WritePrometheus,
}

func samples(t *testing.T) map[string]*Comparison {
	t.Helper()
	out := make(map[string]*Comparison)
	for name, c := range map[string]struct {
		arms func() (*Arm, *Arm)
		o    Options
	}{
		"worse":    {pair, Options{}},
		"better":   {func() (*Arm, *Arm) { a, b := pair(); return b, a }, Options{EndPoint: FirstFault}},
		"hourly":   {pair, Options{EndPoint: PerHour}},
		"injected": {pair, Options{Origin: runlog.Injected}},
		"same":     {same, Options{}},
		"turns":    {turns, Options{}},
		"patterns": {reread, Options{EndPoint: PerHour}},
		"empty":    {func() (*Arm, *Arm) { return NewArm("old"), NewArm("new") }, Options{}},
		"poisoned": {poisoned, Options{}},
	} {
		a, b := c.arms()
		got, err := Compare(a, b, c.o)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = got
	}
	return out
}

func TestGoldens(t *testing.T) {
	for name, c := range samples(t) {
		for extension, write := range writers {
			t.Run(name+"."+extension, func(t *testing.T) {
				var b bytes.Buffer
				if err := write(c, &b); err != nil {
					t.Fatal(err)
				}
				golden(t, name+"."+extension, b.Bytes())
			})
		}
	}
	var b bytes.Buffer
	p, err := Plan(0.02, 0.10, 0.05, 0.9, 25, 0.05)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	golden(t, "plan.txt", b.Bytes())
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (run with -update)", err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", path, diff)
	}
}

func TestJSONIsAsItsSchemaSays(t *testing.T) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema.Comparison))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range samples(t) {
		var b bytes.Buffer
		if err := c.WriteJSON(&b); err != nil {
			t.Fatal(err)
		}
		value, err := jsonschema.UnmarshalJSON(&b)
		if err != nil {
			t.Fatal(err)
		}
		if err := compiled.Validate(value); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		broken := value.(map[string]any)
		broken["verdict"] = "fine"
		if compiled.Validate(broken) == nil {
			t.Errorf("%s: the schema takes any verdict", name)
		}
	}
}

// Whatever the runs say, no document has a control character, and each is one of
// its kind.
func TestPoisonIsHarmless(t *testing.T) {
	c := samples(t)["poisoned"]
	for extension, write := range writers {
		var b bytes.Buffer
		if err := write(c, &b); err != nil {
			t.Fatal(err)
		}
		if extension == "color.txt" {
			continue
		}
		for _, r := range b.String() {
			if r < ' ' && r != '\n' || r == 0x202e || r == 0x7f || r == 0xfffd {
				t.Errorf("%s: %U", extension, r)
			}
		}
	}
	var b bytes.Buffer
	_ = c.WriteJUnit(&b)
	var suite struct {
		Cases []struct {
			Name string `xml:"name,attr"`
		} `xml:"testcase"`
	}
	if err := xml.Unmarshal(b.Bytes(), &suite); err != nil || len(suite.Cases) != len(c.Classes)+1 {
		t.Errorf("JUnit: %v, %d cases", err, len(suite.Cases))
	}
	b.Reset()
	_ = c.WriteJSON(&b)
	if !json.Valid(b.Bytes()) {
		t.Error("JSON is none")
	}
	b.Reset()
	_ = c.WriteMarkdown(&b)
	spans := regexp.MustCompile("(`+)(?:[^`]|[^`]`+[^`])+?`+").ReplaceAllString(b.String(), "")
	for _, live := range []string{"<script", "@you", "#1", "\x1b"} {
		if strings.Contains(spans, live) {
			t.Errorf("Markdown: %q is live", live)
		}
	}
	b.Reset()
	_ = c.WritePrometheus(&b)
	sample := regexp.MustCompile(`^[a-z_]+\{([a-z]+="([^"\\]|\\.)*",?)+\} [-+0-9.e]+$`)
	for line := range strings.Lines(b.String()) {
		if line = strings.TrimSuffix(line, "\n"); !strings.HasPrefix(line, "# ") && !sample.MatchString(line) {
			t.Errorf("Prometheus: %s", line)
		}
	}
	b.Reset()
	_ = c.WriteKTAP(&b)
	result := regexp.MustCompile(`^(KTAP version 1|1\.\.\d+|(not )?ok \d+ [^#]*( # SKIP [^#]*)?|# [^#]*)$`)
	for line := range strings.Lines(b.String()) {
		if !result.MatchString(strings.TrimSuffix(line, "\n")) {
			t.Errorf("KTAP: %s", line)
		}
	}
}
