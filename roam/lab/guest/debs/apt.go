package debs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// apt is apt with a directory of its own for one suite.
type apt struct {
	dir  string
	conf string
}

// carried are the settings of the machine that decide how it reaches a mirror
// and what it takes for valid: by their beginnings.
var carried = []string{
	"Acquire::http::", "Acquire::https::", "Acquire::ForceIPv",
	"Acquire::Check-Valid-Until", "Acquire::Check-Date", "Acquire::Max-FutureTime", "Acquire::Retries",
}

// newAPT writes the configuration: nothing of the machine's is read or written
// but what settings holds ("name\tvalue" lines) and the keys.
func newAPT(dir string, source Source, suite, architecture, settings string) (*apt, error) {
	a := &apt{dir: dir, conf: filepath.Join(dir, "apt.conf")}
	for _, d := range []string{"etc/sources.d", "etc/parts", "etc/none", "lists/partial", "cache/archives/partial", "state", "log"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			return nil, fmt.Errorf("set up apt: %w", err)
		}
	}
	files := []struct{ name, text string }{
		{a.conf, a.configuration(architecture, settings)},
		{filepath.Join(dir, "etc/sources.d/archive.sources"), source.deb822(suite, architecture)},
		{filepath.Join(dir, "state/status"), ""},
	}
	for _, f := range files {
		// A proxy's address may hold a password.
		if err := os.WriteFile(f.name, []byte(f.text), 0o600); err != nil {
			return nil, fmt.Errorf("set up apt: %w", err)
		}
	}
	return a, nil
}

func (a *apt) configuration(architecture, settings string) string {
	var b strings.Builder
	set := func(name, value string) {
		// The format has no way to write these.
		if !strings.ContainsAny(value, "\"\n\\") {
			fmt.Fprintf(&b, "%s \"%s\";\n", name, value)
		}
	}
	below := func(name, path string) { set(name, filepath.Join(a.dir, path)) }
	set("APT::Architecture", architecture)
	set("APT::Architectures::", architecture)
	set("APT::Get::AllowUnauthenticated", "false")
	// The user of the downloads could not enter a cache below /root.
	if os.Geteuid() == 0 {
		set("APT::Sandbox::User", "root")
	}
	below("Dir::Etc::sourcelist", "etc/none/sources.list")
	below("Dir::Etc::sourceparts", "etc/sources.d")
	below("Dir::Etc::main", "etc/none/apt.conf")
	below("Dir::Etc::parts", "etc/parts")
	below("Dir::Etc::preferences", "etc/none/preferences")
	below("Dir::Etc::preferencesparts", "etc/parts")
	below("Dir::State", "state")
	below("Dir::State::lists", "lists")
	below("Dir::State::status", "state/status")
	below("Dir::Cache", "cache")
	below("Dir::Log", "log")
	set("Acquire::Languages", "none")
	set("Acquire::GzipIndexes", "true")
	set("Acquire::Retries", "3")
	set("APT::Update::Error-Mode", "any")
	for line := range strings.Lines(settings) {
		name, value, ok := strings.Cut(strings.TrimRight(line, "\n"), "\t")
		if !ok || value == "" || strings.ContainsAny(name, " \"{};") {
			continue
		}
		for _, beginning := range carried {
			if strings.HasPrefix(name, beginning) {
				set(name, value)
				break
			}
		}
	}
	return b.String()
}

// machineSettings asks apt for the machine's settings, as newAPT takes them.
func machineSettings(ctx context.Context) (string, error) {
	return run(ctx, "", nil, "apt-config", "dump", "--no-empty", "--format", "%f%N%v%n")
}

func (a *apt) run(ctx context.Context, dir, program string, args ...string) (string, error) {
	return run(ctx, dir, []string{"APT_CONFIG=" + a.conf, "DEBIAN_FRONTEND=noninteractive"}, program, args...)
}

// update fetches the suite's lists and verifies their signature.
func (a *apt) update(ctx context.Context) error {
	_, err := a.run(ctx, "", "apt-get", "-q", "update")
	return err
}

// tidy removes what apt makes anew from its lists, tens of megabytes.
func (a *apt) tidy() error {
	files, err := filepath.Glob(filepath.Join(a.dir, "cache", "*.bin"))
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := os.Remove(f); err != nil {
			return err
		}
	}
	return nil
}

// available returns the names of packages that begin with one of the prefixes.
func (a *apt) available(ctx context.Context, prefixes []string) ([]string, error) {
	var all []string
	for _, p := range prefixes {
		out, err := a.run(ctx, "", "apt-cache", "pkgnames", p)
		if err != nil {
			return nil, err
		}
		all = append(all, strings.Fields(out)...)
	}
	return all, nil
}

// An archive is a package's file as apt's verified lists describe it.
type archive struct {
	file, hash, sum string
	size            int64
}

// archives returns the files of the packages, in the packages' order of apt.
func (a *apt) archives(ctx context.Context, packages []string) ([]archive, error) {
	out, err := a.run(ctx, "", "apt-get", append([]string{"-q", "--print-uris", "download"}, packages...)...)
	if err != nil {
		return nil, err
	}
	return parseURIs(out)
}

// parseURIs reads lines of 'URI' file size hash:sum.
func parseURIs(out string) ([]archive, error) {
	var all []archive
	for line := range strings.Lines(out) {
		rest, ok := strings.CutPrefix(line, "'")
		if !ok {
			continue // a note
		}
		_, rest, _ = strings.Cut(rest, "' ")
		fields := strings.Fields(rest)
		if len(fields) < 2 || fields[0] != filepath.Base(fields[0]) || strings.HasPrefix(fields[0], ".") {
			return nil, fmt.Errorf("read what apt-get would download: %q", line)
		}
		size, err := strconv.ParseInt(fields[1], 10, 64)
		if err != nil || size < 0 {
			return nil, fmt.Errorf("read what apt-get would download: %q", line)
		}
		ar := archive{file: fields[0], size: size}
		if len(fields) > 2 {
			ar.hash, ar.sum, _ = strings.Cut(fields[2], ":")
		}
		all = append(all, ar)
	}
	return all, nil
}

// name and version are parts of a package's file name.
func (ar archive) name() (name, version string) {
	parts := strings.SplitN(strings.TrimSuffix(ar.file, ".deb"), "_", 3)
	if len(parts) < 2 {
		return ar.file, ""
	}
	if v, err := url.PathUnescape(parts[1]); err == nil {
		return parts[0], v
	}
	return parts[0], parts[1]
}

// outputLimit is the most of a program's output that is kept, in bytes: a list
// of all packages of an archive is a few megabytes.
const outputLimit = 16 << 20

// run runs a program to its end and returns its standard output. What it said
// otherwise is part of the error.
func run(ctx context.Context, dir string, env []string, program string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = dir
	cmd.Env = append(append(os.Environ(), "LC_ALL=C.UTF-8"), env...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	var stdout, stderr bytes.Buffer
	cmd.Stdout = &limited{w: &stdout, left: outputLimit}
	cmd.Stderr = &limited{w: &stderr, left: 64 << 10}
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		text := program
		if len(args) > 0 {
			text += " " + lastWord(args)
		}
		if said := oneLine(stderr.String()); said != "" {
			return "", fmt.Errorf("%s: %w: %s", text, err, said)
		}
		return "", fmt.Errorf("%s: %w", text, err)
	}
	return stdout.String(), nil
}

// lastWord names a command in an error: its first argument that is no option.
func lastWord(args []string) string {
	for _, a := range args {
		if !strings.HasPrefix(a, "-") {
			return a
		}
	}
	return args[0]
}

func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == '\n' || r == '\r' }), "; ")
}

// limited writes the first bytes and drops the rest.
type limited struct {
	w    io.Writer
	left int
}

func (l *limited) Write(p []byte) (int, error) {
	n := min(len(p), l.left)
	l.left -= n
	if _, err := l.w.Write(p[:n]); err != nil {
		return 0, err
	}
	return len(p), nil
}

var errNoArchive = errors.New("apt-get names no file")
