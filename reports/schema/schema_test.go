package schema

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// parsed are the schemas by the names of their documents.
func parsed(t *testing.T) map[string]map[string]any {
	t.Helper()
	all := make(map[string]map[string]any)
	for _, d := range Documents() {
		var doc map[string]any
		if err := json.Unmarshal(d.Schema, &doc); err != nil {
			t.Fatalf("%s: %v", d.ID, err)
		}
		all[d.ID] = doc
	}
	return all
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
	for id, doc := range parsed(t) {
		walk(id, doc)
	}
}

// The name of a document leads to its schema, which says the same name.
func TestNames(t *testing.T) {
	var files []string
	for _, d := range Documents() {
		short := strings.TrimPrefix(d.ID, "roamfault/")
		files = append(files, strings.ReplaceAll(short, "/", "-")+".schema.json")
		doc := parsed(t)[d.ID]
		got := []any{doc["$schema"], doc["$id"], doc["properties"].(map[string]any)["schema"].(map[string]any)["const"]}
		want := []any{"https://json-schema.org/draft/2020-12/schema", "urn:roamfault:" + strings.ReplaceAll(short, "/", ":"), d.ID}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", d.ID, diff)
		}
		if d.What == "" {
			t.Errorf("%s: nobody says where it comes from", d.ID)
		}
	}
	list, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var have []string
	for _, f := range list {
		if strings.HasSuffix(f.Name(), ".json") {
			have = append(have, f.Name())
		}
	}
	slices.Sort(files)
	if diff := cmp.Diff(files, have); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

// Each schema stands alone, so that what several have in common stands in each
// of them: in the same words.
func TestCommonDefinitionsAgree(t *testing.T) {
	all := parsed(t)
	for _, common := range []struct {
		a, b  string
		names []string
	}{
		{AnalysisID, WatchID, []string{"class", "severity", "line_number", "time", "milliseconds", "event", "incident", "place"}},
		{AnalysisID, ExplanationID, []string{"class", "severity"}},
		{AnalysisID, BootsID, []string{"time"}},
		{BootsID, WatchBootsID, []string{"module"}},
		{RunID, SceneID, []string{"addr", "ssid", "duration", "link", "ap", "kind", "targets", "plan"}},
	} {
		a, b := all[common.a]["$defs"].(map[string]any), all[common.b]["$defs"].(map[string]any)
		for _, name := range common.names {
			if diff := cmp.Diff(a[name], b[name]); diff != "" || a[name] == nil {
				t.Errorf("%s (-%s +%s):\n%s", name, common.a, common.b, diff)
			}
		}
	}
}

// required are the keys that a schema promises, by the path of the object.
func required(node any, path string, out map[string][]string) {
	v, ok := node.(map[string]any)
	if !ok {
		return
	}
	if list, ok := v["required"].([]any); ok && v["properties"] != nil {
		keys := []string{}
		for _, key := range list {
			keys = append(keys, key.(string))
		}
		slices.Sort(keys)
		out[path] = keys
	}
	for name, child := range v {
		if _, isMap := child.(map[string]any); isMap {
			required(child, strings.TrimPrefix(path+" "+name, " "), out)
		}
	}
}

// All that version 1 promises: taking one away breaks its readers.
func TestRequiredKeysStay(t *testing.T) {
	incident := []string{"advice", "boot", "chip", "collateral", "confidence", "cut_short", "dead_commands", "device", "events", "events_total", "evidence", "facts",
		"file", "fingerprint", "firmware", "first_line", "first_time", "from", "host", "id", "last_line", "last_time", "lasted_ms", "layer", "outage_ms", "outcome",
		"parent", "phase", "quote", "recovery_ms", "rev", "root", "root_line", "seq_gaps", "severity", "steps", "summary", "tier", "title", "to", "trigger",
		"trigger_line", "worst", "worst_line"}
	event := []string{"class", "device", "fields", "file", "identifier", "incident", "line", "message", "pattern", "severity", "time"}
	module := []string{"driver", "name", "srcversion", "version"}
	for id, want := range map[string]map[string][]string{
		AnalysisID: {
			"$defs event": event, "$defs incident": incident,
			"$defs input":     {"bytes", "compression", "formats", "lines", "path", "records", "skipped"},
			"$defs unmatched": {"count", "example", "file", "identifier", "line", "template"},
			"":                {"events", "incidents", "inputs", "interrupted", "late", "schema", "unmatched", "unmatched_more"},
		},
		WatchID: {
			"$defs event": event, "$defs incident": incident,
			"$defs happening": {"class", "device", "event", "id", "message", "severity", "time", "type"},
			"$defs finished":  {"by", "time"},
			"$defs collected": {"dumps", "interfaces", "kernel", "links", "modules", "time", "trouble"},
			"":                {"collected", "events", "finished", "id", "incident", "rev", "schema"},
		},
		BootsID: {
			"$defs boot":   {"boot", "connections", "fingerprints", "firmware", "first_time", "hours", "incidents", "kernel", "last_time", "modules", "roams"},
			"$defs module": module, "": {"boots", "schema"},
		},
		WatchBootsID:  {"$defs boot": {"boot", "kernel", "modules"}, "$defs module": module, "": {"boots", "schema"}},
		ExplanationID: {"$defs code": {"code", "kind", "meaning", "name"}, "$defs pattern": {"fields", "id", "meaning"}, "": {"codes", "schema", "text"}},
		DoctorID:      {"": {"missing", "results", "schema", "unknown", "warnings"}, "$defs result": {"advice", "check", "detail", "state", "subject"}},
		CheckpointID:  {"": {"begin", "records", "schema", "source", "time"}},
		RunID: {
			"":                 {"boot", "crc", "id", "pid", "plan", "schema", "seq", "started", "type", "version"},
			"$defs line_cycle": {"begin", "boot", "crc", "end", "kind", "load", "number", "origin", "outcome", "seq", "type"},
		},
		RunSummaryID: {"": {
			"advice", "after_reset", "classes", "cycles", "driven_ns", "ended", "environment", "id", "injected", "kinds", "latencies", "loads", "open", "outcomes", "plan", "problems", "schema", "started", "version",
		}},
		SceneID:      {"": {"changes", "guards", "heard", "interface", "mlo", "plan", "radio", "refused", "schema", "targets", "trouble", "via", "why"}},
		RunsListID:   {"": {"directory", "runs", "schema"}, "properties runs items": {"bad", "cycles", "driver", "firmware", "id", "incidents", "kernel", "plan", "problems", "started", "state", "via"}},
		ComparisonID: {"": {"a", "alpha", "b", "classes", "end_point", "latencies", "origin", "outcomes", "overall", "power", "schema", "summary", "verdict", "warnings", "why", "within"}},
		BaselinesID:  {"": {"baselines", "schema"}, "properties baselines items": {"device", "driver", "firmware", "kernel", "network", "runs", "set"}},
		BisectID: {
			"":                       {"alpha", "baseline", "current", "end_point", "first_bad", "good", "power", "revisions", "schema", "steps", "within"},
			"properties steps items": {"at", "revision", "run", "verdict", "why"},
		},
	} {
		got := make(map[string][]string)
		required(parsed(t)[id], "", got)
		for _, path := range slices.Sorted(maps.Keys(want)) {
			if diff := cmp.Diff(want[path], got[path]); diff != "" {
				t.Errorf("%s, %q (-want +got):\n%s", id, path, diff)
			}
		}
	}
}

func TestCompiles(t *testing.T) {
	for id, doc := range parsed(t) {
		c := jsonschema.NewCompiler()
		c.AssertFormat()
		if err := c.AddResource("schema.json", any(doc)); err != nil {
			t.Fatal(err)
		}
		fragments := []string{""}
		if defs, ok := doc["$defs"].(map[string]any); ok && defs["line"] != nil {
			fragments = append(fragments, "#/$defs/line")
		}
		for _, fragment := range fragments {
			if _, err := c.Compile("schema.json" + fragment); err != nil {
				t.Errorf("%s%s: %v", id, fragment, err)
			}
		}
	}
}
