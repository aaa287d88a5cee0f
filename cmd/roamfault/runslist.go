package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"roamfault/reports/render"
	"roamfault/reports/schema"
	"roamfault/roam/runlog"
	"roamfault/roam/runlog/rundir"
)

// latestRun names the run that was begun last.
const latestRun = "latest"

// ids are those of all runs, the oldest first.
func (s *runStore) ids() ([]string, error) {
	infos, err := rundir.List(s.root)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(infos))
	for i := range infos {
		ids[i] = infos[i].ID
	}
	return ids, nil
}

// errNoRun is of a name that no run has.
var errNoRun = errors.New("there is no such run")

// resolve finds the run that is meant.
func (s *runStore) resolve(name string) (string, error) {
	ids, err := s.ids()
	if err != nil {
		return "", err
	}
	if len(ids) == 0 {
		return "", fmt.Errorf("run %q: %w: %s has none; roamfault stress makes them", name, errNoRun, s.root.Path)
	}
	if name == latestRun {
		return ids[len(ids)-1], nil
	}
	if slices.Contains(ids, name) {
		return name, nil
	}
	var found []string
	for _, id := range ids {
		if name != "" && strings.HasPrefix(id, name) {
			found = append(found, id)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return "", fmt.Errorf("run %q: %w in %s; roamfault runs list shows those there are", name, errNoRun, s.root.Path)
	}
	return "", fmt.Errorf("run %q: %d begin so, %s and %s are two: name more of it", name, len(found), found[0], found[1])
}

// resolveAll finds several, each once.
func (s *runStore) resolveAll(names []string) ([]string, error) {
	var ids []string
	for _, name := range names {
		id, err := s.resolve(name)
		if err != nil {
			return nil, err
		}
		if slices.Contains(ids, id) {
			return nil, fmt.Errorf("run %s is named twice", id)
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// The states of a run.
const (
	stateRunning    = "running"    // a process has it
	stateOpen       = "open"       // it was not ended, and nobody has it
	stateEnded      = "ended"      //
	stateUnreadable = "unreadable" //
)

// listedRun is a run as a list has it.
type listedRun struct {
	ID        string     `json:"id"`
	Started   *time.Time `json:"started"` // nil: its first line is lost
	Plan      string     `json:"plan"`
	Kernel    string     `json:"kernel"`
	Driver    string     `json:"driver"`
	Firmware  string     `json:"firmware"`
	Via       string     `json:"via"`
	Cycles    int        `json:"cycles"`
	Bad       int        `json:"bad"`
	Incidents int        `json:"incidents"`
	State     string     `json:"state"`
	Problems  []string   `json:"problems"`
}

// listedRuns is what runs list --format json prints.
type listedRuns struct {
	Schema    string      `json:"schema"` // [schema.RunsListID]
	Directory string      `json:"directory"`
	Runs      []listedRun `json:"runs"`
}

// list reads all runs. One that cannot be read is in the list, with the reason.
func (s *runStore) list(ctx context.Context) (listedRuns, error) {
	out := listedRuns{Schema: schema.RunsListID, Directory: s.root.Path, Runs: []listedRun{}}
	infos, err := rundir.List(s.root)
	if err != nil {
		return out, err
	}
	for _, info := range infos {
		run, stats, err := rundir.Load(ctx, s.root, info.ID)
		if ctx.Err() != nil {
			return out, ctx.Err()
		}
		if err != nil {
			out.Runs = append(out.Runs, listedRun{ID: info.ID, State: stateUnreadable, Problems: []string{err.Error()}})
			continue
		}
		out.Runs = append(out.Runs, listed(info, run, stats))
	}
	return out, nil
}

func listed(info rundir.Info, run *runlog.Run, stats runlog.Stats) listedRun {
	l := listedRun{
		ID: info.ID, Plan: run.Head.Plan.Name, Cycles: run.Cycles.Len(), Incidents: len(run.Incidents), State: stateEnded,
		Problems: append([]string{}, stats.Problems()...),
	}
	if at := run.Head.Started.Wall; !at.IsZero() {
		l.Started = &at
	}
	for _, c := range run.Cycles.All() {
		if c.Outcome.Bad() {
			l.Bad++
		}
	}
	l.Bad += len(run.Crashes()) // between two cycles
	env := run.Environment()
	l.Kernel, _ = env.Get(runlog.KeyKernel)
	l.Driver, _ = env.Get(runlog.KeyDriver)
	l.Firmware, _ = env.Get(runlog.KeyFirmware)
	l.Via, _ = env.Get(runlog.KeyVia)
	switch {
	case info.Locked:
		l.State = stateRunning
	case run.Open():
		l.State = stateOpen
	}
	return l
}

func newRunsList(e env, open opener) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the runs, the oldest first",
		Long: `List shows each run with what it was made with and what came of it. A run is ended, running (a process has it), or open: the machine or
the program died in it. One whose file is damaged is in the list, and what is wrong is said below it.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkFormat(format); err != nil {
				return err
			}
			s, err := open()
			if err != nil {
				return err
			}
			list, err := s.list(cmd.Context())
			if err == nil && format == "json" {
				err = writeJSON(e.stdout, list)
			} else if err == nil {
				err = printRuns(e, list)
			}
			if err != nil {
				return trouble(err)
			}
			return nil
		},
	}
	cmd.Flags().StringVarP(&format, "format", "f", "text", "write `text|json`")
	return cmd
}

func printRuns(e env, list listedRuns) error {
	if len(list.Runs) == 0 {
		fmt.Fprintf(e.stderr, "there are no runs in %s; roamfault stress makes them\n", list.Directory)
		return nil
	}
	w := tabwriter.NewWriter(e.stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "id\twhen\tplan\tkernel\tfirmware\tvia\tcycles\tbad\tincidents\tstate")
	for _, r := range list.Runs {
		when := "-"
		if r.Started != nil {
			when = r.Started.Local().Format("2006-01-02 15:04")
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%d\t%d\t%d\t%s\n",
			r.ID, when, column(r.Plan), column(r.Kernel), column(r.Firmware), column(r.Via), r.Cycles, r.Bad, r.Incidents, r.State)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, r := range list.Runs {
		if r.State == stateOpen {
			fmt.Fprintf(e.stderr, "run %s was not ended; roamfault runs resume %s goes on with it\n", r.ID, r.ID)
		}
		for _, p := range r.Problems {
			fmt.Fprintf(e.stdout, "%s: %s\n", r.ID, render.Clean(p))
		}
	}
	return nil
}

// column makes text of a run fit for a column of a table.
func column(s string) string {
	const most = 40
	s = printable(s)
	if r := []rune(s); len(r) > most {
		s = string(r[:most-1]) + "…"
	}
	return dash(s)
}
