package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"roamfault/patterns"
	"roamfault/reports/render"
	"roamfault/reports/spool"
	"roamfault/watch"
	"roamfault/watch/collect"
	"roamfault/watch/metrics"
	"roamfault/watch/sdnotify"
)

// watchFlags are the options of the command as typed.
type watchFlags struct {
	spool, exec, metrics, listen string
	maxSpool                     string
	maxIncidents                 int
	since, patterns, device      string
	source, format               string
	once                         bool
	checkpoint                   time.Duration
}

// defaultSpool is where the service keeps its incidents.
const defaultSpool = "/var/lib/roamfault"

func newWatch(e env) *cobra.Command {
	var f watchFlags
	cmd := &cobra.Command{
		Use:   "watch",
		Short: "Follow the log, tell of incidents while they happen, and keep each finished one as JSON",
		Long: `Watch follows the journal, or the kernel's log where there is none, and prints incidents as they open, grow and
close. An incident is finished by recovery or by a minute of silence; then it is written to the spool directory as
one JSON file, together with what goes away soon: the device's coredump, the state of the link, versions of module and firmware.

The place in the log is kept there, too, and never passes an incident that is not finished and written: after a kill
or a power cut no incident is lost and none is there twice. Late news (a hung task is told minutes after) make a new revision
of a finished incident, which takes its file's place. The oldest incidents go when the spool is full, and are told.

--exec runs a command for each finished incident and revision, with the JSON on its standard input: no shell, the words are split
at blanks. It is run at least once for each, and again after a kill or when it fails: "id" and "rev" tell what was seen.
A command that writes to the log must not quote the incident, or it will be found again.

SIGHUP reads the patterns anew. Exit codes: 0 ended by a signal, or nothing found with --once; 1 incidents found with --once;
2 usage; 3 could not run.`,
		Example: `  roamfault watch --spool ~/roamfault
  roamfault watch --spool ~/roamfault --since boot --once
  roamfault watch --exec '/usr/local/bin/send-incident --urgent'
  systemctl enable --now roamfault-watch`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runWatch(cmd.Context(), e, f) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.spool, "spool", defaultSpool, "keep finished incidents and the place in the log in `DIR`")
	flags.StringVar(&f.maxSpool, "max-spool", "256M", "let the spool take up to `SIZE` (K, M, G); the oldest incidents go first")
	flags.IntVar(&f.maxIncidents, "max-incidents", spool.DefaultIncidents, "keep up to `N` incidents")
	flags.StringVar(&f.exec, "exec", "", "run `CMD` for each finished incident, its JSON on standard input")
	flags.StringVar(&f.metrics, "metrics", "", "write metrics to `FILE` for Prometheus's textfile collector")
	flags.StringVar(&f.listen, "listen", "", "serve metrics on `127.0.0.1:PORT`, loopback only")
	flags.StringVar(&f.since, "since", "now", "where to begin when the spool has no place yet: `now|boot|all|cursor` (cursor: refuse to begin)")
	flags.StringVar(&f.patterns, "patterns", "", "read pattern packs of `DIR`, too")
	flags.StringVar(&f.device, "device", "", "only incidents of `NAME`: an interface, driver or bus address, whole or in part, or a glob")
	flags.StringVar(&f.source, "source", "auto", "read `auto|journal|sdjournal|journalctl|kmsg`")
	flags.StringVarP(&f.format, "format", "f", "text", "print `text|jsonl`")
	flags.BoolVar(&f.once, "once", false, "end where the log ends; what is still open then is taken up by the next run")
	flags.DurationVar(&f.checkpoint, "checkpoint-interval", time.Second, "save the place in the log no more often than this")
	if err := flags.MarkHidden("checkpoint-interval"); err != nil {
		panic(err) // the flag was made above
	}
	for flag, values := range map[string][]string{
		"since": {"now", "boot", "all", "cursor"}, "source": {"auto", "journal", "sdjournal", "journalctl", "kmsg"}, "format": {"text", "jsonl"},
	} {
		if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)); err != nil {
			panic(err) // the flag was made above
		}
	}
	return cmd
}

func runWatch(ctx context.Context, e env, f watchFlags) error {
	say := sayer(e.stderr)
	opt, limits, err := f.options(e)
	if err != nil {
		return err
	}
	opt.Say = say
	src, err := f.from(say)
	if err != nil {
		return err
	}
	opt.Source, opt.Open, opt.Fatal = src.cursors, src.open, src.fatal
	if opt.Catalogue, err = catalogue(f.patterns); err != nil {
		return trouble(err)
	}
	if f.exec != "" {
		if opt.Exec, err = watch.NewExecutor(f.exec); err != nil {
			return trouble(fmt.Errorf("--exec %q: %w", f.exec, err))
		}
	}
	kept, notes, err := spool.Open(f.spool, limits)
	if err != nil {
		return trouble(spoolAdvice(f.spool, err))
	}
	defer kept.Close()
	for _, n := range notes {
		say("%s", n)
	}
	opt.Spool = kept
	if collector, err := collect.New(); err != nil {
		say("%v", err)
	} else {
		opt.Collector, opt.Loaded = collector, collector.Loaded
	}
	stop, err := f.publish(ctx, &opt)
	if err != nil {
		return trouble(err)
	}
	defer stop()
	notify, err := sdnotify.New(os.Getenv)
	if err != nil {
		say("%v", err)
	}
	if notify != nil {
		defer notify.Close()
		opt.Notify = notify
	}
	hangups, end := hangups()
	defer end()
	opt.Reloads = hangups
	opt.Reload = func() (*patterns.Catalogue, error) { return catalogue(f.patterns) }
	result, err := watch.Run(ctx, opt)
	return f.verdict(e, result, err)
}

// options reads the flags that stand for themselves.
func (f watchFlags) options(e env) (watch.Options, spool.Limits, error) {
	opt := watch.Options{
		Clock: watch.NewSystemClock(), Device: f.device, Once: f.once, Numbers: watch.NewNumbers(), CheckpointEvery: f.checkpoint,
	}
	limits := spool.Limits{Incidents: f.maxIncidents}
	var err error
	if limits.Bytes, err = parseSize(f.maxSpool); err != nil || limits.Bytes < spool.LeastBytes {
		return opt, limits, fmt.Errorf("--max-spool %q: a size of at least 1M, like 256M or 2G", f.maxSpool)
	}
	if f.maxIncidents < 1 {
		return opt, limits, fmt.Errorf("--max-incidents %d: at least 1", f.maxIncidents)
	}
	var ok bool
	if opt.Begin, ok = map[string]watch.Begin{"now": watch.FromNow, "boot": watch.FromBoot, "all": watch.FromAll, "cursor": watch.FromCursor}[f.since]; !ok {
		return opt, limits, fmt.Errorf("--since %q: now, boot, all or cursor", f.since)
	}
	switch f.format {
	case "text":
		opt.Printer = watch.TextPrinter{W: e.stdout}
	case "jsonl":
		opt.Printer = watch.JSONPrinter{W: e.stdout}
	default:
		return opt, limits, fmt.Errorf("--format %q: text or jsonl", f.format)
	}
	return opt, limits, nil
}

// publish begins to serve metrics where that is asked for.
func (f watchFlags) publish(ctx context.Context, opt *watch.Options) (stop func(), err error) {
	stop = func() {}
	if f.metrics != "" {
		opt.Publish = func() error { return opt.Numbers.WriteFile(f.metrics) }
		if err := opt.Publish(); err != nil {
			return stop, err
		}
	}
	if f.listen == "" {
		return stop, nil
	}
	l, err := metrics.Listen(f.listen)
	if err != nil {
		return stop, err
	}
	opt.Say("metrics on http://%s/metrics", l.Addr())
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := opt.Numbers.Serve(ctx, l); err != nil {
			opt.Say("%v", err)
		}
	}()
	return func() { cancel(); <-done }, nil
}

// verdict turns the result into an exit code.
func (f watchFlags) verdict(e env, r watch.Result, err error) error {
	if f.once && r.Incidents > 0 {
		return exitError{exitFound, err}
	}
	if err != nil {
		return trouble(err)
	}
	if r.Unstored > 0 {
		return exitError{code: exitTrouble}
	}
	return nil
}

// spoolAdvice says what to do about a spool that cannot be opened.
func spoolAdvice(dir string, err error) error {
	if errors.Is(err, os.ErrPermission) && dir == defaultSpool {
		return fmt.Errorf("%w: run as root or name another directory with --spool", err)
	}
	return err
}

// sayer writes lines for people, whoever says them.
func sayer(w io.Writer) func(string, ...any) {
	var mu sync.Mutex
	return func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintf(w, "roamfault: %s\n", render.Clean(fmt.Sprintf(format, args...)))
	}
}

// hangups tells of SIGHUP.
func hangups() (<-chan struct{}, func()) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGHUP)
	c, done := make(chan struct{}), make(chan struct{})
	go func() {
		for {
			select {
			case <-done:
				return
			case <-signals:
			}
			select {
			case <-done:
				return
			case c <- struct{}{}:
			}
		}
	}()
	return c, func() { signal.Stop(signals); close(done) }
}

// sizeUnits are the letters behind a size, in powers of 1024.
const sizeUnits = "KMGT"

// parseSize reads a size in bytes: 4096, 256K, 1M, 2G, 2GiB.
func parseSize(s string) (int64, error) {
	digits := strings.TrimRight(strings.ToUpper(strings.TrimSpace(s)), "IB")
	unit := int64(1)
	if n := len(digits); n > 0 {
		if at := strings.IndexByte(sizeUnits, digits[n-1]); at >= 0 {
			unit, digits = int64(1)<<(10*(at+1)), digits[:n-1]
		}
	}
	v, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || v < 0 || v > math.MaxInt64/unit {
		return 0, fmt.Errorf("%q is no size", s)
	}
	return v * unit, nil
}

// needsLinux says that a log can only be followed on Linux.
func needsLinux() error {
	return trouble(fmt.Errorf("watch follows the systemd journal or /dev/kmsg, which only linux has, and this is %s: save the log and give it to roamfault analyze", runtime.GOOS))
}
