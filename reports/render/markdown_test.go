package render

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roamfault/reports/incident"
)

func TestProse(t *testing.T) {
	cases := []struct{ in, want string }{
		{"the chip did not answer (seq 12), at 09:15:02.110.", "the chip did not answer (seq 12), at 09:15:02.110."},
		{"ask @octocat about #42", "ask `@octocat` about `#42`"},
		{"GH-7 and user/repo#1", "`GH-7` and `user/repo#1`"},
		{"see www.bad.example, http://bad.example/.", "see `www.bad.example`, `http://bad.example/`."},
		{"a *bold* _move_ ~~gone~~", "a `*bold*` `_move_` `~~gone~~`"},
		{"<b>&amp;</b>", "`<b>&amp;</b>`"},
		{"[text](target)", "`[text](target)`"},
		{"in mt7925_mac_reset_work (BSS_INFO_UPDATE)", "in `mt7925_mac_reset_work` (`BSS_INFO_UPDATE`)"},
		{"a|b", "`a¦b`"},
		{"commit deadbeefcafe", "commit `deadbeefcafe`"},
		{"tick ` and ```", "tick `` ` `` and ```` ``` ````"},
		{"# heading", "`#` heading"},
		{"- item", "`-` item"},
		{"12. item", "`12`. item"},
		{"--- +++ ===", "`---` `+++` `===`"},
		{":+1: 00020002", "`:+1`: `00020002`"},
		{"two  spaces\nand a line", "two `spaces\\x0aand` a line"},
	}
	for _, c := range cases {
		if diff := cmp.Diff(c.want, prose(Clean(c.in))); diff != "" {
			t.Errorf("prose(%q) (-want +got):\n%s", c.in, diff)
		}
	}
}

// live matches whatever GitHub or CommonMark would give a meaning outside of
// code.
var live = regexp.MustCompile("(?i)[`*_<>\\[\\]{}\\\\|@#&~^$]|://|www\\.|gh-[0-9]|:[\\w+-]+:|\\b[0-9a-f]{7,}\\b")

// withoutCode takes the code spans out of a line as CommonMark finds them: a
// run of backticks up to the next run of the same length.
func withoutCode(line string) string {
	var out strings.Builder
	for line != "" {
		at := strings.IndexByte(line, '`')
		if at < 0 {
			break
		}
		out.WriteString(line[:at])
		line = line[at:]
		run := len(line) - len(strings.TrimLeft(line, "`"))
		end := -1
		for i := run; i < len(line); {
			if line[i] != '`' {
				i++
				continue
			}
			n := len(line[i:]) - len(strings.TrimLeft(line[i:], "`"))
			if n == run {
				end = i + n
				break
			}
			i += n
		}
		if end < 0 {
			out.WriteString(line[:run])
			line = line[run:]
			continue
		}
		out.WriteByte(' ')
		line = line[end:]
	}
	return out.String() + line
}

var clockShape = regexp.MustCompile(`\b\d\d:\d\d:\d\d\b`)

func FuzzProse(f *testing.F) {
	f.Add(poison)
	f.Add("a `` b ``` c` @x (#1) :smile: 1. - + www.x GH-1")
	f.Fuzz(func(t *testing.T, s string) {
		got := prose(s)
		if strings.ContainsAny(got, "\r\n\t") {
			t.Fatalf("prose(%q) = %q breaks the line", s, got)
		}
		if found := live.FindString(clockShape.ReplaceAllString(withoutCode(got), "")); found != "" {
			t.Fatalf("prose(%q) = %q leaves %q live", s, got, found)
		}
		if strings.Contains(got, "|") {
			t.Fatalf("prose(%q) = %q would end a cell", s, got)
		}
		span := codeSpan(Clean(s))
		if rest := strings.TrimSpace(withoutCode(span)); rest != "" {
			t.Fatalf("codeSpan(%q) = %q is not all code: %q is left", s, span, rest)
		}
	})
}

// fenced returns the lines of a document that stand outside of fenced code, by
// the rules of CommonMark, and false when a fence stays open.
func fenced(document string) (outside []string, closed bool) {
	open := 0
	for line := range strings.SplitSeq(document, "\n") {
		trimmed := strings.TrimLeft(line, " ")
		run := len(trimmed) - len(strings.TrimLeft(trimmed, "`"))
		indented := len(line)-len(trimmed) > 3
		switch {
		case open == 0 && run >= 3 && !indented && !strings.Contains(trimmed[run:], "`"):
			open = run
		case open > 0 && run >= open && !indented && strings.TrimSpace(trimmed[run:]) == "":
			open = 0
		case open == 0:
			outside = append(outside, line)
		}
	}
	return outside, open == 0
}

func FuzzMarkdown(f *testing.F) {
	f.Add(poison, "```\n```` \n~~~\n</details>\n# x")
	f.Add("``````", "  ```")
	f.Fuzz(func(t *testing.T, text, raw string) {
		i := hostile()
		i.Title, i.Device, i.Fingerprint, i.Root.Message, i.Root.Raw = text, text, text, text, raw
		var b bytes.Buffer
		if err := (&sample{incidents: []*incident.Incident{i}}).play(NewMarkdown(&b, MarkdownOptions{})); err != nil {
			t.Fatal(err)
		}
		if bad, found := unsafe(strings.ReplaceAll(b.String(), "\n", "")); found {
			t.Fatalf("the document holds %q", bad)
		}
		outside, closed := fenced(b.String())
		if !closed {
			t.Fatalf("a fence stays open:\n%s", b.String())
		}
		for _, line := range outside {
			if ours[line] || strings.HasPrefix(line, "<summary>The log, ") {
				continue
			}
			line = strings.TrimLeft(strings.Trim(line, "|"), "#")
			line = strings.NewReplacer(" | ", " ", "**", "").Replace(line)
			if found := live.FindString(clockShape.ReplaceAllString(withoutCode(line), "")); found != "" {
				t.Fatalf("%q is live in %q", found, line)
			}
		}
	})
}

// ours are the lines of markup that the renderer itself writes.
var ours = map[string]bool{"| | |": true, "|---|---|": true, "<details>": true, "</details>": true}

func TestFenceHoldsBackticks(t *testing.T) {
	var b strings.Builder
	fence(&b, []string{"```", "a ````` b"})
	if diff := cmp.Diff("``````text\n```\na ````` b\n``````\n", b.String()); diff != "" {
		t.Errorf("fence (-want +got):\n%s", diff)
	}
}
