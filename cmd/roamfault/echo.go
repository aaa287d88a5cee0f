package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"roamfault/roam/probe"
)

func newEcho(e env) *cobra.Command {
	var listen string
	service := &probe.Echo{}
	cmd := &cobra.Command{
		Use:   "echo",
		Short: "Send back what comes, over UDP and TCP: the far side of stress --load",
		Long: `Echo is an echo service (RFC 862) for a machine behind the access points: what "roamfault stress --load udp://HOST:PORT" or tcp://
sends there comes back. It answers whom it does not know, so run it only as long as it is needed.

Exit codes: 0 ended by a signal, 2 usage, 3 could not listen.`,
		Example: `  roamfault echo
  roamfault echo --listen 192.0.2.1:7007`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := service.Listen(cmd.Context(), listen); err != nil {
				return trouble(err)
			}
			fmt.Fprintf(e.stdout, "echo on %s, UDP and TCP\n", service.Addr())
			if err := service.Serve(cmd.Context()); err != nil {
				return trouble(err)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&listen, "listen", ":7007", "listen at `ADDRESS:PORT`")
	cmd.Flags().IntVar(&service.MaxConns, "connections", 32, "take `N` TCP connections at once")
	return cmd
}
