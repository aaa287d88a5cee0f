package ap

import (
	"fmt"
	"io"

	"roamfault/roam/rsn"
	"roamfault/roam/rsn/keys"
	"roamfault/roam/rsn/protect"
)

// groupManagement is the cipher of group addressed management frames: the one
// that every station with protected management frames has.
const groupManagement = keys.BIPCMAC128

// groupKeys are the keys of a link that all its stations share. Those that are
// not in use are nil.
type groupKeys struct {
	gtk         *protect.Key
	igtk, bigtk *protect.IntegrityKey
	raw         rsn.LinkKeys // as they are handed out, without packet numbers
}

// groupKeyIDs are the two numbers each key alternates between.
var groupKeyIDs = [...]struct{ gtk, igtk, bigtk uint8 }{{1, 4, 6}, {2, 5, 7}}

// draw makes new keys, with the other number of the two.
func (k *groupKeys) draw(a *AP) error {
	ids := groupKeyIDs[0]
	if k.raw.GTK != nil && k.raw.GTK.ID == ids.gtk {
		ids = groupKeyIDs[1]
	}
	next := groupKeys{raw: rsn.LinkKeys{Link: k.raw.Link}}
	cipher := a.config.Ciphers[0]
	raw, err := a.drawKey(ids.gtk, cipher)
	if err != nil {
		return err
	}
	next.raw.GTK = raw
	if next.gtk, err = protect.NewKey(protect.Config{Cipher: cipher, ID: ids.gtk, TK: raw.Key}); err != nil {
		return err
	}
	if a.config.Security == SAE {
		if next.raw.IGTK, next.igtk, err = a.drawIntegrityKey(ids.igtk); err != nil {
			return err
		}
		if a.config.BeaconProtection {
			if next.raw.BIGTK, next.bigtk, err = a.drawIntegrityKey(ids.bigtk); err != nil {
				return err
			}
		}
	}
	*k = next
	return nil
}

func (a *AP) drawKey(id uint8, cipher keys.Cipher) (*rsn.GroupKey, error) {
	key := make([]byte, cipher.KeyLen())
	if _, err := io.ReadFull(a.random, key); err != nil {
		return nil, fmt.Errorf("draw a group key: %w", err)
	}
	return &rsn.GroupKey{ID: id, Key: key}, nil
}

func (a *AP) drawIntegrityKey(id uint8) (*rsn.GroupKey, *protect.IntegrityKey, error) {
	raw, err := a.drawKey(id, groupManagement)
	if err != nil {
		return nil, nil, err
	}
	key, err := protect.NewIntegrityKey(groupManagement, uint16(id), raw.Key)
	return raw, key, err
}

// now returns the keys with the packet numbers they have come to.
func (k *groupKeys) now() rsn.LinkKeys {
	at := func(key *rsn.GroupKey, sent func() uint64) *rsn.GroupKey {
		if key == nil {
			return nil
		}
		return &rsn.GroupKey{ID: key.ID, Key: key.Key, PN: sent()}
	}
	out := rsn.LinkKeys{Link: k.raw.Link}
	out.GTK = at(k.raw.GTK, func() uint64 { return k.gtk.Sent() })
	out.IGTK = at(k.raw.IGTK, func() uint64 { return k.igtk.Sent() })
	out.BIGTK = at(k.raw.BIGTK, func() uint64 { return k.bigtk.Sent() })
	return out
}
