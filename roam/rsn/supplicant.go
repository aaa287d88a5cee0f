package rsn

import (
	"bytes"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"

	"roamfault/nl80211/dot11"
	"roamfault/roam/rsn/keys"
)

// SupplicantConfig is what a [Supplicant] is made of.
type SupplicantConfig struct {
	Association
	Rand  io.Reader      // of nonces; nil: crypto/rand
	Alter func(*Message) // sees every message before it is sealed; nil: none
}

// exchange is a PTK and the authenticator's nonce in it.
type exchange struct {
	anonce keys.Nonce
	keys.PTK
}

// slot is where a group key is installed.
type slot struct {
	link uint8
	id   uint8
}

// Supplicant is the station's side of the handshakes (IEEE 802.11-2020, 12.7.10)
// with one access point. It answers what it is sent and needs no time; the
// station gives up by itself when nothing comes.
//
// No key is given out for installation twice, as a key that is installed again
// starts again at packet number 1: not when message 3 comes again, nor when
// message 1 and 3 do, nor a group key.
type Supplicant struct {
	config SupplicantConfig
	sender sender
	failed bool

	replay   uint64 // of the last message with a valid MIC
	received bool   // there was one

	snonce      keys.Nonce
	fresh       bool      // snonce is drawn and not yet confirmed by a message 3
	negotiating *exchange // from message 1 to message 3
	established *exchange // from message 3 on
	group       map[slot][]byte
}

// NewSupplicant returns a supplicant that waits for message 1.
func NewSupplicant(c SupplicantConfig) (*Supplicant, error) {
	algorithms, err := c.check()
	if err != nil {
		return nil, fmt.Errorf("make supplicant: %w", err)
	}
	return &Supplicant{
		config: c,
		sender: sender{akm: c.AKM, algorithms: algorithms, alter: c.Alter},
		group:  make(map[slot][]byte),
	}, nil
}

// Established reports whether message 3 has come, and gives the PTK.
func (s *Supplicant) Established() (keys.PTK, bool) {
	if s.established == nil {
		return keys.PTK{}, false
	}
	return s.established.PTK, true
}

// Receive takes an EAPOL frame from the access point. An error says why it was
// ignored or, with [Failed], why the handshake has failed.
func (s *Supplicant) Receive(frame []byte) (Step, error) {
	f, kind, err := s.sender.open(frame)
	if err != nil {
		return Step{}, err
	}
	if s.failed {
		return Step{}, fmt.Errorf("%v: %w", kind, ErrState)
	}
	if s.received && f.Replay <= s.replay {
		return Step{}, fmt.Errorf("%v: %w", kind, ErrReplay)
	}
	var step Step
	switch kind {
	case Message1:
		step, err = s.receive1(&f)
	case Message3:
		step, err = s.receive3(&f)
	case GroupMessage1:
		step, err = s.receiveGroup1(&f)
	default:
		err = ErrKind
	}
	if err != nil {
		return step, fmt.Errorf("%v: %w", kind, err)
	}
	return step, nil
}

// Request makes an EAPOL-Key request frame, which asks the access point for a
// group key handshake or for a new 4-way handshake. n is its replay counter,
// which has to rise from request to request.
func (s *Supplicant) Request(pairwise bool, n uint64) ([]byte, error) {
	if s.established == nil {
		return nil, fmt.Errorf("make request before the 4-way handshake: %w", ErrState)
	}
	info := InfoRequest | InfoMIC | InfoSecure
	if pairwise {
		info |= InfoPairwise
	}
	m := s.sender.message(Request, 1, info, n)
	m.KCK = s.established.KCK
	return s.sender.send(m)
}

func (s *Supplicant) receive1(f *KeyFrame) (Step, error) {
	if f.Nonce == (keys.Nonce{}) {
		return Step{}, ErrNonce
	}
	c, err := clearContents(f)
	if err != nil {
		return Step{}, err
	}
	if c.PMKID != nil && s.config.PMKID != (keys.PMKID{}) && *c.PMKID != s.config.PMKID {
		return Step{}, ErrPMKID
	}
	if s.config.MultiLink {
		if err := checkMLD(&c, s.config.AP); err != nil {
			return Step{}, err
		}
	}
	if !s.fresh {
		if _, err := io.ReadFull(randomOr(s.config.Rand), s.snonce[:]); err != nil {
			return Step{}, fmt.Errorf("draw a nonce: %w", err)
		}
		s.fresh = true
	}
	ptk, err := s.config.ptk(f.Nonce, s.snonce)
	if err != nil {
		return Step{}, err
	}
	s.negotiating = &exchange{f.Nonce, ptk}
	m, err := s.build2(f)
	if err != nil {
		return Step{}, err
	}
	b, err := s.sender.send(m)
	if err != nil {
		return Step{}, err
	}
	return Step{Send: b}, nil
}

// build2 makes message 2 (IEEE 802.11-2020, 12.7.6.3).
func (s *Supplicant) build2(f *KeyFrame) (*Message, error) {
	m := s.sender.message(Message2, 1, InfoPairwise|InfoMIC|f.Info&InfoSecure, f.Replay)
	m.Frame.Nonce = s.snonce
	m.KCK = s.negotiating.KCK
	if err := elements(m, s.config.StationRSNE, s.config.StationRSNXE); err != nil {
		return nil, err
	}
	s.channel(m)
	if !s.config.MultiLink {
		return m, nil
	}
	m.Data = append(m.Data, AddrKDE(s.config.Station))
	for i := range s.config.Links {
		if l := &s.config.Links[i]; l.ID != s.config.AssocLink {
			m.Data = append(m.Data, MLOLink{Link: l.ID, Addr: l.Station}.KDE())
		}
	}
	return m, nil
}

func (s *Supplicant) channel(m *Message) {
	if s.config.OCI != nil {
		m.Data = append(m.Data, s.config.OCI.KDE())
	}
}

// verify finds out which PTK signed a frame, and takes its replay counter where
// one did. Message 1 is not signed: whoever forges one must not push the
// established PTK aside.
func (s *Supplicant) verify(f *KeyFrame, candidates ...*exchange) (*exchange, error) {
	tried := false
	for _, ptk := range candidates {
		if ptk == nil {
			continue
		}
		tried = true
		ok, err := f.Verify(s.config.AKM, ptk.KCK)
		if err != nil {
			return nil, err
		}
		if ok {
			s.replay, s.received = f.Replay, true
			return ptk, nil
		}
	}
	if !tried {
		return nil, ErrState
	}
	return nil, ErrMIC
}

func (s *Supplicant) receive3(f *KeyFrame) (Step, error) {
	ptk, err := s.verify(f, s.negotiating, s.established)
	if err != nil {
		return Step{}, err
	}
	c, err := s.read3(f, ptk)
	if err != nil {
		return Step{}, err
	}
	if err := s.config.checkMessage3(c); err != nil {
		if errors.Is(err, ErrDiffers) {
			return s.fail(dot11.ReasonElementDiffers), err
		}
		return s.fail(dot11.ReasonUnspecified), err
	}
	group, err := s.groupKeys(c, f.RSC, true)
	if err != nil {
		return s.fail(dot11.ReasonUnspecified), err
	}
	step := Step{Group: s.notInstalled(group)}
	m := s.sender.message(Message4, 1, InfoPairwise|InfoMIC|InfoSecure, f.Replay)
	m.KCK = ptk.KCK
	if s.config.MultiLink {
		m.Data = append(m.Data, AddrKDE(s.config.Station))
	}
	if step.Send, err = s.sender.send(m); err != nil {
		return Step{}, err
	}
	s.install(step.Group)
	if ptk == s.negotiating {
		again := s.established != nil && subtle.ConstantTimeCompare(s.established.TK, ptk.TK) == 1
		s.established, s.negotiating, s.fresh = ptk, nil, false
		if !again {
			step.Result = Established
			step.Pairwise = &PairwiseKey{Cipher: s.config.Cipher, TK: ptk.TK}
		}
	}
	return step, nil
}

// read3 checks the fields of message 3 and decrypts its key data.
func (s *Supplicant) read3(f *KeyFrame, ptk *exchange) (*Contents, error) {
	const wanted = InfoInstall | InfoSecure | InfoEncrypted
	if f.Info&wanted != wanted || int(f.KeyLen) != s.config.Cipher.KeyLen() {
		return nil, fmt.Errorf("key information %#04x, key length %d: %w", uint16(f.Info), f.KeyLen, ErrMalformed)
	}
	if f.Nonce != ptk.anonce {
		return nil, ErrNonce
	}
	c, err := wrappedContents(f, ptk.KEK)
	if err != nil {
		return nil, err
	}
	if err := s.config.checkOCI(&c); err != nil {
		return nil, err
	}
	return &c, nil
}

func (s *Supplicant) receiveGroup1(f *KeyFrame) (Step, error) {
	ptk, err := s.verify(f, s.established)
	if err != nil {
		return Step{}, err
	}
	if f.Info&InfoSecure == 0 {
		return Step{}, fmt.Errorf("key information %#04x: %w", uint16(f.Info), ErrMalformed)
	}
	c, err := wrappedContents(f, ptk.KEK)
	if err != nil {
		return Step{}, err
	}
	if err := s.config.checkOCI(&c); err != nil {
		return Step{}, err
	}
	group, err := s.groupKeys(&c, f.RSC, false)
	if err != nil {
		return s.fail(dot11.ReasonUnspecified), err
	}
	step := Step{Result: Rekeyed, Group: s.notInstalled(group)}
	m := s.sender.message(GroupMessage2, 1, InfoMIC|InfoSecure, f.Replay)
	m.KCK = ptk.KCK
	s.channel(m)
	if step.Send, err = s.sender.send(m); err != nil {
		return Step{}, err
	}
	s.install(step.Group)
	return step, nil
}

// checkMessage3 compares what message 3 says with beacons and association: who
// offers less in beacons than the access point does is found here.
func (a *Association) checkMessage3(c *Contents) error {
	if !a.MultiLink {
		l := &a.Links[0]
		return l.checkElements(c.RSNE, c.RSNXE)
	}
	if err := checkMLD(c, a.AP); err != nil {
		return err
	}
	for i := range a.Links {
		l := &a.Links[i]
		said := c.link(l.ID)
		if said == nil {
			return fmt.Errorf("%v of link %d: %w", SelectMLOLink, l.ID, ErrMissing)
		}
		if said.Addr != l.AP {
			return fmt.Errorf("link %d with address %v: %w", l.ID, said.Addr, ErrDiffers)
		}
		if err := l.checkElements(said.RSNE, said.RSNXE); err != nil {
			return fmt.Errorf("link %d: %w", l.ID, err)
		}
	}
	return nil
}

func (l *Link) checkElements(rsne, rsnxe []byte) error {
	if !bytes.Equal(rsne, l.RSNE) {
		return fmt.Errorf("RSNE %x: %w", rsne, ErrDiffers)
	}
	if !bytes.Equal(rsnxe, l.RSNXE) {
		return fmt.Errorf("RSNXE %x: %w", rsnxe, ErrDiffers)
	}
	return nil
}

// checkMLD makes sure that the MAC address KDE has the MLD's address.
func checkMLD(c *Contents, mld dot11.Addr) error {
	if c.Addr == nil {
		return fmt.Errorf("%v: %w", SelectAddr, ErrMissing)
	}
	if *c.Addr != mld {
		return fmt.Errorf("MLD address %v: %w", *c.Addr, ErrDiffers)
	}
	return nil
}

// groupKeys takes the group keys out of key data. Those of links that the
// association does not have are left. All but the BIGTK have to be in message 3;
// a group key handshake renews what it carries, of one link at least.
func (s *Supplicant) groupKeys(c *Contents, rsc uint64, all bool) ([]InstallKey, error) {
	var found []InstallKey
	for i := range s.config.Links {
		l := &s.config.Links[i]
		if l.Refused {
			continue
		}
		for use := range uses {
			cipher, g := l.cipher(use), c.group(use, s.config.MultiLink, l.ID)
			if cipher == 0 {
				continue
			}
			if g == nil {
				if all && use != BIGTK {
					return nil, fmt.Errorf("%v of link %d: %w", use, l.ID, ErrMissing)
				}
				continue
			}
			key := InstallKey{Use: use, Link: l.ID, Cipher: cipher, Tx: g.Tx, GroupKey: GroupKey{PN: g.PN, Key: g.Key}}
			if g.ID <= uint16(groupForms[use].maxID) {
				key.ID = uint8(g.ID)
			}
			if use == GTK && !s.config.MultiLink {
				key.PN = rsc
			}
			if err := key.check(use, cipher); err != nil {
				return nil, fmt.Errorf("link %d: %w", l.ID, err)
			}
			found = append(found, key)
		}
	}
	if len(found) == 0 && !all {
		return nil, fmt.Errorf("group keys: %w", ErrMissing)
	}
	return found, nil
}

// notInstalled leaves out the keys that are installed already.
func (s *Supplicant) notInstalled(group []InstallKey) []InstallKey {
	var fresh []InstallKey
	for _, k := range group {
		if subtle.ConstantTimeCompare(s.group[slot{k.Link, k.ID}], k.Key) != 1 {
			fresh = append(fresh, k)
		}
	}
	return fresh
}

func (s *Supplicant) install(group []InstallKey) {
	for _, k := range group {
		s.group[slot{k.Link, k.ID}] = k.Key
	}
}

func (s *Supplicant) fail(reason dot11.ReasonCode) Step {
	s.failed = true
	return Step{Result: Failed, Reason: reason}
}
