package ap

import (
	"time"

	"roamfault/nl80211/dot11"
)

// departure is a change of a link that its beacons announce: it goes to another
// channel, or goes for good.
type departure struct {
	left      int           // beacon intervals from the last beacon until it happens
	channel   dot11.Channel // where to; zero: it is removed
	announced bool          // a beacon was sent since
}

// leaving reports whether a link is about to be removed.
func (l *link) leaving() bool { return l.change != nil && l.change.channel.Freq == 0 }

// goesTo is the channel that a link is about to switch to, none where it stays.
func (l *link) goesTo() dot11.Channel {
	if l.change == nil {
		return dot11.Channel{}
	}
	return l.change.channel
}

func beaconsIn(d time.Duration) int { return max(int(d/(beaconInterval*TU)), 1) }

// beginChannelSwitch announces that a link goes to another channel.
func (a *AP) beginChannelSwitch(l *link, to dot11.Channel, after time.Duration) {
	l.change = &departure{left: beaconsIn(after), channel: to}
	l.changes++
	a.event(FaultMade, dot11.Addr{}, l, "announces a switch to "+to.String())
}

// beginRemoval announces that a link goes.
func (a *AP) beginRemoval(l *link, after time.Duration) {
	l.change = &departure{left: beaconsIn(after)}
	a.event(FaultMade, dot11.Addr{}, l, "announces its removal")
}

// elements are what announces the change.
func (d *departure) elements(a *AP, l *link) dot11.Elements {
	if d.channel.Freq == 0 {
		removal := dot11.MultiLink{Type: dot11.MultiLinkReconfigure, MLDAddr: a.mld, Profiles: []dot11.LinkProfile{{
			LinkID: l.id, RemovalTimer: dot11.Some(uint16(d.left)), Operation: dot11.ReconfigureRemoveAP,
		}}}
		return dot11.Elements{removal.Element()}
	}
	count := uint8(min(d.left, 255))
	return dot11.Elements{
		dot11.ChannelSwitch{Channel: d.channel.Number, Count: count}.Element(),
		dot11.ExtChannelSwitch{Class: d.channel.OperatingClass(), Channel: d.channel.Number, Count: count}.Element(),
	}
}

// step comes before each beacon: the first announces all that are left, the last
// one 1, and the next beacon finds the change made (IEEE 802.11-2020, 9.4.2.18;
// IEEE 802.11be-2024, 35.3.6.3). gone says that the link has no beacon any more.
func (d *departure) step(a *AP, l *link) (gone bool) {
	if !d.announced {
		d.announced = true
		return false
	}
	if d.left--; d.left > 0 {
		return false
	}
	l.change = nil
	if d.channel.Freq != 0 {
		l.channel = d.channel
		a.event(ChannelSwitched, dot11.Addr{}, l, d.channel.String())
		return false
	}
	l.gone = true
	for _, s := range a.stations.inOrder() {
		a.stations.leave(s, s.links[l.id])
		delete(s.links, l.id)
		if len(s.links) == 0 {
			a.forget(s, "its only link was removed")
			continue
		}
		if s.link == l {
			s.link = a.pick(s)
		}
	}
	a.event(LinkRemoved, dot11.Addr{}, l, "")
	return true
}
