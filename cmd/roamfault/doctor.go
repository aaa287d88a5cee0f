package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"roamfault/nl80211"
	"roamfault/reports/schema"
	"roamfault/roam/doctor"
	"roamfault/roam/lab/guest"
	"roamfault/watch/collect"
)

func newDoctor(e env) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Say what this machine can do, what is missing for it, and what to do",
		Long: `Doctor looks at card and chip, driver, whether the loaded modules are those of the files, firmware, multi-link, supplicant,
networks in reach, permissions, logs, and what the lab needs. It changes nothing, scans nothing and needs no root: what this
user may not see is unknown.

Exit codes: 0 all that is needed is there, 1 something is missing, 2 usage, 3 could not run.`,
		Example: `  roamfault doctor
  sudo roamfault doctor --format json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkFormat(format); err != nil {
				return err
			}
			if runtime.GOOS != "linux" {
				return trouble(fmt.Errorf("doctor looks at a Linux machine, and this is %s", runtime.GOOS))
			}
			system, done := thisMachine()
			defer done()
			return runDoctor(cmd.Context(), e, system, format)
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "write `text|json`")
	if err := cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"text", "json"}, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // the flag was made above
	}
	return cmd
}

// doctorLimit is how long a machine may take to answer, a driver that hangs
// included.
const doctorLimit = 20 * time.Second

// thisMachine is what doctor looks at; done is to be called in the end.
func thisMachine() (s doctor.System, done func()) {
	s = doctor.System{Files: os.DirFS("/"), Guest: guest.CheckHost}
	done = func() {}
	if client, err := nl80211.Dial(nl80211.Config{}); err != nil {
		s.WirelessErr = err
	} else {
		// Nothing hangs on the close of a socket that was only asked.
		s.Wireless, done = client, func() { _ = client.Close() }
	}
	if collector, err := collect.New(); err == nil && collector.System.Driver != nil {
		s.Firmware = func(iface string) (string, error) {
			info, err := collector.System.Driver(iface)
			return info.Firmware, err
		}
	}
	return s, done
}

// doctorReport is what --format json prints.
type doctorReport struct {
	Schema string `json:"schema"`
	// Missing, Warnings and Unknown are how many results there are of each.
	Missing  int             `json:"missing"`
	Warnings int             `json:"warnings"`
	Unknown  int             `json:"unknown"`
	Results  []doctor.Result `json:"results"`
}

func newDoctorReport(results []doctor.Result) doctorReport {
	r := doctorReport{Schema: schema.DoctorID, Results: results}
	counts := map[doctor.State]*int{doctor.OK: new(int), doctor.Missing: &r.Missing, doctor.Warning: &r.Warnings, doctor.Unknown: &r.Unknown}
	for i := range results {
		*counts[results[i].State]++
	}
	return r
}

func runDoctor(ctx context.Context, e env, system doctor.System, format string) error {
	ctx, cancel := context.WithTimeout(ctx, doctorLimit)
	defer cancel()
	type answer struct {
		results []doctor.Result
		err     error
	}
	answers := make(chan answer, 1)
	go func() {
		results, err := doctor.Run(ctx, system)
		answers <- answer{results, err}
	}()
	var a answer
	select {
	case a = <-answers:
	case <-ctx.Done():
		// A call that waits for a driver's lock heeds no context.
		a.err = ctx.Err()
	}
	if errors.Is(a.err, context.DeadlineExceeded) {
		return trouble(fmt.Errorf("look at this machine: it did not answer within %v, as when a driver hangs: roamfault analyze tells", doctorLimit))
	}
	if a.err != nil {
		return trouble(fmt.Errorf("look at this machine: %w", a.err))
	}
	report := newDoctorReport(a.results)
	var err error
	if format == "json" {
		enc := json.NewEncoder(e.stdout)
		enc.SetIndent("", "  ")
		err = enc.Encode(report)
	} else {
		err = printDoctor(e.stdout, report)
	}
	if err != nil {
		return trouble(fmt.Errorf("write what was found: %w", err))
	}
	if report.Missing > 0 {
		return exitError{code: exitFound}
	}
	return nil
}

// doctorWords are the states as people read them.
var doctorWords = map[doctor.State]string{doctor.OK: "OK", doctor.Missing: "missing", doctor.Warning: "warning", doctor.Unknown: "unknown"}

// printDoctor prints a list with what to do below each.
func printDoctor(out io.Writer, report doctorReport) error {
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	for _, r := range report.Results {
		fmt.Fprintf(w, "%s\t%s\t%s\n", doctorWords[r.State], r.Check, strings.TrimPrefix(r.Subject+": "+r.Detail, ": "))
		if r.Advice != "" {
			fmt.Fprintf(w, "\t\t-> %s\n", r.Advice)
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "\n%d missing, %s, %d unknown\n", report.Missing, count(report.Warnings, "warning"), report.Unknown)
	return err
}
