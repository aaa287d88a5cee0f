package stress

import (
	"context"
	"errors"
	"fmt"

	"roamfault/nl80211/dot11"
	"roamfault/roam"
	"roamfault/roam/lab"
	"roamfault/roam/lab/ap"
	"roamfault/roam/runlog"
)

// labAPs are access points of the lab, which do what they are asked to: real ones
// cannot be made to send a transition request or to change their keys.
type labAPs struct{ socket string }

// reachable reports whether a lab answers.
func (l labAPs) reachable(ctx context.Context) bool {
	_, err := lab.Ask(ctx, l.socket, lab.Request{Do: "status"})
	return err == nil
}

// disturbances are the kinds of cycle that access points make.
func (l labAPs) disturbances() map[runlog.Kind]roam.Disturbance {
	return map[runlog.Kind]roam.Disturbance{
		runlog.Transition: l.transition, runlog.RekeyRoam: l.all("rekey"), runlog.PairwiseRoam: l.all("rekey-pairwise"),
	}
}

// transition has the access points ask their stations to go to the target.
func (l labAPs) transition(ctx context.Context, to *roam.Target) (func(context.Context) error, error) {
	names, err := l.others(ctx, to.AP.Addr())
	if err != nil {
		return nil, err
	}
	channel, err := dot11.ChannelAt(to.Link().Freq)
	if err != nil {
		return nil, fmt.Errorf("have the access points ask for the transition: %w", err)
	}
	for _, name := range names {
		rule := ap.Rule{Fault: "transition", Address: to.BSSID, Channel: int(channel.Number)}
		if _, err := lab.Ask(ctx, l.socket, lab.Request{Do: "fault", AP: name, Rule: &rule}); err != nil {
			return nil, fmt.Errorf("have %s ask for the transition: %w", name, err)
		}
	}
	return nil, nil
}

// others are the names of the access points that are not the one of that address.
func (l labAPs) others(ctx context.Context, addr dot11.Addr) ([]string, error) {
	answer, err := lab.Ask(ctx, l.socket, lab.Request{Do: "status"})
	if err != nil {
		return nil, fmt.Errorf("ask the lab for its access points: %w", err)
	}
	if answer.Status == nil {
		return nil, errors.New("ask the lab for its access points: it tells none")
	}
	var names []string
	for _, a := range answer.Status.APs {
		if a.MLD != addr {
			names = append(names, a.Name)
		}
	}
	return names, nil
}

// all has every access point make a fault once.
func (l labAPs) all(fault string) roam.Disturbance {
	return func(ctx context.Context, _ *roam.Target) (func(context.Context) error, error) {
		if _, err := lab.Ask(ctx, l.socket, lab.Request{Do: "fault", Rule: &ap.Rule{Fault: fault}}); err != nil {
			return nil, fmt.Errorf("have the access points make %s: %w", fault, err)
		}
		return nil, nil
	}
}
