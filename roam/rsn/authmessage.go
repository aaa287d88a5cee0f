package rsn

import (
	"fmt"

	"roamfault/roam/rsn/keys"
)

// build makes a message of the authenticator's with the next replay counter.
func (a *Authenticator) build(kind Kind) (*Message, error) {
	a.replay++
	var m *Message
	var err error
	switch kind {
	case Message1:
		m, err = a.build1()
	case Message3:
		m, err = a.build3()
	case GroupMessage1:
		m, err = a.buildGroup1()
	default:
		err = ErrKind
	}
	if err != nil {
		return nil, fmt.Errorf("make %v: %w", kind, err)
	}
	return m, nil
}

func (a *Authenticator) message(kind Kind, info KeyInfo) *Message {
	return a.sender.message(kind, max(a.tries, 1), info, a.replay)
}

// build1 makes message 1 (IEEE 802.11-2020, 12.7.6.2). It is neither signed nor
// encrypted, whatever it renews.
func (a *Authenticator) build1() (*Message, error) {
	if a.state == authIdle || a.anonce == (keys.Nonce{}) {
		return nil, ErrState
	}
	info := InfoPairwise | InfoAck
	if a.established != nil {
		info |= InfoSecure
	}
	m := a.message(Message1, info)
	m.Frame.KeyLen = uint16(a.config.Cipher.KeyLen())
	m.Frame.Nonce = a.anonce
	if a.config.PMKID != (keys.PMKID{}) {
		m.Data = append(m.Data, PMKIDKDE(a.config.PMKID))
	}
	if a.config.MultiLink {
		m.Data = append(m.Data, AddrKDE(a.config.AP))
	}
	return m, nil
}

// current is the PTK that message 3 belongs to.
func (a *Authenticator) current() *keys.PTK {
	switch a.state {
	case authMessage4:
		return a.negotiating
	case authSettled, authGroupMessage2:
		return a.established
	}
	return nil
}

// build3 makes message 3 (IEEE 802.11-2020, 12.7.6.4).
func (a *Authenticator) build3() (*Message, error) {
	ptk := a.current()
	if ptk == nil {
		return nil, ErrState
	}
	m := a.message(Message3, InfoPairwise|InfoInstall|InfoAck|InfoMIC|InfoSecure|InfoEncrypted)
	m.Frame.KeyLen = uint16(a.config.Cipher.KeyLen())
	m.Frame.Nonce = a.anonce
	m.KCK, m.KEK = ptk.KCK, ptk.KEK
	held := a.config.GroupKeys()
	for i := range a.config.Links {
		l := &a.config.Links[i]
		if !a.config.MultiLink {
			if err := elements(m, l.RSNE, l.RSNXE); err != nil {
				return nil, err
			}
		}
		if err := a.groupKeys(m, l, held, true); err != nil {
			return nil, fmt.Errorf("link %d: %w", l.ID, err)
		}
		if a.config.MultiLink {
			m.Data = append(m.Data, MLOLink{Link: l.ID, Addr: l.AP, RSNE: l.RSNE, RSNXE: l.RSNXE}.KDE())
		}
	}
	if a.config.MultiLink {
		m.Data = append(m.Data, AddrKDE(a.config.AP))
	}
	a.channel(m)
	return m, nil
}

// buildGroup1 makes message 1 of the group key handshake (IEEE 802.11-2020,
// 12.7.7.2).
func (a *Authenticator) buildGroup1() (*Message, error) {
	if a.established == nil {
		return nil, ErrState
	}
	m := a.message(GroupMessage1, InfoAck|InfoMIC|InfoSecure|InfoEncrypted)
	m.KCK, m.KEK = a.established.KCK, a.established.KEK
	held := a.config.GroupKeys()
	for i := range a.config.Links {
		l := &a.config.Links[i]
		if err := a.groupKeys(m, l, held, false); err != nil {
			return nil, fmt.Errorf("link %d: %w", l.ID, err)
		}
	}
	if len(m.Data) == 0 {
		return nil, fmt.Errorf("group keys: %w", ErrMissing)
	}
	a.channel(m)
	return m, nil
}

func (a *Authenticator) channel(m *Message) {
	if a.config.OCI != nil {
		m.Data = append(m.Data, a.config.OCI.KDE())
	}
}

// groupKeys adds the keys of a link. All of them are there in message 3, where
// only beacons may be without protection; a group key handshake may carry those
// of some links.
func (a *Authenticator) groupKeys(m *Message, l *Link, held []LinkKeys, all bool) error {
	if l.Refused {
		return nil
	}
	var of LinkKeys
	for _, k := range held {
		if k.Link == l.ID {
			of = k
		}
	}
	for use := range uses {
		cipher, key := l.cipher(use), of.key(use)
		if cipher == 0 {
			continue
		}
		if key == nil {
			if all && use != BIGTK {
				return fmt.Errorf("%v: %w", use, ErrMissing)
			}
			continue
		}
		if err := key.check(use, cipher); err != nil {
			return err
		}
		m.Data = append(m.Data, GroupKDE{
			Use: use, MLO: a.config.MultiLink, Link: l.ID,
			ID: uint16(key.ID), PN: key.PN, Key: key.Key,
		}.KDE())
		if use == GTK && !a.config.MultiLink {
			m.Frame.RSC = key.PN
		}
	}
	return nil
}

// check says whether a key can be of that use and suite.
func (k *GroupKey) check(use Use, cipher keys.Cipher) error {
	form := &groupForms[use]
	if k.ID < form.minID || k.ID > form.maxID || len(k.Key) != cipher.KeyLen() || k.PN > maxPN {
		return fmt.Errorf("%v %d of %d octets for %s: %w", use, k.ID, len(k.Key), cipher.Name(), ErrKey)
	}
	return nil
}

// elements adds whole elements, where they are there, to the key data.
func elements(m *Message, all ...[]byte) error {
	for _, e := range all {
		if e == nil {
			continue
		}
		k, err := ElementKDE(e)
		if err != nil {
			return err
		}
		m.Data = append(m.Data, k)
	}
	return nil
}
