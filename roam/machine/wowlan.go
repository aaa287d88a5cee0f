package machine

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"roamfault/nl80211"
)

// Waker is a Radio that can have its device wake the machine.
type Waker interface {
	WoWLAN(ctx context.Context, ifindex int) (nl80211.WakeTriggers, error)
	SetWoWLAN(ctx context.Context, ifindex int, wake nl80211.WakeTriggers) error
}

// wakeNames are the values of the knob WoWLAN; it keeps to one trigger.
func wakeNames() map[string]nl80211.WakeTriggers {
	return map[string]nl80211.WakeTriggers{
		"off": 0, "any": nl80211.WakeAny, "disconnect": nl80211.WakeDisconnect, "magic": nl80211.WakeMagic,
	}
}

// WakeNames are the values of WoWLAN with which a connection outlives a suspend,
// the least first: a disturbed connection wakes, a magic packet, anything.
func WakeNames() []string { return []string{"disconnect", "magic", "any"} }

func waker(m *Machine, c Card) (Waker, Place, error) {
	w, ok := m.Radio.(Waker)
	if !ok {
		return nil, Place{}, errNoRadio
	}
	place, err := m.Find(c)
	return w, place, err
}

// errOtherTriggers: somebody has set what could not be set again.
var errOtherTriggers = errors.New("it is set to wake the machine for something else, which could not be set again")

func getWoWLAN(ctx context.Context, m *Machine, c Card) (string, error) {
	w, place, err := waker(m, c)
	if err != nil {
		return "", err
	}
	set, err := w.WoWLAN(ctx, place.Index)
	if err != nil {
		return "", err
	}
	for name, triggers := range wakeNames() {
		if triggers == set {
			return name, nil
		}
	}
	return "", fmt.Errorf("triggers %#x: %w", uint32(set), errOtherTriggers)
}

func setWoWLAN(ctx context.Context, m *Machine, c Card, value string) error {
	w, place, err := waker(m, c)
	if err != nil {
		return err
	}
	return w.SetWoWLAN(ctx, place.Index, wakeNames()[value])
}

func wakeName(v string) bool { return v == "off" || slices.Contains(WakeNames(), v) }
