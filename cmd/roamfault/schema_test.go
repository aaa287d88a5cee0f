package main

import (
	"bytes"
	"fmt"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"roamfault/reports/schema"
	"roamfault/reports/spool"
	"roamfault/watch/watchtest"
)

// validator checks documents against the schemas that the program prints.
type validator struct {
	compiled map[string]*jsonschema.Schema
}

func newValidator(t *testing.T) *validator {
	t.Helper()
	v := &validator{make(map[string]*jsonschema.Schema)}
	for _, d := range schema.Documents() {
		code, text, stderr := roamfault("schema", d.ID)
		if code != exitOK {
			t.Fatalf("schema %s: exit code %d: %s", d.ID, code, stderr)
		}
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		c := jsonschema.NewCompiler()
		c.AssertFormat()
		if err := c.AddResource("schema.json", doc); err != nil {
			t.Fatal(err)
		}
		for _, part := range []string{"", "#/$defs/line"} {
			if part != "" && !strings.Contains(text, `"line": {`) {
				continue
			}
			if v.compiled[d.ID+part], err = c.Compile("schema.json" + part); err != nil {
				t.Fatalf("%s%s: %v", d.ID, part, err)
			}
		}
	}
	return v
}

// check checks one document and returns it.
func (v *validator) check(t *testing.T, name string, document []byte) map[string]any {
	t.Helper()
	s := v.compiled[name]
	if s == nil {
		t.Fatalf("no schema %s", name)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
	if err != nil {
		t.Fatalf("%s: %v in %.300s", name, err, document)
	}
	if err := s.Validate(value); err != nil {
		t.Errorf("%s: %v\n%.2000s", name, err, document)
	}
	object, _ := value.(map[string]any)
	return object
}

// lines checks JSON Lines and returns how many there are of each type.
func (v *validator) lines(t *testing.T, name, text string) map[string]int {
	t.Helper()
	types := make(map[string]int)
	for line := range strings.Lines(text) {
		kind, _ := v.check(t, name+"#/$defs/line", []byte(line))["type"].(string)
		types[kind]++
	}
	return types
}

// What the program writes is as the schemas say.
func TestOutputIsAsTheSchemasSay(t *testing.T) {
	v := newValidator(t)
	t.Run("analyze", func(t *testing.T) {
		const seed = "../../testdata/seeds/mt7925-mlo-roam.log"
		_, out, _ := roamfault("analyze", "--format", "json", seed)
		v.check(t, schema.AnalysisID, []byte(out))
		_, out, _ = roamfault("analyze", "--format", "jsonl", seed, "nowhere.log")
		if types := v.lines(t, schema.AnalysisID, out); types["incident"] == 0 || types["event"] == 0 || types["input"] != 2 {
			t.Errorf("lines %v", types)
		}
	})
	t.Run("explain", func(t *testing.T) {
		for _, words := range [][]string{
			{"00020002"}, {"--", "-22"}, {"reason", "6"}, {"status", "37"}, {"14c3:7925"}, {"79250000"}, {"20250721232943"}, {"mt7925e"},
			{"mt7925e 0000:c0:00.0: Message 00020002 (seq 12) timeout"},
			{"[  300.0] wlan0: 02:00:00:00:01:ff denied authentication (status 37)"},
			{"wlan0: associated"}, // no code, and a class without advice
			{"ieee80211 phy0: renamed from phy1"},
			{"pcieport 0000:00:1c.0: AER: Corrected error received: 0000:01:00.0"},
			{"WARNING: CPU: 3 PID: 77 at net/mac80211/driver-ops.h:100 drv_sta_state+0x1a/0x30 [mac80211]"},
		} {
			code, out, stderr := roamfault(append([]string{"explain", "--format", "json"}, words...)...)
			if code == exitTrouble {
				t.Logf("%q: %s", words, stderr) // nothing is known
				continue
			}
			v.check(t, schema.ExplanationID, []byte(out))
		}
	})
	t.Run("analyze --boot all", func(t *testing.T) {
		dir := filepath.Dir(writeJournal(t))
		code, out, stderr := roamfault("analyze", "--boot", "all", "-D", dir, "--format", "json", "--spool", notes(t))
		if code != exitFound {
			t.Fatalf("exit code %d: %s", code, stderr)
		}
		if boots := v.check(t, schema.BootsID, []byte(out))["boots"].([]any); len(boots) != 2 {
			t.Errorf("%d boots", len(boots))
		}
	})
	t.Run("watch", func(t *testing.T) {
		if runtime.GOOS == "windows" {
			t.Skip("the spool needs file locks")
		}
		dir := t.TempDir()
		log, kept := filepath.Join(dir, "log.export"), filepath.Join(dir, "spool")
		faults, err := watchtest.NewFaults(5, time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC), 8).Export(2000)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(log, faults, 0o600); err != nil {
			t.Fatal(err)
		}
		code, out, stderr := roamfault("watch", "--once", "--since", "all", "--source", "file:"+log, "--spool", kept, "--format", "jsonl")
		if code != exitFound {
			t.Fatalf("exit code %d: %s", code, stderr)
		}
		if types := v.lines(t, schema.WatchID, out); types["opened"] == 0 || types["grew"] == 0 || types["incident"] == 0 {
			t.Errorf("lines %v", types)
		}
		seen := make(map[string]int)
		list, err := os.ReadDir(kept)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range list {
			if filepath.Ext(f.Name()) != ".json" {
				continue
			}
			b, err := os.ReadFile(filepath.Join(kept, f.Name()))
			if err != nil {
				t.Fatal(err)
			}
			id := schema.WatchID
			switch f.Name() {
			case "checkpoint.json":
				id = schema.CheckpointID
			case "boots.json":
				id = schema.WatchBootsID
			}
			v.check(t, id, b)
			seen[id]++
		}
		if seen[schema.WatchID] < 10 || seen[schema.CheckpointID] != 1 || runtime.GOOS == "linux" && seen[schema.WatchBootsID] != 1 {
			t.Errorf("documents %v", seen)
		}
	})
	t.Run("boots.json", func(t *testing.T) {
		b, err := os.ReadFile(filepath.Join(notes(t), "boots.json"))
		if err != nil {
			t.Fatal(err)
		}
		v.check(t, schema.WatchBootsID, b)
	})
}

// notes makes a spool that has noted what ran in the boots of [writeJournal].
func notes(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	s, _, err := spool.Open(dir, spool.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.NoteBoot(spool.BootNote{Boot: strings.Repeat("1", 32), Kernel: "6.18.2-1", Modules: []spool.Module{
		{Name: "mt7925e", Driver: true, SrcVersion: "533BB7E5866E52F63B9ACCB"}, {Name: "mt76", SrcVersion: "0A"},
	}}); err != nil {
		t.Fatal(err)
	}
	return dir
}

// sources calls f with each file of ours that the program is built of.
func sources(t *testing.T, f func(path string, text []byte)) {
	t.Helper()
	const module = "roamfault/"
	seen, queue := map[string]bool{}, []string{module + "cmd/roamfault"}
	for len(queue) > 0 {
		dir := filepath.Join("../..", strings.TrimPrefix(queue[0], module))
		queue = queue[1:]
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range files {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			f(path, text)
			parsed, err := parser.ParseFile(token.NewFileSet(), path, text, parser.ImportsOnly)
			if err != nil {
				t.Fatal(err)
			}
			for _, spec := range parsed.Imports {
				if name := strings.Trim(spec.Path.Value, `"`); strings.HasPrefix(name, module) && !seen[name] {
					seen[name] = true
					queue = append(queue, name)
				}
			}
		}
	}
}

// Every name of a document that stands in the program has a schema, and every
// schema is of a document that the program writes.
func TestEverySchemaNameHasAFile(t *testing.T) {
	name := regexp.MustCompile(`"(roamfault/[a-z-]+/v[0-9]+)"`)
	// Names that are written by way of their constants.
	constants := map[string]string{
		"schema.AnalysisID": schema.AnalysisID, "schema.BootsID": schema.BootsID, "schema.ExplanationID": schema.ExplanationID, "schema.DoctorID": schema.DoctorID,
		"schema.RunsListID": schema.RunsListID, "schema.BaselinesID": schema.BaselinesID, "schema.BaselineWatchID": schema.BaselineWatchID, "schema.BisectID": schema.BisectID,
	}
	found := make(map[string]bool)
	sources(t, func(path string, text []byte) {
		if filepath.Base(path) == "schema.go" {
			return // says all of them
		}
		for _, m := range name.FindAllSubmatch(text, -1) {
			found[string(m[1])] = true
		}
		for constant, id := range constants {
			if bytes.Contains(text, []byte(constant)) {
				found[id] = true
			}
		}
	})
	delete(found, "roamfault/lab-status/v1") // what a lab tells is not settled yet
	delete(found, "roamfault/undo/v1")       // a log for the program itself, and for the boot it was written in
	var have []string
	for _, d := range schema.Documents() {
		have = append(have, d.ID)
	}
	slices.Sort(have)
	if diff := cmp.Diff(slices.Sorted(maps.Keys(found)), have); diff != "" {
		t.Errorf("(-written +described):\n%s", diff)
	}
	for id, own := range map[string]string{spool.DocumentID: schema.WatchID, spool.CheckpointID: schema.CheckpointID, spool.BootsID: schema.WatchBootsID} {
		if id != own {
			t.Errorf("the spool writes %s, and the schema is called %s", id, own)
		}
	}
}

func TestSchemaCommand(t *testing.T) {
	code, out, _ := roamfault("schema")
	if n := strings.Count(out, "\n"); code != exitOK || n != len(schema.Documents()) {
		t.Errorf("exit code %d, %d lines", code, n)
	}
	if code, out, _ := roamfault("schema", "watch/v1"); code != exitOK || out != string(schema.Watch) {
		t.Errorf("a short name: exit code %d", code)
	}
	if code, _, stderr := roamfault("schema", "watch/v9"); code != exitUsage || !strings.Contains(stderr, fmt.Sprintf("no kind of document %q", "watch/v9")) {
		t.Errorf("no such name: exit code %d, %s", code, stderr)
	}
	if code, out, _ := roamfault("analyze", "--boot", "all", "--print-schema"); code != exitOK || out != string(schema.Boots) {
		t.Errorf("--boot all --print-schema: exit code %d", code)
	}
}
