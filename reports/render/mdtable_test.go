package render

import (
	"strings"
	"testing"
)

func TestMarkdownText(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "-": "-", "12/3,400 (0.4 %)": "12/3,400 (0.4 %)", "ended by the plan: yes": "ended by the plan: yes", "+3.2 percentage points": "+3.2 percentage points",
		" p50\t": "p50", "< 0.001": "`< 0.001`", "a|b": "`a¦b`", "roam.auth-timeout": "roam.auth-timeout", "_x_": "`_x_`", "@all #1 ` ``": "``` @all #1 ` `` ```",
		"deadbeef": "`deadbeef`", "1234567": "`1234567`", "http://x": "`http://x`", "see www.x": "`see www.x`", "GH-1": "`GH-1`", ":smile:": "`:smile:`",
		"1. a": "`1. a`", "- a": "`- a`", "grün": "grün", "at 18:14:14.937": "at 18:14:14.937", "a/b@c": "`a/b@c`", "\x1b[2J": "`\\x1b[2J`", "a\nb": "`a\\x0ab`",
	} {
		if got := MarkdownText(text); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
	if got := MarkdownCode("plain"); got != "`plain`" {
		t.Errorf("%s is no code", got)
	}
}

func TestMarkdownTable(t *testing.T) {
	var b strings.Builder
	MarkdownTable(&b, [][]string{{"class", "n"}, {"a|b", "1/2"}, {"@x"}})
	if got, want := b.String(), "| class | n |\n| --- | --- |\n| `a¦b` | 1/2 |\n| `@x` |\n"; got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

func FuzzMarkdownText(f *testing.F) {
	f.Add(poison)
	f.Add("a `` b ``` c` @x (#1) :smile: 1. - + www.x GH-1")
	f.Fuzz(func(t *testing.T, s string) {
		for _, got := range []string{MarkdownText(s), MarkdownCode(s)} {
			if strings.ContainsAny(got, "\r\n\t|") {
				t.Fatalf("%q of %q breaks its line or cell", got, s)
			}
			if found := live.FindString(clockShape.ReplaceAllString(withoutCode(got), "")); found != "" {
				t.Fatalf("%q of %q leaves %q live", got, s, found)
			}
		}
	})
}
