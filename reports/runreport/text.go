package runreport

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"roamfault/reports/incident"
	"roamfault/reports/render"
	"roamfault/roam/runlog"
)

// shown are the keys of the environment that a summary shows.
func shown() []runlog.Key {
	return []runlog.Key{
		runlog.KeyKernel, runlog.KeyDriver, runlog.KeyChip, runlog.KeyFirmware, runlog.KeySupplicant, runlog.KeyVia, runlog.KeyRegulatory, runlog.KeyPowerSave, runlog.KeyASPM,
	}
}

// Text writes a summary for people.
func Text(w io.Writer, s Summary) error {
	var b strings.Builder
	s.head(&b)
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	s.outcomes(table)
	s.latencies(table)
	s.incidents(table)
	if err := table.Flush(); err != nil {
		return err
	}
	for i, a := range s.Advice {
		if i == 0 {
			b.WriteString("\nWhat to do next\n")
		}
		fmt.Fprintf(&b, "  - %s\n", render.Clean(a))
	}
	for _, p := range s.Problems {
		fmt.Fprintf(&b, "the run file: %s\n", render.Clean(p))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (s *Summary) head(b *strings.Builder) {
	fmt.Fprintf(b, "Run %s", render.Clean(s.ID))
	if s.Plan != "" {
		fmt.Fprintf(b, " (%s)", render.Clean(s.Plan))
	}
	fmt.Fprintf(b, ": %s", plural(s.Cycles, "cycle"))
	if s.Driven > 0 {
		fmt.Fprintf(b, " in %s", incident.Duration(s.Driven))
	}
	switch {
	case s.Open:
		b.WriteString(", not ended")
	case s.Ended != plural(s.Cycles, "cycle"):
		fmt.Fprintf(b, ", ended by %s", render.Clean(s.Ended))
	}
	b.WriteByte('\n')
	var words []string
	for _, key := range shown() {
		if v, ok := s.Environment.Get(key); ok && v != "" {
			words = append(words, fmt.Sprintf("%s %s", key, render.Clean(v)))
		}
	}
	if len(words) > 0 {
		fmt.Fprintf(b, "%s\n", strings.Join(words, ", "))
	}
}

func (s *Summary) outcomes(w io.Writer) {
	fmt.Fprint(w, "\noutcome\tcycles\t%\tfirst\n")
	for _, o := range s.Outcomes {
		fmt.Fprintf(w, "%s\t%d\t%.1f\t%d\n", o.Outcome, o.Cycles, 100*float64(o.Cycles)/float64(max(s.Cycles, 1)), o.First)
	}
	if len(s.Kinds) > 1 {
		fmt.Fprint(w, "\nkind of cycle\tcycles\tfailed\n")
		for _, k := range s.Kinds {
			fmt.Fprintf(w, "%s\t%d\t%d\n", k.Kind, k.Cycles, k.Bad)
		}
	}
}

func (s *Summary) latencies(w io.Writer) {
	if len(s.Latencies) == 0 {
		return
	}
	fmt.Fprint(w, "\ntime\tp50\tp90\tp99\tmax\tcycles\n")
	for _, l := range s.Latencies {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%d\n", l.What, ms(l.P50), ms(l.P90), ms(l.P99), ms(l.Max), l.N)
	}
}

func (s *Summary) incidents(w io.Writer) {
	if len(s.Classes) == 0 {
		fmt.Fprint(w, "\nno incidents\n")
		return
	}
	fmt.Fprint(w, "\nincidents\tnatural\tinjected\tfatal\tfirst in cycle\tfingerprint\n")
	for _, c := range s.Classes {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%s\t%s\n", render.Clean(c.Class), c.Natural, c.Injected, c.Fatal, number(c.First), render.Clean(c.Fingerprint))
	}
}

func number(n int) string {
	if n == 0 {
		return "-"
	}
	return fmt.Sprint(n)
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// ms writes a duration in milliseconds, in seconds from ten on.
func ms(d time.Duration) string {
	if d >= 10*time.Second {
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
}
