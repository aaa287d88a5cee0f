package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"roamfault/roam/lab"
	"roamfault/roam/lab/ap"
)

func newLabStatus(e env) *cobra.Command {
	return newLabTable(e, "status", "Say what the lab that is up is doing: stations, and faults at work", printLabStatus)
}

func newLabAPs(e env) *cobra.Command {
	return newLabTable(e, "aps", "List the access points and their links", printLabAPs)
}

// newLabTable makes a command that shows some of a lab's status.
func newLabTable(e env, name, short string, show func(io.Writer, *lab.Status)) *cobra.Command {
	var socket, format string
	cmd := &cobra.Command{
		Use:   name,
		Short: short,
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkFormat(format); err != nil {
				return err
			}
			answer, err := ask(cmd.Context(), socket, lab.Request{Do: "status"})
			if err != nil {
				return err
			}
			if answer.Status == nil {
				return trouble(fmt.Errorf("the lab did not say its status"))
			}
			if format == "json" {
				return encode(e.stdout, answer.Status)
			}
			w := tabwriter.NewWriter(e.stdout, 0, 8, 2, ' ', 0)
			show(w, answer.Status)
			return w.Flush()
		},
	}
	socketFlag(cmd, &socket)
	cmd.Flags().StringVar(&format, "format", "text", "write `text|json`")
	return cmd
}

func encode(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

func printLabStatus(w io.Writer, s *lab.Status) {
	fmt.Fprintf(w, "up %v, gateway %s, %s\n", s.Up.Round(time.Millisecond), printable(s.Gateway), count(s.Radios, "radio"))
	for _, a := range s.APs {
		fmt.Fprintf(w, "%s: %s on the air, %s\n", printable(a.Name), count(len(a.Links), "link"), count(len(a.Stations), "station"))
		for _, station := range a.Stations {
			fmt.Fprintf(w, "  station %v\t%s\n", station.Addr, stationWords(station))
		}
		for _, r := range a.Rules {
			fmt.Fprintf(w, "  fault %s\tmade %s\n", printable(ruleWords(r.Rule)), count(r.Times, "time"))
		}
	}
}

// count gives a number with its noun.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// stationWords says how a station is connected.
func stationWords(s ap.Station) string {
	words := []string{"associated"}
	if s.Connected {
		words[0] = "connected"
	}
	for _, l := range s.Links {
		word := fmt.Sprintf("link %d as %v", l.ID, l.Addr)
		if l.Dozing {
			word += " (dozes)"
		}
		words = append(words, word)
	}
	if s.Waiting > 0 {
		words = append(words, count(s.Waiting, "frame")+" wait for it")
	}
	return strings.Join(words, ", ")
}

func printLabAPs(w io.Writer, s *lab.Status) {
	fmt.Fprintln(w, "AP\tMLD\tSSID\tSECURITY\tLINK\tBSSID\tCHANNEL\tSIGNAL")
	for _, a := range s.APs {
		mld := "-"
		if !a.MLD.IsZero() {
			mld = a.MLD.String()
		}
		for _, l := range a.Links {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\t%v\t%d (%d MHz)\t%d dBm\n", printable(a.Name), mld, printable(a.SSID),
				printable(string(a.Security)), l.ID, l.BSSID, l.Channel.Number, l.Channel.Freq, l.Signal)
		}
	}
}

func newLabEvents(e env) *cobra.Command {
	var socket, format string
	cmd := &cobra.Command{
		Use:   "events",
		Short: "Follow what happens at the access points of the lab that is up",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkFormat(format); err != nil {
				return err
			}
			out := json.NewEncoder(e.stdout)
			err := lab.Follow(cmd.Context(), socket, func(ev ap.Event) bool {
				if format == "json" {
					return out.Encode(ev) == nil
				}
				printEvent(e.stdout, ev)
				return true
			})
			return ended(cmd.Context(), err)
		},
	}
	socketFlag(cmd, &socket)
	cmd.Flags().StringVar(&format, "format", "text", "write `text|json`, the latter a line for each")
	return cmd
}

func newLabCapture(e env) *cobra.Command {
	var socket string
	cmd := &cobra.Command{
		Use:     "capture FILE",
		Short:   "Write the frames on the lab's air to a file (pcapng) until interrupted",
		Example: "  roamfault lab capture air.pcapng\n  roamfault lab capture - | wireshark -k -i -",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			ctx, stop := untilHangup(cmd.Context())
			defer stop()
			to := e.stdout
			if args[0] != "-" {
				file, err := os.Create(args[0])
				if err != nil {
					return trouble(fmt.Errorf("write the capture: %w", err))
				}
				defer func() { err = worse(err, file.Close()) }()
				to = file
			} else if _, isTerminal := terminal(to); isTerminal {
				return errors.New("a capture is not for a terminal: name a file, or pipe it into another program")
			}
			return ended(ctx, lab.Capture(ctx, socket, to))
		},
	}
	socketFlag(cmd, &socket)
	return cmd
}
