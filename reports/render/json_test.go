package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"roamfault/patterns"
	"roamfault/reports/analysis"
	"roamfault/reports/incident"
	"roamfault/reports/schema"
)

// compiled returns the schema of a document, or of the part of it named by a
// fragment.
func compiled(t testing.TB, fragment string) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema.Analysis))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource("analysis.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("analysis.json" + fragment)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func valid(t testing.TB, s *jsonschema.Schema, document []byte) {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
	if err != nil {
		t.Fatalf("%v in\n%s", err, document)
	}
	if err := s.Validate(value); err != nil {
		t.Errorf("%v", err)
	}
}

var samples = map[string]func() *sample{"mixed": mixed, "many": many, "fine": fine, "poisoned": poisoned, "empty": func() *sample { return &sample{} }}

func TestJSONIsAsTheSchemaSays(t *testing.T) {
	whole, line := compiled(t, ""), compiled(t, "#/$defs/line")
	for name, make := range samples {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := make().play(renderers["json"](&b)); err != nil {
				t.Fatal(err)
			}
			valid(t, whole, b.Bytes())
			if bad, found := unsafe(strings.ReplaceAll(b.String(), "\n", "")); found {
				t.Errorf("the document holds %q", bad)
			}
			b.Reset()
			if err := make().play(NewJSONL(&b)); err != nil {
				t.Fatal(err)
			}
			lines := bytes.Split(bytes.TrimSuffix(b.Bytes(), []byte("\n")), []byte("\n"))
			for _, l := range lines {
				valid(t, line, l)
			}
			var last struct{ Type string }
			if err := json.Unmarshal(lines[len(lines)-1], &last); err != nil || last.Type != typeSummary {
				t.Errorf("the last line is of type %q (%v), want summary", last.Type, err)
			}
		})
	}
}

// A schema that takes anything would make the test above worth nothing.
func TestSchemaRefusesWhatItDoesNotDescribe(t *testing.T) {
	var b bytes.Buffer
	if err := mixed().play(renderers["json"](&b)); err != nil {
		t.Fatal(err)
	}
	whole := compiled(t, "")
	for name, spoil := range map[string]func(doc map[string]any){
		"a key at the top":        func(d map[string]any) { d["extra"] = 1 },
		"a key of an event":       func(d map[string]any) { first(d, "events")["extra"] = 1 },
		"a key of an incident":    func(d map[string]any) { first(d, "incidents")["extra"] = 1 },
		"a key of an input":       func(d map[string]any) { first(d, "inputs")["extra"] = 1 },
		"a key of a group":        func(d map[string]any) { first(d, "unmatched")["extra"] = 1 },
		"an outcome nobody knows": func(d map[string]any) { first(d, "incidents")["outcome"] = "lost" },
		"a missing root":          func(d map[string]any) { delete(first(d, "incidents"), "root") },
		"an array that is null":   func(d map[string]any) { d["events"] = nil },
	} {
		var doc map[string]any
		if err := json.Unmarshal(b.Bytes(), &doc); err != nil {
			t.Fatal(err)
		}
		spoil(doc)
		if whole.Validate(doc) == nil {
			t.Errorf("the schema takes %s", name)
		}
	}
}

func first(doc map[string]any, name string) map[string]any {
	return doc[name].([]any)[0].(map[string]any)
}

// The keys that a scorer and a comparison read.
func TestJSONValues(t *testing.T) {
	var b bytes.Buffer
	if err := mixed().play(renderers["json"](&b)); err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Schema string
		Events []struct {
			Line     int
			Class    string
			Severity string
			Fields   map[string]any
			Count    int
			Incident *string
		}
		Incidents []struct {
			Root, Layer, Phase, Outcome string
			RootLine                    int  `json:"root_line"`
			FirstLine                   int  `json:"first_line"`
			LastLine                    int  `json:"last_line"`
			Outage                      *int `json:"outage_ms"`
			Ladder                      *struct{ Reached string }
			Events                      []struct {
				File, Class string
				Line        int
			}
		}
	}
	if err := json.Unmarshal(b.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	boot, roam := doc.Incidents[0], doc.Incidents[1]
	got := []any{doc.Schema, len(doc.Events), roam.Root, roam.RootLine, roam.Layer, roam.Phase, roam.Outcome, roam.FirstLine, roam.LastLine, *roam.Outage, roam.Ladder == nil, boot.Outage == nil, boot.Ladder.Reached}
	want := []any{"roamfault/analysis/v1", 55, "mcu-timeout", 44, "device", "roam", "recovered", 41, 95, 132796, true, true, "dma"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	places := make(map[string]bool)
	for _, e := range doc.Events {
		places[fmt.Sprint(e.Line, e.Class)] = true
	}
	for _, i := range doc.Incidents {
		for _, e := range i.Events {
			if !places[fmt.Sprint(e.Line, e.Class)] {
				t.Errorf("the incident's event %+v is none of the document's", e)
			}
		}
	}
}

func FuzzJSON(f *testing.F) {
	f.Add(poison, "ssid")
	f.Add("\\\"\u2028\xff", "text")
	f.Fuzz(func(t *testing.T, text, name string) {
		i := hostile()
		e := *i.Root
		e.Message, e.Raw, e.Device, e.Fields = text, text, text, patterns.Fields{{Name: "ssid", Value: text}, {Name: "errno", Value: name}}
		i.Title, i.Device, i.Lines, i.Firmware = text, text, []*incident.Event{&e}, map[string]string{name: text}
		s := &sample{events: []*incident.Event{&e}, incidents: []*incident.Incident{i}}
		for _, format := range []string{"json", "jsonl"} {
			var b bytes.Buffer
			if err := s.play(renderers[format](&b)); err != nil {
				t.Fatal(err)
			}
			if bad, found := unsafe(strings.ReplaceAll(b.String(), "\n", "")); found {
				t.Fatalf("%s holds %q:\n%q", format, bad, b.String())
			}
			for _, doc := range documents(format, b.Bytes()) {
				if !json.Valid(doc) {
					t.Fatalf("%s is not valid:\n%s", format, doc)
				}
			}
		}
	})
}

func documents(format string, b []byte) [][]byte {
	if format == "json" {
		return [][]byte{b}
	}
	return bytes.Split(bytes.TrimSuffix(b, []byte("\n")), []byte("\n"))
}

// A log may hold any number of incidents: what waits for the end of a JSON
// document must not wait in memory, and must leave no file behind.
func TestJSONIsBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("writes some hundred megabytes to a temporary file")
	}
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	var written counter
	r := renderers["json"](&written)
	i := deadAtBoot()
	const incidents = 100_000
	var peak uint64
	for n := range incidents {
		i.ID = fmt.Sprintf("%012x", n)
		if err := r.Incident(i); err != nil {
			t.Fatal(err)
		}
		if n%10_000 == 0 {
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapAlloc)
		}
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Errorf("files are left in the directory: %v, %v", left, err)
	}
	if err := r.Close(&analysis.Summary{}); err != nil {
		t.Fatal(err)
	}
	if limit := uint64(32 << 20); peak > limit {
		t.Errorf("%d bytes in use, want at most %d", peak, limit)
	}
	if written.bytes < incidents*1000 || written.lines < incidents {
		t.Errorf("%d bytes in %d lines written, which is not all", written.bytes, written.lines)
	}
}

type counter struct{ bytes, lines int }

func (c *counter) Write(p []byte) (int, error) {
	c.bytes += len(p)
	c.lines += bytes.Count(p, []byte("\n"))
	return len(p), nil
}

// What waited in a file must come back as what waited in memory does.
func TestJSONSpillsWhole(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	var b bytes.Buffer
	r := renderers["json"](&b)
	e := told(1, "09:00:00.000", patterns.MCUTimeout, strings.Repeat("x", 2000))
	const events = 3000
	for n := range events {
		e.Origin.Line = n + 1
		if err := r.Event(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Close(nil); err != nil {
		t.Fatal(err)
	}
	var doc struct{ Events []struct{ Line int } }
	if err := json.Unmarshal(b.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	for n, e := range doc.Events {
		if e.Line != n+1 {
			t.Fatalf("event %d has line %d", n, e.Line)
		}
	}
	if len(doc.Events) != events {
		t.Errorf("%d events, want %d", len(doc.Events), events)
	}
}

func TestNewJSONWantsADirectory(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{file, filepath.Join(file, "none")} {
		t.Setenv("TMPDIR", dir)
		if _, err := NewJSON(io.Discard); err == nil {
			t.Errorf("NewJSON takes %s for temporary files", dir)
		}
	}
}

func TestJSONLStreams(t *testing.T) {
	var b bytes.Buffer
	r := NewJSONL(&b)
	if err := r.Event(told(1, "09:00:00.000", patterns.RoamStart, "roam")); err != nil {
		t.Fatal(err)
	}
	if got := b.String(); !strings.HasPrefix(got, `{"type":"event","line":1,`) || !strings.HasSuffix(got, "}\n") {
		t.Errorf("after one event the output is %q", got)
	}
}

func TestWriteErrors(t *testing.T) {
	for name, make := range renderers {
		if err := mixed().play(make(full{})); err == nil || !strings.Contains(err.Error(), "no space left") || !strings.Contains(err.Error(), "write report") {
			t.Errorf("%s: error is %v, want that the report could not be written", name, err)
		}
	}
}

// full is a writer that takes nothing.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, fmt.Errorf("no space left on device") }

func BenchmarkJSONEvents(b *testing.B) {
	e := told(44, "09:15:06.220", patterns.MCUTimeout, "mt7925e 0000:c0:00.0: Message 00020002 (seq 12) timeout", field("cmd", "00020002"), field("seq", "12"))
	const events = 100_000
	for _, format := range []string{"json", "jsonl"} {
		b.Run(format, func(b *testing.B) {
			b.ReportAllocs()
			var n counter
			for b.Loop() {
				n = counter{}
				r := renderers[format](&n)
				for range events {
					if err := r.Event(e); err != nil {
						b.Fatal(err)
					}
				}
				if err := r.Close(nil); err != nil {
					b.Fatal(err)
				}
			}
			b.SetBytes(int64(n.bytes))
		})
	}
}

func BenchmarkText(b *testing.B) {
	for _, format := range []string{"text100", "markdown", "html"} {
		b.Run(format, func(b *testing.B) {
			s := mixed()
			b.ReportAllocs()
			for b.Loop() {
				if err := s.play(renderers[format](io.Discard)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
