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
		runlog.KeyKernel, runlog.KeyDriver, runlog.KeyChip, runlog.KeyFirmware, runlog.KeySupplicant, runlog.KeyVia, runlog.KeyRegulatory, runlog.KeyPowerSave, runlog.KeyASPM, runlog.KeySources,
	}
}

// Text writes a summary for people.
func Text(w io.Writer, s Summary) error {
	var b strings.Builder
	s.head(&b)
	for _, rows := range s.tables() {
		b.WriteByte('\n')
		table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
		for _, row := range rows {
			for i, cell := range row {
				row[i] = render.Clean(cell)
			}
			fmt.Fprintln(table, strings.Join(row, "\t"))
		}
		if err := table.Flush(); err != nil {
			return err
		}
	}
	if len(s.Classes) == 0 {
		b.WriteString("\nno incidents\n")
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
	for _, m := range s.made() {
		words = append(words, fmt.Sprintf("%s %s", m.Key, render.Clean(m.Value)))
	}
	if len(words) > 0 {
		fmt.Fprintf(b, "%s\n", strings.Join(words, ", "))
	}
}

// made is what is shown of what the run was made with.
func (s *Summary) made() []runlog.Setting {
	var out []runlog.Setting
	for _, key := range shown() {
		if v, ok := s.Environment.Get(key); ok && v != "" {
			out = append(out, runlog.Setting{Key: key, Value: v})
		}
	}
	return out
}

// tables are those that have something to tell, for text and Markdown alike; the
// first row is the head.
func (s *Summary) tables() [][][]string {
	var out [][][]string
	for _, rows := range [][][]string{s.outcomeRows(), s.kindRows(), s.latencyRows(), s.classRows()} {
		if len(rows) > 1 {
			out = append(out, rows)
		}
	}
	return out
}

func (s *Summary) outcomeRows() [][]string {
	rows := [][]string{{"outcome", "cycles", "%", "first"}}
	for _, o := range s.Outcomes {
		rows = append(rows, []string{string(o.Outcome), fmt.Sprint(o.Cycles), fmt.Sprintf("%.1f", 100*float64(o.Cycles)/float64(max(s.Cycles, 1))), fmt.Sprint(o.First)})
	}
	return rows
}

// kindRows tell nothing new where all cycles are of one kind.
func (s *Summary) kindRows() [][]string {
	rows := [][]string{{"kind of cycle", "cycles", "failed"}}
	if len(s.Kinds) > 1 {
		for _, k := range s.Kinds {
			rows = append(rows, []string{string(k.Kind), fmt.Sprint(k.Cycles), fmt.Sprint(k.Bad)})
		}
	}
	return rows
}

func (s *Summary) latencyRows() [][]string {
	rows := [][]string{{"time", "p50", "p90", "p99", "max", "cycles"}}
	for _, l := range s.Latencies {
		rows = append(rows, []string{l.What, ms(l.P50), ms(l.P90), ms(l.P99), ms(l.Max), fmt.Sprint(l.N)})
	}
	return rows
}

func (s *Summary) classRows() [][]string {
	rows := [][]string{{"incidents", "natural", "injected", "fatal", "first in cycle", "fingerprint"}}
	for _, c := range s.Classes {
		rows = append(rows, []string{c.Class, fmt.Sprint(c.Natural), fmt.Sprint(c.Injected), fmt.Sprint(c.Fatal), number(c.First), c.Fingerprint})
	}
	return rows
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
