package journal

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestOrigin finds the raw text of each record where its origin says.
func TestOrigin(t *testing.T) {
	tests := []struct {
		name, in string
		want     []string
	}{
		{
			"quoted, blank, run together", `[    1.000001] wlan0: one
> [    1.000002] wlan0: quoted

[    1.000003] wlan0: first [    1.000004] wlan0: second [    1.000005] wlan0: third
`, []string{
				"[    1.000001] wlan0: one",
				"> [    1.000002] wlan0: quoted",
				"[    1.000003] wlan0: first ",
				"[    1.000004] wlan0: second ",
				"[    1.000005] wlan0: third",
			},
		},
		{
			"wrapped", `
Jan 10 18:38:57 box kernel: wlan0: RX ReassocResp from the access point
02:00:00:00:01:00 (capab=0x1111 status=30 aid=0)
`, []string{
				"Jan 10 18:38:57 box kernel: wlan0: RX ReassocResp from the access point\n02:00:00:00:01:00 (capab=0x1111 status=30 aid=0)",
			},
		},
		{
			"quoted-printable", `Jan 10 18:38:58 box kernel: wlan0: caf=C3=A9 and a long word at the end of i=
t all [    1.000006] wlan0: behind
wlan0: last`, []string{
				"Jan 10 18:38:58 box kernel: wlan0: caf=C3=A9 and a long word at the end of i=\nt all ",
				"[    1.000006] wlan0: behind",
				"wlan0: last",
			},
		},
		{
			"coloured", "\x1b[31mJan 10 18:38:59 box kernel: wlan0: red\x1b[0m[    1.000007] wlan0: behind\n", []string{
				"\x1b[31mJan 10 18:38:59 box kernel: wlan0: red\x1b[0m",
				"[    1.000007] wlan0: behind",
			},
		},
		{
			"structured", "wlan0: one\n{\"MESSAGE\":\"two\"}\n" + exportHead + "MESSAGE=three\n\nwlan0: four\n", []string{
				"wlan0: one", "{\"MESSAGE\":\"two\"}", exportHead + "MESSAGE=three", "wlan0: four",
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			collect(t, tt.in, func(r *Record) {
				got = append(got, r.Raw)
				if !strings.HasPrefix(tt.in[r.Origin.Offset:], r.Raw) {
					t.Errorf("%q is not at %d", r.Raw, r.Origin.Offset)
				}
				if want := 1 + strings.Count(tt.in[:r.Origin.Offset], "\n"); r.Origin.Line != want {
					t.Errorf("%q is in line %d, not %d", r.Raw, want, r.Origin.Line)
				}
				if want := 1 + strings.Count(r.Raw, "\n"); r.Origin.Lines != want {
					t.Errorf("%q has %d lines, not %d", r.Raw, want, r.Origin.Lines)
				}
				if r.Origin.File != "-" {
					t.Errorf("file %q", r.Origin.File)
				}
			})
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("raw texts (-want +got):\n%s", diff)
			}
		})
	}
}

// TestStats sums up what a reader met.
func TestStats(t *testing.T) {
	in := "```\n[    1.000001] wlan0: one\n\nwlan0: two\n-- Reboot --\n[    1.000002] wlan0: three\n```\n"
	_, got := readAll(t, in)
	want := Stats{
		Bytes: int64(len(in)), Lines: 7, Records: 3, Blank: 1, Marks: 3,
		Formats: map[Format]int{FormatDmesg: 2, FormatBare: 1},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("stats (-want +got):\n%s", diff)
	}
}
