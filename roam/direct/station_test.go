package direct_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"roamfault/nl80211/dot11"
	"roamfault/roam"
	"roamfault/roam/direct"
	"roamfault/roam/lab/ap"
	"roamfault/roam/rsn/keys"
	"roamfault/roam/rsn/sae"
	"roamfault/roam/runlog"
)

const (
	ssid     = "direct"
	password = "correct horse"
)

func channel(t testing.TB, number uint8) dot11.Channel {
	t.Helper()
	c, err := dot11.ChannelOf(dot11.Band5GHz, number)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// accessPoint is access point n (1 or 2) with two links, an AP MLD with SAE unless
// it is changed.
func accessPoint(t testing.TB, n byte, change ...func(*ap.Config)) ap.Config {
	t.Helper()
	c := ap.Config{
		Name: fmt.Sprintf("ap%d", n), SSID: ssid, MLD: dot11.Addr{0x02, 0, 0, n, 0, 0}, Security: ap.SAE, Password: password,
		Rand: rand.NewChaCha8([32]byte{n}),
	}
	for i, number := range [][]uint8{{36, 149}, {44, 157}}[n-1] {
		c.Links = append(c.Links, ap.Link{ID: uint8(i), BSSID: dot11.Addr{0x02, 0, 0, n, 1, byte(i)}, Channel: channel(t, number), Signal: -40})
	}
	for _, f := range change {
		f(&c)
	}
	return c
}

// Changes of an access point.

func plain(c *ap.Config)       { c.MLD, c.Links = dot11.Addr{}, c.Links[:1] }
func oneLink(c *ap.Config)     { c.Links = c.Links[:1] }
func openNetwork(c *ap.Config) { c.Security, c.Password = ap.Open, "" }
func psk(c *ap.Config)         { plain(c); c.Security = ap.PSK }
func extKey(c *ap.Config)      { c.ExtKey = true }
func protectBeacons(c *ap.Config) {
	c.BeaconProtection = true
}
func ciphers(list ...keys.Cipher) func(*ap.Config) {
	return func(c *ap.Config) { c.Ciphers = list }
}
func groups(list ...sae.Group) func(*ap.Config) { return func(c *ap.Config) { c.Groups = list } }

// target is the way to an access point over its nth link.
func target(c ap.Config, n int) roam.Target {
	known := runlog.AP{MLD: c.MLD, SSID: runlog.SSID(c.SSID)}
	for _, l := range c.Links {
		known.Links = append(known.Links, runlog.Link{BSSID: l.BSSID, Freq: l.Channel.Freq})
	}
	return roam.Target{AP: known, BSSID: c.Links[n].BSSID}
}

// addr is what an access point is known by.
func addr(c ap.Config) dot11.Addr {
	known := target(c, 0).AP
	return known.Addr()
}

// bench is a station on a fake kernel, with the events it has told.
type bench struct {
	*testing.T
	radio   *radio
	station *direct.Station

	mu     sync.Mutex
	events []roam.Event
	ended  chan struct{}
}

// work runs a test with a station in a bubble: its time is no time, and it fails
// where a goroutine is left behind.
func work(t *testing.T, configs []ap.Config, change func(*direct.Config, *radio), f func(b *bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := &bench{T: t, radio: newRadio(t, configs...), ended: make(chan struct{})}
		config := direct.Config{
			Interface: "wlan0", Clock: b.radio.clock, Switch: b.radio, Boot: strings.Repeat("0", 32), Groups: []sae.Group{sae.GroupP256},
			Networks: []direct.Network{{SSID: runlog.SSID(configs[0].SSID), Password: direct.Secret(configs[0].Password)}},
		}
		if len(configs[0].Groups) > 0 {
			config.Groups = append(config.Groups, configs[0].Groups...)
			slices.Sort(config.Groups)
			config.Groups = slices.Compact(config.Groups)
		}
		if change != nil {
			change(&config, b.radio)
		}
		var err error
		if b.station, err = direct.New(t.Context(), b.radio, config); err != nil {
			t.Fatal(err)
		}
		go b.follow()
		defer func() {
			if err := b.station.Close(); err != nil {
				t.Error(err)
			}
			<-b.ended
		}()
		f(b)
	})
}

func (b *bench) follow() {
	defer close(b.ended)
	for e := range b.station.Events() {
		b.mu.Lock()
		b.events = append(b.events, e)
		b.mu.Unlock()
	}
}

// told returns the events beside lines, and forgets all.
func (b *bench) told() []roam.Event {
	synctest.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	told := slices.DeleteFunc(slices.Clone(b.events), func(e roam.Event) bool { return e.What == roam.Said })
	b.events = nil
	return told
}

// whats are what events say.
func whats(events []roam.Event) []roam.What {
	var list []roam.What
	for _, e := range events {
		list = append(list, e.What)
	}
	return list
}

// wants checks what was told since the last time.
func (b *bench) wants(want ...roam.What) []roam.Event {
	b.Helper()
	told := b.told()
	if got := whats(told); !slices.Equal(got, want) {
		b.Errorf("told %v, want %v", got, want)
		for _, e := range told {
			b.Logf("%+v %v", e, e.Record)
		}
	}
	return told
}

// last returns the last event that was told.
func (b *bench) last() roam.Event {
	b.Helper()
	told := b.told()
	if len(told) == 0 {
		b.Fatal("nothing was told")
	}
	return told[len(told)-1]
}

func (b *bench) state() roam.State {
	b.Helper()
	s, err := b.station.State(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	return s
}

// connect is connected to an access point afterwards.
func (b *bench) connect(c ap.Config) {
	b.Helper()
	if err := b.station.Connect(b.Context(), target(c, 0)); err != nil {
		b.Fatal(err)
	}
	for range 5 {
		time.Sleep(time.Second)
		if b.state().Phase == roam.PhaseConnected {
			return
		}
	}
	if s := b.state(); s.Phase != roam.PhaseConnected {
		told := b.told()
		for _, e := range told {
			b.Logf("%s %v %v", e.What, e.Status, e.Record)
		}
		b.Fatalf("in phase %s after %v", s.Phase, whats(told))
	}
}

// way is what is told of a way to a protected access point.
var way = []roam.What{roam.Trying, roam.Associated, roam.Secured, roam.Connected}

func both(t testing.TB, change ...func(*ap.Config)) []ap.Config {
	return []ap.Config{accessPoint(t, 1, change...), accessPoint(t, 2, change...)}
}

// Every kind of network is joined, and left for the other access point of it.
func TestNetworks(t *testing.T) {
	tests := []struct {
		name   string
		change []func(*ap.Config)
		config func(*direct.Config)
		links  int
		group  []string
	}{
		{name: "sae with two links", links: 2, group: []string{"link 0 key 1", "link 0 key 4", "link 1 key 1", "link 1 key 4"}},
		{name: "sae with one link of an AP MLD", change: []func(*ap.Config){oneLink}, links: 1, group: []string{"link 0 key 1", "link 0 key 4"}},
		{name: "sae without multi-link", change: []func(*ap.Config){plain}, links: 1, group: []string{"link 0 key 1", "link 0 key 4"}},
		{name: "ext-key", change: []func(*ap.Config){extKey}, links: 2, group: []string{"link 0 key 1", "link 0 key 4", "link 1 key 1", "link 1 key 4"}},
		{name: "ext-key in group 20", change: []func(*ap.Config){extKey, groups(sae.GroupP384)}, links: 2, group: []string{"link 0 key 1", "link 0 key 4", "link 1 key 1", "link 1 key 4"}},
		{name: "sae in group 21", change: []func(*ap.Config){plain, groups(sae.GroupP521)}, links: 1, group: []string{"link 0 key 1", "link 0 key 4"}},
		{name: "gcmp-256", change: []func(*ap.Config){ciphers(keys.GCMP256)}, links: 2, group: []string{"link 0 key 1", "link 0 key 4", "link 1 key 1", "link 1 key 4"}},
		{name: "beacon protection", change: []func(*ap.Config){protectBeacons}, links: 2, group: []string{"link 0 key 1", "link 0 key 4", "link 0 key 6", "link 1 key 1", "link 1 key 4", "link 1 key 6"}},
		{name: "psk", change: []func(*ap.Config){psk}, links: 1, group: []string{"link 0 key 1"}},
		{name: "psk in digits", change: []func(*ap.Config){psk}, links: 1, group: []string{"link 0 key 1"}, config: func(c *direct.Config) {
			key, err := keys.PSK(password, []byte(ssid))
			if err != nil {
				t.Fatal(err)
			}
			c.Networks[0].Password, c.Networks[0].PSK = "", direct.Secret(fmt.Sprintf("%x", key))
		}},
		{name: "open with two links", change: []func(*ap.Config){openNetwork}, links: 2},
		{name: "open without multi-link", change: []func(*ap.Config){openNetwork, plain}, links: 1},
		{name: "one link wanted", links: 1, group: []string{"link 0 key 1", "link 0 key 4"}, config: func(c *direct.Config) { c.MaxLinks = 1 }},
		{name: "no multi-link wanted", links: 1, group: []string{"link 0 key 1", "link 0 key 4"}, config: func(c *direct.Config) { c.SingleLink = true }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			configs := both(t, tt.change...)
			change := func(c *direct.Config, _ *radio) {
				if tt.config != nil {
					tt.config(c)
				}
			}
			work(t, configs, change, func(b *bench) {
				want := way
				if configs[0].Security == ap.Open {
					want = []roam.What{roam.Trying, roam.Associated, roam.Connected}
				}
				b.connect(configs[0])
				b.isAt(configs[0], tt.links, tt.group)
				b.wants(want...)
				for _, c := range []ap.Config{configs[1], configs[0], configs[0]} {
					if err := b.station.Roam(b.Context(), target(c, 0)); err != nil {
						b.Fatal(err)
					}
					// Where it comes back without having left, the access point asks its old
					// keys first, and lets it wait for a second.
					time.Sleep(3 * time.Second)
					b.isAt(c, tt.links, tt.group)
					b.wants(want...)
				}
			})
		})
	}
}

// isAt checks that station, kernel and access point agree.
func (b *bench) isAt(c ap.Config, links int, group []string) {
	b.Helper()
	at := b.radio.stations(c.Name)
	if len(at) != 1 || len(at[0].Links) != links || !at[0].Connected {
		b.Fatalf("%s has the stations %+v, want one with %d links", c.Name, at, links)
	}
	s := b.state()
	if s.Phase != roam.PhaseConnected || s.BSSID != c.Links[0].BSSID || string(s.SSID) != c.SSID {
		b.Errorf("state %+v", s)
	}
	b.radio.mu.Lock()
	defer b.radio.mu.Unlock()
	var have []string
	for name := range b.radio.group {
		have = append(have, name)
	}
	slices.Sort(have)
	if !slices.Equal(have, group) {
		b.Errorf("group keys %v, want %v", have, group)
	}
	if protected := c.Security != ap.Open; b.radio.authorized != protected || (b.radio.pairwise != nil) != protected {
		b.Errorf("authorized %v", b.radio.authorized)
	}
}
