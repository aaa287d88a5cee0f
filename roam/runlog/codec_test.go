package runlog

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"roamfault/reports/schema"
)

func readAll(t testing.TB, data []byte) ([]Entry, Stats, error) {
	t.Helper()
	var got []Entry
	stats, err := Read(context.Background(), bytes.NewReader(data), func(e Entry) error {
		got = append(got, e)
		return nil
	})
	return got, stats, err
}

// Every type of entry comes back as it was.
func TestRoundTrip(t *testing.T) {
	entries := everyEntry()
	got, stats, err := readAll(t, encoded(t, entries...))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(entries, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if p := stats.Problems(); len(p) > 0 || !stats.Clean() {
		t.Errorf("problems: %q", p)
	}
	if stats.Version != 1 || stats.Entries != len(entries) || stats.Last != uint64(len(entries)) || stats.Whole != stats.Bytes {
		t.Errorf("%+v", stats)
	}
}

// A line is one JSON object with its type first, its number second and the
// checksum last, which anybody can check.
func TestLineShape(t *testing.T) {
	for i, line := range strings.SplitAfter(strings.TrimSuffix(string(encoded(t, everyEntry()...)), "\n"), "\n") {
		line = strings.TrimSuffix(line, "\n")
		prefix := fmt.Sprintf(`{"type":"%s","seq":%d`, everyEntry()[i].Type(), i+1)
		if !strings.HasPrefix(line, prefix) {
			t.Errorf("%s does not begin with %s", line, prefix)
		}
		body, sum, ok := strings.Cut(line, `,"crc":"`)
		if want := fmt.Sprintf(`%08x"}`, crc32.Checksum([]byte(body), crc32.MakeTable(crc32.Castagnoli))); !ok || sum != want {
			t.Errorf("line %d ends with %s, want %s", i+1, sum, want)
		}
		var v map[string]any
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Errorf("line %d: %v", i+1, err)
		}
	}
}

// What a line leaves out is there again when it is read, and only that.
func TestShortLine(t *testing.T) {
	other := testAP(3)
	for name, tt := range map[string]struct {
		spoil     func(c *Cycle)
		has, lost []string
	}{
		"as usual":          {func(*Cycle) {}, []string{`"arrived":true`}, []string{`"at":`, `"before":`}},
		"elsewhere":         {func(c *Cycle) { c.At = other }, []string{`"at":`}, []string{`"arrived":`}},
		"a link is missing": {func(c *Cycle) { c.At = testAP(1); c.At.Links = c.At.Links[:1] }, []string{`"at":`}, []string{`"arrived":`}},
		"nowhere":           {func(c *Cycle) { c.At = nil }, nil, []string{`"at":`, `"arrived":`}},
		"no target":         {func(c *Cycle) { c.To = nil }, []string{`"at":`}, []string{`"arrived":`}},
		"other links":       {func(c *Cycle) { c.Before = other.Links }, []string{`"before":[{`}, nil},
		"links not known":   {func(c *Cycle) { c.Before = nil }, []string{`"before":[]`}, nil},
		"from nowhere":      {func(c *Cycle) { c.From, c.Before = nil, nil }, nil, []string{`"before":`}},
	} {
		c := quietCycle(1)
		c.To, c.At = testAP(1), testAP(1)
		tt.spoil(c)
		line := bytes.TrimSpace(encoded(t, c))
		for _, text := range tt.has {
			if !bytes.Contains(line, []byte(text)) {
				t.Errorf("%s: no %s in %s", name, text, line)
			}
		}
		for _, text := range tt.lost {
			if bytes.Contains(line, []byte(text)) {
				t.Errorf("%s: %s in %s", name, text, line)
			}
		}
		back, err := decode(TypeCycle, line)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(Entry(c), back); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if got, ok := scanLine(line); !ok || cmp.Diff(rowOf(c), got, cmp.AllowUnexported(row{}), cmpopts.EquateEmpty()) != "" {
			t.Errorf("%s: scanned %t, %+v", name, ok, got)
		}
	}
}

// A quiet cycle takes less than 2 KiB, with all that it can have.
func TestQuietCycleSize(t *testing.T) {
	c := quietCycle(999_999)
	c.Load, c.Begin.Monotonic, c.Begin.Boot, c.End = 4711, 1e15, 2e15, Moment{c.End.Wall.Add(123456789), 1e15, 2e15}
	if n := len(encoded(t, beginOf(c), c)); n >= 2<<10 {
		t.Errorf("%d bytes", n)
	}
}

// What cannot be kept is refused, and leaves no trace.
func TestRefusedEntries(t *testing.T) {
	tests := map[string]func(c *Cycle){
		"negative number": func(c *Cycle) { c.Number = -1 },
		"negative time":   func(c *Cycle) { c.Took = -time.Second },
		"endless time":    func(c *Cycle) { c.Begin.Boot = 1 << 62 },
		"rate":            func(c *Cycle) { zero := 0.0; c.Probe.Up = 1 / zero },
		"year":            func(c *Cycle) { c.Begin.Wall = time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC) },
		"word":            func(c *Cycle) { c.Outcome = Outcome(strings.Repeat("x", 100)) },
		"huge":            func(c *Cycle) { c.Detail = strings.Repeat("x", MaxLine) },
	}
	for name, spoil := range tests {
		t.Run(name, func(t *testing.T) {
			var f memory
			w := NewWriter(&f, 0)
			c := quietCycle(1)
			spoil(c)
			if err := w.Append(c); err == nil {
				t.Error("taken")
			}
			if err := w.Append(testRunEntry()); err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			if got, stats, err := readAll(t, f.Bytes()); err != nil || len(got) != 1 || !stats.Clean() {
				t.Errorf("%d entries, %q, %v", len(got), stats.Problems(), err)
			}
		})
	}
}

type memory struct{ bytes.Buffer }

func (*memory) Sync() error  { return nil }
func (*memory) Close() error { return nil }

// An entry that was decoded is encoded and decoded to the same.
func FuzzDecode(f *testing.F) {
	for _, line := range bytes.SplitAfter(encoded(f, everyEntry()...), []byte("\n")) {
		if len(line) > 0 {
			f.Add(bytes.TrimSpace(line))
		}
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		frame, err := readFrame(line)
		if err != nil {
			return
		}
		e, err := decode(frame.kind, line)
		if err != nil || e == nil {
			return
		}
		again, err := newEncoder().encode(frame.seq, e)
		if err != nil {
			return // such as a time that only the reader takes
		}
		back, err := decode(frame.kind, bytes.TrimSpace(again))
		if err != nil {
			t.Fatalf("%v\n%s\n%s", err, line, again)
		}
		if diff := cmp.Diff(e, back, cmpopts.EquateEmpty(), cmp.FilterValues(anyJSON, cmp.Comparer(sameJSON))); diff != "" {
			t.Errorf("%s\n(-first +again):\n%s", line, diff)
		}
	})
}

// anyJSON leaves two that are empty to whom it does not matter how.
func anyJSON(a, b json.RawMessage) bool { return len(a) > 0 || len(b) > 0 }

func sameJSON(a, b json.RawMessage) bool {
	var x, y bytes.Buffer
	if len(a) == 0 || len(b) == 0 {
		return len(a) == len(b)
	}
	return json.Compact(&x, a) == nil && json.Compact(&y, b) == nil && x.String() == y.String()
}

// Every line is as the schema says.
func TestSchema(t *testing.T) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema.Run))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("run.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("run.json#/$defs/line")
	if err != nil {
		t.Fatal(err)
	}
	entries := everyEntry()
	plans, err := Library()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range plans {
		head := testRunEntry()
		head.Plan = p
		entries = append(entries, head)
	}
	full := testRunEntry()
	if full.Plan, err = ParsePlan("p", []byte(`{cycles: 1, targets: {ssid: a, mld: [02:00:00:00:00:01], bssid: [02:00:00:00:00:02], bands: [6 GHz], same-band: true}}`)); err != nil {
		t.Fatal(err)
	}
	entries = append(entries, full)
	for _, line := range bytes.Split(bytes.TrimSpace(encoded(t, entries...)), []byte("\n")) {
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(line))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(v); err != nil {
			t.Errorf("%s\n%v", line, err)
		}
	}
	for _, line := range []string{
		`{}`, `{"type":"cycles","seq":1,"crc":"00000000"}`, `{"type":"note","seq":1,"at":{"wall":"2026-01-01T00:00:00Z","monotonic_ns":1,"boot_ns":1},"text":"x"}`,
		`{"type":"note","seq":1,"at":{"wall":"2026-01-01T00:00:00Z","monotonic_ns":1,"boot_ns":1},"text":"x","more":1,"crc":"00000000"}`,
	} {
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
		if err != nil {
			t.Fatal(err)
		}
		if s.Validate(v) == nil {
			t.Errorf("%s is as the schema says", line)
		}
	}
}

func TestEnvironment(t *testing.T) {
	var a Environment
	a.Set(KeyKernel, "6.12.1")
	a.Set("zz", "1")
	a.Set(KeyChip, "14c3:7925")
	a.Set(KeyKernel, "6.12.2")
	if diff := cmp.Diff(Environment{{KeyKernel, "6.12.2"}, {"zz", "1"}, {KeyChip, "14c3:7925"}}, a); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	b := Environment{{KeyChip, "14c3:7925"}, {KeyKernel, "7.2.0"}, {KeyRegulatory, "US"}, {"own", "x"}}
	var got []string
	for d := range a.Differences(b) {
		got = append(got, fmt.Sprintf("%s %s %q %q", d.Key, d.Role, d.A, d.B))
	}
	want := []string{`kernel compared "6.12.2" "7.2.0"`, `regulatory equal "" "US"`, `zz nuisance "1" ""`, `own nuisance "" "x"`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	seen := make(map[Key]bool)
	for _, k := range Keys() {
		if seen[k.Key] || k.About == "" || k.Role == "" {
			t.Errorf("%+v", k)
		}
		seen[k.Key] = true
	}
	for _, text := range []string{`[]`, `{"a":1}`, `{"a":{}}`, `{`, `null`} {
		if err := json.Unmarshal([]byte(text), new(Environment)); err == nil {
			t.Errorf("%s is an environment", text)
		}
	}
}
