package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"roamfault/roam/lab/guest"
)

// labVMFlags are the options of the command as typed.
type labVMFlags struct {
	plan                   planFlags
	kernel, modules, cache string
	accel, log             string
	memory, cpus           int
	lab, install, offline  bool
	events, say            bool
	get, put               []string
}

func newLabVM(e env) *cobra.Command {
	var f labVMFlags
	var noLab bool
	cmd := &cobra.Command{
		Use:   "vm [-- COMMAND ARGS...]",
		Short: "Run the lab in a virtual machine with a kernel of its own",
		Long: `Vm fetches what a small guest is made of (Debian's kernels, wpa_supplicant, iw and busybox; nothing is installed on this
machine), boots it under QEMU in seconds, and runs the lab in it: no root, no modules and no Wi-Fi of this machine are used.

With a COMMAND, that is run in the guest with the lab up, and its exit code is this program's. A COMMAND that is the path of a
file here, other than below /bin, /sbin and /usr, is put into the guest. Without one, a terminal gets a shell.
This program is in the guest, too: roamfault.

A guest's kernel panic is told with its words, exit code 3.`,
		Example: `  roamfault lab vm
  roamfault lab vm -- roamfault lab aps
  roamfault lab vm --kernel 7.x --get /tmp/air.pcapng -- sh -c 'timeout 5 roamfault lab capture /tmp/air.pcapng'
  roamfault lab vm --no-lab --put testdata:/tmp/testdata -- ./hwsim.test -test.v
  roamfault lab vm --kernel ~/linux/arch/x86/boot/bzImage --modules ~/linux/mods`,
		Args: commandAfterDash,
		RunE: func(cmd *cobra.Command, args []string) error {
			f.lab = !noLab
			if _, err := f.plan.plan(); err != nil {
				return err
			}
			ctx, stop := untilHangup(cmd.Context())
			defer stop()
			return f.run(ctx, e, f.plan.again(cmd), args)
		},
	}
	f.plan.add(cmd, "US")
	flags := cmd.Flags()
	flags.StringVar(&f.kernel, "kernel", guest.DefaultKernel, "boot `6.12|7.x|FILE`, an image of a kernel")
	flags.StringVar(&f.modules, "modules", "", "take the modules of a kernel FILE from `DIR`")
	flags.StringVar(&f.cache, "cache", "", "keep packages and images in `DIR` (default: in the user's directory for caches)")
	flags.StringVar(&f.accel, "accel", guest.AccelTCG, "run the guest by `tcg|kvm|auto`")
	flags.StringVar(&f.log, "kernel-log", "", "write the guest's kernel log to `FILE`")
	flags.IntVar(&f.memory, "memory", 512, "give the guest `MIB` of memory")
	flags.IntVar(&f.cpus, "cpus", 2, "give the guest `N` processors")
	flags.BoolVar(&noLab, "no-lab", false, "leave the lab out: only the guest")
	flags.BoolVar(&f.events, "events", false, "print what happens at the access points")
	flags.BoolVar(&f.install, "install", false, "install QEMU with apt-get where it is missing (root)")
	flags.BoolVar(&f.offline, "offline", false, "fetch nothing: use what is in the cache")
	flags.StringArrayVar(&f.get, "get", nil, "take `PATH[:HERE]` out of the guest when the command has ended")
	flags.StringArrayVar(&f.put, "put", nil, "put `HERE[:PATH]`, a file or directory, into the guest")
	return cmd
}

// guestProgram is what the running program is called in the guest.
const guestProgram = "/usr/bin/roamfault"

// run boots a guest and runs the command in it.
func (f *labVMFlags) run(ctx context.Context, e env, plan, command []string) error {
	interactive := len(command) == 0
	if interactive {
		_, in := terminal(os.Stdin)
		_, out := terminal(e.stdout)
		if !in || !out {
			return errors.New("without a terminal there is no shell: name a command, as in: roamfault lab vm -- roamfault lab aps")
		}
	}
	get, err := parseGet(f.get)
	if err != nil {
		return err
	}
	files, err := parsePut(f.put)
	if err != nil {
		return err
	}
	if interactive {
		f.say = true
		command = []string{"sh", "-i"}
	} else if inside, ours := hostProgram(command[0]); ours {
		files = append(files, guest.File{Path: inside, Host: command[0], Mode: 0o755})
		command = append([]string{inside}, command[1:]...)
	}
	say := newTeller(e.stderr)
	g, err := f.boot(ctx, say, files)
	if err != nil {
		say.end()
		return ended(ctx, withConsole(e.stderr, err))
	}
	defer g.Close()
	say.end()
	kernelLog := f.followKernel(g)
	command = f.args(plan, command)
	if interactive {
		command = onTerminal(e, command)
	}
	code, err := f.command(ctx, e, g, guest.Command{Args: command, Collect: get}, interactive)
	if e := g.Close(); e != nil {
		err = errors.Join(err, e)
	}
	err = errors.Join(err, kernelLog())
	if err != nil {
		if ctx.Err() != nil {
			return exitError{code: exitInterrupted}
		}
		return trouble(withConsole(e.stderr, err))
	}
	if code != 0 {
		return exitError{code: code}
	}
	return nil
}

// exitInterrupted is the exit code of what the user has ended: 128 and the
// number of SIGINT, as shells have it.
const exitInterrupted = 130

// boot prepares the image and boots it.
func (f *labVMFlags) boot(ctx context.Context, say *teller, files []guest.File) (*guest.Guest, error) {
	if err := guest.CheckHost(); f.install && err != nil && !errors.Is(err, guest.ErrUnsupported) {
		if err := guest.InstallQEMU(ctx, say.progress); err != nil {
			return nil, err
		}
	}
	image, err := guest.Prepare(ctx, guest.ImageOptions{
		Kernel: f.kernel, Modules: f.modules, Cache: f.cache, Offline: f.offline, Progress: say.progress,
	})
	if err != nil {
		return nil, err
	}
	g, err := guest.Boot(ctx, image, guest.Options{
		Memory: f.memory, CPUs: f.cpus, Accel: f.accel, Files: files, Progress: say.progress,
	})
	if err != nil {
		return nil, err
	}
	// The program is in the guest as its init, and has one place in memory.
	if _, err := g.Run(ctx, guest.Command{Args: []string{"ln", "-s", "/init", guestProgram}}); err != nil {
		g.Kill()
		return nil, err
	}
	return g, nil
}

// args is what is run in the guest: the command, with a lab around it where one
// is wanted.
func (f *labVMFlags) args(plan, command []string) []string {
	if !f.lab {
		return command
	}
	args := []string{guestProgram, "lab", "up", "--here"}
	if !containsFlag(plan, "country") {
		args = append(args, "--country="+f.plan.country)
	}
	if f.events {
		args = append(args, "--events")
	}
	if f.say {
		args = append(args, "--say")
	}
	args = append(args, plan...)
	return append(append(args, "--"), command...)
}

// onTerminal runs a command on a terminal of the guest, as large as the one here.
func onTerminal(e env, command []string) []string {
	args := []string{guestProgram, "lab", "terminal"}
	if f, ok := e.stdout.(*os.File); ok {
		if columns, rows, err := term.GetSize(int(f.Fd())); err == nil {
			args = append(args, fmt.Sprintf("--size=%dx%d", columns, rows))
		}
	}
	return append(append(args, "--"), command...)
}

func containsFlag(args []string, name string) bool {
	for _, a := range args {
		if strings.HasPrefix(a, "--"+name+"=") {
			return true
		}
	}
	return false
}

// command runs the command, on a terminal where it is a shell.
func (f *labVMFlags) command(ctx context.Context, e env, g *guest.Guest, cmd guest.Command, interactive bool) (int, error) {
	cmd.Env = []string{labEnv + "=guest"}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = e.stdin, e.stdout, e.stderr
	if !interactive {
		return g.Run(ctx, cmd)
	}
	restore, err := rawTerminal(os.Stdin)
	if err != nil {
		return 0, err
	}
	defer restore()
	return g.Run(ctx, cmd)
}

// rawTerminal hands every key on, to the terminal in the guest.
func rawTerminal(f *os.File) (restore func(), err error) {
	state, err := term.MakeRaw(int(f.Fd()))
	if err != nil {
		return nil, fmt.Errorf("use the terminal: %w", err)
	}
	return func() { _ = term.Restore(int(f.Fd()), state) }, nil
}

// labEnv tells a program that it runs in a guest of the lab.
const labEnv = "ROAMFAULT_LAB"

// hostProgram says where a command that is a file of this machine goes in the
// guest.
func hostProgram(word string) (inside string, ours bool) {
	if !strings.ContainsRune(word, filepath.Separator) {
		return "", false
	}
	for _, dir := range []string{"/bin/", "/sbin/", "/usr/"} {
		if strings.HasPrefix(word, dir) {
			return "", false
		}
	}
	if info, err := os.Stat(word); err != nil || !info.Mode().IsRegular() {
		return "", false
	}
	return path.Join("/host", filepath.Base(word)), true
}

// parseGet reads PATH[:HERE].
func parseGet(words []string) ([]guest.Collect, error) {
	var all []guest.Collect
	for _, word := range words {
		inside, here, _ := strings.Cut(word, ":")
		if !path.IsAbs(inside) {
			return nil, fmt.Errorf("--get %q: an absolute path of the guest is wanted, as in /tmp/air.pcapng:air.pcapng", word)
		}
		if here == "" {
			here = path.Base(inside)
		}
		all = append(all, guest.Collect{Path: inside, Host: here})
	}
	return all, nil
}

// parsePut reads HERE[:PATH] and finds the files of directories.
func parsePut(words []string) ([]guest.File, error) {
	var all []guest.File
	for _, word := range words {
		here, inside, _ := strings.Cut(word, ":")
		if inside == "" {
			inside = path.Join("/host", filepath.Base(here))
		}
		if !path.IsAbs(inside) {
			return nil, fmt.Errorf("--put %q: an absolute path of the guest is wanted, as in lab.conf:/tmp/lab.conf", word)
		}
		err := filepath.WalkDir(here, func(name string, d os.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			below, err := filepath.Rel(here, name)
			if err != nil {
				return err
			}
			all = append(all, guest.File{Path: path.Join(inside, filepath.ToSlash(below)), Host: name})
			return nil
		})
		if err != nil {
			return nil, trouble(fmt.Errorf("--put: %w", err))
		}
	}
	return all, nil
}

// followKernel writes the guest's kernel log to the file that is wanted, until
// the guest ends; the function it returns waits for that.
func (f *labVMFlags) followKernel(g *guest.Guest) (wait func() error) {
	if f.log == "" {
		return func() error { return nil }
	}
	failed := make(chan error, 1)
	go func() { failed <- writeKernelLog(f.log, g.KernelLog().Follow()) }()
	return func() error { return <-failed }
}

// writeKernelLog writes records as dmesg prints them.
func writeKernelLog(name string, log *guest.KernelReader) (err error) {
	file, err := os.Create(name)
	if err != nil {
		return fmt.Errorf("write the kernel log: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	for {
		r, err := log.Next(context.Background())
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(file, "<%d>[%5d.%06d] %s\n", r.Priority, r.Time/time.Second, r.Time%time.Second/time.Microsecond, r.Text); err != nil {
			return fmt.Errorf("write the kernel log: %w", err)
		}
	}
}

// withConsole prints the last of a guest's console where it has ended by
// itself, and passes the error on.
func withConsole(to io.Writer, err error) error {
	var end *guest.EndError
	if errors.As(err, &end) && end.Reason != guest.EndAsked {
		for _, text := range []string{end.Console, end.Emulator} {
			for line := range strings.Lines(text) {
				fmt.Fprintf(to, "  | %s\n", printable(strings.TrimRight(line, "\n")))
			}
		}
	}
	return err
}

// teller says what is going on, on one line where that is a terminal.
type teller struct {
	mu       sync.Mutex
	to       io.Writer
	terminal bool
	step     string
	said     time.Time
}

func newTeller(to io.Writer) *teller {
	_, isTerminal := terminal(to)
	return &teller{to: to, terminal: isTerminal}
}

// tellEvery is how often bytes are counted aloud.
const tellEvery = 200 * time.Millisecond

func (t *teller) progress(p guest.Progress) {
	t.mu.Lock()
	defer t.mu.Unlock()
	line := "roamfault: " + printable(p.Step)
	if !t.terminal {
		if p.Step != t.step {
			fmt.Fprintln(t.to, line)
		}
		t.step = p.Step
		return
	}
	if p.Step == t.step && p.Done != p.Total && time.Since(t.said) < tellEvery {
		return
	}
	t.step, t.said = p.Step, time.Now()
	if p.Total > 0 {
		line += fmt.Sprintf(" %d of %d MiB", p.Done>>20, p.Total>>20)
	}
	fmt.Fprintf(t.to, "\r\x1b[K%s", line)
}

// end takes the line away.
func (t *teller) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.terminal && t.step != "" {
		fmt.Fprint(t.to, "\r\x1b[K")
	}
	t.step = ""
}
