package stress

import (
	"context"
	"fmt"

	"roamfault/journal"
	"roamfault/nl80211"
	"roamfault/reports/render"
	"roamfault/roam"
	"roamfault/roam/machine"
	"roamfault/roam/machine/inject"
	"roamfault/roam/runlog"
)

// moment is before which stage a fault is put in. To flush the scan results takes a
// scan: between authentication and association there is time for it only where
// the steps are ours. Group keys are removed while the old connection has some, as
// a supplicant does that begins to roam.
func moment(fault runlog.Injector, steps bool) runlog.Stage {
	if fault == runlog.StaleBSS && steps {
		return runlog.StageAssoc
	}
	return runlog.StageRequest
}

// injections are the faults of a plan that can be put in here. The error says
// which cannot.
func injections(ctx context.Context, plan *runlog.Plan, steps bool, system *System, card machine.Card, said func(journal.Record), boot string) (map[runlog.Injector]roam.Injection, error) {
	set := inject.Set{Machine: system.Machine, Card: card, Kernel: system.Client, Listen: inject.Listen}
	out := map[runlog.Injector]roam.Injection{}
	for _, i := range plan.Inject {
		fault, err := set.Fault(i.Fault)
		if err == nil {
			err = fault.Available(ctx)
		}
		if err != nil {
			return nil, fmt.Errorf("inject %s: %w", i.Fault, err)
		}
		out[i.Fault] = roam.Injection{
			When: moment(i.Fault, steps), Reset: i.Fault == runlog.ChipReset || i.Fault == runlog.ForceMMIODead,
			Do: func(ctx context.Context, to *roam.Target) (string, error) {
				return put(ctx, &fault, to, system, card.Name, said, boot)
			},
		}
	}
	return out, nil
}

// put puts a fault in, and has the kernel's refusal go to the patterns.
func put(ctx context.Context, f *inject.Fault, to *roam.Target, system *System, iface string, said func(journal.Record), boot string) (string, error) {
	t := inject.Target{SSID: to.AP.SSID, Freq: to.Link().Freq}
	result, err := f.Inject(ctx, t)
	if err != nil {
		return "", err
	}
	now := system.Now()
	for _, r := range result.Records(nl80211.Stamp{Monotonic: now.Monotonic, Boot: now.Boot}, boot, iface) {
		said(r)
	}
	words := result.What
	if result.Refused != nil {
		words += ": " + result.Refused.Text()
	}
	return render.Clean(words), nil
}
