package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"roamfault/journal"
	"roamfault/patterns"
	"roamfault/reports/analysis"
	"roamfault/reports/incident"
	"roamfault/reports/render"
	"roamfault/reports/schema"
)

// analyzeFlags are the options of the command as typed.
type analyzeFlags struct {
	format, output, patterns string
	since, until, device     string
	minSeverity, color       string
	boot, directory, spool   string
	priority                 string
	units, identifiers       []string
	kernel                   bool
	files                    []string
	context, width           int
	printSchema              bool
}

func newAnalyze(e env) *cobra.Command {
	var f analyzeFlags
	cmd := &cobra.Command{
		Use:   "analyze [FILE|DIR|-]...",
		Short: "Read logs and say what failed, where it began, which layer is to blame and what it cost",
		Long: `Analyze reads logs as people have them (journalctl, dmesg, syslog, logread, logcat, supplicant logs, JSON and
export streams, pasted and mailed text, compressed or not) and turns each failure into one incident.

Several inputs are taken as one host's and correlated: a kernel log and a supplicant's, for example. A directory
stands for the files in it, - for standard input. Journal files are read by themselves, from any machine.

Without inputs it reads this machine's journal: this boot, or what --boot says. --boot all counts by boot: kernel,
drivers, firmware, hours, roams and incidents, the baseline that the next update is held against. The drivers of this boot
are those that are loaded, those of earlier ones what roamfault watch noted; else they are unknown.

What --boot, --since, --until, --unit, --identifier, --priority and --kernel leave out counts for nothing. They mean the
same for every input; a record that does not tell its time or priority is never left out by those.

Exit codes: 0 no incident, 1 incidents found, 2 usage, 3 nothing could be read.`,
		Example: `  roamfault analyze dmesg.txt
  roamfault analyze kernel.log wpa_supplicant.log --format markdown
  journalctl -b | roamfault analyze -
  roamfault analyze --format json bug-4711.log.gz
  roamfault analyze --boot -1
  roamfault analyze --kernel --since '2026-01-11 18:00' dmesg.txt
  roamfault analyze --boot all --directory /mnt/var/log/journal`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.printSchema {
				doc := schema.Analysis
				if f.boot == "all" {
					doc = schema.Boots
				}
				_, err := e.stdout.Write(doc)
				return err
			}
			if len(args) == 0 && !f.namesJournal() {
				if file, ok := e.stdin.(*os.File); ok {
					if _, isTerminal := terminal(file); !isTerminal && piped(file) {
						args = []string{"-"}
					}
				}
			}
			if len(args) > 0 && (f.directory != "" || len(f.files) > 0) {
				return errors.New("name inputs, or a journal by --directory and --file, not both")
			}
			if f.boot == "all" {
				return runBoots(cmd.Context(), e, args, f)
			}
			return runAnalyze(cmd.Context(), e, args, f)
		},
	}
	flags := cmd.Flags()
	flags.StringVarP(&f.format, "format", "f", "text", "write `text|markdown|html|json|jsonl`")
	flags.StringVarP(&f.output, "output", "o", "", "write to `FILE` instead of standard output")
	flags.StringVarP(&f.boot, "boot", "b", "", "the boot `ID|N|all` of each input: an id, 0 the last, -1 the one before, 1 the first, all of a journal's counted")
	flags.StringVarP(&f.directory, "directory", "D", "", "read the journal in `DIR` instead of this machine's")
	flags.StringArrayVar(&f.files, "file", nil, "read the journal `FILE`; may be given again")
	flags.StringVar(&f.since, "since", "", "leave out records before `TIME`: \"2026-01-11 18:14:14\", \"Jan 11 18:14:14\", \"18:14\", or \"+1264.8s\" since boot")
	flags.StringVar(&f.until, "until", "", "leave out records after `TIME`")
	flags.StringArrayVarP(&f.units, "unit", "u", nil, "only what `UNIT` says, as far as it goes by that name; may be given again")
	flags.StringArrayVarP(&f.identifiers, "identifier", "t", nil, "only records of the syslog identifier `ID`, such as wpa_supplicant; may be given again")
	flags.StringVarP(&f.priority, "priority", "p", "", "only records of `LEVEL` and worse: 0 to 7, or emerg, alert, crit, err, warning, notice, info, debug")
	flags.BoolVarP(&f.kernel, "kernel", "k", false, "only what the kernel says")
	flags.StringVar(&f.spool, "spool", defaultSpool, "for --boot all: where roamfault watch noted the drivers of earlier boots, `DIR`")
	flags.StringVar(&f.device, "device", "", "only what concerns `NAME`: an interface, driver or bus address, whole or in part, or a glob")
	flags.StringVar(&f.minSeverity, "min-severity", "info", "leave out events below `info|warn|error|fatal`, and incidents that do not reach it")
	flags.IntVarP(&f.context, "context", "C", 0, "show `N` lines of the log around each incident")
	flags.StringVar(&f.patterns, "patterns", "", "read pattern packs of `DIR`, too")
	flags.StringVar(&f.color, "color", "auto", "colour the text: `auto|always|never`")
	flags.IntVar(&f.width, "width", 0, "write text for a terminal of `N` columns (0: as wide as the terminal is)")
	flags.BoolVar(&f.printSchema, "print-schema", false, "print the JSON schema of --format json and end")
	cmd.MarkFlagsMutuallyExclusive("print-schema", "format")
	for flag, values := range map[string][]string{
		"format": {"text", "markdown", "html", "json", "jsonl"}, "min-severity": {"info", "warn", "error", "fatal"}, "color": {"auto", "always", "never"},
	} {
		if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)); err != nil {
			panic(err) // the flag was made above
		}
	}
	return cmd
}

// piped reports whether standard input brings something, rather than being
// closed or /dev/null.
func piped(f *os.File) bool {
	st, err := f.Stat()
	return err == nil && (st.Mode()&os.ModeNamedPipe != 0 || st.Mode().IsRegular() || st.Mode()&os.ModeSocket != 0)
}

func runAnalyze(ctx context.Context, e env, paths []string, f analyzeFlags) error {
	opt, err := f.options()
	if err != nil {
		return err
	}
	if opt.Catalogue, err = catalogue(f.patterns); err != nil {
		return trouble(err)
	}
	out := e.stdout
	if f.output != "" {
		file, err := os.Create(f.output)
		if err != nil {
			return trouble(fmt.Errorf("write the report: %w", err))
		}
		defer file.Close()
		out = file
	}
	inputs, err := analysis.Keep(paths, e.stdin, f.context > 0)
	if err != nil {
		return trouble(err)
	}
	defer inputs.Close()
	r, err := f.renderer(out, inputs)
	if err != nil {
		return err
	}
	counter := &counting{Renderer: r}
	progress := newProgress(e.stderr)
	finding, err := f.finding(opt)
	if err != nil {
		return err
	}
	finding.Stdin, finding.Progress = inputs.Stdin(), progress.tell
	sources, err := f.sources(finding, paths)
	if err != nil {
		return trouble(err)
	}
	defer analysis.Close(sources)
	summary, err := analysis.Run(ctx, sources, opt, counter)
	progress.end()
	if err == nil {
		err = r.Close(summary)
	}
	if err != nil {
		return trouble(fmt.Errorf("write the report: %w", err))
	}
	return f.verdict(e, summary, counter.incidents)
}

// options reads the flags that shape the analysis.
func (f analyzeFlags) options() (analysis.Options, error) {
	opt := analysis.Options{Device: f.device}
	severity, ok := patterns.ParseSeverity(f.minSeverity)
	if !ok {
		return opt, fmt.Errorf("--min-severity %q: info, warn, error or fatal", f.minSeverity)
	}
	opt.MinSeverity = severity
	var err error
	if opt.Since, err = analysis.ParseBound(f.since); err != nil {
		return opt, fmt.Errorf("--since: %w", err)
	}
	if opt.Until, err = analysis.ParseBound(f.until); err != nil {
		return opt, fmt.Errorf("--until: %w", err)
	}
	if f.context < 0 {
		return opt, errors.New("--context: a number of lines, 0 or more")
	}
	return opt, nil
}

// finding reads the flags that choose among records.
func (f analyzeFlags) finding(opt analysis.Options) (analysis.Finding, error) {
	finding := analysis.Finding{Catalogue: opt.Catalogue, Boot: f.boot, Since: opt.Since, Until: opt.Until}
	finding.Filter.KernelOnly = f.kernel
	finding.Filter.Identifiers = append(finding.Filter.Identifiers, f.identifiers...)
	for _, u := range f.units {
		// A unit of a template bears its instance behind an @.
		name, _, _ := strings.Cut(strings.TrimSuffix(u, ".service"), "@")
		finding.Filter.Identifiers = append(finding.Filter.Identifiers, name)
	}
	if f.priority != "" {
		p, ok := journal.ParsePriority(f.priority)
		if !ok {
			return finding, fmt.Errorf("--priority %q: 0 to 7, or emerg, alert, crit, err, warning, notice, info, debug", f.priority)
		}
		finding.Filter.MaxPriority = &p
	}
	return finding, nil
}

// renderer makes the writer of the format asked for.
func (f analyzeFlags) renderer(out io.Writer, inputs *analysis.Kept) (render.Renderer, error) {
	around := func(file string, first, last int) []render.Line {
		if f.context == 0 {
			return nil
		}
		var lines []render.Line
		for _, l := range inputs.Lines(file, max(1, first-f.context), last+f.context) {
			lines = append(lines, render.Line(l))
		}
		return lines
	}
	switch f.format {
	case "text":
		width, _ := terminal(out)
		if f.width > 0 {
			width = f.width
		}
		return render.NewText(out, render.TextOptions{Width: width, Color: colour(out, f.color), Context: around}), nil
	case "markdown":
		return render.NewMarkdown(out, render.MarkdownOptions{Context: around}), nil
	case "html":
		return render.NewHTML(out, render.HTMLOptions{Context: around}), nil
	case "json":
		return render.NewJSON(out)
	case "jsonl":
		return render.NewJSONL(out), nil
	}
	return nil, fmt.Errorf("--format %q: text, markdown, html, json or jsonl", f.format)
}

// verdict tells on standard error what could not be read, and turns the result
// into an exit code.
func (f analyzeFlags) verdict(e env, s *analysis.Summary, incidents int) error {
	read := 0
	for _, in := range s.Inputs {
		if in.Err != nil {
			fmt.Fprintf(e.stderr, "roamfault: %v\n", in.Err)
		}
		if in.Err == nil || in.Records > 0 {
			read++
		}
	}
	switch {
	case s.Interrupted:
		fmt.Fprintln(e.stderr, "roamfault: interrupted; the report holds what was found so far")
	}
	switch {
	case incidents > 0:
		return exitError{code: exitFound}
	case read == 0, read < len(s.Inputs):
		return exitError{code: exitTrouble}
	}
	return nil
}

// counting counts the incidents that pass to a renderer.
type counting struct {
	render.Renderer
	incidents int
}

func (c *counting) Incident(i *incident.Incident) error {
	c.incidents++
	return c.Renderer.Incident(i)
}

// printable makes text of a log fit for a terminal.
func printable(s string) string { return strings.TrimSpace(render.Clean(s)) }
