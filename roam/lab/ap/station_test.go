package ap_test

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"roamfault/nl80211/dot11"
	"roamfault/roam/lab/ap"
	"roamfault/roam/rsn"
	"roamfault/roam/rsn/keys"
	"roamfault/roam/rsn/protect"
	"roamfault/roam/rsn/sae"
)

// phase is how far a station has come.
type phase int

const (
	idle phase = iota
	scanning
	authenticating
	associating
	handshaking
	connected
	failed
)

// bss is what a station knows of one link of an access point, from its beacons
// and probe responses.
type bss struct {
	freq, signal int
	body         dot11.BeaconBody
	ml           *dot11.MultiLink
	at           time.Duration
}

// staLink is a station's end of a link.
type staLink struct {
	id      uint8
	addr    dot11.Addr // its own
	bssid   dot11.Addr
	freq    int
	refused bool
	gtk     map[uint8]*protect.Key
	igtk    map[uint16]*protect.IntegrityKey
	dozing  bool
	// A dozing station listens for one frame after a PS-Poll, and for those to
	// the group behind a beacon that announces them.
	polling, listening bool
	seq                uint16
}

// got is an MSDU that a station was sent.
type got struct {
	link uint8
	more bool
	dot11.MSDU
}

// station is a station without a kernel: it does what wpa_supplicant and
// mac80211 do, as far as an access point can see it.
type station struct {
	e    *ether
	mld  dot11.Addr // its MLD address, or the only one it has
	rand byte

	// What it can do.
	links      int // how many it wants; 0: it is no MLD
	via        uint8
	security   ap.Security
	password   string
	akm        keys.AKM
	groups     []sae.Group
	method     sae.Method
	cipher     keys.Cipher
	group      keys.Cipher
	linkForm   bool // how it protects management frames
	deaf       bool // it answers no SA Query
	steady     bool // it stays where it is after a failure
	retries    int  // of each frame to authenticate and associate
	transition dot11.TransitionStatus
	alter      func(*rsn.Message)

	// How far it has come.
	phase      phase
	target     dot11.Addr // AP MLD or BSSID
	known      map[dot11.Addr]*bss
	over       map[uint8]*staLink
	refused    map[uint8]dot11.StatusCode
	assocLink  uint8
	session    *sae.Session
	pmk        []byte
	pmkid      keys.PMKID
	cache      map[dot11.Addr]sae.Keys // by target
	supplicant *rsn.Supplicant
	key        *protect.Key
	last       ap.Frame // sent again when nothing comes
	tries      int
	deadline   time.Duration
	aid        uint16

	// What has happened to it.
	authStatus, assocStatus dot11.StatusCode
	comeback                uint32
	reason                  dot11.ReasonCode // of the deauthentication it has believed
	disassociated           bool
	otherForm               int // management frames protected in another way
	unbelieved              int // deauthentications in clear
	missed                  int // frames that came while it dozed
	bad                     []error
	received                []got
	verified                int // beacons and management frames that carried a good MME
	requests                []dot11.TransitionRequest
	queries                 int
	answers                 []uint16 // to its own SA Queries
	declined                []dot11.AddBlockAckResponse
	rekeys                  int
	handshakeErrors         []error

	out []ap.Frame
}

// staMLD and staLinkAddr are the addresses of station n.
func staMLD(n byte) dot11.Addr { return dot11.Addr{0x02, 0, 0, 0x80, n, 0} }

func linkAddr(mld dot11.Addr, link uint8) dot11.Addr {
	mld[5] = 1 + link
	return mld
}

// join puts station n on the air: one that wants so many links, 0 for no MLD.
func (e *ether) join(n byte, links int, security ap.Security, change ...func(*station)) *station {
	s := &station{
		e: e, mld: staMLD(n), rand: 0x40 + n, links: links, security: security, password: password,
		akm: keys.AKMSAE, groups: []sae.Group{sae.GroupP256}, cipher: keys.CCMP128, group: keys.CCMP128,
		retries: 3, known: map[dot11.Addr]*bss{}, cache: map[dot11.Addr]sae.Keys{},
	}
	if security == ap.PSK {
		s.akm = keys.AKMPSK
	}
	for _, f := range change {
		f(s)
	}
	e.stations = append(e.stations, s)
	return s
}

func (s *station) multi() bool { return s.links > 0 }

func (s *station) note(format string, args ...any) {
	s.bad = append(s.bad, fmt.Errorf(format, args...))
}

// connect begins to connect to an access point, by its MLD address or BSSID, and
// waits until that has succeeded or failed.
func (s *station) connect(to dot11.Addr) bool {
	s.e.t.Helper()
	s.begin(to)
	s.e.until(8*time.Second, func() bool { return s.phase == connected || s.phase == failed })
	return s.phase == connected
}

// mustConnect ends the test where the station does not connect.
func (s *station) mustConnect(to dot11.Addr) {
	s.e.t.Helper()
	if !s.connect(to) {
		s.e.t.Fatalf("no connection, in phase %d: authentication status %v, association status %v, reason %v, errors %v, %v",
			s.phase, s.authStatus, s.assocStatus, s.reason, s.bad, s.handshakeErrors)
	}
}

func (s *station) begin(to dot11.Addr) {
	s.target, s.phase = to, scanning
	s.advance()
}

// due is when the station does something by itself.
func (s *station) due() (time.Duration, bool) {
	switch s.phase {
	case authenticating, associating, handshaking:
		return s.deadline, true
	}
	return 0, false
}

// advance does what is due.
func (s *station) advance() {
	switch s.phase {
	case scanning:
		s.authenticate()
	case authenticating, associating:
		if s.e.now < s.deadline {
			return
		}
		if s.tries++; s.tries > s.retries {
			s.phase = failed
			return
		}
		if s.phase == authenticating && s.session != nil {
			tries := s.tries
			s.saeStep(s.session.Timeout())
			s.tries = tries
			return
		}
		s.deadline = s.e.now + 200*time.Millisecond
		s.out = append(s.out, s.last)
	case handshaking:
		if s.e.now >= s.deadline {
			s.phase = failed
		}
	}
}

// members finds the links of the target that are known, by their number.
func (s *station) members() map[uint8]dot11.Addr {
	found := map[uint8]dot11.Addr{}
	for addr, b := range s.known {
		switch {
		case !s.multi() && addr == s.target:
			found[s.linkID(addr)] = addr
		case s.multi() && b.ml != nil && b.ml.MLDAddr == s.target:
			found[b.ml.LinkID.Value] = addr
		}
	}
	return found
}

func (s *station) linkID(addr dot11.Addr) uint8 {
	if b := s.known[addr]; b != nil && b.ml != nil {
		return b.ml.LinkID.Value
	}
	return 0
}

// authenticate begins as soon as all links are known.
func (s *station) authenticate() {
	members := s.members()
	if len(members) < max(s.links, 1) {
		return
	}
	s.reset()
	first, ok := members[s.via]
	if !ok {
		for id, addr := range members {
			s.via, first = id, addr
		}
	}
	s.assocLink = s.via
	s.add(s.via, first)
	for id := uint8(0); id < 15 && len(s.over) < s.links; id++ {
		if addr, ok := members[id]; ok && id != s.via {
			s.add(id, addr)
		}
	}
	s.phase = authenticating
	if _, cached := s.cache[s.target]; s.security != ap.SAE || cached {
		s.sendAuth(dot11.AuthOpen, sae.Message{Transaction: 1})
		return
	}
	s.startSAE()
}

// reset forgets an association.
func (s *station) reset() {
	s.over, s.refused = map[uint8]*staLink{}, map[uint8]dot11.StatusCode{}
	s.session, s.supplicant, s.key = nil, nil, nil
	s.authStatus, s.assocStatus, s.reason, s.comeback = 0, 0, 0, 0
	s.pmk, s.pmkid, s.disassociated = nil, keys.PMKID{}, false
}

func (s *station) add(id uint8, bssid dot11.Addr) {
	addr := s.mld
	if s.multi() {
		addr = linkAddr(s.mld, id)
	}
	s.over[id] = &staLink{
		id: id, addr: addr, bssid: bssid, freq: s.known[bssid].freq,
		gtk: map[uint8]*protect.Key{}, igtk: map[uint16]*protect.IntegrityKey{},
	}
}

func (s *station) link() *staLink { return s.over[s.assocLink] }

// usualPassword is that of most stations; to prepare it takes longer than all the
// rest of an association.
var usualPassword = sync.OnceValues(func() (*sae.Password, error) {
	return sae.NewPassword(ssid, password, "", sae.GroupP256)
})

func (s *station) startSAE() {
	p, err := usualPassword()
	if s.password != password || !slices.Equal(s.groups, []sae.Group{sae.GroupP256}) {
		p, err = sae.NewPassword(ssid, s.password, "", s.groups...)
	}
	if err != nil {
		s.e.t.Fatal(err)
	}
	c := sae.Config{
		Own: s.mld, Peer: s.target, Passwords: []*sae.Password{p}, Groups: s.groups, Methods: []sae.Method{s.method},
		AKMs: []keys.AKM{s.akm}, Rand: seeded(s.rand),
	}
	s.rand += 0x11
	if s.session, err = sae.NewSession(c); err != nil {
		s.e.t.Fatal(err)
	}
	s.saeStep(s.session.Start())
}

func (s *station) saeStep(step sae.Step) {
	for _, m := range step.Send {
		s.sendAuth(dot11.AuthSAE, m)
	}
	switch step.Outcome {
	case sae.Failed:
		s.phase = failed
		s.note("SAE: %w", step.Err)
	case sae.Accepted:
		k, _ := s.session.Keys()
		s.pmk, s.pmkid = k.PMK, k.PMKID
		s.cache[s.target] = k
		s.associate()
	}
}

// multiLink is the element that says which MLD the station is.
func (s *station) multiLink() *dot11.MultiLink {
	if !s.multi() {
		return nil
	}
	return &dot11.MultiLink{Type: dot11.MultiLinkBasic, MLDAddr: s.mld}
}

func (s *station) sendAuth(algorithm uint16, m sae.Message) {
	body := dot11.AuthBody{Algorithm: algorithm, Transaction: m.Transaction, Status: m.Status, Body: m.Body}
	b := body.Append(nil)
	if ml := s.multiLink(); ml != nil {
		b = ml.Element().Append(b)
	}
	s.request(dot11.Auth, b)
}

// request sends a management frame on the link of the association, and again
// where nothing comes.
func (s *station) request(kind dot11.FrameControl, body []byte) {
	s.last = s.frame(s.link(), kind, body)
	s.tries, s.deadline = 0, s.e.now+200*time.Millisecond
	s.out = append(s.out, s.last)
}

// frame is a management frame in clear.
func (s *station) frame(l *staLink, kind dot11.FrameControl, body []byte) ap.Frame {
	h := dot11.Header{FC: kind, Addr1: l.bssid, Addr2: l.addr, Addr3: l.bssid, Seq: l.next()}
	return ap.Frame{Freq: l.freq, Data: append(h.Append(nil), body...)}
}

func (l *staLink) next() uint16 {
	l.seq = (l.seq + 1) & 0xfff
	return l.seq << 4
}

// rsne is the element by which the station chooses.
func (s *station) rsne() []byte {
	e := dot11.RSNE{
		Version: dot11.RSNVersion, Group: dot11.Suite(s.group),
		Pairwise: []dot11.Suite{dot11.Suite(s.cipher)}, AKMs: []dot11.Suite{dot11.Suite(s.akm)},
	}
	if s.security == ap.SAE {
		e.Capabilities = dot11.RSNMFPCapable | dot11.RSNMFPRequired
		if s.session == nil {
			e.PMKIDs = [][16]byte{s.pmkid}
		}
	}
	return e.Element().Append(nil)
}

func (s *station) rsnxe() []byte {
	if s.security != ap.SAE {
		return nil
	}
	return dot11.NewRSNXE(dot11.RSNXSAEH2E).Element().Append(nil)
}

func (s *station) associate() {
	s.phase = associating
	body := dot11.AssocRequestBody{Capability: dot11.CapabilityESS, ListenInterval: 5}
	body.Elements = dot11.Elements{dot11.SSIDElement([]byte(ssid))}
	b := body.Append(nil)
	if s.security != ap.Open {
		b = append(append(b, s.rsne()...), s.rsnxe()...)
	}
	if ml := s.multiLink(); ml != nil {
		for id, l := range s.over {
			if id == s.assocLink {
				continue
			}
			profile := dot11.StationProfile{Capability: dot11.CapabilityESS}
			ml.Profiles = append(ml.Profiles, dot11.LinkProfile{LinkID: id, Complete: true, Addr: l.addr, Body: profile.Append(nil)})
		}
		b = ml.Element().Append(b)
	}
	s.request(dot11.AssocRequest, b)
}
