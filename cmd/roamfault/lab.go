package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"

	"roamfault/roam/lab"
)

func newLab(e env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "lab",
		Short: "Run access points of one's own over simulated radios, and make them fail on purpose",
		Long: `The lab is a Wi-Fi network out of one program: access points with several links, WPA3 and roaming over the simulated radios
of the kernel (mac80211_hwsim), for a real wpa_supplicant to join. It answers as wrong as it is told to.

"lab up" runs it on this machine, in a network namespace of its own; that takes root and Linux. "lab vm" runs it in a virtual
machine with a kernel of its own. The others talk to a lab that is up.

Exit codes: 0 done, 2 usage, 3 could not run; with a command, the command's own.`,
	}
	cmd.AddCommand(newLabUp(e), newLabVM(e), newLabStatus(e), newLabAPs(e), newLabFault(e), newLabEvents(e), newLabCapture(e), newLabTerminal(e))
	cmd.PersistentPreRun = func(*cobra.Command, []string) {
		// Kernels and whole programs pass through: the bound of what reads logs
		// would only make that slow.
		debug.SetMemoryLimit(math.MaxInt64)
	}
	return cmd
}

// socketFlag is where a lab that is up is talked to.
func socketFlag(cmd *cobra.Command, path *string) {
	cmd.Flags().StringVar(path, "socket", lab.SocketPath, "talk over the Unix socket `PATH`")
}

// untilHangup is ctx until the terminal is gone, too.
func untilHangup(ctx context.Context) (context.Context, context.CancelFunc) {
	return signal.NotifyContext(ctx, syscall.SIGHUP)
}

// ask sends a request to the lab.
func ask(ctx context.Context, socket string, r lab.Request) (lab.Answer, error) {
	answer, err := lab.Ask(ctx, socket, r)
	if err != nil {
		return answer, trouble(err)
	}
	return answer, nil
}

// checkFormat says whether a table's format is one.
func checkFormat(format string) error {
	if format != "text" && format != "json" {
		return fmt.Errorf("--format %q: text or json", format)
	}
	return nil
}

// ended is nil where an error is only that somebody has ended it, or the lab.
func ended(ctx context.Context, err error) error {
	if err == nil || errors.Is(err, lab.ErrClosed) || ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil
	}
	return trouble(err)
}
