package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"roamfault/reports/schema"
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
