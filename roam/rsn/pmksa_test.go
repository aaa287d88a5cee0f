package rsn

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roamfault/nl80211/dot11"
	"roamfault/roam/rsn/keys"
)

func peer(n byte) dot11.Addr { return dot11.Addr{2, 0, 0, 0, 3, n} }

func entry(id, from byte, akm keys.AKM, expires time.Duration) PMKSA {
	return PMKSA{PMKID: keys.PMKID{id}, Peer: peer(from), AKM: akm, PMK: octets(32, id), Expires: expires}
}

func newCache(t *testing.T, limit int, entries ...PMKSA) *PMKSACache {
	t.Helper()
	c, err := NewPMKSACache(limit)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range entries {
		c.Add(p)
	}
	return c
}

func TestPMKSAFind(t *testing.T) {
	c := newCache(t, 9,
		entry(1, 1, keys.AKMSAE, 10), entry(1, 2, keys.AKMSAE, 20), entry(1, 1, keys.AKMSAEExtKey, 30), entry(2, 1, keys.AKMSAE, 40))
	tests := []struct {
		now  time.Duration
		want PMKSA
		ok   bool
	}{
		{9, entry(1, 1, keys.AKMSAE, 10), true},
		{0, entry(1, 2, keys.AKMSAE, 20), true},
		{0, entry(1, 1, keys.AKMSAEExtKey, 30), true},
		{0, entry(3, 1, keys.AKMSAE, 0), false},
		{0, entry(2, 2, keys.AKMSAE, 0), false},
		{0, entry(2, 1, keys.AKMSAEExtKey, 0), false},
		{10, entry(1, 1, keys.AKMSAE, 0), false},
		{9, entry(1, 1, keys.AKMSAE, 0), false}, // it was dropped as it had expired
		{39, entry(2, 1, keys.AKMSAE, 40), true},
	}
	for _, test := range tests {
		got, ok := c.Find(test.now, test.want.PMKID, test.want.Peer, test.want.AKM)
		if ok != test.ok {
			t.Errorf("%v at %v: %v", test.want.PMKID, test.now, ok)
			continue
		}
		if ok {
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		}
	}
	if c.Len() != 3 {
		t.Errorf("%d entries are left", c.Len())
	}
}

func TestPMKSALatest(t *testing.T) {
	c := newCache(t, 9,
		entry(1, 1, keys.AKMSAE, 10), entry(2, 1, keys.AKMSAE, 30), entry(3, 1, keys.AKMSAE, 20), entry(4, 1, keys.AKMSAEExtKey, 40), entry(5, 2, keys.AKMSAE, 50))
	for _, test := range []struct {
		now  time.Duration
		akm  keys.AKM
		want byte
	}{{0, keys.AKMSAE, 2}, {0, keys.AKMSAEExtKey, 4}, {29, keys.AKMSAE, 2}, {30, keys.AKMSAE, 0}, {39, keys.AKMSAEExtKey, 4}, {40, keys.AKMSAEExtKey, 0}} {
		got, ok := c.Latest(test.now, peer(1), test.akm)
		if ok != (test.want != 0) || got.PMKID[0] != test.want {
			t.Errorf("at %v: %v, %v", test.now, got.PMKID, ok)
		}
	}
	if c.Len() != 1 {
		t.Errorf("%d entries are left", c.Len())
	}
}

func TestPMKSABounded(t *testing.T) {
	c := newCache(t, 3)
	for i := range byte(100) {
		c.Add(entry(i, i%5, keys.AKMSAE, time.Hour))
		if want := min(int(i)+1, 3); c.Len() != want {
			t.Fatalf("%d entries after %d", c.Len(), i+1)
		}
	}
	for i := range byte(100) {
		if _, ok := c.Find(0, keys.PMKID{i}, peer(i%5), keys.AKMSAE); ok != (i >= 97) {
			t.Errorf("entry %d: %v", i, ok)
		}
	}
	if len(c.byKey) != 3 || len(c.byPeer) != 3 {
		t.Errorf("indexes of %d and %d", len(c.byKey), len(c.byPeer))
	}
	// One that is replaced is the newest again.
	c.Add(entry(97, 97%5, keys.AKMSAE, 2*time.Hour))
	c.Add(entry(200, 1, keys.AKMSAE, time.Hour))
	if _, ok := c.Find(time.Hour, keys.PMKID{97}, peer(97%5), keys.AKMSAE); !ok {
		t.Error("what was replaced last has gone first")
	}
	if _, ok := c.Find(0, keys.PMKID{98}, peer(98%5), keys.AKMSAE); ok {
		t.Error("the oldest has stayed")
	}
}

func TestPMKSARemove(t *testing.T) {
	c := newCache(t, 9, entry(1, 1, keys.AKMSAE, 10), entry(2, 1, keys.AKMSAE, 20), entry(3, 2, keys.AKMSAE, 30), entry(4, 3, keys.AKMSAE, 5))
	c.Remove(keys.PMKID{9}, peer(1), keys.AKMSAE)
	c.RemovePeer(peer(9))
	c.Expire(4)
	if c.Len() != 4 {
		t.Errorf("%d entries", c.Len())
	}
	c.Expire(5)
	c.Remove(keys.PMKID{3}, peer(2), keys.AKMSAE)
	if c.Len() != 2 {
		t.Errorf("%d entries", c.Len())
	}
	c.RemovePeer(peer(1))
	if c.Len() != 0 || len(c.byKey) != 0 || len(c.byPeer) != 0 {
		t.Errorf("%d entries, indexes of %d and %d", c.Len(), len(c.byKey), len(c.byPeer))
	}
}

func TestPMKSAOwnsItsPMK(t *testing.T) {
	p := entry(1, 1, keys.AKMSAE, 10)
	c := newCache(t, 1, p)
	clear(p.PMK)
	if got, _ := c.Find(0, p.PMKID, p.Peer, p.AKM); got.PMK[0] != 1 {
		t.Error("the PMK was cleared from outside")
	}
	if _, err := NewPMKSACache(0); err == nil {
		t.Error("a cache for nothing was made")
	}
}
