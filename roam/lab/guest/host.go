package guest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
)

// A Need is a program of the host that a guest cannot do without.
type Need struct {
	Program string // as it is looked up in PATH
	Package string // of Debian, which brings it
	For     string // what it is needed for
}

// needs are all of them. Those for packages are not needed where everything is
// in the cache.
var (
	qemu         = Need{Program: "qemu-system-x86_64", Package: "qemu-system-x86", For: "running the guest"}
	packageTools = []Need{
		{Program: "apt-get", Package: "apt", For: "fetching the guest's packages"},
		{Program: "apt-cache", Package: "apt", For: "fetching the guest's packages"},
		{Program: "apt-config", Package: "apt", For: "fetching the guest's packages"},
		{Program: "dpkg-deb", Package: "dpkg", For: "unpacking the guest's packages"},
	}
)

// A MissingError says which programs the host lacks.
type MissingError struct{ Needs []Need }

// Error names them and says how to get them.
func (e *MissingError) Error() string {
	var programs, packages []string
	for _, n := range e.Needs {
		programs = append(programs, fmt.Sprintf("%s (for %s)", n.Program, n.For))
		if len(packages) == 0 || packages[len(packages)-1] != n.Package {
			packages = append(packages, n.Package)
		}
	}
	return "not on this machine: " + strings.Join(programs, ", ") + "; to install: apt-get install " + strings.Join(packages, " ")
}

// missing returns those of the needs that PATH does not have.
func missing(needs ...Need) error {
	var lacks []Need
	for _, n := range needs {
		if _, err := exec.LookPath(n.Program); err != nil {
			lacks = append(lacks, n)
		}
	}
	if len(lacks) > 0 {
		return &MissingError{lacks}
	}
	return nil
}

// ErrUnsupported is what Prepare and Boot return on systems that cannot have
// guests.
var ErrUnsupported = errors.New("guests need a Linux host")

// CheckHost reports whether this machine can fetch, build and run guests; the
// error is a *MissingError or ErrUnsupported.
func CheckHost() error {
	if runtime.GOOS != "linux" {
		return ErrUnsupported
	}
	return missing(append([]Need{qemu}, packageTools...)...)
}

// InstallQEMU installs QEMU's package by the machine's own apt-get, which takes
// root.
func InstallQEMU(ctx context.Context, progress func(Progress)) error {
	if err := missing(packageTools[0]); err != nil {
		return err
	}
	if os.Geteuid() != 0 {
		return fmt.Errorf("install %s: only root may; as root: apt-get install %s", qemu.Package, qemu.Package)
	}
	for _, step := range [][]string{
		{"apt-get", "-q", "update"},
		{"apt-get", "-q", "-y", "--no-install-recommends", "install", qemu.Package},
	} {
		if progress != nil {
			progress(Progress{Step: strings.Join(step, " ")})
		}
		cmd := exec.CommandContext(ctx, step[0], step[1:]...)
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8")
		// Killed in its work, dpkg would leave a mess.
		cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w: %s", strings.Join(step, " "), err, lastLine(out))
		}
	}
	return nil
}

func lastLine(b []byte) string {
	text := strings.TrimSpace(string(b))
	return text[strings.LastIndexByte(text, '\n')+1:]
}
