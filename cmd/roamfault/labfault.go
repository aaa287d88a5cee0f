package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"roamfault/nl80211/dot11"
	"roamfault/roam/lab"
	"roamfault/roam/lab/ap"
)

func newLabFault(e env) *cobra.Command {
	var socket, accessPoint, format string
	cmd := &cobra.Command{
		Use:   "fault [NAME [KEY=VALUE...]]",
		Short: "Make an access point of the lab fail on purpose; without a name, list the ways",
		Long: `Fault tells access points to be wrong in a certain way, until it is cleared, or count times. Some faults are acts and are
done at once.

Every fault can be limited: station=ADDRESS, link=ID, frame=KIND, count=N, probability=P. The other keys are those that the
list gives for the fault; reason and status take a number or a name.`,
		Example: `  roamfault lab fault
  roamfault lab fault status frame=assoc status=17 count=2 --ap ap2
  roamfault lab fault deauth reason=6
  roamfault lab fault signal link=0 signal=-85 tu=3000 --ap ap1
  roamfault lab fault clear`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkFormat(format); err != nil {
				return err
			}
			if len(args) == 0 {
				return listFaults(e, format)
			}
			rule, err := parseRule(args[0], args[1:])
			if err != nil {
				return err
			}
			_, err = ask(cmd.Context(), socket, lab.Request{Do: "fault", AP: accessPoint, Rule: &rule})
			return err
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return faultNames(), cobra.ShellCompDirectiveNoFileComp
		},
	}
	socketFlag(cmd, &socket)
	cmd.Flags().StringVar(&accessPoint, "ap", "", "tell the access point `NAME` alone")
	cmd.Flags().StringVar(&format, "format", "text", "write the list as `text|json`")
	cmd.AddCommand(newLabFaultClear(e))
	return cmd
}

func newLabFaultClear(e env) *cobra.Command {
	var socket, accessPoint string
	cmd := &cobra.Command{
		Use:   "clear [NAME]",
		Short: "End the faults of that name, or all",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			r := lab.Request{Do: "clear", AP: accessPoint}
			if len(args) > 0 {
				if !slices.Contains(faultNames(), args[0]) {
					return unknownFault(args[0])
				}
				r.Fault = args[0]
			}
			answer, err := ask(cmd.Context(), socket, r)
			if err != nil {
				return err
			}
			fmt.Fprintf(e.stdout, "cleared %s\n", count(answer.Cleared, "fault"))
			return nil
		},
	}
	socketFlag(cmd, &socket)
	cmd.Flags().StringVar(&accessPoint, "ap", "", "tell the access point `NAME` alone")
	return cmd
}

func faultNames() []string {
	var names []string
	for _, f := range ap.Faults() {
		names = append(names, f.Name)
	}
	return names
}

func unknownFault(name string) error {
	return fmt.Errorf("no fault %q; `roamfault lab fault` lists them", name)
}

// listedFault is a fault in JSON.
type listedFault struct {
	Name       string   `json:"name"`
	About      string   `json:"about"`
	Parameters []string `json:"parameters"`
	Frames     []string `json:"frames"`
	Class      string   `json:"class,omitempty"`
}

// listFaults prints all there are.
func listFaults(e env, format string) error {
	faults := ap.Faults()
	if format == "json" {
		listed := make([]listedFault, 0, len(faults))
		for _, f := range faults {
			frames := f.Frames
			if frames == nil {
				frames = ap.FrameKinds()
			}
			listed = append(listed, listedFault{f.Name, f.About, append([]string{}, f.Parameters...), frames, f.Class})
		}
		return encode(e.stdout, listed)
	}
	w := tabwriter.NewWriter(e.stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "FAULT\tKEYS\tFRAMES\tEXPECTED\tTHE ACCESS POINT ...")
	for _, f := range faults {
		frames := "all"
		if f.Frames != nil {
			frames = orDash(strings.Join(f.Frames, " "))
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", f.Name, orDash(strings.Join(f.Parameters, " ")), frames, orDash(f.Class), f.About)
	}
	return w.Flush()
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// ruleKeys are what stands before "=", and how its value gets into a rule.
var ruleKeys = map[string]func(*ap.Rule, string) error{
	"station":     func(r *ap.Rule, v string) error { return parseAddr(v, &r.Station) },
	"address":     func(r *ap.Rule, v string) error { return parseAddr(v, &r.Address) },
	"frame":       func(r *ap.Rule, v string) error { r.Frame = v; return nil },
	"count":       func(r *ap.Rule, v string) error { return parseInt(v, &r.Count) },
	"signal":      func(r *ap.Rule, v string) error { return parseInt(v, &r.Signal) },
	"channel":     func(r *ap.Rule, v string) error { return parseInt(v, &r.Channel) },
	"unprotected": func(r *ap.Rule, v string) error { return parseBool(v, &r.Unprotected) },
	"group":       func(r *ap.Rule, v string) error { return parseBool(v, &r.Group) },
	"link": func(r *ap.Rule, v string) error {
		id, err := strconv.ParseUint(v, 10, 8)
		if err != nil {
			return errors.New("the number of a link")
		}
		link := uint8(id)
		r.Link = &link
		return nil
	},
	"probability": func(r *ap.Rule, v string) error {
		p, err := strconv.ParseFloat(v, 64)
		if err != nil || !(p > 0 && p <= 1) {
			return errors.New("above 0 and up to 1")
		}
		r.Probability = p
		return nil
	},
	"tu": func(r *ap.Rule, v string) error {
		tu, err := strconv.ParseUint(v, 10, 32)
		if err != nil {
			return errors.New("units of 1024 microseconds")
		}
		r.TU = uint32(tu)
		return nil
	},
	"status": func(r *ap.Rule, v string) error {
		status, ok := dot11.ParseStatus(v)
		if !ok {
			return errors.New("a status code's number or name")
		}
		r.Status = status
		return nil
	},
	"reason": func(r *ap.Rule, v string) error {
		reason, ok := dot11.ParseReason(v)
		if !ok {
			return errors.New("a reason code's number or name")
		}
		r.Reason = reason
		return nil
	},
}

func parseAddr(v string, to *dot11.Addr) error {
	addr, err := dot11.ParseAddr(v)
	if err != nil {
		return errors.New("an address such as 02:00:00:00:00:00")
	}
	*to = addr
	return nil
}

func parseInt(v string, to *int) error {
	n, err := strconv.Atoi(v)
	if err != nil {
		return errors.New("a number")
	}
	*to = n
	return nil
}

func parseBool(v string, to *bool) error {
	b, err := strconv.ParseBool(v)
	if err != nil {
		return errors.New("true or false")
	}
	*to = b
	return nil
}

// parseRule reads a fault and its keys. What the fault makes of them, the access
// point says.
func parseRule(name string, words []string) (ap.Rule, error) {
	rule := ap.Rule{Fault: name}
	if !slices.Contains(faultNames(), name) {
		return rule, unknownFault(name)
	}
	for _, word := range words {
		key, value, _ := strings.Cut(word, "=")
		set, known := ruleKeys[key]
		if !known {
			return rule, fmt.Errorf("%q: a fault takes KEY=VALUE; see: roamfault lab fault --help", word)
		}
		if err := set(&rule, value); err != nil {
			return rule, fmt.Errorf("%s=%s: %w is wanted", key, value, err)
		}
	}
	return rule, nil
}

// ruleWords gives a rule as it is typed.
func ruleWords(r ap.Rule) string {
	text, err := json.Marshal(r)
	if err != nil {
		return r.Fault
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(text, &fields); err != nil {
		return r.Fault
	}
	words := []string{r.Fault}
	for key, value := range fields {
		if key != "fault" {
			words = append(words, key+"="+strings.Trim(string(value), `"`))
		}
	}
	slices.Sort(words[1:])
	return strings.Join(words, " ")
}
