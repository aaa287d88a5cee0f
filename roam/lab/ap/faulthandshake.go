package ap

import (
	"slices"

	"roamfault/nl80211/dot11"
	"roamfault/roam/rsn"
)

// keying is the moment before a message of a handshake is sealed.
type keying struct {
	ap      *AP
	station *station
	message *rsn.Message
}

// without leaves out the KDEs with a selector, of one link or of all.
func (k *keying) without(s rsn.Selector, link *uint8) {
	k.message.Data = slices.DeleteFunc(k.message.Data, func(e rsn.KDE) bool {
		return e.Is(s) && (link == nil || linkOf(e) == *link)
	})
}

// linkOf is the link that an MLO KDE is about.
func linkOf(e rsn.KDE) uint8 {
	if l, err := rsn.ParseMLOLink(e); err == nil {
		return l.Link
	}
	g, err := rsn.ParseGroupKDE(e)
	if err != nil || !g.MLO {
		return 0
	}
	return g.Link
}

// handshakeFaults are wrong messages of the handshakes.
func handshakeFaults() []Fault {
	third := []rsn.Kind{rsn.Message3}
	fault := func(name, about, class string, messages []rsn.Kind, change func(*Rule, *keying)) Fault {
		return Fault{Name: name, About: about, Class: class, Frames: []string{"eapol"}, ofLink: true, messages: messages, key: change}
	}
	missing := func(name, what, class string, selectors ...rsn.Selector) Fault {
		return fault(name, "leaves the "+what+" out of message 3", class, third, func(r *Rule, k *keying) {
			for _, s := range selectors {
				k.without(s, r.Link)
			}
		})
	}
	faults := []Fault{
		missing("kde-link-missing", "link KDE", "mlo-negotiation-failed", rsn.SelectMLOLink),
		missing("kde-gtk-missing", "GTK", "handshake-failed", rsn.SelectGTK, rsn.SelectMLOGTK),
		missing("kde-igtk-missing", "IGTK", "", rsn.SelectIGTK, rsn.SelectMLOIGTK),
		missing("kde-address-missing", "MLD address", "", rsn.SelectAddr),
		fault("kde-link-wrong", "names a wrong link address in message 3 (address)", "mlo-negotiation-failed", third, func(r *Rule, k *keying) {
			for i, e := range k.message.Data {
				l, err := rsn.ParseMLOLink(e)
				if err != nil || r.Link != nil && *r.Link != l.Link {
					continue
				}
				l.Addr = r.address(l.Addr)
				k.message.Data[i] = l.KDE()
			}
		}),
		fault("kde-rsne-wrong", "repeats another RSNE in message 3 than its beacons have", "handshake-failed", third, func(r *Rule, k *keying) {
			for i, e := range k.message.Data {
				if l, err := rsn.ParseMLOLink(e); err == nil && l.RSNE != nil && (r.Link == nil || *r.Link == l.Link) {
					l.RSNE = slices.Clone(l.RSNE)
					l.RSNE[len(l.RSNE)-1] ^= 0x80
					k.message.Data[i] = l.KDE()
				} else if e.ID == dot11.ElementRSN && len(e.Body) > 0 {
					e.Body[len(e.Body)-1] ^= 0x80
				}
			}
		}),
		fault("mic-wrong", "signs message 3 with a wrong key", "handshake-failed", third, func(_ *Rule, k *keying) {
			if len(k.message.KCK) > 0 {
				k.message.KCK[0] ^= 1
			}
		}),
		fault("wrap-wrong", "encrypts the key data of message 3 with a wrong key", "handshake-failed", third, func(_ *Rule, k *keying) {
			if len(k.message.KEK) > 0 {
				k.message.KEK[0] ^= 1
			}
		}),
		fault("nonce-wrong", "sends another nonce in message 3 than in message 1", "handshake-failed", third, func(_ *Rule, k *keying) {
			k.message.Frame.Nonce[0] ^= 1
		}),
		fault("replay", "sends message 3 or a group key message with a replay counter that was used before", "",
			[]rsn.Kind{rsn.Message3, rsn.GroupMessage1}, func(_ *Rule, k *keying) {
				k.message.Frame.Replay = min(k.message.Frame.Replay, 1) // that of message 1
			}),
	}
	i := slices.IndexFunc(faults, func(f Fault) bool { return f.Name == "kde-link-wrong" })
	faults[i].Parameters = []string{"address"}
	return faults
}
