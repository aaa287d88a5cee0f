package benchlog

import "testing"

// How many lines are distinct is what the kinds of logs differ in.
func TestDistinct(t *testing.T) {
	const lines = 50_000
	for _, c := range []struct {
		numbers  Numbers
		from, to int
	}{{None, 30, 100}, {Few, 10_000, 30_000}, {Many, 30_000, 45_000}} {
		seen := make(map[string]bool)
		n := 0
		for l := range Lines(1, c.numbers) {
			_, _, message := l.Split()
			seen[message] = true
			if n++; n == lines {
				break
			}
		}
		if len(seen) < c.from || len(seen) > c.to {
			t.Errorf("numbers %d: %d distinct messages of %d, want %d to %d", c.numbers, len(seen), lines, c.from, c.to)
		}
	}
}

func TestSplit(t *testing.T) {
	for text, want := range map[string][3]string{
		"kernel: usb 3-2: new":         {"kernel", "", "usb 3-2: new"},
		"CRON[17]: (root) CMD (x: y)":  {"CRON", "17", "(root) CMD (x: y)"},
		"firefox.desktop[4471]: [P, M": {"firefox.desktop", "4471", "[P, M"},
	} {
		who, pid, message := Line{Text: text}.Split()
		if got := [3]string{who, pid, message}; got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
