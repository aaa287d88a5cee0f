package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"roamfault/journal/journalfile"
	"roamfault/reports/analysis"
	"roamfault/reports/compare"
	"roamfault/reports/spool"
	"roamfault/reports/stats"
	"roamfault/roam/runlog"
)

// bootArms are boots of the journal, each of them one load: nobody counted cycles
// there, so that incidents in an hour are what can be compared. More shows the
// boots, and the incidents by roam.
func (f *compareFlags) bootArms(ctx context.Context, e env, args []string) (a, b *compare.Arm, more func(io.Writer) error, err error) {
	from := analyzeFlags{boot: "all", directory: f.directory, files: f.files, spool: f.spool, minSeverity: "info"}
	opt, err := from.options()
	if err != nil {
		return nil, nil, nil, err
	}
	if opt.Catalogue, err = catalogue(f.patterns); err != nil {
		return nil, nil, nil, err
	}
	finding, err := from.finding(opt)
	if err != nil {
		return nil, nil, nil, err
	}
	paths, err := from.journals()
	if err != nil {
		return nil, nil, nil, err
	}
	tallies, summary, err := finding.Boots(ctx, paths, opt)
	if err != nil {
		return nil, nil, nil, err
	}
	for _, in := range summary.Inputs {
		if in.Err != nil {
			return nil, nil, nil, in.Err // a boot that is read in part has fewer incidents
		}
	}
	var sides [2][]analysis.BootTally
	for i, arg := range args {
		if sides[i], err = bootsMeant(tallies, arg); err != nil {
			return nil, nil, nil, err
		}
	}
	for i := range sides[0] {
		if slices.ContainsFunc(sides[1], func(t analysis.BootTally) bool { return t.ID == sides[0][i].ID }) {
			return nil, nil, nil, fmt.Errorf("boot %s is on both sides", sides[0][i].ID)
		}
	}
	driven := from.driven(e)
	a, b = bootArm(args[0], sides[0], driven), bootArm(args[1], sides[1], driven)
	return a, b, func(w io.Writer) error { return printSides(w, args, sides) }, nil
}

// bootsMeant are those that a list of names and ranges means.
func bootsMeant(all []analysis.BootTally, list string) ([]analysis.BootTally, error) {
	boots := make([]journalfile.Boot, len(all))
	for i := range all {
		boots[i] = all[i].Boot
	}
	place := func(name string) (int, error) {
		id, err := analysis.FindBoot(boots, name)
		if err != nil {
			return 0, err
		}
		return slices.IndexFunc(boots, func(b journalfile.Boot) bool { return b.ID == id }), nil
	}
	var out []analysis.BootTally
	for word := range strings.SplitSeq(list, ",") {
		low, high, isRange := strings.Cut(word, "..")
		first, err := place(low)
		if err != nil {
			return nil, err
		}
		last := first
		if isRange {
			if last, err = place(high); err != nil {
				return nil, err
			}
		}
		if last < first {
			return nil, fmt.Errorf("boots %q: the first is after the last", word)
		}
		for i := first; i <= last; i++ {
			if slices.ContainsFunc(out, func(t analysis.BootTally) bool { return t.ID == all[i].ID }) {
				return nil, fmt.Errorf("boot %s is named twice in %q", all[i].ID, list)
			}
			out = append(out, all[i])
		}
	}
	return out, nil
}

// bootArm is boots as one side of a comparison.
func bootArm(name string, boots []analysis.BootTally, driven map[string]spool.BootNote) *compare.Arm {
	arm := compare.NewArm(name)
	for i := range boots {
		t := &boots[i]
		note := driven[t.ID]
		var made runlog.Environment
		for _, v := range []runlog.Setting{
			{Key: runlog.KeyKernel, Value: cmp.Or(t.Kernel, note.Kernel)},
			{Key: runlog.KeyFirmware, Value: strings.Join(t.Firmware, " ")},
			{Key: runlog.KeyModuleVersion, Value: driverNames(note)},
		} {
			if v.Value != "" {
				made.Set(v.Key, v.Value)
			}
		}
		load := arm.Run(compare.RunInfo{ID: t.ID, Environment: made}).Load(compare.LoadInfo{Boot: t.ID, Number: 1, Hours: t.Hours(), Began: t.First.Wall})
		rest := t.Incidents
		for print, n := range t.Fingerprints {
			rest -= n
			for range n {
				load.Incident(classOf(print), runlog.Natural)
			}
		}
		for range rest {
			load.Incident(compare.Unkept, runlog.Natural)
		}
	}
	return arm
}

func driverNames(note spool.BootNote) string {
	if note.Modules == nil {
		return ""
	}
	return drivers(note.Modules)
}

// classOf is the class of the root that stands in a fingerprint, behind version,
// chip and phase.
func classOf(fingerprint string) string {
	const fields = 4
	parts := strings.SplitN(fingerprint, ":", fields)
	class := parts[len(parts)-1]
	if end := strings.IndexAny(class, "[<"); end >= 0 {
		class = class[:end]
	}
	return class
}

// printSides shows the boots, and how often a roam went wrong, which by itself is
// a test that takes every incident for itself.
func printSides(out io.Writer, names []string, sides [2][]analysis.BootTally) error {
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	fmt.Fprint(w, "\nside\tboot\tfrom\thours\tkernel\troams\tincidents\tin 100 roams\n")
	var sums [2]stats.Exposed
	for i, side := range sides {
		for _, t := range side {
			fmt.Fprintf(w, "%s\t%.12s\t%.19s\t%.1f\t%s\t%d\t%d\t%s\n", printable(names[i]), t.ID, t.First, t.Hours(), column(t.Kernel), t.Roams, t.Incidents, byRoam(t.Incidents, float64(t.Roams)))
			sums[i].Events += t.Incidents
			sums[i].Time += float64(t.Roams)
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if sums[0].Time == 0 || sums[1].Time == 0 {
		_, err := fmt.Fprintln(out, "incidents by roam: a side has no roams")
		return err
	}
	_, err := fmt.Fprintf(out, "incidents in 100 roams: %s before, %s now; Poisson, two-sided, p = %.2g (every incident for itself)\n",
		byRoam(sums[0].Events, sums[0].Time), byRoam(sums[1].Events, sums[1].Time), stats.Poisson(sums[0], sums[1]).TwoSided)
	return err
}

func byRoam(incidents int, roams float64) string {
	if roams == 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f", 100*float64(incidents)/roams)
}
