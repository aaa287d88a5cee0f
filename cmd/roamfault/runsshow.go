package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"roamfault/patterns"
	"roamfault/reports/incident"
	"roamfault/reports/render"
	"roamfault/reports/runreport"
	"roamfault/roam/observe"
	"roamfault/roam/runlog"
	"roamfault/roam/runlog/rundir"
)

// showFlags are the options of the command as typed.
type showFlags struct {
	format, incident, patterns string
	incidents, cycles          bool
	outcomes                   []string
}

func newRunsShow(e env, open opener) *cobra.Command {
	var f showFlags
	cmd := &cobra.Command{
		Use:   "show ID",
		Short: "Show what came of a run: its summary, its incidents or its cycles",
		Long: `Show sums a run up: how its cycles ended, how long each stage took, which incidents there were, and what to do next.

--incidents lists the incidents with the cycle each fell into, --incident ID shows one as analyze does, from the records of the run, and --cycles
lists the cycles. With --format json the incidents are JSON Lines as of analyze --format jsonl.`,
		Example: `  roamfault runs show latest
  roamfault runs show latest --incidents
  roamfault runs show 20260301 --incident 4f2a --format markdown
  roamfault runs show latest --cycles --outcome timeout,rejected`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: open.complete,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(); err != nil {
				return err
			}
			s, err := open()
			if err != nil {
				return err
			}
			id, err := s.resolve(args[0])
			if err == nil {
				err = f.show(cmd.Context(), e, s, id)
			}
			if err != nil {
				return trouble(err)
			}
			return nil
		},
	}
	flags := cmd.Flags()
	flags.StringVarP(&f.format, "format", "f", "text", "write `text|json|markdown`")
	flags.BoolVar(&f.incidents, "incidents", false, "list the incidents")
	flags.StringVar(&f.incident, "incident", "", "show the incident `ID`, or the only one whose id begins so")
	flags.BoolVar(&f.cycles, "cycles", false, "list the cycles")
	flags.StringSliceVar(&f.outcomes, "outcome", nil, "with --cycles, only those that ended by one of `OUTCOMES`: "+outcomeNames())
	flags.StringVar(&f.patterns, "patterns", "", "with --incident, read pattern packs of `DIR`, too")
	cmd.MarkFlagsMutuallyExclusive("incidents", "incident", "cycles")
	return cmd
}

func outcomeNames() string {
	var names []string
	for _, o := range runlog.Outcomes() {
		names = append(names, string(o))
	}
	return strings.Join(names, ", ")
}

func (f *showFlags) check() error {
	formats := []string{"text", "json", "markdown"}
	switch {
	case f.cycles:
		formats = formats[:1]
	case f.incidents:
		formats = formats[:2]
	}
	if !slices.Contains(formats, f.format) {
		what := ""
		switch {
		case f.cycles:
			what = ", for cycles: in JSON they are in the run's " + rundir.FileName
		case f.incidents:
			what = ", for a list of incidents"
		}
		return fmt.Errorf("--format %q: %s%s", f.format, strings.Join(formats, " or "), what)
	}
	if len(f.outcomes) > 0 && !f.cycles {
		return errors.New("--outcome chooses among cycles: name --cycles, too")
	}
	for _, o := range f.outcomes {
		if !slices.Contains(runlog.Outcomes(), runlog.Outcome(o)) {
			return fmt.Errorf("--outcome %q: %s", o, outcomeNames())
		}
	}
	return nil
}

func (f *showFlags) show(ctx context.Context, e env, s *runStore, id string) error {
	switch {
	case f.cycles:
		return f.listCycles(ctx, e, s, id)
	case f.incidents:
		return f.listIncidents(ctx, e, s, id)
	case f.incident != "":
		return f.showIncident(ctx, e, s, id)
	}
	summary, err := s.summary(ctx, id)
	if err != nil {
		return err
	}
	if f.format == "markdown" {
		return runreport.Markdown(e.stdout, summary)
	}
	return writeSummary(e.stdout, summary, f.format)
}

// read gives the entries of a run one by one, and says on standard error what was
// wrong with its file.
func (s *runStore) read(ctx context.Context, id string, yield func(runlog.Entry) error) (runlog.Stats, error) {
	file, err := s.open(id)
	if err != nil {
		return runlog.Stats{}, fmt.Errorf("read run %s: %w", id, err)
	}
	defer file.Close()
	stats, err := runlog.Read(ctx, file, yield)
	if err != nil {
		err = fmt.Errorf("read run %s: %w", id, err)
	}
	return stats, err
}

// open opens a run's file, which has to be one: as root nothing is followed out of
// the directory of the runs.
func (s *runStore) open(id string) (*os.File, error) {
	root, err := os.OpenRoot(s.root.Path)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	name := filepath.Join(id, rundir.FileName)
	if info, err := root.Lstat(name); err != nil {
		return nil, err
	} else if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file", name)
	}
	return root.Open(name)
}

// complain says what is wrong with the file that something was read from.
func complain(w io.Writer, stats runlog.Stats) {
	for _, p := range stats.Problems() {
		fmt.Fprintf(w, "the run file: %s\n", render.Clean(p))
	}
}

func (f *showFlags) listCycles(ctx context.Context, e env, s *runStore, id string) error {
	w := tabwriter.NewWriter(e.stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "cycle\ttime\tkind\tto\toutcome\ttook\toutage\tlinks\tincidents\tdetail")
	const flushEach = 1000 // or a long run would be held whole
	shown := 0
	stats, err := s.read(ctx, id, func(entry runlog.Entry) error {
		c, ok := entry.(*runlog.Cycle)
		if !ok || len(f.outcomes) > 0 && !slices.Contains(f.outcomes, string(c.Outcome)) {
			return nil
		}
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", c.Number, clock(c.Begin), printable(string(c.Kind)), target(c), printable(string(c.Outcome)),
			milliseconds(c.Took), milliseconds(c.Outage), linksOf(c), dash(printable(strings.Join(c.Incidents, ","))), dash(column(c.Detail)))
		if shown++; shown%flushEach == 0 {
			return w.Flush()
		}
		return nil
	})
	if err := errors.Join(err, w.Flush()); err != nil {
		return err
	}
	complain(e.stderr, stats)
	return nil
}

// clock is when something was, on this machine's wall clock.
func clock(m runlog.Moment) string {
	if m.Wall.IsZero() {
		return "-"
	}
	return m.Wall.Local().Format("2006-01-02 15:04:05")
}

func target(c *runlog.Cycle) string {
	switch {
	case c.To == nil:
		return "-"
	case !c.BSSID.IsZero() && c.BSSID != c.To.Addr():
		return fmt.Sprintf("%s over %s", c.To.Addr(), c.BSSID)
	}
	return c.To.Addr().String()
}

func linksOf(c *runlog.Cycle) string {
	if c.At == nil {
		return "-"
	}
	if c.Expected > 0 {
		return fmt.Sprintf("%d of %d", len(c.At.Links), c.Expected)
	}
	return fmt.Sprint(len(c.At.Links))
}

func milliseconds(d time.Duration) string {
	if d == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
}

// toldIncident is an incident of a run, with what a list shows of its document.
type toldIncident struct {
	runlog.IncidentEntry
	title string
}

// mostTold is how many incidents are listed.
const mostTold = 200_000

// incidentsOf are the incidents of a run in their order, each in its last
// revision.
func (s *runStore) incidentsOf(ctx context.Context, id string, keep bool) ([]toldIncident, runlog.Stats, error) {
	var list []toldIncident
	places := make(map[string]int)
	more := 0
	stats, err := s.read(ctx, id, func(entry runlog.Entry) error {
		i, ok := entry.(*runlog.IncidentEntry)
		if !ok {
			return nil
		}
		told := toldIncident{IncidentEntry: *i}
		var document struct {
			Title string `json:"title"`
		}
		if json.Unmarshal(i.Incident, &document) == nil {
			told.title = document.Title
		}
		if !keep {
			told.Incident = nil
		}
		at, known := places[i.ID]
		switch {
		case known && i.Rev >= list[at].Rev:
			list[at] = told
		case known:
		case len(list) == mostTold:
			more++
		default:
			places[i.ID] = len(list)
			list = append(list, told)
		}
		return nil
	})
	if err == nil && more > 0 {
		err = fmt.Errorf("run %s has %d incidents more than can be listed: read its %s", id, more, rundir.FileName)
	}
	return list, stats, err
}

func (f *showFlags) listIncidents(ctx context.Context, e env, s *runStore, id string) error {
	asJSON := f.format == "json"
	list, stats, err := s.incidentsOf(ctx, id, asJSON)
	if err != nil {
		return err
	}
	if asJSON {
		for _, i := range list {
			if _, err := fmt.Fprintf(e.stdout, "%s\n", i.Incident); err != nil {
				return err
			}
		}
		complain(e.stderr, stats)
		return nil
	}
	w := tabwriter.NewWriter(e.stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "incident\tcycle\ttime\torigin\tfingerprint\ttitle")
	for _, i := range list {
		cycle := "-"
		if i.Cycle > 0 {
			cycle = fmt.Sprint(i.Cycle)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", printable(i.ID), cycle, clock(i.At), printable(string(i.Origin)), printable(i.Fingerprint), printable(i.title))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if len(list) > 0 {
		fmt.Fprintf(e.stderr, "one in full: roamfault runs show %s --incident %s\n", id, printable(list[0].ID))
	}
	complain(e.stderr, stats)
	return nil
}

// showIncident shows an incident as the records of the run give it again.
func (f *showFlags) showIncident(ctx context.Context, e env, s *runStore, id string) error {
	wanted, err := s.findIncident(ctx, id, f.incident)
	if err != nil {
		return err
	}
	if f.format == "json" {
		return writeJSON(e.stdout, wanted.Incident)
	}
	c, err := catalogue(f.patterns)
	if err != nil {
		return err
	}
	var found *incident.Incident
	if err := s.replay(ctx, id, c, func(i *incident.Incident) error {
		if i.ID == wanted.ID {
			found = i
		}
		return nil
	}); err != nil {
		return err
	}
	if found == nil {
		return fmt.Errorf("the records of run %s do not give incident %s with these patterns: it was made with others, or records are lost; --format json shows what was kept of it", id, printable(wanted.ID))
	}
	var r render.Renderer
	if f.format == "markdown" {
		r = render.NewMarkdown(e.stdout, render.MarkdownOptions{})
	} else {
		width, _ := terminal(e.stdout)
		r = render.NewText(e.stdout, render.TextOptions{Width: width, Color: colour(e.stdout, "auto")})
	}
	return errors.Join(r.Incident(found), r.Close(nil))
}

// findIncident finds the incident that is meant.
func (s *runStore) findIncident(ctx context.Context, id, name string) (toldIncident, error) {
	list, _, err := s.incidentsOf(ctx, id, true)
	if err != nil {
		return toldIncident{}, err
	}
	var found []toldIncident
	for _, i := range list {
		if i.ID == name {
			return i, nil
		}
		if strings.HasPrefix(i.ID, name) {
			found = append(found, i)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return toldIncident{}, fmt.Errorf("run %s has no incident %q; roamfault runs show %s --incidents lists them", id, name, id)
	}
	return toldIncident{}, fmt.Errorf("%d incidents of run %s begin with %q: name more of it", len(found), id, name)
}

// replay makes incidents of the records of a run again.
func (s *runStore) replay(ctx context.Context, id string, c *patterns.Catalogue, found func(*incident.Incident) error) error {
	var failed error
	enough := errors.New("enough")
	steps := func(yield func(observe.Step) bool) {
		_, failed = s.read(ctx, id, func(entry runlog.Entry) error {
			r, ok := entry.(*runlog.RecordEntry)
			if !ok {
				return nil
			}
			step := observe.Step{Record: &r.Record}
			if r.Tick {
				step = observe.Step{Time: r.Record.Time, Boot: r.Record.Boot}
			}
			if !yield(step) {
				return enough
			}
			return nil
		})
	}
	err := observe.Replay(c, steps, found)
	if errors.Is(failed, enough) {
		failed = nil
	}
	return errors.Join(err, failed)
}
