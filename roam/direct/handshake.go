package direct

import (
	"context"
	"encoding/binary"
	"fmt"

	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
	"roamfault/roam"
	"roamfault/roam/rsn"
)

// association is what both sides know before the handshake.
func (a *attempt) association(own dot11.Addr) rsn.Association {
	out := rsn.Association{
		AKM: a.akm, Cipher: a.pairwise, PMK: a.pmk, AP: a.peer, Station: own,
		MultiLink: a.multi, AssocLink: a.over, StationRSNE: a.rsne, StationRSNXE: a.rsnxe,
	}
	if a.pmkid != nil {
		out.PMKID = *a.pmkid
	}
	for _, l := range a.legs {
		out.Links = append(out.Links, rsn.Link{
			ID: l.id, AP: l.bssid, Station: l.local, RSNE: l.rsne, RSNXE: l.rsnxe,
			Group: a.group, Management: a.management, Refused: l.refused,
		})
	}
	return out
}

// eapol takes a message of a handshake.
func (s *Station) eapol(frame []byte) {
	a := s.current
	step, err := a.supplicant.Receive(frame)
	if err != nil && step.Result != rsn.Failed {
		s.say(fmt.Sprintf("WPA: EAPOL frame ignored: %v", err))
	}
	if err := s.handshakeStep(&step, a.kind(frame)); err != nil {
		s.kernelRefused(err)
		return
	}
	if step.Result == rsn.Failed {
		s.giveUp(fmt.Sprintf("WPA: 4-Way Handshake failed: %v", err), step.Reason)
	}
}

// kind tells which message of a handshake a frame is, 0 where it is none.
func (a *attempt) kind(frame []byte) rsn.Kind {
	algorithms, err := a.akm.Algorithms(len(a.pmk))
	if err != nil {
		return 0
	}
	f, err := rsn.ParseKeyFrame(frame, algorithms.MICLen)
	if err != nil {
		return 0
	}
	kind, err := f.Kind()
	if err != nil {
		return 0
	}
	return kind
}

// handshakeStep does what the handshake asks for: the answer goes out under the
// keys that there are, then come the new ones.
func (s *Station) handshakeStep(step *rsn.Step, received rsn.Kind) error {
	if step.Send != nil {
		before, ok := map[rsn.Kind]Step{rsn.Message1: StepMessage2, rsn.Message3: StepMessage4, rsn.GroupMessage1: StepGroup2}[received]
		if ok {
			if err := s.between(s.life, before); err != nil {
				return err
			}
		}
		if err := s.sendEAPOL(s.life, step.Send); err != nil {
			return err
		}
	}
	if err := s.install(step); err != nil {
		return err
	}
	if step.Result == rsn.Established && s.phase == roam.PhaseHandshake {
		return s.authorize()
	}
	return nil
}

func (s *Station) sendEAPOL(ctx context.Context, frame []byte) error {
	_, err := s.kernel.SendControlPort(ctx, nl80211.ControlPortRequest{
		Interface: s.device.Index, Dst: s.current.peer, EtherType: dot11.EtherTypeEAPOL, Payload: frame,
	})
	return err
}

// install gives keys to the kernel.
func (s *Station) install(step *rsn.Step) error {
	if step.Pairwise == nil && len(step.Group) == 0 {
		return nil
	}
	if err := s.between(s.life, StepKeys); err != nil {
		return err
	}
	if p := step.Pairwise; p != nil {
		err := s.kernel.NewKey(s.life, nl80211.Key{
			Interface: s.device.Index, Type: nl80211.KeyPairwise, Addr: s.current.peer, Cipher: dot11.Suite(p.Cipher), Data: p.TK,
		})
		if err != nil {
			return err
		}
	}
	for i := range step.Group {
		if err := s.installGroup(&step.Group[i]); err != nil {
			return err
		}
	}
	return nil
}

// pnLen is how long the packet numbers of all ciphers are.
const pnLen = 6

// installGroup gives a group key to the kernel. A station only receives with it,
// so that it is nobody's default. Without beacon protection in the driver the key
// of beacons is of no use.
func (s *Station) installGroup(k *rsn.InstallKey) error {
	f := s.wiphy.ExtFeatures
	if k.Use == rsn.BIGTK && !f.Has(nl80211.ExtFeatureBeaconProtection) && !f.Has(nl80211.ExtFeatureBeaconProtectClient) {
		return nil
	}
	key := nl80211.Key{
		Interface: s.device.Index, Type: nl80211.KeyGroup, Index: k.ID, Cipher: dot11.Suite(k.Cipher), Data: k.Key,
		Seq: binary.LittleEndian.AppendUint64(nil, k.PN)[:pnLen],
	}
	if s.current.multi {
		key.Link = dot11.Some(k.Link)
	}
	return s.kernel.NewKey(s.life, key)
}

// authorize opens the port.
func (s *Station) authorize() error {
	a := s.current
	if err := s.between(s.life, StepAuthorize); err != nil {
		return err
	}
	secured := s.own(roam.Secured)
	secured.Record = s.record(secured.At, fmt.Sprintf("WPA: Key negotiation completed with %v [PTK=%s GTK=%s]", a.peer, a.pairwise.Name(), a.group.Name()))
	s.emit(secured)
	if err := s.kernel.SetStation(s.life, s.device.Index, a.peer, nl80211.StationAuthorized, nl80211.StationAuthorized); err != nil {
		return err
	}
	s.enter(roam.PhaseConnected)
	connected := s.own(roam.Connected)
	connected.Record = s.record(connected.At, fmt.Sprintf("CTRL-EVENT-CONNECTED - Connection to %v completed", a.peer))
	s.emit(connected)
	return nil
}
