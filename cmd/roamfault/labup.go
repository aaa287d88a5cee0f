package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"roamfault/roam/lab"
	"roamfault/roam/lab/ap"
	"roamfault/roam/lab/site"
)

// labUpFlags are the options of the command as typed.
type labUpFlags struct {
	plan            planFlags
	here, events    bool
	say             bool // what there is to type, though a command is run
	socket, capture string
}

func newLabUp(e env) *cobra.Command {
	var f labUpFlags
	cmd := &cobra.Command{
		Use:   "up [-- COMMAND ARGS...]",
		Short: "Run the lab on this machine (root, Linux)",
		Long: `Up loads the kernel's simulated radios (mac80211_hwsim), makes a network namespace with a radio for each station, and
runs the access points until it is interrupted; then everything is gone. It is gone as well when the program is killed.

With a COMMAND, that is run in the lab's namespace, and the lab ends with it and with its exit code.`,
		Example: `  roamfault lab up --events
  roamfault lab up --stations 2 --security psk --no-mld
  roamfault lab up --capture air.pcapng -- wpa_supplicant -i wlan0 -c lab.conf`,
		Args: commandAfterDash,
		RunE: func(cmd *cobra.Command, args []string) error {
			plan, err := f.plan.plan()
			if err != nil {
				return err
			}
			ctx, stop := untilHangup(cmd.Context())
			defer stop()
			return f.run(ctx, e, plan, args)
		},
	}
	f.plan.add(cmd, "")
	flags := cmd.Flags()
	flags.BoolVar(&f.here, "here", false, "use this network namespace, not one of the lab's own")
	flags.BoolVar(&f.events, "events", false, "print what happens at the access points")
	flags.BoolVar(&f.say, "say", false, "say what there is to type with a COMMAND, too")
	flags.StringVar(&f.capture, "capture", "", "write the frames on the air to `FILE` (pcapng)")
	flags.StringVar(&f.socket, "socket", lab.SocketPath, "listen on the Unix socket `PATH`")
	return cmd
}

// commandAfterDash lets words stand behind "--" only.
func commandAfterDash(cmd *cobra.Command, args []string) error {
	dash := cmd.ArgsLenAtDash()
	if dash < 0 {
		dash = len(args)
	}
	if dash > 0 {
		return fmt.Errorf("unknown word %q: a command to run stands behind --, as in: %s -- %s", args[0], cmd.CommandPath(), strings.Join(args, " "))
	}
	return nil
}

// run has the lab up until ctx or the command ends.
func (f *labUpFlags) run(ctx context.Context, e env, plan lab.Plan, command []string) (err error) {
	var taps lab.Taps
	var server *lab.Server
	printed := e.stdout
	if len(command) > 0 {
		printed = e.stderr // the command has the output for itself
	}
	watch := func(ev ap.Event) {
		server.Event(ev)
		if f.events {
			printEvent(printed, ev)
		}
	}
	if f.capture != "" {
		end, err := captureToFile(f.capture, plan, &taps)
		if err != nil {
			return trouble(err)
		}
		defer func() { err = worse(err, end()) }()
	}
	s, err := site.Open(ctx, site.Options{Plan: plan, Here: f.here, Country: f.plan.country, Tap: &taps, Watch: watch})
	if err != nil {
		return ended(ctx, err)
	}
	defer func() { err = worse(err, s.Close()) }()
	server, err = lab.Listen(s.Lab(), f.socket, lab.WithCapture(func(w io.Writer) (func() error, error) {
		c, err := site.NewCapture(w, plan, site.CaptureOptions{})
		if err != nil {
			return nil, err
		}
		remove := taps.Add(c)
		return func() error { remove(); return c.Close() }, nil
	}))
	if err != nil {
		return trouble(err)
	}
	config, remove, err := f.writeConfig(plan)
	if err != nil {
		return trouble(err)
	}
	defer remove()
	running, cancel := context.WithCancel(ctx)
	if len(command) > 0 {
		// The command is told of signals and decides what they mean.
		running, cancel = context.WithCancel(context.WithoutCancel(ctx))
	}
	defer cancel()
	parts := make(chan error, 2)
	go func() { parts <- s.Run(running) }()
	go func() { parts <- server.Serve(running) }()
	code := 0
	var failed error
	if len(command) == 0 || f.say {
		f.tell(printed, plan, s, config)
	}
	if len(command) > 0 {
		code, failed = runInLab(e, s, command, cancel, parts)
	} else {
		failed = <-parts
		cancel()
	}
	failed = errors.Join(failed, <-parts)
	if failed != nil {
		return trouble(failed)
	}
	if code != 0 {
		return exitError{code: code}
	}
	return nil
}

// runInLab runs a command and then ends the lab; where the lab ends first, so
// does the command. One part of the lab has ended when it returns.
func runInLab(e env, s *site.Site, command []string, end context.CancelFunc, parts <-chan error) (int, error) {
	child, err := startChild(e, s, command)
	if err != nil {
		end()
		return 0, errors.Join(err, <-parts)
	}
	done := make(chan struct{})
	var code int
	var waited error
	go func() {
		defer close(done)
		code, waited = child.wait()
	}()
	select {
	case <-done:
		end()
		return code, errors.Join(waited, <-parts)
	case broken := <-parts:
		child.kill()
		<-done
		end()
		return code, broken
	}
}

// worse adds an error to what a command returns.
func worse(err, also error) error {
	if also == nil {
		return err
	}
	return trouble(errors.Join(err, also))
}

// captureToFile lets a tap write to a file.
func captureToFile(path string, plan lab.Plan, taps *lab.Taps) (end func() error, err error) {
	file, err := os.Create(path)
	if err != nil {
		return nil, fmt.Errorf("write the capture: %w", err)
	}
	c, err := site.NewCapture(file, plan, site.CaptureOptions{})
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	remove := taps.Add(c)
	return func() error {
		remove()
		if err := errors.Join(c.Close(), file.Close()); err != nil {
			return fmt.Errorf("write %s: %w", path, err)
		}
		return nil
	}, nil
}

// supplicantControl is the directory of wpa_supplicant's control sockets.
const supplicantControl = "/run/wpa_supplicant"

// writeConfig writes a configuration for wpa_supplicant beside the control
// socket.
func (f *labUpFlags) writeConfig(plan lab.Plan) (path string, remove func(), err error) {
	path = filepath.Join(filepath.Dir(f.socket), "wpa_supplicant.conf")
	text := site.Supplicant{Control: supplicantControl, Country: f.plan.country}.Config(plan)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return "", nil, fmt.Errorf("write a configuration for wpa_supplicant: %w", err)
	}
	return path, func() { _ = os.Remove(path) }, nil
}

// tell prints what the lab is and what there is to type.
func (f *labUpFlags) tell(to io.Writer, plan lab.Plan, s *site.Site, config string) {
	w := bufio.NewWriter(to)
	defer w.Flush()
	table := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	for _, c := range plan.APs {
		mld := "no MLD"
		if !c.MLD.IsZero() {
			mld = "MLD " + c.MLD.String()
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", c.Name, mld, c.Security, linkWords(c.Links))
	}
	table.Flush()
	fmt.Fprintf(w, "SSID %q", f.plan.ssid)
	if f.plan.security != string(ap.Open) {
		fmt.Fprintf(w, ", password %q", f.plan.password)
	}
	var names []string
	for _, station := range s.Stations() {
		names = append(names, station.Interface.Name)
	}
	fmt.Fprintf(w, "; stations: %s\n\n", strings.Join(names, " "))
	inside := ""
	if path := s.Namespace(); path != "" {
		inside = "nsenter --net=" + path + " "
		fmt.Fprintf(w, "%sbash\n", inside)
	}
	fmt.Fprintf(w, "%swpa_supplicant -i %s -c %s\n", inside, names[0], config)
	socket := ""
	if f.socket != lab.SocketPath {
		socket = " --socket " + f.socket
	}
	fmt.Fprintf(w, "roamfault lab status%s\nroamfault lab fault%s\n", socket, socket)
}

// linkWords says which links there are.
func linkWords(links []ap.Link) string {
	words := make([]string, len(links))
	for i, l := range links {
		words[i] = fmt.Sprintf("link %d %v %v", l.ID, l.BSSID, l.Channel)
	}
	return strings.Join(words, ", ")
}

// printEvent prints a line about what has happened.
func printEvent(w io.Writer, ev ap.Event) {
	line := fmt.Sprintf("%.6f %s link %d: %s", ev.Time.Seconds(), ev.AP, ev.Link, ev.What)
	if ev.AP == "" {
		line = fmt.Sprintf("%.6f %s", ev.Time.Seconds(), ev.What)
	}
	if !ev.Station.IsZero() {
		line += " " + ev.Station.String()
	}
	if ev.Detail != "" {
		line += ": " + ev.Detail
	}
	fmt.Fprintln(w, printable(line))
}
