package stress

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"roamfault/reports/render"
	"roamfault/roam/manager"
)

// Text shows a scene for people: all of it, or what is in the way of a run.
func Text(w io.Writer, s *Scene, all bool) error {
	var b strings.Builder
	if all {
		s.found(&b)
		s.intended(&b)
	}
	s.guards(&b, all)
	for _, t := range s.Trouble {
		fmt.Fprintf(&b, "in the way: %s\n", render.Clean(t))
	}
	for _, g := range s.Refused {
		how := "it has to be mended"
		if g.Flag != "" {
			how = "to go on all the same: " + g.Flag
		}
		fmt.Fprintf(&b, "refused: %s: %s; %s\n", g.Name, render.Clean(g.Detail), how)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// found says what was found.
func (s *Scene) found(b *strings.Builder) {
	links := "one link at a time"
	if s.MLO {
		links = "connections with several links"
	}
	fmt.Fprintf(b, "interface  %s (%s, %s)\n", s.Interface, s.Radio, links)
	if s.Via != "" {
		fmt.Fprintf(b, "via        %s: %s\n", s.Via, render.Clean(s.Why))
	}
	at := "nothing"
	if s.At != nil {
		at = s.At.SSID.String() + " " + s.At.String()
	}
	fmt.Fprintf(b, "connected  %s\n", at)
	for i, ap := range s.Targets {
		label := "targets"
		if i > 0 {
			label = ""
		}
		fmt.Fprintf(b, "%-10s %s %s\n", label, ap.SSID, &ap)
	}
	if len(s.Targets) == 0 {
		fmt.Fprintf(b, "targets    none heard of late; a scan comes first\n")
	}
	for i, c := range s.Changes {
		label := "take over"
		if i > 0 {
			label = ""
		}
		fmt.Fprintf(b, "%-10s %s\n", label, render.Clean(c))
	}
}

// intended says what the plan does.
func (s *Scene) intended(b *strings.Builder) {
	p := &s.Plan
	var kinds, faults []string
	for _, k := range p.Kinds {
		kinds = append(kinds, fmt.Sprintf("%s (%d)", k.Kind, k.Weight))
	}
	for _, i := range p.Inject {
		faults = append(faults, fmt.Sprintf("%s in every %s", i.Fault, nth(i.Every)))
	}
	length := ""
	if p.Cycles > 0 {
		length = fmt.Sprintf("%d cycles", p.Cycles)
	}
	if p.Duration > 0 {
		length = strings.TrimPrefix(length+" or "+p.Duration.String(), " or ")
	}
	rows := [][2]string{
		{"plan", p.Name}, {"length", length}, {"cycles", strings.Join(kinds, ", ")}, {"order", string(p.Order)}, {"link", string(p.Link)},
		{"dwell", p.Dwell.String()}, {"timeout", time.Duration(p.Timeout).String()}, {"faults", strings.Join(faults, ", ")}, {"ping", p.Probe.Ping}, {"load", p.Probe.Load},
	}
	for _, r := range rows {
		if r[1] != "" {
			fmt.Fprintf(b, "%-10s %s\n", r[0], render.Clean(r[1]))
		}
	}
}

func nth(n int) string {
	if n == 1 {
		return "cycle"
	}
	return fmt.Sprintf("%d cycles", n)
}

// guards says what every guard has to say, or those that do not keep quiet.
func (s *Scene) guards(b *strings.Builder, all bool) {
	table := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	for _, g := range s.Guards {
		if all || g.State == manager.Warned {
			fmt.Fprintf(table, "%s\t%s\t%s\n", g.State, g.Name, render.Clean(g.Detail))
		}
	}
	_ = table.Flush() // into memory
}

// Missing says in a line why a run cannot begin; empty: it can.
func (s *Scene) Missing() string {
	words := append([]string{}, s.Trouble...)
	for _, g := range s.Refused {
		words = append(words, g.Name+": "+g.Detail)
	}
	return strings.Join(words, "; ")
}
