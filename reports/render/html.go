package render

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"

	"roamfault/patterns"
	"roamfault/reports/analysis"
	"roamfault/reports/incident"
)

// HTMLOptions are the choices of [NewHTML].
type HTMLOptions struct {
	// Context gives the log's lines around an incident, which are then
	// quoted instead of those of its events alone. May be nil.
	Context Context
	// Facts are shown with every incident: kernel, distribution.
	Facts []Fact
}

// NewHTML returns a renderer that writes one HTML file that needs nothing
// else: no scripts, no fonts, nothing from the network. All of it is written
// by Close.
func NewHTML(w io.Writer, o HTMLOptions) Renderer { return &html{w: w, o: o} }

type html struct {
	gather
	w io.Writer
	o HTMLOptions
}

//go:embed report.html.tmpl
var reportTemplate string

// htmlPage is what the template shows. All strings are clean.
type htmlPage struct {
	Title       string
	Verdict     []Fact
	Clean       string // instead of a verdict when there is no incident
	Interrupted bool
	Incidents   []htmlIncident
	More        string
	Groups      []*group
	Rest        string
	Trouble     []tally
	Progress    []tally
	Uncounted   string
	Unknown     []htmlUnknown
	UnknownMore string
	Inputs      []htmlInput
	InputsMore  string
	Late        string
}

type htmlIncident struct {
	ID, Number, Title, Fingerprint, Summary string
	Outcome, OutcomeClass                   string
	Layer                                   string
	Facts                                   []Fact
	Rows                                    []row
	Marked                                  bool
	NotKept                                 string
	Steps                                   []string
	Codes                                   []code
	Beside                                  []string
	Advice                                  []string
	Quote                                   []string
}

type htmlUnknown struct {
	Count            int
	Place, Text, Who string
}

type htmlInput struct {
	Words, Error string
	Skips        []string
}

func (h *html) Close(s *analysis.Summary) error {
	if s == nil {
		s = &analysis.Summary{}
	}
	h.settle()
	t, err := template.New("report").Funcs(template.FuncMap{
		"severity": patterns.Severity.String,
		"grouped":  grouped,
	}).Parse(reportTemplate)
	if err != nil {
		return fmt.Errorf("read the template of reports: %w", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, h.page(s)); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return put(h.w, b.Bytes())
}

func (h *html) page(s *analysis.Summary) htmlPage {
	p := htmlPage{Interrupted: s.Interrupted}
	if h.incidents == 0 {
		p.Title, p.Clean = "No Wi-Fi incident", h.clean(s)
	} else {
		p.Title, p.Verdict = h.headline()
	}
	for n, i := range h.full {
		p.Incidents = append(p.Incidents, h.incident(i, n+1))
	}
	var rest int
	p.Groups, _, rest = h.further()
	if len(p.Groups) > 0 || rest > 0 {
		p.More = h.furtherTitle()
	}
	if rest > 0 {
		p.Rest = "and " + plural(rest, "incident", "incidents") + " of other fingerprints"
	}
	p.Trouble, p.Progress = h.tallies()
	if h.uncounted > 0 {
		p.Uncounted = plural(h.uncounted, "event", "events") + " of further classes"
	}
	for _, u := range s.Unmatched[:min(len(s.Unmatched), shownTrouble)] {
		p.Unknown = append(p.Unknown, htmlUnknown{u.Count, Clean(at(u.File, u.Line)), Clean(u.Example), Clean(u.Identifier)})
	}
	if more := s.UnmatchedMore + max(0, len(s.Unmatched)-shownTrouble); more > 0 {
		p.UnknownMore = "and " + plural(more, "more kind", "more kinds")
	}
	shown, more := telling(s.Inputs)
	for _, in := range shown {
		line := htmlInput{Words: inputWords(in), Skips: skips(in)}
		if in.Err != nil {
			line.Error = "error: " + Clean(in.Err.Error())
		}
		p.Inputs = append(p.Inputs, line)
	}
	if more > 0 {
		p.InputsMore = "and " + plural(more, "more input", "more inputs")
	}
	if s.Late > 0 {
		p.Late = plural(s.Late, "record stood", "records stood") + " so far from their place in time that they were taken as found"
	}
	return p
}

func (h *html) incident(i *incident.Incident, n int) htmlIncident {
	out := htmlIncident{
		ID: fmt.Sprintf("incident-%d", n), Fingerprint: Clean(i.Fingerprint), Summary: Clean(strings.TrimSpace(i.Summary)),
		Outcome: Clean(string(i.Outcome)), OutcomeClass: "bad", Layer: Clean(string(i.Layer)),
		Facts: table(i, h.o.Facts), Rows: timeline(i), Marked: len(i.Evidence) > 0, NotKept: notKept(i), Steps: steps(i), Codes: codes(i), Beside: beside(i),
		Advice: advice(i), Quote: quote(i, h.o.Context),
	}
	if h.incidents > 1 {
		out.Number, out.Title = fmt.Sprintf("Incident %d of %s", n, grouped(h.incidents)), Clean(i.Title)
	}
	switch i.Outcome {
	case incident.Recovered:
		out.OutcomeClass = "good"
	case incident.ResetOnly, incident.Open:
		out.OutcomeClass = "middling"
	}
	return out
}
