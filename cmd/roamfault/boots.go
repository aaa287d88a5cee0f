package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"

	"roamfault/journal/journalfile"
	"roamfault/reports/analysis"
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
	wanted := f.boot
	if wanted == "" && len(f.files) == 0 && f.directory == "" {
		wanted = "0"
	}
	if wanted != "" {
		if finding.Filter.Boot, err = bootOf(journals, wanted); err != nil {
			return nil, err
		}
	}
	return []analysis.Source{finding.Journal(journals)}, nil
}

// bootOf finds the id of a boot in journals.
func bootOf(paths []string, wanted string) (string, error) {
	j, err := journalfile.Open(paths, journalfile.Options{})
	if err != nil {
		return "", err
	}
	defer j.Close()
	boots, err := j.Boots()
	if err != nil {
		return "", fmt.Errorf("list the boots of the journal: %w", err)
	}
	return analysis.FindBoot(boots, wanted)
}

// bootReport is one boot as --format json prints it.
type bootReport struct {
	Boot         string         `json:"boot"`
	First        string         `json:"first_time"`
	Last         string         `json:"last_time"`
	Hours        float64        `json:"hours"`
	Kernel       string         `json:"kernel"`
	Firmware     []string       `json:"firmware"`
	Connections  int            `json:"connections"`
	Roams        int            `json:"roams"`
	Incidents    int            `json:"incidents"`
	Fingerprints map[string]int `json:"fingerprints"`
}

// runBoots counts by boot.
func runBoots(ctx context.Context, e env, f analyzeFlags) error {
	opt, err := f.options()
	if err != nil {
		return err
	}
	if opt.Catalogue, err = catalogue(f.patterns); err != nil {
		return trouble(err)
	}
	paths, err := f.journals()
	if err != nil {
		return trouble(err)
	}
	tallies, summary, err := analysis.Boots(ctx, paths, opt)
	if err != nil {
		return trouble(err)
	}
	incidents := 0
	reports := make([]bootReport, len(tallies))
	for i := range tallies {
		t := &tallies[i]
		incidents += t.Incidents
		reports[i] = bootReport{
			Boot: t.ID, First: t.First.String(), Last: t.Last.String(), Hours: t.Hours(), Kernel: t.Kernel, Firmware: append([]string{}, t.Firmware...),
			Connections: t.Connections, Roams: t.Roams, Incidents: t.Incidents, Fingerprints: t.Fingerprints,
		}
	}
	switch f.format {
	case "json":
		enc := json.NewEncoder(e.stdout)
		enc.SetIndent("", " ")
		err = enc.Encode(map[string]any{"schema": "roamfault/boots/v1", "boots": reports})
	case "text":
		err = printBoots(e, reports)
	default:
		return fmt.Errorf("--boot all writes text or json, not %s", f.format)
	}
	if err != nil {
		return trouble(fmt.Errorf("write the boots: %w", err))
	}
	return f.verdict(e, summary, incidents)
}

func printBoots(e env, boots []bootReport) error {
	w := tabwriter.NewWriter(e.stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "\tboot\tfrom\thours\tkernel\tfirmware\tconnections\troams\tincidents")
	for i, b := range boots {
		firmware := strings.Join(b.Firmware, " ")
		fmt.Fprintf(w, "%d\t%.12s\t%.19s\t%.1f\t%s\t%s\t%d\t%d\t%d\n", i+1-len(boots), b.Boot, b.First, b.Hours, dash(printable(b.Kernel)), dash(printable(firmware)), b.Connections, b.Roams, b.Incidents)
	}
	return w.Flush()
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
