package screen

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"roamfault/reports/incident"
	"roamfault/reports/render"
	"roamfault/roam"
	"roamfault/roam/runlog"
)

// Line shows a run in one line that is written over on a terminal, and tells of
// cycles that fail in lines of their own. Elsewhere than on a terminal it tells
// these, and once a minute how far it is. It may be used by several goroutines.
type Line struct {
	w       io.Writer
	live    bool
	columns int

	mu    sync.Mutex
	began time.Duration // CLOCK_BOOTTIME
	shown bool
	at    time.Duration // when something was last shown
	doing string
}

const (
	// redraw is how often the live line is written at most, and report how often a
	// line where there is no terminal.
	redraw = 250 * time.Millisecond
	report = time.Minute
)

// NewLine returns a Line on w, of a terminal's width; 0: w is no terminal.
func NewLine(w io.Writer, columns int) *Line { return &Line{w: w, live: columns > 0, columns: columns} }

// Show shows a snapshot.
func (l *Line) Show(s roam.Snapshot) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.began == 0 {
		l.began = s.At.Boot
		l.at = s.At.Boot - report
	}
	if s.Last != nil && s.Last.Outcome != runlog.OK {
		l.line(Cycle(s.Last))
	}
	since := s.At.Boot - l.at
	switch {
	case l.live && (since >= redraw || s.Paused != "" || s.Doing != l.doing && since >= redraw/4):
		fmt.Fprintf(l.w, "\r\x1b[K%s", clip(Status(&s, s.At.Boot-l.began), max(l.columns-1, 1)))
		l.shown, l.at, l.doing = true, s.At.Boot, s.Doing
	case !l.live && since >= report:
		fmt.Fprintln(l.w, Status(&s, s.At.Boot-l.began))
		l.at = s.At.Boot
	}
}

// Say tells a line of its own.
func (l *Line) Say(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.line(render.Clean(fmt.Sprintf(format, args...)))
}

// line writes a line above the live one.
func (l *Line) line(text string) {
	if l.shown {
		fmt.Fprint(l.w, "\r\x1b[K")
		l.shown = false
	}
	fmt.Fprintln(l.w, text)
}

// End takes the live line away.
func (l *Line) End() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.shown {
		fmt.Fprint(l.w, "\r\x1b[K")
		l.shown = false
	}
}

// Cycle tells of a cycle in a line.
func Cycle(c *runlog.Cycle) string {
	var b strings.Builder
	fmt.Fprintf(&b, "cycle %d %s", c.Number, c.Kind)
	if c.To != nil {
		fmt.Fprintf(&b, " to %s", c.To.Addr())
	}
	fmt.Fprintf(&b, ": %s", c.Outcome)
	if c.Detail != "" {
		fmt.Fprintf(&b, ", %s", render.Clean(c.Detail))
	}
	if len(c.Incidents) > 0 {
		fmt.Fprintf(&b, " [%s]", render.Clean(strings.Join(c.Incidents, ", ")))
	}
	if c.Origin == runlog.Injected {
		fmt.Fprintf(&b, " (injected: %s)", strings.Join(c.Injected, ", "))
	}
	return b.String()
}

// Status tells in a line how far a run has come since its begin.
func Status(s *roam.Snapshot, since time.Duration) string {
	var b strings.Builder
	fmt.Fprintf(&b, "cycle %d", s.Cycle)
	if s.Of > 0 {
		fmt.Fprintf(&b, "/%d", s.Of)
	}
	if s.Paused != "" {
		fmt.Fprintf(&b, " paused: %s", render.Clean(s.Paused))
	} else {
		fmt.Fprintf(&b, " %s", render.Clean(s.Doing))
	}
	b.WriteString(" | ")
	b.WriteString(Outcomes(&s.Totals))
	fmt.Fprintf(&b, " | %s", Incidents(&s.Totals))
	if since > 0 && s.Totals.Cycles > 0 {
		fmt.Fprintf(&b, " | %.1f cycles/min, %s", float64(s.Totals.Cycles)/since.Minutes(), incident.Duration(since.Round(time.Second)))
	}
	return b.String()
}

// Outcomes are the counts of outcomes that there were.
func Outcomes(t *roam.Totals) string {
	var words []string
	for _, o := range runlog.Outcomes() {
		if n := t.Outcomes[o]; n > 0 {
			words = append(words, fmt.Sprintf("%s %d", o, n))
		}
	}
	if len(words) == 0 {
		return "no cycle yet"
	}
	return strings.Join(words, ", ")
}

// Incidents are how many there were, by class.
func Incidents(t *roam.Totals) string {
	if t.Incidents == 0 {
		return "no incidents"
	}
	var words []string
	for _, class := range slices.Sorted(maps.Keys(t.Classes)) {
		words = append(words, fmt.Sprintf("%s %d", render.Clean(class), t.Classes[class]))
	}
	what := "incidents"
	if t.Incidents == 1 {
		what = "incident"
	}
	return fmt.Sprintf("%d %s (%s)", t.Incidents, what, strings.Join(words, ", "))
}

// clip cuts a text to so many characters.
func clip(s string, n int) string {
	if runes := []rune(s); n > 0 && len(runes) > n {
		return string(runes[:n-1]) + "…"
	}
	return s
}
