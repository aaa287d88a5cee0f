package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"roamfault/journal"
	"roamfault/patterns"
	"roamfault/patterns/decode"
	"roamfault/reports/schema"
)

func newExplain(e env) *cobra.Command {
	var format, dir string
	cmd := &cobra.Command{
		Use:   "explain CODE|LINE...",
		Short: "Decode one thing: a command word, an errno, a reason or status code, an id, or a whole log line",
		Example: `  roamfault explain 00020002
  roamfault explain -- -22
  roamfault explain reason 6
  roamfault explain status 37
  roamfault explain 14c3:7925
  roamfault explain 'mt7925e 0000:c0:00.0: Message 00020002 (seq 12) timeout'`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := catalogue(dir)
			if err != nil {
				return trouble(err)
			}
			x := explain(cmd, c, strings.Join(args, " "))
			if len(x.Codes) == 0 && x.Pattern == nil {
				return trouble(fmt.Errorf("nothing is known about %q; try a whole log line, or a code as in: explain status 37", strings.Join(args, " ")))
			}
			if format == "json" {
				enc := json.NewEncoder(e.stdout)
				enc.SetIndent("", "  ")
				return enc.Encode(x)
			}
			return x.print(e)
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "write `text|json`")
	cmd.Flags().StringVar(&dir, "patterns", "", "read packs of `DIR`, too")
	return cmd
}

// explanation is what is known about one argument.
type explanation struct {
	Schema  string               `json:"schema"`
	Text    string               `json:"text"`
	Pattern *explainedPattern    `json:"pattern,omitempty"`
	Codes   []decode.Explanation `json:"codes"`
}

type explainedPattern struct {
	ID       string          `json:"id"`
	Class    patterns.Class  `json:"class,omitempty"`
	Severity string          `json:"severity,omitempty"`
	Fields   patterns.Fields `json:"fields"`
	Device   string          `json:"device,omitempty"`
	Meaning  string          `json:"meaning"`
	Advice   string          `json:"advice,omitempty"`
	Source   string          `json:"source,omitempty"`
}

func explain(cmd *cobra.Command, c *patterns.Catalogue, text string) explanation {
	x := explanation{Schema: schema.ExplanationID, Text: text, Codes: append([]decode.Explanation{}, decode.Explain(text)...)}
	_, err := journal.Read(cmd.Context(), strings.NewReader(text+"\n"), journal.Options{File: "-"}, func(r *journal.Record) error {
		m, ok := c.Match(r.Identifier, r.Message)
		if !ok || x.Pattern != nil {
			return nil
		}
		p := &explainedPattern{ID: m.Pattern.ID, Class: m.Class, Fields: m.Fields, Device: m.Subject.String(), Meaning: m.Pattern.Meaning, Advice: m.Pattern.Advice, Source: m.Pattern.Source}
		if m.Class != "" {
			p.Severity = m.Severity.String()
		}
		x.Pattern = p
		for _, f := range m.Fields {
			for _, form := range codeForms[f.Name] {
				x.Codes = append(x.Codes, decode.Explain(strings.TrimSpace(form+" "+f.Value))...)
			}
		}
		return nil
	})
	if err != nil {
		x.Pattern = nil // the text was cut off by the end of the program
	}
	return x
}

// codeForms are the ways in which the value of a field is put to the decoder.
var codeForms = map[string][]string{
	"cmd": {""}, "errno": {"errno"}, "status": {"status"}, "reason": {"reason"}, "chip": {""},
}

func (x explanation) print(e env) error {
	if p := x.Pattern; p != nil {
		fmt.Fprintf(e.stdout, "%s", p.ID)
		if p.Class != "" {
			fmt.Fprintf(e.stdout, ": %s (%s)", p.Class, p.Severity)
		}
		fmt.Fprintln(e.stdout)
		if p.Device != "" {
			fmt.Fprintf(e.stdout, "  device   %s\n", printable(p.Device))
		}
		for _, f := range p.Fields {
			fmt.Fprintf(e.stdout, "  %-8s %s\n", f.Name, printable(f.Value))
		}
		for _, row := range [][2]string{{"meaning", p.Meaning}, {"advice", p.Advice}, {"source", p.Source}} {
			if row[1] != "" {
				fmt.Fprintf(e.stdout, "  %-8s %s\n", row[0], row[1])
			}
		}
	}
	for _, c := range x.Codes {
		fmt.Fprintf(e.stdout, "%s %s: %s\n", c.Kind, c.Code, c.Name)
		if c.Meaning != "" {
			fmt.Fprintf(e.stdout, "  %s\n", c.Meaning)
		}
		if c.Detail != "" {
			fmt.Fprintf(e.stdout, "  %s\n", c.Detail)
		}
	}
	return nil
}
