package screen

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"roamfault/journal"
	"roamfault/reports/incident"
	"roamfault/reports/render"
	"roamfault/roam"
	"roamfault/roam/runlog"
)

// Full shows a run on the whole terminal: how far it is, what came of the cycles,
// how long stages take, the cycles that failed, and what was said last. It may be
// used by several goroutines.
type Full struct {
	program *tea.Program
	ended   chan struct{}
	err     error

	mu     sync.Mutex
	cancel context.CancelFunc // ends the run; nil: nobody has attached
}

// frames is how often a second the screen is drawn at most.
const frames = 4

// NewFull begins to show a run with that title.
func NewFull(in io.Reader, out io.Writer, title string) *Full {
	f := &Full{ended: make(chan struct{})}
	f.program = tea.NewProgram(model{Page: NewPage(title), quit: f.stop}, tea.WithInput(in), tea.WithOutput(out), tea.WithFPS(frames), tea.WithoutSignalHandler())
	go func() {
		defer close(f.ended)
		_, f.err = f.program.Run()
		f.stop() // a screen that died must not leave a run behind that nobody sees
	}()
	return f
}

// Attach gives a context that ends when whoever looks at the screen quits.
func (f *Full) Attach(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	f.mu.Lock()
	f.cancel = cancel
	f.mu.Unlock()
	return ctx, cancel
}

func (f *Full) stop() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.cancel != nil {
		f.cancel()
	}
}

// Show shows a snapshot.
func (f *Full) Show(s roam.Snapshot) {
	if s.Last != nil {
		last := *s.Last
		s.Last = &last
	}
	f.program.Send(s)
}

// Said shows what was said.
func (f *Full) Said(r journal.Record) { f.program.Send(r) }

// Say tells a line.
func (f *Full) Say(format string, args ...any) { f.program.Send(words(fmt.Sprintf(format, args...))) }

// End takes the screen away.
func (f *Full) End() {
	f.program.Quit()
	<-f.ended
}

// words are a line that is told.
type words string

// model is a Page as bubbletea wants it.
type model struct {
	*Page
	quit func()
}

func (m model) Init() tea.Cmd { return nil }

// Update takes what comes.
func (m model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.Width, m.Height = msg.Width, msg.Height
	case tea.KeyPressMsg:
		if k := msg.String(); k == "q" || k == "ctrl+c" || k == "esc" {
			m.Ending = true
			m.quit()
		}
	case roam.Snapshot:
		m.Take(msg)
	case journal.Record:
		m.Log(msg.Identifier + ": " + msg.Message)
	case words:
		m.Log(string(msg))
	}
	return m, nil
}

func (m model) View() tea.View {
	v := tea.NewView(m.String())
	v.AltScreen = true
	return v
}

// Page is what stands on the screen.
type Page struct {
	Title         string
	Width, Height int
	Ending        bool

	began     time.Duration
	now       roam.Snapshot
	bad, log  []string
	latencies map[string]*recent
}

// kept is how many lines of each list are kept.
const kept = 100

// NewPage returns an empty page.
func NewPage(title string) *Page {
	return &Page{Title: title, Width: 80, Height: 24, latencies: map[string]*recent{}}
}

// Take takes a snapshot.
func (p *Page) Take(s roam.Snapshot) {
	if p.began == 0 {
		p.began = s.At.Boot
	}
	if c := s.Last; c != nil {
		if c.Outcome != runlog.OK {
			p.bad = keepLast(p.bad, Cycle(c))
		}
		for _, t := range c.Stages {
			if t.End > 0 {
				p.latency(string(t.Stage), t.End-t.Begin)
			}
		}
		if c.Took > 0 && c.At != nil {
			p.latency("took", c.Took)
		}
		if c.Outage > 0 {
			p.latency("outage", c.Outage)
		}
	}
	p.now = s
	p.now.Last = nil
}

// Log takes a line.
func (p *Page) Log(line string) { p.log = keepLast(p.log, render.Clean(line)) }

func keepLast(list []string, s string) []string {
	list = append(list, s)
	if len(list) > kept {
		list = append(list[:0], list[1:]...)
	}
	return list
}

func (p *Page) latency(what string, d time.Duration) {
	r := p.latencies[what]
	if r == nil {
		r = &recent{}
		p.latencies[what] = r
	}
	r.add(d)
}

// String is the page as text of its width and height.
func (p *Page) String() string {
	s := &p.now
	var lines []string
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	state := render.Clean(s.Doing)
	if s.Paused != "" {
		state = "paused: " + render.Clean(s.Paused)
	}
	if p.Ending {
		state = "ending: " + state
	}
	of := ""
	if s.Of > 0 {
		of = fmt.Sprintf(" of %d", s.Of)
	}
	since := s.At.Boot - p.began
	add("roamfault stress  %s", render.Clean(p.Title))
	add("cycle %d%s  %s  %s", s.Cycle, of, s.Kind, state)
	if since > 0 && s.Totals.Cycles > 0 {
		add("%s, %.1f cycles/min, load %d of the firmware", incident.Duration(since.Round(time.Second)), float64(s.Totals.Cycles)/since.Minutes(), s.Totals.Loads)
	}
	add("")
	add("outcomes   %s", Outcomes(&s.Totals))
	add("incidents  %s", Incidents(&s.Totals))
	add("")
	add("%-10s %10s %10s %10s", "time", "p50", "p90", "max")
	for _, what := range append(stageNames(), "took", "outage") {
		if r := p.latencies[what]; r != nil {
			add("%-10s %10s %10s %10s", what, ms(r.percentile(50)), ms(r.percentile(90)), ms(r.percentile(100)))
		}
	}
	room := max(p.Height-len(lines)-4, 2)
	lines = append(lines, "", "failed cycles")
	lines = append(lines, last(p.bad, (room-1)/2)...)
	lines = append(lines, "", "said last")
	lines = append(lines, last(p.log, p.Height-len(lines)-1)...)
	for len(lines) < p.Height-1 {
		lines = append(lines, "")
	}
	lines = append(lines[:max(p.Height-1, 1)], "q ends the run")
	for i := range lines {
		lines[i] = clip(lines[i], p.Width)
	}
	return strings.Join(lines, "\n")
}

func last(list []string, n int) []string { return list[max(len(list)-max(n, 0), 0):] }

func stageNames() []string {
	var names []string
	for _, s := range runlog.Stages() {
		names = append(names, string(s))
	}
	return names
}

func ms(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000) }
