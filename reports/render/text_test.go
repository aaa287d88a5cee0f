package render

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roamfault/journal"
	"roamfault/patterns"
	"roamfault/reports/analysis"
	"roamfault/reports/incident"
)

func rendered(t *testing.T, s *sample, make func(io.Writer) Renderer) string {
	t.Helper()
	var b bytes.Buffer
	if err := s.play(make(&b)); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTextSaysFirstWhatMatters(t *testing.T) {
	s := &sample{incidents: []*incident.Incident{roamFailure()}}
	got := strings.Split(rendered(t, s, renderers["text"]), "\n")[:5]
	want := []string{
		"What failed mt7925 did not answer BSS_INFO_UPDATE during a roam: recovered, gone for 2 min 12 s",
		"It began    with key-remove-failed at kernel.log:41, 2026-03-04 09:15:02.110 +01:00: a key could not be taken off the hardware",
		"To blame    device (medium confidence): between driver and firmware",
		"Wi-Fi gone  2 min 12 s",
		"What to do  Report the first command of the series and what the host did just before it: the later ones only show that the processor was dead already.",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the first five lines (-want +got):\n%s", diff)
	}
}

var sgr = regexp.MustCompile("\x1b\\[[0-9;]*m")

func TestTextKeepsToTheWidth(t *testing.T) {
	for name, make := range samples {
		for _, width := range []int{40, 41, 55, 56, 60, 72, 80, 100, 200} {
			for _, color := range []bool{false, true} {
				out := rendered(t, make(), func(w io.Writer) Renderer {
					return NewText(w, TextOptions{Width: width, Color: color, Context: around, Facts: facts2})
				})
				out = sgr.ReplaceAllString(out, "")
				for line := range strings.SplitSeq(out, "\n") {
					fingerprint := strings.HasPrefix(strings.TrimSpace(line), incident.FingerprintVersion+":")
					if n := cells(line); n > width && !fingerprint {
						t.Errorf("%s at %d columns: %d columns in %q", name, width, n, line)
					}
					if strings.HasSuffix(line, " ") {
						t.Errorf("%s at %d columns: space at the end of %q", name, width, line)
					}
				}
			}
		}
	}
}

func TestTextColoursOnlyWhenAsked(t *testing.T) {
	for name, make := range samples {
		plain := rendered(t, make(), func(w io.Writer) Renderer { return NewText(w, TextOptions{Width: 80}) })
		if strings.Contains(plain, "\x1b") {
			t.Errorf("%s: escape sequences without colour", name)
		}
		coloured := rendered(t, make(), func(w io.Writer) Renderer { return NewText(w, TextOptions{Width: 80, Color: true}) })
		if diff := cmp.Diff(plain, sgr.ReplaceAllString(coloured, "")); diff != "" {
			t.Errorf("%s: colour changes the text (-plain +coloured):\n%s", name, diff)
		}
	}
}

// Without a terminal nothing may be missing.
func TestTextIsWholeWithoutWidth(t *testing.T) {
	i := roamFailure()
	out := rendered(t, &sample{incidents: []*incident.Incident{i}}, renderers["text"])
	for _, want := range []string{i.Lines[0].Message[len("wlan0: "):], i.Advice[1], i.Fingerprint} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing", want)
		}
	}
}

// No document for people may pass on what a terminal or a reader would obey.
func FuzzDocuments(f *testing.F) {
	f.Add(poison, "wpa_supplicant")
	f.Add("\x1b[2J", "kernel\u202e")
	f.Fuzz(func(t *testing.T, text, who string) {
		i := hostile()
		e := *i.Root
		e.Message, e.Identifier, e.Raw, e.Class, e.Origin.File = text, who, text, patterns.Class(who), who
		i.Lines, i.Events, i.Evidence, i.Title, i.Phase, i.Outcome = []*incident.Event{&e}, []*incident.Event{&e}, nil, text, text, incident.Outcome(who)
		i.Layer, i.Confidence, i.Reached = incident.Layer(text), incident.Confidence(who), text
		s := &sample{events: []*incident.Event{&e, told(3, "01:00:00.000", patterns.Class(text), text)}, incidents: []*incident.Incident{i}}
		for _, format := range []string{"text", "text40", "markdown", "html"} {
			var b bytes.Buffer
			if err := s.play(renderers[format](&b)); err != nil {
				t.Fatal(err)
			}
			if bad, found := unsafe(strings.ReplaceAll(b.String(), "\n", "")); found {
				t.Fatalf("%s holds %q", format, bad)
			}
			if format != "html" {
				continue
			}
			tags := tag.FindAllString(b.String(), -1)
			for _, name := range tags {
				if !ownTags[name] {
					t.Fatalf("html holds %q, which the template does not write", name)
				}
			}
		}
	})
}

var tag = regexp.MustCompile(`<[!/]?[a-zA-Z][a-zA-Z0-9]*`)

// ownTags are the elements that the template writes.
var ownTags = func() map[string]bool {
	own := make(map[string]bool)
	for _, name := range tag.FindAllString(reportTemplate, -1) {
		own[name] = true
	}
	return own
}()

func TestCleanSentence(t *testing.T) {
	input := func(records int, err error) analysis.Input {
		return analysis.Input{Path: "a.log", Err: err, Stats: journal.Stats{Records: records}}
	}
	warning := told(1, "09:00:00.000", patterns.ScanFailed, "scan failed")
	roam := told(2, "09:00:00.000", patterns.RoamStart, "roam")
	unknown := []analysis.Unmatched{{Template: "x", Count: 2}}
	cases := []struct {
		name   string
		events []*incident.Event
		s      analysis.Summary
		want   string
	}{
		{"all fine", []*incident.Event{roam, roam}, analysis.Summary{Inputs: []analysis.Input{input(400, nil), input(12, nil), input(0, nil)}},
			"No incident: 412 records of 3 inputs, 2 roams, all fine."},
		{"one of each", []*incident.Event{roam}, analysis.Summary{Inputs: []analysis.Input{input(1, nil)}}, "No incident: 1 record of 1 input, 1 roam, all fine."},
		{"symptoms", []*incident.Event{warning}, analysis.Summary{Inputs: []analysis.Input{input(5, nil)}}, "No incident: 5 records of 1 input, but 1 symptom without an outage."},
		{"unknown trouble", nil, analysis.Summary{Inputs: []analysis.Input{input(5, nil)}, Unmatched: unknown, UnmatchedMore: 1},
			"No incident: 5 records of 1 input, but 2 kinds of record that look like trouble and are not known."},
		{"stopped", nil, analysis.Summary{Inputs: []analysis.Input{input(5, nil)}, Interrupted: true}, "No incident: 5 records of 1 input, but stopped before the end."},
		{"one unreadable", nil, analysis.Summary{Inputs: []analysis.Input{input(5, nil), input(0, errors.New("no"))}},
			"No incident: 5 records of 2 inputs, but 1 input that could not be read to its end."},
		{"nothing readable", nil, analysis.Summary{Inputs: []analysis.Input{input(0, errors.New("no"))}}, "Nothing could be read, so there is nothing to say."},
		{"empty", nil, analysis.Summary{Inputs: []analysis.Input{input(0, nil)}}, "No incident: there are no records in 1 input."},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			out := rendered(t, &sample{events: c.events, summary: &c.s}, renderers["text"])
			got, _, _ := strings.Cut(out, "\n")
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestOutage(t *testing.T) {
	cases := []struct {
		name string
		i    incident.Incident
		want string
	}{
		{"known", incident.Incident{Outcome: incident.Recovered, HasOutage: true, Outage: 2700 * time.Millisecond}, "2.7 s"},
		{"no clocks", incident.Incident{Outcome: incident.Recovered}, "unknown: the clocks of this log do not tell"},
		{"a lower bound", incident.Incident{Outcome: incident.Failed, HasLasted: true, Lasted: 90 * time.Second}, "at least 1 min 30 s, not seen to come back"},
		{"nothing known", incident.Incident{Outcome: incident.Open}, "unknown, not seen to come back"},
	}
	for _, c := range cases {
		if diff := cmp.Diff(c.want, outage(&c.i)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// The gravest incident heads the document and is told in full wherever it
// stands among many.
func TestManyIncidentsAreBounded(t *testing.T) {
	g := &gather{}
	for n := range 5000 {
		i := roamFailure()
		i.Fingerprint = fmt.Sprintf("v1:x:%d", n%2000)
		if n == 4000 {
			i = deadAtBoot()
		}
		if err := g.Incident(i); err != nil {
			t.Fatal(err)
		}
	}
	g.settle()
	if len(g.full) != mostInFull || g.full[mostInFull-1] != g.heading || g.heading.Outcome != incident.FatalEnd {
		t.Errorf("%d incidents in full, and the gravest is not the last of them", len(g.full))
	}
	if len(g.groups) > mostGroups || len(g.repeated) != len(g.groups) {
		t.Errorf("%d groups kept (%d by name), want at most %d", len(g.groups), len(g.repeated), mostGroups)
	}
	shown, _, rest := g.further()
	sum := len(g.full) + rest
	for _, o := range shown {
		sum += o.Count
	}
	if sum != g.incidents {
		t.Errorf("%d incidents are told of, want all %d", sum, g.incidents)
	}
}
