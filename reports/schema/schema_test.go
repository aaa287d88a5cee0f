package schema

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

func parsed(t *testing.T) map[string]any {
	t.Helper()
	var doc map[string]any
	if err := json.Unmarshal(Analysis, &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

// A schema that says of a key only its type helps nobody.
func TestEverythingIsDescribed(t *testing.T) {
	var walk func(path string, node any)
	walk = func(path string, node any) {
		switch v := node.(type) {
		case []any:
			for n, e := range v {
				walk(fmt.Sprintf("%s/%d", path, n), e)
			}
		case map[string]any:
			if v["type"] == "object" && v["properties"] != nil && v["additionalProperties"] != false {
				t.Errorf("%s: an object that takes keys it does not describe", path)
			}
			properties, _ := v["properties"].(map[string]any)
			for name, p := range properties {
				if d, _ := p.(map[string]any)["description"].(string); d == "" {
					t.Errorf("%s/properties/%s: no description", path, name)
				}
			}
			required, _ := v["required"].([]any)
			for _, name := range required {
				if properties != nil && properties[name.(string)] == nil {
					t.Errorf("%s: requires %s, which it does not describe", path, name)
				}
			}
			for name, child := range v {
				walk(path+"/"+name, child)
			}
		}
	}
	walk("", parsed(t))
}

func TestVersion(t *testing.T) {
	doc := parsed(t)
	got := []any{doc["$schema"], doc["properties"].(map[string]any)["schema"].(map[string]any)["const"]}
	if diff := cmp.Diff([]any{"https://json-schema.org/draft/2020-12/schema", AnalysisID}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// All that version 1 promises: taking one away breaks its readers.
func TestRequiredKeysStay(t *testing.T) {
	defs := parsed(t)["$defs"].(map[string]any)
	want := map[string][]string{
		"event":     {"class", "device", "fields", "file", "identifier", "incident", "line", "message", "pattern", "severity", "time"},
		"input":     {"bytes", "compression", "formats", "lines", "path", "records", "skipped"},
		"unmatched": {"count", "example", "file", "identifier", "line", "template"},
		"incident": {"advice", "boot", "chip", "collateral", "confidence", "cut_short", "dead_commands", "device", "events", "events_total", "evidence", "facts",
			"file", "fingerprint", "firmware", "first_line", "first_time", "from", "host", "id", "last_line", "last_time", "lasted_ms", "layer", "outage_ms", "outcome",
			"parent", "phase", "quote", "recovery_ms", "rev", "root", "root_line", "seq_gaps", "severity", "steps", "summary", "tier", "title", "to", "trigger",
			"trigger_line", "worst", "worst_line"},
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		var got []string
		for _, key := range defs[name].(map[string]any)["required"].([]any) {
			got = append(got, key.(string))
		}
		slices.Sort(got)
		if diff := cmp.Diff(want[name], got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestCompiles(t *testing.T) {
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("analysis.json", any(parsed(t))); err != nil {
		t.Fatal(err)
	}
	for _, fragment := range []string{"", "#/$defs/line"} {
		if _, err := c.Compile("analysis.json" + fragment); err != nil {
			t.Errorf("%q: %v", fragment, err)
		}
	}
}
