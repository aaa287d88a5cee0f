package render

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestClean(t *testing.T) {
	cases := []struct{ name, in, want string }{
		{"plain text stays", `wlan0: auth (try 1/3) \x1b "ssid"`, `wlan0: auth (try 1/3) \x1b "ssid"`},
		{"letters of any script stay", "Café 東京 Ελλάδα 🛜", "Café 東京 Ελλάδα 🛜"},
		{"a tab is a space", "a\tb", "a b"},
		{"escape sequences", "\x1b[31mred\x07\x7f\x00", `\x1b[31mred\x07\x7f\x00`},
		{"line ends", "a\r\nb", `a\x0d\x0ab`},
		{"C1 controls", "\u0085\u009b31m", "<U+0085><U+009B>31m"},
		{"bytes that are no UTF-8", "a\xff\x9bb\xc3", `a\xff\x9bb\xc3`},
		{"surrogates in UTF-8", "\xed\xa0\x80", `\xed\xa0\x80`},
		{"a replacement character is a character", "\ufffd", "\ufffd"},
		{"text turned round", "\u202e\u202a\u2066\u2069\u200e\u200f\u061c", "<U+202E><U+202A><U+2066><U+2069><U+200E><U+200F><U+061C>"},
		{"what takes no room", "\u200b\u200d\ufeff\u00ad", "<U+200B><U+200D><U+FEFF><U+00AD>"},
		{"line separators", "\u2028\u2029", "<U+2028><U+2029>"},
		{"tags and private use", "\U000e0041\ue000\U0010ffff", "<U+E0041><U+E000><U+10FFFF>"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, Clean(c.in)); diff != "" {
				t.Errorf("Clean(%q) (-want +got):\n%s", c.in, diff)
			}
		})
	}
}

// unsafe returns the first character of s that must not reach a reader, and
// false when there is none.
func unsafe(s string) (string, bool) {
	for i, r := range s {
		if r == utf8.RuneError && !strings.HasPrefix(s[i:], "\ufffd") {
			return s[i : i+1], true
		}
		if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp) {
			return string(r), true
		}
	}
	return "", false
}

func FuzzClean(f *testing.F) {
	f.Add(poison)
	f.Add("\xc2\x9b\xc2")
	f.Fuzz(func(t *testing.T, s string) {
		got := Clean(s)
		if bad, found := unsafe(got); found {
			t.Fatalf("Clean(%q) = %q holds %q", s, got, bad)
		}
		if again := Clean(got); again != got {
			t.Fatalf("cleaning %q twice gives %q", got, again)
		}
		for _, width := range []int{1, 7, 40} {
			if c := cut(got, width); cells(c) > width {
				t.Fatalf("cut(%q, %d) = %q takes %d columns", got, width, c, cells(c))
			}
			for _, l := range wrap(got, max(width, 2)) {
				if cells(l) > max(width, 2) {
					t.Fatalf("wrap(%q, %d) gives %q of %d columns", got, width, l, cells(l))
				}
			}
		}
		if a, b := strings.Join(strings.Fields(got), ""), strings.Join(strings.Fields(strings.Join(wrap(got, 9), " ")), ""); a != b {
			t.Fatalf("wrap loses text: %q became %q", a, b)
		}
	})
}

func TestCut(t *testing.T) {
	cases := []struct {
		in    string
		width int
		want  string
	}{
		{"short", 10, "short"},
		{"exactly ten", 11, "exactly ten"},
		{"one too long", 11, "one too lo…"},
		{"東京タワー", 10, "東京タワー"},
		{"東京タワー", 9, "東京タワ…"},
		{"東京タワー", 8, "東京タ…"},
		{"e\u0301e\u0301e\u0301", 3, "e\u0301e\u0301e\u0301"},
		{"any length", 0, "any length"},
	}
	for _, c := range cases {
		if diff := cmp.Diff(c.want, cut(c.in, c.width)); diff != "" {
			t.Errorf("cut(%q, %d) (-want +got):\n%s", c.in, c.width, diff)
		}
	}
}

func TestWrap(t *testing.T) {
	cases := []struct {
		in    string
		width int
		want  []string
	}{
		{"the chip did not answer", 0, []string{"the chip did not answer"}},
		{"the chip did not answer", 12, []string{"the chip did", "not answer"}},
		{"see 0123456789abcdef now", 8, []string{"see", "01234567", "89abcdef", "now"}},
		{"", 8, []string{""}},
	}
	for _, c := range cases {
		if diff := cmp.Diff(c.want, wrap(c.in, c.width)); diff != "" {
			t.Errorf("wrap(%q, %d) (-want +got):\n%s", c.in, c.width, diff)
		}
	}
}
