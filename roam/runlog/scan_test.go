package runlog

import (
	"bytes"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// The scanner finds in a line what decoding it finds.
func TestScanCycle(t *testing.T) {
	skipped := &Cycle{Number: 3, Kind: Suspend, Outcome: Skipped, Origin: Natural, Begin: momentAt(9), End: momentAt(9)}
	single := quietCycle(5)
	single.To = &AP{SSID: SSID("]}\",\"links\":["), Links: []Link{{BSSID: testAP(3).Links[1].BSSID, Freq: 2412}}}
	single.At, single.Air, single.Probe = single.To, nil, nil
	linkless := quietCycle(6)
	linkless.To.Links, linkless.At.Links = nil, nil
	for name, c := range map[string]*Cycle{"quiet": quietCycle(1234), "bad": badCycle(7), "skipped": skipped, "single": single, "linkless": linkless} {
		t.Run(name, func(t *testing.T) {
			line := bytes.TrimSpace(encoded(t, c))
			got, ok := scanLine(line)
			if !ok {
				t.Fatalf("not taken: %s", line)
			}
			if diff := cmp.Diff(rowOf(c), got, cmp.AllowUnexported(row{}), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("(-decoded +scanned):\n%s", diff)
			}
		})
	}
}

// scansAlike reports whether a line is not as the encoder writes it, which the
// decoder takes or does not, or else is scanned to what decoding finds.
func scansAlike(t *testing.T, line []byte) {
	t.Helper()
	got, ok := scanLine(line)
	if !ok {
		return
	}
	e, err := decode(TypeCycle, line)
	if err != nil {
		return // only who writes a checksum to it gets this far
	}
	if want := rowOf(e.(*Cycle)); !reflect.DeepEqual(want, got) {
		diff := cmp.Diff(want, got, cmp.AllowUnexported(row{}))
		t.Errorf("%s\n(-decoded +scanned):\n%s", line, diff)
	}
}

// The same of lines in which something was changed, left out or said again.
func TestScanSpoilt(t *testing.T) {
	for _, c := range []*Cycle{quietCycle(1234), badCycle(7)} {
		line := bytes.TrimSpace(encoded(t, c))
		for at := range line {
			front, rest := line[:at:at], line[at+1:]
			for _, with := range []string{"", "0", `"`, `\`, "]", "\xd7", string(line[at]) + string(line[at])} {
				scansAlike(t, append(append(front, with...), rest...))
			}
		}
	}
}

// What is not as the encoder writes it is left to the decoder; what both read
// they read alike.
func FuzzScanCycle(f *testing.F) {
	for _, c := range []*Cycle{quietCycle(1), badCycle(2), {Number: 3}} {
		f.Add(bytes.TrimSpace(encoded(f, c)))
	}
	f.Fuzz(scansAlike)
}

// Numbers are read as they are written, of every length, up to the first character
// that is no digit.
func TestScanNumber(t *testing.T) {
	const digits, behind = "918273645546372819", `,"crc":"00000000"}`
	for length := 1; length <= len(digits); length++ {
		for _, sign := range []string{"", "-"} {
			text := sign + digits[:length]
			want, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			if got, rest := scan(text + behind).number(); got != want || string(rest) != behind {
				t.Errorf("%s is %d, and %q is left", text, got, rest)
			}
		}
		for c := range 256 {
			if c >= '0' && c <= '9' {
				continue
			}
			for at := 1; at < length; at++ {
				text := digits[:at] + string([]byte{byte(c)}) + digits[at:length]
				want, _ := strconv.ParseInt(digits[:at], 10, 64)
				if got, rest := scan(text + behind).number(); got != want || len(rest) != length+1-at+len(behind) {
					t.Fatalf("%q is %d, and %q is left", text, got, rest)
				}
			}
		}
	}
	for _, text := range []string{"", "-", "x", "01", "00000001", "-012345678", "1234567890123456789", strings.Repeat("9", 1000)} {
		if got, rest := scan(text + behind).number(); rest != nil {
			t.Errorf("%s is %d", text, got)
		}
	}
	if got, rest := scan("7").number(); got != 7 || rest == nil || len(rest) > 0 {
		t.Errorf("at the end of a text: %d, %v", got, rest)
	}
}

// The sum of a line tells every change of a character, of the sum itself, too.
func TestSum(t *testing.T) {
	line := bytes.TrimSpace(encoded(t, quietCycle(1)))
	if _, err := openFrame(line, castagnoli()); err != nil {
		t.Fatal(err)
	}
	for at := range line {
		for _, c := range []byte{line[at] ^ 1, line[at] ^ 0x20, 'A', '0', 0} {
			if c == line[at] {
				continue
			}
			spoilt := append(append(bytes.Clone(line[:at]), c), line[at+1:]...)
			if _, err := openFrame(spoilt, castagnoli()); err == nil {
				t.Fatalf("taken with %q at %d: %s", c, at, spoilt)
			}
		}
	}
}
