package dbus

import (
	"slices"
	"time"

	godbus "github.com/godbus/dbus/v5"

	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
	"roamfault/roam"
	"roamfault/roam/runlog"
)

// maxBSSs is how many BSSs are kept. The supplicant keeps 200 unless it is
// configured otherwise (bss_max_count).
const maxBSSs = 1000

// maxElements is the longest run of elements that is read: no frame is longer.
const maxElements = 16 << 10

// bss is what a BSS object says.
type bss struct {
	addr   dot11.Addr
	mld    dot11.Addr
	link   dot11.Optional[uint8]
	ssid   runlog.SSID
	freq   int           // MHz
	signal int           // dBm
	heard  time.Duration // when it was last heard, CLOCK_BOOTTIME
	secure bool          // there is a 4-way handshake
}

// newBSS reads all properties of a BSS; not ok: it has no usable address.
func newBSS(p properties, now nl80211.Stamp) (*bss, bool) {
	b := &bss{heard: now.Boot}
	b.update(p, now)
	return b, !b.addr.IsZero() && !b.addr.Group()
}

// update takes properties that were told.
func (b *bss) update(p properties, now nl80211.Stamp) {
	if octets, ok := value[[]byte](p, "BSSID"); ok && len(octets) == len(b.addr) {
		b.addr = dot11.Addr(octets)
	}
	if octets, ok := value[[]byte](p, "SSID"); ok && len(octets) <= dot11.MaxSSID {
		b.ssid = slices.Clone(octets)
	}
	if freq, ok := value[uint16](p, "Frequency"); ok {
		b.freq = int(freq)
	}
	if signal, ok := value[int16](p, "Signal"); ok {
		b.signal = int(signal)
	}
	// Whole seconds; they are told anew whenever it is heard (notify.c,
	// wpas_notify_bss_seen).
	if age, ok := value[uint32](p, "Age"); ok {
		b.heard = now.Boot - time.Duration(age)*time.Second
	}
	if wpa, ok := value[map[string]godbus.Variant](p, "WPA"); ok && len(asSuites(wpa)) > 0 {
		b.secure = true
	}
	if octets, ok := value[[]byte](p, "IEs"); ok && len(octets) <= maxElements {
		b.elements(octets)
	}
}

// asSuites are the key management suites of the property WPA or RSN.
func asSuites(p properties) []string {
	suites, _ := value[[]string](p, "KeyMgmt")
	return suites
}

// elements takes the elements of its last frame.
func (b *bss) elements(octets []byte) {
	heard := nl80211.BSS{BSSID: b.addr, Raw: octets}
	elements, _ := heard.Elements() // damage: what is before it counts
	if _, ok := elements.Find(dot11.ElementRSN); ok {
		b.secure = true
	}
	b.mld, b.link = dot11.Addr{}, dot11.Optional[uint8]{}
	// Damage behind the multi-link element leaves the address readable.
	if mld, err := heard.MLD(); !nl80211.IsNoMLD(err) && !mld.Addr.IsZero() {
		b.mld, b.link = mld.Addr, mld.Link
	}
}

func (b *bss) candidate(now nl80211.Stamp) roam.Candidate {
	return roam.Candidate{
		BSSID: b.addr, MLD: b.mld, Link: b.link, SSID: slices.Clone(b.ssid), Freq: b.freq, Signal: b.signal,
		Age: max(0, now.Boot-b.heard),
	}
}

// table are the BSSs that the supplicant knows, by object path.
type table map[godbus.ObjectPath]*bss

// add takes a BSS with all of its properties.
func (t table) add(path godbus.ObjectPath, p properties, now nl80211.Stamp) {
	if _, known := t[path]; !known && len(t) >= maxBSSs {
		return
	}
	if b, ok := newBSS(p, now); ok {
		t[path] = b
	}
}

// find returns the BSS of a target; an empty SSID is any.
func (t table) find(addr dot11.Addr, ssid runlog.SSID) (*bss, bool) {
	for _, b := range t {
		if b.addr == addr && (len(ssid) == 0 || string(b.ssid) == string(ssid)) {
			return b, true
		}
	}
	return nil, false
}

// candidates are all, by address.
func (t table) candidates(now nl80211.Stamp) []roam.Candidate {
	all := make([]roam.Candidate, 0, len(t))
	for _, b := range t {
		all = append(all, b.candidate(now))
	}
	slices.SortFunc(all, func(a, b roam.Candidate) int { return slices.Compare(a.BSSID[:], b.BSSID[:]) })
	return all
}
