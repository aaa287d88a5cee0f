package render

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roamfault/reports/incident"
)

var update = flag.Bool("update", false, "write the goldens anew")

// around gives made-up lines of a log, two before and after.
func around(file string, first, last int) []Line {
	var lines []Line
	for n := max(1, first-2); n <= last+2; n++ {
		lines = append(lines, Line{n, fmt.Sprintf("line %d of %s\twith \x1b[31mcolour", n, file)})
	}
	return lines
}

var facts2 = []Fact{{"Kernel", "6.18.2-arch1-1 (tainted: OE)"}}

// renderers makes a renderer of each document.
var renderers = map[string]func(io.Writer) Renderer{
	"text":     func(w io.Writer) Renderer { return NewText(w, TextOptions{Facts: facts2}) },
	"text40":   func(w io.Writer) Renderer { return NewText(w, TextOptions{Width: 40}) },
	"text60":   func(w io.Writer) Renderer { return NewText(w, TextOptions{Width: 60}) },
	"text100":  func(w io.Writer) Renderer { return NewText(w, TextOptions{Width: 100}) },
	"color100": func(w io.Writer) Renderer { return NewText(w, TextOptions{Width: 100, Color: true}) },
	"quoting":  func(w io.Writer) Renderer { return NewText(w, TextOptions{Width: 80, Context: around}) },
	"markdown": func(w io.Writer) Renderer { return NewMarkdown(w, MarkdownOptions{Facts: facts2}) },
	"html":     func(w io.Writer) Renderer { return NewHTML(w, HTMLOptions{Facts: facts2}) },
	"json": func(w io.Writer) Renderer {
		r, err := NewJSON(w)
		if err != nil {
			panic(err)
		}
		return r
	},
	"jsonl": NewJSONL,
}

func TestGoldens(t *testing.T) {
	cases := []struct {
		name    string
		sample  func() *sample
		formats []string
	}{
		{"mixed", mixed, []string{"text", "text40", "text60", "text100", "color100", "markdown", "html", "json", "jsonl"}},
		{"boot", func() *sample { return &sample{incidents: []*incident.Incident{deadAtBoot()}} }, []string{"quoting"}},
		{"many", many, []string{"text100", "markdown", "html"}},
		{"fine", fine, []string{"text100", "markdown", "html", "json", "jsonl"}},
		{"poisoned", poisoned, []string{"text", "text60", "markdown", "html", "json", "jsonl"}},
	}
	extension := map[string]string{"markdown": "md", "html": "html", "json": "json", "jsonl": "jsonl"}
	for _, c := range cases {
		for _, format := range c.formats {
			t.Run(c.name+"/"+format, func(t *testing.T) {
				var b bytes.Buffer
				if err := c.sample().play(renderers[format](&b)); err != nil {
					t.Fatal(err)
				}
				name := c.name + "." + extension[format]
				if extension[format] == "" {
					name = c.name + "." + format + ".txt"
				}
				golden(t, name, b.Bytes())
			})
		}
	}
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
