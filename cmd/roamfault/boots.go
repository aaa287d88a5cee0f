package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"roamfault/reports/analysis"
	"roamfault/reports/render"
	"roamfault/reports/schema"
	"roamfault/reports/spool"
	"roamfault/watch"
	"roamfault/watch/collect"
)

// namesJournal reports whether the flags speak of a journal.
func (f analyzeFlags) namesJournal() bool {
	return f.boot != "" || f.directory != "" || len(f.files) > 0
}

// journals returns the paths of the journal that the flags mean: files, a
// directory, or this machine's.
func (f analyzeFlags) journals() ([]string, error) {
	paths := f.files
	if f.directory != "" {
		paths = append(paths, f.directory)
	}
	if len(paths) > 0 {
		return paths, nil
	}
	for _, dir := range journalDirs() {
		if _, err := os.Stat(dir); err == nil {
			paths = append(paths, dir)
		}
	}
	if len(paths) == 0 {
		return nil, errors.New("this machine has no journal in " + strings.Join(journalDirs(), " or ") + "; name a log file, or - for standard input: dmesg | roamfault analyze -")
	}
	return paths, nil
}

// sources finds what is to be analysed: the paths, or without any the journal.
func (f analyzeFlags) sources(finding analysis.Finding, paths []string) ([]analysis.Source, error) {
	if len(paths) > 0 {
		return finding.Sources(paths), nil
	}
	journals, err := f.journals()
	if err != nil {
		return nil, err
	}
	if f.boot == "" && len(f.files) == 0 && f.directory == "" {
		finding.Boot = "0"
	}
	s := finding.Journal(journals)
	return []analysis.Source{s}, s.Err
}

// bootReport is one boot as --format json prints it.
type bootReport struct {
	Boot   string  `json:"boot"`
	First  string  `json:"first_time"`
	Last   string  `json:"last_time"`
	Hours  float64 `json:"hours"`
	Kernel string  `json:"kernel"`
	// Modules is nil when nobody knows.
	Modules      []spool.Module `json:"modules"`
	Firmware     []string       `json:"firmware"`
	Connections  int            `json:"connections"`
	Roams        int            `json:"roams"`
	Incidents    int            `json:"incidents"`
	Fingerprints map[string]int `json:"fingerprints"`
}

// bootsReport is what --boot all --format json prints.
type bootsReport struct {
	Schema string       `json:"schema"`
	Boots  []bootReport `json:"boots"`
}

// driven returns what is known of the kernels and drivers of boots, by boot id:
// what watch noted, and for this boot what is loaded.
func (f analyzeFlags) driven(e env) map[string]spool.BootNote {
	notes, err := spool.ReadBoots(f.spool)
	if err != nil {
		fmt.Fprintf(e.stderr, "roamfault: the drivers of earlier boots stay unknown: %v\n", err)
	}
	by := make(map[string]spool.BootNote, len(notes)+1)
	for _, n := range notes {
		by[n.Boot] = n
	}
	collector, err := collect.New()
	if err != nil {
		return by // what is loaded can only be seen on linux
	}
	now, err := collector.Loaded()
	if err != nil {
		fmt.Fprintf(e.stderr, "roamfault: %v\n", err)
		return by
	}
	if _, boot := watch.NewSystemClock().Now(); boot != "" {
		for _, m := range by[boot].Modules {
			if !slices.Contains(now.Modules, m) {
				now.Modules = append(now.Modules, m) // loaded before, in another version
			}
		}
		by[boot] = now
	}
	return by
}

// runBoots counts by boot.
func runBoots(ctx context.Context, e env, paths []string, f analyzeFlags) error {
	opt, err := f.options()
	if err != nil {
		return err
	}
	if opt.Catalogue, err = catalogue(f.patterns); err != nil {
		return trouble(err)
	}
	finding, err := f.finding(opt)
	if err != nil {
		return err
	}
	if f.format != "text" && f.format != "json" {
		return fmt.Errorf("--boot all writes text or json, not %s", f.format)
	}
	if len(paths) > 0 {
		paths, err = analysis.Journals(paths)
	} else {
		paths, err = f.journals()
	}
	if err != nil {
		return trouble(err)
	}
	tallies, summary, err := finding.Boots(ctx, paths, opt)
	if err != nil {
		return trouble(err)
	}
	driven := f.driven(e)
	if f.output != "" {
		file, err := os.Create(f.output)
		if err != nil {
			return trouble(fmt.Errorf("write the boots: %w", err))
		}
		defer file.Close()
		e.stdout = file
	}
	incidents := 0
	reports := make([]bootReport, len(tallies))
	for i := range tallies {
		t := &tallies[i]
		incidents += t.Incidents
		note, known := driven[t.ID]
		reports[i] = bootReport{
			Boot: t.ID, First: t.First.String(), Last: t.Last.String(), Hours: t.Hours(), Kernel: render.Clean(cmp.Or(t.Kernel, note.Kernel)),
			Firmware: []string{}, Connections: t.Connections, Roams: t.Roams, Incidents: t.Incidents, Fingerprints: t.Fingerprints,
		}
		for _, build := range t.Firmware {
			reports[i].Firmware = append(reports[i].Firmware, render.Clean(build))
		}
		if known {
			reports[i].Modules = append([]spool.Module{}, note.Modules...)
		}
	}
	if f.format == "json" {
		enc := json.NewEncoder(e.stdout)
		enc.SetIndent("", " ")
		err = enc.Encode(bootsReport{schema.BootsID, reports})
	} else {
		err = printBoots(e, reports)
	}
	if err != nil {
		return trouble(fmt.Errorf("write the boots: %w", err))
	}
	return f.verdict(e, summary, incidents)
}

func printBoots(e env, boots []bootReport) error {
	w := tabwriter.NewWriter(e.stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "\tboot\tfrom\thours\tkernel\tdriver\tfirmware\tconnections\troams\tincidents")
	for i, b := range boots {
		fmt.Fprintf(w, "%d\t%.12s\t%.19s\t%.1f\t%s\t%s\t%s\t%d\t%d\t%d\n", i+1-len(boots), b.Boot, b.First, b.Hours,
			dash(printable(b.Kernel)), drivers(b.Modules), dash(printable(strings.Join(b.Firmware, " "))), b.Connections, b.Roams, b.Incidents)
	}
	return w.Flush()
}

// drivers names the drivers among modules with what tells their builds apart.
func drivers(modules []spool.Module) string {
	if modules == nil {
		return "unknown"
	}
	var names []string
	for _, m := range modules {
		if m.Driver {
			names = append(names, printable(strings.TrimSuffix(m.Name+" "+cmp.Or(m.SrcVersion, m.Version), " ")))
		}
	}
	return cmp.Or(strings.Join(names, ", "), "none")
}

func dash(s string) string { return cmp.Or(s, "-") }
