package machine

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// Kinds of change that tracing makes, in the undo log.
const (
	TraceInstance = "trace-instance" // no args: the kernel's buffer of the name below
	DynamicDebug  = "dynamic-debug"  // args module: its debug messages are printed
)

// instanceName is that of our own buffer, beside which others trace undisturbed.
const instanceName = "roamfault"

const (
	debugSites = "proc/dynamic_debug/control"
	// ringSize is that of the kernel's buffer, in KiB, of all processors together; the
	// least a processor gets is leastRing.
	ringSize  = 2048
	leastRing = 64
	// mostTrace bounds what is saved at once, mostSites the list of debug messages, in
	// octets.
	mostTrace = 32 << 20
	mostSites = 32 << 20
)

// tracefs are the places where it is mounted: its own since Linux 4.1, and in
// debugfs.
func tracefs() []string { return []string{"sys/kernel/tracing", "sys/kernel/debug/tracing"} }

// traced are the groups of tracepoints, and those of them that tell of every
// packet and would push out what is looked for.
func traced() map[string][]string {
	return map[string][]string{
		"cfg80211":     nil,
		"mac80211":     {"drv_wake_tx_queue", "stop_queue", "wake_queue"},
		"mac80211_msg": nil,
	}
}

// Tracing is kernel tracing at work.
type Tracing struct {
	machine *Machine
	dir     string // of the instance; empty: there are no tracepoints
	// Missing is what this kernel has not, a line each.
	Missing []string
}

// Trace begins to trace what mac80211 and cfg80211 do, in a buffer of our own, and
// has them and the card's driver print their debug messages into the kernel's log.
// What the kernel has not is in Missing. All goes through the log, and ends when
// that is undone.
func (m *Machine) Trace(ctx context.Context, log *Log, c Card) (*Tracing, error) {
	t := &Tracing{machine: m}
	if err := t.points(ctx, log); err != nil {
		return nil, fmt.Errorf("begin to trace: %w", err)
	}
	if err := t.messages(ctx, log, c); err != nil {
		return nil, fmt.Errorf("have debug messages printed: %w", err)
	}
	return t, nil
}

func (t *Tracing) lacks(format string, args ...any) {
	t.Missing = append(t.Missing, fmt.Sprintf(format, args...))
}

// points sets an instance of tracefs up.
func (t *Tracing) points(ctx context.Context, log *Log) error {
	m := t.machine
	at := slices.IndexFunc(tracefs(), func(dir string) bool { return m.has(path.Join(dir, "instances")) })
	if at < 0 {
		t.lacks("tracepoints: no tracefs at /%s (mount -t tracefs tracefs /%[1]s)", tracefs()[0])
		return nil
	}
	root := tracefs()[at]
	var groups []string
	for group := range traced() {
		if m.has(path.Join(root, "events", group)) {
			groups = append(groups, group)
		}
	}
	slices.Sort(groups)
	for _, group := range []string{"cfg80211", "mac80211"} {
		if !slices.Contains(groups, group) {
			t.lacks("tracepoints of %s: the kernel has none", group)
		}
	}
	if len(groups) == 0 {
		return nil
	}
	dir := path.Join(root, "instances", instanceName)
	if m.has(dir) {
		return fmt.Errorf("/%s is there already, and is not ours: another run has it, or rmdir takes it away", dir)
	}
	change := Change{Kind: TraceInstance, What: "a tracing buffer of our own: /" + dir}
	err := log.Do(ctx, change, func(ctx context.Context) error {
		if err := os.Mkdir(m.path(dir), 0o700); err != nil {
			return plain(err, dir)
		}
		return t.begin(ctx, dir, groups)
	})
	if err == nil {
		t.dir = dir
	}
	return err
}

// begin has the events of groups traced, with the clock of all other times of a
// run.
func (t *Tracing) begin(ctx context.Context, dir string, groups []string) error {
	m := t.machine
	each := max(ringSize/runtime.NumCPU(), leastRing)
	if err := m.write(ctx, path.Join(dir, "buffer_size_kb"), strconv.Itoa(each)); err != nil {
		return err
	}
	if err := m.write(ctx, path.Join(dir, "trace_clock"), "mono"); err != nil {
		return err
	}
	for _, group := range groups {
		events := path.Join(dir, "events", group)
		if err := m.write(ctx, path.Join(events, "enable"), "1"); err != nil {
			return err
		}
		for _, noisy := range traced()[group] {
			err := m.write(ctx, path.Join(events, noisy, "enable"), "0")
			if err != nil && !errors.Is(err, os.ErrNotExist) { // kernels differ in these
				return err
			}
		}
	}
	return nil
}

// Points reports whether tracepoints are traced, so that there is something to
// save.
func (t *Tracing) Points() bool { return t.dir != "" }

// Save writes what the buffer holds, the oldest first: text of the kernel's, with
// CLOCK_MONOTONIC in seconds. The buffer stays as it is.
func (t *Tracing) Save(w io.Writer) error {
	if t.dir == "" {
		return errors.New("save the trace: nothing is traced")
	}
	name := path.Join(t.dir, "trace")
	f, err := os.Open(t.machine.path(name))
	if err != nil {
		return fmt.Errorf("save the trace: %w", plain(err, name))
	}
	defer f.Close()
	if _, err := io.Copy(w, io.LimitReader(f, mostTrace)); err != nil {
		return fmt.Errorf("save the trace: %w", err)
	}
	return nil
}

// undoInstance removes the instance, and with it all that was set in it.
func (m *Machine) undoInstance(context.Context, Change) error {
	for _, root := range tracefs() {
		dir := path.Join(root, "instances", instanceName)
		if err := os.Remove(m.path(dir)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return plain(err, dir)
		}
	}
	return nil
}

// modules are those whose debug messages are of interest.
var modules = regexp.MustCompile(`^(cfg80211|mac80211|mt76[a-z0-9_]*|mt79[a-z0-9_]*)$`)

// moduleName is what a module may be called in the undo log.
var moduleName = regexp.MustCompile(`^[a-zA-Z0-9_]{1,64}$`)

// siteName is a debug message's place: file and line.
var siteName = regexp.MustCompile(`^[a-zA-Z0-9_./-]{1,256}:[0-9]{1,9}$`)

// mostQuery bounds what the kernel takes in one piece, in octets (lib/dynamic_debug.c,
// USER_BUF_PAGE).
const mostQuery = 4096

// messages has the debug messages of modules printed. Those that are printed before
// are told apart, so that they alone are in the end.
func (t *Tracing) messages(ctx context.Context, log *Log, c Card) error {
	m := t.machine
	driver := m.base(path.Join("sys", c.Device, "driver/module"))
	sites, err := m.sites(func(module string) bool { return modules.MatchString(module) || module == driver })
	if err != nil {
		t.lacks("debug messages: %v", err)
		return nil
	}
	for _, s := range sites {
		change := Change{Kind: DynamicDebug, Args: map[string]string{"module": s.module}, Before: strings.Join(s.printed, " "), What: "debug messages of the module " + s.module}
		if _, err := quiet(change); err != nil {
			t.lacks("debug messages of %s: %v", s.module, err)
			continue
		}
		err := log.Do(ctx, change, func(ctx context.Context) error { return m.write(ctx, debugSites, "module "+s.module+" +p") })
		if err != nil {
			return err
		}
	}
	if len(sites) == 0 {
		t.lacks("debug messages: the modules have none")
	}
	return nil
}

// quiet is what has the kernel print those messages of a module that it printed
// before a change, and no others.
func quiet(c Change) (string, error) {
	module := c.Args["module"]
	if !moduleName.MatchString(module) {
		return "", fmt.Errorf("%q is no name of a module", module)
	}
	query := "module " + module + " -p"
	for _, site := range strings.Fields(c.Before) {
		if !siteName.MatchString(site) {
			return "", fmt.Errorf("%q is no place of a message", site)
		}
		file, line, _ := strings.Cut(site, ":")
		// Others may have the same place, of a header.
		query += fmt.Sprintf("; module %s file %s line %s +p", module, file, line)
	}
	if len(query) >= mostQuery {
		return "", errors.New("too many of them are printed already to be told apart")
	}
	return query, nil
}

func (m *Machine) undoMessages(ctx context.Context, c Change) error {
	query, err := quiet(c)
	if err != nil {
		return err
	}
	if !m.has(debugSites) {
		return nil // the kernel has none any more
	}
	return m.write(ctx, debugSites, query)
}

// messageSites are the places of a module's debug messages that are printed.
type messageSites struct {
	module  string
	printed []string
}

// sites reads which debug messages there are, by module (Linux,
// Documentation/admin-guide/dynamic-debug-howto.rst: "file:line [module]function
// =flags format").
func (m *Machine) sites(wanted func(module string) bool) ([]messageSites, error) {
	f, err := os.Open(m.path(debugSites))
	if err != nil {
		return nil, plain(err, debugSites)
	}
	defer f.Close()
	return parseSites(io.LimitReader(f, mostSites), wanted)
}

func parseSites(r io.Reader, wanted func(module string) bool) ([]messageSites, error) {
	var out []messageSites
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		site, module, flags, ok := parseSite(lines.Text())
		if !ok || !moduleName.MatchString(module) || !wanted(module) {
			continue
		}
		at := slices.IndexFunc(out, func(s messageSites) bool { return s.module == module })
		if at < 0 {
			at = len(out)
			out = append(out, messageSites{module: module})
		}
		if strings.Contains(flags, "p") {
			out[at].printed = append(out[at].printed, site)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read /%s: %w", debugSites, err)
	}
	return out, nil
}

// parseSite reads place, module and flags of a line.
func parseSite(line string) (site, module, flags string, ok bool) {
	fields := strings.SplitN(line, " ", 4)
	if len(fields) < 3 || !strings.HasPrefix(fields[1], "[") {
		return "", "", "", false
	}
	module, _, closed := strings.Cut(fields[1][1:], "]")
	flags, isFlags := strings.CutPrefix(fields[2], "=")
	return fields[0], module, flags, closed && isFlags
}
