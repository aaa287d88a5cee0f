package direct_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
	"roamfault/roam/lab"
	"roamfault/roam/lab/ap"
	"roamfault/roam/rsn/keys"
	"roamfault/roam/rsn/protect"
)

// ifindex is the interface of the fake.
const ifindex = 7

// ownAddr is its address.
func ownAddr() dot11.Addr { return dot11.Addr{0x02, 0, 0, 0x80, 0, 0} }

// radio is a kernel with one simulated device, on the air of access points of the
// lab: what cfg80211 and mac80211 do for a station, as far as it and the access
// points can see. It is used within a bubble of package synctest, whose clock it
// goes by.
type radio struct {
	t     testing.TB
	start time.Time
	end   context.CancelFunc
	ended chan struct{}
	wake  chan struct{}

	mu      sync.Mutex
	network *lab.Network
	wiphy   nl80211.Wiphy
	up      bool
	absent  bool
	index   int
	heard   map[dot11.Addr]nl80211.BSS
	at      map[dot11.Addr]time.Duration
	scanEnd time.Duration
	seq     uint16

	events []nl80211.Event
	more   chan struct{}
	closed bool

	pending    *exchange // Authentication or association under way
	peer       dot11.Addr
	multi      bool
	links      map[uint8]*radioLink
	over       uint8
	verified   bool // authenticated
	connected  bool
	authorized bool
	pairwise   *protect.Key
	tks        [][]byte
	group      map[string]nl80211.Key
	mfp        bool

	// What tests look at and change.
	requests []string
	asked    map[string]int
	auths    []nl80211.AuthType
	assocs   []nl80211.AssocRequest
	refuse   func(command nl80211.Command) error // nil: nothing is refused
	taken    bool                                // another program has the interface
	hasty    bool                                // EAPOL frames overtake the association
	held     []nl80211.Event
}

// radioLink is our end of a link.
type radioLink struct {
	bssid, local dot11.Addr
	freq         int
}

// exchange is a frame that is sent until it is answered.
type exchange struct {
	kind  dot11.FrameControl
	tries int
	due   time.Duration
	links map[uint8]*radioLink // asked for
	body  func() []byte
}

func newRadio(t testing.TB, configs ...ap.Config) *radio {
	t.Helper()
	plan, err := lab.DefaultPlan()
	if err != nil {
		t.Fatal(err)
	}
	plan.APs = configs
	network, err := lab.NewNetwork(plan)
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(context.Background())
	r := &radio{
		t: t, start: time.Now(), end: end, ended: make(chan struct{}), wake: make(chan struct{}, 1), network: network,
		index: ifindex, heard: map[dot11.Addr]nl80211.BSS{}, at: map[dot11.Addr]time.Duration{}, more: make(chan struct{}, 1),
		links: map[uint8]*radioLink{}, group: map[string]nl80211.Key{}, asked: map[string]int{}, wiphy: fakeWiphy(),
	}
	go r.run(ctx)
	time.Sleep(300 * time.Millisecond) // some beacons
	return r
}

func fakeWiphy() nl80211.Wiphy {
	features := make(nl80211.ExtFeatures, 10)
	for _, f := range []nl80211.ExtFeature{nl80211.ExtFeatureControlPort, nl80211.ExtFeatureControlPortNoPreauth, nl80211.ExtFeatureBeaconProtectClient} {
		features[f/8] |= 1 << (f % 8)
	}
	return nl80211.Wiphy{
		MLO: true, Features: nl80211.FeatureSAE | nl80211.FeatureScanFlush, ExtFeatures: features,
		Commands: []nl80211.Command{nl80211.CommandAuthenticate, nl80211.CommandAssociate},
		Ciphers: []dot11.Suite{
			dot11.CipherCCMP128, dot11.CipherGCMP128, dot11.CipherGCMP256, dot11.CipherCCMP256,
			dot11.CipherBIPCMAC128, dot11.CipherBIPGMAC256,
		},
		Bands:    []nl80211.Band{{Band: dot11.Band2GHz}, {Band: dot11.Band5GHz}},
		Extended: []nl80211.ExtendedCapabilities{{Type: nl80211.TypeStation, Capabilities: []byte{4, 0, 0, 0, 0, 0, 0, 0x40}}},
	}
}

func (r *radio) clock() nl80211.Stamp {
	now := time.Since(r.start) + time.Second
	return nl80211.Stamp{Monotonic: now, Boot: now + time.Second}
}

func (r *radio) now() time.Duration { return time.Since(r.start) }

// run lets time pass at the access points and in the kernel.
func (r *radio) run(ctx context.Context) {
	defer close(r.ended)
	for {
		r.mu.Lock()
		next := r.network.Next()
		if r.pending != nil {
			next = min(next, r.pending.due)
		}
		if r.scanEnd > 0 {
			next = min(next, r.scanEnd)
		}
		r.mu.Unlock()
		select {
		case <-ctx.Done():
			return
		case <-time.After(next - r.now()):
		case <-r.wake:
		}
		r.mu.Lock()
		r.network.Advance(r.now())
		r.settle()
		r.retry()
		if r.scanEnd > 0 && r.now() >= r.scanEnd {
			r.scanEnd = 0
			r.tell(nl80211.CommandNewScanResults, nl80211.ScanFinished{})
		}
		r.mu.Unlock()
	}
}

// air lets f work on the access points.
func (r *radio) air(f func(now time.Duration, n *lab.Network)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f(r.now(), r.network)
	r.settle()
	r.stir()
}

// fault lets an access point be wrong.
func (r *radio) fault(name string, rule ap.Rule) {
	r.t.Helper()
	r.air(func(now time.Duration, n *lab.Network) {
		for _, a := range n.APs() {
			if name != "" && a.Config().Name != name {
				continue
			}
			if err := a.Make(now, rule); err != nil {
				r.t.Fatal(err)
			}
		}
	})
}

func (r *radio) clear() {
	r.air(func(_ time.Duration, n *lab.Network) {
		for _, a := range n.APs() {
			a.Clear("")
		}
	})
}

// stations are those of an access point.
func (r *radio) stations(name string) (found []ap.Station) {
	r.air(func(_ time.Duration, n *lab.Network) {
		a, err := n.AP(name)
		if err != nil {
			r.t.Fatal(err)
		}
		found = a.Stations()
	})
	return found
}

func (r *radio) stir() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

func (r *radio) tell(c nl80211.Command, body nl80211.Body) {
	r.events = append(r.events, nl80211.Event{Stamp: r.clock(), Command: c, Interface: r.index, Body: body})
	select {
	case r.more <- struct{}{}:
	default:
	}
}

// inject tells an event from outside.
func (r *radio) inject(c nl80211.Command, body nl80211.Body) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tell(c, body)
}

// transmit sends a frame and hears what comes of it.
func (r *radio) transmit(f ap.Frame) {
	r.network.Receive(r.now(), ap.Frame{Freq: f.Freq, Signal: -40, Data: slices.Clone(f.Data)})
	r.settle()
	r.stir()
}

func (r *radio) settle() {
	for {
		frames := r.network.Air()
		if len(frames) == 0 {
			return
		}
		for _, f := range frames {
			r.receive(f)
		}
	}
}

// header is that of a management frame on a link.
func (r *radio) header(kind dot11.FrameControl, l *radioLink) dot11.Header {
	r.seq = (r.seq + 1) & 0xfff
	return dot11.Header{FC: kind, Addr1: l.bssid, Addr2: l.local, Addr3: l.bssid, Seq: r.seq << 4}
}

// begin sends a frame until it is answered.
func (r *radio) begin(x *exchange) {
	r.pending = x
	r.again()
}

// tries and retryAfter are mac80211's (mlme.c, IEEE80211_AUTH_MAX_TRIES and
// IEEE80211_AUTH_TIMEOUT, the same for association).
const (
	tries      = 3
	retryAfter = 200 * time.Millisecond
)

func (r *radio) again() {
	x := r.pending
	x.tries++
	x.due = r.now() + retryAfter
	l := x.links[r.over]
	h := r.header(x.kind, l)
	r.transmit(ap.Frame{Freq: l.freq, Data: append(h.Append(nil), x.body()...)})
}

// retry sends again what is not answered, and gives up.
func (r *radio) retry() {
	x := r.pending
	switch {
	case x == nil || r.now() < x.due:
	case x.tries < tries:
		r.again()
	default:
		r.pending, r.verified = nil, false
		for _, l := range x.links {
			delete(r.heard, l.bssid)
		}
		if x.kind == dot11.Auth {
			r.tell(nl80211.CommandAuthenticate, nl80211.AuthTimeout{Addr: r.peer})
		} else {
			r.tell(nl80211.CommandAssociate, nl80211.AssocTimeout{Addr: r.peer})
		}
	}
}

// receive takes a frame from the air.
func (r *radio) receive(f ap.Frame) {
	h, body, err := dot11.ParseHeader(f.Data)
	if err != nil {
		r.t.Errorf("frame: %v", err)
		return
	}
	if h.FC.Kind() == dot11.Beacon {
		r.hearBeacon(f, &h, body)
		return
	}
	l, id := r.linkOf(&h, f.Freq)
	if l == nil {
		return
	}
	protected := h.FC&dot11.Protected != 0
	if protected {
		if r.pairwise == nil || h.Addr1.Group() {
			return
		}
		opened, err := r.pairwise.Open(nil, f.Data, r.options(l))
		if err != nil {
			return // the access point sends some frames in both forms
		}
		h, body = opened.Header, opened.Body
	}
	switch kind := h.FC.Kind(); {
	case h.FC.Data():
		r.receiveData(&h, body, protected, id)
	case kind == dot11.Auth:
		r.receiveAuth(f, &h, body)
	case kind == dot11.AssocResponse || kind == dot11.ReassocResponse:
		r.receiveAssoc(f, &h, body)
	case kind == dot11.Deauth || kind == dot11.Disassoc:
		r.receiveLeave(f, &h, body, protected)
	case kind == dot11.Action && protected:
		r.receiveAction(f, l, body)
	}
}

func (r *radio) hearBeacon(f ap.Frame, h *dot11.Header, body []byte) {
	b, err := dot11.ParseBeaconBody(body)
	if err != nil {
		r.t.Errorf("beacon: %v", err)
		return
	}
	const fixed = 12
	r.heard[h.Addr2] = nl80211.BSS{
		Interface: r.index, BSSID: h.Addr2, Freq: f.Freq, Capability: b.Capability, Interval: b.Interval,
		Raw: slices.Clone(body[fixed:]), Signal: dot11.Some(f.Signal * 100),
	}
	r.at[h.Addr2] = r.now()
}

func (r *radio) linkOf(h *dot11.Header, freq int) (*radioLink, uint8) {
	links := r.links
	if r.pending != nil {
		links = r.pending.links
	}
	for id, l := range links {
		if l.freq == freq && l.bssid == h.Addr2 && (h.Addr1 == l.local || h.Addr1.Group()) {
			return l, id
		}
	}
	return nil, 0
}

func (r *radio) options(l *radioLink) protect.Options {
	if !r.multi {
		return protect.Options{}
	}
	return protect.Options{Link: &protect.Link{AP: l.bssid, APMLD: r.peer, STA: l.local, STAMLD: ownAddr()}, Form: protect.MLDForm}
}

func (r *radio) receiveAuth(f ap.Frame, h *dot11.Header, body []byte) {
	auth, err := dot11.ParseAuthBody(body)
	if err != nil || r.pending == nil || r.pending.kind != dot11.Auth {
		return
	}
	r.links = r.pending.links
	r.pending = nil
	open := auth.Algorithm == dot11.AuthOpen
	r.verified = auth.Status == dot11.StatusSuccess && (open || auth.Transaction == 2)
	r.tell(nl80211.CommandAuthenticate, nl80211.Authenticated{Frame: nl80211.Frame{Raw: f.Data, Header: *h}, Auth: auth})
}

func (r *radio) receiveAssoc(f ap.Frame, h *dot11.Header, body []byte) {
	response, err := dot11.ParseAssocResponseBody(body)
	if err != nil || r.pending == nil || r.pending.kind == dot11.Auth {
		return
	}
	x := r.pending
	if timeout, ok := response.Elements.Find(dot11.ElementTimeoutInterval); ok && response.Status == dot11.StatusRefusedTemporarily {
		if t, err := dot11.ParseTimeoutInterval(timeout); err == nil {
			after := time.Duration(t.Value) * ap.TU
			x.tries, x.due = 0, r.now()+after
			r.tell(nl80211.CommandAssocComeback, nl80211.AssocComeback{Addr: r.peer, After: after})
			return
		}
	}
	r.pending = nil
	r.tell(nl80211.CommandAssociate, nl80211.Associated{
		Frame: nl80211.Frame{Raw: f.Data, Header: *h}, Response: response, Reassociation: h.FC.Kind() == dot11.ReassocResponse,
	})
	if response.Status != dot11.StatusSuccess {
		r.verified = false
		r.tell(nl80211.CommandConnect, nl80211.Connected{AP: r.peer, Status: response.Status})
		return
	}
	r.connected = true
	told := nl80211.Connected{AP: r.peer}
	for id, l := range x.links {
		if r.multi {
			told.Links = append(told.Links, nl80211.ConnectedLink{ID: id, BSSID: l.bssid, Local: l.local})
		}
	}
	r.tell(nl80211.CommandConnect, told)
	if n := len(r.events); r.hasty && n >= 2 {
		r.held = slices.Clone(r.events[n-2:])
		r.events = r.events[:n-2]
	}
}

func (r *radio) receiveLeave(f ap.Frame, h *dot11.Header, body []byte, protected bool) {
	reason, err := dot11.ParseReasonBody(body)
	if err != nil || !r.connected && r.pending == nil {
		return
	}
	leave := nl80211.Leave{Frame: nl80211.Frame{Raw: f.Data, Header: *h}, Reason: reason.Reason}
	if r.connected && r.mfp && r.pairwise != nil && !protected {
		r.tell(nl80211.CommandUnprotDeauthenticate, nl80211.UnprotectedDeauth{Leave: leave})
		return
	}
	was := r.connected
	r.forgetConnection()
	if h.FC.Kind() == dot11.Deauth {
		r.tell(nl80211.CommandDeauthenticate, nl80211.Deauthenticated{Leave: leave})
	} else {
		r.tell(nl80211.CommandDisassociate, nl80211.Disassociated{Leave: leave})
	}
	if was {
		r.tell(nl80211.CommandDisconnect, nl80211.Disconnected{Reason: reason.Reason, ByAP: true})
	}
}

func (r *radio) receiveAction(f ap.Frame, l *radioLink, body []byte) {
	action, err := dot11.ParseActionBody(body)
	if err != nil {
		return
	}
	q, err := dot11.ParseSAQuery(action)
	switch {
	case err != nil:
	case q.Response:
		h := dot11.Header{FC: dot11.Action, Addr1: ownAddr(), Addr2: r.peer, Addr3: r.peer}
		r.tell(nl80211.CommandFrame, nl80211.FrameReceived{Frame: nl80211.Frame{Raw: append(h.Append(nil), body...), Header: h}, Freq: f.Freq})
	default:
		answer := dot11.SAQuery{Response: true, Transaction: q.Transaction}.Action()
		r.sendManagement(l, dot11.Action, answer.Append(nil))
	}
}

// sendManagement sends a frame, protected where that is due.
func (r *radio) sendManagement(l *radioLink, kind dot11.FrameControl, body []byte) {
	h := r.header(kind, l)
	frame := append(h.Append(nil), body...)
	if r.mfp && r.pairwise != nil {
		sealed, err := r.pairwise.Seal(nil, frame, r.options(l))
		if err != nil {
			r.t.Error(err)
			return
		}
		frame = sealed
	}
	r.transmit(ap.Frame{Freq: l.freq, Data: frame})
}

func (r *radio) receiveData(h *dot11.Header, body []byte, protected bool, link uint8) {
	etherType, payload, err := dot11.ParseLLC(body)
	if err != nil || etherType != dot11.EtherTypeEAPOL || !r.connected {
		return
	}
	r.tell(nl80211.CommandControlPortFrame, nl80211.ControlPortFrame{
		Src: r.peer, EtherType: etherType, Payload: slices.Clone(payload), Clear: !protected, Link: dot11.Some(link),
	})
	r.events = append(r.events, r.held...)
	r.held = nil
}

// forgetConnection is what the end of a connection takes with it.
func (r *radio) forgetConnection() {
	r.connected, r.authorized, r.verified, r.pending = false, false, false, nil
	r.pairwise, r.tks, r.mfp = nil, nil, false
	r.links, r.group = map[uint8]*radioLink{}, map[string]nl80211.Key{}
}

// request notes a request, and says whether it is refused.
func (r *radio) request(ctx context.Context, c nl80211.Command) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r.requests = append(r.requests, c.String())
	r.asked[c.String()]++
	if r.closed {
		return net.ErrClosed
	}
	if r.refuse != nil {
		if err := r.refuse(c); err != nil {
			return err
		}
	}
	if r.absent {
		return refusal(c, syscall.ENODEV, "")
	}
	return nil
}

func refusal(c nl80211.Command, errno syscall.Errno, words string) error {
	return &nl80211.Error{Command: c, Interface: ifindex, Errno: errno, Message: words}
}

// The requests of direct.Kernel.

func (r *radio) Join(...nl80211.Group) error { return nil }

func (r *radio) Receive(ctx context.Context) (nl80211.Event, error) {
	for {
		r.mu.Lock()
		if r.closed {
			r.mu.Unlock()
			return nl80211.Event{}, net.ErrClosed
		}
		if len(r.events) > 0 {
			e := r.events[0]
			r.events = r.events[1:]
			r.mu.Unlock()
			return e, nil
		}
		r.mu.Unlock()
		select {
		case <-r.more:
		case <-ctx.Done():
			return nl80211.Event{}, ctx.Err()
		}
	}
}

func (r *radio) Close() error {
	r.mu.Lock()
	if r.connected {
		r.leave(dot11.ReasonDeauthLeaving)
	}
	r.closed = true
	r.mu.Unlock()
	select {
	case r.more <- struct{}{}:
	default:
	}
	r.end()
	<-r.ended
	return nil
}

func (r *radio) InterfaceByName(ctx context.Context, name string) (nl80211.Interface, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.request(ctx, nl80211.CommandGetInterface); err != nil {
		return nl80211.Interface{}, err
	}
	return nl80211.Interface{Index: r.index, Name: name, Wiphy: 1, Type: nl80211.TypeStation, Addr: ownAddr()}, nil
}

func (r *radio) Wiphy(ctx context.Context, _ int) (nl80211.Wiphy, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.wiphy, r.request(ctx, nl80211.CommandGetWiphy)
}

func (r *radio) Connection(ctx context.Context, _ int) (nl80211.Connection, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.request(ctx, nl80211.CommandGetStation); err != nil {
		return nl80211.Connection{}, err
	}
	if !r.connected {
		return nl80211.Connection{}, nl80211.ErrNotConnected
	}
	return nl80211.Connection{AP: r.peer, MLO: r.multi}, nil
}

// expiry is how long the kernel keeps scan results (cfg80211, scan.c,
// IEEE80211_SCAN_RESULT_EXPIRE).
const expiry = 30 * time.Second

func (r *radio) ScanResults(ctx context.Context, _ int) ([]nl80211.BSS, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.request(ctx, nl80211.CommandGetScan); err != nil {
		return nil, err
	}
	var results []nl80211.BSS
	for bssid, b := range r.heard {
		if b.Age = r.now() - r.at[bssid]; b.Age < expiry {
			results = append(results, b)
		}
	}
	slices.SortFunc(results, func(a, b nl80211.BSS) int { return slices.Compare(a.BSSID[:], b.BSSID[:]) })
	return results, nil
}

func (r *radio) TriggerScan(ctx context.Context, _ nl80211.ScanRequest) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.request(ctx, nl80211.CommandTriggerScan); err != nil {
		return err
	}
	if !r.up {
		return refusal(nl80211.CommandTriggerScan, syscall.ENETDOWN, "")
	}
	if r.scanEnd > 0 {
		return refusal(nl80211.CommandTriggerScan, syscall.EBUSY, "")
	}
	r.scanEnd = r.now() + 250*time.Millisecond
	r.stir()
	return nil
}

func (r *radio) AbortScan(ctx context.Context, _ int) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.request(ctx, nl80211.CommandAbortScan); err != nil {
		return err
	}
	r.scanEnd = 0
	r.tell(nl80211.CommandScanAborted, nl80211.ScanAborted{})
	return nil
}

// Authenticate ends a connection that there is, and says so, before anything goes
// out.
func (r *radio) Authenticate(ctx context.Context, q nl80211.AuthRequest) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.request(ctx, nl80211.CommandAuthenticate); err != nil {
		return err
	}
	b, known := r.heard[q.BSSID]
	switch {
	case !r.up:
		return refusal(nl80211.CommandAuthenticate, syscall.ENETDOWN, "")
	case !known || b.Freq != q.Freq || string(b.SSID()) != string(q.SSID):
		return refusal(nl80211.CommandAuthenticate, syscall.ENOENT, "")
	}
	if r.connected {
		r.tellLocal(dot11.ReasonUnspecified)
		r.tell(nl80211.CommandDisconnect, nl80211.Disconnected{})
		r.forgetConnection()
	}
	r.auths = append(r.auths, q.Type)
	r.peer, r.multi, r.over = q.BSSID, q.MLD.Present, 0
	local := ownAddr()
	if r.multi {
		r.peer, r.over = q.MLD.Value.Addr, q.MLD.Value.Link
		local[5] = 1 + r.over
	}
	auth := dot11.AuthBody{Algorithm: dot11.AuthOpen, Transaction: 1}
	if q.Type == nl80211.AuthSAE {
		auth = dot11.AuthBody{
			Algorithm: dot11.AuthSAE, Transaction: binary.LittleEndian.Uint16(q.Data),
			Status: dot11.StatusCode(binary.LittleEndian.Uint16(q.Data[2:])), Body: slices.Clone(q.Data[4:]),
		}
	}
	body := auth.Append(nil)
	if r.multi {
		ml := dot11.MultiLink{Type: dot11.MultiLinkBasic, MLDAddr: ownAddr()}
		body = ml.Element().Append(body)
	}
	r.begin(&exchange{
		kind: dot11.Auth, links: map[uint8]*radioLink{r.over: {q.BSSID, local, q.Freq}}, body: func() []byte { return body },
	})
	return nil
}

func (r *radio) Associate(ctx context.Context, q nl80211.AssocRequest) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.request(ctx, nl80211.CommandAssociate); err != nil {
		return err
	}
	if r.taken {
		return refusal(nl80211.CommandAssociate, syscall.EPERM, "")
	}
	if !r.verified || !q.SocketOwner {
		r.t.Errorf("association without authentication, or an owner: %+v", q)
	}
	r.assocs = append(r.assocs, q)
	x := &exchange{kind: dot11.AssocRequest, links: map[uint8]*radioLink{}}
	request := dot11.AssocRequestBody{Capability: dot11.CapabilityESS, ListenInterval: 5}
	if !q.PrevBSSID.IsZero() {
		x.kind, request.CurrentAP = dot11.ReassocRequest, dot11.Some(q.PrevBSSID)
	}
	elements, err := dot11.ParseElements(q.Elements)
	if err != nil {
		r.t.Errorf("elements of the association: %v", err)
	}
	request.Elements = append(dot11.Elements{dot11.SSIDElement(q.SSID)}, elements...)
	x.links[r.over] = r.links[r.over]
	if r.multi {
		ml := dot11.MultiLink{Type: dot11.MultiLinkBasic, MLDAddr: ownAddr()}
		for _, l := range q.Links {
			if _, known := r.heard[l.BSSID]; !known {
				return &nl80211.Error{Command: nl80211.CommandAssociate, Interface: ifindex, Errno: syscall.ENOENT, Message: "Error fetching BSS for link", Link: dot11.Some(l.ID)}
			}
			if l.ID == r.over {
				continue
			}
			local := ownAddr()
			local[5] = 1 + l.ID
			x.links[l.ID] = &radioLink{l.BSSID, local, l.Freq}
			profile := dot11.StationProfile{Capability: dot11.CapabilityESS}
			ml.Profiles = append(ml.Profiles, dot11.LinkProfile{LinkID: l.ID, Complete: true, Addr: local, Body: profile.Append(nil)})
		}
		request.Elements = append(request.Elements, ml.Element())
	}
	r.mfp, r.links = q.Crypto.MFP, x.links
	body := request.Append(nil)
	x.body = func() []byte { return body }
	r.begin(x)
	return nil
}

// tellLocal tells that we have left.
func (r *radio) tellLocal(reason dot11.ReasonCode) {
	h := dot11.Header{FC: dot11.Deauth, Addr1: r.peer, Addr2: ownAddr(), Addr3: r.peer}
	r.tell(nl80211.CommandDeauthenticate, nl80211.Deauthenticated{Leave: nl80211.Leave{Frame: nl80211.Frame{Header: h}, Reason: reason, Local: true}})
}

func (r *radio) leave(reason dot11.ReasonCode) {
	if l := r.links[r.over]; l != nil {
		body := dot11.ReasonBody{Reason: reason}
		r.sendManagement(l, dot11.Deauth, body.Append(nil))
	}
	was := r.connected
	r.tellLocal(reason)
	r.forgetConnection()
	if was {
		r.tell(nl80211.CommandDisconnect, nl80211.Disconnected{Reason: reason})
	}
}

func (r *radio) Deauthenticate(ctx context.Context, q nl80211.LeaveRequest) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.request(ctx, nl80211.CommandDeauthenticate); err != nil {
		return err
	}
	if !r.connected && r.pending == nil && !r.verified || q.Addr != r.peer {
		return refusal(nl80211.CommandDeauthenticate, syscall.ENOTCONN, "")
	}
	r.leave(q.Reason)
	return nil
}

func (r *radio) SendControlPort(ctx context.Context, q nl80211.ControlPortRequest) (uint64, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.request(ctx, nl80211.CommandControlPortFrame); err != nil {
		return 0, err
	}
	if !r.connected || q.Dst != r.peer {
		return 0, refusal(nl80211.CommandControlPortFrame, syscall.ENOTCONN, "")
	}
	l := r.links[r.over]
	r.seq = (r.seq + 1) & 0xfff
	h := dot11.Header{FC: dot11.QoSData | dot11.ToDS, Addr1: l.bssid, Addr2: l.local, Addr3: r.peer, Seq: r.seq << 4}
	frame := append(dot11.AppendLLC(h.Append(nil), dot11.EtherTypeEAPOL), q.Payload...)
	if r.pairwise != nil {
		sealed, err := r.pairwise.Seal(nil, frame, r.options(l))
		if err != nil {
			return 0, err
		}
		frame = sealed
	}
	r.transmit(ap.Frame{Freq: l.freq, Data: frame})
	return 1, nil
}

// NewKey takes no key twice, as it would begin anew with packet number 1.
func (r *radio) NewKey(ctx context.Context, k nl80211.Key) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.request(ctx, nl80211.CommandNewKey); err != nil {
		return err
	}
	if !r.connected {
		return refusal(nl80211.CommandNewKey, syscall.ENOLINK, "")
	}
	if k.Type == nl80211.KeyPairwise {
		if k.Addr != r.peer || k.Link.Present {
			return refusal(nl80211.CommandNewKey, syscall.EINVAL, "")
		}
		if slices.ContainsFunc(r.tks, func(tk []byte) bool { return slices.Equal(tk, k.Data) }) {
			r.t.Error("the same pairwise key was installed twice")
		}
		r.tks = append(r.tks, k.Data)
		key, err := protect.NewKey(protect.Config{Cipher: keys.Cipher(k.Cipher), TK: k.Data})
		if err != nil {
			return refusal(nl80211.CommandNewKey, syscall.EINVAL, "")
		}
		r.pairwise = key
		return nil
	}
	if k.Link.Present != r.multi {
		return refusal(nl80211.CommandNewKey, syscall.EINVAL, "link ID must for MLO group key")
	}
	if len(k.Seq) != 6 || keys.Cipher(k.Cipher).KeyLen() != len(k.Data) {
		return refusal(nl80211.CommandNewKey, syscall.EINVAL, "key not allowed")
	}
	name := fmt.Sprintf("link %d key %d", k.Link.Value, k.Index)
	if slices.Equal(r.group[name].Data, k.Data) {
		r.t.Errorf("%s was installed twice", name)
	}
	r.group[name] = k
	return nil
}

func (r *radio) SetStation(ctx context.Context, _ int, addr dot11.Addr, mask, set nl80211.StationFlags) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.request(ctx, nl80211.CommandSetStation); err != nil {
		return err
	}
	if !r.connected || addr != r.peer {
		return refusal(nl80211.CommandSetStation, syscall.ENOENT, "")
	}
	r.authorized = mask&set&nl80211.StationAuthorized != 0
	return nil
}

func (r *radio) RegisterFrame(ctx context.Context, _ int, f nl80211.FrameFilter) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.taken && len(f.Match) > 0 {
		return refusal(nl80211.CommandRegisterFrame, syscall.EALREADY, "")
	}
	return r.request(ctx, nl80211.CommandRegisterFrame)
}

func (r *radio) SendFrame(ctx context.Context, q nl80211.FrameRequest) (uint64, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.request(ctx, nl80211.CommandFrame); err != nil {
		return 0, err
	}
	h, body, err := dot11.ParseHeader(q.Frame)
	if err != nil {
		return 0, err
	}
	if h.Addr1 != r.peer {
		r.t.Errorf("a frame to %v", h.Addr1)
	}
	r.sendManagement(r.links[r.over], dot11.Action, body)
	return 1, nil
}

// Up and Set are those of direct.Switch.
func (r *radio) Up(string) (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.up, nil
}

func (r *radio) Set(_ string, up bool) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.up = up
	if !up && r.connected {
		r.leave(dot11.ReasonDeauthLeaving)
	}
	return nil
}

// look reads the state of the fake.
func look[T any](r *radio, f func() T) T {
	r.mu.Lock()
	defer r.mu.Unlock()
	return f()
}
