package ap

import (
	"errors"
	"fmt"

	"roamfault/nl80211/dot11"
)

// What of a rule cannot be, beyond what every fault's rules have in common.

func checkGroupFrame(_ *AP, r *Rule) error {
	if r.Group && !r.Station.IsZero() {
		return errors.New("a frame to the group is for all stations, not for one")
	}
	return nil
}

func checkBSSID(a *AP, r *Rule) error {
	switch {
	case r.Address.IsZero():
		return nil
	case r.Address.Group():
		return fmt.Errorf("%v is no BSSID", r.Address)
	case len(a.scope(&activeRule{Rule: *r})) > 1:
		return errors.New("one address cannot be that of several links: name one")
	}
	for _, l := range a.links {
		if l.bssid == r.Address {
			return fmt.Errorf("link %d has the address %v already", l.id, r.Address)
		}
	}
	return nil
}

var errNoMLD = errors.New("the access point is no AP MLD")

func checkMLD(a *AP, r *Rule) error {
	switch {
	case !a.MultiLink():
		return errNoMLD
	case r.Address.Group() || r.Address == a.mld:
		return fmt.Errorf("%v is no other MLD address", r.Address)
	}
	return nil
}

func checkRemoval(a *AP, r *Rule) error {
	if !a.MultiLink() {
		return errNoMLD
	}
	for _, l := range a.links {
		if !l.gone && !l.leaving() && r.Link != nil && *r.Link != l.id {
			return nil
		}
	}
	return errors.New("no link would be left: name one of several")
}

func checkSignal(_ *AP, r *Rule) error {
	if r.Signal == 0 {
		return errors.New("it needs a signal, in dBm")
	}
	return nil
}

// channelNumber is a rule's channel, on a band.
func (r *Rule) channelOn(band dot11.Band) (dot11.Channel, error) {
	if r.Channel < 0 || r.Channel > 255 {
		return dot11.Channel{}, fmt.Errorf("%v has no channel %d", band, r.Channel)
	}
	return dot11.ChannelOf(band, uint8(r.Channel))
}

func checkChannel(a *AP, r *Rule) error {
	if r.Channel == 0 {
		return errors.New("it needs a channel")
	}
	links := a.scope(&activeRule{Rule: *r})
	for _, l := range links {
		to, err := r.channelOn(l.channel.Band)
		if err != nil {
			return err
		}
		for _, other := range a.links {
			if !other.gone && (other.channel == to || other != l && other.goesTo() == to) {
				return fmt.Errorf("link %d is on %v already", other.id, to)
			}
		}
		if len(links) > 1 && links[0] != l && links[0].channel.Band == l.channel.Band {
			return fmt.Errorf("links %d and %d cannot both go to %v: name one", links[0].id, l.id, to)
		}
	}
	return nil
}

func checkCandidate(a *AP, r *Rule) error {
	if r.Address.Group() {
		return fmt.Errorf("%v is no BSSID", r.Address)
	}
	if r.Channel == 0 {
		return nil
	}
	if r.Address.IsZero() {
		return errors.New("a channel goes with the address of a BSS")
	}
	_, err := r.channelOn(a.links[0].channel.Band)
	return err
}
