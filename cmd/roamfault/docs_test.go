package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"roamfault/reports/schema"
	"roamfault/roam/manager"
	"roamfault/roam/runlog"
)

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// What the guide to watching names is there, and what is there it names.
func TestWatchGuideIsComplete(t *testing.T) {
	text := regexp.MustCompile("(?ms)^```.*?^```$").ReplaceAllString(read(t, "../../docs/watch.md"), "")
	told := make(map[string]bool)
	for _, m := range regexp.MustCompile("`[^`]+`").FindAllString(text, -1) {
		for _, word := range regexp.MustCompile(`--[a-z-]+|roamfault_[a-z_]+`).FindAllString(m, -1) {
			told[word] = true
		}
	}
	there := map[string]bool{"--boot": true, "--classes": true} // of other commands
	for _, m := range regexp.MustCompile(`(?m)^ +(?:-\w, |    )(--[a-z-]+)`).FindAllStringSubmatch(newWatch(env{}).Flags().FlagUsages(), -1) {
		there[m[1]] = true
	}
	for _, m := range regexp.MustCompile(`"(roamfault_[a-z_]+)"`).FindAllStringSubmatch(read(t, "../../watch/numbers.go"), -1) {
		there[m[1]] = true
	}
	if len(there) < 30 {
		t.Fatalf("only %d options and metrics: %v", len(there), there)
	}
	for word := range there {
		if !told[word] {
			t.Errorf("%s is not told", word)
		}
	}
	for word := range told {
		if !there[word] {
			t.Errorf("there is no %s", word)
		}
	}
}

func TestSchemasAreListed(t *testing.T) {
	text := read(t, "../../docs/schemas.md")
	for _, d := range schema.Documents() {
		file := strings.ReplaceAll(strings.TrimPrefix(d.ID, "roamfault/"), "/", "-") + ".schema.json"
		if !strings.Contains(text, "| `"+d.ID+"` |") || !strings.Contains(text, "(../reports/schema/"+file+")") {
			t.Errorf("%s is not told", d.ID)
		}
	}
}

// Links between the documents lead somewhere.
func TestLinksOfTheDocuments(t *testing.T) {
	for _, doc := range []string{"README.md", "docs/watch.md", "docs/schemas.md", "docs/incidents.md", "docs/patterns.md"} {
		for _, m := range regexp.MustCompile(`\]\(([^)#:]+)\)`).FindAllStringSubmatch(read(t, "../../"+doc), -1) {
			path := "../../" + m[1]
			if strings.HasPrefix(doc, "docs/") {
				path = "../../docs/" + m[1]
			}
			if _, err := os.Stat(path); err != nil {
				t.Errorf("%s: %v", doc, err)
			}
		}
	}
}

// What the guide to driving names of options, plans, kinds and faults is there,
// and what is there it names.
func TestStressGuideIsComplete(t *testing.T) {
	text := read(t, "../../docs/stress.md")
	for _, k := range runlog.Kinds() {
		if want := "| `" + string(k.Kind) + "` | " + k.About + " |"; !strings.Contains(text, want) {
			t.Errorf("not told: %s", want)
		}
	}
	for _, i := range runlog.Injectors() {
		if !strings.Contains(text, "| `"+string(i)+"` |") {
			t.Errorf("%s is not told", i)
		}
	}
	for _, o := range runlog.Outcomes() {
		if !strings.Contains(text, "| `"+string(o)+"` |") {
			t.Errorf("%s is not told", o)
		}
	}
	for _, g := range manager.Allowable() {
		if !strings.Contains(text, "--allow "+g) {
			t.Errorf("--allow %s is not told", g)
		}
	}
	there := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^ +(?:-\w, |    )(--[a-z-]+)`).FindAllStringSubmatch(newStress(env{}).Flags().FlagUsages(), -1) {
		there[m[1]] = true
	}
	for _, word := range regexp.MustCompile(`--[a-z][a-z-]+`).FindAllString(text, -1) {
		if !there[word] {
			t.Errorf("there is no %s", word)
		}
	}
	example := regexp.MustCompile("(?ms)^```yaml\n(.*?)^```$").FindStringSubmatch(text)
	if len(example) != 2 {
		t.Fatal("there is no example of a plan")
	}
	if _, err := runlog.ParsePlan("docs/stress.md", []byte(example[1])); err != nil {
		t.Error(err)
	}
}
