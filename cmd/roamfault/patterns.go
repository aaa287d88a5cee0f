package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"roamfault/patterns"
)

// userPacks is where a machine's own packs lie.
const userPacks = "/etc/roamfault/patterns.d"

// catalogue returns the shipped patterns together with the machine's own and
// those of a directory named by the user.
func catalogue(dir string) (*patterns.Catalogue, error) {
	packs, err := ownPacks(dir)
	if err != nil {
		return nil, err
	}
	if len(packs) == 0 {
		return patterns.Builtin(), nil
	}
	return patterns.New(packs), nil
}

func ownPacks(dir string) ([]*patterns.Pack, error) {
	var all []*patterns.Pack
	for _, d := range []string{userPacks, dir} {
		if d == "" {
			continue
		}
		if _, err := os.Stat(d); d == userPacks && errors.Is(err, os.ErrNotExist) {
			continue
		}
		packs, err := patterns.ReadPacks(os.DirFS(d), ".")
		if err != nil {
			return nil, fmt.Errorf("patterns in %s: %w", d, err)
		}
		all = append(all, packs...)
	}
	return all, nil
}

func newPatterns(e env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "patterns",
		Short: "List, show and check what roamfault knows",
	}
	cmd.AddCommand(newPatternsList(e), newPatternsShow(e), newPatternsCheck(e))
	return cmd
}

func newPatternsList(e env) *cobra.Command {
	var dir string
	var classes, fields, literals bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the patterns, or the words that packs are written in",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			c, err := catalogue(dir)
			if err != nil {
				return trouble(err)
			}
			w := tabwriter.NewWriter(e.stdout, 0, 8, 2, ' ', 0)
			switch {
			case classes:
				for _, info := range patterns.Vocabulary() {
					fmt.Fprintf(w, "%s\t%s\t%s\n", info.Class, info.Severity, info.Meaning)
				}
			case fields:
				text, numbers := patterns.FieldNames()
				fmt.Fprintf(w, "text\t%s\nnumbers\t%s\n", strings.Join(text, " "), strings.Join(numbers, " "))
			case literals:
				for _, l := range c.Literals() {
					fmt.Fprintln(w, l)
				}
			default:
				for _, p := range c.Patterns() {
					what := string(p.Class)
					if what == "" {
						what = "(" + string(p.Role) + ")"
					}
					fmt.Fprintf(w, "%s\t%s\t%s\n", p.ID, what, p.Meaning)
				}
			}
			return w.Flush()
		},
	}
	cmd.Flags().StringVar(&dir, "patterns", "", "read packs of `DIR`, too")
	cmd.Flags().BoolVar(&classes, "classes", false, "list the classes of events")
	cmd.Flags().BoolVar(&fields, "fields", false, "list the fields")
	cmd.Flags().BoolVar(&literals, "literals", false, "list the literals looked for in raw text, one a line")
	cmd.MarkFlagsMutuallyExclusive("classes", "fields", "literals")
	return cmd
}

func newPatternsShow(e env) *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:   "show ID",
		Short: "Show one pattern with everything known about it",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			c, err := catalogue(dir)
			if err != nil {
				return trouble(err)
			}
			p := c.Lookup(args[0])
			if p == nil {
				return trouble(fmt.Errorf("no pattern %q; `roamfault patterns list` lists them", args[0]))
			}
			return showPattern(e, p)
		},
	}
	cmd.Flags().StringVar(&dir, "patterns", "", "read packs of `DIR`, too")
	return cmd
}

func showPattern(e env, p *patterns.Pattern) error {
	w := tabwriter.NewWriter(e.stdout, 0, 8, 2, ' ', 0)
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(w, "%s\t%s\n", name, value)
		}
	}
	row("id", p.ID)
	if p.Class != "" {
		row("class", fmt.Sprintf("%s (%s)", p.Class, p.Severity))
	}
	row("role", string(p.Role))
	for _, f := range p.Forms {
		row("literal", f.Literal)
		row("match", f.Match)
	}
	row("drivers", strings.Join(p.Drivers, " "))
	row("identifiers", strings.Join(p.Identifiers, " "))
	for _, c := range p.Cases {
		row("case", fmt.Sprintf("%s in %s: %s", c.Field, strings.Join(c.In, ", "), strings.TrimSpace(strings.Join([]string{string(c.Class), c.Severity, string(c.Also)}, " "))))
	}
	row("phase", p.Phase)
	row("layer", p.Layer)
	row("stage", p.Stage)
	row("stage failed", p.StageFailed)
	row("meaning", p.Meaning)
	row("advice", p.Advice)
	row("source", p.Source)
	row("kernels", p.Kernels)
	return w.Flush()
}

func newPatternsCheck(e env) *cobra.Command {
	return &cobra.Command{
		Use:   "check [DIR]",
		Short: "Run every sample of the shipped packs, or of the packs in a directory",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			packs, err := patterns.Shipped()
			if len(args) == 1 {
				packs, err = patterns.ReadPacks(os.DirFS(args[0]), ".")
				if err == nil && len(packs) == 0 {
					err = fmt.Errorf("no *.yaml in %s", args[0])
				}
			}
			if err != nil {
				return trouble(err)
			}
			r := patterns.Check(packs)
			for _, f := range r.Failures {
				fmt.Fprintln(e.stderr, f)
			}
			fmt.Fprintf(e.stdout, "%d packs, %d patterns, %d samples that must match, %d that must not: %d failed\n", r.Packs, r.Patterns, r.Samples, r.Never, len(r.Failures))
			if len(r.Failures) > 0 {
				return exitError{code: exitFound}
			}
			return nil
		},
	}
}
