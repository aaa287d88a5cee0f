package rsn

import (
	"bytes"
	"container/list"
	"errors"
	"time"

	"roamfault/nl80211/dot11"
	"roamfault/roam/rsn/keys"
)

// PMKSA is a PMK security association (IEEE 802.11-2020, 12.6.1.1.2): what lets
// a station come back without authenticating anew.
type PMKSA struct {
	PMKID   keys.PMKID
	Peer    dot11.Addr // the MLD's address, or the only one it has
	AKM     keys.AKM
	PMK     []byte
	Expires time.Duration // it is not to be used from then on; on the cache's clock
}

type pmksaKey struct {
	pmkid keys.PMKID
	peer  dot11.Addr
	akm   keys.AKM
}

func (p *PMKSA) key() pmksaKey { return pmksaKey{p.PMKID, p.Peer, p.AKM} }

// PMKSACache holds the associations that were made last. Its times are on the
// clock of those who call it; one goroutine at a time may call.
type PMKSACache struct {
	limit  int
	age    *list.List // of *PMKSA, the oldest first
	byKey  map[pmksaKey]*list.Element
	byPeer map[dot11.Addr]map[*list.Element]struct{}
}

// NewPMKSACache returns an empty cache for limit associations, one at least.
func NewPMKSACache(limit int) (*PMKSACache, error) {
	if limit < 1 {
		return nil, errors.New("make PMKSA cache: it has to hold one entry at least")
	}
	return &PMKSACache{
		limit:  limit,
		age:    list.New(),
		byKey:  make(map[pmksaKey]*list.Element),
		byPeer: make(map[dot11.Addr]map[*list.Element]struct{}),
	}, nil
}

// Len returns how many associations are held, those included that have expired
// since they were last looked at.
func (c *PMKSACache) Len() int { return c.age.Len() }

// Add takes in an association; one with the same PMKID, peer and AKM is
// replaced. When the cache is full the oldest goes.
func (c *PMKSACache) Add(p PMKSA) {
	if old, ok := c.byKey[p.key()]; ok {
		c.drop(old)
	}
	if c.age.Len() >= c.limit {
		c.drop(c.age.Front())
	}
	p.PMK = bytes.Clone(p.PMK)
	e := c.age.PushBack(&p)
	c.byKey[p.key()] = e
	of := c.byPeer[p.Peer]
	if of == nil {
		of = make(map[*list.Element]struct{})
		c.byPeer[p.Peer] = of
	}
	of[e] = struct{}{}
}

// Find returns the association of that PMKID, peer and AKM where it has not
// expired.
func (c *PMKSACache) Find(now time.Duration, id keys.PMKID, peer dot11.Addr, akm keys.AKM) (PMKSA, bool) {
	e, ok := c.byKey[pmksaKey{id, peer, akm}]
	if !ok {
		return PMKSA{}, false
	}
	if p := e.Value.(*PMKSA); now < p.Expires {
		return *p, true
	}
	c.drop(e)
	return PMKSA{}, false
}

// Latest returns, of the associations with peer under that AKM, the one that
// lives longest; a station names it when it comes to peer.
func (c *PMKSACache) Latest(now time.Duration, peer dot11.Addr, akm keys.AKM) (PMKSA, bool) {
	var best *PMKSA
	for e := range c.byPeer[peer] {
		p := e.Value.(*PMKSA)
		if now >= p.Expires {
			c.drop(e)
			continue
		}
		if p.AKM == akm && (best == nil || p.Expires > best.Expires || p.Expires == best.Expires && bytes.Compare(p.PMKID[:], best.PMKID[:]) > 0) {
			best = p
		}
	}
	if best == nil {
		return PMKSA{}, false
	}
	return *best, true
}

// Remove forgets one association.
func (c *PMKSACache) Remove(id keys.PMKID, peer dot11.Addr, akm keys.AKM) {
	if e, ok := c.byKey[pmksaKey{id, peer, akm}]; ok {
		c.drop(e)
	}
}

// RemovePeer forgets all associations with a peer.
func (c *PMKSACache) RemovePeer(peer dot11.Addr) {
	for e := range c.byPeer[peer] {
		c.drop(e)
	}
}

// Expire forgets what has expired.
func (c *PMKSACache) Expire(now time.Duration) {
	for e := c.age.Front(); e != nil; {
		next := e.Next()
		if now >= e.Value.(*PMKSA).Expires {
			c.drop(e)
		}
		e = next
	}
}

func (c *PMKSACache) drop(e *list.Element) {
	p := c.age.Remove(e).(*PMKSA)
	delete(c.byKey, p.key())
	delete(c.byPeer[p.Peer], e)
	if len(c.byPeer[p.Peer]) == 0 {
		delete(c.byPeer, p.Peer)
	}
}
